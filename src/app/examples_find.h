/* The examples of a layer over a folder: from the cache, or looked for and put there.
 *
 *     fs_examples_search search = {.model = model, .layer = layer, .folder = folder, .activation =
 * activation}; fs_examples_begin(&examples, &search, &cache, &err); status = fs_examples_run(examples,
 * activation, folder, pool, &watch, &err); if (fs_examples_keep(examples, &cache, &err) != FS_OK) ...      //
 * done without fs_examples_cache_free(&cache);
 *
 * A cache that cannot be read is made anew. A cancelled search that is kept continues the next time. */
#ifndef FS_APP_EXAMPLES_FIND_H
#define FS_APP_EXAMPLES_FIND_H

#include "viz/examples.h"

/* "top", "bottom", "threshold", in the order of fs_examples_which; ended by a NULL. */
extern const char *const fs_examples_whiches[];

typedef struct fs_examples_search {
    const fs_model *model;
    const fs_layer *layer;
    const fs_folder *folder;
    const fs_activation *activation;
    bool no_cache; /* neither read nor written */
} fs_examples_search;

/* Where the examples are kept between runs of the program. */
typedef struct fs_examples_cache {
    char *path; /* ~/.cache/filterscope/examples-KEY; NULL where there can be none */
    uint64_t key;
    int kept; /* pictures looked at in what is on disk now; -1: nothing is */
} fs_examples_cache;

/* *cache is filled in whatever the outcome. */
fs_status fs_examples_begin(fs_examples **out, const fs_examples_search *search, fs_examples_cache *cache,
                            fs_error *err);
/* Nothing to do where everything is on disk already. */
fs_status fs_examples_keep(const fs_examples *examples, fs_examples_cache *cache, fs_error *err);
void fs_examples_cache_free(fs_examples_cache *cache);

/* An error when no picture at all could be used. */
fs_status fs_examples_check(const fs_examples *examples, const fs_folder *folder, fs_error *err);

#endif
