#include "base/folder.h"

#include <errno.h>
#include <fts.h>
#include <math.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/alloc.h"

bool fs_folder_takes(const char *name) {
    static const char *const endings[] = {".jpg", ".jpeg", ".png", ".bmp"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    return false;
}

static int by_name(const FTSENT **a, const FTSENT **b) {
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static fs_status add(fs_folder *folder, const FTSENT *entry, size_t root_length, fs_error *err) {
    if (folder->n_files == FS_FOLDER_MAX_FILES)
        return fs_fail(err, FS_ERROR_LIMIT, "more than %d pictures", FS_FOLDER_MAX_FILES);
    if (folder->n_files == folder->capacity) {
        size_t old = (size_t)folder->capacity, capacity = old ? 2 * old : 256;
        fs_folder_file *grown = fs_realloc(folder->files, old * sizeof *grown, capacity * sizeof *grown);
        if (!grown)
            return fs_fail_memory(err, "a list of pictures");
        folder->files = grown;
        folder->capacity = (int)capacity;
    }
    const struct stat *info = entry->fts_statp;
    const char *path = fs_arena_strdup(folder->arena, entry->fts_path);
    if (!path)
        return fs_fail_memory(err, "a list of pictures");
    const char *name = path + root_length;
    folder->files[folder->n_files++] =
        (fs_folder_file){.path = path,
                         .name = name + strspn(name, "/"),
                         .bytes = info->st_size,
                         .modified = (int64_t)info->st_mtim.tv_sec * 1000000000 + info->st_mtim.tv_nsec};
    return FS_OK;
}

struct fs_folder_walk {
    fs_folder *folder;
    FTS *tree;
    char *path;
    bool begun;
};

fs_status fs_folder_walk_create(fs_folder_walk **out, const char *path, fs_error *err) {
    fs_folder_walk *walk = fs_calloc(1, sizeof *walk);
    if (walk) {
        walk->path = fs_strdup(path);
        walk->folder = fs_calloc(1, sizeof *walk->folder);
    }
    if (walk && walk->folder)
        walk->folder->arena = fs_arena_create();
    if (!walk || !walk->path || !walk->folder || !walk->folder->arena) {
        fs_folder_walk_destroy(walk);
        return fs_fail_memory(err, "a list of pictures");
    }
    char *roots[] = {walk->path, NULL};
    walk->tree = *path ? fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name) : NULL;
    if (!walk->tree) {
        const int why = *path ? errno : ENOENT;
        fs_folder_walk_destroy(walk);
        return fs_fail(err, FS_ERROR_IO, "%s: cannot open folder: %s", path, strerror(why));
    }
    *out = walk;
    return FS_OK;
}

static fs_status take_entry(fs_folder_walk *walk, FTSENT *entry, fs_error *err) {
    const bool hidden = entry->fts_level > 0 && entry->fts_name[0] == '.';
    if (entry->fts_level == 0 && (entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR))
        return fs_fail(err, FS_ERROR_IO, "cannot open folder: %s", strerror(entry->fts_errno));
    if (entry->fts_level == 0 && entry->fts_info == FTS_F)
        return fs_fail(err, FS_ERROR_ARGUMENT, "not a folder");
    if (hidden)
        fts_set(walk->tree, entry, FTS_SKIP);
    else if (entry->fts_info == FTS_F && fs_folder_takes(entry->fts_name))
        return add(walk->folder, entry, strlen(walk->path), err);
    return FS_OK;
}

/* fts follows links and notices when they lead back to a folder above. */
fs_status fs_folder_walk_run(fs_folder_walk *walk, const fs_progress *progress, fs_error *err) {
    fs_status status = FS_OK;
    while (status == FS_OK) {
        fs_progress_report(progress, &(fs_progress_state){.label = "looking for pictures",
                                                          .done = walk->folder->n_files,
                                                          .value = NAN});
        if (fs_progress_cancelled(progress))
            return FS_ERROR_CANCELLED;
        walk->begun = true;
        FTSENT *entry = fts_read(walk->tree);
        if (entry == NULL)
            return FS_OK;
        status = take_entry(walk, entry, err);
    }
    return fs_error_prefix(err, status, "%s", walk->path);
}

fs_status fs_folder_walk_take(fs_folder_walk *walk, fs_folder **out, fs_error *err) {
    if (walk->folder->n_files == 0)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "%s: no JPEG, PNG or BMP pictures in it", walk->path);
    *out = walk->folder;
    walk->folder = NULL;
    return FS_OK;
}

void fs_folder_walk_destroy(fs_folder_walk *walk) {
    if (!walk)
        return;
    if (walk->tree && !walk->begun)
        (void)fts_read(walk->tree); /* glibc's fts_close forgets what was never read */
    if (walk->tree)
        fts_close(walk->tree);
    fs_folder_destroy(walk->folder);
    fs_free(walk->path);
    fs_free(walk);
}

fs_status fs_folder_list(fs_folder **out, const char *path, fs_error *err) {
    fs_folder_walk *walk = NULL;
    fs_status status = fs_folder_walk_create(&walk, path, err);
    if (status == FS_OK)
        status = fs_folder_walk_run(walk, NULL, err);
    if (status == FS_OK)
        status = fs_folder_walk_take(walk, out, err);
    fs_folder_walk_destroy(walk);
    return status;
}

void fs_folder_destroy(fs_folder *folder) {
    if (!folder)
        return;
    fs_free(folder->files);
    fs_arena_destroy(folder->arena);
    fs_free(folder);
}
