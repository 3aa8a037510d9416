/* Convolution as products of matrices over panels of unfolded input ("im2col").
 *
 * One image and group: Y [mg, area] = W [mg, k] * U [k, area], k = cg*kh*kw, where row (c,ky,kx) of U is the
 * input plane c as that tap sees it. U is made a panel at a time so that it stays in cache; a 1x1 kernel with
 * stride 1 and no padding needs none of it. Work is divided so that no two threads write the same place:
 *     forward    panels of positions
 *     X's grad   blocks of input channels (all positions of a channel fold into its own plane)
 *     W's grad   blocks of input channels (columns of W) */
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/conv.h"
#include "engine/ops/sgemm.h"

/* Floats of one thread's panel: 512 KiB lie in a second-level cache. */
enum { PANEL_FLOATS = 128 * 1024, MIN_COLUMNS = 16, MAX_COLUMNS = 2048 };

/* How the work is cut. */
typedef struct tiling {
    int64_t channels; /* of one block; forward uses them all */
    int64_t blocks;   /* of channels, per group */
    int64_t columns;  /* of one panel */
    int64_t panels;   /* per image and group */
} tiling;

typedef struct job {
    const fs_conv_dims *d;
    const float *x, *w, *b, *out_grad;
    float *out, *workspace;
    int64_t out_stride; /* from image to image of out_grad, for W's gradient */
    tiling t;
    bool direct; /* U is the input itself */
    bool accumulate, relu;
} job;

static int64_t ceil_div(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

static int64_t clamp(int64_t v, int64_t low, int64_t high) {
    return v < low ? low : v > high ? high : v;
}

static bool is_direct(const fs_conv_dims *d) {
    const fs_window_at *at = &d->at;
    return d->taps == 1 && at->stride[0] == 1 && at->stride[1] == 1 && !at->pad[0] && !at->pad[1] &&
           !at->pad[2] && !at->pad[3];
}

static int64_t panel_columns(const fs_conv_dims *d, int64_t rows, bool direct) {
    const int64_t fit = direct ? MAX_COLUMNS : PANEL_FLOATS / rows / MIN_COLUMNS * MIN_COLUMNS;
    return clamp(clamp(fit, MIN_COLUMNS, MAX_COLUMNS), 1, d->area);
}

/* Enough panels for every thread, but none so narrow that packing W dominates. */
static tiling forward_tiling(const fs_conv_dims *d, int threads, bool direct) {
    tiling t = {.channels = d->cg, .blocks = 1};
    t.columns = panel_columns(d, d->cg * d->taps, direct);
    const int64_t share = ceil_div(d->n * d->g * d->area, 2 * (int64_t)threads);
    if (t.columns > share)
        t.columns = clamp(ceil_div(share, MIN_COLUMNS) * MIN_COLUMNS, MIN_COLUMNS, t.columns);
    t.panels = ceil_div(d->area, t.columns);
    return t;
}

static tiling backward_tiling(const fs_conv_dims *d, int threads, bool direct, int64_t parallel) {
    const int64_t rows = 512; /* of U in one block: W's part and the panel are both of cache size */
    tiling t = {.channels = clamp(rows / d->taps, 1, d->cg)};
    const int64_t wanted = ceil_div(2 * (int64_t)threads, parallel);
    if (ceil_div(d->cg, t.channels) < wanted)
        t.channels = ceil_div(d->cg, clamp(wanted, 1, d->cg));
    t.blocks = ceil_div(d->cg, t.channels);
    t.columns = panel_columns(d, t.channels * d->taps, direct);
    t.panels = ceil_div(d->area, t.columns);
    return t;
}

/* ---- folding and unfolding ---- */

/* A run of output positions that lie in one output row. */
typedef struct stretch {
    int64_t oy, ox, length;
} stretch;

static stretch stretch_at(const fs_conv_dims *d, int64_t position, int64_t end) {
    const int64_t width = d->at.out[1];
    stretch s = {position / width, position % width, 0};
    s.length = clamp(width - s.ox, 0, end - position);
    return s;
}

/* u[first..last) = the input plane under tap (ky,kx); zero outside the input. */
static void unfold_row(const fs_conv_dims *d, const float *restrict x, int ky, int kx, int64_t first,
                       int64_t last, float *restrict u) {
    const fs_window_at *at = &d->at;
    const int64_t dx = (int64_t)kx * at->dilation[1] - at->pad[1];
    int64_t x0, x1;
    fs_conv_valid(dx, at->stride[1], at->in[1], at->out[1], &x0, &x1);
    for (int64_t p = first; p < last;) {
        const stretch s = stretch_at(d, p, last);
        const int64_t iy = s.oy * at->stride[0] + (int64_t)ky * at->dilation[0] - at->pad[0];
        const bool inside = iy >= 0 && iy < at->in[0];
        const int64_t from = inside ? clamp(x0, s.ox, s.ox + s.length) : s.ox + s.length;
        const int64_t to = inside ? clamp(x1, from, s.ox + s.length) : from;
        const float *restrict row = x + iy * at->in[1] + dx;
        float *restrict out = u + (p - first) - s.ox;
        for (int64_t ox = s.ox; ox < from; ox++)
            out[ox] = 0;
        if (at->stride[1] == 1 && to > from)
            memcpy(out + from, row + from, (size_t)(to - from) * sizeof(float));
        else
            for (int64_t ox = from; ox < to; ox++)
                out[ox] = row[ox * at->stride[1]];
        for (int64_t ox = to; ox < s.ox + s.length; ox++)
            out[ox] = 0;
        p += s.length;
    }
}

/* The transpose of unfold_row: adds u back into the plane. */
static void fold_row(const fs_conv_dims *d, float *restrict x, int ky, int kx, int64_t first, int64_t last,
                     const float *restrict u) {
    const fs_window_at *at = &d->at;
    const int64_t dx = (int64_t)kx * at->dilation[1] - at->pad[1];
    int64_t x0, x1;
    fs_conv_valid(dx, at->stride[1], at->in[1], at->out[1], &x0, &x1);
    for (int64_t p = first; p < last;) {
        const stretch s = stretch_at(d, p, last);
        const int64_t iy = s.oy * at->stride[0] + (int64_t)ky * at->dilation[0] - at->pad[0];
        if (iy >= 0 && iy < at->in[0]) {
            const int64_t from = clamp(x0, s.ox, s.ox + s.length), to = clamp(x1, from, s.ox + s.length);
            float *restrict row = x + iy * at->in[1] + dx;
            const float *restrict in = u + (p - first) - s.ox;
            if (at->stride[1] == 1)
                for (int64_t ox = from; ox < to; ox++)
                    row[ox] += in[ox];
            else
                for (int64_t ox = from; ox < to; ox++)
                    row[ox * at->stride[1]] += in[ox];
        }
        p += s.length;
    }
}

static void unfold(const fs_conv_dims *d, const float *planes, int64_t channels, int64_t first, int64_t last,
                   float *u) {
    for (int64_t c = 0; c < channels; c++)
        for (int ky = 0; ky < d->at.kernel[0]; ky++)
            for (int kx = 0; kx < d->at.kernel[1]; kx++, u += last - first)
                unfold_row(d, planes + c * d->in_area, ky, kx, first, last, u);
}

static void fold(const fs_conv_dims *d, float *planes, int64_t channels, int64_t first, int64_t last,
                 const float *u) {
    for (int64_t c = 0; c < channels; c++)
        for (int ky = 0; ky < d->at.kernel[0]; ky++)
            for (int kx = 0; kx < d->at.kernel[1]; kx++, u += last - first)
                fold_row(d, planes + c * d->in_area, ky, kx, first, last, u);
}

static float *thread_panel(const job *j, int thread) {
    return j->workspace + (int64_t)thread * j->t.channels * j->d->taps * j->t.columns;
}

/* ---- forward ---- */

static void rectify(float *y, int64_t rows, int64_t columns, int64_t stride) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < columns; i++)
            y[r * stride + i] = y[r * stride + i] < 0 ? 0 : y[r * stride + i]; /* NaN stays */
}

/* Task = (image, group, panel). */
static void forward_panels(void *context, int64_t first_task, int64_t last_task, int thread) {
    const job *j = context;
    const fs_conv_dims *d = j->d;
    const int64_t k = d->cg * d->taps;
    float *panel = thread_panel(j, thread);
    for (int64_t task = first_task; task < last_task; task++) {
        const int64_t image_group = task / j->t.panels, n = image_group / d->g, g = image_group % d->g;
        const int64_t first = task % j->t.panels * j->t.columns,
                      last = clamp(first + j->t.columns, 0, d->area);
        const float *planes = j->x + (n * d->c + g * d->cg) * d->in_area;
        float *y = j->out + (n * d->m + g * d->mg) * d->area + first;
        if (!j->direct)
            unfold(d, planes, d->cg, first, last, panel);
        for (int64_t m = 0; m < d->mg && j->b; m++)
            for (int64_t i = 0; i < last - first; i++)
                y[m * d->area + i] = j->b[g * d->mg + m];
        fs_sgemm_run(NULL, &(fs_sgemm){.m = d->mg,
                                       .n = last - first,
                                       .k = k,
                                       .alpha = 1,
                                       .beta = j->b ? 1 : 0,
                                       .a = j->w + g * d->mg * k,
                                       .lda = k,
                                       .b = j->direct ? planes + first : panel,
                                       .ldb = j->direct ? d->area : last - first,
                                       .c = y,
                                       .ldc = d->area});
        if (j->relu)
            rectify(y, d->mg, last - first, d->area);
    }
}

static void forward(const fs_op_run *run) {
    const fs_conv_dims d = fs_conv_dims_of(run->node, run->in);
    const bool bias = run->n_in > 2 && run->present[2];
    job j = {.d = &d,
             .x = fs_f32(&run->in[0]),
             .w = fs_f32(&run->in[1]),
             .b = bias ? fs_f32(&run->in[2]) : NULL,
             .out = fs_f32(&run->out[0]),
             .workspace = run->workspace,
             .direct = is_direct(&d),
             .relu = run->fuse_relu};
    j.t = forward_tiling(&d, fs_pool_threads(run->pool), j.direct);
    fs_span_for(run->pool, d.n * d.g * j.t.panels, 1, forward_panels, &j);
}

/* ---- backward ---- */

/* Which channels of which group a task is about; the rest of the task number is returned. */
static int64_t split_task(const job *j, int64_t task, int64_t *group, int64_t *first, int64_t *count) {
    *first = task % j->t.blocks * j->t.channels;
    *count = clamp(j->t.channels, 0, j->d->cg - *first);
    *group = task / j->t.blocks % j->d->g;
    return task / j->t.blocks / j->d->g;
}

/* Task = (image, group, block of input channels): U_grad = W[:, block]^T * Y_grad, folded into X's gradient.
 */
static void input_blocks(void *context, int64_t first_task, int64_t last_task, int thread) {
    const job *j = context;
    const fs_conv_dims *d = j->d;
    const int64_t k = d->cg * d->taps;
    float *panel = thread_panel(j, thread);
    for (int64_t task = first_task; task < last_task; task++) {
        int64_t g, c0, channels;
        const int64_t n = split_task(j, task, &g, &c0, &channels);
        float *planes = j->out + (n * d->c + g * d->cg + c0) * d->in_area;
        if (!j->direct)
            fs_grad_clear(planes, channels * d->in_area, j->accumulate);
        for (int64_t first = 0; first < d->area; first += j->t.columns) {
            const int64_t last = clamp(first + j->t.columns, 0, d->area);
            fs_sgemm_run(NULL, &(fs_sgemm){.ta = true,
                                           .m = channels * d->taps,
                                           .n = last - first,
                                           .k = d->mg,
                                           .alpha = 1,
                                           .beta = j->direct && j->accumulate ? 1 : 0,
                                           .a = j->w + g * d->mg * k + c0 * d->taps,
                                           .lda = k,
                                           .b = j->out_grad + (n * d->m + g * d->mg) * d->area + first,
                                           .ldb = d->area,
                                           .c = j->direct ? planes + first : panel,
                                           .ldc = j->direct ? d->area : last - first});
            if (!j->direct)
                fold(d, planes, channels, first, last, panel);
        }
    }
}

/* Task = (group, block of input channels): W_grad[:, block] = sum of Y_grad * U^T. */
static void weight_blocks(void *context, int64_t first_task, int64_t last_task, int thread) {
    const job *j = context;
    const fs_conv_dims *d = j->d;
    const int64_t k = d->cg * d->taps;
    float *panel = thread_panel(j, thread);
    for (int64_t task = first_task; task < last_task; task++) {
        int64_t g, c0, channels;
        split_task(j, task, &g, &c0, &channels);
        bool add = j->accumulate;
        for (int64_t step = 0; step < d->n * j->t.panels; step++, add = true) {
            const int64_t n = step / j->t.panels, first = step % j->t.panels * j->t.columns;
            const int64_t last = clamp(first + j->t.columns, 0, d->area);
            const float *planes = j->x + (n * d->c + g * d->cg + c0) * d->in_area;
            if (!j->direct)
                unfold(d, planes, channels, first, last, panel);
            fs_sgemm_run(NULL, &(fs_sgemm){.tb = true,
                                           .m = d->mg,
                                           .n = channels * d->taps,
                                           .k = last - first,
                                           .alpha = 1,
                                           .beta = add ? 1 : 0,
                                           .a = j->out_grad + n * j->out_stride + g * d->mg * d->area + first,
                                           .lda = d->area,
                                           .b = j->direct ? planes + first : panel,
                                           .ldb = j->direct ? d->area : last - first,
                                           .c = j->out + g * d->mg * k + c0 * d->taps,
                                           .ldc = k});
        }
    }
}

void fs_conv_gemm_weight_backward(const fs_op_run *run, const fs_conv_dims *d) {
    job j = {.d = d,
             .x = fs_f32(&run->in[0]),
             .out_grad = run->out_grad[0],
             .out = run->in_grad[1],
             .workspace = run->workspace,
             .out_stride = run->out_stride ? run->out_stride : d->m * d->area,
             .direct = is_direct(d),
             .accumulate = run->accumulate[1]};
    j.t = backward_tiling(d, fs_pool_threads(run->pool), j.direct, d->g);
    fs_span_for(run->pool, d->g * j.t.blocks, 1, weight_blocks, &j);
}

static void backward(const fs_op_run *run) {
    if (fs_grad_nothing(run))
        return;
    const fs_conv_dims d = fs_conv_dims_of(run->node, run->in);
    const int threads = fs_pool_threads(run->pool);
    job j = {.d = &d,
             .x = fs_f32(&run->in[0]),
             .w = fs_f32(&run->in[1]),
             .out_grad = run->out_grad[0],
             .workspace = run->workspace,
             .direct = is_direct(&d)};
    if (run->in_grad[0]) {
        j.t = backward_tiling(&d, threads, j.direct, d.n * d.g);
        j.out = run->in_grad[0];
        j.accumulate = run->accumulate[0];
        fs_span_for(run->pool, d.n * d.g * j.t.blocks, 1, input_blocks, &j);
    }
    if (run->in_grad[1])
        fs_conv_gemm_weight_backward(run, &d);
    fs_conv_bias_backward(run, &d);
}

static size_t panel_bytes(const fs_conv_dims *d, tiling t, int threads) {
    return (size_t)threads * (size_t)(t.channels * d->taps * t.columns) * sizeof(float);
}

size_t fs_conv_gemm_weight_workspace(const fs_op_setup *setup) {
    const fs_conv_dims d = fs_conv_dims_of(setup->node, setup->in);
    return is_direct(&d) ? 0
                         : panel_bytes(&d, backward_tiling(&d, setup->threads, false, d.g), setup->threads);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    fs_conv_keep(setup);
    const fs_conv_dims d = fs_conv_dims_of(setup->node, setup->in);
    if (is_direct(&d))
        return FS_OK;
    const tiling tilings[3] = {forward_tiling(&d, setup->threads, false),
                               backward_tiling(&d, setup->threads, false, d.n * d.g),
                               backward_tiling(&d, setup->threads, false, d.g)};
    const bool used[3] = {true, setup->want_grad[0], setup->want_grad[1]};
    for (int i = 0; i < 3; i++) {
        const size_t bytes = panel_bytes(&d, tilings[i], setup->threads);
        if (used[i] && bytes > setup->workspace_bytes)
            setup->workspace_bytes = bytes;
    }
    return FS_OK;
}

/* One channel in and out per group leaves nothing to multiply matrices with: the plain loops are faster. */
static bool suits(const fs_op_setup *setup) {
    const fs_conv_dims d = fs_conv_dims_of(setup->node, setup->in);
    return d.g == 1 || d.cg > 2 || d.mg > 2;
}

const fs_kernel fs_conv_gemm_kernel = {
    .name = "gemm",
    .fuses_relu = true,
    .accumulates = true,
    .suits = suits,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
