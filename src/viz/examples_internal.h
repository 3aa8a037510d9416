/* What examples.c keeps and examples_cache.c writes down. */
#ifndef FS_VIZ_EXAMPLES_INTERNAL_H
#define FS_VIZ_EXAMPLES_INTERNAL_H

#include "viz/examples.h"

typedef struct fs_examples_sample {
    float value;
    int32_t position;
} fs_examples_sample;

struct fs_examples {
    int channels, height, width, n_images;
    int done, used;
    uint8_t *skipped;                         /* [n_images] */
    fs_example *top, *bottom;                 /* [channels][FS_EXAMPLES_KEPT], min(used, KEPT) are filled */
    fs_histogram *greatest, *values;          /* [channels] */
    int32_t sample_image[FS_EXAMPLES_SAMPLE]; /* min(used, SAMPLE) are filled */
    fs_examples_sample *sample;               /* [FS_EXAMPLES_SAMPLE][channels] */
    int n_sample;                             /* slots that exist: no more than there are pictures */
};

#endif
