#include <string.h>

#include "engine/kernels/flat.h"

/* count floats, `step` apart in the source. */
static void copy_row(float *restrict out, const float *restrict row, int count, int step) {
    switch (step) {
    case 1:
        memcpy(out, row, (size_t)count * sizeof *out);
        break;
    case 2:
        for (int i = 0; i < count; i++)
            out[i] = row[2 * i];
        break;
    default:
        for (int i = 0; i < count; i++)
            out[i] = row[(ptrdiff_t)step * i];
    }
}

static int clamp(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

/* Which columns [left, right) of a row of `width` columns of a phase hold source pixels. */
typedef struct span {
    int width, left, right, source; /* source: the pixel at `left` */
} span;

static span row_span(const fs_flat_axis *x, int phase) {
    int width = x->count + x->reach, lead = x->origin - phase;
    int left = lead > 0 ? (lead + x->step - 1) / x->step : 0;
    int last = x->source - 1 + lead;
    int right = last < 0 ? 0 : last / x->step + 1;
    left = clamp(left, 0, width);
    right = clamp(right, left, width);
    return (span){width, left, right, left * x->step - lead};
}

static void fill_plane(const fs_flat *flat, const float *image, int first, int rows, int phase_y, int phase_x,
                       float *plane) {
    const fs_flat_axis *y = &flat->axis[0], *x = &flat->axis[1];
    span s = row_span(x, phase_x);
    for (int row = 0; row < rows + y->reach; row++, plane += flat->pitch) {
        int64_t from = (int64_t)(first + row) * y->step + phase_y - y->origin;
        if (from < 0 || from >= y->source) {
            memset(plane, 0, (size_t)s.width * sizeof *plane);
            continue;
        }
        for (int i = 0; i < s.left; i++)
            plane[i] = 0;
        copy_row(plane + s.left, image + from * x->source + s.source, s.right - s.left, x->step);
        for (int i = s.right; i < s.width; i++)
            plane[i] = 0;
    }
}

void fs_flat_fill_panel(const fs_flat *flat, const float *image, int first, int rows, float *panel) {
    const fs_flat_axis *y = &flat->axis[0], *x = &flat->axis[1];
    ptrdiff_t area = (ptrdiff_t)y->source * x->source;
    for (int channel = 0; channel < flat->channels; channel++)
        for (int py = 0; py < y->step; py++)
            for (int px = 0; px < x->step; px++) {
                if (y->plane_of[py] < 0 || x->plane_of[px] < 0)
                    continue;
                int plane = (channel * y->planes + y->plane_of[py]) * x->planes + x->plane_of[px];
                fill_plane(flat, image + channel * area, first, rows, py, px,
                           panel + (ptrdiff_t)plane * flat->plane);
            }
}

static void put(float *to, float value, bool accumulate) {
    *to = accumulate ? *to + value : value;
}

/* Two sets: the usual case. With origin 1 the first pixel comes from the odd set. */
static void interleave_pairs(const float *restrict even, const float *restrict odd, int origin, int count,
                             bool accumulate, float *restrict out) {
    if (origin == 1)
        put(out++, odd[0], accumulate);
    even += origin;
    odd += origin;
    int pairs = (count - origin) / 2;
    if (accumulate)
        for (int i = 0; i < pairs; i++) {
            out[2 * i] += even[i];
            out[2 * i + 1] += odd[i];
        }
    else
        for (int i = 0; i < pairs; i++) {
            out[2 * i] = even[i];
            out[2 * i + 1] = odd[i];
        }
    if (origin + 2 * pairs < count)
        put(out + 2 * pairs, even[pairs], accumulate);
}

/* One target row from the columns of each set: out[column * sets + set - origin]. */
static void interleave_row(const fs_flat_axis *x, const float *const *from, bool accumulate, float *out) {
    if (x->sets == 2) {
        interleave_pairs(from[0], from[1], x->target_origin, x->target, accumulate, out);
        return;
    }
    for (int set = 0; set < x->sets; set++)
        for (int column = 0; column < x->count; column++) {
            int to = column * x->sets + set - x->target_origin;
            if (to >= 0 && to < x->target)
                put(out + to, from[set][column], accumulate);
        }
}

void fs_flat_interleave(const fs_flat *flat, const float *staging, ptrdiff_t set_stride, int first, int rows,
                        bool accumulate, float *plane) {
    const fs_flat_axis *y = &flat->axis[0], *x = &flat->axis[1];
    for (int row = 0; row < rows; row++)
        for (int set = 0; set < y->sets; set++) {
            int to = (first + row) * y->sets + set - y->target_origin;
            if (to < 0 || to >= y->target)
                continue;
            const float *from[FS_FLAT_MAX_STRIDE];
            for (int i = 0; i < x->sets; i++)
                from[i] = staging + (set * x->sets + i) * set_stride + (ptrdiff_t)row * x->count;
            interleave_row(x, from, accumulate, plane + (ptrdiff_t)to * x->target);
        }
}
