/* Animated PNG: a PNG file whose further pictures other programs pass over, as browsers and image viewers
 * play it. Format: https://www.w3.org/TR/png-3/, chunks acTL, fcTL and fdAT.
 *
 *     fs_apng_frame frames[] = {{&first, 100}, {&second, 1500}};
 *     fs_apng_write("growth.png", frames, 2, 0, &err);
 *
 * The first picture is the one that programs without animation show. Same input, same bytes. */
#ifndef FS_BASE_APNG_H
#define FS_BASE_APNG_H

#include "base/image.h"

enum { FS_APNG_MAX_FRAMES = 10000 };

typedef struct fs_apng_frame {
    const fs_image *image; /* all of one size and number of channels */
    int milliseconds;      /* to be shown, 0..65535 */
} fs_apng_frame;

/* plays: how often the whole is shown, 0 for ever. Through a temporary name. */
fs_status fs_apng_write(const char *path, const fs_apng_frame *frames, int n_frames, int plays,
                        fs_error *err);

#endif
