#include <stddef.h>

#include "viz/render.h"

static const char *const parametrisations[] = {"fft", "pixel", NULL};
static const char *const schedules[] = {"constant", "warm-up", NULL};
static const char *const transforms[] = {"lucid", "none", "strong", NULL};

const fs_option fs_render_options[] = {
    FS_OPTION_TEXT(fs_render_settings, layer, "layer", "", "layer whose units are excited"),
    FS_OPTION_INT(fs_render_settings, channel, "channel", 0, 1000000000, "0",
                  "channel of the layer, or class of a logit"),
    FS_OPTION_TEXT(fs_render_settings, objective, "objective", "channel",
                   "what is maximised: channel, neuron, logit, deepdream, or an expression"),
    FS_OPTION_INT(fs_render_settings, x, "x", -1, 65535, "-1", "column of the neuron, -1 for the centre"),
    FS_OPTION_INT(fs_render_settings, y, "y", -1, 65535, "-1", "row of the neuron, -1 for the centre"),
    FS_OPTION_INT(fs_render_settings, variants, "variants", 1, 32, "1",
                  "pictures of one objective, side by side"),
    FS_OPTION_INT(fs_render_settings, size, "size", 8, 4096, "224", "pixels a side"),
    FS_OPTION_INT(fs_render_settings, steps, "steps", 1, 100000, "256", "optimisation steps"),
    FS_OPTION_DOUBLE(fs_render_settings, rate, "rate", 1e-6, 10, "0.05", "step length of the optimiser"),
    FS_OPTION_CHOICE(fs_render_settings, schedule, "schedule", schedules, "constant",
                     "constant, or warm-up to 5 times the rate: as far in half the steps"),
    FS_OPTION_CHOICE(fs_render_settings, param, "param", parametrisations, "fft",
                     "what the optimiser moves: fft (spectrum), pixel"),
    FS_OPTION_BOOL(fs_render_settings, correlated, "correlated", "keep colour channels as they are"),
    FS_OPTION_CHOICE(fs_render_settings, transforms, "transforms", transforms, "lucid",
                     "random shifts, turns and scales: lucid, none, strong"),
    FS_OPTION_U64(fs_render_settings, seed, "seed", "0", "seed of all random numbers"),
    FS_OPTION_END};
