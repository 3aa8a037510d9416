/* The substitution test on a small network whose kernels are Gabor functions, and classes of pictures. */
#include <unistd.h>

#include "app/gabor_substitute.h"
#include "app/picture_labels.h"
#include "base/file.h"
#include "viz/tiny_model.h"
#include "viz/viz_test.h"

enum { PICTURES = 12, SIDE = 24, K = 5, EACH = 3 * K * K };

static tiny_model tiny;
static char folder[] = FS_SCRATCH "/filterscope-substitute-XXXXXX";

static const char *in_folder(const char *name) {
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void write_picture(const char *path, uint64_t stream) {
    fs_image image;
    fs_random random;
    fs_random_seed(&random, 11, stream);
    assert_int_equal(fs_image_create(&image, SIDE, SIDE, 3, NULL), FS_OK);
    for (int i = 0; i < SIDE * SIDE * 3; i++)
        image.pixels[i] = (uint8_t)fs_random_int(&random, 256);
    assert_int_equal(fs_image_write_png(&image, path, NULL, 0, NULL), FS_OK);
    fs_image_free(&image);
}

static void write_text(const char *path, const char *text) {
    assert_int_equal(fs_file_write(path, text, strlen(text), NULL), FS_OK);
}

/* Kernel 3 is noise, the others are exact Gabor functions of one colour. */
static void make_kernels(fs_kernels *out) {
    fs_random random;
    fs_random_seed(&random, 4, 0);
    assert_int_equal(fs_kernels_create(out, TINY_ONE, 3, K, K, NULL), FS_OK);
    for (int k = 0; k < TINY_ONE; k++)
        for (int i = 0; i < EACH; i++) {
            const fs_gabor g = {.lambda = 3 + 0.3 * k,
                                .theta = 0.35 * k,
                                .psi = 0.7,
                                .sigma = 1.2,
                                .gamma = 1,
                                .amplitude = 0.2};
            const int at = i % (K * K);
            out->values[k * EACH + i] = k == 3
                                            ? fs_random_range(&random, -0.2, 0.2)
                                            : (i / (K * K) + 1) * fs_gabor_value(&g, at % K - 2, at / K - 2);
        }
}

static int setup(void **state) {
    (void)state;
    char name[32];
    assert_non_null(mkdtemp(folder));
    for (int i = 0; i < PICTURES; i++) {
        snprintf(name, sizeof name, "%02d.png", i);
        write_picture(in_folder(name), (uint64_t)i);
    }
    tiny_model_create(&tiny, 0.1F);
    tiny.model.path = "tiny.onnx";
    for (int l = 0; l < tiny.model.n_layers; l++)
        tiny.layers[l].parent = -1;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    char command[300];
    tiny_model_destroy(&tiny);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* Weights go in and come out in the order of the file, red first in memory whatever the network has. */
static void test_put(void **state) {
    (void)state;
    fs_kernels kernels = {0}, back = {0}, wrong = {0};
    make_kernels(&kernels);
    assert_int_equal(fs_kernels_put(&kernels, &tiny.model, &tiny.layers[0], NULL), FS_OK);
    assert_int_equal(fs_kernels_of_layer(&back, &tiny.model, &tiny.layers[0], NULL), FS_OK);
    for (int i = 0; i < TINY_ONE * EACH; i++)
        assert_true(back.values[i] == (double)(float)kernels.values[i]);
    const float *weights = tiny.model.graph->values[fs_graph_find(tiny.model.graph, "w")].constant.data;
    assert_true(weights[0] == (float)kernels.values[2 * K * K]); /* blue comes first */
    assert_int_equal(fs_kernels_create(&wrong, TINY_ONE - 1, 3, K, K, NULL), FS_OK);
    assert_int_equal(fs_kernels_put(&wrong, &tiny.model, &tiny.layers[0], NULL), FS_ERROR_ARGUMENT);
    fs_kernels_free(&kernels);
    fs_kernels_free(&back);
    fs_kernels_free(&wrong);
}

static void run(fs_substitution *out, fs_kernels *kernels, const char *labels, fs_pool *pool) {
    fs_analysis analysis = {0};
    fs_error err = {0};
    make_kernels(kernels);
    assert_int_equal(fs_kernels_put(kernels, &tiny.model, &tiny.layers[0], NULL), FS_OK);
    for (int i = 0; i < TINY_ONE * EACH; i++)
        kernels->values[i] = (double)(float)kernels->values[i];
    assert_int_equal(fs_analysis_run(&analysis, kernels, &(fs_analysis_settings){0}, NULL, NULL, NULL),
                     FS_OK);
    analysis.kernels[3].kind = FS_KERNEL_UNEXPLAINED;
    for (int k = 0; k < TINY_ONE; k++)
        if (k != 3)
            analysis.kernels[k].kind = FS_KERNEL_GABOR;
    const fs_gabor_substitute_job job = {.model = &tiny.model,
                                         .layer = &tiny.layers[0],
                                         .kernels = kernels,
                                         .analysis = &analysis,
                                         .images = folder,
                                         .labels = labels,
                                         .repeats = 3,
                                         .pool = pool};
    if (fs_gabor_substitute(out, &job, &err) != FS_OK)
        fail_msg("%s", err.message);
    fs_analysis_free(&analysis);
}

static int index_of(const char *name) {
    for (int v = 0; v < FS_VARIANTS; v++)
        if (strcmp(fs_variant_table[v].name, name) == 0)
            return v;
    fail_msg("no variant '%s'", name);
    return -1;
}

/* Fits of exact functions change nothing, noise much; the weights are back in their place afterwards. */
static void test_measures(void **state) {
    (void)state;
    fs_substitution s = {0};
    fs_kernels kernels = {0}, after = {0};
    run(&s, &kernels, "", NULL);
    assert_int_equal(s.pictures, PICTURES);
    assert_int_equal(s.compared, PICTURES);
    assert_int_equal(s.labelled, 0);
    assert_true(isnan(s.top1));
    assert_int_equal(s.n_layers, 3);
    assert_string_equal(s.layers[2], "logits");
    const fs_variant_result *fit = &s.results[index_of("gabor_fit")], *noise = &s.results[index_of("noise")],
                            *zero = &s.results[index_of("gabor_zero")];
    assert_int_equal(fit->chosen, TINY_ONE - 1);
    assert_int_equal(fit->repeats, 1);
    assert_true(fit->agreement.mean == 1 && fit->agreement.spread == 0);
    assert_true(fabs(fit->divergence.mean) < 1e-4);
    assert_true(fit->change.mean < 1e-4);
    assert_int_equal(noise->repeats, 3);
    assert_true(noise->divergence.mean > 0.05 && noise->divergence.spread > 0);
    assert_true(fabs(noise->change.mean - 2) < 0.5); /* of independent vectors of one norm */
    for (int l = 0; l < 3; l++) {
        assert_true(fabs(fit->cka[l].mean - 1) < 1e-3);
        assert_true(noise->cka[l].mean < 0.9);
    }
    assert_true(zero->divergence.mean > fit->divergence.mean + 0.01);
    assert_int_equal(fs_kernels_of_layer(&after, &tiny.model, &tiny.layers[0], NULL), FS_OK);
    assert_memory_equal(after.values, kernels.values, TINY_ONE * EACH * sizeof(double));
    fs_kernels_free(&after);
    fs_kernels_free(&kernels);
    fs_substitution_free(&s);
}

/* With the network's own answers as labels, wrong for one picture, top-1 is that many less. */
static void test_labels_and_threads(void **state) {
    (void)state;
    fs_substitution s[2] = {{0}, {0}};
    fs_kernels kernels = {0};
    fs_pool *pool = NULL;
    assert_int_equal(fs_pool_create(&pool, 2, NULL), FS_OK);
    write_text(in_folder("some.tsv"), "file\tclass\n00.png\t0\n03.png\t3\r\nnosuch.png\t1\n\n11.png\t2\n");
    for (int i = 0; i < 2; i++) {
        run(&s[i], &kernels, in_folder("some.tsv"), i ? pool : NULL);
        fs_kernels_free(&kernels);
        assert_int_equal(s[i].labelled, 3);
        assert_true(s[i].top5 == 1); /* four classes */
    }
    for (int v = 0; v < FS_VARIANTS; v++) {
        assert_true(fabs(s[0].results[v].divergence.mean - s[1].results[v].divergence.mean) < 1e-5);
        assert_true(fabs(s[0].results[v].cka[1].mean - s[1].results[v].cka[1].mean) < 1e-4);
    }
    const double agreement = s[0].results[index_of("gabor_fit")].top1.mean;
    assert_true(fabs(agreement - s[0].top1) < 1e-12);
    fs_pool_destroy(pool);
    fs_substitution_free(&s[0]);
    fs_substitution_free(&s[1]);
}

static void expect_labels(const char *table, const int expected[3], const char *const names[3]) {
    static const char *const labels[] = {"tench, Tinca tinca", "great white shark", "n01530575 brambling"};
    fs_folder_file files[3];
    for (int i = 0; i < 3; i++)
        files[i] = (fs_folder_file){.name = names[i]};
    const fs_folder list = {.files = files, .n_files = 3};
    const fs_model model = {.labels = labels, .n_labels = 3};
    int *classes = NULL;
    assert_int_equal(fs_picture_labels(&classes, &list, in_folder("none"), table, &model, 3, NULL), FS_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(classes[i], expected[i]);
    fs_free(classes);
}

static void test_names(void **state) {
    (void)state;
    expect_labels("", (int[]){0, 1, 2},
                  (const char *[]){"Tench/a.png", "great_white_shark/x/b.png", "n01530575/c.png"});
    expect_labels("", (int[]){-1, -1, -1}, (const char *[]){"a.png", "tench tinca/b.png", "great/c.png"});
    expect_labels("", (int[]){0, 0, -1}, (const char *[]){"tench/a.png", "tench/b.png", "tenches/c.png"});
    write_text(in_folder("t.tsv"), "b/c.png\t2\na.png\t1");
    expect_labels(in_folder("t.tsv"), (int[]){1, -1, 2}, (const char *[]){"a.png", "b/a.png", "b/c.png"});
}

static void test_bad_tables(void **state) {
    (void)state;
    static const char *const tables[] = {"a.png\t3\n",    "a.png 1\n", "a.png\t-1\n", "a.png\t1x\n",
                                         "\t\n",          "class\n",   "a.png\t\n",   "a\tb\t1\n",
                                         "a.png\t1\nx\n", "\xff\xfe\t"};
    fs_folder_file file = {.name = "a.png"};
    const fs_folder list = {.files = &file, .n_files = 1};
    const fs_model model = {0};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        int *classes = NULL;
        fs_error err = {0};
        write_text(in_folder("bad.tsv"), tables[i]);
        assert_int_equal(fs_picture_labels(&classes, &list, folder, in_folder("bad.tsv"), &model, 3, &err),
                         FS_ERROR_FORMAT);
        assert_non_null(strstr(err.message, "bad.tsv: line "));
        assert_null(classes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_put), cmocka_unit_test(test_measures),
                                       cmocka_unit_test(test_labels_and_threads),
                                       cmocka_unit_test(test_names), cmocka_unit_test(test_bad_tables)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
