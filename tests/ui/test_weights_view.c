/* The weights beside an open channel: shown, chosen by keys and clicks, and a way through the network and
 * back. */
#include "screen_test.h"

#define MODEL FS_TEST_DATA "/onnx/squeeze.onnx"

static fs_panel *weights(const fixture *f) {
    return f->screen->view.panels[FS_PANEL_WEIGHTS].panel;
}

/* A channel in the middle of the network, its weights shown. */
static void start(fixture *f, double width, double height) {
    create_screen(f, &(fs_screen_options){.export_folder = "/nonexistent"});
    fs_screen_resize(f->screen, width, height, 1);
    f->screen->feature.settings.size = 32;
    f->screen->feature.settings.steps = 4;
    fs_screen_open(f->screen, MODEL);
    WAIT_FOR(f, f->screen->model != NULL);
    f->screen->message.shown = false;
    const fs_layer *layer = fs_model_layer(f->screen->model->model, "features.3.squeeze", NULL);
    assert_true(fs_screen_go(f->screen, (int)(layer - f->screen->model->model->layers), 1));
    type(f, "7");
    WAIT_FOR(f, weights(f) != NULL);
}

/* All neighbours get their thumbnails, without the wall having been there. */
static void test_thumbnails_come(void **state) {
    (void)state;
    fixture f;
    start(&f, 1400, 700); /* room for both directions */
    const fs_panel_weights *from = &weights(&f)->weights[FS_WEIGHTS_FROM];
    for (int i = 0; i < from->list.n; i++)
        WAIT_FOR(
            &f, fs_thumbs_finished(f.screen->thumbs, from->list.items[i].layer, from->list.items[i].channel));
    const fs_panel_weights *to = &weights(&f)->weights[FS_WEIGHTS_TO];
    for (int i = 0; i < to->list.n; i++)
        WAIT_FOR(&f,
                 fs_thumbs_finished(f.screen->thumbs, to->list.items[i].layer, to->list.items[i].channel));
    WAIT_FOR(&f, f.screen->view.weights.generation == 0);
    cairo_surface_destroy(paint(&f));
    assert_non_null(f.screen->view.weights.places.all[0].surface);
    destroy_screen(&f);
}

static void test_through_the_network(void **state) {
    (void)state;
    fixture f;
    start(&f, 1280, 800);
    const int layer = f.screen->layer;
    fs_ui_give_focus(&f.screen->ui, FS_UI_ID(FS_ID_PANEL_LIST + FS_PANEL_WEIGHTS, 0));
    const fs_neighbour_weight *first = fs_screen_weight(f.screen, FS_WEIGHTS_FROM, 0, 0);
    assert_non_null(first);
    const int to_layer = first->layer, to_channel = first->channel;
    key(&f, FS_KEY_RIGHT);
    key(&f, FS_KEY_LEFT);
    cairo_surface_destroy(paint(&f));
    key(&f, FS_KEY_ENTER);
    assert_true(f.screen->view.open);
    assert_int_equal(f.screen->layer, to_layer);
    assert_int_equal(f.screen->channel, to_channel);
    assert_int_equal(f.screen->feature.tab, FS_TAB_PANELS + FS_PANEL_WEIGHTS); /* to go on from there */
    WAIT_FOR(&f, weights(&f) != NULL && weights(&f)->layer == to_layer);
    cairo_surface_destroy(paint(&f)); /* the picture's colours */
    const fs_neighbour_weight *colour = fs_screen_weight(f.screen, FS_WEIGHTS_FROM, 0, 0);
    if (colour == NULL)
        colour = fs_screen_weight(f.screen, FS_WEIGHTS_FROM, 1, 0);
    assert_int_equal(colour->layer, FS_LAYER_PICTURE);
    fs_screen_open_weight(f.screen, colour); /* leads nowhere */
    assert_int_equal(f.screen->layer, to_layer);
    key(&f, FS_KEY_BACKSPACE);
    assert_true(f.screen->view.open);
    assert_int_equal(f.screen->layer, layer);
    assert_int_equal(f.screen->channel, 1);
    destroy_screen(&f);
}

/* One direction at a time where there is no room for both, one column where there is no room for two. */
static void test_directions(void **state) {
    (void)state;
    fixture f;
    start(&f, 900, 600);
    WAIT_FOR(&f, f.screen->view.weights.generation == 0 && f.screen->view.generation == 0);
    const fs_channel_layout parts = fs_channel_layout_make(fs_screen_layout(f.screen).body, false);
    cairo_surface_t *before = paint(&f);
    click(&f, parts.side.x + 200, parts.side.y + 15);
    assert_int_equal(f.screen->feature.weights_to, 1);
    cairo_surface_t *after = paint(&f);
    fs_rect list = parts.side;
    list.y += 80;
    list.h -= 80;
    assert_true(differing(before, after, list) > 500);
    cairo_surface_destroy(before);
    cairo_surface_destroy(after);
    const fs_neighbour_weight *first = fs_screen_weight(f.screen, FS_WEIGHTS_TO, 0, 0);
    if (first == NULL)
        first = fs_screen_weight(f.screen, FS_WEIGHTS_TO, 1, 0);
    const int to_layer = first->layer, to_channel = first->channel;
    click(&f, parts.side.x + 30, parts.side.y + 34 + 38 + 22 + 20); /* controls, title, heading */
    assert_int_equal(f.screen->layer, to_layer);
    assert_int_equal(f.screen->channel, to_channel);
    destroy_screen(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_thumbnails_come),
        cmocka_unit_test(test_through_the_network),
        cmocka_unit_test(test_directions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
