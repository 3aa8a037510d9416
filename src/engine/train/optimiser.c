#include "engine/train/optimiser.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

struct fs_optimiser {
    fs_optimiser_settings settings;
    fs_optimiser_parameter *parameters;
    int n;
    int64_t steps, state_count;
    float *state; /* of each parameter: the velocity, or the first and second moment */
};

fs_optimiser_settings fs_optimiser_defaults(void) {
    return (fs_optimiser_settings){
        .kind = FS_OPTIMISER_SGD, .momentum = 0.9, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
}

static int64_t moments(const fs_optimiser_settings *settings) {
    return settings->kind == FS_OPTIMISER_ADAMW ? 2 : 1;
}

fs_status fs_optimiser_create(fs_optimiser **out, const fs_optimiser_settings *settings,
                              const fs_optimiser_parameter *parameters, int n, fs_error *err) {
    fs_optimiser *o = fs_calloc(1, sizeof *o);
    if (!o)
        return fs_fail_memory(err, "an optimiser");
    o->settings = *settings;
    o->n = n;
    for (int i = 0; i < n; i++)
        o->state_count += parameters[i].count * moments(settings);
    o->parameters = fs_alloc_array((size_t)n + 1, sizeof *o->parameters);
    o->state = fs_calloc((size_t)o->state_count + 1, sizeof *o->state);
    if (!o->parameters || !o->state) {
        fs_optimiser_destroy(o);
        return fs_fail_memory(err, "an optimiser");
    }
    memcpy(o->parameters, parameters, (size_t)n * sizeof *parameters);
    *out = o;
    return FS_OK;
}

void fs_optimiser_destroy(fs_optimiser *o) {
    if (!o)
        return;
    fs_free(o->parameters);
    fs_free(o->state);
    fs_free(o);
}

static double gradient_norm(const fs_optimiser *o) {
    double sum = 0;
    for (int p = 0; p < o->n; p++)
        for (int64_t i = 0; i < o->parameters[p].count; i++)
            sum += (double)o->parameters[p].gradient[i] * (double)o->parameters[p].gradient[i];
    return sqrt(sum);
}

/* scale: of the gradients, for clipping */
static void step_sgd(const fs_optimiser *o, const fs_optimiser_parameter *p, float *velocity, double rate,
                     float scale) {
    const float decay = p->decays ? (float)o->settings.weight_decay : 0;
    const float momentum = o->steps == 0 ? 0 : (float)o->settings.momentum, by = (float)(rate * p->rate);
    for (int64_t i = 0; i < p->count; i++) {
        velocity[i] = momentum * velocity[i] + scale * p->gradient[i] + decay * p->weight[i];
        p->weight[i] -= by * velocity[i];
    }
}

static void step_adamw(const fs_optimiser *o, const fs_optimiser_parameter *p, float *m, double rate,
                       float scale) {
    const fs_optimiser_settings *s = &o->settings;
    const double t = (double)(o->steps + 1);
    const float b1 = (float)s->beta1, b2 = (float)s->beta2, epsilon = (float)s->epsilon;
    const float shrink = 1 - (p->decays ? (float)(rate * p->rate * s->weight_decay) : 0);
    const float by = (float)(rate * p->rate / (1 - pow(s->beta1, t)));
    const float root = (float)sqrt(1 - pow(s->beta2, t));
    float *v = m + p->count;
    for (int64_t i = 0; i < p->count; i++) {
        const float g = scale * p->gradient[i];
        m[i] = b1 * m[i] + (1 - b1) * g;
        v[i] = b2 * v[i] + (1 - b2) * g * g;
        p->weight[i] = shrink * p->weight[i] - by * m[i] / (sqrtf(v[i]) / root + epsilon);
    }
}

double fs_optimiser_step(fs_optimiser *o, double rate) {
    const double norm = gradient_norm(o), clip = o->settings.clip;
    /* the small number is PyTorch's clip_grad_norm_'s */
    const float scale = clip > 0 && norm > clip ? (float)(clip / (norm + 1e-6)) : 1;
    float *state = o->state;
    for (int i = 0; i < o->n; i++) {
        const fs_optimiser_parameter *p = &o->parameters[i];
        if (o->settings.kind == FS_OPTIMISER_ADAMW)
            step_adamw(o, p, state, rate, scale);
        else
            step_sgd(o, p, state, rate, scale);
        state += p->count * moments(&o->settings);
    }
    o->steps++;
    return norm;
}

int64_t fs_optimiser_steps(const fs_optimiser *o) {
    return o->steps;
}

float *fs_optimiser_state(fs_optimiser *o, int64_t *count) {
    *count = o->state_count;
    return o->state;
}

void fs_optimiser_set_steps(fs_optimiser *o, int64_t steps) {
    o->steps = steps;
}
