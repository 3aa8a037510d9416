/* Where pulled models lie: $XDG_DATA_HOME/filterscope/models, by default ~/.local/share/filterscope/models,
 * as the XDG Base Directory Specification has it.
 *
 *     models/googlenet.onnx          the model; it is there only when its hash was right
 *     models/googlenet.json          its sidecar
 *     models/inceptionv1.labels.txt  its labels, if it came with some
 *     models/vgg16.part              what an interrupted download has left
 *
 * Strings are the caller's (fs_free). */
#ifndef FS_REGISTRY_STORE_H
#define FS_REGISTRY_STORE_H

#include "registry/entry.h"

/* The folder, which may not exist yet. */
fs_status fs_registry_folder(char **out, fs_error *err);
/* The same with the two variables given: either may be NULL; one that is not an absolute path is ignored. */
fs_status fs_registry_folder_in(char **out, const char *xdg_data_home, const char *home, fs_error *err);

/* FOLDER/NAME and an ending (".json"); NULL when memory is short. */
char *fs_registry_path(const char *folder, const fs_registry_entry *entry, const char *ending);
char *fs_registry_model_path(const char *folder, const fs_registry_entry *entry);

typedef enum fs_registry_state {
    FS_REGISTRY_ABSENT,
    FS_REGISTRY_PARTIAL, /* an interrupted download */
    FS_REGISTRY_DAMAGED, /* not of the size it should have */
    FS_REGISTRY_PRESENT  /* its hash was checked when it was pulled */
} fs_registry_state;

/* Looks at names and sizes only; *bytes is the size of what there is. */
fs_status fs_registry_look(const fs_registry_entry *entry, const char *folder, fs_registry_state *state,
                           int64_t *bytes, fs_error *err);

#endif
