/* MaxPool with windows of 3x3 places (stride 1 or 2) or 2x2 (stride 2): the pools of most networks, by the
 * loops of kernels/max_pool_ops.h. Those know finite numbers only; a block of rows where they meet others is
 * made again by the definition. The rules about equal places and NaN are those of pool_max.c. */
#include <math.h>

#include "engine/kernels/max_pool_ops.h"
#include "engine/ops/common.h"
#include "engine/ops/pool_max.h"

/* A block reads about this many places, which stay in the first-level cache from strip to strip. */
enum { BLOCK_PLACES = 4096 };

typedef struct job {
    fs_window_at at;
    const fs_max_pool_ops *ops;
    fs_max_pool_shape shape;
    const float *in;  /* backward: the output's gradient */
    float *out;       /* backward: the input's */
    uint8_t *saved;   /* NULL: forward only */
    int rows, blocks; /* of output in a block; blocks in a plane */
    bool accumulate;
    fs_keep keep;
    int64_t channels;
} job;

static bool make_job(const fs_op_run *run, job *j) {
    *j = (job){.at = fs_max_pool_window(run->node, &run->in[0].shape),
               .ops = fs_max_pool_ops_for(fs_cpu_isa())};
    j->rows = BLOCK_PLACES / j->at.in[1] / j->at.stride[0];
    j->rows = j->rows < 1 ? 1 : j->rows > j->at.out[0] ? j->at.out[0] : j->rows;
    j->blocks = (j->at.out[0] + j->rows - 1) / j->rows;
    return fs_max_pool_shape_of(&j->at, &j->shape);
}

/* The winner of one window: its number, and as *place which of the window's places it is. */
static float winner(const job *j, const float *plane, int row, int column, uint8_t *place) {
    const fs_window_at *at = &j->at;
    int64_t y, bottom, x, left, right;
    float most = 0;
    bool none = true;
    fs_window_cover(at, 0, row, &y, &bottom);
    fs_window_cover(at, 1, column, &left, &right);
    for (; y < bottom; y++)
        for (x = left; x < right; x++) {
            const float v = plane[y * at->in[1] + x];
            if (!none && !(v > most || isnan(v)))
                continue;
            none = false;
            most = v;
            const int64_t ky = y - ((int64_t)row * at->stride[0] - at->pad[0]);
            const int64_t kx = x - ((int64_t)column * at->stride[1] - at->pad[1]);
            *place = (uint8_t)(ky * at->kernel[1] + kx);
        }
    return most;
}

static void by_definition(const job *j, const float *plane, int first, int last, float *out, uint8_t *place) {
    const int width = j->at.out[1];
    for (int row = first; row < last; row++)
        for (int column = 0; column < width; column++) {
            const int64_t i = (int64_t)row * width + column;
            uint8_t unused;
            out[i] = winner(j, plane, row, column, place ? &place[i] : &unused);
        }
}

/* Task = (plane, block of output rows). */
static void forward_blocks(void *context, int64_t first_task, int64_t last_task, int thread) {
    (void)thread;
    const job *j = context;
    const fs_window_at *at = &j->at;
    for (int64_t task = first_task; task < last_task; task++) {
        const int64_t plane = task / j->blocks, output = plane * at->out[0] * at->out[1];
        const int first = (int)(task % j->blocks) * j->rows;
        const int last = at->out[0] - first < j->rows ? at->out[0] : first + j->rows;
        const float *in = j->in + plane * at->in[0] * at->in[1];
        uint8_t *place = j->saved ? j->saved + output : NULL;
        if (!j->ops->forward[j->shape](at, in, first, last, j->out + output, place))
            by_definition(j, in, first, last, j->out + output, place);
    }
}

static void forward(const fs_op_run *run) {
    job j;
    if (!make_job(run, &j))
        return; /* suits has seen the same */
    j.in = fs_f32(&run->in[0]);
    j.out = fs_f32(&run->out[0]);
    j.saved = run->want_grad[0] ? run->saved : NULL;
    const int64_t planes = fs_shape_span(&run->out[0].shape, 0, 2);
    fs_span_for(run->pool, planes * j.blocks, 1 + FS_SPAN_GRAIN / ((int64_t)j.rows * j.at.in[1]),
                forward_blocks, &j);
}

static void backward_planes(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const fs_window_at *at = &j->at;
    const int64_t area = (int64_t)at->in[0] * at->in[1], outputs = (int64_t)at->out[0] * at->out[1];
    for (int64_t plane = first; plane < last; plane++)
        j->ops->backward[j->shape](at, j->in + plane * outputs, j->saved + plane * outputs,
                                   j->out + plane * area, j->accumulate,
                                   fs_keep_item(j->keep, plane / j->channels), plane % j->channels * area);
}

static void backward(const fs_op_run *run) {
    job j;
    if (!run->in_grad[0] || fs_grad_nothing(run) || !make_job(run, &j))
        return;
    if (!j.ops->backward[j.shape]) {
        fs_max_pool_backward(run);
        return;
    }
    j.in = run->out_grad[0];
    j.out = run->in_grad[0];
    j.saved = run->saved;
    j.accumulate = run->accumulate[0];
    j.keep = run->in_keep;
    j.channels = run->in[0].shape.dim[1];
    const int64_t area = (int64_t)j.at.in[0] * j.at.in[1];
    fs_span_for(run->pool, fs_shape_span(&run->in[0].shape, 0, 2), 1 + FS_SPAN_GRAIN / area, backward_planes,
                &j);
}

static bool suits(const fs_op_setup *setup) {
    const fs_window_at at = fs_max_pool_window(setup->node, &setup->in[0].shape);
    fs_max_pool_shape shape;
    return fs_max_pool_shape_of(&at, &shape);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    setup->keeps = true;
    if (setup->want_grad[0])
        setup->saved_bytes = (size_t)fs_tensor_count(&setup->out[0]);
    return FS_OK;
}

const fs_kernel fs_max_pool_strips_kernel = {
    .name = "strips",
    .accumulates = true,
    .suits = suits,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
