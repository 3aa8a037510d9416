#include "gabor/substitution.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "gabor/views.h"

const fs_variant fs_variant_table[FS_VARIANTS] = {
    {"fit", "all by their fits", FS_CHOICE_ALL, FS_SUBSTITUTE_FIT, FS_SUBSTITUTE_LEARNED},
    {"rank_one", "all by their fits in one colour", FS_CHOICE_ALL, FS_SUBSTITUTE_RANK_ONE,
     FS_SUBSTITUTE_LEARNED},
    {"gabor_fit", "gabor by fits, others kept", FS_CHOICE_GABOR, FS_SUBSTITUTE_FIT, FS_SUBSTITUTE_LEARNED},
    {"gabor_edge_fit", "gabor and edge by fits, others kept", FS_CHOICE_GABOR_EDGE, FS_SUBSTITUTE_FIT,
     FS_SUBSTITUTE_LEARNED},
    {"gabor_fit_rest_blob", "gabor by fits, others blobs", FS_CHOICE_GABOR, FS_SUBSTITUTE_FIT,
     FS_SUBSTITUTE_BLOB},
    {"gabor_edge_fit_rest_blob", "gabor and edge by fits, others blobs", FS_CHOICE_GABOR_EDGE,
     FS_SUBSTITUTE_FIT, FS_SUBSTITUTE_BLOB},
    {"gabor_fit_rest_zero", "gabor by fits, others zero", FS_CHOICE_GABOR, FS_SUBSTITUTE_FIT,
     FS_SUBSTITUTE_ZERO},
    {"gabor_edge_fit_rest_zero", "gabor and edge by fits, others zero", FS_CHOICE_GABOR_EDGE,
     FS_SUBSTITUTE_FIT, FS_SUBSTITUTE_ZERO},
    {"gabor_zero", "gabor zero, others kept", FS_CHOICE_GABOR, FS_SUBSTITUTE_ZERO, FS_SUBSTITUTE_LEARNED},
    {"shuffled", "control: all with pixels shuffled", FS_CHOICE_ALL, FS_SUBSTITUTE_SHUFFLED,
     FS_SUBSTITUTE_LEARNED},
    {"noise", "control: all noise of the same norm", FS_CHOICE_ALL, FS_SUBSTITUTE_NOISE,
     FS_SUBSTITUTE_LEARNED}};

bool fs_variant_is_random(const fs_variant *v) {
    return v->chosen == FS_SUBSTITUTE_NOISE || v->chosen == FS_SUBSTITUTE_SHUFFLED;
}

/* -- kernels -- */

static size_t plane_of(const fs_kernels *k) {
    return (size_t)k->height * (size_t)k->width;
}

/* Colour times the Gaussian fitted to the profile. */
static void make_blob(fs_fitter *fitter, const fs_substitutes *s, int index, double *profile) {
    const fs_patch patch = fs_kernels_patch(s->kernels, index);
    const size_t plane = plane_of(s->kernels);
    double *out = s->blobs.values + (size_t)index * (size_t)patch.channels * plane;
    const fs_colour_split split = fs_colour_split_of(&patch, profile);
    fs_fitter_sample(fitter, FS_MODEL_BLOB, profile, profile + plane);
    for (int c = 0; c < patch.channels; c++)
        for (size_t i = 0; i < plane; i++)
            out[(size_t)c * plane + i] = split.colour[c] * profile[plane + i];
}

fs_status fs_substitutes_create(fs_substitutes *out, const fs_kernels *k, const fs_analysis *analysis,
                                fs_error *err) {
    fs_substitutes s = {.kernels = k, .analysis = analysis};
    fs_fitter *fitter = NULL;
    double *profile = fs_alloc_array(2 * plane_of(k), sizeof *profile);
    fs_status status = profile ? FS_OK : fs_fail_memory(err, "substitutes");
    if (status == FS_OK)
        status = fs_kernels_create(&s.blobs, k->count, k->channels, k->height, k->width, err);
    if (status == FS_OK)
        status = fs_fitter_create(&fitter, k->height, k->width, err);
    for (int i = 0; i < k->count && status == FS_OK; i++)
        make_blob(fitter, &s, i, profile);
    fs_fitter_destroy(fitter);
    fs_free(profile);
    if (status == FS_OK)
        *out = s;
    else
        fs_substitutes_free(&s);
    return status;
}

void fs_substitutes_free(fs_substitutes *s) {
    fs_kernels_free(&s->blobs);
    memset(s, 0, sizeof *s);
}

static double norm_of(const double *values, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i] * values[i];
    return sqrt(sum);
}

static void make_noise(const fs_patch *patch, fs_random *random, double *out) {
    const size_t count = (size_t)patch->channels * (size_t)patch->height * (size_t)patch->width;
    for (size_t i = 0; i < count; i++) {
        float value;
        fs_random_normal(random, &value, 1, 1);
        out[i] = (double)value;
    }
    const double norm = norm_of(out, count), scale = norm > 0 ? norm_of(patch->values, count) / norm : 0;
    for (size_t i = 0; i < count; i++)
        out[i] *= scale;
}

static void shuffle(const fs_patch *patch, fs_random *random, double *out) {
    const int plane = patch->height * patch->width;
    memcpy(out, patch->values, (size_t)patch->channels * (size_t)plane * sizeof *out);
    for (int i = plane - 1; i > 0; i--) {
        const int other = fs_random_int(random, i + 1);
        for (int c = 0; c < patch->channels; c++) {
            const double kept = out[c * plane + i];
            out[c * plane + i] = out[c * plane + other];
            out[c * plane + other] = kept;
        }
    }
}

static void make_kernel(const fs_substitutes *s, int index, fs_substitute how, uint64_t seed, double *out) {
    const fs_patch p = fs_kernels_patch(s->kernels, index);
    const fs_kernel_analysis *a = &s->analysis->kernels[index];
    const size_t count = (size_t)p.channels * plane_of(s->kernels);
    fs_random random;
    fs_random_seed(&random, seed, (uint64_t)index); /* one sequence a kernel */
    switch (how) {
    case FS_SUBSTITUTE_LEARNED:
        memcpy(out, p.values, count * sizeof *out);
        break;
    case FS_SUBSTITUTE_FIT:
        fs_sample_colour_fit(a, p.channels, p.height, p.width, out);
        break;
    case FS_SUBSTITUTE_RANK_ONE:
        fs_sample_rank_one_fit(a, p.channels, p.height, p.width, out);
        break;
    case FS_SUBSTITUTE_BLOB:
        memcpy(out, s->blobs.values + (size_t)index * count, count * sizeof *out);
        break;
    case FS_SUBSTITUTE_ZERO:
        memset(out, 0, count * sizeof *out);
        break;
    case FS_SUBSTITUTE_NOISE:
        make_noise(&p, &random, out);
        break;
    case FS_SUBSTITUTE_SHUFFLED:
        shuffle(&p, &random, out);
        break;
    }
}

static bool is_chosen(fs_variant_choice choice, fs_kernel_class kind) {
    return choice == FS_CHOICE_ALL || kind == FS_KERNEL_GABOR ||
           (choice == FS_CHOICE_GABOR_EDGE && kind == FS_KERNEL_EDGE);
}

int fs_substitutes_make(const fs_substitutes *s, const fs_variant *v, uint64_t seed, double *out) {
    const size_t each = (size_t)s->kernels->channels * plane_of(s->kernels);
    int chosen = 0;
    for (int i = 0; i < s->kernels->count; i++) {
        const bool is = is_chosen(v->choice, s->analysis->kernels[i].kind);
        make_kernel(s, i, is ? v->chosen : v->others, seed, out + (size_t)i * each);
        chosen += is;
    }
    return chosen;
}

/* -- numbers -- */

fs_status fs_substitution_create(fs_substitution *out, const char *const *layers, int n_layers,
                                 fs_error *err) {
    fs_substitution s = {.n_layers = n_layers};
    bool complete = (s.layers = fs_calloc((size_t)n_layers + 1, sizeof *s.layers)) != NULL;
    for (int i = 0; i < n_layers && complete; i++)
        complete = (s.layers[i] = fs_strdup(layers[i])) != NULL;
    for (int v = 0; v < FS_VARIANTS && complete; v++)
        complete = (s.results[v].cka = fs_calloc((size_t)n_layers + 1, sizeof(fs_repeated))) != NULL;
    if (!complete) {
        fs_substitution_free(&s);
        return fs_fail_memory(err, "a substitution test");
    }
    *out = s;
    return FS_OK;
}

void fs_substitution_free(fs_substitution *s) {
    for (int i = 0; i < s->n_layers && s->layers; i++)
        fs_free(s->layers[i]);
    fs_free(s->layers);
    for (int v = 0; v < FS_VARIANTS; v++)
        fs_free(s->results[v].cka);
    memset(s, 0, sizeof *s);
}
