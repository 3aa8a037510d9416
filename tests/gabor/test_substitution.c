/* What stands in the place of kernels, and the files of a substitution test. */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "../base/helpers.h"
#include "base/file.h"
#include "gabor/substitution.h"
#include "gabor_test.h"

enum { K = 7, N = K * K, EACH = 3 * N, KERNELS = 5 };

/* Two Gabor functions, an edge, a blob, noise: the blob's colours oppose each other. */
static fs_kernels kernels;
static fs_analysis analysis;

static int setup(void **state) {
    static const double grey[3] = {0.6, 0.55, 0.58}, opposed[3] = {0.7, -0.7, 0.1};
    fs_random random;
    fs_random_seed(&random, 5, 0);
    assert_int_equal(fs_kernels_create(&kernels, KERNELS, 3, K, K, NULL), FS_OK);
    for (int k = 0; k < KERNELS; k++)
        for (int i = 0; i < EACH; i++) {
            const double x = i % N % K - (K - 1) / 2.0, y = (i % N) / K - (K - 1) / 2.0;
            const fs_gabor g = {
                .lambda = 3.1 + k, .theta = 0.5 + k, .psi = 0.4, .sigma = 1.5, .gamma = 1, .amplitude = 1};
            const double value = k < 2    ? fs_gabor_value(&g, x, y)
                                 : k == 2 ? (x + 0.3 * y) * exp(-(x * x + y * y) / 8)
                                          : exp(-((x - 1) * (x - 1) + y * y) / 6);
            kernels.values[k * EACH + i] =
                k == 4 ? fs_random_range(&random, -1, 1)
                       : (k == 3 ? opposed : grey)[i / N] * value + fs_random_range(&random, -0.005, 0.005);
        }
    const fs_analysis_settings settings = {.null_fits = 20, .seed = 1};
    assert_int_equal(fs_analysis_run(&analysis, &kernels, &settings, NULL, NULL, NULL), FS_OK);
    static const fs_kernel_class kinds[KERNELS] = {FS_KERNEL_GABOR, FS_KERNEL_GABOR, FS_KERNEL_EDGE,
                                                   FS_KERNEL_COLOUR_BLOB, FS_KERNEL_UNEXPLAINED};
    for (int k = 0; k < KERNELS; k++)
        assert_int_equal(analysis.kernels[k].kind, kinds[k]);
    return scratch_setup(state);
}

static int teardown(void **state) {
    fs_analysis_free(&analysis);
    fs_kernels_free(&kernels);
    return scratch_teardown(state);
}

static double distance(const double *a, const double *b, int count) {
    double sum = 0, all = 0;
    for (int i = 0; i < count; i++) {
        sum += (a[i] - b[i]) * (a[i] - b[i]);
        all += a[i] * a[i];
    }
    return sum / all;
}

static const fs_variant *variant_named(const char *name) {
    for (int v = 0; v < FS_VARIANTS; v++)
        if (strcmp(fs_variant_table[v].name, name) == 0)
            return &fs_variant_table[v];
    fail_msg("no variant '%s'", name);
    return NULL;
}

static void test_variants(void **state) {
    (void)state;
    fs_substitutes s = {0};
    double out[KERNELS * EACH];
    const double *in = kernels.values;
    assert_int_equal(fs_substitutes_create(&s, &kernels, &analysis, NULL), FS_OK);

    assert_int_equal(fs_substitutes_make(&s, variant_named("fit"), 0, out), KERNELS);
    assert_true(distance(in, out, 2 * EACH) < 1e-3);
    assert_true(distance(in + 4 * EACH, out + 4 * EACH, EACH) > 0.3); /* nothing fits noise */
    assert_int_equal(fs_substitutes_make(&s, variant_named("rank_one"), 0, out), KERNELS);
    assert_true(distance(in, out, 2 * EACH) < 1e-3);

    assert_int_equal(fs_substitutes_make(&s, variant_named("gabor_fit"), 0, out), 2);
    assert_true(distance(in, out, 2 * EACH) > 0);
    assert_memory_equal(in + 2 * EACH, out + 2 * EACH, 3 * EACH * sizeof *out);

    assert_int_equal(fs_substitutes_make(&s, variant_named("gabor_edge_fit_rest_zero"), 0, out), 3);
    assert_true(distance(in + 2 * EACH, out + 2 * EACH, EACH) < 0.05);
    for (int i = 3 * EACH; i < KERNELS * EACH; i++)
        assert_true(out[i] == 0);

    assert_int_equal(fs_substitutes_make(&s, variant_named("gabor_fit_rest_blob"), 0, out), 2);
    assert_true(distance(in + 3 * EACH, out + 3 * EACH, EACH) < 1e-3); /* it is one */
    assert_true(distance(in + 2 * EACH, out + 2 * EACH, EACH) > 0.02); /* an edge is none */

    assert_int_equal(fs_substitutes_make(&s, variant_named("gabor_zero"), 0, out), 2);
    assert_true(out[0] == 0 && out[2 * EACH - 1] == 0);
    assert_memory_equal(in + 2 * EACH, out + 2 * EACH, 3 * EACH * sizeof *out);
    fs_substitutes_free(&s);
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The controls keep what they promise, repeat with their seed and differ with another. */
static void test_controls(void **state) {
    (void)state;
    fs_substitutes s = {0};
    double out[KERNELS * EACH], again[KERNELS * EACH], other[KERNELS * EACH];
    static const char *const names[] = {"shuffled", "noise"};
    assert_int_equal(fs_substitutes_create(&s, &kernels, &analysis, NULL), FS_OK);
    for (int n = 0; n < 2; n++) {
        const fs_variant *v = variant_named(names[n]);
        assert_true(fs_variant_is_random(v));
        fs_substitutes_make(&s, v, 3, out);
        fs_substitutes_make(&s, v, 3, again);
        fs_substitutes_make(&s, v, 4, other);
        assert_memory_equal(out, again, sizeof out);
        assert_true(distance(out, other, KERNELS * EACH) > 0.5);
        for (int k = 0; k < KERNELS; k++) {
            double norm = 0, expected = 0;
            for (int i = k * EACH; i < (k + 1) * EACH; i++) {
                norm += out[i] * out[i];
                expected += kernels.values[i] * kernels.values[i];
            }
            assert_near(norm, expected, 1e-9 * expected);
        }
    }
    fs_substitutes_make(&s, variant_named("shuffled"), 3, out);
    double a[N], b[N]; /* the sum of the colours in one order or another: colours stay together */
    for (int i = 0; i < N; i++) {
        a[i] = kernels.values[i] + 2 * kernels.values[N + i] + 3 * kernels.values[2 * N + i];
        b[i] = out[i] + 2 * out[N + i] + 3 * out[2 * N + i];
    }
    qsort(a, N, sizeof *a, ascending);
    qsort(b, N, sizeof *b, ascending);
    assert_memory_equal(a, b, sizeof a);
    fs_substitutes_free(&s);
}

static void fill(fs_substitution *s) {
    s->pictures = 10;
    s->top1 = s->top5 = NAN; /* no labels */
    for (int v = 0; v < FS_VARIANTS; v++) {
        s->results[v] = (fs_variant_result){.chosen = v, .repeats = 1, .cka = s->results[v].cka};
        s->results[v].top1.mean = s->results[v].top5.mean = NAN;
        s->results[v].agreement.mean = 0.5 + 0.01 * v;
        s->results[v].cka[1].mean = 0.25;
    }
}

static int count_fields(const char *line) {
    int fields = 1;
    bool quoted = false;
    for (; *line && *line != '\n'; line++) {
        quoted = quoted != (*line == '"');
        fields += *line == ',' && !quoted;
    }
    return fields;
}

static void test_files(void **state) {
    (void)state;
    static const char *const layers[] = {"one", "two, \"quoted\""};
    fs_substitution s = {0};
    uint8_t *text = NULL;
    size_t size = 0;
    assert_int_equal(fs_substitution_create(&s, layers, 2, NULL), FS_OK);
    fill(&s);
    const char *json = scratch_path("s.json"), *csv = scratch_path("s.csv");
    assert_int_equal(fs_substitution_write_json(&s, "a \"model\"", "one", 7, json, NULL), FS_OK);
    assert_int_equal(fs_substitution_write_csv(&s, csv, NULL), FS_OK);

    assert_int_equal(fs_file_read(&text, &size, json, 1 << 20, NULL), FS_OK);
    cJSON *root = cJSON_Parse((const char *)text);
    assert_non_null(root);
    assert_int_equal(cJSON_GetObjectItem(root, "format")->valueint, 1);
    assert_string_equal(cJSON_GetObjectItem(root, "model")->valuestring, "a \"model\"");
    const cJSON *variants = cJSON_GetObjectItem(root, "variants");
    assert_int_equal(cJSON_GetArraySize(variants), FS_VARIANTS);
    const cJSON *third = cJSON_GetArrayItem(variants, 2);
    assert_string_equal(cJSON_GetObjectItem(third, "name")->valuestring, "gabor_fit");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(third, "top1")));
    assert_near(cJSON_GetObjectItem(third, "agreement")->valuedouble, 0.52, 1e-9);
    const cJSON *cka = cJSON_GetArrayItem(cJSON_GetObjectItem(third, "cka"), 1);
    assert_string_equal(cJSON_GetObjectItem(cka, "layer")->valuestring, layers[1]);
    assert_near(cJSON_GetObjectItem(cka, "value")->valuedouble, 0.25, 1e-9);
    cJSON_Delete(root);
    fs_free(text);

    assert_int_equal(fs_file_read(&text, &size, csv, 1 << 20, NULL), FS_OK);
    int rows = 0;
    for (const char *line = (const char *)text; *line; line = strchr(line, '\n') + 1, rows++)
        assert_int_equal(count_fields(line), 3 + 2 * 5 + 2);
    assert_int_equal(rows, 2 + FS_VARIANTS);
    fs_free(text);
    fs_substitution_free(&s);
}

static void test_memory(void **state) {
    (void)state;
    static const char *const layers[] = {"one", "two"};
    bool refused = true;
    for (int i = 0; refused; i++) {
        fs_substitution s = {0};
        fail_from(i);
        const fs_status status = fs_substitution_create(&s, layers, 2, NULL);
        refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        fs_substitution_free(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_variants), cmocka_unit_test(test_controls),
                                       cmocka_unit_test(test_files), cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
