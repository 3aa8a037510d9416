#include "viz/histogram.h"

#include <math.h>
#include <string.h>

/* Bins start this narrow; multiples stay below LARGEST, so that they are exact in a double and an int64. */
enum { MIN_EXPONENT = -40, MAX_EXPONENT = 128 };
static const double largest = 4503599627370496.0; /* 2^52 */

void fs_histogram_clear(fs_histogram *h) {
    memset(h, 0, sizeof *h);
    h->exponent = MIN_EXPONENT;
}

static double bin_of(double value, int exponent) {
    return floor(ldexp(value, -exponent));
}

static bool fits(double low, double high, int exponent) {
    double first = bin_of(low, exponent), last = bin_of(high, exponent);
    return fabs(first) < largest && fabs(last) < largest && last - first < FS_HISTOGRAM_BINS;
}

static int64_t floor_shift(int64_t value, int shift) {
    return shift > 62 ? (value < 0 ? -1 : 0) : value >> shift;
}

/* Moves the counts so that bin 0 is the one of h->low, in the narrowest bins that reach h->high. */
static void settle(fs_histogram *h) {
    int exponent = h->exponent;
    while (!fits(h->low, h->high, exponent))
        exponent++;
    int64_t first = (int64_t)bin_of(h->low, exponent);
    uint64_t counts[FS_HISTOGRAM_BINS] = {0};
    int used = 0;
    for (int i = 0; i < h->used; i++) {
        if (!h->counts[i])
            continue;
        int64_t at = floor_shift(h->first + i, exponent - h->exponent) - first;
        counts[at] += h->counts[i];
        used = (int)at + 1;
    }
    memcpy(h->counts, counts, sizeof counts);
    h->first = first;
    h->exponent = exponent;
    h->used = used;
}

/* A value beyond all earlier ones: the ends move, and with them the bins where they must. */
static void widen(fs_histogram *h, float value) {
    bool empty = h->total == h->zeros;
    h->low = empty || value < h->low ? value : h->low;
    h->high = empty || value > h->high ? value : h->high;
    double at = bin_of(value, h->exponent) - (double)h->first;
    if (empty || !(at >= 0 && at < FS_HISTOGRAM_BINS))
        settle(h);
}

void fs_histogram_add(fs_histogram *h, const float *values, int64_t count) {
    double scale = ldexp(1, -h->exponent);
    for (int64_t i = 0; i < count; i++) {
        float value = values[i];
        if (!isfinite(value))
            continue;
        if (value == 0) {
            h->zeros++;
            h->total++;
            continue;
        }
        if (h->total == h->zeros || value < h->low || value > h->high) {
            widen(h, value);
            scale = ldexp(1, -h->exponent);
        }
        int at = (int)(floor(value * scale) - (double)h->first);
        h->counts[at]++;
        h->total++;
        if (at >= h->used)
            h->used = at + 1;
    }
}

double fs_histogram_low(const fs_histogram *h, int bin) {
    return ldexp((double)(h->first + bin), h->exponent);
}

bool fs_histogram_valid(const fs_histogram *h) {
    if (h->exponent < MIN_EXPONENT || h->exponent > MAX_EXPONENT || h->used < 0 ||
        h->used > FS_HISTOGRAM_BINS || !isfinite(h->low) || !isfinite(h->high) || h->low > h->high ||
        h->zeros > h->total)
        return false;
    uint64_t counted = 0;
    for (int i = 0; i < FS_HISTOGRAM_BINS; i++) {
        if (h->counts[i] > h->total || (i >= h->used && h->counts[i]))
            return false;
        counted += h->counts[i];
    }
    if (counted != h->total - h->zeros)
        return false;
    return counted == 0 || (fits(h->low, h->high, h->exponent) && h->counts[h->used - 1] &&
                            h->first == (int64_t)bin_of(h->low, h->exponent) &&
                            h->used == (int64_t)bin_of(h->high, h->exponent) - h->first + 1);
}
