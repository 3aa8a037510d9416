#include "app/examples_find.h"

#include <inttypes.h>
#include <stdio.h>

#include "app/cache_folder.h"
#include "app/terminal.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "viz/examples_cache.h"

static void say_skipped(void *context, const char *path, const char *why) {
    (void)context;
    (void)path; /* the reason names it */
    fs_terminal_clear();
    fprintf(stderr, "filterscope: %s\n", why);
}

/* ~/.cache/filterscope/examples-KEY; NULL where there can be none. */
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

static void save(const fs_examples *examples, uint64_t key, const char *path) {
    char *folder = NULL;
    fs_error err = {0};
    fs_status status = fs_cache_folder(&folder, &err);
    if (status == FS_OK)
        status = fs_make_folder(folder, &err);
    if (status == FS_OK)
        status = fs_examples_save(examples, key, path, &err);
    if (status != FS_OK)
        fprintf(stderr, "filterscope: the examples are not kept: %s\n", err.message);
    fs_free(folder);
}

static void say_earlier_skips(const fs_examples *examples, const fs_folder *folder) {
    for (int i = 0; i < fs_examples_done(examples); i++)
        if (fs_examples_skipped(examples, i))
            fprintf(stderr, "filterscope: %s: skipped, it could not be used\n", folder->files[i].path);
}

fs_status fs_examples_find(fs_examples **out, const fs_call *call, const fs_examples_search *s,
                           fs_error *err) {
    uint64_t key = 0;
    fs_examples *examples = NULL;
    char *path = cache_path(s, &key);
    int n = s->folder->n_files;
    fs_status status = FS_OK;
    if (path && fs_examples_load(&examples, s->activation, n, key, path, NULL) == FS_OK)
        say_earlier_skips(examples, s->folder);
    else
        status = fs_examples_create(&examples, s->activation, n, err);
    if (status == FS_OK && fs_examples_done(examples) < n) {
        fs_examples_watch watch = {.progress = &call->progress, .skipped = say_skipped};
        status = fs_examples_run(examples, s->activation, s->folder, s->pool, &watch, err);
        fs_terminal_clear();
        if (path && (status == FS_OK || status == FS_ERROR_CANCELLED))
            save(examples, key, path);
    }
    if (status == FS_OK && fs_examples_used(examples) == 0)
        status = fs_fail(err, FS_ERROR_FORMAT, "none of the %d pictures can be used", n);
    fs_free(path);
    if (status == FS_OK)
        *out = examples;
    else
        fs_examples_destroy(examples);
    return status;
}
