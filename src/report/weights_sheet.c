#include "report/weights_sheet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/caption.h"
#include "report/cells.h"

enum {
    MARGIN = 28,
    TILE = 76,
    GUTTER = 14,
    COLUMNS = 12,
    LEAST_COLUMNS = 7, /* a title needs room */
    TITLE_HEIGHT = 26,
    LINE_HEIGHT = 20,
    HEAD_GAP = 10,
    SECTION_HEIGHT = 28,
    CAPTION_HEIGHT = 16,
    SECTION_GAP = 14,
    SCALE_WIDTH = 180
};

/* ---- kernels ---- */

static void draw_number(fs_canvas *canvas, fs_rect rect, double value, double share) {
    char text[FS_CAPTION_SIZE];
    fs_text_style style = {.size = fmin(13, rect.h * 0.21), .align = FS_ALIGN_CENTRE};
    style.colour = fabs(share) > 0.6 ? (fs_colour){1, 1, 1, 1} : (fs_colour){0.09, 0.1, 0.11, 1};
    fs_draw_text(canvas, rect, fs_caption_number(value, text), &style);
}

typedef struct scaled {
    const float *red, *green, *blue; /* green and blue NULL: a heat map of red */
    float greatest;
} scaled;

static fs_colour scaled_at(const void *context, int i) {
    const scaled *s = context;
    const double unit = s->greatest > 0 ? 1 / (double)s->greatest : 0;
    if (!s->green)
        return fs_cell_heat(s->red[i] * unit);
    return (fs_colour){0.5 + 0.5 * fmax(-1, fmin(1, s->red[i] * unit)),
                       0.5 + 0.5 * fmax(-1, fmin(1, s->green[i] * unit)),
                       0.5 + 0.5 * fmax(-1, fmin(1, s->blue[i] * unit)), 1};
}

void fs_draw_kernel(fs_canvas *canvas, fs_rect rect, const fs_neighbour_weight *w, float greatest) {
    const fs_rect place = fs_cells_fit(rect, w->height, w->width);
    fs_draw_cells(canvas, place, w->height, w->width, scaled_at,
                  &(scaled){.red = w->kernel, .greatest = greatest});
    if (w->height == 1 && w->width == 1)
        draw_number(canvas, place, w->kernel[0], greatest > 0 ? w->kernel[0] / (double)greatest : 0);
}

void fs_draw_colour_kernel(fs_canvas *canvas, fs_rect rect, const fs_neighbour_weight *const rgb[3],
                           float greatest) {
    const fs_rect place = fs_cells_fit(rect, rgb[0]->height, rgb[0]->width);
    fs_draw_cells(canvas, place, rgb[0]->height, rgb[0]->width, scaled_at,
                  &(scaled){rgb[0]->kernel, rgb[1]->kernel, rgb[2]->kernel, greatest});
}

/* ---- choice ---- */

static int by_norm(const void *a, const void *b) {
    const fs_neighbour_weight *x = *(const fs_neighbour_weight *const *)a;
    const fs_neighbour_weight *y = *(const fs_neighbour_weight *const *)b;
    if (x->norm != y->norm)
        return x->norm > y->norm ? -1 : 1;
    return (x > y) - (x < y);
}

int fs_weights_choose(const fs_neighbour_weights *weights, fs_weights_choice choice, int *out, int max,
                      fs_error *err) {
    const fs_neighbour_weight **list = fs_calloc((size_t)weights->n, sizeof *list);
    int n = 0;
    if (!list) {
        fs_fail_memory(err, "a sheet of weights");
        return -1;
    }
    for (int i = 0; i < weights->n; i++) {
        const fs_neighbour_weight *w = &weights->items[choice.negative ? weights->n - 1 - i : i];
        if ((w->sum < 0) == choice.negative && w->norm > 0)
            list[n++] = w;
    }
    if (choice.by_norm)
        qsort(list, (size_t)n, sizeof *list, by_norm);
    n = n < max ? n : max;
    for (int i = 0; i < n; i++)
        out[i] = (int)(list[i] - weights->items);
    fs_free(list);
    return n;
}

/* ---- the sheet ---- */

typedef struct section {
    const char *title;
    int *chosen;
    int n;
    bool colour; /* begins with the kernels as one picture; they are red, green and blue then */
} section;

typedef struct layout {
    int columns, lines; /* captions under a tile */
    int width, height;
    bool several_layers;
    size_t shared; /* bytes that all layers' names begin with, whole modules */
} layout;

static int rows_of(const section *s, const layout *l) {
    return (s->n + s->colour + l->columns - 1) / l->columns;
}

static int section_height(const section *s, const layout *l) {
    const int row = TILE + 4 + l->lines * CAPTION_HEIGHT + GUTTER;
    return SECTION_HEIGHT + rows_of(s, l) * row - GUTTER + SECTION_GAP;
}

static bool of_picture(const fs_weights_sheet *sheet) {
    const fs_neighbour_weights *w = sheet->weights;
    return w->n == 3 && w->items[0].layer == FS_LAYER_PICTURE &&
           sheet->model->preprocess.order != FS_CHANNELS_GRAY;
}

static const char *layer_name(const fs_weights_sheet *sheet, const fs_neighbour_weight *w) {
    return w->layer == FS_LAYER_PICTURE ? "" : sheet->model->layers[w->layer].name;
}

/* "features.7." of features.7.expand1x1 and features.7.expand3x3: what need not stand under each. */
static size_t shared_modules(const fs_weights_sheet *sheet) {
    const char *first = layer_name(sheet, &sheet->weights->items[0]);
    size_t shared = strlen(first);
    for (int i = 1; i < sheet->weights->n; i++) {
        const char *name = layer_name(sheet, &sheet->weights->items[i]);
        size_t n = 0;
        while (n < shared && name[n] == first[n])
            n++;
        shared = n;
    }
    while (shared > 0 && first[shared - 1] != '.' && first[shared - 1] != '/')
        shared--;
    return shared;
}

static layout measure(const fs_weights_sheet *sheet, const section *sections, int n) {
    layout l = {.columns = LEAST_COLUMNS};
    const fs_neighbour_weights *w = sheet->weights;
    bool numbers = false;
    for (int i = 0; i < w->n; i++) {
        l.several_layers = l.several_layers || w->items[i].layer != w->items[0].layer;
        numbers = numbers || w->items[i].height * w->items[i].width > 1;
    }
    for (int i = 0; i < n; i++)
        l.columns = l.columns > sections[i].n ? l.columns : sections[i].n;
    l.columns = l.columns < COLUMNS ? l.columns : COLUMNS;
    l.shared = l.several_layers ? shared_modules(sheet) : 0;
    l.lines = 1 + l.several_layers + numbers;
    l.width = 2 * MARGIN + l.columns * TILE + (l.columns - 1) * GUTTER;
    l.height = 2 * MARGIN + TITLE_HEIGHT + 3 * LINE_HEIGHT + HEAD_GAP - SECTION_GAP;
    for (int i = 0; i < n; i++)
        l.height += section_height(&sections[i], &l);
    return l;
}

static const char *channel_name(const fs_weights_sheet *sheet, const fs_neighbour_weight *w,
                                char text[FS_CAPTION_SIZE]) {
    if (w->layer != FS_LAYER_PICTURE)
        return fs_caption_channel(sheet->model, &sheet->model->layers[w->layer], w->channel, text);
    snprintf(text, FS_CAPTION_SIZE, "%s",
             of_picture(sheet) ? fs_caption_colour(sheet->model, w->channel) : "grey");
    return text;
}

static void draw_caption(fs_canvas *canvas, const fs_weights_sheet *sheet, const layout *l, fs_rect line,
                         const fs_neighbour_weight *w) {
    char text[FS_CAPTION_SIZE];
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_text_style style = {.size = 12.5, .colour = theme->text, .align = FS_ALIGN_CENTRE, .bold = true};
    fs_draw_text(canvas, line, channel_name(sheet, w, text), &style);
    style = (fs_text_style){.size = 11, .colour = theme->dim, .align = FS_ALIGN_CENTRE, .cut_middle = true};
    line.y += CAPTION_HEIGHT;
    if (l->several_layers) {
        fs_draw_text(canvas, line,
                     w->layer == FS_LAYER_PICTURE ? "picture" : layer_name(sheet, w) + l->shared, &style);
        line.y += CAPTION_HEIGHT;
    }
    if (w->height * w->width > 1)
        fs_draw_text(canvas, line, fs_caption_number(sheet->by_norm ? w->norm : w->sum, text), &style);
}

static void draw_as_colours(fs_canvas *canvas, const fs_weights_sheet *sheet, fs_rect tile, fs_rect line) {
    const fs_neighbour_weight *rgb[3];
    for (int i = 0; i < 3; i++) {
        const fs_neighbour_weight *w = &sheet->weights->items[i];
        rgb[sheet->model->preprocess.order == FS_CHANNELS_BGR ? 2 - w->channel : w->channel] = w;
    }
    fs_draw_colour_kernel(canvas, tile, rgb, sheet->weights->greatest);
    fs_text_style style = {
        .size = 12.5, .colour = fs_canvas_theme(canvas)->text, .align = FS_ALIGN_CENTRE, .bold = true};
    fs_draw_text(canvas, line, "in colour", &style);
}

static void draw_section(fs_canvas *canvas, const fs_weights_sheet *sheet, const layout *l, const section *s,
                         double top) {
    fs_text_style style = {.size = 13.5, .colour = fs_canvas_theme(canvas)->text, .bold = true};
    fs_draw_text(canvas, (fs_rect){MARGIN, top, l->width - 2 * MARGIN, SECTION_HEIGHT - 4}, s->title, &style);
    const int row = TILE + 4 + l->lines * CAPTION_HEIGHT + GUTTER;
    for (int i = 0; i < s->n + s->colour; i++) {
        const fs_rect tile = {MARGIN + i % l->columns * (TILE + GUTTER),
                              top + SECTION_HEIGHT + i / l->columns * row, TILE, TILE};
        const fs_rect line = {tile.x, tile.y + TILE + 4, TILE, CAPTION_HEIGHT};
        if (i == 0 && s->colour) {
            draw_as_colours(canvas, sheet, tile, line);
            continue;
        }
        const fs_neighbour_weight *w = &sheet->weights->items[s->chosen[i - s->colour]];
        fs_draw_kernel(canvas, tile, w, sheet->weights->greatest);
        draw_caption(canvas, sheet, l, line, w);
    }
}

/* A bar from one end of the scale to the other, its numbers beside it. */
static void draw_scale(fs_canvas *canvas, const fs_weights_sheet *sheet, fs_rect line) {
    char text[FS_CAPTION_SIZE], number[FS_CAPTION_SIZE];
    fs_text_style style = {.size = 12, .colour = fs_canvas_theme(canvas)->dim};
    fs_caption_number(sheet->weights->greatest, number);
    snprintf(text, sizeof text, "-%.60s", number);
    fs_draw_text(canvas, fs_rect_cut_left(&line, ceil(fs_text_width(canvas, text, &style)) + 1), text,
                 &style);
    fs_rect_cut_left(&line, 8);
    fs_rect bar = fs_rect_inset(fs_rect_cut_left(&line, SCALE_WIDTH), 0, 5);
    fs_rect_cut_left(&line, 8);
    fs_draw_text(canvas, line, number, &style);
    fs_draw_outline(canvas, bar);
    for (int i = 0; i < SCALE_WIDTH; i++)
        fs_fill_rect(canvas, (fs_rect){bar.x + i, bar.y, 1, bar.h},
                     fs_cell_heat(2.0 * i / (SCALE_WIDTH - 1) - 1));
}

static void draw_page(fs_canvas *canvas, const fs_weights_sheet *sheet, const layout *l,
                      const section *sections, int n) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_text_style title = {.size = 18, .colour = theme->text, .bold = true, .cut_middle = true};
    fs_text_style subtitle = {.size = 13, .colour = theme->dim};
    const double width = l->width - 2 * MARGIN;
    fs_draw_text(canvas, (fs_rect){MARGIN, MARGIN, width, TITLE_HEIGHT}, sheet->title, &title);
    fs_rect line = {MARGIN, MARGIN + TITLE_HEIGHT, width, LINE_HEIGHT};
    fs_draw_text(canvas, line, sheet->subtitle, &subtitle);
    line.y += LINE_HEIGHT;
    fs_draw_text(canvas, line, sheet->detail, &subtitle);
    line.y += LINE_HEIGHT;
    draw_scale(canvas, sheet, line);
    double top = line.y + LINE_HEIGHT + HEAD_GAP;
    for (int i = 0; i < n; i++) {
        draw_section(canvas, sheet, l, &sections[i], top);
        top += section_height(&sections[i], l);
    }
}

static fs_status make_sections(section *sections, int *n, const fs_weights_sheet *sheet, fs_error *err) {
    const bool to = sheet->direction == FS_WEIGHTS_TO, colours = of_picture(sheet);
    for (int sign = 0; sign < 2; sign++) {
        section s = {.title = to     ? sign ? "It inhibits" : "It excites"
                              : sign ? "Inhibited by"
                                     : "Excited by"};
        s.chosen = fs_calloc((size_t)sheet->weights->n, sizeof *s.chosen);
        if (!s.chosen)
            return fs_fail_memory(err, "a sheet of weights");
        sections[*n] = s;
        if (colours) { /* three kernels in the order red, green, blue */
            for (int i = 0; i < 3; i++)
                s.chosen[sheet->model->preprocess.order == FS_CHANNELS_BGR
                             ? 2 - sheet->weights->items[i].channel
                             : sheet->weights->items[i].channel] = i;
            sections[(*n)++] = (section){"Its kernel over the picture", s.chosen, 3, true};
            return FS_OK;
        }
        const fs_weights_choice choice = {sign != 0, sheet->by_norm};
        s.n = fs_weights_choose(sheet->weights, choice, s.chosen, sheet->top, err);
        if (s.n <= 0)
            fs_free(s.chosen);
        if (s.n < 0)
            return FS_ERROR_MEMORY;
        if (s.n > 0)
            sections[(*n)++] = s;
    }
    return FS_OK;
}

fs_status fs_weights_sheet_draw(const fs_weights_sheet *sheet, fs_image *out, fs_error *err) {
    section sections[2] = {{0}};
    int n = 0;
    fs_page page = {0};
    fs_status status = make_sections(sections, &n, sheet, err);
    if (status == FS_OK) {
        const layout l = measure(sheet, sections, n);
        status = fs_page_begin(&page, l.width, l.height, fs_theme_light(), err);
        if (status == FS_OK) {
            draw_page(page.canvas, sheet, &l, sections, n);
            status = fs_page_finish(&page, out, err);
        }
    }
    for (int i = 0; i < n; i++)
        fs_free(sections[i].chosen);
    return status;
}
