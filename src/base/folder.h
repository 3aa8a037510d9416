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

#endif
