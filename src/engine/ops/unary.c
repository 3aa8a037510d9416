/* Elementwise functions of one variable, one table entry each: y = f(x) and dx = g * f'(x), with f' written
 * in x or in y, whichever backward then has to keep. */
#include <math.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

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
#define ALPHA (s->c.alpha)
#define BETA (s->c.beta)

#define FORWARD(NAME, F)                                                                                     \
    FS_SIMD                                                                                                  \
    static void NAME##_span(void *context, int64_t first, int64_t last, int thread) {                        \
        (void)thread;                                                                                        \
        const span *s = context;                                                                             \
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
        const float *restrict in = s->in, *restrict g = s->g;                                                \
        float *restrict out = s->out;                                                                        \
        for (int64_t i = first; i < last; i++) {                                                             \
            const float v = in[i], d = g[i] * (SLOPE);                                                       \
            out[i] = s->accumulate ? out[i] + d : d;                                                         \
        }                                                                                                    \
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

static fs_status read_coefficients(const fs_graph *graph, const fs_node *node, float alpha, float beta,
                                   const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(coefficients), &block, err);
    if (status != FS_OK)
        return status;
    coefficients *c = block;
    c->alpha = fs_node_float(node, "alpha", alpha);
    c->beta = fs_node_float(node, "beta", beta);
    *out = c;
    return FS_OK;
}

static fs_status parse_leaky(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    return read_coefficients(graph, node, 0.01f, 0, out, err);
}

static fs_status parse_elu(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    return read_coefficients(graph, node, 1, 0, out, err);
}

static fs_status parse_hard_sigmoid(const fs_graph *graph, const fs_node *node, const void **out,
                                    fs_error *err) {
    return read_coefficients(graph, node, 0.2f, 0.5f, out, err);
}

static fs_status parse_selu(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(coefficients), &block, err);
    if (status != FS_OK)
        return status;
    coefficients *c = block;
    c->alpha = fs_node_float(node, "alpha", 1.67326319217681884765625f);
    c->beta = fs_node_float(node, "gamma", 1.05070102214813232421875f);
    *out = c;
    return FS_OK;
}

/* ---- the functions ---- */

/* e^x within two units in the last place, in a form that compilers turn into vectors: x = n ln 2 + r, e^r by
 * its Taylor polynomial of degree 7 on |r| < 0.35, 2^n put into the exponent in two halves so that neither
 * end of the range overflows early. NaN stays NaN. */
FS_INLINE float exp_of(float x) {
    const float shifter = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer in the low bits */
    const float ln2_high = 0.693145751953125f, ln2_low = 1.428606765330187e-6f;
    x = x > 89 ? 89 : x;
    x = x < -104 ? -104 : x;
    union {
        float f;
        int32_t i;
    } n = {.f = x * 1.44269504088896341f + shifter}, first, second;
    const int32_t power = n.i - 0x4b400000;
    const float whole = n.f - shifter, r = (x - whole * ln2_high) - whole * ln2_low;
    float p = 1.0f / 5040;
    p = p * r + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1;
    p = p * r + 1;
    const int32_t half = power >> 1;
    first.i = (int32_t)((uint32_t)(half + 127) << 23);
    second.i = (int32_t)((uint32_t)(power - half + 127) << 23);
    return p * first.f * second.f;
}

FS_INLINE float sigmoid_of(float x) {
    return 1 / (1 + exp_of(-x));
}

/* log(1 + e^x) without overflow. */
FS_INLINE float softplus_of(float x) {
    return (x > 0 ? x : 0) + log1pf(expf(-fabsf(x)));
}

FS_INLINE float clamp01(float x) {
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

#define TWO_BY_ROOT_PI 1.1283791670955126f

OF_X(leaky_relu, "LeakyRelu", parse_leaky, x < 0 ? ALPHA * x : x, v < 0 ? ALPHA : 1)
OF_X(elu, "Elu", parse_elu, x < 0 ? ALPHA * expm1f(x) : x, v < 0 ? ALPHA * exp_of(v) : 1)
OF_X(selu, "Selu", parse_selu, BETA *(x <= 0 ? ALPHA * expm1f(x) : x), BETA *(v <= 0 ? ALPHA * exp_of(v) : 1))
OF_Y(sigmoid, "Sigmoid", NULL, sigmoid_of(x), v *(1 - v))
OF_Y(tanh, "Tanh", NULL, tanhf(x), 1 - v * v)
OF_X(hard_sigmoid, "HardSigmoid", parse_hard_sigmoid, clamp01(ALPHA *x + BETA),
     ALPHA *v + BETA > 0 && ALPHA * v + BETA < 1 ? ALPHA : 0)
/* x * clamp(x/6 + 1/2, 0, 1) */
OF_X(hard_swish, "HardSwish", NULL, x *clamp01(x *(1.0f / 6) + 0.5f),
     v <= -3  ? 0
     : v >= 3 ? 1
              : v * (1.0f / 3) + 0.5f)
OF_X(softplus, "Softplus", NULL, softplus_of(x), sigmoid_of(v))
OF_X(softsign, "Softsign", NULL, x / (1 + fabsf(x)), 1 / ((1 + fabsf(v)) * (1 + fabsf(v))))
OF_X(erf, "Erf", NULL, erff(x), TWO_BY_ROOT_PI *exp_of(-v *v))
OF_Y(exp, "Exp", NULL, exp_of(x), v)
OF_X(log, "Log", NULL, logf(x), 1 / v)
OF_Y(sqrt, "Sqrt", NULL, sqrtf(x), 0.5f / v)
OF_Y(reciprocal, "Reciprocal", NULL, 1 / x, -v *v)
OF_X(abs, "Abs", NULL, fabsf(x), v > 0 ? 1 : v < 0 ? -1 : 0)
OF_X(sin, "Sin", NULL, sinf(x), cosf(v))
OF_X(cos, "Cos", NULL, cosf(x), -sinf(v))
