/* Network dissection: how well the places where a channel is most active are those of a known concept (Bau,
 * Zhou, Khosla, Oliva, Torralba: "Network Dissection", CVPR 2017).
 *
 *     fs_overlap_grid_create(&grid, &geometry, mask_height, mask_width, &err);
 *     fs_overlap_add(&overlap, &grid, map, threshold, masks);       // a channel's map of each picture
 *     fs_dissection_rank(&found, &overlap, &totals, &rules);
 *
 * A channel's threshold is exceeded by the share 1 - quantile of its activations over all positions of all
 * pictures. Its map is enlarged to the mask bilinearly between the centres of receptive fields, as
 * fs_map_sample does it; where it is above the threshold the channel is on. IoU = pixels that are on and of
 * the concept / pixels that are on or of the concept, both summed over all pictures.
 *
 * Labels are numbers in 8-bit masks, one mask for each kind of concept; label 0 is nothing. What the
 * labels mean is the caller's. */
#ifndef FS_VIZ_DISSECTION_H
#define FS_VIZ_DISSECTION_H

#include "base/image.h"
#include "engine/concepts.h"
#include "viz/activation.h"

enum { FS_DISSECTION_BEST = 4, FS_DISSECTION_SEEN = 4, FS_DISSECTION_LABELS = 256 };

/* A number for every label of every kind. */
typedef struct fs_label_counts {
    int64_t of[FS_CONCEPT_KINDS][FS_DISSECTION_LABELS];
} fs_label_counts;

/* What is in the masks of all pictures. */
typedef struct fs_dissection_totals {
    fs_label_counts pixels, pictures; /* a picture counts from a thousandth of its pixels on */
    int n_pictures;
} fs_dissection_totals;
void fs_dissection_count(fs_dissection_totals *totals, const fs_image masks[FS_CONCEPT_KINDS]);

/* ---- where a channel is on ---- */

/* Which pixels of a mask lie between which positions of a map. */
typedef struct fs_overlap_grid fs_overlap_grid;
fs_status fs_overlap_grid_create(fs_overlap_grid **out, const fs_map_geometry *geometry, int height,
                                 int width, fs_error *err);
void fs_overlap_grid_destroy(fs_overlap_grid *grid); /* NULL is fine */

typedef struct fs_overlap {
    int64_t on;              /* pixels */
    fs_label_counts both;    /* that are of the concept too */
    fs_label_counts largest; /* of those, how many the picture with most of them has */
} fs_overlap;

/* masks: of the grid's size, one channel each. Looks only at pixels between positions one of which is on. */
void fs_overlap_add(fs_overlap *overlap, const fs_overlap_grid *grid, const float *map, double threshold,
                    const fs_image masks[FS_CONCEPT_KINDS]);

/* ---- what it answers to ---- */

typedef struct fs_dissection_rules {
    int labels[FS_CONCEPT_KINDS];               /* at most FS_DISSECTION_LABELS */
    const char *const *names[FS_CONCEPT_KINDS]; /* [labels]; NULL: no concept, as 0 is */
    /* A concept in fewer pictures is no candidate, nor is one that overlaps with the channel in one picture
     * more than in all others together: both would win by chance. */
    int least_pictures;
} fs_dissection_rules;

typedef struct fs_dissection_match {
    fs_concept_kind kind;
    int label;
    double iou;
} fs_dissection_match;

typedef struct fs_dissection_channel {
    double threshold;
    fs_dissection_match best[FS_DISSECTION_BEST]; /* by descending IoU, all above 0 */
    int n_best;
    int seen[FS_DISSECTION_SEEN]; /* the pictures with its greatest activations, all above the threshold */
    float greatest[FS_DISSECTION_SEEN];
    int n_seen;
} fs_dissection_channel;

/* Sets `best` alone. Among equals the kind, then the label that comes first. */
void fs_dissection_rank(fs_dissection_channel *out, const fs_overlap *overlap,
                        const fs_dissection_totals *totals, const fs_dissection_rules *rules);

#endif
