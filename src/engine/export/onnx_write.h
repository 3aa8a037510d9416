/* Writes a graph as an ONNX file that other tools load, whatever format it was read from.
 *
 *     fs_onnx_write_options options = fs_onnx_write_options_default();
 *     fs_onnx_write(graph, "out.onnx", &options, &err);
 *
 * Names, attributes, operator set, format version (4 at least: since then weights need not be inputs), open
 * dimensions and the element types of integers and booleans are the graph's. Floating point is written as
 * float32, which is what the graph holds; casts to other floating types become casts to float32. A file is
 * complete or absent. Weights are written from where they lie: nothing is copied. The graph is only read. */
#ifndef FS_ENGINE_EXPORT_ONNX_WRITE_H
#define FS_ENGINE_EXPORT_ONNX_WRITE_H

#include "engine/graph.h"

/* A protobuf message may not be larger; errors name the file. */
#define FS_ONNX_MAX_MESSAGE ((size_t)INT32_MAX)

enum { FS_ONNX_LOWEST_VERSION = 4, FS_ONNX_MAX_METADATA = 32 };

typedef struct fs_metadata {
    const char *key, *value;
} fs_metadata;

typedef struct fs_onnx_write_options {
    const char *producer, *producer_version; /* "filterscope" and its version */
    const char *doc_string;                  /* NULL: none */
    const fs_metadata *metadata;
    int n_metadata;  /* at most FS_ONNX_MAX_METADATA */
    fs_shape sample; /* an input the graph can be computed at, to find the outputs' shapes; rank 0: the
                        declared shape, with 1 image of 3 channels and 224 pixels where it is open */
    bool half; /* weights of 64 numbers and more as FLOAT16 with a Cast to float32: half the size; numbers
                  that are too large for it are an error */
} fs_onnx_write_options;

fs_onnx_write_options fs_onnx_write_options_default(void);

fs_status fs_onnx_write(const fs_graph *graph, const char *path, const fs_onnx_write_options *options,
                        fs_error *err);

#endif
