#include "report/series_report.h"

#include <math.h>
#include <stdio.h>

#include "base/c_locale.h"
#include "report/chart_frame.h"
#include "report/html.h"
#include "report/page.h"
#include "report/paper.h"
#include "report/series_numbers.h"

enum {
    WIDTH = 1160,
    MARGIN = 36,
    HEAD = 64,
    LEGEND = 224,
    GAP = 32,
    UPPER = 400,  /* CKA */
    MIDDLE = 310, /* kernels */
    LOWER = 310,  /* Gabor functions */
    LINE = 640,
    CELL = 64
};

typedef char cell[CELL];

/* ---- words ---- */

int fs_series_least(const fs_shift_series *series, int step) {
    int least = -1;
    for (int l = 0; l < series->n_layers; l++) {
        const double cka = series->steps[step].cka[l];
        if (isfinite(cka) && (least < 0 || cka < series->steps[step].cka[least]))
            least = l;
    }
    return least;
}

static void say_title(const fs_series_report *r, char text[LINE]) {
    snprintf(text, LINE, "How features moved: %.300s", r->title);
}

static void say_pictures(const fs_series_report *r, const fs_series_numbers *numbers, char text[LINE]) {
    snprintf(text, LINE,
             "%d networks, %d layers; %d photographs of %.300s in minibatches of up to %d; all compared with "
             "the first, "
             "%.100s",
             r->series->n_steps, numbers->n, r->series->n_pictures, r->folder, r->batch, r->versions[0].name);
}

static void say_least(const fs_series_report *r, char text[LINE]) {
    const int last = r->series->n_steps - 1, least = fs_series_least(r->series, last);
    if (least < 0)
        snprintf(text, LINE, "No layer varies over these photographs");
    else
        fs_c_snprintf(text, LINE, "In the end, at %.100s, the least CKA is %.3f, of %.200s",
                      r->versions[last].name, r->series->steps[last].cka[least],
                      fs_shift_series_layer(r->series, least)->name);
}

static void say_gabor(const fs_series_report *r, char text[LINE]) {
    if (!r->gabor) {
        snprintf(text, LINE, "No Gabor functions: %.300s",
                 r->gabor_missing ? r->gabor_missing : "not fitted");
        return;
    }
    const fs_gabor_mean_drift *m = &r->gabor[r->series->n_steps - 1];
    if (m->count == 0)
        snprintf(text, LINE, "Gabor functions explain none of the %d kernels of %.200s at both ends",
                 r->gabor_kernels, r->gabor_layer);
    else
        fs_c_snprintf(text, LINE,
                      "Gabor functions explain %d of %d kernels of %.200s at both ends; mean size of the "
                      "drift: \u03bb %.3f px, \u03b8 %.2f\u00b0, \u03c3 %.3f px",
                      m->count, r->gabor_kernels, r->gabor_layer, m->lambda.mean, m->theta.mean * 180 / M_PI,
                      m->sigma.mean);
}

/* ---- charts ---- */

static void draw_cka(fs_canvas *canvas, fs_rect rect, const fs_series_numbers *numbers) {
    double low, high;
    fs_series_range(numbers->cka, numbers->n, numbers->axis.n, &low, &high);
    const fs_series_chart chart = {
        .title = "Similarity of each layer to its start",
        .note = "1: the same arrangement of the photographs, but for rotation and scale; 0: none in common",
        .unit = "linear CKA, unbiased",
        .low = 1 - fs_series_ceiling(1 - low, 0.01),
        .high = 1,
        .lines = numbers->cka,
        .n_lines = numbers->n};
    fs_series_chart_draw(canvas, rect, &numbers->axis, &chart);
}

static void draw_kernels(fs_canvas *canvas, fs_rect rect, const fs_series_numbers *numbers, bool angle) {
    const fs_series_line *lines = angle ? numbers->angle : numbers->change;
    double low, high;
    fs_series_range(lines, numbers->n_kernels, numbers->axis.n, &low, &high);
    const fs_series_chart chart = {.title = angle ? "How far kernels turned" : "How far kernels moved",
                                   .note = angle ? "angle between a kernel and its start; medians of layers"
                                                 : "|w \u2212 w\u2080| / |w\u2080|; medians of layers",
                                   .unit = angle ? "degrees" : "relative change",
                                   .low = 0,
                                   .high = fs_series_ceiling(high, angle ? 0.1 : 0.005),
                                   .lines = lines,
                                   .n_lines = numbers->n_kernels};
    fs_series_chart_draw(canvas, rect, &numbers->axis, &chart);
}

static void draw_gabor(fs_canvas *canvas, fs_rect rect, const fs_series_numbers *numbers, int number) {
    static const char *const titles[FS_SERIES_GABOR] = {"Wavelength \u03bb", "Orientation \u03b8",
                                                        "Envelope \u03c3"};
    static const char *const units[FS_SERIES_GABOR] = {"pixels", "degrees", "pixels"};
    double low, high;
    fs_series_range(numbers->gabor[number], 2, numbers->axis.n, &low, &high);
    const fs_series_chart chart = {.title = titles[number],
                                   .unit = units[number],
                                   .low = 0,
                                   .high = fs_series_ceiling(high, number == 1 ? 0.01 : 0.005),
                                   .lines = numbers->gabor[number],
                                   .n_lines = 2};
    fs_series_chart_draw(canvas, rect, &numbers->axis, &chart);
}

static void draw_gabors(fs_canvas *canvas, fs_rect rect, const fs_series_report *r,
                        const fs_series_numbers *numbers) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const double width = (rect.w - 2 * GAP) / FS_SERIES_GABOR;
    char note[LINE];
    say_gabor(r, note);
    fs_chart_title(canvas, &rect, "Drift of the first layer's Gabor functions", note);
    fs_rect strip = fs_rect_cut_top(&rect, 22);
    fs_chart_legend_entry(canvas, &strip, "mean size of the drift", theme->level[0]);
    fs_chart_legend_entry(canvas, &strip, "median", theme->level[3]);
    fs_rect_cut_top(&rect, 8);
    for (int k = 0; k < FS_SERIES_GABOR; k++)
        draw_gabor(canvas, (fs_rect){rect.x + k * (width + GAP), rect.y, width, rect.h}, numbers, k);
}

/* CKA above, the two charts of kernels below, the colours of layers at the right of both. */
static void draw_layers(fs_canvas *canvas, fs_rect rect, const fs_series_numbers *numbers) {
    fs_rect legend = fs_rect_cut_right(&rect, LEGEND);
    fs_rect_cut_right(&rect, GAP);
    fs_depth_legend_draw(canvas, legend, "Layers, the first at the top", numbers->names, numbers->n);
    const double share = (double)UPPER / (UPPER + GAP + MIDDLE);
    draw_cka(canvas, fs_rect_cut_top(&rect, numbers->n_kernels > 0 ? rect.h * share : rect.h), numbers);
    if (numbers->n_kernels == 0)
        return;
    fs_rect_cut_top(&rect, GAP);
    draw_kernels(canvas, fs_rect_cut_left(&rect, (rect.w - GAP) / 2), numbers, false);
    fs_rect_cut_left(&rect, GAP);
    draw_kernels(canvas, rect, numbers, true);
}

static void draw_head(fs_canvas *canvas, fs_rect rect, const fs_series_report *r,
                      const fs_series_numbers *numbers) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_text_style title = {.size = 21, .colour = theme->text, .bold = true};
    const fs_text_style subtitle = {.size = 13.5, .colour = theme->dim};
    char text[LINE];
    say_title(r, text);
    fs_draw_text(canvas, fs_rect_cut_top(&rect, 28), text, &title);
    say_pictures(r, numbers, text);
    fs_draw_text(canvas, fs_rect_cut_top(&rect, 21), text, &subtitle);
}

fs_status fs_series_figure(const fs_series_report *report, fs_image *out, fs_error *err) {
    fs_series_numbers numbers = {0};
    fs_page page = {0};
    fs_status status = fs_series_numbers_make(&numbers, report, err);
    const int layers = UPPER + (numbers.n_kernels > 0 ? GAP + MIDDLE : 0);
    const int height = 2 * MARGIN + HEAD + layers + (report->gabor ? GAP + LOWER : 0);
    if (status == FS_OK)
        status = fs_page_begin(&page, WIDTH, height, fs_theme_light(), err);
    if (status == FS_OK) {
        fs_rect rect = {MARGIN, MARGIN, WIDTH - 2 * MARGIN, height - 2 * MARGIN};
        draw_head(page.canvas, fs_rect_cut_top(&rect, HEAD), report, &numbers);
        draw_layers(page.canvas, fs_rect_cut_top(&rect, layers), &numbers);
        fs_rect_cut_top(&rect, GAP);
        if (report->gabor)
            draw_gabors(page.canvas, rect, report, &numbers);
        status = fs_page_finish(&page, out, err);
    }
    fs_series_numbers_free(&numbers);
    return status;
}

/* ---- paper ---- */

typedef struct paper_page {
    const fs_series_report *report;
    const fs_series_numbers *numbers;
} paper_page;

static fs_rect inside(void) {
    return (fs_rect){MARGIN, MARGIN, WIDTH - 2 * MARGIN, fs_paper_height(WIDTH) - 2 * MARGIN};
}

static void draw_first(fs_canvas *canvas, void *context) {
    const paper_page *page = context;
    fs_rect rect = inside();
    draw_head(canvas, fs_rect_cut_top(&rect, HEAD), page->report, page->numbers);
    draw_layers(canvas, rect, page->numbers);
}

static void draw_second(fs_canvas *canvas, void *context) {
    const paper_page *page = context;
    fs_rect rect = inside();
    draw_gabors(canvas, fs_rect_cut_top(&rect, LOWER + 40), page->report, page->numbers);
}

fs_status fs_series_report_pdf(const fs_series_report *report, const char *path, fs_error *err) {
    const int height = fs_paper_height(WIDTH);
    fs_series_numbers numbers = {0};
    fs_paper *paper = NULL;
    char title[LINE];
    say_title(report, title);
    paper_page page = {report, &numbers};
    fs_status status = fs_series_numbers_make(&numbers, report, err);
    if (status == FS_OK)
        status = fs_paper_create(&paper, path, title, WIDTH, err);
    if (status == FS_OK)
        status = fs_paper_page(paper, NULL, height, draw_first, &page, err);
    if (status == FS_OK && report->gabor)
        status = fs_paper_page(paper, NULL, height, draw_second, &page, err);
    if (status == FS_OK)
        status = fs_paper_finish(paper, err);
    else
        fs_paper_abandon(paper);
    fs_series_numbers_free(&numbers);
    return status;
}

/* ---- HTML ---- */

static void say(cell out, const char *format, double value) {
    if (isfinite(value))
        fs_c_snprintf(out, CELL, format, value);
    else
        snprintf(out, CELL, "\u2014");
}

static void add_versions(fs_html *html, const fs_series_report *r) {
    static const char *const columns[] = {"network",
                                          "least CKA",
                                          "of",
                                          "mean \u03bb drift, px",
                                          "mean \u03b8 drift, \u00b0",
                                          "mean \u03c3 drift, px",
                                          "kernels explained"};
    enum { COLUMNS = sizeof columns / sizeof *columns };
    const int n = r->gabor ? COLUMNS : 3;
    fs_html_heading(html, 2, "Networks");
    fs_html_table_begin(html, columns, n);
    for (int s = 0; s < r->series->n_steps; s++) {
        const int least = fs_series_least(r->series, s);
        cell cells[COLUMNS] = {{0}};
        const char *texts[COLUMNS];
        snprintf(cells[0], CELL, "%.60s", r->versions[s].name);
        say(cells[1], "%.3f", least < 0 ? (double)NAN : r->series->steps[s].cka[least]);
        snprintf(cells[2], CELL, "%.60s", least < 0 ? "" : fs_shift_series_layer(r->series, least)->name);
        if (r->gabor) {
            say(cells[3], "%.4f", r->gabor[s].lambda.mean);
            say(cells[4], "%.3f", r->gabor[s].theta.mean * 180 / M_PI);
            say(cells[5], "%.4f", r->gabor[s].sigma.mean);
            snprintf(cells[6], CELL, "%d", r->gabor[s].count);
        }
        for (int k = 0; k < COLUMNS; k++)
            texts[k] = cells[k];
        fs_html_table_row(html, texts, n);
    }
    fs_html_table_end(html);
}

static void add_layers(fs_html *html, const fs_series_report *r) {
    static const char *const columns[] = {"layer", "channels", "CKA", "change of kernels",
                                          "their angle, \u00b0"};
    enum { COLUMNS = sizeof columns / sizeof *columns };
    const fs_shift_step *last = &r->series->steps[r->series->n_steps - 1];
    fs_html_heading(html, 2, "All layers, in the end");
    fs_html_table_begin(html, columns, COLUMNS);
    for (int l = 0; l < r->series->n_layers; l++) {
        const fs_layer *layer = fs_shift_series_layer(r->series, l);
        cell cells[COLUMNS];
        const char *texts[COLUMNS];
        if (!fs_shift_series_has_layer(r->series, l))
            continue;
        snprintf(cells[0], CELL, "%.60s", layer->name);
        snprintf(cells[1], CELL, "%d", layer->channels);
        say(cells[2], "%.3f", last->cka[l]);
        say(cells[3], "%.2f %%", 100 * last->change[l]);
        say(cells[4], "%.2f", acos(last->cosine[l]) * 180 / M_PI);
        for (int k = 0; k < COLUMNS; k++)
            texts[k] = cells[k];
        fs_html_table_row(html, texts, COLUMNS);
    }
    fs_html_table_end(html);
}

static void add_summary(fs_html *html, const fs_series_report *r, const fs_series_numbers *numbers) {
    char text[LINE];
    say_title(r, text);
    fs_html_begin(html, text);
    say_pictures(r, numbers, text);
    fs_html_paragraph(html, "%s.", text);
    say_least(r, text);
    fs_html_paragraph(html, "%s.", text);
    say_gabor(r, text);
    fs_html_paragraph(html, "%s.", text);
}

fs_status fs_series_report_html(const fs_series_report *report, const char *path, fs_error *err) {
    fs_series_numbers numbers = {0};
    fs_html html = {0};
    fs_image figure = {0};
    fs_status status = fs_series_numbers_make(&numbers, report, err);
    if (status == FS_OK)
        status = fs_series_figure(report, &figure, err);
    if (status == FS_OK) {
        add_summary(&html, report, &numbers);
        status =
            fs_html_image(&html, &figure,
                          "Similarity of each layer to its start, how far kernels moved and turned, and the "
                          "drift of the first layer's Gabor functions, network by network.",
                          err);
    }
    if (status == FS_OK) {
        add_versions(&html, report);
        add_layers(&html, report);
        status = fs_html_write(&html, path, err);
    }
    fs_image_free(&figure);
    fs_html_free(&html);
    fs_series_numbers_free(&numbers);
    return status;
}
