#include "viz/atlas.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "engine/concepts.h"
#include "viz/atlas_private.h"

static fs_status check_request(const fs_atlas_request *request, fs_error *err) {
    if (request->folder == NULL || request->folder[0] == '\0')
        return fs_fail(err, FS_ERROR_ARGUMENT, "an atlas needs a folder");
    if (!fs_render_is_simple(&request->render) || strcmp(request->render.objective, "deepdream") == 0)
        return fs_fail(err, FS_ERROR_ARGUMENT,
                       "objective '%.80s' is the same for every channel: an atlas needs one of a channel",
                       request->render.objective);
    if (request->render.variants != 1)
        return fs_fail(err, FS_ERROR_ARGUMENT, "an atlas has one picture of a channel, no variants");
    return FS_OK;
}

fs_status fs_atlas_create(fs_atlas **out, const fs_model *model, const fs_atlas_request *request,
                          fs_error *err) {
    fs_status status = check_request(request, err);
    if (status != FS_OK)
        return status;
    fs_atlas *atlas = fs_calloc(1, sizeof *atlas);
    if (atlas == NULL)
        return fs_fail_memory(err, "an atlas");
    atlas->model = model;
    atlas->request = *request;
    status = fs_render_resolve(&atlas->request.render, err);
    if (status != FS_OK) {
        fs_free(atlas);
        return status;
    }
    atlas->folder = fs_strdup(request->folder);
    atlas->fingerprint = fs_strdup(request->fingerprint != NULL ? request->fingerprint : "");
    if (atlas->folder == NULL || atlas->fingerprint == NULL) {
        fs_atlas_destroy(atlas);
        return fs_fail_memory(err, "an atlas");
    }
    size_t length = strlen(atlas->folder);
    while (length > 1 && atlas->folder[length - 1] == '/')
        atlas->folder[--length] = '\0';
    atlas->request.folder = atlas->folder;
    atlas->request.fingerprint = atlas->fingerprint;
    *out = atlas;
    return FS_OK;
}

void fs_atlas_destroy(fs_atlas *atlas) {
    if (atlas == NULL)
        return;
    for (int i = 0; i < atlas->n_layers; i++) {
        fs_free(atlas->layers[i].folder);
        fs_free(atlas->layers[i].tiles);
    }
    fs_free(atlas->layers);
    fs_free(atlas->folder);
    fs_free(atlas->fingerprint);
    fs_free(atlas);
}

/* ---- layers and tiles ---- */

fs_status fs_atlas_entry(fs_atlas_layer **out, fs_atlas *atlas, const fs_layer *layer, fs_error *err) {
    int at = 0;
    while (at < atlas->n_layers && atlas->layers[at].layer < layer)
        at++;
    if (at == atlas->n_layers || atlas->layers[at].layer != layer) {
        size_t n = (size_t)atlas->n_layers;
        fs_atlas_layer made = {.layer = layer, .folder = fs_atlas_safe_name(atlas->model, layer)};
        fs_atlas_layer *grown = fs_realloc(atlas->layers, n * sizeof *grown, (n + 1) * sizeof *grown);
        if (grown != NULL)
            atlas->layers = grown;
        if (grown == NULL || made.folder == NULL) {
            fs_free(made.folder);
            return fs_fail_memory(err, layer->name);
        }
        memmove(grown + at + 1, grown + at, (n - (size_t)at) * sizeof *grown);
        grown[at] = made;
        atlas->n_layers++;
    }
    *out = &atlas->layers[at];
    return FS_OK;
}

fs_status fs_atlas_merge(fs_atlas_layer *entry, const bool *wanted, fs_error *err) {
    int channels = entry->layer->channels, kept = 0, n = 0;
    fs_atlas_tile *merged = fs_calloc((size_t)channels, sizeof *merged);
    if (merged == NULL)
        return fs_fail_memory(err, entry->layer->name);
    for (int c = 0; c < channels; c++) {
        if (kept < entry->n_tiles && entry->tiles[kept].channel == c)
            merged[n++] = entry->tiles[kept++];
        else if (wanted[c])
            merged[n++] = (fs_atlas_tile){.channel = c, .objective = NAN};
    }
    fs_free(entry->tiles);
    entry->tiles = merged;
    entry->n_tiles = n;
    return FS_OK;
}

/* Found out before hours of work rather than in their middle. */
static fs_status check_renders(const fs_atlas *atlas, const fs_layer *layer, fs_error *err) {
    fs_render_settings settings = atlas->request.render;
    fs_render *render = NULL;
    if (strlen(layer->name) >= sizeof settings.layer)
        return fs_fail(err, FS_ERROR_LIMIT, "layer '%.60s...': its name is too long", layer->name);
    snprintf(settings.layer, sizeof settings.layer, "%s", layer->name);
    settings.channel = 0;
    fs_status status = fs_render_create(&render, atlas->model, &settings, NULL, 1, NULL, err);
    fs_render_destroy(status == FS_OK ? render : NULL);
    return status;
}

fs_status fs_atlas_add(fs_atlas *atlas, const fs_layer *layer, const char *channels, int at_most,
                       fs_error *err) {
    fs_atlas_layer *entry = NULL;
    if (layer->channels < 1)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "layer '%s' has no channels", layer->name);
    bool *wanted = fs_calloc((size_t)layer->channels, sizeof *wanted);
    if (wanted == NULL)
        return fs_fail_memory(err, layer->name);
    fs_status status = fs_atlas_choose(wanted, layer->channels, channels, at_most, err);
    if (status != FS_OK)
        fs_error_prefix(err, status, "layer '%s'", layer->name);
    if (status == FS_OK)
        status = check_renders(atlas, layer, err);
    if (status == FS_OK)
        status = fs_atlas_entry(&entry, atlas, layer, err);
    if (status == FS_OK)
        status = fs_atlas_merge(entry, wanted, err);
    fs_free(wanted);
    return status;
}

/* ---- what it is made of ---- */

int fs_atlas_layers(const fs_atlas *atlas, const fs_atlas_layer **out) {
    *out = atlas->layers;
    return atlas->n_layers;
}

const fs_atlas_request *fs_atlas_get_request(const fs_atlas *atlas) {
    return &atlas->request;
}

const fs_model *fs_atlas_model(const fs_atlas *atlas) {
    return atlas->model;
}

int fs_atlas_count(const fs_atlas *atlas, fs_atlas_state state) {
    int n = 0;
    for (int l = 0; l < atlas->n_layers; l++)
        for (int t = 0; t < atlas->layers[l].n_tiles; t++)
            n += atlas->layers[l].tiles[t].state == state;
    return n;
}

char *fs_atlas_path(const fs_atlas *atlas, const char *name) {
    size_t size = strlen(atlas->folder) + strlen(name) + 2;
    char *path = fs_alloc(size);
    if (path != NULL)
        snprintf(path, size, "%s/%s", atlas->folder, name);
    return path;
}

char *fs_atlas_tile_name(const fs_atlas_layer *layer, int channel) {
    size_t size = strlen(layer->folder) + 32;
    char *name = fs_alloc(size);
    if (name != NULL)
        snprintf(name, size, "%s/%04d.png", layer->folder, channel);
    return name;
}

char *fs_atlas_tile_path(const fs_atlas *atlas, const fs_atlas_layer *layer, int channel) {
    char *name = fs_atlas_tile_name(layer, channel);
    char *path = name != NULL ? fs_atlas_path(atlas, name) : NULL;
    fs_free(name);
    return path;
}

const char *fs_atlas_concept(const fs_atlas *atlas, const fs_atlas_layer *layer, int channel) {
    const fs_model *model = atlas->model;
    bool named = channel < model->n_labels && fs_atlas_shows_classes(model, layer->layer);
    const fs_concept *concept = fs_layer_concept(layer->layer, channel);
    return named ? model->labels[channel] : concept ? concept->name : NULL;
}

bool fs_atlas_exists(const char *folder) {
    char path[PATH_MAX]; /* longer ones cannot exist */
    const int length = snprintf(path, sizeof path, "%s/index.json", folder);
    return length < (int)sizeof path && fs_file_exists(path);
}
