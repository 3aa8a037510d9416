#include "report/confusion_chart.h"

#include <math.h>
#include <stdio.h>

enum {
    MARGIN = 32,
    HEAD = 66,
    LARGEST_CELL = 110,
    SMALLEST_CELL = 4,
    SQUARE = 900, /* what the cells share */
    LABEL = 150,  /* room for names at the left */
    TOP = 48,     /* over the cells */
    LEAST_WIDTH = 680,
    NUMBERS_FROM = 26, /* pixels of a cell that holds a number */
    NAMES_FROM = 13    /* and of one that has its name beside it */
};

typedef struct layout {
    int cell, width, height;
    double x, y;  /* of the first cell */
    bool slanted; /* the answers' names stand */
    double top;
} layout;

static layout measure(const fs_confusion_chart *c) {
    layout l = {.cell = SQUARE / c->classes};
    l.cell = l.cell > LARGEST_CELL ? LARGEST_CELL : l.cell < SMALLEST_CELL ? SMALLEST_CELL : l.cell;
    l.slanted = l.cell < 84;
    const bool named = l.cell >= NAMES_FROM;
    l.top = TOP + (l.slanted && named ? LABEL - 24 : 0);
    l.x = MARGIN + (named ? LABEL : 28);
    l.y = MARGIN + HEAD + l.top;
    const int square = l.cell * c->classes;
    l.width = (int)l.x + square + MARGIN;
    l.width = l.width < LEAST_WIDTH ? LEAST_WIDTH : l.width;
    l.height = (int)l.y + square + MARGIN;
    return l;
}

static int row_sum(const fs_confusion_chart *c, int row) {
    int sum = 0;
    for (int k = 0; k < c->classes; k++)
        sum += c->counts[row * c->classes + k];
    return sum;
}

static fs_colour mix(fs_colour a, fs_colour b, double share) {
    return (fs_colour){a.r + share * (b.r - a.r), a.g + share * (b.g - a.g), a.b + share * (b.b - a.b), 1};
}

static void draw_cells(fs_canvas *canvas, const fs_confusion_chart *c, const layout *l) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const int gap = l->cell >= NUMBERS_FROM ? 2 : l->cell >= NAMES_FROM ? 1 : 0;
    for (int r = 0; r < c->classes; r++) {
        const int sum = row_sum(c, r);
        for (int k = 0; k < c->classes; k++) {
            const int count = c->counts[r * c->classes + k];
            const double share = sum ? (double)count / sum : 0;
            const fs_rect cell = {l->x + k * l->cell, l->y + r * l->cell, l->cell - gap, l->cell - gap};
            const fs_colour full = theme->level[k == r ? FS_LEVEL_EDGE : FS_LEVEL_PART];
            /* a single picture is seen among thousands */
            fs_fill_rect(canvas, cell, mix(theme->raised, full, count ? 0.12 + 0.88 * share : 0));
            if (l->cell < NUMBERS_FROM || (!count && l->cell < 60))
                continue;
            char text[64];
            const bool light = share > 0.45;
            fs_text_style style = {.size = l->cell >= 60 ? 18 : 11,
                                   .colour = light ? theme->background : theme->text,
                                   .align = FS_ALIGN_CENTRE,
                                   .bold = l->cell >= 60};
            fs_rect line = cell;
            snprintf(text, sizeof text, "%d", count);
            if (l->cell >= 60) {
                line = (fs_rect){cell.x, cell.y + cell.h / 2 - 22, cell.w, 24};
                fs_draw_text(canvas, line, text, &style);
                style = (fs_text_style){.size = 12.5, .colour = style.colour, .align = FS_ALIGN_CENTRE};
                line.y += 24;
                line.h = 18;
                snprintf(text, sizeof text, "%.1f %%", 100 * share);
            }
            fs_draw_text(canvas, line, text, &style);
        }
    }
}

/* Names of the answers, standing where cells are narrow. */
static void draw_answer(fs_canvas *canvas, const layout *l, const char *label, int k) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    fs_text_style style = {.size = 13, .colour = fs_canvas_theme(canvas)->text, .align = FS_ALIGN_CENTRE};
    if (!l->slanted) {
        fs_draw_text(canvas, (fs_rect){l->x + k * l->cell, l->y - 24, l->cell - 4, 20}, label, &style);
        return;
    }
    style.align = FS_ALIGN_LEFT;
    style.size = l->cell >= 18 ? 13 : 10;
    cairo_save(cr);
    cairo_translate(cr, l->x + (k + 0.5) * l->cell, l->y - 6);
    cairo_rotate(cr, -1.5707963);
    fs_draw_text(canvas, (fs_rect){0, -9, LABEL - 24, 18}, label, &style);
    cairo_restore(cr);
}

static void draw_names(fs_canvas *canvas, const fs_confusion_chart *c, const layout *l) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_text_style axis = {.size = 12.5, .colour = theme->dim};
    const fs_text_style style = {
        .size = l->cell >= 18 ? 13 : 10, .colour = theme->text, .align = FS_ALIGN_RIGHT};
    fs_draw_text(canvas, (fs_rect){l->x, l->y - l->top, l->width - l->x, 20},
                 "columns: what the network says; rows: what it is", &axis);
    for (int k = 0; k < c->classes && l->cell >= NAMES_FROM; k++) {
        fs_draw_text(canvas, (fs_rect){MARGIN, l->y + k * l->cell, LABEL - 10, l->cell}, c->labels[k],
                     &style);
        draw_answer(canvas, l, c->labels[k], k);
    }
}

fs_status fs_confusion_chart_draw(const fs_confusion_chart *chart, fs_image *out, fs_error *err) {
    const layout l = measure(chart);
    fs_page page = {0};
    if (l.width > FS_IMAGE_MAX_SIDE || l.height > FS_IMAGE_MAX_SIDE)
        return fs_fail(err, FS_ERROR_LIMIT, "%d classes are too many to draw", chart->classes);
    fs_status status = fs_page_begin(&page, l.width, l.height, fs_theme_light(), err);
    if (status != FS_OK)
        return status;
    fs_text_style style = {.size = 21, .colour = fs_theme_light()->text, .bold = true};
    fs_rect line = {MARGIN, MARGIN, l.width - 2 * MARGIN, 28};
    fs_draw_text(page.canvas, line, chart->title, &style);
    style = (fs_text_style){.size = 13.5, .colour = fs_theme_light()->dim};
    line = (fs_rect){line.x, line.y + 28, line.w, 21};
    fs_draw_text(page.canvas, line, chart->subtitle, &style);
    draw_names(page.canvas, chart, &l);
    draw_cells(page.canvas, chart, &l);
    return fs_page_finish(&page, out, err);
}
