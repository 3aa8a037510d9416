#include "engine/ops/conv.h"

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

#if __has_include("engine/kernels/conv_direct.h")
#include "engine/kernels/conv_direct.h"
#define HAS_DIRECT 1
#else
#define HAS_DIRECT 0
#endif

static fs_status check_channels(const fs_op_shapes *s, const fs_window *w, fs_error *err) {
    const fs_shape *x = &s->in[0].shape, *k = &s->in[1].shape;
    if (x->dim[1] % w->group != 0 || k->dim[0] % w->group != 0)
        return fs_fail(err, FS_ERROR_FORMAT,
                       "%lld input and %lld output channels do not divide into %d groups",
                       (long long)x->dim[1], (long long)k->dim[0], w->group);
    if (x->dim[1] != k->dim[1] * w->group)
        return fs_fail(err, FS_ERROR_ARGUMENT, "input has %lld channels, weights want %lld",
                       (long long)x->dim[1], (long long)(k->dim[1] * w->group));
    for (int i = 0; i < 4; i++)
        if (k->dim[i] < 1 || k->dim[i] > INT32_MAX / 4 || (i < 2 && x->dim[i] < 1))
            return fs_fail(err, FS_ERROR_FORMAT, "an empty input or empty weights");
    for (int i = 0; i < 2; i++)
        if (w->kernel[i] && w->kernel[i] != k->dim[2 + i])
            return fs_fail(err, FS_ERROR_FORMAT, "kernel_shape says %dx%d, the weights are %lldx%lld",
                           w->kernel[0], w->kernel[1], (long long)k->dim[2], (long long)k->dim[3]);
    if (fs_op_has(s, 2) && (s->in[2].shape.rank != 1 || s->in[2].shape.dim[0] != k->dim[0]))
        return fs_fail(err, FS_ERROR_FORMAT,
                       "the bias does not have one number for each of the %lld output channels",
                       (long long)k->dim[0]);
    return FS_OK;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const fs_window *w = s->node->params;
    fs_status status;
    for (int i = 0; i < 3; i++)
        if ((i < 2 || fs_op_has(s, i)) && (status = fs_op_need_f32(s, i, err)) != FS_OK)
            return status;
    if ((status = fs_op_need_rank(s, 0, 4, 4, err)) != FS_OK ||
        (status = fs_op_need_rank(s, 1, 4, 4, err)) != FS_OK || (status = check_channels(s, w, err)) != FS_OK)
        return status;
    const fs_shape *x = &s->in[0].shape, *k = &s->in[1].shape;
    if (x->dim[1] > INT32_MAX / 4 || x->dim[1] / w->group * k->dim[2] > INT32_MAX / 4 / k->dim[3])
        return fs_fail(err, FS_ERROR_LIMIT, "the weights are too large");
    fs_window_at at;
    const int kernel[2] = {(int)k->dim[2], (int)k->dim[3]};
    if ((status = fs_window_resolve(w, kernel, x->dim[2], x->dim[3], &at, err)) != FS_OK)
        return status;
    fs_shape y = {4, {x->dim[0], k->dim[0], at.out[0], at.out[1]}};
    return fs_op_output(s, 0, &y, FS_F32, err);
}

fs_conv_dims fs_conv_dims_of(const fs_node *node, const fs_tensor *in) {
    const fs_window *w = node->params;
    const fs_shape *x = &in[0].shape, *k = &in[1].shape;
    fs_conv_dims d = {.n = x->dim[0], .c = x->dim[1], .m = k->dim[0], .g = w->group};
    const int kernel[2] = {(int)k->dim[2], (int)k->dim[3]};
    /* infer resolved the same numbers, so this cannot fail. */
    (void)fs_window_resolve(w, kernel, x->dim[2], x->dim[3], &d.at, NULL);
    d.cg = d.c / d.g;
    d.mg = d.m / d.g;
    d.in_area = (int64_t)d.at.in[0] * d.at.in[1];
    d.area = (int64_t)d.at.out[0] * d.at.out[1];
    d.taps = (int64_t)d.at.kernel[0] * d.at.kernel[1];
    return d;
}

void fs_conv_keep(fs_op_setup *setup) {
    if (setup->want_grad[0])
        setup->keep_in |= fs_op_bit(1);
    if (setup->want_grad[1])
        setup->keep_in |= fs_op_bit(0);
}

typedef struct bias_job {
    const fs_conv_dims *d;
    const float *out_grad;
    float *grad;
    int64_t stride; /* from image to image of out_grad */
    bool accumulate;
} bias_job;

static void bias_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const bias_job *job = context;
    for (int64_t m = first; m < last; m++) {
        double sum = 0;
        for (int64_t n = 0; n < job->d->n; n++)
            sum += fs_sum_f32(job->out_grad + n * job->stride + m * job->d->area, job->d->area);
        job->grad[m] = (float)(job->accumulate ? (double)job->grad[m] + sum : sum);
    }
}

void fs_conv_bias_backward(const fs_op_run *run, const fs_conv_dims *d) {
    if (run->n_in < 3 || !run->in_grad[2])
        return;
    bias_job job = {d, run->out_grad[0], run->in_grad[2], run->out_stride ? run->out_stride : d->m * d->area,
                    run->accumulate[2]};
    fs_span_for(run->pool, d->m, 1 + FS_SPAN_GRAIN / (d->area * d->n + 1), bias_span, &job);
}

static const fs_kernel *const kernels[] = {
    &fs_conv_depthwise_kernel,
#if HAS_DIRECT
    &fs_conv_direct_kernel,
#endif
    &fs_conv_gemm_kernel,      &fs_conv_reference_kernel, NULL,
};

const fs_operator fs_op_conv = {
    .type = "Conv",
    .min_inputs = 2,
    .max_inputs = 3,
    .parse = fs_window_parse,
    .infer = infer,
    .kernels = kernels,
    .item_by_item = true,
    .limits = "two spatial dimensions only",
};
