/* Progress of a long job and the wish to stop it, passed down to whatever computes.
 *
 * The job calls fs_progress_report as often as it likes; the receiver throttles. The job reads
 * fs_progress_cancelled between pieces of work and returns FS_ERROR_CANCELLED. All members may be zero;
 * a NULL pointer means nobody watches. */
#ifndef FS_BASE_PROGRESS_H
#define FS_BASE_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/error.h"

typedef struct fs_progress_state {
    const char *label; /* what is being done; borrowed for the call */
    double done, total;
    double seconds; /* since the job began */
    double value;   /* the quantity being improved (an objective, a loss), NaN if none */
} fs_progress_state;

typedef struct fs_progress {
    void (*report)(void *context, const fs_progress_state *state);
    void *context;
    const atomic_bool *cancel;
} fs_progress;

void fs_progress_report(const fs_progress *progress, const fs_progress_state *state);
bool fs_progress_cancelled(const fs_progress *progress);
/* Between the files of a command's output: FS_ERROR_CANCELLED, "stopped while FOLDER was written". */
fs_status fs_progress_check_writing(const fs_progress *progress, const char *folder, fs_error *err);
double fs_seconds(void); /* a monotonic clock, in seconds */

#endif
