/* How the learning rate changes over a stage of training.
 *
 *     rate = fs_schedule_rate(&schedule, step);
 *
 * A linear warm-up from rate / warm_up to rate, then constant; half a cosine to zero (Loshchilov and Hutter,
 * "SGDR", 2017, without restarts); or times `gamma` each time another `period` steps are over. Values only.
 */
#ifndef FS_ENGINE_TRAIN_SCHEDULE_H
#define FS_ENGINE_TRAIN_SCHEDULE_H

#include <stdint.h>

typedef enum fs_schedule_kind { FS_SCHEDULE_CONSTANT, FS_SCHEDULE_COSINE, FS_SCHEDULE_STEP } fs_schedule_kind;

typedef struct fs_schedule {
    fs_schedule_kind kind;
    double rate;                    /* the highest */
    int64_t steps, warm_up, period; /* of the whole stage, of the warm-up in it, between falls */
    double gamma;
} fs_schedule;

double fs_schedule_rate(const fs_schedule *schedule, int64_t step); /* step: from 0 */

#endif
