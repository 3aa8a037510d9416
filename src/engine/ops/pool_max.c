/* MaxPool, a block of output rows at a time: the rows it needs are copied with their padding, then each tap
 * of the window is one long pass over the whole block, first down, then across; the wanted columns are picked
 * last. Long passes are what makes it fast on the small planes of deep layers. Where several are equal the
 * first in reading order wins, and NaN wins over all, as in PyTorch. With gradients wanted the winner is
 * saved: its index inside the window as a byte, or, for windows of more than 255 places, its place in the
 * input plane. */
#include <math.h>
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/pool_max.h"
#include "engine/ops/registry.h"

/* A block is about this many places, so that what a thread works on stays in its cache. */
enum { SMALL_WINDOW = 255, BLOCK_PLACES = 4096 };

static bool every_window_meets_input(const fs_window_at *at, int axis) {
    const int64_t dilation = at->dilation[axis];
    for (int64_t o = 0; o < at->out[axis]; o++) {
        const int64_t start = o * at->stride[axis] - at->pad[axis];
        const int64_t tap = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
        if (tap >= at->kernel[axis] || start + tap * dilation >= at->in[axis])
            return false;
    }
    return true;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    fs_status status;
    if ((status = fs_op_need_f32(s, 0, err)) != FS_OK || (status = fs_op_need_rank(s, 0, 4, 4, err)) != FS_OK)
        return status;
    if (s->n_out > 1)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "the Indices output is not supported");
    const fs_window *w = s->node->params;
    const fs_shape *x = &s->in[0].shape;
    fs_window_at at;
    if ((status = fs_window_resolve(w, NULL, x->dim[2], x->dim[3], &at, err)) != FS_OK)
        return status;
    if ((int64_t)at.in[0] * at.in[1] > INT32_MAX || (int64_t)at.kernel[0] * at.kernel[1] > INT32_MAX)
        return fs_fail(err, FS_ERROR_LIMIT, "an input of %dx%d is too large to pool", at.in[0], at.in[1]);
    for (int i = 0; i < 4; i++)
        if (at.pad[i] > (int64_t)(at.kernel[i % 2] - 1) * at.dilation[i % 2])
            return fs_fail(err, FS_ERROR_FORMAT, "padding %d is not smaller than the kernel", at.pad[i]);
    for (int axis = 0; axis < 2; axis++)
        if (at.dilation[axis] > 1 && !every_window_meets_input(&at, axis))
            return fs_fail(err, FS_ERROR_UNSUPPORTED, "a dilated window would see nothing but padding");
    fs_shape y = {4, {x->dim[0], x->dim[1], at.out[0], at.out[1]}};
    return fs_op_output(s, 0, &y, FS_F32, err);
}

fs_window_at fs_max_pool_window(const fs_node *node, const fs_shape *x) {
    fs_window_at at = {0};
    (void)fs_window_resolve(node->params, NULL, x->dim[2], x->dim[3], &at, NULL); /* infer did the same */
    return at;
}

static bool is_small(const fs_window_at *at) {
    return at->kernel[0] * at->kernel[1] <= SMALL_WINDOW;
}

typedef struct job {
    fs_window_at at;
    const float *in;
    float *out;
    void *saved; /* NULL: forward only */
    char *workspace;
    int64_t width;  /* of a padded row, as far as windows reach */
    int64_t rows;   /* of output in a block */
    int64_t blocks; /* in a plane */
    bool accumulate;
    fs_keep keep;
    int64_t channels;
} job;

/* A thread's memory: the padded input of a block, the largest going down and the tap it came from, the
 * largest of all and its index in the window. */
typedef struct scratch {
    float *in, *down, *most;
    int32_t *tap, *place;
} scratch;

static int64_t reach(const fs_window_at *at, int axis) {
    return (int64_t)(at->kernel[axis] - 1) * at->dilation[axis] + 1;
}

static int64_t input_rows(const job *j, int64_t rows) {
    return (rows - 1) * j->at.stride[0] + reach(&j->at, 0);
}

static void cut_blocks(job *j) {
    const fs_window_at *at = &j->at;
    j->width = (int64_t)(at->out[1] - 1) * at->stride[1] + reach(at, 1);
    j->rows = BLOCK_PLACES / j->width;
    j->rows = j->rows < 1 ? 1 : j->rows > at->out[0] ? at->out[0] : j->rows;
    j->blocks = (at->out[0] + j->rows - 1) / j->rows;
}

static size_t scratch_bytes(const job *j) {
    return (size_t)(j->width * (input_rows(j, j->rows) + 4 * j->rows)) * sizeof(float);
}

static scratch scratch_of(const job *j, int thread) {
    const int64_t places = j->width * j->rows;
    scratch s = {.in = (float *)(j->workspace + (size_t)thread * scratch_bytes(j))};
    s.down = s.in + j->width * input_rows(j, j->rows);
    s.most = s.down + places;
    s.tap = (int32_t *)(s.most + places);
    s.place = s.tap + places;
    return s;
}

static void fill(float *to, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        to[i] = -INFINITY;
}

/* Input rows from `top` on, minus infinity outside the plane. */
static void load_padded(const job *j, const float *plane, int64_t top, int64_t rows, float *to) {
    const fs_window_at *at = &j->at;
    const int64_t left = at->pad[1] < j->width ? at->pad[1] : j->width;
    const int64_t room = j->width - left, n = room < at->in[1] ? room : at->in[1];
    for (int64_t y = top; y < top + rows; y++, to += j->width) {
        if (y < 0 || y >= at->in[0]) {
            fill(to, j->width);
            continue;
        }
        fill(to, left);
        memcpy(to + left, plane + y * at->in[1], (size_t)n * sizeof(float));
        fill(to + left + n, room - n);
    }
}

/* most[i] = the largest of in[i + t * step]; place[i] = t * scale. */
FS_INLINE void down_pass(const float *restrict in, int64_t step, int taps, int scale, int64_t count,
                         float *restrict most, int32_t *restrict place, bool track) {
    memcpy(most, in, (size_t)count * sizeof(float));
    if (track)
        memset(place, 0, (size_t)count * sizeof(int32_t));
    for (int t = 1; t < taps; t++) {
        const float *restrict next = in + t * step;
        for (int64_t i = 0; i < count; i++) {
            const float v = next[i], m = most[i];
            const bool more = (v > m) | (v != v);
            most[i] = more ? v : m;
            if (track)
                place[i] = more ? t * scale : place[i];
        }
    }
}

/* The same across: neighbours i + k * step, with the earlier place in reading order winning among equals. */
FS_INLINE void across_pass(const float *restrict down, const int32_t *restrict tap, int64_t step, int taps,
                           int64_t count, float *restrict most, int32_t *restrict place, bool track) {
    memcpy(most, down, (size_t)count * sizeof(float));
    if (track)
        memcpy(place, tap, (size_t)count * sizeof(int32_t));
    for (int k = 1; k < taps; k++) {
        const float *restrict next = down + k * step;
        const int32_t *restrict from = tap + k * step;
        for (int64_t i = 0; i < count; i++) {
            const float v = next[i], m = most[i];
            if (track) {
                const int32_t p = from[i] + k, before = place[i];
                const bool more = (v > m) | (v != v) | ((v == m) & (p < before));
                place[i] = more ? p : before;
                most[i] = more ? v : m;
            } else {
                most[i] = ((v > m) | (v != v)) ? v : m;
            }
        }
    }
}

/* Every stride-th place of a row. */
FS_INLINE void pick_row(const float *restrict most, int64_t stride, int64_t count, float *restrict out) {
    for (int64_t i = 0; i < count; i++)
        out[i] = most[i * stride];
}

FS_INLINE void pick_places(const int32_t *restrict place, int64_t stride, int64_t count,
                           uint8_t *restrict out) {
    for (int64_t i = 0; i < count; i++)
        out[i] = (uint8_t)place[i * stride];
}

/* Large windows: the place in the plane instead of the window. */
static void save_positions(const fs_window_at *at, const int32_t *place, int64_t oy, int32_t *to) {
    for (int64_t ox = 0; ox < at->out[1]; ox++) {
        const int32_t p = place[ox * at->stride[1]];
        const int64_t y = oy * at->stride[0] - at->pad[0] + (int64_t)(p / at->kernel[1]) * at->dilation[0];
        const int64_t x = ox * at->stride[1] - at->pad[1] + (int64_t)(p % at->kernel[1]) * at->dilation[1];
        to[ox] = (int32_t)(y * at->in[1] + x);
    }
}

FS_INLINE void store_rows(const job *j, const scratch *s, int64_t plane, int64_t first, int64_t rows,
                          bool track) {
    const fs_window_at *at = &j->at;
    const int64_t n = at->out[1];
    for (int64_t r = 0; r < rows; r++) {
        const int64_t output = (plane * at->out[0] + first + r) * n;
        const float *most = s->most + r * j->width;
        const int32_t *place = s->place + r * j->width;
        if (at->stride[1] == 1)
            pick_row(most, 1, n, j->out + output);
        else if (at->stride[1] == 2)
            pick_row(most, 2, n, j->out + output);
        else
            pick_row(most, at->stride[1], n, j->out + output);
        if (!track)
            continue;
        if (!is_small(at))
            save_positions(at, place, first + r, (int32_t *)j->saved + output);
        else if (at->stride[1] == 1)
            pick_places(place, 1, n, (uint8_t *)j->saved + output);
        else if (at->stride[1] == 2)
            pick_places(place, 2, n, (uint8_t *)j->saved + output);
        else
            pick_places(place, at->stride[1], n, (uint8_t *)j->saved + output);
    }
}

/* Task = (plane, block of output rows). */
FS_INLINE void forward_blocks(const job *j, int64_t first_task, int64_t last_task, int thread, bool track) {
    const fs_window_at *at = &j->at;
    const scratch s = scratch_of(j, thread);
    const int64_t step = at->dilation[0] * j->width;
    for (int64_t task = first_task; task < last_task; task++) {
        const int64_t plane = task / j->blocks, first = task % j->blocks * j->rows;
        const int64_t rows = at->out[0] - first < j->rows ? at->out[0] - first : j->rows;
        load_padded(j, j->in + plane * at->in[0] * at->in[1], first * at->stride[0] - at->pad[0],
                    input_rows(j, rows), s.in);
        if (at->stride[0] == 1)
            down_pass(s.in, step, at->kernel[0], at->kernel[1], rows * j->width, s.down, s.tap, track);
        else
            for (int64_t r = 0; r < rows; r++)
                down_pass(s.in + r * at->stride[0] * j->width, step, at->kernel[0], at->kernel[1], j->width,
                          s.down + r * j->width, s.tap + r * j->width, track);
        across_pass(s.down, s.tap, at->dilation[1], at->kernel[1], rows * j->width - reach(at, 1) + 1, s.most,
                    s.place, track);
        store_rows(j, &s, plane, first, rows, track);
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
    fs_span_for(run->pool, planes * j.blocks, 1 + FS_SPAN_GRAIN / (j.rows * j.width),
                j.saved ? tracking_span : plain_span, &j);
}

/* in: the output's gradient; out: the input's. */
/* A window of nothing but minus infinity may name a place in the padding: the gradient is dropped there. */
static void backward_small(const job *j, int64_t plane, const int32_t *offset) {
    const fs_window_at *at = &j->at;
    const int64_t area = (int64_t)at->in[0] * at->in[1];
    float *to = j->out + plane * area;
    for (int64_t oy = 0; oy < at->out[0]; oy++) {
        const int64_t output = (plane * at->out[0] + oy) * at->out[1];
        const int64_t origin = (oy * at->stride[0] - at->pad[0]) * at->in[1] - at->pad[1];
        const uint8_t *place = (const uint8_t *)j->saved + output;
        for (int64_t ox = 0; ox < at->out[1]; ox++) {
            const int64_t position = origin + ox * at->stride[1] + offset[place[ox]];
            if ((uint64_t)position < (uint64_t)area)
                to[position] += j->in[output + ox];
        }
    }
}

static void backward_large(const job *j, int64_t plane) {
    const fs_window_at *at = &j->at;
    const int64_t outputs = (int64_t)at->out[0] * at->out[1], area = (int64_t)at->in[0] * at->in[1];
    float *to = j->out + plane * area;
    const int32_t *place = (const int32_t *)j->saved + plane * outputs;
    for (int64_t i = 0; i < outputs; i++)
        if (place[i] >= 0 && place[i] < area)
            to[place[i]] += j->in[plane * outputs + i];
}

static void backward_planes(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const fs_window_at *at = &j->at;
    const int64_t area = (int64_t)at->in[0] * at->in[1];
    int32_t offset[SMALL_WINDOW] = {0};
    for (int i = 0; is_small(at) && i < at->kernel[0] * at->kernel[1]; i++)
        offset[i] = (int32_t)((int64_t)(i / at->kernel[1]) * at->dilation[0] * at->in[1] +
                              (int64_t)(i % at->kernel[1]) * at->dilation[1]);
    for (int64_t plane = first; plane < last; plane++) {
        fs_grad_clear(j->out + plane * area, area, j->accumulate);
        if (is_small(at))
            backward_small(j, plane, offset);
        else
            backward_large(j, plane);
        const uint32_t *keep = fs_keep_item(j->keep, plane / j->channels);
        if (keep)
            fs_keep_drop(j->out + plane * area, area, keep, plane % j->channels * area);
    }
}

void fs_max_pool_backward(const fs_op_run *run) {
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    const fs_shape *x = &run->in[0].shape;
    job j = {.at = fs_max_pool_window(run->node, x),
             .in = run->out_grad[0],
             .out = run->in_grad[0],
             .saved = run->saved,
             .accumulate = run->accumulate[0],
             .keep = run->in_keep,
             .channels = x->dim[1]};
    const int64_t area = (int64_t)j.at.in[0] * j.at.in[1];
    fs_span_for(run->pool, x->dim[0] * x->dim[1], 1 + FS_SPAN_GRAIN / area, backward_planes, &j);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    setup->keeps = true;
    job j = {.at = fs_max_pool_window(setup->node, &setup->in[0].shape)};
    cut_blocks(&j);
    setup->workspace_bytes = (size_t)setup->threads * scratch_bytes(&j);
    if (setup->want_grad[0])
        setup->saved_bytes =
            (size_t)fs_tensor_count(&setup->out[0]) * (is_small(&j.at) ? sizeof(uint8_t) : sizeof(int32_t));
    return FS_OK;
}

static const fs_kernel kernel = {
    .name = "blocks",
    .accumulates = true,
    .prepare = prepare,
    .forward = forward,
    .backward = fs_max_pool_backward,
};
static const fs_kernel *const kernels[] = {&fs_max_pool_strips_kernel, &kernel, NULL};

const fs_operator fs_op_max_pool = {
    .type = "MaxPool",
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = fs_window_parse,
    .infer = infer,
    .kernels = kernels,
    .item_by_item = true,
    .limits = "two spatial dimensions only; no Indices output; no dilated window over nothing but padding",
};
