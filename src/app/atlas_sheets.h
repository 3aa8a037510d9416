/* The contact sheets of an atlas that is drawn, and its overview: a layer at a time, by whatever process of
 * the atlas's cluster is free.
 *
 *     fs_atlas_write_sheets(atlas, &progress, &err);       // a meeting
 */
#ifndef FS_APP_ATLAS_SHEETS_H
#define FS_APP_ATLAS_SHEETS_H

#include "viz/atlas.h"

fs_status fs_atlas_write_sheets(fs_atlas *atlas, const fs_progress *progress, fs_error *err);

#endif
