/* The reading half of base/file.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/builtin.h"
#include "base/file.h"

enum { WINDOW = 1 << 16 };

/* Where bytes come from: an open file, or the program itself. */
typedef struct source {
    int fd;               /* -1: none */
    const uint8_t *bytes; /* or these */
    size_t size;
} source;

struct fs_file_reader {
    source source;
    char *path;           /* for messages */
    size_t start, filled; /* the part of the file that the window holds */
    uint8_t window[WINDOW];
};

static fs_status fail_errno(fs_error *err, const char *path, int code) {
    return fs_fail(err, FS_ERROR_IO, "%s: %s", path, strerror(code));
}

static fs_status check_readable(int fd, const char *path, size_t limit, size_t *size, fs_error *err) {
    struct stat info;
    if (fstat(fd, &info) != 0)
        return fail_errno(err, path, errno);
    if (S_ISDIR(info.st_mode))
        return fail_errno(err, path, EISDIR);
    if (!S_ISREG(info.st_mode))
        return fs_fail(err, FS_ERROR_IO, "%s: not a regular file", path);
    if ((uintmax_t)info.st_size > limit || (uintmax_t)info.st_size >= SIZE_MAX)
        return fs_fail(err, FS_ERROR_LIMIT, "%s: %lld bytes is over the limit of %zu", path,
                       (long long)info.st_size, limit);
    *size = (size_t)info.st_size;
    return FS_OK;
}

static fs_status open_builtin(source *out, const char *path, size_t limit, fs_error *err) {
    const fs_builtin_file *file = fs_builtin_find(path);
    if (file == NULL)
        return fail_errno(err, path, ENOENT);
    *out = (source){-1, file->bytes, (size_t)(file->end - file->bytes)};
    if (out->size > limit)
        return fs_fail(err, FS_ERROR_LIMIT, "%s: %zu bytes is over the limit of %zu", path, out->size, limit);
    return FS_OK;
}

static fs_status open_source(source *out, const char *path, size_t limit, fs_error *err) {
    if (fs_is_builtin(path))
        return open_builtin(out, path, limit, err);
    source s = {.fd =
                    open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)}; /* a FIFO must not wait for its writer */
    if (s.fd < 0)
        return fail_errno(err, path, errno);
    fs_status status = check_readable(s.fd, path, limit, &s.size, err);
    if (status == FS_OK)
        *out = s;
    else
        close(s.fd);
    return status;
}

static void close_source(const source *s) {
    if (s->fd >= 0)
        close(s->fd);
}

/* Reads until `size` bytes or the end of the file, whichever comes first. */
static fs_status read_all(const source *s, size_t offset, uint8_t *bytes, size_t size, size_t *done,
                          const char *path, fs_error *err) {
    *done = 0;
    if (s->bytes) {
        const size_t left = offset < s->size ? s->size - offset : 0;
        *done = size < left ? size : left;
        if (*done)
            memcpy(bytes, s->bytes + offset, *done);
        return FS_OK;
    }
    while (*done < size) {
        ssize_t got = pread(s->fd, bytes + *done, size - *done, (off_t)(offset + *done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno(err, path, errno);
        if (got == 0)
            break;
        *done += (size_t)got;
    }
    return FS_OK;
}

fs_status fs_file_read(uint8_t **out, size_t *size, const char *path, size_t limit, fs_error *err) {
    source s = {0};
    size_t got = 0;
    fs_status status = open_source(&s, path, limit, err);
    if (status != FS_OK)
        return status;
    uint8_t *bytes = fs_alloc(s.size + 1);
    if (bytes == NULL)
        status = fs_fail(err, FS_ERROR_MEMORY, "%s: out of memory for %zu bytes", path, s.size);
    if (status == FS_OK)
        status = read_all(&s, 0, bytes, s.size, &got, path, err);
    close_source(&s);
    if (status != FS_OK) {
        fs_free(bytes);
        return status;
    }
    bytes[got] = '\0';
    *out = bytes;
    *size = got;
    return FS_OK;
}

/* ---- in pieces ---- */

fs_status fs_file_reader_create(fs_file_reader **out, const char *path, size_t limit, fs_error *err) {
    source opened = {0};
    fs_status status = open_source(&opened, path, limit, err);
    if (status != FS_OK)
        return status;
    fs_file_reader *reader = fs_alloc(sizeof *reader);
    char *copy = fs_strdup(path);
    if (reader == NULL || copy == NULL) {
        fs_free(reader);
        fs_free(copy);
        close_source(&opened);
        return fs_fail_memory(err, path);
    }
    reader->source = opened;
    reader->path = copy;
    reader->start = reader->filled = 0;
    *out = reader;
    return FS_OK;
}

void fs_file_reader_destroy(fs_file_reader *reader) {
    if (reader == NULL)
        return;
    close_source(&reader->source);
    fs_free(reader->path);
    fs_free(reader);
}

size_t fs_file_reader_size(const fs_file_reader *reader) {
    return reader->source.size;
}

static fs_status read_exactly(fs_file_reader *reader, size_t offset, void *to, size_t size, fs_error *err) {
    size_t done;
    fs_status status = read_all(&reader->source, offset, to, size, &done, reader->path, err);
    if (status == FS_OK && done < size)
        status = fs_fail(err, FS_ERROR_IO, "%s: the file ends at byte %zu", reader->path, offset + done);
    return status;
}

static bool is_in_window(const fs_file_reader *reader, size_t offset, size_t size) {
    return offset >= reader->start && size <= reader->filled &&
           offset - reader->start <= reader->filled - size;
}

static fs_status move_window(fs_file_reader *reader, size_t offset, fs_error *err) {
    reader->filled = 0;
    size_t left = offset < reader->source.size ? reader->source.size - offset : 0;
    left = left < WINDOW ? left : WINDOW;
    fs_status status = read_exactly(reader, offset, reader->window, left, err);
    if (status != FS_OK)
        return status;
    reader->start = offset;
    reader->filled = left;
    return FS_OK;
}

fs_status fs_file_reader_read(fs_file_reader *reader, size_t offset, void *to, size_t size, fs_error *err) {
    if (size >= WINDOW / 2)
        return read_exactly(reader, offset, to, size, err);
    if (size == 0)
        return FS_OK;
    if (!is_in_window(reader, offset, size)) {
        fs_status status = move_window(reader, offset, err);
        if (status != FS_OK)
            return status;
        if (!is_in_window(reader, offset, size))
            return fs_fail(err, FS_ERROR_IO, "%s: the file ends at byte %zu", reader->path,
                           reader->source.size);
    }
    memcpy(to, reader->window + (offset - reader->start), size);
    return FS_OK;
}
