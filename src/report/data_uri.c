#include "report/data_uri.h"

#include <cairo-svg.h>
#include <string.h>

#include "report/surface.h"

typedef struct bytes {
    fs_text text;
} bytes;

static cairo_status_t collect(void *closure, const unsigned char *data, unsigned int size) {
    bytes *b = closure;
    fs_text_add_bytes(&b->text, (const char *)data, size);
    return fs_text_broken(&b->text) ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

/* RFC 4648 */
static void add_base64(fs_text *out, const char *data, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char group[4];
    for (size_t i = 0; i < size; i += 3) {
        const size_t n = size - i < 3 ? size - i : 3;
        unsigned bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < n ? (unsigned char)data[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            group[k] = (char)(k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=');
        fs_text_add_bytes(out, group, sizeof group);
    }
}

static fs_status add_uri(fs_text *out, const char *type, const bytes *b, fs_error *err) {
    fs_text_add(out, "data:image/%s;base64,", type);
    add_base64(out, b->text.bytes, b->text.length);
    return fs_text_broken(out) ? fs_fail_memory(err, "a picture in a page") : FS_OK;
}

/* Cairo numbers the root element with a count of the process's surfaces, which depends on what was drawn
 * before: the digits go. */
static void forget_number(fs_text *svg) {
    static const char mark[] = "id=\"surface";
    char *at = strstr(svg->bytes, mark);
    if (!at)
        return;
    at += strlen(mark);
    const size_t digits = strspn(at, "0123456789");
    memmove(at, at + digits, strlen(at + digits) + 1);
    svg->length -= digits;
}

fs_status fs_data_uri_svg(fs_text *out, double width, double height, fs_paper_draw draw, void *context,
                          fs_error *err) {
    bytes b = {{0}};
    fs_canvas *canvas = NULL;
    fs_status status = fs_canvas_create(&canvas, err);
    if (status != FS_OK)
        return status;
    cairo_surface_t *surface = cairo_svg_surface_create_for_stream(collect, &b, width, height);
    cairo_t *cr = cairo_create(surface);
    fs_canvas_begin(canvas, cr, fs_theme_light());
    draw(canvas, context);
    status = fs_canvas_check(canvas, err);
    fs_canvas_end(canvas);
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    if (status == FS_OK && (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS || !b.text.bytes))
        status = fs_fail_memory(err, "a chart");
    if (status == FS_OK)
        forget_number(&b.text);
    if (status == FS_OK)
        status = add_uri(out, "svg+xml", &b, err);
    cairo_surface_destroy(surface);
    fs_canvas_destroy(canvas);
    fs_text_free(&b.text);
    return status;
}

fs_status fs_data_uri_png(fs_text *out, const fs_image *image, fs_error *err) {
    bytes b = {{0}};
    fs_status status = FS_OK;
    cairo_surface_t *surface = fs_surface_from_image(image);
    if (!surface || cairo_surface_write_to_png_stream(surface, collect, &b) != CAIRO_STATUS_SUCCESS ||
        !b.text.bytes)
        status = fs_fail_memory(err, "a picture in a page");
    if (status == FS_OK)
        status = add_uri(out, "png", &b, err);
    cairo_surface_destroy(surface);
    fs_text_free(&b.text);
    return status;
}
