/* What files may claim: shapes and attributes that make no sense give an error with a message, and what is
 * accepted runs within its buffers. */
#include "base/random.h"
#include "ops_harness.h"

/* One operator with a broken attribute list or shape, and a part of the message. */
typedef struct mistake {
    const char *type;
    int opset;
    const char *attribute; /* a list; NULL: none */
    int count;
    int64_t values[8];
    fs_shape in[3];
    int n_in;
    const char *message;
} mistake;

static const mistake mistakes[] = {
    {"MaxPool",
     13,
     "kernel_shape",
     2,
     {7, 7},
     {{4, {1, 1, 3, 3}}},
     1,
     "kernel 7x7 does not fit the 3x3 input"},
    {"MaxPool", 13, NULL, 0, {0}, {{4, {1, 1, 3, 3}}}, 1, "no kernel_shape"},
    {"MaxPool", 13, "kernel_shape", 2, {2, 2}, {{3, {1, 3, 3}}}, 1, "has 3 dimensions, 4 are needed"},
    {"AveragePool", 13, "kernel_shape", 3, {2, 2, 2}, {{4, {1, 1, 3, 3}}}, 1, "has 3 numbers"},
    {"Gemm", 13, NULL, 0, {0}, {{2, {3, 4}}, {2, {5, 6}}}, 2, "input has 4 features, weights want 5"},
    {"Gemm",
     13,
     NULL,
     0,
     {0},
     {{2, {3, 4}}, {2, {4, 6}}, {1, {5}}},
     3,
     "the bias (1x5) does not fit the 3x6 result"},
    {"MatMul", 13, NULL, 0, {0}, {{2, {3, 4}}, {2, {5, 6}}}, 2, "3x4 and 5x6 cannot be multiplied"},
    {"Add", 13, NULL, 0, {0}, {{2, {3, 4}}, {2, {3, 5}}}, 2, "3x4 and 3x5 cannot be broadcast together"},
    {"Sum", 13, NULL, 0, {0}, {{2, {3, 4}}, {2, {3, 5}}}, 2, "3x4 and 3x5 cannot be broadcast together"},
    {"Concat",
     13,
     "axis",
     1,
     {1},
     {{2, {3, 4}}, {2, {2, 5}}},
     2,
     "3x4 and 2x5 cannot be joined along axis 1"},
    {"Concat", 13, "axis", 1, {5}, {{2, {3, 4}}}, 1, "axis 5 does not exist"},
    {"Concat", 13, NULL, 0, {0}, {{2, {3, 4}}}, 1, "'axis' is missing"},
    {"Reshape", 1, "shape", 2, {5, 5}, {{2, {3, 4}}}, 1, "3x4 (12 numbers) cannot be reshaped to 5x5"},
    {"Reshape", 1, "shape", 2, {-1, 5}, {{2, {3, 4}}}, 1, "cannot be reshaped"},
    {"Reshape", 1, "shape", 2, {-1, -1}, {{2, {3, 4}}}, 1, "the target shape holds -1"},
    {"Reshape", 1, "shape", 2, {INT64_MIN, 5}, {{2, {3, 4}}}, 1, "the target shape holds"},
    {"Reshape", 1, "shape", 3, {0, 0, 0}, {{2, {3, 4}}}, 1, "copies dimension 2, which does not exist"},
    {"Reshape", 13, NULL, 0, {0}, {{2, {3, 4}}}, 1, "there is no target shape"},
    {"Squeeze", 11, "axes", 1, {0}, {{2, {3, 4}}}, 1, "axis 0 has size 3 and cannot be squeezed"},
    {"Unsqueeze", 11, "axes", 2, {1, 1}, {{2, {3, 4}}}, 1, "axis 1 is listed twice"},
    {"Transpose", 13, "perm", 2, {0, 0}, {{2, {3, 4}}}, 1, "'perm' is not a permutation"},
    {"Transpose", 13, "perm", 3, {0, 1, 2}, {{2, {3, 4}}}, 1, "'perm' has 3 axes, the input 2"},
    {"Pad", 9, "pads", 3, {0, 0, 0}, {{2, {3, 4}}}, 1, "3 pads for an input of 2 dimensions"},
    {"Pad", 9, "pads", 4, {-5, 0, 0, 0}, {{2, {3, 4}}}, 1, "does not fit an axis of 3"},
    {"Pad", 9, "pads", 4, {INT64_MAX, 0, 0, 0}, {{2, {3, 4}}}, 1, "does not fit an axis of 3"},
    {"Pad", 9, "pads", 4, {1 << 30, 1 << 30, 0, 0}, {{2, {3, 4}}}, 1, "too large"},
    {"Slice", 9, "starts", 1, {0}, {{2, {3, 4}}}, 1, "do not match"},
    {"Split", 11, "split", 1, {5}, {{2, {3, 4}}}, 1, "do not add up to the 3 of axis 0"},
    {"ReduceMean", 13, "axes", 1, {4}, {{2, {3, 4}}}, 1, "an axis does not exist"},
    {"LRN", 13, NULL, 0, {0}, {{4, {1, 2, 3, 3}}}, 1, "'size' is missing"},
    {"Softmax", 13, "axis", 1, {-3}, {{2, {3, 4}}}, 1, "axis -3 does not exist"},
    {"Clip", 13, NULL, 0, {0}, {{1, {2}}, {1, {2}}}, 2, "a limit is not a single number"},
    {"BatchNormalization", 13, NULL, 0, {0}, {{2, {3, 4}}}, 1, "input 1 is missing"},
    {"Cast", 13, "to", 1, {8}, {{1, {2}}}, 1, "a cast to type 8 is not supported"},
    {"Constant", 13, NULL, 0, {0}, {{0}}, 0, "the constant has no value"},
    {"Gather", 13, NULL, 0, {0}, {{1, {2}}, {1, {2}}}, 2, "the indices are not integers"},
};

static void test_messages(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const mistake *m = &mistakes[i];
        op_case c;
        op_case_begin(&c, m->type, m->opset);
        if (m->attribute && m->count == 1 && strcmp(m->attribute, "starts") != 0 &&
            strcmp(m->attribute, "split") != 0)
            op_attribute_int(&c, m->attribute, m->values[0]);
        else if (m->attribute)
            op_attribute_ints(&c, m->attribute, m->count, m->values);
        for (int k = 0; k < m->n_in; k++)
            op_input_random(&c, m->in[k], 1);
        op_expect_error(&c, m->message);
        op_case_end(&c);
    }
}

static const char *const names[] = {
    "axis",      "axes",         "pads",       "strides",
    "dilations", "kernel_shape", "group",      "auto_pad",
    "ceil_mode", "perm",         "shape",      "split",
    "starts",    "ends",         "steps",      "mode",
    "to",        "value",        "alpha",      "beta",
    "size",      "keepdims",     "transA",     "transB",
    "start",     "end",          "broadcast",  "epsilon",
    "allowzero", "min",          "value_ints", "count_include_pad",
};
static const char *const words[] = {"SAME_UPPER", "SAME_LOWER", "VALID", "reflect",
                                    "edge",       "constant",   "FLOAT", "x"};

/* Mostly small numbers, now and then an absurd one. */
static int64_t odd_number(fs_random *random) {
    static const int64_t absurd[] = {INT64_MAX, INT64_MIN, INT64_MAX - 1, INT32_MAX, INT32_MIN,
                                     1 << 20,   -1,        65536};
    if (fs_random_int(random, 12) == 0)
        return absurd[fs_random_int(random, 8)];
    return fs_random_int(random, 7) - (fs_random_int(random, 4) == 0 ? 3 : 0);
}

static void odd_attribute(op_case *c, fs_random *random) {
    const char *name = names[fs_random_int(random, sizeof names / sizeof *names)];
    int64_t list[10];
    float floats[3] = {1.5f, -1e30f, 0};
    const int count = fs_random_int(random, 10);
    for (int i = 0; i < count; i++)
        list[i] = odd_number(random);
    switch (fs_random_int(random, 8)) {
    case 0:
        op_attribute_string(c, name, words[fs_random_int(random, 8)]);
        break;
    case 1:
        op_attribute_float(c, name, floats[fs_random_int(random, 3)]);
        break;
    case 2:
        op_attribute_floats(c, name, fs_random_int(random, 4), floats);
        break;
    case 3:
    case 4:
        op_attribute_int(c, name, odd_number(random));
        break;
    default:
        op_attribute_ints(c, name, count, list);
    }
}

static void odd_input(op_case *c, fs_random *random) {
    if (fs_random_int(random, 16) == 0) {
        op_input_absent(c);
        return;
    }
    if (fs_random_int(random, 3) == 0) {
        int64_t list[8];
        const int count = fs_random_int(random, 9);
        for (int i = 0; i < count; i++)
            list[i] = odd_number(random);
        op_input_ints(c, count, list);
        return;
    }
    fs_shape shape = {.rank =
                          fs_random_int(random, 10) ? fs_random_int(random, 5) : fs_random_int(random, 9)};
    for (int i = 0; i < shape.rank; i++)
        shape.dim[i] = fs_random_int(random, 14) ? 1 + fs_random_int(random, 4) : 0;
    op_input_random(c, shape, fs_random_u64(random));
    c->constant[c->n_in - 1] = fs_random_int(random, 4) == 0;
}

/* Small enough to run: what a plan would refuse for want of memory is not run here either. */
static bool is_modest(const op_case *c) {
    for (int i = 0; i < c->n_out; i++)
        if (fs_tensor_count(&c->out[i]) > 1 << 16)
            return false;
    return true;
}

static bool fits_memory(const op_case *c) {
    const bool want[OP_CASE_INPUTS] = {false};
    fs_op_setup setup = {.node = &c->node,
                         .in = c->in,
                         .out = c->out,
                         .present = c->present,
                         .n_in = c->n_in,
                         .n_out = c->n_out,
                         .want_grad = want,
                         .threads = 1};
    const fs_kernel *kernel = op_reference(c);
    return !kernel->prepare || (kernel->prepare(&setup, NULL) == FS_OK && setup.workspace_bytes < 1 << 24);
}

static void run_forward(const op_case *c) {
    op_result r;
    op_run(c, &(op_setting){.kernel = op_reference(c)}, &r);
    op_result_free(&r);
}

/* Nonsense of every kind: an error with a message, or a run that stays inside its buffers, which the
 * sanitized build watches; every fourth time with all kernels and gradients. */
static void test_nonsense(void **state) {
    (void)state;
    const uint64_t seed = 20240518;
    print_message("seed %llu\n", (unsigned long long)seed);
    fs_random random;
    fs_random_seed(&random, seed, 0);
    const fs_operator *const *all;
    const int operators = fs_operator_list(&all);
    int accepted = 0;
    for (int round = 0; round < 40000; round++) {
        const fs_operator *op = all[round % operators];
        op_case c;
        op_case_begin(&c, op->type, 1 + fs_random_int(&random, 17));
        for (int i = fs_random_int(&random, 4); i > 0; i--)
            odd_attribute(&c, &random);
        const int most = op->max_inputs < 0 || op->max_inputs > 5 ? 5 : op->max_inputs;
        for (int i = op->min_inputs + fs_random_int(&random, most - op->min_inputs + 1); i > 0; i--)
            odd_input(&c, &random);
        c.n_out = fs_random_int(&random, 6) ? 1 : 1 + fs_random_int(&random, 4);
        fs_error err = {0};
        const fs_status status = op_infer(&c, &err);
        if (status != FS_OK && (err.code != status || !err.message[0]))
            fail_msg("%s failed without a message", op->type);
        if (status == FS_OK && is_modest(&c) && fits_memory(&c)) {
            if (accepted++ % 4 == 0)
                op_check_kernels(&c, 1e-3);
            else
                run_forward(&c);
        }
        op_case_end(&c);
    }
    assert_true(accepted > 2000);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_messages), cmocka_unit_test(test_nonsense)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
