/* The wall: tiles larger and smaller, moved by the pointer, and what is said of the one below it. */
#include <math.h>

#include "screen_test.h"

#define WORLD "builtin:/world.onnx"

static void start(fixture *f) {
    create_screen(f, &(fs_screen_options){.export_folder = "/nonexistent", .layer = "part2"});
    fs_screen_open(f->screen, WORLD);
    WAIT_FOR(f, f->screen->model != NULL);
}

static void wheel(fixture *f, double x, double y, double notches, bool ctrl) {
    const fs_ui_input input = {.x = x, .y = y, .wheel = notches, .ctrl = ctrl};
    fs_screen_input(f->screen, &input);
}

/* Where a channel's tile is on the screen. */
static fs_rect tile_of(const fixture *f, int channel) {
    const fs_wall_grid grid = fs_screen_grid(f->screen);
    const fs_rect body = fs_screen_layout(f->screen).body;
    fs_rect tile = fs_wall_grid_tile(&grid, channel);
    tile.x += body.x;
    tile.y += body.y - f->screen->wall_offset;
    return tile;
}

static void test_zoom(void **state) {
    (void)state;
    fixture f;
    start(&f);
    const int columns = fs_screen_grid(f.screen).columns;
    const double usual = fs_screen_grid(f.screen).tile;
    type(&f, "+");
    type(&f, "+");
    assert_true(fs_screen_grid(f.screen).columns < columns);
    assert_true(fs_screen_grid(f.screen).tile > usual);
    type(&f, "0");
    assert_int_equal(fs_screen_grid(f.screen).columns, columns);
    for (int i = 0; i < 20; i++)
        type(&f, "-");
    assert_true(fs_screen_grid(f.screen).tile >= 50);
    cairo_surface_destroy(paint(&f));
    for (int i = 0; i < 20; i++)
        type(&f, "+");
    assert_true(fs_screen_grid(f.screen).columns >= 1);
    cairo_surface_destroy(paint(&f));
    type(&f, "0");
    const fs_rect body = fs_screen_layout(f.screen).body;
    f.screen->wall_offset = 600;
    const int channel = 5 * columns + 2; /* in the middle of what is seen */
    const fs_rect before = tile_of(&f, channel);
    const double x = before.x + 20, y = before.y + 20;
    assert_true(y > body.y && y < body.y + body.h);
    wheel(&f, x, y, 1, true); /* around what is under the pointer */
    assert_true(fs_screen_grid(f.screen).tile > usual);
    assert_true(fabs(tile_of(&f, channel).y - before.y) < 1);
    const double offset = f.screen->wall_offset;
    wheel(&f, x, y, -1, false); /* scrolls */
    assert_true(f.screen->wall_offset > offset);
    destroy_screen(&f);
}

static void test_drag(void **state) {
    (void)state;
    fixture f;
    start(&f);
    const fs_rect tile = tile_of(&f, 1);
    const double x = tile.x + 30, y = tile.y + 200;
    fs_screen_input(f.screen, &(fs_ui_input){.x = x, .y = y, .pressed = true, .held = true});
    fs_screen_input(f.screen, &(fs_ui_input){.x = x, .y = y - 90, .held = true});
    assert_true(fabs(f.screen->wall_offset - 90) < 1);
    fs_screen_input(f.screen, &(fs_ui_input){.x = x, .y = y - 120, .held = true});
    fs_screen_input(f.screen, &(fs_ui_input){.x = x, .y = y - 120, .released = true});
    assert_true(fabs(f.screen->wall_offset - 120) < 1);
    assert_false(f.screen->view.open); /* it was moved, not clicked */
    f.screen->wall_offset = 0;
    click(&f, tile.x + 30, tile.y + 30);
    assert_true(f.screen->view.open);
    assert_int_equal(f.screen->channel, 1);
    destroy_screen(&f);
}

static void test_tip(void **state) {
    (void)state;
    fixture f;
    start(&f);
    WAIT_FOR(&f, fs_thumbs_picture(f.screen->thumbs, f.screen->layer, 0) != NULL);
    const fs_rect tile = tile_of(&f, 0), below = {tile.x, tile.y + tile.h + 30, tile.w, 40};
    cairo_surface_t *plain = paint(&f);
    const fs_ui_input over = {.x = tile.x + 40, .y = tile.y + 40};
    assert_true(fs_screen_input(f.screen, &over));
    cairo_surface_t *hovered = paint(&f);
    assert_true(differing(plain, hovered, below) > 1000);
    cairo_surface_destroy(plain);
    cairo_surface_destroy(hovered);
    destroy_screen(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_zoom), cmocka_unit_test(test_drag),
                                       cmocka_unit_test(test_tip)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
