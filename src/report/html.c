#include "report/html.h"

#include <string.h>

#include "base/alloc.h"
#include "base/c_locale.h"
#include "base/file.h"
#include "report/data_uri.h"

static const char style[] =
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.7rem;line-height:1.2}h2{font-size:1.25rem;margin-top:2.5rem}"
    "figure{margin:1.5rem 0}img{max-width:100%;height:auto;background:#fff}"
    "figcaption{font-size:.875rem;opacity:.8}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;font-size:.875rem}"
    "th,td{padding:.2rem .7rem;text-align:left;border-bottom:1px solid #8886}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}";

void fs_html_escape(fs_text *out, const char *text) {
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
    fs_html_escape(out, title);
    fs_text_add(out, "</title>\n<style>%s</style>\n</head>\n<body>\n", style);
    fs_html_heading(html, 1, title);
}

void fs_html_heading(fs_html *html, int level, const char *text) {
    fs_text_add(&html->text, "<h%d>", level);
    fs_html_escape(&html->text, text);
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
        fs_html_escape(&html->text, text);
        fs_text_add(&html->text, "</p>\n");
    } else {
        html->text.failed = true;
    }
    fs_free(text);
    va_end(again);
    va_end(args);
}

/* ---- pictures ---- */

fs_status fs_html_image(fs_html *html, const fs_image *image, const char *alt, fs_error *err) {
    fs_text_add(&html->text, "<figure><img width=\"%d\" height=\"%d\" alt=\"", image->width, image->height);
    fs_html_escape(&html->text, alt);
    fs_text_add(&html->text, "\" src=\"");
    fs_status status = fs_data_uri_png(&html->text, image, err);
    fs_text_add(&html->text, "\">\n<figcaption>");
    fs_html_escape(&html->text, alt);
    fs_text_add(&html->text, "</figcaption></figure>\n");
    return status;
}

/* ---- tables ---- */

void fs_html_table_begin(fs_html *html, const char *const *columns, int count) {
    fs_text_add(&html->text, "<div class=\"wide\"><table>\n<tr>");
    for (int i = 0; i < count; i++) {
        fs_text_add(&html->text, "<th>");
        fs_html_escape(&html->text, columns[i]);
        fs_text_add(&html->text, "</th>");
    }
    fs_text_add(&html->text, "</tr>\n");
}

void fs_html_table_row(fs_html *html, const char *const *cells, int count) {
    fs_text_add(&html->text, "<tr>");
    for (int i = 0; i < count; i++) {
        const bool number = cells[i][0] && strchr("0123456789+-.", cells[i][0]);
        fs_text_add(&html->text, number ? "<td class=\"n\">" : "<td>");
        fs_html_escape(&html->text, cells[i]);
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
