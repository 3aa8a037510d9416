#include "engine/ops/walk.h"

#include <string.h>

#include "engine/ops/common.h"

void fs_dense_strides(const fs_shape *shape, int64_t stride[FS_MAX_RANK]) {
    int64_t step = 1;
    for (int i = shape->rank - 1; i >= 0; i--) {
        stride[i] = step;
        step *= shape->dim[i];
    }
}

void fs_walk_begin(fs_walk *walk, const fs_shape *shape, int operands) {
    *walk = (fs_walk){.rank = shape->rank, .operands = operands};
    memcpy(walk->dim, shape->dim, sizeof walk->dim);
}

void fs_walk_broadcast(fs_walk *walk, int operand, const fs_shape *shape) {
    int64_t dense[FS_MAX_RANK];
    fs_dense_strides(shape, dense);
    const int shift = walk->rank - shape->rank;
    for (int i = 0; i < shape->rank; i++)
        walk->stride[operand][i + shift] = shape->dim[i] == 1 ? 0 : dense[i];
}

/* Whether dimension i+1 of every operand continues where dimension i steps. */
static bool continues(const fs_walk *w, int i) {
    for (int k = 0; k < w->operands; k++)
        if (w->stride[k][i] != w->stride[k][i + 1] * w->dim[i + 1])
            return false;
    return true;
}

static void move_dimension(fs_walk *w, int to, int from) {
    w->dim[to] = w->dim[from];
    for (int k = 0; k < w->operands; k++)
        w->stride[k][to] = w->stride[k][from];
}

/* Drops dimensions of one and merges neighbours; at least one dimension is left. */
static void collapse(fs_walk *w) {
    int kept = 0;
    for (int i = 0; i < w->rank; i++)
        if (w->dim[i] != 1)
            move_dimension(w, kept++, i);
    w->rank = kept;
    for (int i = w->rank - 2; i >= 0; i--) {
        if (!continues(w, i))
            continue;
        w->dim[i + 1] *= w->dim[i];
        for (int j = i; j + 1 < w->rank; j++)
            move_dimension(w, j, j + 1);
        w->rank--;
    }
    if (w->rank == 0) {
        w->rank = 1;
        w->dim[0] = 1;
    }
}

fs_pool *fs_walk_adding_pool(const fs_walk *walk, int operand, fs_pool *pool) {
    fs_walk w = *walk;
    collapse(&w);
    /* Long rows are cut into chunks, which then share a place that is summed over. */
    if (w.stride[operand][w.rank - 1] == 0 && w.dim[w.rank - 1] > FS_SPAN_GRAIN)
        return NULL;
    for (int i = 0; i + 1 < w.rank; i++)
        if (w.stride[operand][i] == 0)
            return NULL;
    return pool;
}

typedef struct job {
    fs_walk walk;
    fs_walk_body body;
    void *context;
    int64_t chunk, chunks; /* of a row */
} job;

static void pieces_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const fs_walk *w = &j->walk;
    const int inner = w->rank - 1;
    for (int64_t piece = first; piece < last; piece++) {
        const int64_t row = piece / j->chunks, begin = piece % j->chunks * j->chunk;
        const int64_t rest = w->dim[inner] - begin;
        fs_walk_row r = {.first = row * w->dim[inner] + begin, .length = rest < j->chunk ? rest : j->chunk};
        for (int k = 0; k < w->operands; k++) {
            r.step[k] = w->stride[k][inner];
            r.offset[k] = w->start[k] + begin * r.step[k];
        }
        int64_t index = row;
        for (int d = inner - 1; d >= 0; d--) {
            const int64_t at = index % w->dim[d];
            index /= w->dim[d];
            for (int k = 0; k < w->operands; k++)
                r.offset[k] += at * w->stride[k][d];
        }
        j->body(j->context, &r);
    }
}

void fs_walk_run(const fs_walk *walk, fs_pool *pool, fs_walk_body body, void *context) {
    job j = {.walk = *walk, .body = body, .context = context};
    fs_walk *w = &j.walk;
    for (int i = 0; i < w->rank; i++)
        if (w->dim[i] == 0)
            return;
    collapse(w);
    const int64_t length = w->dim[w->rank - 1];
    int64_t rows = 1;
    for (int i = 0; i + 1 < w->rank; i++)
        rows *= w->dim[i];
    j.chunk = length < FS_SPAN_GRAIN ? length : FS_SPAN_GRAIN;
    j.chunks = (length + j.chunk - 1) / j.chunk;
    fs_span_for(pool, rows * j.chunks, 1 + FS_SPAN_GRAIN / j.chunk, pieces_span, &j);
}

typedef struct move_job {
    void *dst;
    const void *src;
    size_t size;
    bool add;
} move_job;

static void copy_row(void *context, const fs_walk_row *r) {
    const move_job *j = context;
    const int64_t step = r->step[0];
    if (step == 1) {
        memcpy((char *)j->dst + (size_t)r->first * j->size,
               (const char *)j->src + r->offset[0] * (int64_t)j->size, (size_t)r->length * j->size);
    } else if (j->size == sizeof(uint32_t)) {
        uint32_t *restrict dst = (uint32_t *)j->dst + r->first;
        const uint32_t *restrict src = (const uint32_t *)j->src + r->offset[0];
        for (int64_t i = 0; i < r->length; i++)
            dst[i] = src[i * step];
    } else {
        uint64_t *restrict dst = (uint64_t *)j->dst + r->first;
        const uint64_t *restrict src = (const uint64_t *)j->src + r->offset[0];
        for (int64_t i = 0; i < r->length; i++)
            dst[i] = src[i * step];
    }
}

void fs_walk_copy(const fs_walk *walk, fs_pool *pool, void *dst, const void *src, size_t size) {
    move_job j = {dst, src, size, false};
    fs_walk_run(walk, pool, copy_row, &j);
}

static void pull_row(void *context, const fs_walk_row *r) {
    const move_job *j = context;
    const int64_t step = r->step[0];
    float *restrict dst = (float *)j->dst + r->first;
    const float *restrict src = (const float *)j->src + r->offset[0];
    for (int64_t i = 0; i < r->length; i++)
        dst[i] = j->add ? dst[i] + src[i * step] : src[i * step];
}

void fs_walk_pull(const fs_walk *walk, fs_pool *pool, float *dst, const float *src, bool add) {
    move_job j = {dst, src, sizeof(float), add};
    fs_walk_run(walk, pool, pull_row, &j);
}

static void push_row(void *context, const fs_walk_row *r) {
    const move_job *j = context;
    const int64_t step = r->step[0];
    float *dst = (float *)j->dst + r->offset[0];
    const float *src = (const float *)j->src + r->first;
    if (step == 0) {
        dst[0] += (float)fs_sum_f32(src, r->length);
        return;
    }
    for (int64_t i = 0; i < r->length; i++)
        dst[i * step] += src[i];
}

void fs_walk_push(const fs_walk *walk, fs_pool *pool, float *dst, const float *src) {
    move_job j = {dst, (const void *)src, sizeof(float), true};
    fs_walk_run(walk, fs_walk_adding_pool(walk, 0, pool), push_row, &j);
}
