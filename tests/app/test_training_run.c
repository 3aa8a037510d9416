/* A training run one epoch at a time: the same numbers as the recipe of the engine, epochs taken back and
 * done again, also across stages, stops in the middle, and the best epoch saved under a name that was free.
 */
#include "base/helpers.h"

#include "base/file.h"
#include "training_test.h"

enum { HEAD = TRAINING_HEAD, JOINT = TRAINING_JOINT };
#define under training_path
#define small_settings training_settings

typedef struct fixture {
    fs_model *model;
    fs_training_run *run;
} fixture;

static void start(fixture *f, const fs_training_settings *settings) {
    fs_error err = {0};
    must(fs_model_load(&f->model, under("model/small.onnx"), &err), &err);
    must(fs_training_run_create(&f->run, f->model, settings, NULL, &err), &err);
}

static void finish(fixture *f) {
    fs_training_run_destroy(f->run);
    fs_model_destroy(f->model);
}

static void train(fixture *f, int epochs) {
    const fs_trainer_watch watch = {.progress = NULL};
    fs_error err = {0};
    for (int i = 0; i < epochs; i++)
        must(fs_training_run_epoch(f->run, &watch, &err), &err);
}

static int row_count(const fixture *f) {
    int n, best;
    (void)fs_training_run_rows(f->run, &n, &best);
    return n;
}

static fs_log_row row(const fixture *f, int i) {
    int n, best;
    const fs_log_row *rows = fs_training_run_rows(f->run, &n, &best);
    assert_true(i < n);
    return rows[i];
}

static void check_row(const fs_log_row *a, const fs_log_row *b) {
    assert_int_equal(a->stage, b->stage);
    assert_int_equal(a->epoch, b->epoch);
    assert_int_equal(a->step, b->step);
    assert_true(a->train_loss == b->train_loss && a->train_accuracy == b->train_accuracy);
    assert_true(a->val_loss == b->val_loss && a->val_accuracy == b->val_accuracy);
    assert_true(a->rate == b->rate);
}

/* A sum that every bit of every constant takes part in. */
static uint64_t weights_of(const fs_model *model) {
    uint64_t hash = 1469598103934665603u;
    for (int v = 0; v < model->graph->n_values; v++) {
        const fs_tensor *t = &model->graph->values[v].constant;
        const uint8_t *bytes = t->data;
        const size_t n = bytes ? (size_t)fs_tensor_count(t) * fs_dtype_size(t->dtype) : 0;
        for (size_t i = 0; i < n; i++)
            hash = (hash ^ bytes[i]) * 1099511628211u;
    }
    return hash;
}

/* ---- the recipe ---- */

static void recipe_of(fs_finetune_settings *p, int head_input, const char *output) {
    const fs_training_settings s = small_settings();
    const fs_trainable_choice head = {.head_input = head_input, .freeze = FS_FREEZE_HEAD, .depth_decay = 1};
    fs_trainable_choice all = head;
    all.freeze = FS_FREEZE_NONE;
    *p = (fs_finetune_settings){.output = output, .n_stages = 2, .schedule = FS_SCHEDULE_COSINE};
    p->stages[0] = (fs_finetune_stage){"head", head, HEAD, s.head_rate, false};
    p->stages[1] = (fs_finetune_stage){"joint", all, JOINT, s.joint_rate, true};
    p->warm_up = 0.5;
    p->augment = fs_augment_defaults();
    p->trainer = fs_trainer_defaults();
    p->trainer.threads = 2;
    p->trainer.seed = s.seed;
    p->trainer.optimiser.kind = FS_OPTIMISER_ADAMW;
    p->trainer.optimiser.weight_decay = 0.01;
}

static void test_the_recipe_s_numbers(void **state) {
    (void)state;
    const fs_dataset_options split = {0.2, 5};
    const fs_finetune_watch nobody = {0};
    fs_finetune_settings plan;
    fs_finetune_result whole = {0};
    fs_dataset *dataset = NULL;
    fs_pictures *pictures = NULL;
    fs_model *model = NULL;
    fs_error err = {0};
    int head_input;
    must(fs_dataset_open(&dataset, under("data"), &split, &err), &err);
    must(fs_model_load(&model, under("model/small.onnx"), &err), &err);
    must(fs_finetune_prepare(&head_input, model, dataset, 0, 5, &err), &err);
    must(fs_pictures_create(&pictures, dataset, &model->preprocess, 1 << 28, &err), &err);
    recipe_of(&plan, head_input, under("whole"));
    must(fs_finetune_run(&whole, model, pictures, dataset, &plan, NULL, &nobody, &err), &err);

    fixture f;
    const fs_training_settings settings = small_settings();
    start(&f, &settings);
    assert_false(fs_training_run_finished(f.run));
    train(&f, HEAD + JOINT);
    assert_true(fs_training_run_finished(f.run));
    int n, best;
    const fs_log_row *rows = fs_training_run_rows(f.run, &n, &best);
    assert_int_equal(n, whole.n_rows);
    assert_int_equal(best, whole.best);
    for (int i = 0; i < n; i++)
        check_row(&rows[i], &whole.rows[i]);
    assert_true(weights_of(f.model) == weights_of(model));
    const fs_trainer_watch watch = {.progress = NULL};
    assert_int_equal(fs_training_run_epoch(f.run, &watch, &err), FS_ERROR_ARGUMENT);
    finish(&f);
    fs_finetune_result_free(&whole);
    fs_pictures_destroy(pictures);
    fs_dataset_destroy(dataset);
    fs_model_destroy(model);
}

static void test_the_head_alone(void **state) {
    (void)state;
    fixture f;
    fs_training_settings settings = small_settings();
    settings.freeze = FS_FREEZE_HEAD;
    start(&f, &settings);
    assert_int_equal(fs_training_run_place(f.run).n_stages, 1);
    train(&f, HEAD);
    assert_true(fs_training_run_finished(f.run));
    finish(&f);
}

/* ---- back ---- */

static void test_epochs_taken_back(void **state) {
    (void)state;
    fixture f;
    fs_error err = {0};
    const fs_training_settings settings = small_settings();
    start(&f, &settings);
    const uint64_t untrained = weights_of(f.model);
    fs_log_row first[HEAD + JOINT];
    uint64_t after[HEAD + JOINT];
    assert_false(fs_training_run_can_undo(f.run));
    assert_int_equal(fs_training_run_undo(f.run, &err), FS_ERROR_NOT_FOUND);
    for (int i = 0; i < HEAD + 2; i++) {
        train(&f, 1);
        first[i] = row(&f, i);
        after[i] = weights_of(f.model);
    }
    for (int i = HEAD + 1; i >= 0; i--) { /* through the beginning of the joint stage */
        assert_true(fs_training_run_can_undo(f.run));
        must(fs_training_run_undo(f.run, &err), &err);
        assert_int_equal(row_count(&f), i);
        if (i != HEAD)
            assert_true(weights_of(f.model) == (i > 0 ? after[i - 1] : untrained));
    }
    assert_false(fs_training_run_can_undo(f.run));
    for (int i = 0; i < HEAD + 2; i++) {
        train(&f, 1);
        const fs_log_row again = row(&f, i);
        check_row(&again, &first[i]);
        assert_true(weights_of(f.model) == after[i]);
    }
    finish(&f);
}

/* Between the stages: one back, and on. */
static void test_back_and_on_at_the_border(void **state) {
    (void)state;
    fixture f;
    fs_error err = {0};
    const fs_training_settings settings = small_settings();
    start(&f, &settings);
    train(&f, HEAD + 1);
    const fs_log_row last_of_head = row(&f, HEAD - 1), first_of_joint = row(&f, HEAD);
    const uint64_t weights = weights_of(f.model);
    must(fs_training_run_undo(f.run, &err), &err);
    must(fs_training_run_undo(f.run, &err), &err);
    assert_false(fs_training_run_place(f.run).joint);
    train(&f, 2);
    const fs_log_row a = row(&f, HEAD - 1), b = row(&f, HEAD);
    check_row(&a, &last_of_head);
    check_row(&b, &first_of_joint);
    assert_true(weights_of(f.model) == weights);
    finish(&f);
}

/* ---- in the middle ---- */

typedef struct middle {
    fixture *f;
    atomic_bool cancel;
    int reports, at; /* cancels or saves in this one */
    bool save;
    uint64_t weights_before, weights_after;
    char *path;
} middle;

static void on_report(void *context, const fs_progress_state *state) {
    middle *m = context;
    (void)state;
    if (++m->reports != m->at)
        return;
    if (!m->save) {
        atomic_store(&m->cancel, true);
        return;
    }
    fs_error err = {0};
    m->weights_before = weights_of(m->f->model);
    must(fs_training_run_save(m->f->run, under("saved"), &m->path, &err), &err);
    m->weights_after = weights_of(m->f->model);
}

static void test_an_epoch_that_was_stopped(void **state) {
    (void)state;
    fixture f;
    fs_error err = {0};
    const fs_training_settings settings = small_settings();
    start(&f, &settings);
    train(&f, HEAD + 1);
    const uint64_t weights = weights_of(f.model);
    middle m = {.f = &f, .at = 1};
    const fs_progress progress = {.report = on_report, .context = &m, .cancel = &m.cancel};
    fs_trainer_watch watch = {.progress = &progress};
    assert_int_equal(fs_training_run_epoch(f.run, &watch, &err), FS_ERROR_CANCELLED);
    assert_true(m.reports >= 1);
    assert_true(weights_of(f.model) == weights);
    assert_int_equal(row_count(&f), HEAD + 1);
    train(&f, 1); /* the same epoch as if nothing had been */
    const fs_log_row after = row(&f, HEAD + 1);
    finish(&f);
    start(&f, &settings);
    train(&f, HEAD + 2);
    const fs_log_row straight = row(&f, HEAD + 1);
    check_row(&after, &straight);
    finish(&f);
}

static void test_saving(void **state) {
    (void)state;
    fixture f;
    fs_error err = {0};
    char *path = NULL;
    const fs_training_settings settings = small_settings();
    start(&f, &settings);
    assert_int_equal(fs_training_run_save(f.run, under("saved"), &path, &err), FS_ERROR_NOT_FOUND);
    train(&f, HEAD);
    middle m = {.f = &f, .at = 1, .save = true};
    const fs_progress progress = {.report = on_report, .context = &m};
    fs_trainer_watch watch = {.progress = &progress};
    must(fs_training_run_epoch(f.run, &watch, &err), &err); /* saves in the middle */
    assert_true(m.weights_before == m.weights_after);
    assert_string_equal(m.path, under("saved/small-finetuned.onnx"));
    fs_training_run_keep_best(f.run);
    must(fs_training_run_save(f.run, under("saved"), &path, &err), &err);
    assert_string_equal(path, under("saved/small-finetuned-2.onnx"));
    fs_model *saved = NULL;
    must(fs_model_load(&saved, path, &err), &err);
    assert_int_equal(saved->n_labels, 2);
    assert_string_equal(saved->labels[0], "lying");
    fs_model_destroy(saved);
    fs_free(path);
    fs_free(m.path);
    put_file(under("file"), "x", 1);
    assert_true(fs_training_run_save(f.run, under("file"), &path, &err) != FS_OK); /* not a folder */
    finish(&f);
}

static void test_what_cannot_be_trained(void **state) {
    (void)state;
    fs_model *model = NULL;
    fs_training_run *run = NULL;
    fs_error err = {0};
    fs_training_settings settings = small_settings();
    settings.data = under("nothing-here");
    must(fs_model_load(&model, under("model/small.onnx"), &err), &err);
    assert_true(fs_training_run_create(&run, model, &settings, NULL, &err) != FS_OK);
    assert_non_null(strstr(err.message, "nothing-here"));
    settings = small_settings();
    settings.layers = "one,seven";
    assert_true(fs_training_run_create(&run, model, &settings, NULL, &err) != FS_OK);
    assert_non_null(strstr(err.message, "seven"));
    assert_null(run);
    fs_model_destroy(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_recipe_s_numbers),      cmocka_unit_test(test_the_head_alone),
        cmocka_unit_test(test_epochs_taken_back),         cmocka_unit_test(test_back_and_on_at_the_border),
        cmocka_unit_test(test_an_epoch_that_was_stopped), cmocka_unit_test(test_saving),
        cmocka_unit_test(test_what_cannot_be_trained),
    };
    return cmocka_run_group_tests(tests, training_set_up, training_tear_down);
}
