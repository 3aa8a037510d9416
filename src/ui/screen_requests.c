/* What the screen asks of the worker: the wall in the order it is looked at, the open channel, exports. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "report/caption.h"
#include "ui/screen_private.h"

enum { THUMB_STEPS = 64, MIN_URGENT_BATCHES = 2 };

/* Layers that see little are shown enlarged; layers that see much need the room. */
static int thumb_size(const fs_layer *layer) {
    int field = layer->field.size;
    return field > 0 && field <= 32 ? 64 : field > 0 && field <= 100 ? 80 : 96;
}

/* The side at which a network with a fixed input can be run. */
static int native_size(const fs_model *model) {
    return model->preprocess.height > 0 ? model->preprocess.height : 224;
}

/* About as many pixels in a batch whatever their size. */
static int batch_of(int size) {
    int batch = (int)lround(8 * 64.0 * 64.0 / ((double)size * size) + 1);
    return batch < 2 ? 1 : batch > 8 ? 8 : batch;
}

fs_render_settings fs_screen_settings(const fs_screen *screen, int layer, int channel) {
    const fs_model *model = screen->model->model;
    fs_render_settings settings;
    memset(&settings, 0, sizeof settings);
    fs_options_defaults(fs_render_options, &settings);
    snprintf(settings.layer, sizeof settings.layer, "%s", model->layers[layer].name);
    settings.channel = channel;
    settings.seed = screen->options.seed;
    const fs_layer *logits = fs_model_logits(model);
    bool is_score = logits != NULL && model->layers[layer].value == logits->value;
    snprintf(settings.objective, sizeof settings.objective, "%s", is_score ? "logit" : "channel");
    return settings;
}

/* The unfinished channels: those on the screen, those below, those above. Returns how many. */
static int order_channels(const fs_screen *screen, int first, int *out) {
    int n = 0, count = fs_screen_layer(screen)->channels;
    for (int i = 0; i < count; i++) {
        int channel = (first + i) % count;
        if (!fs_thumbs_finished(screen->thumbs, screen->layer, channel))
            out[n++] = channel;
    }
    return n;
}

/* As the wall shows the channel; a layer that small pictures do not reach is rendered at the model's size. */
fs_render_settings fs_screen_thumb_settings(const fs_screen *screen, int layer, int channel) {
    const fs_model *model = screen->model->model;
    fs_render_settings settings = fs_screen_settings(screen, layer, channel);
    settings.steps = THUMB_STEPS;
    settings.size = screen->full_size[layer] ? native_size(model) : thumb_size(&model->layers[layer]);
    return settings;
}

static void send_wall(fs_screen *screen, int first, int last) {
    int count = fs_screen_layer(screen)->channels;
    int *channels = fs_alloc_array((size_t)count, sizeof *channels);
    if (channels == NULL)
        return;
    fs_wall_request request = {.model = screen->model, .layer = screen->layer, .channels = channels};
    request.settings = fs_screen_thumb_settings(screen, screen->layer, 0);
    request.batch = batch_of(request.settings.size);
    request.n_channels = order_channels(screen, first, channels);
    /* A batch a little off the screen is still worth finishing. */
    int urgent = last - first, least = MIN_URGENT_BATCHES * request.batch;
    urgent = urgent > least ? urgent : least;
    request.n_urgent = urgent < request.n_channels ? urgent : request.n_channels;
    screen->wall.generation = request.n_channels > 0 ? fs_worker_wall(screen->worker, &request) : 0;
    fs_free(channels);
}

void fs_screen_request_wall(fs_screen *screen) {
    if (screen->model == NULL || screen->hopeless[screen->layer] || screen->finetune.open)
        return;
    fs_layout layout = fs_screen_layout(screen);
    int count = fs_screen_layer(screen)->channels, first, last;
    fs_wall_grid grid = fs_screen_grid(screen);
    fs_wall_grid_visible(&grid, screen->wall_offset, layout.body.h, &first, &last);
    first *= grid.columns;
    last = last * grid.columns < count ? last * grid.columns : count;
    fs_wall_state *wall = &screen->wall;
    bool full_size = screen->full_size[screen->layer];
    if (wall->layer == screen->layer && wall->first == first && wall->last == last &&
        wall->full_size == full_size)
        return;
    if (wall->layer != screen->layer)
        wall->rate = 0;
    wall->layer = screen->layer;
    wall->first = first;
    wall->last = last;
    wall->full_size = full_size;
    send_wall(screen, first, last);
}

void fs_screen_send_view(fs_screen *screen) {
    fs_view_request request = {
        .model = screen->model, .layer = screen->layer, .settings = screen->view.settings};
    screen->view.generation = fs_worker_view(screen->worker, &request);
    screen->view.received = screen->view.paused = false;
    if (screen->view.generation == 0)
        fs_screen_say(screen, true, "The picture: out of memory");
}

static const fs_kept_view *find_kept(const fs_screen *screen) {
    for (int i = 0; i < FS_KEPT_VIEWS; i++) {
        const fs_kept_view *kept = &screen->kept[i];
        if (kept->picture != NULL && kept->picture->layer == screen->layer &&
            kept->picture->channel == screen->channel &&
            fs_options_equal(fs_render_options, &kept->settings, &screen->view.settings))
            return kept;
    }
    return NULL;
}

bool fs_screen_show_kept(fs_screen *screen) {
    fs_channel_view *view = &screen->view;
    const fs_kept_view *kept = find_kept(screen);
    if (kept == NULL)
        return false;
    if (view->generation != 0)
        fs_worker_stop_view(screen->worker);
    view->generation = 0;
    view->paused = false;
    fs_picture *before = view->picture;
    view->picture = fs_picture_keep(kept->picture);
    fs_picture_release(before);
    view->curve = kept->curve;
    return true;
}

/* The channel with the settings as they were last chosen. */
static fs_render_settings view_settings(const fs_screen *screen) {
    fs_render_settings own = fs_screen_settings(screen, screen->layer, screen->channel);
    fs_render_settings settings = screen->feature.settings;
    memcpy(settings.layer, own.layer, sizeof settings.layer);
    memcpy(settings.objective, own.objective, sizeof settings.objective);
    settings.channel = own.channel;
    if (screen->full_size[screen->layer])
        settings.size = native_size(screen->model->model);
    return settings;
}

void fs_screen_open_channel(fs_screen *screen, int channel) {
    const bool behind = screen->picture.open || (screen->view.open && screen->picture.behind);
    fs_screen_close_views(screen);
    screen->picture.behind = behind;
    fs_screen_select_channel(screen, channel);
    screen->view.open = true;
    screen->focus = FS_FOCUS_WALL;
    screen->view.settings = view_settings(screen);
    fs_screen_show_settings(screen);
    if (!fs_screen_show_kept(screen))
        fs_screen_send_view(screen);
}

bool fs_screen_retry_view(fs_screen *screen) {
    int size = native_size(screen->model->model);
    if (screen->view.settings.size == size || screen->view.received)
        return false;
    screen->view.settings.size = size;
    fs_screen_show_settings(screen);
    fs_screen_send_view(screen);
    return true;
}

void fs_screen_close_channel(fs_screen *screen) {
    fs_channel_view *view = &screen->view;
    if (view->generation != 0)
        fs_worker_stop_view(screen->worker);
    fs_screen_drop_panels(screen);
    fs_picture_release(view->picture);
    fs_picture_release(view->surface_of);
    cairo_surface_destroy(view->surface); /* NULL is fine */
    memset(view, 0, sizeof *view);
}

void fs_screen_keep_view(fs_screen *screen) {
    if (screen->view.picture == NULL || find_kept(screen) != NULL)
        return;
    fs_kept_view *kept = &screen->kept[screen->next_kept];
    screen->next_kept = (screen->next_kept + 1) % FS_KEPT_VIEWS;
    fs_picture_release(kept->picture);
    kept->picture = fs_picture_keep(screen->view.picture);
    kept->settings = screen->view.settings;
    kept->curve = screen->view.curve;
}

void fs_screen_drop_views(fs_screen *screen) {
    for (int i = 0; i < FS_KEPT_VIEWS; i++)
        fs_picture_release(screen->kept[i].picture);
    memset(screen->kept, 0, sizeof screen->kept);
    screen->next_kept = 0;
}

/* Names of layers come from files: what is not plain becomes '-', so that they stay inside the folder. */
static void make_plain(char *name) {
    for (char *c = name; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && strchr("._-", *c) == NULL)
            *c = '-';
    if (name[0] == '.')
        name[0] = '-';
}

void fs_screen_export_path(const fs_screen *screen, const char *name, char *path, size_t size) {
    const char *folder = screen->options.export_folder;
    char plain[FS_OPTION_TEXT_SIZE];
    snprintf(plain, sizeof plain, "%s", name);
    make_plain(plain);
    snprintf(path, size, "%s%s%s", folder != NULL ? folder : "", folder != NULL ? "/" : "", plain);
}

void fs_screen_export(fs_screen *screen) {
    if (screen->gabor.open) {
        fs_screen_export_kernel(screen);
        return;
    }
    if (!screen->view.open || screen->view.picture == NULL) {
        fs_screen_say(screen, false, "Open a channel first: its picture is what is exported");
        return;
    }
    char name[FS_OPTION_TEXT_SIZE], path[2 * FS_OPTION_TEXT_SIZE];
    snprintf(name, sizeof name, "%.80s-%.120s-%d.png", screen->model->model->name,
             fs_screen_layer(screen)->name, screen->channel);
    fs_screen_export_path(screen, name, path, sizeof path);
    fs_export_request request = {.model = screen->model,
                                 .picture = screen->view.picture,
                                 .settings = screen->view.settings,
                                 .path = path};
    request.settings.steps = screen->view.picture->steps;
    if (fs_worker_export(screen->worker, &request) == 0)
        fs_screen_say(screen, true, "%s: out of memory", path);
}
