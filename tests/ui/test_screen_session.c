/* Sessions of the window: what is saved in each view comes back on a screen that knows nothing of it, and
 * saved again gives the same bytes; what does not fit is refused by name. */
#include "base/alloc.h"
#include "base/file.h"
#include "screen_test.h"

#define SQUEEZE FS_TEST_DATA "/onnx/squeeze.onnx"
#define GABORS FS_TEST_DATA "/onnx/gabors.onnx"

static void start(fixture *f, uint64_t seed) {
    memset(f, 0, sizeof *f);
    strcpy(f->folder, FS_SCRATCH "/filterscope-session-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    create_screen(f, &(fs_screen_options){.export_folder = f->folder, .seed = seed});
}

static void start_with(fixture *f, const char *model) {
    start(f, 1234567890123456789u);
    fs_screen_open(f->screen, model);
    WAIT_FOR(f, f->screen->model != NULL);
}

static char *text_of(const fixture *f) {
    fs_session session;
    char *text = NULL;
    size_t length = 0;
    assert_int_equal(fs_screen_capture(f->screen, &session, NULL), FS_OK);
    assert_int_equal(fs_session_text(&text, &length, &session, NULL), FS_OK);
    fs_session_free(&session);
    return text;
}

/* Ctrl+S here, the file on a new screen there. The folder goes with the second fixture. */
static void carry_over(fixture *from, fixture *to) {
    from->screen->message.shown = false;
    key(from, FS_KEY_SAVE);
    WAIT_FOR(from, from->screen->message.shown);
    assert_false(from->screen->message.is_error);
    start(to, 0);
    assert_true(fs_screen_open_session(to->screen, from->screen->session_path));
    WAIT_FOR(to, to->screen->pending == NULL && to->screen->model != NULL);
    assert_false(to->screen->message.is_error);
}

static void assert_same(const fixture *a, const fixture *b) {
    char *x = text_of(a), *y = text_of(b);
    for (size_t i = 0, line = 0; x[i] != '\0' || y[i] != '\0'; i++) {
        if (x[i] != y[i])
            fail_msg("%.*s is not %.*s", (int)strcspn(x + line, "\n"), x + line, (int)strcspn(y + line, "\n"),
                     y + line);
        line = x[i] == '\n' ? i + 1 : line;
    }
    fs_free(x);
    fs_free(y);
}

static void finish(fixture *f) {
    char path[160];
    destroy_screen(f);
    snprintf(path, sizeof path, "%s/filterscope-session.json", f->folder);
    unlink(path);
    assert_int_equal(rmdir(f->folder), 0);
}

static void test_wall(void **state) {
    (void)state;
    fixture a, b;
    start_with(&a, SQUEEZE);
    fs_screen_select_layer(a.screen, 4);
    fs_screen_select_channel(a.screen, 1);
    a.screen->focus = FS_FOCUS_WALL;
    a.screen->list_offset = 20.25;
    a.screen->wall_zoom = 1.25;
    a.screen->wall_offset = 7.125;
    a.screen->feature.threshold = 0.1;
    carry_over(&a, &b);
    assert_same(&a, &b);
    assert_int_equal(b.screen->layer, 4);
    assert_int_equal(b.screen->channel, 1);
    assert_true(b.screen->wall_zoom == 1.25);
    assert_true(b.screen->options.seed == 1234567890123456789u);
    finish(&a);
    finish(&b);
}

static void test_channel(void **state) {
    (void)state;
    fixture a, b;
    start_with(&a, SQUEEZE);
    fs_screen_open_channel(a.screen, 1);
    fs_render_settings settings = a.screen->view.settings;
    settings.steps = 9;
    settings.size = 40;
    settings.rate = 0.1;
    strcpy(settings.objective, "channel(features.0, 2) - 0.5*tv()");
    fs_screen_change_settings(a.screen, &settings);
    a.screen->feature.tab = FS_TAB_PANELS + FS_PANEL_WEIGHTS;
    a.screen->feature.weights_to = 1;
    a.screen->feature.method = 2;
    WAIT_FOR(&a, a.screen->view.generation == 0);
    carry_over(&a, &b);
    assert_same(&a, &b);
    assert_true(b.screen->view.open);
    assert_true(fs_options_equal(fs_render_options, &b.screen->view.settings, &settings));
    WAIT_FOR(&b, b.screen->view.picture != NULL && b.screen->view.generation == 0);
    assert_int_equal(b.screen->view.picture->total_steps, 9);
    assert_memory_equal(a.screen->view.picture->image.pixels, b.screen->view.picture->image.pixels,
                        (size_t)40 * 40 * 3); /* the seed is the same: so is the picture */
    assert_same(&a, &b);
    finish(&a);
    finish(&b);
}

static void test_gabor(void **state) {
    (void)state;
    fixture a, b;
    start_with(&a, GABORS);
    a.screen->feature.null_fits = 3;
    type(&a, "g");
    WAIT_FOR(&a, a.screen->gabor.study != NULL);
    fs_screen_select_kernel(a.screen, 2);
    type(&a, "u");
    type(&a, "a");
    fs_screen_move_gabor(a.screen, FS_GABOR_THETA, 0.7, true);
    fs_screen_move_gabor(a.screen, FS_GABOR_SIGMA, 1.2345678901234567, true);
    carry_over(&a, &b);
    assert_same(&a, &b); /* even before the study is there */
    WAIT_FOR(&b, b.screen->gabor.study != NULL);
    assert_same(&a, &b);
    assert_true(b.screen->gabor.substitute.open && b.screen->gabor.substitute.all);
    assert_true(b.screen->gabor.score.r2 == a.screen->gabor.score.r2);
    assert_true(fs_screen_open_session(b.screen, b.screen->session_path)); /* with a study there already */
    assert_same(&a, &b);
    finish(&a);
    finish(&b);
}

static void test_finetune(void **state) {
    (void)state;
    fixture a, b;
    start_with(&a, SQUEEZE);
    type(&a, "f");
    assert_string_equal(a.screen->finetune.map_error, "");
    for (int i = 0; i < a.screen->finetune.map.n; i++)
        a.screen->finetune.map.trained[i] = i % 2 == 0;
    fs_text_field_set(&a.screen->finetune.data, "/nonexistent/pictures \"of\" things");
    a.screen->finetune.head_epochs = 7;
    a.screen->finetune.settings.joint_rate = 1e-5;
    a.screen->finetune.tab = FS_FINETUNE_CKA;
    fs_screen_watch_layer(a.screen, 1);
    carry_over(&a, &b);
    assert_same(&a, &b);
    assert_true(b.screen->finetune.open);
    for (int i = 0; i < a.screen->finetune.map.n; i++)
        assert_int_equal(b.screen->finetune.map.trained[i], i % 2 == 0);
    finish(&a);
    finish(&b);
}

static void test_picture(void **state) {
    (void)state;
    fixture a, b;
    start_with(&a, SQUEEZE);
    fs_screen_select_layer(a.screen, 3);
    type(&a, "i");
    fs_screen_drop(a.screen, FS_TEST_DATA "/images/rgb.png");
    WAIT_FOR(&a, a.screen->picture.picture != NULL);
    carry_over(&a, &b);
    assert_same(&a, &b);
    assert_true(b.screen->picture.open);
    WAIT_FOR(&b, b.screen->picture.picture != NULL);
    assert_string_equal(fs_path_base(b.screen->picture.file), "rgb.png");
    finish(&a);
    finish(&b);
}

static void cover(fixture *f, double x0, double y0, double x1, double y1) {
    fs_screen_begin_stroke(f->screen, x0, y0);
    fs_screen_continue_stroke(f->screen, x1, y1);
    fs_screen_end_stroke(f->screen);
}

/* All that is chosen and done in the Picture view, saved while the picture is there, while it is still being
 * read, and again with the view closed. */
static void test_all_of_a_picture(void **state) {
    (void)state;
    fixture a, b;
    start_with(&a, SQUEEZE);
    type(&a, "i");
    fs_screen_drop(a.screen, FS_TEST_DATA "/images");
    fs_screen_drop(a.screen, FS_TEST_DATA "/images/rgb.png");
    WAIT_FOR(&a, a.screen->picture.picture != NULL);
    fs_picture_view *x = &a.screen->picture;
    x->overlay = 1 + FS_ATTRIBUTION_GRADIENT;
    x->opacity = 0.3;
    x->class_index = 1;
    fs_screen_size_brush(a.screen, 1.5);
    fs_screen_choose_place(a.screen, 5.25, 7.75);
    cover(&a, 2, 2, 20, 9);
    cover(&a, 20, 2, 2, 20);
    carry_over(&a, &b);
    assert_same(&a, &b); /* before the picture is there */
    fs_picture_view *y = &b.screen->picture;
    WAIT_FOR(&b, y->now != NULL && y->predicting == 0 && y->finding == 0 && y->n_strongest > 0);
    assert_same(&a, &b);
    assert_int_equal(y->covered.n_strokes, 2);
    assert_int_equal(fs_screen_explained_class(b.screen), 1);
    WAIT_FOR(&a, x->now != NULL && x->predicting == 0 && x->finding == 0 && x->n_strongest > 0);
    assert_int_equal(y->n_strongest, x->n_strongest);
    assert_string_equal(fs_path_base(b.screen->feature.images), "images");
    assert_memory_equal(fs_screen_probabilities(a.screen), fs_screen_probabilities(b.screen),
                        (size_t)x->picture->n_classes * sizeof(float));
    cover(&b, 30, 30, 31, 31); /* again on the same screen: it goes back to what was saved */
    assert_true(fs_screen_open_session(b.screen, b.screen->session_path));
    assert_same(&a, &b);
    fs_screen_close_picture(a.screen);
    fs_screen_close_picture(b.screen);
    assert_same(&a, &b);
    finish(&a);
    finish(&b);
}

/* Class mode shows nothing of the Picture view, not even a picture that is dropped, and leads back to it. */
static void test_class_mode_over_a_picture(void **state) {
    (void)state;
    fixture f;
    start_with(&f, SQUEEZE);
    type(&f, "i");
    char *before = text_of(&f);
    key(&f, FS_KEY_CLASS);
    assert_false(f.screen->picture.open);
    fs_screen_drop(f.screen, FS_TEST_DATA "/images/rgb.png");
    assert_false(f.screen->picture.open);
    f.screen->feature.photograph[0] = '\0';
    key(&f, FS_KEY_ESCAPE);
    assert_true(f.screen->picture.open);
    char *after = text_of(&f);
    assert_string_equal(before, after);
    fs_free(before);
    fs_free(after);
    finish(&f);
}

/* The lesson is remembered, and what to go back to when it is over. */
static void test_class_mode(void **state) {
    (void)state;
    fixture a, b;
    start_with(&a, SQUEEZE);
    fs_screen_select_layer(a.screen, 3);
    char *before = text_of(&a);
    key(&a, FS_KEY_CLASS);
    key(&a, FS_KEY_PAGE_DOWN);
    type(&a, "t");
    carry_over(&a, &b);
    assert_same(&a, &b);
    assert_true(b.screen->lesson.on && b.screen->lesson.stop == 1 && b.screen->lesson.notes);
    type(&b, "t");
    key(&b, FS_KEY_ESCAPE);
    char *after = text_of(&b);
    assert_string_equal(before, after);
    fs_free(before);
    fs_free(after);
    finish(&a);
    finish(&b);
}

static void refuse(fixture *f, const char *text, const char *names) {
    char path[160];
    snprintf(path, sizeof path, "%s/filterscope-session.json", f->folder);
    assert_int_equal(fs_file_write(path, text, strlen(text), NULL), FS_OK);
    const int layer = f->screen->layer;
    f->screen->message.shown = false;
    key(f, FS_KEY_OPEN);
    WAIT_FOR(f, f->screen->message.shown && f->screen->pending == NULL && f->screen->loading == 0);
    assert_true(f->screen->message.is_error);
    if (strstr(f->screen->message.text, names) == NULL)
        fail_msg("%s: %s", text, f->screen->message.text);
    assert_int_equal(f->screen->layer, layer);
}

static void test_what_does_not_fit(void **state) {
    (void)state;
    fixture f;
    char text[2048];
    start_with(&f, SQUEEZE);
    refuse(&f, "{", "filterscope-session.json");
    refuse(&f, "{\"format\": 1}", "'window.model'");
    refuse(&f, "{\"format\": 1, \"window\": {\"model\": \"/nonexistent/x.onnx\"}}", "/nonexistent/x.onnx");
    snprintf(text, sizeof text, "{\"format\": 1, \"window\": {\"model\": \"%s\", \"layer\": \"x\"}}",
             SQUEEZE);
    refuse(&f, text, "'window.layer'");
    snprintf(text, sizeof text,
             "{\"format\": 1, \"window\": {\"model\": \"%s\", \"layer\": \"features.0\", \"channel\": 999}}",
             SQUEEZE);
    refuse(&f, text, "'window.channel'");
    snprintf(
        text, sizeof text,
        "{\"format\": 1, \"window\": {\"model\": \"%s\", \"layer\": \"features.0\", \"view\": \"channel\"},"
        " \"render\": {\"objective\": \"nonsense(1\"}}",
        SQUEEZE);
    refuse(&f, text, "'render'");
    assert_false(f.screen->view.open);
    finish(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wall),
        cmocka_unit_test(test_channel),
        cmocka_unit_test(test_gabor),
        cmocka_unit_test(test_finetune),
        cmocka_unit_test(test_picture),
        cmocka_unit_test(test_all_of_a_picture),
        cmocka_unit_test(test_class_mode),
        cmocka_unit_test(test_class_mode_over_a_picture),
        cmocka_unit_test(test_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
