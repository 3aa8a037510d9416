/* Writes the JSON file beside a model file: how to feed it, what its classes are called, which layers show
 * what.
 *
 *     fs_sidecar_write(model, "out.onnx", &err);    // out.json, and out_labels.txt when there are labels
 *
 * What the sidecar says of layers that are no longer there (under a replaced head) is left out. Each file is
 * complete or absent. */
#ifndef FS_ENGINE_EXPORT_SIDECAR_WRITE_H
#define FS_ENGINE_EXPORT_SIDECAR_WRITE_H

#include "engine/model.h"

fs_status fs_sidecar_write(const fs_model *model, const char *model_path, fs_error *err);

#endif
