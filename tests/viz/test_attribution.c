/* Attribution on a small network against differences and sums, and on one that can be worked out by hand. */
#include "viz_test.h"

#include "base/helpers.h"
#include "engine/plan.h"
#include "tiny_model.h"
#include "viz/attribution_view.h"

static fs_image make_crop(int side, uint64_t stream) {
    fs_image crop = {0};
    fs_random random;
    fs_random_seed(&random, 31, stream);
    assert_int_equal(fs_image_create(&crop, side, side, 3, NULL), FS_OK);
    for (int i = 0; i < side * side * 3; i++)
        crop.pixels[i] = (uint8_t)fs_random_int(&random, 256);
    return crop;
}

static fs_attribution attribute(const fs_model *model, const fs_layer *layer, int channel,
                                const fs_image *crop, const fs_attribution_settings *settings) {
    fs_attribution result = {0};
    fs_error err = {0};
    if (fs_attribution_run(&result, model, layer, channel, crop, settings, NULL, NULL, &err) != FS_OK)
        fail_msg("%s", err.message);
    return result;
}

/* ---- the small network ---- */

static double value_at(const fs_model *model, fs_plan *plan, const float *rgb, int channel) {
    fs_preprocess_forward(&model->preprocess, rgb, TINY_SIDE * TINY_SIDE, fs_plan_input(plan));
    assert_int_equal(fs_plan_forward(plan, NULL, NULL), FS_OK);
    return fs_plan_output(plan, 0)[channel];
}

/* Along random directions the gradient is what differences say. */
static void test_gradient_is_the_derivative(void **state) {
    (void)state;
    enum { COUNT = 3 * TINY_SIDE * TINY_SIDE };
    tiny_model tiny;
    tiny_model_create(&tiny, 0);
    fs_image crop = make_crop(TINY_SIDE, 1);
    fs_attribution_settings settings = fs_attribution_settings_default();
    fs_plan_request request =
        fs_plan_request_default(tiny.model.graph, fs_shape_of(4, 1, 3, TINY_SIDE, TINY_SIDE));
    request.outputs = &tiny.layers[2].view;
    request.n_outputs = 1;
    fs_plan *plan = NULL;
    assert_int_equal(fs_plan_create(&plan, &request, NULL), FS_OK);
    for (int channel = 0; channel < TINY_CLASSES; channel++) {
        fs_attribution g = attribute(&tiny.model, &tiny.layers[2], channel, &crop, &settings);
        float *direction = test_normals(COUNT, 1, (uint64_t)channel), rgb[COUNT];
        const float step = 1e-4F; /* small enough to cross few kinks */
        double f[2];
        for (int side = 0; side < 2; side++) {
            for (int c = 0; c < 3; c++)
                for (int i = 0; i < TINY_SIDE * TINY_SIDE; i++) {
                    int at = c * TINY_SIDE * TINY_SIDE + i;
                    rgb[at] = (float)crop.pixels[3 * i + c] / 255.0F + (side ? step : -step) * direction[at];
                }
            f[side] = value_at(&tiny.model, plan, rgb, channel);
        }
        double expected = (f[1] - f[0]) / (2 * (double)step);
        double norm = sqrt(test_dot(g.values, g.values, COUNT));
        assert_close(test_dot(g.values, direction, COUNT), expected, 0.02, norm);
        fs_free(direction);
        fs_attribution_free(&g);
    }
    fs_plan_destroy(plan);
    fs_image_free(&crop);
    tiny_model_destroy(&tiny);
}

static void test_smoothgrad(void **state) {
    (void)state;
    tiny_model tiny;
    tiny_model_create(&tiny, 0);
    fs_image crop = make_crop(TINY_SIDE, 2);
    fs_attribution_settings settings = fs_attribution_settings_default();
    fs_attribution plain = attribute(&tiny.model, &tiny.layers[2], 1, &crop, &settings);
    settings.method = FS_ATTRIBUTION_SMOOTHGRAD;
    settings.samples = 7;
    settings.sigma = 0;
    fs_attribution still = attribute(&tiny.model, &tiny.layers[2], 1, &crop, &settings);
    size_t bytes = sizeof(float) * 3 * TINY_SIDE * TINY_SIDE;
    assert_memory_equal(plain.values, still.values, bytes);
    settings.sigma = 0.2;
    fs_attribution noisy = attribute(&tiny.model, &tiny.layers[2], 1, &crop, &settings);
    fs_attribution again = attribute(&tiny.model, &tiny.layers[2], 1, &crop, &settings);
    settings.seed = 1;
    fs_attribution other = attribute(&tiny.model, &tiny.layers[2], 1, &crop, &settings);
    assert_memory_equal(noisy.values, again.values, bytes);
    assert_memory_not_equal(noisy.values, plain.values, bytes);
    assert_memory_not_equal(noisy.values, other.values, bytes);
    fs_attribution *const all[] = {&plain, &still, &noisy, &again, &other};
    for (int i = 0; i < 5; i++)
        fs_attribution_free(all[i]);
    fs_image_free(&crop);
    tiny_model_destroy(&tiny);
}

/* The parts sum to the whole, for scores and for the mean of a map. */
static void test_integrated_gradients_are_complete(void **state) {
    (void)state;
    tiny_model tiny;
    tiny_model_create(&tiny, 0);
    fs_image crop = make_crop(TINY_SIDE, 3);
    fs_attribution_settings settings = fs_attribution_settings_default();
    settings.method = FS_ATTRIBUTION_INTEGRATED;
    settings.samples = 1000; /* fine enough for a unit that goes out near black */
    for (int layer = 1; layer < 3; layer++)
        for (int channel = 0; channel < 4; channel++) {
            fs_attribution a = attribute(&tiny.model, &tiny.layers[layer], channel, &crop, &settings);
            double sum = 0, sizes = 0;
            for (int i = 0; i < 3 * TINY_SIDE * TINY_SIDE; i++) {
                sum += a.values[i];
                sizes += fabs((double)a.values[i]);
            }
            assert_true(sizes > 0);
            assert_close(sum, a.value - a.baseline_value, 0.01,
                         fmax(fabs(a.value - a.baseline_value), 0.02 * sizes));
            fs_attribution_free(&a);
        }
    fs_image_free(&crop);
    tiny_model_destroy(&tiny);
}

/* ---- a network by hand ----
 *
 * a0 = max(0, r - g), a1 = max(0, b - 1/2) at every pixel; scores: the means of a0 - 2 a1 and of a1 - a0. */

enum { SIDE = 4, PIXELS = SIDE * SIDE };

typedef struct by_hand {
    fs_model model;
    fs_layer layers[2];
} by_hand;

static int add_constant(fs_graph *graph, const char *name, fs_shape shape, const float *data) {
    int value = fs_graph_value(graph, name);
    fs_tensor tensor = {.shape = shape, .dtype = FS_F32, .data = (void *)data};
    assert_int_equal(fs_graph_set_constant(graph, value, &tensor, false, NULL), FS_OK);
    return value;
}

static int add_node(fs_graph *graph, const char *type, const char *name, const int *inputs, int n_inputs) {
    int output = fs_graph_value(graph, name);
    fs_node_spec spec = {.name = name,
                         .op_type = type,
                         .inputs = inputs,
                         .n_inputs = n_inputs,
                         .outputs = &output,
                         .n_outputs = 1};
    assert_int_equal(fs_graph_add_node(graph, &spec, NULL), FS_OK);
    return output;
}

static fs_layer make_layer(const char *name, int value, fs_shape shape) {
    return (fs_layer){.name = name,
                      .path = name,
                      .node = name,
                      .operator_type = "",
                      .value = value,
                      .view = value,
                      .shape = shape,
                      .channels = (int)shape.dim[1],
                      .field = {1, 1, 0}};
}

static void create_by_hand(by_hand *net) {
    static const float first[] = {1, -1, 0, 0, 0, 1}, bias[] = {0, -0.5F}, second[] = {1, -2, -1, 1};
    fs_graph *g = NULL;
    fs_error err = {0};
    assert_int_equal(fs_graph_create(&g, &err), FS_OK);
    g->input = fs_graph_value(g, "x");
    g->input_shape = fs_shape_of(4, 1, 3, SIDE, SIDE);
    int one[] = {g->input, add_constant(g, "w1", fs_shape_of(4, 2, 3, 1, 1), first),
                 add_constant(g, "b1", fs_shape_of(1, 2), bias)};
    int conv = add_node(g, "Conv", "conv", one, 3);
    int map = add_node(g, "Relu", "a", &conv, 1);
    int two[] = {map, add_constant(g, "w2", fs_shape_of(4, 2, 2, 1, 1), second)};
    int last = add_node(g, "Conv", "last", two, 2);
    int pooled = add_node(g, "GlobalAveragePool", "pooled", &last, 1);
    int logits = add_node(g, "Flatten", "logits", &pooled, 1);
    assert_int_equal(fs_graph_add_output(g, logits, &err), FS_OK);
    if (fs_graph_finish(g, &err) != FS_OK)
        fail_msg("%s", err.message);
    net->layers[0] = make_layer("a", map, fs_shape_of(4, 1, 2, SIDE, SIDE));
    net->layers[1] = make_layer("logits", logits, fs_shape_of(2, 1, 2));
    net->model = (fs_model){.name = "by hand", .graph = g, .layers = net->layers, .n_layers = 2};
    net->model.preprocess = (fs_preprocess){
        .height = SIDE, .width = SIDE, .order = FS_CHANNELS_RGB, .range = 1, .std = {1, 1, 1}};
}

static float channel_of(const fs_image *crop, int pixel, int colour) {
    return (float)crop->pixels[3 * pixel + colour] / 255.0F;
}

static void test_grad_cam_by_hand(void **state) {
    (void)state;
    static const float weights[2][2] = {{1, -2}, {-1, 1}};
    by_hand net;
    create_by_hand(&net);
    fs_image crop = make_crop(SIDE, 4);
    fs_attribution_settings settings = fs_attribution_settings_default();
    settings.method = FS_ATTRIBUTION_GRADCAM;
    for (int channel = 0; channel < 2; channel++) {
        fs_attribution cam = attribute(&net.model, &net.layers[1], channel, &crop, &settings);
        assert_ptr_equal(cam.map, &net.layers[0]); /* the last map before the classifier */
        assert_int_equal(cam.height, SIDE);
        double score = 0;
        int lit = 0;
        for (int i = 0; i < PIXELS; i++) {
            double a0 = fmax(0, channel_of(&crop, i, 0) - (double)channel_of(&crop, i, 1));
            double a1 = fmax(0, channel_of(&crop, i, 2) - 0.5);
            double sum = weights[channel][0] * a0 + weights[channel][1] * a1;
            score += sum / PIXELS;
            lit += sum > 0;
            assert_close(cam.values[i], fmax(0, sum) / PIXELS, 1e-5, 1);
        }
        assert_in_range(lit, 1, PIXELS - 1);
        assert_close(cam.value, score, 1e-5, 1);
        fs_image alone = {0}, over = {0};
        assert_int_equal(fs_attribution_view(&cam, settings.method, &crop, &alone, &over, NULL), FS_OK);
        assert_int_equal(alone.width, SIDE);
        fs_image_free(&alone);
        fs_image_free(&over);
        fs_attribution_free(&cam);
    }
    fs_image_free(&crop);
    fs_graph_destroy(net.model.graph);
}

static void check_by_hand(const fs_attribution *a, const fs_image *crop, double blue) {
    for (int i = 0; i < PIXELS; i++) {
        bool first = channel_of(crop, i, 0) > channel_of(crop, i, 1), second = channel_of(crop, i, 2) > 0.5F;
        assert_close(a->values[i], first ? 1.0 / PIXELS : 0, 1e-6, 1);
        assert_close(a->values[PIXELS + i], first ? -1.0 / PIXELS : 0, 1e-6, 1);
        assert_close(a->values[2 * PIXELS + i], second ? blue / PIXELS : 0, 1e-6, 1);
    }
}

/* The gradient of a1 is negative for the first score: the guided rule stops it, the plain one does not. */
static void test_guided_by_hand(void **state) {
    (void)state;
    by_hand net;
    create_by_hand(&net);
    fs_image crop = make_crop(SIDE, 5);
    fs_attribution_settings settings = fs_attribution_settings_default();
    fs_attribution plain = attribute(&net.model, &net.layers[1], 0, &crop, &settings);
    settings.method = FS_ATTRIBUTION_GUIDED;
    fs_attribution guided = attribute(&net.model, &net.layers[1], 0, &crop, &settings);
    check_by_hand(&plain, &crop, -2);
    check_by_hand(&guided, &crop, 0);
    fs_attribution_free(&plain);
    fs_attribution_free(&guided);
    fs_image_free(&crop);
    fs_graph_destroy(net.model.graph);
}

/* Whichever allocation fails, it is an error and nothing leaks. */
static void test_without_memory(void **state) {
    (void)state;
    by_hand net;
    create_by_hand(&net);
    fs_image crop = make_crop(SIDE, 7);
    fs_attribution_settings settings = fs_attribution_settings_default();
    settings.samples = 2;
    for (int method = FS_ATTRIBUTION_GRADIENT; method <= FS_ATTRIBUTION_GRADCAM; method++) {
        bool refused = true;
        settings.method = (fs_attribution_method)method;
        for (int n = 0; refused; n++) {
            fs_attribution a = {0};
            fs_image alone = {0}, over = {0};
            fail_from(n);
            fs_status status =
                fs_attribution_run(&a, &net.model, &net.layers[1], 0, &crop, &settings, NULL, NULL, NULL);
            if (status == FS_OK)
                status = fs_attribution_view(&a, settings.method, &crop, &alone, &over, NULL);
            refused = fail_stop();
            assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
            fs_image_free(&alone);
            fs_image_free(&over);
            fs_attribution_free(&a);
        }
    }
    fs_image_free(&crop);
    fs_graph_destroy(net.model.graph);
}

static void test_errors(void **state) {
    (void)state;
    by_hand net;
    create_by_hand(&net);
    fs_image crop = make_crop(SIDE, 6), wrong = make_crop(SIDE + 1, 6);
    fs_attribution_settings settings = fs_attribution_settings_default();
    fs_attribution out = {0};
    fs_error err = {0};
    assert_int_equal(
        fs_attribution_run(&out, &net.model, &net.layers[1], 2, &crop, &settings, NULL, NULL, &err),
        FS_ERROR_NOT_FOUND);
    assert_int_equal(
        fs_attribution_run(&out, &net.model, &net.layers[1], 0, &wrong, &settings, NULL, NULL, &err),
        FS_ERROR_ARGUMENT);
    settings.method = FS_ATTRIBUTION_GRADCAM;
    settings.map = &net.layers[1];
    assert_int_equal(
        fs_attribution_run(&out, &net.model, &net.layers[1], 0, &crop, &settings, NULL, NULL, &err),
        FS_ERROR_UNSUPPORTED);
    atomic_bool stop = true;
    fs_progress progress = {.cancel = &stop};
    settings.method = FS_ATTRIBUTION_INTEGRATED;
    assert_int_equal(
        fs_attribution_run(&out, &net.model, &net.layers[1], 0, &crop, &settings, NULL, &progress, &err),
        FS_ERROR_CANCELLED);
    fs_image_free(&crop);
    fs_image_free(&wrong);
    fs_graph_destroy(net.model.graph);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_gradient_is_the_derivative),
                                       cmocka_unit_test(test_smoothgrad),
                                       cmocka_unit_test(test_integrated_gradients_are_complete),
                                       cmocka_unit_test(test_grad_cam_by_hand),
                                       cmocka_unit_test(test_guided_by_hand),
                                       cmocka_unit_test(test_without_memory),
                                       cmocka_unit_test(test_errors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
