#include "base/progress.h"

#include <stddef.h>
#include <time.h>

void fs_progress_report(const fs_progress *progress, const fs_progress_state *state) {
    if (progress != NULL && progress->report != NULL)
        progress->report(progress->context, state);
}

bool fs_progress_cancelled(const fs_progress *progress) {
    return progress != NULL && progress->cancel != NULL &&
           atomic_load_explicit(progress->cancel, memory_order_relaxed);
}

fs_status fs_progress_check_writing(const fs_progress *progress, const char *folder, fs_error *err) {
    return fs_progress_cancelled(progress)
               ? fs_fail(err, FS_ERROR_CANCELLED, "stopped while %.300s was written", folder)
               : FS_OK;
}

double fs_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
