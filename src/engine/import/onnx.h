/* Reads an ONNX file (protobuf-c, our own minimal .proto) into a finished graph.
 *
 * Nothing in the file is trusted: sizes are checked against the file and against limits before allocating,
 * and every error names the node or tensor. Data types: float32, float64, float16, bfloat16, int32, int64,
 * bool, uint8. The graph owns copies of everything; the file is released on return. */
#ifndef FS_ENGINE_IMPORT_ONNX_H
#define FS_ENGINE_IMPORT_ONNX_H

#include "engine/graph.h"

#define FS_ONNX_MAX_FILE ((size_t)2 << 30)

fs_status fs_onnx_read(fs_graph **out, const char *path, fs_error *err);

#endif
