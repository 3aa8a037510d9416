/* The worker's weights of a channel, and thumbnails of the channels that they lead to. */
#include "app/worker_panel.h"
#include "app/worker_thumbs.h"
#include "base/alloc.h"
#include "worker_test.h"

#define MODEL FS_TEST_DATA "/onnx/squeeze.onnx"

static int index_of(const fixture *f, const char *name) {
    const fs_layer *layer = fs_model_layer(f->model->model, name, NULL);
    assert_non_null(layer);
    return (int)(layer - f->model->model->layers);
}

/* NULL: it failed. */
static fs_panel *weights_of(fixture *f, const char *layer, int channel, fs_error *why) {
    fs_panel_request request =
        fs_panel_request_default(FS_PANEL_WEIGHTS, f->model, index_of(f, layer), channel);
    const uint64_t generation = fs_worker_panel(f->worker, &request);
    fs_panel *panel = NULL;
    fs_event event;
    bool over = false;
    while (!over && poll(f, &event)) {
        assert_true(event.generation == generation);
        if (event.kind == FS_EVENT_PANEL)
            panel = fs_panel_keep(event.panel);
        if (event.kind == FS_EVENT_FAILED)
            *why = event.error;
        over = event.kind == FS_EVENT_DONE || event.kind == FS_EVENT_FAILED;
        fs_event_release(&event);
    }
    return panel;
}

/* What is shown is what the list says, each sign from the strongest on. */
static void check_choice(const fs_panel_weights *weights) {
    for (int sign = 0; sign < 2; sign++) {
        assert_true(weights->n_strongest[sign] <= FS_PANEL_STRONGEST);
        float before = 0;
        for (int i = 0; i < weights->n_strongest[sign]; i++) {
            const float sum = weights->list.items[weights->strongest[sign][i]].sum;
            assert_true((sum < 0) == (sign == 1));
            const float strength = sum < 0 ? -sum : sum;
            assert_true(i == 0 || strength <= before);
            before = strength;
        }
    }
}

static void test_both_directions(void **state) {
    fixture f;
    (void)state;
    start(&f, MODEL);
    fs_error why = {0};
    fs_panel *panel = weights_of(&f, "features.3.squeeze", 1, &why);
    assert_non_null(panel);
    const fs_panel_weights *from = &panel->weights[FS_WEIGHTS_FROM], *to = &panel->weights[FS_WEIGHTS_TO];
    fs_neighbour_weights expected = {0};
    const fs_layer *layer = &f.model->model->layers[panel->layer];
    assert_int_equal(fs_neighbour_weights_find(&expected, f.model->model, layer, 1, FS_WEIGHTS_FROM, NULL),
                     FS_OK);
    assert_int_equal(from->list.n, 4);
    assert_int_equal(from->list.n, expected.n);
    for (int i = 0; i < expected.n; i++) {
        assert_int_equal(from->list.items[i].layer, index_of(&f, "features.0"));
        assert_int_equal(from->list.items[i].channel, expected.items[i].channel);
        assert_true(from->list.items[i].sum == expected.items[i].sum);
    }
    fs_neighbour_weights_free(&expected);
    assert_int_equal(from->n_strongest[0] + from->n_strongest[1], 4);
    assert_int_equal(to->list.n, 6); /* three of 1x1, three of 3x3 */
    check_choice(from);
    check_choice(to);
    fs_panel_release(panel);
    finish(&f);
}

/* The first layer is fed by the picture's colours, the last feeds nothing. */
static void test_ends_of_the_network(void **state) {
    fixture f;
    (void)state;
    start(&f, MODEL);
    fs_error why = {0};
    fs_panel *panel = weights_of(&f, "features.0", 2, &why);
    assert_non_null(panel);
    assert_int_equal(panel->weights[FS_WEIGHTS_FROM].list.n, 3);
    assert_int_equal(panel->weights[FS_WEIGHTS_FROM].list.items[0].layer, FS_LAYER_PICTURE);
    fs_panel_release(panel);
    panel = weights_of(&f, "logits", 2, &why);
    assert_non_null(panel);
    assert_int_equal(panel->weights[FS_WEIGHTS_FROM].list.n, 6);
    assert_int_equal(panel->weights[FS_WEIGHTS_TO].list.n, 0);
    fs_panel_release(panel);
    finish(&f);
}

static void settings_of(const fixture *f, fs_thumb_item *item, const char *layer, int channel) {
    memset(item, 0, sizeof *item);
    fs_options_defaults(fs_render_options, &item->settings);
    item->layer = index_of(f, layer);
    snprintf(item->settings.layer, sizeof item->settings.layer, "%s", layer);
    item->settings.channel = channel;
    item->settings.size = 32;
    item->settings.steps = 8;
}

/* In the order asked for, each to its end; one that cannot be rendered keeps nobody waiting. */
static void test_thumbnails(void **state) {
    fixture f;
    (void)state;
    start(&f, MODEL);
    fs_thumb_item *items = fs_calloc(3, sizeof *items);
    assert_non_null(items);
    settings_of(&f, &items[0], "features.3.squeeze", 1);
    settings_of(&f, &items[1], "features.0", 99); /* there is none */
    settings_of(&f, &items[2], "features.0", 3);
    const fs_thumbs_request request = {.model = f.model, .items = items, .n_items = 3};
    const uint64_t generation = fs_worker_thumbs(f.worker, &request);
    fs_free(items);
    assert_true(generation > 0);
    fs_event event;
    int finished[2] = {0}, n = 0;
    for (bool over = false; !over && poll(&f, &event);) {
        assert_true(event.generation == generation && event.job_kind == FS_WORKER_THUMBS);
        if (event.kind == FS_EVENT_PICTURE && fs_picture_finished(event.picture) && n < 2) {
            assert_int_equal(event.picture->model, f.model->serial);
            assert_int_equal(event.picture->image.width, 32);
            finished[n++] = 100 * event.picture->layer + event.picture->channel;
        }
        over = event.kind == FS_EVENT_DONE;
        fs_event_release(&event);
    }
    assert_int_equal(n, 2);
    assert_int_equal(finished[0], 100 * index_of(&f, "features.3.squeeze") + 1);
    assert_int_equal(finished[1], 100 * index_of(&f, "features.0") + 3);
    finish(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_directions),
        cmocka_unit_test(test_ends_of_the_network),
        cmocka_unit_test(test_thumbnails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
