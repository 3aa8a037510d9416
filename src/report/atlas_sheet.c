#include "report/atlas_sheet.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/c_locale.h"
#include "engine/concepts.h"
#include "report/atlas_page.h"
#include "report/caption.h"
#include "report/paper.h"

enum { MAX_ROWS = 8 };

/* One layer's sheets, and the page that is being drawn. */
typedef struct sheet {
    const fs_atlas *atlas;
    const fs_atlas_layer *layer;
    const fs_progress *progress;
    fs_sheet_measures m;
    const fs_atlas_tile **tiles;
    int n_tiles, rows, page, pages; /* rows of a full page; page counts from 0 */
    int bottom;                     /* of the page's PNG */
    fs_sheet_tile places[MAX_ROWS * FS_SHEET_COLUMNS];
    int n_places;
} sheet;

static int row_height(const fs_sheet_measures *m) {
    return m->tile + m->caption + m->gutter / 2;
}

/* How well the concept fits, where there is room for it. */
static void add_overlap(fs_canvas *canvas, char text[FS_CAPTION_SIZE], double iou, double width,
                        const fs_text_style *style) {
    char longer[FS_CAPTION_SIZE];
    fs_c_snprintf(longer, sizeof longer, "%.230s, IoU %.2f", text, iou);
    if (fs_text_width(canvas, longer, style) <= width)
        memcpy(text, longer, sizeof longer);
}

static void draw_caption(fs_canvas *canvas, const sheet *s, const fs_atlas_tile *tile, fs_rect place) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    char text[FS_CAPTION_SIZE], value[FS_CAPTION_SIZE] = "";
    const char *name = fs_atlas_concept(s->atlas, s->layer, tile->channel);
    fs_text_style style = {.size = place.h * 0.66, .colour = theme->text};
    fs_text_style faint = {.size = place.h * 0.55, .colour = theme->faint, .align = FS_ALIGN_RIGHT};
    if (tile->state == FS_ATLAS_DRAWN && name == NULL) {
        if (tile->objective == 0)
            snprintf(value, sizeof value, "not active");
        else
            fs_caption_number(tile->objective, value);
        fs_draw_text(canvas, fs_rect_cut_right(&place, fs_text_width(canvas, value, &faint) + 2), value,
                     &faint);
    }
    const fs_concept *concept = fs_layer_concept(s->layer->layer, tile->channel);
    snprintf(text, sizeof text, name != NULL ? "%d %.200s" : "%d", tile->channel, name);
    if (concept != NULL && concept->name == name)
        add_overlap(canvas, text, concept->iou, place.w, &style);
    fs_draw_text(canvas, place, text, &style);
}

static void draw_head(fs_canvas *canvas, const sheet *s) {
    const fs_layer *layer = s->layer->layer;
    const fs_render_settings *settings = &fs_atlas_get_request(s->atlas)->render;
    char shape[FS_CAPTION_SIZE], right[2 * FS_CAPTION_SIZE], below[FS_CAPTION_SIZE];
    int first = s->places[0].tile->channel, last = s->places[s->n_places - 1].tile->channel;
    if (last - first == s->n_places - 1)
        snprintf(right, sizeof right, "channels %d \u2013 %d of %d", first, last, layer->channels);
    else
        snprintf(right, sizeof right, "%d of %d channels", s->n_tiles, layer->channels);
    snprintf(below, sizeof below, "%d \u00d7 %d pixels  \u00b7  %d steps", settings->size, settings->size,
             settings->steps);
    char above[2 * FS_CAPTION_SIZE + 8];
    snprintf(above, sizeof above, "%.240s  \u00b7  %s", fs_atlas_model(s->atlas)->name,
             fs_caption_shape(layer, shape));
    fs_sheet_head head = {.above = above,
                          .title = layer->name,
                          .word = fs_caption_level(layer->level),
                          .right = right,
                          .right_below = below,
                          .colour = fs_canvas_theme(canvas)->level[layer->level]};
    fs_sheet_draw_head(canvas, &s->m, &head);
}

static void draw_page(fs_canvas *canvas, void *context) {
    const sheet *s = context;
    const fs_sheet_measures *m = &s->m;
    draw_head(canvas, s);
    for (int i = 0; i < s->n_places; i++) {
        int column = i % FS_SHEET_COLUMNS, row = i / FS_SHEET_COLUMNS;
        fs_rect place = {m->margin + column * (m->tile + m->gutter),
                         m->margin + m->head + row * row_height(m), m->tile, m->tile};
        fs_sheet_tile_draw(canvas, &s->places[i], place);
        place.y += m->tile;
        place.h = m->caption;
        draw_caption(canvas, s, s->places[i].tile, place);
    }
    fs_sheet_draw_foot(canvas, m, s->atlas, s->bottom, s->page + 1, s->pages);
}

static void clear_places(sheet *s) {
    for (int i = 0; i < s->n_places; i++)
        fs_sheet_tile_free(&s->places[i]);
    s->n_places = 0;
}

static fs_status load_places(sheet *s, fs_error *err) {
    int first = s->page * s->rows * FS_SHEET_COLUMNS, most = s->rows * FS_SHEET_COLUMNS;
    int n = s->n_tiles - first < most ? s->n_tiles - first : most;
    fs_status status = FS_OK;
    for (int i = 0; i < n && status == FS_OK; i++) {
        status = fs_sheet_tile_load(&s->places[i], s->atlas, s->layer, s->tiles[first + i], err);
        s->n_places = i + 1;
    }
    return status;
}

/* FOLDER/LAYER and what follows; fs_free. NULL when memory is short. */
static char *file_name(const sheet *s, const char *rest) {
    const char *folder = fs_atlas_get_request(s->atlas)->folder;
    size_t size = strlen(folder) + strlen(s->layer->folder) + strlen(rest) + 2;
    char *name = fs_alloc(size);
    if (name != NULL)
        snprintf(name, size, "%s/%s%s", folder, s->layer->folder, rest);
    return name;
}

static fs_status write_page(sheet *s, fs_paper *paper, fs_error *err) {
    const fs_sheet_measures *m = &s->m;
    char rest[32];
    snprintf(rest, sizeof rest, "/sheet-%03d.png", s->page + 1);
    char *png = file_name(s, rest);
    fs_status status = png != NULL ? load_places(s, err) : fs_fail_memory(err, "a contact sheet");
    if (status == FS_OK) {
        int rows = (s->n_places + FS_SHEET_COLUMNS - 1) / FS_SHEET_COLUMNS;
        s->bottom = m->margin + m->head + rows * row_height(m) + m->foot;
        status = fs_paper_page(paper, png, s->bottom + m->margin / 2, draw_page, s, err);
    }
    clear_places(s);
    fs_free(png);
    return status;
}

static fs_status write_pages(sheet *s, fs_error *err) {
    char title[2 * FS_CAPTION_SIZE + 8];
    fs_paper *paper = NULL;
    char *pdf = file_name(s, ".pdf");
    if (pdf == NULL)
        return fs_fail_memory(err, "a contact sheet");
    snprintf(title, sizeof title, "%.240s, %.240s", fs_atlas_model(s->atlas)->name, s->layer->layer->name);
    fs_status status = fs_paper_create(&paper, pdf, title, s->m.width, err);
    fs_free(pdf);
    if (status != FS_OK)
        return status;
    for (s->page = 0; s->page < s->pages && status == FS_OK; s->page++)
        status = fs_progress_cancelled(s->progress)
                     ? fs_fail(err, FS_ERROR_CANCELLED, "stopped while the sheets were drawn")
                     : write_page(s, paper, err);
    if (status == FS_OK)
        return fs_paper_finish(paper, err);
    fs_paper_abandon(paper);
    return status;
}

fs_status fs_atlas_sheets(const fs_atlas *atlas, const fs_atlas_layer *layer, const fs_progress *progress,
                          fs_error *err) {
    sheet s = {.atlas = atlas, .layer = layer, .progress = progress};
    s.m = fs_sheet_measure(fs_atlas_get_request(atlas)->render.size);
    s.tiles = fs_sheet_finished(layer, &s.n_tiles);
    if (s.tiles == NULL)
        return fs_fail_memory(err, "a contact sheet");
    int room = s.m.height - s.m.margin - s.m.head - s.m.foot - s.m.margin / 2;
    s.rows = room / row_height(&s.m) < MAX_ROWS ? room / row_height(&s.m) : MAX_ROWS;
    int on_page = s.rows * FS_SHEET_COLUMNS;
    s.pages = (s.n_tiles + on_page - 1) / on_page;
    fs_status status = s.pages > 0 ? write_pages(&s, err) : FS_OK;
    fs_free(s.tiles);
    return status;
}
