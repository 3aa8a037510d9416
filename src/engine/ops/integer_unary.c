/* Neg, the functions that step (Floor, Sign ...) and tests: functions of one variable that shape arithmetic
 * uses on integers as well. Their slope is a number, 0 for those that step. */
#include <math.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

typedef struct span {
    const void *in;
    void *out;
    const float *g;
    float slope;
} span;

static void run_forward(const fs_op_run *run, fs_span_body floats, fs_span_body integers) {
    span s = {.in = run->in[0].data, .out = run->out[0].data};
    fs_span_for(run->pool, fs_tensor_count(&run->out[0]), FS_SPAN_GRAIN,
                run->in[0].dtype == FS_I64 ? integers : floats, &s);
}

static void slope_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const span *s = context;
    float *d = s->out;
    for (int64_t i = first; i < last; i++)
        d[i] += s->slope * s->g[i];
}

static void run_backward(const fs_op_run *run, float slope) {
    if (!run->in_grad[0])
        return;
    const int64_t count = fs_tensor_count(&run->in[0]);
    fs_grad_clear(run->in_grad[0], count, run->accumulate[0]);
    span s = {.out = run->in_grad[0], .g = run->out_grad[0], .slope = slope};
    if (s.g && slope != 0)
        fs_span_for(run->pool, count, FS_SPAN_GRAIN, slope_span, &s);
}

/* Tests make integers (0 or 1) of both types. */
static fs_status infer_test(const fs_op_shapes *s, fs_error *err) {
    fs_status status = fs_op_need(s, 0, err);
    return status == FS_OK ? fs_op_output(s, 0, &s->in[0].shape, FS_I64, err) : status;
}

#define SPAN(NAME, FROM, TO, FORMULA)                                                                        \
    FS_SIMD                                                                                                  \
    static void NAME(void *context, int64_t first, int64_t last, int thread) {                               \
        (void)thread;                                                                                        \
        const span *s = context;                                                                             \
        const FROM *restrict in = s->in;                                                                     \
        TO *restrict out = s->out;                                                                           \
        for (int64_t i = first; i < last; i++) {                                                             \
            const FROM x = in[i];                                                                            \
            out[i] = (FORMULA);                                                                              \
        }                                                                                                    \
    }
#define OPERATOR(NAME, TYPE, OUT_OF_FLOAT, INFER, F32, I64, BACKWARD)                                        \
    SPAN(NAME##_f32, float, OUT_OF_FLOAT, F32)                                                               \
    SPAN(NAME##_i64, int64_t, int64_t, I64)                                                                  \
    static void NAME##_forward(const fs_op_run *run) {                                                       \
        run_forward(run, NAME##_f32, NAME##_i64);                                                            \
    }                                                                                                        \
    static const fs_kernel NAME##_kernel = {                                                                 \
        .name = "plain",                                                                                     \
        .accumulates = true,                                                                                 \
        .forward = NAME##_forward,                                                                           \
        .backward = BACKWARD,                                                                                \
    };                                                                                                       \
    static const fs_kernel *const NAME##_kernels[] = {&NAME##_kernel, NULL};                                 \
    const fs_operator fs_op_##NAME = {                                                                       \
        .type = TYPE,                                                                                        \
        .min_inputs = 1,                                                                                     \
        .max_inputs = 1,                                                                                     \
        .infer = INFER,                                                                                      \
        .kernels = NAME##_kernels,                                                                           \
    };
#define FUNCTION(NAME, TYPE, F32, I64, SLOPE)                                                                \
    static void NAME##_backward(const fs_op_run *run) {                                                      \
        run_backward(run, SLOPE);                                                                            \
    }                                                                                                        \
    OPERATOR(NAME, TYPE, float, fs_op_infer_same, F32, I64, NAME##_backward)
#define TEST(NAME, TYPE, F32, I64) OPERATOR(NAME, TYPE, int64_t, infer_test, F32, I64, fs_backward_flat)

FUNCTION(neg, "Neg", -x, (int64_t)(0 - (uint64_t)x), -1)
FUNCTION(floor, "Floor", floorf(x), x, 0)
FUNCTION(ceil, "Ceil", ceilf(x), x, 0)
FUNCTION(round, "Round", rintf(x), x, 0) /* halves to even: nobody changes the rounding mode */
FUNCTION(sign, "Sign", (float)((x > 0) - (x < 0)), (x > 0) - (x < 0), 0)
TEST(not, "Not", x == 0, x == 0)
TEST(is_nan, "IsNaN", isnan(x) != 0, 0 * x)
