/* Training on a small network: what is trained and what is not, kept features, batches, damaged files, and
 * that it learns. */
#include "base/helpers.h"

#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "engine/operator.h"
#include "engine/train/finetune.h"
#include "engine/train/material.h"
#include "engine/train/metrics.h"

typedef struct world {
    char root[64];
    fs_model *model;
    fs_dataset *dataset;
    fs_pictures *pictures;
    int head_input;
} world;

static world w;

static void must(fs_status status, const fs_error *err) {
    if (status != FS_OK)
        fail_msg("%s", err->message);
}

static int set_up(void **state) {
    (void)state;
    char data[128];
    fs_error err = {0};
    const fs_dataset_options options = {0.25, 1};
    w = (world){.root = FS_SCRATCH "/filterscope-trainer-XXXXXX"};
    if (!mkdtemp(w.root))
        return -1;
    snprintf(data, sizeof data, "%s/data", w.root);
    material_write(data, 12, 1);
    w.model = material_model(w.root);
    must(fs_dataset_open(&w.dataset, data, &options, &err), &err);
    must(fs_pictures_create(&w.pictures, w.dataset, &w.model->preprocess, 1 << 20, &err), &err);
    must(fs_finetune_prepare(&w.head_input, w.model, w.dataset, 0, 1, &err), &err);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    fs_pictures_destroy(w.pictures);
    fs_dataset_destroy(w.dataset);
    fs_model_destroy(w.model);
    material_remove(w.root);
    return 0;
}

static fs_trainable choose(fs_trainable_choice choice) {
    fs_trainable t;
    fs_error err = {0};
    choice.head_input = w.head_input;
    must(fs_trainable_choose(&t, w.model, &choice, &err), &err);
    return t;
}

static const char *name_of(const fs_trainable *t, int i) {
    return w.model->graph->values[t->weights[i]].name;
}

static const float *weight_named(const char *name, int64_t *count) {
    const fs_tensor *tensor = &w.model->graph->values[fs_graph_find(w.model->graph, name)].constant;
    assert_non_null(tensor->data);
    *count = fs_tensor_count(tensor);
    return fs_f32(tensor);
}

static fs_trainer *make_trainer(const fs_trainable *t, const fs_trainer_settings *settings) {
    fs_trainer *trainer = NULL;
    fs_error err = {0};
    must(fs_trainer_create(&trainer, w.model, w.pictures, w.dataset, t, settings, NULL, &err), &err);
    return trainer;
}

/* ---- what is trained ---- */

static void check_names(const fs_trainable *t, const char *const *names, int n) {
    assert_int_equal(t->n, n);
    for (int i = 0; i < n; i++)
        assert_string_equal(name_of(t, i), names[i]);
}

static void test_choices(void **state) {
    (void)state;
    static const char *const all[] = {"one.weight",         "one.bias",        "two.weight",   "two.bias",
                                      "two.norm1",          "two.norm2",       "three.weight", "three.bias",
                                      "head.linear.weight", "head.linear.bias"};
    fs_trainable t = choose((fs_trainable_choice){.freeze = FS_FREEZE_NONE, .depth_decay = 0.5});
    check_names(&t, all, 10);
    assert_int_equal(t.cut, w.model->graph->input);
    assert_float_equal(t.rates[9], 1, 0);
    assert_float_equal(t.rates[0], pow(0.5, FS_LEVEL_OBJECT - FS_LEVEL_EDGE), 0);
    assert_true(t.decays[0] && !t.decays[1] && !t.decays[4]);
    fs_trainable_free(&t);

    t = choose((fs_trainable_choice){.freeze = FS_FREEZE_HEAD, .depth_decay = 1});
    check_names(&t, all + 8, 2);
    assert_int_equal(t.numbers, 2 * 12 + 2);
    assert_string_equal(w.model->graph->nodes[w.model->graph->values[t.cut].producer].op->type, "Flatten");
    fs_trainable_free(&t);

    t = choose((fs_trainable_choice){.from = "two", .depth_decay = 1});
    check_names(&t, all + 2, 8);
    assert_string_equal(w.model->graph->values[t.cut].name, "one_relu");
    fs_trainable_free(&t);

    static const char *const listed[] = {"one.weight", "one.bias",           "three.weight",
                                         "three.bias", "head.linear.weight", "head.linear.bias"};
    t = choose((fs_trainable_choice){.layers = "one,three", .depth_decay = 1});
    check_names(&t, listed, 6);
    fs_trainable_free(&t);

    fs_error err = {0};
    const fs_trainable_choice unknown = {.head_input = w.head_input, .from = "four"};
    assert_int_equal(fs_trainable_choose(&t, w.model, &unknown, &err), FS_ERROR_NOT_FOUND);
}

/* Levels: the lowest convolution of each level and no lower is trained. */
static void test_levels(void **state) {
    (void)state;
    static const fs_level lowest[] = {FS_LEVEL_OBJECT + 1, FS_LEVEL_PATTERN, FS_LEVEL_PART, FS_LEVEL_EDGE};
    static const char *const convs[] = {"one", "two", "three"};
    for (fs_freeze freeze = FS_FREEZE_HEAD; freeze <= FS_FREEZE_NONE; freeze++) {
        fs_trainable t = choose((fs_trainable_choice){.freeze = freeze, .depth_decay = 1});
        for (int c = 0; c < 3; c++) {
            const fs_layer *layer = fs_model_layer(w.model, convs[c], NULL);
            char weight[32];
            bool trained = false;
            assert_non_null(layer);
            snprintf(weight, sizeof weight, "%s.weight", convs[c]);
            for (int i = 0; i < t.n; i++)
                trained = trained || strcmp(name_of(&t, i), weight) == 0;
            assert_int_equal(trained, layer->level >= lowest[freeze]);
        }
        fs_trainable_free(&t);
    }
}

/* ---- training ---- */

static fs_trainer_settings small_settings(void) {
    fs_trainer_settings settings = fs_trainer_defaults();
    settings.batch = 6;
    settings.micro_batch = 3;
    settings.threads = 2;
    settings.optimiser.kind = FS_OPTIMISER_ADAMW;
    return settings;
}

static fs_trainer_result epochs(fs_trainer *trainer, int n, double rate) {
    const fs_schedule schedule = {.kind = FS_SCHEDULE_CONSTANT, .rate = rate};
    const fs_trainer_watch watch = {.label = "test"};
    fs_trainer_result result = {0};
    fs_error err = {0};
    for (int e = 0; e < n; e++)
        must(fs_trainer_epoch(trainer, (uint64_t)e, &schedule, &watch, &result, &err), &err);
    must(fs_trainer_evaluate(trainer, NULL, &watch, &result, &err), &err);
    return result;
}

static void test_learns(void **state) {
    (void)state;
    fs_trainable t = choose((fs_trainable_choice){.freeze = FS_FREEZE_NONE, .depth_decay = 1});
    const fs_augment_settings augment = {.least_area = 0.7, .aspect = 1.1, .mirror = 0.5, .jitter = 0.1};
    fs_trainer_settings settings = small_settings();
    settings.augment = &augment;
    fs_trainer *trainer = make_trainer(&t, &settings);
    assert_false(fs_trainer_keeps_features(trainer));
    const fs_trainer_result result = epochs(trainer, 25, 5e-3);
    assert_int_equal(result.pictures, 6);
    assert_true(result.accuracy > 0.99);
    assert_true(result.loss < 0.3);
    assert_int_equal(fs_optimiser_steps(fs_trainer_optimiser(trainer)), 25 * 3);
    fs_trainer_destroy(trainer);
    fs_trainable_free(&t);
}

/* Frozen weights, and the statistics of batch normalisation everywhere, keep every bit. */
static void test_frozen_stays(void **state) {
    (void)state;
    static const char *const frozen[] = {"one.weight", "one.bias", "two.norm3", "two.norm4"};
    fs_trainable t = choose((fs_trainable_choice){.from = "two", .depth_decay = 1});
    const fs_trainer_settings settings = small_settings();
    float before[4][512], trained[1024];
    int64_t count;
    for (int i = 0; i < 4; i++) {
        const float *data = weight_named(frozen[i], &count);
        memcpy(before[i], data, (size_t)count * sizeof *data);
    }
    memcpy(trained, weight_named("two.weight", &count), 576 * sizeof *trained);
    fs_trainer *trainer = make_trainer(&t, &settings);
    assert_true(fs_trainer_keeps_features(trainer));
    epochs(trainer, 3, 1e-2);
    for (int i = 0; i < 4; i++) {
        const float *data = weight_named(frozen[i], &count);
        assert_memory_equal(before[i], data, (size_t)count * sizeof *data);
    }
    assert_memory_not_equal(trained, weight_named("two.weight", &count), 576 * sizeof *trained);
    fs_trainer_destroy(trainer);
    fs_trainable_free(&t);
}

static void take_all(const fs_trainable *t, float *to) {
    for (int i = 0; i < t->n; i++) {
        const fs_tensor *tensor = &w.model->graph->values[t->weights[i]].constant;
        memcpy(to, tensor->data, (size_t)fs_tensor_count(tensor) * sizeof *to);
        to += fs_tensor_count(tensor);
    }
}

static void put_all(const fs_trainable *t, const float *from) {
    for (int i = 0; i < t->n; i++) {
        const fs_tensor *tensor = &w.model->graph->values[t->weights[i]].constant;
        memcpy(tensor->data, from, (size_t)fs_tensor_count(tensor) * sizeof *from);
        from += fs_tensor_count(tensor);
    }
}

/* Kept features, and other numbers of pictures a run, lead to the same weights but for rounding. */
static void test_ways_agree(void **state) {
    (void)state;
    static const struct {
        size_t features;
        int micro;
    } ways[] = {{0, 6}, {(size_t)1 << 20, 6}, {0, 2}, {0, 1}};
    fs_trainable t = choose((fs_trainable_choice){.from = "two", .depth_decay = 1});
    float *start = fs_alloc_array((size_t)t.numbers, sizeof *start);
    float *first = fs_alloc_array((size_t)t.numbers, sizeof *first);
    float *other = fs_alloc_array((size_t)t.numbers, sizeof *other);
    take_all(&t, start);
    for (int i = 0; i < 4; i++) {
        fs_trainer_settings settings = small_settings();
        settings.optimiser.kind = FS_OPTIMISER_SGD;
        settings.feature_bytes = ways[i].features;
        settings.micro_batch = ways[i].micro;
        put_all(&t, start);
        fs_trainer *trainer = make_trainer(&t, &settings);
        assert_int_equal(fs_trainer_keeps_features(trainer), ways[i].features > 0);
        epochs(trainer, 2, 1e-2);
        take_all(&t, i ? other : first);
        for (int64_t k = 0; k < t.numbers && i; k++)
            assert_float_equal(other[k], first[k], 1e-4);
        fs_trainer_destroy(trainer);
    }
    assert_memory_not_equal(first, start, (size_t)t.numbers * sizeof *first);
    fs_free(start);
    fs_free(first);
    fs_free(other);
    fs_trainable_free(&t);
}

/* The gradient of one step against central differences of its loss, through a frozen and a trained layer. */
static void test_gradient(void **state) {
    (void)state;
    fs_trainable t = choose((fs_trainable_choice){.layers = "two", .depth_decay = 1});
    fs_trainer_settings settings = small_settings();
    settings.optimiser.kind = FS_OPTIMISER_SGD;
    settings.feature_bytes = 0;
    float inputs[5 * 3 * 16 * 16];
    const int labels[5] = {0, 1, 1, 0, 1};
    fs_random random;
    fs_error err = {0};
    fs_random_seed(&random, 4, 4);
    fs_random_normal(&random, inputs, 5 * 3 * 16 * 16, 1);
    /* a head of zeros lets no gradient through */
    for (int i = 0; i < t.n; i++)
        if (strcmp(name_of(&t, i), "head.linear.weight") == 0)
            fs_random_normal(&random, fs_f32(&w.model->graph->values[t.weights[i]].constant), 24, 0.5F);
    fs_trainer *trainer = make_trainer(&t, &settings);
    double loss, sides[2];
    must(fs_trainer_step(trainer, inputs, labels, 5, 0, &loss, &err), &err);
    for (int i = 0; i < t.n; i++) {
        float *data = fs_f32(&w.model->graph->values[t.weights[i]].constant);
        const float gradient = fs_trainer_gradient(trainer, i)[1], before = data[1], by = 2e-3F;
        for (int side = 0; side < 2; side++) {
            data[1] = before + (side ? by : -by);
            fs_trainer_weights_changed(trainer);
            must(fs_trainer_step(trainer, inputs, labels, 5, 0, &sides[side], &err), &err);
        }
        data[1] = before;
        fs_trainer_weights_changed(trainer);
        must(fs_trainer_step(trainer, inputs, labels, 5, 0, &loss, &err), &err);
        const double numeric = (sides[1] - sides[0]) / (2 * (double)by);
        if (fabs(numeric - (double)gradient) > 0.03 * fabs(numeric) + 1e-3)
            fail_msg("%s: finite difference %g, gradient %g", name_of(&t, i), numeric, (double)gradient);
    }
    fs_trainer_destroy(trainer);
    fs_trainable_free(&t);
}

static void test_damaged_pictures(void **state) {
    (void)state;
    fs_error err = {0};
    fs_trainable t = choose((fs_trainable_choice){.freeze = FS_FREEZE_HEAD, .depth_decay = 1});
    for (int keep = 0; keep < 2; keep++) {
        fs_trainer_settings settings = small_settings();
        settings.feature_bytes = keep ? 1 << 20 : 0;
        put_file(fs_pictures_item(w.pictures, 0)->path, "damaged", 7);
        put_file(fs_pictures_item(w.pictures, w.dataset->train.n)->path, "damaged", 7);
        fs_pictures_destroy(w.pictures);
        must(fs_pictures_create(&w.pictures, w.dataset, &w.model->preprocess, 1 << 20, &err), &err);
        fs_trainer *trainer = make_trainer(&t, &settings);
        float probabilities[6 * 2];
        const fs_trainer_watch watch = {.label = "test"};
        const fs_schedule schedule = {.rate = 1e-3};
        fs_trainer_result result;
        must(fs_trainer_epoch(trainer, 1, &schedule, &watch, &result, &err), &err);
        assert_int_equal(result.pictures, 17);
        must(fs_trainer_evaluate(trainer, probabilities, &watch, &result, &err), &err);
        assert_int_equal(result.pictures, 5);
        assert_true(probabilities[0] < 0);
        assert_float_equal(probabilities[2] + probabilities[3], 1, 1e-5);
        fs_trainer_destroy(trainer);
    }
    fs_trainable_free(&t);
}

static void test_divergence(void **state) {
    (void)state;
    fs_trainable t = choose((fs_trainable_choice){.freeze = FS_FREEZE_NONE, .depth_decay = 1});
    fs_trainer_settings settings = small_settings();
    settings.optimiser.kind = FS_OPTIMISER_SGD;
    fs_trainer *trainer = make_trainer(&t, &settings);
    const fs_schedule schedule = {.rate = 1e20};
    const fs_trainer_watch watch = {.label = "test"};
    fs_trainer_result result;
    fs_error err = {0};
    fs_status status = FS_OK;
    for (int e = 0; e < 4 && status == FS_OK; e++)
        status = fs_trainer_epoch(trainer, 1, &schedule, &watch, &result, &err);
    assert_int_equal(status, FS_ERROR_DIVERGED);
    assert_non_null(strstr(err.message, "smaller rate"));
    fs_trainer_destroy(trainer);
    fs_trainable_free(&t);
}

static void test_metrics(void **state) {
    (void)state;
    const float p[6][3] = {{0.7F, 0.2F, 0.1F}, {0.1F, 0.8F, 0.1F},   {0.6F, 0.3F, 0.1F},
                           {-1, 0, 0},         {0.2F, 0.25F, 0.55F}, {0.05F, 0.05F, 0.9F}};
    const int labels[6] = {0, 1, 1, 2, 0, 2};
    fs_metrics *m = NULL;
    assert_int_equal(fs_metrics_create(&m, &p[0][0], labels, 6, 3, NULL), FS_OK);
    assert_int_equal(m->n, 5);
    assert_float_equal(m->accuracy, 0.6, 1e-9);
    assert_float_equal(m->top5, 1, 1e-9);
    const int wanted[9] = {1, 0, 1, 1, 1, 0, 0, 0, 1};
    assert_memory_equal(m->confusion, wanted, sizeof wanted);
    assert_float_equal(m->of_class[1].precision, 1, 1e-9);
    assert_float_equal(m->of_class[1].recall, 0.5, 1e-9);
    assert_int_equal(m->n_mistakes, 2);
    assert_int_equal(m->mistakes[0].item, 2);
    assert_int_equal(m->mistakes[1].item, 4);
    assert_int_equal(m->mistakes[1].answer, 2);
    fs_metrics_destroy(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_choices, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_levels, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_learns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_frozen_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ways_agree, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_gradient, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged_pictures, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_divergence, set_up, tear_down),
        cmocka_unit_test(test_metrics)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
