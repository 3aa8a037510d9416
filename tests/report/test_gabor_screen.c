/* Drawings of a population of kernels: points where they can be hit, lists that stand numbers of any kind. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/gabor_screen.h"
#include "report/page.h"

enum { COUNT = 6 };

/* Five with stripes, thetas in no order, the last two alike; one blob. */
static fs_analysis population(fs_kernel_analysis kernels[COUNT]) {
    static const double thetas[COUNT] = {2, 0.1, 1, 0.5, 2.5, 2.5};
    memset(kernels, 0, COUNT * sizeof *kernels);
    for (int i = 0; i < COUNT; i++) {
        kernels[i].channel = i;
        kernels[i].kind = i == 3 ? FS_KERNEL_BLOB : i == 2 ? FS_KERNEL_EDGE : FS_KERNEL_GABOR;
        kernels[i].fit.gabor = (fs_gabor){.lambda = 3 + i, .theta = thetas[i], .sigma = 2, .gamma = 1};
    }
    fs_analysis a = {.count = COUNT, .channels = 3, .height = 7, .width = 7, .kernels = kernels};
    a.class_counts[FS_KERNEL_GABOR] = 4;
    return a;
}

static void test_next_by_orientation(void **state) {
    (void)state;
    fs_kernel_analysis kernels[COUNT];
    fs_analysis a = population(kernels);
    static const int order[] = {1, 2, 0, 4, 5};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(fs_gabor_scatter_next(&a, order[i], 1), order[(i + 1) % 5]);
        assert_int_equal(fs_gabor_scatter_next(&a, order[i], -1), order[(i + 4) % 5]);
    }
    assert_int_equal(fs_gabor_scatter_next(&a, 3, 1), 2); /* from the blob into the points */
    assert_int_equal(fs_gabor_scatter_next(&a, -1, 1), 1);
    for (int i = 0; i < COUNT; i++)
        kernels[i].kind = i == 4 ? FS_KERNEL_GRATING : FS_KERNEL_DEAD;
    assert_int_equal(fs_gabor_scatter_next(&a, 4, 1), 4);
    kernels[4].kind = FS_KERNEL_DEAD;
    assert_int_equal(fs_gabor_scatter_next(&a, 4, 1), -1);
}

/* What is drawn for a kernel lies where it is hit. */
static void test_points_are_where_they_are_hit(void **state) {
    (void)state;
    fs_kernel_analysis kernels[COUNT];
    fs_analysis a = population(kernels);
    const fs_rect rect = {0, 0, 240, 140};
    fs_page page = {0};
    fs_image image = {0};
    assert_int_equal(fs_page_begin(&page, 240, 140, fs_theme_dark(), NULL), FS_OK);
    fs_draw_gabor_scatter(page.canvas, rect, &a, 2);
    assert_int_equal(fs_page_finish(&page, &image, NULL), FS_OK);
    int x = 0, y = 0, n = 0;
    for (int j = 0; j < 140; j++)
        for (int i = 0; i < 240; i++)
            if (fs_gabor_scatter_hit(rect, &a, i, j) == 2 && ++n) {
                x += i;
                y += j;
            }
    assert_true(n > 50);
    const uint8_t *middle = image.pixels + 3 * (y / n * 240 + x / n);
    assert_true(middle[0] > middle[2] + 60); /* an edge is orange */
    assert_int_equal(fs_gabor_scatter_hit(rect, &a, 1, 139), -1);
    fs_image_free(&image);
}

/* Perfect fits have an AICc of minus infinity; what could not be fitted has none. */
static void test_rivals_of_any_number(void **state) {
    (void)state;
    static const double values[] = {-INFINITY, INFINITY, NAN, -100, 3};
    fs_page page = {0};
    fs_image image = {0};
    assert_int_equal(fs_page_begin(&page, 400, 200, fs_theme_light(), NULL), FS_OK);
    for (int draw = 0; draw < 25; draw++) {
        fs_kernel_analysis k = {0};
        for (int m = 0; m < FS_MODELS; m++)
            k.scores[m] =
                (fs_model_score){.parameters = m, .r2 = -1e-9, .aicc = values[(m * draw + draw) % 5]};
        fs_draw_rivals(page.canvas, (fs_rect){0, 0, 400, 8.0 * draw}, &k);
    }
    assert_int_equal(fs_page_finish(&page, &image, NULL), FS_OK);
    fs_image_free(&image);
}

static void test_counts_and_spectrum(void **state) {
    (void)state;
    fs_kernel_analysis kernels[COUNT];
    fs_analysis a = population(kernels);
    double power[32 * 32] = {0};
    power[16 * 32 + 20] = 1;
    const fs_rect narrow = {0, 0, 200, 0}, wide = {0, 0, 700, 0};
    assert_true(fs_draw_class_key(NULL, narrow, &a) > fs_draw_class_key(NULL, wide, &a));
    fs_page page = {0};
    fs_image image = {0};
    assert_int_equal(fs_page_begin(&page, 200, 200, fs_theme_dark(), NULL), FS_OK);
    fs_draw_class_key(page.canvas, narrow, &a);
    fs_draw_gabor_spectrum(page.canvas, (fs_rect){100, 100, 64, 64}, power, 32, &kernels[0].fit.gabor);
    assert_int_equal(fs_page_finish(&page, &image, NULL), FS_OK);
    const uint8_t *peak = image.pixels + 3 * (133 * 200 + 141), *dark = image.pixels + 3 * (110 * 200 + 110);
    assert_true(peak[0] > 150 && dark[0] < 40);
    fs_image_free(&image);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next_by_orientation),
        cmocka_unit_test(test_points_are_where_they_are_hit),
        cmocka_unit_test(test_rivals_of_any_number),
        cmocka_unit_test(test_counts_and_spectrum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
