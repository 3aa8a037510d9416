/* A histogram of a stream of numbers whose range nobody knows beforehand, in one pass and fixed memory.
 *
 *     fs_histogram h;
 *     fs_histogram_clear(&h);
 *     fs_histogram_add(&h, values, count);   // any number of times
 *     // bin i counts the values in [low(i), low(i + 1)), low(i) = fs_histogram_low(&h, i)
 *
 * Bins are 2^exponent wide and lie at whole multiples of it. When a value falls outside, pairs of bins merge
 * until it fits, so counts are exact for the width they end with, and neither width nor counts depend on the
 * order of the values. Exact zeros, which a rectifier makes in masses, are counted apart; what is not finite
 * is left out. A plain value without pointers. */
#ifndef FS_VIZ_HISTOGRAM_H
#define FS_VIZ_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

enum { FS_HISTOGRAM_BINS = 96 };

typedef struct fs_histogram {
    int64_t first;         /* the number of bin 0: it begins at first * 2^exponent */
    int32_t exponent;      /* base 2 logarithm of the bins' width */
    int32_t used;          /* bins up to the highest one that counts something */
    uint64_t zeros, total; /* total includes the zeros */
    float low, high;       /* smallest and largest value other than zero; 0 when there is none */
    uint64_t counts[FS_HISTOGRAM_BINS];
} fs_histogram;

void fs_histogram_clear(fs_histogram *h);
void fs_histogram_add(fs_histogram *h, const float *values, int64_t count);
double fs_histogram_low(const fs_histogram *h, int bin); /* where a bin begins */
/* Whether bytes from a file are what fs_histogram_add could have made. */
bool fs_histogram_valid(const fs_histogram *h);

#endif
