/* A convolution whose kernel is a Gabor function answers most to the grating and the patch it was made from.
 */
#include "viz_test.h"

#include "viz/tuning.h"

enum { SIDE = 33, KERNEL = 25, KERNELS = 3 };

static const double theta[KERNELS] = {0, 2 * M_PI / 12, 9 * M_PI / 12}, lambda[KERNELS] = {4, 8, 8};

typedef struct gabor_net {
    fs_model model;
    fs_layer layer;
    float weights[KERNELS * 3 * KERNEL * KERNEL];
} gabor_net;

/* Small compared with the mean of the picture's grey: the kernels sum to nearly nothing. */
static void fill(float *weights) {
    for (int k = 0; k < KERNELS; k++)
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < KERNEL * KERNEL; i++) {
                double x = i % KERNEL - KERNEL / 2, y = i / KERNEL - KERNEL / 2;
                double across = x * cos(theta[k]) + y * sin(theta[k]), sigma = 0.56 * lambda[k];
                *weights++ =
                    (float)(exp(-(x * x + y * y) / (2 * sigma * sigma)) * cos(2 * M_PI * across / lambda[k]));
            }
}

static void create_net(gabor_net *net) {
    fs_graph *g = NULL;
    fs_error err = {0};
    fill(net->weights);
    assert_int_equal(fs_graph_create(&g, &err), FS_OK);
    g->input = fs_graph_value(g, "x");
    g->input_shape = fs_shape_of(4, -1, 3, -1, -1);
    int inputs[] = {g->input, fs_graph_value(g, "w")};
    fs_tensor tensor = {
        .shape = fs_shape_of(4, KERNELS, 3, KERNEL, KERNEL), .dtype = FS_F32, .data = net->weights};
    assert_int_equal(fs_graph_set_constant(g, inputs[1], &tensor, false, &err), FS_OK);
    int output = fs_graph_value(g, "conv");
    fs_node_spec spec = {.name = "conv",
                         .op_type = "Conv",
                         .inputs = inputs,
                         .n_inputs = 2,
                         .outputs = &output,
                         .n_outputs = 1};
    assert_int_equal(fs_graph_add_node(g, &spec, &err), FS_OK);
    assert_int_equal(fs_graph_add_output(g, output, &err), FS_OK);
    assert_int_equal(fs_graph_finish(g, &err), FS_OK);
    int map = SIDE - KERNEL + 1;
    net->layer = (fs_layer){.name = "conv",
                            .value = output,
                            .view = output,
                            .shape = fs_shape_of(4, 1, KERNELS, map, map),
                            .channels = KERNELS,
                            .field = {KERNEL, 1, 0}};
    net->model = (fs_model){.name = "gabor", .graph = g, .layers = &net->layer, .n_layers = 1};
    net->model.preprocess = (fs_preprocess){
        .height = SIDE, .width = SIDE, .range = 1, .mean = {0.5F, 0.5F, 0.5F}, .std = {1, 1, 1}};
}

static const fs_tuning_settings settings = {
    .orientations = 12, .wavelengths = 5, .shortest = 4, .longest = 16};

static void test_peaks(void **state) {
    (void)state;
    gabor_net net;
    fs_tuning t = {0};
    create_net(&net);
    for (int k = 0; k < KERNELS; k++) {
        assert_int_equal(fs_tuning_run(&t, &net.model, &net.layer, k, &settings, NULL, NULL, NULL), FS_OK);
        assert_close(t.wavelength[0], 4, 1e-12, 1);
        assert_close(t.wavelength[2], 8, 1e-12, 1); /* equal ratios */
        assert_close(t.wavelength[4], 16, 1e-12, 1);
        for (int kind = 0; kind < FS_STIMULUS_KINDS; kind++) {
            int peak = fs_tuning_peak(&t, (fs_stimulus_kind)kind);
            assert_close(fs_tuning_angle(&t, peak % t.orientations), theta[k], 1e-9, 1);
            assert_close(t.wavelength[peak / t.orientations], lambda[k], 1e-9, 1);
            /* across its stripes it answers, along them it does not */
            const float *row = t.response[kind] + peak / t.orientations * t.orientations;
            int along = (peak % t.orientations + t.orientations / 2) % t.orientations;
            assert_true(row[along] < 0.1F * t.response[kind][peak]);
        }
        fs_tuning_free(&t);
    }
    fs_graph_destroy(net.model.graph);
}

/* The response to the best phase is the product of kernel and stimulus, summed here one by one. */
static void test_value(void **state) {
    (void)state;
    gabor_net net;
    fs_tuning t = {0};
    create_net(&net);
    assert_int_equal(fs_tuning_run(&t, &net.model, &net.layer, 0, &settings, NULL, NULL, NULL), FS_OK);
    double gratings = 0, patches = 0, sigma = 0.56 * 4;
    for (int i = 0; i < KERNEL * KERNEL; i++) {
        double x = i % KERNEL - KERNEL / 2, y = i / KERNEL - KERNEL / 2, wave = cos(2 * M_PI * x / 4);
        gratings += 3 * 0.5 * net.weights[i] * wave;
        patches += 3 * 0.5 * net.weights[i] * wave * exp(-(x * x + 0.25 * y * y) / (2 * sigma * sigma));
    }
    assert_close(t.response[FS_STIMULUS_GRATING][0], gratings, 1e-4, gratings);
    assert_close(t.response[FS_STIMULUS_PATCH][0], patches, 1e-4, patches);
    fs_tuning_free(&t);
    fs_graph_destroy(net.model.graph);
}

static void test_errors(void **state) {
    (void)state;
    gabor_net net;
    fs_tuning t = {0};
    fs_error err = {0};
    create_net(&net);
    assert_int_equal(fs_tuning_run(&t, &net.model, &net.layer, 3, &settings, NULL, NULL, &err),
                     FS_ERROR_NOT_FOUND);
    fs_tuning_settings wrong = settings;
    wrong.longest = 3;
    assert_int_equal(fs_tuning_run(&t, &net.model, &net.layer, 0, &wrong, NULL, NULL, &err),
                     FS_ERROR_ARGUMENT);
    atomic_bool stop = true;
    fs_progress progress = {.cancel = &stop};
    assert_int_equal(fs_tuning_run(&t, &net.model, &net.layer, 0, &settings, NULL, &progress, &err),
                     FS_ERROR_CANCELLED);
    fs_graph_destroy(net.model.graph);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_peaks), cmocka_unit_test(test_value),
                                       cmocka_unit_test(test_errors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
