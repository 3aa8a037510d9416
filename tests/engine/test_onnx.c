/* The ONNX reader on the fixtures of make_onnx_fixtures.py: every form of tensor, old and new habits of
 * exporters, data in another file, and what is refused with which words. */
#include "base/helpers.h"

#include <math.h>
#include <stdlib.h>

#include "engine/import/onnx.h"
#include "engine/model.h"
#include "engine/operator.h"

#define FIXTURES FS_TEST_DATA "/onnx/"

static fs_graph *read_fixture(const char *name) {
    char path[512];
    fs_error err = {0};
    fs_graph *graph = NULL;
    snprintf(path, sizeof path, FIXTURES "%s.onnx", name);
    if (fs_onnx_read(&graph, path, &err) != FS_OK)
        fail_msg("%s", err.message);
    return graph;
}

static const fs_tensor *constant(const fs_graph *graph, const char *name) {
    const int value = fs_graph_find(graph, name);
    if (value == FS_NO_VALUE || !graph->values[value].constant.data)
        fail_msg("no constant '%s'", name);
    return &graph->values[value].constant;
}

static void expect_floats(const fs_graph *graph, const char *name, int count, const float *expected) {
    const fs_tensor *t = constant(graph, name);
    if (t->dtype != FS_F32 || fs_tensor_count(t) != count)
        fail_msg("%s: type or size", name);
    for (int i = 0; i < count; i++)
        if (fs_f32(t)[i] != expected[i])
            fail_msg("%s[%d] is %g, not %g", name, i, fs_f32(t)[i], expected[i]);
}

static void expect_ints(const fs_graph *graph, const char *name, int64_t a, int64_t b) {
    const fs_tensor *t = constant(graph, name);
    if (t->dtype != FS_I64 || fs_tensor_count(t) != 2 || fs_i64(t)[0] != a || fs_i64(t)[1] != b)
        fail_msg("%s is not (%lld, %lld)", name, (long long)a, (long long)b);
}

static void test_tensor_types(void **state) {
    (void)state;
    static const char *const floats[] = {"f32_typed", "f32_raw",  "f64_typed",  "f64_raw", "f16_typed",
                                         "f16_raw",   "bf16_raw", "bf16_typed", "c_tensor"};
    fs_graph *graph = read_fixture("types");
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++) {
        expect_floats(graph, floats[i], 3, (float[]){0.5f, -2, 3});
        assert_int_equal(constant(graph, floats[i])->shape.rank, 2);
    }
    expect_floats(graph, "f16_edges", 4, (float[]){0x1p-24f, 65504, INFINITY, -0.0f});
    assert_true(signbit(fs_f32(constant(graph, "f16_edges"))[3]));
    expect_ints(graph, "i64_raw", 7, -9);
    expect_ints(graph, "i64_typed", 7, -9);
    expect_ints(graph, "i32_raw", 7, -9);
    expect_ints(graph, "i32_typed", 7, -9);
    expect_ints(graph, "u8_raw", 7, 255);
    expect_ints(graph, "u8_typed", 7, 255);
    expect_ints(graph, "bool_raw", 1, 0);
    expect_ints(graph, "bool_typed", 1, 0);
    fs_graph_destroy(graph);
}

static void test_constants_and_scalars(void **state) {
    (void)state;
    fs_graph *graph = read_fixture("types");
    expect_floats(graph, "scalar", 1, (float[]){4});
    assert_int_equal(constant(graph, "scalar")->shape.rank, 0);
    assert_int_equal(fs_tensor_count(constant(graph, "empty")), 0);
    expect_floats(graph, "c_float", 1, (float[]){1.5f});
    assert_int_equal(fs_i64(constant(graph, "c_int"))[0], -3);
    expect_ints(graph, "c_ints", 4, 5);
    expect_floats(graph, "c_floats", 2, (float[]){0.25f, 8});
    assert_int_equal(graph->n_nodes, 1); /* Constant nodes are gone */
    assert_int_equal(graph->opset, 13);
    fs_graph_destroy(graph);
}

static void test_weights_among_inputs(void **state) {
    (void)state;
    fs_graph *graph = read_fixture("caffe");
    assert_string_equal(graph->values[graph->input].name, "data");
    assert_int_equal(graph->opset, 7);
    const fs_shape declared = fs_shape_of(4, 1, 3, 20, 24);
    assert_true(fs_shape_equal(&graph->input_shape, &declared));
    assert_string_equal(graph->nodes[0].name, "Conv_0"); /* made up: the file has none */
    assert_string_equal(graph->nodes[6].name, "Softmax_6");
    assert_int_equal(constant(graph, "conv1_w")->shape.dim[2], 5);
    fs_graph_destroy(graph);
}

static void test_open_dimensions(void **state) {
    (void)state;
    fs_graph *graph = read_fixture("squeeze");
    const fs_shape declared = fs_shape_of(4, -1, 3, -1, -1);
    assert_true(fs_shape_equal(&graph->input_shape, &declared));
    const fs_attribute *strides = fs_node_attribute(&graph->nodes[0], "strides");
    assert_non_null(strides);
    assert_int_equal(strides->kind, FS_ATTRIBUTE_INTS);
    assert_int_equal(strides->count, 2);
    assert_int_equal(strides->ints[1], 2);
    fs_graph_destroy(graph);
}

static void test_external_data(void **state) {
    (void)state;
    fs_graph *graph = read_fixture("external");
    float expected[4 * 27 + 4];
    FILE *file = fopen(FIXTURES "external.bin", "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 64, SEEK_SET), 0);
    assert_int_equal(fread(expected, sizeof *expected, 4 * 27 + 4, file), 4 * 27 + 4);
    fclose(file);
    expect_floats(graph, "w", 4 * 27, expected);
    expect_floats(graph, "b", 4, expected + 4 * 27);
    fs_graph_destroy(graph);
}

typedef struct refusal {
    const char *fixture;
    fs_status code;
    const char *says;
} refusal;

static const refusal refusals[] = {
    {"bad_cycle", FS_ERROR_FORMAT, "cycle"},
    {"bad_missing", FS_ERROR_FORMAT, "node 'sum': tensor 'nowhere'"},
    {"bad_twice", FS_ERROR_FORMAT, "node 'again'"},
    {"bad_output", FS_ERROR_FORMAT, "output 'z'"},
    {"bad_negative", FS_ERROR_FORMAT, "tensor 'x': its dimensions are negative"},
    {"bad_enormous", FS_ERROR_FORMAT, "tensor 'x': its dimensions are negative or enormous"},
    {"bad_claim", FS_ERROR_FORMAT, "tensor 'x': its dimensions need 4294967296 bytes, the file has 16"},
    {"bad_raw", FS_ERROR_FORMAT, "tensor 'x': its dimensions need 16 bytes, the file has 15"},
    {"bad_typed", FS_ERROR_FORMAT, "tensor 'x': its dimensions need 3 numbers, the file has 2"},
    {"bad_type", FS_ERROR_UNSUPPORTED, "tensor 'x': data type 8"},
    {"bad_rank", FS_ERROR_LIMIT, "tensor 'x': 9 dimensions"},
    {"bad_duplicate", FS_ERROR_FORMAT, "tensor 'x' is defined twice"},
    {"bad_two_inputs", FS_ERROR_UNSUPPORTED, "'left', 'right'"},
    {"bad_input_rank", FS_ERROR_UNSUPPORTED, "[N,C,H,W]"},
    {"bad_domain", FS_ERROR_UNSUPPORTED, "node 'only': operator Relu of 'com.example'"},
    {"bad_operator", FS_ERROR_UNSUPPORTED, "node 'only': operator Einmalig"},
    {"bad_subgraph", FS_ERROR_UNSUPPORTED, "node 'choice'"},
    {"bad_no_graph", FS_ERROR_FORMAT, "not an ONNX model (no graph inside)"},
    {"bad_function", FS_ERROR_UNSUPPORTED, "functions"},
    {"bad_sparse", FS_ERROR_UNSUPPORTED, "sparse"},
    {"bad_external_escape", FS_ERROR_FORMAT, "'../external.bin' is not a file beside the model"},
    {"bad_external_absolute", FS_ERROR_FORMAT, "is not a file beside the model"},
    {"bad_external_missing", FS_ERROR_IO, "nothing.bin"},
    {"bad_external_end", FS_ERROR_FORMAT, "external.bin ends before byte 1000 + 432"},
    {"bad_external_offset", FS_ERROR_FORMAT, "offset '-4'"},
    {"bad_external_length", FS_ERROR_FORMAT, "need 432 bytes, the external data have 431"},
};

static void test_refusals(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        char path[512];
        fs_error err = {0};
        fs_graph *graph = NULL;
        snprintf(path, sizeof path, FIXTURES "%s.onnx", refusals[i].fixture);
        const fs_status status = fs_onnx_read(&graph, path, &err);
        assert_null(graph);
        if (status != refusals[i].code || err.code != status || !strstr(err.message, refusals[i].says) ||
            strncmp(err.message, path, strlen(path)) != 0 || strchr(err.message, '\n'))
            fail_msg("%s: %d, %s", refusals[i].fixture, status, err.message);
    }
}

static void expect_not_onnx(const char *bytes, size_t size) {
    fs_error err = {0};
    fs_graph *graph = NULL;
    put_file(scratch_path("x.onnx"), bytes, size);
    assert_int_equal(fs_onnx_read(&graph, scratch_path("x.onnx"), &err), FS_ERROR_FORMAT);
    if (!strstr(err.message, "x.onnx: not an ONNX model ("))
        fail_msg("%s", err.message);
}

static void test_other_files(void **state) {
    (void)state;
    static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0", text[] = "{\"name\": \"a sidecar\"}\n";
    expect_not_onnx("", 0);
    expect_not_onnx(png, sizeof png);
    expect_not_onnx(text, sizeof text - 1);
    char zeros[4096] = {0};
    expect_not_onnx(zeros, sizeof zeros);

    fs_error err = {0};
    fs_model *model = NULL;
    assert_int_equal(fs_model_load(&model, scratch_path("x.jpeg"), &err), FS_ERROR_UNSUPPORTED);
    assert_int_equal(fs_model_load(&model, scratch_path("absent.onnx"), &err), FS_ERROR_IO);
    assert_non_null(strstr(err.message, "absent.onnx"));
    assert_null(model);
}

/* A million empty nodes in two bytes each would take a hundred times the file's size unpacked. */
static void test_amplification(void **state) {
    (void)state;
    enum { NODES = 2000000 };
    static uint8_t bytes[2 + 1 + 5 + 2 * NODES];
    size_t at = 0, length = 2 * (size_t)NODES;
    bytes[at++] = 1 << 3; /* ir_version */
    bytes[at++] = 7;
    bytes[at++] = 7 << 3 | 2; /* graph */
    for (; length > 127; length >>= 7)
        bytes[at++] = (uint8_t)(length | 128);
    bytes[at++] = (uint8_t)length;
    for (int i = 0; i < NODES; i++) {
        bytes[at++] = 1 << 3 | 2; /* node */
        bytes[at++] = 0;
    }
    fs_error err = {0};
    fs_graph *graph = NULL;
    put_file(scratch_path("many.onnx"), bytes, at);
    assert_int_equal(fs_onnx_read(&graph, scratch_path("many.onnx"), &err), FS_ERROR_LIMIT);
    assert_non_null(strstr(err.message, "far more memory"));
}

/* Hundreds of millions of fields of two bytes would take minutes to walk over. */
static void test_endless_fields(void **state) {
    (void)state;
    enum { FIELDS = 17000000 };
    char *bytes = malloc(2 * (size_t)FIELDS);
    for (size_t i = 0; i < FIELDS; i++) {
        bytes[2 * i] = 5 << 3; /* model_version, a number */
        bytes[2 * i + 1] = 1;
    }
    fs_error err = {0};
    fs_graph *graph = NULL;
    put_file(scratch_path("endless.onnx"), bytes, 2 * (size_t)FIELDS);
    free(bytes);
    assert_int_equal(fs_onnx_read(&graph, scratch_path("endless.onnx"), &err), FS_ERROR_LIMIT);
    assert_non_null(strstr(err.message, "fields"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tensor_types),
        cmocka_unit_test(test_constants_and_scalars),
        cmocka_unit_test(test_weights_among_inputs),
        cmocka_unit_test(test_open_dimensions),
        cmocka_unit_test(test_external_data),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test_setup_teardown(test_other_files, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_amplification, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_endless_fields, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
