/* Examples kept on disk, so that the second channel of a layer costs nothing.
 *
 *     fs_examples_key(&key, model, layer, folder, &err);
 *     if (fs_examples_load(&examples, activation, folder->n_files, key, path, &err) != FS_OK)
 *         fs_examples_create(...), fs_examples_run(...), fs_examples_save(examples, key, path, &err);
 *
 * The key covers the bytes of the model file and of its weights, the preprocessing, the layer, and names,
 * sizes and times of the pictures: whatever changes makes another key. The file is binary, in the machine's
 * byte order, and carries a checksum; one that is damaged, of another version, key or size is an error like
 * any other (FS_ERROR_FORMAT), never trusted. An interrupted run may be saved and continued. */
#ifndef FS_VIZ_EXAMPLES_CACHE_H
#define FS_VIZ_EXAMPLES_CACHE_H

#include "viz/examples.h"

fs_status fs_examples_key(uint64_t *out, const fs_model *model, const fs_layer *layer,
                          const fs_folder *folder, fs_error *err);
fs_status fs_examples_save(const fs_examples *examples, uint64_t key, const char *path, fs_error *err);
fs_status fs_examples_load(fs_examples **out, const fs_activation *activation, int n_images, uint64_t key,
                           const char *path, fs_error *err);

#endif
