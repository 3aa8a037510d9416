#include "engine/train/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "engine/train/loss.h"

enum { TOP = 5 };
static const double least_probability = 1e-30;

static int by_sureness(const void *a, const void *b) {
    const fs_mistake *x = a, *y = b;
    if (x->probability != y->probability)
        return x->probability < y->probability ? 1 : -1;
    return (x->item > y->item) - (x->item < y->item);
}

static int best_of(const float *p, int classes) {
    int best = 0;
    for (int k = 1; k < classes; k++)
        best = p[k] > p[best] ? k : best;
    return best;
}

static void count(fs_metrics *m, const float *p, int item, int truth) {
    const int answer = best_of(p, m->classes);
    m->n++;
    m->confusion[truth * m->classes + answer]++;
    m->accuracy += answer == truth;
    m->top5 += fs_label_rank(p, m->classes, truth) < TOP;
    m->loss -= log(fmax((double)p[truth], least_probability));
    if (answer != truth)
        m->mistakes[m->n_mistakes++] = (fs_mistake){item, truth, answer, p[answer], p[truth]};
}

static void summarise(fs_metrics *m) {
    for (int k = 0; k < m->classes; k++) {
        fs_class_metrics *c = &m->of_class[k];
        for (int i = 0; i < m->classes; i++) {
            c->count += m->confusion[k * m->classes + i];
            c->answered += m->confusion[i * m->classes + k];
        }
        const double hits = m->confusion[k * m->classes + k];
        c->precision = c->answered ? hits / c->answered : 0;
        c->recall = c->count ? hits / c->count : 0;
    }
    const double n = m->n ? m->n : 1;
    m->accuracy /= n;
    m->top5 /= n;
    m->loss /= n;
    qsort(m->mistakes, (size_t)m->n_mistakes, sizeof *m->mistakes, by_sureness);
}

fs_status fs_metrics_create(fs_metrics **out, const float *probabilities, const int *labels, int n,
                            int classes, fs_error *err) {
    fs_metrics *m = fs_calloc(1, sizeof *m);
    if (!m)
        return fs_fail_memory(err, "metrics");
    m->classes = classes;
    m->confusion = fs_calloc((size_t)classes * (size_t)classes, sizeof *m->confusion);
    m->of_class = fs_calloc((size_t)classes, sizeof *m->of_class);
    m->mistakes = fs_calloc((size_t)n + 1, sizeof *m->mistakes);
    if (!m->confusion || !m->of_class || !m->mistakes) {
        fs_metrics_destroy(m);
        return fs_fail_memory(err, "metrics");
    }
    for (int i = 0; i < n; i++)
        if (probabilities[(long)i * classes] >= 0)
            count(m, probabilities + (long)i * classes, i, labels[i]);
    summarise(m);
    *out = m;
    return FS_OK;
}

void fs_metrics_destroy(fs_metrics *m) {
    if (!m)
        return;
    fs_free(m->confusion);
    fs_free(m->of_class);
    fs_free(m->mistakes);
    fs_free(m);
}
