/* Gradients dropped by the reader of a rectified value (plan_relu.c), to the bit what a pass of its own makes
 * of them: the same plan with that switched off. A stem, a block as SqueezeNet and Inception have it, a pool
 * and a block above it; even and odd planes, one image and several, each instruction set, one thread and two.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/random.h"
#include "engine/kernels/isa.h"
#include "engine/plan_internal.h"

static fs_random randoms;

/* Borrowed by the graph. */
typedef struct window {
    int64_t kernel[2], strides[2], pads[4];
} window;
static const window one = {{1, 1}, {1, 1}, {0, 0, 0, 0}};
static const window three = {{3, 3}, {1, 1}, {1, 1, 1, 1}};
static const window three_by_two = {{3, 3}, {2, 2}, {1, 1, 1, 1}};
static const window two_by_two = {{2, 2}, {2, 2}, {0, 0, 0, 0}};

static int add(fs_graph *graph, const char *type, const fs_attribute *attributes, int count,
               const int *inputs, int n_inputs) {
    char name[32];
    fs_error err = {0};
    snprintf(name, sizeof name, "%s%d", type, graph->n_nodes);
    int output = fs_graph_value(graph, name);
    const fs_node_spec spec = {.name = name,
                               .op_type = type,
                               .inputs = inputs,
                               .outputs = &output,
                               .n_inputs = n_inputs,
                               .n_outputs = 1,
                               .attributes = attributes,
                               .n_attributes = count};
    if (fs_graph_add_node(graph, &spec, &err) != FS_OK)
        fail_msg("%s", err.message);
    return output;
}

static int windowed(fs_graph *graph, const char *type, const window *w, const int *inputs, int n_inputs) {
    const fs_attribute attributes[] = {
        {.name = "kernel_shape", .kind = FS_ATTRIBUTE_INTS, .ints = w->kernel, .count = 2},
        {.name = "strides", .kind = FS_ATTRIBUTE_INTS, .ints = w->strides, .count = 2},
        {.name = "pads", .kind = FS_ATTRIBUTE_INTS, .ints = w->pads, .count = 4}};
    return add(graph, type, attributes, 3, inputs, n_inputs);
}

/* A convolution and its ReLU. */
static int unit(fs_graph *graph, int channels, int outputs, const window *w, int x) {
    char name[32];
    fs_error err = {0};
    const fs_shape shape = fs_shape_of(4, outputs, channels, (int)w->kernel[0], (int)w->kernel[1]);
    fs_tensor weights = {.shape = shape, .dtype = FS_F32};
    weights.data = fs_alloc_array((size_t)fs_shape_count(&shape), sizeof(float));
    assert_non_null(weights.data);
    fs_random_normal(&randoms, weights.data, (int)fs_shape_count(&shape), 0.3f);
    snprintf(name, sizeof name, "w%d", graph->n_nodes);
    const int inputs[2] = {x, fs_graph_value(graph, name)};
    assert_int_equal(fs_graph_set_constant(graph, inputs[1], &weights, true, &err), FS_OK);
    const int conv = windowed(graph, "Conv", w, inputs, 2);
    return add(graph, "Relu", NULL, 0, &conv, 1);
}

static int join(fs_graph *graph, const int *parts, int n) {
    const fs_attribute axis = {.name = "axis", .kind = FS_ATTRIBUTE_INT, .i = 1};
    return add(graph, "Concat", &axis, 1, parts, n);
}

/* 3 - 8 - pool - 12 -+- 16 by 1x1 -+- concat -+- 16 by 1x1 --------+- concat - 3x3, 2 apart - pool - 1x1
 *                    +- 20 by 3x3 -+          +- 8 - 24 by 3x3 ----+
 *                                             +- pool - 12 by 1x1 -+                                       */
static fs_graph *make_network(int *output) {
    fs_graph *graph = NULL;
    fs_error err = {0};
    fs_random_seed(&randoms, 3, 0);
    assert_int_equal(fs_graph_create(&graph, &err), FS_OK);
    graph->input = fs_graph_value(graph, "x");
    graph->input_shape = fs_shape_of(4, -1, 3, -1, -1);
    const int stem = unit(graph, 3, 8, &three, graph->input);
    const int squeeze = unit(graph, 8, 12, &one, windowed(graph, "MaxPool", &three_by_two, &stem, 1));
    const int fire[] = {unit(graph, 12, 16, &one, squeeze), unit(graph, 12, 20, &three, squeeze)};
    const int joined = join(graph, fire, 2);
    const int pooled = windowed(graph, "MaxPool", &three, &joined, 1);
    const int block[] = {unit(graph, 36, 16, &one, joined),
                         unit(graph, 8, 24, &three, unit(graph, 36, 8, &one, joined)),
                         unit(graph, 36, 12, &one, pooled)};
    const int apart = unit(graph, 52, 16, &three_by_two, join(graph, block, 3));
    *output = unit(graph, 16, 8, &one, windowed(graph, "MaxPool", &two_by_two, &apart, 1));
    assert_int_equal(fs_graph_add_output(graph, *output, &err), FS_OK);
    if (fs_graph_finish(graph, &err) != FS_OK)
        fail_msg("%s", err.message);
    return graph;
}

static fs_plan *make_plan(const fs_graph *graph, int output, int images, int size, fs_pool *threads) {
    fs_plan *plan = NULL;
    fs_error err = {0};
    fs_plan_request request = fs_plan_request_default(graph, fs_shape_of(4, images, 3, size, size));
    request.outputs = &output;
    request.n_outputs = 1;
    request.input_gradient = true;
    request.pool = threads;
    if (fs_plan_create(&plan, &request, &err) != FS_OK)
        fail_msg("%s", err.message);
    return plan;
}

static void switch_off(fs_plan *plan) {
    for (int s = 0; s < plan->n_steps; s++)
        plan->steps[s].drops = plan->steps[s].relu_by_reader = false;
}

static int taken_over(const fs_plan *plan) {
    int n = 0;
    for (int s = 0; s < plan->n_steps; s++)
        n += plan->steps[s].relu_by_reader;
    return n;
}

static void run(fs_plan *plan, int count, fs_relu_rule rule) {
    fs_random random;
    fs_error err = {0};
    fs_random_seed(&random, 7, 0);
    fs_random_normal(&random, fs_plan_input(plan), count, 1);
    assert_int_equal(fs_plan_forward(plan, NULL, &err), FS_OK);
    const fs_shape out = fs_plan_output_shape(plan, 0);
    fs_random_normal(&random, fs_plan_output_gradient(plan, 0), (int)fs_shape_count(&out), 1);
    assert_int_equal(fs_plan_backward(plan, rule, NULL, &err), FS_OK);
}

static void check(const fs_graph *graph, int output, int images, int size, fs_pool *threads) {
    const int count = images * 3 * size * size;
    fs_plan *plan = make_plan(graph, output, images, size, threads);
    fs_plan *plain = make_plan(graph, output, images, size, threads);
    /* All but the last one and the one below a stride of two; parts of a concat only on whole words. */
    const bool words = size == 32;
    assert_int_equal(taken_over(plan), words ? 6 : 4);
    switch_off(plain);
    for (fs_relu_rule rule = FS_RELU_PLAIN; rule <= FS_RELU_GUIDED; rule++) {
        run(plan, count, rule);
        run(plain, count, rule);
        const float *a = fs_plan_input_gradient(plan), *b = fs_plan_input_gradient(plain);
        double sum = 0;
        for (int i = 0; i < count; i++)
            sum += (double)b[i] * (double)b[i];
        assert_true(sum > 0);
        assert_memory_equal(a, b, (size_t)count * sizeof *a);
    }
    fs_plan_destroy(plan);
    fs_plan_destroy(plain);
}

static void on(const char *isa) {
    setenv("FILTERSCOPE_ISA", isa, 1);
    if (strcmp(fs_isa_name(fs_cpu_isa()), isa) != 0)
        skip();
    int output = 0;
    fs_pool *two = NULL;
    fs_graph *graph = make_network(&output);
    assert_int_equal(fs_pool_create(&two, 2, NULL), FS_OK);
    for (int size = 27; size <= 32; size += 5)
        for (int images = 1; images <= 3; images += 2) {
            check(graph, output, images, size, NULL);
            check(graph, output, images, size, two);
        }
    fs_pool_destroy(two);
    fs_graph_destroy(graph);
    unsetenv("FILTERSCOPE_ISA");
}

static void test_avx512(void **state) {
    (void)state;
    on("avx512");
}

static void test_avx2(void **state) {
    (void)state;
    on("avx2");
}

static void test_generic(void **state) {
    (void)state;
    on("generic");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_avx512), cmocka_unit_test(test_avx2),
                                       cmocka_unit_test(test_generic)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
