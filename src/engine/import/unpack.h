/* What protobuf-c unpacks into: an allocator with a budget, so that a small file cannot ask for much memory.
 *
 *     fs_unpack_budget budget;
 *     fs_unpack_budget_begin(&budget, size);
 *     message = fs_onnx__model__unpack(&budget.allocator, size, bytes);
 *     status = fs_unpack_budget_check(&budget, message != NULL, "an ONNX model", err);
 *
 * Blocks come from fs_alloc, so that one field of a message may be freed early or taken over. A budget must
 * not be moved while its messages are alive. One thread reads one file. */
#ifndef FS_ENGINE_IMPORT_UNPACK_H
#define FS_ENGINE_IMPORT_UNPACK_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct fs_unpack_budget {
    ProtobufCAllocator allocator;
    size_t left; /* bytes that may still be allocated */
    bool exceeded, out_of_memory;
} fs_unpack_budget;

/* For a message of `size` bytes. */
void fs_unpack_budget_begin(fs_unpack_budget *budget, size_t size);
/* Why unpacking failed, if it did: "not an ONNX model (malformed or truncated)". */
fs_status fs_unpack_budget_check(const fs_unpack_budget *budget, bool unpacked, const char *what,
                                 fs_error *err);

#endif
