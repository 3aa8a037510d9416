/* The two hashes by which public models are known: SHA-256, and git's blob id, the SHA-1 of
 * "blob <size>\0" and the content.
 *
 *     fs_digest *digest = NULL;
 *     char text[FS_DIGEST_TEXT];
 *     fs_digest_create(&digest, FS_DIGEST_SHA256, size, &err);
 *     fs_digest_update(digest, bytes, size, &err);
 *     fs_digest_finish(digest, text, &err);
 *     fs_digest_destroy(digest);
 */
#ifndef FS_REGISTRY_DIGEST_H
#define FS_REGISTRY_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum fs_digest_kind { FS_DIGEST_SHA256, FS_DIGEST_GIT_BLOB } fs_digest_kind;
enum { FS_DIGEST_TEXT = 2 * 32 + 1 };

typedef struct fs_digest fs_digest;

/* `size` is how many bytes will follow; only git's id depends on it. */
fs_status fs_digest_create(fs_digest **out, fs_digest_kind kind, int64_t size, fs_error *err);
fs_status fs_digest_update(fs_digest *digest, const void *bytes, size_t size, fs_error *err);
/* Lower-case hexadecimal; nothing may be added afterwards. */
fs_status fs_digest_finish(fs_digest *digest, char text[FS_DIGEST_TEXT], fs_error *err);
void fs_digest_destroy(fs_digest *digest);

const char *fs_digest_name(fs_digest_kind kind); /* "SHA-256" */
int fs_digest_length(fs_digest_kind kind);       /* in hexadecimal digits */

#endif
