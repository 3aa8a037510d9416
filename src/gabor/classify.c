#include "gabor/classify.h"

#include <math.h>

const char *fs_kernel_class_name(fs_kernel_class kind) {
    static const char *const names[] = {"gabor",       "edge",    "blob",        "centre-surround",
                                        "colour-blob", "grating", "unexplained", "dead"};
    return names[kind];
}

fs_kernel_model fs_best_model(const fs_model_score scores[FS_MODELS]) {
    int best = FS_MODEL_PLANE;
    for (int m = FS_MODEL_PLANE + 1; m < FS_MODELS; m++)
        if (scores[m].aicc < scores[best].aicc)
            best = m;
    return (fs_kernel_model)best;
}

/* The share of the energy that is left when every channel is replaced by its mean. */
static double flat_share(const fs_patch *patch) {
    const int n = patch->height * patch->width;
    double flat = 0, all = 0;
    for (int c = 0; c < patch->channels; c++) {
        double mean = 0;
        for (int i = 0; i < n; i++) {
            double value = patch->values[c * n + i];
            mean += value / n;
            all += value * value;
        }
        flat += n * mean * mean;
    }
    return all > 0 ? flat / all : 0;
}

static fs_kernel_class blob_of(const fs_colour_split *split, int channels) {
    double sum = 0;
    for (int c = 0; c < channels; c++)
        sum += split->colour[c];
    return channels > 1 && sum * sum / channels < FS_COLOUR_BLOB_GREY ? FS_KERNEL_COLOUR_BLOB
                                                                      : FS_KERNEL_BLOB;
}

fs_kernel_class fs_classify(const fs_kernel_analysis *k, const fs_patch *patch,
                            const fs_analysis_null *null) {
    const double r2 = k->scores[k->best].r2;
    if (r2 < null->quantile95[k->best] || r2 < FS_EXPLAINED_R2)
        return flat_share(patch) >= FS_FLAT_SHARE ? blob_of(&k->split, patch->channels)
                                                  : FS_KERNEL_UNEXPLAINED;
    switch (k->best) {
    case FS_MODEL_GABOR:
        return FS_KERNEL_GABOR;
    case FS_MODEL_PLANE:
    case FS_MODEL_FIRST_DERIVATIVE:
    case FS_MODEL_SECOND_DERIVATIVE:
        return FS_KERNEL_EDGE;
    case FS_MODEL_DOG:
        return FS_KERNEL_CENTRE_SURROUND;
    case FS_MODEL_BLOB:
    case FS_MODEL_ROUND_BLOB:
        return blob_of(&k->split, patch->channels);
    case FS_MODEL_GRATING:
    case FS_MODEL_CROSSED:
        return FS_KERNEL_GRATING;
    case FS_MODEL_CONSTANT:
    case FS_MODELS:
        break;
    }
    return FS_KERNEL_UNEXPLAINED;
}
