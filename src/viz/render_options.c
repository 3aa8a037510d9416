#include <stddef.h>

#include "viz/planes.h"
#include "viz/render.h"

static const char *const schedules[] = {"constant", "warm-up", NULL};

const fs_option fs_render_options[] = {
    FS_OPTION_LAYER(fs_render_settings, layer, "layer", "", "layer whose units are excited"),
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
    FS_OPTION_DOUBLE(fs_render_settings, rate, "rate", 0, 10, "0",
                     "step length of the optimiser; 0: the parametrisation's own"),
    FS_OPTION_CHOICE(fs_render_settings, schedule, "schedule", schedules, "constant",
                     "constant, or warm-up to 5 times the rate: as far in half the steps"),
    FS_OPTION_CHOICE(fs_render_settings, param, "param", fs_planes_names, "fft",
                     "what moves: fft (spectrum), pixel, laplacian (pyramid), cppn (network), maco (phases)"),
    FS_OPTION_BOOL(fs_render_settings, correlated, "correlated", "keep colour channels as they are"),
    FS_OPTION_BOOL(fs_render_settings, opaque, "opaque", "maco: leave no part of the picture transparent"),
    FS_OPTION_TEXT(fs_render_settings, transforms, "transforms", "auto",
                   "what the network sees: lucid, none, strong, maco, or a list as pad(12),jitter(8),flip"),
    FS_OPTION_U64(fs_render_settings, seed, "seed", "0", "seed of all random numbers"),
    FS_OPTION_END};
