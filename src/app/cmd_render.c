#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/render_export.h"
#include "app/series_export.h"
#include "app/terminal.h"
#include "base/alloc.h"
#include "base/file.h"

enum { MAX_RETRIES = 3, ANIMATION_FRAMES = 24 };

typedef struct settings {
    char output[FS_OPTION_TEXT_SIZE], like[FS_OPTION_TEXT_SIZE];
    char snapshots[FS_OPTION_TEXT_SIZE], animation[FS_OPTION_TEXT_SIZE];
    int spacing; /* fs_spacing */
    bool separate;
} settings;

static const char *const spacings[] = {"log", "even", NULL};

static const fs_option options[] = {
    FS_OPTION_FILE(settings, output, "output", "", "PNG file to write (-o)"),
    FS_OPTION_FILE(settings, like, "like", "",
                   "take every parameter from a PNG that render wrote; options override"),
    FS_OPTION_TEXT(settings, snapshots, "snapshots", "",
                   "how many pictures of the way, or their steps as 0,1,4,16; -o is a sheet of them"),
    FS_OPTION_CHOICE(settings, spacing, "spacing", spacings, "log",
                     "steps between snapshots: equal ratios (log), or even"),
    FS_OPTION_FILE(settings, animation, "animation", "", "animated PNG to write of the snapshots"),
    FS_OPTION_BOOL(settings, separate, "separate",
                   "variants as OUT-0.png, OUT-1.png, ... instead of a strip"),
    FS_OPTION_END};

/* The parameters inside the picture first, then the words of the command line once more on top of them. Sums
 * are split by threads, so the same bytes need as many as there were. */
static fs_status take_like(fs_call *call, char **model_path, fs_error *err) {
    const settings *s = call->settings;
    char path[FS_OPTION_TEXT_SIZE];
    memcpy(path, s->like, sizeof path);
    fs_render_origin origin = {0};
    fs_status status = fs_render_import(call->extra, model_path, path, err);
    if (status == FS_OK)
        status = fs_render_import_origin(&origin, path, err);
    if (status != FS_OK)
        return status;
    call->common.threads = origin.threads;
    return fs_call_parse(call, err);
}

static fs_status check_snapshots(const settings *s, int total, fs_error *err) {
    int *steps = NULL, n = 0;
    fs_status status = fs_series_steps(&steps, &n, s->snapshots, (fs_spacing)s->spacing, total, err);
    fs_free(status == FS_OK ? steps : NULL);
    return status;
}

static fs_status check(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    const fs_render_settings *render = call->extra;
    const bool series = *s->snapshots || *s->animation;
    if (!*s->output && !*s->animation)
        return fs_call_usage(call, err, "-o is needed");
    if (series && render->variants != 1)
        return fs_call_usage(call, err, "--snapshots and --animation are of one picture, not of --variants");
    if (s->separate && (render->variants == 1 || series))
        return fs_call_usage(call, err, "--separate belongs to --variants");
    if (!*render->layer && fs_render_needs_layer(render))
        return fs_call_usage(call, err, "--layer is needed");
    fs_status status = fs_render_resolve(call->extra, err);
    if (status == FS_OK && *s->snapshots)
        status = check_snapshots(s, render->steps, err);
    if (status == FS_OK)
        status = fs_render_check_objective(render, err);
    call->usage_error = status == FS_ERROR_ARGUMENT || status == FS_ERROR_LIMIT;
    return status;
}

/* What a render has made: a series where one was asked for, else pictures. */
typedef struct result {
    fs_series series;
    fs_image *images; /* [variants] where they are separate, else one */
    double *objectives;
    int n;
} result;

static void free_result(result *r) {
    for (int i = 0; i < r->n && r->images; i++)
        fs_image_free(&r->images[i]);
    fs_free(r->images);
    fs_free(r->objectives);
    fs_series_free(&r->series);
}

static fs_status make_series(fs_call *call, const fs_model *model, fs_pool *pool, result *r, fs_error *err) {
    const settings *s = call->settings;
    const fs_render_settings *render = call->extra;
    int *steps = NULL, n = 0;
    char count[16];
    snprintf(count, sizeof count, "%d", render->steps < ANIMATION_FRAMES ? render->steps : ANIMATION_FRAMES);
    fs_status status = fs_series_steps(&steps, &n, *s->snapshots ? s->snapshots : count,
                                       (fs_spacing)s->spacing, render->steps, err);
    if (status == FS_OK)
        status = fs_series_run(&r->series, model, render, steps, n, pool, &call->progress, err);
    fs_free(steps);
    return status;
}

static fs_status make(fs_call *call, const fs_model *model, fs_pool *pool, result *r, fs_error *err) {
    const settings *s = call->settings;
    const fs_render_settings *render = call->extra;
    if (*s->snapshots || *s->animation)
        return make_series(call, model, pool, r, err);
    if (s->separate)
        return fs_render_pictures(model, render, pool, &call->progress, r->images, r->objectives, err);
    return fs_render_picture(model, render, pool, &call->progress, r->images, r->objectives, err);
}

/* A run that left the finite numbers is repeated with a lower rate, which then stands in the picture's text
 * chunks. */
static fs_status make_finite(fs_call *call, const fs_model *model, fs_pool *pool, result *r, fs_error *err) {
    fs_render_settings *s = call->extra;
    for (int retries = 0;; retries++) {
        fs_status status = make(call, model, pool, r, err);
        fs_terminal_clear();
        if (status != FS_ERROR_DIVERGED || retries == MAX_RETRIES)
            return status;
        fprintf(stderr, "%s; now %g instead of %g\n", err->message, s->rate / 2, s->rate);
        s->rate /= 2;
    }
}

/* "a/b.png" -> "a/b-3.png"; fs_free. */
static char *numbered(const char *path, int number) {
    char ending[32];
    snprintf(ending, sizeof ending, "-%d.png", number);
    return fs_path_with_extension(path, ending);
}

static fs_status write_pictures(fs_call *call, const fs_model *model, const result *r, int threads,
                                fs_error *err) {
    const settings *s = call->settings;
    fs_status status = FS_OK;
    for (int i = 0; i < r->n && status == FS_OK; i++) {
        const fs_render_origin origin = {.threads = threads, .objective = r->objectives[i]};
        char *path = s->separate ? numbered(s->output, i) : fs_strdup(s->output);
        status = path ? fs_render_export_with(model, call->extra, &origin, &r->images[i], path, err)
                      : fs_fail_memory(err, s->output);
        if (status == FS_OK && !call->common.quiet)
            fprintf(stderr, "%s: objective %.4g after %d steps\n", path, r->objectives[i],
                    ((const fs_render_settings *)call->extra)->steps);
        fs_free(path);
    }
    return status;
}

/* Without snapshots of its own -o is the last picture of the animation, as ever. */
static fs_status write_series(fs_call *call, const fs_model *model, const fs_series *series, int threads,
                              fs_error *err) {
    const settings *s = call->settings;
    const fs_snapshot *last = &series->items[series->n - 1];
    const fs_render_origin origin = {.threads = threads, .objective = last->objective};
    fs_status status = FS_OK;
    if (*s->output && *s->snapshots)
        status = fs_series_write_sheet(model, call->extra, &origin, series, s->output, err);
    else if (*s->output && series->whole)
        status = fs_render_export_with(model, call->extra, &origin, &last->image, s->output, err);
    if (status == FS_OK && *s->animation)
        status = fs_series_write_animation(series, s->animation, err);
    if (status == FS_OK && !series->whole)
        return fs_fail(err, FS_ERROR_CANCELLED, "stopped; kept the %d snapshots up to step %d", series->n,
                       last->step);
    if (status == FS_OK && !call->common.quiet)
        fprintf(stderr, "%s: objective %.4g after %d steps\n", *s->output ? s->output : s->animation,
                last->objective, last->step);
    return status;
}

static fs_status render(fs_call *call, const fs_model *model, fs_pool *pool, fs_error *err) {
    const settings *s = call->settings;
    const fs_render_settings *render_settings = call->extra;
    result r = {.n = s->separate ? render_settings->variants : 1};
    r.images = fs_calloc((size_t)r.n, sizeof *r.images);
    r.objectives = fs_calloc((size_t)r.n, sizeof *r.objectives);
    fs_status status =
        r.images && r.objectives ? make_finite(call, model, pool, &r, err) : fs_fail_memory(err, "a render");
    if (status != FS_OK && status != FS_ERROR_CANCELLED)
        fs_error_prefix(err, status, "%s", model->path);
    if (status == FS_OK && r.series.n > 0)
        status = write_series(call, model, &r.series, fs_pool_threads(pool), err);
    else if (status == FS_OK)
        status = write_pictures(call, model, &r, fs_pool_threads(pool), err);
    free_result(&r);
    return status;
}

/* Every file that will be written, found out before the work rather than after it. */
static fs_status check_outputs(const settings *s, fs_error *err) {
    char *first = s->separate ? numbered(s->output, 0) : fs_strdup(s->output);
    if (!first)
        return fs_fail_memory(err, s->output);
    fs_status status = *s->output ? fs_call_check_output(first, err) : FS_OK;
    if (status == FS_OK && *s->animation)
        status = fs_call_check_output(s->animation, err);
    fs_free(first);
    return status;
}

static fs_status run(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    char *like_model = NULL;
    fs_model *model = NULL;
    fs_pool *pool = NULL;
    fs_status status = *s->like ? take_like(call, &like_model, err) : FS_OK;
    if (status == FS_OK)
        status = check(call, err);
    if (status == FS_OK)
        status = check_outputs(s, err);
    if (status == FS_OK)
        status = fs_call_load_model(call, *call->common.model ? NULL : like_model, &model, err);
    if (status == FS_OK)
        status = fs_call_make_pool(call, &pool, err);
    if (status == FS_OK)
        status = render(call, model, pool, err);
    fs_pool_destroy(pool);
    fs_model_destroy(model);
    fs_free(like_model);
    return status;
}

const fs_command fs_command_render = {
    .name = "render",
    .arguments = "(--layer L --channel C | --objective EXPRESSION) [options] -o OUT.png",
    .summary = "the picture that excites a channel, neuron, logit or layer most",
    .options = options,
    .settings_size = sizeof(settings),
    .extra_options = fs_render_options,
    .extra_size = sizeof(fs_render_settings),
    .example = "render --layer part1 --channel 3 -o part.png",
    .run = run};
