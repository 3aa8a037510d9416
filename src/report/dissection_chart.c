#include "report/dissection_chart.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/c_locale.h"
#include "report/layer_chart.h"
#include "report/page.h"

enum { MARGIN = 28, WIDTH = 1100, CHART_HEIGHT = 470, GAP = 24, LINES = FS_CONCEPT_KINDS };

typedef struct numbers {
    const char **names;                               /* [layers] */
    double *counts[LINES], *shares[LINES], *together; /* [layers] each */
} numbers;

void fs_dissection_kinds(const fs_dissection_layer *layer, double least, int counts[FS_CONCEPT_KINDS]) {
    memset(counts, 0, FS_CONCEPT_KINDS * sizeof *counts);
    for (int c = 0; c < layer->layer->channels; c++)
        if (layer->channel[c].n_best > 0 && layer->channel[c].best[0].iou >= least)
            counts[layer->channel[c].best[0].kind]++;
}

static fs_status collect(numbers *n, const fs_dissection *d, double least, fs_error *err) {
    const size_t layers = (size_t)d->n_layers;
    bool complete = (n->names = fs_calloc(layers, sizeof *n->names)) != NULL;
    complete = (n->together = fs_calloc(layers, sizeof(double))) != NULL && complete;
    for (int k = 0; k < LINES; k++) {
        complete = (n->counts[k] = fs_calloc(layers, sizeof(double))) != NULL && complete;
        complete = (n->shares[k] = fs_calloc(layers, sizeof(double))) != NULL && complete;
    }
    if (!complete)
        return fs_fail_memory(err, "the chart of a dissection");
    for (int l = 0; l < d->n_layers; l++) {
        int counts[FS_CONCEPT_KINDS];
        fs_dissection_kinds(&d->layers[l], least, counts);
        n->names[l] = d->layers[l].layer->name;
        for (int k = 0; k < LINES; k++) {
            n->counts[k][l] = counts[k];
            n->together[l] += counts[k];
            n->shares[k][l] = (double)counts[k] / d->layers[l].layer->channels;
        }
    }
    return FS_OK;
}

static void free_numbers(numbers *n) {
    fs_free(n->names);
    fs_free(n->together);
    for (int k = 0; k < LINES; k++) {
        fs_free(n->counts[k]);
        fs_free(n->shares[k]);
    }
}

static double ceiling_of_shares(const numbers *n, int layers) {
    double high = 0.05;
    for (int k = 0; k < LINES; k++)
        high = fmax(high, fs_chart_ceiling(n->shares[k], layers, 0.05));
    return fmin(1, high);
}

static void draw(fs_canvas *canvas, const fs_dissection *d, const numbers *n, const char *model,
                 double least) {
    static const fs_level colours[LINES] = {FS_LEVEL_TEXTURE, FS_LEVEL_PART, FS_LEVEL_OBJECT};
    static const char *const names[LINES] = {"texture", "part", "object"};
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_layer_line counts[LINES], shares[LINES];
    char title[300], note[200];
    for (int k = 0; k < LINES; k++) {
        counts[k] = (fs_layer_line){names[k], theme->level[colours[k]], n->counts[k], NULL};
        shares[k] = (fs_layer_line){names[k], theme->level[colours[k]], n->shares[k], NULL};
    }
    snprintf(title, sizeof title, "What the channels of %.200s answer to", model);
    fs_c_snprintf(note, sizeof note,
                  "channels whose best concept has an IoU of at least %.3g; %d pictures, quantile %.6g",
                  least, d->pictures, d->quantile);
    const fs_layer_chart bars = {.title = title,
                                 .note = note,
                                 .unit = "channels",
                                 .high = fs_chart_ceiling(n->together, d->n_layers, 5),
                                 .mark = (double)NAN,
                                 .names = n->names,
                                 .n = d->n_layers,
                                 .lines = counts,
                                 .n_lines = LINES,
                                 .stacked = true};
    const fs_layer_chart lines = {.title = "Their share of the channels of each layer",
                                  .unit = "share of the layer",
                                  .high = ceiling_of_shares(n, d->n_layers),
                                  .mark = (double)NAN,
                                  .names = n->names,
                                  .n = d->n_layers,
                                  .lines = shares,
                                  .n_lines = LINES};
    fs_rect rect = {MARGIN, MARGIN, WIDTH - 2 * MARGIN, CHART_HEIGHT};
    fs_layer_chart_draw(canvas, rect, &bars);
    rect.y += CHART_HEIGHT + GAP;
    fs_layer_chart_draw(canvas, rect, &lines);
}

fs_status fs_dissection_chart(const fs_dissection *dissection, const char *model, double least, fs_image *out,
                              fs_error *err) {
    numbers n = {0};
    fs_page page = {0};
    fs_status status = collect(&n, dissection, least, err);
    if (status == FS_OK)
        status = fs_page_begin(&page, WIDTH, 2 * (CHART_HEIGHT + MARGIN) + GAP, fs_theme_light(), err);
    if (status == FS_OK) {
        draw(page.canvas, dissection, &n, model, least);
        status = fs_page_finish(&page, out, err);
    }
    free_numbers(&n);
    return status;
}
