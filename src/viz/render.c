#include "viz/render.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "viz/canvas.h"
#include "viz/clones.h"
#include "viz/render_internal.h"

enum { MIN_SIZE = 8, MAX_SIZE = 4096, MAX_ITEMS = 4096 };

static fs_status check_settings(const fs_render_settings *s, int n, fs_error *err) {
    if (n < 1 || n > MAX_ITEMS)
        return fs_fail(err, FS_ERROR_ARGUMENT, "%d pictures at once: 1 to %d are possible", n, MAX_ITEMS);
    if (s->size < MIN_SIZE || s->size > MAX_SIZE)
        return fs_fail(err, FS_ERROR_ARGUMENT, "size %d is not in %d..%d", s->size, MIN_SIZE, MAX_SIZE);
    if (!(s->rate > 0) || !isfinite(s->rate))
        return fs_fail(err, FS_ERROR_ARGUMENT, "rate %g is not a positive number", s->rate);
    if (s->objective < FS_OBJECTIVE_CHANNEL || s->objective > FS_OBJECTIVE_DEEPDREAM)
        return fs_fail(err, FS_ERROR_ARGUMENT, "no objective %d", s->objective);
    if (s->param != FS_PARAM_FFT && s->param != FS_PARAM_PIXEL)
        return fs_fail(err, FS_ERROR_ARGUMENT, "no parametrisation %d", s->param);
    if (s->transforms < FS_TRANSFORMS_LUCID || s->transforms > FS_TRANSFORMS_STRONG)
        return fs_fail(err, FS_ERROR_ARGUMENT, "no set of transforms %d", s->transforms);
    return FS_OK;
}

static fs_status find_layer(const fs_layer **out, const fs_model *model, const fs_render_settings *s,
                            fs_error *err) {
    const fs_layer *layer;
    if (s->objective == FS_OBJECTIVE_LOGIT) {
        layer = fs_model_logits(model);
        if (!layer)
            return fs_fail(err, FS_ERROR_NOT_FOUND, "the model has no output of class scores");
    } else {
        if (!s->layer[0])
            return fs_fail(err, FS_ERROR_ARGUMENT, "no layer given");
        layer = fs_model_layer(model, s->layer, err);
        if (!layer)
            return err ? err->code : FS_ERROR_NOT_FOUND;
    }
    *out = layer;
    return FS_OK;
}

static fs_status create_plan(fs_render *r, const fs_layer *layer, fs_error *err) {
    const fs_transform_geometry *g = &r->geometry;
    fs_shape shape = fs_shape_of(4, r->n, fs_preprocess_channels(&r->model->preprocess), g->height, g->width);
    fs_plan_request request = fs_plan_request_default(r->model->graph, shape);
    request.outputs = &layer->view;
    request.n_outputs = 1;
    request.input_gradient = true;
    request.pool = r->pool;
    return fs_plan_create(&r->plan, &request, err);
}

/* The window that fits the picture, or, where the network does not take that size (a fully connected layer
 * before the target, a picture smaller than its kernels), the picture resampled to the model's own input. */
static fs_status choose_window(fs_render *r, const fs_layer *layer, fs_error *err) {
    const fs_preprocess *p = &r->model->preprocess;
    fs_transform_preset preset = (fs_transform_preset)r->settings.transforms;
    r->geometry = fs_transform_fit(preset, r->settings.size);
    fs_status status = create_plan(r, layer, err);
    if (status == FS_OK || status == FS_ERROR_MEMORY || status == FS_ERROR_LIMIT || p->height < 1 ||
        p->width < 1)
        return status;
    r->geometry = fs_transform_fit_window(preset, r->settings.size, p->height, p->width);
    return create_plan(r, layer, err);
}

static fs_status bind_objectives(fs_render *r, const fs_layer *layer, fs_error *err) {
    r->shape = fs_plan_output_shape(r->plan, 0);
    if (r->shape.rank < 1 || r->shape.dim[0] != r->n)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "layer '%s' mixes the images of a batch", layer->name);
    bool affine = fs_graph_is_affine(r->model->graph, layer->value);
    for (int i = 0; i < r->n; i++) {
        fs_status status = fs_objective_bind(&r->objectives[i], (fs_objective_kind)r->settings.objective,
                                             &r->shape, r->channels[i], r->settings.x, r->settings.y, err);
        if (status != FS_OK)
            return fs_error_prefix(err, status, "layer '%s'", layer->name);
        if (affine)
            fs_objective_rectify(&r->objectives[i], (fs_objective_kind)r->settings.objective);
    }
    return FS_OK;
}

static fs_status allocate_items(fs_render *r, const int *channels, fs_error *err) {
    size_t n = (size_t)r->n;
    r->channels = fs_calloc(n, sizeof *r->channels);
    r->objectives = fs_calloc(n, sizeof *r->objectives);
    r->randoms = fs_calloc(n, sizeof *r->randoms);
    r->next_randoms = fs_calloc(n, sizeof *r->next_randoms);
    r->affines = fs_calloc(n, sizeof *r->affines);
    r->peaks = fs_calloc(n, sizeof *r->peaks);
    r->wanted = fs_calloc(n, sizeof *r->wanted);
    r->values = fs_calloc(n, sizeof *r->values);
    r->next_values = fs_calloc(n, sizeof *r->next_values);
    r->best_values = fs_calloc(n, sizeof *r->best_values);
    if (!r->channels || !r->objectives || !r->randoms || !r->next_randoms || !r->affines || !r->peaks ||
        !r->wanted || !r->values || !r->next_values || !r->best_values)
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
    r->best_pixels = fs_alloc_array(n * size * size, 3);
    if (!r->coefficients || !r->gradients || !r->canvases || !r->canvas_grads || !r->windows ||
        !r->best_pixels)
        return fs_fail_memory(err, "a render's pictures");
    return fs_adam_create(&r->adam, n * count, r->settings.rate, err);
}

static void start_pictures(fs_render *r) {
    size_t count = fs_parametrisation_count(r->param), canvas = fs_canvas_floats(r->settings.size);
    for (int i = 0; i < r->n; i++) {
        fs_random_seed(&r->randoms[i], r->settings.seed, (uint64_t)(int64_t)r->channels[i]);
        fs_parametrisation_initial(r->param, r->coefficients + (size_t)i * count, &r->randoms[i]);
        fs_canvas_clear(r->canvases + (size_t)i * canvas, r->settings.size, FS_CANVAS_OUTSIDE);
    }
    fs_parametrisation_forward(r->param, r->coefficients, r->gradients, r->canvases, r->pool);
}

static fs_status build(fs_render *r, const int *channels, fs_error *err) {
    const fs_layer *layer = NULL;
    const fs_render_settings *s = &r->settings;
    fs_status status = find_layer(&layer, r->model, s, err);
    if (status == FS_OK)
        status = allocate_items(r, channels, err);
    if (status == FS_OK)
        status = choose_window(r, layer, err);
    if (status == FS_OK)
        status = bind_objectives(r, layer, err);
    if (status == FS_OK)
        status = fs_parametrisation_create(&r->param, (fs_parametrisation_kind)s->param, s->size, r->n,
                                           s->correlated, err);
    if (status == FS_OK)
        status = allocate_pictures(r, err);
    return status;
}

fs_status fs_render_create(fs_render **out, const fs_model *model, const fs_render_settings *settings,
                           const int *channels, int n, fs_pool *pool, fs_error *err) {
    fs_status status = check_settings(settings, n, err);
    if (status != FS_OK)
        return status;
    fs_render *r = fs_calloc(1, sizeof *r);
    if (!r)
        return fs_fail_memory(err, "a render");
    r->model = model;
    r->settings = *settings;
    r->settings.layer[FS_OPTION_TEXT_SIZE - 1] = '\0';
    r->pool = pool;
    r->n = n;
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
    void *const blocks[] = {r->channels,     r->objectives,   r->randoms,     r->next_randoms,
                            r->affines,      r->coefficients, r->gradients,   r->canvases,
                            r->canvas_grads, r->windows,      r->peaks,       r->wanted,
                            r->values,       r->next_values,  r->best_values, r->best_pixels};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        fs_free(blocks[i]);
    fs_plan_destroy(r->plan);
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

FS_CLONES
static void row_to_bytes(const float *restrict pixels, int count, uint8_t *restrict rgb) {
    for (int i = 0; i < count; i++)
        for (int k = 0; k < 3; k++)
            rgb[3 * i + k] = (uint8_t)(int)(pixels[FS_CANVAS_LANES * i + k] * 255.0F + 0.5F);
}

void fs_render_to_bytes(const float *canvas, int size, uint8_t *rgb) {
    for (int y = 0; y < size; y++)
        row_to_bytes(fs_canvas_row_const(canvas, size, y), size, rgb + (size_t)y * (size_t)size * 3);
}

fs_status fs_render_image(const fs_render *render, int item, fs_render_which which, fs_image *out,
                          fs_error *err) {
    int size = render->settings.size;
    size_t bytes = (size_t)size * (size_t)size * 3;
    if (item < 0 || item >= render->n)
        return fs_fail(err, FS_ERROR_ARGUMENT, "no picture %d of %d", item, render->n);
    fs_status status = fs_image_create(out, size, size, 3, err);
    if (status != FS_OK)
        return status;
    if (which == FS_RENDER_BEST && render->best_values[item] > -INFINITY)
        memcpy(out->pixels, render->best_pixels + (size_t)item * bytes, bytes);
    else
        fs_render_to_bytes(render->canvases + (size_t)item * fs_canvas_floats(size), size, out->pixels);
    return FS_OK;
}

static fs_status run_steps(fs_render *render, const fs_progress *progress, fs_error *err) {
    const atomic_bool *cancel = progress ? progress->cancel : NULL;
    int steps = render->settings.steps;
    double start = fs_seconds();
    while (fs_render_steps_done(render) < steps) {
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

fs_status fs_render_picture(const fs_model *model, const fs_render_settings *settings, fs_pool *pool,
                            const fs_progress *progress, fs_image *out, double *objective, fs_error *err) {
    fs_render *render = NULL;
    fs_status status = fs_render_create(&render, model, settings, NULL, 1, pool, err);
    if (status != FS_OK)
        return status;
    status = run_steps(render, progress, err);
    if (status == FS_OK)
        status = fs_render_image(render, 0, FS_RENDER_LAST, out, err);
    if (status == FS_OK && objective)
        *objective = fs_render_objective(render, 0);
    fs_render_destroy(render);
    return status;
}
