/* What files may claim: shapes and attributes that make no sense give an error with a message, and what is
 * accepted runs within its buffers. */
#include <math.h>

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
    {"Cast", 13, "to", 1, {8}, {{1, {2}}}, 1, "data type 8 is not supported"},
    {"Constant", 13, NULL, 0, {0}, {{0}}, 0, "the constant has no value"},
    {"Gather", 13, NULL, 0, {0}, {{1, {2}}, {1, {2}}}, 2, "the indices are not integers"},
    {"Resize", 10, NULL, 0, {0}, {{2, {3, 4}}, {1, {2}}}, 2, "the scales depend on the image"},
    {"Resize", 13, NULL, 0, {0}, {{2, {3, 4}}}, 1, "there are neither scales nor sizes"},
    {"Resize", 18, "antialias", 1, {1}, {{2, {3, 4}}}, 1, "antialias 1 is not supported"},
    {"LayerNormalization",
     17,
     NULL,
     0,
     {0},
     {{2, {3, 4}}, {1, {3}}},
     2,
     "input 1 has 3 numbers, 4 are needed"},
    {"LayerNormalization", 17, "stash_type", 1, {10}, {{2, {3, 4}}, {1, {4}}}, 2, "'stash_type' is 10"},
    {"GroupNormalization",
     21,
     "num_groups",
     1,
     {2},
     {{3, {1, 3, 4}}, {1, {3}}, {1, {3}}},
     3,
     "3 channels do not divide into 2 groups"},
    {"GroupNormalization", 21, NULL, 0, {0}, {{2, {1, 3}}, {1, {3}}, {1, {3}}}, 3, "'num_groups' is missing"},
    {"InstanceNormalization", 6, NULL, 0, {0}, {{3, {1, 3, 0}}, {1, {3}}, {1, {3}}}, 3, "empty input"},
    {"LpNormalization", 13, "p", 1, {3}, {{2, {3, 4}}}, 1, "'p' is 3"},
    {"Einsum", 13, NULL, 0, {0}, {{2, {3, 4}}}, 1, "'equation' is missing"},
    {"DepthToSpace", 13, "blocksize", 1, {2}, {{4, {1, 3, 2, 2}}}, 1, "does not divide into blocks of 2"},
    {"DepthToSpace", 13, "blocksize", 1, {INT64_MAX}, {{4, {1, 3, 2, 2}}}, 1, "'blocksize' is"},
    {"SpaceToDepth", 13, NULL, 0, {0}, {{4, {1, 4, 3, 2}}}, 1, "'blocksize' is missing"},
    {"ConvTranspose", 13, NULL, 0, {0}, {{4, {1, 3, 2, 2}}, {4, {2, 3, 3, 3}}}, 2, "input has 3 channels"},
    {"ConvTranspose",
     13,
     "output_padding",
     2,
     {1, 0},
     {{4, {1, 2, 2, 2}}, {4, {2, 3, 3, 3}}},
     2,
     "output_padding must be smaller than the stride"},
    {"ConvTranspose",
     13,
     "output_shape",
     2,
     {65535, 1},
     {{4, {1, 2, 2, 2}}, {4, {2, 3, 3, 3}}},
     2,
     "do not suit an input of 1x2x2x2"},
    {"ArgMax", 13, "axis", 1, {2}, {{2, {3, 4}}}, 1, "axis 2 does not exist"},
    {"CumSum", 13, NULL, 0, {0}, {{1, {3}}, {1, {1}}}, 2, "the axis is not made of integers"},
    {"Tile", 13, NULL, 0, {0}, {{1, {3}}, {1, {1}}}, 2, "the list of repeats is not made of integers"},
    {"Trilu", 14, NULL, 0, {0}, {{1, {3}}}, 1, "has 1 dimensions"},
    {"GatherElements", 13, NULL, 0, {0}, {{1, {2}}, {1, {2}}}, 2, "the indices are not integers"},
    {"GatherND", 13, NULL, 0, {0}, {{1, {2}}}, 1, "input 1 is missing"},
    {"Mod", 13, NULL, 0, {0}, {{1, {2}}, {1, {2}}}, 2, "fmod 0 is not supported"},
    {"LpPool", 13, "p", 1, {0}, {{4, {1, 1, 3, 3}}}, 1, "p 0 is not supported"},
    {"ReduceL2", 13, "axes", 1, {4}, {{2, {3, 4}}}, 1, "an axis does not exist"},
    {"EyeLike", 13, "dtype", 1, {8}, {{2, {3, 4}}}, 1, "data type 8 is not supported"},
    {"BatchNormalization", 6, "is_test", 1, {0}, {{2, {3, 4}}}, 1, "is_test 0"},
    {"BatchNormalization", 7, "spatial", 1, {0}, {{2, {3, 4}}}, 1, "spatial 0"},
    {"Dropout", 6, "is_test", 1, {0}, {{2, {3, 4}}}, 1, "training mode is not supported"},
    {"Split", 18, "num_outputs", 1, {2}, {{2, {3, 4}}}, 1, "num_outputs 2 for a node of 1 outputs"},
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

/* One word that asks for what is not done here: the message names it. */
static const struct {
    const char *type;
    int opset;
    const char *attribute, *word, *message;
} words_refused[] = {
    {"Resize", 13, "mode", "cubic", "mode 'cubic' is not supported"},
    {"Resize", 13, "nearest_mode", "best", "nearest_mode 'best' is not supported"},
    {"Resize", 13, "coordinate_transformation_mode", "tf_crop_and_resize",
     "coordinate_transformation_mode 'tf_crop_and_resize' is not supported"},
    {"Resize", 18, "keep_aspect_ratio_policy", "not_larger",
     "keep_aspect_ratio_policy 'not_larger' is not supported"},
    {"Upsample", 9, "mode", "area", "mode 'area' is not supported"},
    {"Gelu", 20, "approximate", "erf", "approximate 'erf' is not supported"},
    {"Pad", 13, "mode", "mirror", "mode 'mirror' is not supported"},
    {"ScatterND", 18, "reduction", "mul", "reduction 'mul' is not supported"},
    {"ScatterElements", 18, "reduction", "max", "reduction 'max' is not supported"},
    {"Einsum", 13, "equation", "...ij->...ji", "'...' is not supported"},
    {"Einsum", 13, "equation", "ii->i", "'i' twice in a term"},
    {"Einsum", 13, "equation", "ij,jk,kl->il", "more than 2 operands"},
    {"Einsum", 13, "equation", "ij->ik", "'k' of the output stands in no operand"},
    {"Einsum", 13, "equation", "i j - > i", "the equation holds '-'"},
    {"Einsum", 13, "equation", "abcdefghi->a", "more than 8 dimensions"},
    {"Einsum", 13, "equation", "i,j->ij", "an equation of 2 operands has 1 inputs"},
    {"Einsum", 13, "equation", "ijk", "has 2 dimensions, 3 are needed"},
    {"Cast", 1, "to", "STRING", "data type 'STRING' is not supported"},
};

static void test_refused_words(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof words_refused / sizeof *words_refused; i++) {
        op_case c;
        op_case_begin(&c, words_refused[i].type, words_refused[i].opset);
        op_attribute_string(&c, words_refused[i].attribute, words_refused[i].word);
        op_input_random(&c, fs_shape_of(2, 3, 4), 1);
        op_expect_error(&c, words_refused[i].message);
        op_case_end(&c);
    }
}

/* One operator with integers that lead outside its data or ask for too much; `a` is the data, `list` the
 * integers of the input behind it. */
static const struct {
    const char *type;
    fs_shape a, list_shape;
    int64_t list[4];
    bool updates; /* a third input like the list's shape */
    const char *message;
} lists_refused[] = {
    {"Tile", {2, {3, 4}}, {1, {2}}, {1 << 20, 1 << 20}, false, "too large"},
    {"Tile", {2, {3, 4}}, {1, {2}}, {INT64_MAX, 2}, false, "cannot be repeated"},
    {"Tile", {2, {3, 4}}, {1, {2}}, {-1, 2}, false, "cannot be repeated -1 times"},
    {"Tile", {2, {3, 4}}, {1, {3}}, {1, 1, 1}, false, "3 repeats for an input of 2 dimensions"},
    {"Tile", {5, {2, 2, 2, 2, 2}}, {1, {4}}, {2, 2, 2, 2}, false, "4 repeats for an input of 5 dimensions"},
    {"CumSum", {1, {3}}, {1, {1}}, {1}, false, "axis 1 does not exist"},
    {"GatherElements", {1, {3}}, {1, {2}}, {0, 3}, false, "index 3 is outside an axis of 3"},
    {"GatherElements", {2, {3, 2}}, {1, {2}}, {0, 1}, false, "indices of 2 do not suit data of 3x2"},
    {"GatherND", {1, {3}}, {2, {1, 2}}, {0, 0}, false, "indices of 1x2 do not suit data of 3"},
    {"GatherND", {2, {3, 2}}, {2, {1, 2}}, {INT64_MIN, 0}, false, "is outside an axis of 3"},
    {"ScatterND", {2, {3, 2}}, {2, {1, 1}}, {-4}, true, "index -4 is outside an axis of 3"},
    {"ScatterND", {2, {3, 2}}, {2, {2, 1}}, {1, 2}, true, "the updates are not 2x2"},
    {"ScatterElements", {1, {3}}, {1, {4}}, {0, 1, 2, 3}, true, "index 3 is outside an axis of 3"},
    {"Resize", {2, {3, 4}}, {1, {2}}, {1, 1}, false, "the scales have the wrong type"},
};

static void test_refused_lists(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof lists_refused / sizeof *lists_refused; i++) {
        op_case c;
        op_case_begin(&c, lists_refused[i].type, 10);
        op_input_random(&c, lists_refused[i].a, 1);
        const fs_tensor list = {lists_refused[i].list_shape, FS_I64, (void *)lists_refused[i].list};
        op_input(&c, &list, true);
        if (lists_refused[i].updates)
            op_input_random(&c, lists_refused[i].list_shape, 2);
        op_expect_error(&c, lists_refused[i].message);
        op_case_end(&c);
    }
}

/* Resize with one constant list of floats or sizes. */
static void expect_resize_error(const fs_tensor *scales, const fs_tensor *sizes, const char *message) {
    op_case c;
    op_case_begin(&c, "Resize", 13);
    op_input_random(&c, fs_shape_of(2, 3, 4), 1);
    op_input_absent(&c);
    if (scales)
        op_input(&c, scales, true);
    else
        op_input_absent(&c);
    if (sizes)
        op_input(&c, sizes, true);
    op_expect_error(&c, message);
    op_case_end(&c);
}

static void test_resize_sizes(void **state) {
    (void)state;
    static const struct {
        float scales[3];
        int count;
        const char *message;
    } table[] = {
        {{1, NAN}, 2, "a scale of nan is not supported"},
        {{1, INFINITY}, 2, "a scale of inf is not supported"},
        {{1, -2}, 2, "a scale of -2 is not supported"},
        {{1, 1e-6f}, 2, "cannot be resized to 0"},
        {{65536, 65536}, 2, "too large"},
        {{1, 1, 1}, 3, "3 scales for 2 axes"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const fs_tensor scales = {fs_shape_of(1, table[i].count), FS_F32, (void *)table[i].scales};
        expect_resize_error(&scales, NULL, table[i].message);
    }
    const int64_t huge[] = {3, INT64_MAX}, negative[] = {-3, 4}, enormous[] = {1 << 29, 1 << 29};
    expect_resize_error(NULL, &(fs_tensor){fs_shape_of(1, 2), FS_I64, (void *)huge}, "cannot be resized to");
    expect_resize_error(NULL, &(fs_tensor){fs_shape_of(1, 2), FS_I64, (void *)negative},
                        "cannot be resized to -3");
    expect_resize_error(NULL, &(fs_tensor){fs_shape_of(1, 2), FS_I64, (void *)enormous}, "too large");
}

static const char *const names[] = {
    "axis",
    "axes",
    "pads",
    "strides",
    "dilations",
    "kernel_shape",
    "group",
    "auto_pad",
    "ceil_mode",
    "perm",
    "shape",
    "split",
    "starts",
    "ends",
    "steps",
    "mode",
    "to",
    "value",
    "alpha",
    "beta",
    "size",
    "keepdims",
    "transA",
    "transB",
    "start",
    "end",
    "broadcast",
    "epsilon",
    "allowzero",
    "min",
    "value_ints",
    "count_include_pad",
    "blocksize",
    "num_groups",
    "equation",
    "coordinate_transformation_mode",
    "nearest_mode",
    "scales",
    "output_padding",
    "output_shape",
    "p",
    "k",
    "upper",
    "reduction",
    "batch_dims",
    "exclusive",
    "reverse",
    "approximate",
    "height_scale",
    "width_scale",
    "fmod",
    "select_last_index",
};
static const char *const words[] = {
    "SAME_UPPER", "SAME_LOWER", "VALID",         "reflect", "edge",   "constant",  "FLOAT", "x",
    "linear",     "asymmetric", "align_corners", "ceil",    "ij->ji", "ij,jk",     "i,ij",  "ijkl,kjm->mi",
    "tanh",       "CRD",        "wrap",          "add",     "i->",    "ab,cb->ca", ",",     "abc,bcd->abd",
};

static void odd_attribute(op_case *c, fs_random *random) {
    const char *name = names[fs_random_int(random, sizeof names / sizeof *names)];
    int64_t list[10];
    float floats[3] = {1.5f, -1e30f, 0};
    const int count = fs_random_int(random, 10);
    for (int i = 0; i < count; i++)
        list[i] = op_odd_number(random);
    switch (fs_random_int(random, 8)) {
    case 0:
        op_attribute_string(c, name, words[fs_random_int(random, sizeof words / sizeof *words)]);
        break;
    case 1:
        op_attribute_float(c, name, floats[fs_random_int(random, 3)]);
        break;
    case 2:
        op_attribute_floats(c, name, fs_random_int(random, 4), floats);
        break;
    case 3:
    case 4:
        op_attribute_int(c, name, op_odd_number(random));
        break;
    default:
        op_attribute_ints(c, name, count, list);
    }
}

/* What an operator does nothing without, most of the time. */
static void needed_attribute(op_case *c, const char *type, fs_random *random) {
    static const float scales[] = {1, 2, 0.5f, 1.3f};
    if (fs_random_int(random, 4) == 0)
        return;
    if (strcmp(type, "Einsum") == 0)
        op_attribute_string(c, "equation", words[12 + fs_random_int(random, 12)]);
    else if (strcmp(type, "GroupNormalization") == 0)
        op_attribute_int(c, "num_groups", 1 + fs_random_int(random, 3));
    else if (strcmp(type, "DepthToSpace") == 0 || strcmp(type, "SpaceToDepth") == 0)
        op_attribute_int(c, "blocksize", 1 + fs_random_int(random, 2));
    else if (strcmp(type, "Upsample") == 0)
        op_attribute_floats(c, "scales", 1 + fs_random_int(random, 4), scales);
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
            list[i] = op_odd_number(random);
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
    for (int round = 0; round < 60000; round++) {
        const fs_operator *op = all[round % operators];
        op_case c;
        op_case_begin(&c, op->type, 1 + fs_random_int(&random, 21));
        for (int i = fs_random_int(&random, 4); i > 0; i--)
            odd_attribute(&c, &random);
        needed_attribute(&c, op->type, &random);
        const int most = op->max_inputs < 0 || op->max_inputs > 5 ? 5 : op->max_inputs;
        for (int i = op->min_inputs + fs_random_int(&random, most - op->min_inputs + 1); i > 0; i--)
            odd_input(&c, &random);
        c.n_out = fs_random_int(&random, 6) ? 1 : 1 + fs_random_int(&random, 4);
        fs_error err = {0};
        const fs_status status = op_infer(&c, &err);
        if (status != FS_OK && (err.code != status || !err.message[0]))
            fail_msg("%s failed without a message", op->type);
        if (status == FS_OK && op_is_modest(&c)) {
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),      cmocka_unit_test(test_refused_words),
        cmocka_unit_test(test_refused_lists), cmocka_unit_test(test_resize_sizes),
        cmocka_unit_test(test_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
