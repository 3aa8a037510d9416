/* What is kept between runs: theme, size of everything, files that were opened. */
#include <math.h>

#include "ui/screen_private.h"

static const double sizes[] = {1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3};
enum { N_SIZES = sizeof sizes / sizeof *sizes };

static bool is_light(const fs_screen *screen) {
    return screen->theme == FS_THEME_LIGHT ||
           (screen->theme == FS_THEME_SYSTEM && screen->options.system_is_light);
}

static void set_theme(fs_screen *screen, int theme) {
    screen->theme = theme;
    screen->ui.theme = is_light(screen) ? fs_theme_light() : fs_theme_dark();
    fs_damage_all(&screen->damage);
}

void fs_screen_init_habits(fs_screen *screen) {
    if (screen->options.preferences != NULL)
        screen->preferences = *screen->options.preferences;
    else
        fs_preferences_default(&screen->preferences);
    screen->options.preferences = NULL; /* it is the caller's, and may go away */
    screen->zoom = screen->options.zoom;
    set_theme(screen, screen->options.theme);
}

void fs_screen_switch_theme(fs_screen *screen) {
    set_theme(screen, is_light(screen) ? FS_THEME_DARK : FS_THEME_LIGHT);
    screen->preferences.theme = screen->theme;
    screen->preferences_changed = true;
}

/* Larger than what is wanted; smaller than what is seen, which may be less than that. */
static double next_size(const fs_screen *screen, int step) {
    const double hair = 1e-3, wanted = screen->zoom > 0 ? screen->zoom : screen->window_scale;
    const double now = step > 0 ? fmax(wanted, screen->window_scale) : fmin(wanted, screen->window_scale);
    for (int i = 0; i < N_SIZES; i++) {
        const double size = sizes[step > 0 ? i : N_SIZES - 1 - i];
        if (step > 0 ? size > now + hair : size < now - hair)
            return size;
    }
    return step > 0 ? sizes[N_SIZES - 1] : sizes[0];
}

void fs_screen_enlarge(fs_screen *screen, int step) {
    screen->zoom = step == 0 ? 0 : next_size(screen, step);
    screen->preferences.scale = screen->zoom;
    screen->preferences_changed = true;
}

double fs_screen_zoom(const fs_screen *screen) {
    return screen->zoom;
}

void fs_screen_note_model(fs_screen *screen, const char *path) {
    screen->preferences_changed |= fs_recent_add(&screen->preferences.models, path);
}

void fs_screen_note_folder(fs_screen *screen, const char *path) {
    screen->preferences_changed |= fs_recent_add(&screen->preferences.folders, path);
}

bool fs_screen_preferences(fs_screen *screen, fs_preferences *out) {
    bool changed = screen->preferences_changed;
    *out = screen->preferences;
    screen->preferences_changed = false;
    return changed;
}
