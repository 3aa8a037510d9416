#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/graph.h"
#include "engine/operator.h"

static int set_up(void **state) {
    fs_error err = {0};
    return fs_graph_create((fs_graph **)state, &err) == FS_OK ? 0 : -1;
}

static int tear_down(void **state) {
    fs_graph_destroy(*state);
    return 0;
}

static void add(fs_graph *graph, const char *name, const char *type, const char *in, const char *out) {
    int input = fs_graph_value(graph, in), output = fs_graph_value(graph, out);
    fs_node_spec spec = {
        .name = name, .op_type = type, .inputs = &input, .outputs = &output, .n_inputs = 1, .n_outputs = 1};
    fs_error err = {0};
    assert_int_equal(fs_graph_add_node(graph, &spec, &err), FS_OK);
}

static void give_ends(fs_graph *graph, const char *in, const char *out) {
    fs_error err = {0};
    graph->input = fs_graph_value(graph, in);
    graph->input_shape = fs_shape_of(4, 1, 3, -1, -1);
    assert_int_equal(fs_graph_add_output(graph, fs_graph_value(graph, out), &err), FS_OK);
}

static void test_names_are_found(void **state) {
    fs_graph *graph = *state;
    char name[32];
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "value_%d", i);
        assert_int_equal(fs_graph_value(graph, name), i);
    }
    assert_int_equal(fs_graph_value(graph, "value_4321"), 4321);
    assert_int_equal(fs_graph_find(graph, "value_17"), 17);
    assert_int_equal(fs_graph_find(graph, "nowhere"), FS_NO_VALUE);
}

static void test_sorts_nodes(void **state) {
    fs_graph *graph = *state;
    fs_error err = {0};
    add(graph, "third", "Relu", "b", "c");
    add(graph, "first", "Relu", "x", "a");
    add(graph, "second", "Relu", "a", "b");
    give_ends(graph, "x", "c");
    assert_int_equal(fs_graph_finish(graph, &err), FS_OK);
    assert_string_equal(graph->nodes[0].name, "first");
    assert_string_equal(graph->nodes[1].name, "second");
    assert_string_equal(graph->nodes[2].name, "third");
    assert_int_equal(graph->values[fs_graph_find(graph, "b")].producer, 1);
}

static void expect_failure(fs_graph *graph, const char *part) {
    fs_error err = {0};
    assert_int_not_equal(fs_graph_finish(graph, &err), FS_OK);
    if (!strstr(err.message, part))
        fail_msg("'%s' does not name '%s'", err.message, part);
}

static void test_cycle(void **state) {
    fs_graph *graph = *state;
    add(graph, "a_node", "Relu", "b", "a");
    add(graph, "b_node", "Relu", "a", "b");
    give_ends(graph, "x", "b");
    expect_failure(graph, "cycle");
}

static void test_missing_tensor(void **state) {
    fs_graph *graph = *state;
    add(graph, "lonely", "Relu", "ghost", "a");
    give_ends(graph, "x", "a");
    expect_failure(graph, "'lonely': tensor 'ghost'");
}

static void test_made_twice(void **state) {
    fs_graph *graph = *state;
    add(graph, "one", "Relu", "x", "a");
    add(graph, "two", "Relu", "x", "a");
    give_ends(graph, "x", "a");
    expect_failure(graph, "'two'");
}

static void test_no_output(void **state) {
    fs_graph *graph = *state;
    add(graph, "one", "Relu", "x", "a");
    graph->input = fs_graph_value(graph, "x");
    expect_failure(graph, "no output");
}

static void test_unknown_operator(void **state) {
    fs_graph *graph = *state;
    int value = fs_graph_value(graph, "x");
    fs_node_spec spec = {.name = "odd",
                         .op_type = "Frobnicate",
                         .inputs = &value,
                         .outputs = &value,
                         .n_inputs = 1,
                         .n_outputs = 1};
    fs_error err = {0};
    assert_int_equal(fs_graph_add_node(graph, &spec, &err), FS_ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "odd"));
    assert_non_null(strstr(err.message, "Frobnicate"));
}

static void test_wrong_input_count(void **state) {
    fs_graph *graph = *state;
    fs_error err = {0};
    int in[3] = {fs_graph_value(graph, "x"), fs_graph_value(graph, "x"), fs_graph_value(graph, "x")};
    int out = fs_graph_value(graph, "a");
    fs_node_spec spec = {
        .name = "greedy", .op_type = "Relu", .inputs = in, .outputs = &out, .n_inputs = 3, .n_outputs = 1};
    assert_int_equal(fs_graph_add_node(graph, &spec, &err), FS_OK);
    give_ends(graph, "x", "a");
    expect_failure(graph, "greedy");
}

static void test_constant_limits(void **state) {
    fs_graph *graph = *state;
    fs_error err = {0};
    float one = 1;
    fs_tensor huge = {.shape = {2, {(int64_t)1 << 40, 8}}, .data = &one};
    fs_tensor negative = {.shape = {1, {-5}}, .data = &one};
    int v = fs_graph_value(graph, "w");
    assert_int_equal(fs_graph_set_constant(graph, v, &huge, false, &err), FS_ERROR_LIMIT);
    assert_int_equal(fs_graph_set_constant(graph, v, &negative, false, &err), FS_ERROR_LIMIT);
    assert_non_null(strstr(err.message, "'w'"));
}

static void test_broadcast_and_text(void **state) {
    (void)state;
    fs_shape a = fs_shape_of(4, 2, 3, 1, 5), b = fs_shape_of(3, 1, 4, 5), out, bad = fs_shape_of(1, 4);
    char text[FS_SHAPE_TEXT];
    assert_true(fs_shape_broadcast(&a, &b, &out));
    assert_string_equal(fs_shape_text(&out, text), "2x3x4x5");
    assert_false(fs_shape_broadcast(&a, &bad, &out));
    int axis = 9;
    assert_true(fs_axis_normalise(-1, 4, &axis));
    assert_int_equal(axis, 3);
    assert_false(fs_axis_normalise(4, 4, &axis));
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
int main(void) {
    const struct CMUnitTest tests[] = {
        EACH(test_names_are_found),   EACH(test_sorts_nodes),       EACH(test_cycle),
        EACH(test_missing_tensor),    EACH(test_made_twice),        EACH(test_no_output),
        EACH(test_unknown_operator),  EACH(test_wrong_input_count), EACH(test_constant_limits),
        EACH(test_broadcast_and_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
