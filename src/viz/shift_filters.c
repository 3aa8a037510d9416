/* Kernels of two versions against each other, and the order in which the changed ones are told. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "viz/shift.h"
#include "viz/shift_private.h"

static fs_shift_filter compare(const fs_shift_pair *pair, int channel) {
    const fs_shift_filters *f = pair->filters;
    double dot = 0, difference = 0, square[FS_VERSIONS] = {0};
    for (int64_t k = 0; k < f[0].length; k++) {
        double value[FS_VERSIONS];
        for (int v = 0; v < FS_VERSIONS; v++) {
            value[v] = (double)f[v].data[channel * f[v].filter_step + k * f[v].number_step];
            square[v] += value[v] * value[v];
        }
        dot += value[FS_BEFORE] * value[FS_AFTER];
        difference += (value[FS_AFTER] - value[FS_BEFORE]) * (value[FS_AFTER] - value[FS_BEFORE]);
    }
    const double before = sqrt(square[FS_BEFORE]), after = sqrt(square[FS_AFTER]);
    return (fs_shift_filter){.channel = channel,
                             .cosine = before > 0 && after > 0 ? fmax(-1, fmin(1, dot / (before * after)))
                                                               : (double)NAN,
                             .norm = {before, after},
                             .norm_change = before > 0 ? after / before - 1 : (double)NAN,
                             .change = before > 0 ? sqrt(difference) / before : (double)NAN};
}

fs_status fs_shift_compare_filters(fs_shift_filter **out, int *n, const fs_shift_layers *layers,
                                   fs_error *err) {
    int64_t count = 0;
    for (int l = 0; l < layers->n; l++)
        count += layers->pairs[l].filters[FS_BEFORE].count;
    fs_shift_filter *filters = count <= INT32_MAX ? fs_calloc((size_t)count, sizeof *filters) : NULL;
    if (!filters)
        return fs_fail_memory(err, "the filters of two networks");
    int at = 0;
    for (int l = 0; l < layers->n; l++)
        for (int c = 0; c < layers->pairs[l].filters[FS_BEFORE].count; c++) {
            filters[at] = compare(&layers->pairs[l], c);
            filters[at++].layer = l;
        }
    *out = filters;
    *n = at;
    return FS_OK;
}

/* qsort has no context: the score travels with the filter. */
typedef struct ranked {
    fs_shift_filter filter;
    double score;
} ranked;

static int by_score(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    if (x->filter.layer != y->filter.layer)
        return x->filter.layer < y->filter.layer ? -1 : 1;
    return (x->filter.channel > y->filter.channel) - (x->filter.channel < y->filter.channel);
}

fs_status fs_shift_rank(fs_shift *shift, fs_error *err) {
    ranked *list = fs_alloc_array((size_t)shift->n_filters, sizeof *list);
    if (!list)
        return fs_fail_memory(err, "the filters of two networks");
    for (int i = 0; i < shift->n_filters; i++)
        list[i] = (ranked){shift->filters[i], fs_shift_channel_of(shift, &shift->filters[i])->score};
    qsort(list, (size_t)shift->n_filters, sizeof *list, by_score);
    for (int i = 0; i < shift->n_filters; i++)
        shift->filters[i] = list[i].filter;
    fs_free(list);
    return FS_OK;
}
