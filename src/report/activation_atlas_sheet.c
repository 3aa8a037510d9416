#include "report/activation_atlas_sheet.h"

enum { MARGIN = 32, GUTTER = 2, TITLE_HEIGHT = 30, LINE_HEIGHT = 21, HEAD_GAP = 16, LEAST_WIDTH = 640 };

typedef struct layout {
    int side, width, height; /* of a tile, of the page */
    double x, y;             /* of the first tile */
} layout;

static layout measure(const fs_activation_atlas_sheet *sheet) {
    const int head = TITLE_HEIGHT + 2 * LINE_HEIGHT + HEAD_GAP;
    const int most = (FS_IMAGE_MAX_SIDE - 2 * MARGIN - head) / sheet->grid - GUTTER;
    layout l = {.side = sheet->tile_side < most ? sheet->tile_side : most};
    const int square = sheet->grid * (l.side + GUTTER) - GUTTER;
    const int content = square > LEAST_WIDTH ? square : LEAST_WIDTH;
    l.width = content + 2 * MARGIN;
    l.x = MARGIN;
    l.y = MARGIN + head;
    l.height = head + square + 2 * MARGIN;
    return l;
}

static void draw_head(fs_canvas *canvas, const fs_activation_atlas_sheet *sheet, const layout *l) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_text_style style = {.size = 21, .colour = theme->text, .bold = true, .cut_middle = true};
    fs_rect line = {MARGIN, MARGIN, l->width - 2 * MARGIN, TITLE_HEIGHT};
    fs_draw_text(canvas, line, sheet->title, &style);
    style = (fs_text_style){.size = 13.5, .colour = theme->dim};
    line = (fs_rect){line.x, line.y + TITLE_HEIGHT, line.w, LINE_HEIGHT};
    fs_draw_text(canvas, line, sheet->subtitle, &style);
    line.y += LINE_HEIGHT;
    fs_draw_text(canvas, line, sheet->detail, &style);
}

static fs_status draw_cells(fs_canvas *canvas, const fs_activation_atlas_sheet *sheet, const layout *l,
                            fs_error *err) {
    const fs_atlas_cell *cells;
    const int n = fs_activation_atlas_cells(sheet->atlas, &cells);
    for (int i = 0; i < n; i++) {
        fs_image image = {0};
        fs_status status = sheet->picture(sheet->context, &cells[i], &image, err);
        if (status != FS_OK)
            return status;
        const fs_rect place = {l->x + cells[i].column * (l->side + GUTTER),
                               l->y + cells[i].row * (l->side + GUTTER), l->side, l->side};
        if (image.pixels)
            fs_draw_image(canvas, place, &image);
        fs_image_free(&image);
    }
    return FS_OK;
}

fs_status fs_activation_atlas_sheet_draw(const fs_activation_atlas_sheet *sheet, fs_image *out,
                                         fs_error *err) {
    const layout l = measure(sheet);
    fs_page page = {0};
    fs_status status = fs_page_begin(&page, l.width, l.height, fs_theme_light(), err);
    if (status != FS_OK)
        return status;
    draw_head(page.canvas, sheet, &l);
    status = draw_cells(page.canvas, sheet, &l, err);
    if (status != FS_OK) {
        fs_page_abandon(&page);
        return status;
    }
    return fs_page_finish(&page, out, err);
}
