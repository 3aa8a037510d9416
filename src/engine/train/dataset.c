#include "engine/train/dataset.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/random.h"

/* Streams of the seed, so that different uses do not meet. */
enum { STREAM_SPLIT = 0x5311 };

/* ---- names of classes ---- */

/* The first folder of "ants/1.jpg": its length, 0 when there is none. */
static size_t class_length(const char *name) {
    const char *slash = strchr(name, '/');
    return slash ? (size_t)(slash - name) : 0;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_known(const char *const *names, int n, const char *name, size_t length) {
    for (int i = 0; i < n; i++)
        if (strlen(names[i]) == length && strncmp(names[i], name, length) == 0)
            return true;
    return false;
}

/* Files of a class stand behind each other, so that only the last name has to be looked at first. */
static fs_status name_classes(fs_dataset *d, const fs_folder *folder, fs_error *err) {
    const char **names = fs_arena_alloc(d->arena, FS_DATASET_MAX_CLASSES, sizeof *names);
    if (!names)
        return fs_fail_memory(err, "a data set");
    int n = 0;
    for (int f = 0; f < folder->n_files; f++) {
        const char *name = folder->files[f].name;
        const size_t length = class_length(name);
        if (!length || is_known(names + (n > 0 ? n - 1 : 0), n > 0, name, length) ||
            is_known(names, n, name, length))
            continue;
        if (n == FS_DATASET_MAX_CLASSES)
            return fs_fail(err, FS_ERROR_LIMIT, "more than %d classes", FS_DATASET_MAX_CLASSES);
        if (!(names[n++] = fs_arena_strndup(d->arena, name, length)))
            return fs_fail_memory(err, "a data set");
    }
    if (n < 2)
        return fs_fail(err, FS_ERROR_FORMAT,
                       "%s; a data set has a folder of pictures for each of its classes",
                       n ? "only one class" : "no classes");
    qsort(names, (size_t)n, sizeof *names, by_text);
    d->class_names = names;
    d->n_classes = n;
    return FS_OK;
}

static int label_of(const fs_dataset *d, const char *name) {
    const size_t length = class_length(name);
    int low = 0, high = d->n_classes - 1;
    while (low <= high && length) {
        const int middle = (low + high) / 2;
        int side = strncmp(d->class_names[middle], name, length);
        if (side == 0)
            side = strlen(d->class_names[middle]) > length;
        if (side == 0)
            return middle;
        if (side < 0)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return -1;
}

/* ---- items ---- */

/* All pictures of a listing. Those beside the folders of classes belong to none and are left out. */
static fs_status take_files(fs_dataset *d, const fs_folder *folder, fs_item_list *list, fs_error *err) {
    list->items = fs_arena_alloc(d->arena, (size_t)folder->n_files + 1, sizeof *list->items);
    if (!list->items)
        return fs_fail_memory(err, "a data set");
    for (int f = 0; f < folder->n_files; f++) {
        const fs_folder_file *file = &folder->files[f];
        if (!class_length(file->name))
            continue;
        fs_item *item = &list->items[list->n];
        item->label = label_of(d, file->name);
        if (item->label < 0)
            return fs_fail(err, FS_ERROR_FORMAT, "val has a class that train has not: '%.*s'",
                           (int)class_length(file->name), file->name);
        item->path = fs_arena_strdup(d->arena, file->path);
        if (!item->path)
            return fs_fail_memory(err, "a data set");
        item->name = item->path + (strlen(file->path) - strlen(file->name));
        list->n++;
    }
    return FS_OK;
}

void fs_shuffle(int *order, int n, uint64_t seed, uint64_t stream) {
    fs_random random;
    fs_random_seed(&random, seed, stream);
    for (int i = 0; i < n; i++)
        order[i] = i;
    for (int i = n - 1; i > 0; i--) {
        const int k = fs_random_int(&random, i + 1), kept = order[i];
        order[i] = order[k];
        order[k] = kept;
    }
}

/* Marks a share of one class for validation, at least one picture and not all of them. */
static void choose_of_class(const fs_item_list *all, int label, const fs_dataset_options *options, int *order,
                            bool *chosen) {
    int n = 0, *members = order + all->n;
    for (int i = 0; i < all->n; i++)
        if (all->items[i].label == label)
            members[n++] = i;
    int wanted = (int)lrint(n * options->val_share);
    wanted = wanted < 1 ? 1 : wanted;
    wanted = wanted > n - 1 ? n - 1 : wanted;
    fs_shuffle(order, n, options->seed, STREAM_SPLIT + (uint64_t)label);
    for (int i = 0; i < wanted; i++)
        chosen[members[order[i]]] = true;
}

static fs_status split(fs_dataset *d, const fs_dataset_options *options, fs_error *err) {
    const fs_item_list all = d->train;
    bool *chosen = fs_calloc((size_t)all.n + 1, sizeof *chosen);
    int *order = fs_alloc_array(2 * (size_t)all.n + 1, sizeof *order);
    d->val.items = fs_arena_alloc(d->arena, (size_t)all.n + 1, sizeof *d->val.items);
    fs_status status = chosen && order && d->val.items ? FS_OK : fs_fail_memory(err, "a data set");
    for (int label = 0; label < d->n_classes && status == FS_OK; label++)
        choose_of_class(&all, label, options, order, chosen);
    d->train.n = 0;
    for (int i = 0; i < all.n && status == FS_OK; i++) {
        const fs_item item = all.items[i];
        if (chosen[i])
            d->val.items[d->val.n++] = item;
        else
            d->train.items[d->train.n++] = item;
    }
    fs_free(chosen);
    fs_free(order);
    return status;
}

/* ---- opening ---- */

/* DIR/name if it is a folder, else NULL; in the arena. */
static const char *subfolder(const fs_dataset *d, const char *path, const char *name) {
    const size_t size = strlen(path) + strlen(name) + 2;
    struct stat info;
    char *full = fs_arena_alloc(d->arena, size, 1);
    if (!full)
        return NULL;
    snprintf(full, size, "%s/%s", path, name);
    return stat(full, &info) == 0 && S_ISDIR(info.st_mode) ? full : NULL;
}

static fs_status fill(fs_dataset *d, const char *path, const fs_dataset_options *options, fs_error *err) {
    fs_folder *train = NULL, *val = NULL;
    const char *train_path = subfolder(d, path, "train");
    const char *val_path = train_path ? subfolder(d, path, "val") : NULL;
    fs_status status = fs_folder_list(&train, train_path ? train_path : path, err);
    if (status == FS_OK && val_path)
        status = fs_folder_list(&val, val_path, err);
    if (status == FS_OK) {
        status = name_classes(d, train, err);
        if (status == FS_OK)
            status = take_files(d, train, &d->train, err);
        if (status == FS_OK)
            status = val ? take_files(d, val, &d->val, err) : split(d, options, err);
        if (status == FS_OK && (d->train.n == 0 || d->val.n == 0))
            status =
                fs_fail(err, FS_ERROR_FORMAT, "no pictures to %s", d->train.n ? "validate on" : "train on");
        if (status != FS_OK)
            fs_error_prefix(err, status, "%s", path);
    }
    fs_folder_destroy(train);
    fs_folder_destroy(val);
    return status;
}

fs_status fs_dataset_open(fs_dataset **out, const char *path, const fs_dataset_options *options,
                          fs_error *err) {
    fs_dataset *d = fs_calloc(1, sizeof *d);
    if (d)
        d->arena = fs_arena_create();
    fs_status status = d && d->arena ? fill(d, path, options, err) : fs_fail_memory(err, "a data set");
    if (status == FS_OK)
        *out = d;
    else
        fs_dataset_destroy(d);
    return status;
}

void fs_dataset_destroy(fs_dataset *d) {
    if (!d)
        return;
    fs_arena_destroy(d->arena);
    fs_free(d);
}

static uint64_t add_list(uint64_t hash, const fs_item_list *list) {
    hash = fs_hash_bytes(hash, &list->n, sizeof list->n);
    for (int i = 0; i < list->n; i++) {
        struct stat info = {0};
        (void)stat(list->items[i].path, &info); /* one that went away has no size */
        const int64_t size = info.st_size;
        hash = fs_hash_bytes(fs_hash_text(hash, list->items[i].name), &size, sizeof size);
    }
    return hash;
}

uint64_t fs_dataset_fingerprint(const fs_dataset *d) {
    return add_list(add_list(FS_HASH_START, &d->train), &d->val);
}
