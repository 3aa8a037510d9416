/* A screen of which only what has changed was drawn is, pixel by pixel, the screen drawn whole: for a seeded
 * series of hovers, presses, wheel turns, keys and the worker's events in every view. FS_DAMAGE_STEPS makes
 * it longer, FS_DAMAGE_SEED another one. */
#include <math.h>

#include "base/random.h"
#include "screen_test.h"

#define MODEL FS_TEST_DATA "/onnx/squeeze.onnx"
#define IMAGES FS_TEST_DATA "/images"

enum { USUAL_STEPS = 60 };

typedef struct mirror {
    fixture f;
    fs_random random;
    cairo_surface_t *shown; /* what a window would show */
    double x, y, scale;
    int rounding; /* of a colour, where edges lie between pixels: there Cairo composes clips in two ways */
    long partial, whole;
} mirror;

static double number_of(const char *name, double otherwise) {
    const char *text = getenv(name);
    return text != NULL && *text != '\0' ? atof(text) : otherwise;
}

static float below(mirror *m, double limit) {
    return fs_random_range(&m->random, 0, (float)limit);
}

/* Outwards to whole pixels, as the window does it. */
static void clip_to(cairo_t *cr, const fs_damage *damage, double scale) {
    cairo_new_path(cr);
    for (int i = 0; i < damage->n; i++) {
        const fs_rect r = damage->rects[i];
        const double left = floor(r.x * scale), top = floor(r.y * scale);
        cairo_rectangle(cr, left, top, ceil((r.x + r.w) * scale) - left, ceil((r.y + r.h) * scale) - top);
    }
    cairo_clip(cr);
}

static void draw_damage(mirror *m) {
    const fs_damage damage = fs_screen_take_damage(m->f.screen);
    if (!fs_damage_any(&damage))
        return;
    cairo_t *cr = cairo_create(m->shown);
    if (!damage.all)
        clip_to(cr, &damage, m->scale);
    fs_screen_draw(m->f.screen, cr);
    cairo_destroy(cr);
    m->partial += !damage.all;
    m->whole += damage.all;
}

static void compare(mirror *m, const char *view, const char *what) {
    draw_damage(m);
    cairo_surface_t *wanted = paint(&m->f);
    cairo_surface_flush(m->shown);
    const int w = cairo_image_surface_get_width(wanted), h = cairo_image_surface_get_height(wanted),
              stride = cairo_image_surface_get_stride(wanted);
    const unsigned char *a = cairo_image_surface_get_data(m->shown),
                        *b = cairo_image_surface_get_data(wanted);
    int n = 0, most = 0, left = w, top = h, right = 0, bottom = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            if (memcmp(a + y * stride + 4 * x, b + y * stride + 4 * x, 3) == 0)
                continue;
            int off = 0;
            for (int c = 0; c < 3; c++)
                off = (int)fmax(off, abs(a[y * stride + 4 * x + c] - b[y * stride + 4 * x + c]));
            if (off <= m->rounding)
                continue;
            n++;
            most = (int)fmax(most, off);
            left = x < left ? x : left;
            right = x > right ? x : right;
            top = y < top ? y : top;
            bottom = y;
        }
    if (n > 0) {
        cairo_surface_write_to_png(m->shown, "damage-shown.png");
        cairo_surface_write_to_png(wanted, "damage-wanted.png");
        fail_msg("%s, after %s: %d pixels differ by up to %d, in %d..%d, %d..%d (scale %g)", view, what, n,
                 most, left, right, top, bottom, m->scale);
    }
    cairo_surface_destroy(wanted);
}

static void give(mirror *m, fs_ui_input input) {
    input.x = m->x;
    input.y = m->y;
    input.seconds = fs_seconds();
    fs_screen_input(m->f.screen, &input);
}

/* Mostly a little further on, as a hand moves. */
static void move(mirror *m) {
    const bool jumps = fs_random_int(&m->random, 5) == 0;
    m->x = jumps ? (double)below(m, m->f.screen->width) : m->x + (double)below(m, 120) - 60;
    m->y = jumps ? (double)below(m, m->f.screen->height) : m->y + (double)below(m, 120) - 60;
    give(m, (fs_ui_input){0});
}

/* Nothing that leads out of the view. */
static void step(mirror *m, const char *view) {
    static const fs_key keys[] = {FS_KEY_UP, FS_KEY_DOWN, FS_KEY_TAB, FS_KEY_PAGE_DOWN, FS_KEY_HOME};
    const int what = (int)fs_random_int(&m->random, 20);
    if (what < 11) {
        move(m);
        compare(m, view, "a movement");
    } else if (what < 12) {
        give(m, (fs_ui_input){.wheel = (double)below(m, 4) - 2, .ctrl = what % 2 == 0});
        compare(m, view, "a turn of the wheel");
    } else if (what < 13) {
        give(m, (fs_ui_input){.pressed = true, .held = true});
        compare(m, view, "a press");
        move(m);
        give(m, (fs_ui_input){.released = true});
        compare(m, view, "a release");
    } else if (what < 14) {
        give(m, (fs_ui_input){.keys = {keys[fs_random_int(&m->random, sizeof keys / sizeof *keys)]},
                              .n_keys = 1});
        compare(m, view, "a key");
    } else if (what < 15) { /* the pointer rests until a tip is due */
        fs_ui_input later = {.x = m->x, .y = m->y, .seconds = fs_seconds() + 2 * FS_UI_TIP_DELAY};
        fs_screen_input(m->f.screen, &later);
        compare(m, view, "a rest");
    } else {
        usleep(2000);
        fs_event event;
        for (int i = 0; i < 4 && fs_worker_poll(m->f.worker, &event); i++) {
            fs_screen_event(m->f.screen, &event);
            fs_event_release(&event);
            compare(m, view, "an event");
        }
    }
}

/* ---- the views ---- */

static void open_wall(mirror *m) {
    fs_screen_close_views(m->f.screen);
    m->f.screen->message.shown = false;
}

static void open_channel(mirror *m) {
    m->f.screen->feature.tab = (int)fs_random_int(&m->random, FS_TAB_COUNT);
    fs_screen_open_channel(m->f.screen, 1);
}

static void open_gabor(mirror *m) {
    m->f.screen->feature.null_fits = 2;
    fs_screen_open_gabor(m->f.screen);
}

static void open_finetune(mirror *m) {
    fs_screen_open_finetune(m->f.screen);
}

static void open_picture(mirror *m) {
    fs_screen_open_picture(m->f.screen);
    fs_screen_drop(m->f.screen, IMAGES "/rgb.png");
}

static void open_search(mirror *m) {
    open_wall(m);
    fs_screen_open_search(m->f.screen);
}

static void open_menu(mirror *m) {
    fs_screen_close_search(m->f.screen);
    fs_menu_toggle(m->f.screen);
}

static void open_help(mirror *m) {
    m->f.screen->menu.open = false;
    m->f.screen->help = true;
}

static const struct {
    const char *name;
    void (*open)(mirror *m);
} kinds[] = {{"wall", open_wall},        {"channel", open_channel},
             {"Gabor view", open_gabor}, {"fine-tuning", open_finetune},
             {"picture", open_picture},  {"search", open_search},
             {"menu", open_menu},        {"help", open_help},
             {"wall again", open_wall}};

static void all_views(double scale, int theme, uint64_t seed) {
    mirror m = {.scale = scale, .x = 400, .y = 300, .rounding = scale != floor(scale)};
    const int steps = (int)number_of("FS_DAMAGE_STEPS", USUAL_STEPS);
    fs_random_seed(&m.random, (uint64_t)number_of("FS_DAMAGE_SEED", (double)seed), 1);
    create_screen(&m.f, &(fs_screen_options){.images = IMAGES, .theme = theme});
    fs_screen_open(m.f.screen, MODEL);
    WAIT_FOR(&m.f, m.f.screen->model != NULL);
    fs_screen_resize(m.f.screen, FS_LAYOUT_MIN_WIDTH, FS_LAYOUT_MIN_HEIGHT, scale);
    m.f.screen->feature.settings.size = 48;
    m.f.screen->feature.settings.steps = 40;
    m.shown = paint(&m.f);
    (void)fs_screen_take_damage(m.f.screen);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        kinds[i].open(&m);
        key(&m.f, FS_KEY_LARGER); /* no key of a view: all is drawn */
        for (int k = 0; k < steps; k++)
            step(&m, kinds[i].name);
        m.f.screen->help = m.f.screen->menu.open = false;
    }
    assert_true(m.partial > 0 && m.whole > 0);
    printf("scale %g: %ld drawn in part, %ld whole\n", scale, m.partial, m.whole);
    cairo_surface_destroy(m.shown);
    destroy_screen(&m.f);
}

static void test_at_scale_1(void **state) {
    (void)state;
    all_views(1, FS_THEME_DARK, 1);
}

static void test_at_another_scale(void **state) {
    (void)state;
    all_views(1.25, FS_THEME_LIGHT, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_scale_1),
        cmocka_unit_test(test_at_another_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
