/* Class names that come out of an archive. No hash of them is known, so they are checked to be what the
 * sidecar's reader takes: a text of one class a line. */
#ifndef FS_REGISTRY_LABELS_H
#define FS_REGISTRY_LABELS_H

#include <stddef.h>

#include "base/error.h"

fs_status fs_registry_check_labels(const char *text, size_t size, fs_error *err);

#endif
