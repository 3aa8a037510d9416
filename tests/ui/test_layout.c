/* Nothing overlaps, nothing is cut off, and what is clicked is what is seen there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/layout.h"
#include "ui/widgets/scroll.h"

static const double sizes[][2] = {{900, 600}, {1280, 800}, {1920, 1080}, {3840, 2160}, {1001, 777}};
enum { N_SIZES = sizeof sizes / sizeof sizes[0] };

static bool apart(fs_rect a, fs_rect b) {
    return a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
}

static bool within(fs_rect inner, fs_rect outer) {
    return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.w <= outer.x + outer.w &&
           inner.y + inner.h <= outer.y + outer.h;
}

static void test_areas_tile_the_window(void **state) {
    (void)state;
    for (int i = 0; i < 2 * N_SIZES; i++) {
        fs_layout l = fs_layout_make(sizes[i / 2][0], sizes[i / 2][1], i % 2 == 1);
        const fs_rect parts[] = {l.brand, l.list, l.header, l.body, l.message, l.status};
        double area = 0;
        for (int a = 0; a < 6; a++) {
            assert_true(within(parts[a], l.window));
            area += parts[a].w * parts[a].h;
            for (int b = 0; b < a; b++)
                assert_true(apart(parts[a], parts[b]) || parts[a].h == 0);
        }
        assert_true(area == l.window.w * l.window.h);
        assert_true((l.message.h > 0) == (i % 2 == 1));
    }
}

static void test_wall_fills_the_width_evenly(void **state) {
    (void)state;
    for (double width = 400; width < 3000; width += 37) {
        fs_wall_grid grid = fs_wall_grid_make(width, 500);
        fs_rect first = fs_wall_grid_tile(&grid, 0), last = fs_wall_grid_tile(&grid, grid.columns - 1);
        assert_true(first.x == 20);
        assert_true(last.x + last.w > width - 22 && last.x + last.w < width - 18);
        for (int i = 1; i < grid.columns; i++) {
            fs_rect a = fs_wall_grid_tile(&grid, i - 1), b = fs_wall_grid_tile(&grid, i);
            double gutter = b.x - a.x - a.w;
            assert_true(gutter >= 13 && gutter - grid.gap <= 1 && grid.gap - gutter <= 1);
        }
        assert_true(grid.columns * grid.rows >= 500 && grid.columns * (grid.rows - 1) < 500);
        fs_rect end = fs_wall_grid_tile(&grid, 499);
        assert_true(end.y + end.h + grid.caption <= grid.height);
    }
}

static void test_wall_hits(void **state) {
    (void)state;
    fs_wall_grid grid = fs_wall_grid_make(1000, 45);
    for (int i = 0; i < 45; i++) {
        fs_rect tile = fs_wall_grid_tile(&grid, i);
        assert_int_equal(fs_wall_grid_hit(&grid, 45, tile.x + 1, tile.y + 1), i);
        assert_int_equal(fs_wall_grid_hit(&grid, 45, tile.x + tile.w - 1, tile.y + tile.h + 5), i);
        assert_int_equal(fs_wall_grid_hit(&grid, 45, tile.x - 3, tile.y + 5), -1);
    }
    fs_rect beyond = fs_wall_grid_tile(&grid, 45);
    assert_int_equal(fs_wall_grid_hit(&grid, 45, beyond.x + 1, beyond.y + 1), -1);
    assert_int_equal(fs_wall_grid_hit(&grid, 45, -1e9, 5e9), -1);
}

static void test_wall_visible_rows(void **state) {
    (void)state;
    fs_wall_grid grid = fs_wall_grid_make(1000, 400);
    int first, last;
    for (double offset = 0; offset < grid.height; offset += 51) {
        fs_wall_grid_visible(&grid, offset, 500, &first, &last);
        for (int row = 0; row < grid.rows; row++) {
            fs_rect tile = fs_wall_grid_tile(&grid, row * grid.columns);
            bool seen = tile.y + tile.h > offset && tile.y < offset + 500;
            assert_true(!seen || (row >= first && row < last));
        }
    }
    fs_wall_grid_visible(&grid, 1e7, 500, &first, &last);
    assert_true(first == last);
}

static void test_channel_fits(void **state) {
    (void)state;
    for (int i = 0; i < 2 * N_SIZES; i++) {
        fs_layout l = fs_layout_make(sizes[i / 2][0], sizes[i / 2][1], i % 2 == 1);
        for (int large = 0; large < 2; large++) {
            fs_channel_layout c = fs_channel_layout_make(l.body, large == 1);
            const fs_rect parts[] = {c.objective, c.tabs, c.picture, c.side, c.command};
            for (int a = 0; a < 5; a++) {
                assert_true(within(parts[a], l.body));
                for (int b = 0; b < a; b++)
                    assert_true(apart(parts[a], parts[b]));
            }
            assert_true(c.picture.h == c.picture.w + FS_LAYOUT_BELOW_PICTURE && c.picture.w >= 220);
            assert_true(c.side.w >= 300 && c.side.h >= 300);
        }
    }
}

static void test_reveal(void **state) {
    (void)state;
    assert_true(fs_scroll_reveal(100, 50, 110, 120) == 100);
    assert_true(fs_scroll_reveal(100, 50, 90, 95) == 90);
    assert_true(fs_scroll_reveal(100, 50, 190, 200) == 150);
    assert_true(fs_scroll_reveal(0, 50, 60, 200) == 60); /* too tall: its top */
}

static void test_gabor_areas(void **state) {
    (void)state;
    for (int i = 0; i < 4 * N_SIZES; i++) {
        const fs_rect body = fs_layout_make(sizes[i / 4][0], sizes[i / 4][1], i % 2 == 1).body;
        const int pictures = i / 2 % 2 == 1 ? 4 : 5;
        const fs_gabor_layout l = fs_gabor_layout_make(body, pictures, 9);
        const fs_rect parts[] = {l.wall,     l.scatter, l.counts,  l.title,
                                 l.pictures, l.sliders, l.buttons, l.rivals};
        for (int a = 0; a < 8; a++) {
            assert_true(within(parts[a], body));
            for (int b = 0; b < a; b++)
                assert_true(apart(parts[a], parts[b]));
        }
        assert_true(pictures * l.picture + (pictures - 1) * FS_LAYOUT_PICTURE_GAP <= l.pictures.w);
        assert_true(l.picture >= 56 && l.row >= 20);
        assert_true(l.wall.h >= 120 && l.scatter.h >= 100 && l.rivals.h >= 60);
        assert_true(fs_gabor_wall_columns(l.wall.w, 7) >= 4);
    }
}

static void test_finetune_areas(void **state) {
    (void)state;
    for (int i = 0; i < 2 * N_SIZES; i++) {
        const fs_rect body = fs_layout_make(sizes[i / 2][0], sizes[i / 2][1], i % 2 == 1).body;
        const fs_finetune_layout l = fs_finetune_layout_make(body);
        const fs_rect parts[] = {l.steps, l.data, l.buttons, l.progress, l.curves, l.tabs, l.side};
        for (int a = 0; a < 7; a++) {
            assert_true(within(parts[a], body));
            for (int b = 0; b < a; b++)
                assert_true(apart(parts[a], parts[b]));
        }
        assert_true(l.curves.w >= 252 && l.curves.h >= 240);
        assert_true(l.side.w >= 320 && l.side.h >= 200);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gabor_areas),
        cmocka_unit_test(test_finetune_areas),
        cmocka_unit_test(test_areas_tile_the_window),
        cmocka_unit_test(test_wall_fills_the_width_evenly),
        cmocka_unit_test(test_wall_hits),
        cmocka_unit_test(test_wall_visible_rows),
        cmocka_unit_test(test_channel_fits),
        cmocka_unit_test(test_reveal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
