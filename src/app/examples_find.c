#include "app/examples_find.h"

#include <inttypes.h>
#include <string.h>

#include "app/user_folders.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "viz/examples_cache.h"

const char *const fs_examples_whiches[] = {"top", "bottom", "threshold", NULL};

static char *cache_path(const fs_examples_search *s, uint64_t *key) {
    char *folder = NULL;
    fs_text path = {0};
    if (s->no_cache || fs_examples_key(key, s->model, s->layer, s->folder, NULL) != FS_OK ||
        fs_cache_folder(&folder, NULL) != FS_OK)
        return NULL;
    fs_text_add(&path, "%s/examples-%016" PRIx64, folder, *key);
    fs_free(folder);
    if (!fs_text_broken(&path))
        return path.bytes;
    fs_text_free(&path);
    return NULL;
}

fs_status fs_examples_begin(fs_examples **out, const fs_examples_search *s, fs_examples_cache *cache,
                            fs_error *err) {
    *cache = (fs_examples_cache){.kept = -1};
    cache->path = cache_path(s, &cache->key);
    int n = s->folder->n_files;
    if (cache->path && fs_examples_load(out, s->activation, n, cache->key, cache->path, NULL) == FS_OK) {
        cache->kept = fs_examples_done(*out);
        return FS_OK;
    }
    return fs_examples_create(out, s->activation, n, err);
}

fs_status fs_examples_keep(const fs_examples *examples, fs_examples_cache *cache, fs_error *err) {
    char *folder = NULL;
    if (!cache->path || cache->kept == fs_examples_done(examples))
        return FS_OK;
    fs_status status = fs_cache_folder(&folder, err);
    if (status == FS_OK)
        status = fs_make_folder(folder, err);
    if (status == FS_OK)
        status = fs_examples_save(examples, cache->key, cache->path, err);
    if (status == FS_OK)
        cache->kept = fs_examples_done(examples);
    fs_free(folder);
    return status;
}

void fs_examples_cache_free(fs_examples_cache *cache) {
    fs_free(cache->path);
    memset(cache, 0, sizeof *cache);
}

fs_status fs_examples_check(const fs_examples *examples, const fs_folder *folder, fs_error *err) {
    if (fs_examples_used(examples) > 0)
        return FS_OK;
    return fs_fail(err, FS_ERROR_FORMAT, "none of the %d pictures can be used", folder->n_files);
}
