/* The pictures below a folder, in an order that does not depend on the file system.
 *
 *     fs_folder *folder = NULL;
 *     fs_folder_list(&folder, "photographs", &err);
 *     for (int i = 0; i < folder->n_files; i++)
 *         fs_image_read(&image, folder->files[i].path, &err);
 *     fs_folder_destroy(folder);
 *
 * Files are taken by their ending (.jpg .jpeg .png .bmp, any case), subfolders and links are followed, hidden
 * names and folders that cannot be opened are passed over. Sorted by name within each folder. */
#ifndef FS_BASE_FOLDER_H
#define FS_BASE_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/progress.h"

enum { FS_FOLDER_MAX_FILES = 10000000 };

typedef struct fs_folder_file {
    const char *path; /* to open it */
    const char *name; /* from the folder on: "cats/1.jpg" */
    int64_t bytes;
    int64_t modified; /* nanoseconds since 1970 */
} fs_folder_file;

typedef struct fs_folder {
    fs_arena *arena;
    fs_folder_file *files;
    int n_files, capacity;
} fs_folder;

/* Whether a file of that name would be taken. */
bool fs_folder_takes(const char *name);
/* An error when the folder cannot be opened or has no pictures. */
fs_status fs_folder_list(fs_folder **out, const char *path, fs_error *err);
void fs_folder_destroy(fs_folder *folder); /* NULL is fine */

/* The same in pieces: a folder may be a whole disk.
 *
 *     fs_folder_walk_create(&walk, path, &err);
 *     while ((status = fs_folder_walk_run(walk, &progress, &err)) == FS_ERROR_CANCELLED) ...    // goes on
 * there if (status == FS_OK) status = fs_folder_walk_take(walk, &folder, &err); fs_folder_walk_destroy(walk);
 */
typedef struct fs_folder_walk fs_folder_walk;
fs_status fs_folder_walk_create(fs_folder_walk **out, const char *path, fs_error *err);
fs_status fs_folder_walk_run(fs_folder_walk *walk, const fs_progress *progress, fs_error *err);
fs_status fs_folder_walk_take(fs_folder_walk *walk, fs_folder **out, fs_error *err); /* after its end */
void fs_folder_walk_destroy(fs_folder_walk *walk);                                   /* NULL is fine */

#endif
