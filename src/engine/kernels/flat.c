#include "engine/kernels/flat.h"

#include <string.h>

/* Weights of this many floats stay in the second-level cache while tiles pass by; with more, tiles pass by
 * for each block of channels. */
enum { RESIDENT_WEIGHTS = 64 * 1024 };

typedef struct job {
    const fs_flat *flat;
    const fs_flat_run *run;
    int blocks; /* of target channels */
} job;

/* A unit of work. */
typedef struct band {
    const job *job;
    const float *source;    /* the panel, or direct: the image at the band's first pixel */
    const float *plane_end; /* direct: where the first plane ends */
    float *scratch;         /* direct: for the end of a plane */
    float *target;          /* the image's first plane */
    int first, rows;
    int pixels; /* of the flat axis, garbage columns included */
    int first_block, last_block;
} band;

/* Where the valid lanes of each vector from pixel q on are and where they go (dense rows). */
static void place_lanes(const fs_flat *flat, int q, int end, int vectors, fs_micro_args *args) {
    int lanes = flat->micro->lanes, columns = flat->axis[1].count, pitch = flat->pitch;
    int row = q / pitch, column = q - row * pitch;
    for (int v = 0; v < vectors; v++, q += lanes) {
        int count = end - q < lanes ? end - q : lanes;
        int skip = column < columns ? 0 : pitch - column; /* starts among the garbage of its row */
        args->place[v] = row * columns + (column < columns ? column : columns);
        if (column + count <= columns || pitch == columns) {
            args->mask[v] = (1u << count) - 1;
        } else {
            uint32_t mask = 0;
            for (int lane = skip, x = skip ? 0 : column; lane < count; lane++) {
                mask |= (uint32_t)(x < columns) << lane;
                x = x + 1 == pitch ? 0 : x + 1;
            }
            args->mask[v] = mask;
        }
        for (column += lanes; column >= pitch; column -= pitch)
            row++;
    }
}

/* Direct, at the end of a plane: vectors would read beyond it, so its last pixels are copied. */
static void copy_tail(const band *b, const float *from, int pixels) {
    const fs_flat *flat = b->job->flat;
    for (int c = 0; c < flat->channels; c++)
        memcpy(b->scratch + (ptrdiff_t)c * flat->pitch, from + (ptrdiff_t)c * flat->plane,
               (size_t)pixels * sizeof *from);
}

static int block_size(const job *j, int block) {
    int rest = j->flat->target_channels - block * j->flat->micro->block;
    return rest < j->flat->micro->block ? rest : j->flat->micro->block;
}

/* All pixels of the band for blocks [first, last) and one set of taps. out: where the first block's first
 * pixel goes. */
static void run_tiles(const band *b, const fs_flat_taps *taps, int first, int last, float *out,
                      ptrdiff_t out_stride, bool relu, bool accumulate) {
    const fs_flat *flat = b->job->flat;
    const fs_micro_set *micro = flat->micro;
    int tile = micro->vectors[micro->size[block_size(b->job, first)]] * micro->lanes;
    if (flat->direct && tile > flat->pitch)
        tile = flat->pitch; /* what the scratch memory holds; a small block at the end could do more */
    fs_micro_args args = {.taps = taps->count,
                          .out_stride = out_stride,
                          .relu = relu,
                          .accumulate = accumulate,
                          .weight_offset = taps->weight_offset,
                          .weight_stride = fs_flat_weight_stride(flat)};
    ptrdiff_t step = flat->shared ? args.weight_stride : taps->count; /* from channel to channel */
    for (int q = 0; q < b->pixels; q += tile) {
        int count = b->pixels - q < tile ? b->pixels - q : tile;
        int vectors = (count + micro->lanes - 1) / micro->lanes;
        args.source = b->source + q;
        args.offset = taps->offset;
        if (flat->direct && args.source + vectors * micro->lanes > b->plane_end) {
            copy_tail(b, args.source, count);
            args.source = b->scratch;
            args.offset = flat->tail_offset;
        }
        place_lanes(flat, q, b->pixels, vectors, &args);
        for (int block = first; block < last; block++) {
            int channel = block * micro->block;
            args.channels = block_size(b->job, block);
            args.weights = taps->weights + channel * step;
            args.bias = flat->bias == NULL ? NULL : flat->bias + channel;
            args.out = out + (channel - first * micro->block) * out_stride;
            fs_micro_kernel run =
                flat->shared ? micro->run_shared[vectors] : micro->run[micro->size[args.channels]][vectors];
            run(&args);
        }
    }
}

/* One set: straight to the target. */
static void run_plain(const band *b) {
    const job *j = b->job;
    const fs_flat *flat = j->flat;
    const fs_flat_axis *y = &flat->axis[0], *x = &flat->axis[1];
    ptrdiff_t area = flat->direct ? flat->pixels : (ptrdiff_t)y->target * x->target;
    int blocks = b->last_block - b->first_block;
    bool resident = (int64_t)blocks * flat->micro->block * flat->taps[0].count <= RESIDENT_WEIGHTS;
    int step = resident ? blocks : 1;
    for (int block = b->first_block; block < b->last_block; block += step) {
        float *out = b->target + block * flat->micro->block * area + (ptrdiff_t)b->first * x->count;
        run_tiles(b, &flat->taps[0], block, block + step, out, area, j->run->relu, j->run->accumulate);
    }
}

/* Several sets: each to the staging memory, then interleaved. */
static void run_sets(const band *b, float *staging) {
    const job *j = b->job;
    const fs_flat *flat = j->flat;
    const fs_flat_axis *y = &flat->axis[0], *x = &flat->axis[1];
    ptrdiff_t area = (ptrdiff_t)y->target * x->target, pixels = (ptrdiff_t)b->rows * x->count;
    ptrdiff_t set_stride = pixels * flat->micro->block;
    for (int block = b->first_block; block < b->last_block; block++) {
        for (int set = 0; set < y->sets * x->sets; set++)
            run_tiles(b, &flat->taps[set], block, block + 1, staging + set * set_stride, pixels, false,
                      false);
        for (int c = 0; c < block_size(j, block); c++)
            fs_flat_interleave(flat, staging + c * pixels, set_stride, b->first, b->rows, j->run->accumulate,
                               b->target + (block * flat->micro->block + c) * area);
    }
}

static void run_unit(const job *j, int unit, float *scratch) {
    const fs_flat *flat = j->flat;
    const fs_flat_axis *y = &flat->axis[0], *x = &flat->axis[1];
    int group = unit % flat->split.groups, index = unit / flat->split.groups % flat->split.bands,
        image = unit / flat->split.groups / flat->split.bands;
    ptrdiff_t source_area = flat->direct ? flat->pixels : (ptrdiff_t)y->source * x->source;
    ptrdiff_t target_area = flat->direct ? flat->pixels : (ptrdiff_t)y->target * x->target;
    const float *source =
        j->run->source + fs_flat_image(j->run->source_stride, flat->channels * source_area, image);
    band b = {.job = j,
              .first = index * flat->split.rows,
              .target = j->run->target +
                        fs_flat_image(j->run->target_stride, flat->target_channels * target_area, image),
              .first_block = (int)((int64_t)j->blocks * group / flat->split.groups),
              .last_block = (int)((int64_t)j->blocks * (group + 1) / flat->split.groups)};
    b.rows = y->count - b.first < flat->split.rows ? y->count - b.first : flat->split.rows;
    if (flat->direct) {
        int begin = b.first * flat->pitch, rest = flat->pixels - begin;
        b.source = source + begin;
        b.plane_end = source + flat->pixels;
        b.scratch = scratch;
        b.pixels = b.rows * flat->pitch < rest ? b.rows * flat->pitch : rest;
    } else {
        fs_flat_fill_panel(flat, source, b.first, b.rows, scratch);
        b.source = scratch;
        b.pixels = (b.rows - 1) * flat->pitch + x->count;
    }
    if (y->sets * x->sets == 1)
        run_plain(&b);
    else
        run_sets(&b, scratch + (flat->panel + 15) / 16 * 16);
}

static void run_units(void *context, int first, int last, int thread) {
    const job *j = context;
    float *scratch = j->run->workspace + (size_t)thread * fs_flat_scratch(j->flat);
    for (int unit = first; unit < last; unit++)
        run_unit(j, unit, scratch);
}

size_t fs_flat_scratch(const fs_flat *flat) {
    return (flat->panel + 15) / 16 * 16 + (flat->staging + 15) / 16 * 16;
}

void fs_flat_execute(const fs_flat *flat, const fs_flat_run *run) {
    int block = flat->micro->block;
    job j = {.flat = flat, .run = run, .blocks = (flat->target_channels + block - 1) / block};
    fs_pool_for(run->pool, run->images * flat->split.bands * flat->split.groups, 1, run_units, &j);
}
