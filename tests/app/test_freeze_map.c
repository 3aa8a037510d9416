/* Which layers are to be trained: switches for the layers below the classifier, policies, names. */
#include "base/helpers.h"

#include "app/freeze_map.h"
#include "training_test.h"

typedef struct fixture {
    fs_model *model;
    fs_freeze_map map;
} fixture;

static void start(fixture *f, const char *path) {
    fs_error err = {0};
    must(fs_model_load(&f->model, path, &err), &err);
    must(fs_freeze_map_create(&f->map, f->model, &err), &err);
}

static void finish(fixture *f) {
    fs_freeze_map_free(&f->map);
    fs_model_destroy(f->model);
}

static void check_name(const fixture *f, int i, const char *name) {
    assert_string_equal(f->model->layers[f->map.layers[i]].name, name);
}

static void test_layers_below_the_classifier(void **state) {
    (void)state;
    fixture f;
    start(&f, training_path("model/small.onnx"));
    assert_int_equal(f.map.n, 4);
    check_name(&f, 0, "one");
    check_name(&f, 1, "two");
    check_name(&f, 2, "two_norm");
    check_name(&f, 3, "three");
    finish(&f);
}

static void test_policies(void **state) {
    (void)state;
    fixture f;
    start(&f, FS_TEST_DATA "/onnx/squeeze.onnx");
    for (int policy = FS_FREEZE_HEAD; policy <= FS_FREEZE_NONE; policy++) {
        fs_freeze_map_set(&f.map, f.model, (fs_freeze)policy);
        for (int i = 0; i < f.map.n; i++) {
            const fs_level level = f.model->layers[f.map.layers[i]].level;
            const bool wanted = policy == FS_FREEZE_NONE ||
                                (policy == FS_FREEZE_LOW && level >= FS_LEVEL_PATTERN) ||
                                (policy == FS_FREEZE_HIGH && level >= FS_LEVEL_PART);
            assert_int_equal(f.map.trained[i], wanted);
        }
        /* the first that sets exactly these */
        assert_true(fs_freeze_map_policy(&f.map, f.model) >= 0);
        assert_true(fs_freeze_map_policy(&f.map, f.model) <= policy);
    }
    finish(&f);
}

static void test_levels_and_names(void **state) {
    (void)state;
    fixture f;
    fs_error err = {0};
    char *text = NULL;
    start(&f, training_path("model/small.onnx"));
    must(fs_freeze_map_text(&text, &f.map, f.model, &err), &err);
    assert_string_equal(text, "");
    fs_free(text);
    const fs_level level = f.model->layers[f.map.layers[0]].level;
    f.map.trained[0] = true;
    f.map.trained[3] = true;
    must(fs_freeze_map_text(&text, &f.map, f.model, &err), &err);
    /* by them a network with another head finds the same layers */
    fs_training_settings settings = training_settings();
    settings.layers = text;
    fs_training_run *run = NULL;
    fs_model *other = NULL;
    must(fs_model_load(&other, training_path("model/small.onnx"), &err), &err);
    must(fs_training_run_create(&run, other, &settings, NULL, &err), &err);
    fs_training_run_destroy(run);
    fs_model_destroy(other);
    fs_free(text);
    for (int i = 0; i < f.map.n; i++)
        f.map.trained[i] = false;
    fs_freeze_map_toggle_level(&f.map, f.model, level);
    for (int i = 0; i < f.map.n; i++)
        assert_int_equal(f.map.trained[i], f.model->layers[f.map.layers[i]].level == level);
    f.map.trained[0] = false; /* some: the whole level comes on */
    fs_freeze_map_toggle_level(&f.map, f.model, level);
    assert_true(f.map.trained[0]);
    fs_freeze_map_toggle_level(&f.map, f.model, level);
    assert_false(f.map.trained[0]);
    finish(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layers_below_the_classifier),
        cmocka_unit_test(test_policies),
        cmocka_unit_test(test_levels_and_names),
    };
    return cmocka_run_group_tests(tests, training_set_up, training_tear_down);
}
