/* The worker's jobs for the panels: what they publish is what the library computes; they give way and fail as
 * they should. */
#include <math.h>

#include "app/worker_panel.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/helpers.h"
#include "worker_test.h"

#define MODEL FS_TEST_DATA "/onnx/squeeze.onnx"
#define PHOTOGRAPH FS_TEST_DATA "/images/patches.jpg"

/* The last panel of a job, or NULL with the reason. */
static fs_panel *compute(fixture *f, const fs_panel_request *request, fs_error *why) {
    uint64_t generation = fs_worker_panel(f->worker, request);
    assert_true(generation > 0);
    fs_panel *panel = NULL;
    fs_event event;
    double progress = 0;
    bool over = false;
    while (!over && poll(f, &event)) {
        bool ours = event.generation == generation;
        if (ours && event.kind == FS_EVENT_PANEL) {
            fs_panel_release(panel);
            panel = fs_panel_keep(event.panel);
        }
        if (ours && event.kind == FS_EVENT_PROGRESS) {
            assert_true(event.done >= progress && event.done <= event.total);
            progress = event.done;
        }
        if (ours && event.kind == FS_EVENT_FAILED)
            *why = event.error;
        over = ours && (event.kind == FS_EVENT_DONE || event.kind == FS_EVENT_FAILED);
        fs_event_release(&event);
    }
    if (panel != NULL) {
        assert_int_equal(panel->kind, request->kind);
        assert_int_equal(panel->model, f->model->serial);
        assert_int_equal(panel->layer, request->layer);
        assert_int_equal(panel->channel, request->channel);
    }
    return panel;
}

static int setup(void **state) {
    fixture *f = fs_calloc(1, sizeof *f);
    assert_non_null(f);
    start(f, MODEL);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    fixture *f = *state;
    finish(f);
    fs_free(f);
    return 0;
}

static int layer_index(const fixture *f, const char *name) {
    return (int)(fs_model_layer(f->model->model, name, NULL) - f->model->model->layers);
}

static fs_panel_request request_of(const fixture *f, fs_panel_kind kind, const char *layer, int channel) {
    fs_panel_request request = fs_panel_request_default(kind, f->model, layer_index(f, layer), channel);
    fs_options_defaults(fs_render_options, &request.settings);
    snprintf(request.settings.layer, sizeof request.settings.layer, "%s", layer);
    request.settings.channel = channel;
    request.settings.size = 32;
    request.settings.steps = 10;
    snprintf(request.images, sizeof request.images, "%s", FS_TEST_DATA "/images");
    snprintf(request.photograph, sizeof request.photograph, "%s", PHOTOGRAPH);
    return request;
}

static void test_variants_are_those_of_the_command(void **state) {
    fixture *f = *state;
    fs_error why = {0};
    fs_panel_request request = request_of(f, FS_PANEL_VARIANTS, "features.0", 1);
    request.settings.variants = 3;
    strcpy(request.settings.objective, "channel(features.0, 1) - 1*diversity(features.0)");
    fs_panel *panel = compute(f, &request, &why);
    assert_non_null(panel);
    assert_int_equal(panel->n_tiles, 3);
    fs_pool *pool = NULL;
    fs_image strip = {0};
    assert_int_equal(fs_pool_create(&pool, 2, NULL), FS_OK);
    assert_int_equal(fs_render_picture(f->model->model, &request.settings, pool, NULL, &strip, NULL, NULL),
                     FS_OK);
    for (int i = 0; i < 3; i++)
        for (int y = 0; y < 32; y++)
            assert_memory_equal(panel->tiles[i].picture.pixels + 96 * y,
                                strip.pixels + 3 * (y * strip.width + i * (strip.width - 32) / 2), 96);
    fs_image_free(&strip);
    fs_pool_destroy(pool);
    fs_panel_release(panel);
}

static void test_examples_of_a_folder(void **state) {
    fixture *f = *state;
    fs_error why = {0};
    fs_panel_request request = request_of(f, FS_PANEL_EXAMPLES, "features.0", 2);
    request.top = 4;
    fs_panel *first = compute(f, &request, &why);
    assert_non_null(first);
    assert_int_equal(first->n_tiles, 4);
    assert_true(isfinite(first->threshold));
    assert_true(first->n_charts == 2 && first->charts[0].histogram.total > 4);
    for (int i = 0; i < 4; i++)
        assert_true(fs_file_exists(first->tiles[i].path) && first->tiles[i].picture.width > 0);
    fs_panel *second = compute(f, &request, &why); /* from the cache: the same */
    for (int i = 0; i < 4; i++) {
        assert_string_equal(first->tiles[i].path, second->tiles[i].path);
        assert_string_equal(first->tiles[i].caption, second->tiles[i].caption);
    }
    request.which = FS_EXAMPLES_BOTTOM;
    fs_panel *weakest = compute(f, &request, &why);
    assert_non_null(weakest);
    assert_true(atof(weakest->tiles[0].caption) < atof(first->tiles[0].caption));
    fs_panel_release(first);
    fs_panel_release(second);
    fs_panel_release(weakest);
}

static void test_examples_need_pictures(void **state) {
    fixture *f = *state;
    fs_error why = {0};
    fs_panel_request request = request_of(f, FS_PANEL_EXAMPLES, "features.0", 0);
    strcpy(request.images, "/nonexistent/folder");
    assert_null(compute(f, &request, &why));
    assert_non_null(strstr(why.message, "/nonexistent/folder"));
}

static void test_tuning_is_the_library_s(void **state) {
    fixture *f = *state;
    fs_error why = {0};
    fs_panel_request request = request_of(f, FS_PANEL_TUNING, "features.0", 1);
    fs_panel *panel = compute(f, &request, &why);
    assert_non_null(panel);
    fs_tuning_settings settings;
    fs_options_defaults(fs_tuning_options, &settings);
    fs_tuning tuning = {0};
    const fs_layer *layer = &f->model->model->layers[request.layer];
    assert_int_equal(fs_tuning_run(&tuning, f->model->model, layer, 1, &settings, NULL, NULL, NULL), FS_OK);
    int n = tuning.orientations * tuning.wavelengths;
    assert_int_equal(panel->tuning.orientations * panel->tuning.wavelengths, n);
    for (int i = 0; i < n; i++)
        assert_true(fabsf(panel->tuning.response[0][i] - tuning.response[0][i]) <=
                    1e-4F * fmaxf(1, fabsf(tuning.response[0][i])));
    fs_tuning_free(&tuning);
    fs_panel_release(panel);
}

static void test_every_attribution(void **state) {
    fixture *f = *state;
    for (int method = 0; method <= FS_ATTRIBUTION_GRADCAM; method++)
        for (int explain_class = 0; explain_class < 2; explain_class++) {
            fs_error why = {0};
            fs_panel_request request = request_of(f, FS_PANEL_ATTRIBUTION, "features.3", 1);
            request.method = method;
            request.explain_class = explain_class == 1;
            fs_panel *panel = compute(f, &request, &why);
            if (panel == NULL)
                fail_msg("%s", why.message);
            assert_int_equal(panel->n_tiles, 3);
            for (int i = 0; i < 3; i++)
                assert_int_equal(panel->tiles[i].picture.width, f->model->model->preprocess.width);
            bool of_class = explain_class == 1 || method == FS_ATTRIBUTION_GRADCAM;
            assert_true((strstr(panel->title, "features.3") == panel->title) == !of_class);
            fs_panel_release(panel);
        }
}

static void test_activations_of_every_channel(void **state) {
    fixture *f = *state;
    fs_error why = {0};
    fs_panel_request request = request_of(f, FS_PANEL_ACTIVATIONS, "features.0", 0);
    fs_panel *panel = compute(f, &request, &why);
    assert_non_null(panel);
    int n = f->model->model->layers[request.layer].channels, seen = 0;
    assert_int_equal(panel->n_tiles, n);
    for (int i = 0; i < n; i++)
        seen |= 1 << panel->tiles[i].channel;
    assert_int_equal(seen, (1 << n) - 1);
    fs_panel_release(panel);
    request.layer = layer_index(f, "logits");
    assert_null(compute(f, &request, &why));
    assert_non_null(strstr(why.message, "no maps"));
    request = request_of(f, FS_PANEL_ACTIVATIONS, "features.0", 0);
    strcpy(request.photograph, "/nonexistent/a.jpg");
    assert_null(compute(f, &request, &why));
    assert_non_null(strstr(why.message, "/nonexistent/a.jpg"));
}

/* Endless variants make room at once for what is asked next, and a view grows beside them. */
static void test_newer_replaces_older(void **state) {
    fixture *f = *state;
    fs_error why = {0};
    fs_panel_request endless = request_of(f, FS_PANEL_VARIANTS, "features.0", 1);
    endless.settings.steps = 100000;
    endless.settings.variants = 2;
    uint64_t generation = fs_worker_panel(f->worker, &endless);
    fs_event event = {0};
    while (poll(f, &event) && event.kind != FS_EVENT_PANEL)
        fs_event_release(&event);
    assert_int_equal(event.generation, generation);
    fs_event_release(&event);
    fs_view_request view = {
        .model = f->model, .layer = 0, .settings = request_of(f, 0, "features.0", 1).settings};
    uint64_t view_generation = fs_worker_view(f->worker, &view);
    while (poll(f, &event) && (event.kind != FS_EVENT_DONE || event.generation != view_generation))
        fs_event_release(&event);
    fs_event_release(&event);
    fs_panel_request next = request_of(f, FS_PANEL_ACTIVATIONS, "features.0", 1);
    fs_panel *panel = compute(f, &next, &why);
    assert_non_null(panel);
    fs_panel_release(panel);
    fs_worker_panel(f->worker, &endless);
    fs_worker_stop_panel(f->worker); /* and leaving does not wait for it either */
}

/* A paused view takes no step, and goes on as if nothing had been. */
static void test_pausing_the_view(void **state) {
    fixture *f = *state;
    fs_view_request view = {
        .model = f->model, .layer = 0, .settings = request_of(f, 0, "features.0", 1).settings};
    view.settings.steps = 3000;
    uint64_t generation = fs_worker_view(f->worker, &view);
    fs_event event = {0};
    poll(f, &event);
    fs_event_release(&event);
    fs_worker_pause_view(f->worker, true);
    usleep(50000); /* the step that was running */
    while (fs_worker_poll(f->worker, &event))
        fs_event_release(&event);
    usleep(50000);
    assert_false(fs_worker_poll(f->worker, &event));
    fs_worker_pause_view(f->worker, false);
    while (poll(f, &event) && event.kind != FS_EVENT_DONE)
        fs_event_release(&event);
    assert_int_equal(event.generation, generation);
    fs_event_release(&event);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_variants_are_those_of_the_command, setup, teardown),
        cmocka_unit_test_setup_teardown(test_examples_of_a_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(test_examples_need_pictures, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tuning_is_the_library_s, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_attribution, setup, teardown),
        cmocka_unit_test_setup_teardown(test_activations_of_every_channel, setup, teardown),
        cmocka_unit_test_setup_teardown(test_newer_replaces_older, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pausing_the_view, setup, teardown),
    };
    return cmocka_run_group_tests(tests, cache_setup, cache_teardown);
}
