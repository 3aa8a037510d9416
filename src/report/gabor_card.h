/* Kernels beside their Gabor fits: a card for one, a sheet for all.
 *
 *     fs_gabor_card card = {.title = "features.0 · channel 17", .subtitle = "SqueezeNet", .patch = patch,
 *                           .kernel = &analysis.kernels[17]};
 *     fs_gabor_card_draw(&card, &image, &err);
 *
 *     fs_gabor_sheet sheet = {.title = "features.0", .kernels = &kernels, .analysis = &analysis};
 *     fs_gabor_sheet_draw(&sheet, &image, &err);
 *
 * Kernels over three channels are shown in their colours, grey is zero; profiles, residuals of one channel
 * and kernels over one channel on a diverging scale, blue below zero, white at it, red above. Fitted and
 * residual have the scale of the learned one. Everything is borrowed for the call. One thread at a time. */
#ifndef FS_REPORT_GABOR_CARD_H
#define FS_REPORT_GABOR_CARD_H

#include "gabor/views.h"
#include "report/page.h"

/* In the middle of the rectangle; `greatest`: the magnitude at the ends of the scale. */
void fs_draw_patch(fs_canvas *canvas, fs_rect rect, const fs_patch *patch, double greatest);
/* The colour of pixel i. */
fs_colour fs_patch_colour(const fs_patch *patch, double greatest, int i);
/* A spectrum of gabor/spectrum.h on the sequential scale, amplitudes rather than powers. */
void fs_draw_power(fs_canvas *canvas, fs_rect rect, const double *power, int side, double greatest);

/* Told apart by colour-blind eyes too (Okabe and Ito, 2008). */
fs_colour fs_kernel_class_colour(fs_kernel_class kind);

typedef struct fs_gabor_card {
    const char *title, *subtitle;
    fs_patch patch;
    const fs_kernel_analysis *kernel;
} fs_gabor_card;
fs_status fs_gabor_card_draw(const fs_gabor_card *card, fs_image *out, fs_error *err);

typedef struct fs_gabor_sheet {
    const char *title, *subtitle;
    const fs_kernels *kernels;
    const fs_analysis *analysis;
} fs_gabor_sheet;
/* The first FS_GABOR_SHEET_MAX kernels: a picture has its limits. */
enum { FS_GABOR_SHEET_MAX = 4096 };
fs_status fs_gabor_sheet_draw(const fs_gabor_sheet *sheet, fs_image *out, fs_error *err);

/* Rows of kernels from `first` on, as many as fit into the rectangle and there are; returns the next one. */
int fs_draw_gabor_tiles(fs_canvas *canvas, fs_rect rect, const fs_gabor_sheet *sheet, int first, int columns);

#endif
