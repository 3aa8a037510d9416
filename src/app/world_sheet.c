#include "app/world_sheet.h"

#include <stdio.h>

#include "base/alloc.h"
#include "report/tile_sheet.h"

enum { COLUMNS = 8, MAX_TILES = 512 };

typedef struct tiles {
    const fs_world_sheet *sheet;
    const fs_progress *progress;
    int n;
    fs_image images[MAX_TILES];
    const char *captions[MAX_TILES];
    fs_status status[MAX_TILES];
    fs_error errors[MAX_TILES];
} tiles;

/* ---- masks over pictures ---- */

/* Colours far apart for neighbouring labels: hues in steps of the golden angle. */
static void label_colour(int label, int rgb[3]) {
    const int h = label * 587 % 1536, up = h % 256;
    static const int order[6][3] = {{255, 1, 0}, {2, 255, 0}, {0, 255, 1},
                                    {0, 2, 255}, {1, 0, 255}, {255, 0, 2}};
    for (int c = 0; c < 3; c++)
        rgb[c] = order[h / 256][c] == 1 ? up : order[h / 256][c] == 2 ? 255 - up : order[h / 256][c];
}

static void lay_over(fs_image *image, const fs_image *mask) {
    for (int i = 0; i < mask->width * mask->height; i++) {
        const int label = mask->pixels[i];
        uint8_t *p = image->pixels + (size_t)3 * (size_t)i;
        int rgb[3];
        label_colour(label, rgb);
        for (int c = 0; c < 3; c++)
            p[c] = (uint8_t)(label ? (p[c] + 2 * rgb[c]) / 3 : p[c] / 3 + 24);
    }
}

/* ---- tiles ---- */

/* A class in a row; with masks, pairs of pictures and their three masks. */
static fs_status draw_picture(tiles *t, int tile, fs_error *err) {
    const fs_world_sheet *s = t->sheet;
    const int n = fs_world_classes(s->set), row = tile / COLUMNS, column = tile % COLUMNS;
    const bool masks = s->kind == FS_WORLD_SHEET_MASKS;
    const int repeat = masks ? column / (1 + FS_WORLD_MASKS) : column;
    const fs_world_request request = {s->seed, (uint64_t)(repeat * n + row), s->set, s->size, masks};
    fs_world_picture picture = {0};
    const fs_status status = fs_world_draw(&picture, &request, err);
    if (status != FS_OK)
        return status;
    const fs_image *const of[1 + FS_WORLD_MASKS] = {NULL, &picture.classes, &picture.parts,
                                                    &picture.textures};
    static const char *const names[1 + FS_WORLD_MASKS] = {NULL, "class", "parts", "textures"};
    const int which = masks ? column % (1 + FS_WORLD_MASKS) : 0;
    if (which > 0)
        lay_over(&picture.image, of[which]);
    t->captions[tile] = which ? names[which] : fs_world_class_name(s->set, row);
    t->images[tile] = picture.image;
    picture.image = (fs_image){0};
    fs_world_picture_free(&picture);
    return FS_OK;
}

static fs_status draw_texture(tiles *t, int tile, fs_error *err) {
    const int label = 1 + tile / 2;
    t->captions[tile] = fs_world_label_name(FS_WORLD_TEXTURES, label);
    return fs_world_draw_texture(&t->images[tile], label, t->sheet->seed + (uint64_t)(tile % 2),
                                 t->sheet->size, err);
}

/* Parts without a drawing of their own are left out. */
static fs_status draw_part(tiles *t, int tile, fs_error *err) {
    fs_status status = FS_ERROR_NOT_FOUND;
    for (int label = 1, seen = 0; label < fs_world_labels(FS_WORLD_PARTS) && seen <= tile / 4; label++) {
        fs_image image = {0};
        status =
            fs_world_draw_part(&image, label, t->sheet->seed + (uint64_t)(tile % 4), t->sheet->size, err);
        if (status == FS_ERROR_NOT_FOUND)
            continue;
        if (seen++ < tile / 4 || status != FS_OK) {
            fs_image_free(&image);
            continue;
        }
        t->images[tile] = image;
        t->captions[tile] = fs_world_label_name(FS_WORLD_PARTS, label);
    }
    return status;
}

static void draw_range(void *context, int first, int last, int thread) {
    tiles *t = context;
    (void)thread;
    for (int i = first; i < last; i++) {
        fs_error *err = &t->errors[i];
        if (fs_progress_cancelled(t->progress)) {
            t->status[i] = fs_fail(err, FS_ERROR_CANCELLED, "stopped before the sheet was drawn");
            return;
        }
        t->status[i] = t->sheet->kind == FS_WORLD_SHEET_TEXTURES ? draw_texture(t, i, err)
                       : t->sheet->kind == FS_WORLD_SHEET_PARTS  ? draw_part(t, i, err)
                                                                 : draw_picture(t, i, err);
    }
}

/* ---- the page ---- */

static int count_parts(const fs_world_sheet *sheet) {
    int n = 0;
    for (int label = 1; label < fs_world_labels(FS_WORLD_PARTS); label++) {
        fs_image image = {0};
        n += fs_world_draw_part(&image, label, sheet->seed, 1, NULL) == FS_OK;
        fs_image_free(&image);
    }
    return n;
}

static int count_tiles(const fs_world_sheet *sheet) {
    switch (sheet->kind) {
    case FS_WORLD_SHEET_TEXTURES:
        return 2 * (fs_world_labels(FS_WORLD_TEXTURES) - 1);
    case FS_WORLD_SHEET_PARTS:
        return 4 * count_parts(sheet);
    default:
        return COLUMNS * fs_world_classes(sheet->set);
    }
}

static fs_status draw_page(const tiles *t, fs_image *out, fs_error *err) {
    static const char *const titles[] = {"", "classes", "masks", "textures and patterns", "parts"};
    const fs_world_sheet *s = t->sheet;
    fs_tile page_tiles[MAX_TILES] = {{0}};
    char title[128], subtitle[128], detail[128];
    for (int i = 0; i < t->n; i++)
        page_tiles[i] = (fs_tile){.picture = &t->images[i], .caption = t->captions[i]};
    snprintf(title, sizeof title, "The picture world \u00b7 %s", titles[s->kind]);
    snprintf(subtitle, sizeof subtitle, "set %s \u00b7 %d classes, %d parts, %d textures and patterns",
             s->set == FS_WORLD_A ? "a" : "b", fs_world_classes(s->set), fs_world_labels(FS_WORLD_PARTS) - 1,
             fs_world_labels(FS_WORLD_TEXTURES) - 1);
    snprintf(detail, sizeof detail, "%d pixels a side \u00b7 seed %llu", s->size,
             (unsigned long long)s->seed);
    const fs_tile_sheet page = {.title = title,
                                .subtitle = subtitle,
                                .detail = detail,
                                .tiles = page_tiles,
                                .n_tiles = t->n,
                                .tile_side = s->size,
                                .columns = COLUMNS};
    return fs_tile_sheet_draw(&page, out, err);
}

fs_status fs_world_sheet_draw(const fs_world_sheet *sheet, fs_pool *pool, const fs_progress *progress,
                              fs_image *out, fs_error *err) {
    tiles *t = fs_calloc(1, sizeof *t);
    if (t == NULL)
        return fs_fail_memory(err, "a sheet of pictures");
    t->sheet = sheet;
    t->progress = progress;
    t->n = count_tiles(sheet);
    if (t->n > MAX_TILES) {
        fs_free(t);
        return fs_fail(err, FS_ERROR_LIMIT, "a sheet has at most %d tiles", MAX_TILES);
    }
    fs_pool_for(pool, t->n, 1, draw_range, t);
    fs_status status = FS_OK;
    for (int i = 0; i < t->n && status == FS_OK; i++)
        if (t->status[i] != FS_OK)
            status = fs_fail(err, t->status[i], "%s", t->errors[i].message);
    if (status == FS_OK)
        status = draw_page(t, out, err);
    for (int i = 0; i < t->n; i++)
        fs_image_free(&t->images[i]);
    fs_free(t);
    return status;
}
