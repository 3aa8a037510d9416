#include "app/finetune_compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/finetune_compare_write.h"
#include "base/alloc.h"
#include "cluster/handout.h"
#include "engine/train/initialise.h"
#include "viz/layer_drift.h"

enum { WARM_PIECE = 32, CKA_BATCH = 32 };

typedef struct compare {
    const fs_comparison_request *request;
    const fs_finetune_scene *scene;
    fs_comparison *c;
    fs_layer_drift *drift;
} compare;

/* Where several processes train: the longest first, so that none begins one when the others end. */
static const fs_finetune_policy by_length[FS_POLICIES] = {FS_POLICY_SCRATCH, FS_POLICY_NONE, FS_POLICY_LOW,
                                                          FS_POLICY_HIGH, FS_POLICY_HEAD};

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

/* What rank 0 is told of a policy; the rows of the log follow. */
typedef struct trained {
    fs_finetune_policy policy;
    int n_rows, best, pictures;
    int64_t trained, all;
    double loss, accuracy, top5;
} trained;

static void tell(fs_text *out, fs_finetune_policy policy, const fs_finetune_outcome *o) {
    const fs_finetune_result *r = &o->result;
    const trained told = {.policy = policy,
                          .n_rows = r->n_rows,
                          .best = r->best,
                          .pictures = o->pictures,
                          .trained = o->trained,
                          .all = o->all,
                          .loss = o->loss,
                          .accuracy = o->accuracy,
                          .top5 = o->top5};
    fs_text_add_bytes(out, (const char *)&told, sizeof told);
    fs_text_add_bytes(out, (const char *)r->rows, (size_t)r->n_rows * sizeof *r->rows);
}

static void say_policy(const compare *k, fs_finetune_policy policy) {
    int number = 0;
    for (int p = 0; p <= (int)policy; p++)
        number += k->request->policies[p];
    if (k->request->policy)
        k->request->policy(k->request->context, policy, number, k->c->wanted);
}

static fs_status train(void *context, fs_piece piece, const atomic_bool *stop, fs_text *result,
                       fs_error *err) {
    const compare *k = context;
    const fs_finetune_policy policy = (fs_finetune_policy)piece.a;
    const fs_finetune_recipe recipe = fs_finetune_recipe_of(k->request->recipe, policy);
    fs_finetune_listener listener = *k->scene->listener;
    fs_progress progress = {.cancel = stop};
    fs_finetune_scene scene = *k->scene;
    fs_finetune_outcome outcome = {0};
    fs_model *model = NULL;
    char folder[FS_COMPARISON_FOLDER_SIZE];
    fs_comparison_folder(k->request->output, policy, folder);
    if (listener.progress)
        progress = (fs_progress){listener.progress->report, listener.progress->context, stop};
    listener.progress = &progress;
    scene.listener = &listener;
    scene.cluster = NULL;
    say_policy(k, policy);
    fs_status status = fs_model_load(&model, k->request->model, err);
    if (status == FS_OK && recipe.scratch)
        status = fs_model_initialise(model, scene.seed, err);
    if (status == FS_OK)
        status = fs_finetune_run_recipe(&outcome, model, &recipe, folder, &scene, err);
    if (status == FS_OK)
        tell(result, policy, &outcome);
    fs_finetune_outcome_free(&outcome);
    fs_model_destroy(model);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "%s", fs_finetune_policy_name(policy));
}

/* A place among the runs, which stand in the order of policies. */
static fs_comparison_run *make_place(fs_comparison *c, fs_finetune_policy policy) {
    int at = c->n;
    for (; at > 0 && c->runs[at - 1].policy > policy; at--)
        c->runs[at] = c->runs[at - 1];
    c->runs[at] = (fs_comparison_run){.policy = policy};
    c->n++;
    return &c->runs[at];
}

static fs_status fail_version(int from, fs_error *err) {
    return fs_fail(err, FS_ERROR_FORMAT, "process %d is another version of the program", from);
}

static fs_status note_trained(void *context, int number, int from, const char *result, size_t size,
                              fs_error *err) {
    const compare *k = context;
    trained told;
    (void)number;
    if (size < sizeof told)
        return fail_version(from, err);
    memcpy(&told, result, sizeof told);
    if (told.n_rows < 1 || (size - sizeof told) / sizeof(fs_log_row) != (size_t)told.n_rows)
        return fail_version(from, err);
    fs_log_row *rows = fs_alloc_array((size_t)told.n_rows, sizeof *rows);
    if (!rows)
        return fs_fail_memory(err, "a comparison");
    memcpy(rows, result + sizeof told, (size_t)told.n_rows * sizeof *rows);
    const fs_finetune_recipe recipe = fs_finetune_recipe_of(k->request->recipe, told.policy);
    fs_finetune_outcome *o = &make_place(k->c, told.policy)->outcome;
    fs_finetune_recipe_plan(&o->plan, &recipe, 0, k->scene->seed);
    o->result = (fs_finetune_result){.rows = rows, .n_rows = told.n_rows, .best = told.best};
    o->trained = told.trained;
    o->all = told.all;
    o->pictures = told.pictures;
    o->loss = told.loss;
    o->accuracy = told.accuracy;
    o->top5 = told.top5;
    return fs_comparison_write_numbers(k->c, k->request, err);
}

/* The policies that are asked for, as pieces to be handed out. */
static int list_policies(const compare *k, fs_piece pieces[FS_POLICIES]) {
    const bool alone = fs_cluster_size(k->scene->cluster) == 1;
    int n = 0;
    for (int i = 0; i < FS_POLICIES; i++) {
        const int policy = alone ? i : (int)by_length[i];
        if (k->request->policies[policy])
            pieces[n++] = (fs_piece){.a = policy};
    }
    return n;
}

static fs_status hand_out(compare *k, const fs_handout *what, fs_error *err) {
    fs_piece pieces[FS_POLICIES];
    fs_handout job = *what;
    job.pieces = pieces;
    job.n = list_policies(k, pieces);
    job.progress = k->scene->listener->progress;
    job.context = k;
    return fs_cluster_agree(k->scene->cluster, fs_handout_run(k->scene->cluster, &job, NULL, 1, err), err);
}

static fs_status train_all(compare *k, fs_error *err) {
    const fs_handout job = {.work = train, .done = note_trained};
    fs_status status = fs_cluster_agree(k->scene->cluster, warm_pictures(k, err), err);
    return status == FS_OK ? hand_out(k, &job, err) : status;
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

static fs_status measure(void *context, fs_piece piece, const atomic_bool *stop, fs_text *result,
                         fs_error *err) {
    const compare *k = context;
    char folder[FS_COMPARISON_FOLDER_SIZE], path[FS_COMPARISON_FOLDER_SIZE + 16];
    fs_model *best = NULL;
    (void)stop; /* the drift listens to the same wish */
    snprintf(path, sizeof path, "%s/best.onnx",
             fs_comparison_folder(k->request->output, (fs_finetune_policy)piece.a, folder));
    double *cka = fs_alloc_array((size_t)k->c->n_layers, sizeof *cka);
    fs_status status = cka ? fs_model_load(&best, path, err) : fs_fail_memory(err, "the layers of a network");
    if (status == FS_OK)
        status = fs_layer_drift_measure(k->drift, best, cka, err);
    if (status == FS_OK) {
        fs_text_add_bytes(result, (const char *)&piece.a, sizeof piece.a);
        fs_text_add_bytes(result, (const char *)cka, (size_t)k->c->n_layers * sizeof *cka);
    }
    fs_model_destroy(best);
    fs_free(cka);
    return status;
}

static fs_status note_measured(void *context, int number, int from, const char *result, size_t size,
                               fs_error *err) {
    const compare *k = context;
    const size_t bytes = (size_t)k->c->n_layers * sizeof(double);
    int policy, i = 0;
    (void)number;
    if (size != sizeof policy + bytes)
        return fail_version(from, err);
    memcpy(&policy, result, sizeof policy);
    while (i < k->c->n && (int)k->c->runs[i].policy != policy)
        i++;
    if (i == k->c->n)
        return fail_version(from, err);
    double *cka = fs_alloc(bytes);
    if (!cka)
        return fs_fail_memory(err, "the layers of a network");
    memcpy(cka, result + sizeof policy, bytes);
    k->c->runs[i].cka = cka;
    return FS_OK;
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

/* *enough: whether there are pictures enough to tell; the files say so where not. */
static fs_status make_drift(compare *k, bool *enough, fs_error *err) {
    const fs_grams_pictures pictures = {.n = k->scene->dataset->val.n,
                                        .batch = CKA_BATCH,
                                        .seed = k->scene->seed,
                                        .input = show_picture,
                                        .context = (void *)k->scene,
                                        .label = "comparing layers"};
    fs_status status = fs_layer_drift_create(&k->drift, k->c->original, false, &pictures, k->scene->pool,
                                             k->scene->listener->progress, err);
    *enough = status != FS_ERROR_LIMIT;
    if (status == FS_OK)
        status = name_layers(k->c, k->drift, err);
    return *enough ? status : FS_OK;
}

static fs_status measure_layers(compare *k, fs_error *err) {
    const fs_handout job = {.work = measure, .done = note_measured};
    bool enough;
    fs_status status = fs_cluster_agree(k->scene->cluster, make_drift(k, &enough, err), err);
    if (status == FS_OK && enough)
        status = hand_out(k, &job, err);
    if (status == FS_OK && enough && fs_cluster_rank(k->scene->cluster) == 0)
        drop_unmeasured(k->c);
    fs_layer_drift_destroy(k->drift);
    k->drift = NULL;
    return status;
}

/* ---- the whole ---- */

static fs_status run(compare *k, fs_error *err) {
    fs_comparison *c = k->c;
    fs_status status = fs_model_load(&c->original, k->request->model, err);
    status = fs_cluster_agree(k->scene->cluster, status, err);
    if (status == FS_OK)
        status = train_all(k, err);
    if (status == FS_OK)
        status = measure_layers(k, err);
    c->complete = status == FS_OK;
    if (status == FS_OK && fs_cluster_rank(k->scene->cluster) == 0)
        status = fs_comparison_write(c, k->request, err);
    return status;
}

fs_status fs_finetune_compare(fs_comparison *out, const fs_comparison_request *request, fs_error *err) {
    fs_comparison *c = fs_calloc(1, sizeof *c);
    compare k = {.request = request, .scene = request->scene, .c = c};
    fs_status status = c ? FS_OK : fs_fail_memory(err, "a comparison");
    status = fs_cluster_agree(request->scene->cluster, status, err);
    for (int p = 0; p < FS_POLICIES && c; p++)
        c->wanted += request->policies[p];
    if (status == FS_OK)
        status = run(&k, err);
    if (status == FS_OK)
        *out = *c;
    else if (c)
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
