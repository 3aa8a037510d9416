#include "engine/kernels/wgrad_wino.h"

#include <string.h>

enum { POINTS = 36, SEEN = 6 }; /* a tile sees 6x6 pixels, of a phase */

/* Tiles of a band: enough that sums are long, few enough that both transformed sides stay in the second-level
 * cache with the sums of a unit. */
enum { BAND_TILES = 40, MAX_TILES = 1024, UNIT_SUMS = 160 * 1024 };

/* What the transforms of a vector of channels of one tile cost, in multiply-adds of a vector, with the
 * turning of pixels before them. */
enum { INPUT_COST = 340, GRADIENT_COST = 240 };

typedef struct job {
    const fs_wgrad_wino *g;
    const fs_wgrad_run *run;
} job;

/* A unit of work, a range of input and one of output channels, with the scratch memory of its thread. */
typedef struct unit {
    const job *job;
    int in_first, in_count, in_vectors; /* streams of the input */
    int out_first, out_count, out_vectors;
    float *sums, *inputs, *gradients, *turned;
    int32_t *offset;
    double *bias; /* [out_count], or NULL where another unit does it */
} unit;

/* One side of a tile row: `rows` rows of pixels of some channels, from row `top` and column `left` of an
 * image on, with zeros outside of it. */
typedef struct strip {
    const float *plane; /* of the first channel */
    int height, width;  /* of the image */
    int channels;
    int top, left, rows, columns;
} strip;

static int ceil_div(int a, int b) {
    return (a + b - 1) / b;
}

static int at_least_one(int count) {
    return count > 1 ? count : 1;
}

static size_t lines(size_t floats) {
    return (floats + 15) / 16 * 16;
}

/* ---- geometry ---- */

static int vectors_of(const fs_wgrad_wino *g, int channels) {
    return ceil_div(channels, g->ops->lanes);
}

static double tile_cost(const fs_wgrad_wino *g, int in_groups, int out_groups) {
    const int in = ceil_div(vectors_of(g, g->streams), in_groups),
              out = ceil_div(vectors_of(g, g->out_channels), out_groups);
    const double inputs = in_groups > 1 ? in * g->ops->lanes : g->streams;
    const double band = g->band_rows * g->tiles[1]; /* sums come and go once a band */
    return POINTS * inputs * out * (1 + 6 / band) + in * INPUT_COST + out * GRADIENT_COST;
}

static void choose_groups(fs_wgrad_wino *g) {
    const int in = vectors_of(g, g->streams), out = vectors_of(g, g->out_channels);
    double best = 0;
    for (int o = 1; o <= out; o++)
        for (int i = 1; i <= in; i++) {
            const double sums =
                (double)POINTS * ceil_div(in, i) * ceil_div(out, o) * g->ops->lanes * g->ops->lanes;
            if (sums > UNIT_SUMS && (i < in || o < out))
                continue;
            const double rounds = ceil_div(i * o, g->threads) + (g->threads > 1 ? 0.25 : 0);
            const double cost = rounds * tile_cost(g, i, o);
            if (best == 0 || cost < best) {
                best = cost;
                g->in_groups = i;
                g->out_groups = o;
            }
        }
}

/* As one phase or as four. */
static bool fits(const fs_window_at *at, int phases, int channels, int out_channels) {
    for (int i = 0; i < 2; i++)
        if (at->stride[i] != phases || at->dilation[i] != 1 || at->pad[i] < 0 || at->pad[i] > 1 << 10 ||
            at->in[i] > 1 << 20 || at->out[i] < 1 ||
            (phases == 1 ? at->kernel[i] != 3 : at->kernel[i] > 2 * FS_WGRAD_TILE_TAPS))
            return false;
    return at->out[1] <= MAX_TILES && channels <= 1 << 13 && out_channels <= 1 << 13;
}

bool fs_wgrad_wino_create(fs_wgrad_wino *out, fs_isa isa, const fs_window_at *at, int images, int channels,
                          int out_channels, int threads) {
    const int phases = at->stride[0] == 2 ? 2 : 1, taps = phases == 2 ? 4 : 3, side = SEEN + 1 - taps;
    fs_wgrad_wino g = {.ops = fs_wgrad_ops_for(isa),
                       .at = *at,
                       .images = images,
                       .channels = channels,
                       .out_channels = out_channels,
                       .threads = threads,
                       .phases = phases,
                       .side = side,
                       .taps = taps,
                       .streams = channels * phases * phases,
                       .tiles = {ceil_div(at->out[0], side), ceil_div(at->out[1], side)}};
    if (!g.ops || !fits(at, phases, channels, out_channels) || (int64_t)images * g.tiles[0] > INT32_MAX / 64)
        return false;
    const int rows = images * g.tiles[0];
    g.band_rows = at_least_one((BAND_TILES + g.tiles[1] / 2) / g.tiles[1]);
    g.band_rows = ceil_div(rows, ceil_div(rows, g.band_rows)); /* bands of one size */
    choose_groups(&g);
    const size_t lanes = (size_t)g.ops->lanes, tiles = (size_t)(g.band_rows * g.tiles[1]);
    const size_t k = (size_t)ceil_div(vectors_of(&g, g.streams), g.in_groups) * lanes;
    const size_t m = (size_t)ceil_div(vectors_of(&g, out_channels), g.out_groups) * lanes;
    g.sums = lines(POINTS * k * m);
    g.inputs = lines(POINTS * tiles * k);
    g.gradients = lines(POINTS * tiles * m);
    g.turned = lines(SEEN * (size_t)(side * g.tiles[1] + SEEN - side) * lanes);
    g.offsets = lines(k) + lines(2 * m);
    *out = g;
    return true;
}

bool fs_wgrad_wino_pays(const fs_wgrad_wino *g) {
    const double out = vectors_of(g, g->out_channels), lanes = g->ops->lanes;
    const double pixels = (double)g->at.out[0] * g->at.out[1], tiles = (double)g->tiles[0] * g->tiles[1];
    const double taps = (double)g->at.kernel[0] * g->at.kernel[1];
    const double direct = pixels * (taps * g->channels * out + 10 * out + 6 * g->channels / lanes);
    const double units = g->in_groups * g->out_groups;
    return tiles * units * tile_cost(g, g->in_groups, g->out_groups) < 0.9 * direct;
}

static size_t thread_floats(const fs_wgrad_wino *g) {
    return g->sums + g->inputs + g->gradients + g->turned + g->offsets;
}

size_t fs_wgrad_wino_workspace(const fs_wgrad_wino *g) {
    return (size_t)g->threads * thread_floats(g);
}

/* ---- transforms ---- */

static void clear(float *to, int pixels, int lanes) {
    memset(to, 0, (size_t)pixels * (size_t)lanes * sizeof *to);
}

/* A vector of the strip's channels side by side: [row][column][lane]. bias: where to add the sums, or NULL.
 */
static void turn_strip(const fs_wgrad_ops *ops, const strip *s, float *to, double *bias) {
    const int lanes = ops->lanes, left = s->left < 0 ? -s->left : 0;
    const int end = s->width - s->left < s->columns ? s->width - s->left : s->columns;
    for (int row = 0; row < s->rows; row++, to += (ptrdiff_t)s->columns * lanes) {
        const int y = s->top + row;
        float sum[FS_WGRAD_MAX_LANES];
        if (y < 0 || y >= s->height || end <= left) {
            clear(to, s->columns, lanes);
            continue;
        }
        clear(to, left, lanes);
        ops->turn(s->plane + (ptrdiff_t)y * s->width + s->left + left, (ptrdiff_t)s->height * s->width,
                  s->channels, end - left, to + (ptrdiff_t)left * lanes, lanes, sum);
        clear(to + (ptrdiff_t)end * lanes, s->columns - end, lanes);
        for (int c = 0; bias && c < s->channels; c++)
            bias[c] += (double)sum[c];
    }
}

static int at_most(int value, int limit) {
    return value < limit ? value : limit;
}

/* Which channel a stream is and which of its rows and columns: every second from these on. */
typedef struct stream {
    int channel, row, column;
} stream;

static stream stream_at(const fs_wgrad_wino *g, int index) {
    const int phases = g->phases * g->phases;
    return (stream){index / phases, index % phases / g->phases, index % g->phases};
}

/* The same from streams that skip columns: number by number, for they are few. */
static void turn_phases(const unit *u, const float *image, int first, int count, int tile_row) {
    const fs_wgrad_wino *g = u->job->g;
    const fs_window_at *at = &g->at;
    const int lanes = g->ops->lanes, columns = g->side * g->tiles[1] + SEEN - g->side;
    clear(u->turned, SEEN * columns, lanes);
    for (int lane = 0; lane < count; lane++) {
        const stream s = stream_at(g, first + lane);
        const int left = s.column - at->pad[1]; /* input column of column 0 */
        const int begin = left < 0 ? (1 - left) / 2 : 0, end = at_most((at->in[1] - left + 1) / 2, columns);
        for (int row = 0; row < SEEN; row++) {
            const int y = 2 * (tile_row * g->side + row) + s.row - at->pad[0];
            if (y < 0 || y >= at->in[0])
                continue;
            const float *from = image + ((ptrdiff_t)s.channel * at->in[0] + y) * at->in[1] + left;
            float *to = u->turned + (ptrdiff_t)row * columns * lanes + lane;
            for (int x = begin; x < end; x++)
                to[(ptrdiff_t)x * lanes] = from[2 * x];
        }
    }
}

/* Row `index` of the tiles of all images: its input goes to tiles [first, ..) of the unit's. */
static void input_row(const unit *u, int index, int first, int tiles) {
    const fs_wgrad_wino *g = u->job->g;
    const fs_window_at *at = &g->at;
    const int lanes = g->ops->lanes, image = index / g->tiles[0];
    const ptrdiff_t area = (ptrdiff_t)at->in[0] * at->in[1], step = (ptrdiff_t)u->in_vectors * lanes;
    strip s = {.height = at->in[0],
               .width = at->in[1],
               .top = index % g->tiles[0] * g->side - at->pad[0],
               .left = -at->pad[1],
               .rows = SEEN,
               .columns = g->side * g->tiles[1] + SEEN - g->side};
    const float *x = u->job->run->x + (ptrdiff_t)image * g->channels * area;
    for (int v = 0; v < u->in_vectors; v++) {
        const int next = u->in_first + v * lanes;
        s.channels = at_most(u->in_count - v * lanes, lanes);
        if (g->phases == 1) {
            s.plane = x + next * area;
            turn_strip(g->ops, &s, u->turned, NULL);
        } else {
            turn_phases(u, x, next, s.channels, index % g->tiles[0]);
        }
        for (int t = 0; t < g->tiles[1]; t++)
            g->ops->input_tile(u->turned + (ptrdiff_t)t * g->side * lanes, (ptrdiff_t)s.columns * lanes,
                               u->inputs + (first + t) * step + v * lanes, tiles * step);
    }
}

static void gradient_row(const unit *u, int index, int first, int tiles) {
    const fs_wgrad_wino *g = u->job->g;
    const fs_wgrad_run *run = u->job->run;
    const int lanes = g->ops->lanes, image = index / g->tiles[0];
    const int64_t area = (int64_t)g->at.out[0] * g->at.out[1];
    const int64_t stride = run->out_stride ? run->out_stride : g->out_channels * area;
    const ptrdiff_t step = (ptrdiff_t)u->out_vectors * lanes;
    strip s = {.height = g->at.out[0],
               .width = g->at.out[1],
               .top = index % g->tiles[0] * g->side,
               .rows = g->side,
               .columns = g->side * g->tiles[1]};
    for (int v = 0; v < u->out_vectors; v++) {
        s.plane = run->out_grad + image * stride + (u->out_first + v * lanes) * area;
        s.channels = at_most(u->out_count - v * lanes, lanes);
        turn_strip(g->ops, &s, u->turned, u->bias ? u->bias + v * lanes : NULL);
        for (int t = 0; t < g->tiles[1]; t++)
            g->ops->gradient_tile[g->taps](u->turned + (ptrdiff_t)t * g->side * lanes,
                                           (ptrdiff_t)s.columns * lanes,
                                           u->gradients + (first + t) * step + v * lanes, tiles * step);
    }
}

/* ---- a unit ---- */

static void multiply_point(const unit *u, int point, int tiles) {
    const fs_wgrad_wino *g = u->job->g;
    const int lanes = g->ops->lanes;
    const int64_t row[1] = {0};
    const ptrdiff_t in = (ptrdiff_t)u->in_vectors * lanes, out = (ptrdiff_t)u->out_vectors * lanes;
    fs_wgrad_args args = {.y_step = out,
                          .sum_step = out,
                          .x = u->inputs + point * tiles * in,
                          .x_step = in,
                          .row = row,
                          .rows = 1,
                          .columns = tiles};
    for (int v = 0, vectors; v < u->out_vectors; v += vectors) {
        const int rest = u->out_vectors - v;
        vectors = rest == 4 ? 2 : at_most(rest, FS_WGRAD_MAX_VECTORS);
        const int blocks = ceil_div(u->in_count, g->ops->taps[vectors]);
        args.y = u->gradients + point * tiles * out + v * lanes;
        for (int block = 0; block < blocks; block++) {
            const int first = u->in_count * block / blocks, last = u->in_count * (block + 1) / blocks;
            args.offset = u->offset + first;
            args.sum = u->sums + ((ptrdiff_t)point * u->in_count + first) * out + v * lanes;
            g->ops->run[vectors][last - first](&args);
        }
    }
}

/* The weights that a stream meets, of one output channel, into the kernel of the stream's channel; the last
 * of an odd phase may not exist. */
static void put(const fs_wgrad_wino *g, stream s, float *kernel, const float *from, bool accumulate) {
    for (int ky = s.row, a = 0; ky < g->at.kernel[0]; ky += g->phases, a++)
        for (int kx = s.column, b = 0; kx < g->at.kernel[1]; kx += g->phases, b++) {
            float *to = kernel + ky * g->at.kernel[1] + kx;
            const float sum = from[(a * g->taps + b) * g->ops->lanes];
            *to = accumulate ? *to + sum : sum;
        }
}

static void write_sums(const unit *u) {
    const fs_wgrad_wino *g = u->job->g;
    const fs_wgrad_run *run = u->job->run;
    const int lanes = g->ops->lanes;
    const ptrdiff_t out = (ptrdiff_t)u->out_vectors * lanes;
    const ptrdiff_t area = (ptrdiff_t)g->at.kernel[0] * g->at.kernel[1];
    float taps[FS_WGRAD_TILE_TAPS * FS_WGRAD_TILE_TAPS * FS_WGRAD_MAX_LANES];
    for (int v = 0; v < u->out_vectors; v++)
        for (int k = 0; k < u->in_count; k++) {
            const stream s = stream_at(g, u->in_first + k);
            g->ops->weight_tile[g->taps](u->sums + k * out + v * lanes, u->in_count * out, taps);
            for (int c = 0; c < at_most(u->out_count - v * lanes, lanes); c++)
                put(g, s,
                    run->weight_grad +
                        ((ptrdiff_t)(u->out_first + v * lanes + c) * g->channels + s.channel) * area,
                    taps + c, run->accumulate);
        }
    for (int m = 0; u->bias && m < u->out_count; m++) {
        float *to = &run->bias_grad[u->out_first + m];
        *to = (float)(run->accumulate_bias ? (double)*to + u->bias[m] : u->bias[m]);
    }
}

/* Share number `index` of so many vectors of channels. */
static void cut(const fs_wgrad_wino *g, int channels, int index, int groups, int *first, int *count,
                int *vectors) {
    const int all = vectors_of(g, channels);
    const int from = (int)((int64_t)all * index / groups), to = (int)((int64_t)all * (index + 1) / groups);
    *first = from * g->ops->lanes;
    *count = at_most(to * g->ops->lanes, channels) - *first;
    *vectors = to - from;
}

static unit unit_at(const job *j, int index, float *scratch) {
    const fs_wgrad_wino *g = j->g;
    const int i = index % g->in_groups;
    unit u = {.job = j, .sums = scratch};
    cut(g, g->streams, i, g->in_groups, &u.in_first, &u.in_count, &u.in_vectors);
    cut(g, g->out_channels, index / g->in_groups, g->out_groups, &u.out_first, &u.out_count, &u.out_vectors);
    u.inputs = u.sums + g->sums;
    u.gradients = u.inputs + g->inputs;
    u.turned = u.gradients + g->gradients;
    u.offset = (int32_t *)(u.turned + g->turned);
    for (int k = 0; k < u.in_count; k++)
        u.offset[k] = k;
    if (j->run->bias_grad && i == 0) {
        u.bias = (double *)(u.offset + lines((size_t)u.in_count));
        memset(u.bias, 0, (size_t)u.out_count * sizeof *u.bias);
    }
    return u;
}

static void run_unit(const job *j, int index, float *scratch) {
    const fs_wgrad_wino *g = j->g;
    const unit u = unit_at(j, index, scratch);
    const int all = g->images * g->tiles[0];
    memset(u.sums, 0, (size_t)(POINTS * u.in_count * u.out_vectors * g->ops->lanes) * sizeof(float));
    for (int first = 0; first < all; first += g->band_rows) {
        const int rows = at_most(all - first, g->band_rows), tiles = rows * g->tiles[1];
        for (int row = 0; row < rows; row++) {
            input_row(&u, first + row, row * g->tiles[1], tiles);
            gradient_row(&u, first + row, row * g->tiles[1], tiles);
        }
        for (int point = 0; point < POINTS; point++)
            multiply_point(&u, point, tiles);
    }
    write_sums(&u);
}

static void run_units(void *context, int first, int last, int thread) {
    const job *j = context;
    float *scratch = j->run->workspace + (size_t)thread * thread_floats(j->g);
    for (int index = first; index < last; index++)
        run_unit(j, index, scratch);
}

void fs_wgrad_wino_execute(const fs_wgrad_wino *g, const fs_wgrad_run *run) {
    job j = {g, run};
    fs_pool_for(run->pool, g->in_groups * g->out_groups, 1, run_units, &j);
}
