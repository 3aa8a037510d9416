#include "helpers.h"

#include <dirent.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64], cache[64];
static struct {
    atomic_int passed;
    int from, to; /* allocations [from, to) are refused */
    atomic_bool refused;
} memory;

const char *scratch_create(void) {
    strcpy(folder, FS_SCRATCH "/filterscope-scratch-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

static int visit(bool remove_files) {
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (remove_files)
            remove(scratch_path(entry->d_name));
    }
    closedir(dir);
    return count;
}

void scratch_remove(void) {
    char command[96];
    visit(true);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    if (rmdir(folder) != 0) /* it has folders of its own */
        assert_int_equal(system(command), 0);
}

int scratch_count(void) {
    return visit(false);
}

const char *scratch_path(const char *name) {
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

int scratch_setup(void **state) {
    (void)state;
    scratch_create();
    return 0;
}

int scratch_teardown(void **state) {
    (void)state;
    fs_alloc_set_hook(NULL, NULL);
    scratch_remove();
    return 0;
}

int cache_setup(void **state) {
    (void)state;
    strcpy(cache, FS_SCRATCH "/filterscope-cache-XXXXXX");
    assert_non_null(mkdtemp(cache));
    return setenv("XDG_CACHE_HOME", cache, 1);
}

int cache_teardown(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", cache);
    return system(command);
}

static int refuse(size_t size, void *context) {
    (void)size;
    (void)context;
    const int number = atomic_fetch_add(&memory.passed, 1);
    if (number < memory.from || number >= memory.to)
        return 1;
    atomic_store(&memory.refused, true);
    return 0;
}

static void fail_between(int from, int to) {
    atomic_store(&memory.passed, 0);
    atomic_store(&memory.refused, false);
    memory.from = from;
    memory.to = to;
    fs_alloc_set_hook(refuse, NULL);
}

void fail_from(int allocation) {
    fail_between(allocation, INT_MAX);
}

void fail_once(int allocation) {
    fail_between(allocation, allocation + 1);
}

bool fail_stop(void) {
    fs_alloc_set_hook(NULL, NULL);
    return atomic_load(&memory.refused);
}

int fail_count(void) {
    return atomic_load(&memory.passed);
}

void put_file(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}
