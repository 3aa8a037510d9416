/* interpolate(a, b): between two objectives, from the first item of a batch to the last. The tree of the
 * expression evaluates it (viz/goal.c); here are its parameters. Source: Olah, Mordvintsev, Schubert,
 * "Feature Visualization", Distill 2017, section "Interaction between neurons". */
#include "viz/objectives/kinds.h"

const fs_term_kind fs_term_interpolate = {
    .function = {.name = "interpolate",
                 .parameters = {{.name = "a", .type = FS_PARAMETER_EXPRESSION, .needed = true},
                                {.name = "b", .type = FS_PARAMETER_EXPRESSION, .needed = true},
                                {.name = "at", .type = FS_PARAMETER_NUMBER, .high = 1, .initial = 0.5}}},
    .subject = FS_TERM_OF_NODES};
