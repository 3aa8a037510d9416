/* Which photographs of a folder excite the channels of a layer, all channels in one pass.
 *
 *     fs_folder_list(&folder, "photographs", &err);
 *     fs_activation_create(&activation, model, layer, pool, &err);
 *     fs_examples_create(&examples, activation, folder->n_files, &err);
 *     fs_examples_run(examples, activation, folder, pool, &watch, &err);
 *     n = fs_examples_list(examples, FS_EXAMPLES_TOP, channel, NAN, list, 9);
 *
 * Memory is bounded by the layer, not by the folder (but for one byte a picture). For every channel are kept:
 *
 *     top        the FS_EXAMPLES_KEPT pictures with the greatest activation at any position
 *     bottom     those with the smallest; where that is shared, as the zero behind a rectifier is, those
 * whose greatest is smallest come first sample     the greatest activation of up to FS_EXAMPLES_SAMPLE
 * pictures, drawn uniformly (Vitter, "Random Sampling with a Reservoir", ACM TOMS 11(1), 1985, algorithm R):
 * the pictures near any threshold come from it, exact for folders up to that size histograms of the pictures'
 * greatest activations and of the activations at all positions
 *
 * Among equals the earlier picture comes first, among positions the one next after the middle of the map. A
 * run that was cancelled can be continued. The result depends neither on the pool nor on interruptions. One
 * thread at a time. */
#ifndef FS_VIZ_EXAMPLES_H
#define FS_VIZ_EXAMPLES_H

#include "base/folder.h"
#include "base/progress.h"
#include "viz/activation.h"
#include "viz/histogram.h"

enum { FS_EXAMPLES_KEPT = 36, FS_EXAMPLES_SAMPLE = 512 };

typedef enum fs_examples_which {
    FS_EXAMPLES_TOP,
    FS_EXAMPLES_BOTTOM,
    FS_EXAMPLES_THRESHOLD
} fs_examples_which;

typedef struct fs_example {
    int32_t image;    /* index into the folder's files */
    int32_t position; /* row * width + column of the map */
    float value;      /* the activation there */
    float greatest;   /* of the channel in this picture */
} fs_example;

typedef struct fs_examples fs_examples;

fs_status fs_examples_create(fs_examples **out, const fs_activation *activation, int n_images, fs_error *err);
void fs_examples_destroy(fs_examples *examples); /* NULL is fine */

/* Who wants to know: progress, and the pictures that cannot be used. */
typedef struct fs_examples_watch {
    const fs_progress *progress;
    void (*skipped)(void *context, const char *path, const char *why);
    void *context;
} fs_examples_watch;

/* Looks at the pictures not yet looked at. The folder and activation are those it was created for.
 * FS_ERROR_CANCELLED leaves everything ready to be continued; a picture that cannot be read is skipped. */
fs_status fs_examples_run(fs_examples *examples, fs_activation *activation, const fs_folder *folder,
                          fs_pool *pool, const fs_examples_watch *watch, fs_error *err);
/* One picture's maps [channels][height*width], or NULL for a picture that cannot be used. */
void fs_examples_add(fs_examples *examples, const float *maps, fs_pool *pool);

int fs_examples_done(const fs_examples *examples); /* pictures looked at */
int fs_examples_used(const fs_examples *examples); /* of these, readable ones */
bool fs_examples_skipped(const fs_examples *examples, int image);

/* The usual threshold: the median of the positive greatest activations in the sample, of all where none is.
 */
double fs_examples_threshold(const fs_examples *examples, int channel);
/* At most max examples, best first; `threshold` is for FS_EXAMPLES_THRESHOLD. Returns their number. */
int fs_examples_list(const fs_examples *examples, fs_examples_which which, int channel, double threshold,
                     fs_example *out, int max);
const fs_histogram *fs_examples_greatest(const fs_examples *examples, int channel);
const fs_histogram *fs_examples_values(const fs_examples *examples, int channel);

#endif
