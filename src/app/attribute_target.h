/* What an attribution explains: a channel of a layer, or a class, the likeliest unless it is named.
 *
 *     fs_attribute_query query = {.layer = layer, .channel = 12, .class_index = -1};
 *     fs_attribute_find(&target, model, &query, &crop, pool, cancel, &err);
 *     how.map = target.map;
 *     fs_attribution_run(&result, model, target.layer, target.channel, &crop, &how, pool, progress, &err);
 */
#ifndef FS_APP_ATTRIBUTE_TARGET_H
#define FS_APP_ATTRIBUTE_TARGET_H

#include "viz/attribution.h"

/* "gradient", ..., in the order of fs_attribution_method; ended by a NULL. And as prose has it. */
extern const char *const fs_attribute_methods[];
const char *fs_attribute_method_title(fs_attribution_method method);

typedef struct fs_attribute_query {
    const fs_layer *layer; /* with a channel: to explain; without: the map of Grad-CAM, NULL for the usual */
    int channel;           /* -1: a class */
    int class_index;       /* -1: the likeliest */
} fs_attribute_query;

typedef struct fs_attribute_target {
    const fs_layer *layer;
    int channel;
    const fs_layer *map;
} fs_attribute_target;

/* crop: what the network sees. An error where the network has no class scores, or not that class. */
fs_status fs_attribute_find(fs_attribute_target *out, const fs_model *model, const fs_attribute_query *query,
                            const fs_image *crop, fs_pool *pool, const atomic_bool *cancel, fs_error *err);

#endif
