#include "report/histogram_chart.h"

#include <math.h>
#include <stdio.h>

#include "report/caption.h"

enum { TITLE_HEIGHT = 22, AXIS_HEIGHT = 20, ZEROS_WIDTH = 92 };

typedef struct axis {
    fs_rect rect;     /* of the bars */
    double low, high; /* values at its left and right */
} axis;

static double to_x(const axis *a, double value) {
    return a->rect.x + (value - a->low) / (a->high - a->low) * a->rect.w;
}

static double height_of(uint64_t count, bool logarithmic) {
    return logarithmic ? log1p((double)count) : (double)count;
}

static void draw_bars(fs_canvas *canvas, const axis *a, const fs_histogram *h, bool logarithmic) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    double top = 0;
    for (int i = 0; i < h->used; i++)
        top = fmax(top, height_of(h->counts[i], logarithmic));
    for (int i = 0; i < h->used; i++) {
        double left = to_x(a, fs_histogram_low(h, i)), right = to_x(a, fs_histogram_low(h, i + 1));
        double height = top > 0 ? height_of(h->counts[i], logarithmic) / top * a->rect.h : 0;
        if (h->counts[i])
            height = fmax(height, 1); /* a single picture is still seen */
        double gap = right - left > 3 ? 0.5 : 0;
        fs_rect bar = {left + gap, a->rect.y + a->rect.h - height, right - left - 2 * gap, height};
        fs_fill_rect(canvas, bar, theme->level[FS_LEVEL_EDGE]);
    }
}

static void draw_mark(fs_canvas *canvas, const axis *a, double mark) {
    if (!(mark >= a->low && mark <= a->high))
        return;
    cairo_t *cr = fs_canvas_cairo(canvas);
    const double dashes[] = {4, 3};
    double x = floor(to_x(a, mark)) + 0.5;
    cairo_save(cr);
    cairo_set_dash(cr, dashes, 2, 0);
    cairo_set_line_width(cr, 1);
    fs_set_colour(cr, fs_canvas_theme(canvas)->accent);
    cairo_move_to(cr, x, a->rect.y);
    cairo_line_to(cr, x, a->rect.y + a->rect.h);
    cairo_stroke(cr);
    cairo_restore(cr);
}

static void draw_ends(fs_canvas *canvas, const axis *a) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    char text[FS_CAPTION_SIZE];
    fs_rect line = {a->rect.x, a->rect.y + a->rect.h, a->rect.w, 1};
    fs_fill_rect(canvas, line, theme->faint);
    fs_text_style style = {.size = 11.5, .colour = theme->dim};
    fs_rect labels = {a->rect.x, line.y + 2, a->rect.w, AXIS_HEIGHT - 2};
    fs_draw_text(canvas, labels, a->low == 0 ? "0" : fs_caption_number(a->low, text), &style);
    style.align = FS_ALIGN_RIGHT;
    fs_draw_text(canvas, labels, a->high == 0 ? "0" : fs_caption_number(a->high, text), &style);
    double zero = to_x(a, 0);
    if (zero < a->rect.x + 44 || zero > a->rect.x + a->rect.w - 44)
        return; /* it is an end, or would touch one's label */
    style.align = FS_ALIGN_CENTRE;
    fs_draw_text(canvas, (fs_rect){zero - 20, labels.y, 40, labels.h}, "0", &style);
    fs_fill_rect(canvas, (fs_rect){floor(zero), line.y, 1, 4}, theme->faint);
}

void fs_draw_histogram(fs_canvas *canvas, fs_rect rect, const char *title, const fs_histogram *h,
                       bool logarithmic, double mark) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_text_style style = {.size = 12.5, .colour = theme->text};
    fs_rect head = fs_rect_cut_top(&rect, TITLE_HEIGHT);
    if (h->zeros) {
        char zeros[64];
        snprintf(zeros, sizeof zeros, "zero: %.1f %%", 100.0 * (double)h->zeros / (double)h->total);
        fs_text_style right = {.size = 11.5, .colour = theme->dim, .align = FS_ALIGN_RIGHT};
        fs_draw_text(canvas, fs_rect_cut_right(&head, ZEROS_WIDTH), zeros, &right);
    }
    fs_draw_text(canvas, head, title, &style);
    fs_rect_cut_bottom(&rect, AXIS_HEIGHT);
    fs_rect_cut_top(&rect, 4);
    axis a = {rect, fmin(0, h->used ? fs_histogram_low(h, 0) : 0),
              fmax(0, h->used ? fs_histogram_low(h, h->used) : 0)};
    if (a.low == a.high)
        a.high = 1;
    draw_bars(canvas, &a, h, logarithmic);
    draw_mark(canvas, &a, mark);
    draw_ends(canvas, &a);
}
