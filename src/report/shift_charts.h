/* The numbers of a shift as the charts want them, and the charts; for shift_report.c and its neighbours. */
#ifndef FS_REPORT_SHIFT_CHARTS_H
#define FS_REPORT_SHIFT_CHARTS_H

#include "report/canvas.h"
#include "report/shift_report.h"

enum { FS_SHIFT_GABOR_NUMBERS = 3 };

typedef struct fs_shift_numbers {
    int n;              /* layers */
    const char **names; /* [n] */
    double *matrix;     /* [n][n] CKA, rows before, columns after */
    double *cka, *score, *procrustes, *separable[FS_VERSIONS], *spread[FS_VERSIONS]; /* [n] */
    int n_kernels;                                                                   /* layers with weights */
    const char **kernel_names;
    double *kernels;                                    /* [n_kernels] median relative change */
    double *gabor[FS_SHIFT_GABOR_NUMBERS][FS_VERSIONS]; /* [kernels] lambda, theta in degrees, sigma */
    int n_gabor;                                        /* kernels that both fits explain */
} fs_shift_numbers;

fs_status fs_shift_numbers_make(fs_shift_numbers *out, const fs_shift_report *report, fs_error *err);
void fs_shift_numbers_free(fs_shift_numbers *numbers);

void fs_shift_chart_draw(fs_canvas *canvas, fs_rect rect, const fs_shift_report *report,
                         const fs_shift_numbers *numbers, fs_shift_chart_kind kind);
/* What is to be seen, in a sentence; beneath the picture in HTML. */
const char *fs_shift_chart_caption(fs_shift_chart_kind kind);

#endif
