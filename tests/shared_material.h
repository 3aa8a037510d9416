/* The folder of real material beside the project. Tests that need it print SKIPPED where it is absent. */
#ifndef FS_TESTS_SHARED_MATERIAL_H
#define FS_TESTS_SHARED_MATERIAL_H

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static inline const char *shared_path(char *buffer, size_t size, const char *name) {
    snprintf(buffer, size, "%s/%s", FS_SHARED, name);
    return buffer;
}

static inline bool shared_has(const char *name) {
    char path[1024];
    if (access(shared_path(path, sizeof path, name), R_OK) == 0)
        return true;
    printf("SKIPPED: %s is not beside the project\n", name);
    return false;
}

#endif
