/* `shift --series`: many versions of a network over a folder of photographs, and the folder that is written.
 *
 *     const fs_shift_series_request request = {.call = call, .source = source, .images = "photographs", ...};
 *     fs_shift_series_run(&request, &err);
 *
 * Networks are loaded one at a time beside the first. Nothing is written before all of them were looked at.
 */
#ifndef FS_APP_SHIFT_SERIES_RUN_H
#define FS_APP_SHIFT_SERIES_RUN_H

#include "app/command.h"
#include "app/series_source.h"

typedef struct fs_shift_series_request {
    fs_call *call;
    const fs_series_source *source;
    const char *images, *output, *title;
    int limit, batch;
    bool all_layers;
} fs_shift_series_request;

fs_status fs_shift_series_run(const fs_shift_series_request *request, fs_error *err);

#endif
