/* An atlas: many channels of one or more layers, a PNG for each, and index.json that says what is there.
 *
 *     fs_atlas_create(&atlas, model, &request, &err);          // request: settings, folder, how tiles are
 * kept fs_atlas_add(atlas, layer, "0-63,70", 0, &err);          // channels to draw; NULL: all of them
 *     fs_atlas_resume(atlas, &err);                            // what the folder holds already is done
 *     fs_atlas_run(atlas, pool, 0, &progress, &err);
 *     fs_atlas_destroy(atlas);
 *
 * Tiles are FOLDER/LAYER/NNNN.png. Each is rendered by itself on a single thread, and several at a time on
 * the threads of the pool: neither the number of threads nor the company of other tiles can change a byte of
 * it. (Steps shared by threads, or by items of a batch, split their sums differently, and rounding grows from
 * step to step.) It is also the faster way: nothing waits for the slowest thread of a step.
 *
 * Files are written under a temporary name and renamed, the index after the tiles it lists, so that a killed
 * atlas is taken up where it was. A render that leaves the finite numbers is tried again at half the rate,
 * three times; then the tile has no picture, and its objective is null in the index.
 *
 * The model is borrowed, and so are the strings of the request and its context. One thread at a time. */
#ifndef FS_VIZ_ATLAS_H
#define FS_VIZ_ATLAS_H

#include "cluster/cluster.h"
#include "viz/render.h"

/* How a tile is stored. Both are called from several threads at once. */
typedef struct fs_atlas_store {
    void *context;
    /* One picture, to a temporary name and renamed. */
    fs_status (*write)(void *context, const fs_render_settings *settings, double objective,
                       const fs_image *image, const char *path, fs_error *err);
    /* What an existing file was made with; FS_ERROR_FORMAT when it is not whole. */
    fs_status (*read)(void *context, fs_render_settings *settings, double *objective, const char *path,
                      fs_error *err);
} fs_atlas_store;

typedef struct fs_atlas_request {
    fs_render_settings render; /* its layer and channel mean nothing here */
    const char *folder;
    const char *fingerprint; /* of the model's file: an atlas of another one is not continued */
    fs_atlas_store store;
    fs_cluster *cluster; /* processes that draw together; NULL: this one alone */
} fs_atlas_request;

typedef enum fs_atlas_state { FS_ATLAS_OPEN, FS_ATLAS_DRAWN, FS_ATLAS_DIVERGED } fs_atlas_state;

typedef struct fs_atlas_tile {
    int channel;
    fs_atlas_state state;
    double objective; /* of a drawn tile */
    double rate;      /* that it was drawn with */
} fs_atlas_tile;

typedef struct fs_atlas_layer {
    const fs_layer *layer;
    char *folder;         /* its name made safe for file systems */
    fs_atlas_tile *tiles; /* in ascending order of channel */
    int n_tiles;
} fs_atlas_layer;

typedef struct fs_atlas fs_atlas;

fs_status fs_atlas_create(fs_atlas **out, const fs_model *model, const fs_atlas_request *request,
                          fs_error *err);
void fs_atlas_destroy(fs_atlas *atlas); /* NULL is fine */

/* Adds channels of a layer to what is to be drawn; twice is once. channels: numbers and ranges, "0-63,70";
 * NULL or "" for all. at_most > 0 takes that many of them, evenly spread. Errors when the layer cannot be
 * rendered. */
fs_status fs_atlas_add(fs_atlas *atlas, const fs_layer *layer, const char *channels, int at_most,
                       fs_error *err);

/* Takes over what the folder holds: layers and channels of its index join the job, whole tiles are done. An
 * index or a tile made with other parameters or from another model is an error; one that is cut off is not,
 * its tiles are looked at, or drawn again. Removes what a killed run left half written. */
fs_status fs_atlas_resume(fs_atlas *atlas, fs_error *err);
bool fs_atlas_exists(const char *folder); /* it has an index */

/* Draws the open tiles, at_once of them at a time (0: one for each thread). Cancelled or failed, everything
 * finished is in the folder. A meeting: of several processes each draws what rank 0 hands out, and writes it
 * into the folder, which they share; what is open only rank 0 needs to know. */
fs_status fs_atlas_run(fs_atlas *atlas, fs_pool *pool, int at_once, const fs_progress *progress,
                       fs_error *err);

/* All processes know afterwards what rank 0 knows of layers and tiles. A meeting. */
fs_status fs_atlas_share(fs_atlas *atlas, fs_error *err);

/* The layers in the model's order; borrowed, valid until the next call that adds. */
int fs_atlas_layers(const fs_atlas *atlas, const fs_atlas_layer **out);
const fs_atlas_request *fs_atlas_get_request(const fs_atlas *atlas);
const fs_model *fs_atlas_model(const fs_atlas *atlas);
int fs_atlas_count(const fs_atlas *atlas, fs_atlas_state state); /* tiles in that state */

/* FOLDER/LAYER/NNNN.png, or without the folder as the index has it; fs_free. NULL when memory is short. */
char *fs_atlas_tile_path(const fs_atlas *atlas, const fs_atlas_layer *layer, int channel);
char *fs_atlas_tile_name(const fs_atlas_layer *layer, int channel);
/* What the channel is called, where that is known: the class of a score. NULL elsewhere. */
const char *fs_atlas_concept(const fs_atlas *atlas, const fs_atlas_layer *layer, int channel);

/* Whether an atlas of a whole network has this layer: it is no part of a module that is a layer itself, adds
 * something to the layer before (poolings and reshapes do not), and is not followed by its activation
 * function, which then stands for both. */
bool fs_atlas_is_chapter(const fs_model *model, int layer);

#endif
