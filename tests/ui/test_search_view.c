/* The search above the views, by keys and clicks, and the way back from where it leads. */
#include "screen_test.h"

#define WORLD "builtin:/world.onnx"

static void start(fixture *f) {
    create_screen(f, &(fs_screen_options){.export_folder = "/nonexistent"});
    fs_screen_open(f->screen, WORLD);
    WAIT_FOR(f, f->screen->model != NULL);
}

/* As many texts as letters, as a keyboard sends them. */
static void type_word(fixture *f, const char *word) {
    for (const char *c = word; *c != '\0'; c++)
        type(f, (char[]){*c, '\0'});
}

static void test_by_keys(void **state) {
    (void)state;
    fixture f;
    start(&f);
    fs_search_view *search = &f.screen->search;
    type(&f, "/");
    assert_true(search->open);
    assert_string_equal(search->field.text, ""); /* the letter that opened it is not in it */
    cairo_surface_destroy(paint(&f));
    type_word(&f, "wheel");
    assert_string_equal(search->field.text, "wheel");
    assert_true(search->hits.n > 3);
    assert_int_equal(search->list.selected, 0);
    key(&f, FS_KEY_DOWN);
    assert_int_equal(search->list.selected, 1);
    key(&f, FS_KEY_UP);
    key(&f, FS_KEY_UP);
    assert_int_equal(search->list.selected, 0);
    key(&f, FS_KEY_PAGE_DOWN);
    assert_true(search->list.selected > 1);
    key(&f, FS_KEY_PAGE_UP);
    cairo_surface_destroy(paint(&f));
    const fs_search_hit hit = search->hits.items[0];
    key(&f, FS_KEY_ENTER);
    assert_false(search->open);
    assert_true(f.screen->view.open);
    assert_int_equal(f.screen->layer, hit.layer);
    assert_int_equal(f.screen->channel, hit.channel);
    key(&f, FS_KEY_BACKSPACE); /* to the wall of the first layer */
    assert_false(f.screen->view.open);
    assert_int_equal(f.screen->layer, f.screen->rows[1].layer);
    key(&f, FS_KEY_BACKSPACE); /* and no further */
    assert_true(f.screen->message.shown);
    destroy_screen(&f);
}

/* What was searched last is there again, and typing replaces it. A layer opens its wall. */
static void test_again(void **state) {
    (void)state;
    fixture f;
    start(&f);
    fs_search_view *search = &f.screen->search;
    key(&f, FS_KEY_FIND);
    type_word(&f, "part2");
    key(&f, FS_KEY_ENTER);
    assert_string_equal(fs_screen_layer(f.screen)->name, "part2");
    assert_false(f.screen->view.open);
    key(&f, FS_KEY_FIND);
    assert_string_equal(search->field.text, "part2");
    assert_true(search->hits.n > 0);
    type_word(&f, "8 cat");
    assert_string_equal(search->field.text, "8 cat");
    key(&f, FS_KEY_ENTER);
    assert_string_equal(fs_screen_layer(f.screen)->name, "logits");
    assert_int_equal(f.screen->channel, 8);
    key(&f, FS_KEY_FIND); /* out of a channel */
    assert_true(search->open && f.screen->view.open);
    type_word(&f, "q?"); /* neither leaves nor shows the keys */
    assert_false(f.screen->quit || f.screen->help);
    assert_int_equal(search->hits.n, 0);
    key(&f, FS_KEY_ENTER); /* opens nothing */
    assert_true(search->open);
    key(&f, FS_KEY_ESCAPE);
    assert_false(search->open);
    assert_true(f.screen->view.open);
    key(&f, FS_KEY_BACKSPACE);
    assert_string_equal(fs_screen_layer(f.screen)->name, "part2");
    destroy_screen(&f);
}

static void test_by_clicks(void **state) {
    (void)state;
    fixture f;
    start(&f);
    fs_search_view *search = &f.screen->search;
    const fs_layout layout = fs_screen_layout(f.screen);
    click(&f, layout.brand.x + layout.brand.w - 12 - 2.5 * 26 - 2 * 6, layout.brand.y + 24);
    assert_true(search->open);
    type_word(&f, "logits:");
    assert_int_equal(search->hits.n, f.screen->model->model->n_labels);
    /* Field and note are 74 pixels with their margin; the third line below. */
    click(&f, layout.body.x + layout.body.w / 2, layout.body.y + 12 + 14 + 34 + 26 + 75);
    assert_false(search->open);
    assert_true(f.screen->view.open);
    assert_int_equal(f.screen->channel, 2);
    key(&f, FS_KEY_FIND);
    click(&f, layout.list.x + 60, layout.list.y + 100); /* beside the card: nothing but back */
    assert_false(search->open);
    assert_int_equal(f.screen->channel, 2);
    destroy_screen(&f);
}

/* More ways than are kept: the oldest is forgotten. Another model has other places. */
static void test_history(void **state) {
    (void)state;
    fixture f;
    start(&f);
    fs_screen *screen = f.screen;
    assert_false(fs_screen_go(screen, -1, 0));
    assert_int_equal(screen->n_history, 0);
    for (int i = 0; i < FS_HISTORY + 5; i++)
        assert_true(fs_screen_go(screen, screen->rows[1].layer, i % 7));
    assert_int_equal(screen->n_history, FS_HISTORY);
    fs_screen_open(screen, FS_TEST_DATA "/onnx/squeeze.onnx");
    WAIT_FOR(&f, screen->loading == 0);
    assert_int_equal(screen->n_history, 0);
    key(&f, FS_KEY_FIND);
    type_word(&f, "features.3:2");
    key(&f, FS_KEY_ENTER);
    assert_string_equal(fs_screen_layer(screen)->name, "features.3");
    assert_int_equal(screen->channel, 2);
    destroy_screen(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_keys),
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_by_clicks),
        cmocka_unit_test(test_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
