#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/plan_internal.h"

enum { NORM_SCALE = 1, NORM_SHIFT, NORM_MEAN, NORM_VARIANCE };

/* users[v]: a step that reads value v (the only one where values[v].users is 1), or -1. */
static int *index_users(fs_plan *plan) {
    int *user = fs_plan_array(plan, plan->max_values, sizeof *user);
    if (!user)
        return NULL;
    for (int v = 0; v < plan->max_values; v++)
        user[v] = -1;
    for (int s = 0; s < plan->n_steps; s++)
        for (int i = 0; i < plan->steps[s].n_in; i++)
            if (plan->steps[s].present[i])
                user[plan->steps[s].in[i]] = s;
    return user;
}

/* The step that alone reads the first output of `step`, if nobody else looks at it; NULL otherwise. */
static plan_step *sole_user(fs_plan *plan, const plan_step *step, const int *user, const char *type) {
    const plan_value *value = &plan->values[step->out[0]];
    if (step->n_out != 1 || value->users != 1 || value->requested)
        return NULL;
    plan_step *next = &plan->steps[user[step->out[0]]];
    return strcmp(next->node->op->type, type) == 0 && next->in[0] == step->out[0] ? next : NULL;
}

static bool is_fixed(const fs_plan *plan, const plan_step *step, int input) {
    if (input >= step->n_in || !step->present[input])
        return false;
    const plan_value *value = &plan->values[step->in[input]];
    return value->constant && !value->trainable && value->tensor.dtype == FS_F32;
}

static bool can_fold(const fs_plan *plan, const plan_step *conv, const plan_step *norm) {
    if (!is_fixed(plan, conv, 1) || (conv->n_in > 2 && conv->present[2] && !is_fixed(plan, conv, 2)))
        return false;
    int64_t channels = plan->values[conv->in[1]].tensor.shape.dim[0];
    for (int i = NORM_SCALE; i <= NORM_VARIANCE; i++)
        if (!is_fixed(plan, norm, i) || fs_tensor_count(&plan->values[norm->in[i]].tensor) != channels)
            return false;
    return true;
}

/* W' = W * scale / sqrt(variance + epsilon),  b' = (b - mean) * scale / sqrt(variance + epsilon) + shift */
static void fold_weights(fs_plan *plan, const plan_step *conv) {
    const plan_value *values = plan->values;
    const fs_tensor *plain = &values[conv->plain_weight].tensor;
    const float *bias = conv->plain_bias == FS_NO_VALUE ? NULL : fs_f32(&values[conv->plain_bias].tensor);
    const float *p[5] = {0};
    for (int i = NORM_SCALE; i <= NORM_VARIANCE; i++)
        p[i] = fs_f32(&values[values[conv->norm->inputs[i]].alias].tensor);
    float epsilon = fs_node_float(conv->norm, "epsilon", 1e-5f);
    float *weight = fs_f32(&values[conv->in[1]].tensor), *shifted = fs_f32(&values[conv->in[2]].tensor);
    int64_t channels = plain->shape.dim[0], per_channel = fs_shape_span(&plain->shape, 1, plain->shape.rank);
    for (int64_t c = 0; c < channels; c++) {
        float gain = p[NORM_SCALE][c] / sqrtf(p[NORM_VARIANCE][c] + epsilon);
        shifted[c] = ((bias ? bias[c] : 0) - p[NORM_MEAN][c]) * gain + p[NORM_SHIFT][c];
        for (int64_t k = 0; k < per_channel; k++)
            weight[c * per_channel + k] = fs_f32(plain)[c * per_channel + k] * gain;
    }
}

static int add_constant(fs_plan *plan, fs_shape shape) {
    void *data = fs_alloc_array((size_t)fs_shape_count(&shape), sizeof(float));
    if (!data)
        return FS_NO_VALUE;
    int v = plan->n_values++;
    plan->values[v] = (plan_value){.tensor = {.shape = shape, .dtype = FS_F32, .data = data},
                                   .known = true,
                                   .constant = true,
                                   .owned = true,
                                   .alias = v};
    return v;
}

static fs_status merge_norm(fs_plan *plan, plan_step *conv, plan_step *norm, fs_error *err) {
    fs_shape shape = plan->values[conv->in[1]].tensor.shape;
    int weight = add_constant(plan, shape);
    int bias = add_constant(plan, (fs_shape){.rank = 1, .dim = {shape.dim[0]}});
    if (weight == FS_NO_VALUE || bias == FS_NO_VALUE)
        return fs_fail_memory(err, conv->node->name);
    conv->norm = norm->node;
    conv->plain_weight = conv->in[1];
    conv->plain_bias = conv->n_in > 2 && conv->present[2] ? conv->in[2] : FS_NO_VALUE;
    conv->in[1] = weight;
    conv->in[2] = bias;
    conv->present[2] = true;
    conv->n_in = 3;
    conv->out[0] = norm->out[0];
    norm->dead = true;
    fold_weights(plan, conv);
    return FS_OK;
}

fs_status fs_plan_fuse(fs_plan *plan, fs_error *err) {
    int *user = index_users(plan);
    if (!user)
        return fs_fail_memory(err, "a plan");
    for (int s = 0; s < plan->n_steps; s++) {
        plan_step *conv = &plan->steps[s];
        if (conv->dead || strcmp(conv->node->op->type, "Conv") != 0)
            continue;
        plan_step *norm = sole_user(plan, conv, user, "BatchNormalization");
        if (!norm || !can_fold(plan, conv, norm))
            continue;
        fs_status status = merge_norm(plan, conv, norm, err);
        if (status != FS_OK)
            return status;
    }
    fs_plan_mark_live(plan);
    return FS_OK;
}

void fs_plan_refold(fs_plan *plan) {
    for (int s = 0; s < plan->n_steps; s++)
        if (plan->steps[s].norm)
            fold_weights(plan, &plan->steps[s]);
}

static void fill_setup(const fs_plan *plan, plan_step *step) {
    for (int i = 0; i < step->n_in; i++)
        if (step->present[i])
            step->in_tensor[i] = plan->values[step->in[i]].tensor;
    for (int o = 0; o < step->n_out; o++)
        if (step->out[o] != FS_NO_VALUE)
            step->out_tensor[o] = plan->values[step->out[o]].tensor;
    step->setup = (fs_op_setup){.node = step->node,
                                .in = step->in_tensor,
                                .out = step->out_tensor,
                                .present = step->present,
                                .n_in = step->n_in,
                                .n_out = step->n_out,
                                .want_grad = step->want_grad,
                                .direct_sums = plan->direct_sums,
                                .threads = fs_pool_threads(plan->pool)};
}

static const fs_kernel *choose(const fs_plan *plan, const plan_step *step) {
    const fs_kernel *const *kernels = step->node->op->kernels;
    for (; kernels[1]; kernels++)
        if (plan->kernels == FS_KERNELS_FAST && (!(*kernels)->suits || (*kernels)->suits(&step->setup)))
            break;
    return *kernels;
}

/* Multiplications and additions of a convolution or a product, from the shape of its second input. */
static double flops_of(const plan_step *step) {
    const char *type = step->node->op->type;
    if (step->n_in < 2 || !step->present[1])
        return 0;
    const fs_shape *weight = &step->in_tensor[1].shape;
    double outputs = (double)fs_tensor_count(&step->out_tensor[0]);
    if (strcmp(type, "Conv") == 0)
        return 2 * outputs * (double)fs_shape_span(weight, 1, weight->rank);
    if (strcmp(type, "ConvTranspose") == 0)
        return 2 * (double)fs_tensor_count(&step->in_tensor[0]) *
               (double)fs_shape_span(weight, 1, weight->rank);
    const fs_shape *a = &step->in_tensor[0].shape;
    if (strcmp(type, "MatMul") == 0 && a->rank)
        return 2 * outputs * (double)a->dim[a->rank - 1];
    if (strcmp(type, "Gemm") == 0 && a->rank == 2)
        return 2 * outputs * (double)(fs_node_int(step->node, "transA", 0) ? a->dim[0] : a->dim[1]);
    return 0;
}

static void count_flops(plan_step *step) {
    step->forward_flops = flops_of(step);
    for (int i = 0; i < 2 && i < step->n_in; i++)
        if (step->want_grad[i])
            step->backward_flops += step->forward_flops;
}

fs_status fs_plan_choose_kernels(fs_plan *plan, fs_error *err) {
    int *user = index_users(plan);
    if (!user)
        return fs_fail_memory(err, "a plan");
    for (int s = 0; s < plan->n_steps; s++) {
        plan_step *step = &plan->steps[s];
        if (step->dead)
            continue;
        fill_setup(plan, step);
        step->kernel = choose(plan, step);
        if (step->any_grad && !step->kernel->backward)
            return fs_fail(err, FS_ERROR_UNSUPPORTED, "node '%s': %s has no gradient", step->node->name,
                           step->node->op->type);
        plan_step *relu = plan->kernels == FS_KERNELS_FAST && step->kernel->fuses_relu
                              ? sole_user(plan, step, user, "Relu")
                              : NULL;
        if (relu) {
            step->setup.fuse_relu = true;
            step->out[0] = relu->out[0];
            relu->dead = true;
        }
        if (step->kernel->prepare) {
            fs_status status = step->kernel->prepare(&step->setup, err);
            if (status != FS_OK)
                return fs_error_prefix(err, status, "node '%s'", step->node->name);
        }
        count_flops(step);
    }
    fs_plan_mark_live(plan);
    return FS_OK;
}
