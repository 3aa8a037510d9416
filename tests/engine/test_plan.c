/* Plans on a small network with everything that makes planning hard: a value with several users, two outputs
 * one above the other, batch normalisation to merge, shape arithmetic to fold, identities to drop. */
#include "base/helpers.h"

#include <math.h>

#include "base/random.h"
#include "engine/model.h"
#include "engine/plan.h"

enum { CHANNELS = 6 };

static fs_random randoms;

static int constant(fs_graph *graph, const char *name, fs_shape shape, float sigma, float centre) {
    fs_error err = {0};
    int64_t count = fs_shape_count(&shape);
    float *data = fs_alloc_array((size_t)count, sizeof *data);
    assert_non_null(data);
    fs_random_normal(&randoms, data, (int)count, sigma);
    for (int64_t i = 0; i < count; i++)
        data[i] += centre;
    int v = fs_graph_value(graph, name);
    fs_tensor tensor = {.shape = shape, .dtype = FS_F32, .data = data};
    assert_int_equal(fs_graph_set_constant(graph, v, &tensor, true, &err), FS_OK);
    return v;
}

static int constant_ints(fs_graph *graph, const char *name, const int64_t *data, int count) {
    fs_error err = {0};
    int v = fs_graph_value(graph, name);
    fs_tensor tensor = {.shape = {1, {count}}, .dtype = FS_I64, .data = (void *)data};
    assert_int_equal(fs_graph_set_constant(graph, v, &tensor, false, &err), FS_OK);
    return v;
}

static int node(fs_graph *graph, const char *type, const char *out, const fs_attribute *attributes,
                int n_attributes, int n_in, ...) {
    int in[8], output = fs_graph_value(graph, out);
    va_list args;
    va_start(args, n_in);
    for (int i = 0; i < n_in; i++)
        in[i] = va_arg(args, int);
    va_end(args);
    fs_node_spec spec = {.name = out,
                         .op_type = type,
                         .inputs = in,
                         .outputs = &output,
                         .n_inputs = n_in,
                         .n_outputs = 1,
                         .attributes = attributes,
                         .n_attributes = n_attributes};
    fs_error err = {0};
    if (fs_graph_add_node(graph, &spec, &err) != FS_OK)
        fail_msg("%s", err.message);
    return output;
}

static int batch_norm(fs_graph *graph, const char *name, int x) {
    char text[64];
    int p[4];
    for (int i = 0; i < 4; i++) {
        snprintf(text, sizeof text, "%s.%d", name, i);
        p[i] =
            constant(graph, text, fs_shape_of(1, CHANNELS), i == 3 ? 0.05f : 0.3f, i == 0 || i == 3 ? 1 : 0);
    }
    return node(graph, "BatchNormalization", name, NULL, 0, 5, x, p[0], p[1], p[2], p[3]);
}

/* x - conv - norm - relu -+- conv3 - relu -+- concat - identity - global pool - reshape(shape of x) - gemm
 *                         +- conv1 - relu -+
 *                         +- (added to conv1's relu as well)                                               */
static fs_graph *make_network(void) {
    static const int64_t pads_data[4] = {1, 1, 1, 1}, start[1] = {0}, rest[1] = {-1};
    fs_graph *graph = NULL;
    fs_error err = {0};
    fs_random_seed(&randoms, 5, 0);
    assert_int_equal(fs_graph_create(&graph, &err), FS_OK);
    const fs_attribute pads = {.name = "pads", .kind = FS_ATTRIBUTE_INTS, .ints = pads_data, .count = 4};
    const fs_attribute axis = {.name = "axis", .kind = FS_ATTRIBUTE_INT, .i = 1};
    const fs_attribute concat0 = {.name = "axis", .kind = FS_ATTRIBUTE_INT, .i = 0};
    graph->input = fs_graph_value(graph, "x");
    graph->input_shape = fs_shape_of(4, -1, 3, -1, -1);
    int x = graph->input;
    int w0 = constant(graph, "w0", fs_shape_of(4, CHANNELS, 3, 3, 3), 0.3f, 0);
    int stem = node(graph, "Conv", "stem", &pads, 1, 2, x, w0);
    int relu = node(graph, "Relu", "relu", NULL, 0, 1, batch_norm(graph, "norm", stem));
    int w3 = constant(graph, "w3", fs_shape_of(4, CHANNELS, CHANNELS, 3, 3), 0.3f, 0);
    int b3 = constant(graph, "b3", fs_shape_of(1, CHANNELS), 0.3f, 0);
    int wide =
        node(graph, "Relu", "wide_relu", NULL, 0, 1, node(graph, "Conv", "wide", &pads, 1, 3, relu, w3, b3));
    int w1 = constant(graph, "w1", fs_shape_of(4, CHANNELS, CHANNELS, 1, 1), 0.4f, 0);
    int narrow =
        node(graph, "Relu", "narrow_relu", NULL, 0, 1, node(graph, "Conv", "narrow", NULL, 0, 2, relu, w1));
    int sum = node(graph, "Add", "sum", NULL, 0, 2, narrow, relu);
    int square = node(graph, "Mul", "square", NULL, 0, 2, sum, sum);
    int concat = node(graph, "Concat", "concat", &axis, 1, 2, wide, square);
    int same = node(graph, "Identity", "same", NULL, 0, 1, concat);
    int pooled = node(graph, "GlobalAveragePool", "pooled", NULL, 0, 1, same);
    int shape = node(graph, "Shape", "shape", NULL, 0, 1, pooled);
    int zero = constant_ints(graph, "zero", start, 1), minus = constant_ints(graph, "minus", rest, 1);
    int items = node(graph, "Gather", "items", NULL, 0, 2, shape, zero);
    int target = node(graph, "Concat", "target", &concat0, 1, 2, items, minus);
    int flat = node(graph, "Reshape", "flat", NULL, 0, 2, pooled, target);
    int head = constant(graph, "head", fs_shape_of(2, 2 * CHANNELS, 4), 0.5f, 0);
    int scores = node(graph, "Gemm", "scores", NULL, 0, 2, flat, head);
    assert_int_equal(fs_graph_add_output(graph, scores, &err), FS_OK);
    if (fs_graph_finish(graph, &err) != FS_OK)
        fail_msg("%s", err.message);
    return graph;
}

static fs_plan *make_plan(const fs_graph *graph, const char *const *outputs, int n, fs_kernel_choice kernels,
                          const char *weight) {
    int values[4], weight_value = weight ? fs_graph_find(graph, weight) : -1;
    for (int i = 0; i < n; i++)
        values[i] = fs_graph_find(graph, outputs[i]);
    fs_plan_request request = fs_plan_request_default(graph, fs_shape_of(4, 2, 3, 9, 7));
    request.outputs = values;
    request.n_outputs = n;
    request.input_gradient = true;
    request.kernels = kernels;
    request.weights = &weight_value;
    request.n_weights = weight ? 1 : 0;
    fs_plan *plan = NULL;
    fs_error err = {0};
    if (fs_plan_create(&plan, &request, &err) != FS_OK)
        fail_msg("%s", err.message);
    return plan;
}

static void fill_input(fs_plan *plan) {
    fs_random random;
    fs_random_seed(&random, 11, 0);
    fs_random_normal(&random, fs_plan_input(plan), 2 * 3 * 9 * 7, 1);
}

/* A fixed random direction on every output, so that gradients are those of a sum of dot products. */
static void seed_outputs(fs_plan *plan, int n) {
    fs_random random;
    fs_random_seed(&random, 12, 0);
    for (int o = 0; o < n; o++) {
        fs_shape shape = fs_plan_output_shape(plan, o);
        fs_random_normal(&random, fs_plan_output_gradient(plan, o), (int)fs_shape_count(&shape), 1);
    }
}

static double objective(fs_plan *plan, int n) {
    fs_error err = {0};
    double sum = 0;
    assert_int_equal(fs_plan_forward(plan, NULL, &err), FS_OK);
    seed_outputs(plan, n);
    for (int o = 0; o < n; o++) {
        fs_shape shape = fs_plan_output_shape(plan, o);
        for (int64_t i = 0; i < fs_shape_count(&shape); i++)
            sum += (double)fs_plan_output(plan, o)[i] * fs_plan_output_gradient(plan, o)[i];
    }
    return sum;
}

static double distance(const float *a, const float *b, int64_t count) {
    double difference = 0, norm = 0;
    for (int64_t i = 0; i < count; i++) {
        difference += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        norm += (double)b[i] * b[i];
    }
    assert_true(norm > 0);
    return sqrt(difference / norm);
}

static const char *const both[] = {"scores", "relu"};

static void test_fast_equals_reference(void **state) {
    fs_error err = {0};
    fs_plan *fast = make_plan(*state, both, 2, FS_KERNELS_FAST, NULL);
    fs_plan *plain = make_plan(*state, both, 2, FS_KERNELS_REFERENCE, NULL);
    assert_true(fs_plan_get_info(fast).steps < fs_plan_get_info(plain).steps);
    fs_plan *plans[] = {fast, plain};
    for (int i = 0; i < 2; i++) {
        fill_input(plans[i]);
        objective(plans[i], 2);
    }
    for (int o = 0; o < 2; o++) {
        fs_shape shape = fs_plan_output_shape(fast, o);
        assert_true(distance(fs_plan_output(fast, o), fs_plan_output(plain, o), fs_shape_count(&shape)) <
                    1e-5);
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(fs_plan_backward(plans[i], FS_RELU_PLAIN, NULL, &err), FS_OK);
    assert_true(distance(fs_plan_input_gradient(fast), fs_plan_input_gradient(plain), 2 * 3 * 9 * 7) < 1e-5);
    fs_plan_destroy(fast);
    fs_plan_destroy(plain);
}

enum { MOST_WEIGHTS = 64 };

/* Weights and biases of all convolutions. */
static int convolution_weights(const fs_graph *graph, int weights[MOST_WEIGHTS]) {
    int n = 0;
    for (int k = 0; k < graph->n_nodes; k++)
        for (int i = 1; i < graph->nodes[k].n_inputs && strcmp(graph->nodes[k].op->type, "Conv") == 0; i++) {
            assert_true(n < MOST_WEIGHTS);
            weights[n++] = graph->nodes[k].inputs[i];
        }
    return n;
}

/* Inputs of a Concat are made where they lie in its output, one image or several: as with copies. The same
 * with weights that are trained. */
static void check_joined(const fs_model *model, int images, fs_relu_rule rule, bool trained) {
    fs_error err = {0};
    fs_plan *plans[2] = {NULL, NULL};
    const int value = fs_model_layer(model, "logits", NULL)->value;
    int weights[MOST_WEIGHTS];
    const int n_weights = convolution_weights(model->graph, weights);
    fs_random random;
    for (int i = 0; i < 2; i++) {
        fs_plan_request request = fs_plan_request_default(model->graph, fs_shape_of(4, images, 3, 40, 36));
        request.outputs = &value;
        request.n_outputs = 1;
        request.input_gradient = true;
        request.kernels = i ? FS_KERNELS_REFERENCE : FS_KERNELS_FAST;
        request.weights = weights;
        request.n_weights = trained ? n_weights : 0;
        if (fs_plan_create(&plans[i], &request, &err) != FS_OK)
            fail_msg("%s", err.message);
        fs_random_seed(&random, 21, 0);
        fs_random_normal(&random, fs_plan_input(plans[i]), images * 3 * 40 * 36, 1);
        assert_int_equal(fs_plan_forward(plans[i], NULL, &err), FS_OK);
        fs_random_normal(&random, fs_plan_output_gradient(plans[i], 0), images * 5, 1);
    }
    assert_true(distance(fs_plan_output(plans[0], 0), fs_plan_output(plans[1], 0), images * 5) < 1e-5);
    for (int i = 0; i < 2; i++)
        assert_int_equal(fs_plan_backward(plans[i], rule, NULL, &err), FS_OK);
    assert_true(distance(fs_plan_input_gradient(plans[0]), fs_plan_input_gradient(plans[1]),
                         images * 3 * 40 * 36) < 1e-4);
    for (int w = 0; w < n_weights && trained; w++)
        assert_true(distance(fs_plan_weight_gradient(plans[0], w), fs_plan_weight_gradient(plans[1], w),
                             fs_tensor_count(&model->graph->values[weights[w]].constant)) < 1e-4);
    fs_plan_destroy(plans[0]);
    fs_plan_destroy(plans[1]);
}

static void test_concats_without_copies(void **state) {
    (void)state;
    fs_error err = {0};
    fs_model *model = NULL;
    if (fs_model_load(&model, FS_TEST_DATA "/onnx/squeeze.onnx", &err) != FS_OK)
        fail_msg("%s", err.message);
    for (int images = 1; images <= 3; images += 2) {
        check_joined(model, images, FS_RELU_PLAIN, false);
        check_joined(model, images, FS_RELU_PLAIN, true);
        check_joined(model, images, FS_RELU_REDIRECTED, false);
    }
    fs_model_destroy(model);
}

enum { GROUPED = 6, GROUPED_INPUTS = GROUPED * 3 * 9 * 7 };

static fs_plan *plan_in_groups(const fs_graph *graph, const char *const *outputs, int n, int group_size,
                               fs_kernel_choice kernels) {
    int values[4];
    for (int i = 0; i < n; i++)
        values[i] = fs_graph_find(graph, outputs[i]);
    fs_plan_request request = fs_plan_request_default(graph, fs_shape_of(4, GROUPED, 3, 9, 7));
    request.outputs = values;
    request.n_outputs = n;
    request.input_gradient = true;
    request.kernels = kernels;
    request.group_size = group_size;
    fs_plan *plan = NULL;
    fs_error err = {0};
    if (fs_plan_create(&plan, &request, &err) != FS_OK)
        fail_msg("%s", err.message);
    return plan;
}

static void step_with(fs_plan *plan, uint64_t seed, fs_relu_rule rule) {
    fs_random random;
    fs_error err = {0};
    fs_random_seed(&random, seed, 0);
    fs_random_normal(&random, fs_plan_input(plan), GROUPED_INPUTS, 1);
    assert_int_equal(fs_plan_forward(plan, NULL, &err), FS_OK);
    seed_outputs(plan, 2);
    assert_int_equal(fs_plan_backward(plan, rule, NULL, &err), FS_OK);
}

/* Images that go through the network group by group: outputs, what is kept for backward, and gradients are
 * those of all at once. */
static void test_groups(void **state) {
    static const char *const inner[] = {"concat", "relu"};
    fs_plan *plain = plan_in_groups(*state, inner, 2, 0, FS_KERNELS_REFERENCE);
    fs_plan *whole = plan_in_groups(*state, inner, 2, GROUPED, FS_KERNELS_FAST);
    for (int size = 1; size < GROUPED; size++) {
        fs_plan *grouped = plan_in_groups(*state, inner, 2, size, FS_KERNELS_FAST);
        assert_int_equal(fs_plan_get_info(grouped).groups, size < 4 ? GROUPED / size : 2);
        assert_true(fs_plan_get_info(grouped).forward_flops == fs_plan_get_info(whole).forward_flops);
        for (fs_relu_rule rule = FS_RELU_PLAIN; rule <= FS_RELU_GUIDED; rule++) {
            step_with(plain, (uint64_t)(30 + rule), rule);
            step_with(grouped, (uint64_t)(30 + rule), rule);
            assert_true(distance(fs_plan_input_gradient(grouped), fs_plan_input_gradient(plain),
                                 GROUPED_INPUTS) < 1e-5);
        }
        fs_error err = {0};
        assert_int_equal(fs_plan_forward(grouped, NULL, &err), FS_OK);
        assert_int_equal(fs_plan_forward(plain, NULL, &err), FS_OK);
        for (int o = 0; o < 2; o++) {
            const fs_shape shape = fs_plan_output_shape(grouped, o),
                           expected = fs_plan_output_shape(plain, o);
            assert_true(fs_shape_equal(&shape, &expected));
            assert_true(distance(fs_plan_output(grouped, o), fs_plan_output(plain, o),
                                 fs_shape_count(&shape)) < 1e-5);
        }
        fs_plan_destroy(grouped);
    }
    fs_plan_destroy(whole);
    fs_plan_destroy(plain);
}

/* Every layer as the last one: what its step keeps for backward outlives the other groups' backward. */
static void test_groups_of_every_layer(void **state) {
    (void)state;
    enum { IMAGES = 4, INPUTS = IMAGES * 3 * 40 * 36 };
    fs_error err = {0};
    fs_model *model = NULL;
    int grouped = 0;
    if (fs_model_load(&model, FS_TEST_DATA "/onnx/squeeze.onnx", &err) != FS_OK)
        fail_msg("%s", err.message);
    for (int l = 0; l < model->n_layers; l++) {
        fs_plan *plans[2] = {NULL, NULL};
        for (int i = 0; i < 2; i++) {
            fs_plan_request request =
                fs_plan_request_default(model->graph, fs_shape_of(4, IMAGES, 3, 40, 36));
            request.outputs = &model->layers[l].value;
            request.n_outputs = 1;
            request.input_gradient = true;
            request.group_size = i ? 1 : IMAGES;
            fs_random random;
            if (fs_plan_create(&plans[i], &request, &err) != FS_OK)
                fail_msg("%s", err.message);
            fs_random_seed(&random, 22, 0);
            fs_random_normal(&random, fs_plan_input(plans[i]), INPUTS, 1);
            assert_int_equal(fs_plan_forward(plans[i], NULL, &err), FS_OK);
            seed_outputs(plans[i], 1);
            assert_int_equal(fs_plan_backward(plans[i], FS_RELU_PLAIN, NULL, &err), FS_OK);
        }
        grouped += fs_plan_get_info(plans[1]).groups == IMAGES;
        if (!(distance(fs_plan_input_gradient(plans[1]), fs_plan_input_gradient(plans[0]), INPUTS) < 1e-5))
            fail_msg("%s: the gradient changes with the groups", model->layers[l].name);
        fs_plan_destroy(plans[0]);
        fs_plan_destroy(plans[1]);
    }
    assert_true(grouped > 5);
    fs_model_destroy(model);
}

/* A product of matrices might mix images: it takes them all at once whatever is asked for. */
static void test_no_groups(void **state) {
    fs_plan *plain = plan_in_groups(*state, both, 2, 0, FS_KERNELS_REFERENCE);
    fs_plan *asked = plan_in_groups(*state, both, 2, 1, FS_KERNELS_FAST);
    assert_int_equal(fs_plan_get_info(asked).groups, 1);
    step_with(plain, 40, FS_RELU_PLAIN);
    step_with(asked, 40, FS_RELU_PLAIN);
    assert_true(distance(fs_plan_input_gradient(asked), fs_plan_input_gradient(plain), GROUPED_INPUTS) <
                1e-5);
    fs_plan_destroy(plain);
    fs_plan_destroy(asked);
}

/* Central differences of the objective along a random direction against the gradient's component on it. */
static void check_direction(fs_plan *plan, float *at, const float *gradient, int count, bool weights) {
    float direction[512], before[512];
    fs_random random;
    fs_random_seed(&random, 13, 0);
    assert_true(count <= 512);
    fs_random_normal(&random, direction, count, 1);
    memcpy(before, at, (size_t)count * sizeof *at);
    const float step = 2e-4f;
    double expected = 0, value[2];
    for (int i = 0; i < count; i++)
        expected += (double)gradient[i] * direction[i];
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < count; i++)
            at[i] = before[i] + (side ? step : -step) * direction[i];
        if (weights)
            fs_plan_weights_changed(plan);
        value[side] = objective(plan, 2);
    }
    memcpy(at, before, (size_t)count * sizeof *at);
    if (weights)
        fs_plan_weights_changed(plan);
    double numeric = (value[1] - value[0]) / (2 * (double)step);
    if (fabs(numeric - expected) > 0.02 * fabs(expected) + 0.02)
        fail_msg("finite difference %g, gradient %g", numeric, expected);
}

static void test_gradients(void **state) {
    fs_graph *graph = *state;
    fs_error err = {0};
    static const char *const weights[] = {"w0", "b3", "head"};
    for (int w = 0; w < 3; w++) {
        fs_plan *plan = make_plan(graph, both, 2, FS_KERNELS_FAST, weights[w]);
        fill_input(plan);
        objective(plan, 2);
        assert_int_equal(fs_plan_backward(plan, FS_RELU_PLAIN, NULL, &err), FS_OK);
        float input_gradient[2 * 3 * 9 * 7];
        memcpy(input_gradient, fs_plan_input_gradient(plan), sizeof input_gradient);
        fs_tensor *tensor = &graph->values[fs_graph_find(graph, weights[w])].constant;
        float weight_gradient[512];
        memcpy(weight_gradient, fs_plan_weight_gradient(plan, 0),
               (size_t)fs_tensor_count(tensor) * sizeof(float));
        check_direction(plan, fs_plan_input(plan), input_gradient, 2 * 3 * 9 * 7, false);
        check_direction(plan, fs_f32(tensor), weight_gradient, (int)fs_tensor_count(tensor), true);
        fs_plan_destroy(plan);
    }
}

/* A plan that starts in the middle gives what the whole one gives, with the same gradients above. */
static void test_starts_in_the_middle(void **state) {
    fs_graph *graph = *state;
    static const char *const outputs[] = {"relu", "scores"};
    const int scores = fs_graph_find(graph, "scores"), weight = fs_graph_find(graph, "w3");
    fs_error err = {0};
    fs_plan *whole = make_plan(graph, outputs, 2, FS_KERNELS_FAST, "w3"), *rest = NULL;
    const fs_shape shape = fs_plan_output_shape(whole, 0);
    fs_plan_request request = fs_plan_request_default(graph, shape);
    request.start = fs_graph_find(graph, "relu");
    request.outputs = &scores;
    request.n_outputs = 1;
    request.weights = &weight;
    request.n_weights = 1;
    assert_int_equal(fs_plan_create(&rest, &request, &err), FS_OK);
    assert_true(fs_plan_get_info(rest).steps < fs_plan_get_info(whole).steps);
    fill_input(whole);
    assert_int_equal(fs_plan_forward(whole, NULL, &err), FS_OK);
    memcpy(fs_plan_input(rest), fs_plan_output(whole, 0), (size_t)fs_shape_count(&shape) * sizeof(float));
    assert_int_equal(fs_plan_forward(rest, NULL, &err), FS_OK);
    for (int i = 0; i < 8; i++)
        assert_float_equal(fs_plan_output(rest, 0)[i], fs_plan_output(whole, 1)[i], 1e-5);
    fs_plan_clear_output_gradient(whole, 0);
    for (int i = 0; i < 8; i++)
        fs_plan_output_gradient(whole, 1)[i] = fs_plan_output_gradient(rest, 0)[i] = (float)(i % 3) - 1;
    assert_int_equal(fs_plan_backward(whole, FS_RELU_PLAIN, NULL, &err), FS_OK);
    assert_int_equal(fs_plan_backward(rest, FS_RELU_PLAIN, NULL, &err), FS_OK);
    for (int i = 0; i < CHANNELS * CHANNELS * 9; i++)
        assert_float_equal(fs_plan_weight_gradient(rest, 0)[i], fs_plan_weight_gradient(whole, 0)[i], 1e-4);
    fs_plan_destroy(rest);
    fs_plan_destroy(whole);

    /* "wide_relu" is not on every way: the rest cannot be computed from it alone. */
    request.start = fs_graph_find(graph, "wide_relu");
    assert_int_equal(fs_plan_create(&rest, &request, &err), FS_ERROR_UNSUPPORTED);
}

/* Repacking what was trained gives what a new plan gives. */
static void test_trained(void **state) {
    fs_graph *graph = *state;
    for (int w = 0; w < 2; w++) {
        static const char *const weights[] = {"w0", "w3"};
        fs_error err = {0};
        const fs_tensor *tensor = &graph->values[fs_graph_find(graph, weights[w])].constant;
        fs_plan *plan = make_plan(graph, both, 2, FS_KERNELS_FAST, weights[w]);
        for (int64_t i = 0; i < fs_tensor_count(tensor); i++)
            fs_f32(tensor)[i] *= 1 + (float)(i % 5) / 8;
        fs_plan_trained(plan);
        fs_plan *fresh = make_plan(graph, both, 2, FS_KERNELS_FAST, weights[w]);
        fill_input(plan);
        fill_input(fresh);
        assert_int_equal(fs_plan_forward(plan, NULL, &err), FS_OK);
        assert_int_equal(fs_plan_forward(fresh, NULL, &err), FS_OK);
        for (int o = 0; o < 2; o++) {
            const fs_shape shape = fs_plan_output_shape(plan, o);
            assert_memory_equal(fs_plan_output(plan, o), fs_plan_output(fresh, o),
                                (size_t)fs_shape_count(&shape) * sizeof(float));
        }
        fs_plan_destroy(fresh);
        fs_plan_destroy(plan);
    }
}

static int count_allocation(size_t size, void *context) {
    (void)size;
    ++*(int *)context;
    return 1;
}

static void test_running_never_allocates(void **state) {
    fs_error err = {0};
    int allocations = 0;
    fs_plan *plan = make_plan(*state, both, 2, FS_KERNELS_FAST, "w3");
    fill_input(plan);
    fs_alloc_set_hook(count_allocation, &allocations);
    assert_int_equal(fs_plan_forward(plan, NULL, &err), FS_OK);
    seed_outputs(plan, 2);
    assert_int_equal(fs_plan_backward(plan, FS_RELU_REDIRECTED, NULL, &err), FS_OK);
    fs_alloc_set_hook(NULL, NULL);
    assert_int_equal(allocations, 0);
    fs_plan_destroy(plan);
}

static void test_reuses_memory(void **state) {
    fs_plan *plan = make_plan(*state, both, 1, FS_KERNELS_FAST, NULL);
    fs_plan_info info = fs_plan_get_info(plan);
    assert_true(info.buffer_bytes < info.unshared_bytes);
    assert_true(info.forward_flops > 0);
    fs_plan_destroy(plan);
}

static void test_only_what_is_needed(void **state) {
    static const char *const low[] = {"relu"};
    fs_plan *plan = make_plan(*state, low, 1, FS_KERNELS_FAST, NULL);
    const fs_plan_step_time *times;
    int n = fs_plan_step_times(plan, &times);
    assert_int_equal(n, fs_plan_get_info(plan).steps);
    assert_true(n <= 2); /* a convolution that holds the norm, perhaps a separate ReLU */
    assert_string_equal(times[0].op, "Conv");
    fs_plan_destroy(plan);
}

static void test_cancel(void **state) {
    fs_error err = {0};
    atomic_bool cancel = true;
    fs_plan *plan = make_plan(*state, both, 2, FS_KERNELS_FAST, NULL);
    assert_int_equal(fs_plan_forward(plan, &cancel, &err), FS_ERROR_CANCELLED);
    assert_int_equal(fs_plan_backward(plan, FS_RELU_PLAIN, &cancel, &err), FS_ERROR_CANCELLED);
    fs_plan_destroy(plan);
}

static void test_every_allocation_may_fail(void **state) {
    fs_graph *graph = *state;
    int value = fs_graph_find(graph, "scores");
    fs_plan_request request = fs_plan_request_default(graph, fs_shape_of(4, 1, 3, 8, 8));
    request.outputs = &value;
    request.n_outputs = 1;
    request.input_gradient = true;
    for (int once = 0; once < 2; once++) {
        bool refused = true;
        for (int n = 0; refused; n++) {
            fs_plan *plan = NULL;
            fs_error err = {0};
            (once ? fail_once : fail_from)(n);
            const fs_status status = fs_plan_create(&plan, &request, &err);
            refused = fail_stop();
            assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
            fs_plan_destroy(plan);
        }
    }
}

static void expect_refusal(const fs_graph *graph, fs_shape input, const char *output, const char *part) {
    fs_plan *plan = NULL;
    fs_error err = {0};
    int value = fs_graph_find(graph, output);
    fs_plan_request request = fs_plan_request_default(graph, input);
    request.outputs = &value;
    request.n_outputs = 1;
    assert_int_not_equal(fs_plan_create(&plan, &request, &err), FS_OK);
    if (!strstr(err.message, part))
        fail_msg("'%s' does not say '%s'", err.message, part);
}

static void test_refusals(void **state) {
    expect_refusal(*state, fs_shape_of(4, 1, 4, 8, 8), "scores", "3 input channels");
    expect_refusal(*state, fs_shape_of(3, 3, 8, 8), "scores", "not a batch of images");
    expect_refusal(*state, fs_shape_of(4, 1, 3, 8, 8), "w0", "does not depend on the image");
}

static void test_shapes(void **state) {
    fs_graph *graph = *state;
    fs_error err = {0};
    fs_tensor *shapes = fs_calloc((size_t)graph->n_values, sizeof *shapes);
    char text[FS_SHAPE_TEXT];
    assert_int_equal(fs_plan_infer_shapes(graph, fs_shape_of(4, 1, 3, 20, 30), shapes, &err), FS_OK);
    assert_string_equal(fs_shape_text(&shapes[fs_graph_find(graph, "concat")].shape, text), "1x12x20x30");
    assert_string_equal(fs_shape_text(&shapes[fs_graph_find(graph, "scores")].shape, text), "1x4");
    fs_free(shapes);
}

static bool is_affine(const fs_graph *graph, int value) {
    bool affine = false;
    assert_int_equal(fs_graph_is_affine(&affine, graph, value, NULL), FS_OK);
    return affine;
}

static void test_affine_up_to_the_first_relu(void **state) {
    const fs_graph *graph = *state;
    assert_true(is_affine(graph, fs_graph_find(graph, "stem")));
    assert_true(is_affine(graph, fs_graph_find(graph, "norm")));
    assert_false(is_affine(graph, fs_graph_find(graph, "relu")));
    assert_false(is_affine(graph, fs_graph_find(graph, "wide")));
    assert_false(is_affine(graph, fs_graph_find(graph, "w0")));
}

static fs_graph *empty_graph(void) {
    fs_graph *graph = NULL;
    assert_int_equal(fs_graph_create(&graph, NULL), FS_OK);
    graph->input = fs_graph_value(graph, "x");
    graph->input_shape = fs_shape_of(4, -1, 3, -1, -1);
    return graph;
}

/* A comparison on the way has no slope, which does not keep gradients from passing beside it: 2x above the
 * limit, x below. */
static void test_gradient_beside_a_comparison(void **state) {
    (void)state;
    enum { COUNT = 3 * 4 * 5 };
    fs_graph *graph = empty_graph();
    fs_error err = {0};
    const int x = graph->input, limit = constant(graph, "limit", fs_shape_of(1, 1), 0, 0.25f);
    const int twice = node(graph, "Add", "twice", NULL, 0, 2, x, x);
    const int above = node(graph, "Greater", "above", NULL, 0, 2, x, limit);
    int y = node(graph, "Where", "y", NULL, 0, 3, above, twice, x);
    assert_int_equal(fs_graph_add_output(graph, y, &err), FS_OK);
    assert_int_equal(fs_graph_finish(graph, &err), FS_OK);
    fs_plan_request request = fs_plan_request_default(graph, fs_shape_of(4, 1, 3, 4, 5));
    request.outputs = &y;
    request.n_outputs = 1;
    request.input_gradient = true;
    fs_plan *plan = NULL;
    if (fs_plan_create(&plan, &request, &err) != FS_OK)
        fail_msg("%s", err.message);
    fs_random_normal(&randoms, fs_plan_input(plan), COUNT, 1);
    assert_int_equal(fs_plan_forward(plan, NULL, &err), FS_OK);
    for (int i = 0; i < COUNT; i++) {
        const float factor = fs_plan_input(plan)[i] > 0.25f ? 2 : 1;
        assert_true(fs_plan_output(plan, 0)[i] == factor * fs_plan_input(plan)[i]);
        fs_plan_output_gradient(plan, 0)[i] = (float)i;
    }
    assert_int_equal(fs_plan_backward(plan, FS_RELU_PLAIN, NULL, &err), FS_OK);
    for (int i = 0; i < COUNT; i++)
        assert_true(fs_plan_input_gradient(plan)[i] == (fs_plan_input(plan)[i] > 0.25f ? 2 : 1) * (float)i);
    fs_plan_destroy(plan);
    fs_graph_destroy(graph);
}

/* Since opset 12 Dropout is told by an input, which exporters make an initializer or a node. A ratio of 0
 * drops nothing in training either. */
static void test_dropout_in_training(void **state) {
    (void)state;
    static const int64_t yes[1] = {1};
    for (int variant = 0; variant < 4; variant++) {
        const bool by_node = variant & 1, drops = variant & 2;
        fs_graph *graph = empty_graph();
        fs_error err = {0};
        const fs_attribute value = {.name = "value_int", .kind = FS_ATTRIBUTE_INT, .i = 1};
        const int ratio = constant(graph, "ratio", fs_shape_of(1, 1), 0, drops ? 0.5f : 0);
        const int training = by_node ? node(graph, "Constant", "training", &value, 1, 0)
                                     : constant_ints(graph, "training", yes, 1);
        const int y = node(graph, "Dropout", "y", NULL, 0, 3, graph->input, ratio, training);
        assert_int_equal(fs_graph_add_output(graph, y, &err), FS_OK);
        assert_int_equal(fs_graph_finish(graph, &err), drops ? FS_ERROR_UNSUPPORTED : FS_OK);
        assert_true(!drops || strstr(err.message, "node 'y': training mode is not supported"));
        fs_graph_destroy(graph);
    }
}

static int set_up(void **state) {
    *state = make_network();
    return 0;
}

static int tear_down(void **state) {
    fs_graph_destroy(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_concats_without_copies),
                                       cmocka_unit_test(test_groups),
                                       cmocka_unit_test(test_groups_of_every_layer),
                                       cmocka_unit_test(test_no_groups),
                                       cmocka_unit_test(test_fast_equals_reference),
                                       cmocka_unit_test(test_gradients),
                                       cmocka_unit_test(test_starts_in_the_middle),
                                       cmocka_unit_test(test_trained),
                                       cmocka_unit_test(test_running_never_allocates),
                                       cmocka_unit_test(test_reuses_memory),
                                       cmocka_unit_test(test_only_what_is_needed),
                                       cmocka_unit_test(test_cancel),
                                       cmocka_unit_test(test_every_allocation_may_fail),
                                       cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_shapes),
                                       cmocka_unit_test(test_affine_up_to_the_first_relu),
                                       cmocka_unit_test(test_gradient_beside_a_comparison),
                                       cmocka_unit_test(test_dropout_in_training)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
