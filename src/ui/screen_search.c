/* The search over layers and channels, and the way back from where it or a weight has led. */
#include <string.h>

#include "base/alloc.h"
#include "ui/screen_private.h"

enum { MOST_HITS = 200 };

/* ---- the search ---- */

void fs_screen_search(fs_screen *screen) {
    fs_search_view *view = &screen->search;
    const fs_model *model = screen->model->model;
    fs_error err = {0};
    bool *searched = fs_calloc((size_t)model->n_layers, sizeof *searched);
    fs_search_free(&view->hits);
    view->list = (fs_list){.selected = -1};
    for (int i = 0; searched != NULL && i < screen->n_rows; i++)
        if (screen->rows[i].layer >= 0)
            searched[screen->rows[i].layer] = true;
    if (searched == NULL ||
        fs_search_find(&view->hits, model, searched, view->field.text, MOST_HITS, &err) != FS_OK)
        fs_screen_say(screen, true, "Out of memory.");
    else if (view->hits.n > 0)
        view->list.selected = 0;
    fs_free(searched);
}

/* With the words of the last time, selected: typing replaces them. */
void fs_screen_open_search(fs_screen *screen) {
    if (screen->model == NULL)
        return;
    fs_search_view *view = &screen->search;
    view->open = true;
    view->field.anchor = 0;
    view->field.cursor = strlen(view->field.text);
    fs_screen_search(screen);
    fs_ui_give_focus(&screen->ui, FS_UI_ID(FS_ID_SEARCH, 0));
}

void fs_screen_close_search(fs_screen *screen) {
    fs_search_view *view = &screen->search;
    view->open = false;
    fs_search_free(&view->hits);
    view->list = (fs_list){.selected = -1};
}

void fs_screen_open_hit(fs_screen *screen, int hit) {
    const fs_search_view *view = &screen->search;
    if (hit < 0 || hit >= view->hits.n)
        return;
    const fs_search_hit chosen = view->hits.items[hit];
    fs_screen_close_search(screen);
    (void)fs_screen_go(screen, chosen.layer, chosen.channel);
}

/* ---- there and back ---- */

static void remember(fs_screen *screen) {
    const fs_place place = {screen->layer, screen->channel, screen->view.open};
    if (screen->n_history == FS_HISTORY) {
        memmove(&screen->history[0], &screen->history[1], (FS_HISTORY - 1) * sizeof screen->history[0]);
        screen->n_history--;
    }
    screen->history[screen->n_history++] = place;
}

static void show(fs_screen *screen, const fs_place *place) {
    fs_screen_select_layer(screen, place->layer);
    if (place->open) {
        fs_screen_open_channel(screen, place->channel);
        return;
    }
    screen->focus = FS_FOCUS_WALL;
    fs_screen_select_channel(screen, place->channel);
}

bool fs_screen_go(fs_screen *screen, int layer, int channel) {
    const fs_place place = {layer, channel < 0 ? 0 : channel, channel >= 0};
    if (layer < 0 || fs_screen_row_of_layer(screen, layer) < 0)
        return false;
    remember(screen);
    show(screen, &place);
    return true;
}

void fs_screen_go_back(fs_screen *screen) {
    if (screen->n_history == 0) {
        fs_screen_say(screen, false, "There is no way back from here: no search or weight has led here");
        return;
    }
    const fs_place place = screen->history[--screen->n_history];
    show(screen, &place);
}
