#include "report/contour.h"

#include <stddef.h>

typedef struct cell {
    double x, y;      /* of its first corner */
    double corner[4]; /* above the level: clockwise from the top left */
} cell;

/* Where the level crosses edge e of a cell, which goes from corner e to the next. */
static void crossing(const cell *c, int e, double *x, double *y) {
    static const double corner_x[5] = {0, 1, 1, 0, 0}, corner_y[5] = {0, 0, 1, 1, 0};
    double a = c->corner[e], b = c->corner[(e + 1) % 4], t = a / (a - b);
    *x = c->x + corner_x[e] + t * (corner_x[e + 1] - corner_x[e]);
    *y = c->y + corner_y[e] + t * (corner_y[e + 1] - corner_y[e]);
}

static void line(cairo_t *cr, const cell *c, int from, int to) {
    double x, y;
    crossing(c, from, &x, &y);
    cairo_move_to(cr, x, y);
    crossing(c, to, &x, &y);
    cairo_line_to(cr, x, y);
}

/* Two crossings make one line. Four (a saddle) make two: the mean says whether the high corners join. */
static int cell_path(cairo_t *cr, const cell *c) {
    int edges[4], n = 0;
    for (int e = 0; e < 4; e++)
        if ((c->corner[e] > 0) != (c->corner[(e + 1) % 4] > 0))
            edges[n++] = e;
    if (n == 2)
        line(cr, c, edges[0], edges[1]);
    if (n < 4)
        return n / 2;
    double mean = (c->corner[0] + c->corner[1] + c->corner[2] + c->corner[3]) / 4;
    int turn = (mean > 0) == (c->corner[0] > 0) ? 0 : 3; /* the corners cut off: 1 and 3, or 0 and 2 */
    line(cr, c, turn, (turn + 1) % 4);
    line(cr, c, (turn + 2) % 4, (turn + 3) % 4);
    return 2;
}

int fs_contour_path(cairo_t *cr, const float *samples, int columns, int rows, double level) {
    int pieces = 0;
    for (int y = 0; y + 1 < rows; y++)
        for (int x = 0; x + 1 < columns; x++) {
            const float *a = samples + (ptrdiff_t)y * columns + x, *b = a + columns;
            cell c = {x, y, {a[0] - level, a[1] - level, b[1] - level, b[0] - level}};
            pieces += cell_path(cr, &c);
        }
    return pieces;
}
