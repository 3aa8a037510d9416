#include "report/charts.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

static bool inside(const fs_axis *axis, double value) {
    return value >= axis->low && value <= axis->high;
}

static void legend_if_several(fs_canvas *canvas, fs_rect *rect, const fs_chart_values *values) {
    if (values->n_series > 1)
        fs_draw_legend(canvas, rect, values->series, values->n_series);
}

static void dot(cairo_t *cr, double x, double y, fs_colour colour, double opacity) {
    cairo_new_sub_path(cr);
    cairo_arc(cr, x, y, 3.4, 0, 2 * M_PI);
    fs_set_colour(cr, fs_colour_alpha(colour, 0.55 * opacity));
    cairo_fill_preserve(cr);
    fs_set_colour(cr, fs_colour_alpha(colour, opacity));
    cairo_set_line_width(cr, 0.9);
    cairo_stroke(cr);
}

fs_plot fs_draw_scatter(fs_canvas *canvas, fs_rect rect, const fs_axes *axes, const fs_chart_values *values) {
    const fs_plot p = fs_draw_axes(canvas, rect, axes);
    for (int i = 0; i < values->count; i++) {
        const fs_chart_value *v = &values->items[i];
        if (inside(&p.x, v->x) && inside(&p.y, v->y))
            dot(fs_canvas_cairo(canvas), fs_plot_x(&p, v->x), fs_plot_y(&p, v->y),
                values->series[v->series].colour, 1);
    }
    return p;
}

/* -- counts -- */

typedef struct bins {
    int counts[FS_HISTOGRAM_SPEC_BINS][FS_CHART_MAX_SERIES];
    int greatest; /* of all series together */
} bins;

static void count_values(const fs_histogram_spec *spec, const fs_chart_values *values, bins *out) {
    *out = (bins){0};
    for (int i = 0; i < values->count; i++) {
        const double x = values->items[i].x;
        if (!(x >= spec->low && x <= spec->high))
            continue;
        int bin = (int)floor((x - spec->low) / (spec->high - spec->low) * spec->bins);
        bin = bin < spec->bins ? bin : spec->bins - 1;
        out->counts[bin][values->items[i].series]++;
    }
    for (int b = 0; b < spec->bins; b++) {
        int sum = 0;
        for (int s = 0; s < values->n_series; s++)
            sum += out->counts[b][s];
        out->greatest = sum > out->greatest ? sum : out->greatest;
    }
}

void fs_draw_value_histogram(fs_canvas *canvas, fs_rect rect, const fs_histogram_spec *spec,
                             const fs_chart_values *values) {
    bins b;
    count_values(spec, values, &b);
    legend_if_several(canvas, &rect, values);
    const fs_axes axes = {spec->title,
                          {.low = spec->low, .high = spec->high, .label = spec->label, .step = spec->step},
                          {.low = 0,
                           .high = fmax(1, b.greatest * 1.05),
                           .label = spec->count_label,
                           .step = fmax(1, fs_round_step(b.greatest))}};
    const fs_plot p = fs_draw_axes(canvas, rect, &axes);
    const double width = p.rect.w / spec->bins, gap = width > 6 ? 1 : 0;
    for (int i = 0; i < spec->bins; i++) {
        double from = 0;
        for (int s = 0; s < values->n_series; s++) {
            const double to = from + b.counts[i][s], top = fs_plot_y(&p, to);
            if (to > from)
                fs_fill_rect(
                    canvas,
                    (fs_rect){p.rect.x + i * width + gap / 2, top, width - gap, fs_plot_y(&p, from) - top},
                    values->series[s].colour);
            from = to;
        }
    }
    fs_draw_mark(canvas, &p, spec->mark);
}

/* -- around a circle -- */

typedef struct circle {
    double x, y, radius, greatest;
} circle;

double fs_polar_step(double greatest) {
    return fs_round_step(1.8 * greatest);
}

static void draw_circle_grid(fs_canvas *canvas, const circle *c, const char *label) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    cairo_t *cr = fs_canvas_cairo(canvas);
    const double step = fs_polar_step(c->greatest);
    char text[80];
    fs_set_colour(cr, theme->line);
    cairo_set_line_width(cr, 1);
    for (int i = 1; i * step <= c->greatest * (1 + 1e-9); i++) {
        cairo_new_sub_path(cr);
        cairo_arc(cr, c->x, c->y, c->radius * i * step / c->greatest, 0, 2 * M_PI);
    }
    for (int d = 0; d < 360; d += 45) {
        cairo_move_to(cr, c->x, c->y);
        cairo_line_to(cr, c->x + c->radius * cos(d * M_PI / 180), c->y + c->radius * sin(d * M_PI / 180));
    }
    cairo_stroke(cr);
    fs_text_style style = {.size = 10.5, .colour = theme->dim, .align = FS_ALIGN_CENTRE};
    for (int d = 0; d < 180; d += 45) {
        const double r = c->radius + 14, a = d * M_PI / 180;
        snprintf(text, sizeof text, "%d\u00b0", d);
        fs_draw_text(canvas, (fs_rect){c->x + r * cos(a) - 20, c->y + r * sin(a) - 8, 40, 16}, text, &style);
    }
    for (int i = 1; i * step <= c->greatest * (1 + 1e-9); i++) {
        const double r = c->radius * i * step / c->greatest, a = -22.5 * M_PI / 180;
        snprintf(text, sizeof text, "%g", i * step);
        fs_draw_text(canvas, (fs_rect){c->x + r * cos(a) - 14, c->y + r * sin(a) - 8, 28, 16}, text, &style);
    }
    style.align = FS_ALIGN_RIGHT;
    fs_draw_text(canvas, (fs_rect){c->x - c->radius - 26, c->y - c->radius - 26, 2 * c->radius + 52, 16},
                 label, &style);
}

void fs_draw_polar_scatter(fs_canvas *canvas, fs_rect rect, const char *title, const char *radius_label,
                           double greatest, const fs_chart_values *values) {
    legend_if_several(canvas, &rect, values);
    fs_draw_chart_title(canvas, &rect, title);
    fs_rect_cut_top(&rect, 4);
    const circle c = {rect.x + rect.w / 2, rect.y + rect.h / 2, fmin(rect.w, rect.h) / 2 - 26,
                      greatest > 0 ? greatest : 1};
    draw_circle_grid(canvas, &c, radius_label);
    for (int i = 0; i < values->count; i++) {
        const fs_chart_value *v = &values->items[i];
        if (!(v->y >= 0 && v->y <= c.greatest) || !isfinite(v->x))
            continue;
        const double x = c.radius * v->y / c.greatest * cos(v->x),
                     y = c.radius * v->y / c.greatest * sin(v->x);
        dot(fs_canvas_cairo(canvas), c.x - x, c.y - y, values->series[v->series].colour, 0.35);
        dot(fs_canvas_cairo(canvas), c.x + x, c.y + y, values->series[v->series].colour, 1);
    }
}

/* -- bars -- */

static void draw_whisker(fs_canvas *canvas, double left, double right, double y) {
    const fs_colour colour = fs_canvas_theme(canvas)->text;
    fs_fill_rect(canvas, (fs_rect){left, y - 0.5, right - left, 1}, colour);
    fs_fill_rect(canvas, (fs_rect){left - 0.5, y - 4, 1, 8}, colour);
    fs_fill_rect(canvas, (fs_rect){right - 0.5, y - 4, 1, 8}, colour);
}

static void draw_bar(fs_canvas *canvas, fs_rect line, double name_width, const fs_axis *axis,
                     const fs_bar *bar) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    char text[40];
    fs_text_style style = {.size = 11, .colour = theme->text};
    fs_draw_text(canvas, fs_rect_cut_left(&line, name_width), bar->name, &style);
    fs_rect_cut_left(&line, 8);
    fs_rect number = fs_rect_cut_right(&line, 46);
    style.align = FS_ALIGN_RIGHT;
    style.colour = theme->dim;
    if (!isfinite(bar->value)) {
        fs_draw_text(canvas, number, "\u2013", &style);
        return;
    }
    const double unit = line.w / (axis->high - axis->low), middle = line.y + line.h / 2;
    const double value = fmin(fmax(bar->value, axis->low), axis->high);
    fs_fill_rect(canvas, (fs_rect){line.x, line.y, line.w, line.h}, theme->panel);
    fs_fill_rect(canvas, (fs_rect){line.x, line.y, (value - axis->low) * unit, line.h}, bar->colour);
    if (bar->spread > 0)
        draw_whisker(canvas, line.x + (fmax(axis->low, value - bar->spread) - axis->low) * unit,
                     line.x + (fmin(axis->high, value + bar->spread) - axis->low) * unit, middle);
    snprintf(text, sizeof text, "%.*f", bar->digits, bar->value);
    fs_draw_text(canvas, number, text, &style);
}

void fs_draw_bars(fs_canvas *canvas, fs_rect rect, const char *title, const fs_axis *axis, double name_width,
                  const fs_bar *bars, int count) {
    fs_text_style style = {.size = 10.5, .colour = fs_canvas_theme(canvas)->dim};
    if (title)
        fs_draw_chart_title(canvas, &rect, title);
    if (axis->label) {
        fs_rect label = fs_rect_cut_top(&rect, 17);
        fs_rect_cut_left(&label, name_width > 0 ? name_width + 8 : 0);
        fs_draw_text(canvas, label, axis->label, &style);
    }
    const double pitch = fmin(24, rect.h / (count > 0 ? count : 1));
    for (int i = 0; i < count; i++)
        draw_bar(canvas, (fs_rect){rect.x, rect.y + i * pitch + 2, rect.w, pitch - 4}, name_width, axis,
                 &bars[i]);
}

/* -- lines -- */

static void draw_place_names(fs_canvas *canvas, const fs_plot *p, fs_rect strip, const fs_lines *lines) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    fs_text_style style = {.size = 10, .colour = fs_canvas_theme(canvas)->dim, .align = FS_ALIGN_RIGHT};
    const int every = 1 + (int)(lines->n_places * 13 / fmax(1, p->rect.w));
    for (int i = 0; i < lines->n_places; i += every) {
        cairo_save(cr);
        cairo_translate(cr, fs_plot_x(p, i) + 2, strip.y + 6);
        cairo_rotate(cr, -M_PI / 4);
        fs_draw_text(canvas, (fs_rect){-110, -8, 110, 16}, lines->places[i], &style);
        cairo_restore(cr);
    }
}

void fs_draw_lines(fs_canvas *canvas, fs_rect rect, const char *title, const fs_axis *y,
                   const fs_lines *lines) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    static const char *const none[] = {""};
    fs_rect names = fs_rect_cut_bottom(&rect, 50);
    const fs_axes axes = {
        title, {.low = 0, .high = fmax(1, lines->n_places - 1), .label = "", .step = 1e9, .names = none}, *y};
    const fs_plot p = fs_draw_axes(canvas, rect, &axes);
    names.y = p.rect.y + p.rect.h;
    draw_place_names(canvas, &p, names, lines);
    cairo_set_line_width(cr, 1.8);
    for (int s = 0; s < lines->n_series; s++) {
        cairo_new_path(cr);
        for (int i = 0; i < lines->n_places; i++) {
            const double value = lines->values[s * lines->n_places + i];
            if (isfinite(value))
                cairo_line_to(cr, fs_plot_x(&p, i), fs_plot_y(&p, fmax(y->low, fmin(y->high, value))));
            else
                cairo_new_sub_path(cr);
        }
        fs_set_colour(cr, lines->series[s].colour);
        cairo_stroke(cr);
    }
}
