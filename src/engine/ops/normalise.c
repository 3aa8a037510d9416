/* LayerNormalization, InstanceNormalization, GroupNormalization: y = (x - m) r scale + shift, with the mean m
 * and r = 1/sqrt(variance + epsilon) of the group of numbers x belongs to. They differ in what a group is and
 * in which scale a number of it gets:
 *     Layer     from axis on; a scale for each place
 *     Instance  a channel of an image; a scale for the channel
 *     Group     several channels of an image; a scale for each channel (since opset 21) or group (18)
 *
 * Backward, with a = g scale, h = (x - m) r and means over the group's L numbers:
 *     dx = r (a - mean(a) - h mean(a h)) + dm/L - dr r^2 h/L,  dscale = sum of g h,  dshift = sum of g
 * where dm and dr are the gradients of LayerNormalization's second and third output. */
#include <math.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

typedef enum kind { LAYER, INSTANCE, GROUP } kind;
enum { X, SCALE, SHIFT };

typedef struct params {
    kind kind;
    float epsilon;
    int64_t axis;   /* LAYER */
    int64_t groups; /* GROUP */
    bool per_channel;
} params;

static fs_status read_params(const fs_graph *graph, const fs_node *node, kind k, const void **out,
                             fs_error *err) {
    void *block;
    int64_t stash;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    p->kind = k;
    p->epsilon = fs_node_float(node, "epsilon", 1e-5f);
    p->per_channel = graph->opset >= 21;
    if ((status = fs_op_int(node, "axis", -1, -FS_MAX_RANK, FS_MAX_RANK, &p->axis, err)) != FS_OK ||
        (status = fs_op_int(node, "num_groups", 0, 1, INT32_MAX, &p->groups, err)) != FS_OK ||
        (status = fs_op_int(node, "stash_type", 1, 1, 1, &stash, err)) != FS_OK)
        return status;
    if (k == GROUP && p->groups == 0)
        return fs_fail(err, FS_ERROR_FORMAT, "attribute 'num_groups' is missing");
    *out = p;
    return FS_OK;
}

static fs_status parse_layer(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    return read_params(graph, node, LAYER, out, err);
}

static fs_status parse_instance(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    return read_params(graph, node, INSTANCE, out, err);
}

static fs_status parse_group(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    return read_params(graph, node, GROUP, out, err);
}

/* A group is `rows` rows of `run` numbers. Scales belong to places of a row, or to whole rows: row i of group
 * g has number (g % sets) * scales + i, or with one scale for a group g % sets. */
typedef struct layout {
    int64_t groups, rows, run;
    int64_t sets, scales;
    bool by_place;
} layout;

static layout layout_of(const params *p, const fs_shape *x) {
    if (p->kind == LAYER) {
        int axis = 0;
        (void)fs_axis_normalise(p->axis, x->rank, &axis);
        return (layout){.groups = fs_shape_span(x, 0, axis),
                        .rows = 1,
                        .run = fs_shape_span(x, axis, x->rank),
                        .sets = 1,
                        .scales = fs_shape_span(x, axis, x->rank),
                        .by_place = true};
    }
    const int64_t sets = p->kind == INSTANCE ? x->dim[1] : p->groups, rows = x->dim[1] / (sets ? sets : 1);
    return (layout){.groups = x->dim[0] * sets,
                    .rows = rows,
                    .run = fs_shape_span(x, 2, x->rank),
                    .sets = sets,
                    .scales = p->per_channel ? rows : 1};
}

static fs_status check_scales(const fs_op_shapes *s, const layout *l, fs_error *err) {
    for (int i = SCALE; i <= SHIFT; i++) {
        if (i >= s->n_in || !s->present[i])
            continue;
        fs_status status = fs_op_need_f32(s, i, err);
        if (status != FS_OK)
            return status;
        if (fs_tensor_count(&s->in[i]) != l->sets * l->scales)
            return fs_fail(err, FS_ERROR_ARGUMENT, "input %d has %lld numbers, %lld are needed", i,
                           (long long)fs_tensor_count(&s->in[i]), (long long)(l->sets * l->scales));
    }
    return FS_OK;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    const bool layer = p->kind == LAYER;
    int axis = 1;
    fs_status status;
    if ((status = fs_op_need_f32(s, X, err)) != FS_OK ||
        (status = fs_op_need_rank(s, X, layer ? 1 : 2, FS_MAX_RANK, err)) != FS_OK ||
        (status = fs_op_need(s, SCALE, err)) != FS_OK || (!layer && (status = fs_op_need(s, SHIFT, err))) ||
        (layer && (status = fs_op_axis(p->axis, s->in[X].shape.rank, &axis, err)) != FS_OK))
        return status;
    const fs_shape *x = &s->in[X].shape;
    if (fs_shape_count(x) < 1)
        return fs_fail(err, FS_ERROR_ARGUMENT, "there is nothing to normalise in an empty input");
    if (p->kind == GROUP && x->dim[1] % p->groups != 0)
        return fs_fail(err, FS_ERROR_FORMAT, "%lld channels do not divide into %lld groups",
                       (long long)x->dim[1], (long long)p->groups);
    const layout l = layout_of(p, x);
    if ((status = check_scales(s, &l, err)) != FS_OK)
        return status;
    fs_shape statistics = *x;
    for (int i = axis; i < x->rank; i++)
        statistics.dim[i] = 1;
    if (s->n_out > (layer ? 3 : 1))
        return fs_fail(err, FS_ERROR_FORMAT, "%d outputs are too many", s->n_out);
    for (int i = 1; i < s->n_out; i++)
        if ((status = fs_op_output(s, i, &statistics, FS_F32, err)) != FS_OK)
            return status;
    return fs_op_infer_same_f32(s, err);
}

/* ---- running ---- */

typedef struct statistics {
    float mean, r;
} statistics;

typedef struct job {
    const fs_op_run *run;
    layout l;
    float epsilon;
    statistics *saved; /* NULL: forward only */
} job;

static job job_of(const fs_op_run *run) {
    const params *p = run->node->params;
    return (job){run, layout_of(p, &run->in[X].shape), p->epsilon, run->saved};
}

static const float *input(const fs_op_run *run, int i) {
    return i < run->n_in && run->present[i] ? fs_f32(&run->in[i]) : NULL;
}

static int64_t scale_index(const layout *l, int64_t group, int64_t row) {
    return l->by_place ? 0 : group % l->sets * l->scales + (l->scales > 1 ? row : 0);
}

/* Lanes let the compiler use vectors; blocks end in doubles, so that long rows lose nothing. */
enum { LANES = 16, BLOCK = 1024 };

/* The sum of (x - mean)^2. */
FS_SIMD
static double squares_about(const float *x, int64_t count, float mean) {
    double total = 0;
    for (int64_t start = 0; start < count; start += BLOCK) {
        const int64_t n = count - start < BLOCK ? count - start : BLOCK;
        float lane[LANES] = {0};
        int64_t i = 0;
        for (; i + LANES <= n; i += LANES)
            for (int k = 0; k < LANES; k++) {
                const float d = x[start + i + k] - mean;
                lane[k] += d * d;
            }
        for (; i < n; i++)
            lane[0] += (x[start + i] - mean) * (x[start + i] - mean);
        for (int k = 0; k < LANES; k++)
            total += (double)lane[k];
    }
    return total;
}

/* The sums of a and a (x - mean), a = g times a scale for each place, or g. */
FS_SIMD
static void products_about(const float *x, const float *g, const float *scale, int64_t count, float mean,
                           double *sum, double *product) {
    for (int64_t start = 0; start < count; start += BLOCK) {
        const int64_t n = count - start < BLOCK ? count - start : BLOCK;
        float lane[LANES] = {0}, other[LANES] = {0};
        int64_t i = start;
        for (; i + LANES <= start + n; i += LANES)
            for (int k = 0; k < LANES; k++) {
                const float a = scale ? g[i + k] * scale[i + k] : g[i + k];
                lane[k] += a;
                other[k] += a * (x[i + k] - mean);
            }
        for (; i < start + n; i++) {
            const float a = scale ? g[i] * scale[i] : g[i];
            lane[0] += a;
            other[0] += a * (x[i] - mean);
        }
        for (int k = 0; k < LANES; k++) {
            *sum += (double)lane[k];
            *product += (double)other[k];
        }
    }
}

static statistics measure(const job *j, const float *x) {
    const int64_t length = j->l.rows * j->l.run;
    const float mean = (float)(fs_sum_f32(x, length) / (double)length);
    const double variance = squares_about(x, length, mean) / (double)length;
    return (statistics){mean, (float)(1 / sqrt(variance + (double)j->epsilon))};
}

FS_SIMD
static void place_row(float *restrict y, const float *restrict x, const float *restrict scale,
                      const float *restrict shift, int64_t n, statistics s) {
    if (shift)
        for (int64_t i = 0; i < n; i++)
            y[i] = (x[i] - s.mean) * s.r * scale[i] + shift[i];
    else
        for (int64_t i = 0; i < n; i++)
            y[i] = (x[i] - s.mean) * s.r * scale[i];
}

FS_SIMD
static void whole_row(float *restrict y, const float *restrict x, float mean, float gain, float shift,
                      int64_t n) {
    for (int64_t i = 0; i < n; i++)
        y[i] = (x[i] - mean) * gain + shift;
}

static void forward_groups(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const layout *l = &j->l;
    const fs_op_run *run = j->run;
    const float *scale = input(run, SCALE), *shift = input(run, SHIFT);
    for (int64_t group = first; group < last; group++) {
        const float *x = fs_f32(&run->in[X]) + group * l->rows * l->run;
        float *y = fs_f32(&run->out[0]) + group * l->rows * l->run;
        const statistics s = measure(j, x);
        if (j->saved)
            j->saved[group] = s;
        if (run->n_out > 1 && run->out[1].data)
            fs_f32(&run->out[1])[group] = s.mean;
        if (run->n_out > 2 && run->out[2].data)
            fs_f32(&run->out[2])[group] = s.r;
        for (int64_t row = 0; row < l->rows; row++, x += l->run, y += l->run) {
            const int64_t k = scale_index(l, group, row);
            if (l->by_place)
                place_row(y, x, scale, shift, l->run, s);
            else
                whole_row(y, x, s.mean, s.r * scale[k], shift ? shift[k] : 0, l->run);
        }
    }
}

static int64_t grain_of(const layout *l) {
    return 1 + FS_SPAN_GRAIN / 2 / (l->rows * l->run);
}

static void forward(const fs_op_run *run) {
    job j = job_of(run);
    bool wanted = false;
    for (int i = 0; i < run->n_in; i++)
        wanted = wanted || run->want_grad[i];
    j.saved = wanted ? run->saved : NULL;
    fs_span_for(run->pool, j.l.groups, grain_of(&j.l), forward_groups, &j);
}

/* dx = gain a + slope (x - mean) + offset, where a is g, or g times the scale of its place. */
FS_SIMD
static void gradient_row(float *restrict d, const float *restrict x, const float *restrict g,
                         const float *restrict scale, int64_t n, float mean, float gain, float slope,
                         float offset, bool accumulate) {
    for (int64_t i = 0; i < n; i++) {
        const float a = scale ? g[i] * scale[i] : g[i];
        const float v = gain * a + slope * (x[i] - mean) + offset;
        d[i] = accumulate ? d[i] + v : v;
    }
}

/* The coefficients of gradient_row for a group: slope and offset. g is NULL where only statistics have
 * gradients. */
static void measure_gradient(const job *j, int64_t group, const float *x, const float *g, float *slope,
                             float *offset) {
    const layout *l = &j->l;
    const fs_op_run *run = j->run;
    const statistics s = j->saved[group];
    const float *scale = input(run, SCALE);
    const double length = (double)(l->rows * l->run), r = (double)s.r;
    double sum = 0, product = 0;
    for (int64_t row = 0; row < l->rows && g; row++) {
        double row_sum = 0, row_product = 0;
        products_about(x + row * l->run, g + row * l->run, l->by_place ? scale : NULL, l->run, s.mean,
                       &row_sum, &row_product);
        const double k = l->by_place ? 1 : (double)scale[scale_index(l, group, row)];
        sum += k * row_sum;
        product += k * row_product;
    }
    if (run->n_out > 2 && run->out_grad[2])
        product += (double)run->out_grad[2][group];
    if (run->n_out > 1 && run->out_grad[1])
        sum -= (double)run->out_grad[1][group] / r;
    *slope = (float)(-product * r * r * r / length);
    *offset = (float)(-sum * r / length);
}

static void input_groups(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const layout *l = &j->l;
    const fs_op_run *run = j->run;
    const float *scale = input(run, SCALE), *places = l->by_place ? scale : NULL;
    for (int64_t group = first; group < last; group++) {
        const statistics s = j->saved[group];
        const int64_t start = group * l->rows * l->run;
        const float *x = fs_f32(&run->in[X]) + start, *g = run->out_grad[0] ? run->out_grad[0] + start : NULL;
        float slope, offset;
        measure_gradient(j, group, x, g, &slope, &offset);
        for (int64_t row = 0; row < l->rows; row++) {
            const float gain = !g ? 0 : places ? s.r : s.r * scale[scale_index(l, group, row)];
            const int64_t at = row * l->run;
            gradient_row(run->in_grad[X] + start + at, x + at, g ? g + at : x + at, places, l->run, s.mean,
                         gain, slope, offset, run->accumulate[X]);
        }
    }
}

/* Scales of places [first, last): down the groups. */
FS_SIMD
static void place_columns(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const fs_op_run *run = j->run;
    float *restrict ds = run->in_grad[SCALE];
    float *restrict db = run->n_in > SHIFT ? run->in_grad[SHIFT] : NULL;
    for (int64_t group = 0; group < j->l.groups; group++) {
        const float *restrict g = run->out_grad[0] + group * j->l.run;
        const statistics s = j->saved[group];
        if (ds) {
            const float *restrict x = fs_f32(&run->in[X]) + group * j->l.run;
            for (int64_t i = first; i < last; i++)
                ds[i] += g[i] * (x[i] - s.mean) * s.r;
        }
        for (int64_t i = first; i < last && db; i++)
            db[i] += g[i];
    }
}

/* Scales of rows: scale number k belongs to the groups whose set it is in. */
static void row_scales(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const layout *l = &j->l;
    const fs_op_run *run = j->run;
    for (int64_t k = first; k < last; k++) {
        double shift = 0, scale = 0;
        for (int64_t group = k / l->scales; group < l->groups; group += l->sets)
            for (int64_t row = 0; row < l->rows; row++) {
                if (scale_index(l, group, row) != k)
                    continue;
                const int64_t at = (group * l->rows + row) * l->run;
                const statistics s = j->saved[group];
                double sum = 0, product = 0;
                products_about(fs_f32(&run->in[X]) + at, run->out_grad[0] + at, NULL, l->run, s.mean, &sum,
                               &product);
                shift += sum;
                scale += product * (double)s.r;
            }
        if (run->in_grad[SCALE])
            run->in_grad[SCALE][k] += (float)scale;
        if (run->n_in > SHIFT && run->in_grad[SHIFT])
            run->in_grad[SHIFT][k] += (float)shift;
    }
}

static void backward(const fs_op_run *run) {
    if (fs_grad_nothing(run))
        return;
    job j = job_of(run);
    if (run->in_grad[X])
        fs_span_for(run->pool, j.l.groups, grain_of(&j.l), input_groups, &j);
    fs_grad_clear_rest(run, SCALE);
    if (!run->out_grad[0] || (!run->in_grad[SCALE] && !(run->n_in > SHIFT && run->in_grad[SHIFT])))
        return;
    if (j.l.by_place)
        fs_span_for(run->pool, j.l.run, 1 + FS_SPAN_GRAIN / 2 / j.l.groups, place_columns, &j);
    else
        fs_span_for(run->pool, j.l.sets * j.l.scales, 1, row_scales, &j);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (!fs_op_wants_gradient(setup))
        return FS_OK;
    const layout l = layout_of(setup->node->params, &setup->in[X].shape);
    setup->keep_in = fs_op_bit(X) | (setup->want_grad[X] ? fs_op_bit(SCALE) : 0);
    setup->saved_bytes = (size_t)l.groups * sizeof(statistics);
    return FS_OK;
}

static const fs_kernel kernel = {
    .name = "rows",
    .accumulates = true,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
static const fs_kernel *const kernels[] = {&kernel, NULL};

#define OPERATOR(NAME, TYPE, LEAST, PARSE, LIMITS)                                                           \
    const fs_operator fs_op_##NAME = {                                                                       \
        .type = TYPE,                                                                                        \
        .limits = LIMITS,                                                                                    \
        .min_inputs = LEAST,                                                                                 \
        .max_inputs = 3,                                                                                     \
        .parse = PARSE,                                                                                      \
        .infer = infer,                                                                                      \
        .kernels = kernels,                                                                                  \
    };

OPERATOR(layer_norm, "LayerNormalization", 2, parse_layer, "a scale as large as what is normalised")
OPERATOR(instance_norm, "InstanceNormalization", 3, parse_instance, NULL)
OPERATOR(group_norm, "GroupNormalization", 3, parse_group, NULL)
