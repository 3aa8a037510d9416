/* The real SqueezeNet of the shared material: names, levels, and that named layers are the tensors PyTorch
 * has. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/npy.h"
#include "engine/model.h"
#include "engine/plan.h"

#define MODEL FS_SHARED "/models/squeezenet1_0.onnx"
#define REFERENCE FS_SHARED "/reference/squeezenet1_0."

static fs_model *load(void) {
    fs_model *model = NULL;
    fs_error err = {0};
    if (!fs_file_exists(MODEL)) {
        print_message("SKIPPED: no %s\n", MODEL);
        skip();
    }
    if (fs_model_load(&model, MODEL, &err) != FS_OK)
        fail_msg("%s", err.message);
    return model;
}

static void test_description(void **state) {
    (void)state;
    fs_model *model = load();
    assert_int_equal(model->n_labels, 1000);
    assert_int_equal(model->preprocess.height, 227);
    assert_int_equal(model->preprocess.order, FS_CHANNELS_BGR);
    assert_string_equal(model->layers[0].name, "features.0");
    assert_int_equal(model->layers[0].channels, 96);
    assert_int_equal(model->layers[0].parameters, 96 * 3 * 49 + 96);
    assert_string_equal(fs_model_logits(model)->name, "logits");
    int64_t parameters = 0;
    for (int i = 0; i < model->n_layers; i++)
        if (strcmp(model->layers[i].operator_type, "Conv") == 0)
            parameters += model->layers[i].parameters;
    assert_int_equal(parameters, 1248424); /* SqueezeNet 1.0 */
    fs_model_destroy(model);
}

static void test_levels(void **state) {
    (void)state;
    static const struct {
        const char *layer;
        fs_level level;
    } expected[] = {{"features.0", FS_LEVEL_EDGE},    {"features.2", FS_LEVEL_EDGE},
                    {"features.3", FS_LEVEL_TEXTURE}, {"features.4", FS_LEVEL_TEXTURE},
                    {"features.5", FS_LEVEL_PATTERN}, {"features.7", FS_LEVEL_PATTERN},
                    {"features.8", FS_LEVEL_PART},    {"features.10", FS_LEVEL_PART},
                    {"features.12", FS_LEVEL_OBJECT}, {"classifier.1", FS_LEVEL_OBJECT}};
    fs_model *model = load();
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_int_equal(fs_model_layer(model, expected[i].layer, NULL)->level, expected[i].level);
    fs_model_destroy(model);
}

static void read_npy(fs_npy *out, const char *path) {
    fs_error err = {0};
    if (fs_npy_read(out, path, &err) != FS_OK)
        fail_msg("%s", err.message);
}

/* The reference holds every 4th row and column. That of features.0 is rectified: PyTorch's ReLU after it
 * works in place, so what was saved there is the output of features.1. */
static void expect_output(const fs_plan *plan, int index, const char *layer, const char *file) {
    char path[512];
    fs_npy reference;
    const fs_shape shape = fs_plan_output_shape(plan, index);
    snprintf(path, sizeof path, REFERENCE "%s.npy", file);
    read_npy(&reference, path);
    assert_int_equal(reference.dim[1], shape.dim[1]);
    assert_int_equal(reference.dim[2], (shape.dim[2] + 3) / 4);
    double difference = 0, norm = 0;
    for (int64_t i = 0; i < reference.dim[1] * reference.dim[2] * reference.dim[3]; i++) {
        const int64_t x = i % reference.dim[3], y = i / reference.dim[3] % reference.dim[2];
        const int64_t c = i / reference.dim[3] / reference.dim[2];
        const double ours = fs_plan_output(plan, index)[(c * shape.dim[2] + 4 * y) * shape.dim[3] + 4 * x];
        difference += pow(ours - reference.data[i], 2);
        norm += pow(reference.data[i], 2);
    }
    fs_npy_free(&reference);
    print_message("%s: relative error %.2g\n", layer, sqrt(difference / norm));
    assert_true(difference <= 1e-8 * norm);
}

static void test_named_outputs(void **state) {
    (void)state;
    static const char *const names[] = {"features.1", "features.3", "features.5", "features.8",
                                        "features.12"};
    static const char *const files[] = {"features.0", "features.3", "features.5", "features.8",
                                        "features.12"};
    enum { COUNT = sizeof names / sizeof *names };
    fs_model *model = load();
    int values[COUNT];
    for (int i = 0; i < COUNT; i++)
        values[i] = fs_model_layer(model, names[i], NULL)->value;
    fs_npy input;
    read_npy(&input, REFERENCE "input.npy");
    fs_plan_request request =
        fs_plan_request_default(model->graph, fs_shape_of(4, 1, 3, (int)input.dim[2], (int)input.dim[3]));
    request.outputs = values;
    request.n_outputs = COUNT;
    fs_plan *plan = NULL;
    fs_error err = {0};
    if (fs_plan_create(&plan, &request, &err) != FS_OK)
        fail_msg("%s", err.message);
    memcpy(fs_plan_input(plan), input.data, sizeof(float) * 3 * (size_t)(input.dim[2] * input.dim[3]));
    assert_int_equal(fs_plan_forward(plan, NULL, &err), FS_OK);
    for (int i = 0; i < COUNT; i++)
        expect_output(plan, i, names[i], files[i]);
    fs_plan_destroy(plan);
    fs_npy_free(&input);
    fs_model_destroy(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_description),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_named_outputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
