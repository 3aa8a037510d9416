#include "viz/top_values.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

enum { BITS = 8, BINS = 1 << BITS, KEY_BITS = 32, LEAST_ROOM = 64 };

static int64_t capacity_for(int64_t wanted) {
    return wanted + wanted / 2 + LEAST_ROOM;
}

int64_t fs_top_values_bytes(int64_t wanted) {
    return capacity_for(wanted) * (int64_t)sizeof(float);
}

fs_status fs_top_values_create(fs_top_values *out, int64_t wanted, fs_error *err) {
    fs_top_values top = {.wanted = wanted, .capacity = capacity_for(wanted), .floor = -INFINITY};
    top.values = fs_alloc_array((size_t)top.capacity, sizeof *top.values);
    if (!top.values)
        return fs_fail_memory(err, "the greatest activations of a channel");
    *out = top;
    return FS_OK;
}

void fs_top_values_free(fs_top_values *top) {
    fs_free(top->values);
    memset(top, 0, sizeof *top);
}

/* ---- selection: digit by digit of a key that is ordered as the numbers are, whatever they are ---- */

static uint32_t key_of(float value) {
    uint32_t bits;
    value += 0.0F; /* one zero */
    memcpy(&bits, &value, sizeof bits);
    return bits >> 31 ? ~bits : bits | UINT32_C(1) << 31;
}

/* The key with `rank` keys before it in descending order. */
static uint32_t select_key(const float *values, int64_t n, int64_t rank) {
    uint32_t prefix = 0, mask = 0;
    for (int shift = KEY_BITS - BITS; shift >= 0; shift -= BITS) {
        int64_t counts[BINS] = {0};
        int bin = BINS - 1;
        for (int64_t i = 0; i < n; i++) {
            const uint32_t key = key_of(values[i]);
            counts[key >> shift & (BINS - 1)] += (key & mask) == prefix;
        }
        for (; bin > 0 && rank >= counts[bin]; bin--)
            rank -= counts[bin];
        prefix |= (uint32_t)bin << shift;
        mask |= (uint32_t)(BINS - 1) << shift;
    }
    return prefix;
}

static float value_of(uint32_t key) {
    const uint32_t bits = key >> 31 ? key & ~(UINT32_C(1) << 31) : ~key;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Keeps the wanted ones alone. */
static void compact(fs_top_values *top) {
    const float last = value_of(select_key(top->values, top->n, top->wanted - 1));
    int64_t kept = 0;
    for (int64_t i = 0; i < top->n; i++)
        if (top->values[i] > last)
            top->values[kept++] = top->values[i];
    while (kept < top->wanted)
        top->values[kept++] = last;
    top->n = kept;
    top->floor = last;
}

void fs_top_values_add(fs_top_values *top, const float *values, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        if (!(values[i] > top->floor))
            continue;
        if (top->n == top->capacity)
            compact(top);
        top->values[top->n++] = values[i];
    }
}

float fs_top_values_rank(const fs_top_values *top, int64_t rank) {
    return value_of(select_key(top->values, top->n, rank));
}

int64_t fs_quantile_rank(double q, int64_t n) {
    const int64_t above = n - (int64_t)ceil(q * (double)n);
    return above < n ? above : n - 1;
}
