/* How well a layer tells classes apart: the accuracy of a linear classifier on its features.
 *
 *     fs_separability_run(&found, features, labels, n, channels, classes, &err);
 *     found.accuracy, found.standard_error
 *
 * A linear probe (Alain and Bengio, "Understanding intermediate layers using linear classifier probes",
 * arXiv:1610.01644): ridge regression of one-hot targets on standardised features, the class with the
 * greatest answer wins. Cross-validated in FS_SEPARABILITY_FOLDS folds that share out every class evenly;
 * inside each fold's training part the ridge is the one of FS_SEPARABILITY_RIDGES that has the smallest
 * leave-one-out error (in closed form from the singular value decomposition: Allen, Technometrics 16, 1974).
 * No random numbers. A pure function. */
#ifndef FS_VIZ_SEPARABILITY_H
#define FS_VIZ_SEPARABILITY_H

#include <stdbool.h>

#include "base/error.h"

enum { FS_SEPARABILITY_FOLDS = 5, FS_SEPARABILITY_RIDGES = 15, FS_SEPARABILITY_MAX_CLASSES = 1000 };

typedef struct fs_separability {
    double accuracy;       /* share of pictures that are classified rightly when left out */
    double standard_error; /* binomial */
} fs_separability;

/* Whether there are at least two classes, each with a picture for every fold. */
bool fs_separability_possible(const int *labels, int n, int classes);
/* features [n][channels], labels [n] in 0 .. classes-1; what is not possible is an error. */
fs_status fs_separability_run(fs_separability *out, const float *features, const int *labels, int n,
                              int channels, int classes, fs_error *err);

#endif
