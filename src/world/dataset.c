#include "world/dataset.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

/* Pictures between two looks at the progress, and the largest index.json that is read back. */
enum { BATCH = 128, MAX_INDEX = 1 << 20 };

/* What every reader of JSON takes as a whole number. */
#define MAX_NUMBER (UINT64_C(1) << 53)

static const char *const mask_names[FS_WORLD_MASKS] = {"classes", "parts", "textures"};

typedef struct writer {
    const fs_world_dataset *dataset;
    const fs_progress *progress;
    int n_train, first;
    pthread_mutex_t mutex;
    int failed; /* the lowest picture that could not be written, -1: none */
    fs_status status;
    fs_error err;
} writer;

static const char *split_name(const writer *w, int index) {
    return index < w->n_train ? "train" : "val";
}

static const char *class_name(const writer *w, int index) {
    const fs_world_set set = w->dataset->set;
    return fs_world_class_name(set, index % fs_world_classes(set));
}

/* ---- index.json and concepts.json ---- */

/* Pictures first .. last-1 whose class is c, where classes take turns. */
static int count_class(int first, int last, int c, int n_classes) {
    const int below_last = last > c ? (last - c - 1) / n_classes + 1 : 0;
    const int below_first = first > c ? (first - c - 1) / n_classes + 1 : 0;
    return below_last - below_first;
}

static void add_classes(fs_text *text, const writer *w) {
    const fs_world_dataset *d = w->dataset;
    const int n = fs_world_classes(d->set);
    for (int c = 0; c < n; c++)
        fs_text_add(text, "%s\n    {\"name\": \"%s\", \"label\": %d, \"train\": %d, \"val\": %d}",
                    c ? "," : "", fs_world_class_name(d->set, c), fs_world_class_label(d->set, c),
                    count_class(0, w->n_train, c, n), count_class(w->n_train, d->n, c, n));
}

static void make_index(fs_text *text, const writer *w, bool complete) {
    const fs_world_dataset *d = w->dataset;
    const char *quote = d->seed > MAX_NUMBER ? "\"" : "";
    fs_text_add(text, "{\n  \"format\": 1,\n  \"set\": \"%s\",\n  \"seed\": %s%llu%s,\n",
                d->set == FS_WORLD_A ? "a" : "b", quote, (unsigned long long)d->seed, quote);
    fs_text_add(text, "  \"size\": %d,\n  \"pictures\": %d,\n  \"split\": %.17g,\n  \"masks\": %s,\n",
                d->size, d->n, d->split, d->no_masks ? "false" : "true");
    fs_text_add(text, "  \"complete\": %s,\n  \"classes\": [", complete ? "true" : "false");
    add_classes(text, w);
    fs_text_add(text, "\n  ]\n}\n");
}

static fs_status write_text(const writer *w, const char *name, fs_text *text, fs_error *err) {
    fs_text path = {0};
    fs_text_add(&path, "%s/%s", w->dataset->folder, name);
    fs_status status = fs_text_broken(text) || fs_text_broken(&path)
                           ? fs_fail_memory(err, "the index of a data set")
                           : fs_file_write(path.bytes, text->bytes, text->length, err);
    fs_text_free(&path);
    fs_text_free(text);
    return status;
}

static fs_status write_index(const writer *w, bool complete, fs_error *err) {
    fs_text text = {0};
    make_index(&text, w, complete);
    return write_text(w, "index.json", &text, err);
}

static fs_status write_concepts(const writer *w, fs_error *err) {
    fs_text text = {0};
    fs_text_add(&text, "{\n  \"format\": 1");
    for (int m = 0; m < FS_WORLD_MASKS; m++) {
        fs_text_add(&text, ",\n  \"%s\": [", mask_names[m]);
        for (int i = 0; i < fs_world_labels((fs_world_mask)m); i++) {
            fs_text_add(&text, "%s", i ? ", " : "");
            fs_text_add_json(&text, fs_world_label_name((fs_world_mask)m, i));
        }
        fs_text_add(&text, "]");
    }
    fs_text_add(&text, "\n}\n");
    return write_text(w, "concepts.json", &text, err);
}

/* ---- the folder ---- */

static fs_status folder_is_empty(const char *path, bool *empty, fs_error *err) {
    DIR *dir = opendir(path);
    *empty = true;
    if (dir == NULL)
        return errno == ENOENT ? FS_OK : fs_fail(err, FS_ERROR_IO, "%.300s: %s", path, strerror(errno));
    for (const struct dirent *entry; *empty && (entry = readdir(dir));)
        *empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(dir);
    return FS_OK;
}

/* Whether the folder's index.json is the one this call would write, finished or not. */
static fs_status check_same(const writer *w, fs_error *err) {
    const char *folder = w->dataset->folder;
    uint8_t *bytes = NULL;
    size_t size = 0;
    fs_text path = {0}, begun = {0}, finished = {0};
    fs_text_add(&path, "%s/index.json", folder);
    make_index(&begun, w, false);
    make_index(&finished, w, true);
    fs_status status = FS_OK;
    if (fs_text_broken(&path) || fs_text_broken(&begun) || fs_text_broken(&finished))
        status = fs_fail_memory(err, "the index of a data set");
    if (status == FS_OK)
        status = fs_file_read(&bytes, &size, path.bytes, MAX_INDEX, err);
    if (status == FS_OK && strcmp((const char *)bytes, begun.bytes) != 0 &&
        strcmp((const char *)bytes, finished.bytes) != 0)
        status = fs_fail(err, FS_ERROR_ARGUMENT, "%.300s has a data set with other settings", folder);
    fs_free(bytes);
    fs_text_free(&path);
    fs_text_free(&begun);
    fs_text_free(&finished);
    return status;
}

static fs_status make_class_folder(const writer *w, const char *parent, const char *name, fs_error *err) {
    fs_text path = {0};
    fs_text_add(&path, "%s/%s/%s", w->dataset->folder, parent, name);
    const fs_status status =
        fs_text_broken(&path) ? fs_fail_memory(err, "a folder's name") : fs_make_folder(path.bytes, err);
    fs_text_free(&path);
    return status;
}

static fs_status make_folders(const writer *w, fs_error *err) {
    static const char *const parents[] = {"train", "val", "masks/classes", "masks/parts", "masks/textures"};
    const int n = w->dataset->no_masks ? 2 : 5;
    fs_status status = FS_OK;
    for (int p = 0; p < n; p++)
        for (int c = 0; c < fs_world_classes(w->dataset->set) && status == FS_OK; c++)
            status = make_class_folder(w, parents[p], class_name(w, c), err);
    return status;
}

static fs_status prepare(const writer *w, fs_error *err) {
    bool empty = false;
    fs_status status = folder_is_empty(w->dataset->folder, &empty, err);
    if (status != FS_OK)
        return status;
    if (!empty && !w->dataset->resume)
        return fs_fail(err, FS_ERROR_ARGUMENT, "%.300s is not empty: --resume goes on with a data set",
                       w->dataset->folder);
    if (!empty)
        status = check_same(w, err);
    if (status == FS_OK)
        status = make_folders(w, err);
    if (status == FS_OK)
        status = write_index(w, false, err);
    return status == FS_OK ? write_concepts(w, err) : status;
}

/* ---- pictures ---- */

static char *picture_path(const writer *w, const char *parent, int index) {
    fs_text path = {0};
    fs_text_add(&path, "%s/%s/%s/%05d.png", w->dataset->folder, parent, class_name(w, index), index);
    if (!fs_text_broken(&path))
        return path.bytes;
    fs_text_free(&path);
    return NULL;
}

static fs_status write_png(const writer *w, const fs_image *image, const char *parent, int index,
                           fs_error *err) {
    char *path = picture_path(w, parent, index);
    const fs_status status =
        path ? fs_image_write_png(image, path, NULL, 0, err) : fs_fail_memory(err, "a file's name");
    fs_free(path);
    return status;
}

/* The picture itself comes last: where it is, its masks are. */
static fs_status write_picture(const writer *w, int index, fs_error *err) {
    const fs_world_dataset *d = w->dataset;
    const fs_world_request request = {d->seed, (uint64_t)index, d->set, d->size, !d->no_masks};
    fs_world_picture picture = {0};
    char *path = picture_path(w, split_name(w, index), index);
    if (path == NULL)
        return fs_fail_memory(err, "a file's name");
    const bool there = d->resume && fs_file_exists(path);
    fs_free(path);
    if (there)
        return FS_OK;
    fs_status status = fs_world_draw(&picture, &request, err);
    if (status == FS_OK && request.masks)
        status = write_png(w, &picture.classes, "masks/classes", index, err);
    if (status == FS_OK && request.masks)
        status = write_png(w, &picture.parts, "masks/parts", index, err);
    if (status == FS_OK && request.masks)
        status = write_png(w, &picture.textures, "masks/textures", index, err);
    if (status == FS_OK)
        status = write_png(w, &picture.image, split_name(w, index), index, err);
    fs_world_picture_free(&picture);
    return status;
}

static void remember(writer *w, int index, fs_status status, const fs_error *err) {
    pthread_mutex_lock(&w->mutex);
    if (w->failed < 0 || index < w->failed) {
        w->failed = index;
        w->status = status;
        w->err = *err;
    }
    pthread_mutex_unlock(&w->mutex);
}

static void write_range(void *context, int first, int last, int thread) {
    writer *w = context;
    (void)thread;
    for (int i = first; i < last && !fs_progress_cancelled(w->progress); i++) {
        fs_error err = {0};
        const fs_status status = write_picture(w, w->first + i, &err);
        if (status != FS_OK)
            remember(w, w->first + i, status, &err);
    }
}

static fs_status write_pictures(writer *w, fs_pool *pool, fs_error *err) {
    const double start = fs_seconds();
    const int n = w->dataset->n;
    for (w->first = 0; w->first < n; w->first += BATCH) {
        fs_pool_for(pool, n - w->first < BATCH ? n - w->first : BATCH, 1, write_range, w);
        if (w->failed >= 0)
            return fs_fail(err, w->status, "%s", w->err.message);
        if (fs_progress_cancelled(w->progress))
            return fs_fail(err, FS_ERROR_CANCELLED, "stopped; the same command with --resume goes on");
        const fs_progress_state state = {"drawing", w->first + BATCH < n ? w->first + BATCH : n, n,
                                         fs_seconds() - start, NAN};
        fs_progress_report(w->progress, &state);
    }
    return FS_OK;
}

static fs_status check_dataset(const fs_world_dataset *d, fs_error *err) {
    if (d->n < 1 || d->n > FS_WORLD_MAX_PICTURES)
        return fs_fail(err, FS_ERROR_ARGUMENT, "a data set has 1 to %d pictures, not %d",
                       FS_WORLD_MAX_PICTURES, d->n);
    if (!(d->split >= 0 && d->split <= 1))
        return fs_fail(err, FS_ERROR_ARGUMENT, "what part of the pictures is for training is 0 to 1, not %g",
                       d->split);
    if (d->size < FS_WORLD_MIN_SIZE || d->size > FS_WORLD_MAX_SIZE)
        return fs_fail(err, FS_ERROR_ARGUMENT, "a picture of the world has %d to %d pixels a side, not %d",
                       FS_WORLD_MIN_SIZE, FS_WORLD_MAX_SIZE, d->size);
    return FS_OK;
}

fs_status fs_world_dataset_write(const fs_world_dataset *dataset, fs_pool *pool, const fs_progress *progress,
                                 fs_error *err) {
    writer w = {.dataset = dataset, .progress = progress, .failed = -1, .mutex = PTHREAD_MUTEX_INITIALIZER};
    fs_status status = check_dataset(dataset, err);
    if (status != FS_OK)
        return status;
    w.n_train = (int)lround(dataset->split * dataset->n);
    status = prepare(&w, err);
    if (status == FS_OK)
        status = write_pictures(&w, pool, err);
    if (status == FS_OK)
        status = write_index(&w, true, err);
    pthread_mutex_destroy(&w.mutex);
    return status;
}
