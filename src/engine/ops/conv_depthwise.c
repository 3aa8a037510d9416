/* Convolution with one input channel to a group: nothing to multiply matrices with, so planes are filtered
 * one by one, a block of rows at a time. The rows a block needs are copied with their padding; then each
 * kernel row is one long pass over the whole block, which keeps the small planes of deep layers fast; the
 * wanted columns are picked last. The gradient of X is the same filtering of Y's gradient, spread out by the
 * stride, with the kernel turned round. */
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/conv.h"

enum { BLOCK_PLACES = 4096, MAX_TAPS = 1024 };

/* Filters planes of size src into planes of size out. */
typedef struct filter {
    int taps[2], dilation[2];
    int spread[2];     /* source samples are this far apart, zeros between */
    int stride[2];     /* of the output */
    int64_t before[2]; /* padding above and to the left, >= 0 */
    int64_t src[2], out[2];
    int64_t width;        /* of a padded row, as far as the filter reaches */
    int64_t rows, blocks; /* of output: in a block, blocks in a plane */
} filter;

static int64_t reach(const filter *f, int axis) {
    return (int64_t)(f->taps[axis] - 1) * f->dilation[axis] + 1;
}

static int64_t source_rows(const filter *f, int64_t rows) {
    return (rows - 1) * f->stride[0] + reach(f, 0);
}

static void cut_blocks(filter *f) {
    f->width = (f->out[1] - 1) * f->stride[1] + reach(f, 1);
    f->rows = BLOCK_PLACES / f->width;
    f->rows = f->rows < 1 ? 1 : f->rows > f->out[0] ? f->out[0] : f->rows;
    f->blocks = (f->out[0] + f->rows - 1) / f->rows;
}

static filter forward_filter(const fs_conv_dims *d) {
    filter f = {.spread = {1, 1}};
    for (int axis = 0; axis < 2; axis++) {
        f.taps[axis] = d->at.kernel[axis];
        f.dilation[axis] = d->at.dilation[axis];
        f.stride[axis] = d->at.stride[axis];
        f.before[axis] = d->at.pad[axis];
        f.src[axis] = d->at.in[axis];
        f.out[axis] = d->at.out[axis];
    }
    cut_blocks(&f);
    return f;
}

static filter backward_filter(const fs_conv_dims *d) {
    filter f = {.stride = {1, 1}};
    for (int axis = 0; axis < 2; axis++) {
        f.taps[axis] = d->at.kernel[axis];
        f.dilation[axis] = d->at.dilation[axis];
        f.spread[axis] = d->at.stride[axis];
        f.before[axis] = reach(&f, axis) - 1 - d->at.pad[axis];
        f.src[axis] = d->at.out[axis];
        f.out[axis] = d->at.in[axis];
    }
    cut_blocks(&f);
    return f;
}

static int64_t scratch_floats(const filter *f) {
    return f->width * (source_rows(f, f->rows) + f->rows);
}

/* Padded source rows from `top` on (in spread coordinates, the padding included). */
static void load_padded(const filter *f, const float *plane, int64_t top, int64_t rows, float *to) {
    const int64_t left = f->before[1] < f->width ? f->before[1] : f->width;
    const int64_t room = (f->width - left + f->spread[1] - 1) / f->spread[1];
    const int64_t n = room < f->src[1] ? room : f->src[1];
    for (int64_t r = 0; r < rows; r++, to += f->width) {
        const int64_t y = top + r - f->before[0];
        const bool inside = y >= 0 && y % f->spread[0] == 0 && y / f->spread[0] < f->src[0];
        if (!inside || f->spread[1] != 1) {
            memset(to, 0, (size_t)f->width * sizeof(float));
        } else {
            memset(to, 0, (size_t)left * sizeof(float));
            memset(to + left + n, 0, (size_t)(f->width - left - n) * sizeof(float));
        }
        if (!inside)
            continue;
        const float *restrict from = plane + y / f->spread[0] * f->src[1];
        if (f->spread[1] == 1)
            memcpy(to + left, from, (size_t)n * sizeof(float));
        else
            for (int64_t i = 0; i < n; i++)
                to[left + i * f->spread[1]] = from[i];
    }
}

/* sum[i] += the taps of one kernel row on in[i...]; constants unroll them. */
FS_INLINE void row_pass(const float *restrict w, int taps, int step, const float *restrict in, int64_t count,
                        float *restrict sum) {
    for (int64_t i = 0; i < count; i++) {
        float v = sum[i];
        for (int k = 0; k < taps; k++)
            v += w[k] * in[i + (int64_t)k * step];
        sum[i] = v;
    }
}

FS_INLINE void filter_run(const filter *f, const float *w, const float *in, int64_t count, float *sum) {
    const int taps = f->taps[1];
    for (int ky = 0; ky < f->taps[0]; ky++, w += taps, in += f->dilation[0] * f->width) {
        if (taps == 3 && f->dilation[1] == 1)
            row_pass(w, 3, 1, in, count, sum);
        else if (taps == 5 && f->dilation[1] == 1)
            row_pass(w, 5, 1, in, count, sum);
        else if (taps == 7 && f->dilation[1] == 1)
            row_pass(w, 7, 1, in, count, sum);
        else
            for (int k = 0; k < taps; k++)
                row_pass(w + k, 1, 1, in + (int64_t)k * f->dilation[1], count, sum);
    }
}

/* Adds one source plane's share to the sums of a block. */
FS_INLINE void filter_block(const filter *f, const float *w, const float *plane, int64_t first, int64_t rows,
                            float *padded, float *sum) {
    load_padded(f, plane, first * f->stride[0], source_rows(f, rows), padded);
    const int64_t tail = reach(f, 1) - 1;
    if (f->stride[0] == 1) {
        filter_run(f, w, padded, rows * f->width - tail, sum);
        return;
    }
    for (int64_t r = 0; r < rows; r++)
        filter_run(f, w, padded + r * f->stride[0] * f->width, f->width - tail, sum + r * f->width);
}

typedef struct job {
    const fs_conv_dims *d;
    filter f;
    const float *in, *w, *b;
    float *out, *workspace;
    bool accumulate, relu;
} job;

FS_INLINE void store_rectified(const float *restrict sum, int64_t stride, int64_t count, float bias,
                               bool relu, float *restrict y) {
    for (int64_t i = 0; i < count; i++) {
        const float v = sum[i * stride] + bias;
        y[i] = relu && v < 0 ? 0 : v;
    }
}

/* Task = (image, output channel, block). */
FS_SIMD
static void forward_blocks(void *context, int64_t first_task, int64_t last_task, int thread) {
    const job *j = context;
    const fs_conv_dims *d = j->d;
    const filter *f = &j->f;
    float *padded = j->workspace + thread * scratch_floats(f),
          *sum = padded + f->width * source_rows(f, f->rows);
    for (int64_t task = first_task; task < last_task; task++) {
        const int64_t plane = task / f->blocks, first = task % f->blocks * f->rows;
        const int64_t rows = f->out[0] - first < f->rows ? f->out[0] - first : f->rows;
        const int64_t m = plane % d->m, channel = plane / d->m * d->c + m / d->mg;
        memset(sum, 0, (size_t)(rows * f->width) * sizeof(float));
        filter_block(f, j->w + m * d->taps, j->in + channel * d->in_area, first, rows, padded, sum);
        const float bias = j->b ? j->b[m] : 0;
        for (int64_t r = 0; r < rows; r++) {
            float *y = j->out + plane * d->area + (first + r) * f->out[1];
            if (f->stride[1] == 1)
                store_rectified(sum + r * f->width, 1, f->out[1], bias, j->relu, y);
            else
                store_rectified(sum + r * f->width, f->stride[1], f->out[1], bias, j->relu, y);
        }
    }
}

/* Task = (image, input channel, block); every output channel of the group sends its share. */
FS_SIMD
static void input_blocks(void *context, int64_t first_task, int64_t last_task, int thread) {
    const job *j = context;
    const fs_conv_dims *d = j->d;
    const filter *f = &j->f;
    float *padded = j->workspace + thread * scratch_floats(f),
          *sum = padded + f->width * source_rows(f, f->rows);
    for (int64_t task = first_task; task < last_task; task++) {
        const int64_t plane = task / f->blocks, first = task % f->blocks * f->rows;
        const int64_t rows = f->out[0] - first < f->rows ? f->out[0] - first : f->rows;
        const int64_t n = plane / d->c, c = plane % d->c;
        memset(sum, 0, (size_t)(rows * f->width) * sizeof(float));
        for (int64_t m = c * d->mg; m < (c + 1) * d->mg; m++) {
            float turned[MAX_TAPS];
            for (int64_t t = 0; t < d->taps; t++)
                turned[t] = j->w[(m + 1) * d->taps - 1 - t];
            filter_block(f, turned, j->in + (n * d->m + m) * d->area, first, rows, padded, sum);
        }
        for (int64_t r = 0; r < rows; r++)
            fs_copy_f32(NULL, j->out + plane * d->in_area + (first + r) * f->out[1], sum + r * f->width,
                        f->out[1], j->accumulate);
    }
}

static void run_blocks(const fs_op_run *run, job *j, int64_t planes, fs_span_body body) {
    j->workspace = run->workspace;
    const int64_t work = j->f.rows * j->f.width * j->d->taps;
    fs_span_for(run->pool, planes * j->f.blocks, 1 + 2 * FS_SPAN_GRAIN / work, body, j);
}

static void forward(const fs_op_run *run) {
    const fs_conv_dims d = fs_conv_dims_of(run->node, run->in);
    const bool bias = run->n_in > 2 && run->present[2];
    job j = {.d = &d,
             .f = forward_filter(&d),
             .in = fs_f32(&run->in[0]),
             .w = fs_f32(&run->in[1]),
             .b = bias ? fs_f32(&run->in[2]) : NULL,
             .out = fs_f32(&run->out[0]),
             .relu = run->fuse_relu};
    run_blocks(run, &j, d.n * d.m, forward_blocks);
}

static void backward(const fs_op_run *run) {
    if (fs_grad_nothing(run))
        return;
    const fs_conv_dims d = fs_conv_dims_of(run->node, run->in);
    if (run->in_grad[0]) {
        job j = {.d = &d,
                 .f = backward_filter(&d),
                 .in = run->out_grad[0],
                 .w = fs_f32(&run->in[1]),
                 .out = run->in_grad[0],
                 .accumulate = run->accumulate[0]};
        run_blocks(run, &j, d.n * d.c, input_blocks);
    }
    fs_conv_weight_backward(run, &d);
    fs_conv_bias_backward(run, &d);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    fs_conv_keep(setup);
    const fs_conv_dims d = fs_conv_dims_of(setup->node, setup->in);
    const filter there = forward_filter(&d), back = backward_filter(&d);
    int64_t floats = scratch_floats(&there);
    if (setup->want_grad[0] && scratch_floats(&back) > floats)
        floats = scratch_floats(&back);
    setup->workspace_bytes = (size_t)setup->threads * (size_t)floats * sizeof(float);
    return FS_OK;
}

/* Padding beyond the kernel's reach would mean cropping on the way back; nobody does that. */
static bool suits(const fs_op_setup *setup) {
    const fs_conv_dims d = fs_conv_dims_of(setup->node, setup->in);
    const filter back = backward_filter(&d);
    return d.cg == 1 && d.g > 1 && d.taps <= MAX_TAPS && back.before[0] >= 0 && back.before[1] >= 0;
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
