#include "app/finetune_compare.h"

#include <math.h>
#include <stdio.h>

#include "app/finetune_compare_write.h"
#include "base/alloc.h"
#include "engine/train/initialise.h"
#include "viz/layer_drift.h"

enum { WARM_PIECE = 32, CKA_BATCH = 32 };

typedef struct compare {
    const fs_comparison_request *request;
    const fs_finetune_scene *scene;
    fs_comparison *c;
} compare;

const char *fs_comparison_folder(const char *output, fs_finetune_policy policy,
                                 char out[FS_COMPARISON_FOLDER_SIZE]) {
    snprintf(out, FS_COMPARISON_FOLDER_SIZE, "%s/%s", output, fs_finetune_policy_name(policy));
    return out;
}

/* ---- the same start for all ---- */

typedef struct warming {
    fs_pictures *pictures;
    int first;
    const fs_progress *progress;
} warming;

static void warm(void *context, int first, int last, int thread) {
    const warming *w = context;
    (void)thread;
    for (int i = first; i < last && !fs_progress_cancelled(w->progress); i++) {
        fs_image view = {0};
        if (fs_pictures_view(w->pictures, w->first + i, &view, NULL) == FS_OK)
            fs_image_free(&view);
    }
}

/* Pictures are decoded before the first clock starts, or the first policy would pay for all of them. */
static fs_status warm_pictures(const compare *k, fs_error *err) {
    const fs_progress *progress = k->scene->listener->progress;
    const int n = fs_pictures_count(k->scene->pictures);
    const double start = fs_seconds();
    for (int done = 0; done < n; done += WARM_PIECE) {
        warming w = {k->scene->pictures, done, progress};
        if (fs_progress_cancelled(progress))
            return fs_fail(err, FS_ERROR_CANCELLED, "stopped");
        fs_pool_for(k->scene->pool, n - done < WARM_PIECE ? n - done : WARM_PIECE, 1, warm, &w);
        fs_progress_report(progress, &(fs_progress_state){.label = "reading pictures",
                                                          .done = done,
                                                          .total = n,
                                                          .seconds = fs_seconds() - start,
                                                          .value = (double)NAN});
    }
    return FS_OK;
}

/* ---- training ---- */

static fs_status train(const compare *k, fs_finetune_policy policy, fs_error *err) {
    const fs_finetune_recipe recipe = fs_finetune_recipe_of(k->request->recipe, policy);
    fs_comparison_run *run = &k->c->runs[k->c->n];
    fs_model *model = NULL;
    char folder[FS_COMPARISON_FOLDER_SIZE];
    fs_comparison_folder(k->request->output, policy, folder);
    fs_status status = fs_model_load(&model, k->request->model, err);
    if (status == FS_OK && recipe.scratch)
        status = fs_model_initialise(model, k->scene->seed, err);
    if (status == FS_OK)
        status = fs_finetune_run_recipe(&run->outcome, model, &recipe, folder, k->scene, err);
    if (status == FS_OK) {
        run->policy = policy;
        run->outcome.plan.output = NULL; /* the folder's name ends here */
        k->c->n++;
    }
    fs_model_destroy(model);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "%s", fs_finetune_policy_name(policy));
}

static fs_status train_all(const compare *k, fs_error *err) {
    fs_status status = warm_pictures(k, err);
    for (int p = 0, number = 0; p < FS_POLICIES && status == FS_OK; p++) {
        if (!k->request->policies[p])
            continue;
        if (k->request->policy)
            k->request->policy(k->request->context, (fs_finetune_policy)p, ++number, k->c->wanted);
        status = train(k, (fs_finetune_policy)p, err);
        if (status == FS_OK)
            status = fs_comparison_write_numbers(k->c, k->request, err);
    }
    return status;
}

/* ---- layers ---- */

static fs_status show_picture(void *context, const fs_model *model, int picture, float *input,
                              fs_error *err) {
    const fs_finetune_scene *scene = context;
    (void)model; /* all of them take what the original takes */
    return fs_pictures_input(scene->pictures, scene->dataset->train.n + picture, NULL, NULL, input, err);
}

static fs_status name_layers(fs_comparison *c, const fs_layer_drift *drift, fs_error *err) {
    const int n = fs_layer_drift_count(drift);
    c->layers = fs_alloc_array((size_t)n, sizeof *c->layers);
    if (!c->layers)
        return fs_fail_memory(err, "the layers of a network");
    for (int i = 0; i < n; i++)
        c->layers[i] = fs_layer_drift_layer(drift, i)->name;
    c->n_layers = n;
    c->pictures = fs_layer_drift_pictures(drift);
    return FS_OK;
}

static fs_status measure_run(const compare *k, fs_comparison_run *run, fs_layer_drift *drift, fs_error *err) {
    char folder[FS_COMPARISON_FOLDER_SIZE], path[FS_COMPARISON_FOLDER_SIZE + 16];
    fs_model *best = NULL;
    snprintf(path, sizeof path, "%s/best.onnx",
             fs_comparison_folder(k->request->output, run->policy, folder));
    run->cka = fs_alloc_array((size_t)k->c->n_layers, sizeof *run->cka);
    fs_status status =
        run->cka ? fs_model_load(&best, path, err) : fs_fail_memory(err, "the layers of a network");
    if (status == FS_OK)
        status = fs_layer_drift_measure(drift, best, run->cka, err);
    fs_model_destroy(best);
    return status;
}

static bool is_measured(const fs_comparison *c, int layer) {
    for (int i = 0; i < c->n; i++)
        if (isfinite(c->runs[i].cka[layer]))
            return true;
    return false;
}

/* The original's classifier has no partner in any of them. */
static void drop_unmeasured(fs_comparison *c) {
    int n = 0;
    for (int l = 0; l < c->n_layers; l++) {
        if (!is_measured(c, l))
            continue;
        c->layers[n] = c->layers[l];
        for (int i = 0; i < c->n; i++)
            c->runs[i].cka[n] = c->runs[i].cka[l];
        n++;
    }
    c->n_layers = n;
}

static fs_status measure_layers(const compare *k, fs_error *err) {
    const fs_grams_pictures pictures = {.n = k->scene->dataset->val.n,
                                        .batch = CKA_BATCH,
                                        .seed = k->scene->seed,
                                        .input = show_picture,
                                        .context = (void *)k->scene,
                                        .label = "comparing layers"};
    fs_layer_drift *drift = NULL;
    fs_status status = fs_layer_drift_create(&drift, k->c->original, false, &pictures, k->scene->pool,
                                             k->scene->listener->progress, err);
    if (status == FS_ERROR_LIMIT)
        return FS_OK; /* too few pictures to tell: the files say so */
    if (status == FS_OK)
        status = name_layers(k->c, drift, err);
    for (int i = 0; i < k->c->n && status == FS_OK; i++)
        status = measure_run(k, &k->c->runs[i], drift, err);
    if (status == FS_OK)
        drop_unmeasured(k->c);
    fs_layer_drift_destroy(drift);
    return status;
}

/* ---- the whole ---- */

fs_status fs_finetune_compare(fs_comparison *out, const fs_comparison_request *request, fs_error *err) {
    fs_comparison *c = fs_calloc(1, sizeof *c);
    if (!c)
        return fs_fail_memory(err, "a comparison");
    const compare k = {request, request->scene, c};
    for (int p = 0; p < FS_POLICIES; p++)
        c->wanted += request->policies[p];
    fs_status status = fs_model_load(&c->original, request->model, err);
    if (status == FS_OK)
        status = train_all(&k, err);
    if (status == FS_OK)
        status = measure_layers(&k, err);
    c->complete = status == FS_OK;
    if (status == FS_OK)
        status = fs_comparison_write(c, request, err);
    if (status == FS_OK)
        *out = *c;
    else
        fs_comparison_free(c);
    fs_free(c);
    return status;
}

void fs_comparison_free(fs_comparison *c) {
    for (int i = 0; i < FS_POLICIES; i++) {
        fs_finetune_outcome_free(&c->runs[i].outcome);
        fs_free(c->runs[i].cka);
    }
    fs_free(c->layers);
    fs_model_destroy(c->original);
    *c = (fs_comparison){0};
}
