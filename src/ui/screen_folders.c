/* Exports that fill a folder: asked of the worker, followed, stopped. */
#include <stdio.h>

#include "ui/screen_private.h"

bool fs_screen_can_fill_folder(const fs_screen *screen) {
    return screen->model != NULL && screen->folder.generation == 0;
}

static void begin(fs_screen *screen, fs_folder_kind what, const char *name) {
    char path[2 * FS_OPTION_TEXT_SIZE];
    fs_screen_export_path(screen, name, path, sizeof path);
    const fs_folder_request request = {.model = screen->model,
                                       .what = what,
                                       .layer = screen->layer,
                                       .folder = path,
                                       .seed = screen->options.seed};
    screen->folder.done = screen->folder.total = 0;
    screen->folder.begun = fs_seconds();
    screen->folder.generation = fs_worker_fill_folder(screen->worker, &request);
    if (screen->folder.generation == 0)
        fs_screen_say(screen, true, "%s: out of memory", path);
    fs_damage_all(&screen->damage);
}

/* Says why not. */
static bool may_begin(fs_screen *screen) {
    if (screen->model == NULL)
        fs_screen_say(screen, false, "Open a model first");
    else if (screen->folder.generation != 0)
        fs_screen_say(screen, false, "%s is being exported: cancel it, or wait for it", screen->folder.what);
    return fs_screen_can_fill_folder(screen);
}

void fs_screen_export_atlas(fs_screen *screen) {
    char name[FS_OPTION_TEXT_SIZE];
    if (!may_begin(screen))
        return;
    const fs_layer *layer = fs_screen_layer(screen);
    snprintf(screen->folder.what, sizeof screen->folder.what, "Atlas of %.40s", layer->name);
    snprintf(name, sizeof name, "%.80s-%.120s-atlas", screen->model->model->name, layer->name);
    begin(screen, FS_FOLDER_ATLAS_LAYER, name);
}

void fs_screen_export_network(fs_screen *screen) {
    char name[FS_OPTION_TEXT_SIZE];
    if (!may_begin(screen))
        return;
    snprintf(screen->folder.what, sizeof screen->folder.what, "Atlas of the network");
    snprintf(name, sizeof name, "%.80s-atlas", screen->model->model->name);
    begin(screen, FS_FOLDER_ATLAS_NETWORK, name);
}

void fs_screen_export_gabor(fs_screen *screen) {
    char name[FS_OPTION_TEXT_SIZE];
    if (!may_begin(screen))
        return;
    snprintf(screen->folder.what, sizeof screen->folder.what, "Gabor report");
    snprintf(name, sizeof name, "%.80s-gabor", screen->model->model->name);
    begin(screen, FS_FOLDER_GABOR, name);
}

void fs_screen_stop_folder(fs_screen *screen) {
    fs_worker_stop_folders(screen->worker);
}

bool fs_screen_folder_event(fs_screen *screen, const fs_event *event) {
    fs_folder_state *folder = &screen->folder;
    if (event->generation != folder->generation)
        return false;
    if (event->kind == FS_EVENT_PROGRESS) {
        folder->done = event->done;
        folder->total = event->total;
        fs_damage_add(&screen->damage, fs_screen_layout(screen).status);
        return true;
    }
    folder->generation = 0;
    if (event->kind == FS_EVENT_SAVED)
        fs_screen_say(screen, false, "%s: saved in %s", folder->what, event->path);
    else if (event->error.code == FS_ERROR_CANCELLED)
        fs_screen_say(screen, false, "%s: cancelled; what was finished is kept", folder->what);
    else
        fs_screen_say(screen, true, "%s", event->error.message);
    return true;
}
