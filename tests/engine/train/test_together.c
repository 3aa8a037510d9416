/* A training run of several processes (threads of the test) is that of one, to the bit: rows, probabilities,
 * weights and files, with features that are kept and with augmentation, and a picture that cannot be read. */
#include "base/helpers.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cluster/threads.h"
#include "engine/train/finetune.h"
#include "engine/train/material.h"

enum { MOST = 5 };

static char root[64];

static int set_up(void **state) {
    char path[128];
    (void)state;
    strcpy(root, FS_SCRATCH "/filterscope-together-XXXXXX");
    if (!mkdtemp(root))
        return -1;
    snprintf(path, sizeof path, "%s/data", root);
    material_write(path, 14, 1);
    snprintf(path, sizeof path, "%s/data/lying/broken.png", root);
    if (fs_file_write(path, "no picture", 10, NULL) != FS_OK)
        return -1;
    snprintf(path, sizeof path, "%s/model", root);
    fs_model_destroy(material_model(path));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    material_remove(root);
    return 0;
}

/* ---- a run ---- */

typedef struct outcome {
    fs_status status;
    fs_error error;
    fs_finetune_result result;
    int problems, n_val;
    bool resume;
    int stops_after; /* epochs, 0: never */
    atomic_bool cancel;
    int epochs;
} outcome;

typedef struct crowd {
    char folder[128];
    outcome of[MOST];
    int stops_after, who; /* wants to stop */
    bool resume;
} crowd;

static void on_epoch(void *context, const fs_log_row *row, bool best) {
    outcome *o = context;
    (void)row;
    (void)best;
    if (++o->epochs == o->stops_after)
        atomic_store(&o->cancel, true);
}

static fs_finetune_settings settings_of(const crowd *c, int head_input, fs_cluster *cluster) {
    const fs_trainable_choice head = {.head_input = head_input, .freeze = FS_FREEZE_HEAD, .depth_decay = 1};
    fs_finetune_settings s = {.output = c->folder,
                              .n_stages = 2,
                              .schedule = FS_SCHEDULE_COSINE,
                              .augment = fs_augment_defaults(),
                              .trainer = fs_trainer_defaults(),
                              .resume = c->resume};
    s.stages[0] = (fs_finetune_stage){.name = "head", .choice = head, .epochs = 3, .rate = 0.02};
    s.stages[1] =
        (fs_finetune_stage){.name = "joint", .choice = head, .epochs = 3, .rate = 0.004, .augment = true};
    s.stages[1].choice.freeze = FS_FREEZE_NONE;
    s.trainer.batch = 8;
    s.trainer.micro_batch = 2;
    s.trainer.threads = 1;
    s.trainer.optimiser.kind = FS_OPTIMISER_ADAMW;
    s.trainer.seed = 3;
    s.trainer.cluster = cluster;
    return s;
}

static fs_status train(outcome *o, const crowd *c, fs_cluster *cluster, fs_model *model,
                       fs_pictures *pictures, const fs_dataset *dataset) {
    int head_input;
    const fs_progress progress = {.cancel = &o->cancel};
    const fs_finetune_watch watch = {&progress, o, NULL, on_epoch};
    fs_status status = fs_finetune_prepare(&head_input, model, dataset, 0, 1, &o->error);
    if (status != FS_OK)
        return status;
    const fs_finetune_settings settings = settings_of(c, head_input, cluster);
    return fs_finetune_run(&o->result, model, pictures, dataset, &settings, NULL, &watch, &o->error);
}

/* Everything is a process's own. */
static void take_part(fs_cluster *cluster, void *context) {
    crowd *c = context;
    outcome *o = &c->of[fs_cluster_rank(cluster)];
    const fs_dataset_options options = {0.25, 1};
    char path[128];
    fs_model *model = NULL;
    fs_dataset *dataset = NULL;
    fs_pictures *pictures = NULL;
    o->stops_after = fs_cluster_rank(cluster) == c->who ? c->stops_after : 0;
    snprintf(path, sizeof path, "%s/model/small.onnx", root);
    o->status = fs_model_load(&model, path, &o->error);
    snprintf(path, sizeof path, "%s/data", root);
    if (o->status == FS_OK)
        o->status = fs_dataset_open(&dataset, path, &options, &o->error);
    if (o->status == FS_OK)
        o->status = fs_pictures_create(&pictures, dataset, &model->preprocess, 1 << 20, &o->error);
    if (o->status == FS_OK)
        o->status = train(o, c, cluster, model, pictures, dataset);
    for (int i = 0; pictures && i < fs_pictures_count(pictures); i++)
        o->problems += fs_pictures_problem(pictures, i) != NULL;
    o->n_val = dataset ? dataset->val.n : 0;
    fs_pictures_destroy(pictures);
    fs_dataset_destroy(dataset);
    fs_model_destroy(model);
}

static void run(crowd *c, int size, const char *name) {
    snprintf(c->folder, sizeof c->folder, "%s/%s", root, name);
    if (size == 1)
        take_part(NULL, c);
    else
        threads_run(size, take_part, c);
    for (int r = 0; r < size; r++)
        if (c->of[r].status != FS_OK)
            fail_msg("process %d: %s", r, c->of[r].error.message);
}

static void let_go(crowd *c) {
    for (int r = 0; r < MOST; r++)
        fs_finetune_result_free(&c->of[r].result);
}

/* ---- what is the same ---- */

static void check_same_file(const char *a, const char *b, const char *name) {
    uint8_t *x, *y;
    size_t nx, ny;
    char path[256];
    snprintf(path, sizeof path, "%s/%s", a, name);
    assert_int_equal(fs_file_read(&x, &nx, path, 1 << 24, NULL), FS_OK);
    snprintf(path, sizeof path, "%s/%s", b, name);
    assert_int_equal(fs_file_read(&y, &ny, path, 1 << 24, NULL), FS_OK);
    assert_int_equal(nx, ny);
    assert_memory_equal(x, y, nx);
    fs_free(x);
    fs_free(y);
}

static void check_same(const crowd *alone, const crowd *c, int size) {
    const outcome *a = &alone->of[0];
    for (int r = 0; r < size; r++) {
        const outcome *o = &c->of[r];
        assert_int_equal(o->result.n_rows, a->result.n_rows);
        assert_int_equal(o->result.best, a->result.best);
        assert_int_equal(o->problems, 1);
        for (int i = 0; i < a->result.n_rows; i++) {
            const fs_log_row *x = &a->result.rows[i], *y = &o->result.rows[i];
            assert_int_equal(x->step, y->step);
            assert_float_equal(x->train_loss, y->train_loss, 1e-12);
            assert_float_equal(x->val_loss, y->val_loss, 1e-12);
            assert_true(x->train_accuracy == y->train_accuracy && x->val_accuracy == y->val_accuracy);
        }
        assert_memory_equal(a->result.probabilities, o->result.probabilities,
                            (size_t)(2 * a->n_val) * sizeof(float));
    }
    check_same_file(alone->folder, c->folder, "best.onnx");
}

static void test_the_same_as_alone(void **state) {
    (void)state;
    crowd alone = {.who = -1};
    run(&alone, 1, "alone");
    assert_int_equal(alone.of[0].problems, 1);
    for (int size = 2; size <= MOST; size++) { /* four runs a batch: one process too many in the end */
        char name[16];
        crowd c = {.who = -1};
        snprintf(name, sizeof name, "of-%d", size);
        run(&c, size, name);
        check_same(&alone, &c, size);
        let_go(&c);
    }
    let_go(&alone);
}

/* Whoever is told to stop, all do, and any number of processes goes on. */
static void test_stopped_and_resumed(void **state) {
    (void)state;
    crowd alone = {.who = -1};
    run(&alone, 1, "straight");
    for (int after = 2; after <= 4; after += 2) {
        char name[16];
        crowd stopped = {.who = 1, .stops_after = after}, resumed = {.who = -1, .resume = true};
        snprintf(name, sizeof name, "stopped-%d", after);
        run(&stopped, 3, name);
        for (int r = 0; r < 3; r++) {
            assert_true(stopped.of[r].result.stopped);
            assert_int_equal(stopped.of[r].result.n_rows, after);
        }
        run(&resumed, 2, name);
        check_same(&alone, &resumed, 2);
        let_go(&stopped);
        let_go(&resumed);
    }
    let_go(&alone);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_as_alone),
        cmocka_unit_test(test_stopped_and_resumed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
