#include "app/occlusion.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

static size_t pixels_of(const fs_occlusion *o) {
    return (size_t)o->width * (size_t)o->height;
}

fs_status fs_occlusion_create(fs_occlusion *out, int width, int height, fs_error *err) {
    fs_occlusion o = {.width = width, .height = height};
    o.strokes = fs_calloc(pixels_of(&o), 1);
    o.cleared = fs_calloc(pixels_of(&o), 1);
    if (!o.strokes || !o.cleared) {
        fs_occlusion_free(&o);
        return fs_fail_memory(err, "what is covered of a picture");
    }
    *out = o;
    return FS_OK;
}

void fs_occlusion_free(fs_occlusion *o) {
    fs_free(o->strokes);
    fs_free(o->cleared);
    memset(o, 0, sizeof *o);
}

/* ---- strokes ---- */

static void join_oldest(fs_occlusion *o) {
    for (size_t i = 0; i < pixels_of(o); i++)
        o->strokes[i] -= o->strokes[i] > 1;
    o->n_strokes--;
}

void fs_occlusion_begin(fs_occlusion *o) {
    if (o->n_strokes == FS_OCCLUSION_STROKES)
        join_oldest(o);
    o->n_strokes++;
    o->touched = false;
}

/* The first pixel and the one after the last of a brush around a point, inside the picture. */
static void span(double centre, double side, int limit, int *first, int *end) {
    *first = (int)fmax(0, fmin(limit, rint(centre - side / 2)));
    *end = (int)fmax(0, fmin(limit, fmax(rint(centre + side / 2), rint(centre - side / 2) + 1)));
}

static void dab(fs_occlusion *o, double x, double y, double side) {
    int left, right, top, bottom;
    span(x, side, o->width, &left, &right);
    span(y, side, o->height, &top, &bottom);
    for (int row = top; row < bottom; row++) {
        uint8_t *at = o->strokes + (size_t)row * (size_t)o->width;
        for (int column = left; column < right; column++) {
            if (at[column] != 0)
                continue;
            at[column] = (uint8_t)o->n_strokes;
            o->touched = true;
        }
    }
}

/* What is further outside covers nothing either. */
static double within(double at, double side, int limit) {
    return fmax(-side, fmin(at, limit + side));
}

bool fs_occlusion_line(fs_occlusion *o, double x0, double y0, double x1, double y1, double side) {
    const bool before = o->touched;
    x0 = within(x0, side, o->width);
    x1 = within(x1, side, o->width);
    y0 = within(y0, side, o->height);
    y1 = within(y1, side, o->height);
    /* Never further apart than shows no steps. */
    const int n = (int)ceil(fmax(fabs(x1 - x0), fabs(y1 - y0)) / fmax(1, side / 8));
    o->touched = false;
    for (int i = 0; i <= n; i++) {
        const double share = n > 0 ? (double)i / n : 1;
        dab(o, x0 + share * (x1 - x0), y0 + share * (y1 - y0), side);
    }
    const bool changed = o->touched;
    o->touched = before || changed;
    if (changed)
        o->n_cleared = 0;
    return changed;
}

void fs_occlusion_end(fs_occlusion *o) {
    if (!o->touched && o->n_strokes > 0)
        o->n_strokes--;
    o->touched = false;
}

/* ---- runs ---- */

/* The first run at or after a pixel, which is moved behind it. False: there is none. */
static bool next_run(const fs_occlusion *o, size_t *at, fs_occlusion_run *out) {
    const size_t n = pixels_of(o), width = (size_t)o->width;
    while (*at < n && o->strokes[*at] == 0)
        ++*at;
    if (*at == n)
        return false;
    const size_t first = *at, row_end = (first / width + 1) * width;
    while (*at < row_end && o->strokes[*at] == o->strokes[first])
        ++*at;
    *out = (fs_occlusion_run){.stroke = o->strokes[first],
                              .row = (int)(first / width),
                              .column = (int)(first % width),
                              .length = (int)(*at - first)};
    return true;
}

int fs_occlusion_count_runs(const fs_occlusion *o) {
    fs_occlusion_run run;
    int n = 0;
    for (size_t at = 0; next_run(o, &at, &run);)
        n++;
    return n;
}

void fs_occlusion_runs(const fs_occlusion *o, fs_occlusion_run *out) {
    int place[FS_OCCLUSION_STROKES + 2] = {0}; /* where the next run of a stroke goes */
    fs_occlusion_run run;
    for (size_t at = 0; next_run(o, &at, &run);)
        place[run.stroke + 1]++;
    for (int stroke = 1; stroke <= FS_OCCLUSION_STROKES; stroke++)
        place[stroke + 1] += place[stroke];
    for (size_t at = 0; next_run(o, &at, &run);)
        out[place[run.stroke]++] = run;
}

static void put_run(fs_occlusion *o, const fs_occlusion_run *run) {
    if (run->row < 0 || run->row >= o->height)
        return;
    uint8_t *row = o->strokes + (size_t)run->row * (size_t)o->width;
    const int first = run->column > 0 ? run->column : 0;
    for (int column = first; column < o->width && column - run->column < run->length; column++) {
        if (row[column] != 0)
            continue;
        row[column] = (uint8_t)o->n_strokes;
        o->touched = true;
    }
}

void fs_occlusion_put_runs(fs_occlusion *o, const fs_occlusion_run *runs, int n) {
    for (int i = 0; i < n; i++) {
        if (i == 0 || runs[i].stroke != runs[i - 1].stroke)
            fs_occlusion_begin(o);
        put_run(o, &runs[i]);
        if (i == n - 1 || runs[i].stroke != runs[i + 1].stroke)
            fs_occlusion_end(o);
    }
    o->n_cleared = 0;
}

/* ---- back ---- */

bool fs_occlusion_can_undo(const fs_occlusion *o) {
    return o->n_strokes > 0 || o->n_cleared > 0;
}

bool fs_occlusion_undo(fs_occlusion *o) {
    if (!fs_occlusion_can_undo(o))
        return false;
    if (o->n_strokes == 0) {
        memcpy(o->strokes, o->cleared, pixels_of(o));
        o->n_strokes = o->n_cleared;
        o->n_cleared = 0;
        return true;
    }
    for (size_t i = 0; i < pixels_of(o); i++)
        if (o->strokes[i] == o->n_strokes)
            o->strokes[i] = 0;
    o->n_strokes--;
    return true;
}

bool fs_occlusion_clear(fs_occlusion *o) {
    if (o->n_strokes == 0)
        return false;
    memcpy(o->cleared, o->strokes, pixels_of(o));
    memset(o->strokes, 0, pixels_of(o));
    o->n_cleared = o->n_strokes;
    o->n_strokes = 0;
    return true;
}

/* ---- colours ---- */

fs_rgb fs_occlusion_colour(const fs_preprocess *p) {
    uint8_t grey[3];
    const int channels = fs_preprocess_channels(p);
    bool any = false;
    for (int c = 0; c < 3; c++) {
        const double mean = (double)p->mean[channels == 3 ? c : 0] / (double)p->range;
        any = any || mean > 0;
        grey[c] = (uint8_t)lrint(255 * fmax(0, fmin(mean, 1)));
    }
    if (!any)
        return (fs_rgb){128, 128, 128};
    return p->order == FS_CHANNELS_BGR ? (fs_rgb){grey[2], grey[1], grey[0]}
                                       : (fs_rgb){grey[0], grey[1], grey[2]};
}

void fs_occlusion_paint(const fs_occlusion *o, fs_rgb colour, fs_image *picture) {
    const uint8_t rgb[3] = {colour.r, colour.g, colour.b};
    for (size_t i = 0; i < pixels_of(o); i++)
        if (o->strokes[i] != 0)
            memcpy(picture->pixels + 3 * i, rgb, sizeof rgb);
}

fs_status fs_occlusion_picture(const fs_occlusion *o, fs_rgb colour, fs_image *out, fs_error *err) {
    const uint8_t rgba[4] = {colour.r, colour.g, colour.b, 255};
    fs_image image = {0};
    fs_status status = fs_image_create(&image, o->width, o->height, 4, err);
    if (status != FS_OK)
        return status;
    for (size_t i = 0; i < pixels_of(o); i++)
        if (o->strokes[i] != 0)
            memcpy(image.pixels + 4 * i, rgba, sizeof rgba);
    *out = image;
    return FS_OK;
}
