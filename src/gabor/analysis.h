/* What the kernels of a layer are: Gabor functions or something else.
 *
 *     fs_analysis analysis = {0};
 *     fs_analysis_settings settings = fs_analysis_settings_default();
 *     fs_analysis_run(&analysis, &kernels, &settings, pool, progress, &err);
 *     ... analysis.kernels[c].kind, analysis.kernels[c].fit.gabor.theta ...
 *     fs_analysis_free(&analysis);
 *
 * Each kernel is split into colour and profile; the profile is fitted by all models of gabor/fit.h. The null
 * distribution says what noise would reach: kernels of the layer, drawn with the seed, have their pixels
 * shuffled and are fitted in the same way.
 *
 * The class of a kernel, the first rule that holds:
 *   dead             its root mean square is at most 1 % of the layer's median (0 for a kernel by itself)
 *   unexplained      the model of the smallest AICc has an R2 below that model's null 95 % quantile or below
 *                    1/2; but a blob or colour blob where the channels' means hold 80 % of the energy: flat
 *   gabor            that model is the Gabor function
 *   edge             ... a first or second derivative of a Gaussian, or a plane
 *   centre-surround  ... a difference of Gaussians
 *   blob             ... a Gaussian, elliptic or round
 *   grating          ... a grating or two crossed ones
 * The models compete for the smallest AICc without the constant. A blob is a colour blob where its colours
 * oppose each other: colour = c with |c| = 1 has (c_r + c_g + c_b)^2 / 3 < 1/2, the share of grey.
 *
 * The result does not depend on the number of threads. */
#ifndef FS_GABOR_ANALYSIS_H
#define FS_GABOR_ANALYSIS_H

#include "base/pool.h"
#include "base/progress.h"
#include "gabor/fit.h"

typedef enum fs_kernel_class {
    FS_KERNEL_GABOR,
    FS_KERNEL_EDGE,
    FS_KERNEL_BLOB,
    FS_KERNEL_CENTRE_SURROUND,
    FS_KERNEL_COLOUR_BLOB,
    FS_KERNEL_GRATING,
    FS_KERNEL_UNEXPLAINED,
    FS_KERNEL_DEAD,
    FS_KERNEL_CLASSES
} fs_kernel_class;
const char *fs_kernel_class_name(fs_kernel_class kind); /* "centre-surround" */

typedef struct fs_kernel_analysis {
    int channel;
    fs_kernel_class kind;
    fs_kernel_model best; /* of the smallest AICc */
    double rms;           /* of the kernel's values */
    fs_colour_split split;
    fs_gabor_fit fit; /* of the profile */
    fs_colour_fit in_colour;
    fs_model_score scores[FS_MODELS];
    double p_value; /* share of null fits whose R2 reaches fit.r2, (1 + count) / (1 + fits) */
} fs_kernel_analysis;

typedef struct fs_analysis_null {
    int fits;
    double *r2;                   /* [FS_MODELS][fits], each model's sorted ascending */
    double quantile95[FS_MODELS]; /* of R2; 0 when there are no fits */
} fs_analysis_null;

typedef struct fs_analysis {
    int count, channels, height, width;
    fs_kernel_analysis *kernels;
    fs_analysis_null null;
    int class_counts[FS_KERNEL_CLASSES];
    double median_r2; /* of the Gabor fits of all kernels that are not dead; 0 if all are */
} fs_analysis;

typedef struct fs_analysis_settings {
    int null_fits; /* 0: classes are then judged by R2 >= 1/2 alone, p-values are 1 */
    uint64_t seed; /* of the shuffles */
} fs_analysis_settings;
enum { FS_ANALYSIS_MAX_NULL_FITS = 100000 };
fs_analysis_settings fs_analysis_settings_default(void); /* 200 null fits, seed 0 */

fs_status fs_analysis_run(fs_analysis *out, const fs_kernels *kernels, const fs_analysis_settings *settings,
                          fs_pool *pool, const fs_progress *progress, fs_error *err);
void fs_analysis_free(fs_analysis *analysis);

#endif
