# Writers of model files. Paths are relative to src/engine; libraries are the importers'.
set(FS_EXPORT_SOURCES
    export/element_types.c
    export/model_write.c
    export/onnx_constants_build.c
    export/onnx_interface_build.c
    export/onnx_node_build.c
    export/onnx_tensor_build.c
    export/onnx_write.c
    export/open_dimensions.c
    export/sidecar_write.c)
