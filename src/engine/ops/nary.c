/* Sum, Mean, Max and Min of any number of operands with broadcasting. The winner of Max and Min (the first of
 * several that are equal) is saved as a byte for the way back. */
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/walk.h"

typedef enum nary_kind { SUM, MEAN, MAX, MIN } nary_kind;

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    fs_status status = fs_op_need(s, 0, err);
    if (status != FS_OK)
        return status;
    fs_shape y = s->in[0].shape;
    for (int i = 1; i < s->n_in; i++) {
        if ((status = fs_op_need(s, i, err)) != FS_OK)
            return status;
        if (s->in[i].dtype != s->in[0].dtype)
            return fs_fail(err, FS_ERROR_FORMAT, "some operands are floating point, others are not");
        const fs_shape before = y;
        char ta[FS_SHAPE_TEXT], tb[FS_SHAPE_TEXT];
        if (!fs_shape_broadcast(&before, &s->in[i].shape, &y))
            return fs_fail(err, FS_ERROR_ARGUMENT, "%s and %s cannot be broadcast together",
                           fs_shape_text(&before, ta), fs_shape_text(&s->in[i].shape, tb));
    }
    return fs_op_output(s, 0, &y, s->in[0].dtype, err);
}

typedef struct job {
    nary_kind kind;
    int index; /* of the operand being taken in */
    const void *in;
    void *out;
    uint8_t *winner;
    const float *g;
    float scale;
    bool accumulate, whole;
} job;

FS_INLINE void take_row(const job *j, const fs_walk_row *r, int64_t step) {
    const float *in = (const float *)j->in + r->offset[0];
    float *restrict out = (float *)j->out + r->first;
    if (j->index == 0)
        for (int64_t i = 0; i < r->length; i++)
            out[i] = in[i * step];
    else if (j->kind <= MEAN)
        for (int64_t i = 0; i < r->length; i++)
            out[i] += in[i * step];
    else if (j->kind == MAX)
        for (int64_t i = 0; i < r->length; i++)
            out[i] = in[i * step] > out[i] ? in[i * step] : out[i];
    else
        for (int64_t i = 0; i < r->length; i++)
            out[i] = in[i * step] < out[i] ? in[i * step] : out[i];
}

FS_SIMD
static void take_f32(void *context, const fs_walk_row *r) {
    if (r->step[0] == 1)
        take_row(context, r, 1);
    else
        take_row(context, r, 0);
}

/* With the winner written down; only for Max and Min with gradients. */
static void take_tracked(void *context, const fs_walk_row *r) {
    const job *j = context;
    const float *in = (const float *)j->in + r->offset[0];
    float *out = (float *)j->out + r->first;
    uint8_t *winner = j->winner + r->first;
    for (int64_t i = 0; i < r->length; i++) {
        const float v = in[i * r->step[0]];
        if (j->index == 0 || (j->kind == MAX ? v > out[i] : v < out[i])) {
            out[i] = v;
            winner[i] = (uint8_t)j->index;
        }
    }
}

static void take_i64(void *context, const fs_walk_row *r) {
    const job *j = context;
    const int64_t *in = (const int64_t *)j->in + r->offset[0];
    int64_t *out = (int64_t *)j->out + r->first;
    for (int64_t i = 0; i < r->length; i++) {
        const int64_t v = in[i * r->step[0]];
        if (j->index == 0 || (j->kind == MAX && v > out[i]) || (j->kind == MIN && v < out[i]))
            out[i] = v;
        else if (j->kind <= MEAN)
            out[i] = (int64_t)((uint64_t)out[i] + (uint64_t)v);
    }
}

static void scale_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    if (j->scale < 0) { /* integers: -scale operands */
        for (int64_t i = first; i < last; i++)
            ((int64_t *)j->out)[i] /= (int64_t)-j->scale;
        return;
    }
    for (int64_t i = first; i < last; i++)
        ((float *)j->out)[i] *= j->scale;
}

static void run_forward(const fs_op_run *run, nary_kind kind) {
    bool track = false;
    for (int i = 0; i < run->n_in; i++)
        track = track || (kind >= MAX && run->want_grad[i]);
    const bool integers = run->out[0].dtype == FS_I64;
    job j = {.kind = kind, .out = run->out[0].data, .winner = run->saved};
    for (j.index = 0; j.index < run->n_in; j.index++) {
        fs_walk walk;
        fs_walk_begin(&walk, &run->out[0].shape, 1);
        fs_walk_broadcast(&walk, 0, &run->in[j.index].shape);
        j.in = run->in[j.index].data;
        fs_walk_run(&walk, run->pool, integers ? take_i64 : track ? take_tracked : take_f32, &j);
    }
    if (kind == MEAN && run->n_in > 1) {
        j.scale = integers ? -(float)run->n_in : 1 / (float)run->n_in;
        fs_span_for(run->pool, fs_tensor_count(&run->out[0]), FS_SPAN_GRAIN, scale_span, &j);
    }
}

static void give_row(void *context, const fs_walk_row *r) {
    const job *j = context;
    const float *g = j->g + r->first;
    float *to = (float *)j->out + r->offset[0];
    const uint8_t *winner = j->winner ? j->winner + r->first : NULL;
    const int64_t step = r->step[0];
    if (step == 0) {
        double sum = 0;
        for (int64_t i = 0; i < r->length; i++)
            sum += !winner || winner[i] == j->index ? (double)g[i] : 0;
        to[0] += (float)sum * j->scale;
        return;
    }
    for (int64_t i = 0; i < r->length; i++) {
        const float d = !winner || winner[i] == j->index ? g[i] * j->scale : 0;
        to[i * step] = j->whole && !j->accumulate ? d : to[i * step] + d;
    }
}

static void run_backward(const fs_op_run *run, nary_kind kind) {
    if (fs_grad_nothing(run))
        return;
    job j = {.kind = kind,
             .g = run->out_grad[0],
             .winner = kind >= MAX ? run->saved : NULL,
             .scale = kind == MEAN ? 1 / (float)run->n_in : 1};
    for (j.index = 0; j.index < run->n_in; j.index++) {
        if (!run->in_grad[j.index])
            continue;
        const int64_t count = fs_tensor_count(&run->in[j.index]);
        fs_walk walk;
        fs_walk_begin(&walk, &run->out[0].shape, 1);
        fs_walk_broadcast(&walk, 0, &run->in[j.index].shape);
        j.out = run->in_grad[j.index];
        j.whole = count == fs_tensor_count(&run->out[0]) && count > 1;
        j.accumulate = run->accumulate[j.index];
        if (!j.whole)
            fs_grad_clear(j.out, count, j.accumulate);
        fs_walk_run(&walk, fs_walk_adding_pool(&walk, 0, run->pool), give_row, &j);
    }
}

static fs_status prepare_winner(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (fs_op_wants_gradient(setup))
        setup->saved_bytes = (size_t)fs_tensor_count(&setup->out[0]);
    return FS_OK;
}

#define OPERATOR(NAME, TYPE, KIND, PREPARE)                                                                  \
    static void NAME##_forward(const fs_op_run *run) {                                                       \
        run_forward(run, KIND);                                                                              \
    }                                                                                                        \
    static void NAME##_backward(const fs_op_run *run) {                                                      \
        run_backward(run, KIND);                                                                             \
    }                                                                                                        \
    static const fs_kernel NAME##_kernel = {                                                                 \
        .name = "plain",                                                                                     \
        .accumulates = true,                                                                                 \
        .prepare = PREPARE,                                                                                  \
        .forward = NAME##_forward,                                                                           \
        .backward = NAME##_backward,                                                                         \
    };                                                                                                       \
    static const fs_kernel *const NAME##_kernels[] = {&NAME##_kernel, NULL};                                 \
    const fs_operator fs_op_##NAME = {.type = TYPE,                                                          \
                                      .min_inputs = 1,                                                       \
                                      .max_inputs = FS_MAX_INPUTS,                                           \
                                      .infer = infer,                                                        \
                                      .kernels = NAME##_kernels};

OPERATOR(sum, "Sum", SUM, NULL)
OPERATOR(mean, "Mean", MEAN, NULL)
OPERATOR(max, "Max", MAX, prepare_winner)
OPERATOR(min, "Min", MIN, prepare_winner)
