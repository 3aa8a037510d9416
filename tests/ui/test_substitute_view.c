/* In the Gabor view: Gabor functions in the place of kernels, points that say which kernel they are, exports.
 */
#include "report/gabor_screen.h"
#include "screen_test.h"

#define GABORS FS_TEST_DATA "/onnx/gabors.onnx"

static void start_in_view(fixture *f) {
    create_screen(f, &(fs_screen_options){.export_folder = "/nonexistent"});
    f->screen->feature.null_fits = 4;
    fs_screen_open(f->screen, GABORS);
    WAIT_FOR(f, f->screen->model != NULL);
    f->screen->message.shown = false;
    type(f, "g");
    type(f, "u"); /* there is nothing to replace yet */
    assert_false(f->screen->gabor.substitute.open);
    f->screen->message.shown = false;
    WAIT_FOR(f, f->screen->gabor.study != NULL);
}

static fs_substituted *wait_for(fixture *f, int kernel) {
    fs_substitute_view *s = &f->screen->gabor.substitute;
    WAIT_FOR(f, s->result != NULL && s->generation == 0 && s->result->kernel == kernel);
    return s->result;
}

static void test_by_keys(void **state) {
    (void)state;
    fixture f;
    start_in_view(&f);
    fs_substitute_view *s = &f.screen->gabor.substitute;
    type(&f, "u");
    assert_true(s->open);
    cairo_surface_t *waiting = paint(&f);
    (void)wait_for(&f, 0);
    cairo_surface_t *there = paint(&f);
    assert_true(differing(waiting, there, fs_screen_layout(f.screen).body) > 1000);
    cairo_surface_destroy(waiting);
    cairo_surface_destroy(there);
    key(&f, FS_KEY_RIGHT); /* the next kernel */
    (void)wait_for(&f, 1);
    type(&f, "a");
    assert_int_equal(wait_for(&f, -1)->replaced, 8);
    char before[FS_SUBSTITUTED_NAME];
    snprintf(before, sizeof before, "%s", s->result->picture);
    type(&f, ".");
    WAIT_FOR(&f, s->generation == 0 && s->asked_picture == 1);
    assert_string_not_equal(s->result->picture, before);
    type(&f, ",");
    WAIT_FOR(&f, s->generation == 0 && s->asked_picture == 0);
    assert_string_equal(s->result->picture, before);
    fs_screen_drop(f.screen, FS_TEST_DATA "/images"); /* other pictures */
    pump(&f);
    fs_screen_input(f.screen, &(fs_ui_input){.x = -1, .y = -1});
    WAIT_FOR(&f, s->generation == 0 && s->asked && strstr(s->result->picture, "drawn") == NULL);
    key(&f, FS_KEY_ESCAPE); /* out and in: what was found out is still there */
    type(&f, "g");
    assert_true(s->open && s->result != NULL && s->generation == 0);
    type(&f, "u");
    assert_false(s->open);
    cairo_surface_destroy(paint(&f));
    destroy_screen(&f);
}

static void test_a_folder_that_is_not_there(void **state) {
    (void)state;
    fixture f;
    start_in_view(&f);
    fs_substitute_view *s = &f.screen->gabor.substitute;
    snprintf(f.screen->feature.images, sizeof f.screen->feature.images, "/nonexistent/pictures");
    type(&f, "u");
    WAIT_FOR(&f, s->error[0] != '\0');
    assert_non_null(strstr(s->error, "/nonexistent/pictures"));
    assert_int_equal(s->generation, 0); /* and it is not asked again and again */
    pump(&f);
    assert_int_equal(s->generation, 0);
    cairo_surface_destroy(paint(&f));
    destroy_screen(&f);
}

/* Hovering shows which kernel a point is, a click chooses it. */
static void test_points(void **state) {
    (void)state;
    fixture f;
    start_in_view(&f);
    const fs_rect rect =
        fs_gabor_layout_make(fs_screen_layout(f.screen).body, 5, FS_GABOR_PARAMETERS).scatter;
    const fs_analysis *analysis = &f.screen->gabor.study->analysis;
    double x = 0, y = 0;
    int kernel = 1;
    while (kernel < analysis->count && (!fs_gabor_scatter_point(rect, analysis, kernel, &x, &y) ||
                                        fs_gabor_scatter_hit(rect, analysis, x, y) != kernel))
        kernel++;
    assert_true(kernel < analysis->count);
    cairo_surface_t *plain = paint(&f);
    fs_ui_input over = {.x = x, .y = y};
    assert_true(fs_screen_input(f.screen, &over));
    cairo_surface_t *hovered = paint(&f);
    assert_true(differing(plain, hovered, rect) > 500);
    cairo_surface_destroy(plain);
    cairo_surface_destroy(hovered);
    assert_int_equal(f.screen->gabor.list.selected, 0);
    click(&f, x, y);
    assert_int_equal(f.screen->gabor.list.selected, kernel);
    destroy_screen(&f);
}

static void test_export(void **state) {
    (void)state;
    fixture f;
    start_in_view(&f);
    char folder[] = FS_SCRATCH "/fs-gabor-view-XXXXXX", path[256];
    assert_non_null(mkdtemp(folder));
    f.screen->options.export_folder = folder;
    key(&f, FS_KEY_RIGHT);
    type(&f, "e");
    WAIT_FOR(&f, f.screen->message.shown);
    assert_false(f.screen->message.is_error);
    snprintf(path, sizeof path, "%s/gabors-conv1-gabor-1.png", folder);
    assert_int_equal(unlink(path), 0);
    snprintf(path, sizeof path, "%s/gabors-conv1-fits.csv", folder);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    destroy_screen(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_keys),
        cmocka_unit_test(test_a_folder_that_is_not_there),
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_export),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
