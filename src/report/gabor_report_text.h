/* The words of the Gabor report, the same in both its forms. */
#ifndef FS_REPORT_GABOR_REPORT_TEXT_H
#define FS_REPORT_GABOR_REPORT_TEXT_H

#include "base/text.h"
#include "report/gabor_report.h"

enum { FS_REPORT_SECTIONS = 6 };

/* "Gabor functions in features.0" */
void fs_gabor_report_title(const fs_gabor_report *report, fs_text *out);
/* "SqueezeNet · 96 kernels of 7 × 7 pixels in colour" */
void fs_gabor_report_subtitle(const fs_gabor_report *report, fs_text *out);
/* Heading and paragraph of a section; NULL and nothing where there is no such section. */
const char *fs_gabor_report_section(const fs_gabor_report *report, int index, fs_text *out);
/* What the substitution test did, in words. */
void fs_gabor_report_substitution(const fs_gabor_report *report, fs_text *out);

/* The table of kernels: headings, then cells. */
enum { FS_REPORT_COLUMNS = 15, FS_REPORT_CELL = 48 };
const char *fs_gabor_report_heading(int column);
void fs_gabor_report_cell(const fs_kernel_analysis *kernel, int channels, int column,
                          char out[FS_REPORT_CELL]);

/* The table of variants: the first row (-1) is the network as it was learned. */
enum { FS_REPORT_VARIANT_COLUMNS = 7 };
const char *fs_gabor_report_variant_heading(int column);
void fs_gabor_report_variant_cell(const fs_substitution *s, int variant, int column,
                                  char out[FS_REPORT_CELL]);

#endif
