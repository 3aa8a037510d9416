/* A series of snapshots (viz/series.h) as files: a sheet with the step and objective under each, and an
 * animation. The sheet has the text chunks of a render: `--like` on it repeats the last picture.
 *
 *     fs_series_write_sheet(model, &settings, &origin, &series, "growth.png", &err);
 *     fs_series_write_animation(&series, "growth.apng", &err);
 */
#ifndef FS_APP_SERIES_EXPORT_H
#define FS_APP_SERIES_EXPORT_H

#include "app/render_export.h"
#include "viz/series.h"

fs_status fs_series_write_sheet(const fs_model *model, const fs_render_settings *settings,
                                const fs_render_origin *origin, const fs_series *series, const char *path,
                                fs_error *err);
fs_status fs_series_write_animation(const fs_series *series, const char *path, fs_error *err);

#endif
