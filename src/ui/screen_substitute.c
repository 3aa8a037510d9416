/* The Gabor view's substitution: which kernels, which picture, what is asked of the worker for it; exports.
 */
#include <stdio.h>

#include "app/worker_substitute.h"
#include "ui/screen_private.h"

bool fs_screen_can_substitute(const fs_screen *screen) {
    return screen->gabor.study != NULL && !screen->gabor.study->effective;
}

static int wanted_kernel(const fs_gabor_view *view) {
    return view->substitute.all ? -1 : view->list.selected;
}

void fs_screen_request_substitute(fs_screen *screen) {
    fs_gabor_view *view = &screen->gabor;
    fs_substitute_view *s = &view->substitute;
    if (!view->open || !s->open || !fs_screen_can_substitute(screen) || view->list.selected < 0)
        return;
    const int kernel = wanted_kernel(view);
    if (s->asked && s->asked_kernel == kernel && s->asked_picture == s->picture)
        return;
    const fs_substitute_request request = {.model = screen->model,
                                           .study = view->study,
                                           .kernel = kernel,
                                           .images = screen->feature.images,
                                           .index = s->picture};
    s->asked = true;
    s->asked_kernel = kernel;
    s->asked_picture = s->picture;
    s->error[0] = '\0';
    s->generation = fs_worker_substitute(screen->worker, &request);
    if (s->generation == 0)
        snprintf(s->error, sizeof s->error, "Out of memory.");
}

void fs_screen_toggle_substitute(fs_screen *screen) {
    fs_substitute_view *s = &screen->gabor.substitute;
    if (!fs_screen_can_substitute(screen) && !s->open) {
        fs_screen_say(screen, false,
                      screen->gabor.study == NULL ? "The kernels are not fitted yet"
                                                  : "Only weights can be replaced by their Gabor functions");
        return;
    }
    s->open = !s->open;
    s->asked = false; /* the folder may be another one now */
}

void fs_screen_step_substitute(fs_screen *screen, int step) {
    fs_substitute_view *s = &screen->gabor.substitute;
    if (s->open)
        s->picture += step;
}

void fs_screen_drop_substitute(fs_screen *screen) {
    fs_substitute_view *s = &screen->gabor.substitute;
    if (s->generation != 0)
        fs_worker_stop_study(screen->worker);
    cairo_surface_destroy(s->surface); /* NULL is fine */
    fs_substituted_release(s->result);
    *s = (fs_substitute_view){.open = s->open, .all = s->all};
}

bool fs_screen_substitute_event(fs_screen *screen, const fs_event *event) {
    fs_substitute_view *s = &screen->gabor.substitute;
    if (s->generation == 0 || event->generation != s->generation)
        return false;
    s->generation = 0;
    if (event->kind == FS_EVENT_SUBSTITUTED) {
        cairo_surface_destroy(s->surface);
        s->surface = NULL;
        fs_substituted_release(s->result);
        s->result = fs_substituted_keep(event->substituted);
    } else if (event->kind == FS_EVENT_FAILED) {
        snprintf(s->error, sizeof s->error, "%s", event->error.message);
    }
    return screen->gabor.open;
}

/* ---- export ---- */

void fs_screen_export_kernel(fs_screen *screen) {
    const fs_gabor_view *view = &screen->gabor;
    if (view->study == NULL || view->list.selected < 0) {
        fs_screen_say(screen, false, "There is no kernel to export yet");
        return;
    }
    const char *layer = screen->model->model->layers[view->study->layer].name;
    char name[FS_OPTION_TEXT_SIZE], card[2 * FS_OPTION_TEXT_SIZE], fits[2 * FS_OPTION_TEXT_SIZE];
    snprintf(name, sizeof name, "%.80s-%.120s-gabor-%d.png", screen->model->model->name, layer,
             view->list.selected);
    fs_screen_export_path(screen, name, card, sizeof card);
    snprintf(name, sizeof name, "%.80s-%.120s-fits.csv", screen->model->model->name, layer);
    fs_screen_export_path(screen, name, fits, sizeof fits);
    const fs_kernel_export_request request = {.model = screen->model,
                                              .study = view->study,
                                              .kernel = view->list.selected,
                                              .card = card,
                                              .fits = fits};
    if (fs_worker_export_kernel(screen->worker, &request) == 0)
        fs_screen_say(screen, true, "%s: out of memory", card);
}
