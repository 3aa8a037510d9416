/* A sheet of pictures of one size with captions: examples of a channel, maps of a layer.
 *
 *     fs_tile_sheet sheet = {.title = "...", .subtitle = "...", .tiles = tiles, .n_tiles = 9, .tile_side =
 * 176}; fs_tile_sheet_draw(&sheet, &image, &err);
 *
 * Everything is borrowed for the call. One thread at a time. */
#ifndef FS_REPORT_TILE_SHEET_H
#define FS_REPORT_TILE_SHEET_H

#include "report/page.h"
#include "viz/histogram.h"

typedef struct fs_tile {
    const fs_image *picture; /* fitted into the tile, centred */
    const float *samples;    /* [side][side] over the picture, NULL: no outline */
    int side;
    double level;                       /* the outline runs where the samples have this value */
    const char *caption, *more_caption; /* the line beneath, and a paler one; NULL: no such line */
} fs_tile;

typedef struct fs_tile_chart {
    const char *title;
    const fs_histogram *histogram;
    bool logarithmic;
    double mark; /* a line at this value, NaN: none */
} fs_tile_chart;

typedef struct fs_tile_sheet {
    const char *title, *subtitle, *detail; /* a line each */
    const fs_tile *tiles;
    int n_tiles;
    int tile_side; /* pixels */
    int columns;   /* 0: about as many as rows */
    const fs_tile_chart *charts;
    int n_charts; /* side by side beneath the tiles */
} fs_tile_sheet;

fs_status fs_tile_sheet_draw(const fs_tile_sheet *sheet, fs_image *out, fs_error *err);

#endif
