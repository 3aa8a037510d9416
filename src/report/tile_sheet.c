#include "report/tile_sheet.h"

#include <math.h>

#include "report/contour.h"
#include "report/histogram_chart.h"

enum {
    MARGIN = 28,
    GUTTER = 14,
    LEAST_WIDTH = 520, /* of what is between the margins: a title needs room */
    TITLE_HEIGHT = 26,
    SUBTITLE_HEIGHT = 20,
    HEAD_GAP = 12,
    CAPTION_HEIGHT = 17,
    CAPTION_GAP = 4,
    CHART_HEIGHT = 132,
    CHART_GAP = 32
};

typedef struct layout {
    int columns, rows;
    double caption_height;   /* of all lines under a tile */
    double tiles_x, tiles_y; /* of the first tile */
    double charts_y;
    int width, height; /* of the page */
} layout;

static int larger(int a, int b) {
    return a > b ? a : b;
}

static layout measure(const fs_tile_sheet *sheet) {
    layout l = {.columns = sheet->columns > 0 ? sheet->columns : (int)ceil(sqrt(sheet->n_tiles))};
    int lines = 0;
    for (int i = 0; i < sheet->n_tiles; i++)
        lines = larger(lines, (sheet->tiles[i].caption != NULL) + (sheet->tiles[i].more_caption != NULL));
    l.columns = larger(1, l.columns < sheet->n_tiles ? l.columns : sheet->n_tiles);
    l.rows = (sheet->n_tiles + l.columns - 1) / l.columns;
    l.caption_height = lines ? CAPTION_GAP + lines * CAPTION_HEIGHT : 0;
    int tiles = l.columns * sheet->tile_side + (l.columns - 1) * GUTTER;
    int content = larger(tiles, LEAST_WIDTH);
    l.width = content + 2 * MARGIN;
    l.tiles_x = MARGIN + (content - tiles) / 2; /* whole pixels keep edges sharp */
    l.tiles_y = MARGIN + TITLE_HEIGHT + 2 * SUBTITLE_HEIGHT + HEAD_GAP;
    double tiles_height = l.rows * (sheet->tile_side + l.caption_height) + (l.rows - 1) * GUTTER;
    l.charts_y = l.tiles_y + tiles_height + CHART_GAP;
    l.height = (int)(sheet->n_charts ? l.charts_y + CHART_HEIGHT : l.tiles_y + tiles_height) + MARGIN;
    return l;
}

static void draw_head(const fs_tile_sheet *sheet, const layout *l, fs_canvas *canvas) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_text_style title = {.size = 18, .colour = theme->text, .bold = true};
    fs_text_style subtitle = {.size = 13, .colour = theme->dim};
    double width = l->width - 2 * MARGIN;
    fs_draw_text(canvas, (fs_rect){MARGIN, MARGIN, width, TITLE_HEIGHT}, sheet->title, &title);
    fs_rect line = {MARGIN, MARGIN + TITLE_HEIGHT, width, SUBTITLE_HEIGHT};
    fs_draw_text(canvas, line, sheet->subtitle, &subtitle);
    line.y += SUBTITLE_HEIGHT;
    fs_draw_text(canvas, line, sheet->detail, &subtitle);
}

/* A light line on a dark one is seen on every picture. */
static void draw_outline(fs_canvas *canvas, fs_rect rect, const fs_tile *tile) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    cairo_save(cr);
    cairo_rectangle(cr, rect.x, rect.y, rect.w, rect.h);
    cairo_clip(cr);
    cairo_save(cr);
    cairo_translate(cr, rect.x, rect.y);
    cairo_scale(cr, rect.w / (tile->side - 1), rect.h / (tile->side - 1));
    cairo_new_path(cr);
    fs_contour_path(cr, tile->samples, tile->side, tile->side, tile->level);
    cairo_restore(cr); /* the path stays, the pen is round again */
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_width(cr, 3.5);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.75);
    cairo_stroke_preserve(cr);
    cairo_set_line_width(cr, 1.75);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_stroke(cr);
    cairo_restore(cr);
}

static void draw_tile(const fs_tile *tile, fs_canvas *canvas, fs_rect rect) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_image *p = tile->picture;
    double scale = fmin(rect.w / p->width, rect.h / p->height);
    double w = rint(p->width * scale), h = rint(p->height * scale);
    fs_rect fitted = {rect.x + floor((rect.w - w) / 2), rect.y + floor((rect.h - h) / 2), w, h};
    fs_stroke_rounded(canvas, (fs_rect){fitted.x - 1, fitted.y - 1, w + 2, h + 2}, 0, 1, theme->line);
    fs_draw_image(canvas, fitted, p);
    if (tile->samples)
        draw_outline(canvas, fitted, tile);
    fs_rect line = {rect.x, rect.y + rect.h + CAPTION_GAP, rect.w, CAPTION_HEIGHT};
    fs_text_style style = {.size = 12.5, .colour = theme->text, .bold = tile->more_caption != NULL};
    if (tile->caption)
        fs_draw_text(canvas, line, tile->caption, &style);
    line.y += tile->caption ? CAPTION_HEIGHT : 0;
    style = (fs_text_style){.size = 11.5, .colour = theme->dim, .cut_middle = true};
    if (tile->more_caption)
        fs_draw_text(canvas, line, tile->more_caption, &style);
}

static void draw_tiles(const fs_tile_sheet *sheet, const layout *l, fs_canvas *canvas) {
    double side = sheet->tile_side;
    for (int i = 0; i < sheet->n_tiles; i++) {
        fs_rect rect = {l->tiles_x + i % l->columns * (side + GUTTER),
                        l->tiles_y + i / l->columns * (side + l->caption_height + GUTTER), side, side};
        draw_tile(&sheet->tiles[i], canvas, rect);
    }
}

static void draw_charts(const fs_tile_sheet *sheet, const layout *l, fs_canvas *canvas) {
    double width = (l->width - 2 * MARGIN - (sheet->n_charts - 1) * CHART_GAP) / (double)sheet->n_charts;
    for (int i = 0; i < sheet->n_charts; i++) {
        const fs_tile_chart *chart = &sheet->charts[i];
        fs_rect rect = {MARGIN + i * (width + CHART_GAP), l->charts_y, width, CHART_HEIGHT};
        fs_draw_histogram(canvas, rect, chart->title, chart->histogram, chart->logarithmic, chart->mark);
    }
}

fs_status fs_tile_sheet_draw(const fs_tile_sheet *sheet, fs_image *out, fs_error *err) {
    layout l = measure(sheet);
    fs_page page = {0};
    fs_status status = fs_page_begin(&page, l.width, l.height, fs_theme_light(), err);
    if (status != FS_OK)
        return status;
    draw_head(sheet, &l, page.canvas);
    draw_tiles(sheet, &l, page.canvas);
    draw_charts(sheet, &l, page.canvas);
    return fs_page_finish(&page, out, err);
}
