#include "app/worker_substitute.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/classifier.h"
#include "app/worker_private.h"
#include "base/alloc.h"
#include "base/folder.h"
#include "gabor/views.h"
#include "world/world.h"

enum { WORLD_SEED = 7 };

typedef struct substitute_job {
    fs_shared_model *model;
    fs_kernel_study *study;
    int kernel, index;
    char *images;
} substitute_job;

/* ---- the picture ---- */

static int round_about(int index, int n) {
    const int rest = index % n;
    return rest < 0 ? rest + n : rest;
}

static fs_status draw_picture(const substitute_job *job, fs_image *out, fs_substituted *result,
                              fs_error *err) {
    const fs_preprocess *p = &job->model->model->preprocess;
    int side = p->height < p->width ? p->height : p->width;
    side = side * 8 / 7; /* what the network sees is cropped from it */
    const fs_world_request request = {.seed = WORLD_SEED,
                                      .index = (uint64_t)round_about(job->index, FS_SUBSTITUTE_DRAWN),
                                      .set = FS_WORLD_A,
                                      .size = side < FS_WORLD_MIN_SIZE   ? FS_WORLD_MIN_SIZE
                                              : side > FS_WORLD_MAX_SIZE ? FS_WORLD_MAX_SIZE
                                                                         : side};
    fs_world_picture picture = {0};
    fs_status status = fs_world_draw(&picture, &request, err);
    if (status != FS_OK)
        return status;
    snprintf(result->picture, sizeof result->picture, "drawn: %s",
             fs_world_class_name(request.set, picture.class_index));
    *out = picture.image;
    picture.image = (fs_image){0};
    fs_world_picture_free(&picture);
    return FS_OK;
}

static fs_status read_picture(const substitute_job *job, fs_image *out, fs_substituted *result,
                              fs_error *err) {
    fs_folder *folder = NULL;
    if (job->images[0] == '\0')
        return draw_picture(job, out, result, err);
    fs_status status = fs_folder_list(&folder, job->images, err);
    if (status != FS_OK)
        return status;
    const fs_folder_file *file = &folder->files[round_about(job->index, folder->n_files)];
    snprintf(result->picture, sizeof result->picture, "%.120s", file->name);
    status = fs_image_read(out, file->path, err);
    fs_folder_destroy(folder);
    return status;
}

/* ---- the weights ---- */

/* `out` has the learned kernels; those that are replaced become their fits. */
static void put_fits(const substitute_job *job, fs_kernels *out, fs_substituted *result) {
    const fs_kernels *learned = &job->study->kernels;
    const size_t each = (size_t)learned->channels * (size_t)learned->height * (size_t)learned->width;
    double change = 0, all = 0;
    for (int i = 0; i < learned->count; i++) {
        const double *from = learned->values + (size_t)i * each;
        double *to = out->values + (size_t)i * each;
        memcpy(to, from, each * sizeof *to);
        if (job->kernel < 0 || job->kernel == i) {
            fs_sample_colour_fit(&job->study->analysis.kernels[i], learned->channels, learned->height,
                                 learned->width, to);
            result->replaced++;
        }
        for (size_t k = 0; k < each; k++) {
            change += (to[k] - from[k]) * (to[k] - from[k]);
            all += from[k] * from[k];
        }
    }
    result->change = all > 0 ? change / all : 0;
}

static fs_status replace(const substitute_job *job, fs_model *own, fs_substituted *result, fs_error *err) {
    const fs_kernels *k = &job->study->kernels;
    fs_kernels replaced = {0};
    if (job->study->effective)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "effective kernels are no weights that could be replaced");
    if (job->study->layer >= own->n_layers || job->kernel >= k->count)
        return fs_fail(err, FS_ERROR_FORMAT, "%s: has changed since it was opened", own->path);
    fs_status status = fs_kernels_create(&replaced, k->count, k->channels, k->height, k->width, err);
    if (status != FS_OK)
        return status;
    put_fits(job, &replaced, result);
    status = fs_kernels_put(&replaced, own, &own->layers[job->study->layer], err);
    fs_kernels_free(&replaced);
    return status;
}

/* ---- the classes ---- */

static fs_status classify(const fs_model *model, const fs_image *picture, fs_pool *pool, float **out, int *n,
                          fs_error *err) {
    fs_classifier *classifier = NULL;
    const float *probabilities = NULL;
    fs_status status = fs_classifier_create(&classifier, model, pool, err);
    if (status != FS_OK)
        return status;
    status = fs_classifier_run(classifier, picture, &probabilities, err);
    *n = fs_classifier_classes(classifier);
    if (status == FS_OK) {
        *out = fs_alloc_array((size_t)*n, sizeof **out);
        if (*out != NULL)
            memcpy(*out, probabilities, (size_t)*n * sizeof **out);
        else
            status = fs_fail_memory(err, "probabilities");
    }
    fs_classifier_destroy(classifier);
    return status;
}

/* Where the class stands; it is added where it does not. */
static int place_of(fs_substituted *result, const fs_model *model, int index) {
    int i = 0;
    while (i < result->n_classes && result->classes[i].index != index)
        i++;
    if (i < result->n_classes)
        return i;
    fs_substituted_class *c = &result->classes[result->n_classes++];
    c->index = index;
    if (index < model->n_labels)
        snprintf(c->label, sizeof c->label, "%.120s", model->labels[index]);
    else
        snprintf(c->label, sizeof c->label, "class %d", index);
    return i;
}

static void compare(fs_substituted *result, const fs_model *model, const float *before, const float *after,
                    int n) {
    const int top = n < FS_SUBSTITUTED_TOP ? n : FS_SUBSTITUTED_TOP;
    int order[FS_SUBSTITUTED_TOP];
    fs_classifier_top(before, n, top, order);
    for (int i = 0; i < top; i++)
        (void)place_of(result, model, order[i]);
    fs_classifier_top(after, n, top, order);
    for (int i = 0; i < top; i++) {
        const int place = place_of(result, model, order[i]);
        result->first_after = i == 0 ? place : result->first_after;
    }
    for (int i = 0; i < result->n_classes; i++) {
        result->classes[i].before = (double)before[result->classes[i].index];
        result->classes[i].after = (double)after[result->classes[i].index];
    }
    for (int c = 0; c < n; c++)
        if (before[c] > 0) /* a probability that underflowed counts as the smallest one there is */
            result->divergence +=
                (double)before[c] * log((double)before[c] / fmax((double)after[c], 1.17549435e-38));
}

/* ---- the job ---- */

static fs_status substitute(const substitute_job *job, fs_pool *pool, fs_substituted *result, fs_error *err) {
    const fs_model *model = job->model->model;
    const fs_preprocess *p = &model->preprocess;
    fs_model *own = NULL;
    fs_image picture = {0};
    float *before = NULL, *after = NULL;
    int n = 0, n_after = 0;
    fs_status status = read_picture(job, &picture, result, err);
    if (status == FS_OK)
        status = fs_preprocess_crop(&picture, p->height, p->width, &result->crop, err);
    if (status == FS_OK)
        status = classify(model, &picture, pool, &before, &n, err);
    if (status == FS_OK)
        status = fs_model_load(&own, model->path, err);
    if (status == FS_OK)
        status = replace(job, own, result, err);
    if (status == FS_OK)
        status = classify(own, &picture, pool, &after, &n_after, err);
    if (status == FS_OK && n != n_after)
        status = fs_fail(err, FS_ERROR_FORMAT, "%s: has changed since it was opened", model->path);
    if (status == FS_OK)
        compare(result, model, before, after, n);
    fs_free(before);
    fs_free(after);
    fs_image_free(&picture);
    fs_model_destroy(own);
    return status;
}

static fs_job_result substitute_step(fs_job *job, void *context) {
    const substitute_job *s = job->spec.parameters;
    fs_event event = {.kind = FS_EVENT_SUBSTITUTED, .substituted = fs_substituted_create()};
    fs_error err = {0};
    fs_status status = event.substituted != NULL ? FS_OK : fs_fail_memory(&err, "a substitution");
    if (status == FS_OK)
        status = substitute(s, fs_worker_pool(context), event.substituted, &err);
    if (status == FS_OK) {
        event.substituted->model = s->model->serial;
        event.substituted->kernel = s->kernel;
        fs_worker_send(context, job, &event);
    } else {
        fs_substituted_release(event.substituted);
        fs_worker_send_failure(context, job, &err);
    }
    return FS_JOB_DONE;
}

static void substitute_destroy(void *parameters) {
    substitute_job *job = parameters;
    fs_shared_model_release(job->model);
    fs_kernel_study_release(job->study);
    fs_free(job->images);
    fs_free(job);
}

uint64_t fs_worker_substitute(fs_worker *worker, const fs_substitute_request *request) {
    substitute_job *job = fs_calloc(1, sizeof *job);
    char *images = fs_strdup(request->images);
    if (job == NULL || images == NULL) {
        fs_free(job);
        fs_free(images);
        return 0;
    }
    *job = (substitute_job){.model = fs_shared_model_keep(request->model),
                            .study = fs_kernel_study_keep(request->study),
                            .kernel = request->kernel,
                            .index = request->index,
                            .images = images};
    const fs_job_spec spec = {.lane = FS_LANE_PANEL,
                              .kind = FS_WORKER_SUBSTITUTE,
                              .step = substitute_step,
                              .parameters = job,
                              .destroy = substitute_destroy};
    return fs_worker_submit(worker, &spec);
}
