/* The pictures of an activation atlas as one: a square grid, empty where too few activations lie, under a
 * title.
 *
 *     fs_activation_atlas_sheet sheet = {.title = "features.8", .atlas = atlas, .grid = 12, .tile_side = 96,
 *                                        .picture = read_picture};
 *     fs_activation_atlas_sheet_draw(&sheet, &image, &err);
 *
 * Everything is borrowed for the call. One thread at a time. */
#ifndef FS_REPORT_ACTIVATION_ATLAS_SHEET_H
#define FS_REPORT_ACTIVATION_ATLAS_SHEET_H

#include "report/page.h"
#include "viz/activation_atlas.h"

typedef struct fs_activation_atlas_sheet {
    const char *title, *subtitle, *detail; /* a line each */
    const fs_activation_atlas *atlas;
    int grid;      /* cells a side */
    int tile_side; /* pixels; less where the whole would be too large */
    /* A cell's picture, for the sheet to free; an image without pixels leaves the place empty. */
    fs_status (*picture)(void *context, const fs_atlas_cell *cell, fs_image *out, fs_error *err);
    void *context;
} fs_activation_atlas_sheet;

fs_status fs_activation_atlas_sheet_draw(const fs_activation_atlas_sheet *sheet, fs_image *out,
                                         fs_error *err);

#endif
