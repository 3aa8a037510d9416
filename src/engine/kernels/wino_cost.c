/* Estimates from measurements on Zen 4, in multiply-adds of a vector. */
#include "engine/kernels/wino.h"

/* What a vector of tiles costs before and after the products, and a weight that is transformed late. */
enum { INPUT_COST = 420, OUTPUT_COST = 330, LATE_COST = 9 };

static double unit_cost(const fs_wino *w, int vectors, int groups) {
    /* Narrow calls keep the multipliers less busy. */
    static const double overhead[FS_WINO_MAX_VECTORS + 1] = {0, 1.35, 1.1, 1.05};
    double share = (double)(w->targets + groups - 1) / groups;
    double products = FS_WINO_SQUARE * (w->sources * overhead[vectors] + 3) * share;
    double late = w->late ? LATE_COST * (double)w->sources * share : 0;
    return 1000 + late + vectors * (products + INPUT_COST * (double)w->sources + OUTPUT_COST * share);
}

enum { MAX_SIMULATED = 4096, MAX_THREADS = 64 };

/* When the last of the threads ends, if each takes the next piece as soon as it is free. */
static double makespan(const fs_wino *w, int units, int groups, int threads) {
    int vectors = fs_wino_vectors(w), least = vectors / units, larger = vectors % units;
    double small = unit_cost(w, least, groups), large = larger ? unit_cost(w, least + 1, groups) : small;
    int64_t pieces = (int64_t)units * groups;
    if (pieces > MAX_SIMULATED || threads > MAX_THREADS)
        return (small * (units - larger) + large * larger) * groups / threads + large;
    double busy[MAX_THREADS] = {0}, end = 0;
    for (int piece = 0; piece < pieces; piece++) {
        int idle = 0;
        for (int t = 1; t < threads; t++)
            idle = busy[t] < busy[idle] ? t : idle;
        busy[idle] += piece / groups < larger ? large : small;
        end = busy[idle] > end ? busy[idle] : end;
    }
    return end;
}

/* A network's weights come from memory, or from the last-level cache, once a step. */
static const double cost_of_weight = 1.2;

double fs_wino_cost(const fs_wino *w) {
    int vectors = fs_wino_vectors(w), rest = vectors % w->max_vectors;
    double full = unit_cost(w, w->max_vectors, 1) * (vectors / w->max_vectors);
    double weights =
        cost_of_weight * (w->late ? FS_WINO_LATE_TAPS : FS_WINO_SQUARE) * w->sources * w->targets;
    return weights + (rest ? full + unit_cost(w, rest, 1) : full);
}

double fs_wino_direct_cost(const fs_flat *flat, int images) {
    const fs_flat_axis *y = &flat->axis[0], *x = &flat->axis[1];
    double pixels = (double)flat->pitch * y->count / flat->micro->lanes;
    double taps = (double)flat->channels * flat->target_channels * y->kernel * x->kernel;
    return (images * pixels + cost_of_weight) * taps;
}

void fs_wino_choose_split(fs_wino *w, int threads) {
    int vectors = fs_wino_vectors(w), least = (vectors + w->max_vectors - 1) / w->max_vectors;
    int blocks = fs_wino_blocks(w);
    double best = 0;
    for (int units = least; units <= vectors && units <= least + 2 * threads; units++)
        for (int groups = 1; groups <= blocks && groups <= 2 * threads; groups++) {
            double cost = makespan(w, units, groups, threads);
            if (best == 0 || cost < best) {
                best = cost;
                w->units = units;
                w->groups = groups;
            }
        }
}
