/* The sidecar that `pull inceptionv1` writes, beside a graph of that network's nodes and names (made by
 * make_inception5h.py in the folder FS_ARCHITECTURES): every layer its levels name is there. */
#include "base/helpers.h"

#include <stdlib.h>
#include <unistd.h>

#include "engine/model.h"
#include "registry/entry.h"
#include "registry/sidecar_write.h"

static fs_level level_of(const fs_model *model, const char *name) {
    fs_error err = {0};
    const fs_layer *layer = fs_model_layer(model, name, &err);
    if (!layer)
        fail_msg("%s", err.message);
    return layer->level;
}

static fs_model *load_pulled(const char *graph) {
    char *text = NULL;
    fs_error err = {0};
    fs_model *model = NULL;
    assert_int_equal(symlink(graph, scratch_path("inceptionv1.pb")), 0);
    assert_int_equal(fs_registry_sidecar_text(&text, fs_registry_find("inceptionv1"), NULL, &err), FS_OK);
    put_file(scratch_path("inceptionv1.json"), text, strlen(text));
    fs_free(text);
    if (fs_model_load(&model, scratch_path("inceptionv1.pb"), &err) != FS_OK)
        fail_msg("%s", err.message);
    return model;
}

static void test_levels_of_the_tour(void **state) {
    (void)state;
    char graph[1024];
    const char *folder = getenv("FS_ARCHITECTURES");
    snprintf(graph, sizeof graph, "%s/inception5h.pb", folder ? folder : "");
    if (!folder || access(graph, R_OK) != 0) {
        printf("SKIPPED: FS_ARCHITECTURES names no folder with inception5h.pb\n");
        skip();
    }
    fs_model *model = load_pulled(graph);
    assert_true(model->has_sidecar);
    assert_true(model->preprocess.range == 255 && model->preprocess.mean[0] == 117);
    assert_int_equal(level_of(model, "conv2d0"), FS_LEVEL_EDGE);
    assert_int_equal(level_of(model, "mixed3a"), FS_LEVEL_TEXTURE);
    assert_int_equal(level_of(model, "mixed4a"), FS_LEVEL_PATTERN);
    assert_int_equal(level_of(model, "mixed4b"), FS_LEVEL_PART);
    assert_int_equal(level_of(model, "mixed4c"), FS_LEVEL_PART);
    assert_int_equal(level_of(model, "mixed4d"), FS_LEVEL_OBJECT);
    assert_int_equal(level_of(model, "mixed4e"), FS_LEVEL_OBJECT);
    assert_int_equal(level_of(model, "softmax2"), FS_LEVEL_OBJECT);
    fs_model_destroy(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_levels_of_the_tour, scratch_setup, scratch_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
