/* Class probabilities for pictures, as the usual ImageNet evaluation makes them: fs_preprocess_crop, the
 * network, softmax unless the network ends in one.
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

/* Indices of the `top` largest, in falling order; ties go to the smaller index. */
void fs_classifier_top(const float *probabilities, int classes, int top, int *indices);

#endif
