/* Many numbers a point to few: principal components, and t-SNE for the plane.
 *
 *     fs_project_pca(coordinates, points, n, channels, 2, &err);           // [n][2]
 *     fs_project_tsne(plane, points, n, channels, &settings, pool, &progress, &err);
 *
 * The same input gives the same output whatever the number of threads. Nothing is kept. */
#ifndef FS_VIZ_PROJECTION_H
#define FS_VIZ_PROJECTION_H

#include <stdint.h>

#include "base/pool.h"
#include "base/progress.h"

enum { FS_PROJECTION_MAX_POINTS = 4096, FS_PROJECTION_MAX_CHANNELS = 4096 };

/* points [n][channels] -> out [n][k]: coordinates along the k directions of greatest variance, by a singular
 * value decomposition of the centred points. Components that are not there (k beyond n or channels) are
 * zero. Each direction's sign is such that its largest number is positive. */
fs_status fs_project_pca(float *out, const float *points, int n, int channels, int k, fs_error *err);

/* L. van der Maaten, G. Hinton: "Visualizing Data using t-SNE", JMLR 9 (2008) 2579-2605: points in the plane
 * whose neighbourhoods, measured by a Student t kernel, are those of the originals, measured by Gaussians of
 * one perplexity. Computed exactly, with the paper's momentum, gains and early exaggeration, from the first
 * two principal components; the rate is n / exaggeration (A. Belkina et al., Nature Communications 10, 2019,
 * 5415). */
typedef struct fs_tsne_settings {
    double perplexity; /* about how many neighbours count; at most a third of the points */
    int steps;
} fs_tsne_settings;
fs_tsne_settings fs_tsne_defaults(void);

/* points [n][channels] -> out [n][2]. */
fs_status fs_project_tsne(float *out, const float *points, int n, int channels,
                          const fs_tsne_settings *settings, fs_pool *pool, const fs_progress *progress,
                          fs_error *err);

#endif
