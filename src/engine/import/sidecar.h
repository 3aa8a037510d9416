/* The JSON file beside a model that says how to feed it, what its classes are called, and which layers show
 * what.
 *
 *     fs_sidecar sidecar;
 *     fs_sidecar_read(&sidecar, "models/x.json", arena, &err);
 *
 *     {"name": "...", "input": {"size": [H, W], "channels": "RGB|BGR|GRAY", "range": 1|255,
 *      "mean": [..], "std": [..]}, "labels": "file, one a line", "levels": {"edge": ["conv1"], ...},
 *      "concepts": "a dissection", "source": "..."}
 *
 * All keys are optional; unknown ones are ignored. Errors name the file and the key. Strings live in the
 * arena. */
#ifndef FS_ENGINE_IMPORT_SIDECAR_H
#define FS_ENGINE_IMPORT_SIDECAR_H

#include "engine/model.h"
#include "engine/sidecar_levels.h"

enum {
    FS_SIDECAR_MAX_BYTES = 1 << 20,
    FS_SIDECAR_MAX_SIDE = 8192,
    FS_SIDECAR_MAX_LEVEL_NAMES = 1000,
    FS_LABELS_MAX_BYTES = 16 << 20,
    FS_LABELS_MAX_COUNT = 100000,
    FS_LABELS_MAX_LENGTH = 1024
};

typedef struct fs_sidecar {
    const char *name, *source; /* NULL when absent */
    int height, width;         /* 0 when absent */
    bool has_order, has_range, has_mean, has_std;
    fs_channel_order order;
    float range, mean[3], std[3]; /* a single number in the file stands for all channels */
    const char *const *labels;
    int n_labels;
    fs_sidecar_levels levels;
    const char *concepts; /* path of the file that says what channels answer to */
} fs_sidecar;

fs_status fs_sidecar_read(fs_sidecar *out, const char *path, fs_arena *arena, fs_error *err);

/* The lines of a text file; CR and a last empty line are dropped, malformed UTF-8 is refused. */
fs_status fs_labels_read(const char *const **out, int *count, const char *path, fs_arena *arena,
                         fs_error *err);

#endif
