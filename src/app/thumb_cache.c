#include "app/thumb_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/tile_store.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

struct fs_thumb_cache {
    char *folder; /* of the model */
    fs_atlas_store store;
};

/* A file of the program itself has neither time nor size: the version stands for both. */
static uint64_t fingerprint(const fs_model *model) {
    const fs_preprocess *p = &model->preprocess;
    uint64_t h = fs_hash_bytes(FS_HASH_START, FS_VERSION, sizeof FS_VERSION);
    char *whole = realpath(model->path, NULL);
    const char *path = whole != NULL ? whole : model->path;
    struct stat about;
    h = fs_hash_bytes(h, path, strlen(path));
    if (stat(path, &about) == 0) {
        h = fs_hash_bytes(h, &about.st_size, sizeof about.st_size);
        h = fs_hash_bytes(h, &about.st_mtim.tv_sec, sizeof about.st_mtim.tv_sec);
        h = fs_hash_bytes(h, &about.st_mtim.tv_nsec, sizeof about.st_mtim.tv_nsec);
    }
    const int numbers[] = {p->height, p->width, (int)p->order, model->n_layers};
    h = fs_hash_bytes(h, numbers, sizeof numbers);
    h = fs_hash_bytes(h, &p->range, sizeof p->range);
    h = fs_hash_bytes(h, p->mean, sizeof p->mean);
    h = fs_hash_bytes(h, p->std, sizeof p->std);
    free(whole); /* realpath's */
    return h;
}

fs_status fs_thumb_cache_open(fs_thumb_cache **out, const char *folder, fs_model *model, fs_error *err) {
    fs_thumb_cache *cache = fs_calloc(1, sizeof *cache);
    fs_text path = {0};
    fs_text_add(&path, "%s/thumbs/%016llx", folder, (unsigned long long)fingerprint(model));
    if (cache == NULL || fs_text_broken(&path)) {
        fs_free(cache);
        fs_text_free(&path);
        return fs_fail_memory(err, "the thumbnails on disk");
    }
    cache->folder = path.bytes;
    cache->store = fs_tile_store(model);
    *out = cache;
    return FS_OK;
}

void fs_thumb_cache_close(fs_thumb_cache *cache) {
    if (cache == NULL)
        return;
    fs_free(cache->folder);
    fs_free(cache);
}

/* false: memory is short */
static bool path_of(const fs_thumb_cache *cache, int layer, const fs_render_settings *s, fs_text *out) {
    fs_text_add(out, "%s/%04d/%05d-%d-%d.png", cache->folder, layer, s->channel, s->size, s->steps);
    return !fs_text_broken(out);
}

static bool read_file(const fs_thumb_cache *cache, const char *path, const fs_render_settings *settings,
                      fs_image *image, double *objective) {
    fs_render_settings stored, wanted = *settings; /* what is left to the program is written out in a file */
    memset(&stored, 0, sizeof stored);
    return fs_file_exists(path) && fs_render_resolve(&wanted, NULL) == FS_OK &&
           cache->store.read(cache->store.context, &stored, objective, path, NULL) == FS_OK &&
           fs_options_equal(fs_render_options, &stored, &wanted) && fs_image_read(image, path, NULL) == FS_OK;
}

bool fs_thumb_cache_read(const fs_thumb_cache *cache, int layer, const fs_render_settings *settings,
                         fs_image *image, double *objective) {
    fs_text path = {0};
    const bool there =
        path_of(cache, layer, settings, &path) && read_file(cache, path.bytes, settings, image, objective);
    fs_text_free(&path);
    return there;
}

void fs_thumb_cache_write(const fs_thumb_cache *cache, int layer, const fs_render_settings *settings,
                          const fs_image *image, double objective) {
    fs_text path = {0};
    if (path_of(cache, layer, settings, &path)) {
        char *name = strrchr(path.bytes, '/');
        *name = '\0';
        const bool folder = fs_make_folder(path.bytes, NULL) == FS_OK;
        *name = '/';
        if (folder)
            (void)cache->store.write(cache->store.context, settings, objective, image, path.bytes, NULL);
    }
    fs_text_free(&path);
}
