#include <string.h>

#include "engine/kernels/flat.h"

/* Panels up to this size share the second-level cache with weights and results. */
enum {
    PANEL_FLOATS = 128 * 1024,
    MAX_PANEL_FLOATS = 64 * 1024 * 1024,
    SLACK = 2 * FS_MICRO_MAX_VECTORS * FS_MICRO_MAX_LANES
};

fs_flat_tap fs_flat_tap_at(const fs_flat *flat, int axis, int k) {
    const fs_flat_axis *a = &flat->axis[axis];
    int distance = k * a->dilation;
    if (flat->gradient)
        return (fs_flat_tap){distance % a->sets, 0, a->reach - distance / a->sets};
    return (fs_flat_tap){0, distance % a->step, distance / a->step};
}

static void find_planes(fs_flat *flat, int axis) {
    fs_flat_axis *a = &flat->axis[axis];
    bool used[FS_FLAT_MAX_STRIDE] = {false};
    for (int k = 0; k < a->kernel; k++)
        used[fs_flat_tap_at(flat, axis, k).phase] = true;
    a->planes = 0;
    for (int phase = 0; phase < FS_FLAT_MAX_STRIDE; phase++)
        a->plane_of[phase] = used[phase] ? a->planes++ : -1;
}

static void set_forward_axis(fs_flat_axis *a, const fs_window_at *at, int i) {
    int reach = (at->kernel[i] - 1) * at->dilation[i];
    *a = (fs_flat_axis){.kernel = at->kernel[i],
                        .dilation = at->dilation[i],
                        .source = at->in[i],
                        .step = at->stride[i],
                        .origin = at->pad[i],
                        .count = at->out[i],
                        .reach = reach / at->stride[i],
                        .sets = 1,
                        .target = at->out[i]};
}

/* Input row s*m + set - pad receives from output row m - k*dilation/s for the taps with k*dilation = set (mod
 * s). */
static void set_gradient_axis(fs_flat_axis *a, const fs_window_at *at, int i) {
    int stride = at->stride[i], pad = at->pad[i];
    int reach = (at->kernel[i] - 1) * at->dilation[i] / stride;
    int first = pad / stride;
    *a = (fs_flat_axis){.kernel = at->kernel[i],
                        .dilation = at->dilation[i],
                        .source = at->out[i],
                        .step = 1,
                        .origin = reach - first,
                        .count = (at->in[i] - 1 + pad) / stride - first + 1,
                        .reach = reach,
                        .sets = stride,
                        .target = at->in[i],
                        .target_origin = pad - first * stride};
}

/* Zero columns at the end of a row and at the start of the next may be the same ones. */
static int shared_columns(const fs_flat *flat) {
    const fs_flat_axis *a = &flat->axis[1];
    int width = a->count + a->reach, shared = a->reach;
    for (int phase = 0; phase < a->step; phase++) {
        if (a->plane_of[phase] < 0)
            continue;
        int left = a->origin > phase ? (a->origin - phase + a->step - 1) / a->step : 0;
        int last = a->source - 1 + a->origin - phase; /* the last source column lies at column last / step */
        int right = last < 0 ? width : width - 1 - last / a->step;
        shared = left < shared ? left : shared;
        shared = right < shared ? right : shared;
    }
    return shared < 0 ? 0 : shared;
}

static bool is_direct(const fs_window_at *at) {
    for (int i = 0; i < 2; i++)
        if (at->kernel[i] != 1 || at->stride[i] != 1 || at->pad[i] != 0 || at->in[i] != at->out[i])
            return false;
    return true;
}

/* How a plane without padding is cut: rows of a tile each. */
static bool lay_out_direct(fs_flat *flat, const fs_window_at *at) {
    int64_t pixels = (int64_t)at->in[0] * at->in[1];
    if (pixels * flat->channels > INT32_MAX / 2)
        return false;
    int size =
        flat->micro
            ->size[flat->target_channels < flat->micro->block ? flat->target_channels : flat->micro->block];
    int tile = flat->micro->vectors[size] * flat->micro->lanes;
    flat->direct = true;
    flat->pixels = flat->plane = (int)pixels;
    flat->pitch = tile;
    flat->max_rows = (int)((pixels + tile - 1) / tile);
    flat->axis[0].count = flat->max_rows;
    flat->axis[1].count = tile;
    flat->panel =
        (size_t)flat->channels * (size_t)tile; /* the end of a plane is copied: vectors read beyond it */
    flat->staging = (size_t)flat->micro->block * (size_t)tile;
    return true;
}

static bool lay_out_panel(fs_flat *flat) {
    const fs_flat_axis *y = &flat->axis[0], *x = &flat->axis[1];
    if ((int64_t)y->count + y->reach > INT32_MAX / 64 || (int64_t)x->count + x->reach > INT32_MAX / 64)
        return false;
    flat->pitch = x->count + x->reach - shared_columns(flat);
    int64_t columns = (int64_t)flat->channels * y->planes * x->planes * flat->pitch;
    if (columns * (y->reach + 1) > MAX_PANEL_FLOATS)
        return false;
    int64_t rows = PANEL_FLOATS / columns - y->reach;
    rows = rows < 1 ? 1 : rows;
    flat->max_rows = rows < y->count ? (int)rows : y->count;
    int64_t plane = (int64_t)(flat->max_rows + y->reach) * flat->pitch + x->reach;
    /* Whole cache lines, and not a power of two apart, which would make all channels compete for the same
     * sets. */
    plane = (plane + 15) / 16 * 16;
    if (plane % 256 == 0)
        plane += 16;
    flat->plane = (int)plane;
    flat->panel = (size_t)(flat->channels * y->planes * x->planes * plane) + SLACK;
    return flat->panel < 4 * (size_t)MAX_PANEL_FLOATS;
}

static bool finish(fs_flat *flat, const fs_window_at *at) {
    find_planes(flat, 0);
    find_planes(flat, 1);
    if (!(is_direct(at) ? lay_out_direct(flat, at) : lay_out_panel(flat)))
        return false;
    int sets = flat->axis[0].sets * flat->axis[1].sets;
    if (sets > 1)
        flat->staging =
            (size_t)sets * (size_t)flat->micro->block * (size_t)flat->max_rows * (size_t)flat->axis[1].count;
    return true;
}

static bool in_range(const fs_window_at *at) {
    for (int i = 0; i < 2; i++)
        if (at->stride[i] > FS_FLAT_MAX_STRIDE || (int64_t)at->kernel[i] * at->dilation[i] > INT32_MAX / 64 ||
            at->in[i] > INT32_MAX / 64 || at->pad[i] > INT32_MAX / 64)
            return false;
    return true;
}

bool fs_flat_forward(fs_flat *out, fs_isa isa, const fs_window_at *at, int channels, int target_channels) {
    *out =
        (fs_flat){.micro = fs_micro_set_for(isa), .channels = channels, .target_channels = target_channels};
    if (!in_range(at) || out->micro == NULL)
        return false;
    set_forward_axis(&out->axis[0], at, 0);
    set_forward_axis(&out->axis[1], at, 1);
    return finish(out, at);
}

bool fs_flat_gradient(fs_flat *out, fs_isa isa, const fs_window_at *at, int channels, int target_channels) {
    *out = (fs_flat){.micro = fs_micro_set_for(isa),
                     .channels = channels,
                     .target_channels = target_channels,
                     .gradient = true};
    if (!in_range(at) || out->micro == NULL)
        return false;
    set_gradient_axis(&out->axis[0], at, 0);
    set_gradient_axis(&out->axis[1], at, 1);
    return finish(out, at);
}

static size_t lines(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

/* How many positions of an axis's kernel belong to a set. */
static int taps_of_set(const fs_flat *flat, int axis, int set) {
    int count = 0;
    for (int k = 0; k < flat->axis[axis].kernel; k++)
        count += fs_flat_tap_at(flat, axis, k).set == set;
    return count;
}

static size_t padded_channels(const fs_flat *flat) {
    int block = flat->micro->block, rest = flat->target_channels % block;
    return (size_t)(flat->target_channels - rest + flat->micro->size[rest]);
}

static size_t set_taps(const fs_flat *flat, int row, int column) {
    return (size_t)flat->channels * (size_t)taps_of_set(flat, 0, row) * (size_t)taps_of_set(flat, 1, column);
}

size_t fs_flat_packed_bytes(const fs_flat *flat) {
    size_t bytes = lines(padded_channels(flat) * sizeof(float));
    bytes += flat->direct ? lines((size_t)flat->channels * sizeof(int32_t)) : 0;
    for (int row = 0; row < flat->axis[0].sets; row++)
        for (int column = 0; column < flat->axis[1].sets; column++) {
            size_t taps = set_taps(flat, row, column);
            bytes += lines(taps * sizeof(int32_t));
            bytes += lines(taps * (flat->shared ? sizeof(int32_t) : padded_channels(flat) * sizeof(float)));
        }
    return bytes;
}

bool fs_flat_share(fs_flat *gradient, const fs_flat *forward) {
    int block = forward->micro->block;
    int64_t weights = (int64_t)forward->channels * forward->target_channels * fs_flat_weight_stride(forward);
    gradient->shared = gradient->micro == forward->micro && forward->channels % block == 0 &&
                       forward->target_channels % block == 0 && weights / block <= INT32_MAX;
    return gradient->shared;
}

static int32_t tap_offset(const fs_flat *flat, int channel, const int k[2]) {
    const fs_flat_axis *y = &flat->axis[0], *x = &flat->axis[1];
    fs_flat_tap ty = fs_flat_tap_at(flat, 0, k[0]), tx = fs_flat_tap_at(flat, 1, k[1]);
    int plane = (channel * y->planes + y->plane_of[ty.phase]) * x->planes + x->plane_of[tx.phase];
    return plane * flat->plane + (flat->direct ? 0 : ty.shift * flat->pitch + tx.shift);
}

/* Where the forward pass keeps the weight of this tap for the first of its source channels: blocks of its
 * targets, which are our sources, by its sources, by taps. */
static int32_t shared_offset(const fs_flat *flat, int channel, const int k[2]) {
    int block = flat->micro->block, tap = k[0] * flat->axis[1].kernel + k[1];
    ptrdiff_t stride = fs_flat_weight_stride(flat);
    return (int32_t)(channel / block * flat->target_channels * stride + tap * block + channel % block);
}

/* One tap of one source channel: its weight for every target channel. */
static void pack_tap(const fs_flat *flat, const fs_flat_taps *taps, float *packed, int index, int channel,
                     const int k[2], const float *weights) {
    const fs_flat_axis *y = &flat->axis[0], *x = &flat->axis[1];
    int block = flat->micro->block;
    size_t area = (size_t)y->kernel * (size_t)x->kernel, at = (size_t)k[0] * (size_t)x->kernel + (size_t)k[1];
    for (int first = 0; first < flat->target_channels; first += block) {
        int rest = flat->target_channels - first;
        int size = flat->micro->size[rest < block ? rest : block];
        float *out = packed + (size_t)first * (size_t)taps->count + (size_t)index * (size_t)size;
        for (int i = 0; i < size; i++) {
            size_t target = (size_t)(first + i), source = (size_t)channel;
            size_t kernel = flat->gradient ? source * (size_t)flat->target_channels + target
                                           : target * (size_t)flat->channels + source;
            out[i] = i < rest ? weights[kernel * area + at] : 0;
        }
    }
}

static void pack_set(const fs_flat *flat, int row, int column, const float *weights, float *packed) {
    const fs_flat_taps *taps = &flat->taps[row * flat->axis[1].sets + column];
    int index = 0;
    for (int channel = 0; channel < flat->channels; channel++)
        for (int ky = 0; ky < flat->axis[0].kernel; ky++)
            for (int kx = 0; kx < flat->axis[1].kernel; kx++)
                if (fs_flat_tap_at(flat, 0, ky).set == row && fs_flat_tap_at(flat, 1, kx).set == column) {
                    const int k[] = {ky, kx};
                    taps->offset[index] = tap_offset(flat, channel, k);
                    if (flat->shared)
                        taps->weight_offset[index] = shared_offset(flat, channel, k);
                    else
                        pack_tap(flat, taps, packed, index, channel, k, weights);
                    index++;
                }
}

void fs_flat_pack(fs_flat *flat, const float *weights, const float *bias, void *memory) {
    char *next = memory;
    size_t channels = padded_channels(flat);
    flat->bias = NULL;
    if (bias != NULL) {
        flat->bias = (float *)next;
        memset(flat->bias, 0, channels * sizeof(float));
        memcpy(flat->bias, bias, (size_t)flat->target_channels * sizeof(float));
    }
    next += lines(channels * sizeof(float));
    if (flat->direct) {
        flat->tail_offset = (int32_t *)next;
        for (int i = 0; i < flat->channels; i++)
            flat->tail_offset[i] = i * flat->pitch;
        next += lines((size_t)flat->channels * sizeof(int32_t));
    }
    for (int row = 0; row < flat->axis[0].sets; row++)
        for (int column = 0; column < flat->axis[1].sets; column++) {
            fs_flat_taps *taps = &flat->taps[row * flat->axis[1].sets + column];
            size_t count = set_taps(flat, row, column);
            *taps = (fs_flat_taps){.count = (int)count, .offset = (int32_t *)next};
            next += lines(count * sizeof(int32_t));
            float *packed = (float *)next;
            if (flat->shared) {
                taps->weights = weights;
                taps->weight_offset = (int32_t *)next;
                next += lines(count * sizeof(int32_t));
            } else {
                taps->weights = packed;
                next += lines(count * channels * sizeof(float));
            }
            pack_set(flat, row, column, weights, packed);
        }
}
