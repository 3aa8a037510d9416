/* Where the channels of transformers' layers are, and the views that put them second. */
#include "base/helpers.h"

#include "base/random.h"
#include "engine/model.h"
#include "engine/plan.h"

static fs_model *load(const char *name) {
    char path[512];
    fs_error err = {0};
    fs_model *model = NULL;
    snprintf(path, sizeof path, FS_TEST_DATA "/onnx/%s.onnx", name);
    if (fs_model_load(&model, path, &err) != FS_OK)
        fail_msg("%s", err.message);
    return model;
}

static void expect_layer(const fs_model *model, const char *name, fs_shape expected, fs_level level) {
    char text[FS_SHAPE_TEXT];
    fs_error err = {0};
    const fs_layer *layer = fs_model_layer(model, name, &err);
    if (!layer)
        fail_msg("%s", err.message);
    if (!fs_shape_equal(&layer->shape, &expected))
        fail_msg("%s: %s", name, fs_shape_text(&layer->shape, text));
    assert_int_equal(layer->channels, expected.dim[1]);
    if (layer->level != level)
        fail_msg("%s is at level %s", name, fs_level_name(layer->level));
}

static void test_shapes(void **state) {
    (void)state;
    fs_model *model = load("tokens");
    expect_layer(model, "patches", fs_shape_of(4, 1, 8, 4, 4), FS_LEVEL_EDGE);
    expect_layer(model, "grid", fs_shape_of(3, 1, 8, 16), FS_LEVEL_EDGE);
    expect_layer(model, "tokens", fs_shape_of(3, 1, 8, 16), FS_LEVEL_EDGE);
    expect_layer(model, "norm", fs_shape_of(3, 1, 8, 16), FS_LEVEL_EDGE);
    expect_layer(model, "query", fs_shape_of(3, 1, 8, 16), FS_LEVEL_PATTERN);
    expect_layer(model, "query_split", fs_shape_of(4, 1, 2, 16, 4), FS_LEVEL_PATTERN);
    expect_layer(model, "key_heads", fs_shape_of(4, 1, 2, 4, 16), FS_LEVEL_PATTERN);
    expect_layer(model, "attention", fs_shape_of(4, 1, 2, 16, 16), FS_LEVEL_PATTERN);
    expect_layer(model, "mixed", fs_shape_of(4, 1, 2, 16, 4), FS_LEVEL_PATTERN);
    expect_layer(model, "joined", fs_shape_of(3, 1, 8, 16), FS_LEVEL_PATTERN);
    expect_layer(model, "block", fs_shape_of(3, 1, 8, 16), FS_LEVEL_PATTERN);
    expect_layer(model, "map", fs_shape_of(4, 1, 8, 4, 4), FS_LEVEL_PATTERN);
    expect_layer(model, "hidden", fs_shape_of(4, 1, 12, 4, 4), FS_LEVEL_OBJECT);
    expect_layer(model, "pooled", fs_shape_of(2, 1, 12), FS_LEVEL_OBJECT);
    expect_layer(model, "logits", fs_shape_of(2, 1, 5), FS_LEVEL_OBJECT);
    fs_model_destroy(model);
}

static fs_plan *run(const fs_model *model, int value) {
    fs_error err = {0};
    fs_plan *plan = NULL;
    fs_random random;
    fs_plan_request request = fs_plan_request_default(model->graph, fs_shape_of(4, 2, 3, 16, 16));
    request.outputs = &value;
    request.n_outputs = 1;
    if (fs_plan_create(&plan, &request, &err) != FS_OK)
        fail_msg("%s", err.message);
    fs_random_seed(&random, 4, 0);
    fs_random_normal(&random, fs_plan_input(plan), 2 * 3 * 16 * 16, 1);
    assert_int_equal(fs_plan_forward(plan, NULL, &err), FS_OK);
    return plan;
}

/* Element (n, p, c) of the layer's own value is element (n, c, p) of its view. */
static void expect_view(const fs_model *model, const char *name, int64_t positions, int64_t channels) {
    const fs_layer *layer = fs_model_layer(model, name, NULL);
    assert_true(layer->view != layer->value);
    fs_plan *plain = run(model, layer->value), *view = run(model, layer->view);
    for (int64_t n = 0; n < 2; n++)
        for (int64_t p = 0; p < positions; p++)
            for (int64_t c = 0; c < channels; c++) {
                const float a = fs_plan_output(plain, 0)[(n * positions + p) * channels + c];
                assert_true(a == fs_plan_output(view, 0)[(n * channels + c) * positions + p]);
            }
    fs_plan_destroy(plain);
    fs_plan_destroy(view);
}

static void test_views(void **state) {
    (void)state;
    fs_model *model = load("tokens");
    expect_view(model, "norm", 16, 8);
    expect_view(model, "hidden", 16, 12);
    const fs_layer *first = fs_model_layer(model, "patches", NULL);
    assert_int_equal(first->view, first->value);
    fs_model_destroy(model);
}

/* A gate of one position that scales a map is not the end of the network; the head is. */
static void test_gates_are_no_objects(void **state) {
    (void)state;
    fs_model *model = load("keras");
    expect_layer(model, "pooled", fs_shape_of(2, 1, 6), FS_LEVEL_OBJECT);
    expect_layer(model, "se_gate", fs_shape_of(4, 1, 7, 1, 1), FS_LEVEL_PATTERN);
    fs_model_destroy(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shapes), cmocka_unit_test(test_views),
                                       cmocka_unit_test(test_gates_are_no_objects)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
