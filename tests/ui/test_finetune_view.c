/* The fine-tune view without a window: opened, pictures and layers chosen, a run begun, paused, stepped,
 * taken back, stopped and saved by keys and by clicks, on a small network. */
#include "screen_test.h"

#include "app/training_test.h"
#include "base/alloc.h"
#include "base/file.h"

#define GABORS FS_TEST_DATA "/onnx/gabors.onnx"

static void set_out(fixture *f, bool with_data) {
    static char data[256], saved[256];
    snprintf(data, sizeof data, "%s", training_path("data"));
    snprintf(saved, sizeof saved, "%s", training_path("saved"));
    create_screen(f,
                  &(fs_screen_options){.export_folder = saved, .data = with_data ? data : NULL, .seed = 5});
    fs_screen_open(f->screen, training_path("model/small.onnx"));
    WAIT_FOR(f, f->screen->model != NULL);
    f->screen->message.shown = false;
    f->screen->finetune.settings.look_side = 32;
    f->screen->finetune.settings.look_steps = 3;
    f->screen->finetune.head_epochs = 3;
    f->screen->finetune.joint_epochs = 3;
}

static fs_finetune_layout parts_of(const fixture *f) {
    return fs_finetune_layout_make(fs_screen_layout(f->screen).body);
}

static const fs_training_news *news_of(const fixture *f) {
    return f->screen->finetune.news;
}

static bool is_at(const fixture *f, fs_training_phase phase, int rows) {
    const fs_training_news *news = news_of(f);
    return news != NULL && news->phase == phase && news->n_rows == rows && news->label[0] == '\0';
}

static void test_in_and_out(void **state) {
    (void)state;
    fixture f;
    set_out(&f, false);
    fs_rect header = fs_screen_layout(f.screen).header;
    click(&f, header.x + header.w - 20 - 72 - 8 - 84 - 8 - 38, header.y + header.h / 2);
    assert_true(f.screen->finetune.open);
    type(&f, "/"); /* the folder's field has the keyboard: then that is a letter */
    type(&f, "f");
    assert_true(f.screen->finetune.open);
    assert_string_equal(f.screen->finetune.data.text, "f");
    key(&f, FS_KEY_ESCAPE); /* out of the field, then out of the view */
    key(&f, FS_KEY_ESCAPE);
    assert_false(f.screen->finetune.open);
    type(&f, "f"); /* with a folder there, to start has the keyboard */
    assert_true(f.screen->finetune.open);
    type(&f, "f");
    assert_false(f.screen->finetune.open);
    key(&f, FS_KEY_ENTER);
    assert_true(f.screen->view.open);
    type(&f, "f"); /* from a channel as well */
    assert_true(f.screen->finetune.open && !f.screen->view.open);
    const fs_rect list = fs_screen_layout(f.screen).list;
    click(&f, list.x + 60, list.y + 60); /* a layer of the list leaves it */
    assert_false(f.screen->finetune.open);
    destroy_screen(&f);
}

/* A folder that is dropped, and none. */
static void test_pictures(void **state) {
    (void)state;
    fixture f;
    set_out(&f, false);
    type(&f, "f");
    key(&f, FS_KEY_ESCAPE);
    type(&f, " "); /* nothing to train on: says so */
    assert_true(f.screen->message.shown && f.screen->finetune.generation == 0);
    fs_screen_drop(f.screen, training_path("data"));
    assert_string_equal(f.screen->finetune.data.text, training_path("data"));
    assert_string_equal(f.screen->feature.images, "");
    fs_screen_drop(f.screen, training_path("model")); /* pictures of no class */
    type(&f, " ");
    key(&f, FS_KEY_ESCAPE);
    type(&f, " ");
    WAIT_FOR(&f, news_of(&f) != NULL && news_of(&f)->phase == FS_TRAINING_FAILED);
    assert_true(news_of(&f)->error[0] != '\0');
    cairo_surface_destroy(paint(&f));
    assert_false(fs_screen_trains(f.screen));
    destroy_screen(&f);
}

static int count_trained(const fixture *f) {
    int n = 0;
    for (int i = 0; i < f->screen->finetune.map.n; i++)
        n += f->screen->finetune.map.trained[i];
    return n;
}

static void test_layers(void **state) {
    (void)state;
    fixture f;
    set_out(&f, true);
    type(&f, "f");
    fs_finetune_view *view = &f.screen->finetune;
    const fs_model *model = f.screen->model->model;
    assert_int_equal(view->map.n, 4); /* three convolutions and a normalisation; not the classifier */
    assert_int_equal(fs_freeze_map_policy(&view->map, model), FS_FREEZE_LOW);
    fs_screen_set_policy(f.screen, FS_FREEZE_NONE);
    assert_int_equal(count_trained(&f), view->map.n);
    const fs_rect side = parts_of(&f).side;
    const double top = side.y + 28 + 4 + 2 * 28 + 20 + 4; /* the map's first row: a level */
    assert_true(view->rows[0].place < 0 && view->rows[1].place == 0);
    cairo_surface_t *before = paint(&f);
    click(&f, side.x + 60, top + 22 + 11); /* its first layer */
    assert_false(view->map.trained[0]);
    assert_true(fs_freeze_map_policy(&view->map, model) != FS_FREEZE_NONE);
    view->map.trained[2] = !view->map.trained[2];
    assert_int_equal(fs_freeze_map_policy(&view->map, model), -1);
    view->map.trained[2] = !view->map.trained[2];
    cairo_surface_t *after = paint(&f);
    assert_true(differing(before, after, side) > 50);
    cairo_surface_destroy(before);
    cairo_surface_destroy(after);
    click(&f, side.x + 60, top + 11); /* the whole level: on, then off */
    assert_int_equal(count_trained(&f), view->map.n);
    click(&f, side.x + 60, top + 11);
    assert_false(view->map.trained[0]);
    fs_ui_give_focus(&f.screen->ui, FS_UI_ID(FS_ID_FREEZE_LIST, 0));
    key(&f, FS_KEY_HOME);
    key(&f, FS_KEY_ENTER); /* the level by the keyboard */
    assert_true(view->map.trained[0]);
    fs_ui_give_focus(&f.screen->ui, FS_UI_ID(FS_ID_FINETUNE, FS_FINETUNE_POLICY));
    key(&f, FS_KEY_HOME);
    assert_int_equal(count_trained(&f), 0);
    assert_int_equal(fs_freeze_map_policy(&view->map, model), FS_FREEZE_HEAD);
    destroy_screen(&f);
}

static void test_a_run_by_keys(void **state) {
    (void)state;
    fixture f;
    set_out(&f, true);
    type(&f, "f");
    fs_screen_set_policy(f.screen, FS_FREEZE_NONE);
    cairo_surface_t *before = paint(&f);
    type(&f, "n");
    assert_true(fs_screen_trains(f.screen));
    WAIT_FOR(&f, is_at(&f, FS_TRAINING_PAUSED, 1));
    cairo_surface_t *after = paint(&f);
    assert_true(differing(before, after, parts_of(&f).curves) > 200);
    assert_true(differing(before, after, parts_of(&f).steps) > 200);
    cairo_surface_destroy(before);
    cairo_surface_destroy(after);
    type(&f, "n");
    WAIT_FOR(&f, is_at(&f, FS_TRAINING_PAUSED, 2));
    type(&f, "u");
    WAIT_FOR(&f, is_at(&f, FS_TRAINING_PAUSED, 1));
    type(&f, " ");
    WAIT_FOR(&f, is_at(&f, FS_TRAINING_OVER, 6));
    assert_int_equal(news_of(&f)->step, FS_STEP_JOINT);
    assert_non_null(news_of(&f)->shift);
    key(&f, FS_KEY_UNDO);
    WAIT_FOR(&f, is_at(&f, FS_TRAINING_PAUSED, 5));
    type(&f, "s");
    WAIT_FOR(&f, f.screen->message.shown && strstr(f.screen->message.text, "Saved ") != NULL);
    assert_true(fs_file_exists(training_path("saved/small-finetuned.onnx")));
    assert_true(fs_file_exists(training_path("saved/small-finetuned.json")));
    type(&f, "s");
    WAIT_FOR(&f, strstr(f.screen->message.text, "small-finetuned-2.onnx") != NULL);
    type(&f, "x");
    WAIT_FOR(&f, is_at(&f, FS_TRAINING_STOPPED, 5));
    assert_false(fs_screen_can_undo_training(f.screen));
    destroy_screen(&f);
}

/* The middle of the n-th of some buttons of these widths. */
static void press(fixture *f, double left) {
    const fs_rect row = parts_of(f).buttons;
    click(f, row.x + left, row.y + row.h / 2);
}

static void test_a_run_by_clicks(void **state) {
    (void)state;
    fixture f;
    set_out(&f, true);
    f.screen->finetune.head_epochs = 100000;
    type(&f, "f");
    press(&f, 60); /* start */
    WAIT_FOR(&f, news_of(&f) != NULL && news_of(&f)->n_rows > 2);
    press(&f, 60); /* pause */
    assert_true(f.screen->finetune.pausing);
    WAIT_FOR(&f, fs_screen_training_rests(f.screen));
    assert_false(f.screen->finetune.pausing);
    const int rows = news_of(&f)->n_rows;
    press(&f, 60); /* and on */
    WAIT_FOR(&f, news_of(&f)->n_rows > rows);
    press(&f, 132 + 8 + 40); /* to the end of this epoch */
    WAIT_FOR(&f, fs_screen_training_rests(f.screen) && news_of(&f)->label[0] == '\0');
    const int stepped = news_of(&f)->n_rows;
    press(&f, 132 + 78 + 70 + 3 * 8 + 36); /* back */
    WAIT_FOR(&f, is_at(&f, FS_TRAINING_PAUSED, stepped - 1));
    press(&f, 132 + 78 + 2 * 8 + 35); /* stop */
    WAIT_FOR(&f, news_of(&f)->phase == FS_TRAINING_STOPPED);
    press(&f, parts_of(&f).buttons.w - 38); /* save */
    WAIT_FOR(&f, strstr(f.screen->message.text, "Saved ") != NULL);
    destroy_screen(&f);
}

/* What a run shows, in every tab and at every size. */
static void test_every_tab_and_size(void **state) {
    (void)state;
    static const double sizes[][3] = {{900, 600, 1}, {900, 600, 2}, {1280, 800, 1}, {1920, 1080, 1}};
    fixture f;
    set_out(&f, true);
    type(&f, "f");
    fs_screen_set_policy(f.screen, FS_FREEZE_NONE);
    for (int t = 0; t < 4; t++) { /* before anything came */
        type(&f, (char[]){(char)('1' + t), '\0'});
        cairo_surface_destroy(paint(&f));
    }
    type(&f, " ");
    WAIT_FOR(&f, is_at(&f, FS_TRAINING_OVER, 6));
    f.screen->message.shown = false;
    cairo_surface_t *last = NULL;
    for (int t = 0; t < 4; t++) {
        type(&f, (char[]){(char)('1' + t), '\0'});
        assert_int_equal(f.screen->finetune.tab, t);
        cairo_surface_t *now = paint(&f);
        if (last != NULL)
            assert_true(differing(last, now, parts_of(&f).side) > 2000);
        cairo_surface_destroy(last);
        last = now;
    }
    cairo_surface_destroy(last);
    for (int i = 0; i < 4; i++) {
        fs_screen_resize(f.screen, sizes[i][0], sizes[i][1], sizes[i][2]);
        for (int t = 0; t < 4; t++) {
            type(&f, (char[]){(char)('1' + t), '\0'});
            cairo_surface_destroy(paint(&f));
        }
        type(&f, "?");
        cairo_surface_destroy(paint(&f));
        key(&f, FS_KEY_ESCAPE);
        assert_true(f.screen->finetune.open && !f.screen->help);
    }
    destroy_screen(&f);
}

static void test_another_layer_s_filters(void **state) {
    (void)state;
    fixture f;
    set_out(&f, true);
    type(&f, "f");
    fs_screen_set_policy(f.screen, FS_FREEZE_NONE);
    type(&f, " ");
    WAIT_FOR(&f, is_at(&f, FS_TRAINING_OVER, 6));
    type(&f, "2");
    cairo_surface_t *before = paint(&f);
    fs_ui_give_focus(&f.screen->ui, FS_UI_ID(FS_ID_FINETUNE, FS_FINETUNE_WATCHED));
    key(&f, FS_KEY_RIGHT);
    WAIT_FOR(&f, strcmp(news_of(&f)->shift->filters[0].layer, f.screen->finetune.watch_names[1]) == 0 &&
                     strcmp(news_of(&f)->shift->filters[7].layer, f.screen->finetune.watch_names[1]) == 0);
    cairo_surface_t *after = paint(&f);
    assert_true(differing(before, after, parts_of(&f).side) > 500);
    cairo_surface_destroy(before);
    cairo_surface_destroy(after);
    destroy_screen(&f);
}

/* Another model ends a run, the view may be left while it goes on, and leaving does not wait for it. */
static void test_leaving(void **state) {
    (void)state;
    fixture f;
    set_out(&f, true);
    f.screen->finetune.head_epochs = 100000;
    type(&f, "f");
    type(&f, " ");
    WAIT_FOR(&f, news_of(&f) != NULL && news_of(&f)->n_rows > 1);
    const int rows = news_of(&f)->n_rows;
    type(&f, "f");
    assert_true(!f.screen->finetune.open && fs_screen_trains(f.screen));
    cairo_surface_destroy(paint(&f));
    WAIT_FOR(&f, news_of(&f)->n_rows > rows);
    fs_screen_open(f.screen, GABORS);
    WAIT_FOR(&f, strstr(f.screen->model->model->path, "gabors") != NULL);
    assert_null(news_of(&f));
    assert_false(fs_screen_trains(f.screen));
    type(&f, "f");
    type(&f, " ");
    WAIT_FOR(&f, news_of(&f) != NULL && news_of(&f)->phase != FS_TRAINING_PREPARING);
    destroy_screen(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_and_out),
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_a_run_by_keys),
        cmocka_unit_test(test_a_run_by_clicks),
        cmocka_unit_test(test_every_tab_and_size),
        cmocka_unit_test(test_another_layer_s_filters),
        cmocka_unit_test(test_leaving),
    };
    return cmocka_run_group_tests(tests, training_set_up, training_tear_down);
}
