/* What the files of the atlas share. */
#ifndef FS_VIZ_ATLAS_PRIVATE_H
#define FS_VIZ_ATLAS_PRIVATE_H

#include "viz/atlas.h"

struct fs_atlas {
    const fs_model *model;
    fs_atlas_request request;
    char *folder, *fingerprint;
    fs_atlas_layer *layers;
    int n_layers;
};

enum { FS_ATLAS_RETRIES = 3 };

/* Marks channels in wanted[0,n_channels). */
fs_status fs_atlas_choose(bool *wanted, int n_channels, const char *channels, int at_most, fs_error *err);

/* The layer's entry, made when it has none; entries move when one is made. */
fs_status fs_atlas_entry(fs_atlas_layer **out, fs_atlas *atlas, const fs_layer *layer, fs_error *err);
/* Merges wanted channels into the tiles. */
fs_status fs_atlas_merge(fs_atlas_layer *entry, const bool *wanted, fs_error *err);

/* The layer's name with what file systems or shells may refuse replaced; no two layers get the same. fs_free.
 */
char *fs_atlas_safe_name(const fs_model *model, const fs_layer *layer);

/* The layer's channels are the classes: nothing but pooling, reshaping and activation functions follows it.
 */
bool fs_atlas_shows_classes(const fs_model *model, const fs_layer *layer);

char *fs_atlas_path(const fs_atlas *atlas, const char *name); /* FOLDER/name; fs_free */

/* index.json. Reading merges it into the job; a file that is no JSON counts as absent. */
fs_status fs_atlas_index_write(const fs_atlas *atlas, fs_error *err);
fs_status fs_atlas_index_read(fs_atlas *atlas, fs_error *err);

/* Whether settings found in a file are the job's, layer and channel apart. A tile's rate may have been
 * halved. Errors name the option. */
fs_status fs_atlas_check_settings(const fs_atlas *atlas, const fs_render_settings *found, bool of_tile,
                                  fs_error *err);

#endif
