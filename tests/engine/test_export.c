/* Models written back as ONNX: what is read from the file that was written is the graph it was written from,
 * to the last bit of its class scores; refused, interrupted and starved writes leave nothing behind. */
#include "base/helpers.h"

#include <math.h>

#include "base/file.h"
#include "base/random.h"
#include "engine/export/element_types.h"
#include "engine/export/onnx_write.h"
#include "engine/export/sidecar_write.h"
#include "engine/head.h"
#include "engine/import/stored.h"
#include "engine/model.h"
#include "engine/operator.h"
#include "engine/plan.h"

#define FIXTURES FS_TEST_DATA "/onnx/"

static const char *const fixtures[] = {"squeeze", "residual",   "caffe",    "numbered", "geometry",
                                       "grey",    "fixed_head", "external", "types",    "kinds"};
enum { N_FIXTURES = sizeof fixtures / sizeof *fixtures };

static fs_model *load(const char *path) {
    fs_error err = {0};
    fs_model *model = NULL;
    if (fs_model_load(&model, path, &err) != FS_OK)
        fail_msg("%s", err.message);
    return model;
}

static fs_model *load_fixture(const char *name) {
    char path[512];
    snprintf(path, sizeof path, FIXTURES "%s.onnx", name);
    return load(path);
}

static void write_model(const fs_model *model, const char *path) {
    fs_error err = {0};
    const fs_onnx_write_options options = fs_onnx_write_options_default();
    if (fs_onnx_write(model->graph, path, &options, &err) != FS_OK)
        fail_msg("%s", err.message);
}

/* The last output for seeded noise; *count numbers, fs_free. */
static float *run(const fs_model *model, int64_t *count) {
    fs_error err = {0};
    fs_plan *plan = NULL;
    fs_random random;
    const fs_preprocess *p = &model->preprocess;
    const fs_shape input = fs_shape_of(4, 1, fs_preprocess_channels(p), p->height, p->width);
    fs_plan_request request = fs_plan_request_default(model->graph, input);
    const int output = model->graph->outputs[model->graph->n_outputs - 1];
    request.outputs = &output;
    request.n_outputs = 1;
    if (fs_plan_create(&plan, &request, &err) != FS_OK)
        fail_msg("%s: %s", model->path, err.message);
    fs_random_seed(&random, 3, 0);
    fs_random_normal(&random, fs_plan_input(plan), (int)fs_shape_count(&input), 1);
    assert_int_equal(fs_plan_forward(plan, NULL, &err), FS_OK);
    const fs_shape shape = fs_plan_output_shape(plan, 0);
    *count = fs_shape_count(&shape);
    float *copy = fs_alloc_array((size_t)*count, sizeof *copy);
    memcpy(copy, fs_plan_output(plan, 0), (size_t)*count * sizeof *copy);
    fs_plan_destroy(plan);
    return copy;
}

static void expect_same_output(const fs_model *a, const fs_model *b) {
    int64_t count_a, count_b;
    float *of_a = run(a, &count_a), *of_b = run(b, &count_b);
    assert_int_equal(count_a, count_b);
    assert_memory_equal(of_a, of_b, (size_t)count_a * sizeof *of_a);
    fs_free(of_a);
    fs_free(of_b);
}

/* ---- equality of graphs ---- */

static const char *name_of(const fs_graph *graph, int value) {
    return value == FS_NO_VALUE ? "" : graph->values[value].name;
}

static void expect_same_tensor(const fs_tensor *a, const fs_tensor *b) {
    assert_true(fs_shape_equal(&a->shape, &b->shape));
    assert_int_equal(a->dtype, b->dtype);
    assert_memory_equal(a->data, b->data, (size_t)fs_tensor_count(a) * fs_dtype_size(a->dtype));
}

static void expect_same_attribute(const fs_attribute *a, const fs_attribute *b) {
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->kind, b->kind);
    if (strcmp(a->name, "to") != 0) /* casts to other floating types become casts to float */
        assert_int_equal(a->i, b->i);
    assert_true(a->f == b->f);
    assert_int_equal(a->count, b->count);
    if (a->kind == FS_ATTRIBUTE_STRING)
        assert_string_equal(a->s, b->s);
    if (a->kind == FS_ATTRIBUTE_INTS)
        assert_memory_equal(a->ints, b->ints, (size_t)a->count * sizeof *a->ints);
    if (a->kind == FS_ATTRIBUTE_FLOATS)
        assert_memory_equal(a->floats, b->floats, (size_t)a->count * sizeof *a->floats);
    if (a->kind == FS_ATTRIBUTE_TENSOR)
        expect_same_tensor(&a->tensor, &b->tensor);
}

static void expect_same_node(const fs_graph *ga, const fs_graph *gb, const fs_node *a, const fs_node *b) {
    assert_string_equal(a->name, b->name);
    assert_ptr_equal(a->op, b->op);
    assert_int_equal(a->n_inputs, b->n_inputs);
    assert_int_equal(a->n_outputs, b->n_outputs);
    assert_int_equal(a->n_attributes, b->n_attributes);
    for (int i = 0; i < a->n_inputs; i++)
        assert_string_equal(name_of(ga, a->inputs[i]), name_of(gb, b->inputs[i]));
    for (int o = 0; o < a->n_outputs; o++)
        assert_string_equal(name_of(ga, a->outputs[o]), name_of(gb, b->outputs[o]));
    for (int i = 0; i < a->n_attributes; i++)
        expect_same_attribute(&a->attributes[i], &b->attributes[i]);
}

static void expect_same_interface(const fs_graph *a, const fs_graph *b) {
    assert_string_equal(name_of(a, a->input), name_of(b, b->input));
    assert_true(fs_shape_equal(&a->input_shape, &b->input_shape));
    for (int d = 0; d < 4; d++)
        if (a->dimension_names[d])
            assert_string_equal(a->dimension_names[d], b->dimension_names[d]);
    assert_int_equal(a->n_outputs, b->n_outputs);
    for (int o = 0; o < a->n_outputs; o++)
        assert_string_equal(name_of(a, a->outputs[o]), name_of(b, b->outputs[o]));
}

static void expect_same_graph(const fs_graph *a, const fs_graph *b) {
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->opset, b->opset);
    assert_int_equal(a->ir_version, b->ir_version);
    expect_same_interface(a, b);
    assert_int_equal(a->n_nodes, b->n_nodes);
    for (int n = 0; n < a->n_nodes; n++)
        expect_same_node(a, b, &a->nodes[n], &b->nodes[n]);
    for (int v = 0; v < a->n_values; v++) {
        const fs_value *value = &a->values[v];
        if (!value->constant.data)
            continue;
        const int other = fs_graph_find(b, value->name);
        if (other == FS_NO_VALUE || !b->values[other].constant.data)
            fail_msg("constant '%s' is gone", value->name);
        expect_same_tensor(&value->constant, &b->values[other].constant);
    }
}

static void test_round_trips(void **state) {
    (void)state;
    for (int i = 0; i < N_FIXTURES; i++) {
        fs_model *before = load_fixture(fixtures[i]);
        write_model(before, scratch_path("out.onnx"));
        fs_model *after = load(scratch_path("out.onnx"));
        expect_same_graph(before->graph, after->graph);
        if (before->preprocess.height == after->preprocess.height)
            expect_same_output(before, after);
        else
            fail_msg("%s: another input size", fixtures[i]);
        fs_model_destroy(before);
        fs_model_destroy(after);
    }
    assert_int_equal(scratch_count(), 1);
}

/* Weights that are no inputs came with version 4 of the format. */
static void test_old_format_versions_are_raised(void **state) {
    (void)state;
    fs_model *before = load_fixture("caffe");
    before->graph->ir_version = 3;
    write_model(before, scratch_path("out.onnx"));
    fs_model *after = load(scratch_path("out.onnx"));
    assert_int_equal(after->graph->ir_version, FS_ONNX_LOWEST_VERSION);
    assert_int_equal(after->graph->opset, 7);
    fs_model_destroy(before);
    fs_model_destroy(after);
}

static void test_writing_twice_gives_the_same_bytes(void **state) {
    (void)state;
    uint8_t *first, *second;
    size_t first_size, second_size;
    fs_model *model = load_fixture("squeeze");
    write_model(model, scratch_path("a.onnx"));
    fs_model *copy = load(scratch_path("a.onnx"));
    write_model(copy, scratch_path("b.onnx"));
    assert_int_equal(fs_file_read(&first, &first_size, scratch_path("a.onnx"), 1 << 20, NULL), FS_OK);
    assert_int_equal(fs_file_read(&second, &second_size, scratch_path("b.onnx"), 1 << 20, NULL), FS_OK);
    assert_int_equal(first_size, second_size);
    assert_memory_equal(first, second, first_size);
    fs_free(first);
    fs_free(second);
    fs_model_destroy(model);
    fs_model_destroy(copy);
}

/* ---- element types ---- */

static void expect_type(const fs_graph *graph, const char *name, fs_element_type type) {
    const int value = fs_graph_find(graph, name);
    assert_int_not_equal(value, FS_NO_VALUE);
    if (graph->values[value].element_type != type)
        fail_msg("%s has element type %d, not %d", name, (int)graph->values[value].element_type, (int)type);
}

static void test_integers_keep_their_kind(void **state) {
    (void)state;
    fs_model *before = load_fixture("types");
    write_model(before, scratch_path("out.onnx"));
    fs_model *after = load(scratch_path("out.onnx"));
    const fs_graph *graph = after->graph;
    expect_type(graph, "i64_typed", FS_ELEMENT_INT64);
    expect_type(graph, "i32_raw", FS_ELEMENT_INT32);
    expect_type(graph, "u8_typed", FS_ELEMENT_UINT8);
    expect_type(graph, "bool_raw", FS_ELEMENT_BOOL);
    expect_type(graph, "c_int", FS_ELEMENT_INT64);
    expect_type(graph, "f64_raw", FS_ELEMENT_FLOAT);
    expect_type(graph, "f16_typed", FS_ELEMENT_FLOAT);
    fs_model_destroy(before);
    fs_model_destroy(after);
}

static int64_t cast_to(const fs_graph *graph, const char *node) {
    for (int n = 0; n < graph->n_nodes; n++)
        if (strcmp(graph->nodes[n].name, node) == 0)
            return fs_node_int(&graph->nodes[n], "to", 0);
    return 0;
}

static void test_floating_types_become_one(void **state) {
    (void)state;
    fs_model *before = load_fixture("kinds");
    write_model(before, scratch_path("out.onnx"));
    fs_model *after = load(scratch_path("out.onnx"));
    assert_int_equal(cast_to(before->graph, "widen"), FS_ELEMENT_DOUBLE);
    assert_int_equal(cast_to(after->graph, "widen"), FS_ELEMENT_FLOAT);
    assert_int_equal(cast_to(after->graph, "widen_again"), FS_ELEMENT_FLOAT);
    assert_int_equal(cast_to(after->graph, "narrow"), FS_ELEMENT_INT32);
    for (int n = 0; n < after->graph->n_nodes; n++) {
        const fs_attribute *value = fs_node_attribute(&after->graph->nodes[n], "value");
        if (value)
            assert_int_equal(value->element_type, strcmp(after->graph->nodes[n].name, "fill") == 0
                                                      ? FS_ELEMENT_FLOAT
                                                      : FS_ELEMENT_INT32);
    }
    fs_model_destroy(before);
    fs_model_destroy(after);
}

/* A graph of another format has no element types: what users need is found. */
static void test_unknown_kinds_follow_from_users(void **state) {
    (void)state;
    static const char *const constants[] = {"yes", "one", "three"};
    static const fs_element_type expected[] = {FS_ELEMENT_BOOL, FS_ELEMENT_INT64, FS_ELEMENT_INT32};
    fs_error err = {0};
    fs_element_type *types = NULL;
    fs_model *model = load_fixture("kinds");
    for (int i = 0; i < 3; i++)
        model->graph->values[fs_graph_find(model->graph, constants[i])].element_type = FS_ELEMENT_UNKNOWN;
    assert_int_equal(fs_element_types(&types, model->graph, &err), FS_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(types[fs_graph_find(model->graph, constants[i])], expected[i]);
    assert_int_equal(types[fs_graph_find(model->graph, "both")], FS_ELEMENT_BOOL);
    assert_int_equal(types[fs_graph_find(model->graph, "size")], FS_ELEMENT_INT64);
    assert_int_equal(types[fs_graph_find(model->graph, "zero")], FS_ELEMENT_INT32);
    assert_int_equal(types[fs_graph_find(model->graph, "sum")], FS_ELEMENT_FLOAT);
    fs_free(types);
    fs_model_destroy(model);
}

/* ---- what goes wrong ---- */

static void test_refusals(void **state) {
    (void)state;
    fs_error err = {0};
    fs_model *model = load_fixture("kinds");
    fs_onnx_write_options options = fs_onnx_write_options_default();
    assert_int_equal(fs_onnx_write(model->graph, "/no/such/folder/x.onnx", &options, &err), FS_ERROR_IO);
    assert_non_null(strstr(err.message, "/no/such/folder/x.onnx: No such file"));
    const char *path = scratch_path("x.onnx");
    assert_int_equal(fs_onnx_write(model->graph, "/dev/full", &options, &err), FS_ERROR_IO);

    fs_value *three = &model->graph->values[fs_graph_find(model->graph, "three")];
    fs_i64(&three->constant)[0] = INT64_MAX;
    assert_int_equal(fs_onnx_write(model->graph, path, &options, &err), FS_ERROR_LIMIT);
    assert_non_null(strstr(err.message, "x.onnx: tensor 'three': 9223372036854775807 does not fit"));

    fs_value *half = &model->graph->values[fs_graph_find(model->graph, "half")];
    const fs_shape real = half->constant.shape;
    fs_i64(&three->constant)[0] = 3;
    half->constant.shape = fs_shape_of(1, 1 << 29); /* two gigabytes of floats, which nobody reads */
    assert_int_equal(fs_onnx_write(model->graph, path, &options, &err), FS_ERROR_LIMIT);
    assert_non_null(strstr(err.message, "more than an ONNX file may have"));
    half->constant.shape = real;
    assert_int_equal(scratch_count(), 0);
    fs_model_destroy(model);
}

static void test_memory_runs_out(void **state) {
    (void)state;
    fs_model *model = load_fixture("squeeze");
    const fs_onnx_write_options options = fs_onnx_write_options_default();
    bool refused = true;
    for (int allocation = 0; refused; allocation++) {
        fs_error err = {0};
        fail_from(allocation);
        fs_status status = fs_onnx_write(model->graph, scratch_path("x.onnx"), &options, &err);
        if (status == FS_OK)
            status = fs_sidecar_write(model, scratch_path("x.onnx"), &err);
        refused = fail_stop();
        if (refused && status != FS_ERROR_MEMORY)
            fail_msg("allocation %d: %d, '%s'", allocation, status, err.message);
    }
    fs_model *after = load(scratch_path("x.onnx"));
    expect_same_output(model, after);
    assert_int_equal(scratch_count(), 2);
    fs_model_destroy(model);
    fs_model_destroy(after);
}

/* Models that survive a few damaged bytes are as odd as a model can be: what is written of them is read
 * again. */
/* True when the model could be read and written. */
static bool export_damaged(const uint8_t *bytes, size_t size, int round) {
    fs_error err = {0};
    fs_model *model = NULL, *after = NULL;
    const fs_onnx_write_options options = fs_onnx_write_options_default();
    fs_head_options head = fs_head_options_default();
    head.classes = 2;
    int from;
    put_file(scratch_path("in.onnx"), bytes, size);
    if (fs_model_load(&model, scratch_path("in.onnx"), NULL) != FS_OK)
        return false;
    const char *path = scratch_path("out.onnx");
    fs_status status = fs_onnx_write(model->graph, path, &options, &err);
    if (status != FS_OK && strncmp(err.message, path, strlen(path)) != 0)
        fail_msg("round %d: %s", round, err.message);
    if (status == FS_OK && fs_model_load(&after, path, &err) != FS_OK)
        fail_msg("round %d: %s", round, err.message);
    if (fs_model_head_input(&from, model, &err) == FS_OK &&
        fs_model_replace_head(model, from, &head, &err) == FS_OK)
        assert_int_equal(model->graph->n_outputs, 1);
    fs_model_destroy(model);
    fs_model_destroy(after);
    return status == FS_OK;
}

static void test_damaged_models(void **state) {
    (void)state;
    static const char *const names[] = {"squeeze", "kinds", "caffe", "types"};
    const uint64_t seed = 20240613;
    print_message("seed %llu\n", (unsigned long long)seed);
    fs_random random;
    fs_random_seed(&random, seed, 0);
    int written = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[512];
        uint8_t *bytes;
        size_t size;
        snprintf(path, sizeof path, FIXTURES "%s.onnx", names[i]);
        for (int round = 0; round < 300; round++) {
            assert_int_equal(fs_file_read(&bytes, &size, path, 1 << 20, NULL), FS_OK);
            for (int flips = 1 + fs_random_int(&random, 3); flips > 0; flips--)
                bytes[fs_random_int(&random, (int)size)] = (uint8_t)fs_random_u64(&random);
            written += export_damaged(bytes, size, round);
            fs_free(bytes);
        }
    }
    print_message("%d of 1200 written\n", written);
    assert_true(written > 100);
}

/* ---- the sidecar ---- */

static const char sidecar[] =
    "{\"name\": \"a \\\"name\\\"\", \"source\": \"somewhere\", \"labels\": \"words.txt\",\n"
    "\"input\": {\"size\": [40, 48], \"channels\": \"BGR\", \"range\": 255,\n"
    "\"mean\": [104.25, 0.1, 3], \"std\": [1e-3, 58.395, 2]},\n"
    "\"levels\": {\"edge\": [\"features.0\"], \"part\": [\"features.3.squeeze\", \"logits\"]}}";

static void test_sidecar_round_trip(void **state) {
    (void)state;
    uint8_t *bytes;
    size_t size;
    fs_error err = {0};
    assert_int_equal(fs_file_read(&bytes, &size, FIXTURES "squeeze.onnx", 1 << 20, &err), FS_OK);
    put_file(scratch_path("in.onnx"), bytes, size);
    fs_free(bytes);
    put_file(scratch_path("in.json"), sidecar, strlen(sidecar));
    put_file(scratch_path("words.txt"), "a\nb b\n\xc3\xa9\nd\n\n", 12);
    fs_model *before = load(scratch_path("in.onnx"));
    assert_int_equal(before->n_labels, 5);
    write_model(before, scratch_path("out.onnx"));
    assert_int_equal(fs_sidecar_write(before, scratch_path("out.onnx"), &err), FS_OK);
    fs_model *after = load(scratch_path("out.onnx"));
    assert_true(after->has_sidecar);
    assert_string_equal(after->name, "a \"name\"");
    assert_string_equal(after->source, "somewhere");
    assert_memory_equal(&after->preprocess, &before->preprocess, sizeof after->preprocess);
    assert_int_equal(after->n_labels, before->n_labels);
    for (int i = 0; i < after->n_labels; i++)
        assert_string_equal(after->labels[i], before->labels[i]);
    assert_int_equal(after->n_layers, before->n_layers);
    for (int l = 0; l < after->n_layers; l++) {
        assert_string_equal(after->layers[l].name, before->layers[l].name);
        assert_int_equal(after->layers[l].level, before->layers[l].level);
    }
    assert_int_equal(fs_model_layer(after, "logits", NULL)->level, FS_LEVEL_PART);
    fs_model_destroy(before);
    fs_model_destroy(after);
}

/* ---- half precision ---- */

static float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Every number of half precision comes back; between two neighbours the nearer one, at the middle the even.
 */
static void test_half_numbers(void **state) {
    (void)state;
    for (uint32_t bits = 0; bits < 0x7c00; bits++) {
        const float here = fs_float_of_half((uint16_t)bits), next = fs_float_of_half((uint16_t)(bits + 1));
        assert_int_equal(fs_half_of_float(here), bits);
        assert_int_equal(fs_half_of_float(-here), bits | 0x8000);
        if (bits == 0x7bff)
            break; /* the largest */
        const float middle = (here + next) / 2;
        assert_int_equal(fs_half_of_float(middle), bits % 2 ? bits + 1 : bits);
        assert_int_equal(fs_half_of_float(nextafterf(middle, 0)), bits);
        assert_int_equal(fs_half_of_float(nextafterf(middle, 1e9F)), bits + 1);
    }
    assert_int_equal(fs_half_of_float(65519), 0x7bff);
    assert_int_equal(fs_half_of_float(65520), 0x7c00);
    assert_int_equal(fs_half_of_float(-INFINITY), 0xfc00);
    assert_int_equal(fs_half_of_float(1e-30F), 0);
    assert_true(isnan(fs_float_of_half(fs_half_of_float(float_of_bits(0x7fc00001)))));
}

static fs_status write_half(const fs_model *model, const char *path, fs_error *err) {
    fs_onnx_write_options options = fs_onnx_write_options_default();
    options.half = true;
    return fs_onnx_write(model->graph, path, &options, err);
}

static void expect_halved(const fs_graph *whole, const fs_graph *half) {
    for (int v = 0; v < whole->n_values; v++) {
        const fs_tensor *a = &whole->values[v].constant;
        if (!a->data || a->dtype != FS_F32)
            continue;
        const int w = fs_graph_find(half, whole->values[v].name);
        assert_true(w != FS_NO_VALUE);
        const fs_tensor *b = &half->values[w].constant;
        const float *x = a->data, *y = b->data;
        assert_int_equal(fs_tensor_count(a), fs_tensor_count(b));
        for (int64_t i = 0; i < fs_tensor_count(a); i++)
            assert_true(y[i] == (fs_tensor_count(a) < 64 ? x[i] : fs_float_of_half(fs_half_of_float(x[i]))));
    }
}

/* Read again, the same nodes and the rounded weights under their names; written once more, the same. */
static void test_half_models(void **state) {
    (void)state;
    static const char *const names[] = {"squeeze", "residual", "grey"};
    for (int i = 0; i < 3; i++) {
        fs_error err = {0};
        fs_model *model = load_fixture(names[i]);
        if (write_half(model, "half.onnx", &err) != FS_OK)
            fail_msg("%s: %s", names[i], err.message);
        fs_model *half = load("half.onnx");
        assert_int_equal(half->graph->n_nodes, model->graph->n_nodes);
        expect_halved(model->graph, half->graph);
        write_model(half, "again.onnx");
        fs_model *again = load("again.onnx");
        expect_same_output(half, again);
        fs_model_destroy(model);
        fs_model_destroy(half);
        fs_model_destroy(again);
    }
    remove("half.onnx");
    remove("again.onnx");
}

static void test_half_refused(void **state) {
    (void)state;
    fs_error err = {0};
    fs_model *model = load_fixture("squeeze");
    for (int v = 0; v < model->graph->n_values; v++)
        if (model->graph->values[v].constant.data && fs_tensor_count(&model->graph->values[v].constant) >= 64)
            ((float *)model->graph->values[v].constant.data)[5] = 70000;
    assert_int_equal(write_half(model, "half.onnx", &err), FS_ERROR_LIMIT);
    assert_non_null(strstr(err.message, "too large for half precision"));
    assert_false(fs_file_exists("half.onnx"));
    fs_model_destroy(model);
}

int main(void) {
#define SCRATCH_TEST(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_round_trips),
        SCRATCH_TEST(test_old_format_versions_are_raised),
        SCRATCH_TEST(test_writing_twice_gives_the_same_bytes),
        SCRATCH_TEST(test_integers_keep_their_kind),
        SCRATCH_TEST(test_floating_types_become_one),
        cmocka_unit_test(test_unknown_kinds_follow_from_users),
        SCRATCH_TEST(test_refusals),
        SCRATCH_TEST(test_memory_runs_out),
        SCRATCH_TEST(test_damaged_models),
        SCRATCH_TEST(test_sidecar_round_trip),
        cmocka_unit_test(test_half_numbers),
        SCRATCH_TEST(test_half_models),
        SCRATCH_TEST(test_half_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
