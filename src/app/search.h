/* Layers and channels of a model by a few words: what a layer is called, a channel's number, what it answers
 * to (engine/concepts.h), the class it is the score of.
 *
 *     fs_search_hits hits = {0};
 *     fs_search_find(&hits, model, NULL, "wheel", 200, &err);      // the best first
 *     for (int i = 0; i < hits.n; i++)
 *         show(hits.items[i].layer, hits.items[i].channel);
 *     fs_search_free(&hits);
 *
 * Every word must fit: "mixed" finds layers, "wheel" channels, "8 cat" the cats of layers with an 8 in their
 * name and a channel 8 that is a cat, "features.8:100" one channel; "features.8:1" those that begin with a 1
 * as well, "features.8:" all of them, "features.8:cat" its cats. Upper and lower case are the same.
 *
 * A pure function. Hits borrow the model's strings. */
#ifndef FS_APP_SEARCH_H
#define FS_APP_SEARCH_H

#include "engine/model.h"

typedef struct fs_search_hit {
    int layer;           /* index into the model's layers */
    int channel;         /* -1: the layer itself */
    const char *concept; /* or the class; NULL: nothing is known */
    double iou;          /* of a concept; NaN */
    int score;           /* how well the words fit */
} fs_search_hit;

typedef struct fs_search_hits {
    fs_search_hit *items; /* layers, then channels; the best fit first, then the greatest IoU */
    int n;
    int found; /* before there were too many */
} fs_search_hits;

/* searched: [n_layers], NULL for all; layers without channels are never hits. most: of the hits to keep.
 * Words beyond the eighth are passed over. */
fs_status fs_search_find(fs_search_hits *out, const fs_model *model, const bool *searched, const char *words,
                         int most, fs_error *err);
void fs_search_free(fs_search_hits *hits);

#endif
