#include "ui/frame_stats.h"

#include <math.h>
#include <stdio.h>

void fs_frame_stats_add(fs_frame_stats *stats, double seconds) {
    int bin = (int)fmin(FS_FRAME_BINS - 1, fmax(0, seconds * 1e4));
    stats->bins[bin]++;
    stats->frames++;
    stats->longest = fmax(stats->longest, seconds);
}

double fs_frame_stats_percentile(const fs_frame_stats *stats, double share) {
    double wanted = ceil(share * (double)stats->frames);
    long below = 0;
    for (int i = 0; i < FS_FRAME_BINS && stats->frames > 0; i++) {
        below += stats->bins[i];
        if ((double)below >= wanted && below > 0)
            return fmin((i + 1) / 10.0, stats->longest * 1e3);
    }
    return 0;
}

const char *fs_frame_stats_text(const fs_frame_stats *stats, char *text, size_t size) {
    snprintf(text, size, "frames %ld, median %.1f ms, 90%% %.1f ms, 99%% %.1f ms, longest %.1f ms",
             stats->frames, fs_frame_stats_percentile(stats, 0.5), fs_frame_stats_percentile(stats, 0.9),
             fs_frame_stats_percentile(stats, 0.99), stats->longest * 1e3);
    return text;
}
