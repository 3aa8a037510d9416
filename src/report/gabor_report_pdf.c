#include <math.h>
#include <stdio.h>

#include "report/gabor_card.h"
#include "report/gabor_charts.h"
#include "report/gabor_report.h"
#include "report/gabor_report_text.h"
#include "report/paper.h"

enum {
    WIDTH = 1123, /* of a page: A4 at 96 units an inch */
    MARGIN = 48,
    INNER = WIDTH - 2 * MARGIN,
    HEAD = 52,
    FOOT = 22,
    TILE_COLUMNS = 12,
    ROW = 17,
    ROW_HEAD = 24
};

typedef struct page {
    const fs_gabor_report *report;
    int number, first; /* the kernel that the page begins with */
    int next;          /* and the one that the next page begins with, once it is drawn */
    void (*content)(fs_canvas *canvas, struct page *page, fs_rect rect);
    const char *heading;
} page;

/* -- what all pages have -- */

static void draw_text_of(fs_canvas *canvas, fs_rect rect, const fs_text *text, const fs_text_style *style) {
    if (text->bytes)
        fs_draw_text(canvas, rect, text->bytes, style);
}

static void draw_page(fs_canvas *canvas, void *context) {
    page *p = context;
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_text title = {0}, subtitle = {0};
    fs_gabor_report_title(p->report, &title);
    fs_gabor_report_subtitle(p->report, &subtitle);
    fs_rect rect = fs_rect_inset((fs_rect){0, 0, WIDTH, fs_paper_height(WIDTH)}, MARGIN, 36);
    fs_rect head = fs_rect_cut_top(&rect, HEAD), foot = fs_rect_cut_bottom(&rect, FOOT);
    fs_text_style style = {.size = 22, .colour = theme->text, .bold = true, .cut_middle = true};
    fs_text_style small = {.size = 12, .colour = theme->dim, .cut_middle = true};
    if (p->number > 1)
        style.size = 17;
    head.h = 28;
    if (p->heading)
        fs_draw_text(canvas, head, p->heading, &style);
    else
        draw_text_of(canvas, head, &title, &style);
    head.y += 28;
    head.h = 18;
    draw_text_of(canvas, head, &subtitle, &small);
    char number[32];
    snprintf(number, sizeof number, "%d", p->number);
    small.align = FS_ALIGN_RIGHT;
    foot.y += 6;
    foot.h = 16;
    fs_draw_text(canvas, foot, number, &small);
    small.align = FS_ALIGN_LEFT;
    draw_text_of(canvas, foot, &title, &small);
    fs_text_free(&title);
    fs_text_free(&subtitle);
    fs_rect_cut_top(&rect, 8);
    p->content(canvas, p, rect);
}

/* -- the pages -- */

static void draw_words(fs_canvas *canvas, page *p, fs_rect rect) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_rect column = fs_rect_cut_left(&rect, 610);
    fs_text_style head = {.size = 13, .colour = theme->text, .bold = true};
    fs_text_style body = {.size = 11.5, .colour = theme->text, .wrap = true};
    for (int i = 0; i < FS_REPORT_SECTIONS; i++) {
        fs_text text = {0};
        const char *heading = fs_gabor_report_section(p->report, i, &text);
        if (heading && text.bytes) {
            fs_draw_text(canvas, fs_rect_cut_top(&column, 20), heading, &head);
            draw_text_of(canvas, column, &text, &body);
            fs_rect_cut_top(&column, fs_text_height(canvas, text.bytes, column.w, &body) + 9);
        }
        fs_text_free(&text);
    }
    fs_rect_cut_left(&rect, 44);
    fs_draw_text(canvas, fs_rect_cut_top(&rect, 22), "Kernels of each class", &head);
    fs_draw_class_counts(canvas, fs_rect_cut_top(&rect, 24 * FS_KERNEL_CLASSES), p->report->analysis);
    fs_rect_cut_top(&rect, 28);
    fs_draw_gabor_chart(canvas, fs_rect_cut_top(&rect, 270), FS_GABOR_CHART_R2, p->report->analysis);
    fs_text_style note = {.size = 10.5, .colour = theme->dim, .wrap = true};
    fs_rect_cut_top(&rect, 4);
    fs_draw_text(canvas, rect, fs_gabor_chart_note(FS_GABOR_CHART_R2), &note);
}

static void draw_kernels(fs_canvas *canvas, page *p, fs_rect rect) {
    const fs_gabor_sheet sheet = {.kernels = p->report->kernels, .analysis = p->report->analysis};
    fs_text_style note = {.size = 11.5, .colour = fs_canvas_theme(canvas)->dim};
    fs_draw_text(
        canvas, fs_rect_cut_top(&rect, 20),
        "Learned above fitted, each on its own scale, zero is grey (white for kernels of one channel); "
        "number, R\u00b2 of the Gabor fit, class.",
        &note);
    fs_rect_cut_top(&rect, 8);
    p->next = fs_draw_gabor_tiles(canvas, rect, &sheet, p->first, TILE_COLUMNS);
}

/* Two rows of charts, their notes beneath; `upper`: the upper row's share of the height. */
static void draw_charts(fs_canvas *canvas, page *p, fs_rect rect, const fs_gabor_chart *charts, int columns,
                        double upper, double note_height) {
    enum { BESIDE = 28, BETWEEN = 14 };
    const double w = (rect.w - BESIDE * (columns - 1.0)) / columns, h = rect.h - BETWEEN;
    fs_text_style note = {.size = 10.5, .colour = fs_canvas_theme(canvas)->dim, .wrap = true};
    for (int i = 0; i < 2 * columns; i++) {
        const bool lower = i >= columns;
        fs_rect cell = {rect.x + i % columns * (w + BESIDE), rect.y + (lower ? h * upper + BETWEEN : 0), w,
                        h * (lower ? 1 - upper : upper)};
        fs_rect text = fs_rect_cut_bottom(&cell, note_height);
        fs_draw_gabor_chart(canvas, cell, charts[i], p->report->analysis);
        fs_draw_text(canvas, text, fs_gabor_chart_note(charts[i]), &note);
    }
}

static void draw_orientations(fs_canvas *canvas, page *p, fs_rect rect) {
    static const fs_gabor_chart charts[] = {FS_GABOR_CHART_POLAR, FS_GABOR_CHART_SHAPE,
                                            FS_GABOR_CHART_COVERAGE, FS_GABOR_CHART_CONTRAST};
    draw_charts(canvas, p, rect, charts, 2, 0.61, 36);
}

static void draw_parameters(fs_canvas *canvas, page *p, fs_rect rect) {
    static const fs_gabor_chart charts[] = {FS_GABOR_CHART_WAVELENGTH, FS_GABOR_CHART_SIGMA,
                                            FS_GABOR_CHART_GAMMA,      FS_GABOR_CHART_BANDWIDTH,
                                            FS_GABOR_CHART_PHASE,      FS_GABOR_CHART_SATURATION};
    fs_text_style note = {.size = 11.5, .colour = fs_canvas_theme(canvas)->dim};
    fs_draw_text(
        canvas, fs_rect_cut_top(&rect, 20),
        "Kernels classed as gabor or edge (saturation: all); a parameter at the bound of its range is left "
        "out.",
        &note);
    fs_rect_cut_top(&rect, 8);
    draw_charts(canvas, p, rect, charts, 3, 0.5, 52);
}

static void draw_substitution(fs_canvas *canvas, page *p, fs_rect rect) {
    const fs_substitution *s = p->report->substitution;
    static const double widths[FS_REPORT_VARIANT_COLUMNS] = {290, 84, 130, 130, 130, 130, 130};
    fs_text_style style = {.size = 11, .colour = fs_canvas_theme(canvas)->text, .wrap = true};
    fs_text text = {0};
    fs_gabor_report_substitution(p->report, &text);
    if (text.bytes) {
        draw_text_of(canvas, rect, &text, &style);
        fs_rect_cut_top(&rect, fs_text_height(canvas, text.bytes, rect.w, &style) + 10);
    }
    fs_text_free(&text);
    char cell[FS_REPORT_CELL];
    style.wrap = false;
    for (int row = -2; row < FS_VARIANTS; row++) {
        fs_rect line = fs_rect_cut_top(&rect, ROW);
        style.bold = row == -2;
        for (int c = 0; c < FS_REPORT_VARIANT_COLUMNS; c++) {
            style.align = c == 0 ? FS_ALIGN_LEFT : FS_ALIGN_RIGHT;
            if (row > -2)
                fs_gabor_report_variant_cell(s, row, c, cell);
            fs_draw_text(canvas, fs_rect_cut_left(&line, widths[c]),
                         row == -2 ? fs_gabor_report_variant_heading(c) : cell, &style);
        }
    }
    fs_rect_cut_top(&rect, 14);
    fs_draw_substitution_bars(canvas, fs_rect_cut_left(&rect, 480), s);
    fs_rect_cut_left(&rect, 36);
    fs_draw_substitution_cka(canvas, rect, s);
}

static void draw_row(fs_canvas *canvas, page *p, fs_rect line, int kernel) {
    static const double widths[FS_REPORT_COLUMNS] = {28, 94, 42, 40, 85, 88, 72, 76,
                                                     76, 82, 82, 52, 54, 66, 72};
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_text_style style = {.size = 10, .colour = kernel < 0 ? theme->dim : theme->text, .bold = kernel < 0};
    char cell[FS_REPORT_CELL];
    fs_rect small = fs_rect_inset(fs_rect_cut_left(&line, 18), 1.5, 1);
    if (kernel >= 0) {
        const fs_patch patch = fs_kernels_patch(p->report->kernels, kernel);
        double greatest = 0;
        for (int i = 0; i < patch.channels * patch.height * patch.width; i++)
            greatest = fmax(greatest, fabs(patch.values[i]));
        fs_draw_patch(canvas, small, &patch, greatest);
    }
    for (int c = 0; c < FS_REPORT_COLUMNS; c++) {
        fs_rect place = fs_rect_cut_left(&line, widths[c]);
        style.align = c == 1 ? FS_ALIGN_LEFT : FS_ALIGN_RIGHT;
        if (c == 1)
            fs_rect_cut_left(&place, 10);
        if (kernel >= 0)
            fs_gabor_report_cell(&p->report->analysis->kernels[kernel], p->report->analysis->channels, c,
                                 cell);
        fs_draw_text(canvas, place, kernel < 0 ? fs_gabor_report_heading(c) : cell, &style);
    }
}

static void draw_table(fs_canvas *canvas, page *p, fs_rect rect) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    draw_row(canvas, p, fs_rect_cut_top(&rect, ROW_HEAD), -1);
    fs_fill_rect(canvas, (fs_rect){rect.x, rect.y - 2, rect.w, 1}, theme->faint);
    int kernel = p->first;
    for (; kernel < p->report->analysis->count && rect.h >= ROW; kernel++) {
        fs_rect line = fs_rect_cut_top(&rect, ROW);
        if (kernel % 2)
            fs_fill_rect(canvas, line, theme->panel);
        draw_row(canvas, p, line, kernel);
    }
    p->next = kernel;
}

/* -- all of them -- */

typedef struct chapter {
    const char *heading;
    void (*content)(fs_canvas *canvas, page *page, fs_rect rect);
    bool of_kernels; /* goes on until all kernels are on a page */
} chapter;

static const chapter chapters[] = {{NULL, draw_words, false},
                                   {"Kernels and their fits", draw_kernels, true},
                                   {"Orientation, shape and colour", draw_orientations, false},
                                   {"Parameters", draw_parameters, false},
                                   {"The substitution test", draw_substitution, false},
                                   {"All kernels in numbers", draw_table, true}};

static fs_status draw_chapters(const fs_gabor_report *report, fs_paper *paper, fs_error *err) {
    page p = {.report = report};
    fs_status status = FS_OK;
    for (size_t i = 0; i < sizeof chapters / sizeof *chapters && status == FS_OK; i++) {
        if (chapters[i].content == draw_substitution && !report->substitution)
            continue;
        p.heading = chapters[i].heading;
        p.content = chapters[i].content;
        p.first = 0;
        do {
            p.number++;
            p.next = report->analysis->count;
            status = fs_paper_page(paper, NULL, fs_paper_height(WIDTH), draw_page, &p, err);
            if (p.next == p.first)
                break; /* a row does not fit onto a page: it would never end */
            p.first = p.next;
        } while (status == FS_OK && chapters[i].of_kernels && p.first < report->analysis->count);
    }
    return status;
}

fs_status fs_gabor_report_pdf(const fs_gabor_report *report, const char *path, fs_error *err) {
    fs_paper *paper = NULL;
    fs_text title = {0};
    fs_gabor_report_title(report, &title);
    fs_status status =
        title.bytes ? fs_paper_create(&paper, path, title.bytes, WIDTH, err) : fs_fail_memory(err, path);
    fs_text_free(&title);
    if (status != FS_OK)
        return status;
    status = draw_chapters(report, paper, err);
    if (status == FS_OK)
        return fs_paper_finish(paper, err);
    fs_paper_abandon(paper);
    return status;
}
