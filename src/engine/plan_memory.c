/* Memory of a plan. Time runs 0 .. n-1 forward over the n steps, at n the caller looks and gives gradients,
 * and n+1 .. 2n backward over the steps in reverse; at 2n+1 the caller looks again. Every buffer is alive
 * over an interval of it; buffers whose intervals do not meet may share a place. Places are given greedily,
 * largest buffer first, lowest free offset: within a few percent of the best for such graphs.
 *
 * With several groups of images (plan_groups.c) each group needs for itself what is alive when forward ends
 * and what the caller sees. Those are alive throughout the passes concerned, one group's behind the other's.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "engine/plan_internal.h"

/* Beyond this many buffers the quadratic search is not worth it and nothing is shared. */
enum { MAX_SHARED_BUFFERS = 8192 };

typedef struct buffer {
    size_t size, offset, step;
    int first, last;
    void **target; /* receives the address */
} buffer;

typedef struct layout {
    fs_plan *plan;
    buffer *buffers;
    int count, capacity;
    size_t total;
} layout;

static int end_time(const fs_plan *plan) {
    return 2 * plan->n_steps + 1;
}

static int backward_time(const fs_plan *plan, int step) {
    return 2 * plan->n_steps - step;
}

static size_t padded(size_t size) {
    return (size + FS_ALIGNMENT - 1) / FS_ALIGNMENT * FS_ALIGNMENT;
}

/* All groups' places, `step` apart. */
static void spread(const fs_plan *plan, buffer *b, size_t step) {
    const int middle = plan->n_steps;
    b->step = step;
    b->size = padded(step * (size_t)plan->groups) + FS_ALIGNMENT;
    b->first = b->first < middle ? 0 : middle;
    b->last = b->last <= middle ? middle : end_time(plan);
}

/* `seen` by the caller: the groups' parts make one tensor. */
static bool add_buffer(layout *l, size_t size, bool seen, int first, int last, void **target) {
    if (l->count == l->capacity) {
        int larger = l->capacity ? l->capacity * 2 : 256;
        buffer *grown =
            fs_realloc(l->buffers, (size_t)l->capacity * sizeof *grown, (size_t)larger * sizeof *grown);
        if (!grown)
            return false;
        l->buffers = grown;
        l->capacity = larger;
    }
    /* One line beyond the end: vector kernels may read, never write, past a row. */
    buffer *b = &l->buffers[l->count++];
    *b = (buffer){.size = padded(size) + FS_ALIGNMENT, .first = first, .last = last, .target = target};
    if (l->plan->groups > 1 && (seen || (first < l->plan->n_steps && last > l->plan->n_steps)))
        spread(l->plan, b, seen ? size : b->size);
    return true;
}

static size_t value_bytes(const plan_value *value) {
    return (size_t)fs_tensor_count(&value->tensor) * fs_dtype_size(value->tensor.dtype);
}

typedef struct lifetime {
    int first, last;           /* of the data */
    int grad_first, grad_last; /* of the gradient; first > last: none */
} lifetime;

static void extend(lifetime *l, int time) {
    l->last = time > l->last ? time : l->last;
}

static void touch_grad(lifetime *l, int time) {
    l->grad_first = time < l->grad_first ? time : l->grad_first;
    l->grad_last = time > l->grad_last ? time : l->grad_last;
}

static void live_through_step(const fs_plan *plan, int s, lifetime *life) {
    const plan_step *step = &plan->steps[s];
    int back = backward_time(plan, s);
    for (int i = 0; i < step->n_in; i++) {
        if (!step->present[i])
            continue;
        lifetime *l = &life[step->in[i]];
        extend(l, s);
        if (step->any_grad && (step->setup.keep_in >> i & 1))
            extend(l, back);
        if (step->want_grad[i])
            touch_grad(l, back);
    }
    for (int o = 0; o < step->n_out; o++) {
        if (step->out[o] == FS_NO_VALUE)
            continue;
        lifetime *l = &life[step->out[o]];
        l->first = s;
        extend(l, s);
        if (step->any_grad && (step->setup.keep_out >> o & 1))
            extend(l, back);
        if (step->any_grad)
            touch_grad(l, back);
    }
}

/* What holds others is alive as long as any of them. */
static void unite(lifetime *whole, const lifetime *part) {
    whole->first = part->first < whole->first ? part->first : whole->first;
    extend(whole, part->last);
    if (part->grad_last >= 0) {
        touch_grad(whole, part->grad_first);
        touch_grad(whole, part->grad_last);
    }
}

static void unite_places(const fs_plan *plan, lifetime *life) {
    for (int v = 0; v < plan->n_values; v++) {
        size_t offset;
        if (plan->values[v].is_inside)
            unite(&life[fs_plan_place(plan, v, &offset)], &life[v]);
    }
}

/* An output whose gradient is nothing but what the caller gives. */
static bool is_given(const fs_plan *plan, int output) {
    const int v = plan->outputs[output];
    const plan_value *value = &plan->values[v];
    for (int o = 0; o < output; o++)
        if (plan->outputs[o] == v)
            return false;
    return value->needs_grad && !value->users && !value->is_inside && v != plan->start;
}

static lifetime *find_lifetimes(fs_plan *plan) {
    lifetime *life = fs_plan_array(plan, plan->n_values, sizeof *life);
    if (!life)
        return NULL;
    int end = end_time(plan);
    for (int v = 0; v < plan->n_values; v++)
        life[v] = (lifetime){0, -1, end + 1, -1};
    for (int s = 0; s < plan->n_steps; s++)
        live_through_step(plan, s, life);
    for (int o = 0; o < plan->n_outputs; o++)
        extend(&life[plan->outputs[o]], plan->n_steps); /* the caller looks before backward */
    for (int o = 0; o < plan->n_outputs; o++)
        if (is_given(plan, o))
            touch_grad(&life[plan->outputs[o]], plan->n_steps);
    int input = plan->start;
    life[input].first = 0;
    extend(&life[input], end);
    if (plan->input_gradient)
        touch_grad(&life[input], end);
    unite_places(plan, life);
    return life;
}

static bool add_values(layout *l, const lifetime *life) {
    fs_plan *plan = l->plan;
    bool ok = true;
    for (int v = 0; v < plan->n_values; v++) {
        plan_value *value = &plan->values[v];
        if (life[v].last < life[v].first || value->constant || value->is_inside)
            continue;
        const bool seen = v == plan->start || value->requested;
        ok = ok && add_buffer(l, value_bytes(value), seen, life[v].first, life[v].last, &value->tensor.data);
        if (life[v].grad_last >= 0 && value->needs_grad)
            ok = ok && add_buffer(l, value_bytes(value), seen, life[v].grad_first, life[v].grad_last,
                                  (void **)&value->grad);
    }
    int end = end_time(plan);
    for (int o = 0; o < plan->n_outputs && ok; o++)
        ok = is_given(plan, o) || add_buffer(l, value_bytes(&plan->values[plan->outputs[o]]), true,
                                             plan->n_steps, end, (void **)&plan->seeds[o]);
    for (int w = 0; w < plan->n_weights; w++)
        ok = ok && add_buffer(l, value_bytes(&plan->values[plan->weights[w]]), false, 0, end,
                              (void **)&plan->weight_grads[w]);
    return ok;
}

/* Decides which step writes a gradient first and which add, and where a kernel that cannot add needs a
 * detour. */
static bool add_step_memory(layout *l, bool *written) {
    fs_plan *plan = l->plan;
    for (int s = plan->n_steps - 1; s >= 0; s--) {
        plan_step *step = &plan->steps[s];
        int back = backward_time(plan, s);
        if (step->setup.saved_bytes &&
            !add_buffer(l, step->setup.saved_bytes, false, s, back, &step->forward.saved))
            return false;
        for (int i = 0; i < step->n_in; i++) {
            if (!step->want_grad[i])
                continue;
            bool twice = false; /* the same value in two places of one node */
            for (int j = 0; j < i; j++)
                twice = twice || (step->want_grad[j] && step->in[j] == step->in[i]);
            step->accumulate[i] = written[step->in[i]];
            written[step->in[i]] = true;
            if (step->accumulate[i] && (twice || !step->kernel->accumulates) &&
                !add_buffer(l, value_bytes(&plan->values[step->in[i]]), false, back, back,
                            (void **)&step->scratch[i]))
                return false;
        }
    }
    return true;
}

/* One for all that lies in a value, from the first node that writes its part to the last one back. */
static bool add_masks(layout *l) {
    fs_plan *plan = l->plan;
    lifetime *life = fs_plan_array(plan, plan->n_values, sizeof *life);
    if (!life)
        return false;
    for (int s = plan->n_steps - 1; s >= 0; s--) {
        if (plan->steps[s].mask_value == FS_NO_VALUE)
            continue;
        lifetime *of = &life[plan->steps[s].mask_value];
        of->first = s;
        extend(of, backward_time(plan, s));
    }
    for (int v = 0; v < plan->n_values; v++) {
        plan_value *value = &plan->values[v];
        if (life[v].last && !add_buffer(l, fs_relu_mask_bytes(fs_relu_items_of(&value->tensor)), false,
                                        life[v].first, life[v].last, (void **)&value->mask))
            return false;
    }
    return true;
}

static int by_size(const void *a, const void *b) {
    const buffer *x = a, *y = b;
    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return (x->first > y->first) - (x->first < y->first);
}

static int by_offset(const void *a, const void *b) {
    const buffer *x = *(buffer *const *)a, *y = *(buffer *const *)b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* The lowest offset at which buffer b fits among those placed before it that are alive at the same time. */
static void place(layout *l, int index, buffer **alive) {
    buffer *b = &l->buffers[index];
    int n = 0;
    for (int i = 0; i < index; i++)
        if (l->buffers[i].first <= b->last && b->first <= l->buffers[i].last)
            alive[n++] = &l->buffers[i];
    qsort(alive, (size_t)n, sizeof *alive, by_offset);
    size_t offset = 0;
    for (int i = 0; i < n && offset + b->size > alive[i]->offset; i++)
        if (alive[i]->offset + alive[i]->size > offset)
            offset = alive[i]->offset + alive[i]->size;
    b->offset = offset;
    if (offset + b->size > l->total)
        l->total = offset + b->size;
}

static fs_status place_all(layout *l, fs_error *err) {
    size_t sum = 0;
    for (int i = 0; i < l->count; i++) {
        l->buffers[i].offset = sum;
        sum += l->buffers[i].size;
    }
    l->plan->info.unshared_bytes = sum;
    l->total = sum;
    if (l->count > MAX_SHARED_BUFFERS)
        return FS_OK;
    buffer **alive = fs_alloc_array((size_t)l->count + 1, sizeof *alive);
    if (!alive)
        return fs_fail_memory(err, "a plan");
    qsort(l->buffers, (size_t)l->count, sizeof *l->buffers, by_size);
    l->total = 0;
    for (int i = 0; i < l->count; i++)
        place(l, i, alive);
    fs_free(alive);
    return FS_OK;
}

static size_t machine_memory(void) {
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (size_t)pages * (size_t)size : SIZE_MAX;
}

static fs_status allocate(layout *l, fs_error *err) {
    fs_plan *plan = l->plan;
    size_t workspace = 0, packed = 0;
    for (int s = 0; s < plan->n_steps; s++) {
        const fs_op_setup *setup = &plan->steps[s].setup;
        workspace = setup->workspace_bytes > workspace ? setup->workspace_bytes : workspace;
        packed += padded(setup->packed_bytes);
    }
    size_t total = l->total + padded(workspace);
    if (total + packed > machine_memory())
        return fs_fail(err, FS_ERROR_LIMIT,
                       "this input size needs %.1f GB of memory, more than the machine has",
                       (double)(total + packed) / 1e9);
    plan->buffers = fs_calloc(1, total + FS_ALIGNMENT);
    plan->packed = fs_alloc(packed + FS_ALIGNMENT);
    if (!plan->buffers || !plan->packed)
        return fs_fail(err, FS_ERROR_MEMORY, "out of memory: this input size needs %.0f MB",
                       (double)(total + packed) / 1e6);
    uint8_t *next = plan->packed;
    for (int s = 0; s < plan->n_steps; s++) {
        plan->steps[s].forward.workspace = plan->buffers + l->total;
        plan->steps[s].forward.packed = next;
        next += padded(plan->steps[s].setup.packed_bytes);
    }
    plan->info.buffer_bytes = total;
    plan->info.packed_bytes = packed;
    return FS_OK;
}

static void place_insiders(fs_plan *plan) {
    for (int v = 0; v < plan->n_values; v++) {
        plan_value *value = &plan->values[v];
        size_t offset;
        const plan_value *whole = &plan->values[fs_plan_place(plan, v, &offset)];
        if (!value->is_inside)
            continue;
        value->tensor.data = (char *)whole->tensor.data + offset;
        if (value->needs_grad && whole->grad)
            value->grad = whole->grad + offset / sizeof(float);
    }
}

/* A gradient that a kernel cannot add itself goes to the scratch buffer. */
static void bind_inputs(const fs_plan *plan, plan_step *step) {
    for (int i = 0; i < step->n_in; i++) {
        if (!step->present[i])
            continue;
        const plan_value *value = &plan->values[step->in[i]];
        step->in_tensor[i] = step->kept_in[i] = value->tensor;
        if (!value->constant && !(step->setup.keep_in >> i & 1))
            step->kept_in[i].data = NULL;
        if (step->want_grad[i])
            step->in_grad[i] = step->scratch[i] ? step->scratch[i] : value->grad;
        if (step->scratch[i])
            step->accumulate[i] = false;
    }
}

static void bind_outputs(const fs_plan *plan, plan_step *step) {
    for (int o = 0; o < step->n_out; o++) {
        if (step->out[o] == FS_NO_VALUE)
            continue;
        const plan_value *value = &plan->values[step->out[o]];
        step->out_tensor[o] = step->kept_out[o] = value->tensor;
        if (!(step->setup.keep_out >> o & 1))
            step->kept_out[o].data = NULL;
        step->out_grad[o] = value->users || value->requested ? value->grad : NULL;
    }
}

static void bind_step(const fs_plan *plan, plan_step *step) {
    bind_inputs(plan, step);
    bind_outputs(plan, step);
    if (step->mask_value != FS_NO_VALUE) {
        size_t offset;
        (void)fs_plan_relu_items(plan, step, &offset);
        step->relu_mask = plan->values[step->mask_value].mask + offset;
    }
    fs_op_run *run = &step->forward;
    run->node = step->node;
    run->in = step->in_tensor;
    run->out = step->out_tensor;
    run->present = step->present;
    run->n_in = step->n_in;
    run->n_out = step->n_out;
    run->in_grad = step->in_grad;
    run->accumulate = step->accumulate;
    run->out_grad = step->out_grad;
    run->want_grad = step->want_grad;
    run->pool = plan->pool;
    run->fuse_relu = step->setup.fuse_relu;
    run->direct_sums = step->setup.direct_sums;
    run->out_stride = step->out_stride;
    step->backward = *run;
    step->backward.in = step->kept_in;
    step->backward.out = step->kept_out;
}

static fs_status keep_places(const layout *l, fs_error *err) {
    fs_plan *plan = l->plan;
    plan->places = fs_plan_array(plan, l->count, sizeof *plan->places);
    if (!plan->places)
        return fs_fail_memory(err, "a plan");
    plan->n_places = l->count;
    for (int i = 0; i < l->count; i++)
        plan->places[i] = (plan_place){l->buffers[i].target, l->buffers[i].offset, l->buffers[i].step};
    return FS_OK;
}

void fs_plan_bind(fs_plan *plan, int group) {
    for (int i = 0; i < plan->n_places; i++)
        *plan->places[i].target =
            plan->buffers + plan->places[i].offset + (size_t)group * plan->places[i].step;
    for (int o = 0; o < plan->n_outputs; o++)
        if (is_given(plan, o))
            plan->seeds[o] = plan->values[plan->outputs[o]].grad;
    place_insiders(plan);
    for (int w = 0; w < plan->n_weights; w++)
        plan->values[plan->weights[w]].grad = plan->weight_grads[w];
    for (int s = 0; s < plan->n_steps; s++)
        bind_step(plan, &plan->steps[s]);
}

fs_status fs_plan_layout(fs_plan *plan, fs_error *err) {
    layout l = {.plan = plan};
    const bool joined = plan->kernels != FS_KERNELS_FAST || fs_plan_join_concats(plan);
    lifetime *life = find_lifetimes(plan);
    bool *written = fs_plan_array(plan, plan->n_values, sizeof *written);
    fs_status status = FS_OK;
    if (!joined || !life || !written || !fs_plan_share_relus(plan) || !add_values(&l, life) ||
        !add_step_memory(&l, written) || !add_masks(&l))
        status = fs_fail_memory(err, "a plan");
    if (status == FS_OK)
        status = place_all(&l, err);
    if (status == FS_OK)
        status = allocate(&l, err);
    if (status == FS_OK)
        status = keep_places(&l, err);
    if (status == FS_OK)
        fs_plan_bind(plan, 0);
    fs_free(l.buffers);
    return status;
}
