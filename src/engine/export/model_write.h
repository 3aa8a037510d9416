/* Writes a model as an ONNX file with its sidecar and labels beside it.
 *
 *     fs_model_write(model, "out/best.onnx", NULL, &err);
 *
 * options: of the ONNX file, NULL: the defaults; their sample is the model's own default input. */
#ifndef FS_ENGINE_EXPORT_MODEL_WRITE_H
#define FS_ENGINE_EXPORT_MODEL_WRITE_H

#include "engine/export/onnx_write.h"
#include "engine/model.h"

fs_status fs_model_write(const fs_model *model, const char *path, const fs_onnx_write_options *options,
                         fs_error *err);

#endif
