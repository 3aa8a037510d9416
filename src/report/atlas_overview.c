/* A row for each layer of an atlas, with levels as chapters. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "report/atlas_page.h"
#include "report/atlas_sheet.h"
#include "report/caption.h"
#include "report/paper.h"

enum { COLUMNS = 12, MAX_ROWS = 16 };

typedef struct row {
    const fs_atlas_layer *layer;
    bool opens_chapter;
    int y; /* of its tiles */
    fs_sheet_tile tiles[COLUMNS];
    int n_tiles;
} row;

typedef struct overview {
    const fs_atlas *atlas;
    fs_sheet_measures m;
    int label, tile, gutter, chapter; /* widths and heights, pixels */
    row rows[MAX_ROWS];               /* of the page that is being drawn */
    int n_rows, page, pages, bottom;
} overview;

static void measure(overview *o) {
    o->m = fs_sheet_measure(fs_atlas_get_request(o->atlas)->render.size);
    o->label = o->m.tile * 13 / 8;
    o->gutter = o->m.gutter / 2;
    o->chapter = o->m.tile * 30 / 100;
    int room = o->m.width - 2 * o->m.margin - o->label - (COLUMNS - 1) * o->gutter;
    o->tile = room / COLUMNS;
}

/* ---- which rows are on which page ---- */

static bool is_shown(const fs_atlas_layer *layer) {
    for (int t = 0; t < layer->n_tiles; t++)
        if (layer->tiles[t].state != FS_ATLAS_OPEN)
            return true;
    return false;
}

static int next_shown(const fs_atlas_layer *layers, int n, int from) {
    while (from < n && !is_shown(&layers[from]))
        from++;
    return from;
}

/* Places rows from layer `first` on until the page is full; returns the layer the next page starts with. */
static int fill_page(overview *o, const fs_atlas_layer *layers, int n, int first) {
    int y = o->m.margin + o->m.head, last_level = -1;
    o->n_rows = 0;
    for (; first < n && o->n_rows < MAX_ROWS; first = next_shown(layers, n, first + 1)) {
        int level = (int)layers[first].layer->level;
        int chapter = level != last_level ? o->chapter : 0;
        bool fits = y + chapter + o->tile + 2 * o->gutter + o->m.foot + o->m.margin / 2 <= o->m.height;
        if (o->n_rows > 0 && !fits)
            break;
        y += chapter;
        o->rows[o->n_rows++] = (row){.layer = &layers[first], .opens_chapter = chapter > 0, .y = y};
        y += o->tile + o->gutter;
        last_level = level;
    }
    o->bottom = y + o->gutter + o->m.foot;
    return first;
}

/* ---- drawing ---- */

static void draw_row(fs_canvas *canvas, const overview *o, const row *r) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_layer *layer = r->layer->layer;
    char text[FS_CAPTION_SIZE];
    double small = o->m.tile * 0.095, x = o->m.margin;
    if (r->opens_chapter) {
        fs_text_style style = {.size = o->m.tile * 0.13, .colour = theme->level[layer->level], .bold = true};
        fs_rect line = {x, r->y - o->chapter, o->m.width - 2 * x, o->chapter};
        fs_draw_text(canvas, line, fs_caption_level(layer->level), &style);
    }
    fs_fill_rect(canvas, (fs_rect){x, r->y, o->m.tile / 42.0, o->tile}, theme->level[layer->level]);
    fs_rect label = {x + o->m.tile * 0.09, r->y, o->label - o->m.tile * 0.18, o->tile};
    fs_text_style style = {
        .size = o->m.tile * 0.125, .colour = theme->text, .bold = true, .cut_middle = true};
    fs_draw_text(canvas, fs_rect_cut_top(&label, o->m.tile * 0.19), layer->name, &style);
    style = (fs_text_style){.size = small, .colour = theme->dim};
    fs_draw_text(canvas, fs_rect_cut_top(&label, small * 1.5), fs_caption_shape(layer, text), &style);
    snprintf(text, sizeof text, "%d of %d channels", r->n_tiles, layer->channels);
    fs_draw_text(canvas, fs_rect_cut_top(&label, small * 1.5), text, &style);
    x += o->label;
    for (int i = 0; i < r->n_tiles; i++)
        fs_sheet_tile_draw(canvas, &r->tiles[i],
                           (fs_rect){x + i * (o->tile + o->gutter), r->y, o->tile, o->tile});
}

static void draw_page(fs_canvas *canvas, void *context) {
    const overview *o = context;
    const fs_render_settings *settings = &fs_atlas_get_request(o->atlas)->render;
    const fs_atlas_layer *layers;
    int finished = fs_atlas_count(o->atlas, FS_ATLAS_DRAWN), n = fs_atlas_layers(o->atlas, &layers);
    char right[FS_CAPTION_SIZE], below[FS_CAPTION_SIZE];
    snprintf(right, sizeof right, "%d layer%s  \u00b7  %d picture%s", n, n == 1 ? "" : "s", finished,
             finished == 1 ? "" : "s");
    snprintf(below, sizeof below, "%d \u00d7 %d pixels  \u00b7  %d steps", settings->size, settings->size,
             settings->steps);
    fs_sheet_head head = {.above = "What its layers respond to",
                          .title = fs_atlas_model(o->atlas)->name,
                          .word = "",
                          .right = right,
                          .right_below = below};
    fs_sheet_draw_head(canvas, &o->m, &head);
    for (int i = 0; i < o->n_rows; i++)
        draw_row(canvas, o, &o->rows[i]);
    fs_sheet_draw_foot(canvas, &o->m, o->atlas, o->bottom, o->page + 1, o->pages);
}

/* ---- pages ---- */

static fs_status load_row(const overview *o, row *r, fs_error *err) {
    int n = 0;
    const fs_atlas_tile **tiles = fs_sheet_finished(r->layer, &n);
    if (tiles == NULL)
        return fs_fail_memory(err, "the overview of an atlas");
    int shown = n < COLUMNS ? n : COLUMNS;
    fs_status status = FS_OK;
    for (int i = 0; i < shown && status == FS_OK; i++) {
        int at = (int)((int64_t)i * n / shown);
        status = fs_sheet_tile_load(&r->tiles[i], o->atlas, r->layer, tiles[at], err);
        r->n_tiles = i + 1;
    }
    fs_free(tiles);
    return status;
}

static void free_rows(overview *o) {
    for (int i = 0; i < o->n_rows; i++)
        for (int t = 0; t < o->rows[i].n_tiles; t++)
            fs_sheet_tile_free(&o->rows[i].tiles[t]);
    o->n_rows = 0;
}

/* FOLDER/overview and what follows; fs_free. NULL when memory is short. */
static char *file_name(const overview *o, const char *rest) {
    const char *folder = fs_atlas_get_request(o->atlas)->folder;
    size_t size = strlen(folder) + sizeof "/overview" + strlen(rest);
    char *name = fs_alloc(size);
    if (name != NULL)
        snprintf(name, size, "%s/overview%s", folder, rest);
    return name;
}

static fs_status write_page(overview *o, fs_paper *paper, fs_error *err) {
    char rest[32];
    snprintf(rest, sizeof rest, "-%03d.png", o->page + 1);
    char *png = file_name(o, rest);
    fs_status status = png != NULL ? FS_OK : fs_fail_memory(err, "the overview of an atlas");
    for (int i = 0; i < o->n_rows && status == FS_OK; i++)
        status = load_row(o, &o->rows[i], err);
    if (status == FS_OK)
        status = fs_paper_page(paper, png, o->bottom + o->m.margin / 2, draw_page, o, err);
    free_rows(o);
    fs_free(png);
    return status;
}

static fs_status write_pages(overview *o, const fs_atlas_layer *layers, int n, const fs_progress *progress,
                             fs_error *err) {
    fs_paper *paper = NULL;
    char *pdf = file_name(o, ".pdf");
    if (pdf == NULL)
        return fs_fail_memory(err, "the overview of an atlas");
    fs_status status = fs_paper_create(&paper, pdf, fs_atlas_model(o->atlas)->name, o->m.width, err);
    fs_free(pdf);
    if (status != FS_OK)
        return status;
    int next = next_shown(layers, n, 0);
    for (o->page = 0; next < n && status == FS_OK; o->page++) {
        next = fill_page(o, layers, n, next);
        status = fs_progress_cancelled(progress)
                     ? fs_fail(err, FS_ERROR_CANCELLED, "stopped while the overview was drawn")
                     : write_page(o, paper, err);
    }
    if (status == FS_OK)
        return fs_paper_finish(paper, err);
    fs_paper_abandon(paper);
    return status;
}

fs_status fs_atlas_overview(const fs_atlas *atlas, const fs_progress *progress, fs_error *err) {
    const fs_atlas_layer *layers;
    int n = fs_atlas_layers(atlas, &layers);
    overview *o = fs_calloc(1, sizeof *o);
    if (o == NULL)
        return fs_fail_memory(err, "the overview of an atlas");
    o->atlas = atlas;
    measure(o);
    for (int next = next_shown(layers, n, 0); next < n; o->pages++)
        next = fill_page(o, layers, n, next);
    o->n_rows = 0;
    fs_status status = o->pages > 0 ? write_pages(o, layers, n, progress, err) : FS_OK;
    fs_free(o);
    return status;
}
