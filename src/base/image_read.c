#include "base/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <stb/stb_image.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/jpeg_check.h"
#include "base/stb_memory.h"

enum { RGB = 3 };

static fs_status check_size(int width, int height, fs_error *err) {
    size_t bytes = (size_t)width * (size_t)height * RGB;
    if (width > FS_IMAGE_MAX_SIDE || height > FS_IMAGE_MAX_SIDE || bytes > FS_IMAGE_MAX_BYTES)
        return fs_fail(err, FS_ERROR_LIMIT, "%d x %d pixels are over the limit of %d a side and %d MiB",
                       width, height, FS_IMAGE_MAX_SIDE, FS_IMAGE_MAX_BYTES / (1024 * 1024));
    if (width < 1 || height < 1)
        return fs_fail(err, FS_ERROR_FORMAT, "the picture has no pixels");
    return FS_OK;
}

static fs_status fail_decoder(fs_error *err) {
    const char *reason = stbi_failure_reason();
    if (reason == NULL)
        reason = "unknown error";
    if (fs_stb_was_short() || strcmp(reason, "outofmem") == 0)
        return fs_fail_memory(err, "the picture");
    if (strcmp(reason, "too large") == 0)
        return fs_fail(err, FS_ERROR_LIMIT, "the picture is over the limit of %d pixels a side",
                       FS_IMAGE_MAX_SIDE);
    if (strcmp(reason, "unknown image type") == 0)
        return fs_fail(err, FS_ERROR_FORMAT, "not a JPEG, PNG or BMP picture");
    return fs_fail(err, FS_ERROR_FORMAT, "the picture cannot be decoded: %s", reason);
}

static fs_status decode(fs_image *out, const uint8_t *bytes, size_t size, fs_error *err) {
    int width = 0, height = 0, channels = 0;
    fs_status status = fs_jpeg_check(bytes, size, err);
    if (status != FS_OK)
        return status;
    /* The look ahead only says that no decoder likes the file; the one whose signature it has knows why. */
    fs_stb_begin();
    bool known = stbi_info_from_memory(bytes, (int)size, &width, &height, &channels) != 0;
    status = known ? check_size(width, height, err) : FS_OK;
    if (status != FS_OK)
        return status;
    uint8_t *pixels = stbi_load_from_memory(bytes, (int)size, &width, &height, &channels, RGB);
    if (pixels == NULL)
        return fail_decoder(err);
    if (!known) { /* or the look ahead was refused memory */
        fs_free(pixels);
        if (fs_stb_was_short())
            return fs_fail_memory(err, "the picture");
        return fs_fail(err, FS_ERROR_FORMAT, "the picture cannot be decoded");
    }
    *out = (fs_image){width, height, RGB, pixels};
    return FS_OK;
}

fs_status fs_image_read(fs_image *out, const char *path, fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    fs_status status = fs_file_read(&bytes, &size, path, FS_IMAGE_MAX_BYTES, err);
    if (status != FS_OK)
        return status;
    status = decode(out, bytes, size, err);
    fs_free(bytes);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "%s", path);
}
