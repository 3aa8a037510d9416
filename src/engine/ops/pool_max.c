/* MaxPool. Each output row is made in two steps: the largest of the rows the window covers, column by column
 * (vector work), then the largest of neighbouring columns. Where several are equal the first in reading order
 * wins, as in PyTorch. With gradients wanted the winner is saved: its index inside the window as a byte, or,
 * for windows of more than 255 places, its place in the input plane. */
#include <float.h>
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/window.h"

enum { SMALL_WINDOW = 255, NOBODY = 255 };

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
    fs_shape y = {4, {x->dim[0], x->dim[1], at.out[0], at.out[1]}};
    return fs_op_output(s, 0, &y, FS_F32, err);
}

static fs_window_at window_of(const fs_node *node, const fs_shape *x) {
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
    size_t thread_bytes;
    bool accumulate;
} job;

/* Taps [*first, *last) of a window starting at `start` that lie inside [0, in). */
static void valid_taps(int64_t start, int kernel, int dilation, int in, int *first, int *last) {
    int64_t a = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
    int64_t b = in - 1 - start < 0 ? 0 : (in - 1 - start) / dilation + 1;
    b = b < kernel ? b : kernel;
    *first = (int)(a < b ? a : b);
    *last = (int)b;
}

/* best[x] = the largest of the covered rows, row[x] the tap it came from. */
FS_INLINE void columns_max(const float *restrict in, int64_t step, int taps, int first, int64_t width,
                           float *restrict best, int32_t *restrict row, bool track) {
    memcpy(best, in, (size_t)width * sizeof(float));
    if (track)
        for (int64_t x = 0; x < width; x++)
            row[x] = first;
    for (int t = 1; t < taps; t++) {
        const float *restrict next = in + t * step;
        if (track)
            for (int64_t x = 0; x < width; x++) {
                const bool more = next[x] > best[x];
                row[x] = more ? first + t : row[x];
                best[x] = more ? next[x] : best[x];
            }
        else
            for (int64_t x = 0; x < width; x++)
                best[x] = next[x] > best[x] ? next[x] : best[x];
    }
}

/* One output: taps [k0,k1) of the columns; *winner = ky * kw + kx. */
static float window_max(const float *best, const int32_t *row, int64_t start, int dilation, int k0, int k1,
                        int kw, bool track, int32_t *winner) {
    float most = best[start + (int64_t)k0 * dilation];
    int32_t place = track ? row[start + (int64_t)k0 * dilation] * kw + k0 : 0;
    for (int k = k0 + 1; k < k1; k++) {
        const float v = best[start + (int64_t)k * dilation];
        const int32_t p = track ? row[start + (int64_t)k * dilation] * kw + k : 0;
        if (v > most || (track && v == most && p < place)) {
            most = v;
            place = p;
        }
    }
    *winner = place;
    return most;
}

/* The inner outputs of a row, where the whole window is inside: one pass for each column of the window, so
 * that every pass is vector work. Constants for kw, stride and dilation let the common sizes unroll. */
FS_INLINE void inner_outputs(const float *restrict best, const int32_t *restrict row, int kw, int stride,
                             int dilation, int64_t count, float *restrict out, int32_t *restrict place,
                             bool track) {
    for (int64_t i = 0; i < count; i++) {
        out[i] = best[i * stride];
        if (track)
            place[i] = row[i * stride] * kw;
    }
    for (int k = 1; k < kw; k++) {
        const float *restrict column = best + (int64_t)k * dilation;
        const int32_t *restrict from = row + (int64_t)k * dilation;
        for (int64_t i = 0; i < count; i++) {
            const float v = column[i * stride], most = out[i];
            if (track) {
                const int32_t p = from[i * stride] * kw + k, before = place[i];
                const bool better = (v > most) | ((v == most) & (p < before));
                place[i] = better ? p : before;
            }
            out[i] = v > most ? v : most;
        }
    }
}

static void edge_output(const float *best, const int32_t *row, const fs_window_at *at, int64_t ox, float *out,
                        int32_t *place, bool track) {
    const int64_t start = ox * at->stride[1] - at->pad[1];
    int k0, k1;
    valid_taps(start, at->kernel[1], at->dilation[1], at->in[1], &k0, &k1);
    int32_t winner = -1;
    out[ox] = k0 < k1 ? window_max(best, row, start, at->dilation[1], k0, k1, at->kernel[1], track, &winner)
                      : -FLT_MAX;
    if (track)
        place[ox] = winner;
}

FS_INLINE void row_outputs(const float *best, const int32_t *row, const fs_window_at *at, float *out,
                           int32_t *place, bool track) {
    const int kw = at->kernel[1], stride = at->stride[1], dilation = at->dilation[1];
    const int64_t reach = (int64_t)(kw - 1) * dilation, room = at->in[1] - 1 - reach + at->pad[1];
    int64_t from = (at->pad[1] + stride - 1) / stride, to = room < 0 ? 0 : room / stride + 1;
    from = from < at->out[1] ? from : at->out[1];
    to = to < at->out[1] ? to : at->out[1];
    to = to > from ? to : from;
    for (int64_t ox = 0; ox < from; ox++)
        edge_output(best, row, at, ox, out, place, track);
    const int64_t start = from * stride - at->pad[1], count = to - from;
    const float *inner = best + start;
    const int32_t *inner_row = row + start;
    if (kw == 3 && stride == 2 && dilation == 1)
        inner_outputs(inner, inner_row, 3, 2, 1, count, out + from, place + from, track);
    else if (kw == 2 && stride == 2 && dilation == 1)
        inner_outputs(inner, inner_row, 2, 2, 1, count, out + from, place + from, track);
    else if (kw == 3 && stride == 1 && dilation == 1)
        inner_outputs(inner, inner_row, 3, 1, 1, count, out + from, place + from, track);
    else
        inner_outputs(inner, inner_row, kw, stride, dilation, count, out + from, place + from, track);
    for (int64_t ox = to; ox < at->out[1]; ox++)
        edge_output(best, row, at, ox, out, place, track);
}

/* Turns the places of one output row into what is saved. */
static void save_row(const job *j, const int32_t *place, int64_t output, int64_t oy) {
    const fs_window_at *at = &j->at;
    if (is_small(at)) {
        uint8_t *restrict to = (uint8_t *)j->saved + output;
        for (int64_t ox = 0; ox < at->out[1]; ox++)
            to[ox] = (uint8_t)place[ox]; /* -1 becomes NOBODY */
        return;
    }
    int32_t *restrict to = (int32_t *)j->saved + output;
    for (int64_t ox = 0; ox < at->out[1]; ox++) {
        const int64_t y =
            oy * at->stride[0] - at->pad[0] + (int64_t)(place[ox] / at->kernel[1]) * at->dilation[0];
        const int64_t x =
            ox * at->stride[1] - at->pad[1] + (int64_t)(place[ox] % at->kernel[1]) * at->dilation[1];
        to[ox] = place[ox] < 0 ? -1 : (int32_t)(y * at->in[1] + x);
    }
}

FS_INLINE void forward_rows(const job *j, int64_t first, int64_t last, int thread, bool track) {
    const fs_window_at *at = &j->at;
    const int64_t width = at->in[1];
    float *best = (float *)(j->workspace + (size_t)thread * j->thread_bytes);
    int32_t *row = (int32_t *)(best + width), *place = row + width;
    for (int64_t index = first; index < last; index++) {
        const int64_t plane = index / at->out[0], oy = index % at->out[0];
        const int64_t start = oy * at->stride[0] - at->pad[0], output = index * at->out[1];
        int k0, k1;
        valid_taps(start, at->kernel[0], at->dilation[0], at->in[0], &k0, &k1);
        if (k0 >= k1) {
            for (int64_t ox = 0; ox < at->out[1]; ox++) {
                j->out[output + ox] = -FLT_MAX;
                place[ox] = -1;
            }
        } else {
            const float *in = j->in + (plane * at->in[0] + start + (int64_t)k0 * at->dilation[0]) * width;
            columns_max(in, at->dilation[0] * width, k1 - k0, k0, width, best, row, track);
            row_outputs(best, row, at, j->out + output, place, track);
        }
        if (track)
            save_row(j, place, output, oy);
    }
}

FS_SIMD
static void plain_span(void *context, int64_t first, int64_t last, int thread) {
    forward_rows(context, first, last, thread, false);
}

FS_SIMD
static void tracking_span(void *context, int64_t first, int64_t last, int thread) {
    forward_rows(context, first, last, thread, true);
}

static size_t thread_bytes(const fs_window_at *at) {
    return (2 * (size_t)at->in[1] + (size_t)at->out[1]) * sizeof(float);
}

static int64_t rows_of_grain(const fs_window_at *at) {
    return 1 + FS_SPAN_GRAIN / (at->in[1] * at->stride[0] + 1);
}

static void forward(const fs_op_run *run) {
    job j = {.at = window_of(run->node, &run->in[0].shape),
             .in = fs_f32(&run->in[0]),
             .out = fs_f32(&run->out[0]),
             .saved = run->want_grad[0] ? run->saved : NULL,
             .workspace = run->workspace};
    j.thread_bytes = thread_bytes(&j.at);
    const int64_t rows = fs_shape_span(&run->out[0].shape, 0, 3);
    fs_span_for(run->pool, rows, rows_of_grain(&j.at), j.saved ? tracking_span : plain_span, &j);
}

/* in: the output's gradient; out: the input's. */
static void backward_small(const job *j, int64_t plane, const int32_t *offset) {
    const fs_window_at *at = &j->at;
    float *to = j->out + plane * at->in[0] * at->in[1];
    for (int64_t oy = 0; oy < at->out[0]; oy++) {
        const int64_t output = (plane * at->out[0] + oy) * at->out[1];
        const int64_t origin = (oy * at->stride[0] - at->pad[0]) * at->in[1] - at->pad[1];
        const uint8_t *place = (const uint8_t *)j->saved + output;
        for (int64_t ox = 0; ox < at->out[1]; ox++)
            if (place[ox] != NOBODY)
                to[origin + ox * at->stride[1] + offset[place[ox]]] += j->in[output + ox];
    }
}

static void backward_large(const job *j, int64_t plane) {
    const fs_window_at *at = &j->at;
    const int64_t area = (int64_t)at->out[0] * at->out[1];
    float *to = j->out + plane * at->in[0] * at->in[1];
    const int32_t *place = (const int32_t *)j->saved + plane * area;
    for (int64_t i = 0; i < area; i++)
        if (place[i] >= 0)
            to[place[i]] += j->in[plane * area + i];
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
    }
}

static void backward(const fs_op_run *run) {
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    const fs_shape *x = &run->in[0].shape;
    job j = {.at = window_of(run->node, x),
             .in = run->out_grad[0],
             .out = run->in_grad[0],
             .saved = run->saved,
             .accumulate = run->accumulate[0]};
    const int64_t area = (int64_t)j.at.in[0] * j.at.in[1];
    fs_span_for(run->pool, x->dim[0] * x->dim[1], 1 + FS_SPAN_GRAIN / area, backward_planes, &j);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    const fs_window_at at = window_of(setup->node, &setup->in[0].shape);
    setup->workspace_bytes = (size_t)setup->threads * thread_bytes(&at);
    if (setup->want_grad[0])
        setup->saved_bytes =
            (size_t)fs_tensor_count(&setup->out[0]) * (is_small(&at) ? sizeof(uint8_t) : sizeof(int32_t));
    return FS_OK;
}

static const fs_kernel kernel = {
    .name = "rows",
    .accumulates = true,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
static const fs_kernel *const kernels[] = {&kernel, NULL};

const fs_operator fs_op_max_pool = {
    .type = "MaxPool",
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = fs_window_parse,
    .infer = infer,
    .kernels = kernels,
};
