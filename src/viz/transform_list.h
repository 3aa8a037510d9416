/* What happens to a picture before the network sees it, as text: one of the presets, or steps separated by
 * commas.
 *
 *     fs_transform_list list;
 *     fs_transform_parse(&list, "pad(12),jitter(8),scale(0.9,1.1),rotate(-10,10)", &err);
 *     fs_transform_format(&list, text);
 *
 *     pad(pixels)                         a border of grey
 *     jitter(pixels)                      a crop of all but so many, at a random place
 *     scale(low, high [, step])           enlarged by low .. high; with a step, by one of evenly spaced
 * factors rotate(low, high [, step [, more]]) turned by degrees; with a step, in `more` of the cases by none
 *     crop(low, high)                     a square of low .. high of the side at a random place, enlarged to
 *                                         the window
 *     flip(probability)                   mirrored left to right; flip alone: in half of the cases
 *     noise(sigma)                        normal noise on every number of the window, after all others
 *
 * Errors name the column, counted in bytes from 1. Values without memory of their own. */
#ifndef FS_VIZ_TRANSFORM_LIST_H
#define FS_VIZ_TRANSFORM_LIST_H

#include "base/error.h"
#include "base/option.h"

enum { FS_TRANSFORM_STEPS = 24, FS_TRANSFORM_NUMBERS = 4, FS_TRANSFORM_GREATEST_PAD = 1024 };

typedef enum fs_transform_kind {
    FS_TRANSFORM_PAD,
    FS_TRANSFORM_JITTER,
    FS_TRANSFORM_SCALE,
    FS_TRANSFORM_ROTATE,
    FS_TRANSFORM_CROP,
    FS_TRANSFORM_FLIP,
    FS_TRANSFORM_NOISE,
    FS_TRANSFORM_KINDS
} fs_transform_kind;

typedef struct fs_transform_step {
    fs_transform_kind kind;
    double numbers[FS_TRANSFORM_NUMBERS]; /* in the order above; those not given have their default */
} fs_transform_step;

typedef struct fs_transform_list {
    fs_transform_step steps[FS_TRANSFORM_STEPS];
    int n;
    const char *preset; /* its name, if the text was one */
    int growth;         /* pixels that a window has more than the picture */
    double noise;       /* standard deviation of all noise together */
} fs_transform_list;

/* The text of an option: "" is none. */
fs_status fs_transform_parse(fs_transform_list *out, const char *text, fs_error *err);

/* A preset's name, or the steps without spaces and without what is as by default. Reads back as it was. */
fs_status fs_transform_format(const fs_transform_list *list, char text[FS_OPTION_TEXT_SIZE], fs_error *err);

/* The presets' names, ended by NULL. */
extern const char *const fs_transform_presets[];

#endif
