#include "report/polar_chart.h"

#include <math.h>
#include <stdio.h>

#include "report/caption.h"
#include "viz/heat.h"

enum {
    MARGIN = 28,
    CHART_SIDE = 320,
    GAP = 36,
    HEAD_HEIGHT = 66,
    CAPTION_HEIGHT = 24,
    LEGEND_ENTRY = 84,
    LEGEND_HEIGHT = 22,
    RINGS = 4,
    RIM = 22 /* around the circle, for the degrees */
};

/* From purple for the shortest to orange for the longest, or lighter on a dark ground: the ends of the scale
 * would be hard to see. */
static fs_colour colour_of(const fs_canvas *canvas, const fs_tuning *t, int wavelength) {
    uint8_t rgb[3];
    bool dark = fs_canvas_theme(canvas)->background.g < 0.5;
    double share = t->wavelengths > 1 ? wavelength / (t->wavelengths - 1.0) : 0.5;
    fs_heat_sequential(dark ? 0.36 + 0.6 * share : 0.2 + 0.58 * share, rgb);
    return (fs_colour){rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0, 1};
}

typedef struct circle {
    double x, y, radius;
} circle;

static void draw_grid(fs_canvas *canvas, const circle *c, double greatest) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    cairo_t *cr = fs_canvas_cairo(canvas);
    char text[FS_CAPTION_SIZE];
    fs_text_style style = {.size = 11, .colour = theme->dim, .align = FS_ALIGN_CENTRE};
    fs_set_colour(cr, theme->line);
    cairo_set_line_width(cr, 1);
    for (int ring = 1; ring <= RINGS; ring++) {
        cairo_new_sub_path(cr);
        cairo_arc(cr, c->x, c->y, c->radius * ring / RINGS, 0, 2 * M_PI);
    }
    for (int degrees = 0; degrees < 360; degrees += 45) {
        cairo_move_to(cr, c->x, c->y);
        cairo_line_to(cr, c->x + c->radius * cos(degrees * M_PI / 180),
                      c->y + c->radius * sin(degrees * M_PI / 180));
    }
    cairo_stroke(cr);
    for (int degrees = 0; degrees < 180; degrees += 45) {
        double r = c->radius + RIM / 2.0 + 2, a = degrees * M_PI / 180;
        snprintf(text, sizeof text, "%d\u00b0", degrees);
        fs_draw_text(canvas, (fs_rect){c->x + r * cos(a) - 20, c->y + r * sin(a) - 8, 40, 16}, text, &style);
    }
    style.align = FS_ALIGN_LEFT;
    double a = -67.5 * M_PI / 180; /* between two spokes */
    fs_draw_text(canvas, (fs_rect){c->x + c->radius * cos(a) + 4, c->y + c->radius * sin(a) - 16, 60, 16},
                 fs_caption_number(greatest, text), &style);
}

static void draw_curve(fs_canvas *canvas, const circle *c, const fs_tuning *t, const float *response,
                       double greatest) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    cairo_new_path(cr);
    for (int i = 0; i < 2 * t->orientations; i++) {
        double radius = c->radius * fmax(0, response[i % t->orientations]) / greatest;
        double angle = fs_tuning_angle(t, i);
        cairo_line_to(cr, c->x + radius * cos(angle), c->y + radius * sin(angle));
    }
    cairo_close_path(cr);
    cairo_stroke(cr);
}

void fs_draw_polar(fs_canvas *canvas, fs_rect rect, const fs_tuning *t, fs_stimulus_kind kind,
                   double greatest) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    circle c = {rect.x + rect.w / 2, rect.y + rect.h / 2, fmin(rect.w, rect.h) / 2 - RIM};
    greatest = greatest > 0 ? greatest : 1;
    draw_grid(canvas, &c, greatest);
    cairo_save(cr);
    cairo_set_line_width(cr, 2);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    for (int w = 0; w < t->wavelengths; w++) {
        fs_set_colour(cr, colour_of(canvas, t, w));
        draw_curve(canvas, &c, t, t->response[kind] + (size_t)w * (size_t)t->orientations, greatest);
    }
    cairo_restore(cr);
}

double fs_draw_polar_legend(fs_canvas *canvas, fs_rect rect, const fs_tuning *t) {
    int per_row = (int)fmax(1, floor(rect.w / LEGEND_ENTRY));
    for (int w = 0; w < t->wavelengths && canvas; w++) {
        fs_text_style style = {.size = 12, .colour = fs_canvas_theme(canvas)->dim};
        char text[64];
        double x = rect.x + w % per_row * LEGEND_ENTRY, top = rect.y + w / per_row * LEGEND_HEIGHT;
        fs_fill_rect(canvas, (fs_rect){x, top + 9, 16, 3}, colour_of(canvas, t, w));
        snprintf(text, sizeof text, "%.1f px", t->wavelength[w]);
        fs_draw_text(canvas, (fs_rect){x + 22, top, LEGEND_ENTRY - 22, 20}, text, &style);
    }
    return (t->wavelengths + per_row - 1) / per_row * LEGEND_HEIGHT;
}

double fs_tuning_greatest(const fs_tuning *t) {
    double greatest = 0;
    for (int k = 0; k < FS_STIMULUS_KINDS; k++)
        greatest = fmax(greatest, t->response[k][fs_tuning_peak(t, (fs_stimulus_kind)k)]);
    return greatest;
}

void fs_draw_polar_chart(fs_canvas *canvas, fs_rect rect, const fs_tuning *t, fs_stimulus_kind kind,
                         double greatest) {
    static const char *const names[] = {"Gratings", "Gabor patches"};
    const fs_theme *theme = fs_canvas_theme(canvas);
    char text[FS_CAPTION_SIZE + 128], number[FS_CAPTION_SIZE];
    int peak = fs_tuning_peak(t, kind);
    snprintf(text, sizeof text, "%s: most %s at %.0f\u00b0, %.1f px", names[kind],
             fs_caption_number(t->response[kind][peak], number),
             fs_tuning_angle(t, peak % t->orientations) * 180 / M_PI, t->wavelength[peak / t->orientations]);
    fs_text_style style = {.size = 13, .colour = theme->text, .align = FS_ALIGN_CENTRE};
    fs_draw_text(canvas, fs_rect_cut_top(&rect, CAPTION_HEIGHT), text, &style);
    fs_draw_polar(canvas, rect, t, kind, greatest);
}

fs_status fs_tuning_page_draw(const fs_tuning_page *p, fs_image *out, fs_error *err) {
    const fs_tuning *t = p->tuning;
    const int width = 2 * MARGIN + 2 * CHART_SIDE + GAP;
    const fs_rect legend = {MARGIN, MARGIN + HEAD_HEIGHT + CHART_SIDE + CAPTION_HEIGHT + 16,
                            width - 2 * MARGIN, 0};
    const int charts_height = CHART_SIDE + CAPTION_HEIGHT;
    fs_page page = {0};
    fs_status status =
        fs_page_begin(&page, width, (int)(legend.y + fs_draw_polar_legend(NULL, legend, t)) + MARGIN,
                      fs_theme_light(), err);
    if (status != FS_OK)
        return status;
    const fs_theme *theme = fs_canvas_theme(page.canvas);
    fs_text_style title = {.size = 18, .colour = theme->text, .bold = true};
    fs_text_style subtitle = {.size = 13, .colour = theme->dim};
    fs_draw_text(page.canvas, (fs_rect){MARGIN, MARGIN, width - 2 * MARGIN, 26}, p->title, &title);
    fs_draw_text(page.canvas, (fs_rect){MARGIN, MARGIN + 26, width - 2 * MARGIN, 20}, p->subtitle, &subtitle);
    double greatest = fs_tuning_greatest(t);
    for (int k = 0; k < FS_STIMULUS_KINDS; k++)
        fs_draw_polar_chart(
            page.canvas,
            (fs_rect){MARGIN + k * (CHART_SIDE + GAP), MARGIN + HEAD_HEIGHT, CHART_SIDE, charts_height}, t,
            (fs_stimulus_kind)k, greatest);
    (void)fs_draw_polar_legend(page.canvas, legend, t);
    return fs_page_finish(&page, out, err);
}
