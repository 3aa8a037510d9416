/* Drawings inside an HTML file: data URIs, so that one file holds everything.
 *
 *     fs_data_uri_svg(&text, 480, 300, draw, &context, &err);     // appends data:image/svg+xml;base64,...
 *     fs_data_uri_png(&text, &image, &err);
 */
#ifndef FS_REPORT_DATA_URI_H
#define FS_REPORT_DATA_URI_H

#include "base/image.h"
#include "base/text.h"
#include "report/paper.h"

/* On the light theme; text becomes outlines, so it looks the same everywhere. */
fs_status fs_data_uri_svg(fs_text *out, double width, double height, fs_paper_draw draw, void *context,
                          fs_error *err);
/* Grey or RGB. */
fs_status fs_data_uri_png(fs_text *out, const fs_image *image, fs_error *err);

#endif
