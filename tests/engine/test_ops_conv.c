/* The convolution's kernels against each other and against differences, over the geometries that matter. */
#include "ops_harness.h"

typedef struct geometry {
    const char *title;
    int n, c, h, w, m, kh, kw, group;
    int64_t stride[2], dilation[2], pad[4];
    const char *auto_pad;
    bool bias;
} geometry;

static const geometry small[] = {
    {"plain", 1, 2, 5, 6, 3, 3, 3, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}, NULL, true},
    {"padded", 2, 3, 5, 4, 4, 3, 3, 1, {1, 1}, {1, 1}, {1, 1, 1, 1}, NULL, true},
    {"strided", 1, 3, 9, 8, 2, 3, 3, 1, {2, 2}, {1, 1}, {1, 1, 1, 1}, NULL, false},
    {"unequal strides", 2, 1, 7, 9, 2, 2, 3, 1, {3, 1}, {1, 1}, {0, 1, 0, 1}, NULL, true},
    {"dilated", 1, 2, 9, 10, 3, 3, 2, 1, {1, 2}, {2, 3}, {2, 0, 2, 0}, NULL, true},
    {"asymmetric", 1, 2, 6, 7, 2, 3, 4, 1, {2, 1}, {1, 1}, {0, 3, 2, 1}, NULL, true},
    {"pointwise", 2, 5, 4, 5, 7, 1, 1, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}, NULL, true},
    {"pointwise strided", 1, 5, 5, 7, 3, 1, 1, 1, {2, 2}, {1, 1}, {0, 0, 0, 0}, NULL, false},
    {"pointwise padded", 1, 3, 3, 3, 3, 1, 1, 1, {1, 1}, {1, 1}, {1, 0, 0, 1}, NULL, true},
    {"groups", 2, 6, 5, 5, 4, 3, 3, 2, {1, 1}, {1, 1}, {1, 1, 1, 1}, NULL, true},
    {"depthwise", 2, 4, 6, 5, 4, 3, 3, 4, {1, 1}, {1, 1}, {1, 1, 1, 1}, NULL, true},
    {"depthwise strided", 1, 3, 8, 9, 6, 5, 5, 3, {2, 2}, {1, 1}, {2, 2, 2, 2}, NULL, false},
    {"depthwise dilated", 1, 3, 12, 11, 3, 3, 5, 3, {1, 1}, {2, 2}, {2, 4, 2, 4}, NULL, true},
    {"depthwise strides 2 and 3", 2, 2, 11, 13, 4, 3, 7, 2, {2, 3}, {1, 1}, {1, 3, 0, 2}, NULL, true},
    {"depthwise cropped", 1, 2, 5, 5, 2, 1, 2, 2, {1, 1}, {1, 1}, {1, 2, 0, 0}, NULL, true},
    {"depthwise uneven", 1, 2, 10, 10, 2, 3, 3, 2, {4, 4}, {1, 1}, {0, 0, 0, 0}, NULL, false},
    {"grouped pointwise", 2, 8, 4, 3, 12, 1, 1, 4, {1, 1}, {1, 1}, {0, 0, 0, 0}, NULL, true},
    {"same upper", 1, 2, 6, 7, 2, 4, 3, 1, {2, 2}, {1, 1}, {0, 0, 0, 0}, "SAME_UPPER", true},
    {"same lower", 1, 2, 6, 7, 2, 4, 3, 1, {2, 2}, {1, 1}, {0, 0, 0, 0}, "SAME_LOWER", true},
    {"valid", 1, 2, 6, 7, 2, 4, 3, 1, {2, 2}, {1, 1}, {0, 0, 0, 0}, "VALID", true},
    {"whole image", 2, 3, 4, 5, 6, 4, 5, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}, NULL, true},
    {"single pixel", 1, 3, 1, 1, 4, 3, 3, 1, {1, 1}, {1, 1}, {1, 1, 1, 1}, NULL, true},
    {"taps that never meet the image", 1, 1, 2, 2, 2, 5, 5, 1, {1, 1}, {3, 3}, {6, 6, 6, 6}, NULL, true},
    {"rectangular 1x7", 1, 4, 3, 12, 5, 1, 7, 1, {1, 1}, {1, 1}, {0, 3, 0, 3}, NULL, true},
};

static const geometry large[] = {
    {"first layer", 1, 3, 40, 44, 32, 7, 7, 1, {2, 2}, {1, 1}, {0, 0, 0, 0}, NULL, true},
    {"many channels", 2, 64, 13, 13, 48, 3, 3, 1, {1, 1}, {1, 1}, {1, 1, 1, 1}, NULL, true},
    {"wide pointwise", 2, 96, 27, 27, 64, 1, 1, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}, NULL, true},
    {"two groups", 1, 48, 27, 27, 64, 5, 5, 2, {1, 1}, {1, 1}, {2, 2, 2, 2}, NULL, true},
    {"large depthwise", 1, 6, 80, 120, 6, 3, 3, 6, {1, 1}, {1, 1}, {1, 1, 1, 1}, NULL, true},
    {"large depthwise strided", 2, 4, 97, 130, 8, 5, 5, 4, {2, 2}, {1, 1}, {2, 2, 2, 2}, NULL, true},
    {"odd sizes", 1, 17, 19, 23, 29, 3, 3, 1, {2, 1}, {1, 1}, {1, 0, 2, 1}, NULL, true},
    {"long rows of the panel", 1, 200, 9, 9, 20, 3, 3, 1, {1, 1}, {1, 1}, {1, 1, 1, 1}, NULL, false},
};

static void build(op_case *c, const geometry *g) {
    op_case_begin(c, "Conv", 13);
    c->title = g->title;
    op_attribute_ints(c, "strides", 2, g->stride);
    op_attribute_ints(c, "dilations", 2, g->dilation);
    op_attribute_ints(c, "kernel_shape", 2, (int64_t[]){g->kh, g->kw});
    op_attribute_int(c, "group", g->group);
    if (g->auto_pad)
        op_attribute_string(c, "auto_pad", g->auto_pad);
    else
        op_attribute_ints(c, "pads", 4, g->pad);
    op_input_random(c, fs_shape_of(4, g->n, g->c, g->h, g->w), 1);
    op_input_random(c, fs_shape_of(4, g->m, g->c / g->group, g->kh, g->kw), 2);
    if (g->bias)
        op_input_random(c, fs_shape_of(1, g->m), 3);
    fs_error err = {0};
    if (op_infer(c, &err) != FS_OK)
        fail_msg("%s: %s", g->title, err.message);
}

static void test_small_geometries(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        op_case c;
        build(&c, &small[i]);
        op_check(&c, 1e-5);
        op_case_end(&c);
    }
}

static void test_large_geometries(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        op_case c;
        build(&c, &large[i]);
        op_check_kernels(&c, 2e-5);
        op_case_end(&c);
    }
}

/* The reference itself, against sums written out by hand. */
static void test_by_hand(void **state) {
    (void)state;
    const float x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, w[] = {1, 0, 0, -1}, b[] = {10};
    op_case c;
    op_case_begin(&c, "Conv", 13);
    op_attribute_ints(&c, "pads", 4, (int64_t[]){1, 0, 0, 0});
    op_input(&c, &(fs_tensor){fs_shape_of(4, 1, 1, 3, 3), FS_F32, (void *)x}, false);
    op_input(&c, &(fs_tensor){fs_shape_of(4, 1, 1, 2, 2), FS_F32, (void *)w}, false);
    op_input(&c, &(fs_tensor){fs_shape_of(1, 1), FS_F32, (void *)b}, false);
    assert_int_equal(op_infer(&c, NULL), FS_OK);
    const fs_shape expected = fs_shape_of(4, 1, 1, 3, 2);
    assert_true(fs_shape_equal(&c.out[0].shape, &expected));
    op_result r;
    op_run(&c, &(op_setting){.kernel = op_reference(&c)}, &r);
    op_assert_close("by hand", fs_f32(&r.out[0]), (const float[]){8, 7, 6, 6, 6, 6}, 6, 0);
    op_result_free(&r);
    op_case_end(&c);
}

static void test_channel_error(void **state) {
    (void)state;
    op_case c;
    op_case_begin(&c, "Conv", 13);
    op_input_random(&c, fs_shape_of(4, 1, 3, 8, 8), 1);
    op_input_random(&c, fs_shape_of(4, 2, 4, 3, 3), 1);
    op_expect_error(&c, "input has 3 channels, weights want 4");
    op_case_end(&c);
}

static void test_kernel_error(void **state) {
    (void)state;
    op_case c;
    op_case_begin(&c, "Conv", 13);
    op_input_random(&c, fs_shape_of(4, 1, 1, 3, 3), 1);
    op_input_random(&c, fs_shape_of(4, 1, 1, 7, 7), 1);
    op_expect_error(&c, "kernel 7x7 does not fit the 3x3 input");
    op_case_end(&c);
}

static void test_attribute_errors(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int count;
        int64_t values[4];
        const char *message;
    } table[] = {
        {"strides", 2, {0, 1}, "attribute 'strides' holds 0"},
        {"strides", 2, {INT64_MAX, 1}, "attribute 'strides' holds"},
        {"dilations", 2, {1, -1}, "attribute 'dilations' holds -1"},
        {"pads", 4, {0, 0, -1, 0}, "attribute 'pads' holds -1"},
        {"pads", 2, {1, 1}, "attribute 'pads' has 2 numbers"},
        {"kernel_shape", 1, {3}, "attribute 'kernel_shape' has 1 numbers"},
        {"kernel_shape", 2, {2, 3}, "kernel_shape says 2x3, the weights are 3x3"},
        {"dilations", 2, {60000, 60000}, "does not fit"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        op_case c;
        op_case_begin(&c, "Conv", 13);
        op_attribute_ints(&c, table[i].name, table[i].count, table[i].values);
        op_input_random(&c, fs_shape_of(4, 1, 1, 8, 8), 1);
        op_input_random(&c, fs_shape_of(4, 1, 1, 3, 3), 1);
        op_expect_error(&c, table[i].message);
        op_case_end(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),          cmocka_unit_test(test_small_geometries),
        cmocka_unit_test(test_large_geometries), cmocka_unit_test(test_channel_error),
        cmocka_unit_test(test_kernel_error),     cmocka_unit_test(test_attribute_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
