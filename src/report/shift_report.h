/* How a network's representations moved, as charts and as a report on paper and in HTML.
 *
 *     fs_shift_report report = {.names = {"SqueezeNet", "SqueezeNet, ants and bees"}, .layers = &layers,
 *                               .shift = &shift};
 *     fs_shift_chart(&report, FS_SHIFT_CHART_CKA, &image, &err);
 *     fs_shift_report_pdf(&report, "report.pdf", &err);
 *     fs_shift_report_html(&report, "report.html", &err);
 *
 * Everything is borrowed. One thread at a time. docs/shift.md says how to read it. */
#ifndef FS_REPORT_SHIFT_REPORT_H
#define FS_REPORT_SHIFT_REPORT_H

#include "base/image.h"
#include "gabor/drift.h"
#include "viz/shift.h"

typedef struct fs_shift_strip {
    fs_image picture;
    char title[256];
} fs_shift_strip;

typedef struct fs_shift_report {
    const char *names[FS_VERSIONS];
    const fs_shift_layers *layers;
    const fs_shift *shift;
    const char *folder;
    const fs_gabor_drifts *gabor; /* of the first convolution; NULL: not fitted */
    const char *gabor_layer;
    const char *gabor_missing;    /* why there are no fits */
    const fs_shift_strip *strips; /* of the filters that changed most */
    int n_strips;
} fs_shift_report;

typedef enum fs_shift_chart_kind {
    FS_SHIFT_CHART_CKA,
    FS_SHIFT_CHART_MATRIX,
    FS_SHIFT_CHART_CHANNELS,
    FS_SHIFT_CHART_KERNELS,
    FS_SHIFT_CHART_PROCRUSTES,
    FS_SHIFT_CHART_SEPARABILITY,
    FS_SHIFT_CHART_GABOR,
    FS_SHIFT_CHARTS
} fs_shift_chart_kind;

/* Whether there is something to draw: no separability without classes, no Gabor functions without fits. */
bool fs_shift_has_chart(const fs_shift_report *report, fs_shift_chart_kind kind);
fs_status fs_shift_chart(const fs_shift_report *report, fs_shift_chart_kind kind, fs_image *out,
                         fs_error *err);

fs_status fs_shift_report_pdf(const fs_shift_report *report, const char *path, fs_error *err);
fs_status fs_shift_report_html(const fs_shift_report *report, const char *path, fs_error *err);

#endif
