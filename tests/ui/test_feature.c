/* The open channel without a window: objective, settings, panels, by keys, clicks and drops. */
#include "app/clipboard_tool.h"
#include "app/render_export.h"
#include "base/alloc.h"
#include "base/helpers.h"
#include "base/random.h"
#include "screen_test.h"

#define MODEL FS_TEST_DATA "/onnx/squeeze.onnx"
#define IMAGES FS_TEST_DATA "/images"

static void write_clipboard(void *context, const char *text) {
    fixture *f = context;
    snprintf(f->clipboard, sizeof f->clipboard, "%s", text);
}

/* The second channel of the first layer, open, at a size that is quick. */
static void start(fixture *f, const char *images) {
    memset(f, 0, sizeof *f);
    fs_screen_options options = {.images = images, .clipboard = {.write = write_clipboard, .context = f}};
    options.export_folder = "/proc/nowhere";
    create_screen(f, &options);
    f->screen->feature.settings.size = 48;
    f->screen->feature.settings.steps = 30;
    fs_screen_open(f->screen, MODEL);
    WAIT_FOR(f, f->screen->model != NULL);
    key(f, FS_KEY_TAB);
    key(f, FS_KEY_RIGHT);
    key(f, FS_KEY_ENTER);
    assert_true(f->screen->view.open);
}

static void enter_objective(fixture *f, const char *text) {
    type(f, "/");
    key(f, FS_KEY_SELECT_ALL);
    type(f, text);
    key(f, FS_KEY_ENTER);
}

static bool is_finished(const fixture *f) {
    return f->screen->view.generation == 0 && f->screen->view.picture != NULL;
}

static void test_an_objective_is_typed(void **state) {
    (void)state;
    fixture f;
    start(&f, NULL);
    fs_channel_view *view = &f.screen->view;
    assert_string_equal(view->objective.text, "channel(features.0, 1)");
    assert_string_equal(view->settings.objective, "channel");
    WAIT_FOR(&f, is_finished(&f));
    fs_picture *before = view->picture;
    enter_objective(&f, "channel(features.0, 2) - chanel(x)");
    assert_int_equal(view->objective_column, 26);
    assert_string_equal(view->settings.objective, "channel"); /* nothing is disturbed */
    assert_ptr_equal(view->picture, before);
    assert_int_equal(view->generation, 0);
    cairo_surface_destroy(paint(&f));
    enter_objective(&f, "channel(features.0, 2) - 2*tv()");
    assert_int_equal(view->objective_error.code, FS_OK);
    assert_true(view->generation != 0);
    assert_ptr_equal(view->picture, before); /* until there is another */
    WAIT_FOR(&f, is_finished(&f));
    assert_ptr_not_equal(view->picture, before);
    enter_objective(&f, "channel(features.0, 1)"); /* what it was: it is kept */
    assert_string_equal(view->settings.objective, "channel");
    assert_int_equal(view->generation, 0);
    assert_int_equal(view->picture->steps, 30);
    destroy_screen(&f);
}

/* What only the worker finds wrong, a channel that is not there, is taken back with its mark. */
static void test_an_objective_that_cannot_be_rendered(void **state) {
    (void)state;
    fixture f;
    start(&f, NULL);
    fs_channel_view *view = &f.screen->view;
    WAIT_FOR(&f, is_finished(&f));
    fs_picture *before = view->picture;
    enter_objective(&f, "channel(features.0, 999)");
    WAIT_FOR(&f, view->objective_error.code != FS_OK);
    assert_non_null(strstr(view->objective_error.message, "999"));
    assert_string_equal(view->objective.text, "channel(features.0, 999)");
    assert_string_equal(view->settings.objective, "channel");
    assert_ptr_equal(view->picture, before);
    assert_int_equal(view->n_undo, 0);
    destroy_screen(&f);
}

static void test_settings_and_undo(void **state) {
    (void)state;
    fixture f;
    start(&f, NULL);
    fs_channel_view *view = &f.screen->view;
    WAIT_FOR(&f, is_finished(&f));
    fs_render_settings changed = view->settings;
    changed.seed = 5;
    changed.steps = 12;
    fs_screen_change_settings(f.screen, &changed);
    assert_string_equal(view->controls.fields[7].text, "12");
    WAIT_FOR(&f, is_finished(&f) && view->picture->steps == 12);
    key(&f, FS_KEY_RIGHT); /* the next channel has them too */
    assert_int_equal(view->settings.steps, 12);
    assert_int_equal(view->settings.channel, 2);
    key(&f, FS_KEY_LEFT);
    assert_int_equal(view->generation, 0); /* kept, with these settings */
    fs_render_settings again = view->settings;
    again.steps = 30;
    again.seed = 0;
    fs_screen_change_settings(f.screen, &again);
    assert_int_equal(view->generation, 0);
    assert_int_equal(view->picture->steps, 30);
    key(&f, FS_KEY_UNDO);
    assert_int_equal(view->settings.steps, 12);
    assert_int_equal(view->settings.seed, 5);
    key(&f, FS_KEY_UNDO); /* nothing left to undo */
    assert_int_equal(view->settings.steps, 12);
    destroy_screen(&f);
}

static void test_pause_continue_restart(void **state) {
    (void)state;
    fixture f;
    start(&f, NULL);
    fs_channel_view *view = &f.screen->view;
    fs_render_settings longer = view->settings;
    longer.steps = 4000;
    fs_screen_change_settings(f.screen, &longer);
    WAIT_FOR(&f, view->received);
    type(&f, " ");
    assert_true(view->paused);
    usleep(100000);
    pump(&f);
    fs_picture *there = view->picture;
    usleep(100000);
    pump(&f);
    assert_ptr_equal(view->picture, there);
    type(&f, " ");
    WAIT_FOR(&f, view->picture != there && view->picture->steps > 1);
    uint64_t generation = view->generation;
    type(&f, "r");
    assert_true(view->generation > generation && !view->paused);
    destroy_screen(&f);
}

static void test_every_panel(void **state) {
    (void)state;
    fixture f;
    start(&f, IMAGES);
    fs_screen *screen = f.screen;
    fs_panel_view *panels = screen->view.panels;
    static const struct {
        const char *key;
        fs_panel_kind kind;
    } tabs[] = {{"2", FS_PANEL_VARIANTS}, {"3", FS_PANEL_EXAMPLES}, {"4", FS_PANEL_TUNING}};
    for (size_t i = 0; i < 3; i++) {
        type(&f, tabs[i].key);
        cairo_surface_destroy(paint(&f));
        fs_panel_view *panel = &panels[tabs[i].kind];
        WAIT_FOR(&f, panel->generation == 0 && panel->panel != NULL);
        assert_string_equal(panel->error, "");
        cairo_surface_destroy(paint(&f));
    }
    type(&f, "5");
    assert_non_null(fs_screen_panel_lacks(screen, FS_PANEL_ATTRIBUTION));
    cairo_surface_destroy(paint(&f));
    type(&f, "3"); /* an example is chosen by the keyboard alone */
    fs_ui_give_focus(&screen->ui, FS_UI_ID(FS_ID_PANEL_LIST + FS_PANEL_EXAMPLES, 0));
    key(&f, FS_KEY_RIGHT);
    key(&f, FS_KEY_ENTER);
    assert_int_equal(screen->feature.tab, FS_TAB_PANELS + FS_PANEL_ATTRIBUTION);
    assert_string_equal(screen->feature.photograph, panels[FS_PANEL_EXAMPLES].panel->tiles[1].path);
    WAIT_FOR(&f, panels[FS_PANEL_ATTRIBUTION].panel != NULL);
    cairo_surface_destroy(paint(&f));
    type(&f, "6");
    WAIT_FOR(&f, panels[FS_PANEL_ACTIVATIONS].panel != NULL);
    cairo_surface_destroy(paint(&f));
    int channel = panels[FS_PANEL_ACTIVATIONS].panel->tiles[0].channel;
    fs_ui_give_focus(&screen->ui, FS_UI_ID(FS_ID_PANEL_LIST + FS_PANEL_ACTIVATIONS, 0));
    key(&f, FS_KEY_HOME);
    key(&f, FS_KEY_ENTER); /* opens that channel, on the same tab */
    assert_int_equal(screen->channel, channel);
    WAIT_FOR(&f, panels[FS_PANEL_ACTIVATIONS].panel != NULL);
    destroy_screen(&f);
}

static void test_drops(void **state) {
    (void)state;
    fixture f;
    start(&f, NULL);
    type(&f, "3");
    assert_non_null(fs_screen_panel_lacks(f.screen, FS_PANEL_EXAMPLES));
    fs_screen_drop(f.screen, IMAGES);
    WAIT_FOR(&f, f.screen->view.panels[FS_PANEL_EXAMPLES].panel != NULL);
    fs_screen_drop(f.screen, IMAGES "/patches.jpg");
    assert_int_equal(f.screen->feature.tab, FS_TAB_PANELS + FS_PANEL_ATTRIBUTION);
    WAIT_FOR(&f, f.screen->view.panels[FS_PANEL_ATTRIBUTION].panel != NULL);
    fs_screen_drop(f.screen, IMAGES "/no-such.png");
    WAIT_FOR(&f, f.screen->view.panels[FS_PANEL_ATTRIBUTION].error[0] != '\0');
    cairo_surface_destroy(paint(&f));
    fs_screen_drop(f.screen, FS_TEST_DATA "/onnx/bad_cycle.onnx");
    WAIT_FOR(&f, f.screen->message.shown && f.screen->message.is_error);
    destroy_screen(&f);
}

static void test_a_panel_is_stopped(void **state) {
    (void)state;
    fixture f;
    start(&f, NULL);
    fs_render_settings longer = f.screen->view.settings;
    longer.steps = 100000;
    fs_screen_change_settings(f.screen, &longer);
    type(&f, "2");
    fs_panel_view *panel = &f.screen->view.panels[FS_PANEL_VARIANTS];
    WAIT_FOR(&f, panel->panel != NULL && panel->total > 0);
    fs_screen_stop_panel(f.screen, FS_PANEL_VARIANTS);
    assert_int_equal(panel->generation, 0);
    pump(&f);
    cairo_surface_destroy(paint(&f));
    assert_int_equal(panel->generation, 0); /* and does not begin again by itself */
    destroy_screen(&f);
}

static void test_the_command_is_copied(void **state) {
    (void)state;
    fixture f;
    start(&f, NULL);
    WAIT_FOR(&f, is_finished(&f));
    key(&f, FS_KEY_COPY);
    assert_true(f.screen->copied);
    assert_non_null(strstr(f.clipboard, "filterscope render --model "));
    assert_non_null(strstr(f.clipboard, " --layer features.0 --channel 1 --size 48 --steps 30 "));
    type(&f, "2");
    key(&f, FS_KEY_COPY);
    assert_non_null(strstr(f.clipboard, " --variants 4 "));
    assert_non_null(strstr(f.clipboard, "*diversity(features.0)"));
    destroy_screen(&f);
}

/* The picture itself, with what an export says of it. */
static void test_copying_the_picture(void **state) {
    (void)state;
    fixture f;
    char copied[96], *model = NULL;
    fs_render_settings settings;
    start(&f, NULL);
    strcpy(f.folder, "/tmp/filterscope-copy-XXXXXX");
    assert_non_null(mkdtemp(f.folder));
    snprintf(copied, sizeof copied, "%s/copied", f.folder);
    clipboard_tool_begin(f.folder);
    WAIT_FOR(&f, is_finished(&f));
    f.screen->message.shown = false;
    key(&f, FS_KEY_COPY_PICTURE);
    WAIT_FOR(&f, f.screen->message.shown);
    assert_false(f.screen->message.is_error);
    assert_int_equal(fs_render_import(&settings, &model, copied, NULL), FS_OK);
    assert_int_equal(settings.steps, 30);
    assert_int_equal(settings.channel, 1);
    fs_free(model);
    clipboard_tool_end(f.folder);
    clipboard_tool_none(f.folder);
    key(&f, FS_KEY_COPY_PICTURE);
    WAIT_FOR(&f, f.screen->message.is_error);
    assert_non_null(strstr(f.screen->message.text, "xclip"));
    clipboard_tool_end(f.folder);
    unsetenv("DISPLAY");
    assert_int_equal(rmdir(f.folder), 0);
    destroy_screen(&f);
}

/* Letters typed into a field are letters. */
static void test_a_field_takes_the_letters(void **state) {
    (void)state;
    fixture f;
    start(&f, NULL);
    type(&f, "/");
    type(&f, "q");
    type(&f, "3");
    type(&f, "?");
    assert_false(fs_screen_quit(f.screen) || f.screen->help);
    assert_int_equal(f.screen->feature.tab, FS_TAB_RENDER);
    assert_non_null(strstr(f.screen->view.objective.text, "q3?"));
    key(&f, FS_KEY_ESCAPE);
    assert_true(f.screen->view.open);
    type(&f, "q");
    assert_true(fs_screen_quit(f.screen));
    destroy_screen(&f);
}

/* Any input in any tab at any size is harmless. */
static void test_random_input(void **state) {
    (void)state;
    fixture f;
    start(&f, IMAGES);
    static const char *const texts[] = {"1", "2", "3", "4", "5", "6", " ", "r", "/", "\u00e4", "(", "u"};
    fs_random random;
    fs_random_seed(&random, 8, 6);
    for (int i = 0; i < 600; i++) {
        fs_ui_input input = {.x = fs_random_range(&random, 0, 1000), .y = fs_random_range(&random, 60, 700)};
        input.wheel = fs_random_int(&random, 4) == 0 ? fs_random_range(&random, -9, 9) : 0;
        input.shift = fs_random_int(&random, 3) == 0;
        input.n_keys = fs_random_int(&random, 2);
        input.keys[0] = (fs_key)fs_random_int(&random, FS_KEY_QUIT);
        if (fs_random_int(&random, 3) == 0)
            snprintf(input.text, sizeof input.text, "%s", texts[fs_random_int(&random, 12)]);
        fs_screen_input(f.screen, &input);
        click(&f, input.x, input.y);
        if (f.screen->feature.settings.size > 64 || f.screen->feature.settings.steps > 100) {
            f.screen->feature.settings.size = 48; /* sliders go far: here it should stay quick */
            f.screen->feature.settings.steps = 30;
            if (f.screen->view.open)
                fs_screen_close_channel(f.screen);
        }
        if (f.screen->model != NULL && !f.screen->view.open && !f.screen->help && i % 5 == 0)
            fs_screen_open_channel(f.screen, 1);
        if (i % 40 == 0)
            fs_screen_resize(f.screen, 300 + fs_random_int(&random, 1800), 200 + fs_random_int(&random, 1000),
                             1 + fs_random_unit(&random));
        pump(&f);
        if (i % 10 == 0)
            cairo_surface_destroy(paint(&f));
    }
    destroy_screen(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_objective_is_typed),
        cmocka_unit_test(test_an_objective_that_cannot_be_rendered),
        cmocka_unit_test(test_settings_and_undo),
        cmocka_unit_test(test_pause_continue_restart),
        cmocka_unit_test(test_every_panel),
        cmocka_unit_test(test_drops),
        cmocka_unit_test(test_a_panel_is_stopped),
        cmocka_unit_test(test_the_command_is_copied),
        cmocka_unit_test(test_copying_the_picture),
        cmocka_unit_test(test_a_field_takes_the_letters),
        cmocka_unit_test(test_random_input),
    };
    return cmocka_run_group_tests(tests, cache_setup, cache_teardown);
}
