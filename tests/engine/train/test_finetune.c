/* The recipe: files, the best weights in the end, going on after a stop, and checkpoints that were tampered
 * with. */
#include "base/helpers.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "engine/plan.h"
#include "engine/train/finetune.h"
#include "engine/train/material.h"

static char root[64];

static void must(fs_status status, const fs_error *err) {
    if (status != FS_OK)
        fail_msg("%s", err->message);
}

static const char *under(const char *folder, const char *name) {
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s%s%s", root, folder, *name ? "/" : "", name);
    return path;
}

static int set_up(void **state) {
    (void)state;
    strcpy(root, FS_SCRATCH "/filterscope-finetune-XXXXXX");
    if (!mkdtemp(root))
        return -1;
    material_write(under("data", ""), 12, 1);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    material_remove(root);
    return 0;
}

/* ---- a run ---- */

/* Cancels after so many epochs, or within the one after that. */
typedef struct stopper {
    int epochs, left;
    bool within;
    atomic_bool cancel;
    int stages;
} stopper;

static void on_stage(void *context, int stage, const fs_trainable *trainable, const fs_trainer *trainer) {
    (void)stage;
    (void)trainer;
    assert_true(trainable->n > 0);
    ((stopper *)context)->stages++;
}

static void on_epoch(void *context, const fs_log_row *row, bool best) {
    stopper *s = context;
    (void)best;
    assert_true(row->epoch >= 1);
    if (++s->epochs == s->left)
        s->cancel = true;
}

static fs_finetune_settings settings_of(const char *output, int head_input) {
    fs_finetune_settings s = {
        .output = output, .n_stages = 2, .schedule = FS_SCHEDULE_COSINE, .warm_up = 0.5};
    s.stages[0] = (fs_finetune_stage){
        .name = "head", .choice = {.freeze = FS_FREEZE_HEAD, .depth_decay = 1}, .epochs = 4, .rate = 0.02};
    s.stages[1] = (fs_finetune_stage){.name = "joint",
                                      .choice = {.freeze = FS_FREEZE_NONE, .depth_decay = 0.8},
                                      .epochs = 5,
                                      .rate = 0.004,
                                      .augment = true};
    s.stages[0].choice.head_input = s.stages[1].choice.head_input = head_input;
    s.augment =
        (fs_augment_settings){.least_area = 0.7, .aspect = 1.1, .mirror = 0.5, .jitter = 0.1, .rotation = 3};
    s.trainer = fs_trainer_defaults();
    s.trainer.batch = 6;
    s.trainer.threads = 2;
    s.trainer.optimiser.kind = FS_OPTIMISER_ADAMW;
    s.trainer.seed = 3;
    return s;
}

typedef struct world {
    fs_model *model;
    fs_dataset *dataset;
    fs_pictures *pictures;
    int head_input;
} world;

static void open_world(world *w) {
    fs_error err = {0};
    const fs_dataset_options options = {0.25, 1};
    w->model = material_model(under("model", ""));
    must(fs_dataset_open(&w->dataset, under("data", ""), &options, &err), &err);
    must(fs_pictures_create(&w->pictures, w->dataset, &w->model->preprocess, 1 << 20, &err), &err);
    must(fs_finetune_prepare(&w->head_input, w->model, w->dataset, 0, 1, &err), &err);
}

static void close_world(world *w) {
    fs_pictures_destroy(w->pictures);
    fs_dataset_destroy(w->dataset);
    fs_model_destroy(w->model);
}

/* Runs in a folder, stops after `left` epochs (0: never); everything is loaded anew. */
static fs_status run(const char *folder, int left, bool resume, fs_finetune_result *result, stopper *s,
                     fs_error *err) {
    world w;
    open_world(&w);
    *s = (stopper){.left = left};
    const fs_progress progress = {.cancel = &s->cancel};
    const fs_finetune_watch watch = {&progress, s, on_stage, on_epoch};
    fs_finetune_settings settings = settings_of(under(folder, ""), w.head_input);
    settings.resume = resume;
    const fs_status status =
        fs_finetune_run(result, w.model, w.pictures, w.dataset, &settings, NULL, &watch, err);
    close_world(&w);
    return status;
}

static void read_file(const char *path, uint8_t **bytes, size_t *size) {
    fs_error err = {0};
    must(fs_file_read(bytes, size, path, 1 << 24, &err), &err);
}

static void check_same_file(const char *a, const char *b) {
    uint8_t *x, *y;
    size_t nx, ny;
    read_file(a, &x, &nx);
    read_file(b, &y, &ny);
    assert_int_equal(nx, ny);
    assert_memory_equal(x, y, nx);
    fs_free(x);
    fs_free(y);
}

/* ---- tests ---- */

static void test_recipe(void **state) {
    (void)state;
    fs_finetune_result result = {0};
    stopper s;
    fs_error err = {0};
    assert_false(fs_finetune_exists(under("out", "")));
    must(run("out", 0, false, &result, &s, &err), &err);
    assert_true(fs_finetune_exists(under("out", "")));
    assert_int_equal(s.stages, 2);
    assert_int_equal(result.n_rows, 9);
    assert_false(result.stopped);
    assert_int_equal(result.rows[8].stage, 1);
    assert_int_equal(result.rows[8].step, 27);
    for (int i = 0; i < result.n_rows; i++)
        assert_true(result.rows[i].val_accuracy <= result.rows[result.best].val_accuracy);
    uint8_t *log;
    size_t size;
    read_file(under("out", "log.csv"), &log, &size);
    assert_non_null(strstr((char *)log,
                           "stage,epoch,step,seconds,train_loss,train_accuracy,val_loss,val_accuracy,"
                           "learning_rate\nhead,1,3,"));
    assert_non_null(strstr((char *)log, "\njoint,5,27,"));
    fs_free(log);
    fs_finetune_result_free(&result);
}

/* The exported network gives, through the reader, the probabilities of the run's end; it knows its labels. */
static void test_export(void **state) {
    (void)state;
    fs_finetune_result result = {0};
    stopper s;
    fs_error err = {0};
    must(run("out", 0, false, &result, &s, &err), &err);
    world w;
    open_world(&w);
    fs_model *best = NULL;
    fs_plan *plan = NULL;
    must(fs_model_load(&best, under("out", "best.onnx"), &err), &err);
    assert_true(best->has_sidecar);
    assert_int_equal(best->n_labels, 2);
    assert_string_equal(best->labels[1], "standing");
    const fs_layer *logits = fs_model_logits(best);
    fs_plan_request request = fs_plan_request_default(best->graph, fs_shape_of(4, 1, 3, 16, 16));
    request.outputs = &logits->value;
    request.n_outputs = 1;
    must(fs_plan_create(&plan, &request, &err), &err);
    for (int i = 0; i < w.dataset->val.n; i++) {
        must(fs_pictures_input(w.pictures, w.dataset->train.n + i, NULL, NULL, fs_plan_input(plan), &err),
             &err);
        must(fs_plan_forward(plan, NULL, &err), &err);
        const float *z = fs_plan_output(plan, 0);
        assert_float_equal(1 / (1 + exp((double)(z[1] - z[0]))), result.probabilities[2 * i], 1e-4);
    }
    fs_plan_destroy(plan);
    fs_model_destroy(best);
    close_world(&w);
    fs_finetune_result_free(&result);
}

/* Stopped anywhere and taken up again, a run ends the same to the last bit. */
static void test_resume(void **state) {
    (void)state;
    fs_finetune_result whole = {0};
    stopper s;
    fs_error err = {0};
    must(run("whole", 0, false, &whole, &s, &err), &err);
    for (int left = 1; left <= 8; left++) { /* within the head's stage, at its end, in the joint one */
        fs_finetune_result result = {0};
        must(run("parts", left, false, &result, &s, &err), &err);
        assert_true(result.stopped);
        assert_int_equal(result.n_rows, left);
        assert_null(result.probabilities);
        fs_finetune_result_free(&result);
        must(run("parts", 0, true, &result, &s, &err), &err);
        assert_int_equal(s.epochs, 9 - left);
        assert_int_equal(result.n_rows, 9);
        assert_int_equal(result.best, whole.best);
        for (int i = 0; i < 9; i++) {
            assert_true(result.rows[i].train_loss == whole.rows[i].train_loss);
            assert_true(result.rows[i].val_loss == whole.rows[i].val_loss);
            assert_true(result.rows[i].rate == whole.rows[i].rate);
        }
        check_same_file(under("whole", "best.onnx"), under("parts", "best.onnx"));
        fs_finetune_result_free(&result);
        remove(under("parts", "checkpoint.bin"));
    }
    fs_finetune_result_free(&whole);
}

static void test_resume_of_another_run(void **state) {
    (void)state;
    fs_finetune_result result = {0};
    stopper s;
    fs_error err = {0};
    must(run("out", 2, false, &result, &s, &err), &err);
    fs_finetune_result_free(&result);
    remove(under("data", "lying/00.png"));
    assert_int_equal(run("out", 0, true, &result, &s, &err), FS_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "other pictures"));
}

/* A byte changed anywhere, or a file cut off anywhere, is noticed. */
static void test_damaged_checkpoints(void **state) {
    (void)state;
    fs_finetune_result result = {0};
    stopper s;
    fs_error err = {0};
    uint8_t *bytes;
    size_t size;
    must(run("out", 1, false, &result, &s, &err), &err);
    fs_finetune_result_free(&result);
    read_file(under("out", "checkpoint.bin"), &bytes, &size);
    for (size_t at = 0; at < size; at += at < 64 ? 1 : 37) {
        fs_checkpoint c;
        bytes[at] ^= 0x10;
        put_file(under("out", "damaged.bin"), bytes, size);
        assert_int_equal(fs_checkpoint_read(&c, under("out", "damaged.bin"), &err), FS_ERROR_FORMAT);
        bytes[at] ^= 0x10;
        put_file(under("out", "damaged.bin"), bytes, at);
        assert_int_equal(fs_checkpoint_read(&c, under("out", "damaged.bin"), &err), FS_ERROR_FORMAT);
    }
    /* damage that the hash agrees with: headers that do not make sense */
    const size_t hashed = size - sizeof(uint64_t);
    for (size_t at = 8; at < 600 && at < hashed; at++) {
        fs_checkpoint c;
        bytes[at] ^= 0x11;
        const uint64_t hash = fs_hash_bytes(FS_HASH_START, bytes, hashed);
        memcpy(bytes + hashed, &hash, sizeof hash);
        put_file(under("out", "damaged.bin"), bytes, size);
        if (fs_checkpoint_read(&c, under("out", "damaged.bin"), &err) == FS_OK)
            fs_checkpoint_free(&c);
        bytes[at] ^= 0x11;
    }
    fs_free(bytes);
}

static void test_patience(void **state) {
    (void)state;
    world w;
    fs_finetune_result result = {0};
    fs_error err = {0};
    open_world(&w);
    fs_finetune_settings settings = settings_of(under("out", ""), w.head_input);
    settings.n_stages = 1;
    settings.stages[0].epochs = 50;
    settings.stages[0].rate = 0; /* nothing changes: the first epoch stays the best */
    settings.patience = 3;
    const fs_finetune_watch watch = {0};
    must(fs_finetune_run(&result, w.model, w.pictures, w.dataset, &settings, NULL, &watch, &err), &err);
    assert_int_equal(result.n_rows, 4);
    assert_int_equal(result.best, 0);
    fs_finetune_result_free(&result);
    close_world(&w);
}

/* ---- short memory ---- */

/* Every allocation of opening a data set fails once. */
static void test_short_memory_for_data(void **state) {
    (void)state;
    const fs_dataset_options options = {0.25, 1};
    for (int n = 0;; n++) {
        fs_dataset *dataset = NULL;
        fs_error err = {0};
        fail_from(n);
        const fs_status status = fs_dataset_open(&dataset, under("data", ""), &options, &err);
        const bool refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        assert_true((dataset != NULL) == !refused);
        fs_dataset_destroy(dataset);
        if (!refused)
            break;
    }
}

/* Of checkpoints: a failed write leaves the old file, a failed read nothing. */
static void test_short_memory_for_checkpoints(void **state) {
    (void)state;
    fs_finetune_result result = {0};
    stopper s;
    fs_error err = {0};
    must(run("out", 2, false, &result, &s, &err), &err);
    fs_finetune_result_free(&result);
    fs_checkpoint c = {0};
    for (int n = 0;; n++) {
        fail_from(n);
        const fs_status status = fs_checkpoint_read(&c, under("out", "checkpoint.bin"), &err);
        const bool refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        if (!refused)
            break;
        assert_null(c.arena);
    }
    for (int n = 0;; n++) {
        fail_from(n);
        const fs_status status = fs_checkpoint_write(under("out", "copy.bin"), &c, &err);
        const bool refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        if (!refused)
            break;
        assert_false(fs_file_exists(under("out", "copy.bin")));
    }
    check_same_file(under("out", "checkpoint.bin"), under("out", "copy.bin"));
    fs_checkpoint_free(&c);
}

/* A run of one epoch a stage from new weights to the end, refused at every allocation in turn: one thread
 * reads pictures, so that their number is the same each time. */
static void test_short_memory_for_a_run(void **state) {
    (void)state;
    int n = 0;
    for (bool refused = true; refused; n++) {
        world w;
        fs_finetune_result result = {0};
        fs_error err = {0};
        open_world(&w);
        fs_finetune_settings settings = settings_of(under("short", ""), w.head_input);
        settings.stages[0].epochs = settings.stages[1].epochs = 1;
        settings.trainer.threads = 1;
        settings.keep_epochs = true;
        const fs_finetune_watch watch = {0};
        fail_from(n);
        const fs_status status =
            fs_finetune_run(&result, w.model, w.pictures, w.dataset, &settings, NULL, &watch, &err);
        refused = fail_stop();
        if (status != (refused ? FS_ERROR_MEMORY : FS_OK))
            fail_msg("allocation %d: status %d, '%s'", n, (int)status, err.message);
        fs_finetune_result_free(&result);
        close_world(&w);
    }
    assert_true(n > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_recipe, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_export, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_resume, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_resume_of_another_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged_checkpoints, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_patience, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_short_memory_for_data, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_short_memory_for_checkpoints, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_short_memory_for_a_run, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
