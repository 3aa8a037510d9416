#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "app/commands.h"
#include "app/terminal.h"
#include "base/alloc.h"
#include "base/random.h"
#include "engine/plan.h"

enum { MAX_REPETITIONS = 1000 };
/* Before anything is timed: the threads have found their processors and the caches what they hold. */
static const double warm_up_seconds = 0.25;

typedef struct settings {
    char layer[FS_OPTION_TEXT_SIZE];
    int size, batch, repetitions;
    bool nodes;
} settings;

static const fs_option options[] = {
    FS_OPTION_LAYER(settings, layer, "layer", "", "only this layer (default: every one)"),
    FS_OPTION_INT(settings, size, "size", 8, 4096, "224", "height and width of the input"),
    FS_OPTION_INT(settings, batch, "batch", 1, 1024, "1", "images at once"),
    FS_OPTION_INT(settings, repetitions, "repetitions", 1, MAX_REPETITIONS, "15",
                  "steps timed; the median is printed"),
    FS_OPTION_BOOL(settings, nodes, "nodes", "time every node of the step as well"),
    FS_OPTION_END};

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The gradient of the layer's mean. */
static fs_status run_step(fs_call *call, fs_plan *plan, fs_error *err) {
    fs_status status = fs_plan_forward(plan, call->progress.cancel, err);
    const fs_shape shape = fs_plan_output_shape(plan, 0);
    const int64_t count = fs_shape_count(&shape);
    float *gradient = fs_plan_output_gradient(plan, 0);
    for (int64_t i = 0; i < count; i++)
        gradient[i] = 1.0f / (float)count;
    return status == FS_OK ? fs_plan_backward(plan, FS_RELU_PLAIN, call->progress.cancel, err) : status;
}

static fs_status time_steps(fs_call *call, fs_plan *plan, double *median, fs_error *err) {
    const settings *s = call->settings;
    double times[MAX_REPETITIONS] = {0};
    fs_status status = FS_OK;
    const double begin = fs_seconds();
    do
        status = run_step(call, plan, err);
    while (status == FS_OK && fs_seconds() - begin < warm_up_seconds);
    fs_plan_set_profiling(plan, s->nodes);
    for (int i = 0; i < s->repetitions && status == FS_OK; i++) {
        double start = fs_seconds();
        status = run_step(call, plan, err);
        times[i] = fs_seconds() - start;
    }
    if (status != FS_OK)
        return status;
    qsort(times, (size_t)s->repetitions, sizeof *times, by_value);
    *median = times[s->repetitions / 2];
    return FS_OK;
}

static void print_nodes(const fs_plan *plan, int repetitions) {
    const fs_plan_step_time *times;
    int n = fs_plan_step_times(plan, &times);
    for (int i = 0; i < n; i++) {
        const fs_plan_step_time *t = &times[i];
        double forward = t->forward_seconds / repetitions, backward = t->backward_seconds / repetitions;
        printf("    %-44.44s %-10s forward %7.3f ms %6.1f GFLOP/s   backward %7.3f ms %6.1f GFLOP/s\n",
               t->node, t->kernel, forward * 1e3, forward > 0 ? t->forward_flops / forward * 1e-9 : 0,
               backward * 1e3, backward > 0 ? t->backward_flops / backward * 1e-9 : 0);
    }
}

static fs_status bench_layer(fs_call *call, const fs_model *model, const fs_layer *layer, fs_pool *pool,
                             fs_error *err) {
    const settings *s = call->settings;
    fs_shape input = fs_shape_of(4, s->batch, fs_preprocess_channels(&model->preprocess), s->size, s->size);
    fs_plan_request request = fs_plan_request_default(model->graph, input);
    request.outputs = &layer->view;
    request.n_outputs = 1;
    request.input_gradient = true;
    request.pool = pool;
    fs_plan *plan = NULL;
    fs_status status = fs_plan_create(&plan, &request, err);
    if (status != FS_OK)
        return status;
    fs_random random;
    fs_random_seed(&random, call->common.seed, 0);
    fs_random_normal(&random, fs_plan_input(plan), (int)fs_shape_count(&input), 1);
    double median = 0;
    status = time_steps(call, plan, &median, err);
    if (status == FS_OK) {
        fs_plan_info info = fs_plan_get_info(plan);
        printf("%-28s %9.2f ms %8.1f GFLOP/s %8.1f MB\n", layer->name, median * 1e3,
               (info.forward_flops + info.backward_flops) / median * 1e-9,
               (double)(info.buffer_bytes + info.packed_bytes) / 1e6);
        if (s->nodes)
            print_nodes(plan, s->repetitions);
        fflush(stdout);
    }
    fs_plan_destroy(plan);
    return status;
}

/* Without --layer: every layer that has a spatial extent, from the first to the last that fits the size. */
static fs_status bench_all(fs_call *call, const fs_model *model, fs_pool *pool, fs_error *err) {
    for (int l = 0; l < model->n_layers; l++) {
        fs_status status = bench_layer(call, model, &model->layers[l], pool, err);
        if (status == FS_ERROR_CANCELLED || status == FS_ERROR_MEMORY || (l == 0 && status != FS_OK))
            return status;
        if (status != FS_OK)
            printf("%-28s %s\n", model->layers[l].name, err->message);
    }
    return FS_OK;
}

static fs_status run(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    fs_model *model = NULL;
    fs_pool *pool = NULL;
    const fs_layer *layer = NULL;
    fs_status status = fs_call_load_model(call, call->n_positional ? call->positional[0] : NULL, &model, err);
    if (status == FS_OK && *s->layer)
        status = fs_call_find_layer(model, s->layer, -1, &layer, err);
    if (status == FS_OK)
        status = fs_call_make_pool(call, &pool, err);
    if (status == FS_OK) {
        printf("one optimisation step (forward to the layer, backward to the image): %dx%d, batch %d, %d "
               "threads\n",
               s->size, s->size, s->batch, fs_pool_threads(pool));
        status = layer ? bench_layer(call, model, layer, pool, err) : bench_all(call, model, pool, err);
    }
    struct rusage usage;
    if (status == FS_OK && getrusage(RUSAGE_SELF, &usage) == 0)
        printf("peak memory %.0f MB\n", (double)usage.ru_maxrss / 1024);
    fs_pool_destroy(pool);
    fs_model_destroy(model);
    return status;
}

const fs_command fs_command_bench = {.name = "bench",
                                     .arguments = "[MODEL] [--layer L] [options]",
                                     .summary = "time and memory of one optimisation step per layer",
                                     .options = options,
                                     .settings_size = sizeof(settings),
                                     .max_positional = 1,
                                     .positional = FS_OPTION_MEANS_MODEL,
                                     .example = "bench --layer part1",
                                     .run = run};
