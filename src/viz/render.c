#include "viz/render.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "viz/canvas.h"
#include "viz/render_internal.h"
#include "viz/strip.h"

enum { MIN_SIZE = 8, MAX_SIZE = 4096, MAX_ITEMS = 4096 };

static fs_status check_settings(const fs_render_settings *s, int n, fs_error *err) {
    if (n < 1 || n > MAX_ITEMS)
        return fs_fail(err, FS_ERROR_ARGUMENT, "%d pictures at once: 1 to %d are possible", n, MAX_ITEMS);
    if (s->size < MIN_SIZE || s->size > MAX_SIZE)
        return fs_fail(err, FS_ERROR_ARGUMENT, "size %d is not in %d..%d", s->size, MIN_SIZE, MAX_SIZE);
    if (!(s->rate > 0) || !isfinite(s->rate))
        return fs_fail(err, FS_ERROR_ARGUMENT, "rate %g is not a positive number", s->rate);
    if (s->schedule != FS_RENDER_RATE_CONSTANT && s->schedule != FS_RENDER_RATE_WARM_UP)
        return fs_fail(err, FS_ERROR_ARGUMENT, "no schedule %d", s->schedule);
    return FS_OK;
}

static fs_status read_transforms(fs_render *r, fs_error *err) {
    fs_status status = fs_transform_parse(&r->transforms, r->settings.transforms, err);
    if (status == FS_OK && r->settings.size + r->transforms.growth < 1)
        return fs_fail(err, FS_ERROR_ARGUMENT, "--transforms: '%.80s' leaves nothing of %d pixels",
                       r->settings.transforms, r->settings.size);
    return status;
}

static fs_status create_plan(fs_render *r, fs_error *err) {
    const fs_transform_geometry *g = &r->geometry;
    fs_shape shape = fs_shape_of(4, r->n, fs_preprocess_channels(&r->model->preprocess), g->height, g->width);
    fs_plan_request request = fs_plan_request_default(r->model->graph, shape);
    request.n_outputs = fs_goal_outputs(r->goal, &request.outputs);
    request.input_gradient = true;
    request.pool = r->pool;
    return fs_plan_create(&r->plan, &request, err);
}

/* The window that fits the picture, or, where the network does not take that size (a fully connected layer
 * before the target, a picture smaller than its kernels), the picture resampled to the model's own input. */
static fs_status choose_window(fs_render *r, fs_error *err) {
    const fs_preprocess *p = &r->model->preprocess;
    r->geometry = fs_transform_fit(&r->transforms, r->settings.size);
    fs_status status = create_plan(r, err);
    if (status == FS_OK || status == FS_ERROR_MEMORY || status == FS_ERROR_LIMIT || p->height < 1 ||
        p->width < 1)
        return status;
    r->geometry = fs_transform_fit_window(&r->transforms, r->settings.size, p->height, p->width);
    return create_plan(r, err);
}

static fs_status allocate_items(fs_render *r, const int *channels, fs_error *err) {
    size_t n = (size_t)r->n;
    r->channels = fs_calloc(n, sizeof *r->channels);
    r->randoms = fs_calloc(n, sizeof *r->randoms);
    r->next_randoms = fs_calloc(n, sizeof *r->next_randoms);
    r->affines = fs_calloc(n, sizeof *r->affines);
    r->peaks = fs_calloc(n, sizeof *r->peaks);
    r->wanted = fs_calloc(n, sizeof *r->wanted);
    r->seen = fs_calloc(n, sizeof *r->seen);
    r->values = fs_calloc(n, sizeof *r->values);
    r->next_values = fs_calloc(n, sizeof *r->next_values);
    r->best_values = fs_calloc(n, sizeof *r->best_values);
    if (!r->channels || !r->randoms || !r->next_randoms || !r->affines || !r->peaks || !r->wanted ||
        !r->seen || !r->values || !r->next_values || !r->best_values)
        return fs_fail_memory(err, "a render");
    for (size_t i = 0; i < n; i++) {
        r->channels[i] = channels ? channels[i] : r->settings.channel;
        r->values[i] = NAN;
        r->best_values[i] = -INFINITY;
    }
    return FS_OK;
}

static fs_status allocate_pictures(fs_render *r, fs_error *err) {
    size_t n = (size_t)r->n, size = (size_t)r->settings.size, canvas = fs_canvas_floats(r->settings.size);
    size_t count = fs_parametrisation_count(r->param);
    size_t window = 3 * (size_t)r->geometry.height * (size_t)r->geometry.width;
    r->coefficients = fs_alloc_array(n * count, sizeof *r->coefficients);
    r->gradients = fs_alloc_array(n * count, sizeof *r->gradients);
    r->canvases = fs_alloc_array(n * canvas, sizeof *r->canvases);
    r->canvas_grads = fs_alloc_array(n * canvas, sizeof *r->canvas_grads);
    r->windows = fs_alloc_array(n * window, sizeof *r->windows);
    bool attends = fs_planes_kinds[r->settings.param]->transparent;
    if (attends)
        r->attention = fs_calloc(n * size * size, sizeof *r->attention);
    r->best_pixels = fs_alloc_array(n * size * size, 3);
    if (!r->coefficients || !r->gradients || !r->canvases || !r->canvas_grads || !r->windows ||
        !r->best_pixels || (attends && !r->attention))
        return fs_fail_memory(err, "a render's pictures");
    return fs_adam_create(&r->adam, n * count, r->settings.rate, err);
}

/* Variants beyond the first draw from streams that no channel has. */
static uint64_t stream_of(const fs_render *r, int item) {
    uint64_t variant = r->variants ? (uint64_t)item << 40 : 0;
    return (uint64_t)(int64_t)r->channels[item] + variant;
}

static void start_pictures(fs_render *r) {
    size_t count = fs_parametrisation_count(r->param), canvas = fs_canvas_floats(r->settings.size);
    for (int i = 0; i < r->n; i++) {
        fs_random_seed(&r->randoms[i], r->settings.seed, stream_of(r, i));
        fs_parametrisation_initial(r->param, r->coefficients + (size_t)i * count, &r->randoms[i]);
        fs_canvas_clear(r->canvases + (size_t)i * canvas, r->settings.size, FS_CANVAS_OUTSIDE);
    }
    fs_parametrisation_forward(r->param, r->coefficients, r->gradients, r->canvases, r->pool);
}

static fs_status build(fs_render *r, const int *channels, fs_error *err) {
    const fs_render_settings *s = &r->settings;
    const fs_parametrisation_spec spec = {.kind = (fs_parametrisation_kind)s->param,
                                          .size = s->size,
                                          .items = r->n,
                                          .threads = fs_pool_threads(r->pool),
                                          .correlated = s->correlated,
                                          .grey = fs_preprocess_channels(&r->model->preprocess) == 1};
    fs_status status = fs_goal_create(&r->goal, r->model, s, channels, r->n, err);
    if (status == FS_OK)
        status = allocate_items(r, channels, err);
    if (status == FS_OK)
        status = choose_window(r, err);
    if (status == FS_OK)
        status = fs_goal_bind(r->goal, r->plan, &r->geometry, r->pool, err);
    if (status == FS_OK)
        status = fs_parametrisation_create(&r->param, &spec, err);
    if (status == FS_OK)
        status = allocate_pictures(r, err);
    return status;
}

fs_status fs_render_create(fs_render **out, const fs_model *model, const fs_render_settings *settings,
                           const int *channels, int n, fs_pool *pool, fs_error *err) {
    fs_render *r = fs_calloc(1, sizeof *r);
    if (!r)
        return fs_fail_memory(err, "a render");
    r->model = model;
    r->settings = *settings;
    r->settings.layer[FS_OPTION_TEXT_SIZE - 1] = '\0';
    r->settings.objective[FS_OPTION_TEXT_SIZE - 1] = '\0';
    r->variants = channels == NULL;
    r->pool = pool;
    r->n = n;
    fs_status status = fs_render_resolve(&r->settings, err);
    if (status == FS_OK)
        status = check_settings(&r->settings, n, err);
    if (status == FS_OK)
        status = read_transforms(r, err);
    if (status == FS_OK)
        status = build(r, channels, err);
    if (status != FS_OK) {
        fs_render_destroy(r);
        return status;
    }
    start_pictures(r);
    *out = r;
    return FS_OK;
}

void fs_render_destroy(fs_render *r) {
    if (!r)
        return;
    void *const blocks[] = {r->channels,     r->seen,      r->randoms,  r->next_randoms, r->affines,
                            r->coefficients, r->gradients, r->canvases, r->canvas_grads, r->windows,
                            r->peaks,        r->wanted,    r->values,   r->next_values,  r->best_values,
                            r->best_pixels,  r->attention};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        fs_free(blocks[i]);
    fs_plan_destroy(r->plan);
    fs_goal_destroy(r->goal);
    fs_parametrisation_destroy(r->param);
    fs_adam_destroy(r->adam);
    fs_free(r);
}

int fs_render_steps_done(const fs_render *render) {
    return render->steps_done;
}

double fs_render_objective(const fs_render *render, int item) {
    return item >= 0 && item < render->n ? render->values[item] : NAN;
}

fs_status fs_render_run(fs_render *render, int until, const fs_progress *progress, fs_error *err) {
    const atomic_bool *cancel = progress ? progress->cancel : NULL;
    int steps = render->settings.steps;
    double start = fs_seconds();
    while (fs_render_steps_done(render) < until) {
        fs_status status = fs_render_step(render, cancel, err);
        if (status != FS_OK)
            return status;
        fs_progress_state state = {.label = "rendering",
                                   .done = fs_render_steps_done(render),
                                   .total = steps,
                                   .seconds = fs_seconds() - start,
                                   .value = fs_render_objective(render, 0)};
        fs_progress_report(progress, &state);
    }
    return FS_OK;
}

static fs_status take_pictures(const fs_render *render, fs_image *out, fs_error *err) {
    fs_status status = FS_OK;
    for (int i = 0; status == FS_OK && i < render->n; i++)
        status = fs_render_figure(render, i, &out[i], err);
    for (int i = 0; status != FS_OK && i < render->n; i++)
        fs_image_free(&out[i]);
    return status;
}

fs_status fs_render_pictures(const fs_model *model, const fs_render_settings *settings, fs_pool *pool,
                             const fs_progress *progress, fs_image *out, double *objectives, fs_error *err) {
    fs_render *render = NULL;
    fs_status status = fs_render_create(&render, model, settings, NULL, settings->variants, pool, err);
    if (status != FS_OK)
        return status;
    status = fs_render_run(render, settings->steps, progress, err);
    if (status == FS_OK)
        status = take_pictures(render, out, err);
    for (int i = 0; i < render->n && status == FS_OK && objectives; i++)
        objectives[i] = fs_render_objective(render, i);
    fs_render_destroy(render);
    return status;
}

/* The pictures side by side; one alone is itself. */
static fs_status join_pictures(const fs_render_settings *settings, fs_image *images, fs_image *out,
                               fs_error *err) {
    if (settings->variants > 1)
        return fs_strip_make(out, images, settings->variants, err);
    *out = images[0];
    images[0] = (fs_image){0};
    return FS_OK;
}

static double mean(const double *values, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += values[i];
    return sum / n;
}

fs_status fs_render_picture(const fs_model *model, const fs_render_settings *settings, fs_pool *pool,
                            const fs_progress *progress, fs_image *out, double *objective, fs_error *err) {
    const int n = settings->variants;
    if (n < 1 || n > MAX_ITEMS)
        return fs_fail(err, FS_ERROR_ARGUMENT, "%d variants: 1 to %d are possible", n, MAX_ITEMS);
    if (fs_strip_width(n, settings->size) > FS_IMAGE_MAX_SIDE)
        return fs_fail(err, FS_ERROR_LIMIT, "%d pictures of %d pixels side by side are wider than %d", n,
                       settings->size, FS_IMAGE_MAX_SIDE);
    fs_image *images = fs_calloc((size_t)n, sizeof *images);
    double *objectives = fs_calloc((size_t)n, sizeof *objectives);
    fs_status status = images && objectives ? FS_OK : fs_fail_memory(err, "a render's pictures");
    if (status == FS_OK)
        status = fs_render_pictures(model, settings, pool, progress, images, objectives, err);
    if (status == FS_OK) {
        status = join_pictures(settings, images, out, err);
        for (int i = 0; i < n; i++)
            fs_image_free(&images[i]);
    }
    if (status == FS_OK && objective)
        *objective = mean(objectives, n);
    fs_free(images);
    fs_free(objectives);
    return status;
}
