#include "viz/goal.h"

#include <string.h>

#include "base/alloc.h"
#include "viz/photograph.h"
#include "viz/term.h"

/* An output of the plan. */
typedef struct slot {
    const fs_layer *layer;
    fs_shape shape; /* all items */
    int64_t count;  /* floats of an item */
} slot;

struct fs_goal {
    const fs_model *model;
    int n, size;
    const int *channels; /* a copy; NULL: the calls' own */
    fs_expression *expression;
    bool written; /* by the user: errors have a column */
    fs_term terms[FS_EXPRESSION_CALLS];
    int slot_of[FS_EXPRESSION_CALLS]; /* -1: of the picture, or joins nodes */
    slot slots[FS_EXPRESSION_CALLS];
    int outputs[FS_EXPRESSION_CALLS];
    int n_slots;
    bool has_picture_terms;
    int *channel_memory;
    bool *asleep;             /* [n] */
    double *values, *weights; /* [nodes][n]: of each node, and how much the whole grows with it */
    fs_pool *pool;
};

/* ---- from settings to a tree ---- */

static const char *const simple_words[] = {"channel", "neuron", "logit", "deepdream"};

bool fs_render_is_simple(const fs_render_settings *settings) {
    for (size_t i = 0; i < sizeof simple_words / sizeof *simple_words; i++)
        if (strcmp(settings->objective, simple_words[i]) == 0)
            return true;
    return false;
}

bool fs_render_needs_layer(const fs_render_settings *settings) {
    return fs_render_is_simple(settings) && strcmp(settings->objective, "logit") != 0;
}

static fs_status parse(fs_expression **out, const char *text, fs_error *err) {
    const fs_function *functions[64];
    int n = 0;
    for (; n < 63 && fs_term_kinds[n]; n++)
        functions[n] = &fs_term_kinds[n]->function;
    functions[n] = NULL;
    fs_status status = fs_expression_parse(out, text, functions, err);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "--objective");
}

fs_status fs_render_check_objective(const fs_render_settings *settings, fs_error *err) {
    fs_expression *expression = NULL;
    if (fs_render_is_simple(settings))
        return FS_OK;
    fs_status status = parse(&expression, settings->objective, err);
    if (status == FS_OK)
        fs_expression_destroy(expression);
    return status;
}

static void set_number(fs_call_node *call, const char *parameter, int number) {
    fs_argument *argument = fs_call_argument(call, parameter);
    if (argument)
        argument->number = number;
}

/* The words of old are calls whose arguments are options. */
static fs_status make_simple(fs_goal *goal, const fs_render_settings *s, fs_error *err) {
    const fs_term_kind *kind = fs_term_kind_find(s->objective);
    fs_status status = fs_expression_of_call(&goal->expression, &kind->function, err);
    if (status != FS_OK)
        return status;
    fs_call_node *call = &goal->expression->calls[0];
    fs_argument *layer = fs_call_argument(call, "layer");
    memcpy(goal->expression->texts, s->layer, strlen(s->layer) + 1);
    if (layer)
        layer->text = goal->expression->texts;
    set_number(call, "channel", s->channel);
    set_number(call, "class", s->channel);
    set_number(call, "x", s->x);
    set_number(call, "y", s->y);
    return FS_OK;
}

/* ---- layers ---- */

static const fs_term_kind *kind_of(const fs_call_node *call) {
    return (const fs_term_kind *)(const void *)call->function; /* a kind begins with its function */
}

static fs_status fail_in(const fs_goal *goal, fs_status status, fs_error *err) {
    return goal->written ? fs_error_prefix(err, status, "--objective") : status;
}

static fs_status find_layer(const fs_layer **out, const fs_goal *goal, const fs_term *term, fs_error *err) {
    if (term->kind->subject == FS_TERM_OF_LOGITS) {
        *out = fs_model_logits(goal->model);
        return *out ? FS_OK : fs_fail(err, FS_ERROR_NOT_FOUND, "the model has no output of class scores");
    }
    const char *name = fs_term_text(term, "layer");
    if (!*name)
        return fs_fail(err, FS_ERROR_ARGUMENT, "no layer given");
    fs_error why = {0};
    *out = fs_model_layer(goal->model, name, &why);
    if (*out)
        return FS_OK;
    if (err)
        *err = why;
    return fs_term_fail_at(term, "layer", why.code, err);
}

static int slot_for(fs_goal *goal, const fs_layer *layer) {
    for (int i = 0; i < goal->n_slots; i++)
        if (goal->outputs[i] == layer->view)
            return i;
    goal->slots[goal->n_slots].layer = layer;
    goal->outputs[goal->n_slots] = layer->view;
    return goal->n_slots++;
}

static fs_status find_layers(fs_goal *goal, fs_error *err) {
    for (int i = 0; i < goal->expression->n_calls; i++) {
        fs_term *term = &goal->terms[i];
        term->call = &goal->expression->calls[i];
        term->kind = kind_of(term->call);
        goal->slot_of[i] = -1;
        goal->has_picture_terms |= term->kind->subject == FS_TERM_OF_PICTURE;
        if (term->kind->subject == FS_TERM_OF_PICTURE || term->kind->subject == FS_TERM_OF_NODES)
            continue;
        const fs_layer *layer = NULL;
        fs_status status = find_layer(&layer, goal, term, err);
        if (status != FS_OK)
            return fail_in(goal, status, err);
        goal->slot_of[i] = slot_for(goal, layer);
    }
    if (goal->n_slots == 0)
        return fail_in(goal, fs_fail(err, FS_ERROR_ARGUMENT, "nothing in it looks at a layer"), err);
    return FS_OK;
}

/* ---- creation ---- */

static fs_status allocate(fs_goal *goal, const int *channels, fs_error *err) {
    size_t n = (size_t)goal->n, nodes = (size_t)goal->expression->n_nodes;
    goal->values = fs_calloc(n * nodes, sizeof *goal->values);
    goal->weights = fs_calloc(n * nodes, sizeof *goal->weights);
    goal->channel_memory = fs_calloc(n, sizeof *goal->channel_memory);
    goal->asleep = fs_calloc(n, sizeof *goal->asleep);
    if (!goal->values || !goal->weights || !goal->channel_memory || !goal->asleep)
        return fs_fail_memory(err, "an objective");
    if (channels && !goal->written) {
        memcpy(goal->channel_memory, channels, n * sizeof *channels);
        goal->channels = goal->channel_memory;
    }
    return FS_OK;
}

fs_status fs_goal_create(fs_goal **out, const fs_model *model, const fs_render_settings *settings,
                         const int *channels, int n, fs_error *err) {
    fs_goal *goal = fs_calloc(1, sizeof *goal);
    if (!goal)
        return fs_fail_memory(err, "an objective");
    goal->model = model;
    goal->n = n;
    goal->size = settings->size;
    goal->written = !fs_render_is_simple(settings);
    fs_status status =
        goal->written ? parse(&goal->expression, settings->objective, err) : make_simple(goal, settings, err);
    if (status == FS_OK)
        status = find_layers(goal, err);
    if (status == FS_OK)
        status = allocate(goal, channels, err);
    if (status == FS_OK)
        *out = goal;
    else
        fs_goal_destroy(goal);
    return status;
}

void fs_goal_destroy(fs_goal *goal) {
    if (!goal)
        return;
    for (int i = 0; i < FS_EXPRESSION_CALLS; i++)
        fs_term_destroy(&goal->terms[i]);
    fs_free(goal->values);
    fs_free(goal->weights);
    fs_free(goal->channel_memory);
    fs_free(goal->asleep);
    fs_expression_destroy(goal->expression);
    fs_free(goal);
}

int fs_goal_outputs(const fs_goal *goal, const int **values) {
    *values = goal->outputs;
    return goal->n_slots;
}

bool fs_goal_has_picture_terms(const fs_goal *goal) {
    return goal->has_picture_terms;
}

/* ---- binding ---- */

static fs_status bind_slot(fs_goal *goal, int index, const fs_plan *plan, fs_error *err) {
    slot *s = &goal->slots[index];
    char text[FS_SHAPE_TEXT];
    s->shape = fs_plan_output_shape(plan, index);
    if (s->shape.rank < 1 || s->shape.dim[0] != goal->n)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "layer '%s' mixes the images of a batch", s->layer->name);
    if (s->shape.rank < 2 || fs_shape_count(&s->shape) < 1)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "layer '%s': its shape %s has no channels", s->layer->name,
                       fs_shape_text(&s->shape, text));
    s->count = fs_shape_span(&s->shape, 1, s->shape.rank);
    return FS_OK;
}

static fs_status bind_term(fs_goal *goal, int index, const fs_transform_geometry *geometry, fs_error *err) {
    fs_term *term = &goal->terms[index];
    slot *s = goal->slot_of[index] >= 0 ? &goal->slots[goal->slot_of[index]] : NULL;
    fs_photograph_view view = {.model = goal->model, .geometry = *geometry, .pool = goal->pool};
    fs_term_site site = {.model = goal->model,
                         .n = goal->n,
                         .size = goal->size,
                         .channels = goal->channels,
                         .picture = fs_photograph_activation,
                         .context = &view};
    if (term->kind->subject == FS_TERM_OF_NODES)
        return FS_OK;
    if (s) {
        view.value = s->layer->view;
        site.layer = s->layer;
        site.shape = s->shape;
        const fs_status status = fs_graph_is_affine(&site.affine, goal->model->graph, s->layer->value, err);
        if (status != FS_OK)
            return status;
    }
    return term->kind->bind(term, &site, err);
}

fs_status fs_goal_bind(fs_goal *goal, const fs_plan *plan, const fs_transform_geometry *geometry,
                       fs_pool *pool, fs_error *err) {
    fs_status status = FS_OK;
    goal->pool = pool;
    for (int i = 0; status == FS_OK && i < goal->n_slots; i++)
        status = bind_slot(goal, i, plan, err);
    for (int i = 0; status == FS_OK && i < goal->expression->n_calls; i++)
        status = bind_term(goal, i, geometry, err);
    return status == FS_OK ? FS_OK : fail_in(goal, status, err);
}

/* ---- a step ---- */

static fs_term_view view_of(const fs_goal *goal, int call, fs_plan *plan, const float *canvases) {
    fs_term_view view = {.n = goal->n, .size = goal->size, .canvases = canvases, .pool = goal->pool};
    int index = goal->slot_of[call];
    if (index >= 0) {
        view.shape = goal->slots[index].shape;
        view.count = goal->slots[index].count;
        view.activation = fs_plan_output(plan, index);
        view.gradient = fs_plan_output_gradient(plan, index);
    }
    return view;
}

/* interpolate's place between a (0) and b (1). */
static double place_between(const fs_goal *goal, const fs_term *term, int item) {
    if (fs_term_given(term, "at") || goal->n < 2)
        return fs_term_number(term, "at");
    return (double)item / (goal->n - 1);
}

static bool joins_nodes(const fs_goal *goal, const fs_expression_node *node) {
    return node->kind == FS_NODE_CALL && goal->terms[node->call].kind->subject == FS_TERM_OF_NODES;
}

static void join_values(const fs_goal *goal, const fs_expression_node *node, double *out) {
    const fs_term *term = &goal->terms[node->call];
    const double *a = goal->values + (ptrdiff_t)term->call->arguments[0].node * goal->n;
    const double *b = goal->values + (ptrdiff_t)term->call->arguments[1].node * goal->n;
    for (int i = 0; i < goal->n; i++) {
        double at = place_between(goal, term, i);
        out[i] = (1 - at) * a[i] + at * b[i];
    }
}

static double combine(const fs_expression_node *node, double a, double b) {
    switch (node->kind) {
    case FS_NODE_ADD:
        return a + b;
    case FS_NODE_SUBTRACT:
        return a - b;
    case FS_NODE_MULTIPLY:
        return a * b;
    case FS_NODE_NEGATE:
        return -a;
    default:
        return node->number;
    }
}

static void find_values(fs_goal *goal, fs_plan *plan, const float *canvases) {
    for (int k = 0; k < goal->expression->n_nodes; k++) {
        const fs_expression_node *node = &goal->expression->nodes[k];
        double *out = goal->values + (ptrdiff_t)k * goal->n;
        if (joins_nodes(goal, node)) {
            join_values(goal, node, out);
        } else if (node->kind == FS_NODE_CALL) {
            fs_term_view view = view_of(goal, node->call, plan, canvases);
            fs_term *term = &goal->terms[node->call];
            term->kind->value(term, &view, out);
        } else {
            const double *a = goal->values + (ptrdiff_t)node->left * goal->n;
            const double *b = goal->values + (ptrdiff_t)node->right * goal->n;
            for (int i = 0; i < goal->n; i++)
                out[i] = combine(node, a[i], b[i]);
        }
    }
}

static void split_weights(const fs_goal *goal, const fs_expression_node *node, const double *weight) {
    const fs_term *term = &goal->terms[node->call];
    double *a = goal->weights + (ptrdiff_t)term->call->arguments[0].node * goal->n;
    double *b = goal->weights + (ptrdiff_t)term->call->arguments[1].node * goal->n;
    for (int i = 0; i < goal->n; i++) {
        double at = place_between(goal, term, i);
        a[i] = (1 - at) * weight[i];
        b[i] = at * weight[i];
    }
}

/* The chain rule from a node to its children; every node has one parent. */
static void pass_weights(const fs_goal *goal, const fs_expression_node *node, const double *weight) {
    const double *a = goal->values + (ptrdiff_t)node->left * goal->n;
    const double *b = goal->values + (ptrdiff_t)node->right * goal->n;
    double *to_a = goal->weights + (ptrdiff_t)node->left * goal->n;
    double *to_b = goal->weights + (ptrdiff_t)node->right * goal->n;
    for (int i = 0; i < goal->n; i++) {
        if (node->kind == FS_NODE_MULTIPLY) {
            to_a[i] = weight[i] * b[i];
            to_b[i] = weight[i] * a[i];
        } else {
            to_a[i] = node->kind == FS_NODE_NEGATE ? -weight[i] : weight[i];
            if (node->kind != FS_NODE_NEGATE)
                to_b[i] = node->kind == FS_NODE_SUBTRACT ? -weight[i] : weight[i];
        }
    }
}

static void find_weights(fs_goal *goal) {
    int last = goal->expression->n_nodes - 1;
    for (int i = 0; i < goal->n; i++)
        goal->weights[(ptrdiff_t)last * goal->n + i] = 1;
    for (int k = last; k >= 0; k--) {
        const fs_expression_node *node = &goal->expression->nodes[k];
        const double *weight = goal->weights + (ptrdiff_t)k * goal->n;
        if (joins_nodes(goal, node))
            split_weights(goal, node, weight);
        else if (node->kind != FS_NODE_CALL && node->kind != FS_NODE_NUMBER)
            pass_weights(goal, node, weight);
    }
}

/* Terms sleep only where they should rise; one term alone is left to what render_step.c does anyway. */
static bool term_sleeps(const fs_goal *goal, int node, int item, const fs_term_view *view) {
    const fs_term *term = &goal->terms[goal->expression->nodes[node].call];
    return term->kind->asleep && goal->weights[(ptrdiff_t)node * goal->n + item] > 0 &&
           term->kind->asleep(term, item, view);
}

static void note_sleepers(fs_goal *goal, int node, const fs_term_view *view) {
    for (int i = 0; goal->expression->n_calls > 1 && i < goal->n; i++)
        goal->asleep[i] = goal->asleep[i] || term_sleeps(goal, node, i, view);
}

static bool of_layer(const fs_goal *goal, const fs_expression_node *node) {
    return node->kind == FS_NODE_CALL && goal->slot_of[node->call] >= 0;
}

void fs_goal_evaluate(fs_goal *goal, fs_plan *plan, const float *canvases, double *values) {
    int last = goal->expression->n_nodes - 1;
    find_values(goal, plan, canvases);
    find_weights(goal);
    for (int k = 0; k < goal->n_slots; k++)
        fs_plan_clear_output_gradient(plan, k);
    for (int i = 0; i < goal->n; i++)
        goal->asleep[i] = false;
    for (int k = 0; k <= last; k++) {
        const fs_expression_node *node = &goal->expression->nodes[k];
        if (!of_layer(goal, node))
            continue;
        fs_term_view view = view_of(goal, node->call, plan, canvases);
        fs_term *term = &goal->terms[node->call];
        term->kind->gradient(term, &view, goal->weights + (ptrdiff_t)k * goal->n);
        note_sleepers(goal, k, &view);
    }
    memcpy(values, goal->values + (ptrdiff_t)last * goal->n, (size_t)goal->n * sizeof *values);
}

const bool *fs_goal_asleep(const fs_goal *goal) {
    return goal->asleep;
}

/* The weights of a sleeping term, in the sleepers; zero elsewhere. They are made anew by the next step. */
static bool keep_sleepers(fs_goal *goal, int node, const fs_term_view *view) {
    double *weights = goal->weights + (ptrdiff_t)node * goal->n;
    bool any = false;
    for (int i = 0; i < goal->n; i++) {
        bool kept = goal->asleep[i] && term_sleeps(goal, node, i, view);
        weights[i] = kept ? weights[i] : 0;
        any = any || kept;
    }
    return any;
}

void fs_goal_wake(fs_goal *goal, fs_plan *plan) {
    for (int k = 0; k < goal->n_slots; k++)
        for (int i = 0; i < goal->n; i++)
            if (goal->asleep[i])
                memset(fs_plan_output_gradient(plan, k) + goal->slots[k].count * i, 0,
                       (size_t)goal->slots[k].count * sizeof(float));
    for (int k = 0; k < goal->expression->n_nodes; k++) {
        const fs_expression_node *node = &goal->expression->nodes[k];
        if (!of_layer(goal, node))
            continue;
        fs_term_view view = view_of(goal, node->call, plan, NULL);
        fs_term *term = &goal->terms[node->call];
        if (keep_sleepers(goal, k, &view))
            term->kind->gradient(term, &view, goal->weights + (ptrdiff_t)k * goal->n);
    }
}

void fs_goal_add_picture_gradients(fs_goal *goal, const float *canvases, const bool *wanted,
                                   float *canvas_grads) {
    for (int k = 0; goal->has_picture_terms && k < goal->expression->n_nodes; k++) {
        const fs_expression_node *node = &goal->expression->nodes[k];
        fs_term *term = &goal->terms[node->call];
        if (node->kind != FS_NODE_CALL || term->kind->subject != FS_TERM_OF_PICTURE)
            continue;
        fs_term_view view = view_of(goal, node->call, NULL, canvases);
        view.canvas_grads = canvas_grads;
        view.wanted = wanted;
        term->kind->gradient(term, &view, goal->weights + (ptrdiff_t)k * goal->n);
    }
}
