/* TensorFlow graphs: small ones against PyTorch and NumPy, what is left out of them, names, and refusals. */
#include "base/helpers.h"

#include <math.h>

#include "base/npy.h"
#include "engine/model.h"
#include "engine/operator.h"
#include "engine/plan.h"

#define FIXTURES FS_TEST_DATA "/graphdef/"

static fs_model *load(const char *name) {
    char path[512];
    fs_error err = {0};
    fs_model *model = NULL;
    snprintf(path, sizeof path, FIXTURES "%s.pb", name);
    if (fs_model_load(&model, path, &err) != FS_OK)
        fail_msg("%s", err.message);
    return model;
}

static void read_npy(fs_npy *out, const char *name, const char *what) {
    char path[512];
    fs_error err = {0};
    snprintf(path, sizeof path, FIXTURES "%s.%s.npy", name, what);
    if (fs_npy_read(out, path, &err) != FS_OK)
        fail_msg("%s", err.message);
}

/* The place in the reference [N,C,H,W] of element i of a map that is that or [N,H,W,C]. */
static int64_t reference_place(const fs_npy *reference, const fs_shape *shape, int64_t i) {
    const int64_t *d = reference->dim;
    if (reference->rank != 4 || (shape->dim[1] == d[1] && shape->dim[2] == d[2]))
        return i;
    const int64_t c = i % d[1], pixel = i / d[1] % (d[2] * d[3]), n = i / (d[1] * d[2] * d[3]);
    return (n * d[1] + c) * d[2] * d[3] + pixel;
}

static void compare(const char *name, const float *ours, const fs_shape *shape, const fs_npy *reference) {
    int64_t count = 1;
    double largest = 1;
    for (int d = 0; d < reference->rank; d++)
        count *= reference->dim[d];
    assert_int_equal(fs_shape_count(shape), count);
    assert_int_equal(shape->rank, reference->rank);
    for (int64_t i = 0; i < count; i++)
        largest = fmax(largest, fabs((double)reference->data[i]));
    for (int64_t i = 0; i < count; i++) {
        const double expected = reference->data[reference_place(reference, shape, i)];
        if (!(fabs(ours[i] - expected) <= 1e-5 * largest))
            fail_msg("%s: element %lld is %g instead of %g", name, (long long)i, (double)ours[i], expected);
    }
}

static void check_case(const char *name) {
    fs_error err = {0};
    fs_npy input = {0}, output = {0};
    fs_model *model = load(name);
    const fs_graph *graph = model->graph;
    read_npy(&input, name, "input");
    read_npy(&output, name, "output");
    const fs_shape shape = fs_shape_of(4, 1, (int)input.dim[1], (int)input.dim[2], (int)input.dim[3]);
    fs_plan_request request = fs_plan_request_default(graph, shape);
    const int value = graph->outputs[graph->n_outputs - 1];
    fs_plan *plan = NULL;
    request.outputs = &value;
    request.n_outputs = 1;
    if (fs_plan_create(&plan, &request, &err) != FS_OK)
        fail_msg("%s: %s", name, err.message);
    memcpy(fs_plan_input(plan), input.data, (size_t)fs_shape_count(&shape) * sizeof(float));
    assert_int_equal(fs_plan_forward(plan, NULL, &err), FS_OK);
    fs_shape made = fs_plan_output_shape(plan, 0);
    compare(name, fs_plan_output(plan, 0), &made, &output);
    fs_plan_destroy(plan);
    fs_npy_free(&input);
    fs_npy_free(&output);
    fs_model_destroy(model);
}

static void test_windows(void **state) {
    (void)state;
    static const char *const names[] = {"conv_same",           "conv_valid", "conv_explicit", "conv_dilated",
                                        "conv_cut_apart",      "depthwise",  "pools",         "lrn",
                                        "conv_channels_first", "batch_norms"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_case(names[i]);
}

static void test_moving(void **state) {
    (void)state;
    static const char *const names[] = {"concats", "splits", "pads", "slices", "turned"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_case(names[i]);
}

static void test_heads_and_numbers(void **state) {
    (void)state;
    static const char *const names[] = {"mean_head", "flatten_head", "arithmetic", "reductions",
                                        "types",     "leftovers",    "branches"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_case(names[i]);
}

/* Mapped to the operator Resize, where the engine has it. */
static void test_resize(void **state) {
    (void)state;
    fs_error err = {0};
    fs_model *model = NULL;
    if (fs_operator_find("Resize")) {
        check_case("resize");
        return;
    }
    assert_int_equal(fs_model_load(&model, FIXTURES "resize.pb", &err), FS_ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "node 'bilinear': operator ResizeBilinear is not supported"));
}

/* ---- names and structure ---- */

/* A convolution with its bias is one node, called like the addition; the image has the placeholder's name. */
static void test_bias_is_part_of_the_convolution(void **state) {
    (void)state;
    static const struct {
        const char *file, *bias, *conv;
    } cases[] = {{"conv_same", "conv", "conv/conv"},
                 {"conv_valid", "conv/add", "conv/Conv2D"},
                 {"conv_channels_first", "conv", "conv/conv"},
                 {"depthwise", "biased", "filters"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fs_model *model = load(cases[i].file);
        const fs_graph *graph = model->graph;
        const fs_layer *layer = fs_model_layer(model, cases[i].bias, NULL);
        assert_non_null(layer);
        assert_string_equal(layer->operator_type, "Conv");
        assert_int_equal(graph->nodes[graph->values[layer->value].producer].n_inputs, 3);
        assert_int_equal(layer->shape.dim[0], 1);
        assert_int_equal(fs_graph_find(graph, cases[i].conv), FS_NO_VALUE);
        assert_string_equal(graph->values[graph->input].name, "input");
        fs_model_destroy(model);
    }
}

static void test_leftovers_are_left_out(void **state) {
    (void)state;
    fs_model *model = load("leftovers");
    const fs_graph *graph = model->graph;
    static const char *const gone[] = {"labels", "global_step", "prediction", "loss", "summary", "check"};
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        assert_int_equal(fs_graph_find(graph, gone[i]), FS_NO_VALUE);
    /* The deeper classifier is last though it comes first in the file; both under their own names. */
    assert_int_equal(graph->n_outputs, 2);
    assert_string_equal(graph->values[graph->outputs[0]].name, "side");
    assert_string_equal(graph->values[graph->outputs[1]].name, "deep");
    assert_true(fs_model_output_is_probability(model));
    assert_string_equal(fs_model_logits(model)->name, "deep_logits");
    const fs_layer *deep = fs_model_layer(model, "deep", NULL);
    assert_non_null(deep);
    assert_ptr_equal(fs_model_layer(model, "deep_output", NULL), deep);
    assert_ptr_equal(fs_model_layer(model, "deep_alias", NULL), deep);
    fs_model_destroy(model);
}

static void test_input(void **state) {
    (void)state;
    fs_model *model = load("conv_same");
    assert_int_equal(model->preprocess.height, 7);
    assert_int_equal(model->preprocess.width, 10);
    fs_model_destroy(model);
    model = load("conv_channels_first");
    assert_int_equal(model->preprocess.height, 6);
    assert_int_equal(model->preprocess.width, 7);
    fs_model_destroy(model);
    model = load("leftovers"); /* nothing declared: channels of the first convolution, a usual size */
    assert_int_equal(fs_preprocess_channels(&model->preprocess), 3);
    assert_int_equal(model->preprocess.height, 224);
    fs_model_destroy(model);
}

/* ---- refusals ---- */

static void test_refusals(void **state) {
    (void)state;
    static const struct {
        const char *file, *message;
    } cases[] = {
        {"attributes", "node 'relu': 65 attributes are too many"},
        {"axis", "node 'joined': the axis ('axis') is not constant"},
        {"branch", "node 'switch': loops and branches (Switch) are not supported"},
        {"cut", "node 'cut': SpaceToBatchND is supported around one convolution alone"},
        {"cycle", "node 'a' is on a cycle"},
        {"element", "constant 'w': data type 7 is not supported"},
        {"explicit", "node 'conv': attribute 'pads' holds -1"},
        {"huge", "constant 'w': its dimensions are negative or enormous"},
        {"inputs", "node 'relu': Relu does not take 2 inputs"},
        {"layout", "node 'conv': data format 'CHWN' is not supported"},
        {"mirror", "node 'pad': mode 'SYMMETRIC' is not supported"},
        {"missing", "node 'relu': its input 'nobody' is missing from the file"},
        {"name", "'a:1' cannot be a node's name"},
        {"negative", "constant 'w': its dimensions are negative or enormous"},
        {"no_output", "the graph has no output"},
        {"no_value", "constant 'w': it has no value"},
        {"numbers", "constant 'w': its dimensions need 2 numbers, the file has 3"},
        {"operator", "node 'pool': operator FractionalMaxPool is not supported"},
        {"padding", "node 'conv': padding 'FULL' is not supported"},
        {"padding_kind", "node 'conv': padding '' is not supported"},
        {"port", "node 'tanh': output 3 of 'relu' (Relu) is not supported"},
        {"radius", "node 'lrn': a 'depth_radius' of -4 makes no sense"},
        {"rank", "one float image [N,H,W,C] is needed; the placeholders are 'input'"},
        {"second_image", "the placeholders are 'input', 'other'"},
        {"second_input", "node 'keep': a second input; the model must have one alone, the image 'input'"},
        {"short", "constant 'w': its dimensions need 36 bytes, the file has 4"},
        {"slice", "node 'slice': the step of the slice is 0"},
        {"split", "node 'split': 1099511627776 parts are outside of 1..64"},
        {"spread", "constant 'w': it repeats a number 201326591 times"},
        {"spread_often", "constant 'w16': it repeats a number"},
        {"stride_count", "node 'conv': attribute 'strides' has 2 numbers instead of 4"},
        {"stride_images", "node 'conv': 'strides' over images or channels is not supported"},
        {"stride_negative", "node 'conv': attribute 'strides' holds -1"},
        {"strides", "node 'conv': attribute 'strides' is not a list of whole numbers"},
        {"training", "node 'norm': it is in training mode"},
        {"twice", "there are two nodes 'relu'"},
        {"variable", "is not frozen: variable 'conv/kernel' has no value in the file"},
        {"weight_rank", "node 'conv': the weights 'w' are not floats [H,W,C,C]"},
        {"weight_type", "node 'conv': the weights 'w' are not floats [H,W,C,C]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[512];
        fs_error err = {0};
        fs_model *model = NULL;
        snprintf(path, sizeof path, FIXTURES "bad_%s.pb", cases[i].file);
        const fs_status status = fs_model_load(&model, path, &err);
        if (status == FS_OK)
            fail_msg("%s is accepted", path);
        assert_null(model);
        assert_int_equal(err.code, status);
        if (strncmp(err.message, path, strlen(path)) != 0 || !strstr(err.message, cases[i].message) ||
            strchr(err.message, '\n'))
            fail_msg("'%s', expected '%s'", err.message, cases[i].message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_moving),
        cmocka_unit_test(test_heads_and_numbers),
        cmocka_unit_test(test_resize),
        cmocka_unit_test(test_bias_is_part_of_the_convolution),
        cmocka_unit_test(test_leftovers_are_left_out),
        cmocka_unit_test(test_input),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
