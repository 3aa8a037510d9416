/* The layers of inception5h.pb as make_inception5h.py writes it (in the folder FS_ARCHITECTURES): names,
 * channels, levels, branches below their blocks, and the classifier that counts among three. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/model.h"

static FILE *open_beside(const char *name, char path[1024]) {
    const char *folder = getenv("FS_ARCHITECTURES");
    snprintf(path, 1024, "%s/%s", folder ? folder : "", name);
    FILE *file = folder ? fopen(path, "r") : NULL;
    if (!file) {
        printf("SKIPPED: FS_ARCHITECTURES names no folder with inception5h.pb\n");
        skip();
    }
    return file;
}

static int setup(void **state) {
    char path[1024];
    fs_error err = {0};
    fs_model *model = NULL;
    *state = NULL;
    const char *folder = getenv("FS_ARCHITECTURES");
    snprintf(path, sizeof path, "%s/inception5h.pb", folder ? folder : "");
    if (folder && fs_model_load(&model, path, &err) != FS_OK) {
        print_error("%s\n", err.message);
        return -1;
    }
    *state = model;
    return 0;
}

static int teardown(void **state) {
    fs_model_destroy(*state);
    return 0;
}

static void test_layers(void **state) {
    char path[1024], name[64], level[16];
    FILE *file = open_beside("inception5h.layers.txt", path);
    const fs_model *model = *state;
    int channels, count = 0, last = -1;
    while (fscanf(file, "%63s %d %15s", name, &channels, level) == 3) {
        fs_error err = {0};
        const fs_layer *layer = fs_model_layer(model, name, &err);
        if (!layer)
            fail_msg("%s", err.message);
        if (strcmp(layer->name, name) != 0 || layer->channels != channels ||
            strcmp(fs_level_name(layer->level), level) != 0)
            fail_msg("%s: %d channels, %s", layer->name, layer->channels, fs_level_name(layer->level));
        assert_true(layer - model->layers > last);
        last = (int)(layer - model->layers);
        count++;
    }
    fclose(file);
    assert_true(count > 10);
    assert_int_equal(model->preprocess.height, 224);
    assert_int_equal(model->preprocess.width, 224);
}

/* Everything called mixed4d_... is a part of mixed4d, by whatever way, and of its level. */
static void test_branches(void **state) {
    const fs_model *model = *state;
    if (!model)
        skip();
    int count = 0;
    for (int i = 0; i < model->n_layers; i++) {
        const fs_layer *layer = &model->layers[i];
        if (strncmp(layer->name, "mixed4d_", 8) != 0)
            continue;
        int outer = layer->parent;
        while (outer >= 0 && model->layers[outer].parent >= 0)
            outer = model->layers[outer].parent;
        assert_true(outer > i);
        assert_string_equal(model->layers[outer].name, "mixed4d");
        assert_int_equal(layer->level, model->layers[outer].level);
        count++;
    }
    assert_int_equal(count, 13); /* six convolutions before and after their ReLU, one pool */
    const fs_layer *first = fs_model_layer(model, "conv2d0_pre_relu", NULL);
    assert_non_null(first);
    assert_string_equal(model->layers[first->parent].name, "conv2d0");
    assert_string_equal(first->operator_type, "Conv");
}

static void test_scores(void **state) {
    const fs_model *model = *state;
    if (!model)
        skip();
    assert_true(fs_model_output_is_probability(model));
    assert_string_equal(fs_model_logits(model)->name, "softmax2_pre_activation");
    assert_int_equal(model->graph->n_outputs, 3);
    const fs_layer *last = fs_model_layer(model, "softmax2", NULL);
    assert_ptr_equal(last, &model->layers[model->n_layers - 1]);
    assert_ptr_equal(fs_model_layer(model, "output2", NULL), last);
    assert_string_equal(fs_model_layer(model, "output", NULL)->name, "softmax0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_branches),
        cmocka_unit_test(test_scores),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
