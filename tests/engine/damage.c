#include "damage.h"

#include <stdlib.h>

#include "base/file.h"
#include "engine/model.h"

model_bytes load_model_bytes(const char *folder, const char *name, const char *extension) {
    model_bytes b = {0};
    char path[512];
    fs_error err = {0};
    snprintf(path, sizeof path, FS_TEST_DATA "/%s/%s.%s", folder, name, extension);
    if (fs_file_read(&b.data, &b.size, path, 1 << 20, &err) != FS_OK)
        fail_msg("%s", err.message);
    return b;
}

static void look_around(const fs_model *model) {
    assert_true(model->n_layers > 0);
    (void)fs_model_logits(model);
    (void)fs_model_output_is_probability(model);
    (void)fs_model_layer(model, "features.3", NULL);
    (void)fs_model_layer(model, "conv", NULL);
    (void)fs_model_layer(model, "3", NULL);
}

bool try_model(const char *extension, const void *data, size_t size, const char *doing, int number) {
    fs_error err = {0};
    fs_model *model = NULL;
    char name[32];
    snprintf(name, sizeof name, "model.%s", extension);
    const char *path = scratch_path(name);
    put_file(path, data, size);
    const fs_status status = fs_model_load(&model, path, &err);
    if (status == FS_OK) {
        look_around(model);
        fs_model_destroy(model);
        return true;
    }
    if (model || err.code != status || strncmp(err.message, path, strlen(path)) != 0 ||
        strchr(err.message, '\n'))
        fail_msg("%s %d: %d, '%s'", doing, number, status, err.message);
    return false;
}

void try_flipped(const char *extension, const model_bytes *b, const char *name, int rounds,
                 fs_random *random) {
    uint8_t *copy = malloc(b->size);
    for (int round = 0; round < rounds; round++) {
        memcpy(copy, b->data, b->size);
        for (int flips = 1 + fs_random_int(random, 4); flips > 0; flips--) {
            const int at = fs_random_int(random, (int)b->size);
            copy[at] = fs_random_int(random, 2) ? (uint8_t)fs_random_u64(random)
                                                : (uint8_t)(copy[at] ^ 1 << fs_random_int(random, 8));
        }
        try_model(extension, copy, b->size, name, round);
    }
    free(copy);
}

void try_spliced(const char *extension, const model_bytes *b, int rounds, fs_random *random) {
    uint8_t *copy = malloc(2 * b->size);
    for (int round = 0; round < rounds; round++) {
        const size_t from = (size_t)fs_random_int(random, (int)b->size);
        const size_t length = (size_t)fs_random_int(random, (int)(b->size - from)) + 1;
        const size_t to = (size_t)fs_random_int(random, (int)b->size);
        memcpy(copy, b->data, to);
        memcpy(copy + to, b->data + from, length);
        const size_t rest = fs_random_int(random, 2) ? to : to + length < b->size ? to + length : b->size;
        memcpy(copy + to + length, b->data + rest, b->size - rest);
        try_model(extension, copy, to + length + b->size - rest, "splice", round);
    }
    free(copy);
}

void try_short_memory(const char *folder, const char *name, const char *extension) {
    char path[512];
    bool refused = true;
    snprintf(path, sizeof path, FS_TEST_DATA "/%s/%s.%s", folder, name, extension);
    for (int allocation = 0; refused; allocation++) {
        fs_model *model = NULL;
        fs_error err = {0};
        fail_from(allocation);
        const fs_status status = fs_model_load(&model, path, &err);
        refused = fail_stop();
        if (refused && status != FS_ERROR_MEMORY)
            fail_msg("%s, allocation %d: %d, '%s'", name, allocation, status, err.message);
        if (!refused)
            assert_int_equal(status, FS_OK);
        fs_model_destroy(model);
    }
}
