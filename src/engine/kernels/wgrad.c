#include "engine/kernels/wgrad.h"

#include <string.h>

/* Of pixels: the turned gradient of a band stays in the second-level cache, and sums are long enough that the
 * way in and out of the registers does not count. */
enum { BAND_PIXELS = 256, UNIT_SUMS = 128 * 1024 };
/* Of a vector of channels, in vector operations for a pixel. */
enum { TURN_COST = 10 };

typedef struct job {
    const fs_wgrad *g;
    const fs_wgrad_run *run;
} job;

/* A unit of work with the scratch memory of its thread. */
typedef struct unit {
    const job *job;
    int channel, channels;    /* of what is read number by number: the input, swapped the gradient */
    int out_first, out_count; /* of what is turned: the gradient, swapped the input */
    int vectors;              /* of out_count */
    float *sums, *turned, *panel;
    int32_t *offset;
    double *bias; /* [out_count], swapped [channels], or NULL where another unit does it */
} unit;

/* What a unit does at a time. */
typedef struct band {
    int image, images, first, rows; /* rows of each image */
} band;

static int ceil_div(int a, int b) {
    return (a + b - 1) / b;
}

static size_t lines(size_t floats) {
    return (floats + 15) / 16 * 16;
}

static int taps_of(const fs_wgrad *g) {
    return g->at.kernel[0] * g->at.kernel[1];
}

/* ---- geometry ---- */

/* The rows of padded input that so many rows of output see. */
static int reach(const fs_window_at *at, int axis, int count) {
    return (count - 1) * at->stride[axis] + (at->kernel[axis] - 1) * at->dilation[axis] + 1;
}

static void choose_band(fs_wgrad *g) {
    const fs_window_at *at = &g->at;
    const int area = at->out[0] * at->out[1], rows = BAND_PIXELS / at->out[1];
    g->band_images = area < BAND_PIXELS ? BAND_PIXELS / area : 1;
    g->band_images = g->band_images < g->images ? g->band_images : g->images;
    g->band_rows = rows < 1 ? 1 : rows < at->out[0] ? rows : at->out[0];
    g->band_rows = ceil_div(at->out[0], ceil_div(at->out[0], g->band_rows)); /* bands of one size */
    g->height = reach(at, 0, g->band_rows);
    g->width = reach(at, 1, at->out[1]);
    g->plane = g->band_images * g->height * g->width;
    if (g->plane % 512 < 16) /* planes a power of two apart would share the few places of a cache */
        g->plane += 16;
}

static int vectors_of(const fs_wgrad *g) {
    return ceil_div(g->out_channels, g->ops->lanes);
}

/* Estimated time of all units, in vector operations for a pixel of output. */
static double cost(const fs_wgrad *g, int in_groups, int out_groups) {
    const int channels = ceil_div(g->channels, in_groups), vectors = ceil_div(vectors_of(g), out_groups);
    const int units = in_groups * out_groups;
    const double pixels = g->band_images * g->band_rows * g->at.out[1];
    const double turn = TURN_COST * vectors,
                 copy = g->dense ? 0 : 6.0 * channels * g->plane / pixels / g->ops->lanes;
    const double rounds = ceil_div(units, g->threads) + (g->threads > 1 ? 0.25 : 0);
    return rounds * ((double)channels * taps_of(g) * vectors + turn + copy);
}

static void choose_groups(fs_wgrad *g) {
    double best = 0;
    for (int o = 1; o <= vectors_of(g); o++)
        for (int i = 1; i <= g->channels; i++) {
            const double floats =
                (double)ceil_div(g->channels, i) * taps_of(g) * ceil_div(vectors_of(g), o) * g->ops->lanes;
            const bool finest = i == g->channels && o == vectors_of(g);
            if (i * o > 8 * g->threads && floats * 2 < UNIT_SUMS && best > 0)
                break;
            if (floats > UNIT_SUMS && !finest)
                continue;
            const double now = cost(g, i, o);
            if (best == 0 || now < best) {
                best = now;
                g->in_groups = i;
                g->out_groups = o;
            }
        }
}

/* Each pixel of an image is the only one of its row: bands are of pixels. */
static void make_dense(fs_wgrad *g) {
    g->dense = true;
    g->at.in[0] = g->at.out[0] = g->at.in[0] * g->at.in[1];
    g->at.in[1] = g->at.out[1] = 1;
}

/* Vector operations for a pixel. Not a matter of threads: sums for the bias depend on the side. */
static int64_t work(const fs_wgrad *g, int streams, int turned) {
    return (int64_t)(streams + TURN_COST) * ceil_div(turned, g->ops->lanes);
}

static void choose_side(fs_wgrad *g) {
    const int channels = g->channels, out_channels = g->out_channels;
    g->swapped = g->dense && work(g, out_channels, channels) < work(g, channels, out_channels);
    g->channels = g->swapped ? out_channels : channels;
    g->out_channels = g->swapped ? channels : out_channels;
}

static bool is_dense(const fs_window_at *at, int channels, int out_channels) {
    const int64_t area = (int64_t)at->in[0] * at->in[1];
    if (area * (channels > out_channels ? channels : out_channels) > INT32_MAX)
        return false;
    for (int i = 0; i < 2; i++)
        if (at->kernel[i] != 1 || at->stride[i] != 1 || at->pad[i] != 0 || at->in[i] != at->out[i])
            return false;
    return true;
}

static bool in_range(const fs_window_at *at, int channels, int out_channels) {
    for (int i = 0; i < 2; i++)
        if ((int64_t)at->kernel[i] * at->dilation[i] > 1 << 20 || at->stride[i] > 1 << 10 ||
            at->in[i] > 1 << 20 || at->out[i] > 1 << 20 || at->out[i] < 1 || at->pad[i] < 0 ||
            at->pad[i] > 1 << 20)
            return false;
    return channels < 1 << 16 && out_channels < 1 << 16 && (int64_t)at->kernel[0] * at->kernel[1] < 1 << 12;
}

bool fs_wgrad_create(fs_wgrad *out, fs_isa isa, const fs_window_at *at, int images, int channels,
                     int out_channels, int threads) {
    fs_wgrad g = {.ops = fs_wgrad_ops_for(isa),
                  .at = *at,
                  .images = images,
                  .channels = channels,
                  .out_channels = out_channels,
                  .threads = threads};
    if (!g.ops || !in_range(at, channels, out_channels))
        return false;
    const int64_t plane = ((int64_t)at->stride[0] * BAND_PIXELS + (int64_t)at->kernel[0] * at->dilation[0]) *
                          ((int64_t)reach(at, 1, at->out[1]));
    if (plane > (1 << 24) || plane * channels > INT32_MAX / 4)
        return false;
    if (is_dense(at, channels, out_channels))
        make_dense(&g);
    choose_band(&g);
    choose_side(&g);
    choose_groups(&g);
    const size_t streams = (size_t)ceil_div(g.channels, g.in_groups), k = streams * (size_t)taps_of(&g);
    const size_t m = (size_t)ceil_div(vectors_of(&g), g.out_groups) * (size_t)g.ops->lanes;
    const size_t pixels = (size_t)g.band_images * (size_t)g.band_rows * (size_t)g.at.out[1];
    g.sums = lines(k * m);
    g.turned = lines(pixels * m);
    g.panel = g.dense ? 0 : lines(streams * (size_t)g.plane);
    g.offsets = lines(k) + lines(2 * (g.swapped ? streams : m));
    *out = g;
    return true;
}

size_t fs_wgrad_workspace(const fs_wgrad *g) {
    return (size_t)g->threads * (g->sums + g->turned + g->panel + g->offsets);
}

/* ---- a band ---- */

/* The padded input of one channel of one image. */
static void copy_plane(const fs_wgrad *g, const float *x, int first, int rows, float *to) {
    const fs_window_at *at = &g->at;
    const int left = at->pad[1] < g->width ? at->pad[1] : g->width;
    const int end = at->in[1] + left < g->width ? at->in[1] + left : g->width;
    for (int row = 0; row < reach(at, 0, rows); row++, to += g->width) {
        const int from = first * at->stride[0] - at->pad[0] + row;
        if (from < 0 || from >= at->in[0]) {
            memset(to, 0, (size_t)g->width * sizeof *to);
            continue;
        }
        for (int i = 0; i < left; i++)
            to[i] = 0;
        memcpy(to + left, x + (int64_t)from * at->in[1], (size_t)(end - left) * sizeof *to);
        for (int i = end; i < g->width; i++)
            to[i] = 0;
    }
}

static void fill_panel(const unit *u, const band *b) {
    const fs_wgrad *g = u->job->g;
    const int64_t area = (int64_t)g->at.in[0] * g->at.in[1];
    for (int c = 0; c < u->channels; c++)
        for (int i = 0; i < b->images; i++)
            copy_plane(g, u->job->run->x + ((int64_t)(b->image + i) * g->channels + u->channel + c) * area,
                       b->first, b->rows,
                       u->panel + (ptrdiff_t)c * g->plane + (ptrdiff_t)i * g->height * g->width);
}

/* Images of one side, those of the gradient or of the input. */
typedef struct side {
    const float *data;
    int64_t stride; /* floats from image to image */
} side;

static side gradient_side(const job *j) {
    const fs_wgrad *g = j->g;
    const int64_t area = (int64_t)g->at.out[0] * g->at.out[1];
    const int channels = g->swapped ? g->channels : g->out_channels;
    return (side){j->run->out_grad, j->run->out_stride ? j->run->out_stride : channels * area};
}

static side input_side(const job *j) {
    const fs_wgrad *g = j->g;
    const int64_t area = (int64_t)g->at.in[0] * g->at.in[1];
    return (side){j->run->x, (g->swapped ? g->out_channels : g->channels) * area};
}

/* The output's gradient, and the sums of it for the bias; swapped the input. */
static void turn(const unit *u, const band *b) {
    const fs_wgrad *g = u->job->g;
    const side s = g->swapped ? input_side(u->job) : gradient_side(u->job);
    const int lanes = g->ops->lanes, pixels = b->rows * g->at.out[1];
    const int64_t area = (int64_t)g->at.out[0] * g->at.out[1];
    const ptrdiff_t step = (ptrdiff_t)u->vectors * lanes;
    for (int i = 0; i < b->images; i++)
        for (int v = 0; v < u->vectors; v++) {
            const int m = v * lanes, rest = u->out_count - m;
            const float *from = s.data + (b->image + i) * s.stride + (u->out_first + m) * area +
                                (int64_t)b->first * g->at.out[1];
            float sum[FS_WGRAD_MAX_LANES];
            g->ops->turn(from, area, rest < lanes ? rest : lanes, pixels,
                         u->turned + (ptrdiff_t)i * pixels * step + m, step, sum);
            for (int c = 0; u->bias && !g->swapped && c < lanes && c < rest; c++)
                u->bias[m + c] += (double)sum[c];
        }
}

/* Dense: where the band begins of what is read number by number. */
static const float *dense_source(const unit *u, const band *b, int64_t *stride) {
    const fs_wgrad *g = u->job->g;
    const side s = g->swapped ? gradient_side(u->job) : input_side(u->job);
    *stride = s.stride;
    return s.data + b->image * s.stride + (int64_t)u->channel * g->at.out[0] + b->first;
}

/* Swapped, the gradient is not turned, where its sums would be had on the way. */
static void add_bias(const unit *u, const band *b) {
    int64_t stride;
    const float *from = dense_source(u, b, &stride);
    for (int c = 0; c < u->channels; c++, from += u->job->g->at.out[0])
        for (int i = 0; i < b->images; i++)
            u->bias[c] += (double)u->job->g->ops->sum(from + i * stride, b->rows);
}

/* Where each row of pixels starts in the panel. Rows that follow each other without a gap count as one. */
static int place_rows(const unit *u, const band *b, int64_t *row, fs_wgrad_args *args) {
    const fs_wgrad *g = u->job->g;
    const fs_window_at *at = &g->at;
    int *columns = &args->columns;
    if (g->dense) {
        int64_t stride;
        args->x = dense_source(u, b, &stride);
        *columns = b->rows;
        for (int i = 0; i < b->images; i++)
            row[i] = i * stride;
        return b->images;
    }
    *columns = at->out[1];
    const bool dense = b->images == 1 ? at->stride[0] == 1 : g->height == b->rows;
    if (dense && g->width == at->out[1] && at->stride[1] == 1) {
        *columns *= b->images * b->rows;
        row[0] = 0;
        return 1;
    }
    for (int i = 0; i < b->images; i++)
        for (int r = 0; r < b->rows; r++)
            row[i * b->rows + r] = (int64_t)(i * g->height + r * at->stride[0]) * g->width;
    return b->images * b->rows;
}

/* Blocks of sums: a few vectors of output channels at a time, and for them all taps, in blocks of nearly one
 * size. */
static void add_band(const unit *u, const band *b) {
    const fs_wgrad *g = u->job->g;
    const int lanes = g->ops->lanes, taps = u->channels * taps_of(g);
    int64_t row[BAND_PIXELS];
    fs_wgrad_args args = {.y_step = (ptrdiff_t)u->vectors * lanes,
                          .sum_step = (ptrdiff_t)u->vectors * lanes,
                          .x = u->panel,
                          .x_step = g->at.stride[1],
                          .row = row};
    args.rows = place_rows(u, b, row, &args);
    for (int v = 0, vectors; v < u->vectors; v += vectors) {
        const int rest = u->vectors - v;
        vectors = rest == 4 ? 2 : rest < FS_WGRAD_MAX_VECTORS ? rest : FS_WGRAD_MAX_VECTORS;
        const int blocks = ceil_div(taps, g->ops->taps[vectors]);
        args.y = u->turned + v * lanes;
        for (int block = 0; block < blocks; block++) {
            const int first = (int)((int64_t)taps * block / blocks),
                      last = (int)((int64_t)taps * (block + 1) / blocks);
            args.offset = u->offset + first;
            args.sum = u->sums + first * args.sum_step + v * lanes;
            g->ops->run[vectors][last - first](&args);
        }
    }
}

/* ---- a unit ---- */

static void place_taps(const unit *u) {
    const fs_window_at *at = &u->job->g->at;
    int32_t *next = u->offset;
    for (int c = 0; c < u->channels && u->job->g->dense; c++)
        *next++ = c * at->out[0];
    for (int c = 0; c < u->channels && !u->job->g->dense; c++)
        for (int ky = 0; ky < at->kernel[0]; ky++)
            for (int kx = 0; kx < at->kernel[1]; kx++)
                *next++ =
                    c * u->job->g->plane + ky * at->dilation[0] * u->job->g->width + kx * at->dilation[1];
}

static void write_bias(const unit *u, int first, int count) {
    const fs_wgrad_run *run = u->job->run;
    for (int m = 0; u->bias && m < count; m++) {
        float *to = &run->bias_grad[first + m];
        *to = (float)(run->accumulate_bias ? (double)*to + u->bias[m] : u->bias[m]);
    }
}

/* Swapped: the sums lie as the weights do. */
static void write_swapped(const unit *u) {
    const fs_wgrad *g = u->job->g;
    const fs_wgrad_run *run = u->job->run;
    for (int m = 0; m < u->channels; m++) {
        float *to = run->weight_grad + (ptrdiff_t)(u->channel + m) * g->out_channels + u->out_first;
        const float *from = u->sums + (ptrdiff_t)m * u->vectors * g->ops->lanes;
        for (int c = 0; c < u->out_count; c++)
            to[c] = run->accumulate ? to[c] + from[c] : from[c];
    }
    write_bias(u, u->channel, u->channels);
}

static void write_sums(const unit *u) {
    const fs_wgrad *g = u->job->g;
    const fs_wgrad_run *run = u->job->run;
    const ptrdiff_t taps = taps_of(g), count = u->channels * taps,
                    step = (ptrdiff_t)u->vectors * g->ops->lanes;
    if (g->swapped) {
        write_swapped(u);
        return;
    }
    for (int m = 0; m < u->out_count; m++) {
        float *to = run->weight_grad + ((ptrdiff_t)(u->out_first + m) * g->channels + u->channel) * taps;
        const float *from = u->sums + m;
        for (ptrdiff_t k = 0; k < count; k++)
            to[k] = run->accumulate ? to[k] + from[k * step] : from[k * step];
    }
    write_bias(u, u->out_first, u->out_count);
}

static unit unit_at(const job *j, int index, float *scratch) {
    const fs_wgrad *g = j->g;
    const int i = index % g->in_groups, o = index / g->in_groups;
    unit u = {.job = j, .channel = (int)((int64_t)g->channels * i / g->in_groups)};
    const int first = (int)((int64_t)vectors_of(g) * o / g->out_groups);
    const int last = (int)((int64_t)vectors_of(g) * (o + 1) / g->out_groups);
    const int end = last * g->ops->lanes < g->out_channels ? last * g->ops->lanes : g->out_channels;
    u.channels = (int)((int64_t)g->channels * (i + 1) / g->in_groups) - u.channel;
    u.out_first = first * g->ops->lanes;
    u.out_count = end - u.out_first;
    u.vectors = last - first;
    u.sums = scratch;
    u.turned = u.sums + g->sums;
    u.panel = u.turned + g->turned;
    u.offset = (int32_t *)(u.panel + g->panel);
    if (j->run->bias_grad && (g->swapped ? o : i) == 0)
        u.bias = (double *)(u.offset + lines((size_t)u.channels * (size_t)taps_of(g)));
    return u;
}

static void run_unit(const job *j, int index, float *scratch) {
    const fs_wgrad *g = j->g;
    const unit u = unit_at(j, index, scratch);
    memset(u.sums, 0,
           (size_t)u.channels * (size_t)taps_of(g) * (size_t)(u.vectors * g->ops->lanes) * sizeof(float));
    if (u.bias)
        memset(u.bias, 0, (size_t)(g->swapped ? u.channels : u.out_count) * sizeof *u.bias);
    place_taps(&u);
    for (int image = 0; image < g->images; image += g->band_images)
        for (int first = 0; first < g->at.out[0]; first += g->band_rows) {
            const int images = g->images - image, rows = g->at.out[0] - first;
            const band b = {image, images < g->band_images ? images : g->band_images, first,
                            rows < g->band_rows ? rows : g->band_rows};
            turn(&u, &b);
            if (!g->dense)
                fill_panel(&u, &b);
            if (u.bias && g->swapped)
                add_bias(&u, &b);
            add_band(&u, &b);
        }
    write_sums(&u);
}

static void run_units(void *context, int first, int last, int thread) {
    const job *j = context;
    const fs_wgrad *g = j->g;
    float *scratch = j->run->workspace + (size_t)thread * (g->sums + g->turned + g->panel + g->offsets);
    for (int index = first; index < last; index++)
        run_unit(j, index, scratch);
}

void fs_wgrad_execute(const fs_wgrad *g, const fs_wgrad_run *run) {
    job j = {g, run};
    fs_pool_for(run->pool, g->in_groups * g->out_groups, 1, run_units, &j);
}
