#include "report/shift_charts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "report/layer_chart.h"
#include "report/matrix_chart.h"
#include "report/page.h"
#include "report/pair_chart.h"

enum {
    MARGIN = 28,
    WIDTH = 1100,
    HEIGHT = 560,
    MATRIX_WIDTH = 1080,
    MATRIX_HEIGHT = 1040,
    GABOR_HEIGHT = 430
};

static const double degrees = 180 / M_PI;

/* ---- numbers ---- */

/* |after - before| / |before| of the kernels of a layer, their median; NaN where it has none. `room` holds as
 * many numbers as there are filters. */
static double median_change(const fs_shift *shift, int layer, double *room) {
    int n = 0;
    for (int f = 0; f < shift->n_filters; f++)
        if (shift->filters[f].layer == layer)
            room[n++] = shift->filters[f].change;
    return fs_shift_median(room, n);
}

static fs_status allocate(fs_shift_numbers *out, int n, int kernels, fs_error *err) {
    const size_t size = (size_t)n;
    out->n = n;
    out->names = fs_calloc(size, sizeof *out->names);
    out->matrix = fs_calloc(size * size, sizeof *out->matrix);
    out->cka = fs_calloc(size, sizeof *out->cka);
    out->score = fs_calloc(size, sizeof *out->score);
    out->kernels = fs_calloc(size, sizeof *out->kernels);
    out->kernel_names = fs_calloc(size, sizeof *out->kernel_names);
    out->procrustes = fs_calloc(size, sizeof *out->procrustes);
    bool complete = out->names && out->matrix && out->cka && out->score && out->kernels &&
                    out->kernel_names && out->procrustes;
    for (int v = 0; v < FS_VERSIONS; v++) {
        out->separable[v] = fs_calloc(size, sizeof *out->separable[v]);
        out->spread[v] = fs_calloc(size, sizeof *out->spread[v]);
        complete = complete && out->separable[v] && out->spread[v];
        for (int k = 0; k < FS_SHIFT_GABOR_NUMBERS; k++) {
            out->gabor[k][v] = fs_calloc((size_t)kernels, sizeof *out->gabor[k][v]);
            complete = complete && out->gabor[k][v];
        }
    }
    return complete ? FS_OK : fs_fail_memory(err, "the charts of a report");
}

static void fill_layers(fs_shift_numbers *out, const fs_shift_report *report, double *room) {
    const fs_shift *shift = report->shift;
    for (int l = 0; l < out->n; l++) {
        const fs_shift_layer *layer = &shift->layers[l];
        out->names[l] = report->layers->pairs[l].layer[FS_BEFORE]->name;
        for (int k = 0; k < out->n; k++)
            out->matrix[l * out->n + k] = fs_cka_value(shift->cka, l, k);
        out->cka[l] = out->matrix[l * out->n + l];
        out->score[l] = layer->median_score;
        out->procrustes[l] = layer->procrustes;
        const double change = median_change(shift, l, room);
        if (isfinite(change)) {
            out->kernel_names[out->n_kernels] = out->names[l];
            out->kernels[out->n_kernels++] = change;
        }
        for (int v = 0; v < FS_VERSIONS; v++) {
            out->separable[v][l] = layer->separable[v].accuracy;
            out->spread[v][l] = layer->separable[v].standard_error;
        }
    }
}

/* theta of the second is shown as the first plus the drift, so that no line seems to have turned by a half.
 */
static void fill_gabor(fs_shift_numbers *out, const fs_gabor_drifts *drifts) {
    for (int i = 0; drifts && i < drifts->count; i++) {
        const fs_gabor_drift *d = &drifts->items[i];
        if (!fs_gabor_drift_counts(d))
            continue;
        const int at = out->n_gabor++;
        out->gabor[0][FS_BEFORE][at] = d->before.gabor.lambda;
        out->gabor[0][FS_AFTER][at] = d->after.gabor.lambda;
        out->gabor[1][FS_BEFORE][at] = d->before.gabor.theta * degrees;
        out->gabor[1][FS_AFTER][at] = (d->before.gabor.theta + d->theta) * degrees;
        out->gabor[2][FS_BEFORE][at] = d->before.gabor.sigma;
        out->gabor[2][FS_AFTER][at] = d->after.gabor.sigma;
    }
}

fs_status fs_shift_numbers_make(fs_shift_numbers *out, const fs_shift_report *report, fs_error *err) {
    fs_shift_numbers numbers = {0};
    double *room = fs_alloc_array((size_t)report->shift->n_filters, sizeof *room);
    fs_status status = allocate(&numbers, report->layers->n, report->gabor ? report->gabor->count : 0, err);
    if (status == FS_OK && !room)
        status = fs_fail_memory(err, "the charts of a report");
    if (status == FS_OK) {
        fill_layers(&numbers, report, room);
        fill_gabor(&numbers, report->gabor);
        *out = numbers;
    } else {
        fs_shift_numbers_free(&numbers);
    }
    fs_free(room);
    return status;
}

void fs_shift_numbers_free(fs_shift_numbers *numbers) {
    fs_free(numbers->names);
    fs_free(numbers->matrix);
    fs_free(numbers->cka);
    fs_free(numbers->score);
    fs_free(numbers->kernels);
    fs_free(numbers->kernel_names);
    fs_free(numbers->procrustes);
    for (int v = 0; v < FS_VERSIONS; v++) {
        fs_free(numbers->separable[v]);
        fs_free(numbers->spread[v]);
        for (int k = 0; k < FS_SHIFT_GABOR_NUMBERS; k++)
            fs_free(numbers->gabor[k][v]);
    }
    memset(numbers, 0, sizeof *numbers);
}

/* ---- charts ---- */

static fs_layer_chart layer_chart(const fs_shift_numbers *numbers, const fs_layer_line *lines, int n_lines) {
    return (fs_layer_chart){.low = 0,
                            .high = 1,
                            .mark = (double)NAN,
                            .names = numbers->names,
                            .n = numbers->n,
                            .lines = lines,
                            .n_lines = n_lines};
}

static void draw_cka(fs_canvas *canvas, fs_rect rect, const fs_shift_numbers *numbers) {
    const fs_layer_line line = {"", fs_canvas_theme(canvas)->level[0], numbers->cka, NULL};
    fs_layer_chart chart = layer_chart(numbers, &line, 1);
    chart.title = "Similarity of each layer before and after";
    chart.note = "1: the same arrangement of the photographs, but for rotation and scale; 0: none in common";
    chart.unit = "linear CKA, unbiased";
    for (int l = 0; l < numbers->n; l++) /* the unbiased estimate may fall below zero */
        if (numbers->cka[l] < chart.low)
            chart.low = floor(numbers->cka[l] * 10) / 10;
    fs_layer_chart_draw(canvas, rect, &chart);
}

static void draw_matrix(fs_canvas *canvas, fs_rect rect, const fs_shift_numbers *numbers) {
    const fs_matrix_chart chart = {.title = "Similarity of all layers before with all layers after",
                                   .note = "the diagonal is each layer with itself",
                                   .x_label = "layer after",
                                   .y_label = "layer before",
                                   .unit = "linear CKA, unbiased",
                                   .values = numbers->matrix,
                                   .n = numbers->n,
                                   .names = numbers->names,
                                   .low = 0,
                                   .high = 1};
    fs_matrix_chart_draw(canvas, rect, &chart);
}

static void draw_channels(fs_canvas *canvas, fs_rect rect, const fs_shift_numbers *numbers) {
    const fs_layer_line line = {"", fs_canvas_theme(canvas)->level[0], numbers->score, NULL};
    fs_layer_chart chart = layer_chart(numbers, &line, 1);
    chart.title = "How far the answers of channels moved";
    chart.note =
        "one minus the concordance correlation over all positions; 0: the same answers, 1: unrelated ones";
    chart.unit = "median of a layer's channels";
    chart.high = fs_chart_ceiling(numbers->score, numbers->n, 0.01);
    fs_layer_chart_draw(canvas, rect, &chart);
}

static void draw_kernels(fs_canvas *canvas, fs_rect rect, const fs_shift_numbers *numbers) {
    const fs_layer_line line = {"", fs_canvas_theme(canvas)->level[3], numbers->kernels, NULL};
    fs_layer_chart chart = layer_chart(numbers, &line, 1);
    chart.names = numbers->kernel_names;
    chart.n = numbers->n_kernels;
    chart.title = "How far kernels moved";
    chart.note = "length of the difference to the kernel before, in lengths of that; layers with weights";
    chart.unit = "median of a layer's kernels";
    chart.high = fs_chart_ceiling(numbers->kernels, numbers->n_kernels, 0.01);
    fs_layer_chart_draw(canvas, rect, &chart);
}

static void draw_procrustes(fs_canvas *canvas, fs_rect rect, const fs_shift_numbers *numbers) {
    const fs_layer_line line = {"", fs_canvas_theme(canvas)->level[1], numbers->procrustes, NULL};
    fs_layer_chart chart = layer_chart(numbers, &line, 1);
    chart.title = "Distance of each layer after the best rotation";
    chart.note =
        "of the channels' means over each photograph; 0: a rotation of what it was, 2: nothing in common";
    chart.unit = "Procrustes distance";
    chart.high = fs_chart_ceiling(numbers->procrustes, numbers->n, 0.01);
    fs_layer_chart_draw(canvas, rect, &chart);
}

static void draw_separability(fs_canvas *canvas, fs_rect rect, const fs_shift_report *report,
                              const fs_shift_numbers *numbers) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_layer_line lines[] = {
        {"before", theme->level[0], numbers->separable[FS_BEFORE], numbers->spread[FS_BEFORE]},
        {"after", theme->level[3], numbers->separable[FS_AFTER], numbers->spread[FS_AFTER]}};
    fs_layer_chart chart = layer_chart(numbers, lines, 2);
    char note[160];
    snprintf(note, sizeof note,
             "%d classes; a ridge classifier on the channels' means, cross-validated in %d folds; whiskers: "
             "one standard error",
             report->shift->classes, FS_SEPARABILITY_FOLDS);
    chart.title = "Classes that a linear probe tells apart in each layer";
    chart.note = note;
    chart.unit = "accuracy";
    chart.mark = report->shift->chance;
    chart.mark_name = "always the largest class";
    fs_layer_chart_draw(canvas, rect, &chart);
}

static void draw_gabor(fs_canvas *canvas, fs_rect rect, const fs_shift_numbers *numbers) {
    static const char *const titles[FS_SHIFT_GABOR_NUMBERS] = {"Wavelength \u03bb", "Orientation \u03b8",
                                                               "Envelope \u03c3"};
    static const char *const units[FS_SHIFT_GABOR_NUMBERS] = {"pixels", "degrees", "pixels"};
    const double gap = 24, width = (rect.w - 2 * gap) / FS_SHIFT_GABOR_NUMBERS;
    for (int k = 0; k < FS_SHIFT_GABOR_NUMBERS; k++) {
        const double high = fmax(fs_chart_ceiling(numbers->gabor[k][FS_BEFORE], numbers->n_gabor, 1),
                                 fs_chart_ceiling(numbers->gabor[k][FS_AFTER], numbers->n_gabor, 1));
        const fs_pair_chart chart = {.title = titles[k],
                                     .unit = units[k],
                                     .before = numbers->gabor[k][FS_BEFORE],
                                     .after = numbers->gabor[k][FS_AFTER],
                                     .n = numbers->n_gabor,
                                     .low = 0,
                                     .high = k == 1 ? 180 : high};
        fs_pair_chart_draw(canvas, (fs_rect){rect.x + k * (width + gap), rect.y, width, rect.h}, &chart);
    }
}

void fs_shift_chart_draw(fs_canvas *canvas, fs_rect rect, const fs_shift_report *report,
                         const fs_shift_numbers *numbers, fs_shift_chart_kind kind) {
    switch (kind) {
    case FS_SHIFT_CHART_CKA:
        draw_cka(canvas, rect, numbers);
        break;
    case FS_SHIFT_CHART_MATRIX:
        draw_matrix(canvas, rect, numbers);
        break;
    case FS_SHIFT_CHART_CHANNELS:
        draw_channels(canvas, rect, numbers);
        break;
    case FS_SHIFT_CHART_KERNELS:
        draw_kernels(canvas, rect, numbers);
        break;
    case FS_SHIFT_CHART_PROCRUSTES:
        draw_procrustes(canvas, rect, numbers);
        break;
    case FS_SHIFT_CHART_SEPARABILITY:
        draw_separability(canvas, rect, report, numbers);
        break;
    case FS_SHIFT_CHART_GABOR:
        draw_gabor(canvas, rect, numbers);
        break;
    case FS_SHIFT_CHARTS:
        break;
    }
}

const char *fs_shift_chart_caption(fs_shift_chart_kind kind) {
    static const char *const captions[FS_SHIFT_CHARTS] = {
        "Linear CKA between each layer before and after.",
        "Linear CKA between every layer before (upwards) and every layer after (to the right).",
        "How much the answers of each layer's channels changed, medians.",
        "How much each layer's kernels changed, medians.",
        "Orthogonal Procrustes distance between each layer before and after.",
        "Accuracy of linear probes on each layer, before and after: from general to specific features.",
        "Gabor parameters of the first convolution's kernels; on the line nothing changed."};
    return captions[kind];
}

bool fs_shift_has_chart(const fs_shift_report *report, fs_shift_chart_kind kind) {
    switch (kind) {
    case FS_SHIFT_CHART_KERNELS:
        return report->shift->n_filters > 0;
    case FS_SHIFT_CHART_SEPARABILITY:
        return report->shift->classes > 0;
    case FS_SHIFT_CHART_GABOR:
        return report->gabor != NULL;
    default:
        return true;
    }
}

fs_status fs_shift_chart(const fs_shift_report *report, fs_shift_chart_kind kind, fs_image *out,
                         fs_error *err) {
    const bool square = kind == FS_SHIFT_CHART_MATRIX;
    const int width = square ? MATRIX_WIDTH : WIDTH;
    const int height = square ? MATRIX_HEIGHT : kind == FS_SHIFT_CHART_GABOR ? GABOR_HEIGHT : HEIGHT;
    fs_shift_numbers numbers = {0};
    fs_page page = {0};
    fs_status status = fs_shift_numbers_make(&numbers, report, err);
    if (status == FS_OK)
        status = fs_page_begin(&page, width, height, fs_theme_light(), err);
    if (status == FS_OK) {
        fs_shift_chart_draw(page.canvas, (fs_rect){MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN},
                            report, &numbers, kind);
        status = fs_page_finish(&page, out, err);
    }
    fs_shift_numbers_free(&numbers);
    return status;
}
