/* Classes of kernels whose kind is known, the null distribution, and the files. */
#include <cjson/cJSON.h>

#include "../base/helpers.h"
#include "base/file.h"
#include "gabor/analysis.h"
#include "gabor/fits_write.h"
#include "gabor_test.h"

enum { SEED = 3, K = 9, N = K * K, KINDS = 12 };

static const double grey[3] = {0.58, 0.58, 0.57}, opposed[3] = {0.8, -0.6, 0.1};

typedef struct known {
    fs_kernel_class kind;
    const double *colour;
    double (*value)(double x, double y);
} known;

static double gabor(double x, double y) {
    const fs_gabor g = {.lambda = 4, .theta = 0.6, .psi = 0.8, .sigma = 1.8, .gamma = 0.9, .amplitude = 1};
    return fs_gabor_value(&g, x, y);
}
static double first(double x, double y) {
    return (x + 0.5 * y) * exp(-(x * x + y * y) / 8);
}
static double second(double x, double y) {
    return (x * x / 4 - 1) * exp(-(x * x + y * y) / 8);
}
static double plane(double x, double y) {
    return 0.3 * x - 0.2 * y + 0.1;
}
static double blob(double x, double y) {
    return exp(-((x - 1) * (x - 1) + y * y) / 5);
}
static double surround(double x, double y) {
    return exp(-(x * x + y * y) / 3) - 0.5 * exp(-(x * x + y * y) / 9);
}
static double grating(double x, double y) {
    return cos(1.4 * x + 0.9 * y + 0.5);
}
static double crossed(double x, double y) {
    return cos(1.4 * x + 0.5) + cos(1.2 * y);
}
static double flat(double x, double y) {
    (void)x;
    (void)y;
    return 1;
}
static double none(double x, double y) {
    (void)x;
    (void)y;
    return 0;
}

static const known kinds[KINDS] = {
    {FS_KERNEL_GABOR, grey, gabor},         {FS_KERNEL_GABOR, opposed, gabor},
    {FS_KERNEL_EDGE, grey, first},          {FS_KERNEL_EDGE, grey, second},
    {FS_KERNEL_EDGE, grey, plane},          {FS_KERNEL_BLOB, grey, blob},
    {FS_KERNEL_COLOUR_BLOB, opposed, blob}, {FS_KERNEL_CENTRE_SURROUND, grey, surround},
    {FS_KERNEL_GRATING, grey, grating},     {FS_KERNEL_GRATING, grey, crossed},
    {FS_KERNEL_COLOUR_BLOB, opposed, flat}, {FS_KERNEL_BLOB, grey, flat}};

/* The known kinds with a little noise, then `more` kernels: noise alone, and at last zeros. */
static fs_kernels make_kernels(int more) {
    fs_kernels kernels = {0};
    fs_random random;
    fs_random_seed(&random, SEED, 0);
    assert_int_equal(fs_kernels_create(&kernels, KINDS + more, 3, K, K, NULL), FS_OK);
    for (int k = 0; k < KINDS + more; k++)
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < N; i++) {
                double x = i % K - (K - 1) / 2.0, y = i / K - (K - 1) / 2.0;
                double value = k < KINDS ? kinds[k].colour[c] * kinds[k].value(x, y) : none(x, y);
                double noise = k < KINDS ? 0.01 : 0.5;
                kernels.values[(k * 3 + c) * N + i] =
                    k == KINDS + more - 1 && more ? 0 : value + fs_random_range(&random, -noise, noise);
            }
    return kernels;
}

static fs_analysis analyse(const fs_kernels *kernels, int null_fits, int threads) {
    fs_analysis analysis = {0};
    fs_analysis_settings settings = fs_analysis_settings_default();
    fs_error err = {0};
    fs_pool *pool = NULL;
    settings.null_fits = null_fits;
    assert_int_equal(fs_pool_create(&pool, threads, NULL), FS_OK);
    if (fs_analysis_run(&analysis, kernels, &settings, pool, NULL, &err) != FS_OK)
        fail_msg("%s", err.message);
    fs_pool_destroy(pool);
    return analysis;
}

static void test_classes(void **state) {
    (void)state;
    enum { NOISE = 6 };
    fs_kernels kernels = make_kernels(NOISE + 1);
    fs_analysis a = analyse(&kernels, 60, 2);
    for (int k = 0; k < KINDS; k++)
        if (a.kernels[k].kind != kinds[k].kind)
            fail_msg("kernel %d is %s (%s), not %s", k, fs_kernel_class_name(a.kernels[k].kind),
                     fs_kernel_model_name(a.kernels[k].best), fs_kernel_class_name(kinds[k].kind));
    for (int k = KINDS; k < KINDS + NOISE; k++)
        assert_int_equal(a.kernels[k].kind, FS_KERNEL_UNEXPLAINED);
    assert_int_equal(a.kernels[KINDS + NOISE].kind, FS_KERNEL_DEAD);
    assert_int_equal(a.class_counts[FS_KERNEL_EDGE], 3);
    assert_int_equal(a.class_counts[FS_KERNEL_DEAD], 1);
    assert_near(a.kernels[0].fit.gabor.theta, 0.6, 0.02);
    assert_true(a.kernels[0].p_value < 0.02 && a.median_r2 > 0.5 && a.median_r2 < 1);
    fs_analysis_free(&a);
    fs_kernels_free(&kernels);
}

/* What noise reaches is sorted, and more than nothing; noise itself is not significant. */
static void test_null(void **state) {
    (void)state;
    enum { NULL_FITS = 40 };
    fs_kernels kernels = make_kernels(9);
    fs_analysis a = analyse(&kernels, NULL_FITS, 2);
    const double *gabor_r2 = a.null.r2 + (size_t)FS_MODEL_GABOR * NULL_FITS;
    assert_int_equal(a.null.fits, NULL_FITS);
    for (int i = 1; i < NULL_FITS; i++)
        assert_true(gabor_r2[i] >= gabor_r2[i - 1]);
    double quantile = a.null.quantile95[FS_MODEL_GABOR];
    assert_true(quantile == gabor_r2[37] && quantile > 0.15 && quantile < 0.7);
    double sum = 0;
    for (int k = KINDS; k < KINDS + 8; k++)
        sum += a.kernels[k].p_value;
    assert_true(sum / 8 > 0.15);
    fs_analysis_free(&a);
    fs_kernels_free(&kernels);
}

static void test_threads(void **state) {
    (void)state;
    fs_kernels kernels = make_kernels(2);
    fs_analysis one = analyse(&kernels, 10, 1), three = analyse(&kernels, 10, 3);
    assert_int_equal(one.count, three.count);
    for (int k = 0; k < one.count; k++) {
        const fs_kernel_analysis *a = &one.kernels[k], *b = &three.kernels[k];
        assert_int_equal(a->kind, b->kind);
        assert_memory_equal(&a->fit, &b->fit, sizeof a->fit);
        assert_memory_equal(&a->in_colour, &b->in_colour, sizeof a->in_colour);
        for (int m = 0; m < FS_MODELS; m++)
            assert_true(a->scores[m].aicc == b->scores[m].aicc);
    }
    assert_memory_equal(one.null.r2, three.null.r2, sizeof(double) * 10 * FS_MODELS);
    fs_analysis_free(&one);
    fs_analysis_free(&three);
    fs_kernels_free(&kernels);
}

static void test_refusals(void **state) {
    (void)state;
    fs_kernels kernels = make_kernels(0), small = {0};
    fs_analysis a = {0};
    fs_analysis_settings settings = fs_analysis_settings_default();
    fs_error err = {0};
    atomic_bool stop = true;
    fs_progress progress = {.cancel = &stop};
    assert_int_equal(fs_analysis_run(&a, &kernels, &settings, NULL, &progress, &err), FS_ERROR_CANCELLED);
    kernels.values[3 * N * 2 + 5] = (double)NAN;
    assert_int_equal(fs_analysis_run(&a, &kernels, &settings, NULL, NULL, &err), FS_ERROR_DIVERGED);
    assert_non_null(strstr(err.message, "kernel 2"));
    settings.null_fits = -1;
    assert_int_equal(fs_analysis_run(&a, &kernels, &settings, NULL, NULL, &err), FS_ERROR_ARGUMENT);
    settings.null_fits = 0;
    assert_int_equal(fs_kernels_create(&small, 2, 3, 3, 3, NULL), FS_OK);
    assert_int_equal(fs_analysis_run(&a, &small, &settings, NULL, NULL, &err), FS_ERROR_UNSUPPORTED);
    assert_null(a.kernels);
    assert_int_equal(fs_kernels_create(&small, 1, 2, 7, 7, &err), FS_ERROR_UNSUPPORTED);
    assert_int_equal(fs_kernels_create(&small, 0, 1, 7, 7, &err), FS_ERROR_LIMIT);
    fs_kernels_free(&kernels);
    fs_kernels_free(&small);
}

static void test_memory(void **state) {
    (void)state;
    fs_kernels kernels = {0};
    fs_analysis a = {0};
    const fs_analysis_settings settings = {.null_fits = 2};
    assert_int_equal(fs_kernels_create(&kernels, 1, 1, 5, 5, NULL), FS_OK);
    for (int i = 0; i < 25; i++)
        kernels.values[i] = sin(i);
    for (int n = 0; !a.kernels; n++) {
        fail_from(n);
        fs_status status = fs_analysis_run(&a, &kernels, &settings, NULL, NULL, NULL);
        bool refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
    }
    fs_analysis_free(&a);
    fs_kernels_free(&kernels);
}

static char *read_whole(const char *name) {
    uint8_t *text = NULL;
    size_t size = 0;
    assert_int_equal(fs_file_read(&text, &size, scratch_path(name), 1 << 24, NULL), FS_OK);
    return (char *)text;
}

static void check_json(const fs_analysis *a) {
    char *text = read_whole("fits.json");
    cJSON *root = cJSON_Parse(text);
    assert_non_null(root);
    assert_int_equal(cJSON_GetObjectItem(root, "format")->valueint, 1);
    assert_string_equal(cJSON_GetObjectItem(root, "model")->valuestring, "a \"model\"");
    const cJSON *kernels = cJSON_GetObjectItem(root, "kernels"), *k = cJSON_GetArrayItem(kernels, 0);
    assert_int_equal(cJSON_GetArraySize(kernels), a->count);
    static const char *const numbers[] = {"channel", "r2",        "lambda_px", "theta_rad",
                                          "psi_rad", "sigma_px",  "gamma",     "x0_px",
                                          "y0_px",   "amplitude", "offset",    "rank1_energy"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_true(cJSON_IsNumber(cJSON_GetObjectItem(k, numbers[i])));
    assert_near(cJSON_GetObjectItem(k, "theta_rad")->valuedouble, a->kernels[0].fit.gabor.theta, 1e-8);
    assert_string_equal(cJSON_GetObjectItem(k, "class")->valuestring, "gabor");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(k, "colour")), 3);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(k, "stderr")), FS_GABOR_PARAMETERS);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(k, "aicc")), FS_MODELS);
    cJSON_Delete(root);
    fs_free(text);
}

static int count_of(const char *text, char c) {
    int n = 0;
    for (; *text; text++)
        n += *text == c;
    return n;
}

static void check_csv(const fs_analysis *a) {
    static const char columns[] =
        "channel,class,r2,lambda_px,theta_rad,psi_rad,sigma_px,gamma,x0_px,y0_px,amplitude,"
        "offset,stderr_lambda_px,";
    char *text = read_whole("fits.csv"), *line = text;
    assert_int_equal(strncmp(text, columns, strlen(columns)), 0);
    assert_null(strstr(text, "nan"));
    assert_int_equal(count_of(text, '\n'), a->count + 1);
    int commas = -1;
    for (char *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = 0;
        if (commas < 0)
            commas = count_of(line, ',');
        assert_int_equal(count_of(line, ','), commas);
    }
    fs_free(text);
}

static void test_files(void **state) {
    (void)state;
    fs_kernels kernels = make_kernels(1);
    fs_analysis a = analyse(&kernels, 4, 1);
    const fs_fits_source source = {"a \"model\"", "conv1", "weights", 7};
    assert_int_equal(fs_fits_write_json(&a, &source, scratch_path("fits.json"), NULL), FS_OK);
    assert_int_equal(fs_fits_write_csv(&a, scratch_path("fits.csv"), NULL), FS_OK);
    check_json(&a);
    check_csv(&a);
    assert_int_equal(fs_fits_write_csv(&a, scratch_path("no/fits.csv"), NULL), FS_ERROR_IO);
    fs_analysis_free(&a);
    fs_kernels_free(&kernels);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_null),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_memory),
        cmocka_unit_test_setup_teardown(test_files, scratch_setup, scratch_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
