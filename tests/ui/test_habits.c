/* What a user gets used to: themes, sizes, the menu, tips, details of errors, exports into folders, what is
 * kept for the next run. */
#include "base/file.h"
#include "screen_test.h"

#define MODEL FS_TEST_DATA "/onnx/gabors.onnx"

static void start(fixture *f, const fs_preferences *kept, int theme) {
    memset(f, 0, sizeof *f);
    strcpy(f->folder, FS_SCRATCH "/filterscope-habits-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    create_screen(f, &(fs_screen_options){.export_folder = f->folder, .preferences = kept, .theme = theme});
}

static void start_with_model(fixture *f) {
    start(f, NULL, FS_THEME_SYSTEM);
    fs_screen_open(f->screen, MODEL);
    WAIT_FOR(f, f->screen->model != NULL);
}

static void finish(fixture *f) {
    char command[128];
    destroy_screen(f);
    snprintf(command, sizeof command, "rm -rf '%s'", f->folder);
    assert_int_equal(system(command), 0);
}

static unsigned pixel(cairo_surface_t *surface, int x, int y) {
    unsigned value;
    memcpy(&value,
           cairo_image_surface_get_data(surface) + y * cairo_image_surface_get_stride(surface) + 4 * x,
           sizeof value);
    return value & 255;
}

static unsigned paper(fixture *f) {
    cairo_surface_t *surface = paint(f);
    unsigned value = pixel(surface, 600, 590);
    cairo_surface_destroy(surface);
    return value;
}

static void test_the_theme_is_chosen_and_kept(void **state) {
    (void)state;
    fixture f;
    fs_preferences kept;
    start(&f, NULL, FS_THEME_SYSTEM);
    assert_true(paper(&f) < 60); /* dark where nothing is known */
    assert_false(fs_screen_preferences(f.screen, &kept));
    key(&f, FS_KEY_THEME);
    assert_true(paper(&f) > 200);
    assert_true(fs_screen_preferences(f.screen, &kept));
    assert_int_equal(kept.theme, FS_THEME_LIGHT);
    assert_false(fs_screen_preferences(f.screen, &kept)); /* it was told */
    fs_layout layout = fs_screen_layout(f.screen);
    click(&f, layout.brand.x + layout.brand.w - 12 - 26 - 6 - 13, layout.brand.y + 22);
    assert_true(paper(&f) < 60); /* the button */
    finish(&f);
    start(&f, &kept, FS_THEME_LIGHT);
    assert_true(paper(&f) > 200);
    finish(&f);
}

static void test_sizes_go_up_and_down(void **state) {
    (void)state;
    fixture f;
    fs_preferences kept;
    start(&f, NULL, FS_THEME_SYSTEM);
    assert_true(fs_screen_zoom(f.screen) == 0);
    double before = 1;
    for (int i = 0; i < 12; i++) {
        key(&f, FS_KEY_LARGER);
        double zoom = fs_screen_zoom(f.screen);
        assert_true(zoom > before || zoom == 3);
        fs_screen_resize(f.screen, 900, 600, zoom); /* as the window does */
        before = zoom;
    }
    assert_true(before == 3);
    key(&f, FS_KEY_SMALLER);
    assert_true(fs_screen_zoom(f.screen) < 3);
    assert_true(fs_screen_preferences(f.screen, &kept));
    assert_true(kept.scale == fs_screen_zoom(f.screen));
    key(&f, FS_KEY_USUAL_SIZE);
    assert_true(fs_screen_zoom(f.screen) == 0);
    finish(&f);
}

static void test_a_menu_by_keys_and_clicks(void **state) {
    (void)state;
    fixture f;
    start_with_model(&f);
    cairo_surface_t *before = paint(&f);
    type(&f, "m");
    assert_true(f.screen->menu.open);
    cairo_surface_t *open = paint(&f);
    assert_true(differing(before, open, (fs_rect){20, 80, 280, 300}) > 10000);
    cairo_surface_destroy(before);
    cairo_surface_destroy(open);
    key(&f, FS_KEY_ESCAPE);
    assert_false(f.screen->menu.open);
    /* Every action by its row: down to "Gabor functions". */
    key(&f, FS_KEY_MENU);
    int wanted = 0;
    while (strcmp(fs_actions[wanted].label, "Gabor functions") != 0)
        wanted++;
    for (int i = 0; i <= wanted; i++)
        key(&f, FS_KEY_DOWN);
    key(&f, FS_KEY_ENTER);
    assert_false(f.screen->menu.open);
    assert_true(f.screen->gabor.open);
    key(&f, FS_KEY_ESCAPE);
    key(&f, FS_KEY_MENU);
    click(&f, 850, 580); /* beside it */
    assert_false(f.screen->menu.open);
    assert_false(f.screen->view.open); /* what lies behind was not meant */
    /* An action that is impossible does nothing: there is no open picture to export. */
    key(&f, FS_KEY_MENU);
    for (int i = 0; i == 0 || strcmp(fs_actions[i - 1].label, "Export this picture") != 0; i++)
        key(&f, FS_KEY_DOWN);
    key(&f, FS_KEY_ENTER);
    assert_true(f.screen->menu.open);
    finish(&f);
}

static void test_files_opened_lately(void **state) {
    (void)state;
    fixture f;
    fs_preferences kept;
    start_with_model(&f);
    assert_true(fs_screen_preferences(f.screen, &kept));
    assert_int_equal(kept.models.n, 1);
    assert_non_null(strstr(kept.models.paths[0], "/onnx/gabors.onnx"));
    fs_screen_drop(f.screen, FS_TEST_DATA "/images");
    assert_true(fs_screen_preferences(f.screen, &kept));
    assert_int_equal(kept.folders.n, 1);
    finish(&f);
    /* The next run offers them before there is a model. */
    start(&f, &kept, FS_THEME_SYSTEM);
    key(&f, FS_KEY_MENU);
    key(&f, FS_KEY_RIGHT);
    key(&f, FS_KEY_ENTER);
    assert_int_not_equal(f.screen->loading, 0);
    WAIT_FOR(&f, f.screen->model != NULL);
    assert_non_null(strstr(f.screen->model->model->path, "gabors.onnx"));
    finish(&f);
    /* And the empty window lists them: a click on the first, below the card. */
    start(&f, &kept, FS_THEME_SYSTEM);
    fs_rect body = fs_screen_layout(f.screen).body;
    const double recent = 26 + 4 * 28, card = body.y + (body.h - 220 - recent) / 2;
    click(&f, body.x + body.w / 2, card + 220 + 20 + 26 + 14);
    assert_int_not_equal(f.screen->loading, 0);
    WAIT_FOR(&f, f.screen->model != NULL);
    finish(&f);
}

static void hover(fixture *f, double x, double y, double seconds) {
    fs_ui_input input = {.x = x, .y = y, .seconds = seconds};
    fs_screen_input(f->screen, &input);
}

static void test_a_tip_after_a_rest(void **state) {
    (void)state;
    fixture f;
    start(&f, NULL, FS_THEME_SYSTEM);
    fs_rect brand = fs_screen_layout(f.screen).brand;
    const double x = brand.x + brand.w - 12 - 13, y = brand.y + 22; /* the menu's button */
    hover(&f, 600, 300, 10);
    assert_true(fs_screen_wait(f.screen) < 0);
    hover(&f, x, y, 11);
    hover(&f, x, y, 11.1);
    cairo_surface_t *before = paint(&f);
    double wait = fs_screen_wait(f.screen); /* whatever has been drawn meanwhile */
    assert_true(wait > 0.3 && wait <= 0.5);
    assert_string_equal(f.screen->ui.tip.text, "");
    (void)fs_screen_take_damage(f.screen);
    hover(&f, x, y, 11.6);
    fs_damage damage = fs_screen_take_damage(f.screen);
    assert_true(fs_damage_any(&damage)); /* it is worth a frame */
    assert_true(fs_screen_wait(f.screen) < 0);
    cairo_surface_t *after = paint(&f);
    assert_non_null(strstr(f.screen->ui.tip.text, "Menu"));
    assert_true(differing(before, after, (fs_rect){0, 36, 500, 40}) > 500);
    cairo_surface_destroy(before);
    cairo_surface_destroy(after);
    hover(&f, 600, 300, 12);
    cairo_surface_destroy(paint(&f));
    assert_string_equal(f.screen->ui.tip.text, "");
    /* A press ends it until the pointer has been elsewhere. */
    hover(&f, x, y, 13);
    fs_ui_input press = {.x = x, .y = y, .seconds = 13.2, .pressed = true, .held = true};
    fs_screen_input(f.screen, &press);
    fs_ui_input away = {.x = x, .y = y, .seconds = 13.3};
    fs_screen_input(f.screen, &away);
    hover(&f, x, y, 15);
    cairo_surface_destroy(paint(&f));
    assert_string_equal(f.screen->ui.tip.text, "");
    finish(&f);
}

static void write_clip(void *context, const char *text) {
    fixture *f = context;
    snprintf(f->clipboard, sizeof f->clipboard, "%s", text);
}

static void test_an_error_opens_to_its_details(void **state) {
    (void)state;
    fixture f;
    start_with_model(&f);
    f.screen->ui.clipboard = (fs_ui_clipboard){.write = write_clip, .context = &f};
    fs_screen_open(f.screen, FS_TEST_DATA "/onnx/bad_cycle.onnx");
    WAIT_FOR(&f, f.screen->message.shown && f.screen->message.is_error);
    fs_rect bar = fs_screen_layout(f.screen).message;
    cairo_surface_t *closed = paint(&f);
    click(&f, bar.x + bar.w - 40 - 42, bar.y + bar.h / 2);
    assert_true(f.screen->message.expanded);
    cairo_surface_t *open = paint(&f);
    assert_true(differing(closed, open, (fs_rect){bar.x, bar.y - 80, bar.w, 60}) > 10000);
    cairo_surface_destroy(closed);
    cairo_surface_destroy(open);
    for (double y = bar.y - 20; y > bar.y - 200 && f.clipboard[0] == '\0'; y -= 12)
        click(&f, bar.x + bar.w - 20 - 42, y); /* wherever the button is */
    assert_non_null(strstr(f.clipboard, "bad_cycle.onnx"));
    assert_non_null(strstr(f.clipboard, "gabors.onnx"));
    assert_false(f.screen->view.open);
    click(&f, bar.x + bar.w - 15, bar.y + bar.h / 2);
    assert_false(f.screen->message.shown || f.screen->message.expanded);
    finish(&f);
}

static void test_a_report_and_its_progress(void **state) {
    (void)state;
    fixture f;
    char path[256];
    start_with_model(&f);
    cairo_surface_t *before = paint(&f);
    key(&f, FS_KEY_GABOR_REPORT);
    assert_int_not_equal(f.screen->folder.generation, 0);
    assert_false(fs_screen_can_fill_folder(f.screen));
    key(&f, FS_KEY_ATLAS_NETWORK); /* one at a time */
    assert_true(f.screen->message.shown && !f.screen->message.is_error);
    cairo_surface_t *during = paint(&f);
    fs_rect status = fs_screen_layout(f.screen).status;
    status.x += status.w - 400;
    status.w = 400;
    assert_true(differing(before, during, status) > 1000);
    cairo_surface_destroy(before);
    cairo_surface_destroy(during);
    WAIT_FOR(&f, f.screen->folder.generation == 0);
    assert_false(f.screen->message.is_error);
    assert_non_null(strstr(f.screen->message.text, "-gabor"));
    snprintf(path, sizeof path, "%s/%s-gabor/report.pdf", f.folder, f.screen->model->model->name);
    assert_true(fs_file_exists(path));
    finish(&f);
}

static void test_an_atlas_is_cancelled(void **state) {
    (void)state;
    fixture f;
    char path[256];
    start_with_model(&f);
    key(&f, FS_KEY_ATLAS_NETWORK);
    WAIT_FOR(&f, f.screen->folder.done > 0);
    fs_rect status = fs_screen_layout(f.screen).status;
    click(&f, status.x + status.w - 20 - 36, status.y + status.h / 2);
    WAIT_FOR(&f, f.screen->folder.generation == 0);
    assert_non_null(strstr(f.screen->message.text, "cancelled"));
    snprintf(path, sizeof path, "%s/%s-atlas/overview.pdf", f.folder, f.screen->model->model->name);
    assert_false(fs_file_exists(path));
    finish(&f);
}

static void test_a_picture_of_the_wall_damages_its_tile(void **state) {
    (void)state;
    fixture f;
    fs_event event;
    bool seen = false;
    start_with_model(&f);
    cairo_surface_destroy(paint(&f));
    (void)fs_screen_take_damage(f.screen);
    double until = fs_seconds() + PATIENCE;
    while (!seen && fs_seconds() < until) {
        while (!seen && fs_worker_poll(f.worker, &event)) {
            if (event.kind == FS_EVENT_PICTURE && fs_screen_event(f.screen, &event))
                seen = true;
            fs_event_release(&event);
        }
    }
    assert_true(seen);
    fs_damage damage = fs_screen_take_damage(f.screen);
    assert_false(damage.all);
    assert_in_range(damage.n, 1, 3);
    for (int i = 0; i < damage.n; i++)
        assert_true(damage.rects[i].h < 200);
    damage = fs_screen_take_damage(f.screen);
    assert_false(fs_damage_any(&damage));
    key(&f, FS_KEY_DOWN);
    damage = fs_screen_take_damage(f.screen);
    assert_true(damage.all);
    const fs_rect body = fs_screen_layout(f.screen).body;
    hover(&f, body.x + 60, body.y + 60, 1);
    damage = fs_screen_take_damage(f.screen);
    assert_true(!damage.all && damage.n == 2); /* a tile and the card beside it */
    assert_true(fs_rect_contains(damage.rects[0], body.x + 60, body.y + 60));
    finish(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_theme_is_chosen_and_kept),
        cmocka_unit_test(test_sizes_go_up_and_down),
        cmocka_unit_test(test_a_menu_by_keys_and_clicks),
        cmocka_unit_test(test_files_opened_lately),
        cmocka_unit_test(test_a_tip_after_a_rest),
        cmocka_unit_test(test_an_error_opens_to_its_details),
        cmocka_unit_test(test_a_report_and_its_progress),
        cmocka_unit_test(test_an_atlas_is_cancelled),
        cmocka_unit_test(test_a_picture_of_the_wall_damages_its_tile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
