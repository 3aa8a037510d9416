/* Between the files of the ONNX reader: the file, the unpacked message, its memory, and the conversions into
 * a graph.
 *
 * A message is unpacked by protobuf-c through an allocator with a budget, so that a small file cannot ask for
 * much memory. Conversions never trust a count: data really present decides what is allocated.
 * One thread reads one file; nothing is shared. */
#ifndef FS_ENGINE_IMPORT_ONNX_PRIVATE_H
#define FS_ENGINE_IMPORT_ONNX_PRIVATE_H

#include "base/file.h"
#include "engine/graph.h"
#include "engine/import/stored.h"
#include "engine/import/unpack.h"
#include "onnx.pb-c.h"

enum { FS_ONNX_MAX_NAME = 1024 }; /* bytes in a name of a node, value or attribute */

/* A part of the file. */
typedef struct fs_onnx_span {
    size_t offset, length;
} fs_onnx_span;

/* One field of a message in the file: [start, end) with its tag. */
typedef struct fs_onnx_field {
    uint64_t number;
    bool is_message; /* delimited by a length: a message, string, bytes, or packed numbers */
    size_t start, end;
    fs_onnx_span body;
} fs_onnx_field;

enum { FS_WIRE_LENGTH = 2 };

/* The field at `at` of a message that ends at `end`; at < end. */
fs_status fs_onnx_next_field(fs_onnx_field *out, fs_file_reader *file, size_t at, size_t end, fs_error *err);
fs_status fs_onnx_malformed(fs_error *err);

typedef struct fs_onnx_message {
    FsOnnx__Model *model; /* without the graph's initializers */
    fs_file_reader *file;
    fs_onnx_field *initializers; /* where they lie in the file */
    int n_initializers;
    int n_fields; /* walked over so far */
    fs_unpack_budget budget;
} fs_onnx_message;

/* Opens a file and unpacks all but the initializers. Errors name the file. The message must stay where it is:
 * its allocator points to it. */
fs_status fs_onnx_unpack(fs_onnx_message *out, const char *path, fs_error *err);
void fs_onnx_message_free(fs_onnx_message *message);

/* Unpacks initializer `index` but for its raw data, which stay in the file at *raw (length 0: none). */
fs_status fs_onnx_initializer(FsOnnx__Tensor **out, fs_onnx_span *raw, fs_onnx_message *message, int index,
                              fs_error *err);
void fs_onnx_initializer_free(FsOnnx__Tensor *tensor, fs_onnx_message *message);

/* What conversions need to know. */
typedef struct fs_onnx_reader {
    fs_graph *graph;
    fs_onnx_message *message;
    const char *path; /* external data lie beside it */
    int64_t constant_bytes;
} fs_onnx_reader;

/* A tensor as F32 (float types) or I64 (integers, bool) in a new block (fs_free). Raw bytes come from the
 * file when `raw` (may be NULL) is not empty; otherwise the message's are taken over where they can be
 * instead of being copied. Errors say "tensor 'x': ...". */
fs_status fs_onnx_tensor(fs_tensor *out, fs_onnx_reader *reader, FsOnnx__Tensor *tensor,
                         const fs_onnx_span *raw, fs_error *err);

/* The bytes of a tensor that lie in another file; `expected` is what its dimensions need. */
fs_status fs_onnx_external(uint8_t **out, const char *model_path, const FsOnnx__Tensor *tensor,
                           size_t expected, fs_error *err);

/* The attributes of a node, in the graph's arena. */
fs_status fs_onnx_attributes(fs_attribute **out, fs_onnx_reader *reader, const FsOnnx__Node *node,
                             fs_error *err);

/* A Constant node becomes a constant of the graph. */
fs_status fs_onnx_constant_node(fs_onnx_reader *reader, const FsOnnx__Node *node, const char *name,
                                fs_error *err);

/* Finds the image among the graph's inputs, and the outputs. Initializers are in the graph already. */
fs_status fs_onnx_interface(fs_onnx_reader *reader, const FsOnnx__Graph *from, fs_error *err);

/* The number of the value of that name, after checking the name: not empty, not too long. */
fs_status fs_onnx_value(int *out, fs_onnx_reader *reader, const char *name, fs_error *err);

#endif
