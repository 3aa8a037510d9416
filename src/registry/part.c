#include "registry/part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_ATTEMPTS = 100 };

/* The process that held the lock before may have renamed or removed the file after we opened it. */
static bool is_still_named(int fd, const char *path) {
    struct stat opened, named;
    return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

static fs_status check_kind(int fd, const char *path, fs_error *err) {
    struct stat info;
    if (fstat(fd, &info) != 0)
        return fs_fail(err, FS_ERROR_IO, "%s: %s", path, strerror(errno));
    return S_ISREG(info.st_mode) ? FS_OK : fs_fail(err, FS_ERROR_IO, "%s: not a regular file", path);
}

fs_status fs_part_open(fs_part *out, const char *path, fs_error *err) {
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
        const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
        if (fd < 0)
            return fs_fail(err, FS_ERROR_IO, "%s: %s", path, strerror(errno));
        fs_status status = check_kind(fd, path, err);
        if (status == FS_OK && flock(fd, LOCK_EX | LOCK_NB) != 0)
            status = errno == EWOULDBLOCK
                         ? fs_fail(err, FS_ERROR_ARGUMENT, "another pull of it is running")
                         : fs_fail(err, FS_ERROR_IO, "%s: cannot be locked: %s", path, strerror(errno));
        if (status == FS_OK && is_still_named(fd, path)) {
            *out = (fs_part){.path = path, .fd = fd};
            return FS_OK;
        }
        close(fd);
        if (status != FS_OK)
            return status;
    }
    return fs_fail(err, FS_ERROR_IO, "%s: cannot be locked", path);
}

fs_status fs_part_rename(fs_part *part, const char *path, fs_error *err) {
    if (fdatasync(part->fd) != 0 && errno != EINVAL && errno != ENOSYS)
        return fs_fail(err, FS_ERROR_IO, "%s: %s", part->path, strerror(errno));
    if (rename(part->path, path) != 0)
        return fs_fail(err, FS_ERROR_IO, "%s: %s", path, strerror(errno));
    part->is_gone = true;
    return FS_OK;
}

void fs_part_discard(fs_part *part) {
    unlink(part->path);
    part->is_gone = true;
}

void fs_part_close(fs_part *part) {
    struct stat info;
    if (!part->is_gone && fstat(part->fd, &info) == 0 && info.st_size == 0)
        unlink(part->path);
    close(part->fd);
}
