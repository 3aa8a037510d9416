/* Class probabilities for pictures, as the usual ImageNet evaluation makes them: the shorter side resized to
 * 256 (to 8/7 of the input size where that is not 224..256) with an antialiased bilinear filter, a centre
 * crop of the input size, the network, softmax unless the network ends in one.
 *
 * The model and pool are borrowed; one thread at a time. */
#ifndef FS_APP_CLASSIFIER_H
#define FS_APP_CLASSIFIER_H

#include "base/image.h"
#include "engine/model.h"
#include "engine/plan.h"

typedef struct fs_classifier fs_classifier;

fs_status fs_classifier_create(fs_classifier **out, const fs_model *model, fs_pool *pool, fs_error *err);
void fs_classifier_destroy(fs_classifier *classifier);
int fs_classifier_classes(const fs_classifier *classifier);

/* Probabilities [classes], borrowed until the next call. */
fs_status fs_classifier_run(fs_classifier *classifier, const fs_image *image, const float **probabilities,
                            fs_error *err);

/* The picture as the network will see it: resized and cropped. */
fs_status fs_classifier_crop(const fs_image *image, int height, int width, fs_image *out, fs_error *err);

/* Indices of the `top` largest, in falling order; ties go to the smaller index. */
void fs_classifier_top(const float *probabilities, int classes, int top, int *indices);

#endif
