/* Elementwise functions of one variable, one table entry each: y = f(x) and dx = g * f'(x), with f' written
 * in x or in y, whichever backward then has to keep. */
#include <math.h>
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/vector_math.h"

typedef struct coefficients {
    float alpha, beta;
} coefficients;

typedef struct span {
    const float *in, *g; /* in: x forward; x or y backward */
    float *out;
    coefficients c;
    bool accumulate;
} span;

/* What the formulas may use. */
#define ALPHA (c.alpha)
#define BETA (c.beta)

#define FORWARD(NAME, F)                                                                                     \
    FS_SIMD                                                                                                  \
    static void NAME##_span(void *context, int64_t first, int64_t last, int thread) {                        \
        (void)thread;                                                                                        \
        const span *s = context;                                                                             \
        const coefficients c = s->c;                                                                         \
        (void)c;                                                                                             \
        const float *restrict in = s->in;                                                                    \
        float *restrict out = s->out;                                                                        \
        for (int64_t i = first; i < last; i++) {                                                             \
            const float x = in[i];                                                                           \
            out[i] = (F);                                                                                    \
        }                                                                                                    \
    }                                                                                                        \
    static void NAME##_forward(const fs_op_run *run) {                                                       \
        run_forward(run, NAME##_span);                                                                       \
    }

/* SLOPE is an expression in v, the kept x or y. */
#define BACKWARD(NAME, SLOPE, OF_OUTPUT)                                                                     \
    FS_SIMD                                                                                                  \
    static void NAME##_slope(void *context, int64_t first, int64_t last, int thread) {                       \
        (void)thread;                                                                                        \
        const span *s = context;                                                                             \
        const coefficients c = s->c;                                                                         \
        (void)c;                                                                                             \
        const float *restrict in = s->in, *restrict g = s->g;                                                \
        float *restrict out = s->out;                                                                        \
        if (s->accumulate) /* apart, so that either loop turns into vectors */                               \
            for (int64_t i = first; i < last; i++) {                                                         \
                const float v = in[i];                                                                       \
                out[i] += g[i] * (SLOPE);                                                                    \
            }                                                                                                \
        else                                                                                                 \
            for (int64_t i = first; i < last; i++) {                                                         \
                const float v = in[i];                                                                       \
                out[i] = g[i] * (SLOPE);                                                                     \
            }                                                                                                \
    }                                                                                                        \
    static void NAME##_backward(const fs_op_run *run) {                                                      \
        run_backward(run, NAME##_slope, OF_OUTPUT);                                                          \
    }

#define FUNCTION(NAME, TYPE, PARSE, F, SLOPE, OF_OUTPUT, KEEP)                                               \
    FORWARD(NAME, F)                                                                                         \
    BACKWARD(NAME, SLOPE, OF_OUTPUT)                                                                         \
    static const fs_kernel NAME##_kernel = {                                                                 \
        .name = "plain",                                                                                     \
        .accumulates = true,                                                                                 \
        .prepare = KEEP,                                                                                     \
        .forward = NAME##_forward,                                                                           \
        .backward = NAME##_backward,                                                                         \
    };                                                                                                       \
    static const fs_kernel *const NAME##_kernels[] = {&NAME##_kernel, NULL};                                 \
    const fs_operator fs_op_##NAME = {                                                                       \
        .type = TYPE,                                                                                        \
        .min_inputs = 1,                                                                                     \
        .max_inputs = 1,                                                                                     \
        .parse = PARSE,                                                                                      \
        .infer = fs_op_infer_same_f32,                                                                       \
        .kernels = NAME##_kernels,                                                                           \
        .item_by_item = true,                                                                                \
    };
#define OF_X(NAME, TYPE, PARSE, F, SLOPE) FUNCTION(NAME, TYPE, PARSE, F, SLOPE, false, keep_input)
#define OF_Y(NAME, TYPE, PARSE, F, SLOPE) FUNCTION(NAME, TYPE, PARSE, F, SLOPE, true, keep_output)

/* A transcendental function costs some ten times what an addition does. */
enum { UNARY_GRAIN = FS_SPAN_GRAIN / 4 };

static void run_forward(const fs_op_run *run, fs_span_body body) {
    span s = {.in = fs_f32(&run->in[0]), .out = fs_f32(&run->out[0])};
    if (run->node->params)
        s.c = *(const coefficients *)run->node->params;
    fs_span_for(run->pool, fs_tensor_count(&run->out[0]), UNARY_GRAIN, body, &s);
}

static void run_backward(const fs_op_run *run, fs_span_body body, bool of_output) {
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    span s = {.in = fs_f32(of_output ? &run->out[0] : &run->in[0]),
              .g = run->out_grad[0],
              .out = run->in_grad[0],
              .accumulate = run->accumulate[0]};
    if (run->node->params)
        s.c = *(const coefficients *)run->node->params;
    fs_span_for(run->pool, fs_tensor_count(&run->in[0]), UNARY_GRAIN, body, &s);
}

static fs_status keep_input(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (fs_op_wants_gradient(setup))
        setup->keep_in = fs_op_bit(0);
    return FS_OK;
}

static fs_status keep_output(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (fs_op_wants_gradient(setup))
        setup->keep_out = fs_op_bit(0);
    return FS_OK;
}

/* ---- attributes ---- */

static fs_status read_coefficients(const fs_graph *graph, const fs_node *node, float alpha,
                                   const char *beta_name, float beta, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(coefficients), &block, err);
    if (status != FS_OK)
        return status;
    coefficients *c = block;
    c->alpha = fs_node_float(node, "alpha", alpha);
    c->beta = fs_node_float(node, beta_name, beta);
    *out = c;
    return FS_OK;
}

static fs_status parse_leaky(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    return read_coefficients(graph, node, 0.01f, "beta", 0, out, err);
}

/* Elu, Celu, ThresholdedRelu. */
static fs_status parse_one(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    return read_coefficients(graph, node, 1, "beta", 0, out, err);
}

static fs_status parse_hard_sigmoid(const fs_graph *graph, const fs_node *node, const void **out,
                                    fs_error *err) {
    return read_coefficients(graph, node, 0.2f, "beta", 0.5f, out, err);
}

/* Opset 1 gave the defaults with fewer digits. */
static fs_status parse_selu(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    const bool old = graph->opset < 6;
    return read_coefficients(graph, node, old ? 1.6732f : 1.67326319217681884765625f, "gamma",
                             old ? 1.0507f : 1.05070102214813232421875f, out, err);
}

/* alpha 1: by tanh. */
static fs_status parse_gelu(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    const char *approximate = fs_node_string(node, "approximate", "none");
    const bool by_tanh = strcmp(approximate, "tanh") == 0;
    if (!by_tanh && strcmp(approximate, "none") != 0)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "approximate '%s' is not supported", approximate);
    return read_coefficients(graph, node, by_tanh, "beta", 0, out, err);
}

/* ---- the functions ---- */

/* log(1 + e^x) without overflow. */
FS_INLINE float softplus_of(float x) {
    return (x > 0 ? x : 0) + log1pf(expf(-fabsf(x)));
}

/* x tanh(log(1 + e^x)), where tanh is a ratio in n = e^x; from 20 on it rounds to 1. */
FS_INLINE float mish_gate(float x) {
    const float n = fs_exp_f32(x > 20 ? 20 : x), m = n * (n + 2);
    return m / (m + 2);
}

FS_INLINE float mish_derivative(float x) {
    const float t = mish_gate(x);
    return t + x * (1 - t * t) * fs_sigmoid_f32(x);
}

/* Gelu is x times the normal distribution's integral up to x, or times an approximation of that by tanh. */
#define ROOT_HALF 0.70710678118654752f
#define ROOT_2_BY_PI 0.79788456080286536f
#define GELU_CUBIC 0.044715f

FS_INLINE float gelu_gate(float x) {
    return 0.5f + 0.5f * fs_erf_f32(ROOT_HALF * x);
}

FS_INLINE float gelu_tanh_gate(float x) {
    return 0.5f + 0.5f * fs_tanh_f32(ROOT_2_BY_PI * (x + GELU_CUBIC * x * x * x));
}

/* With the gate (1 + t)/2: (1 - t^2)/2 = 2 gate (1 - gate). */
FS_INLINE float gelu_tanh_derivative(float x) {
    const float gate = gelu_tanh_gate(x);
    return gate + 2 * x * gate * (1 - gate) * ROOT_2_BY_PI * (1 + 3 * GELU_CUBIC * x * x);
}

#define TWO_BY_ROOT_PI 1.1283791670955126f

FS_INLINE float clamp01(float x) {
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

OF_X(leaky_relu, "LeakyRelu", parse_leaky, x < 0 ? ALPHA * x : x, v < 0 ? ALPHA : 1)
OF_X(elu, "Elu", parse_one, x < 0 ? ALPHA * expm1f(x) : x, v < 0 ? ALPHA * fs_exp_f32(v) : 1)
OF_X(selu, "Selu", parse_selu, BETA *(x <= 0 ? ALPHA * expm1f(x) : x),
     BETA *(v <= 0 ? ALPHA * fs_exp_f32(v) : 1))
OF_Y(sigmoid, "Sigmoid", NULL, fs_sigmoid_f32(x), v *(1 - v))
OF_Y(tanh, "Tanh", NULL, fs_tanh_f32(x), 1 - v * v)
OF_X(hard_sigmoid, "HardSigmoid", parse_hard_sigmoid, clamp01(ALPHA *x + BETA),
     ALPHA *v + BETA > 0 && ALPHA * v + BETA < 1 ? ALPHA : 0)
/* x * clamp(x/6 + 1/2, 0, 1) */
OF_X(hard_swish, "HardSwish", NULL, x *clamp01(x *(1.0f / 6) + 0.5f),
     v <= -3  ? 0
     : v >= 3 ? 1
              : v * (1.0f / 3) + 0.5f)
OF_X(softplus, "Softplus", NULL, softplus_of(x), fs_sigmoid_f32(v))
OF_X(softsign, "Softsign", NULL, x / (1 + fabsf(x)), 1 / ((1 + fabsf(v)) * (1 + fabsf(v))))
OF_X(erf, "Erf", NULL, fs_erf_f32(x), TWO_BY_ROOT_PI *fs_exp_f32(-v *v))
OF_Y(exp, "Exp", NULL, fs_exp_f32(x), v)
OF_X(log, "Log", NULL, logf(x), 1 / v)
OF_Y(sqrt, "Sqrt", NULL, sqrtf(x), 0.5f / v)
OF_Y(reciprocal, "Reciprocal", NULL, 1 / x, -v *v)
OF_X(abs, "Abs", NULL, fabsf(x), v > 0 ? 1 : v < 0 ? -1 : 0)
OF_X(sin, "Sin", NULL, sinf(x), cosf(v))
OF_X(cos, "Cos", NULL, cosf(x), -sinf(v))
OF_X(mish, "Mish", NULL, x *mish_gate(x), mish_derivative(v))
OF_X(celu, "Celu", parse_one, x < 0 ? ALPHA * expm1f(x / ALPHA) : x, v < 0 ? fs_exp_f32(v / ALPHA) : 1)
OF_X(thresholded_relu, "ThresholdedRelu", parse_one, x > ALPHA ? x : 0, v > ALPHA ? 1 : 0)
OF_Y(tan, "Tan", NULL, tanf(x), 1 + v * v)
OF_X(asin, "Asin", NULL, asinf(x), 1 / sqrtf(1 - v * v))
OF_X(acos, "Acos", NULL, acosf(x), -1 / sqrtf(1 - v * v))
OF_X(atan, "Atan", NULL, atanf(x), 1 / (1 + v * v))
OF_X(sinh, "Sinh", NULL, sinhf(x), coshf(v))
OF_X(cosh, "Cosh", NULL, coshf(x), sinhf(v))
OF_X(asinh, "Asinh", NULL, asinhf(x), 1 / sqrtf(v * v + 1))
OF_X(acosh, "Acosh", NULL, acoshf(x), 1 / sqrtf(v * v - 1))
OF_X(atanh, "Atanh", NULL, atanhf(x), 1 / (1 - v * v))

/* Two formulas under one name. */
FORWARD(gelu, x *gelu_gate(x))
BACKWARD(gelu, gelu_gate(v) + 0.5f * ROOT_2_BY_PI * v * fs_exp_f32(-0.5f * v * v), false)
FORWARD(gelu_tanh, x *gelu_tanh_gate(x))
BACKWARD(gelu_tanh, gelu_tanh_derivative(v), false)

static bool by_tanh(const fs_op_run *run) {
    return ((const coefficients *)run->node->params)->alpha != 0;
}

static void either_gelu_forward(const fs_op_run *run) {
    if (by_tanh(run))
        gelu_tanh_forward(run);
    else
        gelu_forward(run);
}

static void either_gelu_backward(const fs_op_run *run) {
    if (by_tanh(run))
        gelu_tanh_backward(run);
    else
        gelu_backward(run);
}

static const fs_kernel gelu_kernel = {
    .name = "plain",
    .accumulates = true,
    .prepare = keep_input,
    .forward = either_gelu_forward,
    .backward = either_gelu_backward,
};
static const fs_kernel *const gelu_kernels[] = {&gelu_kernel, NULL};
const fs_operator fs_op_gelu = {
    .type = "Gelu",
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse_gelu,
    .infer = fs_op_infer_same_f32,
    .limits = "`approximate` none or tanh",
    .kernels = gelu_kernels,
};
