#include "report/theme.h"

#define RGB(hex)                                                                                             \
    { ((hex) >> 16 & 255) / 255.0, ((hex) >> 8 & 255) / 255.0, ((hex)&255) / 255.0, 1 }
#define RGBA(hex, alpha)                                                                                     \
    { ((hex) >> 16 & 255) / 255.0, ((hex) >> 8 & 255) / 255.0, ((hex)&255) / 255.0, alpha }

static const fs_theme dark = {
    .background = RGB(0x131519),
    .panel = RGB(0x1a1d22),
    .raised = RGB(0x252a31),
    .hover = RGB(0x22262d),
    .line = RGB(0x2b3038),
    .text = RGB(0xe8eaed),
    .dim = RGB(0xaab2bd),
    .faint = RGB(0x87909c),
    .accent = RGB(0xe6b455),
    .on_accent = RGB(0x1a1408),
    .selection = RGB(0x33302a),
    .error = RGB(0x5b2328),
    .on_error = RGB(0xffdcd8),
    .notice = RGB(0x26303c),
    .shade = RGBA(0x0b0c0f, 0.72),
    .level = {RGB(0x6fb7e8), RGB(0x63c7a6), RGB(0xc9c35f), RGB(0xe79a5c), RGB(0xd783b4)},
};

static const fs_theme light = {
    .background = RGB(0xffffff),
    .panel = RGB(0xf6f6f4),
    .raised = RGB(0xececea),
    .hover = RGB(0xf0f0ee),
    .line = RGB(0xd5d6d8),
    .text = RGB(0x17191c),
    .dim = RGB(0x474d55),
    .faint = RGB(0x666d76),
    .accent = RGB(0x9a6a00),
    .on_accent = RGB(0xffffff),
    .selection = RGB(0xf3e8cf),
    .error = RGB(0xf6d3d0),
    .on_error = RGB(0x6b1712),
    .notice = RGB(0xe3ebf4),
    .shade = RGBA(0xffffff, 0.8),
    .level = {RGB(0x1f6fa8), RGB(0x1b7d5c), RGB(0x7c7600), RGB(0xa8561a), RGB(0x97427a)},
};

const fs_theme *fs_theme_dark(void) {
    return &dark;
}

const fs_theme *fs_theme_light(void) {
    return &light;
}

void fs_set_colour(cairo_t *cr, fs_colour colour) {
    cairo_set_source_rgba(cr, colour.r, colour.g, colour.b, colour.a);
}

fs_colour fs_colour_alpha(fs_colour colour, double alpha) {
    colour.a = alpha;
    return colour;
}
