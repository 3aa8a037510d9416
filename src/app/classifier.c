#include "app/classifier.h"
#include "base/alloc.h"
#include "engine/train/loss.h"

struct fs_classifier {
    const fs_model *model;
    fs_plan *plan;
    int classes;
    float *probabilities;
};

fs_status fs_classifier_create(fs_classifier **out, const fs_model *model, fs_pool *pool, fs_error *err) {
    const fs_layer *logits = fs_model_logits(model);
    if (!logits)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "%s: the network has no class scores", model->path);
    const fs_preprocess *p = &model->preprocess;
    fs_shape input = fs_shape_of(4, 1, fs_preprocess_channels(p), p->height, p->width);
    fs_plan_request request = fs_plan_request_default(model->graph, input);
    int value = logits->value;
    request.outputs = &value;
    request.n_outputs = 1;
    request.pool = pool;
    fs_classifier *c = fs_calloc(1, sizeof *c);
    if (!c)
        return fs_fail_memory(err, "a classifier");
    c->model = model;
    fs_status status = fs_plan_create(&c->plan, &request, err);
    if (status == FS_OK) {
        fs_shape shape = fs_plan_output_shape(c->plan, 0);
        c->classes = (int)fs_shape_count(&shape);
        c->probabilities = fs_alloc_array((size_t)c->classes + 1, sizeof *c->probabilities);
        if (!c->probabilities)
            status = fs_fail_memory(err, "a classifier");
    } else {
        fs_error_prefix(err, status, "%s", model->path);
    }
    if (status == FS_OK)
        *out = c;
    else
        fs_classifier_destroy(c);
    return status;
}

void fs_classifier_destroy(fs_classifier *c) {
    if (!c)
        return;
    fs_plan_destroy(c->plan);
    fs_free(c->probabilities);
    fs_free(c);
}

int fs_classifier_classes(const fs_classifier *c) {
    return c->classes;
}

fs_status fs_classifier_run(fs_classifier *c, const fs_image *image, const float **probabilities,
                            fs_error *err) {
    const fs_preprocess *p = &c->model->preprocess;
    fs_image crop = {0};
    fs_status status = fs_preprocess_crop(image, p->height, p->width, &crop, err);
    if (status != FS_OK)
        return status;
    fs_preprocess_image(p, &crop, fs_plan_input(c->plan));
    fs_image_free(&crop);
    status = fs_plan_forward(c->plan, NULL, err);
    if (status != FS_OK)
        return status;
    fs_softmax(fs_plan_output(c->plan, 0), c->classes, c->probabilities);
    *probabilities = c->probabilities;
    return FS_OK;
}

void fs_classifier_top(const float *probabilities, int classes, int top, int *indices) {
    for (int n = 0; n < top; n++) {
        int best = -1;
        for (int c = 0; c < classes; c++) {
            bool taken = false;
            for (int k = 0; k < n; k++)
                taken = taken || indices[k] == c;
            if (!taken && (best < 0 || probabilities[c] > probabilities[best]))
                best = c;
        }
        indices[n] = best;
    }
}
