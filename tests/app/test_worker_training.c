/* Training behind the window: the whole recipe as news, paused, stepped, taken back, stopped, saved, and left
 * in the middle. */
#include "worker_test.h"

#include "app/worker_training.h"
#include "base/alloc.h"
#include "training_test.h"

typedef struct watcher {
    fixture f;
    fs_training_news *news; /* the newest */
    char *saved;            /* what was saved last */
    char failure[FS_ERROR_MESSAGE_SIZE];
    uint64_t generation;
    int steps_seen; /* bits */
} watcher;

static void take(watcher *w, fs_event *event) {
    assert_int_equal(event->job_kind, FS_WORKER_TRAINING);
    if (event->kind == FS_EVENT_TRAINING && event->generation == w->generation) {
        fs_training_news_release(w->news);
        w->news = fs_training_news_keep(event->training);
        w->steps_seen |= 1 << w->news->step;
    } else if (event->kind == FS_EVENT_SAVED) {
        fs_free(w->saved);
        w->saved = event->path;
        event->path = NULL;
    } else if (event->kind == FS_EVENT_FAILED) {
        snprintf(w->failure, sizeof w->failure, "%s", event->error.message);
    }
    fs_event_release(event);
}

#define WAIT_UNTIL(w, condition)                                                                             \
    do {                                                                                                     \
        fs_event event;                                                                                      \
        while (!(condition) && poll(&(w)->f, &event))                                                        \
            take(w, &event);                                                                                 \
    } while (0)

static void begin(watcher *w, const fs_training_settings *settings, bool step) {
    const fs_training_request request = {.model = w->f.model, .settings = *settings, .step = step};
    fs_training_news_release(w->news);
    w->news = NULL;
    w->generation = fs_worker_train(w->f.worker, &request);
    assert_true(w->generation > 0);
}

static void set_out(watcher *w, bool step) {
    const fs_training_settings settings = training_settings();
    memset(w, 0, sizeof *w);
    start(&w->f, training_path("model/small.onnx"));
    begin(w, &settings, step);
}

static void end(watcher *w) {
    fs_training_news_release(w->news);
    fs_free(w->saved);
    finish(&w->f);
}

static void test_the_whole_recipe(void **state) {
    (void)state;
    watcher w;
    set_out(&w, false);
    WAIT_UNTIL(&w, w.news && w.news->phase == FS_TRAINING_OVER && w.news->label[0] == '\0');
    assert_int_equal(w.news->n_rows, TRAINING_HEAD + TRAINING_JOINT);
    assert_true(w.news->best >= 0);
    assert_int_equal(w.news->classes, 2);
    assert_int_equal(w.news->n_train + w.news->n_val, 24);
    assert_true(w.steps_seen & 1 << FS_STEP_JOINT);
    assert_int_equal(w.news->step, FS_STEP_JOINT);
    assert_true(w.news->n_points > 0);
    for (int i = 1; i < w.news->n_points; i++)
        assert_true(w.news->points[i].epoch > w.news->points[i - 1].epoch);
    assert_true((double)w.news->points[w.news->n_points - 1].epoch == w.news->n_rows);
    assert_non_null(w.news->shift);
    assert_int_equal(w.news->shift->epochs, w.news->n_rows);
    assert_int_equal(w.news->shift->n_filters, FS_TRAINING_FILTERS);
    /* the network on the screen is not the one that was trained */
    assert_int_equal(w.f.model->model->n_labels, 0);
    end(&w);
}

static void test_steps_and_back(void **state) {
    (void)state;
    watcher w;
    set_out(&w, true);
    WAIT_UNTIL(&w, w.news && w.news->phase == FS_TRAINING_PAUSED);
    assert_int_equal(w.news->n_rows, 1);
    const fs_log_row first = w.news->rows[0];
    fs_worker_training_command(w.f.worker, FS_TRAINING_STEP);
    WAIT_UNTIL(&w, w.news->n_rows == 2 && w.news->phase == FS_TRAINING_PAUSED);
    const fs_log_row second = w.news->rows[1];
    assert_true(w.news->can_undo);
    fs_worker_training_command(w.f.worker, FS_TRAINING_UNDO);
    WAIT_UNTIL(&w, w.news->n_rows == 1 && w.news->phase == FS_TRAINING_PAUSED);
    assert_true(w.news->rows[0].val_loss == first.val_loss);
    assert_true((double)w.news->points[w.news->n_points - 1].epoch <= 1);
    fs_worker_training_command(w.f.worker, FS_TRAINING_STEP);
    WAIT_UNTIL(&w, w.news->n_rows == 2 && w.news->phase == FS_TRAINING_PAUSED);
    assert_true(w.news->rows[1].val_loss == second.val_loss);
    assert_true(w.news->rows[1].train_loss == second.train_loss);
    fs_worker_training_command(w.f.worker, FS_TRAINING_CONTINUE);
    WAIT_UNTIL(&w, w.news->phase == FS_TRAINING_OVER && w.news->label[0] == '\0');
    fs_worker_training_command(w.f.worker, FS_TRAINING_UNDO); /* also from the end */
    WAIT_UNTIL(&w, w.news->phase == FS_TRAINING_PAUSED && w.news->n_rows == TRAINING_HEAD + 2);
    end(&w);
}

/* Long epochs: a pause holds in the middle of one, an undo drops what was begun of it. */
static void test_in_the_middle(void **state) {
    (void)state;
    watcher w;
    set_out(&w, true);
    fs_training_settings settings = training_settings();
    settings.head_epochs = 100000;
    begin(&w, &settings, false);
    WAIT_UNTIL(&w, w.news && w.news->n_rows >= 2);
    fs_worker_training_command(w.f.worker, FS_TRAINING_PAUSE);
    WAIT_UNTIL(&w, w.news->phase == FS_TRAINING_PAUSED);
    const int n = w.news->n_rows;
    fs_worker_training_save(w.f.worker, training_path("middle"));
    WAIT_UNTIL(&w, w.saved);
    assert_string_equal(w.saved, training_path("middle/small-finetuned.onnx"));
    assert_int_equal(w.news->n_rows, n);
    fs_worker_training_command(w.f.worker, FS_TRAINING_CONTINUE);
    WAIT_UNTIL(&w, w.news->n_rows > n + 1);
    fs_worker_training_command(w.f.worker, FS_TRAINING_STOP);
    WAIT_UNTIL(&w, w.news->phase == FS_TRAINING_STOPPED);
    const int stopped = w.news->n_rows;
    assert_true(w.news->best >= 0 && w.news->best < stopped);
    fs_worker_training_save(w.f.worker, training_path("middle"));
    WAIT_UNTIL(&w, strstr(w.saved, "finetuned-2"));
    fs_model *model = NULL;
    fs_error err = {0};
    must(fs_model_load(&model, w.saved, &err), &err);
    fs_model_destroy(model);
    begin(&w, &settings, true); /* anew */
    WAIT_UNTIL(&w, w.news && w.news->phase == FS_TRAINING_PAUSED);
    assert_int_equal(w.news->n_rows, 1);
    end(&w);
}

static void test_another_layer_s_filters(void **state) {
    (void)state;
    watcher w;
    set_out(&w, false);
    WAIT_UNTIL(&w, w.news && w.news->phase == FS_TRAINING_OVER && w.news->label[0] == '\0');
    fs_worker_training_layer(w.f.worker, "one");
    WAIT_UNTIL(&w, w.news->shift && w.news->shift->n_filters > 0 &&
                       strcmp(w.news->shift->filters[0].layer, "one") == 0);
    for (int i = 0; i < w.news->shift->n_filters; i++)
        assert_string_equal(w.news->shift->filters[i].layer, "one");
    end(&w);
}

static void test_what_cannot_begin(void **state) {
    (void)state;
    watcher w;
    set_out(&w, true);
    fs_training_settings settings = training_settings();
    settings.data = "/nonexistent/pictures";
    begin(&w, &settings, false);
    WAIT_UNTIL(&w, w.news && w.news->phase == FS_TRAINING_FAILED);
    assert_non_null(strstr(w.news->error, "/nonexistent/pictures"));
    fs_worker_training_command(w.f.worker, FS_TRAINING_UNDO);
    fs_worker_training_command(w.f.worker, FS_TRAINING_CONTINUE);
    fs_worker_training_save(w.f.worker, training_path("nothing"));
    WAIT_UNTIL(&w, w.failure[0]);
    assert_null(w.saved);
    end(&w);
}

/* A file that was asked for is there, and the end comes in the middle of an epoch. */
static void test_leaving(void **state) {
    (void)state;
    watcher w;
    set_out(&w, true);
    fs_training_settings settings = training_settings();
    settings.head_epochs = 100000;
    begin(&w, &settings, false);
    WAIT_UNTIL(&w, w.news && w.news->n_rows >= 2);
    fs_worker_training_save(w.f.worker, training_path("left"));
    end(&w);
    fs_model *model = NULL;
    fs_error err = {0};
    must(fs_model_load(&model, training_path("left/small-finetuned.onnx"), &err), &err);
    fs_model_destroy(model);
    set_out(&w, false); /* or before anything came */
    end(&w);
}

static void test_forgotten(void **state) {
    (void)state;
    watcher w;
    set_out(&w, true);
    WAIT_UNTIL(&w, w.news && w.news->phase == FS_TRAINING_PAUSED);
    fs_worker_training_command(w.f.worker, FS_TRAINING_FORGET);
    fs_worker_training_save(w.f.worker, training_path("forgotten"));
    WAIT_UNTIL(&w, w.failure[0] || w.saved);
    end(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_whole_recipe),  cmocka_unit_test(test_steps_and_back),
        cmocka_unit_test(test_in_the_middle),     cmocka_unit_test(test_another_layer_s_filters),
        cmocka_unit_test(test_what_cannot_begin), cmocka_unit_test(test_leaving),
        cmocka_unit_test(test_forgotten),
    };
    return cmocka_run_group_tests(tests, training_set_up, training_tear_down);
}
