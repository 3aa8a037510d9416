/* The Gabor view without a window: opened, kernels chosen, sliders moved, snapped and undone by keys and
 * clicks. */
#include <math.h>

#include "base/random.h"
#include "report/gabor_screen.h"
#include "screen_test.h"

#define GABORS FS_TEST_DATA "/onnx/gabors.onnx"
#define SMALL FS_TEST_DATA "/onnx/residual.onnx"

static void start(fixture *f, const char *model) {
    create_screen(f, &(fs_screen_options){.export_folder = "/proc/nowhere"});
    f->screen->feature.null_fits = 4;
    fs_screen_open(f->screen, model);
    WAIT_FOR(f, f->screen->model != NULL);
    f->screen->message.shown = false; /* about the sidecar: all of the body is there */
}

static void start_in_view(fixture *f) {
    start(f, GABORS);
    type(f, "g");
    assert_true(f->screen->gabor.open);
    WAIT_FOR(f, f->screen->gabor.study != NULL);
}

static fs_gabor_layout parts_of(const fixture *f) {
    fs_layout layout = fs_screen_layout(f->screen);
    return fs_gabor_layout_make(layout.body, 5, FS_GABOR_PARAMETERS);
}

/* From another layer too; the header's button does the same, and there is one way back. */
static void test_in_and_out(void **state) {
    (void)state;
    fixture f;
    start(&f, GABORS);
    key(&f, FS_KEY_DOWN);
    key(&f, FS_KEY_DOWN);
    assert_string_equal(fs_screen_layer(f.screen)->name, "conv2");
    fs_rect header = fs_screen_layout(f.screen).header;
    click(&f, header.x + header.w - 20 - 72 - 8 - 42, header.y + header.h / 2);
    assert_true(f.screen->gabor.open);
    assert_string_equal(fs_screen_layer(f.screen)->name, "conv1");
    assert_true(f.screen->gabor.generation != 0);
    cairo_surface_destroy(paint(&f));
    WAIT_FOR(&f, f.screen->gabor.study != NULL);
    key(&f, FS_KEY_RIGHT);
    key(&f, FS_KEY_ESCAPE);
    assert_false(f.screen->gabor.open);
    assert_int_equal(f.screen->channel, 1); /* the kernel that was looked at */
    const fs_kernel_study *study = f.screen->gabor.study;
    type(&f, "g"); /* it is still there */
    assert_ptr_equal(f.screen->gabor.study, study);
    assert_int_equal(f.screen->gabor.generation, 0);
    assert_int_equal(f.screen->gabor.list.selected, 1);
    type(&f, "g");
    assert_false(f.screen->gabor.open);
    key(&f, FS_KEY_ENTER);
    assert_true(f.screen->view.open);
    type(&f, "g"); /* from a channel as well */
    assert_true(f.screen->gabor.open && !f.screen->view.open);
    destroy_screen(&f);
}

static void test_kernels_by_keys_and_clicks(void **state) {
    (void)state;
    fixture f;
    start_in_view(&f);
    fs_gabor_view *view = &f.screen->gabor;
    assert_int_equal(view->list.selected, 0);
    const int columns = fs_gabor_wall_columns(parts_of(&f).wall.w, 7);
    assert_true(columns >= 3 && columns < 8);
    key(&f, FS_KEY_DOWN);
    assert_int_equal(view->list.selected, columns);
    key(&f, FS_KEY_HOME);
    key(&f, FS_KEY_RIGHT);
    assert_int_equal(view->list.selected, 1);
    assert_true(fs_screen_gabor_is_fit(f.screen));
    assert_true(fabs(view->score.r2 - fs_screen_kernel(f.screen)->fit.r2) < 1e-6);
    key(&f, FS_KEY_END);
    assert_int_equal(view->list.selected, 7);
    assert_int_equal(fs_screen_kernel(f.screen)->kind, FS_KERNEL_UNEXPLAINED);
    const fs_gabor_layout parts = parts_of(&f);
    cairo_surface_t *before = paint(&f);
    click(&f, parts.wall.x + 20, parts.wall.y + 20);
    assert_int_equal(view->list.selected, 0);
    cairo_surface_t *after = paint(&f);
    assert_true(differing(before, after, parts.pictures) > 1000);
    assert_true(differing(before, after, parts.sliders) > 100);
    assert_true(differing(before, after, parts.rivals) > 100);
    cairo_surface_destroy(before);
    cairo_surface_destroy(after);
    destroy_screen(&f);
}

/* A point of the half disk is its kernel; with the keyboard they come in the order of their orientations. */
static void test_the_half_disk(void **state) {
    (void)state;
    fixture f;
    start_in_view(&f);
    fs_gabor_view *view = &f.screen->gabor;
    const fs_rect rect = parts_of(&f).scatter;
    int found = 0, seen = 0;
    for (double y = rect.y; y < rect.y + rect.h; y += 3)
        for (double x = rect.x; x < rect.x + rect.w; x += 3) {
            int hit = fs_gabor_scatter_hit(rect, &view->study->analysis, x, y);
            if (hit < 0 || (found >> hit & 1) != 0)
                continue;
            found |= 1 << hit;
            click(&f, x, y);
            assert_int_equal(view->list.selected, hit);
        }
    assert_int_equal(found, 0x5f); /* five Gabor functions and the edge; blob and noise have no orientation */
    double theta = -1;
    fs_screen_select_kernel(f.screen, 0); /* the smallest theta */
    for (int i = 0; i < 6; i++) {
        const double next = fs_screen_kernel(f.screen)->fit.gabor.theta;
        assert_true(next > theta);
        theta = next;
        seen |= 1 << view->list.selected;
        key(&f, FS_KEY_LEFT);
    }
    assert_int_equal(seen, 0x5f);
    assert_int_equal(view->list.selected, 0); /* all around */
    key(&f, FS_KEY_RIGHT);
    assert_int_equal(view->list.selected, 6);
    destroy_screen(&f);
}

static void test_sliders_by_keys(void **state) {
    (void)state;
    fixture f;
    start_in_view(&f);
    fs_gabor_view *view = &f.screen->gabor;
    const fs_gabor_layout parts = parts_of(&f);
    const double fit = view->score.r2, lambda = view->hand.lambda;
    cairo_surface_t *before = paint(&f);
    key(&f, FS_KEY_TAB); /* the half disk */
    key(&f, FS_KEY_TAB); /* lambda */
    for (int i = 0; i < 5; i++)
        key(&f, FS_KEY_RIGHT);
    assert_true(view->hand.lambda > 1.05 * lambda);
    assert_true(view->score.r2 < fit - 0.001);
    assert_int_equal(view->list.selected, 0);
    cairo_surface_t *after = paint(&f);
    assert_true(differing(before, after, parts.pictures) > 500);
    assert_int_equal(view->n_undo, 5);
    const double reached = view->score.r2;
    key(&f, FS_KEY_TAB); /* theta, shown in degrees */
    key(&f, FS_KEY_END);
    assert_true(fabs(view->hand.theta - M_PI) < 1e-12);
    key(&f, FS_KEY_UNDO);
    assert_true(view->score.r2 == reached);
    type(&f, "s");
    assert_true(fs_screen_gabor_is_fit(f.screen) && view->score.r2 == fit);
    key(&f, FS_KEY_UNDO); /* the snap too */
    assert_true(view->score.r2 == reached);
    for (int i = 0; i < 5; i++)
        key(&f, FS_KEY_UNDO);
    assert_true(fs_screen_gabor_is_fit(f.screen));
    assert_int_equal(view->n_undo, 0);
    key(&f, FS_KEY_UNDO); /* nothing left */
    assert_true(fs_screen_gabor_is_fit(f.screen));
    cairo_surface_destroy(before);
    cairo_surface_destroy(after);
    destroy_screen(&f);
}

/* A drag is followed while it moves, and is one step to undo. */
static void test_sliders_by_the_pointer(void **state) {
    (void)state;
    fixture f;
    start_in_view(&f);
    fs_gabor_view *view = &f.screen->gabor;
    const fs_gabor_layout parts = parts_of(&f);
    const double y = parts.sliders.y + FS_LAYOUT_SLIDER_HEAD + 2.5 * parts.row; /* psi */
    const double x = parts.sliders.x + 110, psi = view->hand.psi;
    fs_ui_input down = {.x = x, .y = y, .pressed = true, .held = true};
    fs_screen_input(f.screen, &down);
    const double pressed = view->hand.psi;
    assert_true(pressed != psi);
    drag(&f, x, y, x + 60);
    assert_true(view->hand.psi > pressed);
    assert_false(view->moving);
    assert_int_equal(view->n_undo, 1);
    const double button = parts.buttons.y + parts.buttons.h / 2;
    click(&f, parts.buttons.x + 170, button); /* undo */
    assert_true(view->hand.psi == psi);
    drag(&f, x, y, x + 30);
    click(&f, parts.buttons.x + 50, button); /* snap */
    assert_true(fs_screen_gabor_is_fit(f.screen));
    for (int i = 0; i < 3 * FS_UNDO_STEPS; i++)
        fs_screen_move_gabor(f.screen, FS_GABOR_GAMMA, 1 + i * 0.01, true);
    assert_int_equal(view->n_undo, FS_UNDO_STEPS);
    destroy_screen(&f);
}

static void test_kernels_that_cannot_be_fitted(void **state) {
    (void)state;
    fixture f;
    start(&f, SMALL);
    fs_gabor_view *view = &f.screen->gabor;
    type(&f, "g");
    WAIT_FOR(&f, view->error[0] != '\0');
    assert_non_null(strstr(view->error, "3x3"));
    cairo_surface_destroy(paint(&f));
    key(&f, FS_KEY_ENTER); /* what a deeper layer sees has the keyboard */
    assert_true(view->open && view->effective && view->generation != 0);
    assert_string_equal(fs_screen_layer(f.screen)->name, "layer1.0.conv1");
    WAIT_FOR(&f, view->study != NULL);
    assert_true(view->study->effective);
    assert_int_equal(view->study->kernels.height, 5);
    cairo_surface_destroy(paint(&f));
    destroy_screen(&f);
}

static void test_stopping_and_leaving(void **state) {
    (void)state;
    fixture f;
    start(&f, GABORS);
    fs_gabor_view *view = &f.screen->gabor;
    f.screen->feature.null_fits = FS_ANALYSIS_MAX_NULL_FITS;
    type(&f, "g");
    WAIT_FOR(&f, view->total > 0);
    type(&f, " "); /* stop has the keyboard */
    assert_int_equal(view->generation, 0);
    assert_string_equal(view->error, "Stopped.");
    cairo_surface_destroy(paint(&f));
    f.screen->feature.null_fits = 0;
    key(&f, FS_KEY_ENTER); /* again */
    WAIT_FOR(&f, view->study != NULL);
    fs_screen_open(f.screen, SMALL); /* another model has kernels of its own */
    WAIT_FOR(&f, strstr(f.screen->model->model->path, "residual") != NULL);
    assert_null(view->study);
    assert_false(view->open);
    type(&f, "g");
    key(&f, FS_KEY_ESCAPE); /* before anything came */
    assert_false(view->open);
    destroy_screen(&f);
}

static void test_every_size(void **state) {
    (void)state;
    static const double sizes[][3] = {{900, 600, 1}, {900, 600, 2}, {1280, 800, 1}, {1920, 1080, 1}};
    fixture f;
    start_in_view(&f);
    for (int i = 0; i < 4; i++) {
        fs_screen_resize(f.screen, sizes[i][0], sizes[i][1], sizes[i][2]);
        key(&f, FS_KEY_RIGHT);
        cairo_surface_destroy(paint(&f));
        type(&f, "?");
        cairo_surface_destroy(paint(&f));
        key(&f, FS_KEY_ESCAPE);
        assert_true(f.screen->gabor.open && !f.screen->help);
    }
    assert_int_equal(f.screen->gabor.list.selected, 4);
    destroy_screen(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_and_out),
        cmocka_unit_test(test_kernels_by_keys_and_clicks),
        cmocka_unit_test(test_the_half_disk),
        cmocka_unit_test(test_sliders_by_keys),
        cmocka_unit_test(test_sliders_by_the_pointer),
        cmocka_unit_test(test_kernels_that_cannot_be_fitted),
        cmocka_unit_test(test_stopping_and_leaving),
        cmocka_unit_test(test_every_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
