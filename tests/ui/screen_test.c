#include "screen_test.h"

void create_screen(fixture *f, const fs_screen_options *options) {
    fs_worker_options worker = {.threads = 2};
    assert_int_equal(fs_worker_create(&f->worker, &worker, NULL), FS_OK);
    assert_int_equal(fs_screen_create(&f->screen, options, f->worker, NULL), FS_OK);
    fs_screen_resize(f->screen, 900, 600, 1);
}

void destroy_screen(fixture *f) {
    fs_screen_destroy(f->screen);
    fs_worker_destroy(f->worker);
}

void pump(fixture *f) {
    fs_event event;
    while (fs_worker_poll(f->worker, &event)) {
        fs_screen_event(f->screen, &event);
        fs_event_release(&event);
    }
}

void key(fixture *f, fs_key k) {
    fs_ui_input input = {.x = -1, .y = -1, .keys = {k}, .n_keys = 1};
    assert_true(fs_screen_input(f->screen, &input));
}

void type(fixture *f, const char *text) {
    fs_ui_input input = {.x = -1, .y = -1};
    snprintf(input.text, sizeof input.text, "%s", text);
    fs_screen_input(f->screen, &input);
}

void click(fixture *f, double x, double y) {
    fs_ui_input down = {.x = x, .y = y, .pressed = true, .held = true};
    fs_ui_input up = {.x = x, .y = y, .released = true};
    fs_screen_input(f->screen, &down);
    fs_screen_input(f->screen, &up);
}

void drag(fixture *f, double x, double y, double to_x) {
    fs_ui_input down = {.x = x, .y = y, .pressed = true, .held = true};
    fs_ui_input half = {.x = (x + to_x) / 2, .y = y, .held = true};
    fs_ui_input up = {.x = to_x, .y = y, .released = true};
    fs_screen_input(f->screen, &down);
    fs_screen_input(f->screen, &half);
    fs_screen_input(f->screen, &up);
}

cairo_surface_t *paint(fixture *f) {
    int w = (int)(f->screen->width * f->screen->scale), h = (int)(f->screen->height * f->screen->scale);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, w, h);
    cairo_t *cr = cairo_create(surface);
    fs_screen_draw(f->screen, cr);
    assert_int_equal(cairo_status(cr), CAIRO_STATUS_SUCCESS);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    return surface;
}

int differing(cairo_surface_t *a, cairo_surface_t *b, fs_rect rect) {
    int n = 0, stride = cairo_image_surface_get_stride(a);
    const unsigned char *p = cairo_image_surface_get_data(a), *q = cairo_image_surface_get_data(b);
    for (int y = (int)rect.y; y < (int)(rect.y + rect.h); y++)
        for (int x = (int)rect.x; x < (int)(rect.x + rect.w); x++)
            n += memcmp(p + y * stride + 4 * x, q + y * stride + 4 * x, 4) != 0;
    return n;
}
