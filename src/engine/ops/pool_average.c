/* AveragePool, counting as PyTorch does: with count_include_pad the divisor is the part of the window that
 * lies inside the padded input (a last window of ceil_mode may stick out of even that), otherwise the part
 * inside the input. */
#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/window.h"

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    fs_status status;
    if ((status = fs_op_need_f32(s, 0, err)) != FS_OK || (status = fs_op_need_rank(s, 0, 4, 4, err)) != FS_OK)
        return status;
    const fs_shape *x = &s->in[0].shape;
    fs_window_at at;
    if ((status = fs_window_resolve(s->node->params, NULL, x->dim[2], x->dim[3], &at, err)) != FS_OK)
        return status;
    fs_shape y = {4, {x->dim[0], x->dim[1], at.out[0], at.out[1]}};
    return fs_op_output(s, 0, &y, FS_F32, err);
}

typedef struct job {
    fs_window_at at;
    bool include_pad, accumulate;
    const float *in;
    float *out;
} job;

/* Along one axis: the positions [*first, *last) of the input that the window of output `o` covers (in steps
 * of the dilation), and how many places count. */
static int64_t cover(const job *j, int axis, int64_t o, int64_t *first, int64_t *last) {
    const fs_window_at *at = &j->at;
    const int64_t dilation = at->dilation[axis], start = o * at->stride[axis] - at->pad[axis];
    const int64_t end = start + (int64_t)(at->kernel[axis] - 1) * dilation + 1;
    fs_window_cover(at, axis, o, first, last);
    if (!j->include_pad)
        return *last > *first ? (*last - *first + dilation - 1) / dilation : 0;
    const int64_t padded = (int64_t)at->in[axis] + at->pad[axis + 2];
    return ((end < padded ? end : padded) - start + dilation - 1) / dilation;
}

static float window_sum(const fs_window_at *at, const float *plane, int64_t y0, int64_t y1, int64_t x0,
                        int64_t x1) {
    float sum = 0;
    for (int64_t y = y0; y < y1; y += at->dilation[0])
        for (int64_t x = x0; x < x1; x += at->dilation[1])
            sum += plane[y * at->in[1] + x];
    return sum;
}

static void forward_rows(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const fs_window_at *at = &j->at;
    for (int64_t index = first; index < last; index++) {
        const float *plane = j->in + index / at->out[0] * at->in[0] * at->in[1];
        float *out = j->out + index * at->out[1];
        int64_t y0, y1, x0, x1;
        const int64_t rows = cover(j, 0, index % at->out[0], &y0, &y1);
        for (int64_t ox = 0; ox < at->out[1]; ox++) {
            const int64_t count = rows * cover(j, 1, ox, &x0, &x1);
            out[ox] = count > 0 ? window_sum(at, plane, y0, y1, x0, x1) / (float)count : 0;
        }
    }
}

static job job_of(const fs_op_run *run) {
    const fs_window *w = run->node->params;
    const fs_shape *x = &run->in[0].shape;
    job j = {.include_pad = w->count_include_pad};
    (void)fs_window_resolve(w, NULL, x->dim[2], x->dim[3], &j.at, NULL); /* infer did the same */
    return j;
}

static void forward(const fs_op_run *run) {
    job j = job_of(run);
    j.in = fs_f32(&run->in[0]);
    j.out = fs_f32(&run->out[0]);
    const int64_t work = (int64_t)j.at.out[1] * j.at.kernel[0] * j.at.kernel[1] + 1;
    fs_span_for(run->pool, fs_shape_span(&run->out[0].shape, 0, 3), 1 + FS_SPAN_GRAIN / work, forward_rows,
                &j);
}

static void spread(const fs_window_at *at, float *plane, float g, int64_t y0, int64_t y1, int64_t x0,
                   int64_t x1) {
    for (int64_t y = y0; y < y1; y += at->dilation[0])
        for (int64_t x = x0; x < x1; x += at->dilation[1])
            plane[y * at->in[1] + x] += g;
}

static void backward_planes(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const fs_window_at *at = &j->at;
    const int64_t area = (int64_t)at->in[0] * at->in[1];
    for (int64_t index = first; index < last; index++) {
        float *plane = j->out + index * area;
        const float *g = j->in + index * at->out[0] * at->out[1];
        fs_grad_clear(plane, area, j->accumulate);
        for (int64_t oy = 0; oy < at->out[0]; oy++) {
            int64_t y0, y1, x0, x1;
            const int64_t rows = cover(j, 0, oy, &y0, &y1);
            for (int64_t ox = 0; ox < at->out[1]; ox++, g++) {
                const int64_t count = rows * cover(j, 1, ox, &x0, &x1);
                if (count > 0)
                    spread(at, plane, *g / (float)count, y0, y1, x0, x1);
            }
        }
    }
}

static void backward(const fs_op_run *run) {
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    job j = job_of(run);
    j.in = run->out_grad[0];
    j.out = run->in_grad[0];
    j.accumulate = run->accumulate[0];
    const fs_shape *x = &run->in[0].shape;
    const int64_t area = (int64_t)j.at.in[0] * j.at.in[1];
    fs_span_for(run->pool, x->dim[0] * x->dim[1], 1 + FS_SPAN_GRAIN / area, backward_planes, &j);
}

static const fs_kernel kernel = {
    .name = "plain",
    .accumulates = true,
    .forward = forward,
    .backward = backward,
};
static const fs_kernel *const kernels[] = {&kernel, NULL};

const fs_operator fs_op_average_pool = {
    .type = "AveragePool",
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = fs_window_parse,
    .infer = infer,
    .kernels = kernels,
    .item_by_item = true,
    .limits = "two spatial dimensions only",
};
