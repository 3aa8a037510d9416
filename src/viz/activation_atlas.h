/* An activation atlas: what a layer sees, as a map. Activations at places of photographs are laid out in the
 * plane so that similar ones are neighbours; a grid is put over it; each cell with enough points is drawn as
 * the picture that excites the mean of its activations.
 *
 *     fs_activation_atlas_create(&atlas, model, layer, &points, plane, &request, &err);
 *     fs_activation_atlas_run(atlas, pool, &progress, &err);              // pictures, in the folder
 *     n = fs_activation_atlas_cells(atlas, &cells);
 *     fs_activation_atlas_destroy(atlas);
 *
 * Method: S. Carter, Z. Armstrong, L. Schubert, I. Johnson, C. Olah, "Activation Atlas", Distill 2019,
 * doi:10.23915/distill.00015. A cell's direction is its mean activation, whitened by the inverse of the
 * second moment of the layer's activations, so that what many activations share counts for little; the second
 * moment is mixed with a multiple of the identity, because photographs are few. The objective is `direction`
 * with a power of the cosine (viz/objectives/direction.c).
 *
 * FOLDER/cells/RR-CC.npy is the direction of the cell in row RR and column CC, RR-CC.png its picture, whose
 * objective names that file: a render of its own can repeat it. Each is made on one thread, several at a
 * time. A picture that is there already, made for the same direction with the same parameters, is kept.
 *
 * Model, layer, points and the request's strings are borrowed. One thread at a time. */
#ifndef FS_VIZ_ACTIVATION_ATLAS_H
#define FS_VIZ_ACTIVATION_ATLAS_H

#include "viz/activation_points.h"
#include "viz/atlas.h"

enum { FS_ATLAS_PHOTOGRAPHS = 5, FS_ACTIVATION_ATLAS_MAX_GRID = 99 };

typedef struct fs_activation_atlas_request {
    fs_render_settings render; /* its layer, channel and objective mean nothing here */
    const char *folder;
    int grid;  /* cells a side */
    int least; /* points of a cell that is drawn */
    bool whiten;
    double power; /* of the cosine */
    fs_atlas_store store;
    bool keep; /* pictures that are there */
} fs_activation_atlas_request;

typedef struct fs_atlas_cell {
    int row, column;
    int count; /* points */
    fs_atlas_state state;
    double objective;                  /* of a drawn one */
    int nearest[FS_ATLAS_PHOTOGRAPHS]; /* points most like the mean (by cosine), of different photographs */
    int n_nearest;
} fs_atlas_cell;

typedef struct fs_activation_atlas fs_activation_atlas;

/* plane: [n][2], the places of the points. FS_ERROR_NOT_FOUND when no cell has enough points. */
fs_status fs_activation_atlas_create(fs_activation_atlas **out, const fs_model *model, const fs_layer *layer,
                                     const fs_points *points, const float *plane,
                                     const fs_activation_atlas_request *request, fs_error *err);
void fs_activation_atlas_destroy(fs_activation_atlas *atlas); /* NULL is fine */

/* Draws the cells. Cancelled or failed, everything finished is in the folder. */
fs_status fs_activation_atlas_run(fs_activation_atlas *atlas, fs_pool *pool, const fs_progress *progress,
                                  fs_error *err);

/* The cells with enough points, row by row; borrowed. */
int fs_activation_atlas_cells(const fs_activation_atlas *atlas, const fs_atlas_cell **out);
/* "cells/03-11.png", or with ".npy"; fs_free. NULL when memory is short. */
char *fs_activation_atlas_name(const fs_atlas_cell *cell, const char *ending);
/* The same within the folder. */
char *fs_activation_atlas_path(const fs_activation_atlas *atlas, const char *name);

#endif
