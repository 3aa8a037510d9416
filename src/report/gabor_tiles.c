/* The sheet of all kernels, and what it shares with the card. */
#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "report/cells.h"
#include "report/gabor_card.h"
#include "viz/heat.h"

enum {
    MARGIN = 28,
    COLUMNS = 12,
    LEAST_COLUMNS = 7, /* a title needs room */
    TILE = 76,
    GUTTER = 12,
    HEAD = 62,
    CAPTION = 16,
    BETWEEN = 3,
    ROW_GAP = 14
};

/* -- patches and spectra -- */

fs_colour fs_patch_colour(const fs_patch *p, double greatest, int i) {
    const double unit = greatest > 0 ? 1 / greatest : 0;
    const int plane = p->height * p->width;
    double c[3];
    if (p->channels == 1)
        return fs_cell_heat(p->values[i] * unit);
    for (int k = 0; k < 3; k++)
        c[k] = 0.5 + 0.5 * fmax(-1, fmin(1, p->values[k * plane + i] * unit));
    return (fs_colour){c[0], c[1], c[2], 1};
}

typedef struct scaled_patch {
    const fs_patch *patch;
    double greatest;
} scaled_patch;

static fs_colour scaled_colour(const void *context, int i) {
    const scaled_patch *s = context;
    return fs_patch_colour(s->patch, s->greatest, i);
}

void fs_draw_patch(fs_canvas *canvas, fs_rect rect, const fs_patch *patch, double greatest) {
    const scaled_patch s = {patch, greatest};
    fs_draw_cells(canvas, fs_cells_fit(rect, patch->height, patch->width), patch->height, patch->width,
                  scaled_colour, &s);
}

typedef struct spectrum {
    const double *power;
    double greatest;
} spectrum;

static fs_colour power_colour(const void *context, int i) {
    const spectrum *s = context;
    uint8_t rgb[3];
    fs_heat_sequential(s->greatest > 0 ? sqrt(s->power[i] / s->greatest) : 0, rgb);
    return (fs_colour){rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0, 1};
}

void fs_draw_power(fs_canvas *canvas, fs_rect rect, const double *power, int side, double greatest) {
    const spectrum s = {power, greatest};
    fs_draw_cells(canvas, fs_cells_fit(rect, side, side), side, side, power_colour, &s);
}

fs_colour fs_kernel_class_colour(fs_kernel_class kind) {
    static const unsigned colours[FS_KERNEL_CLASSES] = {
        [FS_KERNEL_GABOR] = 0x0072b2,       [FS_KERNEL_EDGE] = 0xd55e00,
        [FS_KERNEL_BLOB] = 0xe69f00,        [FS_KERNEL_CENTRE_SURROUND] = 0x009e73,
        [FS_KERNEL_COLOUR_BLOB] = 0xcc79a7, [FS_KERNEL_GRATING] = 0x56b4e9,
        [FS_KERNEL_UNEXPLAINED] = 0x8a8f96, [FS_KERNEL_DEAD] = 0x2b2f35};
    const unsigned c = colours[kind];
    return (fs_colour){(c >> 16 & 255) / 255.0, (c >> 8 & 255) / 255.0, (c & 255) / 255.0, 1};
}

/* -- the sheet -- */

static int row_height(int tile) {
    return 2 * tile + BETWEEN + 2 * CAPTION + ROW_GAP;
}

static void draw_caption(fs_canvas *canvas, fs_rect line, const fs_kernel_analysis *k) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    char text[32];
    fs_text_style style = {.size = 11, .colour = theme->text, .bold = true};
    fs_rect square = fs_rect_inset(fs_rect_cut_left(&line, 10), 0, (CAPTION - 8) / 2.0);
    square.w = 8;
    fs_fill_rect(canvas, square, fs_kernel_class_colour(k->kind));
    fs_rect_cut_left(&line, 3);
    snprintf(text, sizeof text, "%d", k->channel);
    fs_draw_text(canvas, line, text, &style);
    style = (fs_text_style){.size = 11, .colour = theme->dim, .align = FS_ALIGN_RIGHT};
    snprintf(text, sizeof text, "%.2f", k->fit.r2);
    fs_draw_text(canvas, line, text, &style);
}

static void draw_tile(fs_canvas *canvas, fs_rect tile, const fs_gabor_sheet *sheet, int index) {
    const fs_kernel_analysis *k = &sheet->analysis->kernels[index];
    const fs_patch patch = fs_kernels_patch(sheet->kernels, index);
    fs_kernel_views views = {0};
    if (fs_kernel_views_create(&views, &patch, k, NULL) != FS_OK) {
        fs_canvas_give_up(canvas);
        return;
    }
    const fs_patch fitted = fs_kernel_views_patch(&views, FS_VIEW_FITTED);
    fs_draw_patch(canvas, tile, &patch, views.greatest);
    tile.y += tile.h + BETWEEN;
    fs_draw_patch(canvas, tile, &fitted, views.greatest);
    const fs_rect line = {tile.x, tile.y + tile.h + 2, tile.w, CAPTION};
    draw_caption(canvas, line, k);
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_text_style style = {.size = 10, .colour = theme->dim};
    fs_draw_text(canvas, (fs_rect){line.x, line.y + CAPTION - 2, line.w + GUTTER - 2, CAPTION},
                 fs_kernel_class_name(k->kind), &style);
    fs_kernel_views_free(&views);
}

int fs_draw_gabor_tiles(fs_canvas *canvas, fs_rect rect, const fs_gabor_sheet *sheet, int first,
                        int columns) {
    const int tile = (int)floor((rect.w - (columns - 1) * GUTTER) / columns);
    int index = first;
    for (double y = rect.y; y + row_height(tile) - ROW_GAP <= rect.y + rect.h; y += row_height(tile))
        for (int c = 0; c < columns && index < sheet->analysis->count; c++, index++)
            draw_tile(canvas, (fs_rect){rect.x + c * (tile + GUTTER), y, tile, tile}, sheet, index);
    return index;
}

fs_status fs_gabor_sheet_draw(const fs_gabor_sheet *sheet, fs_image *out, fs_error *err) {
    const int all = sheet->analysis->count, count = all < FS_GABOR_SHEET_MAX ? all : FS_GABOR_SHEET_MAX;
    int columns = count < COLUMNS ? count : COLUMNS;
    while ((count + columns - 1) / columns * row_height(TILE) > 12000)
        columns++; /* thousands of kernels: a broader sheet rather than one that is too high */
    const int wide = columns > LEAST_COLUMNS ? columns : LEAST_COLUMNS;
    const int inner = wide * TILE + (wide - 1) * GUTTER, rows = (count + columns - 1) / columns;
    fs_page page = {0};
    fs_status status =
        fs_page_begin(&page, inner + 2 * MARGIN, 2 * MARGIN + HEAD + rows * row_height(TILE) - ROW_GAP,
                      fs_theme_light(), err);
    if (status != FS_OK)
        return status;
    const fs_theme *theme = fs_theme_light();
    fs_text_style title = {.size = 18, .colour = theme->text, .bold = true, .cut_middle = true};
    fs_text_style subtitle = {.size = 12.5, .colour = theme->dim};
    fs_draw_text(page.canvas, (fs_rect){MARGIN, MARGIN, inner, 26}, sheet->title, &title);
    fs_draw_text(page.canvas, (fs_rect){MARGIN, MARGIN + 28, inner, 20}, sheet->subtitle, &subtitle);
    const double width = columns * TILE + (columns - 1) * GUTTER;
    fs_draw_gabor_tiles(page.canvas, (fs_rect){MARGIN, MARGIN + HEAD, width, rows * row_height(TILE)}, sheet,
                        0, columns);
    return fs_page_finish(&page, out, err);
}
