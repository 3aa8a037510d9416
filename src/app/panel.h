/* What a panel beside a channel shows: tiles with captions, charts, tuning curves. Computed by the worker
 * (app/worker_panel.h), never changed once published, held by counting references.
 *
 *     fs_panel *kept = fs_panel_keep(event.panel);
 *     ...
 *     fs_panel_release(kept);
 *
 * Any thread may keep and release; the contents are read only from the moment they are published. */
#ifndef FS_APP_PANEL_H
#define FS_APP_PANEL_H

#include <stdatomic.h>

#include "engine/neighbour_weights.h"
#include "viz/histogram.h"
#include "viz/render.h"
#include "viz/tuning.h"

typedef enum fs_panel_kind {
    FS_PANEL_VARIANTS,    /* several pictures of one objective that differ */
    FS_PANEL_EXAMPLES,    /* the photographs of a folder that excite the channel */
    FS_PANEL_TUNING,      /* its answers to gratings and Gabor patches */
    FS_PANEL_ATTRIBUTION, /* what it owes its value to in one photograph */
    FS_PANEL_ACTIVATIONS, /* the maps of the whole layer on that photograph */
    FS_PANEL_WEIGHTS,     /* the strongest weights from the layer before it and to the layer after it */
    FS_PANEL_KINDS
} fs_panel_kind;

enum { FS_PANEL_CAPTION_SIZE = 128, FS_PANEL_TITLE_SIZE = 512, FS_PANEL_CHARTS = 2, FS_PANEL_STRONGEST = 12 };

typedef struct fs_panel_tile {
    fs_image picture;
    char caption[FS_PANEL_CAPTION_SIZE], detail[FS_PANEL_CAPTION_SIZE]; /* detail may be empty */
    char *path;     /* the photograph it was made of; NULL */
    int channel;    /* of the panel's layer, that it stands for; -1 */
    float *samples; /* [side][side] over the picture; NULL: no outline */
    int side;
    double level; /* the outline runs where the samples have this value */
} fs_panel_tile;

typedef struct fs_panel_chart {
    char title[FS_PANEL_CAPTION_SIZE];
    fs_histogram histogram;
    bool logarithmic;
    double mark; /* NaN: none */
} fs_panel_chart;

/* The weights of one direction, and which of them are shown: those that excite, those that inhibit. */
typedef struct fs_panel_weights {
    fs_neighbour_weights list; /* n 0: nothing with weights lies there */
    int strongest[2][FS_PANEL_STRONGEST], n_strongest[2];
} fs_panel_weights;

typedef struct fs_panel {
    atomic_int references;
    fs_panel_kind kind;
    uint64_t model;     /* serial of its fs_shared_model */
    int layer, channel; /* index into the model's layers; of that layer */
    char title[FS_PANEL_TITLE_SIZE];
    fs_panel_tile *tiles;
    int n_tiles;
    fs_panel_chart charts[FS_PANEL_CHARTS];
    int n_charts;
    fs_tuning tuning;            /* of FS_PANEL_TUNING */
    fs_panel_weights weights[2]; /* of FS_PANEL_WEIGHTS, by fs_weights_direction */
    double threshold;            /* of FS_PANEL_EXAMPLES: the one asked for, or the usual one */
} fs_panel;

/* With one reference and empty tiles. NULL when memory is short. */
fs_panel *fs_panel_create(fs_panel_kind kind, int n_tiles);
fs_panel *fs_panel_keep(fs_panel *panel);
void fs_panel_release(fs_panel *panel); /* NULL is fine */

#endif
