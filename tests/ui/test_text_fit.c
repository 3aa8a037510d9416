/* Every view at two sizes and two scales: no text is cut off, shortened without leave, or over another one.
 */
#include "screen_test.h"
#include "shared_material.h"
#include "text_watch.h"

#include "app/training_test.h"

#define WORLD "builtin:/world.onnx"
#define SQUEEZE FS_TEST_DATA "/onnx/squeeze.onnx"
#define GABORS FS_TEST_DATA "/onnx/gabors.onnx"
#define IMAGES FS_TEST_DATA "/images"

static void start(fixture *f, const char *model) {
    create_screen(f, &(fs_screen_options){.export_folder = "/nonexistent", .images = IMAGES});
    f->screen->feature.settings.size = 48;
    f->screen->feature.settings.steps = 4;
    f->screen->feature.null_fits = 2;
    if (model == NULL)
        return;
    fs_screen_open(f->screen, model);
    WAIT_FOR(f, f->screen->model != NULL);
}

/* How many texts do not fit, at all sizes. */
static int faults_at(fixture *f, const char *view) {
    static const struct {
        double width, height, scale;
    } sizes[] = {{900, 600, 1}, {1280, 800, 1}, {1280, 800, 2}, {1920, 1080, 1}, {1920, 1080, 2}};
    int faults = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        text_watch watch;
        char where[128];
        snprintf(where, sizeof where, "%s at %.0f x %.0f, scale %.0f", view, sizes[i].width, sizes[i].height,
                 sizes[i].scale);
        fs_screen_resize(f->screen, sizes[i].width, sizes[i].height, sizes[i].scale);
        text_watch_begin(&watch, f->screen->canvas, sizes[i].width * sizes[i].scale,
                         sizes[i].height * sizes[i].scale);
        cairo_surface_destroy(paint(f));
        text_watch_end(&watch, f->screen->canvas, where);
        assert_true(watch.drawn > 3); /* it was looked at */
        faults += watch.faults;
    }
    return faults;
}

static int with_help(fixture *f, const char *view) {
    f->screen->help = true;
    const int faults = faults_at(f, view);
    f->screen->help = false;
    return faults;
}

/* The watch itself: what fits is no fault, and each fault is one. */
static void test_the_watch(void **state) {
    (void)state;
    fs_canvas *canvas = NULL;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 400, 200);
    cairo_t *cr = cairo_create(surface);
    text_watch watch;
    fs_text_style style = {.size = 13, .colour = {1, 1, 1, 1}};
    assert_int_equal(fs_canvas_create(&canvas, NULL), FS_OK);
    fs_canvas_begin(canvas, cr, fs_theme_dark());
    text_watch_begin(&watch, canvas, 400, 200);
    fs_draw_text(canvas, (fs_rect){10, 10, 200, 20}, "it has room", &style);
    fs_draw_text(canvas, (fs_rect){10, 40, 200, 20}, "so has this", &style);
    text_watch_end(&watch, canvas, "expected: nothing");
    assert_int_equal(watch.faults, 0);
    assert_int_equal(watch.drawn, 2);
    text_watch_begin(&watch, canvas, 400, 200);
    fs_draw_text(canvas, (fs_rect){10, 10, 30, 20}, "it is too long", &style);
    style.cut_end = true;
    fs_draw_text(canvas, (fs_rect){10, 40, 30, 20}, "this one may be", &style);
    style.cut_end = false;
    fs_draw_text(canvas, (fs_rect){10, 70, 90, 20}, "one", &style);
    fs_draw_text(canvas, (fs_rect){12, 74, 90, 20}, "another", &style);
    fs_draw_text(canvas, (fs_rect){10, 190, 200, 20}, "half outside", &style);
    style.wrap = true;
    fs_draw_text(canvas, (fs_rect){10, 100, 60, 20}, "many lines in a place for one", &style);
    text_watch_end(&watch, canvas, "expected");
    assert_int_equal(watch.faults, 4);
    text_watch_begin(&watch, canvas, 400, 200);
    style.wrap = false;
    fs_draw_text(canvas, (fs_rect){10, 70, 90, 20}, "below", &style);
    fs_fill_rect(canvas, (fs_rect){0, 60, 200, 40}, (fs_colour){0, 0, 0, 1});
    fs_draw_text(canvas, (fs_rect){10, 70, 90, 20}, "above", &style);
    text_watch_end(&watch, canvas, "expected: nothing");
    assert_int_equal(watch.faults, 0);
    fs_canvas_end(canvas);
    fs_canvas_destroy(canvas);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
}

static void test_walls_and_search(void **state) {
    (void)state;
    fixture f;
    start(&f, NULL);
    int faults = faults_at(&f, "no model");
    destroy_screen(&f);
    start(&f, WORLD);
    fs_screen *screen = f.screen;
    faults += faults_at(&f, "the first wall");
    const fs_layer *layers = screen->model->model->layers;
    for (int i = 0; i < screen->model->model->n_layers; i++) {
        if (strcmp(layers[i].name, "part2") != 0 && strcmp(layers[i].name, "logits") != 0)
            continue;
        assert_true(fs_screen_go(screen, i, -1));
        faults += faults_at(&f, layers[i].name);
        fs_screen_zoom_wall(screen, -3, 0);
        faults += faults_at(&f, "small tiles");
        fs_screen_zoom_wall(screen, 6, 0);
        faults += faults_at(&f, "large tiles");
        fs_screen_zoom_wall(screen, 0, 0);
    }
    fs_screen_say(screen, true, "%s: something went wrong with a file of a name that is not short at all",
                  "/home/ada/models/of/several/years/world.onnx");
    faults += faults_at(&f, "a message");
    faults += with_help(&f, "the keys of the wall");
    key(&f, FS_KEY_FIND);
    faults += faults_at(&f, "an empty search");
    type(&f, "o");
    faults += faults_at(&f, "a search");
    key(&f, FS_KEY_ESCAPE);
    fs_ui_input over = {.x = 400, .y = 150};
    fs_screen_resize(screen, 1280, 800, 1);
    fs_screen_input(screen, &over);
    faults += faults_at(&f, "a tile under the pointer");
    destroy_screen(&f);
    assert_int_equal(faults, 0);
}

static void test_channels(void **state) {
    (void)state;
    fixture f;
    int faults = 0;
    start(&f, SQUEEZE);
    fs_screen *screen = f.screen;
    screen->message.shown = false;
    snprintf(screen->feature.photograph, sizeof screen->feature.photograph, "%s/patches.jpg", IMAGES);
    const fs_layer *layer = fs_model_layer(screen->model->model, "features.3.squeeze", NULL);
    assert_true(fs_screen_go(screen, (int)(layer - screen->model->model->layers), 1));
    faults += faults_at(&f, "Render, beginning");
    WAIT_FOR(&f, screen->view.generation == 0);
    faults += faults_at(&f, "Render");
    for (int kind = 0; kind < FS_PANEL_KINDS; kind++) {
        char name[64];
        snprintf(name, sizeof name, "tab %d", kind + 2);
        type(&f, (char[]){(char)('2' + kind), '\0'});
        faults += faults_at(&f, name);
        WAIT_FOR(&f, screen->view.panels[kind].generation == 0 && screen->view.panels[kind].asked);
        assert_non_null(screen->view.panels[kind].panel);
        faults += faults_at(&f, name);
    }
    faults += with_help(&f, "the keys of a channel");
    screen->feature.which = FS_EXAMPLES_THRESHOLD;
    type(&f, "3");
    faults += faults_at(&f, "examples from a threshold on");
    destroy_screen(&f);
    assert_int_equal(faults, 0);
}

/* Names of concepts and classes at the weights, a channel with a concept. */
static void test_concepts(void **state) {
    (void)state;
    fixture f;
    int faults = 0;
    start(&f, WORLD);
    fs_screen *screen = f.screen;
    const fs_layer *layer = fs_model_layer(screen->model->model, "part2", NULL);
    assert_true(fs_screen_go(screen, (int)(layer - screen->model->model->layers), 6));
    type(&f, "7");
    WAIT_FOR(&f, screen->view.panels[FS_PANEL_WEIGHTS].panel != NULL);
    faults += faults_at(&f, "weights with concepts");
    screen->feature.weights_to = 1;
    faults += faults_at(&f, "weights that lead on");
    destroy_screen(&f);
    assert_int_equal(faults, 0);
}

/* Labels and layers of a network of the world, as long as they are there. */
static void test_long_names(void **state) {
    (void)state;
    fixture f;
    char path[1024];
    int faults = 0;
    if (!shared_has("models/squeezenet1_0.onnx"))
        skip();
    start(&f, shared_path(path, sizeof path, "models/squeezenet1_0.onnx"));
    fs_screen *screen = f.screen;
    const fs_layer *logits = fs_model_logits(screen->model->model);
    assert_true(fs_screen_go(screen, (int)(logits - screen->model->model->layers), -1));
    faults += faults_at(&f, "class scores");
    const fs_ui_input over = {.x = 400, .y = 150};
    fs_screen_input(screen, &over);
    faults += faults_at(&f, "a class under the pointer");
    key(&f, FS_KEY_FIND);
    type(&f, "dog");
    faults += faults_at(&f, "a search for classes");
    type(&f, "features");
    key(&f, FS_KEY_ESCAPE);
    assert_true(fs_screen_go(screen, screen->layer, 281));
    faults += faults_at(&f, "a class");
    type(&f, "7");
    WAIT_FOR(&f, screen->view.panels[FS_PANEL_WEIGHTS].panel != NULL);
    faults += faults_at(&f, "the weights of a class");
    const fs_layer *layer = fs_model_layer(screen->model->model, "features.9.expand3x3", NULL);
    assert_true(fs_screen_go(screen, (int)(layer - screen->model->model->layers), 200));
    WAIT_FOR(&f, screen->view.panels[FS_PANEL_WEIGHTS].panel != NULL);
    faults += faults_at(&f, "the weights of a deep layer");
    type(&f, "1");
    faults += faults_at(&f, "a deep layer");
    destroy_screen(&f);
    assert_int_equal(faults, 0);
}

static void test_gabor(void **state) {
    (void)state;
    fixture f;
    start(&f, GABORS);
    fs_screen *screen = f.screen;
    screen->message.shown = false;
    type(&f, "g");
    int faults = faults_at(&f, "Gabor functions, waiting");
    WAIT_FOR(&f, screen->gabor.study != NULL);
    for (int k = 0; k < 8; k++) {
        fs_screen_select_kernel(screen, k);
        faults += faults_at(&f, "a kernel");
    }
    faults += with_help(&f, "the keys of the Gabor view");
    type(&f, "u");
    faults += faults_at(&f, "a substitution, waiting");
    WAIT_FOR(&f, screen->gabor.substitute.result != NULL);
    faults += faults_at(&f, "a substitution");
    destroy_screen(&f);
    start(&f, SQUEEZE);
    f.screen->message.shown = false;
    type(&f, "g"); /* kernels that are too small */
    WAIT_FOR(&f, f.screen->gabor.generation == 0);
    faults += faults_at(&f, "kernels that cannot be fitted");
    destroy_screen(&f);
    assert_int_equal(faults, 0);
}

static void test_finetune(void **state) {
    (void)state;
    fixture f;
    start(&f, WORLD);
    type(&f, "f");
    assert_true(f.screen->finetune.open);
    int faults = faults_at(&f, "fine-tuning");
    for (int tab = 1; tab <= FS_FINETUNE_KERNELS + 1; tab++) {
        char name[64];
        snprintf(name, sizeof name, "fine-tuning, tab %d", tab);
        type(&f, (char[]){(char)('0' + tab), '\0'});
        faults += faults_at(&f, name);
    }
    faults += with_help(&f, "the keys of the fine-tune view");
    destroy_screen(&f);
    assert_int_equal(faults, 0);
}

/* Curves, filters, CKA and kernels of a run that has gone through both stages. */
static void test_a_training(void **state) {
    (void)state;
    fixture f;
    int faults = 0;
    char data[256];
    snprintf(data, sizeof data, "%s", training_path("data"));
    create_screen(&f, &(fs_screen_options){.export_folder = "/nonexistent", .data = data, .seed = 5});
    fs_screen_open(f.screen, training_path("model/small.onnx"));
    WAIT_FOR(&f, f.screen->model != NULL);
    f.screen->message.shown = false;
    fs_finetune_view *view = &f.screen->finetune;
    view->settings.look_side = 32;
    view->settings.look_steps = 3;
    view->head_epochs = view->joint_epochs = 1;
    type(&f, "f");
    type(&f, " ");
    faults += faults_at(&f, "a training, beginning");
    WAIT_FOR(&f, view->news != NULL && view->news->phase == FS_TRAINING_OVER && view->news->label[0] == '\0');
    for (int tab = 1; tab <= FS_FINETUNE_KERNELS + 1; tab++) {
        char name[64];
        snprintf(name, sizeof name, "a training, tab %d", tab);
        type(&f, (char[]){(char)('0' + tab), '\0'});
        faults += faults_at(&f, name);
    }
    destroy_screen(&f);
    assert_int_equal(faults, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_watch),  cmocka_unit_test(test_walls_and_search),
        cmocka_unit_test(test_channels),   cmocka_unit_test(test_concepts),
        cmocka_unit_test(test_long_names), cmocka_unit_test(test_gabor),
        cmocka_unit_test(test_finetune),   cmocka_unit_test(test_a_training),
    };
    return cmocka_run_group_tests(tests, training_set_up, training_tear_down);
}
