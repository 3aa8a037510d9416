/* What the files of a shift share. */
#ifndef FS_VIZ_SHIFT_PRIVATE_H
#define FS_VIZ_SHIFT_PRIVATE_H

#include "viz/shift.h"

/* What the pass over the photographs leaves behind. */
typedef struct fs_shift_pass {
    const fs_shift_layers *layers;
    const fs_model *const *models; /* [FS_VERSIONS] */
    const fs_folder *folder;
    const fs_shift_settings *settings;
    fs_pool *pool;
    const fs_examples_watch *watch;
    int images, skipped, capacity;
    int *files;                  /* [images] */
    float **pooled[FS_VERSIONS]; /* [layers] of [capacity][channels]: means over positions */
    struct fs_shift_sums **sums; /* [layers] of [channels] */
    fs_cka *cka;
} fs_shift_pass;

/* Of one channel over all positions of all pictures, taken about its first value. */
typedef struct fs_shift_sums {
    double origin[FS_VERSIONS], sum[FS_VERSIONS], square[FS_VERSIONS], product;
    double difference; /* squared, between the versions: exactly 0 where they answer alike */
    double count;
} fs_shift_sums;

/* The pass takes what is borrowed from *pass and fills the rest; freed by the caller in any case. */
fs_status fs_shift_pass_run(fs_shift_pass *pass, fs_error *err);
void fs_shift_pass_free(fs_shift_pass *pass);

/* Puts the filters into the order of their channels' scores. */
fs_status fs_shift_rank(fs_shift *shift, fs_error *err);

#endif
