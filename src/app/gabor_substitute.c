#include "app/gabor_substitute.h"

#include <math.h>
#include <string.h>

#include "app/classifier.h"
#include "app/picture_labels.h"
#include "base/alloc.h"
#include "engine/plan.h"
#include "engine/train/loss.h"
#include "viz/cka.h"

enum { MAX_LAYERS = 48, TOP = 5 };

typedef struct test {
    const fs_gabor_substitute_job *job;
    const fs_layer *logits;
    fs_plan *plan;
    int outputs[MAX_LAYERS + 1]; /* values of the compared layers, then the class scores */
    const fs_layer *layers[MAX_LAYERS];
    int n_layers, classes;
    fs_image *crops;
    int *truth; /* class of each picture, -1 where unknown */
    int pictures, compared;
    float *original;                   /* [pictures][classes] probabilities */
    float *probabilities;              /* [classes] */
    float *features[MAX_LAYERS];       /* [compared][channels], of what runs now */
    double *gram_original[MAX_LAYERS]; /* [compared][compared] */
    double *gram;
    fs_kernels replaced;
    double start;
    int passes, passes_done;
} test;

/* -- preparation -- */

/* Layers that are no part of another, from the replaced one on; evenly chosen where there are many. */
static int choose_layers(const fs_gabor_substitute_job *job, const fs_layer *out[MAX_LAYERS]) {
    const fs_model *m = job->model;
    int eligible = 0, chosen = 0;
    for (int pass = 0; pass < 2; pass++) {
        int seen = 0;
        for (int i = (int)(job->layer - m->layers); i < m->n_layers; i++) {
            const fs_layer *l = &m->layers[i];
            if (l->parent >= 0 || (l->shape.rank != 4 && l->shape.rank != 2))
                continue;
            const int wanted = eligible < MAX_LAYERS ? eligible : MAX_LAYERS;
            if (pass == 0)
                eligible++;
            else if ((int64_t)seen * wanted / eligible >= chosen && chosen < wanted)
                out[chosen++] = l;
            seen++;
        }
    }
    return chosen;
}

static fs_status make_plan(test *t, fs_error *err) {
    const fs_model *m = t->job->model;
    t->logits = fs_model_logits(m);
    if (!t->logits)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "%s: the network has no class scores", m->path);
    t->n_layers = choose_layers(t->job, t->layers);
    for (int i = 0; i < t->n_layers; i++)
        t->outputs[i] = t->layers[i]->view;
    t->outputs[t->n_layers] = t->logits->value;
    const fs_preprocess *p = &m->preprocess;
    fs_plan_request request =
        fs_plan_request_default(m->graph, fs_shape_of(4, 1, fs_preprocess_channels(p), p->height, p->width));
    request.outputs = t->outputs;
    request.n_outputs = t->n_layers + 1;
    request.pool = t->job->pool;
    fs_status status = fs_plan_create(&t->plan, &request, err);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s", m->path);
    const fs_shape shape = fs_plan_output_shape(t->plan, t->n_layers);
    t->classes = (int)fs_shape_count(&shape);
    return FS_OK;
}

/* Reads the pictures that can be read, cropped as for `classify`. */
static fs_status read_pictures(test *t, const fs_folder *folder, const int *classes, int *unreadable,
                               fs_error *err) {
    const fs_preprocess *p = &t->job->model->preprocess;
    const int wanted =
        folder->n_files < FS_SUBSTITUTE_MAX_PICTURES ? folder->n_files : FS_SUBSTITUTE_MAX_PICTURES;
    t->crops = fs_calloc((size_t)wanted, sizeof *t->crops);
    t->truth = fs_alloc_array((size_t)wanted, sizeof *t->truth);
    if (!t->crops || !t->truth)
        return fs_fail_memory(err, "pictures");
    for (int i = 0; i < wanted; i++) {
        const int file = (int)((int64_t)i * folder->n_files / wanted);
        fs_image image = {0};
        if (fs_progress_cancelled(t->job->progress))
            return fs_fail(err, FS_ERROR_CANCELLED, "stopped");
        fs_status status = fs_image_read(&image, folder->files[file].path, err);
        if (status == FS_OK)
            status = fs_preprocess_crop(&image, p->height, p->width, &t->crops[t->pictures], err);
        fs_image_free(&image);
        if (status == FS_ERROR_MEMORY)
            return status;
        if (status == FS_OK)
            t->truth[t->pictures++] = classes[file];
        else
            ++*unreadable;
        fs_progress_state state = {"pictures", i + 1, wanted, fs_seconds() - t->start, (double)NAN};
        fs_progress_report(t->job->progress, &state);
    }
    return t->pictures ? FS_OK : fs_fail(err, FS_ERROR_FORMAT, "%s: no picture can be read", t->job->images);
}

static int channels_of(const test *t, int layer) {
    return (int)fs_plan_output_shape(t->plan, layer).dim[1];
}

static fs_status allocate(test *t, fs_error *err) {
    const fs_kernels *k = t->job->kernels;
    t->compared = t->pictures < FS_SUBSTITUTE_MAX_COMPARED ? t->pictures : FS_SUBSTITUTE_MAX_COMPARED;
    const size_t n = (size_t)t->compared;
    t->original = fs_alloc_array((size_t)t->pictures * (size_t)t->classes, sizeof *t->original);
    t->probabilities = fs_alloc_array((size_t)t->classes, sizeof *t->probabilities);
    t->gram = fs_alloc_array(n * n, sizeof *t->gram);
    bool complete = t->original && t->probabilities && t->gram;
    for (int l = 0; l < t->n_layers && complete; l++) {
        t->features[l] = fs_alloc_array(n * (size_t)channels_of(t, l), sizeof(float));
        t->gram_original[l] = fs_alloc_array(n * n, sizeof(double));
        complete = t->features[l] && t->gram_original[l];
    }
    if (!complete)
        return fs_fail_memory(err, "a substitution test");
    return fs_kernels_create(&t->replaced, k->count, k->channels, k->height, k->width, err);
}

static void free_test(test *t) {
    for (int i = 0; i < t->pictures; i++)
        fs_image_free(&t->crops[i]);
    for (int l = 0; l < MAX_LAYERS; l++) {
        fs_free(t->features[l]);
        fs_free(t->gram_original[l]);
    }
    fs_free(t->crops);
    fs_free(t->truth);
    fs_free(t->original);
    fs_free(t->probabilities);
    fs_free(t->gram);
    fs_kernels_free(&t->replaced);
    fs_plan_destroy(t->plan);
}

/* -- one pass over the pictures -- */

/* Sums over the pictures of a pass. */
typedef struct scores {
    int labelled, top1, top5, agreeing;
    double divergence;
} scores;

/* Channel means of each layer. */
static void keep_features(test *t, int row) {
    for (int l = 0; l < t->n_layers; l++) {
        const fs_shape shape = fs_plan_output_shape(t->plan, l);
        const float *values = fs_plan_output(t->plan, l);
        const int channels = (int)shape.dim[1];
        const int64_t plane = fs_shape_count(&shape) / channels;
        for (int c = 0; c < channels; c++) {
            double sum = 0;
            for (int64_t i = 0; i < plane; i++)
                sum += (double)values[c * plane + i];
            t->features[l][(size_t)row * (size_t)channels + (size_t)c] = (float)(sum / (double)plane);
        }
    }
}

static void count_scores(const test *t, int picture, scores *s) {
    const float *original = t->original + (size_t)picture * (size_t)t->classes, *now = t->probabilities;
    int order[TOP], first;
    const int top = t->classes < TOP ? t->classes : TOP, truth = t->truth[picture];
    fs_classifier_top(now, t->classes, top, order);
    fs_classifier_top(original, t->classes, 1, &first);
    s->agreeing += order[0] == first;
    s->labelled += truth >= 0;
    s->top1 += truth >= 0 && order[0] == truth;
    for (int i = 0; i < top; i++)
        s->top5 += truth >= 0 && order[i] == truth;
    for (int c = 0; c < t->classes; c++)
        if (original[c] > 0) /* a probability that underflowed counts as the smallest one there is */
            s->divergence +=
                (double)original[c] * log((double)original[c] / fmax((double)now[c], 1.17549435e-38));
}

static fs_status run_pass(test *t, bool is_original, scores *s, fs_error *err) {
    *s = (scores){0};
    fs_plan_weights_changed(t->plan);
    int row = 0;
    for (int i = 0; i < t->pictures; i++) {
        if (fs_progress_cancelled(t->job->progress))
            return fs_fail(err, FS_ERROR_CANCELLED, "stopped");
        fs_preprocess_image(&t->job->model->preprocess, &t->crops[i], fs_plan_input(t->plan));
        fs_status status = fs_plan_forward(t->plan, t->job->progress ? t->job->progress->cancel : NULL, err);
        if (status != FS_OK)
            return status;
        if (row < t->compared && (int64_t)row * t->pictures / t->compared == i)
            keep_features(t, row++);
        fs_softmax(fs_plan_output(t->plan, t->n_layers), t->classes, t->probabilities);
        if (is_original)
            memcpy(t->original + (size_t)i * (size_t)t->classes, t->probabilities,
                   (size_t)t->classes * sizeof *t->original);
        count_scores(t, i, s);
        fs_progress_state state = {"substitution", t->passes_done + (i + 1.0) / t->pictures, t->passes,
                                   fs_seconds() - t->start, (double)NAN};
        fs_progress_report(t->job->progress, &state);
    }
    t->passes_done++;
    return FS_OK;
}

/* -- layers -- */

static fs_status cka_of(const double *before, const double *after, int n, double *out, fs_error *err) {
    fs_cka *cka = NULL;
    const fs_status status = fs_cka_create(&cka, 1, 1, err);
    if (status != FS_OK)
        return status;
    fs_cka_add(cka, before, after, n);
    *out = fs_cka_value(cka, 0, 0);
    fs_cka_destroy(cka);
    return FS_OK;
}

/* values [n_layers]: against the original; NULL: this is the original. NaN where a layer is not finite, and
 * with too few pictures. */
static fs_status compare_layers(test *t, double *values, fs_error *err) {
    for (int l = 0; l < t->n_layers; l++) {
        if (values)
            values[l] = (double)NAN;
        if (t->compared < FS_CKA_LEAST_BATCH)
            continue;
        double *gram = values ? t->gram : t->gram_original[l];
        fs_status status =
            fs_cka_gram(t->features[l], t->compared, channels_of(t, l), gram, t->job->pool, err);
        if (status == FS_ERROR_DIVERGED) /* like nothing else */
            memset(gram, 0, (size_t)t->compared * (size_t)t->compared * sizeof *gram);
        if (status == FS_OK && values)
            status = cka_of(t->gram_original[l], t->gram, t->compared, &values[l], err);
        if (status != FS_OK && status != FS_ERROR_DIVERGED)
            return status;
    }
    return FS_OK;
}

/* -- variants -- */

typedef struct sums {
    double sum, squares;
} sums;

static void add(sums *s, double value) {
    s->sum += value;
    s->squares += value * value;
}

static fs_repeated repeated(const sums *s, int n) {
    const double mean = s->sum / n, variance = n > 1 ? fmax(0, s->squares - n * mean * mean) / (n - 1) : 0;
    return (fs_repeated){mean, sqrt(variance)};
}

static double change_of(const fs_kernels *a, const fs_kernels *b) {
    const size_t count = (size_t)a->count * (size_t)a->channels * (size_t)a->height * (size_t)a->width;
    double change = 0, all = 0;
    for (size_t i = 0; i < count; i++) {
        change += (a->values[i] - b->values[i]) * (a->values[i] - b->values[i]);
        all += a->values[i] * a->values[i];
    }
    return all > 0 ? change / all : 0;
}

enum { NUMBERS = 5 };

static fs_status run_variant(test *t, const fs_substitutes *substitutes, int index, fs_variant_result *out,
                             fs_error *err) {
    const fs_variant *v = &fs_variant_table[index];
    sums numbers[NUMBERS] = {{0}}, by_layer[MAX_LAYERS] = {{0}};
    double values[MAX_LAYERS];
    out->repeats = fs_variant_is_random(v) ? t->job->repeats : 1;
    for (int r = 0; r < out->repeats; r++) {
        scores s;
        out->chosen = fs_substitutes_make(substitutes, v, t->job->seed + (uint64_t)r, t->replaced.values);
        fs_status status = fs_kernels_put(&t->replaced, t->job->model, t->job->layer, err);
        if (status == FS_OK)
            status = run_pass(t, false, &s, err);
        if (status == FS_OK)
            status = compare_layers(t, values, err);
        if (status != FS_OK)
            return status;
        const double labelled = s.labelled > 0 ? s.labelled : (double)NAN, pictures = t->pictures;
        const double found[NUMBERS] = {change_of(t->job->kernels, &t->replaced), s.top1 / labelled,
                                       s.top5 / labelled, s.agreeing / pictures, s.divergence / pictures};
        for (int i = 0; i < NUMBERS; i++)
            add(&numbers[i], found[i]);
        for (int l = 0; l < t->n_layers; l++)
            add(&by_layer[l], values[l]);
    }
    fs_repeated *const to[NUMBERS] = {&out->change, &out->top1, &out->top5, &out->agreement,
                                      &out->divergence};
    for (int i = 0; i < NUMBERS; i++)
        *to[i] = repeated(&numbers[i], out->repeats);
    for (int l = 0; l < t->n_layers; l++)
        out->cka[l] = repeated(&by_layer[l], out->repeats);
    return FS_OK;
}

static fs_status run_all(test *t, fs_substitution *result, fs_error *err) {
    scores s;
    fs_substitutes substitutes = {0};
    for (int v = 0; v < FS_VARIANTS; v++)
        t->passes += fs_variant_is_random(&fs_variant_table[v]) ? t->job->repeats : 1;
    t->passes++;
    fs_status status = run_pass(t, true, &s, err);
    if (status == FS_OK)
        status = compare_layers(t, NULL, err);
    if (status != FS_OK)
        return status;
    result->pictures = t->pictures;
    result->labelled = s.labelled;
    result->compared = t->compared;
    result->top1 = s.labelled ? (double)s.top1 / s.labelled : (double)NAN;
    result->top5 = s.labelled ? (double)s.top5 / s.labelled : (double)NAN;
    status = fs_substitutes_create(&substitutes, t->job->kernels, t->job->analysis, err);
    for (int v = 0; v < FS_VARIANTS && status == FS_OK; v++)
        status = run_variant(t, &substitutes, v, &result->results[v], err);
    fs_substitutes_free(&substitutes);
    return status;
}

static fs_status run_on(test *t, const fs_folder *folder, fs_substitution *out, fs_error *err) {
    const fs_gabor_substitute_job *job = t->job;
    const char *names[MAX_LAYERS];
    int *classes = NULL, unreadable = 0;
    fs_substitution result = {0};
    fs_status status = make_plan(t, err);
    if (status == FS_OK)
        status = fs_picture_labels(&classes, folder, job->images, job->labels, job->model, t->classes, err);
    if (status == FS_OK)
        status = read_pictures(t, folder, classes, &unreadable, err);
    if (status == FS_OK)
        status = allocate(t, err);
    for (int l = 0; l < t->n_layers; l++)
        names[l] = t->layers[l]->name;
    if (status == FS_OK)
        status = fs_substitution_create(&result, names, t->n_layers, err);
    if (status == FS_OK) {
        result.unreadable = unreadable;
        t->start = fs_seconds();
        status = run_all(t, &result, err);
        fs_kernels_put(job->kernels, job->model, job->layer, NULL);
    }
    fs_free(classes);
    if (status == FS_OK)
        *out = result;
    else
        fs_substitution_free(&result);
    return status;
}

fs_status fs_gabor_substitute(fs_substitution *out, const fs_gabor_substitute_job *job, fs_error *err) {
    fs_folder *folder = NULL;
    test t = {.job = job, .start = fs_seconds()};
    fs_status status = fs_folder_list(&folder, job->images, err);
    if (status == FS_OK)
        status = run_on(&t, folder, out, err);
    free_test(&t);
    fs_folder_destroy(folder);
    return status;
}
