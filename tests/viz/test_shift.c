/* Two versions of a small network over a folder of noise in two classes, against plain computations. */
#include <sys/stat.h>
#include <unistd.h>

#include "viz_test.h"

#include "base/file.h"
#include "base/folder.h"
#include "base/helpers.h"
#include "engine/operator.h"
#include "tiny_model.h"
#include "viz/shift.h"
#include "viz/shift_blend.h"

enum { PICTURES = 25, PLANE = TINY_SIDE * TINY_SIDE / 4, CHANGED = 1 };

static char root[] = FS_SCRATCH "/filterscope-shift-XXXXXX";

typedef struct bench {
    tiny_model tiny[FS_VERSIONS];
    const fs_model *models[FS_VERSIONS];
    fs_folder *folder;
    fs_shift_layers layers;
    fs_shift shift;
} bench;

static void write_noise(const char *class, int number) {
    fs_image image = {0};
    fs_random random;
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, class);
    assert_int_equal(fs_make_folder(path, NULL), FS_OK);
    snprintf(path, sizeof path, "%s/%s/%02d.png", root, class, number);
    fs_random_seed(&random, 6, (uint64_t)number);
    assert_int_equal(fs_image_create(&image, 24, 20, 3, NULL), FS_OK);
    const int red = strcmp(class, "red") == 0 ? 60 : 0;
    for (int i = 0; i < 24 * 20 * 3; i++)
        image.pixels[i] = (uint8_t)(fs_random_int(&random, 196) + (i % 3 == 0 ? red : 0));
    assert_int_equal(fs_image_write_png(&image, path, NULL, 0, NULL), FS_OK);
    fs_image_free(&image);
}

static float *head_of(const bench *b, int version) {
    const fs_graph *graph = b->models[version]->graph;
    return fs_f32(&graph->values[fs_graph_find(graph, "wwwww")].constant);
}

static void open_bench(bench *b) {
    memset(b, 0, sizeof *b);
    for (int v = 0; v < FS_VERSIONS; v++) {
        tiny_model_create(&b->tiny[v], 0);
        for (int l = 0; l < 3; l++)
            b->tiny[v].layers[l].parent = -1;
        b->tiny[v].model.path = (char *)(v == FS_BEFORE ? "before.onnx" : "after.onnx");
        b->models[v] = &b->tiny[v].model;
    }
    assert_int_equal(fs_folder_list(&b->folder, root, NULL), FS_OK);
    assert_int_equal(fs_shift_match(&b->layers, b->models[0], b->models[1], false, NULL), FS_OK);
}

static void close_bench(bench *b) {
    fs_shift_free(&b->shift);
    fs_shift_layers_free(&b->layers);
    fs_folder_destroy(b->folder);
    for (int v = 0; v < FS_VERSIONS; v++)
        tiny_model_destroy(&b->tiny[v]);
}

static fs_status try_measure(bench *b, int images, const fs_examples_watch *watch, fs_error *err) {
    const fs_shift_settings settings = {.images = images, .batch = 8, .seed = 3};
    return fs_shift_measure(&b->shift, &b->layers, b->models, b->folder, &settings, NULL, watch, err);
}

static void measure(bench *b) {
    fs_error err = {0};
    if (try_measure(b, 1000, NULL, &err) != FS_OK)
        fail_msg("%s", err.message);
}

static void test_the_same_network_did_not_move(void **state) {
    bench b;
    (void)state;
    open_bench(&b);
    measure(&b);
    assert_int_equal(b.shift.images, PICTURES);
    assert_int_equal(fs_cka_batches(b.shift.cka), 4);
    assert_int_equal(b.shift.n_filters, TINY_CLASSES);
    for (int l = 0; l < 3; l++) {
        const fs_shift_layer *layer = &b.shift.layers[l];
        assert_close(fs_cka_value(b.shift.cka, l, l), 1, 1e-6, 1);
        assert_close(layer->procrustes, 0, 1e-6, 1);
        assert_close(layer->median_correlation, 1, 1e-9, 1);
        assert_close(layer->median_score, 0, 1e-9, 1);
        assert_true(layer->separable[0].accuracy == layer->separable[1].accuracy);
    }
    for (int f = 0; f < TINY_CLASSES; f++) {
        assert_int_equal(b.shift.filters[f].channel, f);
        assert_close(b.shift.filters[f].cosine, 1, 1e-9, 1);
        assert_close(b.shift.filters[f].norm_change, 0, 1e-9, 1);
    }
    assert_true(fs_cka_value(b.shift.cka, 0, 2) < 0.999);
    close_bench(&b);
}

/* The folder's two classes differ in their colour, which the first layer passes on. */
static void test_classes_are_the_folders(void **state) {
    bench b;
    int files[PICTURES], labels[PICTURES];
    (void)state;
    open_bench(&b);
    for (int i = 0; i < PICTURES; i++)
        files[i] = PICTURES - 1 - i;
    assert_int_equal(fs_shift_label(b.folder, files, PICTURES, labels), 2);
    for (int i = 0; i < PICTURES; i++)
        assert_int_equal(labels[i], strncmp(b.folder->files[files[i]].name, "red/", 4) == 0);
    measure(&b);
    assert_int_equal(b.shift.classes, 2);
    assert_close(b.shift.chance, 13.0 / PICTURES, 1e-9, 1);
    assert_true(b.shift.layers[0].separable[FS_BEFORE].accuracy > 0.9);
    close_bench(&b);
}

/* Twice the weights of one output: the same direction, another gain, and the most changed filter. */
static void test_a_filter_that_grew(void **state) {
    bench b;
    (void)state;
    open_bench(&b);
    float *head = head_of(&b, FS_AFTER);
    for (int k = 0; k < TINY_TWO * 64; k++)
        head[k * TINY_CLASSES + CHANGED] *= 2;
    measure(&b);
    const fs_shift_filter *f = &b.shift.filters[0];
    const fs_shift_channel *c = fs_shift_channel_of(&b.shift, f);
    assert_int_equal(f->layer, 2);
    assert_int_equal(f->channel, CHANGED);
    assert_close(f->cosine, 1, 1e-6, 1);
    assert_close(f->norm_change, 1, 1e-6, 1);
    assert_close(c->correlation, 1, 1e-6, 1);
    assert_close(c->deviation[FS_AFTER], 2 * c->deviation[FS_BEFORE], 1e-5, c->deviation[FS_AFTER]);
    const double s = c->deviation[FS_BEFORE], m = c->mean[FS_BEFORE];
    assert_close(c->score, 1 - 4 * s * s / (5 * s * s + m * m), 1e-5, 1);
    assert_true(fs_shift_channel_of(&b.shift, &b.shift.filters[1])->score < 1e-9);
    assert_close(fs_cka_value(b.shift.cka, 1, 1), 1, 1e-6, 1);
    assert_true(fs_cka_value(b.shift.cka, 2, 2) < 1 - 1e-3);
    assert_true(b.shift.layers[2].procrustes > 1e-3);
    close_bench(&b);
}

/* Correlation, mean and deviation of a channel with positions, two passes over what an activation says. */
static void test_channels_agree_with_two_passes(void **state) {
    enum { CHANNEL = 2 };
    bench b;
    double *values[FS_VERSIONS], mean[FS_VERSIONS] = {0}, second[3] = {0};
    (void)state;
    open_bench(&b);
    fs_graph *graph = b.tiny[FS_AFTER].model.graph;
    fs_tensor *first = &graph->values[fs_graph_find(graph, "w")].constant;
    float *noise = test_normals((size_t)fs_tensor_count(first), 0.1F, 77);
    for (int64_t k = 0; k < fs_tensor_count(first); k++)
        fs_f32(first)[k] += noise[k];
    fs_free(noise);
    measure(&b);
    const int n = PICTURES * PLANE;
    for (int v = 0; v < FS_VERSIONS; v++) {
        fs_activation *activation = NULL;
        values[v] = fs_alloc_array((size_t)n, sizeof(double));
        assert_int_equal(fs_activation_create(&activation, b.models[v], &b.models[v]->layers[1], NULL, NULL),
                         FS_OK);
        for (int i = 0; i < PICTURES; i++) {
            fs_image image = {0};
            assert_int_equal(fs_image_read(&image, b.folder->files[i].path, NULL), FS_OK);
            assert_int_equal(fs_activation_run(activation, &image, NULL, NULL), FS_OK);
            for (int k = 0; k < PLANE; k++)
                mean[v] += values[v][i * PLANE + k] = (double)fs_activation_map(activation, CHANNEL)[k];
            fs_image_free(&image);
        }
        mean[v] /= n;
        fs_activation_destroy(activation);
    }
    for (int i = 0; i < n; i++) {
        const double x = values[0][i] - mean[0], y = values[1][i] - mean[1];
        second[0] += x * x;
        second[1] += y * y;
        second[2] += x * y;
    }
    const fs_shift_channel *c = &b.shift.layers[1].channel[CHANNEL];
    assert_close(c->mean[0], mean[0], 1e-5, 1);
    assert_close(c->deviation[1], sqrt(second[1] / n), 1e-5, 1);
    assert_close(c->correlation, second[2] / sqrt(second[0] * second[1]), 1e-5, 1);
    assert_true(c->correlation < 0.99 && c->correlation > 0);
    fs_free(values[0]);
    fs_free(values[1]);
    close_bench(&b);
}

static int skipped;
static void count_skipped(void *context, const char *path, const char *why) {
    (void)context;
    assert_non_null(strstr(path, "broken.png"));
    assert_non_null(strstr(why, "broken.png"));
    skipped++;
}

static void test_what_cannot_be_used(void **state) {
    bench b;
    char path[256];
    fs_error err = {0};
    const fs_examples_watch watch = {.skipped = count_skipped};
    (void)state;
    snprintf(path, sizeof path, "%s/broken.png", root);
    put_file(path, "no picture", 10);
    open_bench(&b);
    assert_int_equal(try_measure(&b, 1000, &watch, &err), FS_OK);
    assert_int_equal(b.shift.images, PICTURES);
    assert_int_equal(b.shift.skipped, 1);
    assert_int_equal(skipped, 1);
    fs_shift_free(&b.shift);
    unlink(path);

    assert_int_equal(try_measure(&b, 3, NULL, &err), FS_ERROR_ARGUMENT);
    const atomic_bool stop = true;
    const fs_progress progress = {.cancel = &stop};
    assert_int_equal(try_measure(&b, 1000, &(fs_examples_watch){.progress = &progress}, &err),
                     FS_ERROR_CANCELLED);
    head_of(&b, FS_AFTER)[0] = INFINITY;
    assert_int_equal(try_measure(&b, 1000, NULL, &err), FS_ERROR_DIVERGED);
    assert_non_null(strstr(err.message, "after.onnx"));
    assert_non_null(strstr(err.message, "logits"));
    close_bench(&b);
}

/* Every allocation may fail, and nothing is lost then. */
static void test_short_memory(void **state) {
    bench b;
    fs_error err = {0};
    (void)state;
    open_bench(&b);
    for (int n = 0;; n += 7) {
        fail_from(n);
        fs_status status = try_measure(&b, 9, NULL, &err);
        const bool refused = fail_stop();
        fs_shift_free(&b.shift);
        if (!refused) {
            assert_int_equal(status, FS_OK);
            break;
        }
    }
    close_bench(&b);
}

static void test_blends(void **state) {
    bench b;
    tiny_model between;
    (void)state;
    open_bench(&b);
    tiny_model_create(&between, 0);
    float *after = head_of(&b, FS_AFTER);
    const float *before = head_of(&b, FS_BEFORE);
    for (int k = 0; k < TINY_TWO * 64 * TINY_CLASSES; k++)
        after[k] += 1;
    const fs_graph *graph = between.model.graph;
    const float *head = fs_f32(&graph->values[fs_graph_find(graph, "wwwww")].constant);
    assert_int_equal(fs_shift_blend(&between.model, b.models[0], b.models[1], &b.layers, 0.25), 1);
    for (int k = 0; k < TINY_TWO * 64 * TINY_CLASSES; k++)
        assert_close(head[k], before[k] + 0.25F, 1e-6, 1);
    fs_shift_blend(&between.model, b.models[0], b.models[1], &b.layers, 1);
    assert_memory_equal(head, after, sizeof(float) * TINY_TWO * 64 * TINY_CLASSES);
    tiny_model_destroy(&between);
    close_bench(&b);
}

static int group_setup(void **state) {
    (void)state;
    if (!mkdtemp(root))
        return -1;
    for (int i = 0; i < PICTURES; i++)
        write_noise(i < 12 ? "grey" : "red", i);
    return 0;
}

static int group_teardown(void **state) {
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command) == 0 ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_network_did_not_move),
        cmocka_unit_test(test_classes_are_the_folders),
        cmocka_unit_test(test_a_filter_that_grew),
        cmocka_unit_test(test_channels_agree_with_two_passes),
        cmocka_unit_test(test_what_cannot_be_used),
        cmocka_unit_test(test_short_memory),
        cmocka_unit_test(test_blends),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
