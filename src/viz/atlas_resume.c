/* What a folder holds already. */
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "viz/atlas_private.h"

/* Only a tile that is whole and was made with the job's parameters is done; one that is not whole will be
 * drawn again. */
static fs_status look_at_tile(const fs_atlas *atlas, const fs_atlas_layer *layer, fs_atlas_tile *tile,
                              const char *path, fs_error *err) {
    const fs_atlas_store *store = &atlas->request.store;
    fs_render_settings found;
    double objective = 0;
    fs_status status = store->read(store->context, &found, &objective, path, err);
    if (status == FS_ERROR_FORMAT)
        return FS_OK;
    if (status != FS_OK)
        return status;
    status = fs_atlas_check_settings(atlas, &found, true, err);
    if (status == FS_OK && (found.channel != tile->channel || strcmp(found.layer, layer->layer->name) != 0))
        status =
            fs_fail(err, FS_ERROR_ARGUMENT, "is channel %d of layer '%.60s'", found.channel, found.layer);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s", path);
    tile->state = FS_ATLAS_DRAWN;
    tile->objective = objective;
    tile->rate = found.rate;
    return FS_OK;
}

static fs_status look_at_layer(const fs_atlas *atlas, fs_atlas_layer *layer, fs_error *err) {
    fs_status status = FS_OK;
    for (int t = 0; t < layer->n_tiles && status == FS_OK; t++) {
        if (layer->tiles[t].state != FS_ATLAS_OPEN)
            continue;
        char *path = fs_atlas_tile_path(atlas, layer, layer->tiles[t].channel);
        if (path == NULL)
            return fs_fail_memory(err, "an atlas");
        if (fs_file_exists(path))
            status = look_at_tile(atlas, layer, &layer->tiles[t], path, err);
        fs_free(path);
    }
    return status;
}

/* The names base/file.c gives while it writes. */
static bool is_temporary(const char *name) {
    size_t length = strlen(name);
    return length > 8 && strncmp(name, ".fs-", 4) == 0 && strcmp(name + length - 4, ".tmp") == 0;
}

/* A process that was killed could not do it itself. */
static void remove_leftovers(const char *folder) {
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (is_temporary(entry->d_name))
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
}

fs_status fs_atlas_resume(fs_atlas *atlas, fs_error *err) {
    fs_status status = fs_atlas_index_read(atlas, err);
    for (int l = 0; l < atlas->n_layers && status == FS_OK; l++)
        status = look_at_layer(atlas, &atlas->layers[l], err);
    if (status != FS_OK)
        return status;
    remove_leftovers(atlas->folder);
    for (int l = 0; l < atlas->n_layers; l++) {
        char *folder = fs_atlas_path(atlas, atlas->layers[l].folder);
        if (folder == NULL)
            return fs_fail_memory(err, "an atlas");
        remove_leftovers(folder);
        fs_free(folder);
    }
    return FS_OK;
}
