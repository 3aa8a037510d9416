#include "report/gabor_card.h"

#include <math.h>
#include <stdio.h>

#include "gabor/shape.h"

enum {
    MARGIN = 28,
    TILE = 144,
    GUTTER = 18,
    SIDE = 74, /* names of the rows */
    COLUMNS = 4,
    HEAD = 58,
    LINE = 20,
    TEXT_GAP = 16,
    TEXT_LINES = 5,
    WIDTH = 2 * MARGIN + SIDE + COLUMNS * TILE + (COLUMNS - 1) * GUTTER
};

static const double degrees = 180 / M_PI;

typedef struct row {
    const char *name;
    fs_kernel_view first; /* learned, fitted, residual */
    double greatest;
    const double *power;
} row;

static void draw_row(fs_canvas *canvas, double y, const fs_kernel_views *views, const row *r) {
    fs_text_style style = {.size = 12.5, .colour = fs_canvas_theme(canvas)->dim};
    fs_draw_text(canvas, (fs_rect){MARGIN, y, SIDE - 8, TILE}, r->name, &style);
    for (int c = 0; c < COLUMNS; c++) {
        const fs_rect tile = {MARGIN + SIDE + c * (TILE + GUTTER), y, TILE, TILE};
        if (c == COLUMNS - 1) {
            fs_draw_power(canvas, tile, r->power, views->side, views->greatest_power);
        } else {
            const fs_patch patch = fs_kernel_views_patch(views, (fs_kernel_view)((int)r->first + c));
            fs_draw_patch(canvas, tile, &patch, r->greatest);
        }
    }
}

static void draw_column_heads(fs_canvas *canvas, double y) {
    static const char *const names[COLUMNS] = {"learned", "fitted", "residual", "power spectrum"};
    fs_text_style style = {.size = 12.5, .colour = fs_canvas_theme(canvas)->text, .align = FS_ALIGN_CENTRE};
    for (int c = 0; c < COLUMNS; c++)
        fs_draw_text(canvas, (fs_rect){MARGIN + SIDE + c * (TILE + GUTTER), y, TILE, LINE}, names[c], &style);
}

static void draw_notes(fs_canvas *canvas, double y, const char *which) {
    char text[80];
    fs_text_style style = {.size = 10.5, .colour = fs_canvas_theme(canvas)->dim, .align = FS_ALIGN_CENTRE};
    snprintf(text, sizeof text, "%s, \u00b1\u00bd cycle per pixel", which);
    const double x = MARGIN + SIDE + (COLUMNS - 1) * (TILE + GUTTER) - 6;
    fs_draw_text(canvas, (fs_rect){x, y, TILE + 12, 16}, text, &style);
}

static void with_error(char *text, size_t size, const char *name, double value, double error, int digits,
                       const char *unit) {
    if (isfinite(error))
        snprintf(text, size, "%s %.*f \u00b1 %.*f%s", name, digits, value, digits, error, unit);
    else
        snprintf(text, size, "%s %.*f%s", name, digits, value, unit);
}

/* Three columns of five lines. */
static void draw_numbers(fs_canvas *canvas, double top, const fs_gabor_card *card) {
    const fs_kernel_analysis *k = card->kernel;
    const fs_gabor *g = &k->fit.gabor;
    const double *e = k->fit.stderror;
    char text[3][TEXT_LINES][96] = {{{0}}};
    with_error(text[0][0], 96, "\u03bb", g->lambda, e[FS_GABOR_LAMBDA], 2, " px");
    with_error(text[0][1], 96, "\u03b8", g->theta * degrees, e[FS_GABOR_THETA] * degrees, 1, "\u00b0");
    with_error(text[0][2], 96, "\u03c8", g->psi * degrees, e[FS_GABOR_PSI] * degrees, 1, "\u00b0");
    with_error(text[0][3], 96, "\u03c3", g->sigma, e[FS_GABOR_SIGMA], 2, " px");
    with_error(text[0][4], 96, "\u03b3", g->gamma, e[FS_GABOR_GAMMA], 2, "");
    with_error(text[1][0], 96, "x\u2080", g->x0, e[FS_GABOR_X0], 2, " px");
    with_error(text[1][1], 96, "y\u2080", g->y0, e[FS_GABOR_Y0], 2, " px");
    with_error(text[1][2], 96, "amplitude", g->amplitude, e[FS_GABOR_AMPLITUDE], 3, "");
    with_error(text[1][3], 96, "offset", g->offset, e[FS_GABOR_OFFSET], 3, "");
    const double octaves = fs_gabor_bandwidth(g);
    snprintf(text[1][4], 96, isfinite(octaves) ? "bandwidth %.2f octaves" : "bandwidth unbounded", octaves);
    snprintf(text[2][0], 96, "R\u00b2 %.3f, adjusted %.3f", k->fit.r2, k->fit.r2_adjusted);
    snprintf(text[2][1], 96, "p %.3f against shuffled kernels", k->p_value);
    if (card->patch.channels == 3) {
        snprintf(text[2][2], 96, "R\u00b2 in colour %.3f", k->in_colour.r2);
        snprintf(text[2][3], 96, "one colour holds %.0f %%", 100 * k->split.energy);
        snprintf(text[2][4], 96, "colour %.2f, %.2f, %.2f", k->split.colour[0], k->split.colour[1],
                 k->split.colour[2]);
    }
    static const double from[3] = {0, 190, 400};
    fs_text_style style = {.size = 12.5, .colour = fs_canvas_theme(canvas)->text};
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < TEXT_LINES; i++)
            fs_draw_text(canvas,
                         (fs_rect){MARGIN + from[c], top + i * LINE,
                                   (c < 2 ? from[c + 1] - 8 : WIDTH - 2 * MARGIN) - from[c], LINE},
                         text[c][i], &style);
}

static void draw_head(fs_canvas *canvas, const fs_gabor_card *card) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_text_style style = {.size = 17, .colour = theme->text, .bold = true, .cut_middle = true};
    fs_rect line = {MARGIN, MARGIN, WIDTH - 2 * MARGIN, 24};
    fs_rect class = fs_rect_cut_right(&line, 170);
    fs_draw_text(canvas, line, card->title, &style);
    const char *name = fs_kernel_class_name(card->kernel->kind);
    fs_text_style label = {.size = 14, .colour = theme->text, .align = FS_ALIGN_RIGHT, .bold = true};
    fs_draw_text(canvas, class, name, &label);
    const double x = class.x + class.w - fs_text_width(canvas, name, &label) - 18;
    fs_fill_rect(canvas, (fs_rect){floor(x), class.y + 7, 11, 11},
                 fs_kernel_class_colour(card->kernel->kind));
    style = (fs_text_style){.size = 12.5, .colour = theme->dim, .cut_middle = true};
    fs_draw_text(canvas, (fs_rect){MARGIN, MARGIN + 25, WIDTH - 2 * MARGIN, LINE}, card->subtitle, &style);
}

static void draw(fs_canvas *canvas, const fs_gabor_card *card, const fs_kernel_views *views) {
    double y = MARGIN + HEAD;
    draw_head(canvas, card);
    draw_column_heads(canvas, y);
    y += LINE + 4;
    if (views->channels == 3) {
        draw_row(canvas, y, views, &(row){"in colour", FS_VIEW_LEARNED, views->greatest, views->power});
        y += TILE + 3;
        draw_notes(canvas, y, "learned");
        y += LINE;
    }
    draw_row(canvas, y, views,
             &(row){views->channels == 3 ? "profile" : "", FS_VIEW_PROFILE, views->greatest_profile,
                    views->channels == 3 ? views->power_fitted : views->power});
    y += TILE + 3;
    draw_notes(canvas, y, views->channels == 3 ? "fitted" : "learned");
    draw_numbers(canvas, y + LINE + TEXT_GAP - 6, card);
}

fs_status fs_gabor_card_draw(const fs_gabor_card *card, fs_image *out, fs_error *err) {
    fs_kernel_views views = {0};
    fs_page page = {0};
    const int rows = card->patch.channels == 3 ? 2 : 1;
    const int height =
        2 * MARGIN + HEAD + LINE + 4 + rows * (TILE + 3 + LINE) + TEXT_GAP - 6 + TEXT_LINES * LINE;
    fs_status status = fs_kernel_views_create(&views, &card->patch, card->kernel, err);
    if (status != FS_OK)
        return status;
    status = fs_page_begin(&page, WIDTH, height, fs_theme_light(), err);
    if (status == FS_OK) {
        draw(page.canvas, card, &views);
        status = fs_page_finish(&page, out, err);
    }
    fs_kernel_views_free(&views);
    return status;
}
