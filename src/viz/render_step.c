#include <math.h>
#include <stdio.h>
#include <string.h>

#include "viz/canvas.h"
#include "viz/render_internal.h"

/* For so many steps gradients pass rectifiers that block all of them; Lucid's number. */
enum { REDIRECTED_STEPS = 16 };

/* Adam squares gradients: what is larger has left the useful numbers even if it is finite. */
#define GREATEST_GRADIENT 1e18F

static void draw(fs_render *r) {
    memcpy(r->next_randoms, r->randoms, (size_t)r->n * sizeof *r->randoms);
    for (int i = 0; i < r->n; i++)
        r->affines[i] = fs_transform_draw(&r->transforms, &r->geometry, &r->next_randoms[i]);
}

static int64_t window_pixels(const fs_render *r) {
    return (int64_t)r->geometry.height * r->geometry.width;
}

static void preprocess_items(void *context, int first, int last, int thread) {
    fs_render *r = context;
    int64_t pixels = window_pixels(r);
    int channels = fs_preprocess_channels(&r->model->preprocess);
    (void)thread;
    for (int i = first; i < last; i++)
        fs_preprocess_forward(&r->model->preprocess, r->windows + 3 * pixels * i, pixels,
                              fs_plan_input(r->plan) + channels * pixels * i);
}

static void unprocess_items(void *context, int first, int last, int thread) {
    fs_render *r = context;
    int64_t pixels = window_pixels(r);
    int channels = fs_preprocess_channels(&r->model->preprocess);
    (void)thread;
    for (int i = first; i < last; i++)
        fs_preprocess_backward(&r->model->preprocess, fs_plan_input_gradient(r->plan) + channels * pixels * i,
                               pixels, r->windows + 3 * pixels * i);
}

/* Terms of the picture itself give a gradient even where the network has none. */
static void note_seen(fs_render *r) {
    int64_t count = 3 * window_pixels(r);
    for (int i = 0; i < r->n; i++) {
        const float *gradient = r->windows + count * i;
        int64_t k = 0;
        while (k < count && gradient[k] == 0)
            k++;
        r->seen[i] = k < count;
    }
}

/* Backward from the layers to the coefficients of the wanted items. */
static fs_status differentiate(fs_render *r, fs_relu_rule rule, const bool *wanted, const atomic_bool *cancel,
                               fs_error *err) {
    fs_status status = fs_plan_backward(r->plan, rule, cancel, err);
    if (status != FS_OK)
        return status;
    fs_pool_for(r->pool, r->n, 1, unprocess_items, r);
    if (fs_goal_has_picture_terms(r->goal))
        note_seen(r);
    fs_transform_backward(&r->geometry, r->affines, r->windows, r->n, wanted, r->canvas_grads, r->pool);
    fs_goal_add_picture_gradients(r->goal, r->canvases, wanted, r->canvas_grads);
    fs_parametrisation_backward(r->param, r->coefficients, r->canvases, r->canvas_grads, wanted, r->gradients,
                                r->peaks, r->pool);
    return FS_OK;
}

/* After the first steps the plain rule holds, but an item without any gradient would stay as it is for ever:
 * it, and it alone, takes the redirected gradient until it is alive. The others keep what the plain rule
 * gave, so that an item does not depend on its neighbours.
 *
 * Where one term of several has all its units off, the others would decide alone, and nothing is redirected
 * because something passes. In every second step such an item follows its sleeping terms; only every second,
 * so that a unit that nothing can wake does not stop the rest. */
static fs_status revive(fs_render *r, bool early, const atomic_bool *cancel, fs_error *err) {
    const bool *asleep = fs_goal_asleep(r->goal);
    bool any = false, waking = r->steps_done % 2 == 0;
    for (int i = 0; i < r->n; i++) {
        bool dead = fs_goal_has_picture_terms(r->goal) ? !r->seen[i] : r->peaks[i] == 0;
        r->wanted[i] = (dead && !early) || (asleep[i] && waking);
        any = any || r->wanted[i];
    }
    if (!any)
        return FS_OK;
    /* Backward has reused the memory of the activations and of what the goal gave. */
    fs_status status = fs_plan_forward(r->plan, cancel, err);
    if (status != FS_OK)
        return status;
    fs_goal_evaluate(r->goal, r->plan, r->canvases, r->next_values);
    if (waking)
        fs_goal_wake(r->goal, r->plan);
    return differentiate(r, FS_RELU_REDIRECTED, r->wanted, cancel, err);
}

static fs_status fail_diverged(const fs_render *r, int item, const char *what, fs_error *err) {
    char name[64];
    if (fs_render_is_simple(&r->settings))
        snprintf(name, sizeof name, "channel %d", r->channels[item]);
    else
        snprintf(name, sizeof name, "picture %d", item + 1);
    return fs_fail(err, FS_ERROR_DIVERGED, "%s: the %s left the finite numbers at step %d; try a lower rate",
                   name, what, r->steps_done + 1);
}

static fs_status check_finite(const fs_render *r, fs_error *err) {
    for (int i = 0; i < r->n; i++) {
        const char *what = isfinite(r->next_values[i]) ? "gradient" : "objective";
        if (!isfinite(r->next_values[i]) || !(r->peaks[i] < GREATEST_GRADIENT))
            return fail_diverged(r, i, what, err);
    }
    return FS_OK;
}

static void keep_best(void *context, int first, int last, int thread) {
    fs_render *r = context;
    size_t bytes = (size_t)r->settings.size * (size_t)r->settings.size * 3;
    (void)thread;
    for (int i = first; i < last; i++) {
        if (!(r->next_values[i] > r->best_values[i]))
            continue;
        r->best_values[i] = r->next_values[i];
        fs_render_to_bytes(r, i, r->best_pixels + (size_t)i * bytes);
    }
}

/* Where in the picture the gradient goes, over all steps. */
static void note_attention(void *context, int first, int last, int thread) {
    fs_render *r = context;
    int size = r->settings.size;
    (void)thread;
    for (int piece = first; piece < last; piece++) {
        const float *canvas = r->canvas_grads + (size_t)(piece / size) * fs_canvas_floats(size);
        const float *row = fs_canvas_row_const(canvas, size, piece % size);
        float *sums = r->attention + (size_t)piece * (size_t)size;
        for (int x = 0; x < size; x++)
            for (int k = 0; k < 3; k++)
                sums[x] += fabsf(row[FS_CANVAS_LANES * x + k]);
    }
}

enum { WARM_SHARE = 4, WARM_FACTOR = 5 };

static double rate_at(const fs_render_settings *s, int step) {
    const int warming = s->steps / WARM_SHARE;
    if (s->schedule == FS_RENDER_RATE_CONSTANT)
        return s->rate;
    return WARM_FACTOR * s->rate * (step < warming ? (step + 1) / (double)warming : 1);
}

static void advance(fs_render *r) {
    fs_pool_for(r->pool, r->n, 1, keep_best, r);
    if (r->attention)
        fs_pool_for(r->pool, r->n * r->settings.size, 16, note_attention, r);
    fs_adam_set_rate(r->adam, rate_at(&r->settings, r->steps_done));
    fs_adam_step(r->adam, r->coefficients, r->gradients, r->pool);
    fs_parametrisation_forward(r->param, r->coefficients, r->gradients, r->canvases, r->pool);
    memcpy(r->randoms, r->next_randoms, (size_t)r->n * sizeof *r->randoms);
    memcpy(r->values, r->next_values, (size_t)r->n * sizeof *r->values);
    r->steps_done++;
}

fs_status fs_render_step(fs_render *r, const atomic_bool *cancel, fs_error *err) {
    bool early = r->steps_done < REDIRECTED_STEPS;
    draw(r);
    fs_transform_forward(&r->geometry, r->affines, r->canvases, r->n, r->windows, r->pool);
    if (r->transforms.noise > 0)
        fs_transform_add_noise(&r->geometry, r->transforms.noise, r->next_randoms, r->n, r->windows, r->pool);
    fs_pool_for(r->pool, r->n, 1, preprocess_items, r);
    fs_status status = fs_plan_forward(r->plan, cancel, err);
    if (status != FS_OK)
        return status;
    fs_goal_evaluate(r->goal, r->plan, r->canvases, r->next_values);
    status = differentiate(r, early ? FS_RELU_REDIRECTED : FS_RELU_PLAIN, NULL, cancel, err);
    if (status == FS_OK)
        status = revive(r, early, cancel, err);
    if (status == FS_OK)
        status = check_finite(r, err);
    if (status == FS_OK)
        advance(r);
    return status;
}
