/* GlobalAveragePool and GlobalMaxPool: [n, c, ...] -> [n, c, 1, ...]. */
#include "engine/ops/common.h"
#include "engine/ops/registry.h"

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    fs_status status;
    if ((status = fs_op_need_f32(s, 0, err)) != FS_OK ||
        (status = fs_op_need_rank(s, 0, 2, FS_MAX_RANK, err)) != FS_OK)
        return status;
    fs_shape y = s->in[0].shape;
    for (int i = 2; i < y.rank; i++) {
        if (y.dim[i] < 1)
            return fs_fail(err, FS_ERROR_ARGUMENT, "the input is empty");
        y.dim[i] = 1;
    }
    return fs_op_output(s, 0, &y, FS_F32, err);
}

typedef struct job {
    const float *in;
    float *out;
    int64_t *place; /* GlobalMaxPool: where the largest was */
    int64_t area;
    bool accumulate;
} job;

static job job_of(const fs_op_run *run) {
    const fs_shape *x = &run->in[0].shape;
    return (job){.area = fs_shape_span(x, 2, x->rank)};
}

static void for_planes(const fs_op_run *run, fs_span_body body, job *j) {
    const fs_shape *x = &run->in[0].shape;
    fs_span_for(run->pool, x->dim[0] * x->dim[1], 1 + FS_SPAN_GRAIN / j->area, body, j);
}

static void average_planes(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    for (int64_t i = first; i < last; i++)
        j->out[i] = (float)(fs_sum_f32(j->in + i * j->area, j->area) / (double)j->area);
}

static void average_forward(const fs_op_run *run) {
    job j = job_of(run);
    j.in = fs_f32(&run->in[0]);
    j.out = fs_f32(&run->out[0]);
    for_planes(run, average_planes, &j);
}

static void spread_planes(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    for (int64_t i = first; i < last; i++) {
        const float g = j->in[i] / (float)j->area;
        float *restrict to = j->out + i * j->area;
        for (int64_t k = 0; k < j->area; k++)
            to[k] = j->accumulate ? to[k] + g : g;
    }
}

static void average_backward(const fs_op_run *run) {
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    job j = job_of(run);
    j.in = run->out_grad[0];
    j.out = run->in_grad[0];
    j.accumulate = run->accumulate[0];
    for_planes(run, spread_planes, &j);
}

static void max_planes(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    for (int64_t i = first; i < last; i++) {
        const float *in = j->in + i * j->area;
        int64_t best = 0;
        for (int64_t k = 1; k < j->area; k++)
            best = in[k] > in[best] ? k : best;
        j->out[i] = in[best];
        if (j->place)
            j->place[i] = best;
    }
}

static void max_forward(const fs_op_run *run) {
    job j = job_of(run);
    j.in = fs_f32(&run->in[0]);
    j.out = fs_f32(&run->out[0]);
    j.place = run->want_grad[0] ? run->saved : NULL;
    for_planes(run, max_planes, &j);
}

static void max_back_planes(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    for (int64_t i = first; i < last; i++) {
        fs_grad_clear(j->out + i * j->area, j->area, j->accumulate);
        j->out[i * j->area + j->place[i]] += j->in[i];
    }
}

static void max_backward(const fs_op_run *run) {
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    job j = job_of(run);
    j.in = run->out_grad[0];
    j.out = run->in_grad[0];
    j.place = run->saved;
    j.accumulate = run->accumulate[0];
    for_planes(run, max_back_planes, &j);
}

static fs_status max_prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (setup->want_grad[0])
        setup->saved_bytes = (size_t)fs_tensor_count(&setup->out[0]) * sizeof(int64_t);
    return FS_OK;
}

static const fs_kernel average_kernel = {
    .name = "plain",
    .accumulates = true,
    .forward = average_forward,
    .backward = average_backward,
};
static const fs_kernel *const average_kernels[] = {&average_kernel, NULL};
static const fs_kernel max_kernel = {
    .name = "plain",
    .accumulates = true,
    .prepare = max_prepare,
    .forward = max_forward,
    .backward = max_backward,
};
static const fs_kernel *const max_kernels[] = {&max_kernel, NULL};

const fs_operator fs_op_global_average_pool = {
    .type = "GlobalAveragePool",
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .kernels = average_kernels,
    .item_by_item = true,
};
const fs_operator fs_op_global_max_pool = {
    .type = "GlobalMaxPool",
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .kernels = max_kernels,
    .item_by_item = true,
};
