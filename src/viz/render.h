/* Activation maximisation: the picture that excites a channel, a neuron, a logit or a layer most, or makes
 * most of any expression of such terms (docs/objectives.md).
 *
 *     fs_render_settings settings;
 *     fs_options_defaults(fs_render_options, &settings);
 *     strcpy(settings.layer, "features.8");  settings.channel = 100;
 *     fs_render_create(&render, model, &settings, NULL, 1, pool, &err);
 *     while (fs_render_steps_done(render) < settings.steps)
 *         fs_render_step(render, cancel, &err);
 *     fs_render_image(render, 0, FS_RENDER_LAST, &image, &err);
 *
 * Method: Olah, Mordvintsev, Schubert, "Feature Visualization", Distill 2017, doi:10.23915/distill.00007. The
 * picture is parametrised by its Fourier coefficients and decorrelated colours, or otherwise
 * (viz/parametrisation.h), seen by the network through random transforms (viz/transform.h), and improved by
 * Adam. For a network of one channel it is grey.
 *
 * The network sees a window somewhat larger than the picture; where it does not take that size (a fully
 * connected layer before the target), the window is the model's own input and the picture is resampled into
 * it.
 *
 * A unit that is off everywhere has no gradient. In the first 16 steps, and later for as long as an item has
 * none, FS_RELU_REDIRECTED gives it one (viz/render_step.c).
 *
 * A render holds one or more items, channels of a layer or variants of one objective, each with its own
 * random stream: an item's picture does not depend on the items beside it beyond rounding in the last place,
 * unless its objective says so (diversity, alignment, interpolate). Creation allocates everything; steps do
 * not. The model and pool are borrowed. One thread at a time. */
#ifndef FS_VIZ_RENDER_H
#define FS_VIZ_RENDER_H

#include "base/option.h"
#include "base/pool.h"
#include "base/progress.h"
#include "engine/model.h"

/* viz/parametrisations/registry.c has the same order. */
typedef enum fs_parametrisation_kind {
    FS_PARAM_FFT,
    FS_PARAM_PIXEL,
    FS_PARAM_LAPLACIAN,
    FS_PARAM_CPPN,
    FS_PARAM_MACO,
    FS_PARAM_KINDS
} fs_parametrisation_kind;

/* How the optimiser's rate runs over the steps. Warm-up: it rises over the first quarter of them to five
 * times the rate and stays there. What a picture is made of is decided while steps are short, contrast grows
 * while they are long: half as many steps reach the objective of constant ones (docs/performance.md). */
typedef enum fs_render_schedule { FS_RENDER_RATE_CONSTANT, FS_RENDER_RATE_WARM_UP } fs_render_schedule;

typedef struct fs_render_settings {
    char layer[FS_OPTION_TEXT_SIZE];
    int channel;
    /* channel, neuron, logit or deepdream of `layer` and `channel`, or an expression, which needs neither */
    char objective[FS_OPTION_TEXT_SIZE];
    int x, y;     /* neuron position, -1: centre */
    int variants; /* items that fs_render_picture makes of one objective */
    int size;     /* pixels a side */
    int steps;
    double rate;     /* Adam's; 0: the parametrisation's own */
    int schedule;    /* fs_render_schedule */
    int param;       /* fs_parametrisation_kind */
    bool correlated; /* keep colours as the parametrisation has them instead of decorrelating */
    bool opaque;     /* no transparency where the parametrisation has one */
    /* "auto", the parametrisation's own, or as viz/transform_list.h reads it */
    char transforms[FS_OPTION_TEXT_SIZE];
    uint64_t seed;
} fs_render_settings;

/* The one declaration of these parameters; NULL-name terminated. */
extern const fs_option fs_render_options[];

/* Chooses what is left to the parametrisation and spells the transforms out: what a picture is stored with.
 * Creation does the same. Errors: "--transforms: column 8: no transform 'jiter'; did you mean 'jitter'?" */
fs_status fs_render_resolve(fs_render_settings *settings, fs_error *err);

/* Whether the objective is one of the four words, and whether that word needs a layer. */
bool fs_render_is_simple(const fs_render_settings *settings);
bool fs_render_needs_layer(const fs_render_settings *settings);
/* Reads an expression without a model: "--objective: column 23: no objective 'chanel'; did you mean
 * 'channel'?" */
fs_status fs_render_check_objective(const fs_render_settings *settings, fs_error *err);

typedef struct fs_render fs_render;

/* channels: n targets that replace settings->channel of a simple objective; NULL: n variants of the settings'
 * own objective. Item i draws from random stream (seed, its channel, its variant), so that a channel looks
 * the same alone and in a batch. Errors name layer or channel. */
fs_status fs_render_create(fs_render **out, const fs_model *model, const fs_render_settings *settings,
                           const int *channels, int n, fs_pool *pool, fs_error *err);
void fs_render_destroy(fs_render *render);

/* One step of all items. FS_ERROR_DIVERGED when a value is not finite (the pictures stay as they were). */
fs_status fs_render_step(fs_render *render, const atomic_bool *cancel, fs_error *err);
int fs_render_steps_done(const fs_render *render);
/* Steps until so many are done, with progress. */
fs_status fs_render_run(fs_render *render, int until, const fs_progress *progress, fs_error *err);

/* The objective of an item as seen through the last step's transforms. */
double fs_render_objective(const fs_render *render, int item);

typedef enum fs_render_which {
    FS_RENDER_LAST,
    FS_RENDER_BEST /* of the step with the highest objective so far */
} fs_render_which;
/* RGB, whatever the parametrisation. */
fs_status fs_render_image(const fs_render *render, int item, fs_render_which which, fs_image *out,
                          fs_error *err);
/* The picture as it is stored: the last one, with an alpha channel where the parametrisation has one. */
fs_status fs_render_figure(const fs_render *render, int item, fs_image *out, fs_error *err);

/* The whole thing: settings -> picture after settings->steps steps, with progress. Several variants come side
 * by side (viz/strip.h), and the objective is their mean. */
fs_status fs_render_picture(const fs_model *model, const fs_render_settings *settings, fs_pool *pool,
                            const fs_progress *progress, fs_image *out, double *objective, fs_error *err);
/* The variants one by one: out and objectives (or NULL) have settings->variants elements. */
fs_status fs_render_pictures(const fs_model *model, const fs_render_settings *settings, fs_pool *pool,
                             const fs_progress *progress, fs_image *out, double *objectives, fs_error *err);

#endif
