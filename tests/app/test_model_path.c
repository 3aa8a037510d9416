/* What --model means: a file first, then the name of a public model that was pulled. */
#include "base/helpers.h"

#include <stdlib.h>
#include <unistd.h>

#include "app/model_path.h"
#include "base/file.h"

static char models[700];

/* The scratch folder becomes the data folder. */
static int set_up(void **state) {
    char data_home[512];
    scratch_setup(state);
    snprintf(data_home, sizeof data_home, "%s", scratch_path(""));
    data_home[strlen(data_home) - 1] = '\0'; /* the slash */
    setenv("XDG_DATA_HOME", data_home, 1);
    snprintf(models, sizeof models, "%s/filterscope/models", data_home);
    assert_int_equal(fs_make_folder(models, NULL), FS_OK);
    return 0;
}

static int tear_down(void **state) {
    const char *const made[] = {"filterscope/models/squeezenet1.1.onnx", "filterscope/models", "filterscope"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        remove(scratch_path(made[i]));
    return scratch_teardown(state);
}

/* A file of that size in the data folder; sparse. */
static void put_model(long size) {
    put_file(scratch_path("filterscope/models/squeezenet1.1.onnx"), "", 0);
    assert_int_equal(truncate(scratch_path("filterscope/models/squeezenet1.1.onnx"), size), 0);
}

static void check_error(const char *text, fs_status expected, const char *message) {
    char *path = NULL;
    fs_error err = {0};
    assert_int_equal(fs_model_path_find(&path, text, &err), expected);
    assert_string_equal(err.message, message);
    assert_null(path);
}

static void a_pulled_model_is_found_by_name(void **state) {
    (void)state;
    char *path = NULL, expected[800];
    put_model(4956208);
    snprintf(expected, sizeof expected, "%s/squeezenet1.1.onnx", models);
    assert_int_equal(fs_model_path_find(&path, "squeezenet1.1", NULL), FS_OK);
    assert_string_equal(path, expected);
    assert_string_equal(fs_model_path_name(path), "squeezenet1.1");
    fs_free(path);
}

static void errors_say_what_to_do(void **state) {
    (void)state;
    check_error("squeezenet1.1", FS_ERROR_IO,
                "model 'squeezenet1.1' is not here yet: filterscope pull squeezenet1.1 (5.0 MB)");
    put_model(1000);
    check_error("squeezenet1.1", FS_ERROR_FORMAT,
                "model 'squeezenet1.1' is damaged; fetch it again: filterscope pull squeezenet1.1 (5.0 MB)");
    check_error("none.onnx", FS_ERROR_NOT_FOUND,
                "'none.onnx' is neither a model file nor a known model; `filterscope models` lists those");
    unsetenv("XDG_DATA_HOME");
    setenv("HOME", "nowhere", 1);
    check_error(
        "squeezenet1.1", FS_ERROR_IO,
        "model 'squeezenet1.1': no folder for models: neither XDG_DATA_HOME nor HOME is an absolute path");
}

static void one_model_is_built_in(void **state) {
    (void)state;
    static const char *const names[] = {"", FS_DEFAULT_MODEL};
    for (int i = 0; i < 2; i++) {
        char *path = NULL;
        assert_int_equal(fs_model_path_find(&path, names[i], NULL), FS_OK);
        assert_true(fs_file_exists(path));
        assert_string_equal(fs_model_path_name(path), FS_DEFAULT_MODEL);
        fs_free(path);
    }
}

static void a_file_wins(void **state) {
    (void)state;
    char *path = NULL;
    put_file("squeezenet1.1", "x", 1);
    const fs_status status = fs_model_path_find(&path, "squeezenet1.1", NULL);
    unlink("squeezenet1.1");
    assert_int_equal(status, FS_OK);
    assert_string_equal(path, "squeezenet1.1");
    assert_string_equal(fs_model_path_name(path), "squeezenet1.1");
    assert_string_equal(fs_model_path_name("/elsewhere/squeezenet1.1.onnx"), "/elsewhere/squeezenet1.1.onnx");
    fs_free(path);
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    put_model(4956208);
    for (int n = 0;; n++) {
        char *path = NULL;
        fail_from(n);
        const fs_status status = fs_model_path_find(&path, "squeezenet1.1", NULL);
        const bool refused = fail_stop();
        fs_free(path);
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        if (!refused)
            break;
    }
}

#define DATA_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        DATA_TEST(a_pulled_model_is_found_by_name), DATA_TEST(errors_say_what_to_do),
        cmocka_unit_test(one_model_is_built_in),    DATA_TEST(a_file_wins),
        DATA_TEST(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
