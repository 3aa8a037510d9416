#include "report/curves_chart.h"

#include <math.h>
#include <stdio.h>

#include "report/caption.h"

enum {
    MARGIN = 32,
    HEAD = 62,
    PANEL_WIDTH = 460,
    PANEL_HEIGHT = 300,
    GAP = 56,
    TITLE = 24,   /* of a panel */
    STAGE = 18,   /* names of the stages over the lines */
    AXIS = 26,    /* numbers of epochs beneath */
    SCALE = 48,   /* numbers of the values at the left */
    LEGEND = 150, /* of one line */
    TICKS = 5
};

typedef struct panel {
    fs_rect rect; /* of the lines */
    double low, high;
    int n;
    bool percent;
} panel;

typedef double (*reader)(const fs_curves_epoch *epoch, bool val);

static double loss_of(const fs_curves_epoch *e, bool val) {
    return val ? e->val_loss : e->train_loss;
}

static double accuracy_of(const fs_curves_epoch *e, bool val) {
    return val ? e->val_accuracy : e->train_accuracy;
}

/* An epoch has a column of its own, so that one alone is in the middle. */
static double to_x(const panel *p, double epoch) {
    return p->rect.x + (epoch + 0.5) / p->n * p->rect.w;
}

static double to_y(const panel *p, double value) {
    const double share = (value - p->low) / (p->high - p->low);
    return p->rect.y + (1 - fmin(1, fmax(0, share))) * p->rect.h;
}

static fs_colour colour_of(const fs_theme *theme, bool val) {
    return theme->level[val ? FS_LEVEL_PART : FS_LEVEL_EDGE];
}

/* The next of 1, 2, 5, 10 ... times a power of ten. */
static double round_step(double step) {
    const double power = pow(10, floor(log10(step))), times = step / power;
    return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
}

/* ---- scales ---- */

static double choose_range(panel *p, const fs_curves_chart *c, reader read) {
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < c->n_epochs; i++)
        for (int val = 0; val < 2; val++) {
            low = fmin(low, read(&c->epochs[i], val));
            high = fmax(high, read(&c->epochs[i], val));
        }
    low = p->percent ? low : 0;
    const double step = round_step(fmax(high - low, p->percent ? 0.02 : 1e-3) / (TICKS - 1));
    p->low = floor(low / step) * step;
    p->high = ceil(high / step + 1e-9) * step;
    if (p->percent)
        p->high = fmin(p->high, 1);
    if (p->high - p->low < step)
        p->low = p->high - step;
    return step;
}

static void draw_scale(fs_canvas *canvas, const panel *p, double step) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_text_style style = {.size = 12, .colour = theme->dim, .align = FS_ALIGN_RIGHT};
    const int ticks = (int)lrint((p->high - p->low) / step);
    for (int i = 0; i <= ticks; i++) {
        const double value = p->low + i * step, y = floor(to_y(p, value)) + 0.5;
        char text[FS_CAPTION_SIZE];
        if (p->percent)
            snprintf(text, sizeof text, step < 0.0099 ? "%.1f %%" : "%.0f %%", 100 * value);
        else
            snprintf(text, sizeof text, step < 0.0099 ? "%.3f" : step < 0.099 ? "%.2f" : "%.1f", value);
        fs_fill_rect(canvas, (fs_rect){p->rect.x, y - 0.5, p->rect.w, 1}, i ? theme->line : theme->faint);
        fs_draw_text(canvas, (fs_rect){p->rect.x - SCALE, y - 9, SCALE - 8, 18}, text, &style);
    }
}

static void draw_epochs(fs_canvas *canvas, const panel *p) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_text_style style = {.size = 12, .colour = theme->dim, .align = FS_ALIGN_CENTRE};
    const int step = (int)fmax(1, round_step(p->n / 10.0));
    for (int e = 1; e <= p->n; e++) {
        char text[16];
        if (e != 1 && (e % step || (e < step && e > 1)))
            continue;
        snprintf(text, sizeof text, "%d", e);
        fs_draw_text(canvas, (fs_rect){to_x(p, e - 1) - 20, p->rect.y + p->rect.h + 4, 40, 18}, text, &style);
    }
}

/* ---- what is on them ---- */

static void draw_line(fs_canvas *canvas, const panel *p, const fs_curves_chart *c, reader read, bool val) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    cairo_save(cr);
    cairo_set_line_width(cr, 2);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    fs_set_colour(cr, colour_of(fs_canvas_theme(canvas), val));
    for (int i = 0; i < c->n_epochs; i++) {
        const double x = to_x(p, i), y = to_y(p, read(&c->epochs[i], val));
        if (i == 0)
            cairo_move_to(cr, x, y);
        else
            cairo_line_to(cr, x, y);
    }
    cairo_stroke(cr);
    for (int i = 0; i < c->n_epochs && c->n_epochs <= 40; i++) {
        cairo_new_path(cr);
        cairo_arc(cr, to_x(p, i), to_y(p, read(&c->epochs[i], val)), 2.75, 0, 6.2832);
        cairo_fill(cr);
    }
    cairo_restore(cr);
}

static void draw_stages(fs_canvas *canvas, const panel *p, const fs_curves_chart *c) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    cairo_t *cr = fs_canvas_cairo(canvas);
    const fs_text_style style = {.size = 12, .colour = theme->dim};
    for (int i = 0, first = 0; i < c->n_epochs; i++) {
        if (i + 1 < c->n_epochs && c->epochs[i + 1].stage == c->epochs[i].stage)
            continue;
        const double left = to_x(p, first - 0.5), right = to_x(p, i + 0.5);
        fs_draw_text(canvas, (fs_rect){left + 4, p->rect.y - STAGE, right - left - 4, STAGE},
                     c->stages[c->epochs[i].stage], &style);
        if (first > 0) {
            const double dashes[] = {3, 3};
            cairo_save(cr);
            cairo_set_dash(cr, dashes, 2, 0);
            cairo_set_line_width(cr, 1);
            fs_set_colour(cr, theme->faint);
            cairo_move_to(cr, floor(left) + 0.5, p->rect.y - STAGE);
            cairo_line_to(cr, floor(left) + 0.5, p->rect.y + p->rect.h);
            cairo_stroke(cr);
            cairo_restore(cr);
        }
        first = i + 1;
    }
}

static void draw_best(fs_canvas *canvas, const panel *p, const fs_curves_chart *c, reader read) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    if (c->best < 0)
        return;
    cairo_save(cr);
    cairo_set_line_width(cr, 2);
    fs_set_colour(cr, fs_canvas_theme(canvas)->text);
    cairo_new_path(cr);
    cairo_arc(cr, to_x(p, c->best), to_y(p, read(&c->epochs[c->best], true)), 6.5, 0, 6.2832);
    cairo_stroke(cr);
    cairo_restore(cr);
}

static void draw_panel(fs_canvas *canvas, const fs_curves_chart *c, fs_rect rect, const char *title,
                       reader read, bool percent) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_text_style style = {.size = 14.5, .colour = theme->text, .bold = true};
    fs_draw_text(canvas, fs_rect_cut_top(&rect, TITLE), title, &style);
    fs_rect_cut_top(&rect, STAGE);
    fs_rect_cut_bottom(&rect, AXIS);
    fs_rect_cut_left(&rect, SCALE);
    panel p = {.rect = rect, .n = c->n_epochs, .percent = percent};
    const double step = choose_range(&p, c, read);
    draw_scale(canvas, &p, step);
    draw_epochs(canvas, &p);
    draw_stages(canvas, &p, c);
    draw_line(canvas, &p, c, read, false);
    draw_line(canvas, &p, c, read, true);
    draw_best(canvas, &p, c, read);
}

static void draw_legend(fs_canvas *canvas, fs_rect rect) {
    static const char *const names[] = {"training", "validation", "best epoch"};
    const fs_theme *theme = fs_canvas_theme(canvas);
    cairo_t *cr = fs_canvas_cairo(canvas);
    const fs_text_style style = {.size = 13, .colour = theme->text};
    for (int i = 0; i < 3; i++) {
        const double x = rect.x + i * LEGEND, y = rect.y + rect.h / 2;
        if (i < 2) {
            fs_fill_rect(canvas, (fs_rect){x, y - 1, 22, 2}, colour_of(theme, i == 1));
        } else {
            cairo_set_line_width(cr, 2);
            fs_set_colour(cr, theme->text);
            cairo_new_path(cr); /* text leaves a point behind */
            cairo_arc(cr, x + 11, y, 6.5, 0, 6.2832);
            cairo_stroke(cr);
        }
        fs_draw_text(canvas, (fs_rect){x + 30, rect.y, LEGEND - 30, rect.h}, names[i], &style);
    }
}

fs_status fs_curves_chart_draw(const fs_curves_chart *chart, fs_image *out, fs_error *err) {
    const int width = 2 * MARGIN + 2 * PANEL_WIDTH + GAP, height = 2 * MARGIN + HEAD + PANEL_HEIGHT + 34;
    fs_page page = {0};
    fs_status status = fs_page_begin(&page, width, height, fs_theme_light(), err);
    if (status != FS_OK)
        return status;
    fs_text_style style = {.size = 21, .colour = fs_theme_light()->text, .bold = true};
    fs_rect line = {MARGIN, MARGIN, width - 2 * MARGIN, 28};
    fs_draw_text(page.canvas, line, chart->title, &style);
    style = (fs_text_style){.size = 13.5, .colour = fs_theme_light()->dim};
    line = (fs_rect){line.x, line.y + 28, line.w, 21};
    fs_draw_text(page.canvas, line, chart->subtitle, &style);
    fs_rect place = {MARGIN, MARGIN + HEAD, PANEL_WIDTH, PANEL_HEIGHT};
    draw_panel(page.canvas, chart, place, "Loss", loss_of, false);
    place.x += PANEL_WIDTH + GAP;
    draw_panel(page.canvas, chart, place, "Accuracy", accuracy_of, true);
    draw_legend(page.canvas, (fs_rect){MARGIN + SCALE, height - MARGIN - 20, width, 20});
    return fs_page_finish(&page, out, err);
}
