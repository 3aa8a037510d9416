/* Channels found through normalisations, Concats, groups, sums and flattened maps, on a graph made by hand:
 *
 *     x 3 - conv 3x3 - norm - relu "a" 4 -+- conv 1x1 "b" 2
 *                                         |
 *                            [a b] "cat" 6 - pool - conv 3x3, 2 groups "c" 4
 *                                                 \ conv 1x1 "d" 4
 *                            c + d "sum" 4 - relu - conv 1x1 "e" 4; e + relu "again" 4
 *                            again - flatten - gemm "out" 5 - softmax "soft"
 *     x 3 - transposed conv 3x3 "up" 2 */
#include "base/helpers.h"

#include <math.h>

#include "base/random.h"
#include "engine/neighbour_weights.h"

enum { A, B, CAT, C, D, SUM, E, AGAIN, OUT, SOFT, UP, LAYERS, SIDE = 8 };

typedef struct network {
    fs_model model;
    fs_layer layers[LAYERS];
    fs_graph *g;
} network;

static const float *constant_data(const network *net, const char *name) {
    return fs_f32(&net->g->values[fs_graph_find(net->g, name)].constant);
}

static int constant(fs_graph *g, const char *name, fs_shape shape, bool positive) {
    fs_random random;
    const int64_t count = fs_shape_count(&shape);
    float *data = fs_alloc_array((size_t)count, sizeof *data);
    assert_non_null(data);
    fs_random_seed(&random, 5, (uint64_t)name[0] + 256 * strlen(name));
    fs_random_normal(&random, data, (int)count, 1);
    for (int64_t i = 0; i < count && positive; i++)
        data[i] = fabsf(data[i]) + 0.1F;
    const int value = fs_graph_value(g, name);
    const fs_tensor tensor = {.shape = shape, .dtype = FS_F32, .data = data};
    assert_int_equal(fs_graph_set_constant(g, value, &tensor, true, NULL), FS_OK);
    return value;
}

static int node(fs_graph *g, const char *type, const char *name, const int *inputs, int n,
                const fs_attribute *attributes, int n_attributes) {
    const int output = fs_graph_value(g, name);
    fs_error err = {0};
    if (fs_graph_add_node(g,
                          &(fs_node_spec){.name = name,
                                          .op_type = type,
                                          .inputs = inputs,
                                          .n_inputs = n,
                                          .outputs = &output,
                                          .n_outputs = 1,
                                          .attributes = attributes,
                                          .n_attributes = n_attributes},
                          &err) != FS_OK)
        fail_msg("%s", err.message);
    return output;
}

static const int64_t ones[4] = {1, 1, 1, 1}, twos[2] = {2, 2};

static int conv(fs_graph *g, const char *name, int x, int outputs, int inputs, int side, int groups) {
    const fs_attribute attributes[2] = {
        {.name = "group", .kind = FS_ATTRIBUTE_INT, .i = groups},
        {.name = "pads", .kind = FS_ATTRIBUTE_INTS, .ints = ones, .count = 4}};
    char weights[16];
    snprintf(weights, sizeof weights, "w%s", name);
    const int in[2] = {x, constant(g, weights, fs_shape_of(4, outputs, inputs, side, side), false)};
    return node(g, "Conv", name, in, 2, attributes, side == 3 ? 2 : 1);
}

static void add_layer(network *net, int index, const char *name, int channels, int side) {
    const int value = fs_graph_find(net->g, name);
    net->layers[index] =
        (fs_layer){.name = name,
                   .path = name,
                   .node = name,
                   .operator_type = "",
                   .value = value,
                   .view = value,
                   .shape = side ? fs_shape_of(4, 1, channels, side, side) : fs_shape_of(2, 1, channels),
                   .channels = channels};
}

static void build_nodes(fs_graph *g) {
    const fs_attribute pool[2] = {
        {.name = "kernel_shape", .kind = FS_ATTRIBUTE_INTS, .ints = twos, .count = 2},
        {.name = "strides", .kind = FS_ATTRIBUTE_INTS, .ints = twos, .count = 2}};
    const fs_attribute axis = {.name = "axis", .kind = FS_ATTRIBUTE_INT, .i = 1};
    const fs_attribute turned = {.name = "transB", .kind = FS_ATTRIBUTE_INT, .i = 1};
    const int norm_in[5] = {
        conv(g, "plain", g->input, 4, 3, 3, 1), constant(g, "scale", fs_shape_of(1, 4), false),
        constant(g, "shift", fs_shape_of(1, 4), false), constant(g, "mean", fs_shape_of(1, 4), false),
        constant(g, "variance", fs_shape_of(1, 4), true)};
    const int norm = node(g, "BatchNormalization", "norm", norm_in, 5, NULL, 0);
    const int a = node(g, "Relu", "a", &norm, 1, NULL, 0);
    const int b = conv(g, "b", a, 2, 4, 1, 1);
    const int cat = node(g, "Concat", "cat", (int[]){a, b}, 2, &axis, 1);
    const int pooled = node(g, "MaxPool", "pool", &cat, 1, pool, 2);
    const int c = conv(g, "c", pooled, 4, 3, 3, 2), d = conv(g, "d", pooled, 4, 6, 1, 1);
    const int sum = node(g, "Add", "sum", (int[]){c, d}, 2, NULL, 0);
    const int relu = node(g, "Relu", "relu", &sum, 1, NULL, 0);
    const int e = conv(g, "e", relu, 4, 4, 1, 1);
    const int again = node(g, "Add", "again", (int[]){e, relu}, 2, NULL, 0);
    const int flat = node(g, "Flatten", "flat", &again, 1, NULL, 0);
    const int out_in[2] = {flat, constant(g, "wout", fs_shape_of(2, 5, 64), false)};
    const int out = node(g, "Gemm", "out", out_in, 2, &turned, 1);
    const fs_attribute pads = {.name = "pads", .kind = FS_ATTRIBUTE_INTS, .ints = ones, .count = 4};
    const int up_in[2] = {g->input, constant(g, "wup", fs_shape_of(4, 3, 2, 3, 3), false)};
    const int up = node(g, "ConvTranspose", "up", up_in, 2, &pads, 1);
    assert_int_equal(fs_graph_add_output(g, up, NULL), FS_OK);
    assert_int_equal(fs_graph_add_output(g, node(g, "Softmax", "soft", &out, 1, NULL, 0), NULL), FS_OK);
}

static int set_up(void **state) {
    static const struct {
        const char *name;
        int channels, side;
    } layers[LAYERS] = {[A] = {"a", 4, SIDE},     [B] = {"b", 2, SIDE},
                        [CAT] = {"cat", 6, SIDE}, [C] = {"c", 4, SIDE / 2},
                        [D] = {"d", 4, SIDE / 2}, [SUM] = {"sum", 4, SIDE / 2},
                        [E] = {"e", 4, SIDE / 2}, [AGAIN] = {"again", 4, SIDE / 2},
                        [OUT] = {"out", 5, 0},    [SOFT] = {"soft", 5, 0},
                        [UP] = {"up", 2, SIDE}};
    network *net = fs_calloc(1, sizeof *net);
    fs_error err = {0};
    assert_non_null(net);
    assert_int_equal(fs_graph_create(&net->g, &err), FS_OK);
    net->g->input = fs_graph_value(net->g, "x");
    net->g->input_shape = fs_shape_of(4, -1, 3, -1, -1);
    build_nodes(net->g);
    if (fs_graph_finish(net->g, &err) != FS_OK)
        fail_msg("%s", err.message);
    for (int l = 0; l < LAYERS; l++)
        add_layer(net, l, layers[l].name, layers[l].channels, layers[l].side);
    net->model = (fs_model){.name = "hand made", .graph = net->g, .layers = net->layers, .n_layers = LAYERS};
    net->model.preprocess = (fs_preprocess){.height = SIDE, .width = SIDE, .range = 1, .std = {1, 1, 1}};
    *state = net;
    return 0;
}

static int tear_down(void **state) {
    network *net = *state;
    fs_graph_destroy(net->g);
    fs_free(net);
    return 0;
}

static fs_neighbour_weights find(const network *net, int layer, int channel, fs_weights_direction direction) {
    fs_neighbour_weights weights = {0};
    fs_error err = {0};
    if (fs_neighbour_weights_find(&weights, &net->model, &net->layers[layer], channel, direction, &err) !=
        FS_OK)
        fail_msg("%s", err.message);
    for (int i = 0; i < weights.n; i++) {
        const fs_neighbour_weight *w = &weights.items[i];
        double sum = 0, squares = 0;
        for (int k = 0; k < w->height * w->width; k++) {
            sum += w->kernel[k];
            squares += (double)w->kernel[k] * w->kernel[k];
            assert_true(fabsf(w->kernel[k]) <= weights.greatest);
        }
        assert_float_equal(w->sum, sum, 1e-5);
        assert_float_equal(w->norm, sqrt(squares), 1e-5);
        assert_true(i == 0 || w[-1].sum >= w->sum);
    }
    return weights;
}

/* The one item of that layer and channel. */
static const fs_neighbour_weight *item(const fs_neighbour_weights *weights, int layer, int channel) {
    const fs_neighbour_weight *found = NULL;
    for (int i = 0; i < weights->n; i++)
        if (weights->items[i].layer == layer && weights->items[i].channel == channel) {
            assert_null(found);
            found = &weights->items[i];
        }
    assert_non_null(found);
    return found;
}

static void assert_kernel(const fs_neighbour_weight *w, const float *wanted, int side, double scale) {
    assert_int_equal(w->height, side);
    assert_int_equal(w->width, side);
    for (int k = 0; k < side * side; k++)
        assert_float_equal(w->kernel[k], wanted[k] * scale, 1e-5);
}

static void test_normalisation_is_a_factor(void **state) {
    const network *net = *state;
    const float *w = constant_data(net, "wplain");
    fs_neighbour_weights found = find(net, A, 2, FS_WEIGHTS_FROM);
    const double scale = constant_data(net, "scale")[2] / sqrt(constant_data(net, "variance")[2] + 1e-5);
    assert_int_equal(found.n, 3);
    for (int c = 0; c < 3; c++)
        assert_kernel(item(&found, FS_LAYER_PICTURE, c), w + 27 * 2 + 9 * c, 3, scale);
    fs_neighbour_weights_free(&found);
}

static void test_concat_finds_its_branch(void **state) {
    const network *net = *state;
    fs_neighbour_weights found = find(net, CAT, 5, FS_WEIGHTS_FROM);
    assert_int_equal(found.n, 4);
    for (int c = 0; c < 4; c++)
        assert_kernel(item(&found, A, c), constant_data(net, "wb") + 4 + c, 1, 1);
    fs_neighbour_weights_free(&found);
    found = find(net, CAT, 1, FS_WEIGHTS_FROM);
    assert_int_equal(found.n, 3);
    assert_int_equal(found.items[0].layer, FS_LAYER_PICTURE);
    fs_neighbour_weights_free(&found);
}

static void test_sum_has_all_branches(void **state) {
    const network *net = *state;
    fs_neighbour_weights found = find(net, SUM, 3, FS_WEIGHTS_FROM);
    const float *c = constant_data(net, "wc"), *d = constant_data(net, "wd");
    assert_int_equal(found.n, 3 + 6);
    for (int i = 0; i < found.n; i++) {
        const fs_neighbour_weight *w = &found.items[i];
        assert_int_equal(w->layer, CAT);
        if (w->height == 3)
            assert_kernel(w, c + 27 * 3 + 9 * (w->channel - 3), 3, 1); /* of the second group */
        else
            assert_kernel(w, d + 6 * 3 + w->channel, 1, 1);
    }
    fs_neighbour_weights_free(&found);
}

static void test_shortcut_is_one(void **state) {
    const network *net = *state;
    fs_neighbour_weights found = find(net, AGAIN, 1, FS_WEIGHTS_FROM);
    int shortcuts = 0;
    assert_int_equal(found.n, 4 + 1);
    for (int i = 0; i < found.n; i++) {
        const fs_neighbour_weight *w = &found.items[i];
        assert_int_equal(w->layer, SUM);
        if (w->channel == 1 && w->kernel[0] == 1)
            shortcuts++;
        else
            assert_kernel(w, constant_data(net, "we") + 4 + w->channel, 1, 1);
    }
    assert_int_equal(shortcuts, 1);
    fs_neighbour_weights_free(&found);
}

static void test_flattened_map(void **state) {
    const network *net = *state;
    const float *w = constant_data(net, "wout");
    fs_neighbour_weights found = find(net, SOFT, 2, FS_WEIGHTS_FROM);
    assert_int_equal(found.n, 4);
    for (int c = 0; c < 4; c++)
        assert_kernel(item(&found, AGAIN, c), w + 64 * 2 + 16 * c, 4, 1);
    fs_neighbour_weights_free(&found);
    found = find(net, AGAIN, 3, FS_WEIGHTS_TO);
    assert_int_equal(found.n, 5);
    for (int o = 0; o < 5; o++)
        assert_kernel(item(&found, OUT, o), w + 64 * o + 16 * 3, 4, 1);
    fs_neighbour_weights_free(&found);
}

/* What is spread is gathered from the other side: the kernel is turned round. */
static void test_transposed_convolution(void **state) {
    const network *net = *state;
    fs_neighbour_weights found = find(net, UP, 1, FS_WEIGHTS_FROM);
    assert_int_equal(found.n, 3);
    for (int c = 0; c < 3; c++) {
        const fs_neighbour_weight *w = item(&found, FS_LAYER_PICTURE, c);
        for (int k = 0; k < 9; k++)
            assert_true(w->kernel[k] == constant_data(net, "wup")[18 * c + 9 + 8 - k]);
    }
    fs_neighbour_weights_free(&found);
}

static void test_to_all_that_follow(void **state) {
    const network *net = *state;
    fs_neighbour_weights found = find(net, A, 3, FS_WEIGHTS_TO);
    assert_int_equal(found.n, 2 + 2 + 4); /* b, the second group of c, d */
    for (int o = 0; o < 2; o++)
        assert_kernel(item(&found, B, o), constant_data(net, "wb") + 4 * o + 3, 1, 1);
    for (int o = 2; o < 4; o++)
        assert_kernel(item(&found, C, o), constant_data(net, "wc") + 27 * o, 3, 1);
    for (int o = 0; o < 4; o++)
        assert_kernel(item(&found, D, o), constant_data(net, "wd") + 6 * o + 3, 1, 1);
    fs_neighbour_weights_free(&found);
    found = find(net, SUM, 0, FS_WEIGHTS_TO); /* not along the shortcut */
    assert_int_equal(found.n, 4);
    assert_int_equal(found.items[0].layer, E);
    fs_neighbour_weights_free(&found);
    found = find(net, E, 0, FS_WEIGHTS_TO);
    assert_int_equal(found.n, 5);
    fs_neighbour_weights_free(&found);
}

static void test_errors(void **state) {
    const network *net = *state;
    fs_neighbour_weights weights = {0};
    fs_error err = {0};
    assert_int_equal(
        fs_neighbour_weights_find(&weights, &net->model, &net->layers[OUT], 0, FS_WEIGHTS_TO, &err),
        FS_ERROR_NOT_FOUND);
    assert_non_null(strstr(err.message, "'out'"));
    assert_int_equal(
        fs_neighbour_weights_find(&weights, &net->model, &net->layers[OUT], 5, FS_WEIGHTS_FROM, &err),
        FS_ERROR_NOT_FOUND);
    assert_non_null(strstr(err.message, "no channel 5"));
    fs_layer picture = net->layers[A];
    picture.value = picture.view = net->g->input;
    assert_int_equal(fs_neighbour_weights_find(&weights, &net->model, &picture, 0, FS_WEIGHTS_FROM, &err),
                     FS_ERROR_NOT_FOUND);
    assert_null(weights.items);
}

static void test_memory(void **state) {
    const network *net = *state;
    for (int d = FS_WEIGHTS_FROM; d <= FS_WEIGHTS_TO; d++)
        for (int allocation = 0, refused = 1; refused; allocation++) {
            fs_neighbour_weights weights = {0};
            fail_from(allocation);
            fs_status status = fs_neighbour_weights_find(&weights, &net->model, &net->layers[A], 3,
                                                         (fs_weights_direction)d, NULL);
            refused = fail_stop();
            assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
            fs_neighbour_weights_free(&weights);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_normalisation_is_a_factor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_concat_finds_its_branch, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sum_has_all_branches, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shortcut_is_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_flattened_map, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_transposed_convolution, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_to_all_that_follow, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_errors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_memory, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
