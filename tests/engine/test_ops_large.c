/* Tensors large enough for operators to split their work: results must not depend on the threads, whose
 * pieces the small cases never reach. */
#include <float.h>
#include <math.h>

#include "ops_harness.h"

static void run_one(const char *type, int inputs, const fs_shape *shapes) {
    op_case c;
    op_case_begin(&c, type, 13);
    for (int i = 0; i < inputs; i++)
        op_input_random(&c, shapes[i], (uint64_t)i + 1);
    fs_error err = {0};
    if (op_infer(&c, &err) != FS_OK)
        fail_msg("%s: %s", type, err.message);
    op_check_kernels(&c, 1e-5);
    op_case_end(&c);
}

static void test_elementwise(void **state) {
    (void)state;
    const fs_shape image = fs_shape_of(4, 2, 5, 150, 151), channel = fs_shape_of(3, 5, 1, 1);
    static const char *const unary[] = {"Relu",      "Sigmoid", "Tanh",    "Neg",
                                        "HardSwish", "Softmax", "Flatten", "Identity"};
    for (size_t i = 0; i < sizeof unary / sizeof *unary; i++)
        run_one(unary[i], 1, &image);
    const fs_shape gate = fs_shape_of(4, 2, 5, 1, 1), long_row = fs_shape_of(2, 3, 100000),
                   each = fs_shape_of(2, 3, 1), inner = fs_shape_of(1, 151);
    static const char *const reductions[] = {"ReduceMean", "ReduceSum"};
    for (size_t i = 0; i < sizeof reductions / sizeof *reductions; i++)
        for (int64_t axis = 0; axis < 4; axis++) {
            op_case c;
            op_case_begin(&c, reductions[i], 11);
            op_attribute_ints(&c, "axes", 1, &axis);
            op_input_random(&c, image, 3);
            assert_int_equal(op_infer(&c, NULL), FS_OK);
            op_check_kernels(&c, 1e-5);
            op_case_end(&c);
        }
    static const char *const binary[] = {"Add", "Mul", "Sub", "Max", "Sum", "Mean"};
    for (size_t i = 0; i < sizeof binary / sizeof *binary; i++) {
        run_one(binary[i], 2, (const fs_shape[]){image, image});
        run_one(binary[i], 2, (const fs_shape[]){image, channel});
        run_one(binary[i], 2, (const fs_shape[]){channel, image});
        run_one(binary[i], 2, (const fs_shape[]){image, gate});
        run_one(binary[i], 2, (const fs_shape[]){image, inner});
        run_one(binary[i], 2, (const fs_shape[]){long_row, each});
    }
}

static void test_channels(void **state) {
    (void)state;
    const fs_shape image = fs_shape_of(4, 2, 6, 90, 91), six = fs_shape_of(1, 6);
    run_one("GlobalAveragePool", 1, &image);
    run_one("GlobalMaxPool", 1, &image);
    run_one("Transpose", 1, &image);
    op_case c;
    op_case_begin(&c, "LRN", 13);
    op_attribute_int(&c, "size", 5);
    op_attribute_float(&c, "alpha", 0.5f);
    op_input_random(&c, image, 1);
    assert_int_equal(op_infer(&c, NULL), FS_OK);
    op_check_kernels(&c, 1e-5);
    op_case_end(&c);

    op_case_begin(&c, "BatchNormalization", 13);
    op_input_random(&c, image, 1);
    for (int i = 0; i < 3; i++)
        op_input_random(&c, six, (uint64_t)i + 2);
    const float variance[] = {1, 2, 0.5f, 0.3f, 1, 4};
    op_input(&c, &(fs_tensor){six, FS_F32, (void *)variance}, true);
    assert_int_equal(op_infer(&c, NULL), FS_OK);
    op_check_kernels(&c, 1e-5);
    op_case_end(&c);

    op_case_begin(&c, "Concat", 13);
    op_attribute_int(&c, "axis", 1);
    for (int i = 0; i < 3; i++)
        op_input_random(&c, image, (uint64_t)i + 1);
    assert_int_equal(op_infer(&c, NULL), FS_OK);
    op_check_kernels(&c, 1e-6);
    op_case_end(&c);
}

static void test_pools(void **state) {
    (void)state;
    static const struct {
        const char *type;
        int64_t kernel, stride, pad;
        int planes, height, width;
    } table[] = {
        {"MaxPool", 3, 2, 0, 6, 111, 113},  {"MaxPool", 2, 2, 0, 4, 200, 203},
        {"MaxPool", 3, 1, 1, 40, 28, 29},   {"MaxPool", 5, 3, 2, 5, 70, 90},
        {"MaxPool", 17, 2, 8, 2, 60, 5000}, {"AveragePool", 3, 2, 1, 6, 111, 113},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        op_case c;
        op_case_begin(&c, table[i].type, 13);
        const int64_t k = table[i].kernel, s = table[i].stride, p = table[i].pad;
        op_attribute_ints(&c, "kernel_shape", 2, (int64_t[]){k, k});
        op_attribute_ints(&c, "strides", 2, (int64_t[]){s, s});
        op_attribute_ints(&c, "pads", 4, (int64_t[]){p, p, p, p});
        op_attribute_int(&c, "ceil_mode", 1);
        op_input_random(&c, fs_shape_of(4, 1, table[i].planes, table[i].height, table[i].width), i + 1);
        assert_int_equal(op_infer(&c, NULL), FS_OK);
        op_check_kernels(&c, 1e-5);
        op_case_end(&c);
    }
}

/* The pool against its definition, on sizes that take several blocks. */
static void test_max_pool_definition(void **state) {
    (void)state;
    enum { H = 150, W = 131, OH = 75, OW = 66 };
    op_case c;
    op_case_begin(&c, "MaxPool", 13);
    op_attribute_ints(&c, "kernel_shape", 2, (int64_t[]){3, 3});
    op_attribute_ints(&c, "strides", 2, (int64_t[]){2, 2});
    op_attribute_ints(&c, "pads", 4, (int64_t[]){1, 1, 1, 1});
    op_input_random(&c, fs_shape_of(4, 1, 2, H, W), 9);
    assert_int_equal(op_infer(&c, NULL), FS_OK);
    const fs_shape expected_shape = fs_shape_of(4, 1, 2, OH, OW);
    assert_true(fs_shape_equal(&c.out[0].shape, &expected_shape));
    op_result r;
    op_run(&c, &(op_setting){.kernel = op_reference(&c)}, &r);
    const float *x = fs_f32(&c.in[0]);
    for (int plane = 0; plane < 2; plane++)
        for (int oy = 0; oy < OH; oy++)
            for (int ox = 0; ox < OW; ox++) {
                float most = -1e30f;
                for (int iy = 2 * oy - 1; iy < 2 * oy + 2; iy++)
                    for (int ix = 2 * ox - 1; ix < 2 * ox + 2; ix++)
                        if (iy >= 0 && iy < H && ix >= 0 && ix < W && x[(plane * H + iy) * W + ix] > most)
                            most = x[(plane * H + iy) * W + ix];
                assert_true(fs_f32(&r.out[0])[(plane * OH + oy) * OW + ox] == most);
            }
    op_result_free(&r);
    op_case_end(&c);
}

/* Small planes of few different numbers: the kernels must agree on which of equal places wins. */
static void test_max_pool_ties(void **state) {
    (void)state;
    static const int64_t pads[][4] = {{0, 0, 0, 0}, {1, 1, 1, 1}, {0, 0, 1, 1}, {2, 1, 0, 2}};
    fs_random random;
    fs_random_seed(&random, 3, 1);
    for (int round = 0; round < 400; round++) {
        const int64_t stride[2] = {1 + round % 2, 1 + round / 2 % 2}, *pad = pads[round / 4 % 4];
        const int h = 3 + fs_random_int(&random, 20), w = 3 + fs_random_int(&random, 40);
        float x[2 * 23 * 43];
        for (int i = 0; i < 2 * h * w; i++)
            x[i] = (float)fs_random_int(&random, 4) - 1;
        op_case c;
        op_case_begin(&c, "MaxPool", 13);
        const int64_t k = pad[0] < 2 && round % 3 == 0 ? 2 : 3;
        op_attribute_ints(&c, "kernel_shape", 2, (int64_t[]){k, k});
        op_attribute_ints(&c, "strides", 2, stride);
        op_attribute_ints(&c, "pads", 4, pad);
        op_attribute_int(&c, "ceil_mode", round / 16 % 2);
        op_input(&c, &(fs_tensor){fs_shape_of(4, 1, 2, h, w), FS_F32, x}, false);
        assert_int_equal(op_infer(&c, NULL), FS_OK);
        op_check_kernels(&c, 1e-6); /* a wrong place is wrong by much more */
        op_case_end(&c);
    }
}

/* Numbers alike bit for bit, NaN included, and gradients that go to the same places. */
static void assert_same_winners(const op_case *c) {
    const int64_t count = fs_tensor_count(&c->out[0]), inputs = fs_tensor_count(&c->in[0]);
    float grad[23 * 43 * 2];
    assert_true(count <= (int64_t)(sizeof grad / sizeof *grad));
    for (int64_t i = 0; i < count; i++)
        grad[i] = (float)(1 + i % 97);
    const float *const out_grad[] = {grad};
    op_result expected;
    op_run(c, &(op_setting){.kernel = op_reference(c), .want = {true}, .out_grad = out_grad}, &expected);
    const fs_kernel *const *kernels = fs_operator_find("MaxPool")->kernels;
    const bool present[] = {true};
    for (int k = 0; kernels[k]; k++) {
        const fs_op_setup setup = {
            .node = &c->node, .in = c->in, .out = c->out, .present = present, .n_in = 1, .n_out = 1};
        if (kernels[k]->suits && !kernels[k]->suits(&setup))
            continue;
        op_result r;
        op_run(c, &(op_setting){.kernel = kernels[k], .want = {true}, .out_grad = out_grad}, &r);
        for (int64_t i = 0; i < count; i++) {
            const float got = fs_f32(&r.out[0])[i], wanted = fs_f32(&expected.out[0])[i];
            assert_true(isnan(wanted) ? isnan(got) : got == wanted);
        }
        assert_memory_equal(r.grad[0], expected.grad[0], (size_t)inputs * sizeof(float));
        op_result_free(&r);
    }
    op_result_free(&expected);
}

/* What the fast loops leave to the definition: numbers that are not finite, and the least one. Of several
 * NaN, and of padding beside minus infinity, any place may win. */
static void test_max_pool_odd_numbers(void **state) {
    (void)state;
    static const float odd[] = {INFINITY, -FLT_MAX, FLT_MAX, -INFINITY};
    static const int64_t shapes[][3] = {
        {3, 1, 1}, {3, 2, 1}, {3, 2, 0}, {2, 2, 0}, {2, 2, 1}}; /* kernel, stride, pad */
    fs_random random;
    fs_random_seed(&random, 4, 1);
    for (int round = 0; round < 200; round++) {
        const int64_t k = shapes[round % 5][0], s = shapes[round % 5][1], p = shapes[round % 5][2];
        const int h = 3 + fs_random_int(&random, 20), w = 3 + fs_random_int(&random, 40);
        float x[2 * 23 * 43];
        for (int i = 0; i < 2 * h * w; i++)
            x[i] = fs_random_int(&random, 1 + round % 7) ? -1 : odd[fs_random_int(&random, p ? 3 : 4)];
        x[fs_random_int(&random, h * w)] = NAN;
        op_case c;
        op_case_begin(&c, "MaxPool", 13);
        op_attribute_ints(&c, "kernel_shape", 2, (int64_t[]){k, k});
        op_attribute_ints(&c, "strides", 2, (int64_t[]){s, s});
        op_attribute_ints(&c, "pads", 4, (int64_t[]){p, p, p, p});
        op_input(&c, &(fs_tensor){fs_shape_of(4, 1, 2, h, w), FS_F32, x}, false);
        assert_int_equal(op_infer(&c, NULL), FS_OK);
        assert_same_winners(&c);
        op_case_end(&c);
    }
}

static void test_products(void **state) {
    (void)state;
    const fs_shape a = fs_shape_of(2, 130, 70), b = fs_shape_of(2, 70, 90), row = fs_shape_of(2, 1, 700),
                   wide = fs_shape_of(2, 700, 900), batch = fs_shape_of(3, 4, 130, 70);
    run_one("Gemm", 2, (const fs_shape[]){a, b});
    run_one("Gemm", 2, (const fs_shape[]){row, wide});
    run_one("MatMul", 2, (const fs_shape[]){a, b});
    run_one("MatMul", 2, (const fs_shape[]){batch, b});
}

static void test_transformer(void **state) {
    (void)state;
    const fs_shape tokens = fs_shape_of(3, 2, 197, 192), scale = fs_shape_of(1, 192),
                   heads = fs_shape_of(4, 2, 6, 97, 97), queries = fs_shape_of(4, 2, 6, 97, 32),
                   keys = fs_shape_of(4, 2, 6, 32, 97), shared = fs_shape_of(4, 1, 6, 32, 97),
                   image = fs_shape_of(4, 2, 6, 90, 91), six = fs_shape_of(1, 6);
    run_one("LayerNormalization", 3, (const fs_shape[]){tokens, scale, scale});
    run_one("InstanceNormalization", 3, (const fs_shape[]){image, six, six});
    run_one("LpNormalization", 1, &tokens);
    run_one("Gelu", 1, &tokens);
    run_one("Softmax", 1, &heads);
    run_one("LogSoftmax", 1, &heads);
    run_one("MatMul", 2, (const fs_shape[]){queries, keys});
    run_one("MatMul", 2, (const fs_shape[]){queries, shared});
    op_case c;
    op_case_begin(&c, "Softmax", 13);
    op_attribute_int(&c, "axis", 1);
    op_input_random(&c, image, 1);
    assert_int_equal(op_infer(&c, NULL), FS_OK);
    op_check_kernels(&c, 1e-5);
    op_case_end(&c);

    op_case_begin(&c, "Einsum", 13);
    op_attribute_string(&c, "equation", "bhic,bjhc -> bhij"); /* blanks mean nothing */
    op_input_random(&c, queries, 1);
    op_input_random(&c, fs_shape_of(4, 2, 97, 6, 32), 2);
    assert_int_equal(op_infer(&c, NULL), FS_OK);
    op_check_kernels(&c, 1e-5);
    op_case_end(&c);
}

/* Maps that grow and shrink. */
static void test_sizes(void **state) {
    (void)state;
    const fs_shape image = fs_shape_of(4, 2, 8, 50, 51);
    static const float factors[][4] = {{1, 1, 2, 2}, {1, 1, 0.4f, 1.7f}, {1, 2, 1, 0.5f}};
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
        for (int linear = 0; linear < 2; linear++) {
            op_case c;
            op_case_begin(&c, "Upsample", 7);
            op_attribute_floats(&c, "scales", 4, factors[i]);
            op_attribute_string(&c, "mode", linear ? "linear" : "nearest");
            op_input_random(&c, image, 1);
            assert_int_equal(op_infer(&c, NULL), FS_OK);
            op_check_kernels(&c, 1e-5);
            op_case_end(&c);
        }
    op_case c;
    op_case_begin(&c, "DepthToSpace", 13);
    op_attribute_int(&c, "blocksize", 2);
    op_input_random(&c, image, 1);
    assert_int_equal(op_infer(&c, NULL), FS_OK);
    op_check_kernels(&c, 1e-6);
    op_case_end(&c);

    op_case_begin(&c, "ConvTranspose", 13);
    op_attribute_ints(&c, "strides", 2, (int64_t[]){2, 2});
    op_attribute_ints(&c, "pads", 4, (int64_t[]){1, 1, 1, 1});
    op_input_random(&c, fs_shape_of(4, 2, 8, 23, 24), 1);
    op_input_random(&c, fs_shape_of(4, 8, 12, 4, 4), 2);
    op_input_random(&c, fs_shape_of(1, 12), 3);
    assert_int_equal(op_infer(&c, NULL), FS_OK);
    op_check_kernels(&c, 1e-5);
    op_case_end(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elementwise),   cmocka_unit_test(test_channels),
        cmocka_unit_test(test_pools),         cmocka_unit_test(test_max_pool_definition),
        cmocka_unit_test(test_max_pool_ties), cmocka_unit_test(test_max_pool_odd_numbers),
        cmocka_unit_test(test_products),      cmocka_unit_test(test_transformer),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
