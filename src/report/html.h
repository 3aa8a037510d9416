/* A page of HTML that stands by itself: text, tables and pictures inside the file, no scripts, nothing
 * loaded.
 *
 *     fs_html html = {0};
 *     fs_html_begin(&html, "SqueezeNet, before and after");
 *     fs_html_heading(&html, 2, "Layers");
 *     fs_html_paragraph(&html, "CKA of %d layers", n);
 *     fs_html_image(&html, &chart, "CKA of each layer", &err);
 *     fs_html_write(&html, "report.html", &err);
 *     fs_html_free(&html);
 *
 * Text is escaped here: callers give it as it is. Pictures are PNG as data URIs (RFC 2397). A failed append
 * is remembered and reported by fs_html_write. Readable in light and dark, printed and on a telephone. One
 * thread at a time. */
#ifndef FS_REPORT_HTML_H
#define FS_REPORT_HTML_H

#include "base/image.h"
#include "base/text.h"

typedef struct fs_html {
    fs_text text;
} fs_html;

/* Appends text as it stands between tags and inside quoted attributes: for pages that are written by hand.
 * Bytes that are no UTF-8 are left to the reader's program. */
void fs_html_escape(fs_text *out, const char *text);

void fs_html_begin(fs_html *html, const char *title);
void fs_html_heading(fs_html *html, int level, const char *text); /* level 1..4 */
void fs_html_paragraph(fs_html *html, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* `alt` says what is to be seen and stands beneath as the caption. At most the picture's own width. */
fs_status fs_html_image(fs_html *html, const fs_image *image, const char *alt, fs_error *err);

/* A table: begin with the names of its columns, rows of as many cells, end. A cell that begins with a digit,
 * a sign or a point is set to the right as a number. */
void fs_html_table_begin(fs_html *html, const char *const *columns, int count);
void fs_html_table_row(fs_html *html, const char *const *cells, int count);
void fs_html_table_end(fs_html *html);

/* Ends the page and writes it. */
fs_status fs_html_write(fs_html *html, const char *path, fs_error *err);
void fs_html_free(fs_html *html);

#endif
