/* The Picture view without a window: pictures dropped, typed, pasted and chosen; predictions, maps, places,
 * overlays; covering by pointer and keys. */
#include <math.h>

#include "app/clipboard_tool.h"
#include "base/alloc.h"
#include "base/helpers.h"
#include "screen_test.h"

#define MODEL FS_TEST_DATA "/onnx/squeeze.onnx"
#define OTHER FS_TEST_DATA "/onnx/residual.onnx"
#define IMAGES FS_TEST_DATA "/images"
#define PICTURE IMAGES "/rgb_40x31.png"

static char *read_clipboard(void *context) {
    const fixture *f = context;
    return f->clipboard[0] != '\0' ? fs_strdup(f->clipboard) : NULL;
}

static void start(fixture *f, const char *images) {
    memset(f, 0, sizeof *f);
    create_screen(
        f, &(fs_screen_options){.images = images, .clipboard = {.read = read_clipboard, .context = f}});
    fs_screen_open(f->screen, MODEL);
    WAIT_FOR(f, f->screen->model != NULL);
    f->screen->message.shown = false; /* about the sidecar */
}

static void start_with_picture(fixture *f) {
    start(f, NULL);
    fs_screen_drop(f->screen, PICTURE);
    WAIT_FOR(f, f->screen->picture.picture != NULL && fs_screen_maps(f->screen) != NULL);
}

static fs_picture_layout parts_of(const fixture *f) {
    return fs_picture_layout_make(fs_screen_layout(f->screen).body);
}

/* Where a share of the picture lies on the screen. */
static void point(const fixture *f, double across, double down, double *x, double *y) {
    const fs_rect square = parts_of(f).picture;
    *x = square.x + across * square.w;
    *y = square.y + down * square.h;
}

static void drag_across(fixture *f, double x0, double y0, double x1, double y1) {
    fs_ui_input down = {.pressed = true, .held = true}, up = {.released = true};
    point(f, x0, y0, &down.x, &down.y);
    point(f, x1, y1, &up.x, &up.y);
    fs_ui_input half = {.x = (down.x + up.x) / 2, .y = (down.y + up.y) / 2, .held = true};
    fs_screen_input(f->screen, &down);
    fs_screen_input(f->screen, &half);
    fs_screen_input(f->screen, &up);
}

static bool settled(const fs_picture_view *view) {
    return view->reading == 0 && view->predicting == 0 && view->finding == 0 &&
           view->predicted == view->revision;
}

/* By the key, by the header's button, by a drop; from everywhere and back. */
static void test_in_and_out(void **state) {
    (void)state;
    fixture f;
    start(&f, NULL);
    fs_picture_view *view = &f.screen->picture;
    const fs_rect header = fs_screen_layout(f.screen).header;
    type(&f, "i");
    assert_true(view->open);
    assert_int_equal(view->tab, FS_PICTURE_FILES);
    cairo_surface_destroy(paint(&f)); /* nothing there yet */
    type(&f, "i");
    assert_false(view->open);
    click(&f, header.x + header.w - 20 - 72 - 8 - 84 - 8 - 76 - 8 - 40, header.y + header.h / 2);
    assert_true(view->open);
    click(&f, header.x + header.w - 40, header.y + header.h / 2); /* back */
    assert_false(view->open);
    key(&f, FS_KEY_TAB);
    key(&f, FS_KEY_ENTER);
    assert_true(f.screen->view.open);
    type(&f, "i");
    assert_true(view->open && !f.screen->view.open);
    type(&f, "g");
    assert_true(f.screen->gabor.open && !view->open);
    type(&f, "i");
    type(&f, "f");
    assert_true(f.screen->finetune.open && !view->open);
    fs_screen_drop(f.screen, PICTURE);
    assert_true(view->open && !f.screen->finetune.open);
    WAIT_FOR(&f, view->picture != NULL);
    fs_inspection *picture = view->picture;
    key(&f, FS_KEY_ESCAPE);
    assert_false(view->open);
    type(&f, "i"); /* it is still there */
    assert_ptr_equal(view->picture, picture);
    destroy_screen(&f);
}

static void test_typed_pasted_chosen(void **state) {
    (void)state;
    fixture f;
    start(&f, IMAGES);
    fs_picture_view *view = &f.screen->picture;
    type(&f, "i");
    WAIT_FOR(&f, view->folder != NULL);
    cairo_surface_destroy(paint(&f));
    key(&f, FS_KEY_HOME);
    key(&f, FS_KEY_ENTER); /* the list has the keyboard */
    WAIT_FOR(&f, view->picture != NULL);
    assert_string_equal(view->file, view->folder->folder->files[0].path);
    assert_string_equal(view->path.text, view->file);
    snprintf(f.clipboard, sizeof f.clipboard, "file://%s\r\n", PICTURE);
    fs_ui_give_focus(&f.screen->ui, FS_UI_ID(FS_ID_PICTURE, FS_PICTURE_CANVAS));
    key(&f, FS_KEY_PASTE);
    WAIT_FOR(&f, strcmp(view->file, PICTURE) == 0);
    type(&f, "/");
    key(&f, FS_KEY_SELECT_ALL);
    type(&f, IMAGES);
    type(&f, "/grey.png");
    key(&f, FS_KEY_ENTER);
    WAIT_FOR(&f, strcmp(view->file, IMAGES "/grey.png") == 0);
    assert_false(f.screen->message.shown);
    destroy_screen(&f);
}

/* The line says why; the picture before stays, and the line can be dismissed. */
static void test_what_is_no_picture(void **state) {
    (void)state;
    fixture f;
    start_with_picture(&f);
    fs_picture_view *view = &f.screen->picture;
    fs_inspection *picture = view->picture;
    static const char *const texts[] = {MODEL, IMAGES "/no-such.png", "https://example.org/a.png", ""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        fs_screen_look_at(f.screen, texts[i]);
        fs_screen_request_picture(f.screen);
        WAIT_FOR(&f, f.screen->message.shown && f.screen->message.is_error);
        assert_ptr_equal(view->picture, picture);
        cairo_surface_destroy(paint(&f));
        key(&f, FS_KEY_ESCAPE);
        assert_true(view->open && !f.screen->message.shown);
    }
    key(&f, FS_KEY_PASTE); /* an empty clipboard, and nobody to ask for a picture */
    WAIT_FOR(&f, f.screen->message.is_error && f.screen->message.shown);
    fs_screen_look_at(f.screen, PICTURE);
    fs_screen_request_picture(f.screen);
    WAIT_FOR(&f, view->picture != picture && !f.screen->message.shown);
    destroy_screen(&f);
}

/* From a browser: a picture, and beside it perhaps the address it came from, which is no file. */
static void test_a_pasted_picture(void **state) {
    (void)state;
    fixture f;
    char offered[96];
    start(&f, NULL);
    strcpy(f.folder, "/tmp/filterscope-paste-XXXXXX");
    assert_non_null(mkdtemp(f.folder));
    clipboard_tool_begin(f.folder);
    snprintf(offered, sizeof offered, "%s/offered", f.folder);
    assert_int_equal(symlink(PICTURE, offered), 0);
    fs_picture_view *view = &f.screen->picture;
    type(&f, "i");
    strcpy(f.clipboard, "https://example.org/a.png");
    key(&f, FS_KEY_PASTE);
    WAIT_FOR(&f, view->picture != NULL);
    assert_non_null(strstr(view->file, "/pasted/"));
    assert_false(f.screen->message.shown);
    f.clipboard[0] = '\0';
    type(&f, "/"); /* the field has no text to paste: it leaves the key */
    fs_screen_look_at(f.screen, IMAGES "/grey.png");
    fs_screen_request_picture(f.screen);
    WAIT_FOR(&f, strcmp(view->file, IMAGES "/grey.png") == 0);
    key(&f, FS_KEY_PASTE);
    WAIT_FOR(&f, strstr(view->file, "/pasted/") != NULL);
    unlink(offered); /* now the text is all there is: it says what is wrong */
    strcpy(f.clipboard, "https://example.org/a.png");
    fs_ui_give_focus(&f.screen->ui, FS_UI_ID(FS_ID_PICTURE, FS_PICTURE_CANVAS));
    key(&f, FS_KEY_PASTE);
    WAIT_FOR(&f, f.screen->message.shown);
    assert_non_null(strstr(f.screen->message.text, "example.org"));
    clipboard_tool_end(f.folder);
    unsetenv("DISPLAY");
    assert_int_equal(rmdir(f.folder), 0);
    destroy_screen(&f);
}

static void test_classes(void **state) {
    (void)state;
    fixture f;
    start_with_picture(&f);
    fs_picture_view *view = &f.screen->picture;
    const fs_rect list = parts_of(&f).classes;
    const float *p = fs_screen_probabilities(f.screen);
    for (int i = 1; i < view->picture->n_classes; i++)
        assert_true(p[view->order[i]] <= p[view->order[i - 1]]);
    assert_int_equal(fs_screen_explained_class(f.screen), view->order[0]);
    click(&f, list.x + 30, list.y + 1.5 * FS_LAYOUT_CLASS_ROW);
    assert_int_equal(view->class_index, view->order[1]);
    type(&f, "l");
    assert_int_equal(view->class_index, -1);
    type(&f, "l"); /* keeps the likeliest of now */
    assert_int_equal(view->class_index, view->order[0]);
    key(&f, FS_KEY_DOWN); /* the list has the keyboard since the click */
    key(&f, FS_KEY_DOWN);
    key(&f, FS_KEY_ENTER);
    assert_int_equal(view->class_index, view->order[3 < view->picture->n_classes ? 3 : 0]);
    destroy_screen(&f);
}

/* Predictions follow while the pointer is still down, of what is covered by then; before and after are both
 * on the screen; all of it can be taken back. */
static void test_covering_by_the_pointer(void **state) {
    (void)state;
    fixture f;
    start_with_picture(&f);
    fs_picture_view *view = &f.screen->picture;
    const fs_picture_layout parts = parts_of(&f);
    cairo_surface_t *before = paint(&f);
    fs_ui_input at = {.pressed = true, .held = true};
    point(&f, 0.2, 0.3, &at.x, &at.y);
    fs_screen_input(f.screen, &at);
    assert_false(view->painting); /* it may become a click */
    at.pressed = false;
    for (int i = 1; i <= 10; i++) {
        point(&f, 0.2 + 0.06 * i, 0.3, &at.x, &at.y);
        fs_screen_input(f.screen, &at);
    }
    assert_true(view->painting && view->now == NULL);
    const unsigned asked = view->predicted;
    assert_true(asked != view->revision); /* ten movements, one request under way */
    WAIT_FOR(&f, view->now != NULL);
    WAIT_FOR(&f, view->predicting == 0 && view->predicted == view->revision);
    assert_int_equal(view->maps_revision == view->revision, 0); /* maps wait */
    at.held = false;
    at.released = true;
    fs_screen_input(f.screen, &at);
    assert_false(view->painting);
    WAIT_FOR(&f, view->maps_revision == view->revision && settled(view));
    cairo_surface_t *after = paint(&f);
    assert_true(differing(before, after, parts.picture) > 1000);
    assert_true(differing(before, after, parts.classes) > 100);
    assert_true(differing(before, after, parts.side) > 1000);
    type(&f, "u");
    WAIT_FOR(&f, settled(view));
    assert_null(view->now);
    cairo_surface_t *back = paint(&f);
    assert_int_equal(differing(before, back, parts.classes), 0);
    drag_across(&f, 0.3, 0.6, 0.7, 0.6);
    drag_across(&f, 0.3, 0.9, 0.7, 0.9);
    assert_int_equal(view->covered.n_strokes, 2);
    click(&f, parts.brush.x + parts.brush.w - 30, parts.brush.y + 15); /* clear */
    assert_true(fs_occlusion_is_empty(&view->covered));
    click(&f, parts.brush.x + parts.brush.w - 112, parts.brush.y + 15); /* undo */
    assert_int_equal(view->covered.n_strokes, 2);
    key(&f, FS_KEY_UNDO);
    assert_int_equal(view->covered.n_strokes, 1);
    key(&f, FS_KEY_DELETE);
    assert_true(fs_occlusion_is_empty(&view->covered));
    cairo_surface_destroy(before);
    cairo_surface_destroy(after);
    cairo_surface_destroy(back);
    destroy_screen(&f);
}

static void test_covering_and_looking_by_keys(void **state) {
    (void)state;
    fixture f;
    start_with_picture(&f);
    fs_picture_view *view = &f.screen->picture;
    fs_ui_give_focus(&f.screen->ui, FS_UI_ID(FS_ID_PICTURE, FS_PICTURE_CANVAS));
    const double x = view->x, y = view->y, brush = fs_screen_brush(f.screen);
    cairo_surface_destroy(paint(&f));
    key(&f, FS_KEY_RIGHT);
    key(&f, FS_KEY_DOWN);
    assert_true(view->x > x && view->y > y);
    fs_ui_input small = {.x = -1, .y = -1, .keys = {FS_KEY_LEFT}, .n_keys = 1, .shift = true};
    const double reached = view->x;
    fs_screen_input(f.screen, &small);
    assert_true(view->x == reached - 1);
    assert_false(view->has_place);
    key(&f, FS_KEY_ENTER);
    assert_true(view->has_place && view->tab == FS_PICTURE_PLACE && view->n_strongest > 0);
    type(&f, "+");
    assert_true(fs_screen_brush(f.screen) > brush);
    type(&f, "-");
    type(&f, "-");
    assert_true(fs_screen_brush(f.screen) < brush);
    type(&f, " ");
    assert_int_equal(view->covered.n_strokes, 1);
    assert_true(view->covered.strokes[(int)view->y * view->covered.width + (int)view->x] == 1);
    WAIT_FOR(&f, view->now != NULL && settled(view));
    type(&f, "c");
    assert_true(fs_occlusion_is_empty(&view->covered));
    destroy_screen(&f);
}

/* A click shows the channels there; one of them leads to its channel, and Escape back. */
static void test_a_place(void **state) {
    (void)state;
    fixture f;
    start_with_picture(&f);
    fs_picture_view *view = &f.screen->picture;
    double x, y;
    point(&f, 0.25, 0.75, &x, &y);
    click(&f, x, y);
    const fs_image *crop = &view->picture->crop;
    assert_true(view->has_place && fs_occlusion_is_empty(&view->covered));
    assert_true(fabs(view->x - 0.25 * crop->width) < 1 && fabs(view->y - 0.75 * crop->height) < 1);
    assert_int_equal(view->position, fs_inspection_position(view->maps, view->x, view->y));
    const int channel = view->strongest[0].channel;
    cairo_surface_destroy(paint(&f));
    fs_ui_give_focus(&f.screen->ui, FS_UI_ID(FS_ID_PLACE_LIST, 0));
    key(&f, FS_KEY_HOME);
    key(&f, FS_KEY_ENTER);
    assert_true(f.screen->view.open && !view->open);
    assert_int_equal(f.screen->channel, channel);
    key(&f, FS_KEY_RIGHT); /* the next channel, still from here */
    key(&f, FS_KEY_ESCAPE);
    assert_true(view->open && !f.screen->view.open);
    assert_int_equal(view->tab, FS_PICTURE_PLACE);
    key(&f, FS_KEY_ESCAPE);
    key(&f, FS_KEY_ENTER); /* from the wall Escape leads to the wall */
    assert_true(f.screen->view.open);
    key(&f, FS_KEY_ESCAPE);
    assert_false(view->open);
    destroy_screen(&f);
}

/* The layer is the list's; its maps come, the strongest first, and a map leads to its channel. */
static void test_layers_and_maps(void **state) {
    (void)state;
    fixture f;
    start_with_picture(&f);
    fs_picture_view *view = &f.screen->picture;
    const int first = f.screen->layer;
    const fs_picture_layout parts = parts_of(&f);
    fs_screen_choose_place(f.screen, 10, 10);
    view->tab = FS_PICTURE_MAPS;
    cairo_surface_t *before = paint(&f);
    fs_ui_give_focus(&f.screen->ui, FS_UI_ID(FS_ID_PICTURE, FS_PICTURE_LAYERS));
    key(&f, FS_KEY_DOWN);
    assert_true(view->open && f.screen->layer != first);
    assert_null(fs_screen_maps(f.screen));
    cairo_surface_destroy(paint(&f));
    WAIT_FOR(&f, fs_screen_maps(f.screen) != NULL);
    assert_true(view->n_strongest > 0);
    cairo_surface_t *after = paint(&f);
    assert_true(differing(before, after, parts.side) > 1000);
    type(&f, "p");
    assert_int_equal(f.screen->layer, first);
    type(&f, "n");
    key(&f, FS_KEY_END); /* numbers, no maps */
    WAIT_FOR(&f, fs_screen_maps(f.screen) != NULL);
    cairo_surface_destroy(paint(&f));
    key(&f, FS_KEY_HOME);
    WAIT_FOR(&f, fs_screen_maps(f.screen) != NULL && fs_screen_maps(f.screen)->maps != NULL);
    const int strongest = view->tiles.panel->tiles[0].channel;
    click(&f, parts.side.x + 30, parts.side.y + 24 + 30);
    assert_true(f.screen->view.open);
    assert_int_equal(f.screen->channel, strongest);
    cairo_surface_destroy(before);
    cairo_surface_destroy(after);
    destroy_screen(&f);
}

static void test_overlays(void **state) {
    (void)state;
    fixture f;
    start_with_picture(&f);
    fs_picture_view *view = &f.screen->picture;
    const fs_rect picture = parts_of(&f).picture;
    cairo_surface_t *plain = paint(&f);
    for (int method = 0; method <= FS_ATTRIBUTION_GRADCAM; method++) {
        type(&f, "o");
        assert_int_equal(view->overlay, method + 1);
        assert_null(fs_screen_overlay(f.screen));
        WAIT_FOR(&f, fs_screen_overlay(f.screen) != NULL);
        cairo_surface_t *over = paint(&f);
        assert_true(differing(plain, over, picture) > 1000);
        cairo_surface_destroy(over);
    }
    const fs_inspection *likeliest = view->over;
    view->class_index = view->order[1]; /* another class is explained anew */
    assert_null(fs_screen_overlay(f.screen));
    key(&f, FS_KEY_TAB);
    WAIT_FOR(&f, fs_screen_overlay(f.screen) != NULL);
    assert_ptr_not_equal(view->over, likeliest);
    view->opacity = 0;
    cairo_surface_t *clear = paint(&f);
    view->opacity = 1;
    cairo_surface_t *full = paint(&f);
    assert_true(differing(clear, full, picture) > 1000);
    type(&f, "o"); /* none */
    assert_int_equal(view->overlay, 0);
    assert_null(fs_screen_overlay(f.screen));
    cairo_surface_destroy(plain);
    cairo_surface_destroy(clear);
    cairo_surface_destroy(full);
    destroy_screen(&f);
}

/* With another network the picture is read again, at that one's size. */
static void test_another_network(void **state) {
    (void)state;
    fixture f;
    start_with_picture(&f);
    fs_picture_view *view = &f.screen->picture;
    drag_across(&f, 0.3, 0.6, 0.7, 0.6);
    type(&f, "o");
    const uint64_t first = view->picture->model;
    fs_screen_drop(f.screen, OTHER);
    WAIT_FOR(&f, view->picture != NULL && view->picture->model != first);
    assert_true(view->open && fs_occlusion_is_empty(&view->covered));
    assert_string_equal(view->file, PICTURE);
    WAIT_FOR(&f, fs_screen_maps(f.screen) != NULL);
    cairo_surface_destroy(paint(&f));
    destroy_screen(&f);
}

/* Leaving in the middle of anything, and coming back, ends where it would have. */
static void test_leaving_while_it_computes(void **state) {
    (void)state;
    fixture f;
    start_with_picture(&f);
    fs_picture_view *view = &f.screen->picture;
    for (int i = 0; i < 6; i++) {
        type(&f, "o");
        drag_across(&f, 0.1 * i, 0.2, 0.1 * i + 0.3, 0.8);
        if (i % 2 == 0)
            type(&f, "n");
        type(&f, "i");
        assert_true(!view->open && view->finding == 0 && view->predicting == 0);
        pump(&f);
        type(&f, "i");
    }
    WAIT_FOR(&f, settled(view) && fs_screen_maps(f.screen) != NULL);
    assert_int_equal(view->maps_revision, view->revision);
    assert_non_null(view->now);
    destroy_screen(&f);
}

static void test_every_size(void **state) {
    (void)state;
    static const double sizes[][3] = {{900, 600, 1}, {900, 600, 2}, {1280, 800, 1}, {1920, 1080, 1}};
    fixture f;
    start_with_picture(&f);
    fs_screen_choose_place(f.screen, 20, 20);
    for (int i = 0; i < 4; i++) {
        fs_screen_resize(f.screen, sizes[i][0], sizes[i][1], sizes[i][2]);
        const fs_picture_layout parts = parts_of(&f);
        const fs_rect body = fs_screen_layout(f.screen).body;
        assert_true(parts.picture.w >= 250 && parts.side.h >= 100 && parts.side.w >= 270);
        assert_true(parts.brush.y + parts.brush.h <= body.y + body.h);
        assert_true(parts.side.x + parts.side.w <= body.x + body.w);
        for (int tab = 0; tab < FS_PICTURE_TAB_COUNT; tab++) {
            type(&f, (const char *[]){"1", "2", "3"}[tab]);
            cairo_surface_destroy(paint(&f));
        }
        type(&f, "?");
        cairo_surface_destroy(paint(&f));
        key(&f, FS_KEY_ESCAPE);
        assert_true(f.screen->picture.open && !f.screen->help);
    }
    destroy_screen(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_and_out),
        cmocka_unit_test(test_typed_pasted_chosen),
        cmocka_unit_test(test_a_pasted_picture),
        cmocka_unit_test(test_what_is_no_picture),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_covering_by_the_pointer),
        cmocka_unit_test(test_covering_and_looking_by_keys),
        cmocka_unit_test(test_a_place),
        cmocka_unit_test(test_layers_and_maps),
        cmocka_unit_test(test_overlays),
        cmocka_unit_test(test_another_network),
        cmocka_unit_test(test_leaving_while_it_computes),
        cmocka_unit_test(test_every_size),
    };
    unsetenv("DISPLAY"); /* the clipboard of whoever runs this is not asked */
    unsetenv("WAYLAND_DISPLAY");
    return cmocka_run_group_tests(tests, cache_setup, cache_teardown);
}
