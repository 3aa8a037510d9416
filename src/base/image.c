#include "base/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/alloc.h"

fs_status fs_image_create(fs_image *out, int width, int height, int channels, fs_error *err) {
    if (width < 1 || height < 1 || (channels != 1 && channels != 3 && channels != 4))
        return fs_fail(err, FS_ERROR_ARGUMENT, "a picture of %d x %d pixels and %d channels cannot be", width,
                       height, channels);
    size_t bytes = (size_t)width * (size_t)height * (size_t)channels;
    if (width > FS_IMAGE_MAX_SIDE || height > FS_IMAGE_MAX_SIDE || bytes > FS_IMAGE_MAX_BYTES)
        return fs_fail(err, FS_ERROR_LIMIT,
                       "a picture of %d x %d pixels is over the limit of %d a side and %d MiB", width, height,
                       FS_IMAGE_MAX_SIDE, FS_IMAGE_MAX_BYTES / (1024 * 1024));
    uint8_t *pixels = fs_calloc(bytes, 1);
    if (pixels == NULL)
        return fs_fail_memory(err, "a picture");
    *out = (fs_image){width, height, channels, pixels};
    return FS_OK;
}

void fs_image_free(fs_image *image) {
    if (image == NULL)
        return;
    fs_free(image->pixels);
    *image = (fs_image){0};
}

fs_status fs_image_crop(fs_image *out, const fs_image *in, int x, int y, int width, int height,
                        fs_error *err) {
    bool inside =
        x >= 0 && y >= 0 && width >= 1 && height >= 1 && x <= in->width - width && y <= in->height - height;
    if (!inside)
        return fs_fail(err, FS_ERROR_ARGUMENT,
                       "a crop of %d x %d at (%d, %d) is not inside a picture of %d x %d", width, height, x,
                       y, in->width, in->height);
    fs_image cropped;
    fs_status status = fs_image_create(&cropped, width, height, in->channels, err);
    if (status != FS_OK)
        return status;
    size_t pixel = (size_t)in->channels, row = (size_t)width * pixel;
    for (int i = 0; i < height; i++)
        memcpy(cropped.pixels + (size_t)i * row,
               in->pixels + ((size_t)(y + i) * (size_t)in->width + (size_t)x) * pixel, row);
    *out = cropped;
    return FS_OK;
}
