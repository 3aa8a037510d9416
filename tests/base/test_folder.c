/* Lists of pictures: at once, and in pieces that are cut off everywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/folder.h"

static char root[] = FS_SCRATCH "/filterscope-folder-XXXXXX";

static int set_up(void **state) {
    (void)state;
    static const char *const names[] = {"b/1.png",       "b/2.JPG",  "a/x/3.bmp", "a/none.txt",
                                        "a/.hidden.png", ".c/4.png", "z.jpeg"};
    char path[160];
    if (mkdtemp(root) == NULL)
        return -1;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", root, names[i]);
        *strrchr(path, '/') = '\0';
        if (fs_make_folder(path, NULL) != FS_OK)
            return -1;
        snprintf(path, sizeof path, "%s/%s", root, names[i]);
        if (fs_file_write(path, "x", 1, NULL) != FS_OK)
            return -1;
    }
    snprintf(path, sizeof path, "%s/a/loop", root);
    return symlink(root, path);
}

static int tear_down(void **state) {
    (void)state;
    char command[80];
    snprintf(command, sizeof command, "rm -r '%s'", root);
    return system(command);
}

static void assert_list(const fs_folder *folder) {
    static const char *const expected[] = {"a/x/3.bmp", "b/1.png", "b/2.JPG", "z.jpeg"};
    assert_int_equal(folder->n_files, 4);
    for (int i = 0; i < 4; i++)
        assert_string_equal(folder->files[i].name, expected[i]);
}

static void test_at_once(void **state) {
    (void)state;
    fs_folder *folder = NULL;
    assert_int_equal(fs_folder_list(&folder, root, NULL), FS_OK);
    assert_list(folder);
    fs_folder_destroy(folder);
}

/* A stop that comes with every second look. */
static void stop_often(void *context, const fs_progress_state *state) {
    (void)state;
    atomic_bool *stop = context;
    atomic_store(stop, !atomic_load(stop));
}

static void test_in_pieces(void **state) {
    (void)state;
    fs_folder *folder = NULL;
    fs_folder_walk *walk = NULL;
    atomic_bool stop = false;
    const fs_progress progress = {.report = stop_often, .context = &stop, .cancel = &stop};
    int pieces = 1;
    assert_int_equal(fs_folder_walk_create(&walk, root, NULL), FS_OK);
    fs_status status;
    while ((status = fs_folder_walk_run(walk, &progress, NULL)) == FS_ERROR_CANCELLED)
        pieces++;
    assert_int_equal(status, FS_OK);
    assert_true(pieces > 4);
    assert_int_equal(fs_folder_walk_take(walk, &folder, NULL), FS_OK);
    fs_folder_walk_destroy(walk);
    assert_list(folder);
    fs_folder_destroy(folder);
    assert_int_equal(fs_folder_walk_create(&walk, root, NULL), FS_OK);
    assert_int_equal(fs_folder_walk_run(walk, &progress, NULL), FS_ERROR_CANCELLED);
    fs_folder_walk_destroy(walk); /* in the middle */
}

static void refuse(const char *path, fs_status expected) {
    fs_folder *folder = NULL;
    fs_error err = {0};
    assert_int_equal(fs_folder_list(&folder, path, &err), expected);
    assert_null(folder);
    if (*path != '\0')
        assert_non_null(strstr(err.message, path));
}

static void test_errors(void **state) {
    (void)state;
    char path[160];
    refuse("", FS_ERROR_IO);
    refuse("/nonexistent/folder", FS_ERROR_IO);
    snprintf(path, sizeof path, "%s/z.jpeg", root);
    refuse(path, FS_ERROR_ARGUMENT);
    snprintf(path, sizeof path, "%s/.c", root);
    snprintf(path + strlen(path), 10, "/none");
    assert_int_equal(fs_make_folder(path, NULL), FS_OK);
    refuse(path, FS_ERROR_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_at_once), cmocka_unit_test(test_in_pieces),
                                       cmocka_unit_test(test_errors)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
