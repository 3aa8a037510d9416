/* The picture world: drawn scenes with full ground truth, to train and to test networks on without a single
 * photograph. A picture has one thing of one class before a background, with clutter, light and noise.
 *
 *     const fs_world_request request = {.seed = 1, .index = 7, .set = FS_WORLD_A, .size = 128, .masks =
 * true}; fs_world_picture picture; if (fs_world_draw(&picture, &request, &err) == FS_OK) {
 *         puts(fs_world_class_name(request.set, picture.class_index));
 *         fs_world_picture_free(&picture);
 *     }
 *
 * The same (seed, index, set, size) gives the same bytes on any thread, with masks or without; all functions
 * may be called from several threads at once. Classes take turns: class = index mod number of classes. The
 * caller owns a picture. Names are constants. */
#ifndef FS_WORLD_WORLD_H
#define FS_WORLD_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/image.h"

typedef enum fs_world_set { FS_WORLD_A, FS_WORLD_B } fs_world_set;

enum { FS_WORLD_MIN_SIZE = 32, FS_WORLD_MAX_SIZE = 1024 };

typedef struct fs_world_request {
    uint64_t seed, index;
    fs_world_set set;
    int size; /* pixels a side */
    bool masks;
} fs_world_request;

typedef struct fs_world_picture {
    int class_index; /* in its set: 0 .. fs_world_classes(set) - 1 */
    fs_image image;  /* [size][size] RGB */
    /* [size][size], one channel, a label a pixel; without pixels when not asked for. */
    fs_image classes, parts, textures;
} fs_world_picture;

fs_status fs_world_draw(fs_world_picture *out, const fs_world_request *request, fs_error *err);
void fs_world_picture_free(fs_world_picture *picture);

int fs_world_classes(fs_world_set set);
const char *fs_world_class_name(fs_world_set set, int class_index);
/* What the classes mask has where the thing is. Both sets share the labels. */
int fs_world_class_label(fs_world_set set, int class_index);

/* What the numbers in the masks mean: 0 .. fs_world_labels(mask) - 1; 0 is nothing. */
typedef enum fs_world_mask {
    FS_WORLD_CLASSES,
    FS_WORLD_PARTS,
    FS_WORLD_TEXTURES,
    FS_WORLD_MASKS
} fs_world_mask;
int fs_world_labels(fs_world_mask mask);
const char *fs_world_label_name(fs_world_mask mask, int label);

/* The label of things that are not the picture's own: the last of the classes mask. */
int fs_world_clutter_label(void);

/* A square of one texture alone, by its label, for a catalogue of them. */
fs_status fs_world_draw_texture(fs_image *out, int label, uint64_t seed, int size, fs_error *err);
/* A part alone in its colours; FS_ERROR_NOT_FOUND for one that only a thing draws. */
fs_status fs_world_draw_part(fs_image *out, int label, uint64_t seed, int size, fs_error *err);

#endif
