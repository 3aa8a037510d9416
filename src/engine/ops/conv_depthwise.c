/* Convolution with one input channel to a group: nothing to multiply matrices with, so rows are filtered one
 * by one. A row of output is made by all taps of a kernel row in one pass over it, while it is in the
 * first-level cache. With stride 1 the gradient of X is such a filtering too, with the kernel turned round.
 */
#include "engine/ops/common.h"
#include "engine/ops/conv.h"

/* out[i] += sum over k of w[k] * in[i*stride + k*dilation - pad], for i in [0, out_size). */
typedef struct row_filter {
    int taps, stride, dilation;
    int64_t pad, in_size, out_size;
} row_filter;

static float filter_one(const row_filter *f, const float *w, const float *in, int64_t i) {
    float sum = 0;
    for (int k = 0; k < f->taps; k++) {
        const int64_t at = i * f->stride + (int64_t)k * f->dilation - f->pad;
        sum += at >= 0 && at < f->in_size ? w[k] * in[at] : 0;
    }
    return sum;
}

/* The outputs whose window is inside; constants unroll the taps. */
FS_INLINE void filter_inner(const float *restrict w, const float *restrict in, int taps, int stride,
                            int dilation, int64_t count, float *restrict out) {
    for (int64_t i = 0; i < count; i++) {
        float sum = 0;
        for (int k = 0; k < taps; k++)
            sum += w[k] * in[i * stride + (int64_t)k * dilation];
        out[i] += sum;
    }
}

/* Windows too wide to unroll: one pass for each tap. */
FS_INLINE void filter_passes(const row_filter *f, const float *w, const float *restrict in, int64_t count,
                             float *restrict out) {
    for (int k = 0; k < f->taps; k++)
        for (int64_t i = 0; i < count; i++)
            out[i] += w[k] * in[i * f->stride + (int64_t)k * f->dilation];
}

FS_INLINE void filter_row(const row_filter *f, const float *w, const float *in, float *out) {
    const int64_t room = f->in_size - 1 - (int64_t)(f->taps - 1) * f->dilation + f->pad;
    int64_t from = f->pad > 0 ? (f->pad + f->stride - 1) / f->stride : 0,
            to = room < 0 ? 0 : room / f->stride + 1;
    from = from < f->out_size ? from : f->out_size;
    to = to < f->out_size ? to : f->out_size;
    to = to > from ? to : from;
    for (int64_t i = 0; i < from; i++)
        out[i] += filter_one(f, w, in, i);
    for (int64_t i = to; i < f->out_size; i++)
        out[i] += filter_one(f, w, in, i);
    const float *start = in + from * f->stride - f->pad;
    const int64_t count = to - from;
    const bool dense = f->dilation == 1;
    if (count == 0)
        return;
    if (dense && f->taps == 3 && f->stride == 1)
        filter_inner(w, start, 3, 1, 1, count, out + from);
    else if (dense && f->taps == 3 && f->stride == 2)
        filter_inner(w, start, 3, 2, 1, count, out + from);
    else if (dense && f->taps == 5 && f->stride == 1)
        filter_inner(w, start, 5, 1, 1, count, out + from);
    else if (dense && f->taps == 5 && f->stride == 2)
        filter_inner(w, start, 5, 2, 1, count, out + from);
    else
        filter_passes(f, w, start, count, out + from);
}

typedef struct job {
    const fs_conv_dims *d;
    const float *x, *w, *b, *out_grad;
    float *out;
    bool accumulate, relu;
} job;

FS_SIMD
static void forward_planes(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const fs_conv_dims *d = j->d;
    const fs_window_at *at = &d->at;
    const row_filter f = {at->kernel[1], at->stride[1], at->dilation[1], at->pad[1], at->in[1], at->out[1]};
    for (int64_t plane = first; plane < last; plane++) {
        const int64_t m = plane % d->m, channel = plane / d->m * d->c + m / d->mg;
        const float bias = j->b ? j->b[m] : 0;
        for (int64_t oy = 0; oy < at->out[0]; oy++) {
            float *restrict y = j->out + plane * d->area + oy * at->out[1];
            for (int64_t i = 0; i < at->out[1]; i++)
                y[i] = bias;
            for (int ky = 0; ky < at->kernel[0]; ky++) {
                const int64_t iy = oy * at->stride[0] + (int64_t)ky * at->dilation[0] - at->pad[0];
                if (iy >= 0 && iy < at->in[0])
                    filter_row(&f, j->w + m * d->taps + (int64_t)ky * at->kernel[1],
                               j->x + channel * d->in_area + iy * at->in[1], y);
            }
            for (int64_t i = 0; i < at->out[1] && j->relu; i++)
                y[i] = y[i] < 0 ? 0 : y[i];
        }
    }
}

static void forward(const fs_op_run *run) {
    const fs_conv_dims d = fs_conv_dims_of(run->node, run->in);
    const bool bias = run->n_in > 2 && run->present[2];
    job j = {.d = &d,
             .x = fs_f32(&run->in[0]),
             .w = fs_f32(&run->in[1]),
             .b = bias ? fs_f32(&run->in[2]) : NULL,
             .out = fs_f32(&run->out[0]),
             .relu = run->fuse_relu};
    fs_span_for(run->pool, d.n * d.m, 1 + FS_SPAN_GRAIN / 4 / d.area, forward_planes, &j);
}

/* row[ox*stride + k*dilation - pad] += w[k] * g[ox]. */
FS_INLINE void scatter_row(const fs_window_at *at, const float *w, const float *restrict g,
                           float *restrict row) {
    for (int k = 0; k < at->kernel[1]; k++) {
        const int64_t shift = (int64_t)k * at->dilation[1] - at->pad[1];
        int64_t x0, x1;
        fs_conv_valid(shift, at->stride[1], at->in[1], at->out[1], &x0, &x1);
        for (int64_t ox = x0; ox < x1; ox++)
            row[ox * at->stride[1] + shift] += w[k] * g[ox];
    }
}

enum { MAX_TURNED = 64 }; /* wider kernels scatter */

/* What one output channel sends back to its input plane. */
FS_INLINE void send_back(const job *j, const float *w, const float *g, float *plane) {
    const fs_window_at *at = &j->d->at;
    const int taps = at->kernel[1];
    const bool turn = at->stride[1] == 1 && taps <= MAX_TURNED;
    const row_filter f = {
        taps, 1, at->dilation[1], (int64_t)(taps - 1) * at->dilation[1] - at->pad[1], at->out[1], at->in[1]};
    for (int ky = 0; ky < at->kernel[0]; ky++, w += taps) {
        float turned[MAX_TURNED];
        for (int k = 0; k < taps && turn; k++)
            turned[k] = w[taps - 1 - k];
        for (int64_t oy = 0; oy < at->out[0]; oy++) {
            const int64_t iy = oy * at->stride[0] + (int64_t)ky * at->dilation[0] - at->pad[0];
            if (iy < 0 || iy >= at->in[0])
                continue;
            if (turn)
                filter_row(&f, turned, g + oy * at->out[1], plane + iy * at->in[1]);
            else
                scatter_row(at, w, g + oy * at->out[1], plane + iy * at->in[1]);
        }
    }
}

FS_SIMD
static void input_planes(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const fs_conv_dims *d = j->d;
    for (int64_t plane = first; plane < last; plane++) {
        const int64_t n = plane / d->c, c = plane % d->c;
        float *xg = j->out + plane * d->in_area;
        fs_grad_clear(xg, d->in_area, j->accumulate);
        for (int64_t m = c * d->mg; m < (c + 1) * d->mg; m++)
            send_back(j, j->w + m * d->taps, j->out_grad + (n * d->m + m) * d->area, xg);
    }
}

static void backward(const fs_op_run *run) {
    if (fs_grad_nothing(run))
        return;
    const fs_conv_dims d = fs_conv_dims_of(run->node, run->in);
    if (run->in_grad[0]) {
        job j = {.d = &d,
                 .w = fs_f32(&run->in[1]),
                 .out_grad = run->out_grad[0],
                 .out = run->in_grad[0],
                 .accumulate = run->accumulate[0]};
        fs_span_for(run->pool, d.n * d.c, 1 + FS_SPAN_GRAIN / 4 / d.in_area, input_planes, &j);
    }
    fs_conv_weight_backward(run, &d);
    fs_conv_bias_backward(run, &d);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    fs_conv_keep(setup);
    return FS_OK;
}

static bool suits(const fs_op_setup *setup) {
    const fs_conv_dims d = fs_conv_dims_of(setup->node, setup->in);
    return d.cg == 1 && d.g > 1;
}

const fs_kernel fs_conv_depthwise_kernel = {
    .name = "depthwise",
    .fuses_relu = true,
    .accumulates = true,
    .suits = suits,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
