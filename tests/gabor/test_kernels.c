/* Kernels of a model: its weights in RGB order, and what deeper units weigh the picture with. */
#include "../base/helpers.h"
#include "../viz/tiny_model.h"
#include "gabor/effective.h"
#include "gabor_test.h"

enum { ONE_SIDE = 5, TWO_SIDE = 3, BOTH_SIDE = ONE_SIDE + TWO_SIDE - 1 };

static void create(tiny_model *tiny) {
    tiny_model_create(tiny, 0);
    tiny->model.path = (char *)"tiny.onnx";
    tiny->layers[0].field = (fs_receptive_field){ONE_SIDE, 1, -2};
    tiny->layers[1].field = (fs_receptive_field){BOTH_SIDE, 2, -3};
}

static const float *weights_of(const tiny_model *tiny, const char *name) {
    const fs_graph *g = tiny->model.graph;
    return fs_f32(&g->values[fs_graph_find(g, name)].constant);
}

/* The network's channels are blue, green, red. */
static double first_weight(const float *w, int unit, int colour, int i) {
    return (double)w[(unit * 3 + 2 - colour) * ONE_SIDE * ONE_SIDE + i];
}

static void expect_weights(const tiny_model *tiny, const fs_kernels *kernels) {
    const float *w = weights_of(tiny, "w");
    assert_int_equal(kernels->count, TINY_ONE);
    assert_int_equal(kernels->channels, 3);
    assert_int_equal(kernels->height, ONE_SIDE);
    assert_int_equal(kernels->width, ONE_SIDE);
    for (int n = 0; n < TINY_ONE; n++) {
        const fs_patch patch = fs_kernels_patch(kernels, n);
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < ONE_SIDE * ONE_SIDE; i++)
                assert_near(patch.values[c * ONE_SIDE * ONE_SIDE + i], first_weight(w, n, c, i), 1e-6);
    }
}

static void test_weights(void **state) {
    (void)state;
    tiny_model tiny;
    fs_kernels kernels = {0};
    fs_error err = {0};
    create(&tiny);
    assert_int_equal(fs_kernels_of_layer(&kernels, &tiny.model, &tiny.layers[0], &err), FS_OK);
    expect_weights(&tiny, &kernels);
    fs_kernels_free(&kernels);
    assert_int_equal(fs_kernels_of_layer(&kernels, &tiny.model, &tiny.layers[1], &err), FS_ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "--effective two"));
    assert_int_equal(fs_kernels_of_layer(&kernels, &tiny.model, &tiny.layers[2], &err), FS_ERROR_UNSUPPORTED);
    assert_null(fs_kernels_first_layer(&tiny.model, &err));
    tiny.layers[1].operator_type = "Conv";
    assert_ptr_equal(fs_kernels_first_layer(&tiny.model, &err), &tiny.layers[1]);
    tiny_model_destroy(&tiny);
}

/* One convolution is its own effective kernel, whatever the picture. */
static void test_effective_of_first(void **state) {
    (void)state;
    tiny_model tiny;
    fs_kernels kernels = {0};
    fs_folder *folder = NULL;
    fs_error err = {0};
    create(&tiny);
    assert_int_equal(fs_kernels_effective(&kernels, &tiny.model, &tiny.layers[0], NULL, NULL, NULL, &err),
                     FS_OK);
    expect_weights(&tiny, &kernels);
    fs_kernels_free(&kernels);
    assert_int_equal(fs_folder_list(&folder, FS_TEST_DATA "/images", &err), FS_OK);
    assert_int_equal(fs_kernels_effective(&kernels, &tiny.model, &tiny.layers[0], folder, NULL, NULL, &err),
                     FS_OK);
    expect_weights(&tiny, &kernels);
    fs_kernels_free(&kernels);
    fs_folder_destroy(folder);
    tiny_model_destroy(&tiny);
}

/* At grey every unit of the first layer has one value, which its ReLU passes or not; the two convolutions
 * then make one of 7x7. */
static double composed(const tiny_model *tiny, const bool *passes, int unit, int colour, int y, int x) {
    const float *one = weights_of(tiny, "w"), *two = weights_of(tiny, "www");
    double sum = 0;
    for (int c = 0; c < TINY_ONE; c++)
        for (int i = 0; i < TWO_SIDE * TWO_SIDE && passes[c]; i++) {
            int v = y - i / TWO_SIDE, u = x - i % TWO_SIDE;
            if (v >= 0 && v < ONE_SIDE && u >= 0 && u < ONE_SIDE)
                sum += (double)two[(unit * TINY_ONE + c) * TWO_SIDE * TWO_SIDE + i] *
                       first_weight(one, c, colour, v * ONE_SIDE + u);
        }
    return sum;
}

static void find_passing(const tiny_model *tiny, bool *passes) {
    const float *w = weights_of(tiny, "w"), *bias = weights_of(tiny, "bb");
    const fs_preprocess *p = &tiny->model.preprocess;
    for (int n = 0; n < TINY_ONE; n++) {
        double sum = (double)bias[n];
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < ONE_SIDE * ONE_SIDE; i++)
                sum += (double)w[(n * 3 + c) * ONE_SIDE * ONE_SIDE + i] * (0.5 - (double)p->mean[c]) /
                       (double)p->std[c];
        passes[n] = sum > 0;
    }
}

static void test_effective_of_second(void **state) {
    (void)state;
    tiny_model tiny;
    fs_kernels kernels = {0};
    fs_error err = {0};
    bool passes[TINY_ONE];
    create(&tiny);
    find_passing(&tiny, passes);
    assert_int_equal(fs_kernels_effective(&kernels, &tiny.model, &tiny.layers[1], NULL, NULL, NULL, &err),
                     FS_OK);
    assert_int_equal(kernels.count, TINY_TWO);
    assert_int_equal(kernels.height, BOTH_SIDE);
    for (int n = 0; n < TINY_TWO; n++) {
        const fs_patch patch = fs_kernels_patch(&kernels, n);
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < BOTH_SIDE * BOTH_SIDE; i++)
                assert_near(patch.values[c * BOTH_SIDE * BOTH_SIDE + i],
                            composed(&tiny, passes, n, c, i / BOTH_SIDE, i % BOTH_SIDE), 1e-5);
    }
    fs_kernels_free(&kernels);
    tiny_model_destroy(&tiny);
}

static fs_kernels effective_of(const fs_model *model, const char *name) {
    fs_kernels kernels = {0};
    fs_error err = {0};
    const fs_layer *layer = fs_model_layer(model, name, &err);
    if (!layer || fs_kernels_effective(&kernels, model, layer, NULL, NULL, NULL, &err) != FS_OK)
        fail_msg("%s", err.message);
    return kernels;
}

/* A layer that joins two has the kernels of both, also of units whose ReLU is off. */
static void test_effective_of_joined(void **state) {
    (void)state;
    enum { NARROW = 3, WIDE = 3, INNER = 7, OUTER = 15, MARGIN = 4 };
    fs_model *model = NULL;
    assert_int_equal(fs_model_load(&model, FS_TEST_DATA "/onnx/squeeze.onnx", NULL), FS_OK);
    fs_kernels joined = effective_of(model, "features.3"),
               narrow = effective_of(model, "features.3.expand1x1"),
               wide = effective_of(model, "features.3.expand3x3");
    assert_int_equal(joined.count, NARROW + WIDE);
    assert_int_equal(joined.height, OUTER);
    assert_int_equal(narrow.height, INNER);
    double energy = 0;
    for (int i = 0; i < WIDE * 3 * OUTER * OUTER; i++) {
        assert_near(joined.values[NARROW * 3 * OUTER * OUTER + i], wide.values[i], 1e-6);
        energy += wide.values[i] * wide.values[i];
    }
    for (int plane = 0; plane < NARROW * 3; plane++)
        for (int i = 0; i < INNER * INNER; i++) {
            int at = (plane * OUTER + i / INNER + MARGIN) * OUTER + i % INNER + MARGIN;
            assert_near(joined.values[at], narrow.values[plane * INNER * INNER + i], 1e-6);
        }
    assert_true(energy > 0);
    fs_kernels_free(&joined);
    fs_kernels_free(&narrow);
    fs_kernels_free(&wide);
    fs_model_destroy(model);
}

static void test_effective_refusals(void **state) {
    (void)state;
    tiny_model tiny;
    fs_kernels kernels = {0};
    fs_error err = {0};
    atomic_bool stop = true;
    fs_progress progress = {.cancel = &stop};
    create(&tiny);
    assert_int_equal(fs_kernels_effective(&kernels, &tiny.model, &tiny.layers[2], NULL, NULL, NULL, &err),
                     FS_ERROR_UNSUPPORTED);
    assert_int_equal(
        fs_kernels_effective(&kernels, &tiny.model, &tiny.layers[1], NULL, NULL, &progress, &err),
        FS_ERROR_CANCELLED);
    tiny.layers[1].field.size = FS_PATCH_MAX_SIDE + 1;
    assert_int_equal(fs_kernels_effective(&kernels, &tiny.model, &tiny.layers[1], NULL, NULL, NULL, &err),
                     FS_ERROR_LIMIT);
    assert_null(kernels.values);
    tiny_model_destroy(&tiny);
}

static void test_effective_memory(void **state) {
    (void)state;
    tiny_model tiny;
    fs_kernels kernels = {0};
    create(&tiny);
    for (int n = 0; !kernels.values; n++) {
        fail_from(n);
        fs_status status =
            fs_kernels_effective(&kernels, &tiny.model, &tiny.layers[1], NULL, NULL, NULL, NULL);
        bool refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
    }
    fs_kernels_free(&kernels);
    tiny_model_destroy(&tiny);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_weights),
                                       cmocka_unit_test(test_effective_of_first),
                                       cmocka_unit_test(test_effective_of_second),
                                       cmocka_unit_test(test_effective_of_joined),
                                       cmocka_unit_test(test_effective_refusals),
                                       cmocka_unit_test(test_effective_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
