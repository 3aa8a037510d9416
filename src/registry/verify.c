#include "registry/verify.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

fs_status fs_registry_check_digest(const fs_registry_entry *entry, const char *computed, fs_error *err) {
    if (strcmp(computed, entry->digest) == 0)
        return FS_OK;
    return fs_fail(err, FS_ERROR_FORMAT, "wrong %s: expected %s, got %s", fs_digest_name(entry->digest_kind),
                   entry->digest, computed);
}

static fs_status check_size(const fs_registry_entry *entry, int fd, int64_t *size, fs_error *err) {
    struct stat info;
    if (fstat(fd, &info) != 0)
        return fs_fail(err, FS_ERROR_IO, "%s", strerror(errno));
    *size = (int64_t)info.st_size;
    if (entry->member == NULL && !entry->is_estimate && *size != entry->bytes)
        return fs_fail(err, FS_ERROR_FORMAT, "wrong size: expected %lld bytes, got %lld",
                       (long long)entry->bytes, (long long)*size);
    if (entry->member != NULL && *size > FS_REGISTRY_MAX_MEMBER)
        return fs_fail(err, FS_ERROR_FORMAT, "wrong size: expected at most %d bytes, got %lld",
                       (int)FS_REGISTRY_MAX_MEMBER, (long long)*size);
    return FS_OK;
}

static void report(const fs_progress *progress, int64_t done, int64_t total, double start) {
    fs_progress_state state = {.label = "checking, MB",
                               .done = (double)done / 1e6,
                               .total = (double)total / 1e6,
                               .seconds = fs_seconds() - start,
                               .value = (double)NAN};
    fs_progress_report(progress, &state);
}

/* Hashes until the end of the file; a file that changes meanwhile gets a wrong hash, nothing worse. */
static fs_status feed(fs_digest *digest, int fd, int64_t size, uint8_t *chunk, const fs_progress *progress,
                      fs_error *err) {
    const double start = fs_seconds();
    for (int64_t done = 0; done < size;) {
        if (fs_progress_cancelled(progress))
            return fs_fail(err, FS_ERROR_CANCELLED, "stopped while the file was checked");
        const ssize_t got = pread(fd, chunk, FS_VERIFY_CHUNK, done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fs_fail(err, FS_ERROR_IO, "%s", strerror(errno));
        if (got == 0)
            break;
        fs_status status = fs_digest_update(digest, chunk, (size_t)got, err);
        if (status != FS_OK)
            return status;
        done += got;
        report(progress, done, size, start);
    }
    return FS_OK;
}

fs_status fs_registry_verify(const fs_registry_entry *entry, int fd, const fs_progress *progress,
                             fs_error *err) {
    int64_t size = 0;
    char computed[FS_DIGEST_TEXT];
    fs_digest *digest = NULL;
    fs_status status = check_size(entry, fd, &size, err);
    if (status != FS_OK)
        return status;
    uint8_t *chunk = fs_alloc(FS_VERIFY_CHUNK);
    status = chunk ? fs_digest_create(&digest, entry->digest_kind, size, err) : fs_fail_memory(err, "a file");
    if (status == FS_OK)
        status = feed(digest, fd, size, chunk, progress, err);
    if (status == FS_OK)
        status = fs_digest_finish(digest, computed, err);
    if (status == FS_OK)
        status = fs_registry_check_digest(entry, computed, err);
    fs_digest_destroy(digest);
    fs_free(chunk);
    return status;
}
