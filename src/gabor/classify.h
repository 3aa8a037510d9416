/* The rules that gabor/analysis.h states. */
#ifndef FS_GABOR_CLASSIFY_H
#define FS_GABOR_CLASSIFY_H

#include "gabor/analysis.h"

#define FS_DEAD_SHARE 0.01      /* of the layer's median root mean square */
#define FS_FLAT_SHARE 0.8       /* of the energy, in the channels' means */
#define FS_EXPLAINED_R2 0.5     /* the least R2 that explains anything */
#define FS_COLOUR_BLOB_GREY 0.5 /* share of grey in the colour below which it is one */

/* Of the smallest AICc, the constant left out. */
fs_kernel_model fs_best_model(const fs_model_score scores[FS_MODELS]);

/* Of a kernel that is not dead; best and scores are filled. */
fs_kernel_class fs_classify(const fs_kernel_analysis *kernel, const fs_patch *patch,
                            const fs_analysis_null *null);

#endif
