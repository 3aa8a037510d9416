/* MaxPool with windows of 3x3 places and strides of 1 or 2, without a padded copy of the input: three rows
 * are compared down into a line buffer, which is then compared across. With stride 1 and a border of one the
 * rows of a block follow each other without a gap, so that small planes are long passes too; else it goes row
 * by row. The rules about equal places and NaN are those of pool_max.c. */
#include <math.h>

#include "engine/ops/common.h"
#include "engine/ops/pool_max.h"

/* A block is about this many places, so that its line buffers stay in the first-level cache. */
enum { TAPS = 3, BLOCK_PLACES = 2048, GUARD = 16 };

typedef struct job {
    fs_window_at at;
    const float *in;
    float *out;
    uint8_t *saved; /* NULL: forward only */
    char *workspace;
    int64_t rows, blocks; /* of output in a block; blocks in a plane */
    bool gapless;
} job;

/* A thread's memory, with GUARD places before and after what is used of each line. */
typedef struct scratch {
    float *most;  /* the largest going down */
    int32_t *tap; /* and the index in the window that its row begins with */
    float *out;   /* row by row: the largest of each window, at any place of a line */
    uint8_t *place;
} scratch;

static bool is_gapless(const fs_window_at *at) {
    return at->stride[0] == 1 && at->stride[1] == 1 && at->out[0] == at->in[0] && at->out[1] == at->in[1] &&
           at->pad[0] == 1 && at->pad[1] == 1;
}

/* Loops run over whole vectors: then the compiler's slow code for the rest is not reached. */
static int64_t whole(int64_t count) {
    return (count + GUARD - 1) / GUARD * GUARD;
}

/* Row by row: from line to line, with the places that windows see beside it. */
static int64_t line_pitch(const job *j) {
    const int64_t width = whole(j->at.in[1]), seen = whole(j->at.out[1]) * j->at.stride[1];
    return (width > seen ? width : seen) + GUARD;
}

static void cut_blocks(job *j) {
    const fs_window_at *at = &j->at;
    j->gapless = is_gapless(at);
    j->rows = BLOCK_PLACES / (j->gapless ? at->in[1] : line_pitch(j));
    j->rows = j->rows < 1 ? 1 : j->rows > at->out[0] ? at->out[0] : j->rows;
    j->blocks = (at->out[0] + j->rows - 1) / j->rows;
}

static int64_t line_places(const job *j) {
    return (j->gapless ? whole(j->rows * j->at.in[1]) : j->rows * line_pitch(j)) + 2 * GUARD;
}

static size_t scratch_bytes(const job *j) {
    return (size_t)line_places(j) * (3 * sizeof(float) + 1);
}

static scratch scratch_of(const job *j, int thread) {
    const int64_t places = line_places(j);
    scratch s = {.most = (float *)(j->workspace + (size_t)thread * scratch_bytes(j)) + GUARD};
    s.tap = (int32_t *)(s.most + places);
    s.out = (float *)(s.tap - GUARD + places);
    s.place = (uint8_t *)(s.out + places);
    return s;
}

FS_INLINE bool wins(float v, float most) {
    return (v > most) | (v != v);
}

/* The largest of up to three rows, which are taps [first, first + taps) of the window. */
FS_INLINE void down(const float *restrict row, int64_t pitch, int first, int taps, int64_t count,
                    float *restrict most, int32_t *restrict tap, bool track) {
    for (int64_t i = 0; i < count; i++) {
        float m = row[i];
        int32_t t = first * TAPS;
        if (taps > 1) {
            const bool more = wins(row[i + pitch], m);
            m = more ? row[i + pitch] : m;
            t = more ? (first + 1) * TAPS : t;
        }
        if (taps > 2) {
            const bool more = wins(row[i + 2 * pitch], m);
            m = more ? row[i + 2 * pitch] : m;
            t = more ? (first + 2) * TAPS : t;
        }
        most[i] = m;
        if (track)
            tap[i] = t;
    }
}

/* The same where the window stands at input row `top`, of which only what exists counts. */
FS_INLINE void down_at(const job *j, const float *plane, int64_t top, int64_t count, float *most,
                       int32_t *tap, bool track) {
    const int64_t width = j->at.in[1], height = j->at.in[0];
    const int first = top < 0 ? (int)-top : 0;
    const int last = top + TAPS > height ? (int)(height - top) : TAPS;
    const float *row = plane + (top + first) * width;
    if (last - first == 3)
        down(row, width, first, 3, count, most, tap, track);
    else if (last - first == 2)
        down(row, width, first, 2, count, most, tap, track);
    else
        down(row, width, first, 1, count, most, tap, track);
}

/* A later place wins over an earlier one if it is larger, or if it comes first in reading order. */
FS_INLINE bool comes_first(float v, int32_t place, float most, int32_t before) {
    return wins(v, most) | ((v == most) & (place < before));
}

FS_INLINE void across(const float *restrict most, const int32_t *restrict tap, int64_t count,
                      float *restrict out, uint8_t *restrict place, bool track) {
    for (int64_t i = 0; i < count; i++) {
        const float v0 = most[i], v1 = most[i + 1], v2 = most[i + 2];
        if (track) {
            const int32_t p0 = tap[i], p1 = tap[i + 1] + 1, p2 = tap[i + 2] + 2;
            bool more = comes_first(v1, p1, v0, p0);
            const float m = more ? v1 : v0;
            const int32_t p = more ? p1 : p0;
            more = comes_first(v2, p2, m, p);
            out[i] = more ? v2 : m;
            place[i] = (uint8_t)(more ? p2 : p);
        } else {
            const float m = wins(v1, v0) ? v1 : v0;
            out[i] = wins(v2, m) ? v2 : m;
        }
    }
}

/* One place, of which the window's columns [first, last) exist. */
FS_INLINE void at_border(const float *most, const int32_t *tap, int first, int last, float *out,
                         uint8_t *place, bool track) {
    float m = most[first];
    int32_t p = tap[first] + first;
    for (int k = first + 1; k < last; k++) {
        const bool more = comes_first(most[k], tap[k] + k, m, p);
        p = more ? tap[k] + k : p;
        m = more ? most[k] : m;
    }
    *out = m;
    if (track)
        *place = (uint8_t)p;
}

/* Rows without a gap: one long pass, then again where a row's end had looked into the next one. */
FS_INLINE void across_gapless(const scratch *s, int64_t width, int64_t rows, float *out, uint8_t *place,
                              bool track) {
    across(s->most - 1, s->tap - 1, rows * width, out, place, track);
    for (int64_t i = 0; i < rows * width; i += width) {
        const int64_t end = i + width - 1;
        at_border(s->most + i - 1, s->tap + i - 1, 1, width > 1 ? TAPS : 2, out + i, place + i, track);
        if (width > 1)
            at_border(s->most + end - 1, s->tap + end - 1, 0, 2, out + end, place + end, track);
    }
}

FS_INLINE void gapless_block(const job *j, const scratch *s, const float *plane, int64_t first, int64_t rows,
                             float *out, uint8_t *place, bool track) {
    const int64_t width = j->at.in[1], height = j->at.in[0], last = first + rows;
    const int64_t from = first > 1 ? first : 1, until = last < height - 1 ? last : height - 1;
    if (first == 0)
        down_at(j, plane, -1, width, s->most, s->tap, track);
    if (until > from) {
        const int64_t skip = (from - first) * width;
        down(plane + (from - 1) * width, width, 0, TAPS, (until - from) * width, s->most + skip,
             s->tap + skip, track);
    }
    if (last == height && height > 1)
        down_at(j, plane, height - 2, width, s->most + (rows - 1) * width, s->tap + (rows - 1) * width,
                track);
    across_gapless(s, width, rows, out, place, track);
}

/* The line of the row of windows that begin at input row `top`. What lies beside it is small. */
FS_INLINE void down_line(const job *j, const float *plane, int64_t top, float *most, int32_t *tap,
                         bool track) {
    const int64_t width = j->at.in[1], lowest = top + TAPS < j->at.in[0] ? top + TAPS : j->at.in[0];
    const int64_t readable = (j->at.in[0] - lowest + 1) * width;
    down_at(j, plane, top, whole(width) <= readable ? whole(width) : width, most, tap, track);
    for (int i = 0; i < TAPS - 1; i++) {
        most[width + i] = -INFINITY;
        tap[width + i] = 0;
    }
}

/* Every stride-th place of a line. */
FS_INLINE void pick(const float *restrict most, const uint8_t *restrict from, int64_t stride, int64_t count,
                    float *restrict out, uint8_t *restrict place, bool track) {
    for (int64_t i = 0; i < count; i++)
        out[i] = most[i * stride];
    for (int64_t i = 0; i < count && track; i++)
        place[i] = from[i * stride];
}

FS_INLINE void pick_row(const job *j, const scratch *s, int64_t row, int64_t count, float *out,
                        uint8_t *place, bool track) {
    const int64_t at = row * line_pitch(j);
    if (j->at.stride[1] == 1)
        pick(s->out + at, s->place + at, 1, count, out, place, track);
    else
        pick(s->out + at, s->place + at, 2, count, out, place, track);
}

FS_INLINE void row_by_row(const job *j, const scratch *s, const float *plane, int64_t first, int64_t rows,
                          float *out, uint8_t *place, bool track) {
    const fs_window_at *at = &j->at;
    const int64_t width = at->out[1], pitch = line_pitch(j);
    for (int64_t r = 0; r < rows; r++)
        down_line(j, plane, (first + r) * at->stride[0] - at->pad[0], s->most + r * pitch, s->tap + r * pitch,
                  track);
    across(s->most - at->pad[1], s->tap - at->pad[1], rows * pitch, s->out, s->place, track);
    for (int64_t r = 0; r < rows; r++) {
        /* What is too much, the next row overwrites. */
        const int64_t count = (rows - r) * width >= whole(width) ? whole(width) : width;
        pick_row(j, s, r, count, out + r * width, place + (track ? r * width : 0), track);
    }
}

/* The places beside a line that windows of the border see. */
static void set_guards(const job *j, const scratch *s) {
    const int64_t end = line_places(j) - GUARD;
    for (int64_t i = -GUARD; i < end; i++) {
        s->most[i] = -INFINITY;
        s->tap[i] = 0;
    }
}

/* Task = (plane, block of output rows). */
FS_INLINE void forward_blocks(const job *j, int64_t first_task, int64_t last_task, int thread, bool track) {
    const fs_window_at *at = &j->at;
    const scratch s = scratch_of(j, thread);
    set_guards(j, &s);
    for (int64_t task = first_task; task < last_task; task++) {
        const int64_t plane = task / j->blocks, first = task % j->blocks * j->rows;
        const int64_t rows = at->out[0] - first < j->rows ? at->out[0] - first : j->rows;
        const int64_t output = (plane * at->out[0] + first) * at->out[1];
        const float *in = j->in + plane * at->in[0] * at->in[1];
        uint8_t *place = j->saved + (track ? output : 0);
        if (j->gapless)
            gapless_block(j, &s, in, first, rows, j->out + output, place, track);
        else
            row_by_row(j, &s, in, first, rows, j->out + output, place, track);
    }
}

FS_SIMD
static void plain_span(void *context, int64_t first, int64_t last, int thread) {
    forward_blocks(context, first, last, thread, false);
}

FS_SIMD
static void tracking_span(void *context, int64_t first, int64_t last, int thread) {
    forward_blocks(context, first, last, thread, true);
}

static void forward(const fs_op_run *run) {
    job j = {.at = fs_max_pool_window(run->node, &run->in[0].shape),
             .in = fs_f32(&run->in[0]),
             .out = fs_f32(&run->out[0]),
             .saved = run->want_grad[0] ? run->saved : NULL,
             .workspace = run->workspace};
    cut_blocks(&j);
    const int64_t planes = fs_shape_span(&run->out[0].shape, 0, 2);
    fs_span_for(run->pool, planes * j.blocks, 1 + FS_SPAN_GRAIN / (j.rows * j.at.in[1]),
                j.saved ? tracking_span : plain_span, &j);
}

static bool suits(const fs_op_setup *setup) {
    const fs_window_at at = fs_max_pool_window(setup->node, &setup->in[0].shape);
    for (int axis = 0; axis < 2; axis++) {
        /* Each window meets the input, and reads no further beside it than the guards. */
        if (at.kernel[axis] != TAPS || at.dilation[axis] != 1 || at.stride[axis] > 2 ||
            at.pad[axis] >= TAPS ||
            (int64_t)(at.out[axis] - 1) * at.stride[axis] - at.pad[axis] >= at.in[axis])
            return false;
    }
    return at.out[0] > 0 && at.out[1] > 0 && at.in[0] > 0 && at.in[1] > 0;
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    job j = {.at = fs_max_pool_window(setup->node, &setup->in[0].shape)};
    cut_blocks(&j);
    setup->workspace_bytes = (size_t)setup->threads * scratch_bytes(&j);
    if (setup->want_grad[0])
        setup->saved_bytes = (size_t)fs_tensor_count(&setup->out[0]);
    return FS_OK;
}

const fs_kernel fs_max_pool_3_kernel = {
    .name = "rows of 3",
    .accumulates = true,
    .suits = suits,
    .prepare = prepare,
    .forward = forward,
    .backward = fs_max_pool_backward,
};
