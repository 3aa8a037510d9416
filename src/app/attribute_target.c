#include "app/attribute_target.h"

#include "viz/activation.h"

const char *const fs_attribute_methods[] = {"gradient",   "smoothgrad", "guided",
                                            "integrated", "gradcam",    NULL};

const char *fs_attribute_method_title(fs_attribution_method method) {
    static const char *const titles[] = {"gradient", "SmoothGrad", "guided backpropagation",
                                         "integrated gradients", "Grad-CAM"};
    return titles[method];
}

static fs_status find_likeliest(int *out, const fs_model *model, const fs_layer *scores, const fs_image *crop,
                                fs_pool *pool, const atomic_bool *cancel, fs_error *err) {
    fs_activation *activation = NULL;
    int best = 0;
    fs_status status = fs_activation_create(&activation, model, scores, pool, err);
    if (status == FS_OK)
        status = fs_activation_run_crop(activation, crop, cancel, err);
    for (int c = 0; c < scores->channels && status == FS_OK; c++)
        if (*fs_activation_map(activation, c) > *fs_activation_map(activation, best))
            best = c;
    fs_activation_destroy(activation);
    if (status == FS_OK)
        *out = best;
    return status;
}

fs_status fs_attribute_find(fs_attribute_target *out, const fs_model *model, const fs_attribute_query *query,
                            const fs_image *crop, fs_pool *pool, const atomic_bool *cancel, fs_error *err) {
    if (query->channel >= 0) {
        *out = (fs_attribute_target){.layer = query->layer, .channel = query->channel};
        return FS_OK;
    }
    const fs_layer *scores = fs_model_logits(model);
    if (!scores)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "%s: the network has no class scores", model->path);
    if (query->class_index >= scores->channels)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "%s: there are classes 0 to %d, no %d", model->path,
                       scores->channels - 1, query->class_index);
    int class_index = query->class_index;
    fs_status status = FS_OK;
    if (class_index < 0)
        status = find_likeliest(&class_index, model, scores, crop, pool, cancel, err);
    if (status == FS_OK)
        *out = (fs_attribute_target){.layer = scores, .channel = class_index, .map = query->layer};
    return status;
}
