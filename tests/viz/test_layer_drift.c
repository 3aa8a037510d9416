/* Layers of two small networks over noise, against CKA computed from whole matrices by its definition. */
#include "viz_test.h"

#include "base/helpers.h"
#include "engine/plan.h"
#include "tiny_model.h"
#include "viz/layer_drift.h"

enum { PICTURES = 21, INPUT = 3 * TINY_SIDE * TINY_SIDE, LAYERS = 3, BROKEN = 4 };

typedef struct bench {
    tiny_model tiny[2];
    bool broken; /* the picture BROKEN cannot be read */
    int asked;
    fs_layer_drift *drift;
} bench;

static fs_status noise(void *context, const fs_model *model, int picture, float *input, fs_error *err) {
    bench *b = context;
    fs_random random;
    (void)model;
    b->asked++;
    if (b->broken && picture == BROKEN)
        return fs_fail(err, FS_ERROR_FORMAT, "no picture");
    fs_random_seed(&random, 5, (uint64_t)picture);
    fs_random_normal(&random, input, INPUT, 1);
    return FS_OK;
}

/* The second network's middle layer and what follows have other weights. */
static void open_bench(bench *b) {
    *b = (bench){0};
    for (int v = 0; v < 2; v++) {
        tiny_model_create(&b->tiny[v], 0);
        for (int l = 0; l < LAYERS; l++)
            b->tiny[v].layers[l].parent = -1;
        b->tiny[v].model.path = (char *)(v ? "later.onnx" : "original.onnx");
    }
    fs_graph *graph = b->tiny[1].model.graph;
    fs_tensor *middle = &graph->values[fs_graph_find(graph, "www")].constant;
    float *other = test_normals((size_t)fs_tensor_count(middle), 0.2F, 8);
    for (int64_t k = 0; k < fs_tensor_count(middle); k++)
        fs_f32(middle)[k] += other[k];
    fs_free(other);
}

static void close_bench(bench *b) {
    fs_layer_drift_destroy(b->drift);
    for (int v = 0; v < 2; v++)
        tiny_model_destroy(&b->tiny[v]);
}

static fs_status create(bench *b, int n, int batch, const fs_progress *progress, fs_error *err) {
    const fs_grams_pictures pictures = {n, batch, 3, noise, b, NULL, 0};
    return fs_layer_drift_create(&b->drift, &b->tiny[0].model, false, &pictures, NULL, progress, err);
}

/* ---- by the definition ---- */

/* X X' of a layer without its diagonal, [PICTURES][PICTURES]. */
static void gram(bench *b, int version, int layer, double *out) {
    fs_model *model = &b->tiny[version].model;
    const int64_t count = fs_shape_count(&model->layers[layer].shape);
    float *x = fs_alloc_array(PICTURES * (size_t)count, sizeof *x);
    fs_plan *plan = NULL;
    fs_plan_request request =
        fs_plan_request_default(model->graph, fs_shape_of(4, 1, 3, TINY_SIDE, TINY_SIDE));
    request.outputs = &model->layers[layer].view;
    request.n_outputs = 1;
    assert_int_equal(fs_plan_create(&plan, &request, NULL), FS_OK);
    for (int i = 0; i < PICTURES; i++) {
        assert_int_equal(noise(b, model, i, fs_plan_input(plan), NULL), FS_OK);
        assert_int_equal(fs_plan_forward(plan, NULL, NULL), FS_OK);
        memcpy(x + i * count, fs_plan_output(plan, 0), (size_t)count * sizeof *x);
    }
    for (int i = 0; i < PICTURES; i++)
        for (int j = 0; j < PICTURES; j++) {
            double sum = 0;
            for (int64_t k = 0; k < count && i != j; k++)
                sum += (double)x[i * count + k] * (double)x[j * count + k];
            out[i * PICTURES + j] = sum;
        }
    fs_plan_destroy(plan);
    fs_free(x);
}

/* (tr(KL) + 1'K1 1'L1 / ((n-1)(n-2)) - 2/(n-2) 1'KL1) / (n(n-3)) */
static double hsic(const double *k, const double *l) {
    const int n = PICTURES;
    double trace = 0, all_k = 0, all_l = 0, product = 0;
    for (int i = 0; i < n; i++) {
        double row_k = 0, row_l = 0;
        for (int j = 0; j < n; j++) {
            trace += k[i * n + j] * l[j * n + i];
            row_k += k[i * n + j];
            row_l += l[i * n + j];
        }
        all_k += row_k;
        all_l += row_l;
        product += row_k * row_l;
    }
    return (trace + all_k * all_l / ((n - 1.0) * (n - 2.0)) - 2 * product / (n - 2.0)) / (n * (n - 3.0));
}

static void test_agrees_with_the_definition(void **state) {
    static double k[PICTURES * PICTURES], l[PICTURES * PICTURES];
    double cka[LAYERS];
    bench b;
    fs_error err = {0};
    (void)state;
    open_bench(&b);
    assert_int_equal(create(&b, PICTURES, 32, NULL, &err), FS_OK);
    assert_int_equal(fs_layer_drift_count(b.drift), LAYERS);
    assert_int_equal(fs_layer_drift_pictures(b.drift), PICTURES);
    assert_string_equal(fs_layer_drift_layer(b.drift, 2)->name, "logits");
    assert_int_equal(fs_layer_drift_measure(b.drift, &b.tiny[1].model, cka, &err), FS_OK);
    assert_int_equal(b.asked, 2 * PICTURES);
    for (int layer = 0; layer < LAYERS; layer++) {
        gram(&b, 0, layer, k);
        gram(&b, 1, layer, l);
        assert_close(cka[layer], hsic(k, l) / sqrt(hsic(k, k) * hsic(l, l)), 1e-5, 1);
    }
    assert_close(cka[0], 1, 1e-6, 1);
    assert_true(cka[1] < 0.99 && cka[2] < 0.99);
    close_bench(&b);
}

/* Several minibatches; the network with itself, and one that lacks a layer. */
static void test_versions(void **state) {
    double cka[LAYERS];
    bench b;
    fs_error err = {0};
    (void)state;
    open_bench(&b);
    assert_int_equal(create(&b, PICTURES, 8, NULL, &err), FS_OK);
    assert_int_equal(fs_layer_drift_measure(b.drift, &b.tiny[0].model, cka, &err), FS_OK);
    for (int layer = 0; layer < LAYERS; layer++)
        assert_close(cka[layer], 1, 1e-6, 1);
    b.tiny[1].layers[1].name = "renamed";
    assert_int_equal(fs_layer_drift_measure(b.drift, &b.tiny[1].model, cka, &err), FS_OK);
    assert_close(cka[0], 1, 1e-6, 1);
    assert_true(isnan(cka[1]));
    assert_true(cka[2] < 0.99);
    close_bench(&b);
}

static void test_what_cannot_be_used(void **state) {
    double cka[LAYERS];
    bench b;
    fs_error err = {0};
    (void)state;
    open_bench(&b);
    assert_int_equal(create(&b, 3, 8, NULL, &err), FS_ERROR_LIMIT);
    const atomic_bool stop = true;
    const fs_progress progress = {.cancel = &stop};
    assert_int_equal(create(&b, PICTURES, 8, &progress, &err), FS_ERROR_CANCELLED);
    b.broken = true;
    assert_int_equal(create(&b, PICTURES, 8, NULL, &err), FS_OK);
    assert_int_equal(fs_layer_drift_pictures(b.drift), PICTURES - 1);
    assert_int_equal(fs_layer_drift_measure(b.drift, &b.tiny[1].model, cka, &err), FS_OK);
    b.broken = false; /* now it can be read: the networks would not see the same pictures */
    assert_int_equal(fs_layer_drift_measure(b.drift, &b.tiny[1].model, cka, &err), FS_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "later.onnx"));
    b.broken = true;
    fs_graph *graph = b.tiny[1].model.graph;
    fs_f32(&graph->values[fs_graph_find(graph, "wwwww")].constant)[0] = INFINITY;
    assert_int_equal(fs_layer_drift_measure(b.drift, &b.tiny[1].model, cka, &err), FS_ERROR_DIVERGED);
    assert_non_null(strstr(err.message, "logits"));
    close_bench(&b);
}

static void test_short_memory(void **state) {
    double cka[LAYERS];
    bench b;
    fs_error err = {0};
    (void)state;
    open_bench(&b);
    for (int n = 0;; n++) {
        fail_from(n);
        fs_status status = create(&b, 9, 8, NULL, &err);
        if (status == FS_OK)
            status = fs_layer_drift_measure(b.drift, &b.tiny[1].model, cka, &err);
        const bool refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        fs_layer_drift_destroy(b.drift);
        b.drift = NULL;
        if (!refused)
            break;
    }
    close_bench(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agrees_with_the_definition), cmocka_unit_test(test_versions),
        cmocka_unit_test(test_what_cannot_be_used), cmocka_unit_test(test_short_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
