#include "report/gabor_screen.h"

#include <math.h>
#include <stdio.h>

#include "report/cells.h"
#include "report/gabor_card.h"
#include "viz/heat.h"

enum {
    TOP = 18,
    RIM = 24, /* around the half disk, for wavelengths and degrees */
    ENTRY_WIDTH = 148,
    ENTRY_HEIGHT = 17,
    MARK = 9
};

static const double reach = 9;                  /* how far off a point may be clicked */
static const double shortest = 2, inner = 0.16; /* pixels of wave; the share of the radius where they are */

/* ---- the scatter ---- */

typedef struct half_disk {
    double x, y, radius;
    double longest; /* wavelength at the rim */
    double point;   /* the radius of a point */
} half_disk;

static half_disk disk_of(fs_rect rect, const fs_analysis *a) {
    const int side = a->height > a->width ? a->height : a->width;
    half_disk d = {.x = rect.x + rect.w / 2, .y = rect.y + TOP, .longest = 2.0 * side};
    d.radius = fmax(1, fmin(rect.w / 2 - RIM, rect.h - TOP - RIM));
    d.point = d.radius < 100 ? 3 : 4;
    return d;
}

static double radius_of(const half_disk *d, double wavelength) {
    const double share = log(wavelength / shortest) / log(d->longest / shortest);
    return d->radius * (inner + (1 - inner) * fmax(0, fmin(1, share)));
}

static bool has_stripes(const fs_kernel_analysis *k) {
    return k->kind == FS_KERNEL_GABOR || k->kind == FS_KERNEL_EDGE || k->kind == FS_KERNEL_GRATING;
}

static void place(const half_disk *d, const fs_gabor *g, double *x, double *y) {
    const double r = radius_of(d, g->lambda);
    *x = d->x + r * cos(g->theta);
    *y = d->y + r * sin(g->theta);
}

static void draw_rings(fs_canvas *canvas, const half_disk *d) {
    static const double rings[] = {2, 4, 8, 16, 32, 64, 128};
    const fs_theme *theme = fs_canvas_theme(canvas);
    cairo_t *cr = fs_canvas_cairo(canvas);
    fs_set_colour(cr, theme->line);
    cairo_set_line_width(cr, 1);
    for (size_t i = 0; i < sizeof rings / sizeof *rings && rings[i] < 0.95 * d->longest; i++) {
        cairo_new_sub_path(cr);
        cairo_arc(cr, d->x, d->y, radius_of(d, rings[i]), 0, M_PI);
    }
    cairo_new_sub_path(cr);
    cairo_arc(cr, d->x, d->y, d->radius, 0, M_PI);
    for (int degrees = 0; degrees <= 180; degrees += 45) {
        const double c = cos(degrees * M_PI / 180), s = sin(degrees * M_PI / 180);
        cairo_move_to(cr, d->x + inner * d->radius * c, d->y + inner * d->radius * s);
        cairo_line_to(cr, d->x + d->radius * c, d->y + d->radius * s);
    }
    cairo_stroke(cr);
}

/* Directions outside the rim, wavelengths above the diameter. */
static void draw_labels(fs_canvas *canvas, const half_disk *d) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_text_style style = {.size = 10.5, .colour = theme->dim, .align = FS_ALIGN_CENTRE};
    char text[32];
    for (int degrees = 0; degrees < 180; degrees += 45) {
        const double a = degrees * M_PI / 180, r = d->radius + (degrees % 90 ? 20 : 15);
        snprintf(text, sizeof text, "%d\u00b0", degrees);
        fs_draw_text(canvas, (fs_rect){d->x + r * cos(a) - 16, d->y + r * sin(a) - 8, 32, 16}, text, &style);
    }
    const double waves[] = {shortest, 2 * shortest, d->longest};
    style.colour = theme->faint;
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof text, i < 2 ? "%.0f" : "%.0f px", waves[i]);
        fs_draw_text(canvas, (fs_rect){d->x - radius_of(d, waves[i]) - 20, d->y - TOP, 40, TOP - 4}, text,
                     &style);
    }
}

static void draw_point(fs_canvas *canvas, const half_disk *d, const fs_kernel_analysis *k, bool selected) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    cairo_t *cr = fs_canvas_cairo(canvas);
    double x, y;
    place(d, &k->fit.gabor, &x, &y);
    cairo_new_path(cr);
    cairo_arc(cr, x, y, selected ? d->point + 1 : d->point, 0, 2 * M_PI);
    fs_set_colour(cr, fs_kernel_class_colour(k->kind));
    cairo_fill_preserve(cr);
    fs_set_colour(cr, theme->background); /* points on top of each other stay apart */
    cairo_set_line_width(cr, 1);
    cairo_stroke(cr);
    if (!selected)
        return;
    cairo_new_path(cr);
    cairo_arc(cr, x, y, d->point + 4, 0, 2 * M_PI);
    fs_set_colour(cr, theme->accent);
    cairo_set_line_width(cr, 2);
    cairo_stroke(cr);
}

void fs_draw_gabor_scatter(fs_canvas *canvas, fs_rect rect, const fs_analysis *a, int selected) {
    const half_disk d = disk_of(rect, a);
    cairo_save(fs_canvas_cairo(canvas));
    draw_rings(canvas, &d);
    draw_labels(canvas, &d);
    for (int i = 0; i < a->count; i++)
        if (i != selected && has_stripes(&a->kernels[i]))
            draw_point(canvas, &d, &a->kernels[i], false);
    if (selected >= 0 && has_stripes(&a->kernels[selected]))
        draw_point(canvas, &d, &a->kernels[selected], true);
    cairo_restore(fs_canvas_cairo(canvas));
}

int fs_gabor_scatter_hit(fs_rect rect, const fs_analysis *a, double x, double y) {
    const half_disk d = disk_of(rect, a);
    int nearest = -1;
    double least = reach;
    for (int i = 0; i < a->count; i++) {
        double px, py;
        place(&d, &a->kernels[i].fit.gabor, &px, &py);
        const double distance = hypot(px - x, py - y);
        if (!has_stripes(&a->kernels[i]) || distance > least)
            continue;
        least = distance;
        nearest = i;
    }
    return nearest;
}

bool fs_gabor_scatter_point(fs_rect rect, const fs_analysis *a, int kernel, double *x, double *y) {
    const half_disk d = disk_of(rect, a);
    place(&d, &a->kernels[kernel].fit.gabor, x, y);
    return has_stripes(&a->kernels[kernel]);
}

/* In the order of theta, of equal ones in that of the numbers. */
static bool comes_before(const fs_analysis *a, int i, int j) {
    const double x = a->kernels[i].fit.gabor.theta, y = a->kernels[j].fit.gabor.theta;
    return x != y ? x < y : i < j;
}

int fs_gabor_scatter_next(const fs_analysis *a, int from, int step) {
    int next = -1, last = -1; /* the nearest beyond `from`; the furthest the other way, to go on with */
    for (int i = 0; i < a->count; i++) {
        if (i == from || !has_stripes(&a->kernels[i]))
            continue;
        const bool beyond = from < 0 || comes_before(a, from, i) == (step > 0);
        int *kept = beyond ? &next : &last;
        if (*kept < 0 || comes_before(a, i, *kept) == (step > 0))
            *kept = i;
    }
    if (next < 0)
        next = last;
    return next < 0 && from >= 0 && has_stripes(&a->kernels[from]) ? from : next;
}

/* ---- the spectrum ---- */

void fs_draw_gabor_spectrum(fs_canvas *canvas, fs_rect rect, const double *power, int side,
                            const fs_gabor *gabor) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    fs_image image = {0};
    if (fs_image_create(&image, side, side, 3, NULL) != FS_OK) {
        fs_canvas_give_up(canvas);
        return;
    }
    for (int i = 0; i < side * side; i++)
        fs_heat_sequential(sqrt(power[i]), image.pixels + 3 * (size_t)i);
    fs_draw_image(canvas, rect, &image);
    fs_image_free(&image);
    cairo_save(cr);
    cairo_rectangle(cr, rect.x, rect.y, rect.w, rect.h);
    cairo_clip(cr);
    const double unit = rect.w / side, middle = side / 2 + 0.5, radius = fmax(3, rect.w * 0.05);
    for (int sign = -1; sign <= 1; sign += 2) {
        const double fx = sign * cos(gabor->theta) / gabor->lambda,
                     fy = sign * sin(gabor->theta) / gabor->lambda;
        cairo_new_path(cr);
        cairo_arc(cr, rect.x + unit * (middle + side * fx), rect.y + unit * (middle + side * fy), radius, 0,
                  2 * M_PI);
        cairo_set_source_rgba(cr, 0, 0, 0, 0.7); /* seen on the peak's light and beside it */
        cairo_set_line_width(cr, 3);
        cairo_stroke_preserve(cr);
        cairo_set_source_rgb(cr, 1, 1, 1);
        cairo_set_line_width(cr, 1.5);
        cairo_stroke(cr);
    }
    cairo_restore(cr);
    fs_draw_outline(canvas, rect);
}

/* ---- classes ---- */

void fs_draw_class_mark(fs_canvas *canvas, fs_rect rect, fs_kernel_class kind) {
    const fs_rect mark = {rect.x + (rect.w - MARK) / 2, rect.y + (rect.h - MARK) / 2, MARK, MARK};
    fs_fill_rounded(canvas, mark, 2, fs_kernel_class_colour(kind));
    if (kind == FS_KERNEL_DEAD) /* as dark as the ground may be */
        fs_stroke_rounded(canvas, mark, 2, 1, fs_canvas_theme(canvas)->faint);
}

double fs_draw_class_key(fs_canvas *canvas, fs_rect rect, const fs_analysis *a) {
    const int columns = (int)fmax(2, floor(rect.w / ENTRY_WIDTH));
    const int rows = (FS_KERNEL_CLASSES + columns - 1) / columns;
    const double first = columns == 2 ? 0.56 * rect.w : rect.w / columns; /* has the longest word */
    const double width = (rect.w - first) / (columns - 1);
    for (int c = 0; c < FS_KERNEL_CLASSES && canvas; c++) {
        const fs_theme *theme = fs_canvas_theme(canvas);
        const int column = c / rows;
        fs_text_style style = {.size = 11.5};
        style.colour = a->class_counts[c] > 0 ? theme->text : theme->faint;
        char text[64];
        fs_rect entry = {rect.x + (column > 0 ? first + (column - 1) * width : 0),
                         rect.y + c % rows * ENTRY_HEIGHT, column > 0 ? width : first, ENTRY_HEIGHT};
        fs_draw_class_mark(canvas, fs_rect_cut_left(&entry, MARK + 5), (fs_kernel_class)c);
        snprintf(text, sizeof text, "%d %s", a->class_counts[c], fs_kernel_class_name((fs_kernel_class)c));
        fs_draw_text(canvas, entry, text, &style);
    }
    return rows * ENTRY_HEIGHT;
}

/* ---- rivals ---- */

const char *fs_model_words(fs_kernel_model model) {
    static const char *const words[] = {"constant",          "plane",           "blob",
                                        "round blob",        "centre-surround", "first derivative",
                                        "second derivative", "grating",         "crossed gratings",
                                        "Gabor function"};
    return words[model];
}

/* The models from the smallest AICc to the largest; what is not a number comes last. */
static void sort_models(const fs_kernel_analysis *k, int order[FS_MODELS]) {
    for (int m = 0; m < FS_MODELS; m++) {
        int at = m;
        while (at > 0 && (k->scores[m].aicc < k->scores[order[at - 1]].aicc ||
                          (isnan(k->scores[order[at - 1]].aicc) && !isnan(k->scores[m].aicc)))) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = m;
    }
}

/* Name, difference, R2, parameters; the three numbers to the right edges of their columns. */
static void draw_columns(fs_canvas *canvas, fs_rect line, const char *const words[4],
                         const fs_text_style *style) {
    static const double widths[] = {78, 58, 74}; /* from the right */
    fs_text_style right = *style;
    right.align = FS_ALIGN_RIGHT;
    for (int i = 0; i < 3; i++)
        fs_draw_text(canvas, fs_rect_cut_right(&line, widths[i]), words[3 - i], &right);
    fs_draw_text(canvas, line, words[0], style);
}

static void draw_rival(fs_canvas *canvas, fs_rect line, const fs_kernel_analysis *k, int model, int best) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const double difference = k->scores[model].aicc - k->scores[best].aicc;
    const bool wins = model == best;
    char delta[32] = "\u2013", r2[32], parameters[16];
    fs_text_style style = {.size = 12, .colour = wins ? theme->text : theme->dim, .bold = wins};
    if (wins)
        snprintf(delta, sizeof delta, "0");
    else if (isfinite(difference))
        snprintf(delta, sizeof delta, "+%.1f", difference);
    const double share = k->scores[model].r2;
    snprintf(r2, sizeof r2, "%.3f", fabs(share) < 0.0005 ? 0 : share); /* no "-0.000" */
    snprintf(parameters, sizeof parameters, "%d", k->scores[model].parameters);
    draw_columns(canvas, line,
                 (const char *const[]){fs_model_words((fs_kernel_model)model), delta, r2, parameters},
                 &style);
}

void fs_draw_rivals(fs_canvas *canvas, fs_rect rect, const fs_kernel_analysis *k) {
    static const char *const heads[] = {"What competed", "\u0394 AICc", "R\u00b2", "parameters"};
    int order[FS_MODELS] = {0};
    fs_text_style head = {.size = 11, .colour = fs_canvas_theme(canvas)->faint};
    rect.w = fmin(rect.w, 460);
    sort_models(k, order);
    if (rect.h < 2 * ENTRY_HEIGHT)
        return;
    draw_columns(canvas, fs_rect_cut_top(&rect, ENTRY_HEIGHT), heads, &head);
    for (int i = 0; i < FS_MODELS && rect.h >= ENTRY_HEIGHT + 1; i++)
        draw_rival(canvas, fs_rect_cut_top(&rect, ENTRY_HEIGHT + 1), k, order[i], order[0]);
}
