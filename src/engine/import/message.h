/* A protobuf file, unpacked through an allocator with a budget, so that a small file cannot ask for much
 * memory.
 *
 *     fs_message message;
 *     fs_status status = fs_message_read(&message, path, &fs_onnx__model__descriptor, "an ONNX model", err);
 *     ... (const FsOnnx__Model *)message.root ...
 *     fs_message_free(&message);
 *
 * The message owns everything below root; blocks come from fs_alloc, so that one field may be taken over or
 * freed early. A message must not be moved while it is alive. One thread reads one file. */
#ifndef FS_ENGINE_IMPORT_MESSAGE_H
#define FS_ENGINE_IMPORT_MESSAGE_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define FS_MESSAGE_MAX_FILE ((size_t)2 << 30)

typedef struct fs_message {
    ProtobufCMessage *root;
    ProtobufCAllocator allocator;
    size_t budget; /* bytes that may still be allocated */
    bool budget_exceeded, out_of_memory;
} fs_message;

/* Reads and unpacks a file; the file's own bytes are gone on return. `what` names in errors what it should
 * be: "PATH: not an ONNX model (malformed or truncated)". */
fs_status fs_message_read(fs_message *out, const char *path, const ProtobufCMessageDescriptor *descriptor,
                          const char *what, fs_error *err);
void fs_message_free(fs_message *message);

#endif
