/* A data set of photographs, a folder for each class.
 *
 *     fs_dataset_open(&dataset, "hymenoptera", &options, &err);
 *     dataset->train.items[0].path, dataset->class_names[dataset->train.items[0].label]
 *
 * DIR/train/CLASS/... and DIR/val/CLASS/... where both are there; otherwise DIR/CLASS/... (or
 * DIR/train/CLASS/...), of which a share is put aside for validation: the same share of each class, chosen by
 * the seed. Classes are numbered in the order of their names. Pictures are not opened here. Read only after
 * it was opened. */
#ifndef FS_ENGINE_TRAIN_DATASET_H
#define FS_ENGINE_TRAIN_DATASET_H

#include <stdint.h>

#include "base/folder.h"

enum { FS_DATASET_MAX_CLASSES = 10000 };

typedef struct fs_item {
    const char *path, *name; /* to open it; from the data set's folder on */
    int label;
} fs_item;

typedef struct fs_item_list {
    fs_item *items;
    int n;
} fs_item_list;

typedef struct fs_dataset {
    fs_arena *arena;
    const char *const *class_names;
    int n_classes;
    fs_item_list train, val;
} fs_dataset;

typedef struct fs_dataset_options {
    double val_share; /* where there is no folder val */
    uint64_t seed;
} fs_dataset_options;

/* Errors name the folder: fewer than two classes, a class in val that train has not, nothing to train or to
 * validate on. */
fs_status fs_dataset_open(fs_dataset **out, const char *path, const fs_dataset_options *options,
                          fs_error *err);
void fs_dataset_destroy(fs_dataset *dataset); /* NULL is fine */

/* A number that changes with the files' names, their sizes and what they are for. */
uint64_t fs_dataset_fingerprint(const fs_dataset *dataset);

/* 0 .. n-1 in an order that depends on seed and stream alone. */
void fs_shuffle(int *order, int n, uint64_t seed, uint64_t stream);

#endif
