/* The sidecar of a public model (docs/formats.md), as text. */
#ifndef FS_REGISTRY_SIDECAR_WRITE_H
#define FS_REGISTRY_SIDECAR_WRITE_H

#include "registry/entry.h"

/* `labels` is the name of the labels file beside the sidecar, or NULL. *out is the caller's (fs_free). */
fs_status fs_registry_sidecar_text(char **out, const fs_registry_entry *entry, const char *labels,
                                   fs_error *err);

#endif
