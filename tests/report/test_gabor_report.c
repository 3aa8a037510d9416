/* The pictures, the report's two forms and the charts they are made of. */
#include "viz/viz_test.h"

#include <unistd.h>

#include "base/file.h"
#include "report/charts.h"
#include "report/data_uri.h"
#include "report/gabor_card.h"
#include "report/gabor_charts.h"
#include "report/gabor_report.h"

enum { K = 9, N = K * K, KERNELS = 14, MANY = 80 };

static char folder[] = FS_SCRATCH "/filterscope-report-XXXXXX";

static const char *in_folder(const char *name) {
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* Gabor functions, then noise, and last of all zeros. */
static void make(fs_kernels *kernels, fs_analysis *analysis, int count, int channels) {
    fs_random random;
    fs_random_seed(&random, 8, 0);
    assert_int_equal(fs_kernels_create(kernels, count, channels, K, K, NULL), FS_OK);
    for (int k = 0; k < count - 1; k++)
        for (int i = 0; i < channels * N; i++) {
            const fs_gabor g = {.lambda = 2.5 + 0.4 * (k % 10),
                                .theta = 0.3 * k,
                                .psi = 0.5 * k,
                                .sigma = 1.8,
                                .gamma = 0.9,
                                .amplitude = 1};
            const double value = fs_gabor_value(&g, i % N % K - 4, i % N / K - 4);
            kernels->values[k * channels * N + i] =
                k % 5 == 4 ? fs_random_range(&random, -1, 1) : (i / N == 1 ? -0.6 : 0.8) * value;
        }
    const fs_analysis_settings settings = {.null_fits = count < MANY ? 10 : 0};
    assert_int_equal(fs_analysis_run(analysis, kernels, &settings, NULL, NULL, NULL), FS_OK);
}

static void fill(fs_substitution *s) {
    static const char *const layers[] = {"features.0", "a <layer> & \"more\"", "logits"};
    assert_int_equal(fs_substitution_create(s, layers, 3, NULL), FS_OK);
    s->pictures = s->labelled = s->compared = 50;
    s->top1 = 0.6;
    s->top5 = 0.9;
    for (int v = 0; v < FS_VARIANTS; v++) {
        s->results[v].repeats = 1 + 2 * fs_variant_is_random(&fs_variant_table[v]);
        s->results[v].top1 = (fs_repeated){0.5 - 0.04 * v, 0.01 * v};
        for (int l = 0; l < 3; l++)
            s->results[v].cka[l].mean = l == 1 ? NAN : 0.9 - 0.05 * v;
    }
}

static int setup(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* Pixels that are not the background, in a rectangle. */
static int ink(const fs_image *image, int x, int y, int w, int h) {
    int count = 0;
    for (int j = y; j < y + h; j++)
        for (int i = x; i < x + w; i++) {
            const uint8_t *p = image->pixels + 3 * ((size_t)j * (size_t)image->width + (size_t)i);
            count += p[0] != 255 || p[1] != 255 || p[2] != 255;
        }
    return count;
}

static void test_pictures(void **state) {
    (void)state;
    for (int channels = 1; channels <= 3; channels += 2) {
        fs_kernels kernels = {0};
        fs_analysis analysis = {0};
        fs_image card = {0}, sheet = {0};
        make(&kernels, &analysis, KERNELS, channels);
        const fs_gabor_card c = {"kernel 1", "a network", fs_kernels_patch(&kernels, 1),
                                 &analysis.kernels[1]};
        assert_int_equal(fs_gabor_card_draw(&c, &card, NULL), FS_OK);
        assert_true(ink(&card, 0, 0, 20, card.height) == 0 &&
                    ink(&card, card.width - 20, 0, 20, card.height) == 0);
        assert_true(ink(&card, 0, card.height - 20, card.width, 20) == 0);
        assert_true(ink(&card, 20, 20, card.width - 40, card.height - 40) > 40000);
        const fs_gabor_sheet s = {"features.0", "all", &kernels, &analysis};
        assert_int_equal(fs_gabor_sheet_draw(&s, &sheet, NULL), FS_OK);
        assert_true(ink(&sheet, 0, sheet.height - 20, sheet.width, 20) == 0);
        fs_image_free(&card);
        fs_image_free(&sheet);
        fs_analysis_free(&analysis);
        fs_kernels_free(&kernels);
    }
}

static int count_of(const char *text, const char *word) {
    int count = 0;
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        count++;
    return count;
}

static char *read_all(const char *path, size_t *size) {
    uint8_t *bytes = NULL;
    assert_int_equal(fs_file_read(&bytes, size, path, 64 << 20, NULL), FS_OK);
    return (char *)bytes;
}

static void check_html(const char *html, bool substitution) {
    assert_int_equal(strncmp(html, "<!DOCTYPE html>", 15), 0);
    assert_non_null(strstr(html, "features &lt;0&gt; &amp; more"));
    assert_null(strstr(html, "features <0>"));
    assert_int_equal(count_of(html, "<figure>"), FS_GABOR_CHARTS + 1 + (substitution ? 2 : 0));
    assert_int_equal(count_of(html, "<figure>"), count_of(html, "src=\"data:image/svg+xml;base64,"));
    assert_int_equal(count_of(html, "src=\"data:image/png;base64,"), 3 * KERNELS);
    assert_int_equal(count_of(html, "<tr>"), count_of(html, "</tr>"));
    assert_int_equal(count_of(html, "src="), count_of(html, "src=\"data:")); /* nothing from elsewhere */
    assert_null(strstr(html, "http"));
}

/* Both forms twice give the same bytes: no date, no address in memory. */
static void test_reports(void **state) {
    (void)state;
    fs_kernels kernels = {0};
    fs_analysis analysis = {0};
    fs_substitution substitution = {0};
    const fs_fits_source source = {"A network", "features <0> & more", "weights", 3};
    make(&kernels, &analysis, KERNELS, 3);
    fill(&substitution);
    for (int with = 0; with < 2; with++) {
        const fs_gabor_report report = {&source, &kernels, &analysis, with ? &substitution : NULL};
        size_t size[2][2];
        char *bytes[2][2];
        for (int i = 0; i < 2; i++) {
            assert_int_equal(fs_gabor_report_html(&report, in_folder("r.html"), NULL), FS_OK);
            assert_int_equal(fs_gabor_report_pdf(&report, in_folder("r.pdf"), NULL), FS_OK);
            bytes[i][0] = read_all(in_folder("r.html"), &size[i][0]);
            bytes[i][1] = read_all(in_folder("r.pdf"), &size[i][1]);
        }
        for (int f = 0; f < 2; f++) {
            assert_int_equal(size[0][f], size[1][f]);
            assert_memory_equal(bytes[0][f], bytes[1][f], size[0][f]);
        }
        check_html(bytes[0][0], with != 0);
        assert_int_equal(strncmp(bytes[0][1], "%PDF", 4), 0);
        for (int i = 0; i < 4; i++)
            fs_free(bytes[i / 2][i % 2]);
    }
    fs_substitution_free(&substitution);
    fs_analysis_free(&analysis);
    fs_kernels_free(&kernels);
}

/* Kernels that go over several pages, over one channel, of no model, without a null. */
static void test_long_report(void **state) {
    (void)state;
    fs_kernels kernels = {0};
    fs_analysis analysis = {0};
    const fs_fits_source source = {NULL, "some/folder/bank.npy", "file", 0};
    make(&kernels, &analysis, MANY, 1);
    const fs_gabor_report report = {&source, &kernels, &analysis, NULL};
    size_t size;
    assert_int_equal(fs_gabor_report_pdf(&report, in_folder("long.pdf"), NULL), FS_OK);
    char *pdf = read_all(in_folder("long.pdf"), &size);
    /* words, three of kernels, two of charts, three of the table */
    int pages = 0;
    for (size_t i = 0; i + 7 < size; i++)
        if (memcmp(pdf + i, "/Count ", 7) == 0)
            pages = (int)strtol(pdf + i + 7, NULL, 10);
    assert_int_equal(pages, 9);
    fs_free(pdf);
    assert_int_equal(fs_gabor_report_html(&report, in_folder("long.html"), NULL), FS_OK);
    char *html = read_all(in_folder("long.html"), &size);
    assert_non_null(strstr(html, "Gabor functions in bank.npy"));
    assert_non_null(strstr(html, "Not measured"));
    fs_free(html);
    assert_int_equal(fs_gabor_report_pdf(&report, in_folder("no/such/folder.pdf"), NULL), FS_ERROR_IO);
    fs_analysis_free(&analysis);
    fs_kernels_free(&kernels);
}

/* A picture in memory says which pixels are inked. */
static fs_image drawn(void (*draw)(fs_canvas *canvas, fs_rect rect)) {
    fs_page page = {0};
    fs_image image = {0};
    assert_int_equal(fs_page_begin(&page, 320, 240, fs_theme_light(), NULL), FS_OK);
    draw(page.canvas, (fs_rect){10, 10, 300, 220});
    assert_int_equal(fs_page_finish(&page, &image, NULL), FS_OK);
    return image;
}

static void draw_strange(fs_canvas *canvas, fs_rect rect) {
    const fs_chart_value items[] = {{NAN, 1, 0}, {1, NAN, 0}, {1e300, 1, 0}, {-INFINITY, INFINITY, 0}};
    const fs_series series = {"one", {1, 0, 0, 1}};
    const fs_chart_values values = {items, 4, &series, 1};
    const fs_axes axes = {"t", {.high = 2, .label = "x"}, {.high = 2, .label = "y"}};
    const fs_histogram_spec spec = {
        .title = "t", .label = "x", .count_label = "y", .high = 0.5, .bins = 4, .mark = NAN};
    fs_draw_scatter(canvas, rect, &axes, &values);
    fs_draw_value_histogram(canvas, rect, &spec, &values);
    fs_draw_polar_scatter(canvas, rect, "t", "r", NAN, &values);
}

/* Counts 1 and 3: the second bar is three times as high, and both are red. */
static void draw_bars(fs_canvas *canvas, fs_rect rect) {
    const fs_chart_value items[] = {{0.1, 0, 0}, {0.6, 0, 0}, {0.7, 0, 0}, {1, 0, 0}, {1.01, 0, 0}};
    const fs_series series = {"one", {1, 0, 0, 1}};
    const fs_histogram_spec spec = {
        .title = "t", .label = "x", .count_label = "y", .high = 1, .bins = 2, .mark = NAN};
    fs_draw_value_histogram(canvas, rect, &spec, &(fs_chart_values){items, 5, &series, 1});
}

static void test_charts(void **state) {
    (void)state;
    fs_image strange = drawn(draw_strange), bars = drawn(draw_bars);
    assert_true(ink(&strange, 0, 0, 8, 240) == 0 && ink(&strange, 312, 0, 8, 240) == 0);
    int red[2] = {0};
    for (int y = 0; y < 240; y++)
        for (int side = 0; side < 2; side++) {
            const uint8_t *p = bars.pixels + 3 * (y * 320 + (side ? 250 : 120));
            red[side] += p[0] > 200 && p[1] < 60 && p[2] < 60;
        }
    assert_true(red[0] > 20 && abs(red[1] - 3 * red[0]) <= 4);
    fs_image_free(&strange);
    fs_image_free(&bars);
    assert_true(fs_round_step(10) == 2 && fs_round_step(1) == 0.2 && fs_round_step(26) == 5);
    assert_true(fs_round_step(0) == 1 && fs_round_step(NAN) == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pictures), cmocka_unit_test(test_reports),
                                       cmocka_unit_test(test_long_report), cmocka_unit_test(test_charts)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
