#include <string.h>

#include "engine/kernels/wino.h"
#include "engine/ops/common.h"

enum {
    TRANSFORMED_FLOATS = 224 * 1024, /* of a unit's source: most of the second-level cache */
    PRODUCT_FLOATS = 32 * 1024,      /* of a chunk of targets */
    MAX_WEIGHTS = 4 * 1024 * 1024,   /* floats; transformed weights are 36/9 of the plain ones or more */
    LATE_VECTORS = 6,              /* of tiles; with more the weights are transformed when they are packed */
    LATE_WEIGHTS = 640 * 1024,     /* floats; fewer are transformed late only for a single vector */
    LATE_WIDTH = 3,                /* of a kernel */
    MAX_STAGING = 16 * 1024 * 1024 /* floats */
};

int fs_wino_blocks(const fs_wino *w) {
    int block = w->flat.micro->block;
    return (w->targets + block - 1) / block;
}

int fs_wino_block_size(const fs_wino *w, int block) {
    int rest = w->targets - block * w->flat.micro->block;
    return rest < w->flat.micro->block ? rest : w->flat.micro->block;
}

int fs_wino_vectors(const fs_wino *w) {
    int tiles = (w->images * w->axis[0].tiles - 1) * w->pitch + w->axis[1].tiles;
    return (tiles + w->ops->lanes - 1) / w->ops->lanes;
}

/* Late: whole vectors, which the transform of a row may fill to their ends. */
ptrdiff_t fs_wino_row(const fs_wino *w, int size) {
    ptrdiff_t floats = (ptrdiff_t)w->sources * size;
    return w->late ? (floats + 15) / 16 * 16 : floats;
}

static int rows_of_weights(const fs_wino *w) {
    return w->late ? FS_WINO_LATE_TAPS : FS_WINO_SQUARE;
}

static bool set_axis(fs_wino *w, int i) {
    const fs_flat_axis *a = &w->flat.axis[i];
    int m = w->outputs;
    fs_wino_axis *t = &w->axis[i];
    t->phases = a->step;
    t->step = m * a->step;
    t->tiles = (a->count + m - 1) / m;
    t->reach = (FS_WINO_POINTS * a->step - 1) / t->step;
    return t->step <= 4 || t->step == 6 || t->step == FS_WINO_MAX_STEP;
}

/* Rows without a gap scatter their pixels over more pieces of the target: only where they save a good part of
 * the vectors. */
static void choose_pitch(fs_wino *w) {
    const fs_wino_axis *x = &w->axis[1];
    w->pitch = x->tiles;
    w->columns = FS_WINO_POINTS * x->phases;
    int gapless = fs_wino_vectors(w);
    if (x->tiles + x->reach <= w->ops->lanes) {
        w->pitch += x->reach;
        if (6 * gapless <= 5 * fs_wino_vectors(w)) {
            w->pitch = x->tiles;
            return;
        }
    }
    w->pitch = x->tiles + x->reach;
    w->columns = x->step;
}

static void set_sizes(fs_wino *w) {
    int lanes = w->ops->lanes, all_rows = w->images * w->axis[0].tiles, widest = FS_WINO_MAX_VECTORS;
    while (widest > 1 && (int64_t)FS_WINO_SQUARE * w->sources * widest * lanes > TRANSFORMED_FLOATS)
        widest--;
    w->max_vectors = widest;
    choose_pitch(w);
    int rows = (widest * lanes + w->pitch - 2) / w->pitch + 1;
    w->max_rows = rows < all_rows ? rows : all_rows;
    w->plane = (w->max_rows * w->pitch + (FS_WINO_MAX_VECTORS + 1) * lanes + 31) / 16 * 16;
    w->point = (ptrdiff_t)w->sources * widest * lanes + 16;
    int chunk = PRODUCT_FLOATS / (FS_WINO_SQUARE * widest * lanes * w->flat.micro->block);
    w->chunk = chunk < 1 ? 1 : chunk;
}

static bool is_late(const fs_wino *w, int sets) {
    int64_t weights = (int64_t)w->targets * w->sources * FS_WINO_SQUARE;
    int vectors = fs_wino_vectors(w);
    return FS_WINO_POINTS + 1 - w->outputs == LATE_WIDTH && w->sources == w->flat.channels && sets == 1 &&
           (vectors == 1 || (vectors <= LATE_VECTORS && weights > LATE_WEIGHTS));
}

bool fs_wino_create(fs_wino *out, const fs_flat *flat, int images, fs_isa isa) {
    const fs_flat_axis *y = &flat->axis[0], *x = &flat->axis[1];
    int sets = y->sets * x->sets, taps = y->reach + 1;
    *out = (fs_wino){
        .flat = *flat, .ops = fs_wino_ops_for(isa), .images = images, .outputs = FS_WINO_POINTS + 1 - taps};
    if (out->ops == NULL || out->ops->lanes != flat->micro->lanes || flat->direct || y->reach != x->reach ||
        out->outputs < FS_WINO_MIN_OUTPUTS || out->outputs > FS_WINO_MAX_OUTPUTS ||
        flat->micro->block % sets != 0)
        return false;
    if (!set_axis(out, 0) || !set_axis(out, 1) || y->planes != y->step || x->planes != x->step)
        return false;
    out->sources = flat->channels * y->step * x->step;
    out->targets = flat->target_channels * sets;
    if (((int64_t)out->targets + FS_MICRO_MAX_CHANNELS) * out->sources * FS_WINO_SQUARE > MAX_WEIGHTS)
        return false;
    if ((int64_t)images * (y->count + 8) * (x->count + 8) > INT32_MAX / 8 ||
        (int64_t)(y->source + 8) * (x->source + 8) > INT32_MAX / 8)
        return false;
    if (sets > 1 && (int64_t)out->targets * y->count * x->count > MAX_STAGING)
        return false;
    set_sizes(out);
    out->late = is_late(out, sets);
    return true;
}

static size_t lines(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

static size_t weight_floats(const fs_wino *w) {
    int block = w->flat.micro->block, rest = w->targets % block;
    ptrdiff_t all = w->targets / block * fs_wino_row(w, block) + fs_wino_row(w, w->flat.micro->size[rest]);
    return (size_t)(all * rows_of_weights(w));
}

size_t fs_wino_packed_bytes(const fs_wino *w) {
    return lines(weight_floats(w) * sizeof(float)) + lines((size_t)w->targets * sizeof(float)) +
           lines((size_t)(w->axis[1].phases * FS_WINO_POINTS) * sizeof(int32_t));
}

/* The taps that one set sees in one phase of an axis, by shift: the kernel position, or -1. */
static void find_taps(const fs_wino *w, int axis, int set, int phase, int taps[FS_WINO_POINTS]) {
    for (int i = 0; i < FS_WINO_POINTS; i++)
        taps[i] = -1;
    for (int k = 0; k < w->flat.axis[axis].kernel; k++) {
        fs_flat_tap tap = fs_flat_tap_at(&w->flat, axis, k);
        if (tap.set == set && tap.phase == phase)
            taps[tap.shift] = k;
    }
}

/* G: point a of a polynomial's coefficients, scaled so that B' has whole numbers; the last point is at
 * infinity. */
static void find_points(int taps, double g[FS_WINO_POINTS][FS_WINO_POINTS]) {
    static const double scale[FS_WINO_POINTS - 1] = {1 / 4.0, -1 / 6.0, -1 / 6.0, 1 / 24.0, 1 / 24.0};
    static const double at[FS_WINO_POINTS - 1] = {0, 1, -1, 2, -2};
    memset(g, 0, sizeof(double[FS_WINO_POINTS][FS_WINO_POINTS]));
    for (int p = 0; p < FS_WINO_POINTS - 1; p++) {
        double power = scale[p];
        for (int k = 0; k < taps; k++, power *= at[p])
            g[p][k] = power;
    }
    g[FS_WINO_POINTS - 1][taps - 1] = 1;
}

/* The part of the kernels that one set of targets sees in one phase of the sources. */
typedef struct view {
    const double (*g)[FS_WINO_POINTS];
    int taps, width;                                   /* of the window; of a row of the plain kernel */
    int rows[FS_WINO_POINTS], columns[FS_WINO_POINTS]; /* kernel positions by tap, -1 for none */
} view;

/* Numbers of the kernels of a block, side by side. */
typedef double of_block[FS_WINO_MAX_BLOCK];

/* u = G k G' */
FS_SIMD
static void transform_kernels(const view *v, const float *const kernels[FS_WINO_MAX_BLOCK],
                              of_block u[FS_WINO_SQUARE]) {
    of_block half[FS_WINO_POINTS][FS_WINO_POINTS] = {{{0}}};
    for (int i = 0; i < v->taps; i++)
        for (int j = 0; j < v->taps; j++) {
            if (v->rows[i] < 0 || v->columns[j] < 0)
                continue;
            of_block k;
            for (int n = 0; n < FS_WINO_MAX_BLOCK; n++)
                k[n] = (double)kernels[n][v->rows[i] * v->width + v->columns[j]];
            for (int p = 0; p < FS_WINO_POINTS; p++)
                for (int n = 0; n < FS_WINO_MAX_BLOCK; n++)
                    half[p][j][n] += v->g[p][i] * k[n];
        }
    for (int p = 0; p < FS_WINO_SQUARE; p++) {
        of_block sum = {0};
        for (int j = 0; j < v->taps; j++)
            for (int n = 0; n < FS_WINO_MAX_BLOCK; n++)
                sum[n] += half[p / FS_WINO_POINTS][j][n] * v->g[p % FS_WINO_POINTS][j];
        memcpy(u[p], sum, sizeof sum);
    }
}

/* Where the weights of a source and a target begin: those of point or tap p follow at p * row. */
static float *weight_place(const fs_wino *w, int source, int target, ptrdiff_t *row) {
    int block = w->flat.micro->block, number = target / block;
    int size = w->flat.micro->size[fs_wino_block_size(w, number)];
    *row = fs_wino_row(w, size);
    return w->weights + number * fs_wino_row(w, block) * rows_of_weights(w) + (ptrdiff_t)source * size +
           target % block;
}

static void copy_kernels(const view *v, const float *const kernels[FS_WINO_MAX_BLOCK],
                         of_block u[FS_WINO_SQUARE]) {
    for (int p = 0; p < FS_WINO_LATE_TAPS; p++) {
        int row = v->rows[p / LATE_WIDTH], column = v->columns[p % LATE_WIDTH];
        for (int n = 0; n < FS_WINO_MAX_BLOCK; n++)
            u[p][n] = row < 0 || column < 0 ? 0 : (double)kernels[n][row * v->width + column];
    }
}

static const float *kernel_at(const fs_flat *f, const float *weights, int from, int to) {
    size_t area = (size_t)f->axis[0].kernel * (size_t)f->axis[1].kernel;
    size_t index = f->gradient ? (size_t)from * (size_t)f->target_channels + (size_t)to
                               : (size_t)to * (size_t)f->channels + (size_t)from;
    return weights + index * area;
}

static void pack_view(const fs_wino *w, const view *v, int set, int phase, const float *weights) {
    const fs_flat *f = &w->flat;
    int sets = f->axis[0].sets * f->axis[1].sets, phases = f->axis[0].step * f->axis[1].step;
    int block = f->micro->block / sets; /* target channels whose sets are a block of targets */
    for (int to = 0; to < f->target_channels; to += block)
        for (int from = 0; from < f->channels; from++) {
            int count = f->target_channels - to < block ? f->target_channels - to : block;
            const float *kernels[FS_WINO_MAX_BLOCK];
            of_block u[FS_WINO_SQUARE];
            for (int n = 0; n < FS_WINO_MAX_BLOCK; n++)
                kernels[n] = kernel_at(f, weights, from, n < count ? to + n : to);
            (w->late ? copy_kernels : transform_kernels)(v, kernels, u);
            ptrdiff_t row;
            float *out = weight_place(w, from * phases + phase, to * sets + set, &row);
            for (int p = 0; p < rows_of_weights(w); p++)
                for (int n = 0; n < count; n++)
                    out[p * row + (ptrdiff_t)n * sets] = (float)u[p][n];
        }
}

static void pack_weights(const fs_wino *w, const float *weights) {
    const fs_flat_axis *y = &w->flat.axis[0], *x = &w->flat.axis[1];
    double g[FS_WINO_POINTS][FS_WINO_POINTS];
    view v = {
        .g = (const double(*)[FS_WINO_POINTS])g, .taps = FS_WINO_POINTS + 1 - w->outputs, .width = x->kernel};
    find_points(v.taps, g);
    memset(w->weights, 0, weight_floats(w) * sizeof(float));
    for (int set = 0; set < y->sets * x->sets; set++)
        for (int phase = 0; phase < y->step * x->step; phase++) {
            find_taps(w, 0, set / x->sets, phase / x->step, v.rows);
            find_taps(w, 1, set % x->sets, phase % x->step, v.columns);
            pack_view(w, &v, set, phase, weights);
        }
}

/* Pixel j of a tile's row in phase px is `j * phases + px` source columns from the tile's first. */
static void fill_offsets(const fs_wino *w) {
    const fs_wino_axis *x = &w->axis[1];
    for (int px = 0; px < x->phases; px++)
        for (int j = 0; j < FS_WINO_POINTS; j++) {
            int column = j * x->phases + px;
            w->tile_offset[px * FS_WINO_POINTS + j] = column % w->columns * w->plane + column / w->columns;
        }
}

void fs_wino_pack(fs_wino *w, const float *weights, const float *bias, void *memory) {
    char *next = memory;
    w->weights = (float *)next;
    next += lines(weight_floats(w) * sizeof(float));
    w->bias = NULL;
    if (bias != NULL) {
        w->bias = (float *)next;
        for (int target = 0; target < w->targets; target++)
            w->bias[target] = bias[target / (w->flat.axis[0].sets * w->flat.axis[1].sets)];
    }
    next += lines((size_t)w->targets * sizeof(float));
    w->tile_offset = (int32_t *)next;
    pack_weights(w, weights);
    fill_offsets(w);
}
