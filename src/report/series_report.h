/* How a network's features moved over a run, as one figure and as a report on paper and in HTML.
 *
 *     fs_series_report report = {.title = "SqueezeNet 1.0", .versions = versions, .series = series, ...};
 *     fs_series_figure(&report, &image, &err);
 *     fs_series_report_pdf(&report, "report.pdf", &err);
 *     fs_series_report_html(&report, "report.html", &err);
 *
 * Everything is borrowed. One thread at a time. docs/shift.md says how to read it. */
#ifndef FS_REPORT_SERIES_REPORT_H
#define FS_REPORT_SERIES_REPORT_H

#include "base/image.h"
#include "gabor/drift.h"
#include "viz/shift_series.h"

typedef struct fs_series_version {
    const char *path; /* as the user gave it, or in the run's folder */
    const char *name; /* "joint 3", "after.onnx" */
    const char *tick; /* below the axis: "3" */
    int stage, epoch; /* -1, 0: of no run */
} fs_series_version;

typedef struct fs_series_report {
    const char *title;                 /* what was looked at */
    const char *folder;                /* of the photographs */
    const fs_series_version *versions; /* [series->n_steps] */
    const char *const *stages;         /* names, by number; NULL: the versions are of no run */
    const fs_shift_series *series;
    int batch;
    const fs_gabor_mean_drift *gabor; /* [series->n_steps] from the first version; NULL: not fitted */
    int gabor_kernels;
    const char *gabor_layer;
    const char *gabor_missing; /* why there are no fits */
} fs_series_report;

/* The layer whose CKA fell lowest in a step; -1: none has one. */
int fs_series_least(const fs_shift_series *series, int step);

fs_status fs_series_figure(const fs_series_report *report, fs_image *out, fs_error *err);
fs_status fs_series_report_pdf(const fs_series_report *report, const char *path, fs_error *err);
fs_status fs_series_report_html(const fs_series_report *report, const char *path, fs_error *err);

#endif
