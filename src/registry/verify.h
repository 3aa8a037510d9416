/* Is a file the model that the catalogue describes? */
#ifndef FS_REGISTRY_VERIFY_H
#define FS_REGISTRY_VERIFY_H

#include "base/progress.h"
#include "registry/entry.h"

enum { FS_VERIFY_CHUNK = 1 << 16 };

/* Reads an open file from its beginning. FS_ERROR_FORMAT says what was expected and what is there. */
fs_status fs_registry_verify(const fs_registry_entry *entry, int fd, const fs_progress *progress,
                             fs_error *err);
/* FS_ERROR_FORMAT when the computed hash is not the entry's. */
fs_status fs_registry_check_digest(const fs_registry_entry *entry, const char *computed, fs_error *err);

#endif
