/* Where (condition, a, b) and Expand: selection and broadcasting. */
#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/walk.h"

static fs_status cannot_broadcast(const fs_shape *a, const fs_shape *b, fs_error *err) {
    char ta[FS_SHAPE_TEXT], tb[FS_SHAPE_TEXT];
    return fs_fail(err, FS_ERROR_ARGUMENT, "%s and %s cannot be broadcast together", fs_shape_text(a, ta),
                   fs_shape_text(b, tb));
}

static fs_status where_infer(const fs_op_shapes *s, fs_error *err) {
    fs_status status;
    for (int i = 0; i < 3; i++)
        if ((status = fs_op_need(s, i, err)) != FS_OK)
            return status;
    if (s->in[1].dtype != s->in[2].dtype)
        return fs_fail(err, FS_ERROR_FORMAT, "one choice is floating point, the other is not");
    fs_shape both, y;
    if (!fs_shape_broadcast(&s->in[1].shape, &s->in[2].shape, &both))
        return cannot_broadcast(&s->in[1].shape, &s->in[2].shape, err);
    if (!fs_shape_broadcast(&s->in[0].shape, &both, &y))
        return cannot_broadcast(&s->in[0].shape, &both, err);
    return fs_op_output(s, 0, &y, s->in[1].dtype, err);
}

typedef struct job {
    const fs_tensor *in;
    void *out;
    const float *g;
    int side;
} job;

static bool chosen(const fs_tensor *condition, int64_t place) {
    return condition->dtype == FS_I64 ? fs_i64(condition)[place] != 0 : fs_f32(condition)[place] != 0;
}

static void where_row(void *context, const fs_walk_row *r) {
    const job *j = context;
    for (int64_t i = 0; i < r->length; i++) {
        const int k = chosen(&j->in[0], r->offset[0] + i * r->step[0]) ? 1 : 2;
        const int64_t place = r->offset[k] + i * r->step[k];
        if (j->in[1].dtype == FS_I64)
            ((int64_t *)j->out)[r->first + i] = fs_i64(&j->in[k])[place];
        else
            ((float *)j->out)[r->first + i] = fs_f32(&j->in[k])[place];
    }
}

static void where_back_row(void *context, const fs_walk_row *r) {
    const job *j = context;
    float *to = j->out;
    for (int64_t i = 0; i < r->length; i++) {
        const int k = chosen(&j->in[0], r->offset[0] + i * r->step[0]) ? 1 : 2;
        if (k == j->side)
            to[r->offset[k] + i * r->step[k]] += j->g[r->first + i];
    }
}

static void begin_walk(const fs_op_run *run, fs_walk *walk) {
    fs_walk_begin(walk, &run->out[0].shape, 3);
    for (int i = 0; i < 3; i++)
        fs_walk_broadcast(walk, i, &run->in[i].shape);
}

static void where_forward(const fs_op_run *run) {
    fs_walk walk;
    begin_walk(run, &walk);
    job j = {.in = run->in, .out = run->out[0].data};
    fs_walk_run(&walk, run->pool, where_row, &j);
}

static void where_backward(const fs_op_run *run) {
    if (run->in_grad[0]) /* a condition has no slope */
        fs_grad_clear(run->in_grad[0], fs_tensor_count(&run->in[0]), run->accumulate[0]);
    if (fs_grad_nothing(run))
        return;
    fs_walk walk;
    begin_walk(run, &walk);
    for (int side = 1; side < 3; side++) {
        if (!run->in_grad[side])
            continue;
        fs_grad_clear(run->in_grad[side], fs_tensor_count(&run->in[side]), run->accumulate[side]);
        job j = {.in = run->in, .out = run->in_grad[side], .g = run->out_grad[0], .side = side};
        fs_walk_run(&walk, fs_walk_adding_pool(&walk, side, run->pool), where_back_row, &j);
    }
}

static fs_status where_prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (fs_op_wants_gradient(setup))
        setup->keep_in = fs_op_bit(0);
    return FS_OK;
}

static fs_status expand_infer(const fs_op_shapes *s, fs_error *err) {
    const int64_t *dims;
    int count;
    fs_status status = fs_op_need(s, 0, err);
    if (status != FS_OK || (status = fs_op_known_ints(s, 1, "the target shape", &dims, &count, err)) != FS_OK)
        return status;
    if (count < 0 || count > FS_MAX_RANK)
        return fs_fail(err, FS_ERROR_FORMAT, "a target shape of %d dimensions is not supported", count);
    fs_shape target = {.rank = count}, y;
    for (int i = 0; i < count; i++) {
        if (dims[i] < 0)
            return fs_fail(err, FS_ERROR_FORMAT, "the target shape holds %lld", (long long)dims[i]);
        target.dim[i] = dims[i];
    }
    if (!fs_shape_broadcast(&s->in[0].shape, &target, &y))
        return cannot_broadcast(&s->in[0].shape, &target, err);
    return fs_op_output(s, 0, &y, s->in[0].dtype, err);
}

static void expand_walk(const fs_op_run *run, fs_walk *walk) {
    fs_walk_begin(walk, &run->out[0].shape, 1);
    fs_walk_broadcast(walk, 0, &run->in[0].shape);
}

static void expand_forward(const fs_op_run *run) {
    fs_walk walk;
    expand_walk(run, &walk);
    fs_walk_copy(&walk, run->pool, run->out[0].data, run->in[0].data, fs_dtype_size(run->out[0].dtype));
}

static void expand_backward(const fs_op_run *run) {
    fs_grad_clear_rest(run, 1);
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    fs_walk walk;
    expand_walk(run, &walk);
    fs_grad_clear(run->in_grad[0], fs_tensor_count(&run->in[0]), run->accumulate[0]);
    fs_walk_push(&walk, run->pool, run->in_grad[0], run->out_grad[0]);
}

static const fs_kernel where_kernel = {
    .name = "plain",
    .accumulates = true,
    .prepare = where_prepare,
    .forward = where_forward,
    .backward = where_backward,
};
static const fs_kernel *const where_kernels[] = {&where_kernel, NULL};
static const fs_kernel expand_kernel = {
    .name = "plain",
    .accumulates = true,
    .forward = expand_forward,
    .backward = expand_backward,
};
static const fs_kernel *const expand_kernels[] = {&expand_kernel, NULL};

const fs_operator fs_op_where = {
    .type = "Where",
    .min_inputs = 3,
    .max_inputs = 3,
    .infer = where_infer,
    .kernels = where_kernels,
};
const fs_operator fs_op_expand = {
    .type = "Expand",
    .min_inputs = 2,
    .max_inputs = 2,
    .infer = expand_infer,
    .kernels = expand_kernels,
    .limits = "the target shape must be constant",
};
