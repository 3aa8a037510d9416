/* Where things are, for any size of the window from FS_LAYOUT_MIN_WIDTH x FS_LAYOUT_MIN_HEIGHT upwards.
 *
 *     fs_layout layout = fs_layout_make(width, height, has_message);
 *     fs_wall_grid grid = fs_wall_grid_make(layout.body.w, n_channels);
 *
 * Pure arithmetic on logical pixels. */
#ifndef FS_UI_LAYOUT_H
#define FS_UI_LAYOUT_H

#include "report/canvas.h"

enum { FS_LAYOUT_MIN_WIDTH = 900, FS_LAYOUT_MIN_HEIGHT = 600 };

typedef struct fs_layout {
    fs_rect window;
    fs_rect brand;   /* above the list */
    fs_rect list;    /* of layers */
    fs_rect header;  /* above the body */
    fs_rect body;    /* the wall or the channel */
    fs_rect message; /* below the body; empty without one */
    fs_rect status;
} fs_layout;

fs_layout fs_layout_make(double width, double height, bool has_message);

/* Square tiles with a caption below, gutters all the same, filling the width exactly. */
typedef struct fs_wall_grid {
    int columns, rows;
    double tile, caption, gap, margin;
    double height; /* of everything, margins included */
} fs_wall_grid;

fs_wall_grid fs_wall_grid_make(double width, int n_tiles);
/* The same with tiles about `zoom` times as wide. */
fs_wall_grid fs_wall_grid_make_zoomed(double width, int n_tiles, double zoom);
/* Relative to the top left of the content. The caption lies directly below. */
fs_rect fs_wall_grid_tile(const fs_wall_grid *grid, int index);
/* The rows that an area scrolled to `offset` shows: [*first, *last). */
void fs_wall_grid_visible(const fs_wall_grid *grid, double offset, double height, int *first, int *last);
/* -1 when no tile (with its caption) is there. */
int fs_wall_grid_hit(const fs_wall_grid *grid, int n_tiles, double x, double y);

/* The open channel. From the top: the objective with a line below it, tabs, the picture at the left with its
 * progress and buttons and what the tab shows at its side, the command line. `large`: the picture is what is
 * looked at, rather than its side. */
typedef struct fs_channel_layout {
    fs_rect objective, tabs;
    fs_rect picture; /* a square, and FS_LAYOUT_BELOW_PICTURE of room below it */
    fs_rect side;
    fs_rect command;
} fs_channel_layout;
enum { FS_LAYOUT_BELOW_PICTURE = 76 };
fs_channel_layout fs_channel_layout_make(fs_rect body, bool large);

/* The Gabor view. At the left all kernels, below them where they lie and how many are of a class; at the
 * right the chosen one: its name, pictures side by side with a caption below each, sliders, buttons, its
 * rivals. */
typedef struct fs_gabor_layout {
    fs_rect wall, scatter, counts;
    fs_rect title, pictures, sliders, buttons, rivals;
    double picture; /* the side of one; they stand FS_LAYOUT_PICTURE_GAP apart */
    double row;     /* the height of a slider's, below a heading of FS_LAYOUT_SLIDER_HEAD */
} fs_gabor_layout;
enum { FS_LAYOUT_PICTURE_GAP = 10, FS_LAYOUT_PICTURE_CAPTION = 18, FS_LAYOUT_SLIDER_HEAD = 17 };
fs_gabor_layout fs_gabor_layout_make(fs_rect body, int n_pictures, int n_sliders);
/* The fine-tune view. From the top: the five steps of the recipe, the pictures' folder, what can be done,
 * what is being done; below, the curves at the left and what the tab shows at the right. */
typedef struct fs_finetune_layout {
    fs_rect steps, data, buttons, progress;
    fs_rect curves, tabs, side;
} fs_finetune_layout;
fs_finetune_layout fs_finetune_layout_make(fs_rect body);

/* The Picture view. From the top: the picture's path; below, at the left the picture with what is done to it,
 * at the right the classes under a heading, and what the tab shows. */
typedef struct fs_picture_layout {
    fs_rect path;
    fs_rect picture; /* a square */
    fs_rect overlay, opacity, brush;
    fs_rect heading, classes;
    fs_rect tabs, side;
} fs_picture_layout;
enum { FS_LAYOUT_CLASS_ROW = 24 };
fs_picture_layout fs_picture_layout_make(fs_rect body);

/* Class mode: at the left a panel with the stops, what is said, a hint and buttons; at the right the live
 * view with a caption below. Made for 1100 x 688 and more. */
typedef struct fs_lesson_layout {
    fs_rect panel, stops, text, hint, buttons;
    fs_rect live, caption;
} fs_lesson_layout;
fs_lesson_layout fs_lesson_layout_make(double width, double height);

/* The columns of the wall for kernels of this many pixels a side. */
int fs_gabor_wall_columns(double width, int pixels);

#endif
