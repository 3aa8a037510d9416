#include "engine/import/message.h"

#include "base/alloc.h"
#include "base/file.h"

/* Unpacked, a message takes about its own size; tiny messages (two bytes in the file) take up to a hundred
 * times more, which an honest file has few of. */
#define UNPACK_FIXED ((size_t)256 << 20)
enum { UNPACK_FACTOR = 2, BLOCK_OVERHEAD = FS_ALIGNMENT };

static void *budget_alloc(void *data, size_t size) {
    fs_message *message = data;
    if (size > message->budget || message->budget - size < BLOCK_OVERHEAD) {
        message->budget_exceeded = true;
        return NULL;
    }
    message->budget -= size + BLOCK_OVERHEAD;
    void *block = fs_alloc(size);
    message->out_of_memory = message->out_of_memory || !block;
    return block;
}

static void budget_free(void *data, void *block) {
    (void)data;
    fs_free(block);
}

static fs_status unpack(fs_message *out, const ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes,
                        size_t size, const char *what, fs_error *err) {
    if (size == 0)
        return fs_fail(err, FS_ERROR_FORMAT, "not %s (the file is empty)", what);
    out->budget = UNPACK_FACTOR * size + UNPACK_FIXED;
    out->allocator = (ProtobufCAllocator){budget_alloc, budget_free, out};
    out->root = protobuf_c_message_unpack(descriptor, &out->allocator, size, bytes);
    if (out->budget_exceeded)
        return fs_fail(err, FS_ERROR_LIMIT, "not %s (its parts take far more memory than its bytes)", what);
    if (out->out_of_memory)
        return fs_fail_memory(err, "the model");
    if (!out->root)
        return fs_fail(err, FS_ERROR_FORMAT, "not %s (malformed or truncated)", what);
    return FS_OK;
}

fs_status fs_message_read(fs_message *out, const char *path, const ProtobufCMessageDescriptor *descriptor,
                          const char *what, fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    *out = (fs_message){0};
    fs_status status = fs_file_read(&bytes, &size, path, FS_MESSAGE_MAX_FILE, err);
    if (status != FS_OK)
        return status;
    status = unpack(out, descriptor, bytes, size, what, err);
    fs_free(bytes);
    if (status == FS_OK)
        return FS_OK;
    fs_message_free(out);
    return fs_error_prefix(err, status, "%s", path);
}

void fs_message_free(fs_message *message) {
    if (message->root)
        protobuf_c_message_free_unpacked(message->root, &message->allocator);
    message->root = NULL;
}
