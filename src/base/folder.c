#include "base/folder.h"

#include <errno.h>
#include <fts.h>
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

/* fts follows links and notices when they lead back to a folder above. */
static fs_status walk(fs_folder *folder, FTS *tree, const char *root, fs_error *err) {
    fs_status status = FS_OK;
    FTSENT *entry;
    while (status == FS_OK && (entry = fts_read(tree)) != NULL) {
        bool hidden = entry->fts_level > 0 && entry->fts_name[0] == '.';
        if (entry->fts_level == 0 && (entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR))
            return fs_fail(err, FS_ERROR_IO, "cannot open folder: %s", strerror(entry->fts_errno));
        if (entry->fts_level == 0 && entry->fts_info == FTS_F)
            return fs_fail(err, FS_ERROR_ARGUMENT, "not a folder");
        if (hidden)
            fts_set(tree, entry, FTS_SKIP);
        else if (entry->fts_info == FTS_F && fs_folder_takes(entry->fts_name))
            status = add(folder, entry, strlen(root), err);
    }
    return status;
}

fs_status fs_folder_list(fs_folder **out, const char *path, fs_error *err) {
    fs_folder *folder = fs_calloc(1, sizeof *folder);
    if (folder)
        folder->arena = fs_arena_create();
    if (!folder || !folder->arena) {
        fs_folder_destroy(folder);
        return fs_fail_memory(err, "a list of pictures");
    }
    char *roots[] = {(char *)path, NULL};
    FTS *tree = *path ? fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name) : NULL;
    fs_status status =
        tree ? walk(folder, tree, path, err)
             : fs_fail(err, FS_ERROR_IO, "cannot open folder: %s", strerror(*path ? errno : ENOENT));
    if (tree)
        fts_close(tree);
    if (status == FS_OK && folder->n_files == 0)
        status = fs_fail(err, FS_ERROR_NOT_FOUND, "no JPEG, PNG or BMP pictures in it");
    if (status == FS_OK) {
        *out = folder;
        return FS_OK;
    }
    fs_folder_destroy(folder);
    return fs_error_prefix(err, status, "%s", path);
}

void fs_folder_destroy(fs_folder *folder) {
    if (!folder)
        return;
    fs_free(folder->files);
    fs_arena_destroy(folder->arena);
    fs_free(folder);
}
