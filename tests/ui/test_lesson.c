/* Class mode without a window: stops, texts that fit, keys and clicks, the second task, the way back. */
#include "app/training_test.h"
#include "screen_test.h"

#define SQUEEZE FS_TEST_DATA "/onnx/squeeze.onnx"
#define OWN "builtin:/world.onnx"

static void start(fixture *f, const char *model, const char *data) {
    memset(f, 0, sizeof *f);
    create_screen(f, &(fs_screen_options){.export_folder = "/proc/nowhere", .data = data, .lesson = true});
    fs_screen_resize(f->screen, 1280, 800, 1);
    fs_screen_open(f->screen, model);
    WAIT_FOR(f, f->screen->lesson.on);
}

static const fs_lesson *lesson_of(const fixture *f) {
    return &f->screen->lesson.lesson;
}

/* Levels climb, and every layer is of the level that the stop speaks of. */
static void assert_sensible(const fixture *f) {
    const fs_model *model = f->screen->model->model;
    for (int i = 0; i < lesson_of(f)->n; i++) {
        const fs_lesson_stop *stop = &lesson_of(f)->stops[i];
        assert_true(i == 0 || stop->kind > stop[-1].kind);
        if (stop->kind > FS_LESSON_OBJECT)
            continue;
        assert_in_range(stop->layer, 0, model->n_layers - 1);
        assert_int_equal(model->layers[stop->layer].level, (int)stop->kind);
        assert_in_range(stop->channel, 0, model->layers[stop->layer].channels - 1);
    }
}

static void test_stops(void **state) {
    (void)state;
    fixture f;
    start(&f, OWN, NULL);
    assert_int_equal(lesson_of(&f)->n, FS_LESSON_KINDS);
    assert_sensible(&f);
    destroy_screen(&f);
    start(&f, SQUEEZE, NULL);
    assert_true(lesson_of(&f)->n >= 4);
    assert_sensible(&f);
    destroy_screen(&f);
}

/* Nothing is cut off, and hardly anything is shrunk, whatever the display and its scale. */
static void test_texts_fit(void **state) {
    (void)state;
    static const struct {
        double width, height, scale;
    } sizes[] = {{1280, 800, 1}, {640, 400, 2}, {1920, 1080, 1},
                 {960, 540, 2},  {900, 600, 1}, {3440, 1440, 1}};
    fixture f;
    start(&f, OWN, NULL);
    f.screen->lesson.notes = true;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        fs_screen_resize(f.screen, sizes[s].width, sizes[s].height, sizes[s].scale);
        cairo_surface_destroy(paint(&f)); /* texts are measured as they are drawn */
        const fs_lesson_layout parts = fs_lesson_layout_make(f.screen->width, f.screen->height);
        for (int i = 0; i < lesson_of(&f)->n; i++) {
            f.screen->lesson.stop = i;
            const double factor = fs_view_lesson_factor(f.screen, parts.text);
            if (factor < 0.85)
                fail_msg("stop %d at %.0f x %.0f: %.2f", i, sizes[s].width, sizes[s].height, factor);
        }
        f.screen->lesson.stop = 0;
    }
    destroy_screen(&f);
}

static void test_keys_and_clicks(void **state) {
    (void)state;
    fixture f;
    start(&f, SQUEEZE, NULL);
    assert_true(fs_screen_wants_full(f.screen));
    assert_int_equal(f.screen->lesson.stop, 0);
    key(&f, FS_KEY_PAGE_UP);
    assert_int_equal(f.screen->lesson.stop, 0);
    key(&f, FS_KEY_PAGE_DOWN);
    assert_int_equal(f.screen->lesson.stop, 1);
    assert_true(f.screen->view.open);
    const int channel = f.screen->channel;
    key(&f, channel > 0 ? FS_KEY_UP : FS_KEY_DOWN);
    assert_int_equal(f.screen->channel, channel > 0 ? channel - 1 : 1);
    WAIT_FOR(&f, f.screen->view.picture != NULL);
    cairo_surface_destroy(paint(&f));
    key(&f, FS_KEY_LEFT);
    assert_int_equal(f.screen->lesson.stop, 0);
    assert_false(f.screen->view.open);
    const fs_lesson_layout parts = fs_lesson_layout_make(f.screen->width, f.screen->height);
    const double zoom = f.screen->lesson_zoom;
    click(&f, (parts.buttons.x + 60) * zoom, (parts.buttons.y + 10) * zoom); /* next */
    assert_int_equal(f.screen->lesson.stop, 1);
    click(&f, (parts.stops.x + 5) * zoom, (parts.stops.y + 10) * zoom);
    assert_int_equal(f.screen->lesson.stop, 0);
    click(&f, (parts.live.x + 60) * zoom, (parts.live.y + 60) * zoom); /* a tile, then its picture */
    assert_true(f.screen->view.open);
    click(&f, (parts.live.x + parts.live.w / 2) * zoom, (parts.live.y + 100) * zoom);
    assert_false(f.screen->view.open);
    type(&f, "t");
    assert_true(f.screen->lesson.notes);
    type(&f, "q"); /* letters of the window mean nothing here */
    assert_false(fs_screen_quit(f.screen));
    key(&f, FS_KEY_ESCAPE);
    assert_false(f.screen->lesson.on || fs_screen_wants_full(f.screen));
    assert_true(f.screen->scale == 1 && f.screen->width == 1280);
    destroy_screen(&f);
}

static int stop_of(const fixture *f, fs_lesson_kind kind) {
    for (int i = 0; i < lesson_of(f)->n; i++)
        if (lesson_of(f)->stops[i].kind == kind)
            return i;
    return -1;
}

/* The training begins by itself, goes on at the next stop, and its recipe is forgotten at the end. */
static void test_transfer(void **state) {
    (void)state;
    fixture f;
    char data[256];
    snprintf(data, sizeof data, "%s", training_path("data"));
    start(&f, training_path("model/small.onnx"), data);
    const double epochs = f.screen->finetune.head_epochs;
    f.screen->finetune.settings.look_side = 32;
    f.screen->finetune.settings.look_steps = 3;
    assert_true(stop_of(&f, FS_LESSON_TRANSFER) >= 0);
    fs_screen_go_to_stop(f.screen, stop_of(&f, FS_LESSON_TRANSFER));
    assert_true(f.screen->finetune.open && fs_screen_trains(f.screen));
    const uint64_t run = f.screen->finetune.generation;
    cairo_surface_destroy(paint(&f));
    fs_screen_go_to_stop(f.screen, stop_of(&f, FS_LESSON_SHIFT));
    WAIT_FOR(&f, f.screen->finetune.news != NULL && f.screen->finetune.news->phase == FS_TRAINING_OVER);
    assert_int_equal(f.screen->finetune.generation, run);
    cairo_surface_destroy(paint(&f));
    key(&f, FS_KEY_ESCAPE);
    assert_true(f.screen->finetune.head_epochs == epochs);
    destroy_screen(&f);
}

/* Where nobody has given pictures they are drawn. */
static void test_drawn_pictures(void **state) {
    (void)state;
    fixture f;
    char folder[] = FS_SCRATCH "/filterscope-lesson-XXXXXX", command[96];
    assert_non_null(mkdtemp(folder));
    setenv("XDG_CACHE_HOME", folder, 1);
    start(&f, OWN, NULL);
    fs_screen_go_to_stop(f.screen, stop_of(&f, FS_LESSON_TRANSFER));
    cairo_surface_destroy(paint(&f));
    WAIT_FOR(&f, f.screen->finetune.news != NULL && f.screen->finetune.news->n_train > 0);
    assert_int_equal(f.screen->finetune.news->classes, 6);
    destroy_screen(&f);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    assert_int_equal(system(command), 0);
}

/* 3 x 3 kernels have no Gabor fit: the lesson looks at deeper units instead. */
static void test_gabor_of_small_kernels(void **state) {
    (void)state;
    fixture f;
    start(&f, SQUEEZE, NULL);
    const int stop = stop_of(&f, FS_LESSON_GABOR);
    assert_true(stop >= 0);
    fs_screen_go_to_stop(f.screen, stop);
    WAIT_FOR(&f, f.screen->gabor.study != NULL || f.screen->gabor.effective);
    destroy_screen(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stops),           cmocka_unit_test(test_texts_fit),
        cmocka_unit_test(test_keys_and_clicks), cmocka_unit_test(test_transfer),
        cmocka_unit_test(test_drawn_pictures),  cmocka_unit_test(test_gabor_of_small_kernels),
    };
    return cmocka_run_group_tests(tests, training_set_up, training_tear_down);
}
