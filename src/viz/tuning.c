#include "viz/tuning.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/plan.h"

static const double sigma_of_wavelength = 0.56, gamma_of_patch = 0.5;

typedef struct bench {
    const fs_model *model;
    fs_plan *plan;
    int height, width;         /* of the picture */
    double centre_x, centre_y; /* of the unit's field */
    int64_t unit, per_picture; /* where the unit's value lies in one picture's activation, and that's size */
    float *rgb;                /* [3, pixels] */
} bench;

const fs_option fs_tuning_options[] = {
    FS_OPTION_INT(fs_tuning_settings, orientations, "orientations", 1, FS_TUNING_MAX_ORIENTATIONS, "24",
                  "over half a turn"),
    FS_OPTION_INT(fs_tuning_settings, wavelengths, "wavelengths", 1, FS_TUNING_MAX_WAVELENGTHS, "6",
                  "in equal ratios"),
    FS_OPTION_DOUBLE(fs_tuning_settings, shortest, "shortest", 2, 10000, "3",
                     "shortest wavelength in pixels"),
    FS_OPTION_DOUBLE(fs_tuning_settings, longest, "longest", 0, 10000, "0",
                     "longest wavelength, 0: the receptive field or half the picture"),
    FS_OPTION_END};

double fs_tuning_angle(const fs_tuning *t, int orientation) {
    return M_PI * orientation / t->orientations;
}

int fs_tuning_peak(const fs_tuning *t, fs_stimulus_kind kind) {
    int best = 0;
    for (int i = 1; i < t->orientations * t->wavelengths; i++)
        if (t->response[kind][i] > t->response[kind][best])
            best = i;
    return best;
}

void fs_tuning_free(fs_tuning *t) {
    for (int k = 0; k < FS_STIMULUS_KINDS; k++)
        fs_free(t->response[k]);
    memset(t, 0, sizeof *t);
}

static fs_status find_unit(bench *b, const fs_layer *layer, int channel, fs_error *err) {
    fs_shape s = fs_plan_output_shape(b->plan, 0);
    if (s.rank != 2 && s.rank != 4)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "layer '%s' has no units at places of the picture",
                       layer->name);
    int64_t height = s.rank == 4 ? s.dim[2] : 1, width = s.rank == 4 ? s.dim[3] : 1;
    const fs_receptive_field *f = &layer->field;
    b->per_picture = s.dim[1] * height * width;
    b->unit = (channel * height + height / 2) * width + width / 2;
    b->centre_x = b->width / 2.0;
    b->centre_y = b->height / 2.0;
    if (s.rank == 4 && f->size > 0) {
        b->centre_x = f->offset + f->size / 2.0 + (double)f->stride * (double)(width / 2);
        b->centre_y = f->offset + f->size / 2.0 + (double)f->stride * (double)(height / 2);
    }
    return FS_OK;
}

static fs_status make_bench(bench *b, const fs_layer *layer, int channel, fs_pool *pool, fs_error *err) {
    const fs_preprocess *p = &b->model->preprocess;
    fs_plan_request request = fs_plan_request_default(
        b->model->graph, fs_shape_of(4, FS_TUNING_PHASES, fs_preprocess_channels(p), p->height, p->width));
    int value = layer->view;
    request.outputs = &value;
    request.n_outputs = 1;
    request.pool = pool;
    b->height = p->height;
    b->width = p->width;
    b->rgb = fs_alloc_array((size_t)p->height * (size_t)p->width * 3, sizeof *b->rgb);
    if (!b->rgb)
        return fs_fail_memory(err, "a stimulus");
    fs_status status = fs_plan_create(&b->plan, &request, err);
    return status == FS_OK ? find_unit(b, layer, channel, err) : status;
}

typedef struct stimulus {
    fs_stimulus_kind kind;
    double theta, lambda, psi;
} stimulus;

static void draw(const bench *b, const stimulus *s, float *rgb) {
    const int64_t pixels = (int64_t)b->height * b->width;
    const double c = cos(s->theta), d = sin(s->theta), sigma = sigma_of_wavelength * s->lambda;
    for (int row = 0; row < b->height; row++)
        for (int column = 0; column < b->width; column++) {
            double x = column + 0.5 - b->centre_x, y = row + 0.5 - b->centre_y;
            double across = x * c + y * d, along = gamma_of_patch * (y * c - x * d);
            double value = cos(2 * M_PI * across / s->lambda + s->psi);
            if (s->kind == FS_STIMULUS_PATCH)
                value *= exp(-(across * across + along * along) / (2 * sigma * sigma));
            int64_t i = (int64_t)row * b->width + column;
            rgb[i] = rgb[pixels + i] = rgb[2 * pixels + i] = (float)(0.5 + 0.5 * value);
        }
}

/* All phases at once, one a picture of the batch. */
static fs_status respond(const bench *b, stimulus s, const atomic_bool *cancel, float *out, fs_error *err) {
    const int64_t pixels = (int64_t)b->height * b->width;
    const int64_t planes = fs_preprocess_channels(&b->model->preprocess);
    for (int n = 0; n < FS_TUNING_PHASES; n++) {
        s.psi = 2 * M_PI * n / FS_TUNING_PHASES;
        draw(b, &s, b->rgb);
        fs_preprocess_forward(&b->model->preprocess, b->rgb, pixels,
                              fs_plan_input(b->plan) + n * planes * pixels);
    }
    fs_status status = fs_plan_forward(b->plan, cancel, err);
    if (status != FS_OK)
        return status;
    const float *values = fs_plan_output(b->plan, 0) + b->unit;
    *out = values[0];
    for (int n = 1; n < FS_TUNING_PHASES; n++)
        *out = fmaxf(*out, values[n * b->per_picture]);
    if (!isfinite(*out))
        return fs_fail(err, FS_ERROR_DIVERGED, "the layer's values are not finite");
    return FS_OK;
}

struct fs_tuning_test {
    bench bench;
    fs_tuning tuning;
    int done; /* stimuli */
    double begun;
};

static int stimuli_of(const fs_tuning *t) {
    return t->orientations * t->wavelengths * FS_STIMULUS_KINDS;
}

bool fs_tuning_finished(const fs_tuning_test *test) {
    return test->done >= stimuli_of(&test->tuning);
}

fs_status fs_tuning_advance(fs_tuning_test *test, const fs_progress *progress, fs_error *err) {
    fs_tuning *t = &test->tuning;
    const int each = t->orientations * t->wavelengths, at = test->done % each;
    stimulus s = {.kind = (fs_stimulus_kind)(test->done / each),
                  .theta = fs_tuning_angle(t, at % t->orientations),
                  .lambda = t->wavelength[at / t->orientations]};
    fs_status status =
        respond(&test->bench, s, progress ? progress->cancel : NULL, &t->response[s.kind][at], err);
    if (status != FS_OK)
        return status;
    fs_progress_state state = {"tuning", ++test->done, stimuli_of(t), fs_seconds() - test->begun,
                               (double)NAN};
    fs_progress_report(progress, &state);
    return FS_OK;
}

static fs_status prepare(fs_tuning *t, const fs_tuning_settings *s, const fs_model *model,
                         const fs_layer *layer, fs_error *err) {
    const fs_preprocess *p = &model->preprocess;
    double half = (p->height < p->width ? p->height : p->width) / 2.0;
    double field = layer->field.size > 0 && layer->field.size < half ? layer->field.size : half;
    double longest = s->longest > 0 ? s->longest : fmax(field, 2 * s->shortest);
    if (s->orientations < 1 || s->orientations > FS_TUNING_MAX_ORIENTATIONS || s->wavelengths < 1 ||
        s->wavelengths > FS_TUNING_MAX_WAVELENGTHS || !(s->shortest >= 2) || !(longest >= s->shortest))
        return fs_fail(err, FS_ERROR_ARGUMENT,
                       "wavelengths go from at least 2 pixels to a longer one: not from %g to %g",
                       s->shortest, longest);
    t->orientations = s->orientations;
    t->wavelengths = s->wavelengths;
    for (int w = 0; w < t->wavelengths; w++)
        t->wavelength[w] =
            s->shortest * pow(longest / s->shortest, t->wavelengths > 1 ? w / (t->wavelengths - 1.0) : 0);
    for (int k = 0; k < FS_STIMULUS_KINDS; k++)
        if (!(t->response[k] = fs_calloc((size_t)t->orientations * (size_t)t->wavelengths, sizeof(float))))
            return fs_fail_memory(err, "tuning curves");
    return FS_OK;
}

fs_status fs_tuning_begin(fs_tuning_test **out, const fs_model *model, const fs_layer *layer, int channel,
                          const fs_tuning_settings *settings, fs_pool *pool, fs_error *err) {
    if (channel < 0 || channel >= layer->channels)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "layer '%s' has channels 0 to %d, no %d", layer->name,
                       layer->channels - 1, channel);
    fs_tuning_test *test = fs_calloc(1, sizeof *test);
    if (!test)
        return fs_fail_memory(err, "tuning curves");
    test->bench.model = model;
    test->begun = fs_seconds();
    fs_status status = prepare(&test->tuning, settings, model, layer, err);
    if (status == FS_OK)
        status = make_bench(&test->bench, layer, channel, pool, err);
    if (status == FS_OK)
        *out = test;
    else
        fs_tuning_end(test, NULL);
    return status;
}

void fs_tuning_end(fs_tuning_test *test, fs_tuning *out) {
    if (!test)
        return;
    fs_plan_destroy(test->bench.plan);
    fs_free(test->bench.rgb);
    if (out)
        *out = test->tuning;
    else
        fs_tuning_free(&test->tuning);
    fs_free(test);
}

fs_status fs_tuning_run(fs_tuning *out, const fs_model *model, const fs_layer *layer, int channel,
                        const fs_tuning_settings *settings, fs_pool *pool, const fs_progress *progress,
                        fs_error *err) {
    fs_tuning_test *test = NULL;
    fs_status status = fs_tuning_begin(&test, model, layer, channel, settings, pool, err);
    while (status == FS_OK && !fs_tuning_finished(test))
        status = fs_tuning_advance(test, progress, err);
    fs_tuning_end(test, status == FS_OK ? out : NULL);
    return status;
}
