/* The examples of a layer over a folder: from the cache, or looked for and put there.
 *
 * A cache that cannot be read is made anew, one that cannot be written is said on stderr and done without. A
 * cancelled search is kept in the cache and continued the next time. */
#ifndef FS_APP_EXAMPLES_FIND_H
#define FS_APP_EXAMPLES_FIND_H

#include "app/command.h"
#include "viz/examples.h"

typedef struct fs_examples_search {
    const fs_model *model;
    const fs_layer *layer;
    const fs_folder *folder;
    fs_activation *activation;
    fs_pool *pool;
    bool no_cache; /* neither read nor written */
} fs_examples_search;

fs_status fs_examples_find(fs_examples **out, const fs_call *call, const fs_examples_search *search,
                           fs_error *err);

#endif
