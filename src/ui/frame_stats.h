/* How long frames took, for `--frame-stats`: a histogram of tenths of a millisecond, so that any number of
 * frames costs the same memory.
 *
 *     fs_frame_stats_add(&stats, seconds);
 *     fs_frame_stats_text(&stats, text, sizeof text);   // "frames 312, median 3.1 ms, ..."
 */
#ifndef FS_UI_FRAME_STATS_H
#define FS_UI_FRAME_STATS_H

#include <stddef.h>

enum { FS_FRAME_BINS = 2000 }; /* the last one holds everything from 200 ms up */

typedef struct fs_frame_stats {
    long frames;
    double longest; /* seconds */
    long bins[FS_FRAME_BINS];
} fs_frame_stats;

void fs_frame_stats_add(fs_frame_stats *stats, double seconds);
/* The time in milliseconds that a share of the frames, 0..1, stayed below or equal; 0 without frames. */
double fs_frame_stats_percentile(const fs_frame_stats *stats, double share);
const char *fs_frame_stats_text(const fs_frame_stats *stats, char *text, size_t size);

#endif
