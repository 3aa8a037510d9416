#include "report/shift_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/c_locale.h"
#include "report/caption.h"
#include "report/html.h"
#include "report/page.h"
#include "report/paper.h"
#include "report/shift_charts.h"

enum {
    PAGE_WIDTH = 1160,
    MARGIN = 44,
    LINE = 20,
    ROWS = 30,
    CELL = 64,
    MOST_HTML_FILTERS = 100,
    MOST_SKIPPED = 200
};

typedef char cell[CELL];

/* ---- what tables say ---- */

enum { FILTER_COLUMNS = 8, LAYER_COLUMNS = 8 };

static const char *const filter_columns[FILTER_COLUMNS] = {"rank",        "layer",
                                                           "channel",     "score",
                                                           "correlation", "change of kernel",
                                                           "of its norm", "mean before \u2192 after"};
static const char *const layer_columns[LAYER_COLUMNS] = {"layer",        "channels",           "CKA",
                                                         "Procrustes",   "median correlation", "median score",
                                                         "probe before", "probe after"};

/* Three decimals; an em dash for what is no number. */
static void say(cell out, double value) {
    if (isfinite(value))
        fs_c_snprintf(out, CELL, "%.3f", value);
    else
        snprintf(out, CELL, "\u2014");
}

/* Without a sign where it would stand before a zero. */
static void say_percent(cell out, const char *format, double share) {
    const double percent = 100 * share;
    if (isfinite(percent))
        fs_c_snprintf(out, CELL, fabs(percent) < 0.05 ? "%.1f %%" : format,
                      fabs(percent) < 0.05 ? 0 : percent);
    else
        say(out, percent);
}

static void fill_filter(const fs_shift_report *r, int rank, cell cells[FILTER_COLUMNS]) {
    const fs_shift_filter *f = &r->shift->filters[rank];
    const fs_shift_channel *c = fs_shift_channel_of(r->shift, f);
    char before[FS_CAPTION_SIZE], after[FS_CAPTION_SIZE];
    snprintf(cells[0], CELL, "%d", rank + 1);
    snprintf(cells[1], CELL, "%.60s", r->layers->pairs[f->layer].layer[FS_BEFORE]->name);
    snprintf(cells[2], CELL, "%d", f->channel);
    say(cells[3], c->score);
    say(cells[4], c->correlation);
    say_percent(cells[5], "%.1f %%", f->change);
    say_percent(cells[6], "%+.1f %%", f->norm_change);
    snprintf(cells[7], CELL, "%.25s \u2192 %.25s", fs_caption_number(c->mean[FS_BEFORE], before),
             fs_caption_number(c->mean[FS_AFTER], after));
}

static void fill_layer(const fs_shift_report *r, int l, cell cells[LAYER_COLUMNS]) {
    const fs_shift_layer *layer = &r->shift->layers[l];
    snprintf(cells[0], CELL, "%.60s", r->layers->pairs[l].layer[FS_BEFORE]->name);
    snprintf(cells[1], CELL, "%d", layer->channels);
    say(cells[2], fs_cka_value(r->shift->cka, l, l));
    say(cells[3], layer->procrustes);
    say(cells[4], layer->median_correlation);
    say(cells[5], layer->median_score);
    for (int v = 0; v < FS_VERSIONS; v++)
        say(cells[6 + v], r->shift->classes > 0 ? layer->separable[v].accuracy : (double)NAN);
}

static void say_photographs(const fs_shift_report *r, char *text, size_t size) {
    snprintf(text, size, "%d photographs of %s in %d minibatches; %d layers compared, %d skipped",
             r->shift->images, r->folder, fs_cka_batches(r->shift->cka), r->layers->n, r->layers->n_skipped);
}

/* The layer with the least CKA, and how many kept nearly all of theirs. */
static void say_similarity(const fs_shift_report *r, char *text, size_t size) {
    int least = -1, kept = 0;
    double lowest = INFINITY;
    for (int l = 0; l < r->layers->n; l++) {
        const double cka = fs_cka_value(r->shift->cka, l, l);
        kept += cka > 0.99;
        if (cka < lowest) {
            lowest = cka;
            least = l;
        }
    }
    if (least < 0)
        snprintf(text, size, "No layer varies over these photographs.");
    else
        fs_c_snprintf(text, size, "%d of %d layers have a CKA above 0.99; the least is %.3f, of %s", kept,
                      r->layers->n, lowest, r->layers->pairs[least].layer[FS_BEFORE]->name);
}

static double typical_drift(const fs_gabor_drifts *drifts, int number, int *used) {
    double sum = 0;
    *used = 0;
    for (int i = 0; i < drifts->count; i++) {
        const fs_gabor_drift *d = &drifts->items[i];
        if (!fs_gabor_drift_counts(d))
            continue;
        const double x = number == 0 ? d->lambda : number == 1 ? d->theta * 180 / M_PI : d->sigma;
        sum += x * x;
        ++*used;
    }
    return *used ? sqrt(sum / *used) : 0;
}

static void say_gabor(const fs_shift_report *r, char *text, size_t size) {
    if (!r->gabor) {
        snprintf(text, size, "No Gabor functions: %.300s",
                 r->gabor_missing ? r->gabor_missing : "not asked for");
        return;
    }
    int used = 0;
    const double lambda = typical_drift(r->gabor, 0, &used), theta = typical_drift(r->gabor, 1, &used),
                 sigma = typical_drift(r->gabor, 2, &used);
    fs_c_snprintf(text, size,
                  "Gabor functions explain %d of %d kernels of %s before and after; drift (rms): \u03bb %.3f "
                  "px, \u03b8 %.2f\u00b0, \u03c3 %.3f px",
                  used, r->gabor->count, r->gabor_layer, lambda, theta, sigma);
}

/* ---- paper ---- */

typedef struct paper_page {
    const fs_shift_report *report;
    const fs_shift_numbers *numbers;
    fs_shift_chart_kind kind;
    const fs_shift_strip *strip;
} paper_page;

static fs_rect inside(void) {
    return (fs_rect){MARGIN, MARGIN, PAGE_WIDTH - 2 * MARGIN, fs_paper_height(PAGE_WIDTH) - 2 * MARGIN};
}

/* `shares` of the width of the page, the first `texts` columns to the left and the others to the right. */
static void draw_row(fs_canvas *canvas, fs_rect row, const char *const *cells, const double *shares, int n,
                     bool head) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    double x = row.x;
    for (int i = 0; i < n; i++) {
        const double width = shares[i] * row.w;
        const fs_text_style style = {.size = 12.5,
                                     .colour = head ? theme->dim : theme->text,
                                     .bold = head,
                                     .cut_middle = true,
                                     .align = shares[i] > 0.25 ? FS_ALIGN_LEFT : FS_ALIGN_RIGHT};
        fs_draw_text(canvas, (fs_rect){x + 6, row.y, width - 12, row.h}, cells[i], &style);
        x += width;
    }
    fs_fill_rect(canvas, (fs_rect){row.x, row.y + row.h - 0.5, row.w, head ? 1 : 0.5}, theme->line);
}

static void draw_filters(fs_canvas *canvas, fs_rect rect, const fs_shift_report *r) {
    static const double shares[FILTER_COLUMNS] = {0.05, 0.27, 0.08, 0.09, 0.11, 0.13, 0.1, 0.17};
    draw_row(canvas, fs_rect_cut_top(&rect, LINE + 2), filter_columns, shares, FILTER_COLUMNS, true);
    for (int i = 0; i < r->shift->n_filters && rect.h >= LINE; i++) {
        cell cells[FILTER_COLUMNS];
        const char *texts[FILTER_COLUMNS];
        fill_filter(r, i, cells);
        for (int k = 0; k < FILTER_COLUMNS; k++)
            texts[k] = cells[k];
        draw_row(canvas, fs_rect_cut_top(&rect, LINE), texts, shares, FILTER_COLUMNS, false);
    }
}

static void draw_first(fs_canvas *canvas, void *context) {
    const paper_page *page = context;
    const fs_shift_report *r = page->report;
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_text_style title = {.size = 24, .colour = theme->text, .bold = true};
    const fs_text_style text = {.size = 13.5, .colour = theme->dim};
    const fs_text_style heading = {.size = 16, .colour = theme->text, .bold = true};
    fs_rect rect = inside();
    char line[640];
    fs_draw_text(canvas, fs_rect_cut_top(&rect, 36), "How the representations moved", &title);
    snprintf(line, sizeof line, "before: %.300s", r->names[FS_BEFORE]);
    fs_draw_text(canvas, fs_rect_cut_top(&rect, 22), line, &text);
    snprintf(line, sizeof line, "after: %.300s", r->names[FS_AFTER]);
    fs_draw_text(canvas, fs_rect_cut_top(&rect, 22), line, &text);
    say_photographs(r, line, sizeof line);
    fs_draw_text(canvas, fs_rect_cut_top(&rect, 22), line, &text);
    say_similarity(r, line, sizeof line);
    fs_draw_text(canvas, fs_rect_cut_top(&rect, 22), line, &text);
    say_gabor(r, line, sizeof line);
    fs_draw_text(canvas, fs_rect_cut_top(&rect, 22), line, &text);
    fs_rect_cut_top(&rect, 18);
    fs_draw_text(canvas, fs_rect_cut_top(&rect, 26), "The filters that changed most", &heading);
    draw_filters(canvas, rect, r);
}

static void draw_chart_page(fs_canvas *canvas, void *context) {
    const paper_page *page = context;
    fs_rect rect = inside();
    if (page->kind == FS_SHIFT_CHART_GABOR)
        rect.h = 440;
    fs_shift_chart_draw(canvas, rect, page->report, page->numbers, page->kind);
}

static void draw_strip_page(fs_canvas *canvas, void *context) {
    const paper_page *page = context;
    const fs_image *image = &page->strip->picture;
    const fs_rect rect = inside();
    const double scale = fmin(1.25, fmin(rect.w / image->width, rect.h / image->height));
    const double w = image->width * scale, h = image->height * scale;
    fs_draw_image(canvas, (fs_rect){rect.x + (rect.w - w) / 2, rect.y, w, h}, image);
}

static fs_status add_pages(fs_paper *paper, paper_page *page, fs_error *err) {
    const int height = fs_paper_height(PAGE_WIDTH);
    fs_status status = fs_paper_page(paper, NULL, height, draw_first, page, err);
    for (int k = 0; k < FS_SHIFT_CHARTS && status == FS_OK; k++) {
        page->kind = (fs_shift_chart_kind)k;
        if (fs_shift_has_chart(page->report, page->kind))
            status = fs_paper_page(paper, NULL, height, draw_chart_page, page, err);
    }
    for (int i = 0; i < page->report->n_strips && status == FS_OK; i++) {
        page->strip = &page->report->strips[i];
        status = fs_paper_page(paper, NULL, height, draw_strip_page, page, err);
    }
    return status;
}

fs_status fs_shift_report_pdf(const fs_shift_report *report, const char *path, fs_error *err) {
    fs_shift_numbers numbers = {0};
    fs_paper *paper = NULL;
    char title[640];
    snprintf(title, sizeof title, "From %.250s to %.250s", report->names[FS_BEFORE], report->names[FS_AFTER]);
    fs_status status = fs_shift_numbers_make(&numbers, report, err);
    if (status == FS_OK)
        status = fs_paper_create(&paper, path, title, PAGE_WIDTH, err);
    if (status == FS_OK)
        status = add_pages(paper, &(paper_page){.report = report, .numbers = &numbers}, err);
    if (status == FS_OK)
        status = fs_paper_finish(paper, err);
    else
        fs_paper_abandon(paper);
    fs_shift_numbers_free(&numbers);
    return status;
}

/* ---- HTML ---- */

static void add_filters(fs_html *html, const fs_shift_report *r) {
    fs_html_heading(html, 2, "The filters that changed most");
    fs_html_paragraph(html,
                      "The score is one minus the concordance correlation of a channel's answers before "
                      "and after: 0 the same, 1 unrelated, 2 opposite. filters.csv has all %d.",
                      r->shift->n_filters);
    fs_html_table_begin(html, filter_columns, FILTER_COLUMNS);
    for (int i = 0; i < r->shift->n_filters && i < MOST_HTML_FILTERS; i++) {
        cell cells[FILTER_COLUMNS];
        const char *texts[FILTER_COLUMNS];
        fill_filter(r, i, cells);
        for (int k = 0; k < FILTER_COLUMNS; k++)
            texts[k] = cells[k];
        fs_html_table_row(html, texts, FILTER_COLUMNS);
    }
    fs_html_table_end(html);
}

static void add_layers(fs_html *html, const fs_shift_report *r) {
    fs_html_heading(html, 2, "All layers");
    fs_html_table_begin(html, layer_columns, LAYER_COLUMNS);
    for (int l = 0; l < r->layers->n; l++) {
        cell cells[LAYER_COLUMNS];
        const char *texts[LAYER_COLUMNS];
        fill_layer(r, l, cells);
        for (int k = 0; k < LAYER_COLUMNS; k++)
            texts[k] = cells[k];
        fs_html_table_row(html, texts, LAYER_COLUMNS);
    }
    fs_html_table_end(html);
}

static void add_skipped(fs_html *html, const fs_shift_report *r) {
    static const char *const reasons[] = {"only before", "only after", "its shapes differ",
                                          "no channels at this size"};
    static const char *const columns[] = {"layer", "why"};
    if (r->layers->n_skipped == 0)
        return;
    fs_html_heading(html, 2, "Layers without a partner");
    fs_html_table_begin(html, columns, 2);
    for (int i = 0; i < r->layers->n_skipped && i < MOST_SKIPPED; i++) {
        const fs_shift_skip *s = &r->layers->skipped[i];
        fs_html_table_row(html, (const char *const[]){s->layer->name, reasons[s->reason]}, 2);
    }
    fs_html_table_end(html);
    if (r->layers->n_skipped > MOST_SKIPPED)
        fs_html_paragraph(html, "And %d more; shift.json has them all.", r->layers->n_skipped - MOST_SKIPPED);
}

static fs_status add_charts(fs_html *html, const fs_shift_report *r, fs_error *err) {
    fs_status status = FS_OK;
    for (int k = 0; k < FS_SHIFT_CHARTS && status == FS_OK; k++) {
        fs_image image = {0};
        if (!fs_shift_has_chart(r, (fs_shift_chart_kind)k))
            continue;
        status = fs_shift_chart(r, (fs_shift_chart_kind)k, &image, err);
        if (status == FS_OK)
            status = fs_html_image(html, &image, fs_shift_chart_caption((fs_shift_chart_kind)k), err);
        fs_image_free(&image);
    }
    return status;
}

static void add_summary(fs_html *html, const fs_shift_report *r) {
    char line[640];
    snprintf(line, sizeof line, "From %.250s to %.250s", r->names[FS_BEFORE], r->names[FS_AFTER]);
    fs_html_begin(html, line);
    say_photographs(r, line, sizeof line);
    fs_html_paragraph(html, "%s.", line);
    say_similarity(r, line, sizeof line);
    fs_html_paragraph(html, "%s.", line);
    say_gabor(r, line, sizeof line);
    fs_html_paragraph(html, "%s.", line);
}

fs_status fs_shift_report_html(const fs_shift_report *report, const char *path, fs_error *err) {
    fs_html html = {0};
    add_summary(&html, report);
    fs_status status = add_charts(&html, report, err);
    if (report->n_strips > 0)
        fs_html_heading(&html, 2, "Before and after");
    for (int i = 0; i < report->n_strips && status == FS_OK; i++)
        status = fs_html_image(&html, &report->strips[i].picture, report->strips[i].title, err);
    if (status == FS_OK) {
        add_filters(&html, report);
        add_layers(&html, report);
        add_skipped(&html, report);
        status = fs_html_write(&html, path, err);
    }
    fs_html_free(&html);
    return status;
}
