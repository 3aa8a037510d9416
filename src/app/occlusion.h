/* What of a picture is covered: strokes of a square brush, the newest of which can be taken back.
 *
 *     fs_occlusion_create(&covered, crop.width, crop.height, &err);
 *     fs_occlusion_begin(&covered);
 *     fs_occlusion_line(&covered, 40, 40, 90, 52, 24);     // pixels: from, to, the side of the brush
 *     fs_occlusion_end(&covered);
 *     fs_occlusion_paint(&covered, fs_occlusion_colour(&model->preprocess), &picture);
 *     fs_occlusion_free(&covered);
 *
 * Every pixel knows the stroke that covered it first, so that taking back a stroke needs no copy of what was
 * before. Values only; one thread at a time. */
#ifndef FS_APP_OCCLUSION_H
#define FS_APP_OCCLUSION_H

#include <stdbool.h>

#include "engine/model.h"

enum { FS_OCCLUSION_STROKES = 255 }; /* that can be taken back: of more, the two oldest become one */

typedef struct fs_occlusion {
    int width, height;
    uint8_t *strokes; /* [height][width]: the stroke, counted from 1; 0: not covered */
    int n_strokes;
    uint8_t *cleared; /* the same as it was before it was cleared */
    int n_cleared;    /* 0: nothing to bring back */
    bool touched;     /* the stroke under way has covered something */
} fs_occlusion;

typedef struct fs_rgb {
    uint8_t r, g, b;
} fs_rgb;

fs_status fs_occlusion_create(fs_occlusion *out, int width, int height, fs_error *err);
void fs_occlusion_free(fs_occlusion *occlusion); /* a zeroed one is fine */
static inline bool fs_occlusion_is_empty(const fs_occlusion *occlusion) {
    return occlusion->n_strokes == 0;
}

/* A stroke: begun, drawn in lines, ended. One that has covered nothing new is none. */
void fs_occlusion_begin(fs_occlusion *occlusion);
bool fs_occlusion_line(fs_occlusion *occlusion, double x0, double y0, double x1, double y1,
                       double side); /* true: it has covered something */
void fs_occlusion_end(fs_occlusion *occlusion);

/* Both are true when something has changed. Clearing can be taken back too, until the next stroke. */
bool fs_occlusion_undo(fs_occlusion *occlusion);
bool fs_occlusion_clear(fs_occlusion *occlusion);
bool fs_occlusion_can_undo(const fs_occlusion *occlusion);

/* Pixels of one row that a stroke was the first to cover. */
typedef struct fs_occlusion_run {
    int stroke, row, column, length; /* strokes are counted from 1 */
} fs_occlusion_run;
/* All that is covered as runs, by stroke, then row by row; out has room for as many as are counted. */
int fs_occlusion_count_runs(const fs_occlusion *occlusion);
void fs_occlusion_runs(const fs_occlusion *occlusion, fs_occlusion_run *out);
/* Runs in that order as new strokes; what lies outside the picture covers nothing. */
void fs_occlusion_put_runs(fs_occlusion *occlusion, const fs_occlusion_run *runs, int n);

/* What a network was told to take for nothing: the mean of its preprocessing; mid-grey where that is none. */
fs_rgb fs_occlusion_colour(const fs_preprocess *preprocess);
/* The picture, of the same size and RGB, with what is covered in one colour. */
void fs_occlusion_paint(const fs_occlusion *occlusion, fs_rgb colour, fs_image *picture);
/* RGBA: the colour where it is covered, transparent elsewhere. */
fs_status fs_occlusion_picture(const fs_occlusion *occlusion, fs_rgb colour, fs_image *out, fs_error *err);

#endif
