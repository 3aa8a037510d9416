#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "engine/import/onnx_private.h"
#include "engine/import/relative_path.h"

/* Where a tensor's bytes lie, as its entries say. */
typedef struct place {
    const char *location;
    long long offset, length; /* length -1: not said */
} place;

static fs_status read_place(place *out, const FsOnnx__Tensor *tensor, fs_error *err) {
    place p = {.length = -1};
    for (size_t i = 0; i < tensor->n_external_data; i++) {
        const FsOnnx__Entry *entry = tensor->external_data[i];
        bool fine = true;
        if (strcmp(entry->key, "location") == 0)
            p.location = entry->value;
        else if (strcmp(entry->key, "offset") == 0)
            fine = fs_parse_int(entry->value, &p.offset) && p.offset >= 0;
        else if (strcmp(entry->key, "length") == 0)
            fine = fs_parse_int(entry->value, &p.length) && p.length >= 0;
        if (!fine)
            return fs_fail(err, FS_ERROR_FORMAT, "external data: %s '%s' is not a size", entry->key,
                           entry->value);
    }
    if (!p.location || !fs_path_is_inside(p.location))
        return fs_fail(err, FS_ERROR_FORMAT, "external data: '%s' is not a file beside the model",
                       p.location ? p.location : "");
    *out = p;
    return FS_OK;
}

static fs_status read_all(int fd, uint8_t *to, size_t size, off_t offset, const char *path, fs_error *err) {
    while (size > 0) {
        ssize_t got = pread(fd, to, size, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return fs_fail(err, FS_ERROR_IO, "external data: %s: %s", path,
                           got ? strerror(errno) : "file shrank");
        to += got;
        offset += got;
        size -= (size_t)got;
    }
    return FS_OK;
}

/* The file's size is checked before anything is allocated. */
static fs_status read_part(uint8_t **out, int fd, const char *path, const place *p, size_t size,
                           fs_error *err) {
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        return fs_fail(err, FS_ERROR_IO, "external data: %s is not a regular file", path);
    if (p->offset > info.st_size || size > (size_t)(info.st_size - p->offset))
        return fs_fail(err, FS_ERROR_FORMAT, "external data: %s ends before byte %lld + %zu", path, p->offset,
                       size);
    uint8_t *bytes = fs_alloc(size);
    if (!bytes)
        return fs_fail_memory(err, path);
    fs_status status = read_all(fd, bytes, size, p->offset, path, err);
    if (status == FS_OK)
        *out = bytes;
    else
        fs_free(bytes);
    return status;
}

fs_status fs_onnx_external(uint8_t **out, const char *model_path, const FsOnnx__Tensor *tensor,
                           size_t expected, fs_error *err) {
    place p;
    fs_status status = read_place(&p, tensor, err);
    if (status != FS_OK)
        return status;
    if (p.length >= 0 && (size_t)p.length != expected)
        return fs_fail(err, FS_ERROR_FORMAT, "its dimensions need %zu bytes, the external data have %lld",
                       expected, p.length);
    char *path = fs_path_beside(model_path, p.location);
    if (!path)
        return fs_fail_memory(err, p.location);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not keep us waiting */
    if (fd < 0)
        status = fs_fail(err, FS_ERROR_IO, "external data: %s: %s", path, strerror(errno));
    else
        status = read_part(out, fd, path, &p, expected, err);
    if (fd >= 0)
        close(fd);
    fs_free(path);
    return status;
}
