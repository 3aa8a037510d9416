/* Members of a zip archive, one after the other, read through libzip. Names inside the archive are only
 * compared, never used as paths.
 *
 *     fs_archive *archive = NULL;
 *     fs_archive_open(&archive, "inception5h.zip", &err);
 *     fs_archive_enter(archive, "labels.txt", limit, &size, &err);
 *     while (fs_archive_read(archive, buffer, sizeof buffer, &got, &err) == FS_OK && got > 0) ...
 *     fs_archive_close(archive);
 *
 * The archive may hold any bytes: what is wrong with it is an FS_ERROR_FORMAT or FS_ERROR_LIMIT. */
#ifndef FS_REGISTRY_ARCHIVE_H
#define FS_REGISTRY_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct fs_archive fs_archive;

fs_status fs_archive_open(fs_archive **out, const char *path, fs_error *err);
void fs_archive_close(fs_archive *archive); /* NULL is fine */

/* Begins a member of at most `limit` bytes (leaving the one before) and tells its size. */
fs_status fs_archive_enter(fs_archive *archive, const char *member, int64_t limit, int64_t *size,
                           fs_error *err);
/* The next bytes; *got is 0 at the end, where the member's size and checksum have proved right. */
fs_status fs_archive_read(fs_archive *archive, uint8_t *buffer, size_t capacity, size_t *got, fs_error *err);
/* All of a member in a new block (fs_free), with a NUL after the last byte. */
fs_status fs_archive_read_all(fs_archive *archive, const char *member, int64_t limit, uint8_t **out,
                              size_t *size, fs_error *err);

#endif
