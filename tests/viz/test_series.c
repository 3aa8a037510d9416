#include "viz_test.h"

#include "tiny_model.h"
#include "viz/series.h"

static tiny_model tiny;

static int set_up(void **state) {
    (void)state;
    tiny_model_create(&tiny, 0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    tiny_model_destroy(&tiny);
    return 0;
}

static void check_steps(const char *text, fs_spacing spacing, int total, const int *wanted, int count) {
    int *steps = NULL, n = 0;
    fs_error err = {0};
    if (fs_series_steps(&steps, &n, text, spacing, total, &err) != FS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(n, count);
    assert_memory_equal(steps, wanted, (size_t)n * sizeof *steps);
    fs_free(steps);
}

static void test_steps(void **state) {
    (void)state;
    check_steps("9", FS_SPACING_LOG, 256, (int[]){1, 2, 4, 8, 16, 32, 64, 128, 256}, 9);
    check_steps("4", FS_SPACING_EVEN, 256, (int[]){64, 128, 192, 256}, 4);
    check_steps("1", FS_SPACING_LOG, 256, (int[]){256}, 1);
    check_steps("5", FS_SPACING_LOG, 5, (int[]){1, 2, 3, 4, 5}, 5);
    check_steps("0,7,256", FS_SPACING_LOG, 256, (int[]){0, 7, 256}, 3);
    check_steps("7,", FS_SPACING_LOG, 256, (int[]){7}, 1);
    int *steps = NULL, n = 0;
    static const char *const wrong[] = {"", "0", "257", "x", "3,2", "3,3", "3,257", "-1,4", "1.5", ","};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(fs_series_steps(&steps, &n, wrong[i], FS_SPACING_LOG, 256, NULL), FS_ERROR_ARGUMENT);
    assert_null(steps);
}

static fs_render_settings settings_of(int steps) {
    fs_render_settings s;
    fs_options_defaults(fs_render_options, &s);
    strcpy(s.layer, "one");
    s.size = 16;
    s.steps = steps;
    return s;
}

/* Each picture is that of a render of so many steps. */
static void test_pictures(void **state) {
    (void)state;
    const int steps[] = {0, 3, 8};
    fs_render_settings s = settings_of(8);
    fs_series series = {0};
    assert_int_equal(fs_series_run(&series, &tiny.model, &s, steps, 3, NULL, NULL, NULL), FS_OK);
    assert_true(series.whole && series.n == 3);
    assert_true(isnan(series.items[0].objective));
    for (int i = 1; i < 3; i++) {
        fs_image image = {0};
        double objective = 0;
        s.steps = steps[i];
        assert_int_equal(fs_render_picture(&tiny.model, &s, NULL, NULL, &image, &objective, NULL), FS_OK);
        assert_int_equal(series.items[i].step, steps[i]);
        assert_true(series.items[i].objective == objective);
        assert_memory_equal(series.items[i].image.pixels, image.pixels, 16 * 16 * 3);
        fs_image_free(&image);
    }
    fs_series_free(&series);
    s.size = 4096;
    assert_int_equal(fs_series_run(&series, &tiny.model, &s, steps, 1000, NULL, NULL, NULL), FS_ERROR_LIMIT);
}

static void stop_after_five(void *context, const fs_progress_state *state) {
    if (state->done >= 5)
        atomic_store((atomic_bool *)context, true);
}

static void test_stopped(void **state) {
    (void)state;
    atomic_bool cancel = false;
    const fs_progress progress = {.report = stop_after_five, .context = &cancel, .cancel = &cancel};
    fs_render_settings s = settings_of(50);
    fs_series series = {0};
    assert_int_equal(fs_series_run(&series, &tiny.model, &s, (int[]){2, 4, 9, 50}, 4, NULL, &progress, NULL),
                     FS_OK);
    assert_int_equal(series.n, 2);
    assert_false(series.whole);
    fs_series_free(&series);
    atomic_store(&cancel, false);
    assert_int_equal(fs_series_run(&series, &tiny.model, &s, (int[]){9, 50}, 2, NULL, &progress, NULL),
                     FS_ERROR_CANCELLED);
}

/* One by one they are what the strip shows. */
static void test_variants(void **state) {
    (void)state;
    fs_render_settings s = settings_of(4);
    fs_image images[3] = {{0}}, strip = {0};
    double objectives[3], mean = 0;
    s.variants = 3;
    assert_int_equal(fs_render_pictures(&tiny.model, &s, NULL, NULL, images, objectives, NULL), FS_OK);
    assert_int_equal(fs_render_picture(&tiny.model, &s, NULL, NULL, &strip, &mean, NULL), FS_OK);
    assert_close((objectives[0] + objectives[1] + objectives[2]) / 3, mean, 1e-12, fabs(mean));
    const int gutter = (strip.width - 3 * 16) / 2;
    for (int i = 0; i < 3; i++)
        for (int y = 0; y < 16; y++)
            assert_memory_equal(images[i].pixels + (ptrdiff_t)3 * 16 * y,
                                strip.pixels + (ptrdiff_t)3 * (strip.width * y + i * (16 + gutter)), 3 * 16);
    for (int i = 0; i < 3; i++)
        fs_image_free(&images[i]);
    fs_image_free(&strip);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps), cmocka_unit_test(test_pictures),
                                       cmocka_unit_test(test_stopped), cmocka_unit_test(test_variants)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
