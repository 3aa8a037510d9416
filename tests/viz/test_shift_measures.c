/* The numbers a shift is told in: Procrustes distances and linear probes of clouds whose answer is known, and
 * the layers that two networks share. */
#include "viz_test.h"

#include "base/npy.h"
#include "tiny_model.h"
#include "viz/procrustes.h"
#include "viz/separability.h"
#include "viz/shift_layers.h"

static fs_npy read_fixture(const char *name) {
    fs_npy npy = {0};
    fs_error err = {0};
    char path[512];
    snprintf(path, sizeof path, FS_TEST_DATA "/cka/%s.npy", name);
    if (fs_npy_read(&npy, path, &err) != FS_OK)
        fail_msg("%s", err.message);
    return npy;
}

/* ---- Procrustes ---- */

/* Layer 0 is narrower than there are pictures, layer 1 wider. */
static void test_procrustes_numpy_agrees(void **state) {
    static const char *const names[2][2] = {{"a0", "b0"}, {"a1", "b1"}};
    fs_npy expected = read_fixture("procrustes");
    (void)state;
    for (int l = 0; l < 2; l++) {
        fs_npy a = read_fixture(names[l][0]), b = read_fixture(names[l][1]);
        double distance = 0;
        assert_int_equal(
            fs_procrustes(a.data, b.data, (int)a.dim[0], (int)a.dim[1], (int)b.dim[1], &distance, NULL),
            FS_OK);
        assert_close(distance, (double)expected.data[l], 1e-5, 1);
        fs_npy_free(&a);
        fs_npy_free(&b);
    }
    fs_npy_free(&expected);
}

static void test_procrustes_of_a_rotation_is_zero(void **state) {
    enum { N = 30 };
    float *a = test_normals(N * 2, 1, 1), b[N * 2], flat[N * 2] = {0};
    double distance = -1;
    (void)state;
    for (int i = 0; i < N; i++) {
        b[2 * i] = 5 + 2 * (0.6F * a[2 * i] - 0.8F * a[2 * i + 1]);
        b[2 * i + 1] = 2 * (0.8F * a[2 * i] + 0.6F * a[2 * i + 1]);
    }
    assert_int_equal(fs_procrustes(a, b, N, 2, 2, &distance, NULL), FS_OK);
    assert_close(distance, 0, 1e-5, 1);
    assert_int_equal(fs_procrustes(a, flat, N, 2, 2, &distance, NULL), FS_OK);
    assert_true(isnan(distance));
    fs_free(a);
}

/* ---- linear probes ---- */

enum { POINTS = 60, WIDE = 100 };

/* Noise, and on channel 3 the class times `distance`. */
static float *clouds(int channels, double distance, int labels[POINTS]) {
    float *out = test_normals((size_t)POINTS * (size_t)channels, 1, 17);
    for (int i = 0; i < POINTS; i++) {
        labels[i] = i % 3;
        out[i * channels + 3] += (float)(distance * labels[i]);
    }
    return out;
}

static fs_separability separability(int channels, double distance) {
    int labels[POINTS];
    fs_separability found = {0};
    fs_error err = {0};
    float *features = clouds(channels, distance, labels);
    if (fs_separability_run(&found, features, labels, POINTS, channels, 3, &err) != FS_OK)
        fail_msg("%s", err.message);
    fs_free(features);
    return found;
}

static void test_probes_find_what_is_there(void **state) {
    (void)state;
    fs_separability none = separability(8, 0);
    /* Within what chance does to 60 pictures: 1/3, give or take three standard errors. */
    assert_in_range((int)(100 * none.accuracy), 15, 52);
    assert_close(none.standard_error, sqrt(none.accuracy * (1 - none.accuracy) / POINTS), 1e-9, 1);
    assert_true(separability(8, 3).accuracy > none.accuracy + 0.2);
    /* Two classes apart along every channel are certain, more channels than pictures or not. */
    int labels[POINTS];
    for (int channels = 4; channels <= WIDE; channels += WIDE - 4) {
        fs_separability found = {0};
        float *features = clouds(channels, 0, labels);
        for (int i = 0; i < POINTS; i++) {
            labels[i] = i % 2;
            for (int c = 0; c < channels; c++)
                features[i * channels + c] += (float)(4 * labels[i]);
        }
        assert_int_equal(fs_separability_run(&found, features, labels, POINTS, channels, 2, NULL), FS_OK);
        assert_true(found.accuracy > 0.9);
        fs_free(features);
    }
}

static void test_probes_refuse_too_little(void **state) {
    int labels[POINTS];
    float *features = clouds(5, 1, labels);
    fs_separability found;
    (void)state;
    assert_true(fs_separability_possible(labels, POINTS, 3));
    assert_false(fs_separability_possible(labels, POINTS, 4));
    assert_false(fs_separability_possible(labels, 3 * FS_SEPARABILITY_FOLDS - 1, 3));
    assert_int_equal(fs_separability_run(&found, features, labels, POINTS, 5, 4, NULL), FS_ERROR_ARGUMENT);
    /* Channels that never vary are no reason to fail. */
    for (int i = 0; i < POINTS * 5; i++)
        features[i] = 2;
    assert_int_equal(fs_separability_run(&found, features, labels, POINTS, 5, 3, NULL), FS_OK);
    assert_true(found.accuracy < 0.5);
    fs_free(features);
}

/* ---- layers ---- */

static void test_layers_are_matched_by_name_and_shape(void **state) {
    tiny_model before, after;
    fs_shift_layers layers = {0};
    (void)state;
    tiny_model_create(&before, 0);
    tiny_model_create(&after, 0);
    before.layers[0].parent = before.layers[1].parent = before.layers[2].parent = -1;
    assert_int_equal(fs_shift_match(&layers, &before.model, &after.model, false, NULL), FS_OK);
    assert_int_equal(layers.n, 3);
    assert_int_equal(layers.n_skipped, 0);
    assert_null(layers.pairs[0].filters[FS_BEFORE].data); /* a rectifier */
    const fs_shift_filters *f = &layers.pairs[2].filters[FS_AFTER];
    assert_int_equal(f->count, TINY_CLASSES);
    assert_int_equal(f->length, TINY_TWO * 64);
    assert_int_equal(f->number_step, TINY_CLASSES); /* a Gemm's columns */
    fs_shift_layers_free(&layers);

    after.layers[0].name = "renamed";
    after.layers[1].shape.dim[2]++;
    assert_int_equal(fs_shift_match(&layers, &before.model, &after.model, false, NULL), FS_OK);
    assert_int_equal(layers.n, 1);
    assert_string_equal(layers.pairs[0].layer[FS_AFTER]->name, "logits");
    assert_int_equal(layers.n_skipped, 3);
    assert_int_equal(layers.skipped[0].reason, FS_SHIFT_ONLY_BEFORE);
    assert_int_equal(layers.skipped[1].reason, FS_SHIFT_SHAPES_DIFFER);
    assert_int_equal(layers.skipped[2].reason, FS_SHIFT_ONLY_AFTER);
    fs_shift_layers_free(&layers);

    after.layers[2].name = "also renamed";
    assert_int_equal(fs_shift_match(&layers, &before.model, &after.model, false, NULL), FS_ERROR_NOT_FOUND);
    tiny_model_destroy(&before);
    tiny_model_destroy(&after);
}

/* Rectifiers inside a module are left out unless all layers are asked for. */
static void test_layers_inside_modules(void **state) {
    tiny_model before, after;
    fs_shift_layers layers = {0};
    (void)state;
    tiny_model_create(&before, 0);
    tiny_model_create(&after, 0);
    before.layers[0].parent = before.layers[2].parent = 1;
    before.layers[1].parent = -1;
    assert_int_equal(fs_shift_match(&layers, &before.model, &after.model, false, NULL), FS_OK);
    assert_int_equal(layers.n, 2);
    assert_string_equal(layers.pairs[0].layer[0]->name, "two");
    assert_string_equal(layers.pairs[1].layer[0]->name, "logits");
    fs_shift_layers_free(&layers);
    assert_int_equal(fs_shift_match(&layers, &before.model, &after.model, true, NULL), FS_OK);
    assert_int_equal(layers.n, 3);
    fs_shift_layers_free(&layers);
    tiny_model_destroy(&before);
    tiny_model_destroy(&after);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_procrustes_numpy_agrees),
        cmocka_unit_test(test_procrustes_of_a_rotation_is_zero),
        cmocka_unit_test(test_probes_find_what_is_there),
        cmocka_unit_test(test_probes_refuse_too_little),
        cmocka_unit_test(test_layers_are_matched_by_name_and_shape),
        cmocka_unit_test(test_layers_inside_modules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
