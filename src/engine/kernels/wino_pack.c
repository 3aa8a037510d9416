#include <string.h>

#include "engine/kernels/wino.h"

enum {
    TRANSFORMED_FLOATS = 192 * 1024, /* of a unit's source: most of the second-level cache */
    PRODUCT_FLOATS = 32 * 1024,      /* of a chunk of targets */
    MAX_WEIGHTS = 4 * 1024 * 1024,   /* floats; transformed weights are 36/9 of the plain ones or more */
    MAX_STAGING = 16 * 1024 * 1024   /* floats */
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
    int tiles = (w->axis[0].tiles - 1) * w->pitch + w->axis[1].tiles;
    return (tiles + w->ops->lanes - 1) / w->ops->lanes;
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

static void set_sizes(fs_wino *w) {
    const fs_wino_axis *y = &w->axis[0], *x = &w->axis[1];
    int lanes = w->ops->lanes, widest = FS_WINO_MAX_VECTORS;
    while (widest > 1 && (int64_t)FS_WINO_SQUARE * w->sources * widest * lanes > TRANSFORMED_FLOATS)
        widest--;
    w->max_vectors = widest;
    w->pitch = x->tiles + x->reach;
    int rows = (widest * lanes + w->pitch - 2) / w->pitch + 1;
    w->max_rows = rows < y->tiles ? rows : y->tiles;
    w->plane = (w->max_rows * w->pitch + (FS_WINO_MAX_VECTORS + 1) * lanes + 31) / 16 * 16;
    w->point = (ptrdiff_t)w->sources * widest * lanes + 16;
    int chunk = PRODUCT_FLOATS / (FS_WINO_SQUARE * widest * lanes * w->flat.micro->block);
    w->chunk = chunk < 1 ? 1 : chunk;
}

bool fs_wino_create(fs_wino *out, const fs_flat *flat, fs_isa isa) {
    const fs_flat_axis *y = &flat->axis[0], *x = &flat->axis[1];
    int sets = y->sets * x->sets, taps = y->reach + 1;
    *out = (fs_wino){.flat = *flat, .ops = fs_wino_ops_for(isa), .outputs = FS_WINO_POINTS + 1 - taps};
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
    if ((int64_t)y->count * x->count > INT32_MAX / 8 ||
        (int64_t)(y->source + 8) * (x->source + 8) > INT32_MAX / 8)
        return false;
    if (sets > 1 && (int64_t)out->targets * y->count * x->count > MAX_STAGING)
        return false;
    set_sizes(out);
    return true;
}

static size_t lines(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

static size_t padded_targets(const fs_wino *w) {
    int block = w->flat.micro->block, rest = w->targets % block;
    return (size_t)(w->targets - rest + w->flat.micro->size[rest]);
}

size_t fs_wino_packed_bytes(const fs_wino *w) {
    return lines(padded_targets(w) * (size_t)w->sources * FS_WINO_SQUARE * sizeof(float)) +
           lines((size_t)w->targets * sizeof(float)) +
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

/* u = G g G' for one source and target; `kernel` is their part of the weights, [kh][kw]. */
static void transform_kernel(const fs_wino *w, const int rows[], const int columns[], const float *kernel,
                             double u[FS_WINO_SQUARE]) {
    static const double scale[5] = {1 / 4.0, -1 / 6.0, -1 / 6.0, 1 / 24.0, 1 / 24.0},
                        base[5] = {0, 1, -1, 2, -2};
    int taps = FS_WINO_POINTS + 1 - w->outputs;
    double g[FS_WINO_POINTS][FS_WINO_POINTS] = {{0}};
    for (int p = 0; p < 5; p++)
        for (double k = 0, power = scale[p]; k < taps; k++, power *= base[p])
            g[p][(int)k] = power;
    g[5][taps - 1] = 1;
    for (int p = 0; p < FS_WINO_SQUARE; p++) {
        u[p] = 0;
        for (int i = 0; i < taps; i++)
            for (int j = 0; j < taps; j++)
                if (rows[i] >= 0 && columns[j] >= 0)
                    u[p] += g[p / FS_WINO_POINTS][i] * g[p % FS_WINO_POINTS][j] *
                            (double)kernel[rows[i] * w->flat.axis[1].kernel + columns[j]];
    }
}

static void pack_weights(const fs_wino *w, const float *weights) {
    const fs_flat *f = &w->flat;
    const fs_flat_axis *y = &f->axis[0], *x = &f->axis[1];
    int sets = y->sets * x->sets, phases = y->step * x->step, block = f->micro->block;
    memset(w->weights, 0, padded_targets(w) * (size_t)w->sources * FS_WINO_SQUARE * sizeof(float));
    for (int target = 0; target < w->targets; target++)
        for (int source = 0; source < w->sources; source++) {
            int set = target % sets, phase = source % phases, rows[FS_WINO_POINTS], columns[FS_WINO_POINTS];
            find_taps(w, 0, set / x->sets, phase / x->step, rows);
            find_taps(w, 1, set % x->sets, phase % x->step, columns);
            int from = source / phases, to = target / sets;
            size_t index = f->gradient ? (size_t)from * (size_t)f->target_channels + (size_t)to
                                       : (size_t)to * (size_t)f->channels + (size_t)from;
            double u[FS_WINO_SQUARE];
            transform_kernel(w, rows, columns, weights + index * (size_t)(y->kernel * x->kernel), u);
            int number = target / block, size = f->micro->size[fs_wino_block_size(w, number)];
            float *out = w->weights + (size_t)number * (size_t)block * (size_t)w->sources * FS_WINO_SQUARE +
                         source * size + target % block;
            for (int p = 0; p < FS_WINO_SQUARE; p++)
                out[p * w->sources * size] = (float)u[p];
        }
}

/* Pixel j of a tile's row in phase px is `j * phases + px` source columns from the tile's first. */
static void fill_offsets(const fs_wino *w) {
    const fs_wino_axis *x = &w->axis[1];
    for (int px = 0; px < x->phases; px++)
        for (int j = 0; j < FS_WINO_POINTS; j++) {
            int column = j * x->phases + px;
            w->tile_offset[px * FS_WINO_POINTS + j] = column % x->step * w->plane + column / x->step;
        }
}

void fs_wino_pack(fs_wino *w, const float *weights, const float *bias, void *memory) {
    char *next = memory;
    w->weights = (float *)next;
    next += lines(padded_targets(w) * (size_t)w->sources * FS_WINO_SQUARE * sizeof(float));
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
