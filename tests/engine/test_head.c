/* New heads: where the features of a network end, what is cut off, what is put there, and that the rest
 * stays. */
#include "base/helpers.h"

#include <math.h>

#include "base/random.h"
#include "engine/export/onnx_write.h"
#include "engine/head.h"
#include "engine/import/onnx.h"
#include "engine/operator.h"
#include "engine/plan.h"

static fs_model *load_fixture(const char *name) {
    char path[512];
    fs_error err = {0};
    fs_model *model = NULL;
    snprintf(path, sizeof path, FS_TEST_DATA "/onnx/%s.onnx", name);
    if (fs_model_load(&model, path, &err) != FS_OK)
        fail_msg("%s", err.message);
    return model;
}

static int head_input(const fs_model *model) {
    fs_error err = {0};
    int value = FS_NO_VALUE;
    if (fs_model_head_input(&value, model, &err) != FS_OK)
        fail_msg("%s", err.message);
    return value;
}

/* ---- where features end ---- */

static void test_natural_cuts(void **state) {
    (void)state;
    static const struct {
        const char *fixture, *value;
    } cuts[] = {
        {"squeeze", "/features/features.4/Concat_output_0"},   /* before the convolution that classifies */
        {"residual", "/layer1/layer1.1/relu_1/Relu_output_0"}, /* before global pooling */
        {"caffe", "conv1_2"},                                  /* below pooling, dropout and softmax */
        {"fixed_head", "/a/Conv_output_0"},                    /* before Flatten and a linear layer */
    };
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        fs_model *model = load_fixture(cuts[i].fixture);
        assert_string_equal(model->graph->values[head_input(model)].name, cuts[i].value);
        fs_model_destroy(model);
    }
}

static void test_nothing_below_the_classifier(void **state) {
    (void)state;
    fs_error err = {0};
    int value = FS_NO_VALUE;
    fs_model *model = load_fixture("numbered"); /* its only convolution is the classifier */
    assert_int_equal(fs_model_head_input(&value, model, &err), FS_ERROR_NOT_FOUND);
    assert_int_equal(value, FS_NO_VALUE);
    assert_non_null(strstr(err.message, "numbered.onnx: there are no features"));
    fs_model_destroy(model);
}

/* ---- what is put there ---- */

static fs_head_options three_classes(int hidden) {
    fs_head_options options = fs_head_options_default();
    options.classes = 3;
    options.hidden = hidden;
    options.seed = 5;
    return options;
}

static void replace(fs_model *model, int from, const fs_head_options *options) {
    fs_error err = {0};
    if (fs_model_replace_head(model, from, options, &err) != FS_OK)
        fail_msg("%s", err.message);
}

static const fs_tensor *constant(const fs_graph *graph, const char *name) {
    const int value = fs_graph_find(graph, name);
    if (value == FS_NO_VALUE || !graph->values[value].constant.data)
        fail_msg("no constant '%s'", name);
    return &graph->values[value].constant;
}

/* The values at seeded noise of 48x48 pixels, one block of fs_alloc each. */
static void run(const fs_model *model, const int *values, int n, float **out) {
    fs_error err = {0};
    fs_plan *plan = NULL;
    fs_random random;
    const fs_shape input = fs_shape_of(4, 1, 3, 48, 48);
    fs_plan_request request = fs_plan_request_default(model->graph, input);
    request.outputs = values;
    request.n_outputs = n;
    if (fs_plan_create(&plan, &request, &err) != FS_OK)
        fail_msg("%s", err.message);
    fs_random_seed(&random, 3, 0);
    fs_random_normal(&random, fs_plan_input(plan), (int)fs_shape_count(&input), 1);
    assert_int_equal(fs_plan_forward(plan, NULL, &err), FS_OK);
    for (int i = 0; i < n; i++) {
        const fs_shape shape = fs_plan_output_shape(plan, i);
        const size_t size = (size_t)fs_shape_count(&shape) * sizeof(float);
        out[i] = fs_alloc(size);
        memcpy(out[i], fs_plan_output(plan, i), size);
    }
    fs_plan_destroy(plan);
}

/* The scores are W * mean(map) + b, computed here from the definition. */
static void test_scores_follow_from_the_features(void **state) {
    (void)state;
    enum { CHANNELS = 6, CLASSES = 3, POSITIONS = 11 * 11 }; /* squeeze's last map for 48 pixels */
    float *out[2];
    fs_model *model = load_fixture("squeeze");
    const int from = head_input(model);
    const fs_head_options options = three_classes(0);
    replace(model, from, &options);
    assert_int_equal(model->graph->n_outputs, 1);
    assert_string_equal(model->graph->values[model->graph->outputs[0]].name, "logits");
    const int values[2] = {from, model->graph->outputs[0]};
    run(model, values, 2, out);
    const float *weight = fs_f32(constant(model->graph, "head.linear.weight"));
    for (int k = 0; k < CLASSES; k++) {
        double score = 0;
        for (int c = 0; c < CHANNELS; c++) {
            double mean = 0;
            for (int i = 0; i < POSITIONS; i++)
                mean += (double)out[0][c * POSITIONS + i] / POSITIONS;
            score += mean * (double)weight[k * CHANNELS + c];
        }
        assert_true(fabs(score - (double)out[1][k]) < 1e-5);
    }
    fs_free(out[0]);
    fs_free(out[1]);
    fs_model_destroy(model);
}

static void test_what_is_cut_off_is_gone(void **state) {
    (void)state;
    fs_model *model = load_fixture("squeeze");
    const fs_head_options options = three_classes(7);
    replace(model, head_input(model), &options);
    const fs_graph *graph = model->graph;
    for (int n = 0; n < graph->n_nodes; n++)
        assert_null(strstr(graph->nodes[n].name, "classifier"));
    const int old = fs_graph_find(graph, "classifier.classifier.1.weight");
    assert_true(old == FS_NO_VALUE || !graph->values[old].constant.data);
    static const char *const last[] = {"GlobalAveragePool", "Flatten", "Gemm", "Relu", "Gemm"};
    for (int i = 0; i < 5; i++)
        assert_string_equal(graph->nodes[graph->n_nodes - 5 + i].op->type, last[i]);
    assert_int_equal(constant(graph, "head.hidden.weight")->shape.dim[0], 7);
    assert_int_equal(constant(graph, "head.linear.weight")->shape.dim[1], 7);
    assert_int_equal(fs_model_logits(model)->channels, 3);
    assert_int_equal(model->n_labels, 0);
    assert_string_equal(fs_model_layer(model, "features.3", NULL)->name, "features.3");
    fs_model_destroy(model);
}

/* The same seed gives the same weights, of the right spread. */
static void test_weights_are_seeded(void **state) {
    (void)state;
    enum { CLASSES = 5000, FEATURES = 6 };
    fs_model *models[3];
    const float *weights[3];
    for (int i = 0; i < 3; i++) {
        fs_head_options options = three_classes(0);
        options.classes = CLASSES;
        options.seed = i == 2 ? 6 : 5;
        models[i] = load_fixture("squeeze");
        replace(models[i], head_input(models[i]), &options);
        weights[i] = fs_f32(constant(models[i]->graph, "head.linear.weight"));
    }
    const size_t size = (size_t)CLASSES * FEATURES * sizeof(float);
    assert_memory_equal(weights[0], weights[1], size);
    assert_memory_not_equal(weights[0], weights[2], size);
    double square = 0;
    for (int i = 0; i < CLASSES * FEATURES; i++)
        square += (double)weights[0][i] * (double)weights[0][i];
    assert_true(fabs(square / (CLASSES * FEATURES) - 2.0 / FEATURES) < 0.02);
    for (int i = 0; i < 3; i++)
        fs_model_destroy(models[i]);
}

/* A vector is read without pooling; a head over a head gets a name of its own where the first one stays. */
static void test_head_on_a_vector_and_on_a_head(void **state) {
    (void)state;
    fs_model *model = load_fixture("residual");
    const fs_head_options options = three_classes(0);
    replace(model, fs_model_layer(model, "scores", NULL)->value, &options);
    assert_string_equal(model->graph->nodes[model->graph->n_nodes - 1].name, "/head/linear/Gemm");
    assert_string_equal(model->graph->nodes[model->graph->n_nodes - 2].op->type, "Gemm"); /* the old one */
    replace(model, model->graph->outputs[0], &options);
    assert_string_equal(model->graph->nodes[model->graph->n_nodes - 1].name, "/head2/linear/Gemm");
    assert_string_equal(model->graph->values[model->graph->outputs[0]].name, "logits_2");
    replace(model, head_input(model), &options); /* both are cut off again */
    assert_string_equal(model->graph->nodes[model->graph->n_nodes - 1].name, "/head/linear/Gemm");
    assert_string_equal(model->graph->values[model->graph->outputs[0]].name, "logits");
    fs_model_destroy(model);
}

static void test_round_trip(void **state) {
    (void)state;
    fs_error err = {0};
    fs_model *after = NULL, *model = load_fixture("squeeze");
    float *a, *b;
    const fs_head_options options = three_classes(4);
    const fs_onnx_write_options write_options = fs_onnx_write_options_default();
    replace(model, head_input(model), &options);
    assert_int_equal(fs_onnx_write(model->graph, scratch_path("out.onnx"), &write_options, &err), FS_OK);
    assert_int_equal(fs_model_load(&after, scratch_path("out.onnx"), &err), FS_OK);
    assert_int_equal(after->graph->n_nodes, model->graph->n_nodes);
    run(model, model->graph->outputs, 1, &a);
    run(after, after->graph->outputs, 1, &b);
    assert_memory_equal(a, b, 3 * sizeof *a);
    fs_free(a);
    fs_free(b);
    fs_model_destroy(after);
    fs_model_destroy(model);
}

/* ---- what goes wrong ---- */

static void test_refusals(void **state) {
    (void)state;
    fs_error err = {0};
    fs_model *model = load_fixture("squeeze");
    fs_head_options options = three_classes(0);
    const int nodes = model->graph->n_nodes, from = head_input(model);
    options.classes = 0;
    assert_int_equal(fs_model_replace_head(model, from, &options, &err), FS_ERROR_ARGUMENT);
    options.classes = FS_HEAD_MAX_CLASSES + 1;
    assert_int_equal(fs_model_replace_head(model, from, &options, &err), FS_ERROR_ARGUMENT);
    options = three_classes(-1);
    assert_int_equal(fs_model_replace_head(model, from, &options, &err), FS_ERROR_ARGUMENT);
    options = three_classes(0);
    const int weight = model->graph->nodes[0].inputs[2];
    assert_int_equal(fs_model_replace_head(model, weight, &options, &err), FS_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "a head needs a map"));
    assert_int_equal(model->graph->n_nodes, nodes); /* all as it was */
    assert_int_equal(fs_model_logits(model)->channels, 5);
    fs_model_destroy(model);
}

static void test_memory_runs_out(void **state) {
    (void)state;
    bool refused = true;
    const fs_head_options options = three_classes(4);
    for (int allocation = 0; refused; allocation++) {
        fs_error err = {0};
        int from = FS_NO_VALUE;
        fs_model *model = load_fixture("residual");
        fail_from(allocation);
        fs_status status = fs_model_head_input(&from, model, &err);
        if (status == FS_OK)
            status = fs_model_replace_head(model, from, &options, &err);
        refused = fail_stop();
        if (refused ? status != FS_ERROR_MEMORY : status != FS_OK)
            fail_msg("allocation %d: %d, '%s'", allocation, status, err.message);
        fs_model_destroy(model);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_natural_cuts),
        cmocka_unit_test(test_nothing_below_the_classifier),
        cmocka_unit_test(test_scores_follow_from_the_features),
        cmocka_unit_test(test_what_is_cut_off_is_gone),
        cmocka_unit_test(test_weights_are_seeded),
        cmocka_unit_test(test_head_on_a_vector_and_on_a_head),
        cmocka_unit_test_setup_teardown(test_round_trip, scratch_setup, scratch_teardown),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
