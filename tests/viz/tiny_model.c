#include "viz_test.h"

#include "tiny_model.h"

static int constant(fs_graph *graph, const char *name, fs_shape shape, float sigma, float *last) {
    int64_t count = fs_shape_count(&shape);
    float *data = test_normals((size_t)count, sigma, (uint64_t)strlen(name));
    if (last)
        data[count - 1] = *last;
    int value = fs_graph_value(graph, name);
    fs_tensor tensor = {.shape = shape, .dtype = FS_F32, .data = data};
    assert_int_equal(fs_graph_set_constant(graph, value, &tensor, true, NULL), FS_OK);
    return value;
}

static int node(fs_graph *graph, const char *type, const char *name, const fs_attribute *attributes,
                int n_attributes, const int *inputs, int n_inputs) {
    int output = fs_graph_value(graph, name);
    fs_node_spec spec = {.name = name,
                         .op_type = type,
                         .inputs = inputs,
                         .n_inputs = n_inputs,
                         .outputs = &output,
                         .n_outputs = 1,
                         .attributes = attributes,
                         .n_attributes = n_attributes};
    fs_error err = {0};
    if (fs_graph_add_node(graph, &spec, &err) != FS_OK)
        fail_msg("%s", err.message);
    return output;
}

static fs_layer layer_of(const char *name, int value, fs_shape shape) {
    return (fs_layer){.name = name,
                      .path = name,
                      .node = name,
                      .operator_type = "",
                      .value = value,
                      .view = value,
                      .shape = shape,
                      .channels = (int)shape.dim[1]};
}

void tiny_model_create(tiny_model *tiny, float dead_bias) {
    static const int64_t two_pads[4] = {2, 2, 2, 2}, one_pads[4] = {1, 1, 1, 1}, two_strides[2] = {2, 2};
    const fs_attribute wide[1] = {{.name = "pads", .kind = FS_ATTRIBUTE_INTS, .ints = two_pads, .count = 4}};
    const fs_attribute strided[2] = {
        {.name = "pads", .kind = FS_ATTRIBUTE_INTS, .ints = one_pads, .count = 4},
        {.name = "strides", .kind = FS_ATTRIBUTE_INTS, .ints = two_strides, .count = 2}};
    fs_graph *g = NULL;
    fs_error err = {0};
    assert_int_equal(fs_graph_create(&g, &err), FS_OK);
    g->input = fs_graph_value(g, "x");
    g->input_shape = fs_shape_of(4, -1, 3, -1, -1);
    int first[3] = {g->input, constant(g, "w", fs_shape_of(4, TINY_ONE, 3, 5, 5), 0.1F, NULL),
                    constant(g, "bb", fs_shape_of(1, TINY_ONE), 0.1F, NULL)};
    int one = node(g, "Relu", "one", NULL, 0, (int[]){node(g, "Conv", "conv1", wide, 1, first, 3)}, 1);
    int second[3] = {one, constant(g, "www", fs_shape_of(4, TINY_TWO, TINY_ONE, 3, 3), 0.2F, NULL),
                     constant(g, "bbbb", fs_shape_of(1, TINY_TWO), 0.1F, &dead_bias)};
    int two = node(g, "Relu", "two", NULL, 0, (int[]){node(g, "Conv", "conv2", strided, 2, second, 3)}, 1);
    int flat = node(g, "Flatten", "flat", NULL, 0, &two, 1);
    int head[2] = {flat, constant(g, "wwwww", fs_shape_of(2, TINY_TWO * 64, TINY_CLASSES), 0.1F, NULL)};
    int logits = node(g, "Gemm", "logits", NULL, 0, head, 2);
    assert_int_equal(fs_graph_add_output(g, logits, &err), FS_OK);
    if (fs_graph_finish(g, &err) != FS_OK)
        fail_msg("%s", err.message);
    tiny->layers[0] = layer_of("one", one, fs_shape_of(4, 1, TINY_ONE, TINY_SIDE, TINY_SIDE));
    tiny->layers[1] = layer_of("two", two, fs_shape_of(4, 1, TINY_TWO, TINY_SIDE / 2, TINY_SIDE / 2));
    tiny->layers[2] = layer_of("logits", logits, fs_shape_of(2, 1, TINY_CLASSES));
    tiny->model = (fs_model){.name = "tiny", .graph = g, .layers = tiny->layers, .n_layers = 3};
    tiny->model.preprocess = (fs_preprocess){.height = TINY_SIDE,
                                             .width = TINY_SIDE,
                                             .order = FS_CHANNELS_BGR,
                                             .range = 1,
                                             .mean = {0.4F, 0.5F, 0.6F},
                                             .std = {0.2F, 0.25F, 0.3F}};
}

void tiny_model_destroy(tiny_model *tiny) {
    fs_graph_destroy(tiny->model.graph);
}
