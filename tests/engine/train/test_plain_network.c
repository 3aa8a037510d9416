/* Networks from a line of text, and weights as before any training. */
#include "base/helpers.h"

#include <math.h>
#include <stdlib.h>

#include "engine/head.h"
#include "engine/train/initialise.h"
#include "engine/train/material.h"
#include "engine/train/plain_network.h"

static char root[64];

static const char *path_of(const char *name) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    return path;
}

static int set_up(void **state) {
    (void)state;
    strcpy(root, FS_SCRATCH "/filterscope-plain-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    material_remove(root);
    return 0;
}

static fs_model *make(const char *text, uint64_t seed) {
    const fs_plain_network network = {text, 32, 5, seed};
    fs_model *model = NULL;
    fs_error err = {0};
    if (fs_plain_network_write(&network, path_of("net.onnx"), &err) != FS_OK ||
        fs_model_load(&model, path_of("net.onnx"), &err) != FS_OK)
        fail_msg("%s", err.message);
    return model;
}

static const fs_layer *layer_of(const fs_model *model, const char *name) {
    fs_error err = {0};
    const fs_layer *layer = fs_model_layer(model, name, &err);
    if (!layer)
        fail_msg("%s", err.message);
    return layer;
}

static void check_layer(const fs_model *model, const char *name, int channels, int side, fs_level level) {
    const fs_layer *layer = layer_of(model, name);
    assert_int_equal(layer->channels, channels);
    assert_int_equal(layer->shape.dim[2], side);
    assert_int_equal(layer->level, level);
}

static void test_layers(void **state) {
    (void)state;
    fs_model *model = make("edge1=8@9/2 max texture1=12@3 object1=16@1", 1);
    assert_int_equal(model->preprocess.height, 32);
    check_layer(model, "edge1.conv", 8, 16, FS_LEVEL_EDGE);
    check_layer(model, "edge1", 8, 16, FS_LEVEL_EDGE);
    assert_string_equal(layer_of(model, "edge1")->operator_type, "Relu");
    check_layer(model, "texture1", 12, 8, FS_LEVEL_TEXTURE);
    check_layer(model, "object1", 16, 8, FS_LEVEL_OBJECT);
    assert_int_equal(layer_of(model, "edge1")->field.size, 9);
    assert_int_equal(layer_of(model, "edge1")->field.stride, 2);
    assert_int_equal(fs_model_logits(model)->channels, 5);
    fs_model_destroy(model);
}

/* Root mean square and mean of a constant. */
static void measure(const fs_tensor *t, double *mean, double *rms) {
    const float *x = t->data;
    const double n = (double)fs_tensor_count(t);
    *mean = *rms = 0;
    for (int64_t i = 0; i < fs_tensor_count(t); i++) {
        *mean += (double)x[i] / n;
        *rms += (double)x[i] * (double)x[i] / n;
    }
    *rms = sqrt(*rms);
}

static const fs_tensor *constant(const fs_model *model, const char *name) {
    const int value = fs_graph_find(model->graph, name);
    assert_true(value != FS_NO_VALUE && model->graph->values[value].constant.data);
    return &model->graph->values[value].constant;
}

/* Of 3 * 9 * 9 inputs, 243 * 64 numbers: the estimate of sigma is within 3 % in all but one of 10^6 seeds. */
static void check_he(const fs_model *model, const char *name, double inputs, double scale) {
    double mean, rms;
    measure(constant(model, name), &mean, &rms);
    assert_true(fabs(mean) < 0.05 * rms);
    assert_true(fabs(rms / (scale * sqrt(2 / inputs)) - 1) < 0.03);
}

static void test_start(void **state) {
    (void)state;
    fs_model *model = make("edge1=64@9/2 texture1=64@3", 3);
    double mean, rms;
    check_he(model, "edge1.weight", 243, 0.1);
    check_he(model, "texture1.weight", 64 * 9, 1);
    measure(constant(model, "texture1.bias"), &mean, &rms);
    assert_true(rms == 0);
    fs_model_destroy(model);
}

static void test_seeds(void **state) {
    (void)state;
    fs_model *a = make("edge1=8@3", 1), *b = make("edge1=8@3", 1), *c = make("edge1=8@3", 2);
    const size_t bytes = (size_t)fs_tensor_count(constant(a, "edge1.weight")) * sizeof(float);
    const void *weights = constant(a, "edge1.weight")->data;
    assert_memory_equal(weights, constant(b, "edge1.weight")->data, bytes);
    assert_memory_not_equal(weights, constant(c, "edge1.weight")->data, bytes);
    fs_model_destroy(a);
    fs_model_destroy(b);
    fs_model_destroy(c);
}

/* A trained network forgets everything: no weight stays, whatever it was. */
static void test_forgetting(void **state) {
    (void)state;
    fs_model *model = make("edge1=64@9/2 texture1=64@3", 3);
    fs_error err = {0};
    const char *const names[] = {"edge1.weight", "edge1.bias", "texture1.weight", "texture1.bias"};
    for (int i = 0; i < 4; i++) {
        float *data = constant(model, names[i])->data;
        for (int64_t k = 0; k < fs_tensor_count(constant(model, names[i])); k++)
            data[k] = 100;
    }
    assert_int_equal(fs_model_initialise(model, 4, &err), FS_OK);
    check_he(model, "edge1.weight", 243, 0.1);
    check_he(model, "texture1.weight", 64 * 9, 1);
    for (int i = 1; i < 4; i += 2)
        assert_true(*(const float *)constant(model, names[i])->data == 0);
    fs_model_destroy(model);
}

static void test_refusals(void **state) {
    (void)state;
    static const struct {
        const char *text, *part;
    } wrong[] = {{"", "needs a layer"},
                 {"max max", "needs a layer"},
                 {"edge1", "'edge1'"},
                 {"edge1=8", "'edge1=8'"},
                 {"edge1=8@4", "odd kernel"},
                 {"edge1=0@3", "'edge1=0@3'"},
                 {"edge1=8@3/0", "'edge1=8@3/0'"},
                 {"edge1=8@3/2x", "'edge1=8@3/2x'"},
                 {"=8@3", "'=8@3'"},
                 {"a/b=8@3", "'a/b=8@3'"},
                 {"a=8@3 a=8@3", "two layers"},
                 {"edge1=99999@3", "'edge1=99999@3'"},
                 {"edge1=8@33", "'edge1=8@33'"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const fs_plain_network network = {wrong[i].text, 32, 2, 0};
        fs_error err = {0};
        assert_int_not_equal(fs_plain_network_write(&network, path_of("wrong.onnx"), &err), FS_OK);
        if (!strstr(err.message, wrong[i].part))
            fail_msg("'%s' is not in '%s'", wrong[i].part, err.message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_layers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_start, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_seeds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_forgetting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
