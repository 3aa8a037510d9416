#include "registry/archive.h"

#include <stdbool.h>
#include <zip.h>

#include "base/alloc.h"

struct fs_archive {
    zip_t *zip;
    zip_file_t *file;
    const char *member; /* of the file that is open; borrowed */
    int64_t left;       /* bytes that it still owes */
};

fs_status fs_archive_open(fs_archive **out, const char *path, fs_error *err) {
    fs_archive *archive = fs_calloc(1, sizeof *archive);
    if (archive == NULL)
        return fs_fail_memory(err, "a zip archive");
    int code = 0;
    archive->zip = zip_open(path, ZIP_RDONLY, &code);
    if (archive->zip == NULL) {
        fs_free(archive);
        const bool is_io = code == ZIP_ER_NOENT || code == ZIP_ER_OPEN || code == ZIP_ER_READ;
        zip_error_t reason;
        zip_error_init_with_code(&reason, code);
        fs_status status = fs_fail(err, is_io ? FS_ERROR_IO : FS_ERROR_FORMAT,
                                   "the zip archive cannot be read: %s", zip_error_strerror(&reason));
        zip_error_fini(&reason);
        return status;
    }
    *out = archive;
    return FS_OK;
}

static void leave(fs_archive *archive) {
    if (archive->file != NULL)
        zip_fclose(archive->file);
    archive->file = NULL;
}

void fs_archive_close(fs_archive *archive) {
    if (archive == NULL)
        return;
    leave(archive);
    zip_discard(archive->zip);
    fs_free(archive);
}

fs_status fs_archive_enter(fs_archive *archive, const char *member, int64_t limit, int64_t *size,
                           fs_error *err) {
    zip_stat_t info;
    zip_stat_init(&info);
    leave(archive);
    if (zip_stat(archive->zip, member, 0, &info) != 0 || (info.valid & ZIP_STAT_SIZE) == 0)
        return fs_fail(err, FS_ERROR_FORMAT, "the zip archive has no '%s'", member);
    if (info.size > (zip_uint64_t)limit)
        return fs_fail(err, FS_ERROR_LIMIT, "'%s' in the zip archive is over the limit of %lld bytes", member,
                       (long long)limit);
    archive->file = zip_fopen_index(archive->zip, info.index, 0);
    if (archive->file == NULL)
        return fs_fail(err, FS_ERROR_FORMAT, "'%s' in the zip archive cannot be read: %s", member,
                       zip_strerror(archive->zip));
    archive->member = member;
    archive->left = (int64_t)info.size;
    *size = archive->left;
    return FS_OK;
}

fs_status fs_archive_read(fs_archive *archive, uint8_t *buffer, size_t capacity, size_t *got, fs_error *err) {
    const zip_int64_t n = zip_fread(archive->file, buffer, capacity);
    if (n < 0)
        return fs_fail(err, FS_ERROR_FORMAT, "'%s' in the zip archive is damaged: %s", archive->member,
                       zip_file_strerror(archive->file));
    if (n > archive->left || (n == 0 && archive->left > 0))
        return fs_fail(err, FS_ERROR_FORMAT, "'%s' in the zip archive has another size than it says",
                       archive->member);
    archive->left -= n;
    *got = (size_t)n;
    return FS_OK;
}

fs_status fs_archive_read_all(fs_archive *archive, const char *member, int64_t limit, uint8_t **out,
                              size_t *size, fs_error *err) {
    int64_t total = 0;
    size_t done = 0, got = 0;
    fs_status status = fs_archive_enter(archive, member, limit, &total, err);
    if (status != FS_OK)
        return status;
    uint8_t *bytes = fs_alloc((size_t)total + 1);
    if (bytes == NULL)
        return fs_fail_memory(err, member);
    do { /* the byte for the NUL also asks for more than there should be, and so sees the end */
        status = fs_archive_read(archive, bytes + done, (size_t)total + 1 - done, &got, err);
        done += status == FS_OK ? got : 0;
    } while (status == FS_OK && got > 0);
    if (status != FS_OK) {
        fs_free(bytes);
        return status;
    }
    bytes[done] = '\0';
    *out = bytes;
    *size = done;
    return FS_OK;
}
