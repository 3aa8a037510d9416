/* The colours of everything filterscope draws: dark on the screen, light on paper.
 *
 *     const fs_theme *theme = fs_theme_dark();
 *     fs_set_colour(cr, theme->text);
 *
 * Constant tables: any thread. */
#ifndef FS_REPORT_THEME_H
#define FS_REPORT_THEME_H

#include <cairo.h>

#include "engine/model.h"

enum { FS_LEVEL_COUNT = FS_LEVEL_OBJECT + 1 };

/* sRGB and opacity, 0..1 */
typedef struct fs_colour {
    double r, g, b, a;
} fs_colour;

typedef struct fs_theme {
    fs_colour background, panel, raised, hover, line;
    fs_colour text, dim, faint; /* from the most to the least important; faint still has a contrast of 4.5 */
    fs_colour accent, on_accent, selection;
    fs_colour error, on_error, notice;
    fs_colour shade;                 /* over what lies behind an overlay */
    fs_colour level[FS_LEVEL_COUNT]; /* edge ... object */
} fs_theme;

const fs_theme *fs_theme_dark(void);
const fs_theme *fs_theme_light(void);

void fs_set_colour(cairo_t *cr, fs_colour colour);
fs_colour fs_colour_alpha(fs_colour colour, double alpha);

#endif
