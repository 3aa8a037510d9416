/* A sheet of the channels of a dissection that answer best to a concept, each on the pictures that excite it
 * most, outlined where it is above its threshold. */
#ifndef FS_APP_DISSECT_SHEET_H
#define FS_APP_DISSECT_SHEET_H

#include "viz/dissection_run.h"

typedef struct fs_dissect_sheet {
    const fs_model *model;
    const fs_dissection *dissection;
    const fs_dissection_source *source;
    const fs_progress *progress;
} fs_dissect_sheet;

/* At most two channels of one concept. FS_ERROR_NOT_FOUND when no channel has any. */
fs_status fs_dissect_sheet_draw(const fs_dissect_sheet *sheet, fs_image *out, fs_error *err);

#endif
