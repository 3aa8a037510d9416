/* ConvTranspose: the convolution backwards. With weights [c, m/g, kh, kw] it is what the convolution from m
 * to c channels with the same window does to gradients, so the kernels of that convolution do the work with
 * the roles changed: forward   Y is the gradient of that convolution's input when X is the gradient of its
 * output X's grad  is its output when Y's gradient is its input W's grad  is its weights' gradient with Y's
 * gradient as input and X as gradient of the output */
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/conv.h"
#include "engine/ops/registry.h"

typedef struct params {
    fs_window window; /* of the convolution; its pads as they are written */
    int output_padding[2];
    int output_shape[2]; /* 0: not given */
} params;

/* A pair of numbers in [0, 65535]; absent: zeros. */
static fs_status read_pair(const fs_node *node, const char *name, int out[2], fs_error *err) {
    const int64_t *ints;
    int count;
    fs_status status = fs_op_int_list(node, name, &ints, &count, err);
    if (status != FS_OK || count <= 0)
        return status;
    /* output_shape may list the image and channels as well. */
    if (count != 2 && !(count == 4 && strcmp(name, "output_shape") == 0))
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "attribute '%s' has %d numbers, 2 are needed", name, count);
    for (int i = 0; i < 2; i++) {
        const int64_t v = ints[count - 2 + i];
        if (v < 0 || v > 65535)
            return fs_fail(err, FS_ERROR_FORMAT, "attribute '%s' holds %lld, outside 0..65535", name,
                           (long long)v);
        out[i] = (int)v;
    }
    return FS_OK;
}

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    const void *window;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK || (status = fs_window_parse(graph, node, &window, err)) != FS_OK)
        return status;
    params *p = block;
    p->window = *(const fs_window *)window;
    p->window.ceil_mode = false;
    if ((status = read_pair(node, "output_padding", p->output_padding, err)) != FS_OK ||
        (status = read_pair(node, "output_shape", p->output_shape, err)) != FS_OK)
        return status;
    *out = p;
    return FS_OK;
}

/* ---- shapes ---- */

/* Pads and output size of one axis. The full result, before pads take away from it, is `reach` long at the
 * last stride. False when the numbers leave nothing, or more than one stride beyond the last window. */
static bool resolve_axis(const params *p, int axis, int64_t in, int64_t kernel, int pad[2], int64_t *out) {
    const fs_window *w = &p->window;
    const int64_t stride = w->stride[axis];
    const int64_t full = (in - 1) * stride + (kernel - 1) * w->dilation[axis] + 1;
    const bool same = w->auto_pad == FS_PAD_SAME_UPPER || w->auto_pad == FS_PAD_SAME_LOWER;
    int64_t extra = p->output_padding[axis];
    if (same || p->output_shape[axis]) {
        *out = p->output_shape[axis] ? p->output_shape[axis] : in * stride;
        const int64_t total = full + extra - *out;
        /* What is missing is added at the end, as output_padding is. */
        extra = total < 0 ? extra - total : extra;
        const int64_t half = total > 0 ? total / 2 : 0, rest = total > 0 ? total - half : 0;
        if (rest > INT32_MAX / 2)
            return false;
        pad[0] = (int)(w->auto_pad == FS_PAD_SAME_UPPER ? half : rest);
        pad[1] = (int)(w->auto_pad == FS_PAD_SAME_UPPER ? rest : half);
    } else {
        const bool valid = w->auto_pad == FS_PAD_VALID;
        pad[0] = valid ? 0 : w->pad[axis];
        pad[1] = valid ? 0 : w->pad[axis + 2];
        *out = full + extra - pad[0] - pad[1];
    }
    return *out > 0 && *out <= INT32_MAX / 2 && extra < stride;
}

/* The convolution's window, explicit, and the size of its input. */
static bool resolve(const params *p, const fs_shape *x, const fs_shape *k, fs_window *window,
                    int64_t out[2]) {
    *window = p->window;
    window->auto_pad = FS_PAD_EXPLICIT;
    for (int axis = 0; axis < 2; axis++) {
        int pad[2];
        if (!resolve_axis(p, axis, x->dim[2 + axis], k->dim[2 + axis], pad, &out[axis]))
            return false;
        window->kernel[axis] = (int)k->dim[2 + axis];
        window->pad[axis] = pad[0];
        window->pad[axis + 2] = pad[1];
    }
    return true;
}

static fs_status check_inputs(const fs_op_shapes *s, const params *p, fs_error *err) {
    const fs_shape *x = &s->in[0].shape, *k = &s->in[1].shape;
    const int group = p->window.group;
    for (int i = 0; i < 4; i++)
        if (x->dim[i] < 1 || k->dim[i] < 1 || x->dim[i] > INT32_MAX / 4 ||
            k->dim[i] > (i < 2 ? INT32_MAX / 4 : 65535))
            return fs_fail(err, FS_ERROR_FORMAT, "an empty input or empty weights, or too large ones");
    if (x->dim[1] != k->dim[0])
        return fs_fail(err, FS_ERROR_ARGUMENT, "input has %lld channels, weights want %lld",
                       (long long)x->dim[1], (long long)k->dim[0]);
    if (x->dim[1] % group != 0)
        return fs_fail(err, FS_ERROR_FORMAT, "%lld channels do not divide into %d groups",
                       (long long)x->dim[1], group);
    if (k->dim[1] > INT32_MAX / 4 / group || k->dim[1] * k->dim[2] > INT32_MAX / 4 / k->dim[3])
        return fs_fail(err, FS_ERROR_LIMIT, "the weights are too large");
    for (int i = 0; i < 2; i++)
        if (p->window.kernel[i] && p->window.kernel[i] != k->dim[2 + i])
            return fs_fail(err, FS_ERROR_FORMAT, "kernel_shape says %dx%d, the weights are %lldx%lld",
                           p->window.kernel[0], p->window.kernel[1], (long long)k->dim[2],
                           (long long)k->dim[3]);
    if (fs_op_has(s, 2) && (s->in[2].shape.rank != 1 || s->in[2].shape.dim[0] != k->dim[1] * group))
        return fs_fail(err, FS_ERROR_FORMAT,
                       "the bias does not have one number for each of the %lld output channels",
                       (long long)(k->dim[1] * group));
    return FS_OK;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    fs_status status;
    for (int i = 0; i < 3; i++)
        if ((i < 2 || fs_op_has(s, i)) && (status = fs_op_need_f32(s, i, err)) != FS_OK)
            return status;
    if ((status = fs_op_need_rank(s, 0, 4, 4, err)) != FS_OK ||
        (status = fs_op_need_rank(s, 1, 4, 4, err)) != FS_OK || (status = check_inputs(s, p, err)) != FS_OK)
        return status;
    const fs_shape *x = &s->in[0].shape, *k = &s->in[1].shape;
    fs_window window;
    fs_window_at at;
    int64_t out[2];
    char text[FS_SHAPE_TEXT];
    if (!resolve(p, x, k, &window, out))
        return fs_fail(
            err, FS_ERROR_UNSUPPORTED,
            "pads, output_padding or output_shape do not suit an input of %s: output_padding must be "
            "smaller than the stride",
            fs_shape_text(x, text));
    if ((status = fs_window_resolve(&window, NULL, out[0], out[1], &at, err)) != FS_OK)
        return status;
    if (at.out[0] != x->dim[2] || at.out[1] != x->dim[3])
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "an output of %lldx%lld does not lead back to %s",
                       (long long)out[0], (long long)out[1], fs_shape_text(x, text));
    fs_shape y = {4, {x->dim[0], k->dim[1] * p->window.group, out[0], out[1]}};
    return fs_op_output(s, 0, &y, FS_F32, err);
}

/* ---- the convolution with the roles changed ---- */

/* Its node, input (like Y), weights and output (like X). Lives on the stack of who calls. */
typedef struct mirror {
    fs_node node;
    fs_window window;
    fs_tensor in[2], out[1];
    bool present[2], want[2], accumulate[2];
    float *in_grad[2];
    const float *out_grad[1];
} mirror;

static void make_mirror(mirror *m, const fs_node *node, const fs_tensor *in, const fs_tensor *out) {
    int64_t size[2];
    *m = (mirror){.node = *node, .present = {true, true}};
    (void)resolve(node->params, &in[0].shape, &in[1].shape, &m->window, size); /* infer did the same */
    m->node.params = &m->window;
    m->in[0] = out[0];
    m->in[1] = in[1];
    m->out[0] = in[0];
}

static fs_op_run run_of(mirror *m, const fs_op_run *run) {
    fs_op_run r = *run;
    r.node = &m->node;
    r.in = m->in;
    r.out = m->out;
    r.present = m->present;
    r.n_in = 2;
    r.n_out = 1;
    r.in_grad = m->in_grad;
    r.out_grad = m->out_grad;
    r.accumulate = m->accumulate;
    r.want_grad = m->want;
    r.fuse_relu = false;
    return r;
}

typedef struct bias_job {
    float *y;
    const float *bias;
    int64_t channels, area;
} bias_job;

FS_SIMD
static void bias_planes(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const bias_job *j = context;
    for (int64_t plane = first; plane < last; plane++) {
        float *restrict y = j->y + plane * j->area;
        const float b = j->bias[plane % j->channels];
        for (int64_t i = 0; i < j->area; i++)
            y[i] += b;
    }
}

static void run_forward(const fs_op_run *run, const fs_kernel *conv) {
    mirror m;
    make_mirror(&m, run->node, run->in, run->out);
    m.want[0] = true;
    m.in_grad[0] = fs_f32(&run->out[0]);
    m.out_grad[0] = fs_f32(&run->in[0]);
    const fs_op_run r = run_of(&m, run);
    conv->backward(&r);
    if (run->n_in < 3 || !run->present[2])
        return;
    const fs_shape *y = &run->out[0].shape;
    bias_job j = {fs_f32(&run->out[0]), fs_f32(&run->in[2]), y->dim[1], y->dim[2] * y->dim[3]};
    fs_span_for(run->pool, y->dim[0] * y->dim[1], 1 + FS_SPAN_GRAIN / j.area, bias_planes, &j);
}

static void weight_gradient(const fs_op_run *run, const fs_kernel *conv) {
    mirror m;
    make_mirror(&m, run->node, run->in, run->out);
    m.want[1] = true;
    m.in[0].data = (void *)run->out_grad[0];
    m.in_grad[1] = run->in_grad[1];
    m.accumulate[1] = run->accumulate[1];
    m.out_grad[0] = fs_f32(&run->in[0]);
    const fs_op_run r = run_of(&m, run);
    conv->backward(&r);
}

/* The convolution writes its output, so the plan adds through a buffer of its own where it must be added. */
static void input_gradient(const fs_op_run *run, const fs_kernel *conv) {
    mirror m;
    make_mirror(&m, run->node, run->in, run->out);
    m.in[0].data = (void *)run->out_grad[0];
    m.out[0].data = run->in_grad[0];
    const fs_op_run r = run_of(&m, run);
    conv->forward(&r);
}

static void bias_gradient(const fs_op_run *run) {
    const fs_shape *y = &run->out[0].shape;
    const fs_conv_dims d = {.n = y->dim[0], .m = y->dim[1], .area = y->dim[2] * y->dim[3]};
    fs_conv_bias_backward(run, &d);
}

static void run_backward(const fs_op_run *run, const fs_kernel *conv) {
    if (fs_grad_nothing(run))
        return;
    if (run->in_grad[0])
        input_gradient(run, conv);
    if (run->in_grad[1])
        weight_gradient(run, conv);
    bias_gradient(run);
}

/* ---- kernels ---- */

static fs_op_setup setup_of(mirror *m, const fs_op_setup *setup) {
    make_mirror(m, setup->node, setup->in, setup->out);
    m->want[0] = true;
    m->want[1] = setup->want_grad[1];
    fs_op_setup s = *setup;
    s.node = &m->node;
    s.in = m->in;
    s.out = m->out;
    s.present = m->present;
    s.n_in = 2;
    s.want_grad = m->want;
    s.fuse_relu = false;
    return s;
}

static fs_status prepare_with(fs_op_setup *setup, const fs_kernel *conv, fs_error *err) {
    mirror m;
    fs_op_setup s = setup_of(&m, setup);
    fs_status status = conv->prepare(&s, err);
    if (status != FS_OK)
        return status;
    setup->workspace_bytes = s.workspace_bytes;
    fs_conv_keep(setup);
    return FS_OK;
}

static bool suits_gemm(const fs_op_setup *setup) {
    mirror m;
    const fs_op_setup s = setup_of(&m, setup);
    return fs_conv_gemm_kernel.suits(&s);
}

#define KERNEL(NAME, SUITS)                                                                                  \
    static fs_status NAME##_prepare(fs_op_setup *setup, fs_error *err) {                                     \
        return prepare_with(setup, &fs_conv_##NAME##_kernel, err);                                           \
    }                                                                                                        \
    static void NAME##_forward(const fs_op_run *run) {                                                       \
        run_forward(run, &fs_conv_##NAME##_kernel);                                                          \
    }                                                                                                        \
    static void NAME##_backward(const fs_op_run *run) {                                                      \
        run_backward(run, &fs_conv_##NAME##_kernel);                                                         \
    }                                                                                                        \
    static const fs_kernel NAME##_kernel = {                                                                 \
        .name = #NAME,                                                                                       \
        .suits = SUITS,                                                                                      \
        .prepare = NAME##_prepare,                                                                           \
        .forward = NAME##_forward,                                                                           \
        .backward = NAME##_backward,                                                                         \
    };

KERNEL(gemm, suits_gemm)
KERNEL(reference, NULL)
static const fs_kernel *const kernels[] = {&gemm_kernel, &reference_kernel, NULL};

const fs_operator fs_op_conv_transpose = {
    .type = "ConvTranspose",
    .min_inputs = 2,
    .max_inputs = 3,
    .parse = parse,
    .infer = infer,
    .limits = "two spatial dimensions only; `output_padding` below the stride",
    .kernels = kernels,
    .item_by_item = true,
};
