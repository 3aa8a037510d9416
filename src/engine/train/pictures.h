/* The pictures of a data set as a network wants them. Each is decoded once and kept, as 8-bit pixels at the
 * size it is cropped from, as long as all that are kept fit a limit.
 *
 *     fs_pictures_create(&pictures, dataset, &model->preprocess, 1 << 30, &err);
 *     fs_pictures_input(pictures, item, NULL, NULL, input, &err);       // as `classify` shows it
 *
 * Items are numbered through: those to train on first, then those to validate on. A file that cannot be read
 * is remembered with the reason. Different items may be asked for from several threads at once; the data set
 * is borrowed.
 *
 * Pictures need not be files: with a source they are drawn, and if it says so drawn afresh each time one is
 * trained on, so that no two steps see the same picture. */
#ifndef FS_ENGINE_TRAIN_PICTURES_H
#define FS_ENGINE_TRAIN_PICTURES_H

#include "engine/model.h"
#include "engine/train/augment.h"
#include "engine/train/dataset.h"

typedef struct fs_pictures fs_pictures;

/* Where pictures come from that are no files. `draw` is called from several threads at once; `turn` 0 is the
 * item's own picture, any other number another one of its class. */
typedef struct fs_picture_source {
    fs_status (*draw)(void *context, int item, uint64_t turn, fs_image *out, fs_error *err);
    void *context;
    bool afresh; /* augmented pictures have a random turn */
} fs_picture_source;

fs_status fs_pictures_create(fs_pictures **out, const fs_dataset *dataset, const fs_preprocess *preprocess,
                             size_t limit, fs_error *err);
void fs_pictures_destroy(fs_pictures *pictures); /* NULL is fine */
/* Before any picture is asked for; the context is borrowed. */
void fs_pictures_draw_from(fs_pictures *pictures, const fs_picture_source *source);

int fs_pictures_count(const fs_pictures *pictures);
const fs_item *fs_pictures_item(const fs_pictures *pictures, int item);
/* Floats of one picture's input [C,H,W]. */
int64_t fs_pictures_floats(const fs_pictures *pictures);

/* Writes the input: augmented, or without settings as the usual evaluation has it (fs_preprocess_crop). */
fs_status fs_pictures_input(fs_pictures *pictures, int item, const fs_augment_settings *augment,
                            fs_random *random, float *input, fs_error *err);
/* What the network sees of an item without augmentation, as a picture. */
fs_status fs_pictures_view(fs_pictures *pictures, int item, fs_image *out, fs_error *err);

/* Why the file could not be read; NULL when it could, or nobody has asked for it yet. */
const char *fs_pictures_problem(const fs_pictures *pictures, int item);

#endif
