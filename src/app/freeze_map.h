/* Which layers of a network are to be trained: a switch for each layer with weights below the classifier.
 *
 *     fs_freeze_map_create(&map, model, &err);
 *     fs_freeze_map_set(&map, model, FS_FREEZE_LOW);        // as a policy has it
 *     map.trained[3] = !map.trained[3];                     // or by hand
 *     if (fs_freeze_map_policy(&map, model) < 0)
 *         fs_freeze_map_text(&text, &map, model, &err);     // "a,b,c", for fs_trainable_choice.layers
 *     fs_freeze_map_free(&map);
 *
 * Values; the model is not kept. */
#ifndef FS_APP_FREEZE_MAP_H
#define FS_APP_FREEZE_MAP_H

#include "engine/train/trainable.h"

typedef struct fs_freeze_map {
    int *layers;   /* [n] indices into the model's layers, in the order of computation */
    bool *trained; /* [n] */
    int n;
} fs_freeze_map;

/* Nothing is trained. Errors where the network has no classifier that could be replaced. */
fs_status fs_freeze_map_create(fs_freeze_map *out, const fs_model *model, fs_error *err);
void fs_freeze_map_free(fs_freeze_map *map);

void fs_freeze_map_set(fs_freeze_map *map, const fs_model *model, fs_freeze policy);
/* The fs_freeze that sets exactly these; -1: none does. */
int fs_freeze_map_policy(const fs_freeze_map *map, const fs_model *model);
/* A whole level: off where all of it is on, else on. */
void fs_freeze_map_toggle_level(fs_freeze_map *map, const fs_model *model, fs_level level);
/* Names that any version of the network knows; fs_free. Empty where nothing is trained. */
fs_status fs_freeze_map_text(char **out, const fs_freeze_map *map, const fs_model *model, fs_error *err);

#endif
