/* The worker on its thread: with jobs of the test's own, and with a small model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/worker.h"
#include "base/alloc.h"
#include "base/file.h"

#define MODEL FS_TEST_DATA "/onnx/squeeze.onnx"
static const double patience = 60; /* a hang, not a measurement */

static atomic_int wakes;

static void wake(void *context) {
    (void)context;
    atomic_fetch_add(&wakes, 1);
}

static fs_worker *start(void) {
    fs_worker *worker = NULL;
    fs_worker_options options = {.threads = 2, .wake = wake};
    assert_int_equal(fs_worker_create(&worker, &options, NULL), FS_OK);
    return worker;
}

/* Waits for the next event of a kind and drops those before it. The caller releases it. */
static fs_event expect(fs_worker *worker, fs_event_kind kind, int job_kind) {
    double until = fs_seconds() + patience;
    fs_event event;
    while (fs_seconds() < until) {
        while (fs_worker_poll(worker, &event)) {
            if (event.kind == kind && event.job_kind == job_kind)
                return event;
            if (event.kind == FS_EVENT_FAILED)
                fail_msg("%s", event.error.message);
            fs_event_release(&event);
        }
        usleep(1000);
    }
    fail_msg("no event %d of job %d", (int)kind, job_kind);
    return event;
}

static fs_shared_model *load(fs_worker *worker, const char *path) {
    uint64_t generation = fs_worker_load(worker, path);
    fs_event event = expect(worker, FS_EVENT_MODEL, FS_WORKER_LOAD);
    assert_int_equal(event.generation, generation);
    fs_shared_model *model = fs_shared_model_keep(event.model);
    fs_event_release(&event);
    return model;
}

static fs_render_settings settings_of(const fs_shared_model *model, int layer, int steps) {
    fs_render_settings settings;
    memset(&settings, 0, sizeof settings);
    fs_options_defaults(fs_render_options, &settings);
    snprintf(settings.layer, sizeof settings.layer, "%s", model->model->layers[layer].name);
    settings.size = 32;
    settings.steps = steps;
    return settings;
}

/* Jobs of the test: each notes its turn; `endless` runs until it is cancelled. */
typedef struct note {
    atomic_int *order; /* shared counter */
    int turn;          /* which one this was, 1, 2, ... */
    atomic_bool begun, cancelled, destroyed;
} note;

static fs_job_result take_turn(fs_job *job, void *context) {
    (void)context;
    note *n = job->spec.parameters;
    n->turn = atomic_fetch_add(n->order, 1) + 1;
    atomic_store(&n->begun, true);
    return FS_JOB_DONE;
}

static fs_job_result endless(fs_job *job, void *context) {
    (void)context;
    note *n = job->spec.parameters;
    atomic_store(&n->begun, true);
    double until = fs_seconds() + patience;
    while (!atomic_load(&job->cancel) && fs_seconds() < until)
        usleep(500);
    atomic_store(&n->cancelled, atomic_load(&job->cancel));
    return FS_JOB_MORE;
}

static void note_destroyed(void *parameters) {
    atomic_store(&((note *)parameters)->destroyed, true);
}

static uint64_t submit(fs_worker *worker, fs_job_lane lane, fs_job_step step, note *n, bool must_finish) {
    fs_job_spec spec = {.lane = lane,
                        .kind = FS_WORKER_OTHER,
                        .step = step,
                        .parameters = n,
                        .destroy = note_destroyed,
                        .must_finish = must_finish};
    return fs_worker_submit(worker, &spec);
}

static void wait_for(const atomic_bool *flag) {
    double until = fs_seconds() + patience;
    while (!atomic_load(flag) && fs_seconds() < until)
        usleep(500);
    assert_true(atomic_load(flag));
}

typedef struct stubborn_load {
    atomic_bool begun, may_end, ended;
} stubborn_load;

static fs_job_result read_slowly(fs_job *job, void *context) {
    stubborn_load *load = job->spec.parameters;
    atomic_store(&load->begun, true);
    double until = fs_seconds() + patience;
    while (!atomic_load(&load->may_end) && fs_seconds() < until)
        usleep(500);
    fs_event event = {.kind = FS_EVENT_DONE};
    fs_worker_send(context, job, &event);
    return FS_JOB_DONE;
}

static void read_to_its_end(void *parameters) {
    atomic_store(&((stubborn_load *)parameters)->ended, true);
}

static void test_exports_in_order_and_never_lost(void **state) {
    (void)state;
    enum { N = 20 };
    atomic_int order = 0;
    note notes[N] = {0};
    fs_worker *worker = start();
    for (int i = 0; i < N; i++) {
        notes[i].order = &order;
        assert_int_equal(submit(worker, FS_LANE_ORDERED, take_turn, &notes[i], true), i + 1);
    }
    fs_worker_destroy(worker); /* at once: they are still to be done */
    for (int i = 0; i < N; i++) {
        assert_int_equal(notes[i].turn, i + 1);
        assert_true(atomic_load(&notes[i].destroyed));
    }
}

static void test_newer_view_stops_running_one(void **state) {
    (void)state;
    atomic_int order = 0;
    note first = {.order = &order}, second = {.order = &order};
    fs_worker *worker = start();
    submit(worker, FS_LANE_VIEW, endless, &first, false);
    wait_for(&first.begun);
    submit(worker, FS_LANE_VIEW, take_turn, &second, false);
    wait_for(&second.begun);
    assert_true(atomic_load(&first.cancelled));
    fs_worker_destroy(worker);
    assert_true(atomic_load(&first.destroyed) && atomic_load(&second.destroyed));
}

static void test_leaving_cancels_a_running_job(void **state) {
    (void)state;
    atomic_int order = 0;
    note view = {.order = &order};
    fs_worker *worker = start();
    submit(worker, FS_LANE_VIEW, endless, &view, false);
    wait_for(&view.begun);
    fs_worker_destroy(worker);
    assert_true(atomic_load(&view.cancelled));
    assert_true(atomic_load(&view.destroyed));
}

static void test_leaving_gives_up_on_an_endless_export(void **state) {
    (void)state;
    atomic_int order = 0;
    note export = {.order = &order}, behind = {.order = &order};
    fs_worker *worker = start();
    submit(worker, FS_LANE_ORDERED, endless, &export, true);
    submit(worker, FS_LANE_ORDERED, take_turn, &behind, true);
    wait_for(&export.begun);
    fs_worker_destroy(worker);
    assert_true(atomic_load(&export.cancelled));
    assert_false(atomic_load(&behind.begun));
    assert_true(atomic_load(&export.destroyed) && atomic_load(&behind.destroyed));
}

/* Reading a model cannot be interrupted: leaving does not wait for it, and nobody is woken afterwards. */
static void test_leaving_does_not_wait_for_a_model(void **state) {
    (void)state;
    static stubborn_load load;
    fs_job_spec spec = {
        .kind = FS_WORKER_LOAD, .step = read_slowly, .parameters = &load, .destroy = read_to_its_end};
    fs_worker *worker = start();
    fs_worker_submit(worker, &spec);
    wait_for(&load.begun);
    fs_worker_destroy(worker);
    int before = atomic_load(&wakes);
    assert_false(atomic_load(&load.ended));
    atomic_store(&load.may_end, true);
    wait_for(&load.ended);
    assert_int_equal(atomic_load(&wakes), before);
}

static void test_load_reports_errors(void **state) {
    (void)state;
    fs_worker *worker = start();
    uint64_t generation = fs_worker_load(worker, FS_TEST_DATA "/onnx/there_is_no_such_file.onnx");
    double until = fs_seconds() + patience;
    fs_event event = {0};
    while (!fs_worker_poll(worker, &event) && fs_seconds() < until)
        usleep(1000);
    assert_int_equal(event.kind, FS_EVENT_FAILED);
    assert_int_equal(event.generation, generation);
    assert_non_null(strstr(event.error.message, "there_is_no_such_file.onnx"));
    fs_event_release(&event);
    fs_worker_destroy(worker);
}

static void test_view_publishes_pictures(void **state) {
    (void)state;
    fs_worker *worker = start();
    atomic_store(&wakes, 0);
    fs_shared_model *model = load(worker, MODEL);
    fs_view_request request = {.model = model, .layer = 0, .settings = settings_of(model, 0, 12)};
    request.settings.channel = 1;
    uint64_t generation = fs_worker_view(worker, &request);
    fs_event event = expect(worker, FS_EVENT_PICTURE, FS_WORKER_VIEW);
    assert_int_equal(event.generation, generation);
    while (!fs_picture_finished(event.picture)) {
        assert_int_equal(event.picture->channel, 1);
        assert_int_equal(event.picture->image.width, 32);
        assert_int_equal(event.picture->model, model->serial);
        fs_event_release(&event);
        event = expect(worker, FS_EVENT_PICTURE, FS_WORKER_VIEW);
    }
    assert_int_equal(event.picture->steps, 12);
    fs_picture *kept = fs_picture_keep(event.picture);
    fs_event_release(&event);
    event = expect(worker, FS_EVENT_DONE, FS_WORKER_VIEW);
    fs_event_release(&event);
    assert_true(atomic_load(&wakes) > 0);
    fs_worker_destroy(worker);
    assert_int_equal(kept->image.channels, 3); /* outlives the worker */
    fs_picture_release(kept);
    fs_shared_model_release(model);
}

/* The view of a channel is the picture the library renders with the same settings. */
static void test_view_is_the_render(void **state) {
    (void)state;
    fs_worker *worker = start();
    fs_shared_model *model = load(worker, MODEL);
    fs_view_request request = {.model = model, .layer = 0, .settings = settings_of(model, 0, 10)};
    fs_worker_view(worker, &request);
    fs_event event = expect(worker, FS_EVENT_DONE, FS_WORKER_VIEW);
    fs_event_release(&event);
    fs_worker_view(worker, &request);
    event = expect(worker, FS_EVENT_PICTURE, FS_WORKER_VIEW);
    while (!fs_picture_finished(event.picture)) {
        fs_event_release(&event);
        event = expect(worker, FS_EVENT_PICTURE, FS_WORKER_VIEW);
    }
    fs_pool *pool = NULL;
    fs_render *render = NULL;
    fs_image image = {0};
    assert_int_equal(fs_pool_create(&pool, 2, NULL), FS_OK);
    assert_int_equal(fs_render_create(&render, model->model, &request.settings, NULL, 1, pool, NULL), FS_OK);
    for (int i = 0; i < 10; i++)
        assert_int_equal(fs_render_step(render, NULL, NULL), FS_OK);
    assert_int_equal(fs_render_image(render, 0, FS_RENDER_LAST, &image, NULL), FS_OK);
    assert_memory_equal(image.pixels, event.picture->image.pixels, 32 * 32 * 3);
    fs_image_free(&image);
    fs_render_destroy(render);
    fs_pool_destroy(pool);
    fs_event_release(&event);
    fs_worker_destroy(worker);
    fs_shared_model_release(model);
}

static void test_wall_renders_every_channel_in_order(void **state) {
    (void)state;
    fs_worker *worker = start();
    fs_shared_model *model = load(worker, MODEL);
    const int channels[] = {3, 2, 1, 0};
    fs_wall_request request = {.model = model,
                               .layer = 0,
                               .settings = settings_of(model, 0, 8),
                               .batch = 2,
                               .channels = channels,
                               .n_channels = 4,
                               .n_urgent = 4};
    fs_worker_wall(worker, &request);
    int finished[4], n = 0;
    double until = fs_seconds() + patience;
    while (n < 4 && fs_seconds() < until) {
        fs_event event = expect(worker, FS_EVENT_PICTURE, FS_WORKER_WALL);
        if (fs_picture_finished(event.picture))
            finished[n++] = event.picture->channel;
        fs_event_release(&event);
    }
    assert_memory_equal(finished, channels, sizeof channels);
    fs_event event = expect(worker, FS_EVENT_DONE, FS_WORKER_WALL);
    fs_event_release(&event);
    fs_worker_destroy(worker);
    fs_shared_model_release(model);
}

/* A view that comes while the wall is at work is finished first; then the wall goes on with the same batch.
 */
static void test_wall_yields_to_view(void **state) {
    (void)state;
    fs_worker *worker = start();
    fs_shared_model *model = load(worker, MODEL);
    const int channels[] = {0, 1};
    fs_wall_request wall = {.model = model,
                            .layer = 0,
                            .settings = settings_of(model, 0, 100000),
                            .batch = 2,
                            .channels = channels,
                            .n_channels = 2,
                            .n_urgent = 2};
    fs_worker_wall(worker, &wall);
    fs_event event = expect(worker, FS_EVENT_PICTURE, FS_WORKER_WALL);
    assert_false(fs_picture_finished(event.picture));
    int steps_before = event.picture->steps;
    fs_event_release(&event);
    fs_view_request view = {.model = model, .layer = 0, .settings = settings_of(model, 0, 5)};
    fs_worker_view(worker, &view);
    event = expect(worker, FS_EVENT_DONE, FS_WORKER_VIEW);
    fs_event_release(&event);
    event = expect(worker, FS_EVENT_PICTURE, FS_WORKER_WALL);
    assert_true(event.picture->steps > steps_before);
    fs_event_release(&event);
    fs_worker_destroy(worker);
    fs_shared_model_release(model);
}

static void test_export_survives_leaving(void **state) {
    (void)state;
    char folder[] = FS_SCRATCH "/filterscope-worker-XXXXXX", path[128], second[128];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.png", folder);
    snprintf(second, sizeof second, "%s/a-2.png", folder);
    fs_worker *worker = start();
    fs_shared_model *model = load(worker, MODEL);
    fs_picture *picture = fs_picture_create();
    assert_int_equal(fs_image_create(&picture->image, 8, 8, 3, NULL), FS_OK);
    fs_export_request request = {
        .model = model, .picture = picture, .settings = settings_of(model, 0, 5), .path = path};
    assert_true(fs_worker_export(worker, &request) > 0);
    assert_true(fs_worker_export(worker, &request) > 0);
    fs_worker_destroy(worker);
    fs_image image = {0};
    assert_int_equal(fs_image_read(&image, path, NULL), FS_OK);
    assert_int_equal(image.width, 8);
    fs_image_free(&image);
    assert_true(fs_file_exists(second)); /* nothing is overwritten */
    unlink(path);
    unlink(second);
    assert_int_equal(rmdir(folder), 0); /* and nothing else is left behind */
    fs_picture_release(picture);
    fs_shared_model_release(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exports_in_order_and_never_lost),
        cmocka_unit_test(test_newer_view_stops_running_one),
        cmocka_unit_test(test_leaving_cancels_a_running_job),
        cmocka_unit_test(test_leaving_gives_up_on_an_endless_export),
        cmocka_unit_test(test_leaving_does_not_wait_for_a_model),
        cmocka_unit_test(test_load_reports_errors),
        cmocka_unit_test(test_view_publishes_pictures),
        cmocka_unit_test(test_view_is_the_render),
        cmocka_unit_test(test_wall_renders_every_channel_in_order),
        cmocka_unit_test(test_wall_yields_to_view),
        cmocka_unit_test(test_export_survives_leaving),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
