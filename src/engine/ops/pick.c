/* GatherElements, GatherND, ScatterElements (once called Scatter) and ScatterND: numbers of the data picked,
 * or replaced, where constant indices say. An index names a run of neighbouring numbers of the data: a single
 * one with ...Elements, whose indices replace one coordinate, and a slice with ...ND, whose indices are rows
 * of coordinates. Runs are the same or do not overlap. */
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/walk.h"

enum { DATA, INDICES, UPDATES };

typedef struct params {
    bool rows, scatter, add; /* rows: ...ND */
    int64_t axis, batch;
} params;

static fs_status read_params(const fs_graph *graph, const fs_node *node, params wanted, const void **out,
                             fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    *p = wanted;
    *out = p;
    if ((status = fs_op_int(node, "axis", 0, -FS_MAX_RANK, FS_MAX_RANK, &p->axis, err)) != FS_OK ||
        (status = fs_op_int(node, "batch_dims", 0, 0, FS_MAX_RANK, &p->batch, err)) != FS_OK)
        return status;
    const char *reduction = fs_node_string(node, "reduction", "none");
    p->add = strcmp(reduction, "add") == 0;
    if (!p->add && strcmp(reduction, "none") != 0)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "reduction '%s' is not supported", reduction);
    return FS_OK;
}

/* ---- where the runs are ---- */

typedef struct layout {
    bool rows;
    int64_t count, run; /* of runs; numbers in one */
    const int64_t *indices;
    /* ...Elements */
    int axis, rank;
    int64_t dim[FS_MAX_RANK]; /* of the indices */
    /* ...ND: */
    int64_t length, batch_runs, batch_size; /* of a row of indices; runs in, and numbers of, one batch item */
    /* both; of the data */
    int64_t size[FS_MAX_RANK], stride[FS_MAX_RANK];
} layout;

static layout layout_of(const params *p, const fs_tensor *in) {
    const fs_shape *x = &in[DATA].shape, *k = &in[INDICES].shape;
    layout l = {.rows = p->rows, .indices = in[INDICES].data, .rank = x->rank, .run = 1};
    memcpy(l.dim, k->dim, sizeof l.dim);
    int64_t dense[FS_MAX_RANK];
    fs_dense_strides(x, dense);
    if (!p->rows) {
        (void)fs_axis_normalise(p->axis, x->rank, &l.axis);
        l.count = fs_shape_count(k);
        memcpy(l.size, x->dim, sizeof l.size);
        memcpy(l.stride, dense, sizeof l.stride);
        return l;
    }
    const int batch = (int)p->batch;
    l.length = k->dim[k->rank - 1];
    l.count = fs_shape_span(k, 0, k->rank - 1);
    l.batch_runs = fs_shape_span(k, batch, k->rank - 1);
    l.batch_size = fs_shape_span(x, batch, x->rank);
    l.run = fs_shape_span(x, batch + (int)l.length, x->rank);
    for (int i = 0; i < l.length; i++) {
        l.size[i] = x->dim[batch + i];
        l.stride[i] = dense[batch + i];
    }
    return l;
}

static int64_t wrapped(int64_t index, int64_t size) {
    return index < 0 ? index + size : index;
}

/* Where in the data run number i starts. */
static int64_t place_of(const layout *l, int64_t i) {
    int64_t place = 0, rest = i;
    if (l->rows) {
        for (int64_t d = 0; d < l->length; d++)
            place += wrapped(l->indices[i * l->length + d], l->size[d]) * l->stride[d];
        return place + i / l->batch_runs * l->batch_size;
    }
    for (int d = l->rank - 1; d >= 0; d--) {
        const int64_t at = d == l->axis ? wrapped(l->indices[i], l->size[d]) : rest % l->dim[d];
        place += at * l->stride[d];
        rest /= l->dim[d];
    }
    return place;
}

/* ---- shapes ---- */

static fs_status check_indices(const layout *l, const fs_tensor *indices, fs_error *err) {
    const int64_t count = fs_tensor_count(indices);
    for (int64_t i = 0; i < count; i++) {
        const int64_t size = l->size[l->rows ? i % l->length : l->axis], index = l->indices[i];
        if (index < -size || index >= size)
            return fs_fail(err, FS_ERROR_FORMAT, "index %lld is outside an axis of %lld", (long long)index,
                           (long long)size);
    }
    return FS_OK;
}

static fs_status misfit(const fs_op_shapes *s, fs_error *err) {
    char x[FS_SHAPE_TEXT], k[FS_SHAPE_TEXT];
    return fs_fail(err, FS_ERROR_ARGUMENT, "indices of %s do not suit data of %s",
                   fs_shape_text(&s->in[INDICES].shape, k), fs_shape_text(&s->in[DATA].shape, x));
}

/* The shape of what is picked: that of the indices, or with rows the dimensions before the row and those of
 * the data that the row leaves over. */
static fs_status picked_shape(const fs_op_shapes *s, fs_shape *picked, fs_error *err) {
    const params *p = s->node->params;
    const fs_shape *x = &s->in[DATA].shape, *k = &s->in[INDICES].shape;
    *picked = *k;
    if (!p->rows) {
        int axis;
        fs_status status = fs_op_axis(p->axis, x->rank, &axis, err);
        if (status != FS_OK)
            return status;
        for (int i = 0; i < x->rank; i++)
            if (k->rank != x->rank || (i != axis && k->dim[i] > x->dim[i]))
                return misfit(s, err);
        return FS_OK;
    }
    const int batch = (int)p->batch;
    if (k->rank < 1 || batch >= k->rank || batch >= x->rank)
        return misfit(s, err);
    const int64_t length = k->dim[k->rank - 1];
    if (length < 1 || length > x->rank - batch)
        return misfit(s, err);
    for (int i = 0; i < batch; i++)
        if (x->dim[i] != k->dim[i])
            return misfit(s, err);
    picked->rank = k->rank - 1;
    if (picked->rank + x->rank - batch - (int)length > FS_MAX_RANK)
        return fs_fail(err, FS_ERROR_LIMIT, "more than %d dimensions are not supported", FS_MAX_RANK);
    for (int i = batch + (int)length; i < x->rank; i++)
        picked->dim[picked->rank++] = x->dim[i];
    return FS_OK;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    fs_shape picked;
    fs_status status;
    if ((status = fs_op_need(s, DATA, err)) != FS_OK ||
        (status = fs_op_need_known_ints(s, INDICES, "the indices", err)) != FS_OK ||
        (status = picked_shape(s, &picked, err)) != FS_OK)
        return status;
    if (fs_shape_count(&picked) > 0) {
        const layout l = layout_of(p, s->in);
        if ((status = check_indices(&l, &s->in[INDICES], err)) != FS_OK)
            return status;
    }
    if (!p->scatter)
        return fs_op_output(s, 0, &picked, s->in[DATA].dtype, err);
    if ((status = fs_op_need(s, UPDATES, err)) != FS_OK)
        return status;
    char text[FS_SHAPE_TEXT];
    if (!fs_shape_equal(&s->in[UPDATES].shape, &picked) || s->in[UPDATES].dtype != s->in[DATA].dtype)
        return fs_fail(err, FS_ERROR_ARGUMENT, "the updates are not %s of the data's type",
                       fs_shape_text(&picked, text));
    return fs_op_infer_same(s, err);
}

/* ---- gathering ---- */

typedef struct job {
    layout l;
    const char *in;
    char *out;
    size_t size;
} job;

static void gather_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const size_t bytes = (size_t)j->l.run * j->size;
    for (int64_t i = first; i < last; i++)
        memcpy(j->out + (size_t)i * bytes, j->in + (size_t)place_of(&j->l, i) * j->size, bytes);
}

static bool is_empty(const fs_op_run *run, int input) {
    return fs_tensor_count(&run->in[input]) == 0;
}

static void gather_forward(const fs_op_run *run) {
    if (fs_tensor_count(&run->out[0]) == 0)
        return;
    job j = {layout_of(run->node->params, run->in), run->in[DATA].data, run->out[0].data,
             fs_dtype_size(run->out[0].dtype)};
    fs_span_for(run->pool, j.l.count, 1 + FS_SPAN_GRAIN / 4 / j.l.run, gather_span, &j);
}

/* A number may be picked several times, so the gradients are added one after the other. */
static void gather_backward(const fs_op_run *run) {
    fs_grad_clear_rest(run, 0);
    if (!run->in_grad[DATA] || !run->out_grad[0] || fs_tensor_count(&run->out[0]) == 0)
        return;
    const layout l = layout_of(run->node->params, run->in);
    for (int64_t i = 0; i < l.count; i++)
        fs_copy_f32(NULL, run->in_grad[DATA] + place_of(&l, i), run->out_grad[0] + i * l.run, l.run, true);
}

/* ---- scattering ---- */

/* In order: of several updates of one place the last counts. */
static void scatter_forward(const fs_op_run *run) {
    const params *p = run->node->params;
    const size_t size = fs_dtype_size(run->out[0].dtype);
    fs_copy_bytes(run->pool, run->out[0].data, run->in[DATA].data,
                  (size_t)fs_tensor_count(&run->out[0]) * size);
    if (is_empty(run, UPDATES))
        return;
    const layout l = layout_of(p, run->in);
    for (int64_t i = 0; i < l.count; i++) {
        const int64_t place = place_of(&l, i), from = i * l.run;
        if (!p->add)
            memcpy((char *)run->out[0].data + (size_t)place * size,
                   (const char *)run->in[UPDATES].data + (size_t)from * size, (size_t)l.run * size);
        else if (run->out[0].dtype == FS_F32)
            fs_copy_f32(NULL, fs_f32(&run->out[0]) + place, fs_f32(&run->in[UPDATES]) + from, l.run, true);
        else
            for (int64_t k = 0; k < l.run; k++)
                fs_i64(&run->out[0])[place + k] = (int64_t)((uint64_t)fs_i64(&run->out[0])[place + k] +
                                                            (uint64_t)fs_i64(&run->in[UPDATES])[from + k]);
    }
}

/* From the last update to the first, so that the one that counts claims its place. */
static void give_updates(const fs_op_run *run, const layout *l, uint8_t *claimed) {
    const params *p = run->node->params;
    float *d = run->in_grad[UPDATES];
    for (int64_t i = l->count - 1; i >= 0; i--) {
        const int64_t place = place_of(l, i);
        if (d && (p->add || !claimed[place / l->run]))
            fs_copy_f32(NULL, d + i * l->run, run->out_grad[0] + place, l->run, true);
        if (!p->add)
            claimed[place / l->run] = 1;
    }
}

static void scatter_backward(const fs_op_run *run) {
    const params *p = run->node->params;
    uint8_t *claimed = run->workspace;
    fs_grad_clear_rest(run, 0);
    if (!run->out_grad[0] || is_empty(run, DATA))
        return;
    layout l = {.run = 1};
    const int64_t count = fs_tensor_count(&run->in[DATA]);
    if (!is_empty(run, UPDATES))
        l = layout_of(p, run->in);
    if (!p->add)
        memset(claimed, 0, (size_t)(count / l.run));
    give_updates(run, &l, claimed);
    for (int64_t at = 0; at < count && run->in_grad[DATA]; at += l.run)
        if (p->add || !claimed[at / l.run])
            fs_copy_f32(NULL, run->in_grad[DATA] + at, run->out_grad[0] + at, l.run, true);
}

/* ---- planning ---- */

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    const params *p = setup->node->params;
    if (!fs_op_wants_gradient(setup))
        return FS_OK;
    setup->keep_in = fs_op_bit(INDICES);
    if (p->scatter && !p->add)
        setup->workspace_bytes = (size_t)fs_tensor_count(&setup->in[DATA]);
    return FS_OK;
}

static const fs_kernel gather_kernel = {
    .name = "plain",
    .accumulates = true,
    .prepare = prepare,
    .forward = gather_forward,
    .backward = gather_backward,
};
static const fs_kernel *const gather_kernels[] = {&gather_kernel, NULL};
static const fs_kernel scatter_kernel = {
    .name = "plain",
    .accumulates = true,
    .prepare = prepare,
    .forward = scatter_forward,
    .backward = scatter_backward,
};
static const fs_kernel *const scatter_kernels[] = {&scatter_kernel, NULL};

#define OPERATOR(NAME, TYPE, ROWS, SCATTER, KERNELS)                                                         \
    static fs_status NAME##_parse(const fs_graph *graph, const fs_node *node, const void **out,              \
                                  fs_error *err) {                                                           \
        return read_params(graph, node, (params){.rows = (ROWS), .scatter = (SCATTER)}, out, err);           \
    }                                                                                                        \
    const fs_operator fs_op_##NAME = {                                                                       \
        .type = TYPE,                                                                                        \
        .limits = (SCATTER) ? "the indices must be constant; `reduction` none or add"                        \
                            : "the indices must be constant",                                                \
        .min_inputs = (SCATTER) ? 3 : 2,                                                                     \
        .max_inputs = (SCATTER) ? 3 : 2,                                                                     \
        .parse = NAME##_parse,                                                                               \
        .infer = infer,                                                                                      \
        .kernels = KERNELS,                                                                                  \
    };

OPERATOR(gather_elements, "GatherElements", false, false, gather_kernels)
OPERATOR(gather_nd, "GatherND", true, false, gather_kernels)
OPERATOR(scatter, "Scatter", false, true, scatter_kernels)
OPERATOR(scatter_elements, "ScatterElements", false, true, scatter_kernels)
OPERATOR(scatter_nd, "ScatterND", true, true, scatter_kernels)
