#include "engine/kernels/flat.h"

/* Estimated time of a unit, in vector operations. */
static double unit_cost(const fs_flat *flat, const fs_flat_split *split, double taps) {
    const fs_flat_axis *y = &flat->axis[0], *x = &flat->axis[1];
    int lanes = flat->micro->lanes, block = flat->micro->block, channels = flat->target_channels;
    int blocks = (channels + block - 1) / block, share = (blocks + split->groups - 1) / split->groups * block;
    int vectors = (split->rows * flat->pitch + lanes - 1) / lanes;
    double cost = 500 + vectors * taps * (share < channels ? share : channels);
    if (flat->direct)
        cost += 2.0 * vectors * flat->channels; /* the source comes from far away */
    else
        cost += (double)flat->channels * y->planes * x->planes * (split->rows + y->reach) *
                (4 + 4.0 * flat->pitch / lanes);
    return cost;
}

/* Whether tiles that run on from image to image are fewer by a good part. */
static bool joining_pays(const fs_flat *flat, int images) {
    if (!flat->direct || images == 1 || (int64_t)images * flat->pixels > INT32_MAX / 2)
        return false;
    int tile = flat->pitch, single = (flat->pixels + tile - 1) / tile * images;
    int joined = (images * flat->pixels + tile - 1) / tile;
    return 16 * joined <= 15 * single;
}

/* Units are handed out one by one: a few more than there are threads cost little and even out what else the
 * machine does. */
void fs_flat_choose_split(fs_flat *flat, int images, int threads) {
    int count = flat->axis[0].count, max_rows = flat->max_rows, block = flat->micro->block;
    int blocks = (flat->target_channels + block - 1) / block;
    double best = 0, taps = 0;
    flat->joined = joining_pays(flat, images);
    if (flat->joined) {
        max_rows = count = (images * flat->pixels + flat->pitch - 1) / flat->pitch;
        images = 1;
    }
    for (int set = 0; set < flat->axis[0].sets * flat->axis[1].sets; set++)
        taps += flat->taps[set].count;
    fs_flat_split trial, chosen = {max_rows, (count + max_rows - 1) / max_rows, 1};
    for (int bands = 1, last = 0; bands <= count && bands <= 64 * threads; bands++) {
        trial.rows = (count + bands - 1) / bands;
        if (trial.rows > max_rows || trial.rows == last)
            continue;
        last = trial.rows;
        trial.bands = (count + trial.rows - 1) / trial.rows;
        for (trial.groups = 1; trial.groups <= blocks && trial.groups <= 4 * threads; trial.groups++) {
            int64_t units = (int64_t)trial.bands * trial.groups * images;
            if (units > 1 << 24)
                continue;
            double rounds = (double)((units + threads - 1) / threads);
            double cost = unit_cost(flat, &trial, taps) * (rounds + (threads > 1 ? 0.25 : 0));
            if (best == 0 || cost < best) {
                best = cost;
                chosen = trial;
            }
        }
    }
    flat->split = chosen;
}
