/* 8-bit pictures: decoding (stb_image), resampling, cropping, and PNG with text chunks (libpng).
 *
 * Rows run downwards, pixels are interleaved, `channels` is 1 (grey), 3 (RGB) or 4 (RGBA).
 * An fs_image owns its pixels: fs_image_free. */
#ifndef FS_BASE_IMAGE_H
#define FS_BASE_IMAGE_H

#include <stdint.h>

#include "base/error.h"

enum { FS_IMAGE_MAX_SIDE = 16384, FS_IMAGE_MAX_BYTES = 256 * 1024 * 1024 };

typedef struct fs_image {
    int width, height, channels;
    uint8_t *pixels; /* height * width * channels */
} fs_image;

/* One text chunk of a PNG file: keyword of 1..79 Latin-1 characters, UTF-8 text. */
typedef struct fs_image_text {
    const char *keyword;
    const char *text;
} fs_image_text;

fs_status fs_image_create(fs_image *out, int width, int height, int channels, fs_error *err); /* zeroed */
void fs_image_free(fs_image *image);

/* Decodes JPEG, PNG, BMP to RGB. Pictures over FS_IMAGE_MAX_SIDE are refused before allocation. */
fs_status fs_image_read(fs_image *out, const char *path, fs_error *err);

/* Antialiased bilinear ("triangle") resampling as PIL and torchvision (antialias=True) do it: the filter's
 * support grows with the reduction; two passes, horizontal then vertical, rounded to 8 bits after each. */
fs_status fs_image_resize(fs_image *out, const fs_image *in, int width, int height, fs_error *err);
fs_status fs_image_crop(fs_image *out, const fs_image *in, int x, int y, int width, int height,
                        fs_error *err);

/* Writes PNG through a temporary name. texts may be NULL when n_texts is 0. Same input, same bytes. */
fs_status fs_image_write_png(const fs_image *image, const char *path, const fs_image_text *texts, int n_texts,
                             fs_error *err);

/* The text of one chunk (tEXt, zTXt or iTXt) of a PNG file, as a new string (fs_free);
 * FS_ERROR_NOT_FOUND when it has none. */
fs_status fs_image_read_png_text(char **out, const char *path, const char *keyword, fs_error *err);

#endif
