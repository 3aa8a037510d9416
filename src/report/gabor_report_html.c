#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "report/data_uri.h"
#include "report/gabor_card.h"
#include "report/gabor_charts.h"
#include "report/gabor_report.h"
#include "report/gabor_report_text.h"
#include "report/html.h"

static const char style[] =
    "body{font:15px/1.5 system-ui,\"Noto Sans\",\"DejaVu Sans\",sans-serif;color:#17191c;background:#fff;"
    "max-width:1360px;margin:32px auto;padding:0 24px}h1{font-size:26px;margin:0}h2{font-size:19px;margin:"
    "32px 0 6px}p{max-width:76ch;margin:4px 0 12px}.sub,.note{color:#474d55}.note{font-size:13px}"
    ".charts{display:flex;flex-wrap:wrap;gap:28px}figure{margin:0;width:500px;max-width:100%}"
    "img{max-width:100%;height:auto}table{border-collapse:collapse;font-size:12.5px;"
    "font-variant-numeric:tabular-nums}.wide{overflow-x:auto}th,td{text-align:right;padding:3px 7px;"
    "white-space:nowrap}th{color:#474d55;border-bottom:1px solid #666d76}tr:nth-child(even) td{background:"
    "#f6f6f4}.left{text-align:left}td img{width:28px;height:28px;image-rendering:pixelated;display:block}"
    ".square{display:inline-block;width:.7em;height:.7em;margin-right:.45em}";

static void add_words(fs_text *out, const char *open, const fs_text *words, const char *close) {
    fs_text_add(out, "%s", open);
    fs_html_escape(out, words->bytes ? words->bytes : "");
    fs_text_add(out, "%s\n", close);
}

static void add_head(fs_text *out, const fs_gabor_report *r) {
    fs_text title = {0}, subtitle = {0};
    fs_gabor_report_title(r, &title);
    fs_gabor_report_subtitle(r, &subtitle);
    fs_text_add(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                     "<meta name=\"viewport\" content=\"width=device-width\">\n");
    add_words(out, "<title>", &title, "</title>");
    fs_text_add(out, "<style>%s</style></head><body>\n", style);
    add_words(out, "<h1>", &title, "</h1>");
    add_words(out, "<p class=\"sub\">", &subtitle, "</p>");
    fs_text_free(&title);
    fs_text_free(&subtitle);
}

static void add_sections(fs_text *out, const fs_gabor_report *r) {
    for (int i = 0; i < FS_REPORT_SECTIONS; i++) {
        fs_text words = {0};
        const char *heading = fs_gabor_report_section(r, i, &words);
        if (heading) {
            fs_text_add(out, "<h2>%s</h2>\n", heading);
            add_words(out, "<p>", &words, "</p>");
        }
        fs_text_free(&words);
    }
}

/* -- charts -- */

typedef struct drawing {
    const fs_gabor_report *report;
    fs_gabor_chart chart;
    double width, height;
    void (*draw)(fs_canvas *canvas, fs_rect rect, const struct drawing *drawing);
} drawing;

static void draw_drawing(fs_canvas *canvas, void *context) {
    const drawing *d = context;
    d->draw(canvas, (fs_rect){4, 2, d->width - 8, d->height - 4}, d);
}
static void draw_chart(fs_canvas *canvas, fs_rect rect, const drawing *d) {
    fs_draw_gabor_chart(canvas, rect, d->chart, d->report->analysis);
}
static void draw_counts(fs_canvas *canvas, fs_rect rect, const drawing *d) {
    fs_draw_class_counts(canvas, rect, d->report->analysis);
}
static void draw_bars(fs_canvas *canvas, fs_rect rect, const drawing *d) {
    fs_draw_substitution_bars(canvas, rect, d->report->substitution);
}
static void draw_cka(fs_canvas *canvas, fs_rect rect, const drawing *d) {
    fs_draw_substitution_cka(canvas, rect, d->report->substitution);
}

/* A figure with its note (or ""). */
static fs_status add_figure(fs_text *out, drawing d, const char *name, const char *note, fs_error *err) {
    fs_text_add(out, "<figure><img alt=\"%s\" width=\"%.0f\" height=\"%.0f\" src=\"", name, d.width,
                d.height);
    fs_status status = fs_data_uri_svg(out, d.width, d.height, draw_drawing, &d, err);
    fs_text_add(out, "\"><figcaption class=\"note\">%s</figcaption></figure>\n", note);
    return status;
}

static fs_status add_charts(fs_text *out, const fs_gabor_report *r, fs_error *err) {
    fs_text_add(out, "<h2>In pictures</h2>\n<div class=\"charts\">\n");
    fs_status status =
        add_figure(out, (drawing){r, FS_GABOR_CHARTS, 500, 24 * FS_KERNEL_CLASSES + 8, draw_counts},
                   "Kernels of each class", "Kernels of each class.", err);
    for (int c = 0; c < FS_GABOR_CHARTS && status == FS_OK; c++) {
        const double height = c == FS_GABOR_CHART_POLAR || c == FS_GABOR_CHART_SHAPE ? 420 : 280;
        status =
            add_figure(out, (drawing){r, (fs_gabor_chart)c, 500, height, draw_chart},
                       fs_gabor_chart_title((fs_gabor_chart)c), fs_gabor_chart_note((fs_gabor_chart)c), err);
    }
    fs_text_add(out, "</div>\n");
    return status;
}

/* -- the substitution test -- */

static void add_variants(fs_text *out, const fs_substitution *s) {
    char cell[FS_REPORT_CELL];
    fs_text_add(out, "<div class=\"wide\"><table><tr>");
    for (int c = 0; c < FS_REPORT_VARIANT_COLUMNS; c++)
        fs_text_add(out, "<th%s>%s</th>", c ? "" : " class=\"left\"", fs_gabor_report_variant_heading(c));
    fs_text_add(out, "</tr>\n");
    for (int v = -1; v < FS_VARIANTS; v++) {
        fs_text_add(out, "<tr>");
        for (int c = 0; c < FS_REPORT_VARIANT_COLUMNS; c++) {
            fs_gabor_report_variant_cell(s, v, c, cell);
            fs_text_add(out, "<td%s>%s</td>", c ? "" : " class=\"left\"", cell);
        }
        fs_text_add(out, "</tr>\n");
    }
    fs_text_add(out, "</table></div>\n");
}

static fs_status add_substitution(fs_text *out, const fs_gabor_report *r, fs_error *err) {
    fs_text words = {0};
    fs_gabor_report_substitution(r, &words);
    fs_text_add(out, "<h2>The substitution test</h2>\n");
    add_words(out, "<p>", &words, "</p>");
    fs_text_free(&words);
    add_variants(out, r->substitution);
    fs_text_add(out, "<div class=\"charts\" style=\"margin-top:20px\">\n");
    fs_status status = add_figure(out, (drawing){r, FS_GABOR_CHARTS, 500, 340, draw_bars},
                                  "What the network still knows", "", err);
    if (status == FS_OK)
        status =
            add_figure(out, (drawing){r, FS_GABOR_CHARTS, 500, 400, draw_cka}, "Likeness of layers", "", err);
    fs_text_add(out, "</div>\n");
    return status;
}

/* -- kernels -- */

/* A pixel for each number; the page enlarges it. */
static fs_status add_patch(fs_text *out, const fs_patch *patch, double greatest, fs_error *err) {
    fs_image image = {0};
    fs_status status = fs_image_create(&image, patch->width, patch->height, 3, err);
    if (status != FS_OK)
        return status;
    const int plane = patch->width * patch->height;
    for (int i = 0; i < plane; i++) {
        const fs_colour c = fs_patch_colour(patch, greatest, i);
        image.pixels[3 * i] = (uint8_t)lrint(255 * c.r);
        image.pixels[3 * i + 1] = (uint8_t)lrint(255 * c.g);
        image.pixels[3 * i + 2] = (uint8_t)lrint(255 * c.b);
    }
    fs_text_add(out, "<td><img alt=\"\" src=\"");
    status = fs_data_uri_png(out, &image, err);
    fs_text_add(out, "\"></td>");
    fs_image_free(&image);
    return status;
}

static fs_status add_row(fs_text *out, const fs_gabor_report *r, int index, fs_error *err) {
    const fs_kernel_analysis *k = &r->analysis->kernels[index];
    const fs_patch patch = fs_kernels_patch(r->kernels, index);
    fs_kernel_views views = {0};
    char cell[FS_REPORT_CELL];
    fs_status status = fs_kernel_views_create(&views, &patch, k, err);
    if (status != FS_OK)
        return status;
    fs_text_add(out, "<tr>");
    for (int v = 0; v < 3 && status == FS_OK; v++) {
        const fs_patch view = fs_kernel_views_patch(&views, (fs_kernel_view)v);
        status = add_patch(out, &view, views.greatest, err);
    }
    fs_kernel_views_free(&views);
    for (int c = 0; c < FS_REPORT_COLUMNS; c++) {
        const fs_colour colour = fs_kernel_class_colour(k->kind);
        fs_gabor_report_cell(k, r->analysis->channels, c, cell);
        if (c == 1)
            fs_text_add(out,
                        "<td class=\"left\"><span class=\"square\" style=\"background:rgb(%.0f,%.0f,%.0f)\">"
                        "</span>%s</td>",
                        255 * colour.r, 255 * colour.g, 255 * colour.b, cell);
        else
            fs_text_add(out, "<td>%s</td>", cell);
    }
    fs_text_add(out, "</tr>\n");
    return status;
}

static fs_status add_kernels(fs_text *out, const fs_gabor_report *r, fs_error *err) {
    fs_status status = FS_OK;
    fs_text_add(out,
                "<h2>All kernels</h2>\n<p class=\"note\">Learned, fitted and residual on the scale of the "
                "learned one.</p>\n<div class=\"wide\"><table><tr><th class=\"left\">learned</th>"
                "<th class=\"left\">fitted</th><th class=\"left\">rest</th>");
    for (int c = 0; c < FS_REPORT_COLUMNS; c++)
        fs_text_add(out, "<th%s>%s</th>", c == 1 ? " class=\"left\"" : "", fs_gabor_report_heading(c));
    fs_text_add(out, "</tr>\n");
    for (int i = 0; i < r->analysis->count && status == FS_OK; i++)
        status = add_row(out, r, i, err);
    fs_text_add(out, "</table></div>\n");
    return status;
}

fs_status fs_gabor_report_html(const fs_gabor_report *r, const char *path, fs_error *err) {
    fs_text out = {0};
    add_head(&out, r);
    add_sections(&out, r);
    fs_status status = add_charts(&out, r, err);
    if (status == FS_OK && r->substitution)
        status = add_substitution(&out, r, err);
    if (status == FS_OK)
        status = add_kernels(&out, r, err);
    fs_text_add(&out, "</body></html>\n");
    if (status == FS_OK)
        status = fs_text_broken(&out) ? fs_fail_memory(err, path)
                                      : fs_file_write(path, out.bytes, out.length, err);
    fs_text_free(&out);
    return status;
}
