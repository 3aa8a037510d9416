#include "engine/kernels/wino.h"

#include <string.h>

typedef struct job {
    const fs_wino *wino;
    const fs_flat_run *run;
    float *staging; /* [images][targets][rows][columns]: sets wait here to be interleaved; else NULL */
    float *scratch; /* [threads] */
    float *target;  /* the run's or staging: [images][targets][rows][columns] */
    ptrdiff_t source_stride, target_stride; /* floats from image to image */
} job;

/* A unit of work and its places in the scratch memory. */
typedef struct unit {
    const job *job;
    int first, vectors; /* vectors of tiles */
    int first_block, last_block;
    float *panel, *transformed, *product;
    float *weights; /* late: a block's, transformed */
} unit;

static size_t panel_floats(const fs_wino *w) {
    return (size_t)(FS_WINO_POINTS * w->columns) * (size_t)w->plane;
}

static size_t transformed_floats(const fs_wino *w) {
    return FS_WINO_SQUARE * (size_t)w->point;
}

static size_t product_floats(const fs_wino *w) {
    return (size_t)(w->chunk * w->flat.micro->block * w->max_vectors * w->ops->lanes) * FS_WINO_SQUARE;
}

static size_t late_floats(const fs_wino *w) {
    return w->late ? FS_WINO_SQUARE * (size_t)fs_wino_row(w, w->flat.micro->block) : 0;
}

size_t fs_wino_scratch(const fs_wino *w) {
    return panel_floats(w) + transformed_floats(w) + product_floats(w) + late_floats(w);
}

static size_t staging_floats(const fs_wino *w) {
    const fs_flat_axis *y = &w->flat.axis[0], *x = &w->flat.axis[1];
    if (y->sets * x->sets == 1)
        return 0;
    return ((size_t)w->targets * (size_t)y->count * (size_t)x->count + 15) / 16 * 16;
}

size_t fs_wino_workspace(const fs_wino *w, int threads) {
    return (size_t)threads * fs_wino_scratch(w) + (size_t)w->images * staging_floats(w);
}

/* The tiles of a unit as rows [row, row + rows) of tiles, counted through all images; the first starts at
 * column `begin`, the last ends at `end`. */
typedef struct extent {
    int row, rows, begin, end;
} extent;

static extent tile_extent(const unit *u) {
    const fs_wino *w = u->job->wino;
    int first = u->first * w->ops->lanes, last = first + u->vectors * w->ops->lanes - 1;
    int last_tile = (w->images * w->axis[0].tiles - 1) * w->pitch + w->axis[1].tiles - 1;
    last = last < last_tile ? last : last_tile;
    return (extent){first / w->pitch, last / w->pitch - first / w->pitch + 1, first % w->pitch,
                    last % w->pitch + 1};
}

/* The columns of tiles that the unit looks at in its row number `row` of tiles. */
static fs_wino_span find_columns(const fs_wino *w, const extent *e, int row) {
    const fs_flat_axis *fx = &w->flat.axis[1];
    int all = w->axis[1].tiles + w->axis[1].reach;
    if (w->pitch < all) /* the whole row is one vector, which the next row's overwrites from its end on */
        return (fs_wino_span){0, all, fx->origin, fx->origin + fx->source};
    int end = (row == e->rows - 1 ? e->end : w->axis[1].tiles) + w->axis[1].reach;
    return (fs_wino_span){row == 0 ? e->begin : 0, end < all ? end : all, fx->origin,
                          fx->origin + fx->source};
}

/* The six source rows of a row of tiles, NULL outside the source; index 0 is the first padded column. */
static void find_rows(const fs_wino *w, const float *channel, int tile_row, int phase, const float *rows[]) {
    const fs_flat_axis *fy = &w->flat.axis[0], *fx = &w->flat.axis[1];
    for (int i = 0; i < FS_WINO_POINTS; i++) {
        int y = tile_row * w->axis[0].step + i * w->axis[0].phases + phase - fy->origin;
        rows[i] = y < 0 || y >= fy->source ? NULL : channel + (ptrdiff_t)y * fx->source - fx->origin;
    }
}

/* One channel, one phase of rows: the unit's rows of tiles, transformed down the columns. */
static void fill_panel(const unit *u, int channel, const extent *e, int phase) {
    const fs_wino *w = u->job->wino;
    int step = w->axis[1].step, tile_rows = w->axis[0].tiles;
    ptrdiff_t area = (ptrdiff_t)w->flat.axis[0].source * w->flat.axis[1].source;
    for (int row = 0; row < e->rows; row++) {
        const float *rows[FS_WINO_POINTS];
        fs_wino_span span = find_columns(w, e, row);
        int image = (e->row + row) / tile_rows, tile_row = (e->row + row) % tile_rows;
        find_rows(w, u->job->run->source + image * u->job->source_stride + channel * area, tile_row, phase,
                  rows);
        /* The next channel's rows are too far away for the processor to guess. The first of these rows are
         * also the last of the row of tiles above. */
        bool below = row > 0 && tile_row > 0;
        for (int i = below ? FS_WINO_POINTS - w->outputs : 0; i < FS_WINO_POINTS; i++)
            for (int x = span.first * step; x < span.last * step && rows[i] != NULL; x += 16)
                __builtin_prefetch(rows[i] + area + x);
        w->ops->input_rows(rows, &span, step, w->columns, u->panel + row * w->pitch, w->plane);
    }
}

static void transform_sources(const unit *u) {
    const fs_wino *w = u->job->wino;
    int width = w->max_vectors * w->ops->lanes;
    const fs_wino_axis *y = &w->axis[0], *x = &w->axis[1];
    extent e = tile_extent(u);
    float *out = u->transformed;
    for (int c = 0; c < w->flat.channels; c++)
        for (int py = 0; py < y->phases; py++) {
            fill_panel(u, c, &e, py);
            for (int px = 0; px < x->phases; px++, out += width)
                w->ops->input_columns(u->panel + e.begin, w->columns * w->plane,
                                      w->tile_offset + px * FS_WINO_POINTS, u->vectors, out, w->point);
        }
}

/* Where the pixels of the unit's tiles go: the same in every target's plane. */
static void find_pieces(const unit *u, fs_wino_piece *pieces, int16_t *first) {
    const fs_wino *w = u->job->wino;
    int lanes = w->ops->lanes, m = w->outputs, tile_rows = w->axis[0].tiles;
    int columns = w->flat.axis[1].count, height = w->flat.axis[0].count;
    int count = 0, last_row = -1;
    for (int v = 0; v < u->vectors * m; v++) {
        first[v] = (int16_t)count;
        for (int lane = 0; lane < lanes; lane++) {
            int pixel = (u->first * m + v) * lanes + lane, tile = pixel / m;
            int row = tile / w->pitch, column = tile % w->pitch * m + pixel % m;
            if (row >= w->images * tile_rows || column >= columns)
                continue;
            if (count == first[v] || row != last_row) {
                int y = row % tile_rows * m, rows = height - y;
                const ptrdiff_t at = (ptrdiff_t)y * columns + column - lane;
                const int image = row / tile_rows;
                pieces[count++] =
                    (fs_wino_piece){.rows = rows < m ? rows : m,
                                    .place = image * u->job->target_stride + at,
                                    .bit = image * u->job->run->keep.stride * FS_KEEP_WORD + at};
                last_row = row;
            }
            pieces[count - 1].mask |= 1u << lane;
        }
    }
    first[u->vectors * m] = (int16_t)count;
}

/* The products of blocks [begin, end), point by point: [target][36][tiles]. */
static void multiply(const unit *u, int begin, int end) {
    const fs_wino *w = u->job->wino;
    int width = w->max_vectors * w->ops->lanes, block_targets = w->flat.micro->block;
    ptrdiff_t stride = (ptrdiff_t)FS_WINO_SQUARE * width;
    for (int p = 0; p < FS_WINO_SQUARE; p++)
        for (int block = begin; block < end; block++) {
            int size = w->flat.micro->size[fs_wino_block_size(w, block)];
            const float *weights = w->weights +
                                   (ptrdiff_t)block * block_targets * w->sources * FS_WINO_SQUARE +
                                   (ptrdiff_t)p * w->sources * size;
            float *product = u->product + (ptrdiff_t)(block - begin) * block_targets * stride + p * width;
            w->ops->multiply[size][u->vectors](u->transformed + p * w->point, width, w->sources, weights,
                                               product, stride);
        }
}

/* The same from plain weights, block by block. */
static void multiply_late(const unit *u, int begin, int end) {
    const fs_wino *w = u->job->wino;
    int width = w->max_vectors * w->ops->lanes, block_targets = w->flat.micro->block;
    ptrdiff_t stride = (ptrdiff_t)FS_WINO_SQUARE * width,
              taps = FS_WINO_LATE_TAPS * fs_wino_row(w, block_targets);
    for (int block = begin; block < end; block++) {
        int size = w->flat.micro->size[fs_wino_block_size(w, block)];
        ptrdiff_t row = fs_wino_row(w, size);
        w->ops->weights(w->weights + block * taps, w->sources * size, row, u->weights);
        float *product = u->product + (ptrdiff_t)(block - begin) * block_targets * stride;
        for (int p = 0; p < FS_WINO_SQUARE; p++)
            w->ops->multiply[size][u->vectors](u->transformed + p * w->point, width, w->sources,
                                               u->weights + p * row, product + p * width, stride);
    }
}

static void make_targets(const unit *u) {
    const fs_wino *w = u->job->wino;
    const fs_flat_run *run = u->job->run;
    int block_targets = w->flat.micro->block, width = w->max_vectors * w->ops->lanes;
    ptrdiff_t area = (ptrdiff_t)w->flat.axis[0].count * w->flat.axis[1].count;
    fs_wino_piece pieces[FS_WINO_MAX_PIECES];
    int16_t first[FS_WINO_MAX_VECTORS * FS_WINO_MAX_OUTPUTS + 1];
    find_pieces(u, pieces, first);
    fs_wino_output out = {.stride = width,
                          .vectors = u->vectors,
                          .width = w->flat.axis[1].count,
                          .relu = run->relu,
                          .accumulate = run->accumulate && u->job->staging == NULL,
                          .keep = u->job->staging == NULL ? run->keep.words : NULL,
                          .pieces = pieces,
                          .first = first};
    for (int begin = u->first_block; begin < u->last_block; begin += w->chunk) {
        int end = begin + w->chunk < u->last_block ? begin + w->chunk : u->last_block;
        if (w->late)
            multiply_late(u, begin, end);
        else
            multiply(u, begin, end);
        int last = end * block_targets < w->targets ? end * block_targets : w->targets;
        for (int target = begin * block_targets; target < last; target++) {
            out.product = u->product + (ptrdiff_t)(target - begin * block_targets) * FS_WINO_SQUARE * width;
            out.plane = u->job->target + target * area;
            out.keep_at = target * area;
            out.bias = w->bias == NULL ? 0 : w->bias[target];
            w->ops->output[w->outputs](&out);
        }
    }
}

static void run_unit(const job *j, int index, float *scratch) {
    const fs_wino *w = j->wino;
    int group = index % w->groups, part = index / w->groups;
    int blocks = fs_wino_blocks(w), vectors = fs_wino_vectors(w);
    /* The larger ones come first: then the end is even. */
    int least = vectors / w->units, larger = vectors % w->units;
    unit u = {.job = j,
              .first = part * least + (part < larger ? part : larger),
              .vectors = least + (part < larger),
              .first_block = (int)((int64_t)blocks * group / w->groups),
              .last_block = (int)((int64_t)blocks * (group + 1) / w->groups)};
    u.panel = scratch;
    u.transformed = u.panel + panel_floats(w);
    u.product = u.transformed + transformed_floats(w);
    u.weights = u.product + product_floats(w);
    transform_sources(&u);
    make_targets(&u);
}

static void run_units(void *context, int first, int last, int thread) {
    const job *j = context;
    float *scratch = j->scratch + (size_t)thread * fs_wino_scratch(j->wino);
    for (int index = first; index < last; index++)
        run_unit(j, index, scratch);
}

/* One target channel of one image from its sets. */
static void interleave(void *context, int first, int last, int thread) {
    (void)thread;
    const job *j = context;
    const fs_flat *flat = &j->wino->flat;
    const fs_flat_axis *y = &flat->axis[0], *x = &flat->axis[1];
    ptrdiff_t plane = (ptrdiff_t)y->count * x->count;
    for (int channel = first; channel < last; channel++)
        fs_flat_interleave(flat, j->staging + (ptrdiff_t)channel * y->sets * x->sets * plane, plane, 0,
                           y->count, j->run->accumulate,
                           j->run->target + (ptrdiff_t)channel * y->target * x->target);
}

void fs_wino_execute(const fs_wino *w, const fs_flat_run *run) {
    const fs_flat_axis *y = &w->flat.axis[0], *x = &w->flat.axis[1];
    ptrdiff_t targets = (ptrdiff_t)w->targets * y->count * x->count;
    job j = {.wino = w,
             .run = run,
             .scratch = run->workspace,
             .target = run->target,
             .source_stride =
                 fs_flat_image(run->source_stride, (ptrdiff_t)w->flat.channels * y->source * x->source, 1),
             .target_stride = fs_flat_image(run->target_stride, targets, 1)};
    if (staging_floats(w) > 0) {
        j.target = j.staging = run->workspace + (size_t)fs_pool_threads(run->pool) * fs_wino_scratch(w);
        j.target_stride = targets;
    }
    fs_pool_for(run->pool, w->units * w->groups, 1, run_units, &j);
    if (j.staging != NULL)
        fs_pool_for(run->pool, w->images * w->flat.target_channels, 1, interleave, &j);
}
