/* Receptive fields against what gradients really reach: geometry.onnx is linear, so the pixels that influence
 * a unit are those with a gradient that is not zero. */
#include "base/helpers.h"

#include "engine/model.h"
#include "engine/plan.h"

enum { SIDE = 96 };

/* The first and last row and column with a gradient, over all channels. */
typedef struct box {
    int first[2], last[2];
} box;

static box reached(const float *gradient) {
    box b = {{SIDE, SIDE}, {-1, -1}};
    for (int c = 0; c < 3; c++) {
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                if (gradient[(c * SIDE + y) * SIDE + x] == 0)
                    continue;
                const int at[2] = {y, x};
                for (int a = 0; a < 2; a++) {
                    b.first[a] = at[a] < b.first[a] ? at[a] : b.first[a];
                    b.last[a] = at[a] > b.last[a] ? at[a] : b.last[a];
                }
            }
        }
    }
    return b;
}

/* The gradient of all channels of one unit. */
static box probe(const fs_model *model, const fs_layer *layer, int row, int column) {
    fs_plan *plan = NULL;
    fs_error err = {0};
    fs_plan_request request = fs_plan_request_default(model->graph, fs_shape_of(4, 1, 3, SIDE, SIDE));
    request.outputs = &layer->value;
    request.n_outputs = 1;
    request.input_gradient = true;
    if (fs_plan_create(&plan, &request, &err) != FS_OK)
        fail_msg("%s", err.message);
    memset(fs_plan_input(plan), 0, sizeof(float) * 3 * SIDE * SIDE);
    assert_int_equal(fs_plan_forward(plan, NULL, &err), FS_OK);
    const fs_shape shape = fs_plan_output_shape(plan, 0);
    float *seed = fs_plan_clear_output_gradient(plan, 0);
    for (int64_t c = 0; c < shape.dim[1]; c++)
        seed[(c * shape.dim[2] + row) * shape.dim[3] + column] = 1.0f + (float)c;
    assert_int_equal(fs_plan_backward(plan, FS_RELU_PLAIN, NULL, &err), FS_OK);
    box b = reached(fs_plan_input_gradient(plan));
    fs_plan_destroy(plan);
    return b;
}

static fs_model *load_file(const char *path) {
    fs_model *model = NULL;
    fs_error err = {0};
    if (fs_model_load(&model, path, &err) != FS_OK)
        fail_msg("%s", err.message);
    return model;
}

static fs_model *load(void) {
    return load_file(FS_TEST_DATA "/onnx/geometry.onnx");
}

/* One unit's box along the axis that the summary describes (the longer one). */
static void expect_field(const fs_model *model, const char *name, int unit) {
    const fs_layer *layer = fs_model_layer(model, name, NULL);
    assert_non_null(layer);
    const box b = probe(model, layer, unit, unit);
    const fs_receptive_field f = layer->field;
    const int start = f.offset + f.stride * unit;
    bool matches = false;
    for (int a = 0; a < 2; a++) {
        assert_true(b.last[a] - b.first[a] + 1 <= f.size);
        matches = matches || (b.first[a] == start && b.last[a] == start + f.size - 1);
    }
    if (!matches)
        fail_msg("%s: field %d at %d, but rows %d..%d, columns %d..%d", name, f.size, start, b.first[0],
                 b.last[0], b.first[1], b.last[1]);
}

static void test_fields_match_gradients(void **state) {
    (void)state;
    static const char *const names[] = {"a", "b", "c", "d", "e", "joined"};
    fs_model *model = load();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        expect_field(model, names[i], 10);
        expect_field(model, names[i], 12);
    }
    fs_model_destroy(model);
}

static void test_fields_by_hand(void **state) {
    (void)state;
    fs_model *model = load();
    /* a: 3x3, stride 2, no padding at the left. b: 2x2 average of those, 2 + 3 = 5 pixels every 4. c: reaches
     * 2 units of 4 pixels to both sides. */
    const fs_receptive_field a = fs_model_layer(model, "a", NULL)->field,
                             b = fs_model_layer(model, "b", NULL)->field,
                             c = fs_model_layer(model, "c", NULL)->field;
    assert_int_equal(a.size, 3);
    assert_int_equal(a.stride, 2);
    assert_int_equal(b.size, 5);
    assert_int_equal(b.stride, 4);
    assert_int_equal(c.size, 5 + 2 * 2 * 4);
    assert_int_equal(c.stride, 4);
    fs_model_destroy(model);
}

static void test_whole_image(void **state) {
    (void)state;
    fs_model *model = NULL;
    fs_error err = {0};
    assert_int_equal(fs_model_load(&model, FS_TEST_DATA "/onnx/squeeze.onnx", &err), FS_OK);
    assert_int_equal(fs_model_layer(model, "classifier.3", NULL)->field.size, 0);
    assert_int_equal(fs_model_layer(model, "logits", NULL)->field.size, 0);
    const fs_receptive_field f = fs_model_layer(model, "features.4", NULL)->field;
    assert_int_equal(f.size, 23); /* 3, pool to 7, two 3x3 at stride 4 */
    assert_int_equal(f.stride, 4);
    assert_int_equal(f.offset, -8);
    fs_model_destroy(model);
}

static bool is_affine(const fs_graph *graph, int value) {
    bool affine = false;
    assert_int_equal(fs_graph_is_affine(&affine, graph, value, NULL), FS_OK);
    return affine;
}

/* The units of an enlarged map are shifted one against the other: the field is what all of them need, and no
 * more. */
static void test_enlarged_fields(void **state) {
    (void)state;
    static const char *const names[] = {"nearest", "linear", "smaller", "even", "odd", "space", "depth"};
    fs_model *model = load_file(FS_TEST_DATA "/onnx/enlarging.onnx");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const fs_layer *layer = fs_model_layer(model, names[i], NULL);
        assert_non_null(layer);
        const fs_receptive_field f = layer->field;
        assert_true(is_affine(model->graph, layer->value));
        int first = SIDE, last = -SIDE;
        for (int unit = 8; unit < 14; unit++) {
            const box b = probe(model, layer, unit, unit);
            first = b.first[1] - f.stride * unit < first ? b.first[1] - f.stride * unit : first;
            last = b.last[1] - f.stride * unit > last ? b.last[1] - f.stride * unit : last;
        }
        if (first != f.offset || last != f.offset + f.size - 1)
            fail_msg("%s: field %d at %d, but gradients reach %d..%d", names[i], f.size, f.offset, first,
                     last);
    }
    const fs_layer *norm = fs_model_layer(model, "norm", NULL);
    assert_int_equal(norm->field.size, 0); /* statistics of the whole image */
    assert_false(is_affine(model->graph, norm->value));
    fs_model_destroy(model);
}

/* A block that moves its channels behind the positions and back sees what its convolution sees. */
static void test_channels_last(void **state) {
    (void)state;
    fs_model *model = load_file(FS_TEST_DATA "/onnx/channels_last.onnx");
    expect_field(model, "block", 10);
    expect_field(model, "block", 13);
    const fs_receptive_field f = fs_model_layer(model, "block", NULL)->field;
    assert_int_equal(f.size, 2 + 2 * 2);
    assert_int_equal(f.stride, 2);
    assert_int_equal(f.offset, -2);
    assert_int_equal(fs_model_layer(model, "mixed", NULL)->field.size, 0);
    fs_model_destroy(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_match_gradients),
        cmocka_unit_test(test_fields_by_hand),
        cmocka_unit_test(test_whole_image),
        cmocka_unit_test(test_enlarged_fields),
        cmocka_unit_test(test_channels_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
