/* CKA of a network that changes against the one it was: the numbers of viz/cka.h on the same activations,
 * exactly alike where nothing changed, and following the weights. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/random.h"
#include "engine/plan.h"
#include "tiny_model.h"
#include "viz/cka_probe.h"

enum { N = 7, FLOATS = 3 * TINY_SIDE * TINY_SIDE };

typedef struct fixture {
    tiny_model tiny[FS_VERSIONS];
    const fs_model *models[FS_VERSIONS];
    fs_shift_layers layers;
    float inputs[N * FLOATS];
    fs_cka_probe *probe;
} fixture;

static void start(fixture *f) {
    fs_random random;
    fs_error err = {0};
    fs_random_seed(&random, 11, 0);
    for (int i = 0; i < N * FLOATS; i++)
        f->inputs[i] = (float)fs_random_unit(&random) - 0.5F;
    for (int v = 0; v < FS_VERSIONS; v++) {
        tiny_model_create(&f->tiny[v], 0);
        f->models[v] = &f->tiny[v].model;
    }
    if (fs_shift_match(&f->layers, f->models[FS_BEFORE], f->models[FS_AFTER], true, &err) != FS_OK ||
        fs_cka_probe_create(&f->probe, &f->layers, f->models, f->inputs, N, NULL, &err) != FS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(f->layers.n, 3);
}

static void finish(fixture *f) {
    fs_cka_probe_destroy(f->probe);
    fs_shift_layers_free(&f->layers);
    for (int v = 0; v < FS_VERSIONS; v++)
        tiny_model_destroy(&f->tiny[v]);
}

static void measure(fixture *f, double cka[3]) {
    fs_error err = {0};
    if (fs_cka_probe_measure(f->probe, NULL, cka, &err) != FS_OK)
        fail_msg("%s", err.message);
}

/* Moves the kernels of the second convolution. */
static void change(fixture *f, float by) {
    const fs_graph *graph = f->models[FS_AFTER]->graph;
    const fs_node *node = NULL;
    int convolutions = 0;
    for (int n = 0; n < graph->n_nodes; n++)
        if (strcmp(graph->nodes[n].op->type, "Conv") == 0 && convolutions++ == 1)
            node = &graph->nodes[n];
    assert_non_null(node);
    const fs_tensor *weights = &graph->values[node->inputs[1]].constant;
    for (int64_t i = 0; i < fs_tensor_count(weights); i++)
        fs_f32(weights)[i] += by * (float)((i * 7) % 5 - 2);
}

/* By the definition: a plan for one layer, its Gram matrix. */
static void gram(const fixture *f, int layer, int version, double *out) {
    const fs_layer *l = f->layers.pairs[layer].layer[version];
    const int64_t count = fs_shape_count(&l->shape);
    float *features = fs_alloc_array((size_t)(N * count), sizeof *features);
    fs_plan_request request =
        fs_plan_request_default(f->models[version]->graph, fs_shape_of(4, 1, 3, TINY_SIDE, TINY_SIDE));
    request.outputs = &l->view;
    request.n_outputs = 1;
    fs_plan *plan = NULL;
    assert_non_null(features);
    assert_int_equal(fs_plan_create(&plan, &request, NULL), FS_OK);
    for (int i = 0; i < N; i++) {
        memcpy(fs_plan_input(plan), f->inputs + (size_t)i * FLOATS, FLOATS * sizeof(float));
        assert_int_equal(fs_plan_forward(plan, NULL, NULL), FS_OK);
        memcpy(features + i * count, fs_plan_output(plan, 0), (size_t)count * sizeof(float));
    }
    assert_int_equal(fs_cka_gram(features, N, count, out, NULL, NULL), FS_OK);
    fs_plan_destroy(plan);
    fs_free(features);
}

static void test_the_definition(void **state) {
    (void)state;
    fixture f;
    double cka[3], before[N * N], after[N * N];
    start(&f);
    change(&f, 0.2F);
    measure(&f, cka);
    for (int l = 0; l < 3; l++) {
        fs_cka *plain = NULL;
        gram(&f, l, FS_BEFORE, before);
        gram(&f, l, FS_AFTER, after);
        assert_int_equal(fs_cka_create(&plain, 1, 1, NULL), FS_OK);
        fs_cka_add(plain, before, after, N);
        assert_true(fabs(cka[l] - fs_cka_value(plain, 0, 0)) < 1e-6);
        fs_cka_destroy(plain);
    }
    assert_true(fabs(cka[0] - 1) < 1e-12); /* below the change */
    assert_true(cka[1] < 0.99 && cka[2] < 0.9999);
    finish(&f);
}

static void test_it_follows_the_weights(void **state) {
    (void)state;
    fixture f;
    double first[3], moved[3], back[3];
    start(&f);
    measure(&f, first);
    for (int l = 0; l < 3; l++)
        assert_true(fabs(first[l] - 1) < 1e-12);
    change(&f, 0.1F);
    measure(&f, moved);
    assert_true(moved[1] < 1 - 1e-4);
    change(&f, -0.1F);
    measure(&f, back);
    assert_true(fabs(back[1] - 1) < 1e-6);
    finish(&f);
}

static void test_stopped(void **state) {
    (void)state;
    fixture f;
    double cka[3];
    atomic_bool cancel = true;
    start(&f);
    assert_int_equal(fs_cka_probe_measure(f.probe, &cancel, cka, NULL), FS_ERROR_CANCELLED);
    measure(&f, cka); /* and it can be asked again */
    assert_true(fabs(cka[0] - 1) < 1e-12);
    finish(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_definition),
        cmocka_unit_test(test_it_follows_the_weights),
        cmocka_unit_test(test_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
