/* The panels beside the open channel: what is asked of the worker, and what comes of it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/screen_private.h"
#include "viz/objective_text.h"

const char *const fs_variant_counts[] = {"2", "4", "6", "9", NULL};

enum { EXAMPLES_SHOWN = 18 };

const char *fs_screen_panel_lacks(const fs_screen *screen, fs_panel_kind kind) {
    if (kind == FS_PANEL_EXAMPLES && screen->feature.images[0] == '\0')
        return "Drop a folder of photographs on the window, or start with --images FOLDER.";
    bool wants_photograph = kind == FS_PANEL_ATTRIBUTION || kind == FS_PANEL_ACTIVATIONS;
    if (wants_photograph && screen->feature.photograph[0] == '\0')
        return "Drop a photograph on the window, or choose one under Examples by a click or Enter.";
    return NULL;
}

fs_status fs_screen_variants(const fs_screen *screen, fs_render_settings *out, fs_error *err) {
    const fs_channel_view *view = &screen->view;
    int n = atoi(fs_variant_counts[screen->feature.variants]);
    double reached = view->received || view->generation == 0
                         ? view->picture != NULL ? view->picture->objective : (double)NAN
                         : (double)NAN;
    return fs_objective_vary(out, &view->settings, fs_screen_layer(screen), n, reached, err);
}

static bool fill_in(const fs_screen *screen, fs_panel_request *request, fs_error *err) {
    const fs_feature_state *feature = &screen->feature;
    memcpy(request->images, feature->images, sizeof request->images);
    memcpy(request->photograph, feature->photograph, sizeof request->photograph);
    request->which = feature->which;
    request->threshold = feature->threshold;
    request->top = EXAMPLES_SHOWN;
    request->method = feature->method;
    request->explain_class = feature->explain_class;
    return request->kind != FS_PANEL_VARIANTS || fs_screen_variants(screen, &request->settings, err) == FS_OK;
}

/* One is computed at a time: what another one was still waiting for has been dropped. */
static void forget_others(fs_channel_view *view, fs_panel_kind kind) {
    view->weights.generation = 0;
    view->weights.asked = false;
    for (int i = 0; i < FS_PANEL_KINDS; i++) {
        fs_panel_view *other = &view->panels[i];
        if (i == (int)kind || other->generation == 0)
            continue;
        other->generation = 0;
        other->asked = false;
    }
}

void fs_screen_request_panel(fs_screen *screen) {
    if (!screen->view.open || screen->feature.tab < FS_TAB_PANELS)
        return;
    fs_panel_kind kind = (fs_panel_kind)(screen->feature.tab - FS_TAB_PANELS);
    fs_panel_view *panel = &screen->view.panels[kind];
    if (panel->asked || fs_screen_panel_lacks(screen, kind) != NULL)
        return;
    fs_error err = {0};
    fs_panel_request request = fs_panel_request_default(kind, screen->model, screen->layer, screen->channel);
    panel->asked = true;
    panel->error[0] = '\0';
    panel->done = panel->total = 0;
    if (!fill_in(screen, &request, &err)) {
        snprintf(panel->error, sizeof panel->error, "%s", err.message);
        return;
    }
    forget_others(&screen->view, kind);
    panel->generation = fs_worker_panel(screen->worker, &request);
    if (panel->generation == 0)
        snprintf(panel->error, sizeof panel->error, "Out of memory.");
}

void fs_screen_renew_panel(fs_screen *screen, fs_panel_kind kind) {
    screen->view.panels[kind].asked = false;
}

void fs_screen_stop_panel(fs_screen *screen, fs_panel_kind kind) {
    fs_panel_view *panel = &screen->view.panels[kind];
    if (panel->generation == 0)
        return;
    fs_worker_stop_panel(screen->worker);
    panel->generation = 0;
    snprintf(panel->error, sizeof panel->error, "Stopped.");
}

/* The first tile is chosen, so that the arrow keys have somewhere to begin. */
static void show(fs_panel_view *view, fs_panel *panel) {
    if (view->panel == NULL || view->panel->n_tiles != panel->n_tiles)
        view->list = (fs_list){.selected = panel->n_tiles > 0 ? 0 : -1};
    fs_panel_release(view->panel);
    view->panel = fs_panel_keep(panel);
}

bool fs_screen_panel_event(fs_screen *screen, const fs_event *event) {
    fs_panel_view *view = NULL;
    for (int i = 0; i < FS_PANEL_KINDS; i++)
        if (screen->view.panels[i].generation == event->generation)
            view = &screen->view.panels[i];
    if (!screen->view.open || view == NULL)
        return false;
    if (event->kind == FS_EVENT_PANEL) {
        show(view, event->panel);
    } else if (event->kind == FS_EVENT_PROGRESS) {
        view->done = event->done;
        view->total = event->total;
    } else {
        view->generation = 0;
        if (event->kind == FS_EVENT_FAILED) {
            fs_panel_release(view->panel);
            view->panel = NULL;
            snprintf(view->error, sizeof view->error, "%s", event->error.message);
        }
    }
    return true;
}

void fs_screen_drop_panels(fs_screen *screen) {
    if (screen->view.weights.generation != 0)
        fs_worker_stop_panel(screen->worker);
    fs_picture_places_clear(&screen->view.weights.places);
    screen->view.weights = (fs_weights_view){0};
    for (int i = 0; i < FS_PANEL_KINDS; i++) {
        fs_panel_view *panel = &screen->view.panels[i];
        if (panel->generation != 0)
            fs_worker_stop_panel(screen->worker);
        fs_panel_surfaces_clear(&panel->surfaces);
        fs_panel_release(panel->panel);
        *panel = (fs_panel_view){.list.selected = -1};
    }
}

void fs_screen_use_photograph(fs_screen *screen, const char *path) {
    snprintf(screen->feature.photograph, sizeof screen->feature.photograph, "%s", path);
    fs_screen_renew_panel(screen, FS_PANEL_ATTRIBUTION);
    fs_screen_renew_panel(screen, FS_PANEL_ACTIVATIONS);
    if (screen->feature.tab != FS_TAB_PANELS + FS_PANEL_ACTIVATIONS)
        screen->feature.tab = FS_TAB_PANELS + FS_PANEL_ATTRIBUTION;
}
