/* Whole files in and out. Reading has a size limit; writing goes to a temporary name in the same folder and
 * is renamed at the end, so that a reader sees the old file or the new one and a failure leaves nothing.
 * Where the file system can, the temporary has no name before it is finished, so that a process that is
 * killed leaves nothing either. Paths that begin with "builtin:/" are read from the program itself
 * (base/builtin.h). */
#ifndef FS_BASE_FILE_H
#define FS_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/* Reads a regular file of at most `limit` bytes into a new block (fs_free), with a NUL after the last byte.
 */
fs_status fs_file_read(uint8_t **out, size_t *size, const char *path, size_t limit, fs_error *err);

/* A regular file of at most `limit` bytes, read in pieces where they are needed: small pieces through a
 * window of the reader's own, large ones straight to their place. Not for two threads at once. */
typedef struct fs_file_reader fs_file_reader;
fs_status fs_file_reader_create(fs_file_reader **out, const char *path, size_t limit, fs_error *err);
void fs_file_reader_destroy(fs_file_reader *reader); /* NULL is fine */
size_t fs_file_reader_size(const fs_file_reader *reader);
/* Exactly `size` bytes from `offset` on; an error when the file has become shorter. */
fs_status fs_file_reader_read(fs_file_reader *reader, size_t offset, void *to, size_t size, fs_error *err);

/* A file being written: fill `stream`, then commit or abandon. Both release the object. */
typedef struct fs_file_writer fs_file_writer;
fs_status fs_file_writer_create(fs_file_writer **out, const char *path, fs_error *err);
FILE *fs_file_writer_stream(fs_file_writer *writer);
fs_status fs_file_writer_commit(fs_file_writer *writer, fs_error *err); /* flush, sync, rename */
void fs_file_writer_abandon(fs_file_writer *writer);                    /* NULL is fine */

fs_status fs_file_write(const char *path, const void *bytes, size_t size, fs_error *err);
bool fs_file_exists(const char *path);
fs_status fs_make_folder(const char *path, fs_error *err); /* with its parents; an existing one is fine */

/* "dir/name.ext" -> "name.ext"; borrowed from the argument. */
const char *fs_path_base(const char *path);
/* The path with its extension replaced ("a/b.onnx", ".json" -> "a/b.json"), or `name` beside `path`; fs_free.
 */
char *fs_path_with_extension(const char *path, const char *extension);
char *fs_path_beside(const char *path, const char *name);

#endif
