#include "helpers.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "kept.h"

static void keep_file(kept *k, const char *path) {
    assert_true(k->n < KEPT_MAX_FILES);
    k->names[k->n] = strdup(path);
    assert_int_equal(fs_file_read(&k->bytes[k->n], &k->sizes[k->n], path, 1 << 26, NULL), FS_OK);
    k->n++;
}

/* Keeps all files below, or removes them all. */
static void walk(const char *folder, kept *k) {
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char path[768];
        struct stat info;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        assert_int_equal(lstat(path, &info), 0);
        if (S_ISDIR(info.st_mode))
            walk(path, k);
        else if (k)
            keep_file(k, path);
        if (!k)
            assert_int_equal(remove(path), 0);
    }
    if (dir)
        closedir(dir);
}

void kept_take(kept *k, const char *folder) {
    walk(folder, k);
}

void kept_clear(const char *folder) {
    walk(folder, NULL);
}

void kept_forget(kept *k) {
    for (int i = 0; i < k->n; i++) {
        free(k->names[i]);
        fs_free(k->bytes[i]);
    }
    *k = (kept){0};
}

int kept_find(const kept *k, const char *name) {
    for (int i = 0; i < k->n; i++)
        if (strcmp(k->names[i], name) == 0)
            return i;
    return -1;
}

bool kept_same(const kept *a, int i, const kept *b) {
    const int at = kept_find(b, a->names[i]);
    return at >= 0 && a->sizes[i] == b->sizes[at] && memcmp(a->bytes[i], b->bytes[at], a->sizes[i]) == 0;
}
