/* The channels-last pass: a network of Keras' kind computes the same numbers and gradients before and after
 * it, without the Transposes, and its maps are channels first under the names the file has. */
#include "base/helpers.h"

#include <math.h>

#include "base/random.h"
#include "engine/import/onnx.h"
#include "engine/model.h"
#include "engine/operator.h"
#include "engine/passes/layout.h"
#include "engine/plan.h"

static const char *const fixture = FS_TEST_DATA "/onnx/keras.onnx";

static fs_graph *read_keras(bool pass) {
    fs_error err = {0};
    fs_graph *graph = NULL;
    if (fs_onnx_read(&graph, fixture, &err) != FS_OK || (pass && fs_pass_layout(graph, &err) != FS_OK))
        fail_msg("%s", err.message);
    return graph;
}

static int count_operators(const fs_graph *graph, const char *type) {
    int count = 0;
    for (int n = 0; n < graph->n_nodes; n++)
        count += strcmp(graph->nodes[n].op->type, type) == 0;
    return count;
}

static fs_plan *run(const fs_graph *graph, const char *output) {
    fs_error err = {0};
    fs_plan *plan = NULL;
    fs_random random;
    fs_plan_request request = fs_plan_request_default(graph, fs_shape_of(4, 2, 3, 25, 29));
    const int value = fs_graph_find(graph, output);
    assert_true(value != FS_NO_VALUE);
    request.outputs = &value;
    request.n_outputs = 1;
    request.input_gradient = true;
    request.direct_sums = true;
    if (fs_plan_create(&plan, &request, &err) != FS_OK)
        fail_msg("%s", err.message);
    fs_random_seed(&random, 3, 0);
    fs_random_normal(&random, fs_plan_input(plan), 2 * 3 * 25 * 29, 1);
    assert_int_equal(fs_plan_forward(plan, NULL, &err), FS_OK);
    return plan;
}

static void expect_near(const float *a, const float *b, int64_t count, double tolerance) {
    double difference = 0, norm = 0;
    for (int64_t i = 0; i < count; i++) {
        difference += (a[i] - (double)b[i]) * (a[i] - (double)b[i]);
        norm += (double)b[i] * b[i];
    }
    assert_true(norm > 0);
    if (!(sqrt(difference / norm) < tolerance))
        fail_msg("relative difference %g", sqrt(difference / norm));
}

static void test_same_numbers(void **state) {
    (void)state;
    fs_error err = {0};
    fs_graph *before = read_keras(false), *after = read_keras(true);
    fs_plan *a = run(before, "dense:0"), *b = run(after, "dense:0");
    expect_near(fs_plan_output(b, 0), fs_plan_output(a, 0), 10, 1e-5);
    for (int i = 0; i < 10; i++)
        fs_plan_output_gradient(a, 0)[i] = fs_plan_output_gradient(b, 0)[i] = (float)(i % 3) - 0.7f;
    assert_int_equal(fs_plan_backward(a, FS_RELU_PLAIN, NULL, &err), FS_OK);
    assert_int_equal(fs_plan_backward(b, FS_RELU_PLAIN, NULL, &err), FS_OK);
    expect_near(fs_plan_input_gradient(b), fs_plan_input_gradient(a), 2 * 3 * 25 * 29, 1e-5);
    fs_plan_destroy(a);
    fs_plan_destroy(b);
    fs_graph_destroy(before);
    fs_graph_destroy(after);
}

/* Every map that moved, against the same numbers channels last. */
static void test_maps_are_channels_first(void **state) {
    (void)state;
    static const char *const maps[] = {"stem/BiasAdd:0", "relu6:0", "mixed:0", "se_gate:0", "se_scale:0",
                                       "ln:0",           "prelu:0", "left:0",  "right:0",   "over_channels:0",
                                       "crop:0"};
    fs_graph *before = read_keras(false), *after = read_keras(true);
    for (size_t m = 0; m < sizeof maps / sizeof *maps; m++) {
        fs_plan *a = run(before, maps[m]), *b = run(after, maps[m]);
        const fs_shape last = fs_plan_output_shape(a, 0), first = fs_plan_output_shape(b, 0);
        assert_int_equal(last.rank, 4);
        const fs_shape expected = {4, {last.dim[0], last.dim[3], last.dim[1], last.dim[2]}};
        if (!fs_shape_equal(&first, &expected))
            fail_msg("%s is not channels first", maps[m]);
        const int64_t pixels = last.dim[1] * last.dim[2], channels = last.dim[3];
        for (int64_t i = 0; i < fs_shape_count(&first); i++) {
            const int64_t n = i / (pixels * channels), c = i / pixels % channels, p = i % pixels;
            const float x = fs_plan_output(a, 0)[(n * pixels + p) * channels + c],
                        y = fs_plan_output(b, 0)[i];
            if (!(fabsf(x - y) < 1e-4f))
                fail_msg("%s[%lld]: %g and %g", maps[m], (long long)i, x, y);
        }
        fs_plan_destroy(a);
        fs_plan_destroy(b);
    }
    fs_graph_destroy(before);
    fs_graph_destroy(after);
}

/* One remains: a Reshape reads the file's order of numbers. */
static void test_transposes_are_gone(void **state) {
    (void)state;
    fs_graph *before = read_keras(false), *after = read_keras(true);
    assert_int_equal(count_operators(before, "Transpose"), 1 + 2 * 7);
    assert_int_equal(count_operators(after, "Transpose"), 1);
    assert_int_equal(count_operators(after, "Conv"), 5);
    fs_graph_destroy(before);
    fs_graph_destroy(after);
}

static void test_model_of_keras(void **state) {
    (void)state;
    fs_error err = {0};
    fs_model *model = NULL;
    assert_int_equal(fs_model_load(&model, fixture, &err), FS_OK);
    assert_int_equal(model->preprocess.height, 25);
    assert_int_equal(model->preprocess.width, 29);
    const fs_layer *layer = fs_model_layer(model, "mixed", &err);
    assert_non_null(layer);
    assert_int_equal(layer->channels, 7);
    assert_int_equal(layer->shape.dim[2], 13);
    assert_int_equal(layer->shape.dim[3], 15);
    assert_string_equal(fs_model_logits(model)->name, "dense");
    fs_model_destroy(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_numbers), cmocka_unit_test(test_maps_are_channels_first),
        cmocka_unit_test(test_transposes_are_gone), cmocka_unit_test(test_model_of_keras)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
