#include "app/shift_series_run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/series_write.h"
#include "app/terminal.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/folder.h"

enum { PATH_SIZE = FS_OPTION_TEXT_SIZE + 64 };

typedef struct job {
    const fs_shift_series_request *request;
    fs_folder *folder;
    bool *told; /* [folder->n_files] of those that cannot be read */
    fs_pool *pool;
    fs_progress progress;
    int step; /* the version under way */
    double start;
    fs_model *first;
    fs_shift_series *series;
    const fs_layer *kernels_of; /* the first convolution */
    fs_error gabor_missing;
    fs_kernels kernels;  /* those that `last` was fitted to */
    fs_gabor_fits *fits; /* [versions]; count 0: none */
    fs_gabor_mean_drift *drifts;
    bool has_gabor;
} job;

/* ---- what the terminal shows ---- */

/* The whole run's progress from that of one version. */
static void report(void *context, const fs_progress_state *state) {
    job *j = context;
    fs_progress_state whole = *state;
    if (!(state->total > 0))
        return;
    whole.done = j->step + fmin(1, state->done / state->total);
    whole.total = j->request->source->n;
    whole.seconds = fs_seconds() - j->start;
    whole.label = "networks";
    fs_progress_report(&j->request->call->progress, &whole);
}

/* Ctrl-C says how far it was; other failures name the version's file themselves. */
static fs_status explain(const job *j, fs_status status, fs_error *err) {
    if (status != FS_ERROR_CANCELLED)
        return status;
    return fs_fail(err, status, "stopped at network %d of %d; nothing was written", j->step + 1,
                   j->request->source->n);
}

/* ---- pictures ---- */

static fs_status show_picture(void *context, const fs_model *model, int picture, float *input,
                              fs_error *err) {
    job *j = context;
    const fs_preprocess *p = &model->preprocess;
    fs_image photograph = {0}, crop = {0};
    fs_status status = fs_image_read(&photograph, j->folder->files[picture].path, err);
    if (status == FS_OK)
        status = fs_preprocess_crop(&photograph, p->height, p->width, &crop, err);
    if (status == FS_OK)
        fs_preprocess_image(p, &crop, input);
    else if (status != FS_ERROR_MEMORY && !j->told[picture]) {
        fs_terminal_say_skipped(NULL, j->folder->files[picture].path, err->message);
        j->told[picture] = true;
    }
    fs_image_free(&photograph);
    fs_image_free(&crop);
    return status;
}

static fs_status open_all(job *j, fs_error *err) {
    const fs_shift_series_request *r = j->request;
    const size_t n = (size_t)r->source->n;
    fs_status status = fs_folder_list(&j->folder, r->images, err);
    if (status == FS_OK)
        status = fs_call_make_pool(r->call, &j->pool, err);
    if (status == FS_OK)
        status = fs_call_load_model(r->call, r->source->versions[0].path, &j->first, err);
    if (status != FS_OK)
        return status;
    j->told = fs_calloc((size_t)j->folder->n_files, sizeof *j->told);
    j->fits = fs_calloc(n, sizeof *j->fits);
    j->drifts = fs_calloc(n, sizeof *j->drifts);
    if (!j->told || !j->fits || !j->drifts)
        return fs_fail_memory(err, "the networks of a series");
    j->kernels_of = fs_kernels_first_layer(j->first, &j->gabor_missing);
    j->has_gabor = j->kernels_of != NULL;
    return FS_OK;
}

/* ---- Gabor functions ---- */

static bool same_kernels(const fs_kernels *a, const fs_kernels *b) {
    const size_t size = (size_t)a->count * (size_t)a->channels * (size_t)a->height * (size_t)a->width;
    return a->values && a->count == b->count && a->channels == b->channels && a->height == b->height &&
           a->width == b->width && memcmp(a->values, b->values, size * sizeof *a->values) == 0;
}

/* Kernels that rest are fitted once: the same numbers have the same fits. */
static fs_status fit_kernels(job *j, fs_kernels *kernels, fs_error *why) {
    fs_gabor_fits *fits = &j->fits[j->step];
    if (!same_kernels(&j->kernels, kernels)) {
        fs_kernels_free(&j->kernels);
        j->kernels = *kernels;
        *kernels = (fs_kernels){0};
        return fs_gabor_fits_of(fits, &j->kernels, j->pool, &j->progress, why);
    }
    const fs_gabor_fits *last = &j->fits[j->step - 1];
    *fits = *last;
    fits->items = fs_alloc_array((size_t)last->count, sizeof *last->items);
    if (!fits->items) {
        *fits = (fs_gabor_fits){0};
        return fs_fail_memory(why, "Gabor fits");
    }
    memcpy(fits->items, last->items, (size_t)last->count * sizeof *last->items);
    return FS_OK;
}

static fs_status fit_version(job *j, const fs_model *model, fs_error *why) {
    fs_kernels kernels = {0};
    const fs_gabor_fits *first = &j->fits[0];
    const fs_layer *layer = fs_model_layer(model, j->kernels_of->name, why);
    if (!layer)
        return FS_ERROR_NOT_FOUND;
    fs_status status = fs_kernels_of_layer(&kernels, model, layer, why);
    if (status == FS_OK && j->step > 0 &&
        (kernels.count != first->count || kernels.height != first->height || kernels.width != first->width))
        status = fs_fail(why, FS_ERROR_UNSUPPORTED, "%d kernels of %dx%d became %d of %dx%d", first->count,
                         first->height, first->width, kernels.count, kernels.height, kernels.width);
    if (status == FS_OK)
        status = fit_kernels(j, &kernels, why);
    if (status == FS_OK)
        status = fs_gabor_mean_drift_of(&j->drifts[j->step], first, &j->fits[j->step], why);
    fs_kernels_free(&kernels);
    return status;
}

/* Networks without such kernels have no Gabor functions; the report says why. */
static fs_status try_gabor(job *j, const fs_model *model, fs_error *err) {
    if (!j->has_gabor)
        return FS_OK;
    const fs_status status = fit_version(j, model, &j->gabor_missing);
    j->has_gabor = status == FS_OK;
    if (status == FS_ERROR_MEMORY || status == FS_ERROR_CANCELLED)
        return fs_fail(err, status, "%s", j->gabor_missing.message);
    return FS_OK;
}

/* ---- versions ---- */

static fs_status measure_first(job *j, fs_error *err) {
    const fs_shift_series_request *r = j->request;
    const fs_grams_pictures pictures = {.n = j->folder->n_files,
                                        .batch = r->batch,
                                        .seed = r->call->common.seed,
                                        .input = show_picture,
                                        .context = j,
                                        .most = r->limit};
    const fs_shift_series_settings settings = {r->all_layers, j->pool, &j->progress};
    fs_status status = fs_shift_series_create(&j->series, j->first, &pictures, &settings, err);
    return status == FS_OK ? try_gabor(j, j->first, err) : status;
}

static fs_status measure_later(job *j, fs_error *err) {
    fs_model *model = NULL;
    fs_status status =
        fs_call_load_model(j->request->call, j->request->source->versions[j->step].path, &model, err);
    if (status == FS_OK)
        status = fs_shift_series_add(j->series, model, err);
    if (status == FS_OK)
        status = try_gabor(j, model, err);
    fs_model_destroy(model);
    return status;
}

static fs_status measure_all(job *j, fs_error *err) {
    fs_status status = measure_first(j, err);
    for (j->step = 1; j->step < j->request->source->n && status == FS_OK; j->step++) {
        status = measure_later(j, err);
        if (status != FS_OK)
            break;
    }
    return explain(j, status, err);
}

/* ---- files ---- */

static const char *in_output(const job *j, const char *name, char path[PATH_SIZE]) {
    snprintf(path, PATH_SIZE, "%s/%s", j->request->output, name);
    return path;
}

static fs_status write_figure(const job *j, const fs_series_report *r, fs_error *err) {
    char path[PATH_SIZE];
    fs_image figure = {0};
    fs_status status = fs_series_figure(r, &figure, err);
    if (status == FS_OK)
        status = fs_image_write_png(&figure, in_output(j, "series.png", path), NULL, 0, err);
    fs_image_free(&figure);
    return status;
}

static fs_status write_numbers(const job *j, const fs_series_report *r, fs_error *err) {
    char path[PATH_SIZE];
    const fs_series_files files = {r, j->has_gabor ? j->fits : NULL, j->request->call->common.seed};
    fs_status status = fs_series_write_layers(&files, in_output(j, "layers.csv", path), err);
    if (status == FS_OK)
        status = fs_series_write_filters(&files, in_output(j, "filters.csv", path), err);
    if (status == FS_OK && j->has_gabor)
        status = fs_series_write_gabor(&files, in_output(j, "gabor.csv", path), err);
    if (status == FS_OK)
        status = fs_series_write_json(&files, in_output(j, "series.json", path), err);
    return status;
}

static fs_status write_all(const job *j, fs_error *err) {
    const fs_shift_series_request *request = j->request;
    char path[PATH_SIZE];
    const fs_series_report r = {.title = request->title,
                                .folder = request->images,
                                .versions = request->source->versions,
                                .stages = request->source->n_stages > 0 ? request->source->stages : NULL,
                                .series = j->series,
                                .batch = request->batch,
                                .gabor = j->has_gabor ? j->drifts : NULL,
                                .gabor_kernels = j->has_gabor ? j->fits[0].count : 0,
                                .gabor_layer = j->has_gabor ? j->kernels_of->name : NULL,
                                .gabor_missing = j->gabor_missing.message};
    fs_status status = fs_make_folder(request->output, err);
    if (status == FS_OK)
        status = write_numbers(j, &r, err);
    if (status == FS_OK)
        status = write_figure(j, &r, err);
    if (status == FS_OK)
        status = fs_series_report_pdf(&r, in_output(j, "report.pdf", path), err);
    if (status == FS_OK)
        status = fs_series_report_html(&r, in_output(j, "report.html", path), err);
    return status;
}

static void print_result(const job *j) {
    const fs_series_source *source = j->request->source;
    const int last = source->n - 1, least = fs_series_least(j->series, last);
    printf("%s: %d networks over %d photographs", j->request->output, source->n, j->series->n_pictures);
    if (least >= 0)
        printf("; least CKA in the end %.3f, %s", j->series->steps[last].cka[least],
               fs_shift_series_layer(j->series, least)->name);
    printf("\n");
}

/* ---- the job ---- */

static void close_all(job *j) {
    for (int i = 0; i < j->request->source->n && j->fits; i++)
        fs_gabor_fits_free(&j->fits[i]);
    fs_free(j->fits);
    fs_free(j->drifts);
    fs_kernels_free(&j->kernels);
    fs_shift_series_destroy(j->series);
    fs_model_destroy(j->first);
    fs_pool_destroy(j->pool);
    fs_free(j->told);
    fs_folder_destroy(j->folder);
}

fs_status fs_shift_series_run(const fs_shift_series_request *request, fs_error *err) {
    job j = {.request = request, .start = fs_seconds()};
    j.progress = (fs_progress){report, &j, request->call->progress.cancel};
    fs_status status = open_all(&j, err);
    if (status == FS_OK)
        status = measure_all(&j, err);
    fs_terminal_clear();
    if (status == FS_OK)
        status = write_all(&j, err);
    if (status == FS_OK)
        print_result(&j);
    close_all(&j);
    return status;
}
