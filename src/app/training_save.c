/* The best epoch on disk, under a name that nothing has. */
#include <stdio.h>
#include <string.h>

#include "app/training_run_private.h"
#include "base/alloc.h"
#include "base/file.h"
#include "engine/export/model_write.h"

enum { PATH_SIZE = 4096, MOST_NAMES = 100000 };

static bool is_taken(const char *stem) {
    static const char *const endings[] = {".onnx", ".json", "_labels.txt"};
    char path[PATH_SIZE + 16];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(path, sizeof path, "%s%s", stem, endings[i]);
        if (fs_file_exists(path))
            return true;
    }
    return false;
}

/* Of a name out of a file what is plain enough for another file's name. */
static void plain_name(const char *name, char out[128]) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    snprintf(out, 128, "%.100s", *name ? name : "model");
    for (char *c = out; *c; c++)
        *c = (char)(strchr(plain, *c) ? *c : '-');
    if (out[0] == '.')
        out[0] = '-';
}

static fs_status choose_path(const fs_model *model, const char *folder, char **out, fs_error *err) {
    char name[128], stem[PATH_SIZE];
    plain_name(model->name, name);
    const char *slash = *folder ? "/" : "";
    for (int i = 1; i < MOST_NAMES; i++) {
        char number[16] = "";
        if (i > 1)
            snprintf(number, sizeof number, "-%d", i);
        const int n = snprintf(stem, sizeof stem, "%s%s%s-finetuned%s", folder, slash, name, number);
        if (n < 0 || n + 16 > PATH_SIZE)
            return fs_fail(err, FS_ERROR_ARGUMENT, "%.200s...: the name is too long", folder);
        if (is_taken(stem))
            continue;
        memcpy(stem + n, ".onnx", sizeof ".onnx");
        *out = fs_strdup(stem);
        return *out ? FS_OK : fs_fail_memory(err, "a file name");
    }
    return fs_fail(err, FS_ERROR_LIMIT, "%s: too many files of that name", folder);
}

/* In the middle of an epoch the model has other weights than the best; it gets them back bit by bit. */
static fs_status write_best(fs_training_run *run, int best, const char *path, fs_error *err) {
    float *now = fs_alloc_array((size_t)run->trainable.numbers + 1, sizeof *now);
    if (!now)
        return fs_fail_memory(err, "a copy of the weights");
    fs_trainable_take(&run->trainable, run->model, now);
    fs_trainable_put(&run->trainable, run->model, run->past[best].weights);
    fs_status status = fs_model_write(run->model, path, NULL, err);
    fs_trainable_put(&run->trainable, run->model, now);
    fs_free(now);
    return status;
}

fs_status fs_training_run_save(fs_training_run *run, const char *folder, char **path, fs_error *err) {
    char *chosen = NULL;
    const int best = fs_training_past_best(run);
    if (best < 0)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "no epoch is finished yet: there is nothing to save");
    fs_status status = *folder ? fs_make_folder(folder, err) : FS_OK;
    if (status == FS_OK)
        status = choose_path(run->model, folder, &chosen, err);
    if (status == FS_OK)
        status = write_best(run, best, chosen, err);
    if (status == FS_OK)
        *path = chosen;
    else
        fs_free(chosen);
    return status;
}
