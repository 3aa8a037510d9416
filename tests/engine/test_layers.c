/* Layers: their names from several exporters' habits, lookups, parameters, receptive fields in the list,
 * levels. */
#include "base/helpers.h"

#include "engine/layer_names.h"
#include "engine/model.h"

#define FIXTURES FS_TEST_DATA "/onnx/"

static fs_model *load(const char *name) {
    char path[512];
    fs_error err = {0};
    fs_model *model = NULL;
    snprintf(path, sizeof path, FIXTURES "%s.onnx", name);
    if (fs_model_load(&model, path, &err) != FS_OK)
        fail_msg("%s", err.message);
    return model;
}

static void expect_names(const fs_model *model, const char *const *names, int count) {
    for (int i = 0; i < model->n_layers && i < count; i++)
        if (strcmp(model->layers[i].name, names[i]) != 0)
            fail_msg("layer %d is '%s', not '%s'", i, model->layers[i].name, names[i]);
    assert_int_equal(model->n_layers, count);
}

static void test_module_paths(void **state) {
    (void)state;
    static const char *const names[] = {"features.0",
                                        "features.1",
                                        "features.2",
                                        "features.3.squeeze",
                                        "features.3.squeeze_activation",
                                        "features.3.expand1x1",
                                        "features.3.expand1x1_activation",
                                        "features.3.expand3x3",
                                        "features.3.expand3x3_activation",
                                        "features.3",
                                        "features.4.squeeze",
                                        "features.4.squeeze_activation",
                                        "features.4.expand1x1",
                                        "features.4.expand1x1_activation",
                                        "features.4.expand3x3",
                                        "features.4.expand3x3_activation",
                                        "features.4",
                                        "classifier.1",
                                        "classifier.3",
                                        "logits"};
    fs_model *model = load("squeeze");
    expect_names(model, names, (int)(sizeof names / sizeof *names));
    fs_model_destroy(model);
}

static void test_residual_names(void **state) {
    (void)state;
    static const char *const names[] = {
        "conv1",        "relu",     "layer1.0.conv1", "layer1.0.relu", "layer1.0.conv2",
        "layer1.0.Add", "layer1.0", "layer1.1.conv1", "layer1.1.relu", "layer1.1.conv2",
        "layer1.1.Add", "layer1.1", "avgpool",        "Flatten",       "scores"};
    fs_model *model = load("residual");
    expect_names(model, names, (int)(sizeof names / sizeof *names));
    /* The stage is its last block's output; a head with an output's name is still found by its module. */
    assert_string_equal(fs_model_layer(model, "layer1", NULL)->name, "layer1.1");
    assert_string_equal(fs_model_layer(model, "fc", NULL)->name, "scores");
    fs_model_destroy(model);
}

static void test_value_names(void **state) {
    (void)state;
    static const char *const caffe[] = {"conv1_1", "conv1_2", "pool1_1", "flat_1", "fc_1", "prob_1"};
    static const char *const numbered[] = {"Conv_0", "Relu_1", "GlobalAveragePool_2", "15"};
    fs_model *model = load("caffe");
    expect_names(model, caffe, 6);
    assert_string_equal(fs_model_layer(model, "drop_1", NULL)->name,
                        "flat_1"); /* dropout passes its input on */
    assert_string_equal(fs_model_layer(model, "Gemm_5", NULL)->name, "fc_1");
    assert_string_equal(fs_model_logits(model)->name, "fc_1");
    assert_true(fs_model_output_is_probability(model));
    fs_model_destroy(model);
    model = load("numbered");
    expect_names(model, numbered, 4);
    assert_string_equal(fs_model_layer(model, "12", NULL)->name, "Conv_0");
    assert_string_equal(fs_model_logits(model)->name, "15");
    assert_false(fs_model_output_is_probability(model));
    fs_model_destroy(model);
}

static void expect_layer(const fs_model *model, const char *query, const char *name) {
    fs_error err = {0};
    const fs_layer *layer = fs_model_layer(model, query, &err);
    if (!layer || strcmp(layer->name, name) != 0)
        fail_msg("'%s' gives '%s' %s", query, layer ? layer->name : "nothing", err.message);
}

static void test_lookup(void **state) {
    (void)state;
    fs_model *model = load("squeeze");
    expect_layer(model, "features.3", "features.3");
    expect_layer(model, "features.3.Concat", "features.3");
    expect_layer(model, "3.squeeze", "features.3.squeeze");
    expect_layer(model, "4.expand3x3_activation", "features.4.expand3x3_activation");
    expect_layer(model, "/features/features.3/squeeze/Conv", "features.3.squeeze");
    expect_layer(model, "/features/features.3/squeeze/Conv_output_0", "features.3.squeeze");
    expect_layer(model, "/features/features.4", "features.4");
    expect_layer(model, "features", "features.4");
    expect_layer(model, "classifier", "classifier.3");
    expect_layer(model, "MaxPool", "features.2");
    expect_layer(model, "logits", "logits");
    fs_model_destroy(model);
}

static void expect_error(const fs_model *model, const char *query, fs_status code, const char *says) {
    fs_error err = {0};
    assert_null(fs_model_layer(model, query, &err));
    if (err.code != code || !strstr(err.message, says))
        fail_msg("'%s' gives %d, %s", query, err.code, err.message);
}

static void test_lookup_errors(void **state) {
    (void)state;
    fs_model *model = load("squeeze");
    expect_error(model, "expand3x3", FS_ERROR_ARGUMENT, "features.3.expand3x3, features.4.expand3x3");
    expect_error(model, "3", FS_ERROR_ARGUMENT, "features.3, classifier.3");
    expect_error(model, "Conv", FS_ERROR_ARGUMENT, ", ...");
    expect_error(model, "feature.3", FS_ERROR_NOT_FOUND, "did you mean 'features.3'");
    expect_error(model, "expand", FS_ERROR_NOT_FOUND, "no layer 'expand'"); /* components, not letters */
    expect_error(model, "mixed4a", FS_ERROR_NOT_FOUND, "filterscope layers");
    expect_error(model, "", FS_ERROR_NOT_FOUND, "no layer");
    char longest[4000];
    memset(longest, '.', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    expect_error(model, longest, FS_ERROR_NOT_FOUND, "no layer");
    fs_model_destroy(model);
}

static void test_shapes_and_parameters(void **state) {
    (void)state;
    fs_model *model = load("squeeze");
    const fs_layer *layer = fs_model_layer(model, "features.3.expand3x3", NULL);
    const fs_shape shape = fs_shape_of(4, 1, 3, 55, 55);
    assert_true(fs_shape_equal(&layer->shape, &shape));
    assert_int_equal(layer->channels, 3);
    assert_int_equal(layer->parameters, 3 * 2 * 9 + 3);
    assert_string_equal(layer->operator_type, "Conv");
    assert_string_equal(layer->node, "/features/features.3/expand3x3/Conv");
    layer = fs_model_layer(model, "features.3", NULL); /* a module has all its nodes' weights */
    assert_int_equal(layer->parameters, (4 * 2 + 2) + (2 * 3 + 3) + (2 * 3 * 9 + 3));
    assert_int_equal(fs_model_layer(model, "features.1", NULL)->parameters, 0);
    assert_int_equal(fs_model_layer(model, "logits", NULL)->channels, 5);
    fs_model_destroy(model);
}

static const char *parent_name(const fs_model *model, const char *name) {
    const fs_layer *layer = fs_model_layer(model, name, NULL);
    assert_non_null(layer);
    return layer->parent < 0 ? "" : model->layers[layer->parent].name;
}

static void test_parents(void **state) {
    (void)state;
    fs_model *model = load("squeeze");
    assert_string_equal(parent_name(model, "features.3.squeeze"), "features.3");
    assert_string_equal(parent_name(model, "features.3.squeeze_activation"), "features.3");
    assert_string_equal(parent_name(model, "features.3"), "");
    assert_string_equal(parent_name(model, "logits"), "");
    fs_model_destroy(model);
    /* Names without dots: what comes before a layer is part of it, what follows only where a scope says so.
     */
    fs_error err = {0};
    assert_int_equal(fs_model_load(&model, FS_TEST_DATA "/graphdef/branches.pb", &err), FS_OK);
    assert_string_equal(parent_name(model, "conv0_pre_relu"), "conv0");
    assert_string_equal(parent_name(model, "mixed_3x3_bottleneck_pre_relu"), "mixed_3x3_bottleneck");
    assert_string_equal(parent_name(model, "mixed_3x3_bottleneck"), "mixed_3x3");
    assert_string_equal(parent_name(model, "mixed_3x3"), "mixed");
    assert_string_equal(parent_name(model, "mixed"), "");
    assert_string_equal(parent_name(model, "conv1/mean"), "conv1");
    const fs_level level = fs_model_layer(model, "mixed", NULL)->level;
    assert_int_equal(fs_model_layer(model, "mixed_3x3_bottleneck_pre_relu", NULL)->level, level);
    assert_int_equal(fs_model_layer(model, "mixed_1x1", NULL)->level, level);
    fs_model_destroy(model);
}

static void test_levels_by_depth(void **state) {
    (void)state;
    fs_model *model = load("squeeze");
    assert_int_equal(fs_model_layer(model, "features.0", NULL)->level, FS_LEVEL_EDGE);
    assert_int_equal(fs_model_layer(model, "features.2", NULL)->level, FS_LEVEL_EDGE);
    assert_int_equal(fs_model_layer(model, "features.3.squeeze", NULL)->level, FS_LEVEL_TEXTURE);
    assert_int_equal(fs_model_layer(model, "features.3", NULL)->level, FS_LEVEL_PATTERN);
    assert_int_equal(fs_model_layer(model, "features.4", NULL)->level, FS_LEVEL_PART);
    assert_int_equal(fs_model_layer(model, "classifier.1", NULL)->level, FS_LEVEL_OBJECT);
    assert_int_equal(fs_model_layer(model, "logits", NULL)->level, FS_LEVEL_OBJECT);
    for (int i = 1; i < model->n_layers; i++)
        assert_true(model->layers[i].level >= model->layers[i - 1].level || model->layers[i].level >= 1);
    assert_string_equal(fs_level_name(FS_LEVEL_PATTERN), "pattern");
    fs_model_destroy(model);
}

static void expect_path(const char *name, const char *expected) {
    char path[FS_LAYER_PATH];
    fs_layer_path_normalise(name, path);
    assert_string_equal(path, expected);
}

static void test_path_normalisation(void **state) {
    (void)state;
    expect_path("/features/features.3/squeeze/Conv_output_0", "features.3.squeeze.Conv");
    expect_path("/features/features.1/conv/conv.0/conv.0.2/Clip", "features.1.conv.0.2.Clip");
    expect_path("/layer1/layer1.0/relu_1/Relu", "layer1.0.relu_1.Relu");
    expect_path("/layer1/layer10.0/Relu", "layer1.layer10.0.Relu");
    expect_path("features.3", "features.3");
    expect_path("///a//a.b/", "a.b");
    expect_path("/", "");
    expect_path("_output_0", "_output_0");
    expect_path("x_output_", "x_output_");
    char name[3000], path[FS_LAYER_PATH];
    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = '\0';
    fs_layer_path_normalise(name, path);
    assert_true(strlen(path) < sizeof path);
}

/* Where nothing says the size, one is found at which the head works; without one the layers below it remain.
 */
static void test_fixed_head(void **state) {
    (void)state;
    fs_model *model = load("fixed_head");
    assert_int_equal(model->preprocess.height, 32);
    assert_int_equal(model->preprocess.width, 32);
    assert_string_equal(fs_model_logits(model)->name, "logits");
    fs_model_destroy(model);
    model = load("odd_head");
    assert_int_equal(model->preprocess.height, 224);
    assert_int_equal(model->n_layers, 2);
    assert_string_equal(model->layers[1].name, "Flatten");
    assert_null(fs_model_logits(model));
    expect_error(model, "logits", FS_ERROR_NOT_FOUND, "no layer 'logits'");
    fs_model_destroy(model);
}

static void test_grey_input(void **state) {
    (void)state;
    fs_model *model = load("grey");
    assert_int_equal(model->preprocess.order, FS_CHANNELS_GRAY);
    assert_int_equal(fs_preprocess_channels(&model->preprocess), 1);
    assert_int_equal(model->preprocess.height, 12);
    fs_model_destroy(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_module_paths),
        cmocka_unit_test(test_residual_names),
        cmocka_unit_test(test_value_names),
        cmocka_unit_test(test_lookup),
        cmocka_unit_test(test_lookup_errors),
        cmocka_unit_test(test_shapes_and_parameters),
        cmocka_unit_test(test_parents),
        cmocka_unit_test(test_levels_by_depth),
        cmocka_unit_test(test_path_normalisation),
        cmocka_unit_test(test_fixed_head),
        cmocka_unit_test(test_grey_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
