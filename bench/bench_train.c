/* How fast training steps are: SGD with momentum on the model's own scores, all weights trained.
 *
 *     bench_train MODEL.onnx [batch [steps [threads [nodes]]]]
 *
 * Prints pictures per second of the best step and of the median one; with `nodes`, where the time of a run of
 * the network goes. The pictures are random numbers, in runs of eight as the trainer has them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/progress.h"
#include "base/random.h"
#include "engine/head.h"
#include "engine/model.h"
#include "engine/ops/common.h"
#include "engine/plan.h"
#include "engine/train/loss.h"
#include "engine/train/optimiser.h"
#include "engine/train/trainable.h"

enum { RUN = 8, MAX_STEPS = 1000 };

typedef struct bench {
    fs_model *model;
    fs_trainable trainable;
    fs_pool *pool;
    fs_plan *plan;
    fs_optimiser *optimiser;
    float *gradients;
    int batch, run, classes;
} bench;

static void must(fs_status status, const fs_error *err) {
    if (status == FS_OK)
        return;
    fprintf(stderr, "bench_train: %s\n", err->message);
    exit(1);
}

static void *need(void *memory) {
    if (!memory)
        exit(1);
    return memory;
}

static void make_plan(bench *b) {
    fs_error err = {0};
    const fs_preprocess *p = &b->model->preprocess;
    fs_graph *graph = b->model->graph;
    fs_plan_request request = fs_plan_request_default(graph, fs_shape_of(4, b->run, 3, p->height, p->width));
    request.outputs = graph->outputs;
    request.n_outputs = 1;
    request.weights = b->trainable.weights;
    request.n_weights = b->trainable.n;
    request.pool = b->pool;
    must(fs_plan_create(&b->plan, &request, &err), &err);
    const fs_shape out = fs_plan_output_shape(b->plan, 0);
    b->classes = (int)(fs_shape_count(&out) / b->run);
    fs_random random;
    fs_random_seed(&random, 1, 0);
    for (int64_t i = 0; i < fs_shape_count(&request.input); i++)
        fs_plan_input(b->plan)[i] = (float)fs_random_range(&random, -2, 2);
}

static void make_optimiser(bench *b) {
    fs_error err = {0};
    fs_optimiser_parameter *list = need(fs_alloc_array((size_t)b->trainable.n, sizeof *list));
    b->gradients = need(fs_calloc((size_t)b->trainable.numbers, sizeof(float)));
    float *next = b->gradients;
    for (int w = 0; w < b->trainable.n; w++) {
        const fs_tensor *t = &b->model->graph->values[b->trainable.weights[w]].constant;
        list[w] = (fs_optimiser_parameter){
            .weight = fs_f32(t), .gradient = next, .count = fs_tensor_count(t), .rate = 1, .decays = false};
        next += list[w].count;
    }
    fs_optimiser_settings settings = fs_optimiser_defaults();
    settings.kind = FS_OPTIMISER_SGD;
    must(fs_optimiser_create(&b->optimiser, &settings, list, b->trainable.n, &err), &err);
    fs_free(list);
}

static void learn(bench *b) {
    fs_error err = {0};
    must(fs_plan_forward(b->plan, NULL, &err), &err);
    float *gradient = fs_plan_clear_output_gradient(b->plan, 0);
    for (int i = 0; i < b->run; i++)
        (void)fs_cross_entropy(fs_plan_output(b->plan, 0) + (int64_t)i * b->classes, b->classes,
                               i % b->classes, 0, gradient + (int64_t)i * b->classes);
    must(fs_plan_backward(b->plan, FS_RELU_PLAIN, NULL, &err), &err);
    float *to = b->gradients;
    for (int w = 0; w < b->trainable.n; w++) {
        const float *from = fs_plan_weight_gradient(b->plan, w);
        const int64_t count = fs_tensor_count(&b->model->graph->values[b->trainable.weights[w]].constant);
        fs_copy_f32(b->pool, to, from, count, true);
        to += count;
    }
}

static double step(bench *b) {
    const double start = fs_seconds();
    memset(b->gradients, 0, (size_t)b->trainable.numbers * sizeof(float));
    for (int done = 0; done < b->batch; done += b->run)
        learn(b);
    fs_scale_f32(b->pool, b->gradients, b->trainable.numbers, 1 / (float)b->batch);
    fs_optimiser_step(b->optimiser, 1e-6, b->pool);
    fs_plan_trained(b->plan);
    return fs_seconds() - start;
}

static void print_nodes(const bench *b, int runs) {
    const fs_plan_step_time *times;
    const int n = fs_plan_step_times(b->plan, &times);
    double forward = 0, backward = 0;
    printf("%-44s %-12s %8s %8s %8s %8s\n", "ms a run of the network", "kernel", "forward", "GFLOP/s",
           "backward", "GFLOP/s");
    for (int i = 0; i < n; i++) {
        const double f = times[i].forward_seconds / runs, w = times[i].backward_seconds / runs;
        printf("%-44s %-12s %8.2f %8.0f %8.2f %8.0f\n", times[i].node, times[i].kernel, f * 1e3,
               times[i].forward_flops / f * 1e-9, w * 1e3, times[i].backward_flops / w * 1e-9);
        forward += f;
        backward += w;
    }
    printf("forward %.1f ms, backward %.1f ms\n", forward * 1e3, backward * 1e3);
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int number(int argc, char **argv, int at, int otherwise) {
    const int value = argc > at ? atoi(argv[at]) : otherwise;
    return value > 0 ? value : otherwise;
}

int main(int argc, char **argv) {
    bench b = {0};
    fs_error err = {0};
    if (argc < 2) {
        fprintf(stderr, "usage: bench_train MODEL.onnx [batch [steps [threads [nodes]]]]\n");
        return 2;
    }
    b.batch = number(argc, argv, 2, RUN);
    b.run = b.batch < RUN ? b.batch : RUN;
    b.batch -= b.batch % b.run;
    int steps = number(argc, argv, 3, 10);
    steps = steps < MAX_STEPS ? steps : MAX_STEPS;
    double seconds[MAX_STEPS];
    const bool nodes = argc > 5;
    fs_trainable_choice choice = {.freeze = FS_FREEZE_NONE, .depth_decay = 1};
    must(fs_model_load(&b.model, argv[1], &err), &err);
    must(fs_pool_create(&b.pool, number(argc, argv, 4, 2), &err), &err);
    must(fs_model_head_input(&choice.head_input, b.model, &err), &err);
    must(fs_trainable_choose(&b.trainable, b.model, &choice, &err), &err);
    make_plan(&b);
    make_optimiser(&b);
    (void)step(&b);
    fs_plan_set_profiling(b.plan, nodes);
    for (int i = 0; i < steps; i++)
        seconds[i] = step(&b);
    if (nodes)
        print_nodes(&b, steps * b.batch / b.run);
    qsort(seconds, (size_t)steps, sizeof *seconds, compare);
    printf("batch %d, %d weights: best %.1f pictures/s, median %.1f\n", b.batch, b.trainable.n,
           b.batch / seconds[0], b.batch / seconds[steps / 2]);
    fs_plan_destroy(b.plan);
    fs_optimiser_destroy(b.optimiser);
    fs_trainable_free(&b.trainable);
    fs_free(b.gradients);
    fs_pool_destroy(b.pool);
    fs_model_destroy(b.model);
    return 0;
}
