/* Other programs: what they write and read, those that fail, are not there, never end or write without end.
 */
#include "helpers.h"

#include <unistd.h>

#include "base/file.h"
#include "base/subprocess.h"

static fs_status run(const fs_subprocess *call, char *text, size_t room) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    fs_status status = fs_subprocess_run(call, &bytes, &size, NULL);
    if (status == FS_OK) {
        assert_true(size < room);
        memcpy(text, bytes, size);
        text[size] = '\0';
        fs_free(bytes);
    }
    return status;
}

#define ARGUMENTS(...)                                                                                       \
    .arguments = (const char *const[]) {                                                                     \
        __VA_ARGS__, NULL                                                                                    \
    }

static void test_output_and_input(void **state) {
    (void)state;
    char text[100];
    const char *path = scratch_path("input");
    const fs_subprocess say = {ARGUMENTS("printf", "%s,%s", "a b", "$HOME;"), .output_limit = 99,
                               .seconds = 60};
    assert_int_equal(run(&say, text, sizeof text), FS_OK);
    assert_string_equal(text, "a b,$HOME;"); /* no shell has seen it */
    assert_int_equal(fs_file_write(path, "from a file", 11, NULL), FS_OK);
    const fs_subprocess copy = {ARGUMENTS("cat"), .input = path, .output_limit = 99, .seconds = 60};
    assert_int_equal(run(&copy, text, sizeof text), FS_OK);
    assert_string_equal(text, "from a file");
    const fs_subprocess empty = {ARGUMENTS("cat"), .output_limit = 99, .seconds = 60};
    assert_int_equal(run(&empty, text, sizeof text), FS_OK);
    assert_string_equal(text, "");
    const fs_subprocess quiet = {ARGUMENTS("printf", "unheard"), .seconds = 60};
    assert_int_equal(fs_subprocess_run(&quiet, NULL, NULL, NULL), FS_OK);
    unlink(path);
}

static void test_much_output(void **state) {
    (void)state;
    uint8_t *bytes = NULL;
    size_t size = 0;
    const fs_subprocess zeros = {ARGUMENTS("head", "-c", "1000000", "/dev/zero"), .output_limit = 1000000,
                                 .seconds = 60};
    assert_int_equal(fs_subprocess_run(&zeros, &bytes, &size, NULL), FS_OK);
    assert_int_equal(size, 1000000);
    fs_free(bytes);
}

static void test_failures(void **state) {
    (void)state;
    char text[100];
    fs_error err = {0};
    atomic_bool cancel = true;
    const fs_subprocess none = {ARGUMENTS("no-such-program-anywhere"), .output_limit = 99, .seconds = 60};
    const fs_subprocess fails = {ARGUMENTS("false"), .output_limit = 99, .seconds = 60};
    const fs_subprocess late = {ARGUMENTS("sleep", "600"), .output_limit = 99, .seconds = 0.1};
    const fs_subprocess late_and_quiet = {ARGUMENTS("sleep", "600"), .seconds = 0.1};
    const fs_subprocess endless = {ARGUMENTS("yes"), .output_limit = 100000, .seconds = 60};
    const fs_subprocess unwanted = {ARGUMENTS("sleep", "600"), .output_limit = 99, .seconds = 60,
                                    .cancel = &cancel};
    const fs_subprocess no_input = {ARGUMENTS("cat"), .input = "/nonexistent/file", .output_limit = 99,
                                    .seconds = 60};
    assert_int_equal(run(&none, text, sizeof text), FS_ERROR_NOT_FOUND);
    assert_int_equal(run(&fails, text, sizeof text), FS_ERROR_IO);
    assert_int_equal(run(&late, text, sizeof text), FS_ERROR_IO);
    assert_int_equal(fs_subprocess_run(&late_and_quiet, NULL, NULL, NULL), FS_ERROR_IO);
    assert_int_equal(run(&endless, text, sizeof text), FS_ERROR_LIMIT);
    assert_int_equal(run(&unwanted, text, sizeof text), FS_ERROR_CANCELLED);
    assert_int_not_equal(run(&no_input, text, sizeof text), FS_OK);
    assert_int_equal(fs_subprocess_run(&none, NULL, NULL, &err), FS_ERROR_NOT_FOUND);
    assert_non_null(strstr(err.message, "no-such-program-anywhere"));
}

static void test_short_memory(void **state) {
    (void)state;
    uint8_t *bytes = NULL;
    size_t size = 0;
    const fs_subprocess zeros = {ARGUMENTS("head", "-c", "300000", "/dev/zero"), .output_limit = 1000000,
                                 .seconds = 60};
    bool refused = true;
    for (int n = 0; refused; n++) {
        fail_from(n);
        fs_status status = fs_subprocess_run(&zeros, &bytes, &size, NULL);
        refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
    }
    fs_free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_output_and_input, scratch_setup, scratch_teardown),
        cmocka_unit_test(test_much_output),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
