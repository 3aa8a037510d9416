/* Folders of classes, pictures kept in memory, batches made in the background. */
#include "base/helpers.h"

#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "engine/train/loader.h"
#include "engine/train/material.h"

enum { SIDE = 16, FLOATS = 3 * SIDE * SIDE };

static const fs_preprocess how = {
    .height = SIDE, .width = SIDE, .range = 1, .mean = {0.5F, 0.5F, 0.5F}, .std = {0.25F, 0.25F, 0.25F}};

static char root[64];

static int set_up(void **state) {
    (void)state;
    strcpy(root, FS_SCRATCH "/filterscope-dataset-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    material_remove(root);
    return 0;
}

static const char *under(const char *name) {
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

static fs_dataset *open_dataset(const char *path, double share, uint64_t seed) {
    fs_dataset *d = NULL;
    fs_error err = {0};
    const fs_dataset_options options = {share, seed};
    if (fs_dataset_open(&d, path, &options, &err) != FS_OK)
        fail_msg("%s", err.message);
    return d;
}

static void test_two_folders(void **state) {
    (void)state;
    material_write(under("train"), 5, 1);
    material_write(under("val"), 2, 2);
    put_file(under("train/stray.png"), "x", 1); /* of no class */
    fs_dataset *d = open_dataset(root, 0.2, 0);
    assert_int_equal(d->n_classes, 2);
    assert_string_equal(d->class_names[0], "lying");
    assert_string_equal(d->class_names[1], "standing");
    assert_int_equal(d->train.n, 10);
    assert_int_equal(d->val.n, 4);
    assert_string_equal(d->train.items[9].name, "standing/04.png");
    assert_int_equal(d->train.items[9].label, 1);
    const uint64_t before = fs_dataset_fingerprint(d);
    fs_dataset_destroy(d);

    remove(under("train/standing/04.png"));
    d = open_dataset(root, 0.2, 0);
    assert_int_equal(d->train.n, 9);
    assert_true(fs_dataset_fingerprint(d) != before);
    fs_dataset_destroy(d);
}

static void test_split(void **state) {
    (void)state;
    material_write(root, 10, 1);
    fs_dataset *a = open_dataset(root, 0.3, 7), *b = open_dataset(root, 0.3, 7),
               *c = open_dataset(root, 0.3, 8);
    int of_class[2] = {0};
    bool differs = false;
    assert_int_equal(a->train.n, 14);
    assert_int_equal(a->val.n, 6);
    for (int i = 0; i < 6; i++) {
        of_class[a->val.items[i].label]++;
        assert_string_equal(a->val.items[i].name, b->val.items[i].name);
        differs = differs || strcmp(a->val.items[i].name, c->val.items[i].name) != 0;
        for (int k = 0; k < a->train.n; k++)
            assert_string_not_equal(a->val.items[i].name, a->train.items[k].name);
    }
    assert_int_equal(of_class[0], 3);
    assert_int_equal(of_class[1], 3);
    assert_true(differs);
    fs_dataset_destroy(a);
    fs_dataset_destroy(b);
    fs_dataset_destroy(c);
}

static void test_refusals(void **state) {
    (void)state;
    fs_dataset *d = NULL;
    fs_error err = {0};
    const fs_dataset_options options = {0.2, 0};
    assert_int_equal(fs_dataset_open(&d, under("nowhere"), &options, &err), FS_ERROR_IO);
    put_file(under("alone.png"), "x", 1);
    assert_int_equal(fs_dataset_open(&d, root, &options, &err), FS_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "no classes"));
    assert_int_equal(fs_make_folder(under("one"), &err), FS_OK);
    put_file(under("one/1.png"), "x", 1);
    assert_int_equal(fs_dataset_open(&d, root, &options, &err), FS_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "only one class"));
    material_write(under("train"), 2, 1);
    material_write(under("val"), 2, 1);
    assert_int_equal(fs_make_folder(under("val/leaning"), &err), FS_OK);
    put_file(under("val/leaning/1.png"), "x", 1);
    assert_int_equal(fs_dataset_open(&d, root, &options, &err), FS_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "'leaning'"));
    assert_null(d);
}

/* The input is what fs_preprocess_crop and fs_preprocess_image make, with and without a place to keep it. */
static void test_pictures(void **state) {
    (void)state;
    material_write(root, 4, 1);
    fs_dataset *d = open_dataset(root, 0.25, 0);
    fs_error err = {0};
    for (size_t limit = 0; limit < 2; limit++) {
        fs_pictures *p = NULL;
        assert_int_equal(fs_pictures_create(&p, d, &how, limit << 20, &err), FS_OK);
        assert_int_equal(fs_pictures_count(p), 8);
        for (int twice = 0; twice < 2; twice++) {
            float got[FLOATS], wanted[FLOATS];
            fs_image whole = {0}, crop = {0};
            assert_int_equal(fs_image_read(&whole, fs_pictures_item(p, 7)->path, &err), FS_OK);
            assert_int_equal(fs_preprocess_crop(&whole, SIDE, SIDE, &crop, &err), FS_OK);
            fs_preprocess_image(&how, &crop, wanted);
            assert_int_equal(fs_pictures_input(p, 7, NULL, NULL, got, &err), FS_OK);
            assert_memory_equal(got, wanted, sizeof got);
            fs_image_free(&whole);
            fs_image_free(&crop);
        }
        /* kept: the file is not needed any more */
        rename(fs_pictures_item(p, 7)->path, under("elsewhere"));
        float input[FLOATS];
        assert_int_equal(fs_pictures_input(p, 7, NULL, NULL, input, &err), limit ? FS_OK : FS_ERROR_IO);
        assert_true((fs_pictures_problem(p, 7) == NULL) == (limit > 0));
        rename(under("elsewhere"), fs_pictures_item(p, 7)->path);
        fs_pictures_destroy(p);
    }
    fs_dataset_destroy(d);
}

/* All inputs of one pass, by item. */
static void collect(fs_pictures *p, const int *order, int n, const fs_loader_settings *settings, float *out,
                    int *seen) {
    fs_loader *loader = NULL;
    const fs_batch *batch;
    fs_error err = {0};
    memset(seen, 0, (size_t)n * sizeof *seen);
    assert_int_equal(fs_loader_create(&loader, p, order, n, settings, &err), FS_OK);
    for (int at = 0; fs_loader_next(loader, &batch, &err) == FS_OK && batch->asked; at += batch->asked)
        for (int i = 0; i < batch->n; i++) {
            seen[batch->items[i]]++;
            memcpy(out + batch->items[i] * FLOATS, batch->input + i * FLOATS, FLOATS * sizeof *out);
        }
    assert_int_equal(fs_loader_next(loader, &batch, &err), FS_OK);
    assert_int_equal(batch->asked, 0);
    fs_loader_destroy(loader);
}

static void test_loader(void **state) {
    (void)state;
    material_write(root, 9, 1);
    put_file(under("lying/03.png"), "damaged", 7);
    fs_dataset *d = open_dataset(root, 0.2, 0);
    fs_pictures *p = NULL;
    fs_error err = {0};
    const fs_augment_settings augment = fs_augment_defaults();
    const int n = 18;
    int order[18], seen[18], damaged = -1;
    float *a = fs_calloc(n * FLOATS, sizeof *a), *b = fs_calloc(n * FLOATS, sizeof *b);
    assert_int_equal(fs_pictures_create(&p, d, &how, 1 << 20, &err), FS_OK);
    fs_shuffle(order, n, 1, 2);
    collect(p, order, n, &(fs_loader_settings){4, 1, &augment, 5, 6}, a, seen);
    for (int i = 0; i < n; i++) {
        if (!seen[i])
            damaged = i;
        assert_int_equal(seen[i], strstr(fs_pictures_item(p, i)->name, "lying/03") == NULL);
    }
    assert_non_null(strstr(fs_pictures_problem(p, damaged), "03.png"));
    /* other batches, another order, more threads: the same pictures */
    fs_shuffle(order, n, 3, 4);
    collect(p, order, n, &(fs_loader_settings){5, 3, &augment, 5, 6}, b, seen);
    assert_memory_equal(a, b, n * FLOATS * sizeof *a);
    /* another epoch: other ones */
    collect(p, order, n, &(fs_loader_settings){5, 2, &augment, 5, 7}, b, seen);
    assert_memory_not_equal(a, b, n * FLOATS * sizeof *a);
    /* left in the middle */
    fs_loader *loader = NULL;
    const fs_batch *batch;
    const fs_loader_settings settings = {2, 2, NULL, 0, 0};
    assert_int_equal(fs_loader_create(&loader, p, order, n, &settings, &err), FS_OK);
    assert_int_equal(fs_loader_next(loader, &batch, &err), FS_OK);
    fs_loader_destroy(loader);
    fs_free(a);
    fs_free(b);
    fs_pictures_destroy(p);
    fs_dataset_destroy(d);
}

/* What each kind of change does to a picture whose colours say where they are. */
static void test_augmentation(void **state) {
    (void)state;
    fs_image in = {0}, out = {0};
    fs_random random;
    fs_error err = {0};
    assert_int_equal(fs_image_create(&in, 40, 30, 3, &err), FS_OK);
    for (int y = 0; y < 30; y++)
        for (int x = 0; x < 40; x++) {
            in.pixels[(y * 40 + x) * 3] = (uint8_t)(50 + 3 * x);
            in.pixels[(y * 40 + x) * 3 + 1] = (uint8_t)(50 + 3 * y);
            in.pixels[(y * 40 + x) * 3 + 2] = 100;
        }
    /* nothing but the largest crop of the shape: a square of the whole height */
    fs_augment_settings settings = {.least_area = 0.999, .aspect = 1};
    fs_random_seed(&random, 1, 1);
    assert_int_equal(fs_augment(&in, &settings, &random, 30, 30, &out, &err), FS_OK);
    assert_int_equal(out.width, 30);
    const int left = out.pixels[0];
    assert_int_equal(out.pixels[29 * 3], left + 3 * 29);
    assert_int_equal(out.pixels[1], 50);
    fs_image_free(&out);
    /* the same, mirrored */
    settings.mirror = 1;
    fs_random_seed(&random, 1, 1);
    assert_int_equal(fs_augment(&in, &settings, &random, 30, 30, &out, &err), FS_OK);
    assert_int_equal(out.pixels[29 * 3], left);
    assert_int_equal(out.pixels[0], left + 3 * 29);
    fs_image_free(&out);
    /* turned by up to 30 degrees: the slope of red along x and y is the cosine and sine of one angle */
    settings.mirror = 0;
    settings.rotation = 30;
    fs_random_seed(&random, 1, 1);
    assert_int_equal(fs_augment(&in, &settings, &random, 30, 30, &out, &err), FS_OK);
    const uint8_t *middle = out.pixels + (15 * 30 + 15) * 3;
    const double along_x = (middle[15] - middle[-15]) / 10.0, along_y = (middle[450] - middle[-450]) / 10.0;
    assert_float_equal(hypot(along_x, along_y), 3, 0.15);
    assert_true(fabs(along_y) > 0.1 && fabs(along_y) < 3 * sin(0.53));
    fs_image_free(&out);
    /* brighter or darker, blue too */
    settings = (fs_augment_settings){.least_area = 0.999, .aspect = 1, .jitter = 0.4};
    fs_random_seed(&random, 2, 1);
    assert_int_equal(fs_augment(&in, &settings, &random, 30, 30, &out, &err), FS_OK);
    assert_int_not_equal(out.pixels[2], 100);
    fs_image_free(&out);
    fs_image_free(&in);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_two_folders, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(test_split, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(test_pictures, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(test_loader, set_up, tear_down),
                                       cmocka_unit_test(test_augmentation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
