/* The convolution as it is defined: a loop over everything, parallel over planes. */
#include "engine/ops/common.h"
#include "engine/ops/conv.h"

typedef struct job {
    const fs_conv_dims *d;
    const float *x, *w, *b, *out_grad;
    float *out; /* Y, or the gradient being made */
    bool accumulate;
} job;

/* y[oy,ox] += w * x[iy,ix] over the positions one tap reaches. */
FS_INLINE void tap_forward(const fs_window_at *at, int ky, int kx, float w, const float *restrict x,
                           float *restrict y) {
    const int64_t dy = (int64_t)ky * at->dilation[0] - at->pad[0],
                  dx = (int64_t)kx * at->dilation[1] - at->pad[1];
    int64_t y0, y1, x0, x1;
    fs_conv_valid(dy, at->stride[0], at->in[0], at->out[0], &y0, &y1);
    fs_conv_valid(dx, at->stride[1], at->in[1], at->out[1], &x0, &x1);
    for (int64_t oy = y0; oy < y1; oy++) {
        const float *restrict row = x + (oy * at->stride[0] + dy) * at->in[1] + dx;
        float *restrict to = y + oy * at->out[1];
        if (at->stride[1] == 1)
            for (int64_t ox = x0; ox < x1; ox++)
                to[ox] += w * row[ox];
        else
            for (int64_t ox = x0; ox < x1; ox++)
                to[ox] += w * row[ox * at->stride[1]];
    }
}

/* x_grad[iy,ix] += w * y_grad[oy,ox]. */
FS_INLINE void tap_backward(const fs_window_at *at, int ky, int kx, float w, const float *restrict yg,
                            float *restrict xg) {
    const int64_t dy = (int64_t)ky * at->dilation[0] - at->pad[0],
                  dx = (int64_t)kx * at->dilation[1] - at->pad[1];
    int64_t y0, y1, x0, x1;
    fs_conv_valid(dy, at->stride[0], at->in[0], at->out[0], &y0, &y1);
    fs_conv_valid(dx, at->stride[1], at->in[1], at->out[1], &x0, &x1);
    for (int64_t oy = y0; oy < y1; oy++) {
        const float *restrict from = yg + oy * at->out[1];
        float *restrict row = xg + (oy * at->stride[0] + dy) * at->in[1] + dx;
        if (at->stride[1] == 1)
            for (int64_t ox = x0; ox < x1; ox++)
                row[ox] += w * from[ox];
        else
            for (int64_t ox = x0; ox < x1; ox++)
                row[ox * at->stride[1]] += w * from[ox];
    }
}

/* The sum of x[iy,ix] * y_grad[oy,ox] over the positions one tap reaches. */
static double tap_product(const fs_window_at *at, int ky, int kx, const float *x, const float *yg) {
    const int64_t dy = (int64_t)ky * at->dilation[0] - at->pad[0],
                  dx = (int64_t)kx * at->dilation[1] - at->pad[1];
    int64_t y0, y1, x0, x1;
    fs_conv_valid(dy, at->stride[0], at->in[0], at->out[0], &y0, &y1);
    fs_conv_valid(dx, at->stride[1], at->in[1], at->out[1], &x0, &x1);
    double sum = 0;
    for (int64_t oy = y0; oy < y1; oy++) {
        const float *row = x + (oy * at->stride[0] + dy) * at->in[1] + dx, *from = yg + oy * at->out[1];
        if (at->stride[1] == 1) {
            sum += fs_dot_f32(row + x0, from + x0, x1 - x0);
            continue;
        }
        for (int64_t ox = x0; ox < x1; ox++)
            sum += (double)row[ox * at->stride[1]] * (double)from[ox];
    }
    return sum;
}

/* One plane [oh,ow] of Y for each (image, output channel). */
FS_SIMD
static void forward_planes(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const fs_conv_dims *d = j->d;
    for (int64_t plane = first; plane < last; plane++) {
        const int64_t n = plane / d->m, m = plane % d->m, group = m / d->mg;
        float *y = j->out + plane * d->area;
        const float bias = j->b ? j->b[m] : 0;
        for (int64_t i = 0; i < d->area; i++)
            y[i] = bias;
        for (int64_t c = 0; c < d->cg; c++) {
            const float *x = j->x + (n * d->c + group * d->cg + c) * d->in_area;
            const float *w = j->w + (m * d->cg + c) * d->taps;
            for (int ky = 0; ky < d->at.kernel[0]; ky++)
                for (int kx = 0; kx < d->at.kernel[1]; kx++)
                    tap_forward(&d->at, ky, kx, *w++, x, y);
        }
    }
}

static void forward(const fs_op_run *run) {
    const fs_conv_dims d = fs_conv_dims_of(run->node, run->in);
    const bool bias = run->n_in > 2 && run->present[2];
    job j = {&d,
             fs_f32(&run->in[0]),
             fs_f32(&run->in[1]),
             bias ? fs_f32(&run->in[2]) : NULL,
             NULL,
             fs_f32(&run->out[0]),
             false};
    fs_span_for(run->pool, d.n * d.m, 1, forward_planes, &j);
}

/* One plane [h,w] of X's gradient for each (image, input channel). */
FS_SIMD
static void input_planes(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const fs_conv_dims *d = j->d;
    for (int64_t plane = first; plane < last; plane++) {
        const int64_t n = plane / d->c, group = plane % d->c / d->cg, c = plane % d->c % d->cg;
        float *xg = j->out + plane * d->in_area;
        fs_grad_clear(xg, d->in_area, j->accumulate);
        for (int64_t m = group * d->mg; m < (group + 1) * d->mg; m++) {
            const float *yg = j->out_grad + (n * d->m + m) * d->area;
            const float *w = j->w + (m * d->cg + c) * d->taps;
            for (int ky = 0; ky < d->at.kernel[0]; ky++)
                for (int kx = 0; kx < d->at.kernel[1]; kx++)
                    tap_backward(&d->at, ky, kx, *w++, yg, xg);
        }
    }
}

/* One kernel [kh,kw] of W's gradient for each (output channel, channel of its group). */
static void weight_kernels(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const fs_conv_dims *d = j->d;
    for (int64_t index = first; index < last; index++) {
        const int64_t m = index / d->cg, c = m / d->mg * d->cg + index % d->cg;
        float *wg = j->out + index * d->taps;
        for (int ky = 0; ky < d->at.kernel[0]; ky++)
            for (int kx = 0; kx < d->at.kernel[1]; kx++, wg++) {
                double sum = j->accumulate ? (double)*wg : 0;
                for (int64_t n = 0; n < d->n; n++)
                    sum += tap_product(&d->at, ky, kx, j->x + (n * d->c + c) * d->in_area,
                                       j->out_grad + (n * d->m + m) * d->area);
                *wg = (float)sum;
            }
    }
}

void fs_conv_weight_backward(const fs_op_run *run, const fs_conv_dims *d) {
    if (!run->in_grad[1])
        return;
    job j = {.d = d,
             .x = fs_f32(&run->in[0]),
             .out_grad = run->out_grad[0],
             .out = run->in_grad[1],
             .accumulate = run->accumulate[1]};
    fs_span_for(run->pool, d->m * d->cg, 1, weight_kernels, &j);
}

static void backward(const fs_op_run *run) {
    if (fs_grad_nothing(run))
        return;
    const fs_conv_dims d = fs_conv_dims_of(run->node, run->in);
    job j = {&d, fs_f32(&run->in[0]), fs_f32(&run->in[1]), NULL, run->out_grad[0], NULL, false};
    if (run->in_grad[0]) {
        j.out = run->in_grad[0];
        j.accumulate = run->accumulate[0];
        fs_span_for(run->pool, d.n * d.c, 1, input_planes, &j);
    }
    fs_conv_weight_backward(run, &d);
    fs_conv_bias_backward(run, &d);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    fs_conv_keep(setup);
    return FS_OK;
}

const fs_kernel fs_conv_reference_kernel = {
    .name = "reference",
    .accumulates = true,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
