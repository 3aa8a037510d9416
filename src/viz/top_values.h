/* The greatest values of a stream, exactly, in memory for about one and a half times as many as are wanted.
 *
 *     fs_top_values_create(&top, 500, &err);
 *     fs_top_values_add(&top, map, height * width);
 *     t = fs_top_values_rank(&top, 499);              // 499 values stand before it
 *     fs_top_values_free(&top);
 *
 * The result does not depend on the order of the stream. Values must be numbers. One thread at a time. */
#ifndef FS_VIZ_TOP_VALUES_H
#define FS_VIZ_TOP_VALUES_H

#include <stdint.h>

#include "base/error.h"

typedef struct fs_top_values {
    float *values; /* [capacity], the first n of them */
    int64_t wanted, n, capacity;
    float floor; /* values up to this one cannot be among the wanted */
} fs_top_values;

fs_status fs_top_values_create(fs_top_values *out, int64_t wanted, fs_error *err);
void fs_top_values_free(fs_top_values *top);
int64_t fs_top_values_bytes(int64_t wanted); /* what one of them takes */

void fs_top_values_add(fs_top_values *top, const float *values, int64_t n);
/* The value with `rank` values before it in descending order: rank < wanted and < values added. */
float fs_top_values_rank(const fs_top_values *top, int64_t rank);

/* How many of `n` values may lie above their quantile q, so that its rank is that: n - ceil(q n), below n. */
int64_t fs_quantile_rank(double q, int64_t n);

#endif
