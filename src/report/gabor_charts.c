#include "report/gabor_charts.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "gabor/shape.h"
#include "report/charts.h"
#include "report/gabor_card.h"

static const double degrees = 180 / M_PI;

static const fs_colour grey_kernels = {0.38, 0.41, 0.45, 1}, coloured_kernels = {0.8, 0.474, 0.655, 1};

typedef struct chart_info {
    const char *title, *note;
} chart_info;

static const chart_info table[FS_GABOR_CHARTS] = {
    [FS_GABOR_CHART_POLAR] = {"Orientation and wavelength",
                              "Direction: \u03b8, the normal to the stripes, as in a picture (clockwise from "
                              "the right). Radius: \u03bb. Half a turn describes a kernel; the other half "
                              "repeats it, fainter."},
    [FS_GABOR_CHART_SHAPE] = {"Shape of the envelope",
                              "Ringach's (2002) plane: how many wavelengths the envelope spans, n\u2093 = "
                              "\u03c3/\u03bb across the stripes and n\u1d67 = \u03c3/(\u03b3\u03bb) along "
                              "them. Near the origin are blobs, along the diagonal round envelopes, to the "
                              "right kernels of several stripes."},
    [FS_GABOR_CHART_COVERAGE] = {"Coverage of orientation",
                                 "\u03b8 in steps of 15\u00b0. Coloured: less than half of the energy of the "
                                 "kernel's colour is grey."},
    [FS_GABOR_CHART_CONTRAST] =
        {"Contrast and orientation",
         "The root mean square of a kernel's weights: what it makes of a pattern that "
         "suits it."},
    [FS_GABOR_CHART_SATURATION] = {"Saturation of colour",
                                   "All kernels. The sine of the angle between a kernel's colour and grey: 0 "
                                   "for black and white, 1 for colours that cancel. Dashed: where a kernel "
                                   "counts as coloured."},
    [FS_GABOR_CHART_WAVELENGTH] = {"Wavelength \u03bb",
                                   "2 pixels is the shortest wave the grid can show; the fit goes up to "
                                   "twice the kernel's side."},
    [FS_GABOR_CHART_SIGMA] = {"Size of the envelope \u03c3", "Standard deviation across the stripes."},
    [FS_GABOR_CHART_GAMMA] = {"Aspect \u03b3",
                              "In powers of two: 0 is round, above 0 the envelope is shorter along the "
                              "stripes than across them."},
    [FS_GABOR_CHART_BANDWIDTH] =
        {"Bandwidth", "Half-magnitude bandwidth across the stripes, log\u2082((s + h)/(s \u2212 h)) "
                      "with s = \u03c0\u03c3/\u03bb, h = \u221a(ln 2 / 2) (Daugman; Petkov). None "
                      "where s \u2264 h. Simple cells: about 1 to 2."},
    [FS_GABOR_CHART_PHASE] = {"Phase",
                              "|\u03c8| folded to 0\u00b0 (even: a bright or dark bar) to 90\u00b0 (odd: an "
                              "edge)."},
    [FS_GABOR_CHART_R2] = {"Goodness of fit",
                           "All kernels but dead ones. Dashed: what 95 % of shuffled kernels stay below."}};

const char *fs_gabor_chart_title(fs_gabor_chart chart) {
    return table[chart].title;
}

const char *fs_gabor_chart_note(fs_gabor_chart chart) {
    return table[chart].note;
}

/* -- what is plotted -- */

static bool known(const fs_kernel_analysis *k, fs_gabor_parameter parameter) {
    return isfinite(k->fit.stderror[parameter]);
}

/* Fills x and y; false when the kernel has no place in the chart. */
static bool place(fs_gabor_chart chart, const fs_kernel_analysis *k, int channels, fs_chart_value *v) {
    const fs_gabor *g = &k->fit.gabor;
    const bool shaped = k->kind == FS_KERNEL_GABOR || k->kind == FS_KERNEL_EDGE;
    const bool wave = known(k, FS_GABOR_LAMBDA), sigma = known(k, FS_GABOR_SIGMA),
               gamma = known(k, FS_GABOR_GAMMA);
    v->y = 0;
    switch (chart) {
    case FS_GABOR_CHART_POLAR:
        *v = (fs_chart_value){g->theta, g->lambda, v->series};
        return shaped && wave;
    case FS_GABOR_CHART_SHAPE:
        *v = (fs_chart_value){fs_gabor_nx(g), fs_gabor_ny(g), v->series};
        return shaped && wave && sigma && gamma;
    case FS_GABOR_CHART_COVERAGE:
        v->x = g->theta * degrees;
        return shaped;
    case FS_GABOR_CHART_CONTRAST:
        *v = (fs_chart_value){g->theta * degrees, k->rms, v->series};
        return shaped;
    case FS_GABOR_CHART_SATURATION:
        v->x = fs_colour_saturation(&k->split, channels);
        return k->kind != FS_KERNEL_DEAD;
    case FS_GABOR_CHART_WAVELENGTH:
        v->x = g->lambda;
        return shaped && wave;
    case FS_GABOR_CHART_SIGMA:
        v->x = g->sigma;
        return shaped && sigma;
    case FS_GABOR_CHART_GAMMA:
        v->x = log2(g->gamma);
        return shaped && gamma;
    case FS_GABOR_CHART_BANDWIDTH:
        v->x = fs_gabor_bandwidth(g);
        return shaped && wave && sigma;
    case FS_GABOR_CHART_PHASE:
        v->x = fs_gabor_folded_phase(g) * degrees;
        return shaped;
    case FS_GABOR_CHART_R2:
        v->x = k->fit.r2;
        return k->kind != FS_KERNEL_DEAD;
    case FS_GABOR_CHARTS:
        break;
    }
    return false;
}

static bool by_colour(fs_gabor_chart chart) {
    return chart == FS_GABOR_CHART_COVERAGE || chart == FS_GABOR_CHART_CONTRAST;
}

/* The series of the chart: classes that occur, or grey and coloured. of_class: series of each class. */
static int make_series(fs_gabor_chart chart, const fs_analysis *a, fs_series *out,
                       int of_class[FS_KERNEL_CLASSES]) {
    int n = 0;
    if (by_colour(chart)) {
        out[n++] = (fs_series){"grey", grey_kernels};
        if (a->channels == 3)
            out[n++] = (fs_series){"coloured", coloured_kernels};
        return n;
    }
    const bool all = chart == FS_GABOR_CHART_R2 || chart == FS_GABOR_CHART_SATURATION;
    for (int c = 0; c < FS_KERNEL_CLASSES; c++) {
        of_class[c] = n;
        if (c != FS_KERNEL_DEAD && a->class_counts[c] > 0 &&
            (all || c == FS_KERNEL_GABOR || c == FS_KERNEL_EDGE))
            out[n++] = (fs_series){fs_kernel_class_name((fs_kernel_class)c),
                                   fs_kernel_class_colour((fs_kernel_class)c)};
    }
    return n;
}

static double greatest_of(const fs_chart_values *values, bool of_y) {
    double greatest = 0;
    for (int i = 0; i < values->count; i++)
        greatest = fmax(greatest, of_y ? values->items[i].y : values->items[i].x);
    return greatest;
}

/* The smallest multiple of a round step that holds the value. */
static double round_up(double value, double least) {
    const double step = fs_round_step(fmax(value, least)),
                 end = step * ceil(fmax(value, least) / step - 1e-9);
    return end > 0 ? end : 1;
}

static double polar_end(double value) {
    const double step = fs_polar_step(fmax(value, 2));
    return step * ceil(fmax(value, 2) / step - 1e-9);
}

static void draw_histogram(fs_canvas *canvas, fs_rect rect, fs_gabor_chart chart, const fs_analysis *a,
                           const fs_chart_values *values) {
    const int side = a->height > a->width ? a->height : a->width;
    fs_histogram_spec spec = {
        .title = table[chart].title, .count_label = "kernels", .bins = 20, .mark = (double)NAN};
    spec.high = 1;
    switch (chart) {
    case FS_GABOR_CHART_COVERAGE:
        spec.label = "\u03b8, degrees";
        spec.high = 180;
        spec.bins = 12;
        spec.step = 30;
        break;
    case FS_GABOR_CHART_WAVELENGTH:
        spec.label = "\u03bb, pixels";
        spec.low = 2;
        spec.high = fmax(4, 2.0 * side);
        spec.bins = 24;
        break;
    case FS_GABOR_CHART_SIGMA:
        spec.label = "\u03c3, pixels";
        spec.high = side;
        spec.bins = 28;
        break;
    case FS_GABOR_CHART_GAMMA:
        spec.label = "log\u2082 \u03b3";
        spec.low = -2.5;
        spec.high = 2.5;
        spec.step = 1;
        break;
    case FS_GABOR_CHART_BANDWIDTH:
        spec.label = "octaves";
        spec.high = 4;
        spec.step = 1;
        break;
    case FS_GABOR_CHART_PHASE:
        spec.label = "|\u03c8| folded, degrees";
        spec.high = 90;
        spec.bins = 9;
        spec.step = 30;
        break;
    case FS_GABOR_CHART_SATURATION:
        spec.label = "saturation";
        spec.mark = sqrt(0.5);
        break;
    case FS_GABOR_CHART_R2:
        spec.label = "R\u00b2 of the Gabor fit";
        spec.mark = a->null.fits > 0 ? a->null.quantile95[FS_MODEL_GABOR] : (double)NAN;
        break;
    default:
        break;
    }
    fs_draw_value_histogram(canvas, rect, &spec, values);
}

/* Both axes on one scale, and the diagonal. */
static void draw_shape(fs_canvas *canvas, fs_rect rect, const fs_chart_values *values) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    const double high = fmin(4, round_up(fmax(greatest_of(values, false), greatest_of(values, true)), 0.5));
    const fs_axes axes = {table[FS_GABOR_CHART_SHAPE].title,
                          {.high = high, .label = "n\u2093 = \u03c3 / \u03bb, wavelengths across"},
                          {.high = high, .label = "n\u1d67 = \u03c3 / (\u03b3\u03bb), along"}};
    fs_draw_legend(canvas, &rect, values->series, values->n_series);
    const fs_plot p = fs_draw_scatter(canvas, fs_square_axes(rect), &axes, values);
    cairo_move_to(cr, fs_plot_x(&p, 0), fs_plot_y(&p, 0));
    cairo_line_to(cr, fs_plot_x(&p, high), fs_plot_y(&p, high));
    cairo_set_line_width(cr, 1);
    fs_set_colour(cr, fs_colour_alpha(fs_canvas_theme(canvas)->faint, 0.5));
    cairo_stroke(cr);
}

static void draw_contrast(fs_canvas *canvas, fs_rect rect, const fs_chart_values *values) {
    const fs_axes axes = {
        table[FS_GABOR_CHART_CONTRAST].title,
        {.high = 180, .label = "\u03b8, degrees", .step = 30},
        {.high = round_up(1.02 * greatest_of(values, true), 0), .label = "root mean square"}};
    fs_draw_legend(canvas, &rect, values->series, values->n_series);
    fs_draw_scatter(canvas, rect, &axes, values);
}

void fs_draw_gabor_chart(fs_canvas *canvas, fs_rect rect, fs_gabor_chart chart, const fs_analysis *a) {
    fs_series series[FS_KERNEL_CLASSES];
    int of_class[FS_KERNEL_CLASSES] = {0};
    fs_chart_value *items = fs_alloc_array((size_t)a->count + 1, sizeof *items);
    if (!items) {
        fs_canvas_give_up(canvas);
        return;
    }
    fs_chart_values values = {.items = items, .series = series};
    values.n_series = make_series(chart, a, series, of_class);
    for (int i = 0; i < a->count; i++) {
        const fs_kernel_analysis *k = &a->kernels[i];
        fs_chart_value v = {.series = by_colour(chart) ? (int)fs_colour_is_chromatic(&k->split, a->channels)
                                                       : of_class[k->kind]};
        if (place(chart, k, a->channels, &v))
            items[values.count++] = v;
    }
    if (chart == FS_GABOR_CHART_POLAR)
        fs_draw_polar_scatter(canvas, rect, table[chart].title, "\u03bb, pixels",
                              polar_end(greatest_of(&values, true)), &values);
    else if (chart == FS_GABOR_CHART_SHAPE)
        draw_shape(canvas, rect, &values);
    else if (chart == FS_GABOR_CHART_CONTRAST)
        draw_contrast(canvas, rect, &values);
    else
        draw_histogram(canvas, rect, chart, a, &values);
    fs_free(items);
}

void fs_draw_class_counts(fs_canvas *canvas, fs_rect rect, const fs_analysis *a) {
    fs_bar bars[FS_KERNEL_CLASSES];
    int most = 1;
    for (int c = 0; c < FS_KERNEL_CLASSES; c++) {
        bars[c] = (fs_bar){fs_kernel_class_name((fs_kernel_class)c), a->class_counts[c], 0,
                           fs_kernel_class_colour((fs_kernel_class)c), 0};
        most = a->class_counts[c] > most ? a->class_counts[c] : most;
    }
    const fs_axis axis = {.high = most};
    fs_draw_bars(canvas, rect, NULL, &axis, 112, bars, FS_KERNEL_CLASSES);
}

/* -- the substitution test -- */

static fs_colour variant_colour(int index) {
    return fs_kernel_class_colour(fs_variant_is_random(&fs_variant_table[index]) ? FS_KERNEL_UNEXPLAINED
                                                                                 : FS_KERNEL_GABOR);
}

void fs_draw_substitution_bars(fs_canvas *canvas, fs_rect rect, const fs_substitution *s) {
    fs_bar bars[FS_VARIANTS + 1];
    const bool labelled = s->labelled > 0;
    bars[0] = (fs_bar){"as learned", 100 * (labelled ? s->top1 : 1), 0, {0.17, 0.18, 0.21, 1}, 1};
    for (int v = 0; v < FS_VARIANTS; v++) {
        const fs_repeated *r = labelled ? &s->results[v].top1 : &s->results[v].agreement;
        bars[v + 1] =
            (fs_bar){fs_variant_table[v].title, 100 * r->mean, 100 * r->spread, variant_colour(v), 1};
    }
    const fs_axis axis = {.high = 100,
                          .label = labelled ? "first class right, % of the labelled pictures"
                                            : "first class as the original's, % of the pictures"};
    fs_draw_bars(canvas, rect, "What the network still knows", &axis, 232, bars, FS_VARIANTS + 1);
}

void fs_draw_substitution_cka(fs_canvas *canvas, fs_rect rect, const fs_substitution *s) {
    static const int shown[] = {0, 3, 5, 7, 9, 10};
    enum { SHOWN = sizeof shown / sizeof *shown };
    static const fs_colour colours[SHOWN] = {{0, 0.447, 0.698, 1}, {0.902, 0.624, 0, 1},
                                             {0, 0.62, 0.451, 1},  {0.835, 0.369, 0, 1},
                                             {0.5, 0.52, 0.55, 1}, {0.8, 0.474, 0.655, 1}};
    fs_series series[SHOWN];
    double *values = fs_alloc_array((size_t)SHOWN * (size_t)s->n_layers + 1, sizeof *values);
    if (!values)
        fs_canvas_give_up(canvas);
    if (!values || s->n_layers < 1) {
        fs_free(values);
        return;
    }
    for (int i = 0; i < SHOWN; i++) {
        series[i] = (fs_series){fs_variant_table[shown[i]].title, colours[i]};
        for (int l = 0; l < s->n_layers; l++)
            values[i * s->n_layers + l] = s->results[shown[i]].cka[l].mean;
    }
    fs_rect legend = fs_rect_cut_bottom(&rect, 60);
    for (int row = 0; row < 3; row++) {
        fs_rect line = fs_rect_cut_top(&legend, 20);
        fs_draw_legend(canvas, &line, series + 2 * row, 2);
    }
    const fs_axis axis = {.low = 0, .high = 1, .label = "linear CKA with the original", .step = 0.2};
    const fs_lines lines = {(const char *const *)s->layers, s->n_layers, values, series, SHOWN};
    fs_draw_lines(canvas, rect, "How like the original each layer's representation stays", &axis, &lines);
    fs_free(values);
}
