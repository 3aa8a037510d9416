#include "report/atlas_page.h"

#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "report/caption.h"
#include "report/paper.h"
#include "report/surface.h"

enum { LEAST_TILE = 176, LARGEST_TILE = 256 };

fs_sheet_measures fs_sheet_measure(int size) {
    int tile = size > LARGEST_TILE ? LARGEST_TILE : (LEAST_TILE + size - 1) / size * size;
    fs_sheet_measures m = {.tile = tile,
                           .gutter = (tile + 4) / 8,
                           .margin = (tile * 3 + 4) / 8,
                           .caption = tile * 17 / 100,
                           .head = tile * 68 / 100,
                           .foot = tile * 17 / 100};
    m.width = 2 * m.margin + FS_SHEET_COLUMNS * tile + (FS_SHEET_COLUMNS - 1) * m.gutter;
    m.height = fs_paper_height(m.width);
    return m;
}

fs_status fs_sheet_tile_load(fs_sheet_tile *out, const fs_atlas *atlas, const fs_atlas_layer *layer,
                             const fs_atlas_tile *tile, fs_error *err) {
    *out = (fs_sheet_tile){.tile = tile};
    if (tile->state != FS_ATLAS_DRAWN)
        return FS_OK;
    fs_image image = {0};
    char *path = fs_atlas_tile_path(atlas, layer, tile->channel);
    if (path == NULL)
        return fs_fail_memory(err, "a contact sheet");
    fs_status status = fs_image_read(&image, path, err);
    if (status == FS_OK) {
        out->picture = fs_surface_from_image(&image);
        if (out->picture == NULL)
            status = fs_fail_memory(err, path);
    }
    fs_image_free(&image);
    fs_free(path);
    return status;
}

void fs_sheet_tile_free(fs_sheet_tile *tile) {
    cairo_surface_destroy(tile->picture);
    tile->picture = NULL;
}

static void draw_placeholder(fs_canvas *canvas, fs_rect place) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_text_style style = {.size = place.w * 0.1, .colour = theme->dim, .align = FS_ALIGN_CENTRE};
    fs_fill_rect(canvas, place, theme->panel);
    fs_stroke_rounded(canvas, place, 0, fmax(1, place.w / 128), theme->line);
    fs_draw_text(canvas, place, "diverged", &style);
}

void fs_sheet_tile_draw(fs_canvas *canvas, const fs_sheet_tile *tile, fs_rect place) {
    if (tile->picture == NULL) {
        draw_placeholder(canvas, place);
        return;
    }
    cairo_t *cr = fs_canvas_cairo(canvas);
    cairo_save(cr);
    cairo_rectangle(cr, place.x, place.y, place.w, place.h);
    cairo_clip(cr);
    cairo_translate(cr, place.x, place.y);
    cairo_scale(cr, place.w / cairo_image_surface_get_width(tile->picture),
                place.h / cairo_image_surface_get_height(tile->picture));
    cairo_set_source_surface(cr, tile->picture, 0, 0);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD); /* no pale rim */
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_GOOD);
    cairo_paint(cr);
    cairo_restore(cr);
}

/* ---- head and foot ---- */

/* A long title becomes smaller before anything of it is left out. */
static double fit_title(fs_canvas *canvas, const char *text, fs_text_style *style, double space) {
    double width = fs_text_width(canvas, text, style) + 2;
    if (width > space) {
        style->size *= fmax(space / width, 0.55) * 0.99;
        width = fs_text_width(canvas, text, style) + 2;
    }
    return fmin(width, space);
}

static void draw_title(fs_canvas *canvas, fs_rect line, const fs_sheet_head *head) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_text_style word = {.size = line.h * 0.42, .colour = head->colour, .bold = true};
    fs_text_style title = {.size = line.h * 0.78, .colour = theme->text, .bold = true, .cut_middle = true};
    double gap = line.h * 0.4;
    double word_width = head->word[0] != '\0' ? fs_text_width(canvas, head->word, &word) + gap + 2 : 0;
    double width = fit_title(canvas, head->title, &title, line.w - word_width);
    fs_draw_text(canvas, fs_rect_cut_left(&line, width), head->title, &title);
    fs_rect_cut_left(&line, gap);
    line.y += line.h * 0.1; /* near the title's baseline */
    fs_draw_text(canvas, line, head->word, &word);
}

void fs_sheet_draw_head(fs_canvas *canvas, const fs_sheet_measures *m, const fs_sheet_head *head) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_rect area = {m->margin, m->margin, m->width - 2.0 * m->margin, m->head};
    double small = m->tile * 0.125;
    fs_text_style style = {.size = small, .colour = theme->dim, .align = FS_ALIGN_RIGHT};
    fs_rect right = fs_rect_cut_right(&area, area.w * 0.28), line = fs_rect_cut_top(&area, small * 1.5);
    fs_rect first = fs_rect_cut_top(&right, small * 1.5), second = fs_rect_cut_top(&right, small * 1.6);
    fs_draw_text(canvas, first, head->right, &style);
    fs_draw_text(canvas, second, head->right_below, &style);
    style.align = FS_ALIGN_LEFT;
    fs_draw_text(canvas, line, head->above, &style);
    draw_title(canvas, fs_rect_cut_top(&area, m->tile * 0.3), head);
}

static void describe(const fs_atlas *atlas, char *text, size_t size) {
    const fs_render_settings *s = &fs_atlas_get_request(atlas)->render;
    char value[FS_OPTION_VALUE_SIZE];
    size_t used = (size_t)snprintf(text, size, "filterscope %s", FS_VERSION);
    static const char *const names[] = {"objective", "param", "transforms", "rate", "seed"};
    for (size_t i = 0; i < sizeof names / sizeof *names && used < size; i++) {
        const fs_option *option = fs_options_find(fs_render_options, names[i]);
        if (option != NULL)
            used += (size_t)snprintf(text + used, size - used, "  \u00b7  %s %.80s", names[i],
                                     fs_option_format(option, s, value));
    }
}

void fs_sheet_draw_foot(fs_canvas *canvas, const fs_sheet_measures *m, const fs_atlas *atlas, int bottom,
                        int page, int pages) {
    char text[512];
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_rect area = {m->margin, bottom - m->foot, m->width - 2.0 * m->margin, m->foot};
    fs_text_style style = {.size = m->tile * 0.09, .colour = theme->faint};
    describe(atlas, text, sizeof text);
    fs_draw_text(canvas, fs_rect_cut_left(&area, area.w * 0.85), text, &style);
    style.align = FS_ALIGN_RIGHT;
    snprintf(text, sizeof text, "%d / %d", page, pages);
    fs_draw_text(canvas, area, text, &style);
}

const fs_atlas_tile **fs_sheet_finished(const fs_atlas_layer *layer, int *n) {
    const fs_atlas_tile **list = fs_calloc((size_t)layer->n_tiles + 1, sizeof *list);
    *n = 0;
    for (int t = 0; list != NULL && t < layer->n_tiles; t++)
        if (layer->tiles[t].state != FS_ATLAS_OPEN)
            list[(*n)++] = &layer->tiles[t];
    return list;
}
