/* What sheets and overview of an atlas share: measures, tiles, the head and foot of a page. */
#ifndef FS_REPORT_ATLAS_PAGE_H
#define FS_REPORT_ATLAS_PAGE_H

#include "report/canvas.h"
#include "viz/atlas.h"

enum { FS_SHEET_COLUMNS = 8 };

/* All in pixels of the PNG, whole numbers, so that every gutter is as wide as the next. */
typedef struct fs_sheet_measures {
    int tile, gutter, margin, caption;
    int head, foot; /* heights */
    int width, height;
} fs_sheet_measures;

/* size: of the pictures. They are shown at a whole multiple of it, or reduced when they are large. */
fs_sheet_measures fs_sheet_measure(int size);

/* A place on a page: the tile and, when it has one, its picture. */
typedef struct fs_sheet_tile {
    const fs_atlas_tile *tile;
    cairo_surface_t *picture; /* NULL: diverged */
} fs_sheet_tile;

/* Reads the picture of a drawn tile. fs_sheet_tile_free releases it. */
fs_status fs_sheet_tile_load(fs_sheet_tile *out, const fs_atlas *atlas, const fs_atlas_layer *layer,
                             const fs_atlas_tile *tile, fs_error *err);
void fs_sheet_tile_free(fs_sheet_tile *tile);
void fs_sheet_tile_draw(fs_canvas *canvas, const fs_sheet_tile *tile, fs_rect place);

/* Head: a small line, the title, a coloured word after it (or ""), and two lines at the right. */
typedef struct fs_sheet_head {
    const char *above, *title, *word, *right, *right_below;
    fs_colour colour; /* of the word */
} fs_sheet_head;
void fs_sheet_draw_head(fs_canvas *canvas, const fs_sheet_measures *m, const fs_sheet_head *head);
/* Foot: how the pictures were made, and the page's number, ending at `bottom`. */
void fs_sheet_draw_foot(fs_canvas *canvas, const fs_sheet_measures *m, const fs_atlas *atlas, int bottom,
                        int page, int pages);

/* Tiles that are not open; fs_free. *n of them. */
const fs_atlas_tile **fs_sheet_finished(const fs_atlas_layer *layer, int *n);

#endif
