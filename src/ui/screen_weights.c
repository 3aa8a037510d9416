/* The weights beside a channel: which are shown, and the thumbnails of the channels at their other ends. */
#include "app/worker_thumbs.h"
#include "base/alloc.h"
#include "ui/screen_private.h"

/* Below each other in columns; NULL where a column is shorter, or there is none. */
const fs_neighbour_weight *fs_screen_weight(const fs_screen *screen, fs_weights_direction direction, int sign,
                                            int row) {
    const fs_panel *panel = screen->view.panels[FS_PANEL_WEIGHTS].panel;
    if (panel == NULL || row >= panel->weights[direction].n_strongest[sign])
        return NULL;
    const fs_panel_weights *weights = &panel->weights[direction];
    return &weights->list.items[weights->strongest[sign][row]];
}

void fs_screen_open_weight(fs_screen *screen, const fs_neighbour_weight *weight) {
    if (weight->layer == FS_LAYER_PICTURE)
        return;
    const int layer = weight->layer, channel = weight->channel; /* going there closes the panel */
    if (!fs_screen_go(screen, layer, channel))
        fs_screen_say(screen, false, "%s is not in the list of layers",
                      screen->model->model->layers[layer].name);
}

static bool is_missing(const fs_screen *screen, const fs_neighbour_weight *weight) {
    return weight != NULL && weight->layer != FS_LAYER_PICTURE && !screen->hopeless[weight->layer] &&
           !fs_thumbs_finished(screen->thumbs, weight->layer, weight->channel);
}

/* In the order in which they are read. */
static int collect(const fs_screen *screen, fs_thumb_item *out, int most) {
    int n = 0;
    for (int row = 0; row < FS_PANEL_STRONGEST; row++) {
        for (int column = 0; column < 4 && n < most; column++) {
            const fs_weights_direction direction = column < 2 ? FS_WEIGHTS_FROM : FS_WEIGHTS_TO;
            const fs_neighbour_weight *weight = fs_screen_weight(screen, direction, column % 2, row);
            if (!is_missing(screen, weight))
                continue;
            out[n].layer = weight->layer;
            out[n++].settings = fs_screen_thumb_settings(screen, weight->layer, weight->channel);
        }
    }
    return n;
}

void fs_screen_request_thumbs(fs_screen *screen) {
    enum { MOST = 4 * FS_PANEL_STRONGEST };
    fs_weights_view *view = &screen->view.weights;
    const fs_panel_view *panel = &screen->view.panels[FS_PANEL_WEIGHTS];
    if (!screen->view.open || screen->feature.tab != FS_TAB_PANELS + FS_PANEL_WEIGHTS ||
        panel->panel == NULL || panel->generation != 0 || view->asked)
        return;
    view->asked = true;
    fs_thumb_item *items = fs_alloc_array(MOST, sizeof *items);
    if (items == NULL)
        return; /* the squares stay empty */
    const fs_thumbs_request request = {
        .model = screen->model, .items = items, .n_items = collect(screen, items, MOST)};
    view->generation = request.n_items > 0 ? fs_worker_thumbs(screen->worker, &request) : 0;
    fs_free(items);
}

bool fs_screen_thumbs_event(fs_screen *screen, const fs_event *event) {
    fs_weights_view *view = &screen->view.weights;
    if (event->kind == FS_EVENT_PICTURE) {
        if (screen->model == NULL || event->picture->model != screen->model->serial)
            return false;
        fs_thumbs_put(screen->thumbs, event->picture);
        return screen->view.open;
    }
    if (event->generation == view->generation)
        view->generation = 0;
    return false;
}
