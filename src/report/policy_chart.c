#include "report/policy_chart.h"

#include <math.h>

#include "base/c_locale.h"
#include "report/axes.h"
#include "report/caption.h"
#include "report/chart_frame.h"
#include "report/layer_chart.h"

enum {
    MARGIN = 32,
    WIDTH = 1160,
    HEAD = 64,
    UPPER = 360, /* bars and curves */
    BARS = 500,
    GAP = 48,
    LOWER = 480, /* layers */
    SPACE = 28,
    BAR_TEXT = 46, /* two lines over a bar */
    NAME = 24
};

double fs_policy_standard_error(int right, int pictures) {
    const double p = (double)right / pictures;
    return sqrt(p * (1 - p) / pictures);
}

static fs_colour colour_of(const fs_theme *theme, int policy) {
    return theme->level[policy % FS_LEVEL_COUNT];
}

static double accuracy_of(const fs_policy *policy) {
    return (double)policy->right / policy->pictures;
}

/* ---- bars ---- */

static void draw_whisker(fs_canvas *canvas, const fs_chart_frame *frame, double x, double low, double high) {
    const fs_colour colour = fs_canvas_theme(canvas)->text;
    const double top = fs_chart_y(frame, fmin(high, 1)), bottom = fs_chart_y(frame, fmax(low, 0));
    fs_fill_rect(canvas, (fs_rect){x - 0.75, top, 1.5, bottom - top}, colour);
    fs_fill_rect(canvas, (fs_rect){x - 6, top - 0.75, 12, 1.5}, colour);
    fs_fill_rect(canvas, (fs_rect){x - 6, bottom - 0.75, 12, 1.5}, colour);
}

/* Over the whole plot, where no line of the grid runs through the words. */
static void draw_bar_text(fs_canvas *canvas, fs_rect column, const fs_policy *p) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_text_style bold = {.size = 13.5, .colour = theme->text, .align = FS_ALIGN_CENTRE, .bold = true};
    const fs_text_style dim = {.size = 11.5, .colour = theme->dim, .align = FS_ALIGN_CENTRE};
    char text[FS_CAPTION_SIZE];
    fs_c_snprintf(text, sizeof text, "%.1f %%", 100 * accuracy_of(p));
    fs_draw_text(canvas, (fs_rect){column.x, column.y - BAR_TEXT, column.w, 20}, text, &bold);
    fs_c_snprintf(text, sizeof text, "%d of %d", p->right, p->pictures);
    fs_draw_text(canvas, (fs_rect){column.x, column.y - BAR_TEXT + 18, column.w, 18}, text, &dim);
}

static void draw_bars(fs_canvas *canvas, fs_rect rect, const fs_policy_chart *c) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_text_style name = {.size = 13, .colour = theme->text, .align = FS_ALIGN_CENTRE};
    fs_chart_title(canvas, &rect, "Validation pictures that are right",
                   "of the best epoch; whiskers: one binomial standard error");
    fs_rect_cut_bottom(&rect, NAME);
    fs_rect_cut_top(&rect, BAR_TEXT);
    const fs_chart_frame frame = fs_chart_frame_draw(canvas, rect, "accuracy", 0, 1);
    const double each = frame.plot.w / c->n;
    for (int i = 0; i < c->n; i++) {
        const fs_policy *p = &c->policies[i];
        const double accuracy = accuracy_of(p), error = fs_policy_standard_error(p->right, p->pictures);
        const fs_rect column = {frame.plot.x + i * each, frame.plot.y, each, frame.plot.h};
        const double y = fs_chart_y(&frame, accuracy), bottom = column.y + column.h;
        fs_fill_rect(canvas, (fs_rect){column.x + each * 0.18, y, each * 0.64, bottom - y - 0.5},
                     colour_of(theme, i));
        draw_whisker(canvas, &frame, column.x + each / 2, accuracy - error, accuracy + error);
        draw_bar_text(canvas, column, p);
        fs_draw_text(canvas, (fs_rect){column.x, bottom + 4, each, NAME - 4}, p->name, &name);
    }
}

/* ---- curves ---- */

/* From a round number below the lowest accuracy to a round one above the highest. */
static fs_axis accuracy_axis(const fs_policy_chart *c) {
    double low = 1, high = 0;
    for (int i = 0; i < c->n; i++)
        for (int e = 0; e < c->policies[i].n_epochs; e++) {
            low = fmin(low, c->policies[i].accuracies[e]);
            high = fmax(high, c->policies[i].accuracies[e]);
        }
    const double step = fs_round_step(fmax(0.05, high - low));
    fs_axis axis = {.low = floor(low / step) * step, .high = ceil(high / step) * step, .step = step};
    axis.label = "validation accuracy";
    if (axis.high - axis.low < step)
        axis.low -= step;
    return axis;
}

static fs_axis seconds_axis(const fs_policy_chart *c) {
    double most = 0;
    for (int i = 0; i < c->n; i++)
        most = fmax(most, c->policies[i].seconds[c->policies[i].n_epochs - 1]);
    return (fs_axis){.low = 0, .high = most > 0 ? most * 1.02 : 1, .label = "seconds of training"};
}

static void draw_curve(fs_canvas *canvas, const fs_plot *plot, const fs_policy *p, fs_colour colour) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    cairo_save(cr);
    fs_set_colour(cr, colour);
    cairo_set_line_width(cr, 1.75);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_new_path(cr);
    for (int e = 0; e < p->n_epochs; e++)
        cairo_line_to(cr, fs_plot_x(plot, p->seconds[e]), fs_plot_y(plot, p->accuracies[e]));
    cairo_stroke(cr);
    for (int e = 0; e < p->n_epochs && p->n_epochs <= 100; e++) {
        cairo_arc(cr, fs_plot_x(plot, p->seconds[e]), fs_plot_y(plot, p->accuracies[e]), 2.25, 0, 2 * M_PI);
        cairo_fill(cr);
    }
    cairo_restore(cr);
}

static void draw_best(fs_canvas *canvas, const fs_plot *plot, const fs_policy *p, fs_colour colour) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    const double x = fs_plot_x(plot, p->seconds[p->best]), y = fs_plot_y(plot, p->accuracies[p->best]);
    cairo_save(cr);
    cairo_new_path(cr);
    cairo_arc(cr, x, y, 6, 0, 2 * M_PI);
    fs_set_colour(cr, fs_canvas_theme(canvas)->background);
    cairo_fill_preserve(cr);
    fs_set_colour(cr, colour);
    cairo_set_line_width(cr, 2.5);
    cairo_stroke(cr);
    cairo_restore(cr);
}

static void draw_curves(fs_canvas *canvas, fs_rect rect, const fs_policy_chart *c) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_chart_title(canvas, &rect, "Validation over time", "a point for each epoch; rings: the best one");
    fs_rect strip = fs_rect_cut_top(&rect, 24);
    for (int i = 0; i < c->n; i++)
        fs_chart_legend_entry(canvas, &strip, c->policies[i].name, colour_of(theme, i));
    const fs_axes axes = {NULL, seconds_axis(c), accuracy_axis(c)};
    const fs_plot plot = fs_draw_axes(canvas, rect, &axes);
    for (int i = 0; i < c->n; i++)
        draw_curve(canvas, &plot, &c->policies[i], colour_of(theme, i));
    for (int i = 0; i < c->n; i++)
        draw_best(canvas, &plot, &c->policies[i], colour_of(theme, i));
}

/* ---- layers ---- */

static double lowest_cka(const fs_policy_chart *c) {
    double low = 0; /* the unbiased estimate may fall below zero */
    for (int i = 0; i < c->n; i++)
        for (int l = 0; l < c->n_layers; l++)
            if (c->policies[i].cka[l] < low)
                low = floor(c->policies[i].cka[l] * 10) / 10;
    return low;
}

static void draw_layers(fs_canvas *canvas, fs_rect rect, const fs_policy_chart *c) {
    fs_layer_line lines[FS_POLICY_CHART_MOST];
    for (int i = 0; i < c->n; i++) /* those that move least come last, on top of the others */
        lines[i] =
            (fs_layer_line){c->policies[c->n - 1 - i].name, colour_of(fs_canvas_theme(canvas), c->n - 1 - i),
                            c->policies[c->n - 1 - i].cka, NULL};
    const fs_layer_chart chart = {
        .title = "Similarity of each layer to the original network",
        .note = "over the validation pictures; 1: the same arrangement of them but for rotation and scale",
        .unit = "linear CKA, unbiased",
        .low = lowest_cka(c),
        .high = 1,
        .mark = (double)NAN,
        .names = c->layers,
        .n = c->n_layers,
        .lines = lines,
        .n_lines = c->n};
    fs_layer_chart_draw(canvas, rect, &chart);
}

/* ---- the whole ---- */

fs_status fs_policy_chart_draw(const fs_policy_chart *chart, fs_image *out, fs_error *err) {
    const fs_theme *theme = fs_theme_light();
    const int height = 2 * MARGIN + HEAD + UPPER + (chart->n_layers > 0 ? SPACE + LOWER : 0);
    const double inner = WIDTH - 2 * MARGIN;
    fs_page page = {0};
    fs_status status = fs_page_begin(&page, WIDTH, height, theme, err);
    if (status != FS_OK)
        return status;
    const fs_text_style title = {.size = 21, .colour = theme->text, .bold = true};
    const fs_text_style subtitle = {.size = 13.5, .colour = theme->dim};
    fs_draw_text(page.canvas, (fs_rect){MARGIN, MARGIN, inner, 28}, chart->title, &title);
    fs_draw_text(page.canvas, (fs_rect){MARGIN, MARGIN + 28, inner, 21}, chart->subtitle, &subtitle);
    const double top = MARGIN + HEAD;
    draw_bars(page.canvas, (fs_rect){MARGIN, top, BARS, UPPER}, chart);
    draw_curves(page.canvas, (fs_rect){MARGIN + BARS + GAP, top, inner - BARS - GAP, UPPER}, chart);
    if (chart->n_layers > 0)
        draw_layers(page.canvas, (fs_rect){MARGIN, top + UPPER + SPACE, inner, LOWER}, chart);
    return fs_page_finish(&page, out, err);
}
