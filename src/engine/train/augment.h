/* Random changes of a training picture that leave its class as it is: a crop of random size and shape, a
 * turn, a mirror image, other brightness, contrast and saturation.
 *
 *     fs_random_seed(&random, seed, stream_of(epoch, picture));
 *     fs_augment(&picture, &settings, &random, 224, 224, &out, &err);
 *
 * All random numbers are drawn from `random` in a fixed order, so a picture's change depends on nothing but
 * its seed and stream. Values only; any thread. */
#ifndef FS_ENGINE_TRAIN_AUGMENT_H
#define FS_ENGINE_TRAIN_AUGMENT_H

#include <stdbool.h>

#include "base/image.h"
#include "base/random.h"

typedef struct fs_augment_settings {
    double least_area; /* of the crop, of the whole picture: 1 keeps the whole */
    double aspect;     /* the crop's sides differ from the output's shape by at most this factor, >= 1 */
    double mirror;     /* probability */
    double jitter;     /* brightness, contrast and saturation change by up to this share */
    double rotation;   /* degrees, to either side */
} fs_augment_settings;

fs_augment_settings fs_augment_defaults(void); /* 0.4, 4/3, 0.5, 0.2, 8 */

fs_status fs_augment(const fs_image *in, const fs_augment_settings *settings, fs_random *random, int height,
                     int width, fs_image *out, fs_error *err);

#endif
