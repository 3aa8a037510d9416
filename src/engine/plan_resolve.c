#include <string.h>

#include "base/alloc.h"
#include "engine/plan_internal.h"

/* Constants larger than this are not computed while only shapes are asked for; except integers, which may be
 * the indices that a shape depends on (masks of shifted windows), as long as all of them together stay small.
 */
enum { TOLERANT_FOLD_LIMIT = 4096, TOLERANT_INTEGERS = 1 << 23 };
/* A node on constants may make this many numbers more than a few times what it reads: a weight may be
 * transposed or padded, but a few bytes of a file may not ask for gigabytes. */
enum { FOLD_ALLOWANCE = 1 << 24, FOLD_GROWTH = 4 };

static bool *mark_needed(fs_plan *plan, bool everything) {
    const fs_graph *graph = plan->graph;
    bool *needed = fs_plan_array(plan, graph->n_nodes, sizeof *needed);
    bool *wanted = fs_plan_array(plan, graph->n_values, sizeof *wanted);
    if (!needed || !wanted)
        return NULL;
    for (int o = 0; o < plan->n_outputs; o++)
        wanted[plan->outputs[o]] = true;
    for (int n = graph->n_nodes - 1; n >= 0; n--) {
        const fs_node *node = &graph->nodes[n];
        needed[n] = everything;
        for (int o = 0; o < node->n_outputs; o++)
            if (node->outputs[o] != FS_NO_VALUE && wanted[node->outputs[o]] &&
                node->outputs[o] != plan->start)
                needed[n] = true;
        for (int i = 0; i < node->n_inputs && needed[n]; i++)
            if (node->inputs[i] != FS_NO_VALUE)
                wanted[node->inputs[i]] = true;
    }
    return needed;
}

static void load_constants(fs_plan *plan) {
    const fs_graph *graph = plan->graph;
    for (int v = 0; v < graph->n_values; v++) {
        plan_value *value = &plan->values[v];
        value->alias = v;
        if (!graph->values[v].constant.data)
            continue;
        value->tensor = graph->values[v].constant;
        value->known = value->constant = true;
    }
    plan_value *input = &plan->values[plan->start];
    input->tensor = (fs_tensor){.shape = plan->input_shape, .dtype = FS_F32};
    input->known = true;
}

typedef struct node_view {
    int in[FS_MAX_INPUTS];
    fs_tensor in_tensor[FS_MAX_INPUTS], out_tensor[FS_MAX_OUTPUTS];
    bool present[FS_MAX_INPUTS];
    bool all_constant;
} node_view;

/* Looks the inputs up through aliases. False when one of them is unknown. */
static bool view_inputs(const fs_plan *plan, const fs_node *node, node_view *view) {
    memset(view, 0, sizeof *view);
    view->all_constant = true;
    for (int i = 0; i < node->n_inputs; i++) {
        view->in[i] = FS_NO_VALUE;
        if (node->inputs[i] == FS_NO_VALUE)
            continue;
        int v = plan->values[node->inputs[i]].alias;
        const plan_value *value = &plan->values[v];
        if (!value->known)
            return false;
        view->in[i] = v;
        view->present[i] = true;
        view->in_tensor[i] = value->tensor;
        if (!value->constant || value->trainable || !value->tensor.data)
            view->all_constant = false;
    }
    return true;
}

static fs_status check_fold(const fs_node *node, const node_view *view, fs_error *err) {
    int64_t read = 0, made = 0;
    for (int i = 0; i < node->n_inputs; i++)
        if (view->present[i])
            read += fs_tensor_count(&view->in_tensor[i]);
    for (int o = 0; o < node->n_outputs; o++)
        made += fs_tensor_count(&view->out_tensor[o]);
    if (made > FOLD_ALLOWANCE + FOLD_GROWTH * read)
        return fs_fail(err, FS_ERROR_LIMIT, "a constant of %lld numbers is too large", (long long)made);
    return FS_OK;
}

/* Runs one node on constants; the results become constants of the plan. */
static fs_status fold_node(const fs_node *node, node_view *view, fs_error *err) {
    const fs_kernel *const *kernels = node->op->kernels;
    while (kernels[1])
        kernels++;
    const fs_kernel *kernel = *kernels; /* the reference: it takes every type and any shape */
    bool want[FS_MAX_INPUTS] = {false};
    fs_op_setup setup = {.node = node,
                         .in = view->in_tensor,
                         .out = view->out_tensor,
                         .present = view->present,
                         .n_in = node->n_inputs,
                         .n_out = node->n_outputs,
                         .want_grad = want,
                         .threads = 1};
    fs_status status = check_fold(node, view, err);
    if (status == FS_OK && kernel->prepare)
        status = kernel->prepare(&setup, err);
    if (status != FS_OK)
        return status;
    for (int o = 0; o < node->n_outputs; o++) {
        fs_tensor *out = &view->out_tensor[o];
        out->data = fs_calloc((size_t)fs_tensor_count(out) + 1, fs_dtype_size(out->dtype));
        if (!out->data)
            status = fs_fail_memory(err, node->name);
    }
    fs_op_run run = {.node = node,
                     .in = view->in_tensor,
                     .out = view->out_tensor,
                     .present = view->present,
                     .n_in = node->n_inputs,
                     .n_out = node->n_outputs,
                     .want_grad = want};
    run.saved = fs_alloc(setup.saved_bytes);
    run.workspace = fs_alloc(setup.workspace_bytes);
    run.packed = fs_alloc(setup.packed_bytes);
    if (!run.saved || !run.workspace || !run.packed)
        status = fs_fail_memory(err, node->name);
    if (status == FS_OK) {
        if (kernel->pack)
            kernel->pack(&run);
        kernel->forward(&run);
    }
    fs_free(run.saved);
    fs_free(run.workspace);
    fs_free(run.packed);
    for (int o = 0; o < node->n_outputs && status != FS_OK; o++)
        fs_free(view->out_tensor[o].data);
    return status;
}

static bool arrays_of(fs_plan *plan, plan_step *step) {
    step->in = fs_plan_array(plan, step->n_in + 1, sizeof *step->in); /* room for a folded bias */
    step->in_tensor = fs_plan_array(plan, step->n_in + 1, sizeof *step->in_tensor);
    step->kept_in = fs_plan_array(plan, step->n_in + 1, sizeof *step->kept_in);
    step->kept_out = fs_plan_array(plan, step->n_out, sizeof *step->kept_out);
    step->present = fs_plan_array(plan, step->n_in + 1, sizeof *step->present);
    step->want_grad = fs_plan_array(plan, step->n_in + 1, sizeof *step->want_grad);
    step->accumulate = fs_plan_array(plan, step->n_in + 1, sizeof *step->accumulate);
    step->in_grad = fs_plan_array(plan, step->n_in + 1, sizeof *step->in_grad);
    step->scratch = fs_plan_array(plan, step->n_in + 1, sizeof *step->scratch);
    step->out = fs_plan_array(plan, step->n_out, sizeof *step->out);
    step->out_tensor = fs_plan_array(plan, step->n_out, sizeof *step->out_tensor);
    step->out_grad = fs_plan_array(plan, step->n_out, sizeof *step->out_grad);
    return step->in && step->kept_in && step->kept_out && step->in_tensor && step->present &&
           step->want_grad && step->accumulate && step->in_grad && step->scratch && step->out &&
           step->out_tensor && step->out_grad;
}

static fs_status add_step(fs_plan *plan, const fs_node *node, const node_view *view, fs_error *err) {
    plan_step *step = &plan->steps[plan->n_steps];
    *step = (plan_step){.node = node,
                        .n_in = node->n_inputs,
                        .n_out = node->n_outputs,
                        .plain_weight = FS_NO_VALUE,
                        .plain_bias = FS_NO_VALUE};
    if (!arrays_of(plan, step))
        return fs_fail_memory(err, "a plan");
    for (int i = 0; i < step->n_in; i++) {
        step->in[i] = view->in[i];
        step->present[i] = view->present[i];
    }
    for (int o = 0; o < step->n_out; o++)
        step->out[o] = node->outputs[o];
    plan->n_steps++;
    return FS_OK;
}

static fs_status infer_node(const fs_plan *plan, const fs_node *node, node_view *view, fs_error *err) {
    fs_op_shapes shapes = {.graph = plan->graph,
                           .node = node,
                           .in = view->in_tensor,
                           .present = view->present,
                           .n_in = node->n_inputs,
                           .out = view->out_tensor,
                           .n_out = node->n_outputs};
    fs_status status = node->op->infer(&shapes, err);
    for (int o = 0; o < node->n_outputs && status == FS_OK; o++)
        if (fs_shape_count(&view->out_tensor[o].shape) < 0)
            status = fs_fail(err, FS_ERROR_LIMIT, "its output would be enormous");
    return status;
}

/* Whether a constant is computed though only shapes are asked for. */
static bool is_worth_folding(fs_plan *plan, const fs_tensor *out) {
    const int64_t count = fs_tensor_count(out);
    if (count <= TOLERANT_FOLD_LIMIT)
        return true;
    if (out->dtype != FS_I64 || plan->folded_integers + count > TOLERANT_INTEGERS)
        return false;
    plan->folded_integers += count;
    return true;
}

static fs_status resolve_node(fs_plan *plan, const fs_node *node, bool tolerant, fs_error *err) {
    node_view view;
    if (!view_inputs(plan, node, &view))
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "an input's shape is not known");
    if (node->op->is_identity) {
        if (node->outputs[0] != FS_NO_VALUE)
            plan->values[node->outputs[0]].alias = view.in[0];
        return FS_OK;
    }
    fs_status status = infer_node(plan, node, &view, err);
    if (status != FS_OK)
        return status;
    bool constant = node->op->shape_only || view.all_constant;
    if (constant && tolerant && !is_worth_folding(plan, &view.out_tensor[0]))
        constant = false;
    if (constant)
        status = fold_node(node, &view, err);
    else if (!tolerant)
        status = add_step(plan, node, &view, err);
    for (int o = 0; o < node->n_outputs && status == FS_OK; o++) {
        if (node->outputs[o] == FS_NO_VALUE) {
            fs_free(constant ? view.out_tensor[o].data : NULL);
            continue;
        }
        plan_value *value = &plan->values[node->outputs[o]];
        value->tensor = view.out_tensor[o];
        value->known = true;
        value->constant = value->owned = constant;
    }
    return status;
}

fs_status fs_plan_resolve(fs_plan *plan, bool tolerant, fs_error *err) {
    const fs_graph *graph = plan->graph;
    bool *needed = mark_needed(plan, tolerant);
    plan->steps = fs_plan_array(plan, graph->n_nodes + 1, sizeof *plan->steps);
    if (!needed || !plan->steps)
        return fs_fail_memory(err, "a plan");
    load_constants(plan);
    for (int n = 0; n < graph->n_nodes; n++) {
        if (!needed[n])
            continue;
        const fs_node *node = &graph->nodes[n];
        fs_status status = resolve_node(plan, node, tolerant, err);
        if (status == FS_ERROR_MEMORY || (status != FS_OK && !tolerant))
            return fs_error_prefix(err, status, "node '%s'", node->name);
    }
    return FS_OK;
}

static void mark_users(fs_plan *plan) {
    for (int v = 0; v < plan->n_values; v++)
        plan->values[v].users = 0;
    for (int s = plan->n_steps - 1; s >= 0; s--) {
        plan_step *step = &plan->steps[s];
        bool live = false;
        for (int o = 0; o < step->n_out; o++)
            if (step->out[o] != FS_NO_VALUE &&
                (plan->values[step->out[o]].users || plan->values[step->out[o]].requested))
                live = true;
        step->dead = step->dead || !live;
        for (int i = 0; i < step->n_in && !step->dead; i++)
            if (step->present[i])
                plan->values[step->in[i]].users++;
    }
}

void fs_plan_mark_live(fs_plan *plan) {
    mark_users(plan);
    int kept = 0;
    for (int s = 0; s < plan->n_steps; s++)
        if (!plan->steps[s].dead)
            plan->steps[kept++] = plan->steps[s];
    plan->n_steps = kept;
    for (int v = 0; v < plan->n_values; v++)
        plan->values[v].needs_grad = plan->values[v].trainable;
    plan->values[plan->start].needs_grad = plan->input_gradient;
    for (int s = 0; s < plan->n_steps; s++) {
        plan_step *step = &plan->steps[s];
        step->any_grad = false;
        for (int i = 0; i < step->n_in; i++) {
            step->want_grad[i] = step->present[i] && plan->values[step->in[i]].needs_grad;
            step->any_grad = step->any_grad || step->want_grad[i];
        }
        for (int o = 0; o < step->n_out; o++)
            if (step->out[o] != FS_NO_VALUE)
                plan->values[step->out[o]].needs_grad = step->any_grad;
    }
}
