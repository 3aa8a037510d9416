/* Which parts of one picture a class score or a channel owes its value to.
 *
 *     fs_attribution_settings settings = fs_attribution_settings_default();
 *     settings.method = FS_ATTRIBUTION_INTEGRATED;
 *     fs_attribution_run(&result, model, logits, 281, &crop, &settings, pool, progress, &err);
 *     ... result.values [result.planes, result.height, result.width] ...
 *     fs_attribution_free(&result);
 *
 * f(x) is the channel's mean over the positions of its layer (its value, in a layer without positions), x the
 * picture's RGB in 0..1. Results are [3,H,W], one number a pixel and colour, but for Grad-CAM's.
 *
 *     gradient    df/dx. Simonyan, Vedaldi, Zisserman, "Deep Inside Convolutional Networks", 2014,
 *                 arXiv:1312.6034
 *     smoothgrad  the mean of df/dx at x + noise over `samples` draws, the noise normal with a deviation of
 *                 `sigma` times the picture's range. Smilkov et al., "SmoothGrad", 2017, arXiv:1706.03825
 *     guided      df/dx with FS_RELU_GUIDED at every rectifier. Springenberg et al., 2015, arXiv:1412.6806
 *     integrated  (x - x0) times the mean of df/dx along the straight way from x0, black, to x, at the
 * middles of `samples` equal pieces; the values sum to f(x) - f(x0) up to the error of that sum.
 *                 Sundararajan, Taly, Yan, "Axiomatic Attribution for Deep Networks", 2017, arXiv:1703.01365
 *     gradcam     max(0, sum over k of a_k A_k), a_k the mean of df/dA_k over positions, A the map of the
 *                 layer `map`: [1,h,w]. Selvaraju et al., "Grad-CAM", 2017, arXiv:1610.02391
 *
 * Model, layers and pool are borrowed. One thread at a time for each pool. */
#ifndef FS_VIZ_ATTRIBUTION_H
#define FS_VIZ_ATTRIBUTION_H

#include "base/pool.h"
#include "base/progress.h"
#include "engine/model.h"

typedef enum fs_attribution_method {
    FS_ATTRIBUTION_GRADIENT,
    FS_ATTRIBUTION_SMOOTHGRAD,
    FS_ATTRIBUTION_GUIDED,
    FS_ATTRIBUTION_INTEGRATED,
    FS_ATTRIBUTION_GRADCAM
} fs_attribution_method;

typedef struct fs_attribution_settings {
    fs_attribution_method method;
    int samples; /* of smoothgrad and integrated */
    double sigma;
    uint64_t seed;       /* of smoothgrad */
    const fs_layer *map; /* of Grad-CAM: NULL for the last map before the classifier */
} fs_attribution_settings;

fs_attribution_settings fs_attribution_settings_default(void);

typedef struct fs_attribution {
    int planes, height, width;
    float *values;         /* fs_attribution_free */
    double value;          /* f(x) */
    double baseline_value; /* f(x0), of integrated */
    const fs_layer *map;   /* of Grad-CAM: the layer that was used */
} fs_attribution;

/* `crop` is RGB of the model's input size (fs_preprocess_crop). FS_ERROR_CANCELLED when progress says so. */
fs_status fs_attribution_run(fs_attribution *out, const fs_model *model, const fs_layer *layer, int channel,
                             const fs_image *crop, const fs_attribution_settings *settings, fs_pool *pool,
                             const fs_progress *progress, fs_error *err);
void fs_attribution_free(fs_attribution *attribution); /* a zeroed one is fine */

#endif
