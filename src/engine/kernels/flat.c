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
    const uint32_t *keep;   /* the image's, or NULL */
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

static fs_micro_kernel choose_kernel(const fs_flat *flat, int channels, int vectors) {
    const fs_micro_set *micro = flat->micro;
    return flat->shared ? micro->run_shared[vectors] : micro->run[micro->size[channels]][vectors];
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
                          .keep = flat->axis[0].sets * flat->axis[1].sets == 1 ? b->keep : NULL,
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
            args.keep_at = args.keep ? args.out - b->target : 0;
            choose_kernel(flat, args.channels, vectors)(&args);
        }
    }
}

/* ---- joined: tiles of the pixels of all images, those of one behind those of the other ---- */

/* Pixels of one image inside a tile. */
typedef struct piece {
    int image, pixel; /* the first one */
    int at, count;    /* in the tile */
} piece;

/* The piece that begins `at` pixels behind pixel q. */
static piece piece_at(const fs_flat *flat, int q, int at, int end) {
    piece p = {(q + at) / flat->pixels, (q + at) % flat->pixels, at, end - at};
    int rest = flat->pixels - p.pixel;
    p.count = p.count < rest ? p.count : rest;
    return p;
}

static const float *joined_source(const job *j, const piece *p) {
    const fs_flat *flat = j->flat;
    ptrdiff_t size = (ptrdiff_t)flat->channels * flat->pixels;
    return j->run->source + fs_flat_image(j->run->source_stride, size, p->image) + p->pixel;
}

static float *joined_target(const job *j, const piece *p) {
    const fs_flat *flat = j->flat;
    ptrdiff_t size = (ptrdiff_t)flat->target_channels * flat->pixels;
    return j->run->target + fs_flat_image(j->run->target_stride, size, p->image) + p->pixel;
}

static void gather_tile(const band *b, int q, int count) {
    const fs_flat *flat = b->job->flat;
    for (piece p = piece_at(flat, q, 0, count); p.at < count; p = piece_at(flat, q, p.at + p.count, count)) {
        const float *from = joined_source(b->job, &p);
        for (int c = 0; c < flat->channels; c++)
            memcpy(b->scratch + (ptrdiff_t)c * flat->pitch + p.at, from + (ptrdiff_t)c * flat->plane,
                   (size_t)p.count * sizeof *from);
    }
}

/* A block's channels from the staging memory. */
static void scatter_tile(const band *b, int q, int count, const float *staging, int channel, int channels) {
    const fs_flat *flat = b->job->flat;
    bool accumulate = b->job->run->accumulate;
    for (piece p = piece_at(flat, q, 0, count); p.at < count; p = piece_at(flat, q, p.at + p.count, count))
        for (int c = 0; c < channels; c++) {
            const float *from = staging + (ptrdiff_t)c * flat->pitch + p.at;
            float *to = joined_target(b->job, &p) + (ptrdiff_t)(channel + c) * flat->pixels;
            for (int i = 0; i < p.count; i++)
                to[i] = accumulate ? to[i] + from[i] : from[i];
            const uint32_t *keep = fs_keep_item(b->job->run->keep, p.image);
            if (keep)
                fs_keep_drop(to, p.count, keep, (ptrdiff_t)(channel + c) * flat->pixels + p.pixel);
        }
}

/* A tile for all of the band's blocks. */
static void run_joined_tile(const band *b, int q, int count) {
    const job *j = b->job;
    const fs_flat *flat = j->flat;
    const fs_micro_set *micro = flat->micro;
    int vectors = (count + micro->lanes - 1) / micro->lanes;
    float *staging = b->scratch + (flat->panel + 15) / 16 * 16;
    piece p = piece_at(flat, q, 0, count);
    bool whole = p.count == count && p.pixel + vectors * micro->lanes <= flat->pixels;
    fs_micro_args args = {.source = whole ? joined_source(j, &p) : b->scratch,
                          .offset = whole ? flat->taps[0].offset : flat->tail_offset,
                          .taps = flat->taps[0].count,
                          .out_stride = whole ? flat->pixels : flat->pitch,
                          .relu = j->run->relu,
                          .accumulate = whole && j->run->accumulate,
                          .keep = whole ? fs_keep_item(j->run->keep, p.image) : NULL,
                          .weight_offset = flat->taps[0].weight_offset,
                          .weight_stride = fs_flat_weight_stride(flat)};
    ptrdiff_t step = flat->shared ? args.weight_stride : args.taps;
    if (!whole)
        gather_tile(b, q, count);
    place_lanes(flat, 0, count, vectors, &args);
    for (int block = b->first_block; block < b->last_block; block++) {
        int channel = block * micro->block;
        args.channels = block_size(j, block);
        args.weights = flat->taps[0].weights + channel * step;
        args.bias = flat->bias == NULL ? NULL : flat->bias + channel;
        args.out = whole ? joined_target(j, &p) + (ptrdiff_t)channel * flat->pixels : staging;
        args.keep_at = (ptrdiff_t)channel * flat->pixels + p.pixel;
        choose_kernel(flat, args.channels, vectors)(&args);
        if (!whole)
            scatter_tile(b, q, count, staging, channel, args.channels);
    }
}

static void run_joined(const job *j, int unit, float *scratch) {
    const fs_flat *flat = j->flat;
    int group = unit % flat->split.groups, index = unit / flat->split.groups, tile = flat->pitch;
    band b = {.job = j,
              .scratch = scratch,
              .first_block = (int)((int64_t)j->blocks * group / flat->split.groups),
              .last_block = (int)((int64_t)j->blocks * (group + 1) / flat->split.groups)};
    int q = index * flat->split.rows * tile, end = q + flat->split.rows * tile;
    end = end < j->run->images * flat->pixels ? end : j->run->images * flat->pixels;
    for (; q < end; q += tile)
        run_joined_tile(&b, q, end - q < tile ? end - q : tile);
}

/* ---- one set, or several ---- */

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
              .keep = fs_keep_item(j->run->keep, image),
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
        if (j->flat->joined)
            run_joined(j, unit, scratch);
        else
            run_unit(j, unit, scratch);
}

size_t fs_flat_scratch(const fs_flat *flat) {
    return (flat->panel + 15) / 16 * 16 + (flat->staging + 15) / 16 * 16;
}

void fs_flat_execute(const fs_flat *flat, const fs_flat_run *run) {
    int block = flat->micro->block;
    job j = {.flat = flat, .run = run, .blocks = (flat->target_channels + block - 1) / block};
    int images = flat->joined ? 1 : run->images;
    fs_pool_for(run->pool, images * flat->split.bands * flat->split.groups, 1, run_units, &j);
}
