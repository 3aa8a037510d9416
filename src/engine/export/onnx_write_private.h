/* Between the files of the ONNX writer: the message is built in an arena over names and weights that stay the
 * graph's, and packed at once. */
#ifndef FS_ENGINE_EXPORT_ONNX_WRITE_PRIVATE_H
#define FS_ENGINE_EXPORT_ONNX_WRITE_PRIVATE_H

#include "base/arena.h"
#include "engine/graph.h"
#include "onnx.pb-c.h"

typedef struct fs_onnx_builder {
    const fs_graph *graph;
    fs_arena *arena;
    const fs_element_type *types; /* of the values */
    const bool *node_needed;      /* by the outputs: views of layers are not, and not written */
    bool half;                    /* see fs_onnx_write_options */
} fs_onnx_builder;

/* Errors need not name the tensor: the caller prefixes it. */
fs_status fs_onnx_build_tensor(FsOnnx__Tensor **out, const fs_onnx_builder *b, const fs_tensor *tensor,
                               fs_element_type type, fs_error *err);
/* All constants; those kept in half precision have another name, and fs_onnx_build_casts makes them again. */
fs_status fs_onnx_build_initializers(FsOnnx__Graph *to, const fs_onnx_builder *b, fs_error *err);
/* Before the graph's own nodes; room for one a value must be there. */
fs_status fs_onnx_build_casts(FsOnnx__Graph *to, const fs_onnx_builder *b, fs_error *err);
fs_status fs_onnx_build_nodes(FsOnnx__Graph *to, const fs_onnx_builder *b, fs_error *err);
/* The input and outputs; shapes are those of fs_open_dimensions. */
fs_status fs_onnx_build_interface(FsOnnx__Graph *to, const fs_onnx_builder *b, const fs_shape *shapes,
                                  fs_error *err);

/* An array of n pointers, never of none. */
void *fs_onnx_build_array(const fs_onnx_builder *b, int n, fs_error *err);

#endif
