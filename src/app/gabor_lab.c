#include "app/gabor_lab.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/npy.h"
#include "base/text.h"
#include "gabor/gabor.h"

static bool has_ending(const char *path, const char *ending) {
    const char *dot = strrchr(fs_path_base(path), '.');
    return dot && strcasecmp(dot, ending) == 0;
}

/* "1,2.5,3" -> exactly `count` numbers. */
static bool parse_list(const char *text, int count, double *out) {
    enum { LONGEST = 64 };
    char number[LONGEST];
    for (int i = 0; i < count; i++) {
        size_t length = strcspn(text, ",");
        if (length >= LONGEST || (text[length] == ',') != (i < count - 1))
            return false;
        memcpy(number, text, length);
        number[length] = 0;
        if (!fs_parse_double(number, &out[i]))
            return false;
        text += length + 1;
    }
    return true;
}

/* -- kernels from numbers -- */

static fs_status parse_gabor(const char *text, fs_gabor *out, fs_error *err) {
    double v[5];
    if (!parse_list(text, 5, v) || !(v[0] > 0) || !(v[3] > 0) || !(v[4] > 0))
        return fs_fail(
            err, FS_ERROR_ARGUMENT,
            "--make: '%.100s' is not LAMBDA,THETA,PSI,SIGMA,GAMMA (pixels, radians, radians, pixels, a "
            "ratio; lambda, sigma and gamma positive)",
            text);
    *out =
        (fs_gabor){.lambda = v[0], .theta = v[1], .psi = v[2], .sigma = v[3], .gamma = v[4], .amplitude = 1};
    return FS_OK;
}

static fs_status write_npy(const double *values, int count, int size, const char *path, fs_error *err) {
    const int64_t dim[] = {count, 1, size, size};
    const size_t all = (size_t)count * (size_t)size * (size_t)size;
    float *data = fs_alloc_array(all, sizeof *data);
    if (!data)
        return fs_fail_memory(err, "kernels");
    for (size_t i = 0; i < all; i++)
        data[i] = (float)values[i];
    fs_status status =
        count == 1 ? fs_npy_write(path, 2, dim + 2, data, err) : fs_npy_write(path, 4, dim, data, err);
    fs_free(data);
    return status;
}

static fs_status write_png(const double *values, int count, int size, const char *path, fs_error *err) {
    fs_image image = {0};
    fs_status status = fs_image_create(&image, count * (size + 1) - 1, size, 1, err);
    if (status != FS_OK)
        return status;
    memset(image.pixels, 255, (size_t)image.width * (size_t)size);
    for (int n = 0; n < count; n++)
        for (int i = 0; i < size * size; i++) {
            uint8_t *row = image.pixels + (size_t)(i / size) * (size_t)image.width;
            double value = fmax(-1, fmin(1, values[(size_t)n * (size_t)(size * size) + (size_t)i]));
            row[n * (size + 1) + i % size] = (uint8_t)lround(127.5 + 127.5 * value);
        }
    status = fs_image_write_png(&image, path, NULL, 0, err);
    fs_image_free(&image);
    return status;
}

fs_status fs_gabor_lab_make(const char *const *specs, int count, int size, const char *path, fs_error *err) {
    const bool npy = has_ending(path, ".npy");
    if (!npy && !has_ending(path, ".png"))
        return fs_fail(err, FS_ERROR_ARGUMENT, "-o %.200s: the name must end in .npy or .png", path);
    const size_t each = (size_t)size * (size_t)size;
    double *values = fs_alloc_array((size_t)count * each, sizeof *values);
    fs_status status = values ? FS_OK : fs_fail_memory(err, "kernels");
    for (int n = 0; n < count && status == FS_OK; n++) {
        fs_gabor gabor;
        status = parse_gabor(specs[n], &gabor, err);
        if (status == FS_OK)
            fs_gabor_sample(&gabor, size, size, values + (size_t)n * each);
    }
    if (status == FS_OK)
        status = npy ? write_npy(values, count, size, path, err) : write_png(values, count, size, path, err);
    fs_free(values);
    return status;
}

/* -- kernels from files -- */

typedef struct region {
    int x, y, width, height;
} region;

static fs_status parse_crop(const char *text, int64_t height, int64_t width, region *out, fs_error *err) {
    double v[4];
    if (!*text) {
        *out = (region){0, 0, (int)width, (int)height};
        return FS_OK;
    }
    bool valid = parse_list(text, 4, v);
    for (int i = 0; i < 4 && valid; i++)
        valid = v[i] >= 0 && v[i] <= FS_IMAGE_MAX_SIDE && v[i] == floor(v[i]);
    if (!valid)
        return fs_fail(err, FS_ERROR_ARGUMENT, "--crop: '%.100s' is not X,Y,WIDTH,HEIGHT in pixels", text);
    *out = (region){(int)v[0], (int)v[1], (int)v[2], (int)v[3]};
    if (out->width < 1 || out->height < 1 || out->x + (int64_t)out->width > width ||
        out->y + (int64_t)out->height > height)
        return fs_fail(err, FS_ERROR_ARGUMENT, "--crop: %s lies outside the %lldx%lld pixels", text,
                       (long long)width, (long long)height);
    return FS_OK;
}

static fs_status from_npy(fs_kernels *out, const fs_npy *npy, const char *crop, fs_error *err) {
    const int64_t *d = npy->dim;
    const int r = npy->rank;
    region part;
    if (r < 2 || r > 4)
        return fs_fail(err, FS_ERROR_FORMAT,
                       "an array of %d dimensions is neither [h,w], [c,h,w] nor [n,c,h,w]", r);
    const int64_t count = r == 4 ? d[0] : 1, channels = r >= 3 ? d[r - 3] : 1, height = d[r - 2],
                  width = d[r - 1];
    if (count > FS_KERNELS_MAX_COUNT || channels > FS_KERNELS_MAX_COUNT || height > FS_IMAGE_MAX_SIDE ||
        width > FS_IMAGE_MAX_SIDE)
        return fs_fail(err, FS_ERROR_LIMIT, "an array too large for kernels");
    fs_status status = parse_crop(crop, height, width, &part, err);
    if (status == FS_OK)
        status = fs_kernels_create(out, (int)count, (int)channels, part.height, part.width, err);
    if (status != FS_OK)
        return status;
    double *to = out->values;
    for (int64_t plane = 0; plane < count * channels; plane++)
        for (int y = 0; y < part.height; y++)
            for (int x = 0; x < part.width; x++)
                *to++ = (double)npy->data[(plane * height + part.y + y) * width + part.x + x];
    return FS_OK;
}

static bool is_grey(const fs_image *image, const region *part) {
    for (int y = 0; y < part->height; y++)
        for (int x = 0; x < part->width; x++) {
            const uint8_t *p =
                image->pixels + ((size_t)(part->y + y) * (size_t)image->width + (size_t)(part->x + x)) *
                                    (size_t)image->channels;
            if (image->channels >= 3 && (p[0] != p[1] || p[1] != p[2]))
                return false;
        }
    return true;
}

static fs_status from_image(fs_kernels *out, const fs_image *image, const char *crop, fs_error *err) {
    region part;
    fs_status status = parse_crop(crop, image->height, image->width, &part, err);
    if (status != FS_OK)
        return status;
    const int channels = is_grey(image, &part) ? 1 : 3;
    status = fs_kernels_create(out, 1, channels, part.height, part.width, err);
    if (status != FS_OK)
        return status;
    double *to = out->values;
    for (int c = 0; c < channels; c++)
        for (int y = 0; y < part.height; y++)
            for (int x = 0; x < part.width; x++) {
                size_t pixel = (size_t)(part.y + y) * (size_t)image->width + (size_t)(part.x + x);
                *to++ = image->pixels[pixel * (size_t)image->channels + (size_t)c] / 255.0;
            }
    return FS_OK;
}

fs_status fs_gabor_lab_read(fs_kernels *out, const char *path, const char *crop, fs_error *err) {
    fs_status status;
    if (has_ending(path, ".npy")) {
        fs_npy npy = {0};
        status = fs_npy_read(&npy, path, err);
        if (status != FS_OK)
            return status;
        status = from_npy(out, &npy, crop, err);
        fs_npy_free(&npy);
    } else {
        fs_image image = {0};
        status = fs_image_read(&image, path, err);
        if (status != FS_OK)
            return status;
        status = from_image(out, &image, crop, err);
        fs_image_free(&image);
    }
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "%s", path);
}
