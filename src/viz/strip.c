#include "viz/strip.h"

#include <string.h>

enum { GUTTER = 4, PAPER = 255 };

long long fs_strip_width(int n, int width) {
    return (long long)n * width + (long long)(n - 1) * GUTTER;
}

fs_status fs_strip_make(fs_image *out, const fs_image *images, int n, fs_error *err) {
    int width = images[0].width, height = images[0].height, channels = images[0].channels;
    long long whole = fs_strip_width(n, width);
    fs_image strip = {0};
    if (n < 1 || whole > FS_IMAGE_MAX_SIDE)
        return fs_fail(err, FS_ERROR_LIMIT, "%d pictures side by side are wider than %d pixels", n,
                       FS_IMAGE_MAX_SIDE);
    for (int i = 1; i < n; i++)
        if (images[i].width != width || images[i].height != height || images[i].channels != channels)
            return fs_fail(err, FS_ERROR_ARGUMENT, "a strip of pictures of several sizes");
    fs_status status = fs_image_create(&strip, (int)whole, height, channels, err);
    if (status != FS_OK)
        return status;
    size_t row = (size_t)width * (size_t)channels, gutter = (size_t)GUTTER * (size_t)channels;
    memset(strip.pixels, PAPER, (size_t)whole * (size_t)height * (size_t)channels);
    for (int y = 0; y < height; y++)
        for (int i = 0; i < n; i++)
            memcpy(strip.pixels + (size_t)y * (size_t)whole * (size_t)channels + (size_t)i * (row + gutter),
                   images[i].pixels + (size_t)y * row, row);
    *out = strip;
    return FS_OK;
}
