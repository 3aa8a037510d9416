#include "engine/ops/relu.h"

#include <stdatomic.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

enum { WORD = FS_KEEP_WORD /* units of a mask word */, GRAIN = FS_SPAN_GRAIN / WORD };

typedef struct job {
    const float *in;
    float *out;
} job;

FS_SIMD
static void forward_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const float *restrict in = j->in;
    float *restrict out = j->out;
    /* Written so that NaN stays NaN: a diverged computation must not look healthy. */
    for (int64_t i = first; i < last; i++)
        out[i] = in[i] < 0 ? 0 : in[i];
}

/* ---- masks: spans of words, which do not cross from one item to the next ---- */

typedef struct mask_job {
    uint32_t *mask;
    const uint32_t *kept;
    const float *output, *out_grad;
    float *in_grad;
    fs_relu_items items;
    int64_t words; /* of an item */
    bool accumulate, guided;
    atomic_bool alive;
} mask_job;

/* Words [first, last) of one item: the word in the mask and the unit in the arrays where it begins. */
typedef struct stretch {
    int64_t word, unit;
    int64_t units; /* the last word may have fewer than WORD */
} stretch;

static int64_t words_of(int64_t per_item) {
    return (per_item + WORD - 1) / WORD;
}

fs_relu_items fs_relu_items_of(const fs_tensor *t) {
    const int64_t count = t->shape.rank ? t->shape.dim[0] : 1;
    const int64_t per_item = count > 0 ? fs_tensor_count(t) / count : 0;
    return (fs_relu_items){count, per_item, per_item, words_of(per_item)};
}

size_t fs_relu_mask_bytes(fs_relu_items items) {
    return (size_t)(items.count * items.words) * sizeof(uint32_t);
}

/* What of a span of words, counted through all items, is of the item it begins in. */
FS_INLINE stretch stretch_at(const mask_job *j, int64_t first, int64_t last) {
    const int64_t item = first / j->words, at = first % j->words;
    const int64_t end = last - item * j->words, units = end * WORD;
    return (stretch){item * j->items.words + at, item * j->items.stride + at * WORD,
                     (units < j->items.per_item ? units : j->items.per_item) - at * WORD};
}

static int64_t words_in(stretch r) {
    return words_of(r.units);
}

/* count is WORD but at the end of an item; the compiler sees both and makes vectors of the one. */
FS_INLINE uint32_t bits_of(const float *y, int count) {
    uint32_t bits = 0;
    for (int k = 0; k < count; k++)
        bits |= (uint32_t)(y[k] > 0) << k;
    return bits;
}

FS_SIMD
static void keep_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const mask_job *j = context;
    for (stretch r; first < last; first += words_in(r)) {
        r = stretch_at(j, first, last);
        const float *y = j->output + r.unit;
        uint32_t *mask = j->mask + r.word;
        int64_t at = 0;
        for (; at + WORD <= r.units; at += WORD)
            *mask++ = bits_of(y + at, WORD);
        if (at < r.units)
            *mask = bits_of(y + at, (int)(r.units - at));
    }
}

void fs_relu_keep(uint32_t *mask, const float *output, fs_relu_items items, fs_pool *pool) {
    mask_job j = {.mask = mask, .output = output, .items = items, .words = words_of(items.per_item)};
    if (items.count > 0 && items.per_item > 0)
        fs_span_for(pool, items.count * j.words, GRAIN, keep_span, &j);
}

/* g and d may be one and the same, element for element, so no restrict here. */
FS_INLINE void pass_word(float *d, const float *g, uint32_t bits, int count, bool add) {
    for (int k = 0; k < count; k++) {
        const float passed = (bits >> k & 1) ? g[k] : 0;
        d[k] = add ? d[k] + passed : passed;
    }
}

FS_SIMD
static void plain_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const mask_job *j = context;
    for (stretch r; first < last; first += words_in(r)) {
        r = stretch_at(j, first, last);
        const float *g = j->out_grad + r.unit;
        float *d = j->in_grad + r.unit;
        const uint32_t *kept = j->kept + r.word;
        int64_t at = 0;
        for (; at + WORD <= r.units && !j->accumulate; at += WORD)
            pass_word(d + at, g + at, *kept++, WORD, false);
        for (; at < r.units; at += WORD)
            pass_word(d + at, g + at, *kept++, r.units - at < WORD ? (int)(r.units - at) : WORD,
                      j->accumulate);
    }
}

/* Where the rule asks what the gradient wants: units that are on let pass what wants them higher (guided),
 * units that are off what would turn them on (redirected). */
FS_SIMD
static void wanted_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const mask_job *j = context;
    for (stretch r; first < last; first += words_in(r)) {
        r = stretch_at(j, first, last);
        for (int64_t at = 0; at < r.units; at += WORD) {
            const int count = r.units - at < WORD ? (int)(r.units - at) : WORD;
            const float *g = j->out_grad + r.unit + at;
            const uint32_t wanted = bits_of(g, count), on = j->kept[r.word + at / WORD];
            pass_word(j->in_grad + r.unit + at, g, wanted & (j->guided ? on : ~on), count, j->accumulate);
        }
    }
}

static bool any_alive(const float *g, uint32_t on, int count) {
    bool any = false;
    for (int k = 0; k < count; k++)
        any = any || ((on >> k & 1) && g[k] != 0);
    return any;
}

static void alive_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    mask_job *j = context;
    for (stretch r; first < last; first += words_in(r)) {
        r = stretch_at(j, first, last);
        for (int64_t at = 0; at < r.units; at += WORD) {
            if (atomic_load_explicit(&j->alive, memory_order_relaxed))
                return;
            const int count = r.units - at < WORD ? (int)(r.units - at) : WORD;
            if (any_alive(j->out_grad + r.unit + at, j->kept[r.word + at / WORD], count))
                atomic_store_explicit(&j->alive, true, memory_order_relaxed);
        }
    }
}

void fs_relu_backward(float *in_grad, const float *out_grad, const uint32_t *mask, fs_relu_items items,
                      bool accumulate, fs_relu_rule rule, fs_pool *pool) {
    if (items.count <= 0 || items.per_item <= 0)
        return;
    mask_job j = {.kept = mask,
                  .out_grad = out_grad,
                  .in_grad = in_grad,
                  .items = items,
                  .words = words_of(items.per_item),
                  .accumulate = accumulate,
                  .guided = rule == FS_RELU_GUIDED};
    if (rule != FS_RELU_REDIRECTED) {
        fs_span_for(pool, items.count * j.words, GRAIN, j.guided ? wanted_span : plain_span, &j);
        return;
    }
    for (int64_t n = 0; n < items.count; n++) {
        atomic_store(&j.alive, false);
        fs_span_for(pool, j.words, GRAIN, alive_span, &j);
        fs_span_for(pool, j.words, GRAIN, atomic_load(&j.alive) ? plain_span : wanted_span, &j);
        j.kept += items.words;
        j.out_grad += items.stride;
        j.in_grad += items.stride;
    }
}

/* ---- the operator ---- */

static void forward(const fs_op_run *run) {
    const fs_tensor *y = &run->out[0];
    job j = {fs_f32(&run->in[0]), fs_f32(y)};
    fs_span_for(run->pool, fs_tensor_count(y), FS_SPAN_GRAIN, forward_span, &j);
    if (run->want_grad[0])
        fs_relu_keep(run->saved, fs_f32(y), fs_relu_items_of(y), run->pool);
}

static void backward(const fs_op_run *run) {
    if (run->in_grad[0] && !fs_grad_nothing(run))
        fs_relu_backward(run->in_grad[0], run->out_grad[0], run->saved, fs_relu_items_of(&run->out[0]),
                         run->accumulate[0], run->relu_rule, run->pool);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (setup->want_grad[0])
        setup->saved_bytes = fs_relu_mask_bytes(fs_relu_items_of(&setup->out[0]));
    return FS_OK;
}

static const fs_kernel kernel = {
    .name = "plain",
    .accumulates = true,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
static const fs_kernel *const kernels[] = {&kernel, NULL};

const fs_operator fs_op_relu = {
    .type = "Relu",
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = fs_op_infer_same_f32,
    .kernels = kernels,
    .item_by_item = true,
};
