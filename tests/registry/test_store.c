/* Where models lie: the XDG rules, names, and what is seen of a download. */
#include "base/helpers.h"

#include <stdlib.h>
#include <unistd.h>

#include "registry/store.h"

static void check_folder(const char *data_home, const char *home, const char *expected) {
    char *folder = NULL;
    fs_error err = {0};
    const fs_status status = fs_registry_folder_in(&folder, data_home, home, &err);
    if (expected == NULL) {
        assert_int_equal(status, FS_ERROR_NOT_FOUND);
        assert_non_null(strstr(err.message, "XDG_DATA_HOME"));
        assert_null(folder);
        return;
    }
    assert_int_equal(status, FS_OK);
    assert_string_equal(folder, expected);
    fs_free(folder);
}

static void folder_follows_xdg(void **state) {
    (void)state;
    check_folder("/data", "/home/a", "/data/filterscope/models");
    check_folder("/data", NULL, "/data/filterscope/models");
    check_folder(NULL, "/home/a", "/home/a/.local/share/filterscope/models");
    check_folder("", "/home/a", "/home/a/.local/share/filterscope/models");
    check_folder("relative/data", "/home/a", "/home/a/.local/share/filterscope/models");
    check_folder("./data", "home", NULL);
    check_folder(NULL, "", NULL);
    check_folder(NULL, NULL, NULL);
}

static void folder_follows_the_environment(void **state) {
    (void)state;
    char *folder = NULL;
    setenv("XDG_DATA_HOME", "/somewhere", 1);
    assert_int_equal(fs_registry_folder(&folder, NULL), FS_OK);
    assert_string_equal(folder, "/somewhere/filterscope/models");
    fs_free(folder);
}

static const fs_registry_entry entry = {
    .name = "tiny1.0", .url = "https://example.org/other-name.onnx", .bytes = 5};

static void check_state(fs_registry_state expected, int64_t expected_bytes) {
    fs_registry_state found = FS_REGISTRY_ABSENT;
    int64_t bytes = -1;
    char folder[64];
    snprintf(folder, sizeof folder, "%s", scratch_path("."));
    assert_int_equal(fs_registry_look(&entry, folder, &found, &bytes, NULL), FS_OK);
    assert_int_equal(found, expected);
    assert_int_equal(bytes, expected_bytes);
}

static void looks_at_names_and_sizes(void **state) {
    (void)state;
    check_state(FS_REGISTRY_ABSENT, 0);
    put_file(scratch_path("tiny1.0.part"), "", 0);
    check_state(FS_REGISTRY_ABSENT, 0);
    put_file(scratch_path("tiny1.0.part"), "abc", 3);
    check_state(FS_REGISTRY_PARTIAL, 3);
    put_file(scratch_path("tiny1.0.onnx"), "abcd", 4);
    check_state(FS_REGISTRY_DAMAGED, 4);
    put_file(scratch_path("tiny1.0.onnx"), "abcde", 5);
    check_state(FS_REGISTRY_PRESENT, 5);
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    for (int n = 0;; n++) {
        char *folder = NULL;
        fs_registry_state found;
        int64_t bytes;
        fail_from(n);
        fs_status status = fs_registry_folder_in(&folder, NULL, "/home/a", NULL);
        if (status == FS_OK)
            status = fs_registry_look(&entry, folder, &found, &bytes, NULL);
        const bool refused = fail_stop();
        fs_free(folder);
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        if (!refused)
            break;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folder_follows_xdg),
        cmocka_unit_test(folder_follows_the_environment),
        cmocka_unit_test_setup_teardown(looks_at_names_and_sizes, scratch_setup, scratch_teardown),
        cmocka_unit_test(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
