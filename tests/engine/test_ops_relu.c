/* How gradients pass rectifiers: plain, redirected, in place, per item, and over many threads. */
#include <math.h>

#include "base/alloc.h"
#include "engine/ops/relu.h"
#include "ops_harness.h"

enum { ITEMS = 3, UNITS = 4 };
static const fs_relu_items items = {ITEMS, UNITS, UNITS, (UNITS + 31) / 32};

/* Item 0: something passes. Item 1: everything is off, some gradients want it on. Item 2: on, but nothing
 * arrives. */
static const float output[ITEMS * UNITS] = {1, 0, 2, 0, 0, 0, 0, 0, 3, 3, 0, 0};
static const float arriving[ITEMS * UNITS] = {-1, 2, 3, -4, 5, -6, 0, 7, 0, 0, 8, -9};

static void check(fs_relu_rule rule, const float *expected) {
    float grad[ITEMS * UNITS];
    uint32_t mask[ITEMS];
    assert_int_equal(fs_relu_mask_bytes(items), sizeof mask);
    fs_relu_keep(mask, output, items, NULL);
    fs_relu_backward(grad, arriving, mask, items, false, rule, NULL);
    op_assert_close("fresh", grad, expected, ITEMS * UNITS, 0);

    memcpy(grad, arriving, sizeof grad);
    fs_relu_backward(grad, grad, mask, items, false, rule, NULL);
    op_assert_close("in place", grad, expected, ITEMS * UNITS, 0);

    float sum[ITEMS * UNITS];
    for (int i = 0; i < ITEMS * UNITS; i++) {
        grad[i] = 100;
        sum[i] = 100 + expected[i];
    }
    fs_relu_backward(grad, arriving, mask, items, true, rule, NULL);
    op_assert_close("added", grad, sum, ITEMS * UNITS, 0);
}

static void test_plain(void **state) {
    (void)state;
    check(FS_RELU_PLAIN, (const float[]){-1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0});
}

static void test_redirected(void **state) {
    (void)state;
    check(FS_RELU_REDIRECTED, (const float[]){-1, 0, 3, 0, 5, 0, 0, 7, 0, 0, 8, 0});
}

static void test_guided(void **state) {
    (void)state;
    check(FS_RELU_GUIDED, (const float[]){0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0});
}

/* Through the operator: the rule of the run, items along the first dimension. */
static void test_operator(void **state) {
    (void)state;
    op_case c;
    op_case_begin(&c, "Relu", 13);
    const float x[] = {1, -1, -2, -3};
    op_input(&c, &(fs_tensor){fs_shape_of(2, 2, 2), FS_F32, (void *)x}, false);
    assert_int_equal(op_infer(&c, NULL), FS_OK);
    const float g[] = {1, 1, 1, -1};
    const float *grads[] = {g};
    op_setting s = {
        .kernel = op_reference(&c), .want = {true}, .out_grad = grads, .rule = FS_RELU_REDIRECTED};
    op_result r;
    op_run(&c, &s, &r);
    op_assert_close("redirected", r.grad[0], (const float[]){1, 0, 1, 0}, 4, 0);
    op_result_free(&r);
    op_case_end(&c);
}

static void check_clip(int units, const float *x, const float *g, fs_relu_rule rule, const float *expected) {
    op_case c;
    op_case_begin(&c, "Clip", 6);
    op_attribute_float(&c, "min", 0);
    op_attribute_float(&c, "max", 6);
    op_input(&c, &(fs_tensor){fs_shape_of(2, 1, units), FS_F32, (void *)x}, false);
    assert_int_equal(op_infer(&c, NULL), FS_OK);
    const float *grads[] = {g};
    op_setting s = {.kernel = op_reference(&c), .want = {true}, .out_grad = grads, .rule = rule};
    op_result r;
    op_run(&c, &s, &r);
    op_assert_close("clipped", r.grad[0], expected, units, 0);
    op_result_free(&r);
    op_case_end(&c);
}

/* A clip is off at either end, and redirection leads away from both. */
static void test_clip(void **state) {
    (void)state;
    const float x[] = {-1, 7, -1, 7, -1, 3}, g[] = {1, 1, -1, -1, 1, 1};
    check_clip(6, x, g, FS_RELU_REDIRECTED, (const float[]){0, 0, 0, 0, 0, 1}); /* something passes */
    check_clip(6, x, g, FS_RELU_GUIDED, (const float[]){0, 0, 0, 0, 0, 1});
    check_clip(5, x, g, FS_RELU_REDIRECTED, (const float[]){1, 0, 0, -1, 1}); /* nothing would */
}

/* One living unit at the very end of a large item keeps all of it plain, whoever finds it. */
static void test_large_with_threads(void **state) {
    (void)state;
    enum { COUNT = 300000 };
    const fs_relu_items two = {2, COUNT, COUNT, (COUNT + 31) / 32};
    float *y = fs_calloc(2 * COUNT, sizeof *y), *g = fs_alloc_array(2 * COUNT, sizeof *g);
    fs_pool *pool = NULL;
    assert_non_null(y);
    assert_non_null(g);
    assert_int_equal(fs_pool_create(&pool, 3, NULL), FS_OK);
    y[COUNT - 1] = 1;
    for (int i = 0; i < 2 * COUNT; i++)
        g[i] = i % 2 ? 1.0f : -1.0f;
    uint32_t *mask = fs_alloc(fs_relu_mask_bytes(two));
    assert_non_null(mask);
    fs_relu_keep(mask, y, two, pool);
    fs_relu_backward(g, g, mask, two, false, FS_RELU_REDIRECTED, pool);
    for (int i = 0; i < COUNT - 1; i++)
        assert_true(g[i] == 0);
    assert_true(g[COUNT - 1] == 1);
    for (int i = COUNT; i < 2 * COUNT; i++)
        assert_true(g[i] == (i % 2 ? 1.0f : 0.0f));
    fs_pool_destroy(pool);
    fs_free(mask);
    fs_free(y);
    fs_free(g);
}

/* A diverged computation must not look healthy. */
static void test_nan_stays(void **state) {
    (void)state;
    op_case c;
    op_case_begin(&c, "Relu", 13);
    const float x[] = {NAN, -1, 1};
    op_input(&c, &(fs_tensor){fs_shape_of(1, 3), FS_F32, (void *)x}, false);
    assert_int_equal(op_infer(&c, NULL), FS_OK);
    op_result r;
    op_run(&c, &(op_setting){.kernel = op_reference(&c)}, &r);
    assert_true(isnan(fs_f32(&r.out[0])[0]));
    op_result_free(&r);
    op_case_end(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),     cmocka_unit_test(test_redirected),
        cmocka_unit_test(test_guided),    cmocka_unit_test(test_operator),
        cmocka_unit_test(test_clip),      cmocka_unit_test(test_large_with_threads),
        cmocka_unit_test(test_nan_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
