/* Drawing on a Cairo context: rectangles and single lines or blocks of text, the same on screen and paper.
 *
 *     fs_canvas_create(&canvas, &err);
 *     fs_canvas_begin(canvas, cr, fs_theme_dark());
 *     fs_text_style style = {.size = 13, .colour = theme->text};
 *     fs_draw_text(canvas, (fs_rect){x, y, w, h}, "features.3", &style);
 *     fs_canvas_end(canvas);
 *
 * The canvas keeps shaped text from frame to frame, because shaping costs far more than painting. Lengths are
 * in the units of the context it was given. One thread at a time. */
#ifndef FS_REPORT_CANVAS_H
#define FS_REPORT_CANVAS_H

#include <stdbool.h>

#include "base/error.h"
#include "report/theme.h"

typedef struct fs_rect {
    double x, y, w, h;
} fs_rect;

fs_rect fs_rect_inset(fs_rect rect, double dx, double dy);
bool fs_rect_contains(fs_rect rect, double x, double y);
/* Cuts a strip off one side of *rect and returns it. */
fs_rect fs_rect_cut_top(fs_rect *rect, double height);
fs_rect fs_rect_cut_bottom(fs_rect *rect, double height);
fs_rect fs_rect_cut_left(fs_rect *rect, double width);
fs_rect fs_rect_cut_right(fs_rect *rect, double width);

typedef enum fs_align { FS_ALIGN_LEFT, FS_ALIGN_CENTRE, FS_ALIGN_RIGHT } fs_align;

typedef struct fs_text_style {
    double size; /* of the font, in pixels of the context */
    fs_colour colour;
    fs_align align;
    bool bold, mono;
    bool wrap;       /* several lines, from the top; else one line in the middle of the rectangle */
    bool cut_middle; /* what to leave out when a line is too long: the middle instead of the end */
    bool cut_end;    /* says that the line may be too long, a name from a file; it looks the same */
    double spacing;  /* extra space between letters, in pixels */
} fs_text_style;

typedef struct fs_canvas fs_canvas;

fs_status fs_canvas_create(fs_canvas **out, fs_error *err);
void fs_canvas_destroy(fs_canvas *canvas);
void fs_canvas_begin(fs_canvas *canvas, cairo_t *cr,
                     const fs_theme *theme); /* cr is borrowed until the end */
void fs_canvas_end(fs_canvas *canvas);
cairo_t *fs_canvas_cairo(const fs_canvas *canvas);
const fs_theme *fs_canvas_theme(const fs_canvas *canvas);
/* Whoever draws and has no memory for a part leaves it out and says so here; whoever keeps the page asks at
 * the end, and learns of Cairo's own troubles too. Forgotten when the canvas begins anew. */
void fs_canvas_give_up(fs_canvas *canvas);
fs_status fs_canvas_check(const fs_canvas *canvas, fs_error *err); /* before fs_canvas_end */

void fs_fill_rect(fs_canvas *canvas, fs_rect rect, fs_colour colour);
void fs_fill_rounded(fs_canvas *canvas, fs_rect rect, double radius, fs_colour colour);
/* A line of the given width whose outer edge is the rectangle. */
void fs_stroke_rounded(fs_canvas *canvas, fs_rect rect, double radius, double width, fs_colour colour);

/* Text that is too long ends in an ellipsis; invalid UTF-8 is shown as question marks. */
void fs_draw_text(fs_canvas *canvas, fs_rect rect, const char *text, const fs_text_style *style);
/* Every text as it is drawn, for tests of whether all fit. Rectangles are of device pixels. */
typedef struct fs_text_drawn {
    const char *text;
    fs_rect box, ink; /* it was given; its letters fill */
    fs_rect clip;     /* nothing outside is seen */
    bool shortened;   /* an ellipsis stands for a part of it */
    bool may_be_cut;  /* by its style */
} fs_text_drawn;
typedef struct fs_canvas_watch {
    void *context;
    void (*text)(void *context, const fs_text_drawn *drawn);
    void (*fill)(void *context, fs_rect rect, double alpha); /* what may hide a text */
} fs_canvas_watch;
void fs_canvas_set_watch(fs_canvas *canvas,
                         const fs_canvas_watch *watch); /* borrowed; NULL: nobody watches */

/* The width of a line, or with wrap the height of the block at the given width. */
double fs_text_width(fs_canvas *canvas, const char *text, const fs_text_style *style);
double fs_text_height(fs_canvas *canvas, const char *text, double width, const fs_text_style *style);

#endif
