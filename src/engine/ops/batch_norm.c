/* BatchNormalization at inference: y = (x - mean) / sqrt(variance + epsilon) * scale + shift, channel by
 * channel. The statistics are constants: training keeps them as they are. */
#include <math.h>
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

enum { X, SCALE, SHIFT, MEAN, VARIANCE, INPUTS };

typedef struct params {
    float epsilon;
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    if (fs_node_int(node, "training_mode", 0) != 0)
        return fs_fail(err, FS_ERROR_UNSUPPORTED,
                       "training mode is not supported; export the model for inference");
    if (fs_node_int(node, "spatial", 1) != 1)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "normalisation per position (spatial 0) is not supported");
    /* Before opset 7. Absent counts as inference: files of the time left it out. */
    if (fs_node_int(node, "is_test", 1) == 0)
        return fs_fail(err, FS_ERROR_UNSUPPORTED,
                       "training mode (is_test 0) is not supported; export the model for inference");
    params *p = block;
    p->epsilon = fs_node_float(node, "epsilon", 1e-5f);
    *out = p;
    return FS_OK;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    fs_status status;
    for (int i = 0; i < INPUTS; i++)
        if ((status = fs_op_need_f32(s, i, err)) != FS_OK)
            return status;
    if ((status = fs_op_need_rank(s, X, 2, FS_MAX_RANK, err)) != FS_OK)
        return status;
    const int64_t channels = s->in[X].shape.dim[1];
    for (int i = SCALE; i < INPUTS; i++)
        if (fs_tensor_count(&s->in[i]) != channels)
            return fs_fail(err, FS_ERROR_ARGUMENT, "input has %lld channels, the statistics are for %lld",
                           (long long)channels, (long long)fs_tensor_count(&s->in[i]));
    /* Old files list the running and saved statistics as outputs too; they are what went in. */
    const fs_shape vector = {1, {channels}};
    for (int i = 1; i < s->n_out; i++)
        if ((status = fs_op_output(s, i, &vector, FS_F32, err)) != FS_OK)
            return status;
    return fs_op_infer_same_f32(s, err);
}

typedef struct job {
    const fs_op_run *run;
    int64_t items, channels, area;
    float epsilon;
} job;

static job job_of(const fs_op_run *run) {
    const fs_shape *x = &run->in[X].shape;
    return (job){run, x->dim[0], x->dim[1], fs_shape_span(x, 2, x->rank),
                 ((const params *)run->node->params)->epsilon};
}

static float inverse_deviation(const job *j, int64_t channel) {
    return 1 / sqrtf(fs_f32(&j->run->in[VARIANCE])[channel] + j->epsilon);
}

FS_SIMD
static void forward_planes(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    for (int64_t plane = first; plane < last; plane++) {
        const int64_t c = plane % j->channels;
        const float gain = fs_f32(&j->run->in[SCALE])[c] * inverse_deviation(j, c);
        const float shift = fs_f32(&j->run->in[SHIFT])[c], mean = fs_f32(&j->run->in[MEAN])[c];
        const float *restrict x = fs_f32(&j->run->in[X]) + plane * j->area;
        float *restrict y = fs_f32(&j->run->out[0]) + plane * j->area;
        for (int64_t i = 0; i < j->area; i++)
            y[i] = (x[i] - mean) * gain + shift;
    }
}

static void forward(const fs_op_run *run) {
    job j = job_of(run);
    fs_span_for(run->pool, j.items * j.channels, 1 + FS_SPAN_GRAIN / (j.area + 1), forward_planes, &j);
    for (int i = 1; i < run->n_out; i++)
        if (run->out[i].data)
            memcpy(run->out[i].data, run->in[i % 2 ? MEAN : VARIANCE].data,
                   (size_t)j.channels * sizeof(float));
}

FS_SIMD
static void input_planes(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    for (int64_t plane = first; plane < last; plane++) {
        const int64_t c = plane % j->channels;
        const float gain = fs_f32(&j->run->in[SCALE])[c] * inverse_deviation(j, c);
        const float *restrict g = j->run->out_grad[0] + plane * j->area;
        float *restrict d = j->run->in_grad[X] + plane * j->area;
        if (j->run->accumulate[X])
            for (int64_t i = 0; i < j->area; i++)
                d[i] += g[i] * gain;
        else
            for (int64_t i = 0; i < j->area; i++)
                d[i] = g[i] * gain;
    }
}

static void store(const fs_op_run *run, int input, int64_t channel, double value) {
    if (!run->in_grad[input])
        return;
    float *d = &run->in_grad[input][channel];
    *d = run->accumulate[input] ? *d + (float)value : (float)value;
}

/* With G = sum g and P = sum g (x - mean): scale's gradient is P r, shift's G, mean's -G scale r, and
 * variance's -P scale r^3 / 2, where r is one over the deviation. */
static void channel_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const fs_op_run *run = j->run;
    const bool product = run->in_grad[SCALE] || run->in_grad[VARIANCE];
    for (int64_t c = first; c < last; c++) {
        double sum = 0, dot = 0;
        for (int64_t n = 0; n < j->items; n++) {
            const int64_t at = (n * j->channels + c) * j->area;
            const float *g = run->out_grad[0] + at;
            sum += fs_sum_f32(g, j->area);
            dot += product ? fs_dot_f32(g, fs_f32(&run->in[X]) + at, j->area) : 0;
        }
        const double r = (double)inverse_deviation(j, c), scale = (double)fs_f32(&run->in[SCALE])[c];
        const double centred = dot - sum * (double)fs_f32(&run->in[MEAN])[c];
        store(run, SCALE, c, centred * r);
        store(run, SHIFT, c, sum);
        store(run, MEAN, c, -sum * scale * r);
        store(run, VARIANCE, c, -0.5 * centred * scale * r * r * r);
    }
}

static void backward(const fs_op_run *run) {
    if (fs_grad_nothing(run))
        return;
    job j = job_of(run);
    if (!run->out_grad[0]) /* only statistics were asked about, and they are constants */
        return;
    if (run->in_grad[X])
        fs_span_for(run->pool, j.items * j.channels, 1 + FS_SPAN_GRAIN / (j.area + 1), input_planes, &j);
    if (run->in_grad[SCALE] || run->in_grad[SHIFT] || run->in_grad[MEAN] || run->in_grad[VARIANCE])
        fs_span_for(run->pool, j.channels, 1 + FS_SPAN_GRAIN / (j.area * j.items + 1), channel_span, &j);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (!fs_op_wants_gradient(setup))
        return FS_OK;
    setup->keep_in = fs_op_bit(SCALE) | fs_op_bit(MEAN) | fs_op_bit(VARIANCE);
    if (setup->want_grad[SCALE] || setup->want_grad[VARIANCE])
        setup->keep_in |= fs_op_bit(X);
    return FS_OK;
}

static const fs_kernel kernel = {
    .name = "plain",
    .accumulates = true,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
static const fs_kernel *const kernels[] = {&kernel, NULL};

const fs_operator fs_op_batch_norm = {
    .type = "BatchNormalization",
    .min_inputs = INPUTS,
    .max_inputs = INPUTS,
    .parse = parse,
    .infer = infer,
    .kernels = kernels,
    .item_by_item = true,
    .limits = "no training mode; no normalisation per position (`spatial` 0)",
};
