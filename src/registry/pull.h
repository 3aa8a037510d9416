/* Fetches a public model: download or go on with a broken one, check, take it out of its archive, put it into
 * place with its sidecar.
 *
 *     fs_pull_options options = fs_pull_options_default();
 *     fs_pull_outcome outcome;
 *     fs_registry_pull(entry, folder, &options, &outcome, &err);
 *
 * The model appears in the folder only after its hash proved right. What fails the check is removed; what was
 * merely interrupted stays as NAME.part, and the next pull goes on from there. A sidecar that is there
 * already is kept, since people edit them. Two pulls of one model exclude each other, between processes too.
 */
#ifndef FS_REGISTRY_PULL_H
#define FS_REGISTRY_PULL_H

#include "base/progress.h"
#include "registry/entry.h"

typedef struct fs_pull_options {
    const char *from; /* another URL of the same file; NULL: the entry's */
    int connect_seconds, stall_seconds;
    const fs_progress *progress; /* NULL is fine */
} fs_pull_options;

typedef enum fs_pull_outcome {
    FS_PULL_FETCHED,
    FS_PULL_WAS_THERE /* checked again and found right */
} fs_pull_outcome;

fs_pull_options fs_pull_options_default(void);
fs_status fs_registry_pull(const fs_registry_entry *entry, const char *folder, const fs_pull_options *options,
                           fs_pull_outcome *outcome, fs_error *err);

#endif
