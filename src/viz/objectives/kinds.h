/* The kinds of terms, and the parameters that several of them have. docs/objectives.md says what each one
 * computes. */
#ifndef FS_VIZ_OBJECTIVES_KINDS_H
#define FS_VIZ_OBJECTIVES_KINDS_H

#include "viz/term.h"

/* units.c: the mean of a layer's units that lie side by side */
extern const fs_term_kind fs_term_channel, fs_term_negative, fs_term_neuron, fs_term_logit, fs_term_layer,
    fs_term_deepdream;
/* direction.c: a vector of channels */
extern const fs_term_kind fs_term_direction, fs_term_direction_neuron;
/* likeness.c: the activation of a photograph */
extern const fs_term_kind fs_term_inversion, fs_term_caricature;
/* coupled.c: the items of a batch with each other */
extern const fs_term_kind fs_term_diversity, fs_term_alignment;
/* picture.c: the picture itself */
extern const fs_term_kind fs_term_tv, fs_term_l1, fs_term_l2, fs_term_blur, fs_term_boundary;
/* interpolate.c */
extern const fs_term_kind fs_term_interpolate;

#define FS_TERM_LAYER                                                                                        \
    { .name = "layer", .type = FS_PARAMETER_TEXT, .needed = true }
#define FS_TERM_UNIT(text)                                                                                   \
    { .name = (text), .type = FS_PARAMETER_WHOLE, .needed = true, .high = 1e9 }
/* -1: the centre */
#define FS_TERM_PLACE(text)                                                                                  \
    { .name = (text), .type = FS_PARAMETER_WHOLE, .low = -1, .high = 65535, .initial = -1 }
/* Exponent of the cosine: how much the direction counts beside the length. */
#define FS_TERM_POWER(value)                                                                                 \
    { .name = "power", .type = FS_PARAMETER_NUMBER, .high = 16, .initial = (value) }

#endif
