/* The whole screen without a window: a small model, keys and clicks in, state and pixels out. */
#include "base/file.h"
#include "base/random.h"
#include "screen_test.h"

#define MODEL FS_TEST_DATA "/onnx/squeeze.onnx"

static void start(fixture *f, const char *layer) {
    memset(f, 0, sizeof *f);
    strcpy(f->folder, FS_SCRATCH "/filterscope-screen-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    create_screen(f, &(fs_screen_options){.layer = layer, .export_folder = f->folder});
}

static void start_with_model(fixture *f, const char *layer) {
    start(f, layer);
    fs_screen_open(f->screen, MODEL);
    WAIT_FOR(f, f->screen->model != NULL);
}

static void finish(fixture *f) {
    destroy_screen(f);
    assert_int_equal(rmdir(f->folder), 0); /* nothing was left behind */
}

static void click_rect(fixture *f, fs_rect rect) {
    click(f, rect.x + rect.w / 2, rect.y + rect.h / 2);
}

static const char *layer_name(const fixture *f) {
    return fs_screen_layer(f->screen)->name;
}

static void test_welcome_without_a_model(void **state) {
    (void)state;
    fixture f;
    start(&f, NULL);
    cairo_surface_t *surface = paint(&f);
    key(&f, FS_KEY_DOWN);
    key(&f, FS_KEY_ENTER);
    key(&f, FS_KEY_EXPORT);
    click(&f, 450, 300);
    assert_null(f.screen->model);
    cairo_surface_destroy(surface);
    key(&f, FS_KEY_QUIT);
    assert_true(fs_screen_quit(f.screen));
    finish(&f);
}

static void test_broken_model_is_a_message(void **state) {
    (void)state;
    fixture f;
    start(&f, NULL);
    fs_screen_open(f.screen, FS_TEST_DATA "/onnx/bad_cycle.onnx");
    WAIT_FOR(&f, f.screen->message.shown);
    assert_true(f.screen->message.is_error);
    assert_non_null(strstr(f.screen->message.text, "bad_cycle.onnx"));
    assert_int_equal(f.screen->loading, 0);
    fs_rect bar = fs_screen_layout(f.screen).message;
    click(&f, bar.x + bar.w - 15, bar.y + bar.h / 2); /* the cross */
    assert_false(f.screen->message.shown);
    finish(&f);
}

static void test_a_bad_model_leaves_the_good_one(void **state) {
    (void)state;
    fixture f;
    start_with_model(&f, NULL);
    uint64_t serial = f.screen->model->serial;
    fs_screen_open(f.screen, FS_TEST_DATA "/onnx/bad_cycle.onnx");
    WAIT_FOR(&f, f.screen->message.shown && f.screen->message.is_error);
    assert_int_equal(f.screen->model->serial, serial);
    fs_screen_open(f.screen, MODEL);
    WAIT_FOR(&f, f.screen->model->serial != serial);
    finish(&f);
}

static void test_list_by_keys(void **state) {
    (void)state;
    fixture f;
    start_with_model(&f, NULL);
    assert_string_equal(layer_name(&f), "features.0");
    key(&f, FS_KEY_DOWN);
    assert_string_equal(layer_name(&f), "features.1");
    key(&f, FS_KEY_UP);
    key(&f, FS_KEY_UP); /* stays at the first */
    assert_string_equal(layer_name(&f), "features.0");
    key(&f, FS_KEY_END);
    assert_string_equal(layer_name(&f), "logits");
    key(&f, FS_KEY_DOWN);
    assert_string_equal(layer_name(&f), "logits");
    key(&f, FS_KEY_HOME);
    assert_string_equal(layer_name(&f), "features.0");
    finish(&f);
}

static void test_every_layer_is_listed_once(void **state) {
    (void)state;
    fixture f;
    start_with_model(&f, NULL);
    const fs_model *model = f.screen->model->model;
    int headings = 0;
    for (int i = 0; i < model->n_layers; i++)
        assert_true(fs_screen_row_of_layer(f.screen, i) >= 0);
    for (int i = 0; i < f.screen->n_rows; i++) {
        const fs_list_row *row = &f.screen->rows[i];
        headings += row->layer < 0;
        if (i > 0)
            assert_true(row->y == row[-1].y + row[-1].height && row->level >= row[-1].level);
        if (row->layer >= 0)
            assert_int_equal(model->layers[row->layer].level, row->level);
    }
    assert_int_equal(f.screen->n_rows - headings, model->n_layers);
    finish(&f);
}

/* "mixed_1x1" and its like are listed below "mixed", without the part of the name that says so. */
static void test_branches_are_listed_below_their_block(void **state) {
    (void)state;
    fixture f;
    start(&f, NULL);
    fs_screen_open(f.screen, FS_TEST_DATA "/graphdef/branches.pb");
    WAIT_FOR(&f, f.screen->model != NULL);
    const fs_model *model = f.screen->model->model;
    static const char *const inner[] = {"1x1_pre_relu",   "1x1",          "3x3_bottleneck_pre_relu",
                                        "3x3_bottleneck", "3x3_pre_relu", "3x3"};
    const int outer =
        fs_screen_row_of_layer(f.screen, (int)(fs_model_layer(model, "mixed", NULL) - model->layers));
    assert_true(outer >= 0 && !f.screen->rows[outer].inner);
    assert_string_equal(f.screen->rows[outer].label, "mixed");
    for (int i = 0; i < 6; i++) {
        assert_true(f.screen->rows[outer + 1 + i].inner);
        assert_string_equal(f.screen->rows[outer + 1 + i].label, inner[i]);
    }
    assert_false(outer + 7 < f.screen->n_rows && f.screen->rows[outer + 7].inner);
    finish(&f);
}

static void test_layer_of_the_command_line(void **state) {
    (void)state;
    fixture f;
    start_with_model(&f, "features.4");
    assert_string_equal(layer_name(&f), "features.4");
    finish(&f);
    start_with_model(&f, "no.such.layer");
    assert_string_equal(layer_name(&f), "features.0");
    assert_true(f.screen->message.shown && f.screen->message.is_error);
    finish(&f);
}

static void test_wall_fills(void **state) {
    (void)state;
    fixture f;
    start_with_model(&f, NULL);
    cairo_surface_t *before = paint(&f);
    WAIT_FOR(&f, fs_thumbs_count_finished(f.screen->thumbs, f.screen->layer) == 4);
    cairo_surface_t *after = paint(&f);
    fs_layout layout = fs_screen_layout(f.screen);
    fs_wall_grid grid = fs_wall_grid_make(layout.body.w, 4);
    for (int i = 0; i < 4; i++) {
        fs_rect tile = fs_wall_grid_tile(&grid, i);
        tile.x += layout.body.x;
        tile.y += layout.body.y;
        assert_true(differing(before, after, tile) > tile.w * tile.h / 2);
    }
    assert_int_equal(differing(before, after, layout.list), 0);
    cairo_surface_destroy(before);
    cairo_surface_destroy(after);
    finish(&f);
}

static void test_small_and_vector_layers_render(void **state) {
    (void)state;
    fixture f;
    start_with_model(&f, "logits");
    WAIT_FOR(&f, fs_thumbs_count_finished(f.screen->thumbs, f.screen->layer) == 5);
    assert_false(f.screen->message.shown && f.screen->message.is_error);
    finish(&f);
}

static void test_channel_opens_grows_and_closes(void **state) {
    (void)state;
    fixture f;
    start_with_model(&f, NULL);
    fs_layout layout = fs_screen_layout(f.screen);
    fs_wall_grid grid = fs_wall_grid_make(layout.body.w, 4);
    fs_rect tile = fs_wall_grid_tile(&grid, 2);
    tile.x += layout.body.x;
    tile.y += layout.body.y;
    click_rect(&f, tile);
    assert_true(f.screen->view.open);
    assert_int_equal(f.screen->channel, 2);
    WAIT_FOR(&f, f.screen->view.picture != NULL);
    assert_int_equal(f.screen->view.picture->channel, 2);
    key(&f, FS_KEY_RIGHT);
    assert_int_equal(f.screen->channel, 3);
    assert_null(f.screen->view.picture); /* of the channel before */
    key(&f, FS_KEY_RIGHT);
    assert_int_equal(f.screen->channel, 3);
    WAIT_FOR(&f, f.screen->view.picture != NULL);
    key(&f, FS_KEY_ESCAPE);
    assert_false(f.screen->view.open);
    finish(&f);
}

static void test_finished_view_is_kept(void **state) {
    (void)state;
    fixture f;
    start_with_model(&f, NULL);
    key(&f, FS_KEY_TAB);
    key(&f, FS_KEY_ENTER);
    WAIT_FOR(&f, f.screen->view.picture != NULL && f.screen->view.generation == 0);
    fs_picture *picture = f.screen->view.picture;
    key(&f, FS_KEY_ESCAPE);
    key(&f, FS_KEY_ENTER);
    assert_ptr_equal(f.screen->view.picture, picture);
    assert_int_equal(f.screen->view.generation, 0);
    finish(&f);
}

static void test_export_by_key(void **state) {
    (void)state;
    fixture f;
    start_with_model(&f, NULL);
    key(&f, FS_KEY_EXPORT); /* nothing is open: says so */
    assert_true(f.screen->message.shown && !f.screen->message.is_error);
    key(&f, FS_KEY_TAB);
    key(&f, FS_KEY_ENTER);
    WAIT_FOR(&f, f.screen->view.picture != NULL);
    f.screen->message.shown = false;
    key(&f, FS_KEY_EXPORT);
    WAIT_FOR(&f, f.screen->message.shown);
    assert_false(f.screen->message.is_error);
    char path[128];
    snprintf(path, sizeof path, "%s/squeeze-features.0-0.png", f.folder);
    fs_image image = {0};
    assert_int_equal(fs_image_read(&image, path, NULL), FS_OK);
    assert_int_equal(image.width, f.screen->view.settings.size);
    fs_image_free(&image);
    unlink(path);
    finish(&f);
}

static void test_export_into_nowhere_is_a_message(void **state) {
    (void)state;
    fixture f;
    start_with_model(&f, NULL);
    f.screen->options.export_folder = "/proc/nowhere/folder";
    key(&f, FS_KEY_TAB);
    key(&f, FS_KEY_ENTER);
    WAIT_FOR(&f, f.screen->view.picture != NULL);
    f.screen->message.shown = false;
    key(&f, FS_KEY_EXPORT);
    WAIT_FOR(&f, f.screen->message.shown);
    assert_true(f.screen->message.is_error);
    finish(&f);
}

static void test_help_covers_everything(void **state) {
    (void)state;
    fixture f;
    start_with_model(&f, NULL);
    key(&f, FS_KEY_HELP);
    assert_true(f.screen->help);
    key(&f, FS_KEY_DOWN);
    assert_string_equal(layer_name(&f), "features.0");
    cairo_surface_t *surface = paint(&f);
    cairo_surface_destroy(surface);
    click(&f, 450, 300); /* only closes it */
    assert_false(f.screen->help);
    assert_false(f.screen->view.open);
    finish(&f);
}

/* Files are other tests'. */
static bool writes_files(fs_key key) {
    return key == FS_KEY_EXPORT || key == FS_KEY_SAVE || key == FS_KEY_ATLAS_LAYER ||
           key == FS_KEY_ATLAS_NETWORK || key == FS_KEY_GABOR_REPORT;
}

/* Any sequence of input at any size, also with a model that arrives in between, is harmless. */
static void test_random_input(void **state) {
    (void)state;
    fixture f;
    start(&f, NULL);
    fs_screen_open(f.screen, MODEL);
    fs_random random;
    fs_random_seed(&random, 20, 6);
    for (int i = 0; i < 400; i++) {
        fs_ui_input input = {.x = fs_random_range(&random, -50, 1500),
                             .y = fs_random_range(&random, -50, 900)};
        input.pressed = input.held = fs_random_int(&random, 3) == 0;
        input.released = !input.pressed && fs_random_int(&random, 2) == 0;
        input.wheel = fs_random_int(&random, 4) == 0 ? fs_random_range(&random, -9, 9) : 0;
        input.n_keys = fs_random_int(&random, 2);
        input.keys[0] = (fs_key)fs_random_int(&random, FS_KEY_QUIT);
        if (writes_files(input.keys[0]))
            input.keys[0] = FS_KEY_ENTER;
        if (i % 40 == 0)
            fs_screen_resize(f.screen, 200 + fs_random_int(&random, 2000), 100 + fs_random_int(&random, 1200),
                             1 + fs_random_unit(&random));
        f.screen->options.export_folder = "/proc/nowhere"; /* buttons and the menu too */
        fs_screen_input(f.screen, &input);
        pump(&f);
        if (i % 10 == 0)
            cairo_surface_destroy(paint(&f));
    }
    finish(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_welcome_without_a_model),
        cmocka_unit_test(test_broken_model_is_a_message),
        cmocka_unit_test(test_a_bad_model_leaves_the_good_one),
        cmocka_unit_test(test_list_by_keys),
        cmocka_unit_test(test_every_layer_is_listed_once),
        cmocka_unit_test(test_branches_are_listed_below_their_block),
        cmocka_unit_test(test_layer_of_the_command_line),
        cmocka_unit_test(test_wall_fills),
        cmocka_unit_test(test_small_and_vector_layers_render),
        cmocka_unit_test(test_channel_opens_grows_and_closes),
        cmocka_unit_test(test_finished_view_is_kept),
        cmocka_unit_test(test_export_by_key),
        cmocka_unit_test(test_export_into_nowhere_is_a_message),
        cmocka_unit_test(test_help_covers_everything),
        cmocka_unit_test(test_random_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
