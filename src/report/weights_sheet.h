/* The weights between a channel and its neighbours, drawn: kernels on a diverging scale, blue below zero,
 * white at it, red above.
 *
 *     fs_draw_kernel(canvas, rect, &weights.items[0], weights.greatest);
 *
 *     fs_weights_sheet sheet = {.model = model, .title = "conv1 · channel 3", .weights = &weights, .top =
 * 12}; fs_weights_sheet_draw(&sheet, &image, &err);
 *
 * A kernel of one number is a square of its colour with the number in it. Everything is borrowed for the
 * call. One thread at a time. */
#ifndef FS_REPORT_WEIGHTS_SHEET_H
#define FS_REPORT_WEIGHTS_SHEET_H

#include "engine/neighbour_weights.h"
#include "report/page.h"

/* In the largest rectangle of the kernel's proportions in the middle of `rect`. `greatest`: the magnitude at
 * the ends of the scale. */
void fs_draw_kernel(fs_canvas *canvas, fs_rect rect, const fs_neighbour_weight *weight, float greatest);
/* Three kernels of one size as red, green and blue: grey is zero. */
void fs_draw_colour_kernel(fs_canvas *canvas, fs_rect rect, const fs_neighbour_weight *const rgb[3],
                           float greatest);

/* Which of the list to show: those with a sum below zero or the others, strongest first by sum or norm; never
 * those that are zero all over. */
typedef struct fs_weights_choice {
    bool negative, by_norm;
} fs_weights_choice;
/* At most `max` indices into the list; returns their number, or -1 when memory is short. */
int fs_weights_choose(const fs_neighbour_weights *weights, fs_weights_choice choice, int *out, int max,
                      fs_error *err);

typedef struct fs_weights_sheet {
    const fs_model *model;
    const char *title, *subtitle, *detail; /* a line each */
    const fs_neighbour_weights *weights;
    fs_weights_direction direction;
    int top; /* of each sign */
    bool by_norm;
} fs_weights_sheet;

fs_status fs_weights_sheet_draw(const fs_weights_sheet *sheet, fs_image *out, fs_error *err);

#endif
