#include "report/canvas.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"

/* Shaped texts, found by a hash of everything that shapes them; a collision makes the newer one win. */
enum { LAYOUT_CACHE_SIZE = 1024 };

typedef struct layout_key {
    uint64_t text; /* hash */
    double size, width, spacing;
    bool bold, mono, wrap, cut_middle;
    fs_align align;
} layout_key;

typedef struct layout_entry {
    layout_key key;
    PangoLayout *layout;
} layout_entry;

struct fs_canvas {
    cairo_t *cr;
    const fs_theme *theme;
    PangoContext *context;
    const fs_canvas_watch *watch; /* NULL outside tests */
    bool given_up;
    double scale; /* what the cached layouts were made for */
    layout_entry layouts[LAYOUT_CACHE_SIZE];
};

fs_rect fs_rect_inset(fs_rect rect, double dx, double dy) {
    return (fs_rect){rect.x + dx, rect.y + dy, fmax(0, rect.w - 2 * dx), fmax(0, rect.h - 2 * dy)};
}

bool fs_rect_contains(fs_rect rect, double x, double y) {
    return x >= rect.x && x < rect.x + rect.w && y >= rect.y && y < rect.y + rect.h;
}

fs_rect fs_rect_cut_top(fs_rect *rect, double height) {
    height = fmin(height, rect->h);
    fs_rect cut = {rect->x, rect->y, rect->w, height};
    rect->y += height;
    rect->h -= height;
    return cut;
}

fs_rect fs_rect_cut_bottom(fs_rect *rect, double height) {
    height = fmin(height, rect->h);
    rect->h -= height;
    return (fs_rect){rect->x, rect->y + rect->h, rect->w, height};
}

fs_rect fs_rect_cut_left(fs_rect *rect, double width) {
    width = fmin(width, rect->w);
    fs_rect cut = {rect->x, rect->y, width, rect->h};
    rect->x += width;
    rect->w -= width;
    return cut;
}

fs_rect fs_rect_cut_right(fs_rect *rect, double width) {
    width = fmin(width, rect->w);
    rect->w -= width;
    return (fs_rect){rect->x + rect->w, rect->y, width, rect->h};
}

fs_status fs_canvas_create(fs_canvas **out, fs_error *err) {
    fs_canvas *canvas = fs_calloc(1, sizeof *canvas);
    if (canvas == NULL)
        return fs_fail_memory(err, "the canvas");
    canvas->context = pango_font_map_create_context(pango_cairo_font_map_get_default());
    *out = canvas;
    return FS_OK;
}

static void forget_layouts(fs_canvas *canvas) {
    for (int i = 0; i < LAYOUT_CACHE_SIZE; i++)
        if (canvas->layouts[i].layout != NULL)
            g_object_unref(canvas->layouts[i].layout);
    memset(canvas->layouts, 0, sizeof canvas->layouts);
}

void fs_canvas_destroy(fs_canvas *canvas) {
    if (canvas == NULL)
        return;
    forget_layouts(canvas);
    g_object_unref(canvas->context);
    fs_free(canvas);
}

void fs_canvas_begin(fs_canvas *canvas, cairo_t *cr, const fs_theme *theme) {
    double scale = 1, zero = 0;
    cairo_user_to_device_distance(cr, &scale, &zero);
    canvas->cr = cr;
    canvas->theme = theme;
    canvas->given_up = false;
    if (scale != canvas->scale) {
        forget_layouts(canvas);
        canvas->scale = scale;
        cairo_font_options_t *options = cairo_font_options_create();
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT);
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
        pango_cairo_context_set_font_options(canvas->context, options);
        cairo_font_options_destroy(options);
        pango_cairo_update_context(cr, canvas->context);
    }
}

void fs_canvas_end(fs_canvas *canvas) {
    canvas->cr = NULL;
}

cairo_t *fs_canvas_cairo(const fs_canvas *canvas) {
    return canvas->cr;
}

const fs_theme *fs_canvas_theme(const fs_canvas *canvas) {
    return canvas->theme;
}

void fs_canvas_give_up(fs_canvas *canvas) {
    canvas->given_up = true;
}

fs_status fs_canvas_check(const fs_canvas *canvas, fs_error *err) {
    const cairo_status_t drawn = cairo_status(canvas->cr);
    if (canvas->given_up || drawn == CAIRO_STATUS_NO_MEMORY)
        return fs_fail_memory(err, "a page");
    if (drawn == CAIRO_STATUS_SUCCESS || drawn == CAIRO_STATUS_WRITE_ERROR)
        return FS_OK; /* of writing, the writer knows more */
    return fs_fail(err, FS_ERROR_IO, "a page: %s", cairo_status_to_string(drawn));
}

void fs_canvas_set_watch(fs_canvas *canvas, const fs_canvas_watch *watch) {
    canvas->watch = watch;
}

/* The smallest rectangle of device pixels that holds it. */
static fs_rect to_device(cairo_t *cr, fs_rect rect) {
    double left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;
    for (int corner = 0; corner < 4; corner++) {
        double x = rect.x + (corner & 1 ? rect.w : 0), y = rect.y + (corner & 2 ? rect.h : 0);
        cairo_user_to_device(cr, &x, &y);
        left = fmin(left, x);
        right = fmax(right, x);
        top = fmin(top, y);
        bottom = fmax(bottom, y);
    }
    return (fs_rect){left, top, right - left, bottom - top};
}

static void tell_fill(const fs_canvas *canvas, fs_rect rect, fs_colour colour) {
    if (canvas->watch != NULL)
        canvas->watch->fill(canvas->watch->context, to_device(canvas->cr, rect), colour.a);
}

void fs_fill_rect(fs_canvas *canvas, fs_rect rect, fs_colour colour) {
    tell_fill(canvas, rect, colour);
    fs_set_colour(canvas->cr, colour);
    cairo_rectangle(canvas->cr, rect.x, rect.y, rect.w, rect.h);
    cairo_fill(canvas->cr);
}

static void rounded_path(cairo_t *cr, fs_rect rect, double radius) {
    radius = fmin(radius, fmin(rect.w, rect.h) / 2);
    cairo_new_sub_path(cr);
    cairo_arc(cr, rect.x + rect.w - radius, rect.y + radius, radius, -M_PI / 2, 0);
    cairo_arc(cr, rect.x + rect.w - radius, rect.y + rect.h - radius, radius, 0, M_PI / 2);
    cairo_arc(cr, rect.x + radius, rect.y + rect.h - radius, radius, M_PI / 2, M_PI);
    cairo_arc(cr, rect.x + radius, rect.y + radius, radius, M_PI, 3 * M_PI / 2);
    cairo_close_path(cr);
}

void fs_fill_rounded(fs_canvas *canvas, fs_rect rect, double radius, fs_colour colour) {
    tell_fill(canvas, rect, colour);
    fs_set_colour(canvas->cr, colour);
    rounded_path(canvas->cr, rect, radius);
    cairo_fill(canvas->cr);
}

void fs_stroke_rounded(fs_canvas *canvas, fs_rect rect, double radius, double width, fs_colour colour) {
    fs_set_colour(canvas->cr, colour);
    cairo_set_line_width(canvas->cr, width);
    rounded_path(canvas->cr, fs_rect_inset(rect, width / 2, width / 2), fmax(0, radius - width / 2));
    cairo_stroke(canvas->cr);
}

static void configure(PangoLayout *layout, const layout_key *key) {
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family(font, key->mono ? "Noto Sans Mono,DejaVu Sans Mono,Monospace"
                                                      : "Inter,Noto Sans,Open Sans,DejaVu Sans,Sans");
    pango_font_description_set_absolute_size(font, key->size * PANGO_SCALE);
    if (key->bold)
        pango_font_description_set_weight(font, PANGO_WEIGHT_SEMIBOLD);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    if (key->spacing != 0) {
        PangoAttrList *list = pango_attr_list_new();
        pango_attr_list_insert(list, pango_attr_letter_spacing_new((int)(key->spacing * PANGO_SCALE)));
        pango_layout_set_attributes(layout, list);
        pango_attr_list_unref(list);
    }
    pango_layout_set_alignment(layout, key->align == FS_ALIGN_LEFT     ? PANGO_ALIGN_LEFT
                                       : key->align == FS_ALIGN_CENTRE ? PANGO_ALIGN_CENTER
                                                                       : PANGO_ALIGN_RIGHT);
    pango_layout_set_width(layout, key->width < 0 ? -1 : (int)(key->width * PANGO_SCALE));
    pango_layout_set_single_paragraph_mode(layout, !key->wrap);
    if (key->wrap) {
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
        pango_layout_set_spacing(layout, (int)(key->size * 0.35 * PANGO_SCALE));
    } else if (key->width >= 0) {
        pango_layout_set_ellipsize(layout, key->cut_middle ? PANGO_ELLIPSIZE_MIDDLE : PANGO_ELLIPSIZE_END);
    }
}

/* Borrowed from the cache. width -1: as wide as it wants to be. */
static PangoLayout *layout_of(fs_canvas *canvas, const char *text, double width, const fs_text_style *style) {
    layout_key key;
    memset(&key, 0, sizeof key); /* it is compared and hashed as bytes */
    key.text = fs_hash_bytes(FS_HASH_START, text, strlen(text));
    key.size = style->size;
    key.width = width;
    key.spacing = style->spacing;
    key.bold = style->bold;
    key.mono = style->mono;
    key.wrap = style->wrap;
    key.cut_middle = style->cut_middle;
    key.align = style->align;
    layout_entry *entry =
        &canvas->layouts[fs_hash_bytes(FS_HASH_START, &key, sizeof key) % LAYOUT_CACHE_SIZE];
    /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): the padding is zero */
    if (entry->layout != NULL && memcmp(&entry->key, &key, sizeof key) == 0 &&
        strcmp(pango_layout_get_text(entry->layout), text) == 0)
        return entry->layout;
    if (entry->layout != NULL)
        g_object_unref(entry->layout);
    entry->layout = pango_layout_new(canvas->context);
    entry->key = key;
    configure(entry->layout, &key);
    char *valid = g_utf8_make_valid(text, -1);
    pango_layout_set_text(entry->layout, valid, -1);
    g_free(valid);
    return entry->layout;
}

static void tell_text(const fs_canvas *canvas, fs_rect rect, double y, PangoLayout *layout,
                      const fs_text_style *style) {
    PangoRectangle ink;
    double x1, y1, x2, y2;
    pango_layout_get_extents(layout, &ink, NULL);
    cairo_clip_extents(canvas->cr, &x1, &y1, &x2, &y2);
    const double unit = 1.0 / PANGO_SCALE;
    const fs_rect letters = {rect.x + ink.x * unit, y + ink.y * unit, ink.width * unit, ink.height * unit};
    const fs_text_drawn drawn = {.text = pango_layout_get_text(layout),
                                 .box = to_device(canvas->cr, rect),
                                 .ink = to_device(canvas->cr, letters),
                                 .clip = to_device(canvas->cr, (fs_rect){x1, y1, x2 - x1, y2 - y1}),
                                 .shortened = pango_layout_is_ellipsized(layout),
                                 .may_be_cut = style->cut_middle || style->cut_end};
    canvas->watch->text(canvas->watch->context, &drawn);
}

void fs_draw_text(fs_canvas *canvas, fs_rect rect, const char *text, const fs_text_style *style) {
    if (rect.w < 1 || text[0] == '\0')
        return;
    PangoLayout *layout = layout_of(canvas, text, rect.w, style);
    double y = rect.y;
    if (!style->wrap) {
        int height;
        pango_layout_get_size(layout, NULL, &height);
        y += (rect.h - (double)height / PANGO_SCALE) / 2;
        y = round(y * canvas->scale) / canvas->scale; /* baselines on whole pixels look even */
    }
    fs_set_colour(canvas->cr, style->colour);
    if (canvas->watch != NULL)
        tell_text(canvas, rect, y, layout, style);
    cairo_move_to(canvas->cr, rect.x, y);
    pango_cairo_show_layout(canvas->cr, layout);
}

double fs_text_width(fs_canvas *canvas, const char *text, const fs_text_style *style) {
    int width;
    pango_layout_get_size(layout_of(canvas, text, -1, style), &width, NULL);
    return (double)width / PANGO_SCALE;
}

double fs_text_height(fs_canvas *canvas, const char *text, double width, const fs_text_style *style) {
    int height;
    pango_layout_get_size(layout_of(canvas, text, width, style), NULL, &height);
    return (double)height / PANGO_SCALE;
}
