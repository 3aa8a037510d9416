/* Small data sets for the tests of training: pictures of two kinds, stripes that lie and stripes that stand,
 * with a little noise; and a small network. */
#ifndef FS_TESTS_ENGINE_TRAIN_MATERIAL_H
#define FS_TESTS_ENGINE_TRAIN_MATERIAL_H

#include "engine/model.h"

/* Writes `count` PNG pictures of each class to FOLDER/lying and FOLDER/standing, seeded. */
void material_write(const char *folder, int count, uint64_t seed);

/* Removes a folder and all that is in it. */
void material_remove(const char *folder);

/* A network of three convolutions with a head for two classes, 16 x 16 pixels in. */
fs_model *material_model(const char *folder);

#endif
