#include "engine/train/schedule.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

double fs_schedule_rate(const fs_schedule *s, int64_t step) {
    if (step < s->warm_up)
        return s->rate * (double)(step + 1) / (double)s->warm_up;
    const int64_t after = step - s->warm_up, left = s->steps - s->warm_up;
    if (s->kind == FS_SCHEDULE_COSINE && left > 0)
        return s->rate * (1 + cos(pi * fmin(1, (double)after / (double)left))) / 2;
    if (s->kind == FS_SCHEDULE_STEP && s->period > 0)
        return s->rate * pow(s->gamma, (double)(after / s->period));
    return s->rate;
}
