#include "app/inspection.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"

fs_inspection *fs_inspection_create(fs_inspect_kind kind) {
    fs_inspection *inspection = fs_calloc(1, sizeof *inspection);
    if (inspection == NULL)
        return NULL;
    atomic_init(&inspection->references, 1);
    inspection->kind = kind;
    return inspection;
}

fs_inspection *fs_inspection_keep(fs_inspection *inspection) {
    atomic_fetch_add_explicit(&inspection->references, 1, memory_order_relaxed);
    return inspection;
}

void fs_inspection_release(fs_inspection *i) {
    if (i == NULL || atomic_fetch_sub_explicit(&i->references, 1, memory_order_acq_rel) != 1)
        return;
    fs_image_free(&i->crop);
    fs_image_free(&i->fine);
    fs_image_free(&i->over);
    fs_panel_release(i->maps);
    fs_folder_destroy(i->folder);
    fs_free(i->probabilities);
    fs_free(i->values);
    fs_free(i);
}

int fs_inspection_position(const fs_inspection *maps, double x, double y) {
    const fs_map_geometry *g = &maps->geometry;
    const int column = (int)lrint(fs_map_coordinate(&g->field, x, g->width, g->image_width));
    const int row = (int)lrint(fs_map_coordinate(&g->field, y, g->height, g->image_height));
    return row * g->width + column;
}

int fs_inspection_strongest(const fs_inspection *maps, int position, fs_strong_channel *out, int most) {
    const size_t positions = (size_t)maps->geometry.height * (size_t)maps->geometry.width;
    int n = 0;
    for (int c = 0; c < maps->n_channels && most > 0; c++) {
        const float value = maps->values[(size_t)c * positions + (size_t)position];
        if (n == most && !(value > out[n - 1].value))
            continue;
        int at = n < most ? n++ : n - 1;
        for (; at > 0 && value > out[at - 1].value; at--)
            out[at] = out[at - 1];
        out[at] = (fs_strong_channel){c, value};
    }
    return n;
}

typedef struct rated_class {
    float probability;
    int index;
} rated_class;

static int by_probability(const void *a, const void *b) {
    const rated_class *x = a, *y = b;
    if (x->probability != y->probability)
        return x->probability > y->probability ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

void fs_inspection_order(const float *now, const float *before, int n_classes, int *order) {
    rated_class *list = fs_alloc_array((size_t)n_classes, sizeof *list);
    for (int c = 0; c < n_classes; c++) {
        order[c] = c; /* what is left when memory is short */
        if (list != NULL)
            list[c] = (rated_class){before != NULL ? fmaxf(now[c], before[c]) : now[c], c};
    }
    if (list != NULL)
        qsort(list, (size_t)n_classes, sizeof *list, by_probability);
    for (int i = 0; i < n_classes && list != NULL; i++)
        order[i] = list[i].index;
    fs_free(list);
}
