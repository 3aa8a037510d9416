#include "viz/attribution.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "viz/attribution_internal.h"

fs_attribution_settings fs_attribution_settings_default(void) {
    return (fs_attribution_settings){.samples = 128, .sigma = 0.15};
}

void fs_attribution_free(fs_attribution *attribution) {
    fs_free(attribution->values);
    memset(attribution, 0, sizeof *attribution);
}

/* ---- f ---- */

static int64_t positions_of(const fs_shape *shape) {
    return shape->rank > 2 ? fs_shape_span(shape, 2, shape->rank) : 1;
}

void fs_attribution_seed(fs_plan *plan, int channel) {
    fs_shape shape = fs_plan_output_shape(plan, 0);
    int64_t positions = positions_of(&shape);
    float *seed = fs_plan_clear_output_gradient(plan, 0) + channel * positions;
    for (int64_t i = 0; i < positions; i++)
        seed[i] = 1.0F / (float)positions;
}

double fs_attribution_value(const fs_plan *plan, int channel) {
    fs_shape shape = fs_plan_output_shape(plan, 0);
    int64_t positions = positions_of(&shape);
    const float *values = fs_plan_output(plan, 0) + channel * positions;
    double sum = 0;
    for (int64_t i = 0; i < positions; i++)
        sum += values[i];
    return sum / (double)positions;
}

/* ---- the gradient at points ---- */

typedef struct probe {
    const fs_model *model;
    const fs_attribution_settings *settings;
    const fs_progress *progress;
    fs_plan *plan;
    int channel;
    int64_t pixels;
    float *rgb, *point, *gradient; /* [3, pixels]: the picture, where to look, df/dx there */
    double *sum;                   /* of gradients */
    double start;
} probe;

static void destroy_probe(probe *p) {
    fs_plan_destroy(p->plan);
    fs_free(p->rgb);
    fs_free(p->point);
    fs_free(p->gradient);
    fs_free(p->sum);
}

static fs_status make_probe(probe *p, const fs_layer *layer, const fs_image *crop, fs_pool *pool,
                            fs_error *err) {
    const fs_model *model = p->model;
    fs_plan_request request =
        fs_plan_request_default(model->graph, fs_shape_of(4, 1, fs_preprocess_channels(&model->preprocess),
                                                          crop->height, crop->width));
    int value = layer->view;
    request.outputs = &value;
    request.n_outputs = 1;
    request.input_gradient = true;
    request.pool = pool;
    p->pixels = (int64_t)crop->width * crop->height;
    p->start = fs_seconds();
    size_t count = (size_t)p->pixels * 3;
    p->rgb = fs_alloc_array(count, sizeof(float));
    p->point = fs_alloc_array(count, sizeof(float));
    p->gradient = fs_alloc_array(count, sizeof(float));
    p->sum = fs_calloc(count, sizeof(double));
    if (!p->rgb || !p->point || !p->gradient || !p->sum)
        return fs_fail_memory(err, "an attribution");
    for (int64_t i = 0; i < p->pixels; i++)
        for (int c = 0; c < 3; c++)
            p->rgb[c * p->pixels + i] = (float)crop->pixels[3 * i + c] / 255.0F;
    return fs_plan_create(&p->plan, &request, err);
}

static fs_status evaluate(probe *p, double *value, fs_error *err) {
    const atomic_bool *cancel = p->progress ? p->progress->cancel : NULL;
    fs_preprocess_forward(&p->model->preprocess, p->point, p->pixels, fs_plan_input(p->plan));
    fs_status status = fs_plan_forward(p->plan, cancel, err);
    if (status == FS_OK)
        *value = fs_attribution_value(p->plan, p->channel);
    return status;
}

/* The gradient at p->point is added to the sum. */
static fs_status add_gradient(probe *p, fs_relu_rule rule, fs_error *err) {
    const atomic_bool *cancel = p->progress ? p->progress->cancel : NULL;
    double value;
    fs_status status = evaluate(p, &value, err);
    if (status == FS_OK)
        fs_attribution_seed(p->plan, p->channel);
    if (status == FS_OK)
        status = fs_plan_backward(p->plan, rule, cancel, err);
    if (status != FS_OK)
        return status;
    fs_preprocess_backward(&p->model->preprocess, fs_plan_input_gradient(p->plan), p->pixels, p->gradient);
    for (int64_t i = 0; i < 3 * p->pixels; i++)
        p->sum[i] += p->gradient[i];
    return FS_OK;
}

static void set_point(probe *p, float share) {
    for (int64_t i = 0; i < 3 * p->pixels; i++)
        p->point[i] = share * p->rgb[i];
}

static void report(const probe *p, int done) {
    fs_progress_state state = {"attributing", done, p->settings->samples, fs_seconds() - p->start,
                               (double)NAN};
    fs_progress_report(p->progress, &state);
}

/* ---- the methods ---- */

static fs_status single(probe *p, fs_relu_rule rule, fs_error *err) {
    set_point(p, 1);
    return add_gradient(p, rule, err);
}

static double range_of(const probe *p) {
    float low = p->rgb[0], high = p->rgb[0];
    for (int64_t i = 1; i < 3 * p->pixels; i++) {
        low = fminf(low, p->rgb[i]);
        high = fmaxf(high, p->rgb[i]);
    }
    return high - (double)low;
}

static fs_status smooth(probe *p, fs_error *err) {
    fs_status status = FS_OK;
    double sigma = p->settings->sigma * range_of(p);
    for (int n = 0; n < p->settings->samples && status == FS_OK; n++) {
        fs_random random;
        fs_random_seed(&random, p->settings->seed, (uint64_t)n);
        fs_random_normal(&random, p->point, (int)(3 * p->pixels), (float)sigma);
        for (int64_t i = 0; i < 3 * p->pixels; i++)
            p->point[i] += p->rgb[i];
        status = add_gradient(p, FS_RELU_PLAIN, err);
        report(p, n + 1);
    }
    return status;
}

static fs_status integrate(probe *p, double *baseline_value, fs_error *err) {
    set_point(p, 0);
    fs_status status = evaluate(p, baseline_value, err);
    for (int n = 0; n < p->settings->samples && status == FS_OK; n++) {
        set_point(p, ((float)n + 0.5F) / (float)p->settings->samples);
        status = add_gradient(p, FS_RELU_PLAIN, err);
        report(p, n + 1);
    }
    return status;
}

static void finish(const probe *p, float *values) {
    fs_attribution_method method = p->settings->method;
    bool mean = method == FS_ATTRIBUTION_SMOOTHGRAD || method == FS_ATTRIBUTION_INTEGRATED;
    double count = mean ? p->settings->samples : 1;
    for (int64_t i = 0; i < 3 * p->pixels; i++) {
        double gradient = p->sum[i] / count;
        values[i] = (float)(method == FS_ATTRIBUTION_INTEGRATED ? p->rgb[i] * gradient : gradient);
    }
}

static fs_status run_method(probe *p, fs_attribution *result, fs_error *err) {
    set_point(p, 1);
    fs_status status = evaluate(p, &result->value, err);
    if (status != FS_OK)
        return status;
    switch (p->settings->method) {
    case FS_ATTRIBUTION_SMOOTHGRAD:
        return smooth(p, err);
    case FS_ATTRIBUTION_INTEGRATED:
        return integrate(p, &result->baseline_value, err);
    case FS_ATTRIBUTION_GUIDED:
        return single(p, FS_RELU_GUIDED, err);
    default:
        return single(p, FS_RELU_PLAIN, err);
    }
}

static fs_status check(const fs_model *model, const fs_layer *layer, int channel, const fs_image *crop,
                       const fs_attribution_settings *s, fs_error *err) {
    if (channel < 0 || channel >= layer->channels)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "layer '%s' has channels 0 to %d, no %d", layer->name,
                       layer->channels - 1, channel);
    if (crop->channels != 3 || crop->width != model->preprocess.width ||
        crop->height != model->preprocess.height)
        return fs_fail(err, FS_ERROR_ARGUMENT, "the picture is not RGB of %d x %d pixels",
                       model->preprocess.width, model->preprocess.height);
    if (s->samples < 1 || !(s->sigma >= 0))
        return fs_fail(err, FS_ERROR_ARGUMENT,
                       "attribution needs at least one sample, and no negative noise");
    return FS_OK;
}

fs_status fs_attribution_run(fs_attribution *out, const fs_model *model, const fs_layer *layer, int channel,
                             const fs_image *crop, const fs_attribution_settings *settings, fs_pool *pool,
                             const fs_progress *progress, fs_error *err) {
    fs_status status = check(model, layer, channel, crop, settings, err);
    if (status != FS_OK)
        return status;
    if (settings->method == FS_ATTRIBUTION_GRADCAM)
        return fs_grad_cam(out, model, layer, channel, crop, settings->map, pool,
                           progress ? progress->cancel : NULL, err);
    fs_attribution result = {.planes = 3, .height = crop->height, .width = crop->width};
    probe p = {.model = model, .settings = settings, .progress = progress, .channel = channel};
    status = make_probe(&p, layer, crop, pool, err);
    if (status == FS_OK)
        status = run_method(&p, &result, err);
    if (status == FS_OK && !(result.values = fs_alloc_array((size_t)p.pixels * 3, sizeof(float))))
        status = fs_fail_memory(err, "an attribution");
    if (status == FS_OK) {
        finish(&p, result.values);
        *out = result;
    }
    destroy_probe(&p);
    return status;
}
