#include "engine/plan.h"

#include <string.h>

#include "base/alloc.h"
#include "engine/ops/sgemm.h"
#include "engine/plan_internal.h"

fs_plan_request fs_plan_request_default(const fs_graph *graph, fs_shape input) {
    return (fs_plan_request){.graph = graph, .start = graph->input, .input = input};
}

void *fs_plan_array(fs_plan *plan, int count, size_t size) {
    return fs_arena_alloc(plan->arena, (size_t)count + 1, size);
}

static fs_status check_request(const fs_plan_request *request, fs_error *err) {
    const fs_shape *in = &request->input;
    char text[FS_SHAPE_TEXT];
    const bool image = request->start == request->graph->input;
    if (!image && (in->rank < 1 || fs_shape_count(in) <= 0))
        return fs_fail(err, FS_ERROR_ARGUMENT, "nothing can start with a shape of %s",
                       fs_shape_text(in, text));
    if (image && (in->rank != 4 || fs_shape_count(in) <= 0))
        return fs_fail(err, FS_ERROR_ARGUMENT, "an input of shape %s is not a batch of images",
                       fs_shape_text(in, text));
    int64_t declared = request->graph->input_shape.rank == 4 ? request->graph->input_shape.dim[1] : -1;
    if (image && declared > 0 && in->dim[1] != declared)
        return fs_fail(err, FS_ERROR_ARGUMENT, "the network takes %lld input channels, not %lld",
                       (long long)declared, (long long)in->dim[1]);
    if (request->n_outputs < 1)
        return fs_fail(err, FS_ERROR_ARGUMENT, "a plan needs at least one output");
    return FS_OK;
}

/* An empty plan: values with nothing known, outputs and weights as asked for. */
static fs_status begin(fs_plan **out, const fs_plan_request *request, fs_error *err) {
    fs_plan *plan = fs_calloc(1, sizeof *plan);
    if (!plan)
        return fs_fail_memory(err, "a plan");
    const fs_graph *graph = request->graph;
    plan->graph = graph;
    plan->pool = request->pool;
    plan->kernels = request->kernels;
    plan->direct_sums = request->direct_sums;
    plan->start = request->start;
    plan->input_shape = request->input;
    plan->groups = 1;
    plan->input_gradient = request->input_gradient;
    plan->n_values = graph->n_values;
    plan->max_values = graph->n_values + 2 * graph->n_nodes;
    plan->n_outputs = request->n_outputs;
    plan->n_weights = request->n_weights;
    plan->arena = fs_arena_create();
    if (plan->arena) {
        plan->values = fs_plan_array(plan, plan->max_values, sizeof *plan->values);
        plan->outputs = fs_plan_array(plan, plan->n_outputs, sizeof *plan->outputs);
        plan->seeds = fs_plan_array(plan, plan->n_outputs, sizeof *plan->seeds);
        plan->weights = fs_plan_array(plan, plan->n_weights, sizeof *plan->weights);
        plan->weight_grads = fs_plan_array(plan, plan->n_weights, sizeof *plan->weight_grads);
    }
    if (!plan->arena || !plan->values || !plan->outputs || !plan->seeds || !plan->weights ||
        !plan->weight_grads) {
        fs_plan_destroy(plan);
        return fs_fail_memory(err, "a plan");
    }
    for (int o = 0; o < plan->n_outputs; o++)
        plan->outputs[o] = request->outputs[o];
    for (int w = 0; w < plan->n_weights; w++) {
        plan->weights[w] = request->weights[w];
        plan->values[plan->weights[w]].trainable = true;
    }
    *out = plan;
    return FS_OK;
}

/* Outputs as the values that hold their data. */
static fs_status settle_outputs(fs_plan *plan, fs_error *err) {
    for (int o = 0; o < plan->n_outputs; o++) {
        const char *name = plan->graph->values[plan->outputs[o]].name;
        int v = plan->values[plan->outputs[o]].alias;
        if (plan->values[v].constant || v == plan->start || plan->values[v].tensor.dtype != FS_F32)
            return fs_fail(err, FS_ERROR_ARGUMENT, "'%s' does not depend on the image", name);
        plan->outputs[o] = v;
        plan->values[v].requested = true;
    }
    return FS_OK;
}

static void pack(const plan_step *step) {
    if (step->kernel->pack && step->setup.packed_bytes)
        step->kernel->pack(&step->forward);
}

static void pack_all(fs_plan *plan) {
    for (int s = 0; s < plan->n_steps; s++)
        pack(&plan->steps[s]);
}

static fs_status make_times(fs_plan *plan, fs_error *err) {
    plan->info.steps = plan->n_steps;
    plan->info.groups = plan->groups;
    plan->times = fs_plan_array(plan, plan->n_steps, sizeof *plan->times);
    if (!plan->times)
        return fs_fail_memory(err, "a plan");
    for (int s = 0; s < plan->n_steps; s++) {
        const plan_step *step = &plan->steps[s];
        plan->times[s] = (fs_plan_step_time){.node = step->node->name,
                                             .op = step->node->op->type,
                                             .kernel = step->kernel->name,
                                             .forward_flops = step->forward_flops * plan->groups,
                                             .backward_flops = step->backward_flops * plan->groups};
        plan->info.forward_flops += plan->times[s].forward_flops;
        plan->info.backward_flops += plan->times[s].backward_flops;
    }
    return FS_OK;
}

/* The steps that the outputs need. */
static fs_status make_steps(fs_plan **out, const fs_plan_request *request, fs_error *err) {
    fs_plan *plan = NULL;
    fs_status status = begin(&plan, request, err);
    if (status != FS_OK)
        return status;
    if ((status = fs_plan_resolve(plan, false, err)) != FS_OK ||
        (status = settle_outputs(plan, err)) != FS_OK) {
        fs_plan_destroy(plan);
        return status;
    }
    fs_plan_mark_live(plan);
    *out = plan;
    return FS_OK;
}

/* The same for a group of the images, where that is better. A network may be unable to take fewer: then it
 * takes all. */
static void make_groups(fs_plan **plan, const fs_plan_request *request) {
    const int images = (int)request->input.dim[0], size = fs_plan_group_size(*plan, request->group_size);
    fs_plan_request part = *request;
    fs_plan *group = NULL;
    part.input.dim[0] = size;
    if (size == images || make_steps(&group, &part, NULL) != FS_OK)
        return;
    if ((*plan)->n_steps != group->n_steps) {
        fs_plan_destroy(group);
        return;
    }
    fs_plan_destroy(*plan);
    group->groups = images / size;
    *plan = group;
}

fs_status fs_plan_create(fs_plan **out, const fs_plan_request *request, fs_error *err) {
    fs_plan *plan = NULL;
    fs_sgemm_use_own_threads();
    fs_status status = check_request(request, err);
    if (status == FS_OK)
        status = make_steps(&plan, request, err);
    if (status != FS_OK)
        return status;
    make_groups(&plan, request);
    if (plan->kernels == FS_KERNELS_FAST && (status = fs_plan_fuse(plan, err)) != FS_OK)
        goto fail;
    if ((status = fs_plan_choose_kernels(plan, err)) != FS_OK ||
        (status = fs_plan_layout(plan, err)) != FS_OK || (status = make_times(plan, err)) != FS_OK)
        goto fail;
    pack_all(plan);
    *out = plan;
    return FS_OK;
fail:
    fs_plan_destroy(plan);
    return status;
}

void fs_plan_destroy(fs_plan *plan) {
    if (!plan)
        return;
    for (int v = 0; plan->values && v < plan->n_values; v++)
        if (plan->values[v].owned)
            fs_free(plan->values[v].tensor.data);
    fs_free(plan->buffers);
    fs_free(plan->packed);
    fs_arena_destroy(plan->arena);
    fs_free(plan);
}

float *fs_plan_input(fs_plan *plan) {
    return fs_f32(&plan->values[plan->start].tensor);
}

const float *fs_plan_output(const fs_plan *plan, int index) {
    return fs_f32(&plan->values[plan->outputs[index]].tensor);
}

fs_shape fs_plan_output_shape(const fs_plan *plan, int index) {
    fs_shape shape = plan->values[plan->outputs[index]].tensor.shape;
    if (plan->groups > 1)
        shape.dim[0] *= plan->groups;
    return shape;
}

float *fs_plan_output_gradient(fs_plan *plan, int index) {
    return plan->seeds[index];
}

float *fs_plan_clear_output_gradient(fs_plan *plan, int index) {
    const fs_shape shape = fs_plan_output_shape(plan, index);
    return memset(plan->seeds[index], 0, (size_t)fs_shape_count(&shape) * sizeof(float));
}

const float *fs_plan_input_gradient(const fs_plan *plan) {
    return plan->values[plan->start].grad;
}

const float *fs_plan_weight_gradient(const fs_plan *plan, int index) {
    return plan->weight_grads[index];
}

static bool is_cancelled(const atomic_bool *cancel) {
    return cancel && atomic_load_explicit(cancel, memory_order_relaxed);
}

/* A merged ReLU: which units are on is kept after forward, and what arrives at the others is dropped before
 * backward. */
static void keep_relu(const fs_plan *plan, const plan_step *step) {
    size_t offset;
    const fs_relu_items items = fs_plan_relu_items(plan, step, &offset);
    fs_relu_keep(step->relu_mask, fs_f32(&step->out_tensor[0]), items, plan->pool);
}

static fs_status run_forward(fs_plan *plan, const atomic_bool *cancel, fs_error *err) {
    for (int s = 0; s < plan->n_steps; s++) {
        if (is_cancelled(cancel))
            return fs_fail(err, FS_ERROR_CANCELLED, "cancelled");
        double start = plan->profiling ? fs_seconds() : 0;
        if (!plan->steps[s].in_place)
            plan->steps[s].kernel->forward(&plan->steps[s].forward);
        if (plan->steps[s].relu_mask)
            keep_relu(plan, &plan->steps[s]);
        if (plan->profiling)
            plan->times[s].forward_seconds += fs_seconds() - start;
    }
    return FS_OK;
}

/* One group after the other. */
fs_status fs_plan_forward(fs_plan *plan, const atomic_bool *cancel, fs_error *err) {
    fs_status status = FS_OK;
    for (int group = 0; group < plan->groups && status == FS_OK; group++) {
        if (plan->groups > 1)
            fs_plan_bind(plan, group);
        status = run_forward(plan, cancel, err);
    }
    if (plan->groups > 1)
        fs_plan_bind(plan, 0);
    return status;
}

static void add_into(float *restrict to, const float *restrict from, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        to[i] += from[i];
}

/* The gradient given by the caller joins what arrived from the nodes above, if there are any. */
static void seed_outputs(fs_plan *plan, const plan_step *step) {
    for (int o = 0; o < plan->n_outputs; o++) {
        bool first = true; /* the same value may be requested twice */
        for (int p = 0; p < o; p++)
            first = first && plan->outputs[p] != plan->outputs[o];
        for (int k = 0; k < step->n_out; k++) {
            plan_value *value = &plan->values[plan->outputs[o]];
            if (step->out[k] != plan->outputs[o] || !value->grad || value->grad == plan->seeds[o])
                continue;
            int64_t count = fs_tensor_count(&value->tensor);
            if (value->users || !first)
                add_into(value->grad, plan->seeds[o], count);
            else
                memcpy(value->grad, plan->seeds[o], (size_t)count * sizeof(float));
        }
    }
}

static void mask_relu(const fs_plan *plan, const plan_step *step, fs_relu_rule rule) {
    float *grad = (float *)step->out_grad[0];
    size_t offset;
    if (step->relu_by_reader && rule == FS_RELU_PLAIN)
        return;
    const fs_relu_items items = fs_plan_relu_items(plan, step, &offset);
    fs_relu_backward(grad, grad, step->relu_mask, items, false, rule, plan->pool);
}

/* What the step drops from the gradient it writes, for the nodes that made its input. */
static fs_keep dropped_by(const fs_plan *plan, const plan_step *step, fs_relu_rule rule) {
    if (!step->drops || rule != FS_RELU_PLAIN)
        return (fs_keep){0};
    const plan_value *value = &plan->values[step->in[0]];
    return (fs_keep){value->mask, fs_relu_items_of(&value->tensor).words};
}

static void add_scratch(fs_plan *plan, const plan_step *step) {
    for (int i = 0; i < step->n_in; i++)
        if (step->scratch[i]) {
            plan_value *value = &plan->values[step->in[i]];
            add_into(value->grad, step->scratch[i], fs_tensor_count(&value->tensor));
        }
}

static fs_status run_backward(fs_plan *plan, fs_relu_rule rule, const atomic_bool *cancel, fs_error *err) {
    for (int s = plan->n_steps - 1; s >= 0; s--) {
        plan_step *step = &plan->steps[s];
        if (!step->any_grad)
            continue;
        if (is_cancelled(cancel))
            return fs_fail(err, FS_ERROR_CANCELLED, "cancelled");
        double start = plan->profiling ? fs_seconds() : 0;
        step->backward.relu_rule = rule;
        seed_outputs(plan, step);
        step->backward.in_keep = dropped_by(plan, step, rule);
        if (step->relu_mask)
            mask_relu(plan, step, rule);
        if (!step->in_place)
            step->kernel->backward(&step->backward);
        add_scratch(plan, step);
        if (plan->profiling)
            plan->times[s].backward_seconds += fs_seconds() - start;
    }
    return FS_OK;
}

fs_status fs_plan_backward(fs_plan *plan, fs_relu_rule rule, const atomic_bool *cancel, fs_error *err) {
    fs_status status = FS_OK;
    for (int group = 0; group < plan->groups && status == FS_OK; group++) {
        if (plan->groups > 1)
            fs_plan_bind(plan, group);
        status = run_backward(plan, rule, cancel, err);
    }
    if (plan->groups > 1)
        fs_plan_bind(plan, 0);
    return status;
}

void fs_plan_weights_changed(fs_plan *plan) {
    fs_plan_refold(plan);
    pack_all(plan);
}

static void pack_trained(void *context, int first, int last, int thread) {
    (void)thread;
    const fs_plan *plan = context;
    for (int s = first; s < last; s++) {
        const plan_step *step = &plan->steps[s];
        bool trained = false;
        for (int i = 0; i < step->n_in; i++)
            trained = trained || (step->present[i] && plan->values[step->in[i]].trainable);
        if (trained)
            pack(step);
    }
}

/* Weights whose gradient is wanted are never folded into others, so packed copies are all that depends on
 * them. */
void fs_plan_trained(fs_plan *plan) {
    fs_pool_for(plan->pool, plan->n_steps, 1, pack_trained, plan);
}

fs_plan_info fs_plan_get_info(const fs_plan *plan) {
    return plan->info;
}

void fs_plan_set_profiling(fs_plan *plan, bool on) {
    plan->profiling = on;
    for (int s = 0; s < plan->n_steps && on; s++)
        plan->times[s].forward_seconds = plan->times[s].backward_seconds = 0;
}

int fs_plan_step_times(const fs_plan *plan, const fs_plan_step_time **out) {
    *out = plan->times;
    return plan->n_steps;
}

fs_status fs_plan_infer_shapes(const fs_graph *graph, fs_shape input, fs_tensor *out, fs_error *err) {
    fs_plan_request request = fs_plan_request_default(graph, input);
    request.outputs = graph->outputs;
    request.n_outputs = graph->n_outputs;
    fs_plan *plan = NULL;
    fs_status status = check_request(&request, err);
    if (status == FS_OK)
        status = begin(&plan, &request, err);
    if (status == FS_OK)
        status = fs_plan_resolve(plan, true, err);
    for (int v = 0; v < graph->n_values && status == FS_OK; v++) {
        const plan_value *value = &plan->values[plan->values[v].alias];
        out[v] = (fs_tensor){.shape = value->tensor.shape, .dtype = value->tensor.dtype};
        if (!value->known)
            out[v].shape.rank = -1;
    }
    fs_plan_destroy(plan);
    return status;
}
