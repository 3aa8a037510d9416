/* Widgets: what counts as a click, how scrolling behaves; and the count of frame times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ui/frame_stats.h"
#include "ui/ui.h"
#include "ui/widgets/scroll.h"

static const fs_rect box = {10, 10, 100, 20};

static bool pass(fs_ui *ui, double x, double y, bool pressed, bool released, bool held) {
    fs_ui_input input = {.x = x, .y = y, .pressed = pressed, .released = released, .held = held};
    fs_ui_begin_input(ui, &input);
    bool clicked = fs_ui_click(ui, 1, box);
    (void)fs_ui_click(ui, 2, (fs_rect){10, 40, 100, 20});
    fs_ui_end_input(ui);
    return clicked;
}

static void test_click_is_press_and_release_inside(void **state) {
    (void)state;
    fs_ui ui = {.theme = fs_theme_dark()};
    assert_false(pass(&ui, 20, 20, false, false, false));
    assert_true(fs_ui_hot(&ui, 1));
    assert_false(pass(&ui, 20, 20, true, false, true));
    assert_true(pass(&ui, 25, 22, false, true, false));
    assert_false(pass(&ui, 25, 22, false, false, false));
    /* pressed outside, released inside; pressed inside, released outside */
    assert_false(pass(&ui, 20, 45, true, false, true));
    assert_false(pass(&ui, 20, 20, false, true, false));
    assert_false(pass(&ui, 20, 20, true, false, true));
    assert_false(pass(&ui, 20, 45, false, true, false));
    assert_int_equal(ui.active, 0);
    assert_false(pass(&ui, 300, 20, false, false, false));
    assert_false(fs_ui_hot(&ui, 1));
}

static void test_overlay_takes_the_pointer(void **state) {
    (void)state;
    fs_ui ui = {.theme = fs_theme_dark()};
    fs_ui_input input = {.x = 20, .y = 20, .pressed = true, .held = true};
    fs_ui_begin_input(&ui, &input);
    ui.blocked = true;
    assert_false(fs_ui_click(&ui, 1, box));
    fs_ui_end_input(&ui);
    assert_int_equal(ui.hot, 0);
}

static void scroll(fs_ui *ui, fs_ui_input input, double content, double *offset) {
    fs_ui_begin_input(ui, &input);
    fs_ui_scroll(ui, 9, (fs_rect){0, 0, 200, 100}, content, offset);
    fs_ui_end_input(ui);
}

static void test_scroll(void **state) {
    (void)state;
    fs_ui ui = {.theme = fs_theme_dark()};
    double offset = 0;
    scroll(&ui, (fs_ui_input){.x = 50, .y = 50, .wheel = -1}, 1000, &offset);
    assert_true(offset > 0 && offset < 900);
    scroll(&ui, (fs_ui_input){.x = 50, .y = 50, .wheel = -1000}, 1000, &offset);
    assert_true(offset == 900);
    scroll(&ui, (fs_ui_input){.x = 50, .y = 500, .wheel = 5}, 1000, &offset); /* the pointer is elsewhere */
    assert_true(offset == 900);
    scroll(&ui, (fs_ui_input){.x = 50, .y = 50, .wheel = 1000}, 1000, &offset);
    assert_true(offset == 0);
    offset = 77;
    scroll(&ui, (fs_ui_input){.x = -1, .y = -1}, 80, &offset); /* nothing to scroll */
    assert_true(offset == 0);
    /* dragging the bar from top to bottom, also when the pointer leaves it sideways */
    scroll(&ui, (fs_ui_input){.x = 195, .y = 3, .pressed = true, .held = true}, 1000, &offset);
    scroll(&ui, (fs_ui_input){.x = 100, .y = 400, .held = true}, 1000, &offset);
    assert_true(offset == 900);
    scroll(&ui, (fs_ui_input){.x = 100, .y = 400, .released = true}, 1000, &offset);
    scroll(&ui, (fs_ui_input){.x = 195, .y = 3}, 1000, &offset);
    assert_true(offset == 900);
}

static void test_frame_stats(void **state) {
    (void)state;
    static fs_frame_stats stats;
    char text[160];
    assert_true(fs_frame_stats_percentile(&stats, 0.5) == 0);
    for (int i = 1; i <= 100; i++)
        fs_frame_stats_add(&stats, i * 1e-3);
    fs_frame_stats_add(&stats, 5); /* beyond the last bin */
    assert_true(fs_frame_stats_percentile(&stats, 0.5) > 50 && fs_frame_stats_percentile(&stats, 0.5) < 52);
    assert_true(stats.longest == 5);
    assert_non_null(strstr(fs_frame_stats_text(&stats, text, sizeof text), "frames 101"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_click_is_press_and_release_inside),
        cmocka_unit_test(test_overlay_takes_the_pointer),
        cmocka_unit_test(test_scroll),
        cmocka_unit_test(test_frame_stats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
