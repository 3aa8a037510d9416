/* How good a classifier is, class by class.
 *
 *     fs_metrics_create(&metrics, probabilities, labels, n, classes, &err);
 *     metrics->confusion[truth * classes + answer]
 *
 * Rows of probabilities that begin with a negative number are left out. Owned by the caller:
 * fs_metrics_destroy. */
#ifndef FS_ENGINE_TRAIN_METRICS_H
#define FS_ENGINE_TRAIN_METRICS_H

#include "base/error.h"

typedef struct fs_class_metrics {
    int count, answered;      /* pictures of the class; pictures taken for it */
    double precision, recall; /* 0 where there is nothing to divide by */
} fs_class_metrics;

typedef struct fs_mistake {
    int item, truth, answer; /* item: a row of the probabilities */
    float probability;       /* of the answer */
    float of_truth;
} fs_mistake;

typedef struct fs_metrics {
    int n, classes; /* pictures that counted */
    double loss, accuracy, top5;
    int *confusion; /* [truth][answer] */
    fs_class_metrics *of_class;
    fs_mistake *mistakes; /* the surest first */
    int n_mistakes;
} fs_metrics;

fs_status fs_metrics_create(fs_metrics **out, const float *probabilities, const int *labels, int n,
                            int classes, fs_error *err);
void fs_metrics_destroy(fs_metrics *metrics); /* NULL is fine */

#endif
