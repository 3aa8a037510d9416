#include "worker_test.h"

enum { PATIENCE = 60 }; /* seconds: a hang, not a measurement */

bool poll(fixture *f, fs_event *event) {
    double until = fs_seconds() + PATIENCE;
    while (fs_seconds() < until) {
        if (fs_worker_poll(f->worker, event))
            return true;
        usleep(1000);
    }
    fail_msg("no event");
    return false;
}

void start(fixture *f, const char *model) {
    fs_worker_options options = {.threads = 2};
    fs_event event = {0};
    assert_int_equal(fs_worker_create(&f->worker, &options, NULL), FS_OK);
    fs_worker_load(f->worker, model);
    poll(f, &event);
    assert_int_equal(event.kind, FS_EVENT_MODEL);
    f->model = fs_shared_model_keep(event.model);
    fs_event_release(&event);
}

void finish(fixture *f) {
    fs_worker_destroy(f->worker);
    fs_shared_model_release(f->model);
}
