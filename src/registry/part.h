/* The file a download grows in: FOLDER/NAME.part, held by one process at a time.
 *
 *     fs_part part;
 *     fs_part_open(&part, path, &err);
 *     ... write to part.fd ...
 *     fs_part_rename(&part, "FOLDER/NAME.onnx", &err);     or fs_part_discard(&part)
 *     fs_part_close(&part);
 *
 * The lock is on the file itself, so that no lock is left behind when a process dies. */
#ifndef FS_REGISTRY_PART_H
#define FS_REGISTRY_PART_H

#include <stdbool.h>

#include "base/error.h"

typedef struct fs_part {
    const char *path; /* borrowed */
    int fd;
    bool is_gone; /* renamed or removed: the name is not ours any more */
} fs_part;

/* FS_ERROR_ARGUMENT when another process has it. */
fs_status fs_part_open(fs_part *out, const char *path, fs_error *err);
/* To disk, then under its final name. */
fs_status fs_part_rename(fs_part *part, const char *path, fs_error *err);
void fs_part_discard(fs_part *part);
void fs_part_close(fs_part *part); /* an empty one is removed */

#endif
