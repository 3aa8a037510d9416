#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/builtin.h"

struct fs_file_writer {
    FILE *stream;
    char *path;      /* as the caller wrote it, for messages */
    char *target;    /* what the temporary becomes; NULL when writing straight into a device or pipe */
    char *temporary; /* its name; NULL likewise, and while it has none */
};

static fs_status fail_errno(fs_error *err, const char *path, int code) {
    return fs_fail(err, FS_ERROR_IO, "%s: %s", path, strerror(code));
}

/* ---- writing ---- */

static void writer_free(fs_file_writer *writer) {
    fs_free(writer->path);
    fs_free(writer->target);
    fs_free(writer->temporary);
    fs_free(writer);
}

/* Names of open descriptors are written where they point, whatever that is: a shell's redirection into a
 * regular file must not be renamed over. */
static bool is_descriptor(const char *path) {
    static const char *const names[] = {"/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/self/fd/"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strncmp(path, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static fs_status open_direct(fs_file_writer *writer, fs_error *err) {
    int fd = open(writer->path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return fail_errno(err, writer->path, errno);
    writer->stream = fdopen(fd, "wb");
    if (writer->stream == NULL) {
        int code = errno;
        close(fd);
        return fail_errno(err, writer->path, code);
    }
    return FS_OK;
}

/* The name is short whatever the target's, so that a longest possible target still works. */
static char *temporary_name(const char *target) {
    uint64_t number = 0;
    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        return NULL;
    char name[32];
    snprintf(name, sizeof name, ".fs-%016llx.tmp", (unsigned long long)number);
    return fs_path_beside(target, name);
}

/* Finds a name that is free, for `make` to make a file under it; returns what that returns (negative for a
 * failure, told in errno). */
static int make_named(fs_file_writer *writer, int (*make)(const char *name, const fs_file_writer *writer)) {
    int made = -1;
    errno = EEXIST;
    for (int attempt = 0; attempt < 100 && made < 0 && errno == EEXIST; attempt++) {
        fs_free(writer->temporary);
        writer->temporary = temporary_name(writer->target);
        if (writer->temporary == NULL) {
            errno = ENOMEM;
            return -1;
        }
        made = make(writer->temporary, writer);
    }
    if (made < 0) {
        int code = errno;
        fs_free(writer->temporary);
        writer->temporary = NULL;
        errno = code;
    }
    return made;
}

/* Opening with O_EXCL as mkstemp does, but under the process's umask, which no thread-safe call can ask. */
static int open_new(const char *name, const fs_file_writer *writer) {
    (void)writer;
    return open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
}

static void own_link(char text[32], const fs_file_writer *writer) {
    snprintf(text, 32, "/proc/self/fd/%d", fileno(writer->stream));
}

static int link_unnamed(const char *name, const fs_file_writer *writer) {
    char own[32];
    own_link(own, writer);
    return linkat(AT_FDCWD, own, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

/* A file that gets its name when it is finished goes away with the process, however that ends. Not every
 * file system has them; -1 then. */
static int open_unnamed(const fs_file_writer *writer) {
    char *folder = fs_path_beside(writer->target, ".");
    int fd = folder != NULL && access("/proc/self/fd", X_OK) == 0
                 ? open(folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0644)
                 : -1;
    fs_free(folder);
    return fd;
}

static fs_status fail_temporary(const fs_file_writer *writer, int code, fs_error *err) {
    return code == ENOMEM ? fs_fail_memory(err, writer->path) : fail_errno(err, writer->path, code);
}

static fs_status open_temporary(fs_file_writer *writer, fs_error *err) {
    int fd = open_unnamed(writer);
    if (fd < 0)
        fd = make_named(writer, open_new);
    if (fd < 0)
        return fail_temporary(writer, errno, err);
    writer->stream = fdopen(fd, "wb");
    if (writer->stream == NULL) {
        int code = errno;
        close(fd);
        if (writer->temporary != NULL)
            unlink(writer->temporary);
        return fail_errno(err, writer->path, code);
    }
    return FS_OK;
}

/* What a rename should replace: the file itself, not a symbolic link to it. */
static char *resolve_target(const char *path, bool exists) {
    if (!exists)
        return fs_strdup(path);
    char *resolved = realpath(path, NULL);
    char *target = fs_strdup(resolved != NULL ? resolved : path);
    free(resolved);
    return target;
}

static fs_status open_writer(fs_file_writer *writer, const char *path, fs_error *err) {
    struct stat info;
    bool exists = stat(path, &info) == 0;
    writer->path = fs_strdup(path);
    if (writer->path == NULL)
        return fs_fail_memory(err, "a file name");
    if (path[0] == '\0')
        return fs_fail(err, FS_ERROR_ARGUMENT, "an output file needs a name");
    if (path[strlen(path) - 1] == '/' || (exists && S_ISDIR(info.st_mode)))
        return fail_errno(err, path, EISDIR);
    if (is_descriptor(path) || (exists && !S_ISREG(info.st_mode)))
        return open_direct(writer, err);
    if (exists && access(path, W_OK) != 0)
        return fail_errno(err, path, errno);
    writer->target = resolve_target(path, exists);
    if (writer->target == NULL)
        return fs_fail_memory(err, "a file name");
    fs_status status = open_temporary(writer, err);
    if (status == FS_OK && exists)
        (void)fchmod(fileno(writer->stream), info.st_mode & 0777); /* keep the permissions the file had */
    return status;
}

fs_status fs_file_writer_create(fs_file_writer **out, const char *path, fs_error *err) {
    fs_file_writer *writer = fs_calloc(1, sizeof *writer);
    if (writer == NULL)
        return fs_fail_memory(err, path);
    fs_status status = open_writer(writer, path, err);
    if (status != FS_OK) {
        writer_free(writer);
        return status;
    }
    *out = writer;
    return FS_OK;
}

FILE *fs_file_writer_stream(fs_file_writer *writer) {
    return writer->stream;
}

/* The cause of an earlier failed write, as far as errno still tells it. */
static int write_error(int code) {
    static const int causes[] = {ENOSPC, EDQUOT, EFBIG, EPIPE};
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
        if (code == causes[i])
            return code;
    return EIO;
}

/* Flushes, syncs, names if it has no name yet, and closes; returns 0 or the first errno. */
static int finish_stream(fs_file_writer *writer) {
    FILE *stream = writer->stream;
    int code = ferror(stream) ? write_error(errno) : 0;
    if (code == 0 && fflush(stream) != 0)
        code = errno;
    if (code == 0 && writer->target != NULL && fdatasync(fileno(stream)) != 0 && errno != EINVAL &&
        errno != ENOSYS)
        code = errno;
    if (code == 0 && writer->target != NULL && writer->temporary == NULL &&
        make_named(writer, link_unnamed) != 0)
        code = errno;
    if (fclose(stream) != 0 && code == 0)
        code = errno;
    return code;
}

fs_status fs_file_writer_commit(fs_file_writer *writer, fs_error *err) {
    int code = finish_stream(writer);
    if (code == 0 && writer->temporary != NULL && rename(writer->temporary, writer->target) != 0)
        code = errno;
    if (code != 0 && writer->temporary != NULL)
        unlink(writer->temporary);
    fs_status status = code == 0 ? FS_OK : fail_temporary(writer, code, err);
    writer_free(writer);
    return status;
}

void fs_file_writer_abandon(fs_file_writer *writer) {
    if (writer == NULL)
        return;
    fclose(writer->stream);
    if (writer->temporary != NULL)
        unlink(writer->temporary);
    writer_free(writer);
}

fs_status fs_file_write(const char *path, const void *bytes, size_t size, fs_error *err) {
    fs_file_writer *writer = NULL;
    fs_status status = fs_file_writer_create(&writer, path, err);
    if (status != FS_OK)
        return status;
    if (size > 0)
        (void)fwrite(bytes, 1, size, writer->stream); /* the stream remembers a failure for the commit */
    return fs_file_writer_commit(writer, err);
}

/* ---- folders and paths ---- */

bool fs_file_exists(const char *path) {
    return fs_is_builtin(path) ? fs_builtin_find(path) != NULL : access(path, F_OK) == 0;
}

static fs_status make_one(const char *path, fs_error *err) {
    if (mkdir(path, 0777) == 0)
        return FS_OK;
    int code = errno;
    struct stat info;
    if (stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode))
            return FS_OK; /* EEXIST, but also EROFS or EACCES on a folder that is there */
        code = code == EEXIST ? ENOTDIR : code;
    }
    return fail_errno(err, path, code);
}

fs_status fs_make_folder(const char *path, fs_error *err) {
    if (path[0] == '\0')
        return fs_fail(err, FS_ERROR_ARGUMENT, "a folder needs a name");
    char *part = fs_strdup(path);
    if (part == NULL)
        return fs_fail_memory(err, path);
    fs_status status = FS_OK;
    for (char *slash = part + 1; status == FS_OK && (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        status = make_one(part, err);
        *slash = '/';
    }
    if (status == FS_OK)
        status = make_one(part, err);
    fs_free(part);
    return status;
}

const char *fs_path_base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* The first `kept` bytes of path, then tail. */
static char *join(const char *path, size_t kept, const char *tail) {
    size_t size = strlen(tail) + 1;
    char *joined = fs_alloc(kept + size);
    if (joined != NULL) {
        memcpy(joined, path, kept);
        memcpy(joined + kept, tail, size);
    }
    return joined;
}

char *fs_path_with_extension(const char *path, const char *extension) {
    const char *base = fs_path_base(path);
    const char *dot = strrchr(base, '.');
    bool has_extension = dot != NULL && dot != base; /* ".name" is a hidden file, not an extension */
    return join(path, has_extension ? (size_t)(dot - path) : strlen(path), extension);
}

char *fs_path_beside(const char *path, const char *name) {
    return join(path, (size_t)(fs_path_base(path) - path), name);
}
