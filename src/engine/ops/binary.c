/* Add, Sub, Mul, Div, Pow, Mod with broadcasting, and the comparisons; floats or integers. Before opset 7 the
 * second operand was lined up by attributes ("broadcast" and "axis") instead of by its trailing dimensions.
 */
#include <math.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/walk.h"

enum { NO_AXIS = INT32_MIN };

typedef struct params {
    int64_t axis; /* where B's first dimension goes in A; NO_AXIS: trailing */
    int64_t fmod; /* Mod: the remainder has the sign of A, not of B */
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    p->axis = NO_AXIS;
    if (graph->opset < 7 && fs_node_int(node, "broadcast", 0) && fs_node_attribute(node, "axis"))
        status = fs_op_int(node, "axis", 0, -FS_MAX_RANK, FS_MAX_RANK, &p->axis, err);
    *out = p;
    return status;
}

static fs_status parse_mod(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    p->axis = NO_AXIS;
    *out = p;
    return fs_op_int(node, "fmod", 0, 0, 1, &p->fmod, err);
}

/* PRelu's slopes: before opset 7 one for each channel without saying so. */
static fs_status parse_prelu(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    (void)node;
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    p->axis = graph->opset < 7 ? 1 : NO_AXIS;
    *out = p;
    return FS_OK;
}

/* B's shape as broadcasting wants it: ones behind where it was lined up by axis. */
static bool shape_of_b(const fs_node *node, const fs_shape *a, const fs_shape *b, fs_shape *out) {
    const params *p = node->params;
    *out = *b;
    if (!p || p->axis == NO_AXIS || fs_shape_count(b) == 1)
        return true;
    const int64_t axis = p->axis < 0 ? p->axis + a->rank : p->axis;
    if (axis < 0 || axis + b->rank > a->rank)
        return false;
    out->rank = a->rank - (int)axis;
    for (int i = b->rank; i < out->rank; i++)
        out->dim[i] = 1;
    return true;
}

/* mixed: A may be floating point while B is not. */
static fs_status infer_as(const fs_op_shapes *s, bool compare, bool mixed, fs_error *err) {
    fs_status status;
    if ((status = fs_op_need(s, 0, err)) != FS_OK || (status = fs_op_need(s, 1, err)) != FS_OK)
        return status;
    const fs_tensor *a = &s->in[0], *b = &s->in[1];
    if (a->dtype != b->dtype && !(mixed && a->dtype == FS_F32))
        return fs_fail(err, FS_ERROR_FORMAT, "one operand is floating point, the other is not");
    fs_shape lined, y;
    char ta[FS_SHAPE_TEXT], tb[FS_SHAPE_TEXT];
    if (!shape_of_b(s->node, &a->shape, &b->shape, &lined) || !fs_shape_broadcast(&a->shape, &lined, &y))
        return fs_fail(err, FS_ERROR_ARGUMENT, "%s and %s cannot be broadcast together",
                       fs_shape_text(&a->shape, ta), fs_shape_text(&b->shape, tb));
    return fs_op_output(s, 0, &y, compare ? FS_I64 : a->dtype, err);
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    return infer_as(s, false, false, err);
}

static fs_status infer_compare(const fs_op_shapes *s, fs_error *err) {
    return infer_as(s, true, false, err);
}

static fs_status infer_pow(const fs_op_shapes *s, fs_error *err) {
    return infer_as(s, false, true, err);
}

static fs_status infer_mod(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    if (fs_op_has(s, 0) && s->in[0].dtype == FS_F32 && !p->fmod)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "fmod 0 is not supported for floating point");
    return infer_as(s, false, false, err);
}

/* ---- running ---- */

typedef void (*row_f32)(float *out, const float *a, const float *b, int64_t n, int64_t sa, int64_t sb);
typedef int64_t (*one_i64)(int64_t a, int64_t b);
typedef int64_t (*one_compare)(float a, float b);
typedef void (*slope_f32)(float *out, const float *g, const float *a, const float *b, int64_t n, int64_t sa,
                          int64_t sb);

typedef struct arithmetic {
    row_f32 f32;
    one_i64 i64;
    slope_f32 slope[2]; /* gradient of A, of B */
    bool keeps[2][2];   /* [gradient of][reads A, reads B] */
} arithmetic;

typedef struct job {
    const arithmetic *op;
    one_i64 compare_i64;
    one_compare compare_f32;
    const void *a, *b;
    void *out;
    const float *g;
    int side;                      /* whose gradient */
    bool whole, accumulate, mixed; /* mixed: B is made of integers, A is not */
} job;

static void begin_walk(const fs_op_run *run, fs_walk *walk) {
    fs_shape lined;
    (void)shape_of_b(run->node, &run->in[0].shape, &run->in[1].shape, &lined);
    fs_walk_begin(walk, &run->out[0].shape, 2);
    fs_walk_broadcast(walk, 0, &run->in[0].shape);
    fs_walk_broadcast(walk, 1, &lined);
}

static void forward_row(void *context, const fs_walk_row *r) {
    const job *j = context;
    j->op->f32((float *)j->out + r->first, (const float *)j->a + r->offset[0],
               (const float *)j->b + r->offset[1], r->length, r->step[0], r->step[1]);
}

enum { CHUNK = 512 };

/* Whole exponents, as floats, a step apart; one is enough where they stand still. */
static void exponents(float to[CHUNK], const int64_t *from, int64_t n, int64_t step) {
    for (int64_t i = 0; i < (step ? n : 1); i++)
        to[i] = (float)from[i * step];
}

static void forward_row_mixed(void *context, const fs_walk_row *r) {
    const job *j = context;
    float b[CHUNK];
    for (int64_t i = 0; i < r->length; i += CHUNK) {
        const int64_t n = r->length - i < CHUNK ? r->length - i : CHUNK;
        exponents(b, (const int64_t *)j->b + r->offset[1] + i * r->step[1], n, r->step[1]);
        j->op->f32((float *)j->out + r->first + i, (const float *)j->a + r->offset[0] + i * r->step[0], b, n,
                   r->step[0], r->step[1] != 0);
    }
}

static void forward_row_i64(void *context, const fs_walk_row *r) {
    const job *j = context;
    const one_i64 f = j->op ? j->op->i64 : j->compare_i64;
    const int64_t *a = (const int64_t *)j->a + r->offset[0], *b = (const int64_t *)j->b + r->offset[1];
    int64_t *out = (int64_t *)j->out + r->first;
    for (int64_t i = 0; i < r->length; i++)
        out[i] = f(a[i * r->step[0]], b[i * r->step[1]]);
}

static void compare_row(void *context, const fs_walk_row *r) {
    const job *j = context;
    const float *a = (const float *)j->a + r->offset[0], *b = (const float *)j->b + r->offset[1];
    int64_t *out = (int64_t *)j->out + r->first;
    for (int64_t i = 0; i < r->length; i++)
        out[i] = j->compare_f32(a[i * r->step[0]], b[i * r->step[1]]);
}

static void run_forward(const fs_op_run *run, const arithmetic *op) {
    fs_walk walk;
    begin_walk(run, &walk);
    job j = {.op = op, .a = run->in[0].data, .b = run->in[1].data, .out = run->out[0].data};
    const bool integers = run->out[0].dtype == FS_I64, mixed = !integers && run->in[1].dtype == FS_I64;
    fs_walk_run(&walk, run->pool, integers ? forward_row_i64 : mixed ? forward_row_mixed : forward_row, &j);
}

static void run_compare(const fs_op_run *run, one_compare f32, one_i64 i64) {
    fs_walk walk;
    begin_walk(run, &walk);
    job j = {.compare_f32 = f32,
             .compare_i64 = i64,
             .a = run->in[0].data,
             .b = run->in[1].data,
             .out = run->out[0].data};
    fs_walk_run(&walk, run->pool, run->in[0].dtype == FS_I64 ? forward_row_i64 : compare_row, &j);
}

/* One operand's gradient along a row: stored or added where the operand has the output's shape, summed where
 * it was broadcast. */
static void backward_row(void *context, const fs_walk_row *r) {
    const job *j = context;
    const int64_t step = r->step[j->side];
    float *to = (float *)j->out + r->offset[j->side];
    float d[CHUNK], whole[CHUNK];
    for (int64_t i = 0; i < r->length; i += CHUNK) {
        const int64_t n = r->length - i < CHUNK ? r->length - i : CHUNK;
        /* An operand that was not kept is never looked at, so its pointer may be NULL. */
        const float *a = j->a ? (const float *)j->a + r->offset[0] + i * r->step[0] : NULL;
        const float *b = j->b && !j->mixed ? (const float *)j->b + r->offset[1] + i * r->step[1] : NULL;
        if (j->mixed) {
            exponents(whole, (const int64_t *)j->b + r->offset[1] + i * r->step[1], n, r->step[1]);
            b = whole;
        }
        j->op->slope[j->side](d, j->g + r->first + i, a, b, n, r->step[0],
                              j->mixed ? r->step[1] != 0 : r->step[1]);
        if (step == 0)
            to[0] += (float)fs_sum_f32(d, n);
        else if (j->whole && !j->accumulate)
            for (int64_t k = 0; k < n; k++)
                to[i + k] = d[k];
        else
            for (int64_t k = 0; k < n; k++)
                to[(i + k) * step] += d[k];
    }
}

static void run_backward(const fs_op_run *run, const arithmetic *op) {
    if (fs_grad_nothing(run))
        return;
    fs_walk walk;
    begin_walk(run, &walk);
    for (int side = 0; side < 2; side++) {
        if (!run->in_grad[side])
            continue;
        const int64_t count = fs_tensor_count(&run->in[side]);
        job j = {.op = op,
                 .a = run->in[0].data,
                 .b = run->in[1].data,
                 .out = run->in_grad[side],
                 .g = run->out_grad[0],
                 .side = side,
                 .mixed = run->in[1].dtype == FS_I64,
                 .whole = count == fs_tensor_count(&run->out[0]) && count > 1,
                 .accumulate = run->accumulate[side]};
        if (!j.whole)
            fs_grad_clear(run->in_grad[side], count, j.accumulate);
        fs_walk_run(&walk, fs_walk_adding_pool(&walk, side, run->pool), backward_row, &j);
    }
}

static fs_status keep(fs_op_setup *setup, const arithmetic *op) {
    for (int side = 0; side < 2; side++)
        for (int other = 0; other < 2; other++)
            if (setup->want_grad[side] && op->keeps[side][other])
                setup->keep_in |= fs_op_bit(other);
    return FS_OK;
}

/* ---- the operators ---- */

/* Formulas are written in A, B and G; the usual steps become constants so that the loops turn into vectors.
 */
#define A a[i * sa]
#define B b[i * sb]
#define G g[i]
#define ROWS(NAME, FORMULA, ...)                                                                             \
    FS_INLINE void NAME##_any(float *restrict out, __VA_ARGS__ const float *a, const float *b, int64_t n,    \
                              int64_t sa, int64_t sb) {                                                      \
        (void)a, (void)b, (void)sa, (void)sb;                                                                \
        for (int64_t i = 0; i < n; i++)                                                                      \
            out[i] = (FORMULA);                                                                              \
    }
#define DISPATCH(NAME, ...)                                                                                  \
    if (sa == 1 && sb == 1)                                                                                  \
        NAME##_any(out, __VA_ARGS__ a, b, n, 1, 1);                                                          \
    else if (sa == 1 && sb == 0)                                                                             \
        NAME##_any(out, __VA_ARGS__ a, b, n, 1, 0);                                                          \
    else if (sa == 0 && sb == 1)                                                                             \
        NAME##_any(out, __VA_ARGS__ a, b, n, 0, 1);                                                          \
    else                                                                                                     \
        NAME##_any(out, __VA_ARGS__ a, b, n, sa, sb);
#define FORWARD(NAME, FORMULA)                                                                               \
    ROWS(NAME, FORMULA, )                                                                                    \
    FS_SIMD                                                                                                  \
    static void NAME(float *out, const float *a, const float *b, int64_t n, int64_t sa, int64_t sb) {        \
        DISPATCH(NAME, )                                                                                     \
    }
#define SLOPE(NAME, FORMULA)                                                                                 \
    ROWS(NAME, FORMULA, const float *restrict g, )                                                           \
    FS_SIMD                                                                                                  \
    static void NAME(float *out, const float *g, const float *a, const float *b, int64_t n, int64_t sa,      \
                     int64_t sb) {                                                                           \
        DISPATCH(NAME, g, )                                                                                  \
    }

#define ARITHMETIC(NAME, TYPE, INFER, PARSE, F32, DA, DB, ...)                                               \
    FORWARD(NAME##_f32, F32)                                                                                 \
    SLOPE(NAME##_da, DA)                                                                                     \
    SLOPE(NAME##_db, DB)                                                                                     \
    static const arithmetic NAME##_arithmetic = {                                                            \
        NAME##_f32, NAME##_i64, {NAME##_da, NAME##_db}, __VA_ARGS__};                                        \
    static void NAME##_forward(const fs_op_run *run) {                                                       \
        run_forward(run, &NAME##_arithmetic);                                                                \
    }                                                                                                        \
    static void NAME##_backward(const fs_op_run *run) {                                                      \
        run_backward(run, &NAME##_arithmetic);                                                               \
    }                                                                                                        \
    static fs_status NAME##_prepare(fs_op_setup *setup, fs_error *err) {                                     \
        (void)err;                                                                                           \
        return keep(setup, &NAME##_arithmetic);                                                              \
    }                                                                                                        \
    static const fs_kernel NAME##_kernel = {                                                                 \
        .name = "plain",                                                                                     \
        .accumulates = true,                                                                                 \
        .prepare = NAME##_prepare,                                                                           \
        .forward = NAME##_forward,                                                                           \
        .backward = NAME##_backward,                                                                         \
    };                                                                                                       \
    static const fs_kernel *const NAME##_kernels[] = {&NAME##_kernel, NULL};                                 \
    const fs_operator fs_op_##NAME = {                                                                       \
        .type = TYPE,                                                                                        \
        .min_inputs = 2,                                                                                     \
        .max_inputs = 2,                                                                                     \
        .parse = PARSE,                                                                                      \
        .infer = INFER,                                                                                      \
        .kernels = NAME##_kernels,                                                                           \
        .item_by_item = true,                                                                                \
    };

/* Integers wrap around, and division by zero gives zero: the numbers come from files. */
static int64_t add_i64(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t sub_i64(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static int64_t mul_i64(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a * (uint64_t)b);
}

static int64_t div_i64(int64_t a, int64_t b) {
    return b == 0 ? 0 : b == -1 ? sub_i64(0, a) : a / b;
}

static int64_t pow_i64(int64_t a, int64_t b) {
    int64_t result = 1;
    if (b < 0)
        return a == 1 ? 1 : a == -1 ? (b % 2 ? -1 : 1) : 0;
    for (; b; b >>= 1) {
        if (b & 1)
            result = mul_i64(result, a);
        a = mul_i64(a, a);
    }
    return result;
}

ARITHMETIC(add, "Add", infer, parse, A + B, G, G, {{false}})
ARITHMETIC(sub, "Sub", infer, parse, A - B, G, -G, {{false}})
ARITHMETIC(mul, "Mul", infer, parse, A *B, G *B, G *A, {{false, true}, {true, false}})
ARITHMETIC(div, "Div", infer, parse, A / B, G / B, -G *A / (B * B), {{false, true}, {true, true}})

/* Squares and roots are what networks use powers for; powf is exact enough there but ten times slower. */
FS_INLINE float power(float a, float b) {
    return b == 2 ? a * a : b == 0.5f ? sqrtf(a) : powf(a, b);
}

FS_INLINE float power_slope(float a, float b) {
    return b == 2 ? 2 * a : b == 0 ? 0 : b * powf(a, b - 1);
}

FS_INLINE float power_exponent_slope(float a, float b) {
    return a > 0 ? powf(a, b) * logf(a) : 0;
}

ARITHMETIC(pow, "Pow", infer_pow, parse, power(A, B), G *power_slope(A, B), G *power_exponent_slope(A, B),
           {{true, true}, {true, true}})

static int64_t prelu_i64(int64_t a, int64_t b) {
    return a < 0 ? mul_i64(a, b) : a;
}

ARITHMETIC(prelu, "PRelu", infer, parse_prelu, A < 0 ? A * B : A, A < 0 ? G * B : G, A < 0 ? G * A : 0,
           {{true, true}, {true, false}})

static int64_t remainder_i64(int64_t a, int64_t b) {
    return b == 0 || b == -1 ? 0 : a % b;
}

static int64_t modulo_i64(int64_t a, int64_t b) {
    const int64_t r = remainder_i64(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

FORWARD(mod_f32, fmodf(A, B))
SLOPE(mod_da, G)
SLOPE(mod_db, -G *truncf(A / B))
static const arithmetic mod_arithmetic[2] = {
    {mod_f32, modulo_i64, {mod_da, mod_db}, {{false}, {true, true}}},
    {mod_f32, remainder_i64, {mod_da, mod_db}, {{false}, {true, true}}},
};

static const arithmetic *mod_of(const fs_node *node) {
    return &mod_arithmetic[((const params *)node->params)->fmod];
}

static void mod_forward(const fs_op_run *run) {
    run_forward(run, mod_of(run->node));
}

static void mod_backward(const fs_op_run *run) {
    run_backward(run, mod_of(run->node));
}

static fs_status mod_prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    return keep(setup, mod_of(setup->node));
}

static const fs_kernel mod_kernel = {
    .name = "plain",
    .accumulates = true,
    .prepare = mod_prepare,
    .forward = mod_forward,
    .backward = mod_backward,
};
static const fs_kernel *const mod_kernels[] = {&mod_kernel, NULL};
const fs_operator fs_op_mod = {
    .type = "Mod",
    .min_inputs = 2,
    .max_inputs = 2,
    .parse = parse_mod,
    .infer = infer_mod,
    .limits = "`fmod` 0 for whole numbers only",
    .kernels = mod_kernels,
};

#define COMPARISON(NAME, TYPE, FORMULA)                                                                      \
    static int64_t NAME##_f32(float a, float b) {                                                            \
        return FORMULA;                                                                                      \
    }                                                                                                        \
    static int64_t NAME##_i64(int64_t a, int64_t b) {                                                        \
        return FORMULA;                                                                                      \
    }                                                                                                        \
    static void NAME##_forward(const fs_op_run *run) {                                                       \
        run_compare(run, NAME##_f32, NAME##_i64);                                                            \
    }                                                                                                        \
    static const fs_kernel NAME##_kernel = {                                                                 \
        .name = "plain",                                                                                     \
        .accumulates = true,                                                                                 \
        .forward = NAME##_forward,                                                                           \
        .backward = fs_backward_flat,                                                                        \
    };                                                                                                       \
    static const fs_kernel *const NAME##_kernels[] = {&NAME##_kernel, NULL};                                 \
    const fs_operator fs_op_##NAME = {                                                                       \
        .type = TYPE,                                                                                        \
        .min_inputs = 2,                                                                                     \
        .max_inputs = 2,                                                                                     \
        .parse = parse,                                                                                      \
        .infer = infer_compare,                                                                              \
        .kernels = NAME##_kernels,                                                                           \
    };

COMPARISON(equal, "Equal", a == b)
COMPARISON(less, "Less", a < b)
COMPARISON(greater, "Greater", a > b)
COMPARISON(less_or_equal, "LessOrEqual", a <= b)
COMPARISON(greater_or_equal, "GreaterOrEqual", a >= b)
COMPARISON(and, "And", a &&b)
COMPARISON(or, "Or", a || b)
COMPARISON(xor, "Xor", !a != !b)
