#include "base/helpers.h"

#include <ftw.h>
#include <unistd.h>

#include "base/file.h"
#include "base/image.h"
#include "base/random.h"
#include "engine/export/onnx_write.h"
#include "engine/train/material.h"

enum { SIDE = 20 };

static void draw(fs_image *image, bool standing, fs_random *random) {
    const int phase = fs_random_int(random, 4);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            for (int c = 0; c < 3; c++) {
                const int at = (standing ? x : y) + phase;
                image->pixels[(y * SIDE + x) * 3 + c] =
                    (uint8_t)((at / 2 % 2 ? 160 : 60) + fs_random_int(random, 40));
            }
}

void material_write(const char *folder, int count, uint64_t seed) {
    static const char *const classes[] = {"lying", "standing"};
    fs_random random;
    fs_error err = {0};
    fs_random_seed(&random, seed, 0);
    for (int k = 0; k < 2; k++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, classes[k]);
        assert_int_equal(fs_make_folder(path, &err), FS_OK);
        for (int i = 0; i < count; i++) {
            fs_image image;
            assert_int_equal(fs_image_create(&image, SIDE, SIDE, 3, &err), FS_OK);
            draw(&image, k == 1, &random);
            snprintf(path, sizeof path, "%s/%s/%02d.png", folder, classes[k], i);
            assert_int_equal(fs_image_write_png(&image, path, NULL, 0, &err), FS_OK);
            fs_image_free(&image);
        }
    }
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where) {
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

void material_remove(const char *folder) {
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- the network ---- */

static int constant(fs_graph *graph, const char *name, fs_shape shape, float sigma, float centre,
                    fs_random *random) {
    const int64_t count = fs_shape_count(&shape);
    float *data = fs_alloc_array((size_t)count, sizeof *data);
    assert_non_null(data);
    fs_random_normal(random, data, (int)count, sigma);
    for (int64_t i = 0; i < count; i++)
        data[i] += centre;
    const int v = fs_graph_value(graph, name);
    const fs_tensor tensor = {.shape = shape, .dtype = FS_F32, .data = data};
    assert_int_equal(fs_graph_set_constant(graph, v, &tensor, true, NULL), FS_OK);
    return v;
}

static int add(fs_graph *graph, const char *type, const char *name, const fs_attribute *attributes,
               int n_attributes, const int *inputs, int n_inputs) {
    const int output = fs_graph_value(graph, name);
    const fs_node_spec spec = {.name = name,
                               .op_type = type,
                               .inputs = inputs,
                               .outputs = &output,
                               .n_inputs = n_inputs,
                               .n_outputs = 1,
                               .attributes = attributes,
                               .n_attributes = n_attributes};
    fs_error err = {0};
    if (fs_graph_add_node(graph, &spec, &err) != FS_OK)
        fail_msg("%s", err.message);
    return output;
}

/* A convolution 3x3, for the second one with batch normalisation, and a ReLU. */
static int block(fs_graph *graph, const char *name, int x, int in, int out, bool norm, fs_random *random) {
    static const int64_t one_pads[4] = {1, 1, 1, 1};
    const fs_attribute pads = {.name = "pads", .kind = FS_ATTRIBUTE_INTS, .ints = one_pads, .count = 4};
    char text[64];
    snprintf(text, sizeof text, "%s.weight", name);
    const int w = constant(graph, text, fs_shape_of(4, out, in, 3, 3), 0.25F, 0, random);
    snprintf(text, sizeof text, "%s.bias", name);
    const int b = constant(graph, text, fs_shape_of(1, out), 0.1F, 0, random);
    x = add(graph, "Conv", name, &pads, 1, (int[]){x, w, b}, 3);
    if (norm) {
        int p[5] = {x};
        for (int i = 1; i < 5; i++) {
            snprintf(text, sizeof text, "%s.norm%d", name, i);
            p[i] = constant(graph, text, fs_shape_of(1, out), 0.05F, i == 1 || i == 4 ? 1 : 0, random);
        }
        snprintf(text, sizeof text, "%s_norm", name);
        x = add(graph, "BatchNormalization", text, NULL, 0, p, 5);
    }
    snprintf(text, sizeof text, "%s_relu", name);
    return add(graph, "Relu", text, NULL, 0, &x, 1);
}

fs_model *material_model(const char *folder) {
    fs_graph *graph = NULL;
    fs_model *model = NULL;
    fs_random random;
    fs_error err = {0};
    char path[512];
    fs_random_seed(&random, 3, 0);
    assert_int_equal(fs_graph_create(&graph, &err), FS_OK);
    graph->input = fs_graph_value(graph, "x");
    graph->input_shape = fs_shape_of(4, -1, 3, 16, 16);
    int x = block(graph, "one", graph->input, 3, 8, false, &random);
    x = block(graph, "two", x, 8, 8, true, &random);
    x = block(graph, "three", x, 8, 12, false, &random);
    x = add(graph, "GlobalAveragePool", "pool", NULL, 0, &x, 1);
    x = add(graph, "Flatten", "flat", NULL, 0, &x, 1);
    const int w = constant(graph, "fc.weight", fs_shape_of(2, 12, 7), 0.3F, 0, &random);
    x = add(graph, "Gemm", "fc", NULL, 0, (int[]){x, w}, 2);
    assert_int_equal(fs_graph_add_output(graph, x, &err), FS_OK);
    if (fs_graph_finish(graph, &err) != FS_OK)
        fail_msg("%s", err.message);
    const fs_onnx_write_options options = fs_onnx_write_options_default();
    assert_int_equal(fs_make_folder(folder, &err), FS_OK);
    snprintf(path, sizeof path, "%s/small.onnx", folder);
    if (fs_onnx_write(graph, path, &options, &err) != FS_OK || fs_model_load(&model, path, &err) != FS_OK)
        fail_msg("%s", err.message);
    fs_graph_destroy(graph);
    return model;
}
