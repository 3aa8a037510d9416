#include "report/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairo.h>

#include "base/alloc.h"
#include "base/c_locale.h"
#include "base/file.h"
#include "report/surface.h"

static const char style[] =
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.7rem;line-height:1.2}h2{font-size:1.25rem;margin-top:2.5rem}"
    "figure{margin:1.5rem 0}img{max-width:100%;height:auto;background:#fff}"
    "figcaption{font-size:.875rem;opacity:.8}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;font-size:.875rem}"
    "th,td{padding:.2rem .7rem;text-align:left;border-bottom:1px solid #8886}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}";

/* Text between tags and inside quoted attributes. Bytes that are no UTF-8 are left to the reader's program.
 */
static void add_escaped(fs_text *out, const char *text) {
    for (const char *c = text; *c; c++)
        switch (*c) {
        case '&':
            fs_text_add(out, "&amp;");
            break;
        case '<':
            fs_text_add(out, "&lt;");
            break;
        case '>':
            fs_text_add(out, "&gt;");
            break;
        case '"':
            fs_text_add(out, "&quot;");
            break;
        default:
            fs_text_add_bytes(out, c, 1);
        }
}

void fs_html_begin(fs_html *html, const char *title) {
    fs_text *out = &html->text;
    fs_text_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<meta name=\"generator\" content=\"filterscope " FS_VERSION "\">\n<title>");
    add_escaped(out, title);
    fs_text_add(out, "</title>\n<style>%s</style>\n</head>\n<body>\n", style);
    fs_html_heading(html, 1, title);
}

void fs_html_heading(fs_html *html, int level, const char *text) {
    fs_text_add(&html->text, "<h%d>", level);
    add_escaped(&html->text, text);
    fs_text_add(&html->text, "</h%d>\n", level);
}

void fs_html_paragraph(fs_html *html, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const int length = fs_c_vsnprintf(NULL, 0, format, args);
    char *text = length >= 0 ? fs_alloc((size_t)length + 1) : NULL;
    if (text) {
        fs_c_vsnprintf(text, (size_t)length + 1, format, again);
        fs_text_add(&html->text, "<p>");
        add_escaped(&html->text, text);
        fs_text_add(&html->text, "</p>\n");
    } else {
        html->text.failed = true;
    }
    fs_free(text);
    va_end(again);
    va_end(args);
}

/* ---- pictures ---- */

/* Base 64 of a stream: what does not fill three bytes waits for the next piece. */
typedef struct base64 {
    fs_text *out;
    unsigned char waiting[3];
    int n;
} base64;

static void add_triple(base64 *b, int used) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned bits =
        (unsigned)b->waiting[0] << 16 | (unsigned)b->waiting[1] << 8 | (unsigned)b->waiting[2];
    char four[4];
    for (int i = 0; i < 4; i++)
        four[i] = i <= used ? digits[bits >> (18 - 6 * i) & 63] : '=';
    fs_text_add_bytes(b->out, four, 4);
    memset(b->waiting, 0, sizeof b->waiting);
    b->n = 0;
}

static cairo_status_t write_base64(void *closure, const unsigned char *bytes, unsigned int size) {
    base64 *b = closure;
    for (unsigned int i = 0; i < size; i++) {
        b->waiting[b->n++] = bytes[i];
        if (b->n == 3)
            add_triple(b, 3);
    }
    return b->out->failed ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

fs_status fs_html_image(fs_html *html, const fs_image *image, const char *alt, fs_error *err) {
    cairo_surface_t *surface = fs_surface_from_image(image);
    base64 b = {.out = &html->text};
    if (!surface)
        return fs_fail_memory(err, "a picture of a report");
    fs_text_add(&html->text, "<figure><img width=\"%d\" height=\"%d\" alt=\"", image->width, image->height);
    add_escaped(&html->text, alt);
    fs_text_add(&html->text, "\" src=\"data:image/png;base64,");
    cairo_status_t written = cairo_surface_write_to_png_stream(surface, write_base64, &b);
    if (b.n > 0)
        add_triple(&b, b.n);
    fs_text_add(&html->text, "\">\n<figcaption>");
    add_escaped(&html->text, alt);
    fs_text_add(&html->text, "</figcaption></figure>\n");
    cairo_surface_destroy(surface);
    return written == CAIRO_STATUS_SUCCESS ? FS_OK : fs_fail_memory(err, "a picture of a report");
}

/* ---- tables ---- */

void fs_html_table_begin(fs_html *html, const char *const *columns, int count) {
    fs_text_add(&html->text, "<div class=\"wide\"><table>\n<tr>");
    for (int i = 0; i < count; i++) {
        fs_text_add(&html->text, "<th>");
        add_escaped(&html->text, columns[i]);
        fs_text_add(&html->text, "</th>");
    }
    fs_text_add(&html->text, "</tr>\n");
}

void fs_html_table_row(fs_html *html, const char *const *cells, int count) {
    fs_text_add(&html->text, "<tr>");
    for (int i = 0; i < count; i++) {
        const bool number = cells[i][0] && strchr("0123456789+-.", cells[i][0]);
        fs_text_add(&html->text, number ? "<td class=\"n\">" : "<td>");
        add_escaped(&html->text, cells[i]);
        fs_text_add(&html->text, "</td>");
    }
    fs_text_add(&html->text, "</tr>\n");
}

void fs_html_table_end(fs_html *html) {
    fs_text_add(&html->text, "</table></div>\n");
}

/* ---- the file ---- */

fs_status fs_html_write(fs_html *html, const char *path, fs_error *err) {
    fs_text_add(&html->text, "</body>\n</html>\n");
    if (fs_text_broken(&html->text))
        return fs_fail_memory(err, path);
    return fs_file_write(path, html->text.bytes, html->text.length, err);
}

void fs_html_free(fs_html *html) {
    fs_text_free(&html->text);
}
