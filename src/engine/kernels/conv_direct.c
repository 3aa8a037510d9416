#include "engine/kernels/conv_direct.h"

#include "base/alloc.h"
#include "engine/kernels/wgrad_wino.h"
#include "engine/kernels/wino.h"
#include "engine/ops/common.h"
#include "engine/ops/conv.h"

/* One direction of the convolution. */
typedef struct pass {
    fs_flat flat;
    fs_wino wino;
    bool winograd; /* which of the two is used */
} pass;

/* What pack() leaves for the runs. */
typedef struct packed {
    pass forward, gradient; /* gradient only where the plan wants it */
    /* only where weights are trained */
    fs_wgrad weights;
    fs_wgrad_wino weights_wino;
    enum { BY_MATRICES, DIRECTLY, BY_TILES } weights_by;
} packed;

static size_t lines(size_t bytes) {
    return (bytes + FS_ALIGNMENT - 1) / FS_ALIGNMENT * FS_ALIGNMENT;
}

static void choose_method(pass *p, int images, fs_isa isa, bool direct_sums) {
    p->winograd = !direct_sums && fs_wino_create(&p->wino, &p->flat, images, isa) &&
                  fs_wino_cost(&p->wino) < fs_wino_direct_cost(&p->flat, images);
}

/* Geometry from shapes and the node's window. False where this kernel cannot do it. */
static bool describe(const fs_node *node, const fs_tensor *in, bool gradient, bool direct_sums, fs_isa isa,
                     packed *p) {
    const int64_t *x = in[0].shape.dim, *w = in[1].shape.dim;
    if (w[0] > INT32_MAX / 64 || w[1] > INT32_MAX / 64 || x[0] * x[2] * (w[0] + w[1]) > INT32_MAX ||
        w[2] * w[3] * w[1] > INT32_MAX / 64 || w[2] * w[3] * w[0] > INT32_MAX / 64)
        return false;
    int kernel[2] = {(int)w[2], (int)w[3]};
    fs_window_at at;
    if (fs_window_resolve(node->params, kernel, x[2], x[3], &at, NULL) != FS_OK ||
        !fs_flat_forward(&p->forward.flat, isa, &at, (int)w[1], (int)w[0]))
        return false;
    choose_method(&p->forward, (int)x[0], isa, direct_sums);
    if (!gradient)
        return true;
    if (!fs_flat_gradient(&p->gradient.flat, isa, &at, (int)w[0], (int)w[1]))
        return false;
    choose_method(&p->gradient, (int)x[0], isa, direct_sums);
    if (!p->forward.winograd && !p->gradient.winograd)
        (void)fs_flat_share(&p->gradient.flat, &p->forward.flat);
    return true;
}

/* The gradient of the weights, where they are trained. */
static void describe_weights(const fs_node *node, const fs_tensor *in, int threads, fs_isa isa, packed *p) {
    const int64_t *x = in[0].shape.dim, *w = in[1].shape.dim;
    const int kernel[2] = {(int)w[2], (int)w[3]}, images = (int)x[0], c = (int)w[1], m = (int)w[0];
    fs_window_at at;
    p->weights_by = BY_MATRICES;
    if (x[0] > INT32_MAX || fs_window_resolve(node->params, kernel, x[2], x[3], &at, NULL) != FS_OK)
        return;
    if (fs_wgrad_wino_create(&p->weights_wino, isa, &at, images, c, m, threads) &&
        fs_wgrad_wino_pays(&p->weights_wino))
        p->weights_by = BY_TILES;
    else if (fs_wgrad_create(&p->weights, isa, &at, images, c, m, threads))
        p->weights_by = DIRECTLY;
}

static bool is_constant(const fs_op_setup *setup, int input) {
    return setup->in[input].data != NULL && setup->in[input].dtype == FS_F32;
}

static bool suits(const fs_op_setup *setup) {
    const fs_window *window = setup->node->params;
    bool bias = setup->n_in > 2 && setup->present[2];
    if (window->group != 1 || !is_constant(setup, 1) || (bias && !is_constant(setup, 2)))
        return false;
    /* compared with others, sums of trained weights are split as a product of matrices splits them */
    if (setup->direct_sums && (setup->want_grad[1] || (bias && setup->want_grad[2])))
        return false;
    if (setup->in[0].shape.rank != 4 || setup->in[1].shape.rank != 4 ||
        fs_tensor_count(&setup->out[0]) <= 0 || fs_tensor_count(&setup->in[0]) <= 0)
        return false;
    for (int isa = 0; isa < FS_ISA_COUNT; isa++) {
        packed p;
        if (fs_micro_set_for((fs_isa)isa) &&
            !describe(setup->node, setup->in, setup->want_grad[0], setup->direct_sums, (fs_isa)isa, &p))
            return false;
    }
    return true;
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static size_t pass_bytes(const pass *p) {
    return p->winograd ? fs_wino_packed_bytes(&p->wino) : fs_flat_packed_bytes(&p->flat);
}

static size_t pass_workspace(const pass *p, int threads) {
    return p->winograd ? fs_wino_workspace(&p->wino, threads) : (size_t)threads * fs_flat_scratch(&p->flat);
}

/* Sizes are the largest over the instruction sets, so that the choice is pack()'s alone. */
static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    size_t floats = 0, bytes = 0, matrices = 0;
    for (int isa = 0; isa < FS_ISA_COUNT; isa++) {
        packed p;
        if (fs_micro_set_for((fs_isa)isa) == NULL)
            continue;
        if (!describe(setup->node, setup->in, setup->want_grad[0], setup->direct_sums, (fs_isa)isa, &p))
            return fs_fail(err, FS_ERROR_LIMIT, "the convolution is too large");
        size_t sum = pass_bytes(&p.forward);
        setup->keeps =
            setup->want_grad[0] && p.gradient.flat.axis[0].sets * p.gradient.flat.axis[1].sets == 1;
        floats = larger(floats, pass_workspace(&p.forward, setup->threads));
        if (setup->want_grad[0]) {
            sum += pass_bytes(&p.gradient);
            floats = larger(floats, pass_workspace(&p.gradient, setup->threads));
        }
        bytes = larger(bytes, sum);
        if (!setup->want_grad[1])
            continue;
        describe_weights(setup->node, setup->in, setup->threads, (fs_isa)isa, &p);
        if (p.weights_by == BY_TILES)
            floats = larger(floats, fs_wgrad_wino_workspace(&p.weights_wino));
        else if (p.weights_by == DIRECTLY)
            floats = larger(floats, fs_wgrad_workspace(&p.weights));
        else
            matrices = fs_conv_gemm_weight_workspace(setup);
    }
    fs_conv_keep(setup);
    setup->workspace_bytes = larger(floats * sizeof(float), matrices);
    setup->packed_bytes = lines(sizeof(packed)) + bytes;
    return FS_OK;
}

static void pack_pass(pass *p, const fs_op_run *run, const float *weights, const float *bias, void *memory) {
    int images = (int)run->in[0].shape.dim[0], threads = fs_pool_threads(run->pool);
    if (p->winograd) {
        fs_wino_pack(&p->wino, weights, bias, memory);
        fs_wino_choose_split(&p->wino, threads);
    } else {
        fs_flat_pack(&p->flat, weights, bias, memory);
        fs_flat_choose_split(&p->flat, images, threads);
    }
}

static void pack(const fs_op_run *run) {
    packed *p = run->packed;
    char *memory = (char *)run->packed + lines(sizeof *p);
    bool gradient = run->want_grad[0];
    *p = (packed){0};
    /* prepare has seen the same shapes succeed */
    if (!describe(run->node, run->in, gradient, run->direct_sums, fs_cpu_isa(), p))
        return;
    const float *weights = fs_f32(&run->in[1]);
    pack_pass(&p->forward, run, weights, run->n_in > 2 && run->present[2] ? fs_f32(&run->in[2]) : NULL,
              memory);
    weights = p->gradient.flat.shared ? p->forward.flat.taps[0].weights : weights;
    if (gradient)
        pack_pass(&p->gradient, run, weights, NULL, memory + pass_bytes(&p->forward));
    if (run->want_grad[1])
        describe_weights(run->node, run->in, fs_pool_threads(run->pool), fs_cpu_isa(), p);
}

static void execute(const pass *p, const fs_flat_run *run) {
    if (p->winograd)
        fs_wino_execute(&p->wino, run);
    else
        fs_flat_execute(&p->flat, run);
}

static void forward(const fs_op_run *run) {
    const packed *p = run->packed;
    execute(&p->forward, &(fs_flat_run){.source = fs_f32(&run->in[0]),
                                        .target = fs_f32(&run->out[0]),
                                        .target_stride = run->out_stride,
                                        .images = (int)run->in[0].shape.dim[0],
                                        .relu = run->fuse_relu,
                                        .workspace = run->workspace,
                                        .pool = run->pool});
}

static void input_backward(const fs_op_run *run) {
    const packed *p = run->packed;
    execute(&p->gradient, &(fs_flat_run){.source = run->out_grad[0],
                                         .source_stride = run->out_stride,
                                         .target = run->in_grad[0],
                                         .images = (int)run->in[0].shape.dim[0],
                                         .accumulate = run->accumulate[0],
                                         .keep = run->in_keep,
                                         .workspace = run->workspace,
                                         .pool = run->pool});
}

static void weight_backward(const fs_op_run *run) {
    const packed *p = run->packed;
    const bool bias = run->n_in > 2 && run->in_grad[2];
    const fs_wgrad_run own = {.x = fs_f32(&run->in[0]),
                              .out_grad = run->out_grad[0],
                              .out_stride = run->out_stride,
                              .weight_grad = run->in_grad[1],
                              .bias_grad = bias ? run->in_grad[2] : NULL,
                              .accumulate = run->accumulate[1],
                              .accumulate_bias = bias && run->accumulate[2],
                              .workspace = run->workspace,
                              .pool = run->pool};
    if (p->weights_by == BY_TILES)
        fs_wgrad_wino_execute(&p->weights_wino, &own);
    else
        fs_wgrad_execute(&p->weights, &own);
}

static void backward(const fs_op_run *run) {
    if (fs_grad_nothing(run))
        return;
    const packed *p = run->packed;
    const fs_conv_dims d = fs_conv_dims_of(run->node, run->in);
    if (run->in_grad[0])
        input_backward(run);
    if (run->in_grad[1] && p->weights_by != BY_MATRICES) {
        weight_backward(run);
        return; /* with the bias */
    }
    if (run->in_grad[1])
        fs_conv_gemm_weight_backward(run, &d);
    fs_conv_bias_backward(run, &d);
}

const fs_kernel fs_conv_direct_kernel = {
    .name = "direct",
    .fuses_relu = true,
    .strides_out = true,
    .accumulates = true,
    .suits = suits,
    .prepare = prepare,
    .pack = pack,
    .forward = forward,
    .backward = backward,
};
