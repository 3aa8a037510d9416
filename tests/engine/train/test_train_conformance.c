/* Training steps of SqueezeNet with a new head, next to the same network in PyTorch in double precision.
 *
 * The gradient of such a network jumps where a unit's sum is zero and where two numbers of a maximum pool are
 * equal: on which side a number falls that is within rounding of that is up to the last bit of every sum
 * before it. About ten of 34 million do, and change gradients by up to some thousandths of their length. That
 * is no matter of exactness: PyTorch in single precision is up to 5.7e-3 from PyTorch in double precision,
 * and still is when its sums are in double precision and only what is kept between layers is single. So two
 * things are asked here:
 *
 * - Every gradient of every step is within 1e-3 of PyTorch's, and every loss within 1e-4, where PyTorch's
 * units are on and its maxima come from where they do here; and each of these that PyTorch would have decided
 *   otherwise is next to the border (close_to_even), and they are few.
 * - With units as PyTorch itself has them most gradients are within 1e-3 nonetheless, and all within twice
 * what single precision does to PyTorch. */
#include "base/helpers.h"

#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/npy.h"
#include "engine/export/onnx_write.h"
#include "engine/head.h"
#include "engine/operator.h"
#include "engine/plan.h"
#include "engine/train/material.h"
#include "engine/train/trainer.h"
#include "shared_material.h"

enum { STEPS = 5, PICTURES = 8, CLASSES = 2, SPEED_STEPS = 6, MOST_SIDES = 64 };

/* The features of SqueezeNet are large (lengths of about 200), so rate and first scores are made small:
 * scores that are sure of the wrong class would leave the gradient to one or two pictures, and then to every
 * unit of them that is within rounding of zero. */
static const double rate = 1e-5, head_scale = 0.05;
static const double allowed_loss = 1e-4, allowed_gradient = 1e-3;
/* How far from the border, in lengths of its layer, a unit may be that falls on another side than there. */
static const double close_to_even = 3e-5;

/* How a batch is run here. */
typedef struct mode {
    const char *name;
    int micro;
    bool direct;
    double allowed; /* of gradients' lengths, with units as PyTorch itself has them */
} mode;
static const mode modes[] = {{"8 pictures a run", PICTURES, true, 6e-3},
                             {"2 pictures a run", 2, true, 6e-3},
                             {"8 pictures a run, fast kernels", PICTURES, false, 5e-2}};

typedef struct course {
    double losses[STEPS];
    float *gradients; /* [STEPS][trainable.numbers] */
} course;

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

/* The network as it is now and its batch, for the reference. */
static void write_task(const fixture *f) {
    const fs_onnx_write_options options = fs_onnx_write_options_default();
    const fs_preprocess *p = &f->model->preprocess;
    fs_error err = {0};
    float labels[PICTURES];
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
}

static void run_reference(const fixture *f, int steps, const char *how) {
    char command[1024];
    snprintf(command, sizeof command, "/usr/bin/python3 %s %s %d %g 0.9 %s", FS_TORCH_REFERENCE, f->folder,
             steps, rate, how);
    assert_int_equal(system(command), 0);
}

static fs_trainer *make_trainer(fixture *f, const mode *m) {
    fs_trainer_settings settings = fs_trainer_defaults();
    fs_trainer *trainer = NULL;
    fs_error err = {0};
    settings.batch = PICTURES;
    settings.micro_batch = m->micro;
    settings.direct_sums = m->direct;
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

/* ---- which side units are on here ---- */

typedef struct sides {
    int values[MOST_SIDES];
    bool
        is_pool[MOST_SIDES]; /* an input of a maximum pool: all its numbers; else the output of a rectifier */
    int n;
} sides;

static void list_sides(const fixture *f, sides *out) {
    const fs_graph *graph = f->model->graph;
    FILE *names = fopen(in_folder(f, "sides.txt"), "w");
    assert_non_null(names);
    out->n = 0;
    for (int pool = 0; pool < 2; pool++)
        for (int i = 0; i < graph->n_nodes; i++) {
            const fs_node *node = &graph->nodes[i];
            if (strcmp(node->op->type, pool ? "MaxPool" : "Relu") != 0)
                continue;
            assert_true(out->n < MOST_SIDES);
            out->values[out->n] = pool ? node->inputs[0] : node->outputs[0];
            out->is_pool[out->n++] = pool;
        }
    for (int i = 0; i < out->n; i++)
        fprintf(names, "%s %s\n", out->is_pool[i] ? "MaxPool" : "Relu", graph->values[out->values[i]].name);
    fclose(names);
}

/* Plans of the same request as the trainer's, but for what is to be seen. */
static fs_plan *plan_of_sides(const fixture *f, const sides *s, const mode *m) {
    const fs_preprocess *p = &f->model->preprocess;
    fs_plan *plan = NULL;
    fs_error err = {0};
    fs_plan_request request =
        fs_plan_request_default(f->model->graph, fs_shape_of(4, m->micro, 3, p->height, p->width));
    request.outputs = s->values;
    request.n_outputs = s->n;
    request.weights = f->trainable.weights;
    request.n_weights = f->trainable.n;
    request.direct_sums = m->direct;
    request.pool = f->pool;
    must(fs_plan_create(&plan, &request, &err), &err);
    return plan;
}

static void append(const fixture *f, int step, int side, bool first, const void *bytes, size_t size) {
    char name[64];
    snprintf(name, sizeof name, "side_%d_%d.bin", step, side);
    FILE *file = fopen(in_folder(f, name), first ? "wb" : "ab");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Writes them for the weights as they are. */
static void write_sides(const fixture *f, const mode *m, int step) {
    sides s;
    fs_error err = {0};
    list_sides(f, &s);
    fs_plan *plan = plan_of_sides(f, &s, m);
    const int64_t floats = fs_pictures_floats(f->pictures) * m->micro;
    for (int run = 0; run < PICTURES / m->micro; run++) {
        memcpy(fs_plan_input(plan), f->input + run * floats, (size_t)floats * sizeof(float));
        must(fs_plan_forward(plan, NULL, &err), &err);
        for (int i = 0; i < s.n; i++) {
            const fs_shape shape = fs_plan_output_shape(plan, i);
            const size_t count = (size_t)fs_shape_count(&shape);
            const float *values = fs_plan_output(plan, i);
            uint8_t *on = fs_alloc(count);
            assert_non_null(on);
            for (size_t k = 0; k < count; k++)
                on[k] = values[k] > 0;
            append(f, step, i, run == 0, s.is_pool[i] ? (const void *)values : on,
                   s.is_pool[i] ? count * sizeof *values : count);
            fs_free(on);
        }
    }
    fs_plan_destroy(plan);
}

/* ---- steps ---- */

static void take_steps(fixture *f, const mode *m, course *out) {
    const size_t numbers = (size_t)f->trainable.numbers;
    fs_error err = {0};
    fs_trainer *trainer = make_trainer(f, m);
    for (int step = 0; step < STEPS; step++) {
        write_sides(f, m, step);
        must(fs_trainer_step(trainer, f->input, f->labels, PICTURES, rate, &out->losses[step], &err), &err);
        float *to = out->gradients + (size_t)step * numbers;
        for (int w = 0; w < f->trainable.n; w++) {
            const fs_tensor *tensor = &f->model->graph->values[f->trainable.weights[w]].constant;
            const size_t count = (size_t)fs_tensor_count(tensor);
            memcpy(to, fs_trainer_gradient(trainer, w), count * sizeof *to);
            to += count;
        }
    }
    fs_trainer_destroy(trainer);
}

/* ---- comparison ---- */

static fs_npy read_numbers(const fixture *f, const char *name) {
    fs_npy numbers = {0};
    fs_error err = {0};
    must(fs_npy_read(&numbers, in_folder(f, name), &err), &err);
    return numbers;
}

typedef struct outcome {
    double worst, worst_loss;
    int within; /* gradients within allowed_gradient */
} outcome;

/* How far PyTorch in single precision is from itself in double. `rounded`: with sums in double. */
static outcome noise_of(const fixture *f, bool rounded) {
    const int n = STEPS * f->trainable.n;
    fs_npy noise = read_numbers(f, "noise.npy");
    outcome o = {0};
    for (int i = 0; i < n; i++) {
        const double d = (double)noise.data[i + (rounded ? n : 0)];
        o.worst = fmax(o.worst, d);
        o.within += d < allowed_gradient;
    }
    fs_npy_free(&noise);
    return o;
}

static void say_noise(const fixture *f) {
    static const char *const names[] = {"in single precision", "with sums in double, rounded between layers"};
    for (int rounded = 0; rounded < 2; rounded++) {
        const outcome o = noise_of(f, rounded);
        printf("PyTorch %s next to double precision: %d of %d gradients within 1e-3, the worst %.1e\n",
               names[rounded], o.within, STEPS * f->trainable.n, o.worst);
    }
}

/* With what the reference wrote under that prefix. */
static outcome compare(const fixture *f, const course *ours, const char *prefix, double allowed) {
    outcome o = {0};
    char name[64];
    snprintf(name, sizeof name, "%slosses.npy", prefix);
    fs_npy losses = read_numbers(f, name);
    const float *gradient = ours->gradients;
    for (int step = 0; step < STEPS; step++) {
        o.worst_loss = fmax(o.worst_loss, fabs(ours->losses[step] - (double)losses.data[step]));
        for (int w = 0; w < f->trainable.n; w++) {
            const fs_value *weight = &f->model->graph->values[f->trainable.weights[w]];
            snprintf(name, sizeof name, "%sgradient_%d_%d.npy", prefix, step, w);
            fs_npy reference = read_numbers(f, name);
            const double d = distance(gradient, &reference);
            if (!(d < allowed))
                fail_msg("step %d, %s: gradient differs by %g of its length, allowed %g", step, weight->name,
                         d, allowed);
            o.worst = fmax(o.worst, d);
            o.within += d < allowed_gradient;
            gradient += fs_tensor_count(&weight->constant);
            fs_npy_free(&reference);
        }
    }
    fs_npy_free(&losses);
    assert_true(o.worst_loss < allowed_loss);
    return o;
}

typedef struct flips {
    double units;          /* of a step */
    double others, maxima; /* that are on, or come from elsewhere, in the reference; of a step, at most */
    double farthest;       /* from the border */
} flips;

/* What falls on another side than in the reference is next to the border. */
static flips check_flips(const fixture *f) {
    fs_npy rows = read_numbers(f, "flips.npy");
    flips out = {0};
    for (int step = 0; step < STEPS; step++) {
        const float *row = rows.data + 4 * (size_t)step;
        out.units = (double)row[0];
        out.others = fmax(out.others, (double)row[1]);
        out.maxima = fmax(out.maxima, (double)row[2]);
        out.farthest = fmax(out.farthest, (double)row[3]);
    }
    fs_npy_free(&rows);
    assert_true(out.others < 1e-6 * out.units);
    assert_true(out.farthest < close_to_even);
    return out;
}

static void check_mode(fixture *f, const mode *m, double noise) {
    const int n = STEPS * f->trainable.n;
    course ours = {.gradients = fs_alloc_array((size_t)f->trainable.numbers * STEPS, sizeof(float))};
    assert_non_null(ours.gradients);
    take_steps(f, m, &ours);
    run_reference(f, STEPS, "sides");
    const outcome sided = compare(f, &ours, "sided_", allowed_gradient);
    const flips other = check_flips(f);
    const outcome own = compare(f, &ours, "", fmax(m->allowed, 2 * noise));
    printf("%s: losses within %.1e; %d gradients, with the same units on, within %.1e\n", m->name,
           fmax(own.worst_loss, sided.worst_loss), n, sided.worst);
    printf("  PyTorch has up to %.0f of %.0f units and %.0f maxima on the other side, by at most %.1e; with "
           "these %d gradients within 1e-3, the worst %.1e\n",
           other.others, other.units, other.maxima, other.farthest, own.within, own.worst);
    assert_true(!m->direct || own.within > n / 2);
    fs_free(ours.gradients);
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

/* With all pictures in one run, with gradients added up over small ones, and as training does it. */
static void test_steps(void **state) {
    (void)state;
    fixture f;
    if (!shared_has("models/squeezenet1_0.onnx") || !shared_has("datasets/hymenoptera"))
        skip();
    set_up(&f, FS_FREEZE_NONE);
    float *start = fs_alloc_array((size_t)f.trainable.numbers, sizeof *start);
    assert_non_null(start);
    copy_weights(&f, start, NULL);
    write_task(&f);
    run_reference(&f, STEPS, "");
    const double noise = noise_of(&f, false).worst;
    say_noise(&f);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        copy_weights(&f, NULL, start);
        check_mode(&f, &modes[i], noise);
    }
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
    fs_trainer *trainer = make_trainer(&f, &modes[2]);
    fs_error err = {0};
    double loss, start = 0;
    for (int step = 0; step < SPEED_STEPS; step++) {
        if (step == 1)
            start = fs_seconds();
        must(fs_trainer_step(trainer, f.input, f.labels, PICTURES, rate, &loss, &err), &err);
    }
    printf("filterscope: %.1f pictures/s\n", (SPEED_STEPS - 1) * PICTURES / (fs_seconds() - start));
    fflush(stdout);
    write_task(&f);
    run_reference(&f, SPEED_STEPS, "2");
    fs_trainer_destroy(trainer);
    tear_down(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps), cmocka_unit_test(test_speed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
