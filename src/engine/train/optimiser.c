#include "engine/train/optimiser.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/ops/common.h"

enum { PIECE = 16 * 1024 };

/* What a thread works on at a time: some numbers of a parameter. */
typedef struct piece {
    int parameter;
    int64_t first, count;
    float *state;  /* of the parameter */
    double square; /* of the gradient's norm */
} piece;

struct fs_optimiser {
    fs_optimiser_settings settings;
    fs_optimiser_parameter *parameters;
    int n;
    piece *pieces;
    int n_pieces;
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

static void cut(fs_optimiser *o) {
    float *state = o->state;
    for (int p = 0; p < o->n; p++) {
        const int64_t count = o->parameters[p].count;
        for (int64_t first = 0; first < count; first += PIECE)
            o->pieces[o->n_pieces++] =
                (piece){p, first, count - first < PIECE ? count - first : PIECE, state, 0};
        state += count * moments(&o->settings);
    }
}

fs_status fs_optimiser_create(fs_optimiser **out, const fs_optimiser_settings *settings,
                              const fs_optimiser_parameter *parameters, int n, fs_error *err) {
    fs_optimiser *o = fs_calloc(1, sizeof *o);
    if (!o)
        return fs_fail_memory(err, "an optimiser");
    o->settings = *settings;
    o->n = n;
    int64_t pieces = 0;
    for (int i = 0; i < n; i++) {
        o->state_count += parameters[i].count * moments(settings);
        pieces += (parameters[i].count + PIECE - 1) / PIECE;
    }
    o->parameters = fs_alloc_array((size_t)n + 1, sizeof *o->parameters);
    o->state = fs_calloc((size_t)o->state_count + 1, sizeof *o->state);
    o->pieces = fs_alloc_array((size_t)pieces + 1, sizeof *o->pieces);
    if (!o->parameters || !o->state || !o->pieces) {
        fs_optimiser_destroy(o);
        return fs_fail_memory(err, "an optimiser");
    }
    memcpy(o->parameters, parameters, (size_t)n * sizeof *parameters);
    cut(o);
    *out = o;
    return FS_OK;
}

void fs_optimiser_destroy(fs_optimiser *o) {
    if (!o)
        return;
    fs_free(o->parameters);
    fs_free(o->pieces);
    fs_free(o->state);
    fs_free(o);
}

typedef struct job {
    fs_optimiser *o;
    double rate;
    float scale; /* of the gradients, for clipping */
} job;

static void square_pieces(void *context, int first, int last, int thread) {
    (void)thread;
    const job *j = context;
    for (piece *p = j->o->pieces + first; p < j->o->pieces + last; p++) {
        const float *gradient = j->o->parameters[p->parameter].gradient + p->first;
        p->square = fs_dot_f32(gradient, gradient, p->count);
    }
}

static double gradient_norm(fs_optimiser *o, fs_pool *pool) {
    job j = {.o = o};
    double sum = 0;
    fs_pool_for(pool, o->n_pieces, 1, square_pieces, &j);
    for (int i = 0; i < o->n_pieces; i++)
        sum += o->pieces[i].square;
    return sqrt(sum);
}

static void step_sgd(const job *j, const piece *part) {
    const fs_optimiser_settings *s = &j->o->settings;
    const fs_optimiser_parameter *p = &j->o->parameters[part->parameter];
    const float decay = p->decays ? (float)s->weight_decay : 0, scale = j->scale;
    const float momentum = j->o->steps == 0 ? 0 : (float)s->momentum, by = (float)(j->rate * p->rate);
    const float *restrict gradient = p->gradient + part->first;
    float *restrict weight = p->weight + part->first, *restrict velocity = part->state + part->first;
    for (int64_t i = 0; i < part->count; i++) {
        velocity[i] = momentum * velocity[i] + scale * gradient[i] + decay * weight[i];
        weight[i] -= by * velocity[i];
    }
}

static void step_adamw(const job *j, const piece *part) {
    const fs_optimiser_settings *s = &j->o->settings;
    const fs_optimiser_parameter *p = &j->o->parameters[part->parameter];
    const double t = (double)(j->o->steps + 1);
    const float b1 = (float)s->beta1, b2 = (float)s->beta2, epsilon = (float)s->epsilon, scale = j->scale;
    const float shrink = 1 - (p->decays ? (float)(j->rate * p->rate * s->weight_decay) : 0);
    const float by = (float)(j->rate * p->rate / (1 - pow(s->beta1, t)));
    const float root = (float)sqrt(1 - pow(s->beta2, t));
    const float *restrict gradient = p->gradient + part->first;
    float *restrict weight = p->weight + part->first, *restrict m = part->state + part->first;
    float *restrict v = part->state + p->count + part->first;
    for (int64_t i = 0; i < part->count; i++) {
        const float g = scale * gradient[i];
        m[i] = b1 * m[i] + (1 - b1) * g;
        v[i] = b2 * v[i] + (1 - b2) * g * g;
        weight[i] = shrink * weight[i] - by * m[i] / (sqrtf(v[i]) / root + epsilon);
    }
}

static void step_pieces(void *context, int first, int last, int thread) {
    (void)thread;
    const job *j = context;
    for (const piece *p = j->o->pieces + first; p < j->o->pieces + last; p++)
        if (j->o->settings.kind == FS_OPTIMISER_ADAMW)
            step_adamw(j, p);
        else
            step_sgd(j, p);
}

double fs_optimiser_step(fs_optimiser *o, double rate, fs_pool *pool) {
    const double norm = gradient_norm(o, pool), clip = o->settings.clip;
    job j = {.o = o, .rate = rate, .scale = 1};
    if (clip > 0 && norm > clip)
        j.scale = (float)(clip / (norm + 1e-6)); /* the small number is PyTorch's clip_grad_norm_'s */
    fs_pool_for(pool, o->n_pieces, 1, step_pieces, &j);
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
