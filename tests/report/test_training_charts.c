/* The pictures of a training run in the cases that break layouts: one epoch, nothing that changes, many
 * classes. */
#include "base/helpers.h"

#include <math.h>
#include <stdlib.h>

#include "report/confusion_chart.h"
#include "report/curves_chart.h"
#include "report/live_curves.h"
#include "report/policy_chart.h"

/* Pixels that are not the paper's white. */
static int64_t ink(const fs_image *image) {
    int64_t count = 0;
    for (int64_t i = 0; i < (int64_t)image->width * image->height; i++)
        count +=
            image->pixels[3 * i] < 250 || image->pixels[3 * i + 1] < 250 || image->pixels[3 * i + 2] < 250;
    return count;
}

/* No mark may touch the picture's rim. */
static void check_rim(const fs_image *image) {
    for (int x = 0; x < image->width; x++)
        for (int c = 0; c < 3; c++) {
            assert_int_equal(image->pixels[x * 3 + c], 255);
            assert_int_equal(image->pixels[((image->height - 1) * image->width + x) * 3 + c], 255);
        }
    for (int y = 0; y < image->height; y++)
        for (int c = 0; c < 3; c++) {
            assert_int_equal(image->pixels[y * image->width * 3 + c], 255);
            assert_int_equal(image->pixels[((y + 1) * image->width - 1) * 3 + c], 255);
        }
}

static void draw_curves(int n, double change, fs_image *out) {
    static const char *const stages[] = {"head", "joint"};
    fs_curves_epoch epochs[200];
    fs_error err = {0};
    for (int i = 0; i < n; i++)
        epochs[i] =
            (fs_curves_epoch){i >= n / 2, 1 - change * i, 1.1 - change * i, 0.5 + change * i / 2, 0.5};
    const fs_curves_chart chart = {"A network", "a line", stages, epochs, n, n - 1};
    if (fs_curves_chart_draw(&chart, out, &err) != FS_OK)
        fail_msg("%s", err.message);
}

static void test_curves(void **state) {
    (void)state;
    static const int counts[] = {1, 2, 12, 200};
    for (int i = 0; i < 4; i++)
        for (int flat = 0; flat < 2; flat++) {
            fs_image image = {0};
            draw_curves(counts[i], flat ? 0 : 1.0 / counts[i], &image);
            check_rim(&image);
            assert_true(ink(&image) > 3000);
            fs_image_free(&image);
        }
}

/* On a page of its own, away from the rim. */
static int64_t draw_live(const fs_live_curves *curves, fs_live_what what) {
    fs_page page = {0};
    fs_image image = {0};
    fs_error err = {0};
    if (fs_page_begin(&page, 300, 180, fs_theme_light(), &err) != FS_OK)
        fail_msg("%s", err.message);
    fs_live_curves_legend(page.canvas, (fs_rect){10, 8, 280, 18});
    fs_live_curves_draw(page.canvas, (fs_rect){10, 28, 280, 142}, curves, what);
    assert_int_equal(fs_page_finish(&page, &image, &err), FS_OK);
    check_rim(&image);
    const int64_t marks = ink(&image);
    fs_image_free(&image);
    return marks;
}

/* Nothing yet, one batch, an epoch, many of them, numbers that are none. */
static void test_live_curves(void **state) {
    (void)state;
    fs_curves_epoch epochs[200];
    fs_live_point points[200];
    for (int i = 0; i < 200; i++) {
        epochs[i] = (fs_curves_epoch){i >= 100, 2.0 / (i + 1), 2.5 / (i + 1), 1 - 0.5 / (i + 1), 0.9};
        points[i] = (fs_live_point){0.5 * (i + 1), i == 7 ? (double)NAN : 1.0 / (i + 1), 0.5};
    }
    for (int what = FS_LIVE_LOSS; what <= FS_LIVE_ACCURACY; what++) {
        const fs_live_curves empty = {.length = 36, .best = -1};
        const fs_live_curves one = {.points = points, .n_points = 1, .length = 1, .best = -1};
        const fs_live_curves epoch = {epochs, 1, points, 2, 36, 0};
        const fs_live_curves many = {epochs, 200, points, 200, 3, 150};
        const int64_t nothing = draw_live(&empty, (fs_live_what)what);
        assert_true(nothing > 300);
        assert_true(draw_live(&one, (fs_live_what)what) > 300);
        assert_true(draw_live(&epoch, (fs_live_what)what) > nothing + 20);
        assert_true(draw_live(&many, (fs_live_what)what) > nothing + 300);
    }
}

static void test_confusion(void **state) {
    (void)state;
    static const int sizes[] = {2, 9, 40, 120};
    for (int i = 0; i < 4; i++) {
        const int n = sizes[i];
        const char **labels = calloc((size_t)n, sizeof *labels);
        int *counts = calloc((size_t)n * (size_t)n, sizeof *counts);
        fs_image image = {0};
        fs_error err = {0};
        for (int k = 0; k < n; k++) {
            labels[k] = "a class of a rather long name";
            counts[k * n + k] = 7;
            counts[k * n] += 2;
        }
        const fs_confusion_chart chart = {"A network", "a line", labels, counts, n};
        if (fs_confusion_chart_draw(&chart, &image, &err) != FS_OK)
            fail_msg("%s", err.message);
        check_rim(&image);
        assert_true(ink(&image) > 10000);
        fs_image_free(&image);
        free(labels);
        free(counts);
    }
    fs_image image = {0};
    fs_error err = {0};
    const fs_confusion_chart enormous = {"A network", "a line", NULL, NULL, 5000};
    assert_int_equal(fs_confusion_chart_draw(&enormous, &image, &err), FS_ERROR_LIMIT);
    assert_null(image.pixels);
}

/* One policy or five, one epoch, everything right, no layers, and layers that were not measured. */
static void test_policies(void **state) {
    (void)state;
    static const char *const layers[] = {"a layer of a rather long name that goes on and on", "b", "c"};
    static const double seconds[] = {0.5, 1, 60}, accuracies[] = {0.5, 0.5, 1};
    static const double cka[] = {1, (double)NAN, -0.04};
    assert_float_equal(fs_policy_standard_error(50, 100), 0.05, 1e-12);
    assert_float_equal(fs_policy_standard_error(7, 7), 0, 1e-12);
    for (int n = 1; n <= FS_POLICY_CHART_MOST; n += 4)
        for (int n_layers = 0; n_layers <= 3; n_layers += 3) {
            fs_policy policies[FS_POLICY_CHART_MOST];
            fs_image image = {0};
            fs_error err = {0};
            for (int i = 0; i < n; i++)
                policies[i] =
                    (fs_policy){"scratch", 10000 - 2400 * i, 10000, seconds, accuracies, 1 + i % 3, 0, cka};
            const fs_policy_chart chart = {"A network", "a line", policies, n, layers, n_layers};
            if (fs_policy_chart_draw(&chart, &image, &err) != FS_OK)
                fail_msg("%s", err.message);
            check_rim(&image);
            assert_true(ink(&image) > 10000);
            fs_image_free(&image);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_curves), cmocka_unit_test(test_confusion),
                                       cmocka_unit_test(test_policies), cmocka_unit_test(test_live_curves)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
