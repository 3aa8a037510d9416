/* What is seen of a network while it is trained: layers that moved and those that did not, the filters that
 * moved most with their pictures, kernels of the first layer. */
#include "base/helpers.h"

#include <math.h>

#include "app/training_observer.h"
#include "training_test.h"

enum { SIDE = 32 };

typedef struct fixture {
    fs_model *before, *now;
    fs_training_run *run;
    fs_training_observer *observer;
} fixture;

static void start(fixture *f, const fs_training_settings *settings) {
    const fs_training_observer_settings look = {SIDE, 4, 5};
    fs_error err = {0};
    must(fs_model_load(&f->before, training_path("model/small.onnx"), &err), &err);
    must(fs_model_load(&f->now, training_path("model/small.onnx"), &err), &err);
    must(fs_training_run_create(&f->run, f->now, settings, NULL, &err), &err);
    must(fs_training_observer_create(&f->observer, f->before, f->now, fs_training_run_pictures(f->run),
                                     fs_training_run_dataset(f->run), &look, NULL, &err),
         &err);
}

static void finish(fixture *f) {
    fs_training_observer_destroy(f->observer);
    fs_training_run_destroy(f->run);
    fs_model_destroy(f->before);
    fs_model_destroy(f->now);
}

static void train(fixture *f, int epochs) {
    const fs_trainer_watch watch = {.progress = NULL};
    fs_error err = {0};
    for (int i = 0; i < epochs; i++)
        must(fs_training_run_epoch(f->run, &watch, &err), &err);
}

static fs_training_shift *look(fixture *f, const char *layer) {
    fs_training_shift *shift = NULL;
    fs_error err = {0};
    must(fs_training_observer_look(f->observer, layer, NULL, &shift, &err), &err);
    return shift;
}

static double cka_of(const fs_training_shift *shift, const char *name) {
    for (int l = 0; l < shift->n_layers; l++)
        if (strcmp(shift->layers[l].name, name) == 0)
            return shift->layers[l].cka;
    fail_msg("no layer %s", name);
    return 0;
}

static void test_nothing_moved(void **state) {
    (void)state;
    fixture f;
    const fs_training_settings settings = training_settings();
    start(&f, &settings);
    train(&f, TRAINING_HEAD); /* the backbone rests */
    fs_training_shift *shift = look(&f, NULL);
    assert_int_equal(shift->n_filters, 0);
    assert_int_equal(shift->n_kernels, 0);
    assert_true(shift->n_layers > 0);
    for (int l = 0; l < shift->n_layers; l++)
        assert_true(fabs(shift->layers[l].cka - 1) < 1e-9);
    fs_training_shift_release(shift);
    finish(&f);
}

static bool same(const fs_image *a, const fs_image *b) {
    return a->width == b->width && a->height == b->height && a->pixels && b->pixels &&
           memcmp(a->pixels, b->pixels, (size_t)a->width * (size_t)a->height * 3) == 0;
}

static void check_filter(const fs_training_filter *f) {
    assert_true(f->change > 0 && isfinite(f->change));
    assert_int_equal(f->before.width, SIDE);
    assert_false(same(&f->before, &f->now));
    for (int i = 0; i < 3 * SIDE * SIDE; i++) {
        const int value = 128 + f->now.pixels[i] - f->before.pixels[i];
        assert_int_equal(f->difference.pixels[i], value < 0 ? 0 : value > 255 ? 255 : value);
    }
}

/* Only layer "two" is free: what lies below is as it was, what lies above sees other inputs. */
static void test_one_layer_moves(void **state) {
    (void)state;
    fixture f;
    fs_training_settings settings = training_settings();
    settings.layers = "two";
    settings.joint_rate = 0.02; /* a step is small */
    start(&f, &settings);
    train(&f, TRAINING_HEAD + 2);
    fs_training_shift *shift = look(&f, NULL);
    assert_true(fabs(cka_of(shift, "one") - 1) < 1e-9);
    assert_true(cka_of(shift, "two") < 1 - 1e-7);
    assert_true(cka_of(shift, "three") < 1 - 1e-7);
    assert_int_equal(shift->n_filters, FS_TRAINING_FILTERS);
    assert_int_equal(shift->n_kernels, 0);
    for (int i = 0; i < shift->n_filters; i++) {
        assert_string_equal(shift->filters[i].layer, "two");
        assert_true(i == 0 || shift->filters[i].change <= shift->filters[i - 1].change);
        check_filter(&shift->filters[i]);
    }
    fs_training_shift_release(shift);
    finish(&f);
}

static const fs_training_filter *find(const fs_training_shift *shift, const fs_training_filter *like) {
    for (int i = 0; i < shift->n_filters; i++)
        if (strcmp(shift->filters[i].layer, like->layer) == 0 && shift->filters[i].channel == like->channel)
            return &shift->filters[i];
    return NULL;
}

/* The picture before stays, the picture now follows the weights. */
static void test_looking_again(void **state) {
    (void)state;
    fixture f;
    const fs_training_settings settings = training_settings();
    start(&f, &settings);
    train(&f, TRAINING_HEAD + 1);
    fs_training_shift *first = look(&f, "three"), *again = look(&f, "three");
    int met = 0;
    for (int i = 0; i < first->n_filters; i++) {
        assert_string_equal(first->filters[i].layer, "three");
        const fs_training_filter *f2 = find(again, &first->filters[i]);
        assert_non_null(f2);
        assert_true(same(&f2->before, &first->filters[i].before));
        assert_true(same(&f2->now, &first->filters[i].now));
    }
    fs_training_shift_release(again);
    train(&f, 1);
    again = look(&f, "three");
    for (int i = 0; i < first->n_filters; i++) {
        const fs_training_filter *f2 = find(again, &first->filters[i]);
        if (!f2)
            continue;
        met++;
        assert_true(same(&f2->before, &first->filters[i].before));
        assert_false(same(&f2->now, &first->filters[i].now));
    }
    assert_true(met > 0);
    fs_training_shift_release(first);
    fs_training_shift_release(again);
    finish(&f);
}

static void test_kernels_of_the_first_layer(void **state) {
    (void)state;
    fixture f;
    fs_error err = {0};
    const fs_training_settings settings = training_settings();
    start(&f, &settings);
    train(&f, TRAINING_HEAD + 1);
    fs_training_shift *shift = look(&f, "three"); /* whatever layer is chosen for the wall */
    assert_int_equal(shift->n_kernels, FS_TRAINING_KERNELS);
    assert_int_equal(shift->drifts.count, 0); /* 3x3: too small for a fit */
    fs_kernels before = {0};
    must(fs_kernels_of_layer(&before, f.before, fs_kernels_first_layer(f.before, NULL), &err), &err);
    for (int k = 0; k < shift->n_kernels; k++) {
        const fs_patch all = fs_kernels_patch(&before, shift->channels[k]),
                       old = fs_kernels_patch(&shift->before, k), new = fs_kernels_patch(&shift->now, k);
        double square = 0, difference = 0;
        assert_memory_equal(all.values, old.values, 27 * sizeof(double));
        for (int i = 0; i < 27; i++) {
            square += old.values[i] * old.values[i];
            difference += (new.values[i] - old.values[i]) * (new.values[i] - old.values[i]);
        }
        /* colours are normalised by the network's own deviation, which is nearly the same for all three */
        assert_true(fabs(sqrt(difference / square) / shift->changes[k] - 1) < 0.1);
    }
    fs_kernels_free(&before);
    fs_training_shift_release(shift);
    finish(&f);
}

static void test_stopped(void **state) {
    (void)state;
    fixture f;
    fs_error err = {0};
    atomic_bool cancel = true;
    const fs_progress progress = {.cancel = &cancel};
    fs_training_shift *shift = NULL;
    const fs_training_settings settings = training_settings();
    start(&f, &settings);
    train(&f, TRAINING_HEAD + 1);
    assert_int_equal(fs_training_observer_look(f.observer, NULL, &progress, &shift, &err),
                     FS_ERROR_CANCELLED);
    assert_null(shift);
    finish(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_moved), cmocka_unit_test(test_one_layer_moves),
        cmocka_unit_test(test_looking_again), cmocka_unit_test(test_kernels_of_the_first_layer),
        cmocka_unit_test(test_stopped),
    };
    return cmocka_run_group_tests(tests, training_set_up, training_tear_down);
}
