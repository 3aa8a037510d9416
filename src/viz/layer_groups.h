/* A network over pictures, some neighbouring layers at a time: what is held of a minibatch is bounded,
 * however deep the network is.
 *
 *     fs_layer_groups_create(&groups, model, layers, n_layers, most_floats, pool, &err);
 *     float *features = fs_alloc_array(batch * groups.feature_floats, sizeof *features);
 *     for (int g = 0; g < groups.n; g++) {
 *         for (int slot = 0; slot < taken; slot++)
 *             fs_layer_groups_forward(&groups, g, inputs[slot], features, slot, taken, cancel, &err);
 *         for (int i = 0; i < groups.items[g].n; i++)
 *             use(fs_layer_groups_features(&groups, g, i, features, taken));       // [taken][count]
 *     }
 *     fs_layer_groups_free(&groups);
 *
 * Each group has a plan from the picture to its layers. Groups depend on the layers' shapes alone, so two
 * networks whose layers have the same shapes have the same groups. Model, layers and pool are borrowed. One
 * thread at a time. */
#ifndef FS_VIZ_LAYER_GROUPS_H
#define FS_VIZ_LAYER_GROUPS_H

#include <stdatomic.h>

#include "base/pool.h"
#include "engine/model.h"
#include "engine/plan.h"

typedef struct fs_layer_group {
    int first, n;   /* of the layers */
    int64_t floats; /* of all of them, for one picture */
    fs_plan *plan;
} fs_layer_group;

typedef struct fs_layer_groups {
    const fs_layer *const *layers;
    fs_layer_group *items;
    int n;
    int64_t input_floats, feature_floats; /* of one picture: what a plan is shown, and of the largest group */
} fs_layer_groups;

/* A group has at most `most_floats` numbers a picture, or one layer where that alone has more. */
fs_status fs_layer_groups_create(fs_layer_groups *out, const fs_model *model, const fs_layer *const *layers,
                                 int n_layers, int64_t most_floats, fs_pool *pool, fs_error *err);
void fs_layer_groups_free(fs_layer_groups *groups); /* zeroed ones are fine */

/* Numbers of a layer, for one picture. */
int64_t fs_layer_groups_count(const fs_layer_groups *groups, int layer);
/* The group's answers to picture `slot` of `taken`, layer by layer [taken][count] each. */
fs_status fs_layer_groups_forward(const fs_layer_groups *groups, int group, const float *input,
                                  float *features, int slot, int taken, const atomic_bool *cancel,
                                  fs_error *err);
/* Those of the group's ith layer among them. */
float *fs_layer_groups_features(const fs_layer_groups *groups, int group, int i, float *features, int taken);

#endif
