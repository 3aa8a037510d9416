#include "viz/examples_cache.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/hash.h"
#include "viz/examples_internal.h"

/* ---- the key ---- */

enum { PIECE = 1 << 20 };

static fs_status hash_file(uint64_t *hash, const char *path, fs_error *err) {
    fs_file_reader *reader = NULL;
    uint8_t *piece = fs_alloc(PIECE);
    fs_status status = piece ? fs_file_reader_create(&reader, path, SIZE_MAX, err)
                             : fs_fail_memory(err, "a piece of a file");
    size_t size = status == FS_OK ? fs_file_reader_size(reader) : 0;
    for (size_t at = 0; at < size && status == FS_OK; at += PIECE) {
        size_t n = size - at < PIECE ? size - at : PIECE;
        status = fs_file_reader_read(reader, at, piece, n, err);
        if (status == FS_OK)
            *hash = fs_hash_bytes(*hash, piece, n);
    }
    fs_file_reader_destroy(reader);
    fs_free(piece);
    return status;
}

/* Weights may lie in files of their own, and a model in memory has no file. */
static uint64_t hash_weights(uint64_t hash, const fs_graph *graph) {
    for (int v = 0; v < graph->n_values; v++) {
        const fs_tensor *t = &graph->values[v].constant;
        if (t->data)
            hash = fs_hash_bytes(hash, t->data, (size_t)fs_tensor_count(t) * fs_dtype_size(t->dtype));
    }
    return hash;
}

static uint64_t hash_preprocess(uint64_t hash, const fs_preprocess *p) {
    const int whole[] = {p->height, p->width, (int)p->order};
    const float real[] = {p->range, p->mean[0], p->mean[1], p->mean[2], p->std[0], p->std[1], p->std[2]};
    return fs_hash_bytes(fs_hash_bytes(hash, whole, sizeof whole), real, sizeof real);
}

fs_status fs_examples_key(uint64_t *out, const fs_model *model, const fs_layer *layer,
                          const fs_folder *folder, fs_error *err) {
    uint64_t hash = FS_HASH_START;
    fs_status status = model->path ? hash_file(&hash, model->path, err) : FS_OK;
    if (status != FS_OK)
        return status;
    hash = hash_preprocess(hash_weights(hash, model->graph), &model->preprocess);
    hash = fs_hash_text(hash, layer->name);
    hash = fs_hash_bytes(hash, &layer->view, sizeof layer->view);
    for (int i = 0; i < folder->n_files; i++) {
        const fs_folder_file *f = &folder->files[i];
        const int64_t numbers[] = {f->bytes, f->modified};
        hash = fs_hash_bytes(fs_hash_text(hash, f->name), numbers, sizeof numbers);
    }
    *out = hash;
    return FS_OK;
}

/* ---- the file: a head, the arrays, a checksum of both ---- */

static const char magic[8] = "fsexam1";
enum { BYTE_ORDER_MARK = 0x01020304, N_PARTS = 7 };

typedef struct head {
    char magic[8];
    int32_t order, kept, bins;
    int32_t channels, height, width, n_images, done, used, n_sample;
    uint64_t key;
} head;

typedef struct part {
    void *bytes;
    size_t size;
} part;

static void list_parts(const fs_examples *e, part parts[N_PARTS]) {
    size_t channels = (size_t)e->channels;
    const part all[N_PARTS] = {{e->skipped, (size_t)e->n_images},
                               {e->top, channels * FS_EXAMPLES_KEPT * sizeof *e->top},
                               {e->bottom, channels * FS_EXAMPLES_KEPT * sizeof *e->bottom},
                               {e->greatest, channels * sizeof *e->greatest},
                               {e->values, channels * sizeof *e->values},
                               {(void *)e->sample_image, sizeof e->sample_image},
                               {e->sample, channels * (size_t)e->n_sample * sizeof *e->sample}};
    memcpy(parts, all, sizeof all);
}

static head make_head(const fs_examples *e, uint64_t key) {
    head h;
    memset(&h, 0, sizeof h); /* it is written as bytes */
    memcpy(h.magic, magic, sizeof magic);
    h.order = BYTE_ORDER_MARK;
    h.kept = FS_EXAMPLES_KEPT;
    h.bins = FS_HISTOGRAM_BINS;
    h.channels = e->channels;
    h.height = e->height;
    h.width = e->width;
    h.n_images = e->n_images;
    h.done = e->done;
    h.used = e->used;
    h.n_sample = e->n_sample;
    h.key = key;
    return h;
}

fs_status fs_examples_save(const fs_examples *e, uint64_t key, const char *path, fs_error *err) {
    fs_file_writer *writer = NULL;
    fs_status status = fs_file_writer_create(&writer, path, err);
    if (status != FS_OK)
        return status;
    FILE *stream = fs_file_writer_stream(writer);
    part parts[N_PARTS];
    head h = make_head(e, key);
    list_parts(e, parts);
    uint64_t sum = fs_hash_bytes(FS_HASH_START, &h, sizeof h);
    bool ok = fwrite(&h, sizeof h, 1, stream) == 1;
    for (int i = 0; i < N_PARTS; i++) {
        sum = fs_hash_bytes(sum, parts[i].bytes, parts[i].size);
        ok = ok && (parts[i].size == 0 || fwrite(parts[i].bytes, parts[i].size, 1, stream) == 1);
    }
    ok = ok && fwrite(&sum, sizeof sum, 1, stream) == 1;
    if (ok)
        return fs_file_writer_commit(writer, err);
    fs_file_writer_abandon(writer);
    return fs_fail(err, FS_ERROR_IO, "%s: cannot be written", path);
}

/* ---- reading: nothing in the file is believed ---- */

static bool valid_list(const fs_examples *e, const fs_example *list) {
    int filled = e->used < FS_EXAMPLES_KEPT ? e->used : FS_EXAMPLES_KEPT;
    for (int i = 0; i < filled; i++)
        if (list[i].image < 0 || list[i].image >= e->done || list[i].position < 0 ||
            list[i].position >= e->height * e->width || !isfinite(list[i].value) ||
            !isfinite(list[i].greatest))
            return false;
    return true;
}

static bool valid_sample(const fs_examples *e) {
    int filled = e->used < e->n_sample ? e->used : e->n_sample;
    for (int i = 0; i < filled; i++) {
        const fs_examples_sample *row = e->sample + (int64_t)i * e->channels;
        if (e->sample_image[i] < 0 || e->sample_image[i] >= e->done)
            return false;
        for (int c = 0; c < e->channels; c++)
            if (!isfinite(row[c].value) || row[c].position < 0 || row[c].position >= e->height * e->width)
                return false;
    }
    return true;
}

static bool valid(const fs_examples *e) {
    int used = 0;
    for (int i = 0; i < e->n_images; i++) {
        if (e->skipped[i] > 1 || (i >= e->done && e->skipped[i]))
            return false;
        used += i < e->done && !e->skipped[i];
    }
    if (used != e->used || !valid_sample(e))
        return false;
    for (int64_t c = 0; c < e->channels; c++)
        if (!valid_list(e, e->top + c * FS_EXAMPLES_KEPT) ||
            !valid_list(e, e->bottom + c * FS_EXAMPLES_KEPT) || !fs_histogram_valid(&e->greatest[c]) ||
            !fs_histogram_valid(&e->values[c]))
            return false;
    return true;
}

/* From bytes of the right size into examples that were just created. */
static bool take(fs_examples *e, uint64_t key, const uint8_t *bytes, size_t size) {
    head found, wanted;
    uint64_t sum;
    memcpy(&found, bytes, sizeof found);
    memcpy(&sum, bytes + size - sizeof sum, sizeof sum);
    if (sum != fs_hash_bytes(FS_HASH_START, bytes, size - sizeof sum) || found.done < 0 ||
        found.done > e->n_images || found.used < 0 || found.used > found.done)
        return false;
    e->done = found.done;
    e->used = found.used;
    wanted = make_head(e, key);
    if (memcmp(&found, &wanted, sizeof found) != 0) /* NOLINT(bugprone-*): the padding is zero */
        return false;
    part parts[N_PARTS];
    list_parts(e, parts);
    const uint8_t *from = bytes + sizeof found;
    for (int i = 0; i < N_PARTS; from += parts[i].size, i++)
        memcpy(parts[i].bytes, from, parts[i].size);
    return valid(e);
}

fs_status fs_examples_load(fs_examples **out, const fs_activation *activation, int n_images, uint64_t key,
                           const char *path, fs_error *err) {
    fs_examples *e = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0, expected = sizeof(head) + sizeof(uint64_t);
    part parts[N_PARTS];
    fs_status status = fs_examples_create(&e, activation, n_images, err);
    if (status != FS_OK)
        return status;
    list_parts(e, parts);
    for (int i = 0; i < N_PARTS; i++)
        expected += parts[i].size;
    status = fs_file_read(&bytes, &size, path, expected, err);
    if (status == FS_OK && (size != expected || !take(e, key, bytes, size)))
        status = fs_fail(err, FS_ERROR_FORMAT, "%s: not examples of this layer and folder", path);
    fs_free(bytes);
    if (status == FS_OK)
        *out = e;
    else
        fs_examples_destroy(e);
    return status;
}
