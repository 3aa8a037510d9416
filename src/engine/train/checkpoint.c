#include "engine/train/checkpoint.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

enum { MAGIC_BYTES = 8, HEAD_BYTES = MAGIC_BYTES + 8, ROW_NUMBERS = 9 };

static const char magic[MAGIC_BYTES + 1] = "FSTRAIN1";
#define MAX_BYTES ((size_t)1 << 36)

/* ---- writing ---- */

static void add_row(fs_text *text, const fs_log_row *r) {
    fs_text_add(text, "[%d, %d, %" PRId64 ", %.17g, %.17g, %.17g, %.17g, %.17g, %.17g]", r->stage, r->epoch,
                r->step, r->seconds, r->train_loss, r->train_accuracy, r->val_loss, r->val_accuracy, r->rate);
}

static void add_header(fs_text *text, const fs_checkpoint *c) {
    fs_text_add(
        text,
        "{\"format\": 1, \"fingerprint\": \"%016" PRIx64
        "\", \"stage\": %d, \"epoch\": %d, \"waited\": %d, \"best_row\": %d, \"optimiser_steps\": %" PRId64
        ", \"optimiser_numbers\": %" PRId64 ",\n\"rows\": [",
        c->fingerprint, c->stage, c->epoch, c->waited, c->best_row, c->optimiser_steps, c->optimiser_count);
    for (int i = 0; i < c->n_rows; i++) {
        fs_text_add(text, i ? ",\n" : "");
        add_row(text, &c->rows[i]);
    }
    fs_text_add(text, "],\n\"tensors\": [");
    for (int i = 0; i < c->n_tensors; i++) {
        fs_text_add(text, "%s{\"name\": ", i ? ",\n" : "");
        fs_text_add_json(text, c->tensors[i].name);
        fs_text_add(text, ", \"numbers\": %" PRId64 "}", c->tensors[i].count);
    }
    fs_text_add(text, "]}\n");
}

/* Writes and hashes. The stream remembers a failure until it is committed. */
static uint64_t put(FILE *stream, uint64_t hash, const void *bytes, size_t size) {
    (void)fwrite(bytes, 1, size, stream);
    return fs_hash_bytes(hash, bytes, size);
}

fs_status fs_checkpoint_write(const char *path, const fs_checkpoint *c, fs_error *err) {
    fs_text header = {0};
    fs_file_writer *writer = NULL;
    add_header(&header, c);
    fs_status status = fs_text_broken(&header) ? fs_fail_memory(err, "a checkpoint")
                                               : fs_file_writer_create(&writer, path, err);
    if (status == FS_OK) {
        FILE *stream = fs_file_writer_stream(writer);
        const uint64_t length = header.length;
        const size_t weights = (size_t)c->numbers * sizeof(float);
        uint64_t hash = put(stream, FS_HASH_START, magic, MAGIC_BYTES);
        hash = put(stream, hash, &length, sizeof length);
        hash = put(stream, hash, header.bytes, header.length);
        hash = put(stream, hash, c->weights, weights);
        hash = put(stream, hash, c->best, weights);
        hash = put(stream, hash, c->optimiser, (size_t)c->optimiser_count * sizeof(float));
        (void)fwrite(&hash, 1, sizeof hash, stream);
        status = fs_file_writer_commit(writer, err);
    }
    fs_text_free(&header);
    return status;
}

/* ---- reading ---- */

/* A whole number of low .. high. */
static bool get_number(const cJSON *object, const char *key, double low, double high, int64_t *out) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= low && item->valuedouble <= high) ||
        item->valuedouble != floor(item->valuedouble))
        return false;
    *out = (int64_t)item->valuedouble;
    return true;
}

static bool get_int(const cJSON *object, const char *key, int low, int high, int *out) {
    int64_t value;
    if (!get_number(object, key, low, high, &value))
        return false;
    *out = (int)value;
    return true;
}

static bool get_row(const cJSON *list, fs_log_row *out) {
    double n[ROW_NUMBERS];
    int count = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        if (count == ROW_NUMBERS || !cJSON_IsNumber(item) || !isfinite(item->valuedouble))
            return false;
        n[count++] = item->valuedouble;
    }
    if (count != ROW_NUMBERS || !(n[0] >= 0 && n[0] < 100) ||
        !(n[1] >= 1 && n[1] <= FS_CHECKPOINT_MAX_ROWS) || !(n[2] >= 0 && n[2] < 1e15))
        return false;
    *out = (fs_log_row){(int)n[0], (int)n[1], (int64_t)n[2], n[3], n[4], n[5], n[6], n[7], n[8]};
    return true;
}

/* Memory of the checkpoint; a failure is remembered, so that it is not taken for a fault of the file. */
static void *take(fs_checkpoint *c, size_t count, size_t size, bool *refused) {
    void *block = fs_arena_alloc(c->arena, count, size);
    *refused = *refused || !block;
    return block;
}

static char *take_text(fs_checkpoint *c, const char *text, bool *refused) {
    char *copy = fs_arena_strdup(c->arena, text);
    *refused = *refused || !copy;
    return copy;
}

static bool get_rows(fs_checkpoint *c, const cJSON *root, bool *refused) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "rows"), *item;
    const int n = cJSON_GetArraySize(list);
    if (!cJSON_IsArray(list) || n > FS_CHECKPOINT_MAX_ROWS ||
        !(c->rows = take(c, (size_t)n + 1, sizeof *c->rows, refused)))
        return false;
    cJSON_ArrayForEach(item, list) {
        if (!get_row(item, &c->rows[c->n_rows]))
            return false;
        c->n_rows++;
    }
    return true;
}

static bool get_tensors(fs_checkpoint *c, const cJSON *root, bool *refused) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "tensors"), *item;
    const int n = cJSON_GetArraySize(list);
    if (!cJSON_IsArray(list) || n > FS_CHECKPOINT_MAX_TENSORS ||
        !(c->tensors = take(c, (size_t)n + 1, sizeof *c->tensors, refused)))
        return false;
    cJSON_ArrayForEach(item, list) {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "name"));
        fs_checkpoint_tensor *t = &c->tensors[c->n_tensors];
        if (!name || !get_number(item, "numbers", 1, MAX_BYTES, &t->count) ||
            !(t->name = take_text(c, name, refused)))
            return false;
        c->numbers += t->count;
        if (c->numbers > (int64_t)MAX_BYTES)
            return false;
        c->n_tensors++;
    }
    return true;
}

static bool get_header(fs_checkpoint *c, const cJSON *root, bool *refused) {
    const char *hash = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "fingerprint"));
    int format;
    if (!hash || strlen(hash) != 16 || strspn(hash, "0123456789abcdef") != 16 ||
        !get_int(root, "format", 1, 1, &format) || !get_int(root, "stage", 0, 99, &c->stage) ||
        !get_int(root, "epoch", 0, FS_CHECKPOINT_MAX_ROWS, &c->epoch) ||
        !get_int(root, "waited", 0, FS_CHECKPOINT_MAX_ROWS, &c->waited) || !get_rows(c, root, refused) ||
        !get_int(root, "best_row", -1, c->n_rows - 1, &c->best_row) ||
        !get_number(root, "optimiser_steps", 0, 1e15, &c->optimiser_steps) ||
        !get_number(root, "optimiser_numbers", 0, MAX_BYTES, &c->optimiser_count))
        return false;
    c->fingerprint = strtoull(hash, NULL, 16);
    return get_tensors(c, root, refused);
}

/* The three blocks of floats behind the header. */
static bool get_blocks(fs_checkpoint *c, const uint8_t *bytes, size_t size, bool *refused) {
    const size_t weights = (size_t)c->numbers * sizeof(float);
    const size_t optimiser = (size_t)c->optimiser_count * sizeof(float);
    if (size != 2 * weights + optimiser)
        return false;
    c->weights = take(c, weights + 1, 1, refused);
    c->best = take(c, weights + 1, 1, refused);
    c->optimiser = take(c, optimiser + 1, 1, refused);
    if (!c->weights || !c->best || !c->optimiser)
        return false;
    memcpy(c->weights, bytes, weights);
    memcpy(c->best, bytes + weights, weights);
    memcpy(c->optimiser, bytes + 2 * weights, optimiser);
    return true;
}

static fs_status parse(fs_checkpoint *c, const uint8_t *bytes, size_t size, fs_error *err) {
    uint64_t length, hash;
    if (size < HEAD_BYTES + sizeof hash || memcmp(bytes, magic, MAGIC_BYTES) != 0)
        return fs_fail(err, FS_ERROR_FORMAT, "not a checkpoint of filterscope");
    size -= sizeof hash;
    memcpy(&length, bytes + MAGIC_BYTES, sizeof length);
    memcpy(&hash, bytes + size, sizeof hash);
    if (hash != fs_hash_bytes(FS_HASH_START, bytes, size) || length > size - HEAD_BYTES)
        return fs_fail(err, FS_ERROR_FORMAT, "the checkpoint is damaged");
    const unsigned before = fs_json_refused();
    cJSON *root = cJSON_ParseWithLength((const char *)bytes + HEAD_BYTES, (size_t)length);
    bool refused = fs_json_refused() != before;
    const bool fine =
        root && get_header(c, root, &refused) &&
        get_blocks(c, bytes + HEAD_BYTES + length, size - HEAD_BYTES - (size_t)length, &refused);
    cJSON_Delete(root);
    if (refused)
        return fs_fail_memory(err, "a checkpoint");
    return fine ? FS_OK : fs_fail(err, FS_ERROR_FORMAT, "the checkpoint's header does not make sense");
}

fs_status fs_checkpoint_read(fs_checkpoint *out, const char *path, fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    fs_checkpoint c = {.arena = fs_arena_create()};
    if (!c.arena)
        return fs_fail_memory(err, "a checkpoint");
    fs_status status = fs_file_read(&bytes, &size, path, MAX_BYTES, err);
    if (status == FS_OK && (status = parse(&c, bytes, size, err)) != FS_OK)
        fs_error_prefix(err, status, "%s", path);
    fs_free(bytes);
    if (status == FS_OK)
        *out = c;
    else
        fs_checkpoint_free(&c);
    return status;
}

void fs_checkpoint_free(fs_checkpoint *c) {
    fs_arena_destroy(c->arena);
    *c = (fs_checkpoint){0};
}
