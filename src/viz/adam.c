#include "viz/adam.h"

#include <math.h>

#include "base/alloc.h"
#include "viz/clones.h"

#define BETA1 0.9
#define BETA2 0.999
#define EPSILON 1e-8F

enum { BLOCK = 16384 }; /* floats one piece of work updates */

struct fs_adam {
    size_t count;
    double rate;
    double power1, power2; /* beta1^t, beta2^t */
    float *mean, *square;
};

fs_status fs_adam_create(fs_adam **out, size_t count, double rate, fs_error *err) {
    fs_adam *adam = fs_calloc(1, sizeof *adam);
    if (!adam)
        return fs_fail_memory(err, "the optimiser");
    *adam = (fs_adam){.count = count, .rate = rate, .power1 = 1, .power2 = 1};
    adam->mean = fs_calloc(count, sizeof *adam->mean);
    adam->square = fs_calloc(count, sizeof *adam->square);
    if (!adam->mean || !adam->square) {
        fs_adam_destroy(adam);
        return fs_fail_memory(err, "the optimiser's moments");
    }
    *out = adam;
    return FS_OK;
}

void fs_adam_destroy(fs_adam *adam) {
    if (!adam)
        return;
    fs_free(adam->mean);
    fs_free(adam->square);
    fs_free(adam);
}

FS_CLONES
static void update(float *restrict x, float *restrict mean, float *restrict square,
                   const float *restrict gradient, size_t count, float rate, float unbias) {
    const float b1 = BETA1, b2 = BETA2, c1 = 1 - BETA1, c2 = 1 - BETA2;
    for (size_t i = 0; i < count; i++) {
        float g = gradient[i];
        float m = b1 * mean[i] + c1 * g;
        float v = b2 * square[i] + c2 * (g * g);
        mean[i] = m;
        square[i] = v;
        x[i] += rate * m / (sqrtf(v * unbias) + EPSILON);
    }
}

typedef struct step_job {
    fs_adam *adam;
    float *x;
    const float *gradient;
    float rate, unbias; /* rate / (1 - beta1^t), 1 / (1 - beta2^t) */
} step_job;

static void update_blocks(void *context, int first, int last, int thread) {
    const step_job *job = context;
    size_t from = (size_t)first * BLOCK, to = (size_t)last * BLOCK;
    (void)thread;
    if (to > job->adam->count)
        to = job->adam->count;
    update(job->x + from, job->adam->mean + from, job->adam->square + from, job->gradient + from, to - from,
           job->rate, job->unbias);
}

void fs_adam_set_rate(fs_adam *adam, double rate) {
    adam->rate = rate;
}

void fs_adam_step(fs_adam *adam, float *x, const float *gradient, fs_pool *pool) {
    adam->power1 *= BETA1;
    adam->power2 *= BETA2;
    step_job job = {.adam = adam, .x = x, .gradient = gradient};
    job.rate = (float)(adam->rate / (1 - adam->power1));
    job.unbias = (float)(1 / (1 - adam->power2));
    fs_pool_for(pool, (int)((adam->count + BLOCK - 1) / BLOCK), 1, update_blocks, &job);
}
