/* Batches of pictures, made by threads in the background while the network computes.
 *
 *     fs_loader_settings settings = {.batch = 8, .threads = 2, .seed = seed, .stream = epoch};
 *     fs_loader_create(&loader, pictures, order, n, &settings, &err);
 *     while (fs_loader_next(loader, &batch, &err) == FS_OK && batch->asked > 0)
 *         use(batch->input, batch->items, batch->n);
 *     fs_loader_destroy(loader);
 *
 * Batches come in the order asked for and a few are ready at most. Pictures that cannot be read are left out
 * of theirs (see fs_pictures_problem). What is in a batch does not depend on the threads. Pictures and order
 * are borrowed; a batch is valid until the next is asked for. */
#ifndef FS_ENGINE_TRAIN_LOADER_H
#define FS_ENGINE_TRAIN_LOADER_H

#include "engine/train/pictures.h"

typedef struct fs_loader_settings {
    int batch, threads;
    const fs_augment_settings *augment; /* NULL: as the usual evaluation has them */
    uint64_t seed, stream;              /* of the augmentation */
} fs_loader_settings;

typedef struct fs_batch {
    int asked;    /* 0 behind the last one */
    int n;        /* of those, the ones that could be read */
    int *items;   /* [n] */
    float *input; /* [n][C,H,W], with room for `batch` */
} fs_batch;

typedef struct fs_loader fs_loader;

fs_status fs_loader_create(fs_loader **out, fs_pictures *pictures, const int *order, int n,
                           const fs_loader_settings *settings, fs_error *err);
void fs_loader_destroy(fs_loader *loader); /* at any time; NULL is fine */
fs_status fs_loader_next(fs_loader *loader, const fs_batch **out, fs_error *err);

#endif
