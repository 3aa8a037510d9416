#include "engine/export/model_write.h"

#include "engine/export/sidecar_write.h"

fs_status fs_model_write(const fs_model *model, const char *path, const fs_onnx_write_options *options,
                         fs_error *err) {
    const fs_preprocess *p = &model->preprocess;
    fs_onnx_write_options own = options ? *options : fs_onnx_write_options_default();
    own.sample = fs_shape_of(4, 1, fs_preprocess_channels(p), p->height, p->width);
    fs_status status = fs_onnx_write(model->graph, path, &own, err);
    return status == FS_OK ? fs_sidecar_write(model, path, err) : status;
}
