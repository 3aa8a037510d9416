/* The pen draws one thing on the picture and, when masks are wanted, the same shape without antialiasing on
 * the masks, so that both agree and later things hide earlier ones in both.
 *
 *     fs_pen_ellipse(pen, 0, 0, 0.5, 0.3);                     // a path, in the frame of the thing
 *     fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);         // painted, labelled, forgotten
 *
 * A thing is drawn in its own frame: x right, y down, about -1..1 both ways. Random numbers come from
 * pen->random, in the order of drawing, whether masks are drawn or not. A pen is a value of one thread; it
 * borrows its Cairo contexts. */
#ifndef FS_WORLD_PEN_H
#define FS_WORLD_PEN_H

#include <cairo.h>
#include <stdbool.h>

#include "base/random.h"
#include "world/paint.h"
#include "world/part.h"

/* The paints of a thing, chosen before it is known what it is. */
typedef struct fs_look {
    fs_paint main, second, accent; /* may be textured */
    fs_paint dark, light, glass;   /* plain */
    fs_colour line;                /* of outlines and details */
    double outline;                /* pixels, 0: none */
    double roundness;              /* how much darker shapes become away from the light, 0..1 */
} fs_look;

typedef struct fs_pen {
    cairo_t *picture;
    cairo_t *masks;       /* red: class, green: part, blue: texture; NULL when not wanted */
    cairo_matrix_t frame; /* the whole thing's, in which its textures lie */
    fs_random random;
    fs_look look;
    uint64_t part_seed; /* parts of a thing that occur twice look the same */
    int class_label;
    double pixel;     /* side of a pixel of the picture, in units of the frame */
    double thickness; /* outlines, as a multiple: thinner in pictures of few pixels */
} fs_pen;

/* Numbers for variation. */
double fs_pen_range(fs_pen *pen, double low, double high);
int fs_pen_count(fs_pen *pen, int low, int high); /* both ends are possible */
bool fs_pen_chance(fs_pen *pen, double probability);

/* A frame inside the frame: moved to (x, y), turned by `angle`, then stretched. leave goes back. */
void fs_pen_enter(fs_pen *pen, double x, double y, double width, double height, double angle);
void fs_pen_leave(fs_pen *pen);

/* Paths; several before one fill are one shape. */
void fs_pen_ellipse(fs_pen *pen, double x, double y, double rx, double ry);
void fs_pen_box(fs_pen *pen, double x0, double y0, double x1, double y1, double radius);
void fs_pen_polygon(fs_pen *pen, const double (*points)[2], int n);
/* A smooth closed curve through the points (Catmull and Rom), and one that is open. */
void fs_pen_blob(fs_pen *pen, const double (*points)[2], int n);
void fs_pen_curve(fs_pen *pen, const double (*points)[2], int n);
void fs_pen_segment(fs_pen *pen, double x0, double y0, double x1, double y1);
void fs_pen_arc(fs_pen *pen, double x, double y, double r, double from, double to);

/* What becomes of the path: filled; drawn as a line of `width` units of the frame; drawn as a fine line that
 * is no part of its own and leaves the masks alone. */
void fs_pen_fill(fs_pen *pen, fs_part part, const fs_paint *paint);
void fs_pen_line(fs_pen *pen, fs_part part, const fs_paint *paint, double width);
void fs_pen_detail(fs_pen *pen, double width);

#endif
