/* What the window keeps between runs: written and read back, damaged in every way, recent files in order. */
#include <stdlib.h>
#include <unistd.h>

#include "../base/helpers.h"
#include "app/preferences.h"
#include "app/user_folders.h"
#include "base/file.h"

static void fill(fs_preferences *p) {
    fs_preferences_default(p);
    p->theme = FS_THEME_LIGHT;
    p->scale = 1.75;
    p->placed = true;
    p->x = -120;
    p->y = 44;
    p->width = 1500;
    p->height = 900;
    p->maximised = true;
    p->models = (fs_recent){2, {"/a/with \"quotes\" and \xc3\xa4.onnx", "/b.pb"}};
    p->folders = (fs_recent){1, {"/pictures"}};
}

static void test_what_is_written_is_read(void **state) {
    (void)state;
    fs_preferences p, q;
    const char *path = scratch_path("deep/er/settings.json");
    fill(&p);
    assert_int_equal(fs_preferences_write(&p, path, NULL), FS_OK);
    assert_int_equal(fs_preferences_read(&q, path, NULL), FS_OK);
    assert_int_equal(q.theme, FS_THEME_LIGHT);
    assert_true(q.scale == 1.75 && q.placed && q.maximised);
    assert_true(q.x == -120 && q.y == 44 && q.width == 1500 && q.height == 900);
    assert_int_equal(q.models.n, 2);
    assert_string_equal(q.models.paths[0], p.models.paths[0]);
    assert_string_equal(q.models.paths[1], "/b.pb");
    assert_int_equal(q.folders.n, 1);
    (void)unlink(path);
    (void)rmdir(scratch_path("deep/er"));
    (void)rmdir(scratch_path("deep"));
}

static void check_defaults(const fs_preferences *p) {
    fs_preferences usual;
    fs_preferences_default(&usual);
    assert_int_equal(p->theme, usual.theme);
    assert_true(p->scale == 0 && !p->placed && !p->maximised && p->width == 0 && p->height == 0);
    assert_true(p->models.n == 0 && p->folders.n == 0);
}

static void test_no_file_is_no_error(void **state) {
    (void)state;
    fs_preferences p;
    assert_int_equal(fs_preferences_read(&p, scratch_path("absent.json"), NULL), FS_OK);
    check_defaults(&p);
}

static void test_damaged_files_give_defaults_and_one_line(void **state) {
    (void)state;
    static const char *const damaged[] = {"",
                                          "{",
                                          "[]",
                                          "null",
                                          "12",
                                          "\"format\"",
                                          "{\"format\": 2}",
                                          "{\"theme\": \"light\"}",
                                          "\x00\xff\xfe",
                                          "{\"format\": 1, \"theme\": \"light\"",
                                          "{\"format\": \"1\"}"};
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        fs_preferences p;
        fs_error err = {0};
        put_file(scratch_path("settings.json"), damaged[i], strlen(damaged[i]));
        assert_int_equal(fs_preferences_read(&p, scratch_path("settings.json"), &err), FS_ERROR_FORMAT);
        assert_non_null(strstr(err.message, "settings.json"));
        assert_null(strchr(err.message, '\n'));
        check_defaults(&p);
    }
}

static void test_values_out_of_range_are_left_out(void **state) {
    (void)state;
    static const char text[] =
        "{\"format\": 1, \"theme\": \"pink\", \"scale\": 1e300, \"window\": {\"x\": 1e99, \"y\": 3, "
        "\"width\": -5,"
        " \"height\": 900, \"maximised\": 1}, \"models\": [1, \"relative.onnx\", \"/ok.onnx\", {}, \"\"],"
        " \"folders\": {\"a\": \"/b\"}}";
    fs_preferences p;
    put_file(scratch_path("settings.json"), text, sizeof text - 1);
    assert_int_equal(fs_preferences_read(&p, scratch_path("settings.json"), NULL), FS_OK);
    assert_int_equal(p.models.n, 1);
    assert_string_equal(p.models.paths[0], "/ok.onnx");
    p.models.n = 0;
    check_defaults(&p);
}

/* Every prefix of a good file, and every one of its bytes changed: an answer each time. */
static void test_any_bytes_give_an_answer(void **state) {
    (void)state;
    fs_preferences p;
    uint8_t *bytes;
    size_t size;
    fill(&p);
    const char *path = scratch_path("settings.json");
    assert_int_equal(fs_preferences_write(&p, path, NULL), FS_OK);
    assert_int_equal(fs_file_read(&bytes, &size, path, 1 << 20, NULL), FS_OK);
    for (size_t i = 0; i < size; i++) {
        put_file(path, bytes, i);
        (void)fs_preferences_read(&p, path, NULL);
        assert_in_range(p.theme, FS_THEME_SYSTEM, FS_THEME_LIGHT);
        bytes[i] ^= 0x15;
        put_file(path, bytes, size);
        (void)fs_preferences_read(&p, path, NULL);
        assert_true(p.scale == 0 || (p.scale >= 1 && p.scale <= 3));
        assert_in_range(p.models.n, 0, FS_RECENT_COUNT);
        bytes[i] ^= 0x15;
    }
    fs_free(bytes);
}

static void test_short_memory_leaves_the_old_file(void **state) {
    (void)state;
    fs_preferences p, q;
    const char *path = scratch_path("settings.json");
    fill(&p);
    assert_int_equal(fs_preferences_write(&p, path, NULL), FS_OK);
    p.theme = FS_THEME_DARK;
    for (int n = 0;; n++) {
        fail_from(n);
        fs_status status = fs_preferences_write(&p, path, NULL);
        if (!fail_stop())
            break;
        assert_int_not_equal(status, FS_OK);
        assert_int_equal(fs_preferences_read(&q, path, NULL), FS_OK);
        assert_int_equal(q.theme, FS_THEME_LIGHT);
    }
    assert_int_equal(scratch_count(), 1);
}

static void test_recent_files_keep_their_order(void **state) {
    (void)state;
    fs_recent recent = {0};
    char name[32];
    for (int i = 0; i < FS_RECENT_COUNT + 3; i++) {
        snprintf(name, sizeof name, "m%d.onnx", i);
        put_file(scratch_path(name), "x", 1);
        assert_true(fs_recent_add(&recent, scratch_path(name)));
    }
    assert_int_equal(recent.n, FS_RECENT_COUNT);
    assert_true(recent.paths[0][0] == '/'); /* whatever was given */
    assert_non_null(strstr(recent.paths[0], "m10.onnx"));
    assert_non_null(strstr(recent.paths[FS_RECENT_COUNT - 1], "m3.onnx"));
    assert_true(fs_recent_add(&recent, scratch_path("m5.onnx")));
    assert_int_equal(recent.n, FS_RECENT_COUNT);
    assert_non_null(strstr(recent.paths[0], "m5.onnx"));
    assert_non_null(strstr(recent.paths[1], "m10.onnx"));
    for (int i = 1; i < recent.n; i++)
        assert_null(strstr(recent.paths[i], "m5.onnx"));
    assert_false(fs_recent_add(&recent, scratch_path("m5.onnx"))); /* it is the first already */
    assert_false(fs_recent_add(&recent, scratch_path("absent.onnx")));
    assert_false(fs_recent_add(&recent, "builtin:/world.onnx"));
}

static void test_the_folder_is_the_user_s(void **state) {
    (void)state;
    char *path = NULL;
    setenv("XDG_CONFIG_HOME", "/somewhere", 1);
    assert_int_equal(fs_config_folder(&path, NULL), FS_OK);
    assert_string_equal(path, "/somewhere/filterscope");
    fs_free(path);
    setenv("XDG_CONFIG_HOME", "relative", 1);
    setenv("HOME", "/home/a", 1);
    assert_int_equal(fs_config_folder(&path, NULL), FS_OK);
    assert_string_equal(path, "/home/a/.config/filterscope");
    fs_free(path);
    unsetenv("HOME");
    assert_int_equal(fs_config_folder(&path, NULL), FS_ERROR_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_written_is_read, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_no_file_is_no_error, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_damaged_files_give_defaults_and_one_line, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_values_out_of_range_are_left_out, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_any_bytes_give_an_answer, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_short_memory_leaves_the_old_file, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_recent_files_keep_their_order, scratch_setup, scratch_teardown),
        cmocka_unit_test(test_the_folder_is_the_user_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
