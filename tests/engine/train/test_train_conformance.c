/* Training steps of SqueezeNet with a new head, next to the same network in PyTorch in double precision.
 *
 * A unit whose sum is within rounding of zero is on in one program and off in another, and so is which of two
 * equal numbers a maximum comes from. One unit in a million of these changes a gradient by a thousandth of
 * its length. So most gradients have to agree within 1e-3 of their length, and all within twice the most that
 * PyTorch's own single precision is off, where that is more. The fast kernels sum in an order of their own
 * and are allowed 5e-2 here: they are compared with the plain ones elsewhere. */
#include "base/helpers.h"

#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/npy.h"
#include "engine/export/onnx_write.h"
#include "engine/head.h"
#include "engine/train/material.h"
#include "engine/train/trainer.h"
#include "shared_material.h"

enum { STEPS = 5, PICTURES = 8, CLASSES = 2, SPEED_STEPS = 6 };

/* The features of SqueezeNet are large (lengths of about 200), so rate and first scores are made small:
 * scores that are sure of the wrong class would leave the gradient to one or two pictures, and then to every
 * unit of them that is within rounding of zero. */
static const double rate = 1e-5, head_scale = 0.05;

typedef struct fixture {
    char folder[64];
    fs_model *model;
    fs_dataset *dataset;
    fs_pictures *pictures;
    fs_trainable trainable;
    fs_pool *pool;
    float *input;
    int labels[PICTURES];
} fixture;

static void must(fs_status status, const fs_error *err) {
    if (status != FS_OK)
        fail_msg("%s", err->message);
}

static void choose(fixture *f, fs_freeze freeze) {
    const fs_preprocess *p = &f->model->preprocess;
    fs_error err = {0};
    fs_trainable_choice choice = {.freeze = freeze, .depth_decay = 1};
    fs_head_options head = fs_head_options_default();
    head.classes = CLASSES;
    must(fs_model_head_input(&choice.head_input, f->model, &err), &err);
    must(fs_model_replace_head(f->model, choice.head_input, &head, &err), &err);
    const int scores = f->model->graph->outputs[0];
    const fs_node *linear = &f->model->graph->nodes[f->model->graph->values[scores].producer];
    const fs_tensor *weight = &f->model->graph->values[linear->inputs[1]].constant;
    for (int64_t i = 0; i < fs_tensor_count(weight); i++)
        fs_f32(weight)[i] *= (float)head_scale;
    must(fs_trainable_choose(&f->trainable, f->model, &choice, &err), &err);
    must(fs_pictures_create(&f->pictures, f->dataset, p, (size_t)1 << 28, &err), &err);
    const int64_t floats = fs_pictures_floats(f->pictures);
    f->input = fs_alloc_array((size_t)(PICTURES * floats), sizeof *f->input);
    for (int i = 0; i < PICTURES; i++) {
        const int item = i * (f->dataset->train.n / PICTURES);
        must(fs_pictures_input(f->pictures, item, NULL, NULL, f->input + i * floats, &err), &err);
        f->labels[i] = f->dataset->train.items[item].label;
    }
}

static void set_up(fixture *f, fs_freeze freeze) {
    char path[1024];
    fs_error err = {0};
    *f = (fixture){.folder = FS_SCRATCH "/filterscope-conformance-XXXXXX"};
    assert_non_null(mkdtemp(f->folder));
    const fs_dataset_options options = {0};
    must(fs_model_load(&f->model, shared_path(path, sizeof path, "models/squeezenet1_0.onnx"), &err), &err);
    must(fs_dataset_open(&f->dataset, shared_path(path, sizeof path, "datasets/hymenoptera"), &options, &err),
         &err);
    must(fs_pool_create(&f->pool, 2, &err), &err);
    choose(f, freeze);
}

static void tear_down(fixture *f) {
    material_remove(f->folder);
    fs_free(f->input);
    fs_trainable_free(&f->trainable);
    fs_pictures_destroy(f->pictures);
    fs_dataset_destroy(f->dataset);
    fs_model_destroy(f->model);
    fs_pool_destroy(f->pool);
}

static const char *in_folder(const fixture *f, const char *name) {
    static char paths[2][256];
    static int next;
    char *path = paths[next++ % 2];
    snprintf(path, sizeof paths[0], "%s/%s", f->folder, name);
    return path;
}

/* The network as it is now and its batch, for the reference, which is then run. */
static void run_reference(const fixture *f, int steps, const char *threads) {
    const fs_onnx_write_options options = fs_onnx_write_options_default();
    const fs_preprocess *p = &f->model->preprocess;
    fs_error err = {0};
    float labels[PICTURES];
    char command[1024];
    FILE *names = fopen(in_folder(f, "weights.txt"), "w");
    assert_non_null(names);
    for (int w = 0; w < f->trainable.n; w++)
        fprintf(names, "%s\n", f->model->graph->values[f->trainable.weights[w]].name);
    fclose(names);
    for (int i = 0; i < PICTURES; i++)
        labels[i] = (float)f->labels[i];
    must(fs_onnx_write(f->model->graph, in_folder(f, "model.onnx"), &options, &err), &err);
    must(fs_npy_write(in_folder(f, "input.npy"), 4, (int64_t[]){PICTURES, 3, p->height, p->width}, f->input,
                      &err),
         &err);
    must(fs_npy_write(in_folder(f, "labels.npy"), 1, (int64_t[]){PICTURES}, labels, &err), &err);
    snprintf(command, sizeof command, "/usr/bin/python3 %s %s %d %g 0.9 %s", FS_TORCH_REFERENCE, f->folder,
             steps, rate, threads);
    assert_int_equal(system(command), 0);
}

static fs_trainer *make_trainer(fixture *f, int micro, bool direct) {
    fs_trainer_settings settings = fs_trainer_defaults();
    fs_trainer *trainer = NULL;
    fs_error err = {0};
    settings.batch = PICTURES;
    settings.micro_batch = micro;
    settings.direct_sums = direct;
    settings.feature_bytes = 0;
    must(fs_trainer_create(&trainer, f->model, f->pictures, f->dataset, &f->trainable, &settings, f->pool,
                           &err),
         &err);
    return trainer;
}

/* |a - b| / |b| */
static double distance(const float *a, const fs_npy *b) {
    double difference = 0, length = 0;
    int64_t count = 1;
    for (int i = 0; i < b->rank; i++)
        count *= b->dim[i];
    for (int64_t i = 0; i < count; i++) {
        difference += pow((double)a[i] - (double)b->data[i], 2);
        length += pow((double)b->data[i], 2);
    }
    return sqrt(difference / length);
}

/* How far the gradient of weight w is from the reference's. */
static double gradient_error(const fixture *f, const fs_trainer *trainer, int step, int w, double allowed) {
    char name[64];
    fs_npy reference = {0};
    fs_error err = {0};
    snprintf(name, sizeof name, "gradient_%d_%d.npy", step, w);
    must(fs_npy_read(&reference, in_folder(f, name), &err), &err);
    const double d = distance(fs_trainer_gradient(trainer, w), &reference);
    if (!(d < allowed))
        fail_msg("step %d, %s: gradient differs by %g of its length, allowed %g", step,
                 f->model->graph->values[f->trainable.weights[w]].name, d, allowed);
    fs_npy_free(&reference);
    return d;
}

static double worst_noise(const fixture *f) {
    fs_npy noise = {0};
    fs_error err = {0};
    double worst = 0;
    must(fs_npy_read(&noise, in_folder(f, "noise.npy"), &err), &err);
    for (int i = 0; i < STEPS * f->trainable.n; i++)
        worst = fmax(worst, (double)noise.data[i]);
    fs_npy_free(&noise);
    return worst;
}

static void compare(fixture *f, int micro, bool direct) {
    fs_npy losses = {0};
    fs_error err = {0};
    const double noise = worst_noise(f), allowed = direct ? fmax(1e-3, 2 * noise) : 5e-2;
    double worst = 0, worst_loss = 0;
    int within = 0;
    must(fs_npy_read(&losses, in_folder(f, "losses.npy"), &err), &err);
    fs_trainer *trainer = make_trainer(f, micro, direct);
    for (int step = 0; step < STEPS; step++) {
        double loss = 0;
        must(fs_trainer_step(trainer, f->input, f->labels, PICTURES, rate, &loss, &err), &err);
        worst_loss = fmax(worst_loss, fabs(loss - (double)losses.data[step]));
        assert_float_equal(loss, losses.data[step], 1e-4);
        for (int w = 0; w < f->trainable.n; w++) {
            const double d = gradient_error(f, trainer, step, w, allowed);
            worst = fmax(worst, d);
            within += d < 1e-3;
        }
    }
    printf("%d pictures a run%s: losses %.3f to %.3f within %.1e; of %d gradients %d within 1e-3, the worst "
           "%.1e "
           "(PyTorch's single precision: %.1e)\n",
           micro, direct ? "" : ", fast kernels", (double)losses.data[0], (double)losses.data[STEPS - 1],
           worst_loss, STEPS * f->trainable.n, within, worst, noise);
    assert_true(!direct || within > STEPS * f->trainable.n / 2);
    fs_npy_free(&losses);
    fs_trainer_destroy(trainer);
}

/* Copies all weights out of the model, or back into it. */
static void copy_weights(const fixture *f, float *to, const float *from) {
    for (int w = 0; w < f->trainable.n; w++) {
        const fs_tensor *tensor = &f->model->graph->values[f->trainable.weights[w]].constant;
        const size_t count = (size_t)fs_tensor_count(tensor);
        memcpy(to ? to : fs_f32(tensor), to ? fs_f32(tensor) : from, count * sizeof(float));
        to = to ? to + count : NULL;
        from = from ? from + count : NULL;
    }
}

/* Once with all pictures in one run, once with gradients added up over small ones. */
static void test_steps(void **state) {
    (void)state;
    fixture f;
    if (!shared_has("models/squeezenet1_0.onnx") || !shared_has("datasets/hymenoptera"))
        skip();
    set_up(&f, FS_FREEZE_NONE);
    float *start = fs_alloc_array((size_t)f.trainable.numbers, sizeof *start);
    copy_weights(&f, start, NULL);
    run_reference(&f, STEPS, "");
    compare(&f, PICTURES, true);
    copy_weights(&f, NULL, start);
    compare(&f, 2, true);
    copy_weights(&f, NULL, start);
    compare(&f, PICTURES, false);
    fs_free(start);
    tear_down(&f);
}

/* Pictures per second of the same step here and there: printed, not judged. */
static void test_speed(void **state) {
    (void)state;
    fixture f;
    if (!shared_has("models/squeezenet1_0.onnx") || !shared_has("datasets/hymenoptera"))
        skip();
    set_up(&f, FS_FREEZE_NONE);
    fs_trainer *trainer = make_trainer(&f, PICTURES, false);
    fs_error err = {0};
    double loss, start = 0;
    for (int step = 0; step < SPEED_STEPS; step++) {
        if (step == 1)
            start = fs_seconds();
        must(fs_trainer_step(trainer, f.input, f.labels, PICTURES, rate, &loss, &err), &err);
    }
    printf("filterscope: %.1f pictures/s\n", (SPEED_STEPS - 1) * PICTURES / (fs_seconds() - start));
    fflush(stdout);
    run_reference(&f, SPEED_STEPS, "2");
    fs_trainer_destroy(trainer);
    tear_down(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps), cmocka_unit_test(test_speed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
