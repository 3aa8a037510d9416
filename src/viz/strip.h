/* Pictures side by side with even gutters, as one.
 *
 *     fs_strip_make(&strip, images, 4, &err);       // all of one size and number of channels
 */
#ifndef FS_VIZ_STRIP_H
#define FS_VIZ_STRIP_H

#include "base/image.h"

/* Columns of a strip, for a check before there are pictures. */
long long fs_strip_width(int n, int width);

fs_status fs_strip_make(fs_image *out, const fs_image *images, int n, fs_error *err);

#endif
