/* A Gabor analysis as a report for people who were not there: a PDF of A4 pages and an HTML file with
 * everything inside.
 *
 *     fs_gabor_report report = {.model = "SqueezeNet", .layer = "features.0", .kernels = &kernels,
 *                               .analysis = &analysis};
 *     fs_gabor_report_pdf(&report, "report.pdf", &err);
 *     fs_gabor_report_html(&report, "report.html", &err);
 *
 * Neither carries a date: the same analysis gives the same bytes. Everything is borrowed for the call. One
 * thread at a time. */
#ifndef FS_REPORT_GABOR_REPORT_H
#define FS_REPORT_GABOR_REPORT_H

#include "gabor/fits_write.h"
#include "gabor/substitution.h"

typedef struct fs_gabor_report {
    const fs_fits_source *source;
    const fs_kernels *kernels;
    const fs_analysis *analysis;
    const fs_substitution *substitution; /* NULL: none was made */
} fs_gabor_report;

fs_status fs_gabor_report_pdf(const fs_gabor_report *report, const char *path, fs_error *err);
fs_status fs_gabor_report_html(const fs_gabor_report *report, const char *path, fs_error *err);

#endif
