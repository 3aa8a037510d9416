/* A run of small networks whose weights move by known amounts, over a folder of noise. */
#include <unistd.h>

#include "viz_test.h"

#include "base/file.h"
#include "base/folder.h"
#include "base/helpers.h"
#include "engine/train/material.h"
#include "tiny_model.h"
#include "viz/shift_series.h"

enum { PICTURES = 25, EPOCHS = 4, LAYERS = 3, BATCH = 8, SEED = 3 };

static char root[] = FS_SCRATCH "/filterscope-series-XXXXXX";

typedef struct bench {
    tiny_model tiny[EPOCHS];
    fs_folder *folder;
    fs_shift_series *series;
    int shown;
} bench;

static int write_pictures(void **state) {
    fs_image image = {0};
    fs_random random;
    char path[256];
    (void)state;
    assert_non_null(mkdtemp(root));
    assert_int_equal(fs_image_create(&image, 24, 20, 3, NULL), FS_OK);
    for (int i = 0; i < PICTURES; i++) {
        fs_random_seed(&random, 6, (uint64_t)i);
        for (int k = 0; k < 24 * 20 * 3; k++)
            image.pixels[k] = (uint8_t)fs_random_int(&random, 256);
        snprintf(path, sizeof path, "%s/%02d.png", root, i);
        assert_int_equal(fs_image_write_png(&image, path, NULL, 0, NULL), FS_OK);
    }
    fs_image_free(&image);
    return 0;
}

static int remove_pictures(void **state) {
    (void)state;
    material_remove(root);
    return 0;
}

static fs_tensor *weights(tiny_model *tiny, const char *name) {
    fs_graph *graph = tiny->model.graph;
    return &graph->values[fs_graph_find(graph, name)].constant;
}

/* How far filter 0 of the classifier is turned from its start after so many epochs, in radians. */
static double turned(int epoch) {
    return 0.2 * epoch;
}

/* The first convolution rests. The second one gets more noise from epoch to epoch. Of the classifier filter 0
 * turns towards a vector that is orthogonal to it and as long, filter 1 grows by a tenth an epoch, the others
 * rest. */
static void train(tiny_model *tiny, int epoch) {
    fs_tensor *middle = weights(tiny, "www"), *head = weights(tiny, "wwwww");
    const int64_t n = fs_tensor_count(middle), length = fs_tensor_count(head) / TINY_CLASSES;
    const int64_t step = fs_shift_filters_of(&tiny->model, &tiny->layers[2]).number_step;
    float *noise = test_normals((size_t)n, 0.1F, 8);
    float *first = fs_f32(head),
          *second = first + fs_shift_filters_of(&tiny->model, &tiny->layers[2]).filter_step;
    for (int64_t i = 0; i < n; i++)
        fs_f32(middle)[i] += (float)epoch * noise[i];
    for (int64_t k = 0; k + 1 < length; k += 2) { /* pairs (a, b) turn towards (-b, a) */
        float *a = &first[k * step], *b = &first[(k + 1) * step];
        const double x = (double)*a, y = (double)*b, c = cos(turned(epoch)), s = sin(turned(epoch));
        *a = (float)(c * x - s * y);
        *b = (float)(c * y + s * x);
    }
    for (int64_t k = 0; k < length; k++)
        second[k * step] *= 1 + 0.1F * (float)epoch;
    fs_free(noise);
}

static void open_bench(bench *b) {
    *b = (bench){0};
    for (int e = 0; e < EPOCHS; e++) {
        tiny_model_create(&b->tiny[e], 0);
        for (int l = 0; l < LAYERS; l++)
            b->tiny[e].layers[l].parent = -1;
        b->tiny[e].model.path = (char *)(e ? "later.onnx" : "first.onnx");
        train(&b->tiny[e], e);
    }
    assert_int_equal(fs_folder_list(&b->folder, root, NULL), FS_OK);
}

static void close_bench(bench *b) {
    fs_shift_series_destroy(b->series);
    fs_folder_destroy(b->folder);
    for (int e = 0; e < EPOCHS; e++)
        tiny_model_destroy(&b->tiny[e]);
}

static fs_status show(void *context, const fs_model *model, int picture, float *input, fs_error *err) {
    bench *b = context;
    fs_image image = {0}, crop = {0};
    b->shown++;
    fs_status status = fs_image_read(&image, b->folder->files[picture].path, err);
    if (status == FS_OK)
        status = fs_preprocess_crop(&image, TINY_SIDE, TINY_SIDE, &crop, err);
    if (status == FS_OK)
        fs_preprocess_image(&model->preprocess, &crop, input);
    fs_image_free(&image);
    fs_image_free(&crop);
    return status;
}

static fs_status create(bench *b, int most, const fs_progress *progress, fs_error *err) {
    const fs_grams_pictures pictures = {
        .n = PICTURES, .batch = BATCH, .seed = SEED, .input = show, .context = b, .most = most};
    const fs_shift_series_settings settings = {.all_layers = false, .progress = progress};
    return fs_shift_series_create(&b->series, &b->tiny[0].model, &pictures, &settings, err);
}

static void follow(bench *b, int most) {
    fs_error err = {0};
    if (create(b, most, NULL, &err) != FS_OK)
        fail_msg("%s", err.message);
    for (int e = 1; e < EPOCHS; e++)
        if (fs_shift_series_add(b->series, &b->tiny[e].model, &err) != FS_OK)
            fail_msg("%s", err.message);
}

/* ---- tests ---- */

static void test_known_drift(void **state) {
    bench b;
    (void)state;
    open_bench(&b);
    follow(&b, 0);
    const fs_shift_series *s = b.series;
    assert_int_equal(s->n_steps, EPOCHS);
    assert_int_equal(s->n_layers, LAYERS);
    assert_int_equal(s->n_pictures, PICTURES);
    assert_int_equal(b.shown, EPOCHS * PICTURES); /* each network once */
    for (int e = 0; e < EPOCHS; e++) {
        const fs_shift_step *step = &s->steps[e];
        assert_close(step->cka[0], 1, 1e-6, 1); /* what is below it rests */
        assert_int_equal(step->n_filters, TINY_CLASSES);
        for (int c = 0; c < TINY_CLASSES; c++) {
            const fs_shift_filter *f = &step->filters[c];
            const double angle = c == 0 ? turned(e) : 0, growth = c == 1 ? 0.1 * e : 0;
            assert_int_equal(f->layer, 2);
            assert_int_equal(f->channel, c);
            assert_close(f->cosine, cos(angle), 1e-6, 1);
            assert_close(f->norm_change, growth, 1e-6, 1);
            assert_close(f->change, c == 0 ? 2 * sin(angle / 2) : growth, 1e-6, 1);
        }
        assert_close(step->change[2], e == 0 ? 0 : 0.1 * e / 2, 1e-6, 1); /* of 0, 0, 0.1 e and more */
        assert_close(step->cosine[2], 1, 1e-6, 1);
        assert_true(isnan(step->change[0]));
        if (e > 0)
            assert_true(step->cka[1] < s->steps[e - 1].cka[1]);
    }
    assert_close(s->steps[0].cka[1], 1, 1e-12, 1);
    assert_close(s->steps[0].cka[2], 1, 1e-12, 1);
    for (int l = 0; l < LAYERS; l++)
        assert_true(fs_shift_series_has_layer(s, l));
    close_bench(&b);
}

/* With all photographs and with some of them, in several minibatches. */
static void test_two_are_a_shift(void **state) {
    (void)state;
    for (int most = PICTURES; most > 10; most -= 11) {
        bench b;
        fs_shift_layers layers = {0};
        fs_shift shift = {0};
        fs_error err = {0};
        open_bench(&b);
        const fs_model *const models[FS_VERSIONS] = {&b.tiny[0].model, &b.tiny[3].model};
        const fs_shift_settings settings = {.images = most, .batch = BATCH, .seed = SEED};
        assert_int_equal(fs_shift_match(&layers, models[0], models[1], false, NULL), FS_OK);
        if (fs_shift_measure(&shift, &layers, models, b.folder, &settings, NULL, NULL, &err) != FS_OK)
            fail_msg("%s", err.message);
        assert_int_equal(create(&b, most, NULL, NULL), FS_OK);
        assert_int_equal(fs_shift_series_add(b.series, models[1], NULL), FS_OK);
        assert_int_equal(b.series->n_pictures, shift.images);
        for (int l = 0; l < LAYERS; l++)
            assert_close(b.series->steps[1].cka[l], fs_cka_value(shift.cka, l, l), 1e-9, 1);
        assert_int_equal(b.series->steps[1].n_filters, shift.n_filters);
        for (int f = 0; f < shift.n_filters; f++) {
            const fs_shift_filter *a = &shift.filters[f], *same = &b.series->steps[1].filters[a->channel];
            assert_true(a->change == same->change && a->cosine == same->cosine);
        }
        fs_shift_free(&shift);
        fs_shift_layers_free(&layers);
        close_bench(&b);
    }
}

static void test_a_network_with_itself(void **state) {
    bench b;
    (void)state;
    open_bench(&b);
    assert_int_equal(create(&b, 0, NULL, NULL), FS_OK);
    assert_int_equal(fs_shift_series_add(b.series, &b.tiny[0].model, NULL), FS_OK);
    tiny_model copy;
    tiny_model_create(&copy, 0);
    copy.model.path = (char *)"copy.onnx";
    for (int l = 0; l < LAYERS; l++)
        copy.layers[l].parent = -1;
    assert_int_equal(fs_shift_series_add(b.series, &copy.model, NULL), FS_OK);
    for (int s = 0; s < 3; s++)
        for (int l = 0; l < LAYERS; l++)
            assert_close(b.series->steps[s].cka[l], 1, 1e-9, 1);
    tiny_model_destroy(&copy);
    close_bench(&b);
}

static void test_what_cannot_be_added(void **state) {
    bench b;
    fs_error err = {0};
    (void)state;
    open_bench(&b);
    assert_int_equal(create(&b, 3, NULL, &err), FS_ERROR_LIMIT);
    atomic_bool stop = false;
    const fs_progress progress = {.cancel = &stop};
    assert_int_equal(create(&b, 0, &progress, &err), FS_OK);
    stop = true;
    assert_int_equal(fs_shift_series_add(b.series, &b.tiny[1].model, &err), FS_ERROR_CANCELLED);
    stop = false;
    fs_f32(weights(&b.tiny[2], "wwwww"))[0] = INFINITY;
    assert_int_equal(fs_shift_series_add(b.series, &b.tiny[2].model, &err), FS_ERROR_DIVERGED);
    assert_non_null(strstr(err.message, "later.onnx"));
    assert_int_equal(b.series->n_steps, 1);
    b.tiny[3].layers[1].name = "renamed";
    assert_int_equal(fs_shift_series_add(b.series, &b.tiny[3].model, &err), FS_OK);
    assert_true(isnan(b.series->steps[1].cka[1]));
    assert_false(fs_shift_series_has_layer(b.series, 1));
    assert_int_equal(b.series->steps[1].filters[0].layer, 2);
    close_bench(&b);
}

static void test_short_memory(void **state) {
    bench b;
    fs_error err = {0};
    (void)state;
    open_bench(&b);
    for (int n = 0;; n++) {
        fail_from(n);
        fs_status status = create(&b, 9, NULL, &err);
        if (status == FS_OK)
            status = fs_shift_series_add(b.series, &b.tiny[1].model, &err);
        const bool refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        fs_shift_series_destroy(b.series);
        b.series = NULL;
        if (!refused)
            break;
    }
    close_bench(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_drift), cmocka_unit_test(test_two_are_a_shift),
        cmocka_unit_test(test_a_network_with_itself), cmocka_unit_test(test_what_cannot_be_added),
        cmocka_unit_test(test_short_memory)};
    return cmocka_run_group_tests(tests, write_pictures, remove_pictures);
}
