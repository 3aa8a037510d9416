/* Pictures that remember how they were made. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/render_export.h"
#include "base/alloc.h"

static char folder[] = FS_SCRATCH "/filterscope-export-XXXXXX";
static char path[128];

static int make_folder(void **state) {
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/p.png", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static fs_render_settings some_settings(void) {
    fs_render_settings settings;
    memset(&settings, 0, sizeof settings);
    fs_options_defaults(fs_render_options, &settings);
    snprintf(settings.layer, sizeof settings.layer, "features.\u00e9/8");
    settings.channel = 17;
    settings.steps = 33;
    settings.size = 48;
    settings.rate = 0.1 + 1e-17;
    settings.seed = UINT64_MAX;
    return settings;
}

static void test_round_trip(void **state) {
    (void)state;
    fs_model model = {.path = "models/a b \u00fc.onnx"};
    fs_render_settings settings = some_settings(), read;
    fs_image image = {0};
    assert_int_equal(fs_image_create(&image, 48, 48, 3, NULL), FS_OK);
    assert_int_equal(fs_render_export(&model, &settings, &image, path, NULL), FS_OK);
    assert_string_equal(settings.transforms, "auto"); /* the file says what that was */
    assert_int_equal(fs_render_resolve(&settings, NULL), FS_OK);
    char *name = NULL;
    memset(&read, 0, sizeof read);
    assert_int_equal(fs_render_import(&read, &name, path, NULL), FS_OK);
    assert_string_equal(name, model.path);
    for (const fs_option *option = fs_render_options; option->name != NULL; option++) {
        char before[FS_OPTION_VALUE_SIZE], after[FS_OPTION_VALUE_SIZE];
        assert_string_equal(fs_option_format(option, &settings, before),
                            fs_option_format(option, &read, after));
    }
    assert_true(read.rate == settings.rate);
    assert_int_equal(read.seed, UINT64_MAX);
    char *software = NULL;
    assert_int_equal(fs_image_read_png_text(&software, path, "Software", NULL), FS_OK);
    assert_string_equal(software, "filterscope " FS_VERSION);
    fs_free(software);
    fs_free(name);
    fs_image_free(&image);
}

static void write_with(const char *keyword, const char *text) {
    fs_image image = {0};
    fs_image_text chunk = {keyword, text};
    assert_int_equal(fs_image_create(&image, 2, 2, 3, NULL), FS_OK);
    assert_int_equal(fs_image_write_png(&image, path, &chunk, 1, NULL), FS_OK);
    fs_image_free(&image);
}

static void test_foreign_and_broken_files(void **state) {
    (void)state;
    fs_render_settings settings;
    memset(&settings, 7, sizeof settings);
    fs_render_settings untouched = settings;
    char *name = NULL;
    fs_error err = {0};
    write_with("Comment", "a holiday");
    assert_int_equal(fs_render_import(&settings, &name, path, &err), FS_ERROR_FORMAT);
    write_with("filterscope:steps", "many");
    assert_int_not_equal(fs_render_import(&settings, &name, path, &err), FS_OK);
    assert_non_null(strstr(err.message, path));
    assert_non_null(strstr(err.message, "steps"));
    write_with("filterscope:steps", "-4");
    assert_int_not_equal(fs_render_import(&settings, &name, path, &err), FS_OK);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("not a picture", file);
    fclose(file);
    assert_int_not_equal(fs_render_import(&settings, &name, path, &err), FS_OK);
    assert_memory_equal(&settings, &untouched, sizeof settings);
    assert_null(name);
}

static void test_origin(void **state) {
    (void)state;
    fs_model model = {.path = "m.onnx"};
    fs_render_settings settings = some_settings();
    fs_render_origin origin = {.threads = 3, .objective = 0.1 + 1e-17}, read;
    fs_image image = {0};
    assert_int_equal(fs_image_create(&image, 48, 48, 3, NULL), FS_OK);
    assert_int_equal(fs_render_export_with(&model, &settings, &origin, &image, path, NULL), FS_OK);
    assert_int_equal(fs_render_import_origin(&read, path, NULL), FS_OK);
    assert_true(read.threads == 3 && read.objective == origin.objective);
    assert_int_equal(fs_render_export(&model, &settings, &image, path, NULL), FS_OK);
    assert_int_equal(fs_render_import_origin(&read, path, NULL), FS_OK);
    assert_true(read.threads == 0 && isnan(read.objective));
    static const char *const bad[] = {"0", "-1", "1.5", "1e9", "many", "nan", ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_with("filterscope:threads", bad[i]);
        assert_int_equal(fs_render_import_origin(&read, path, NULL), FS_OK);
        assert_int_equal(read.threads, 0);
    }
    fs_image_free(&image);
}

static void test_missing_options_get_defaults(void **state) {
    (void)state;
    fs_render_settings settings, defaults;
    memset(&defaults, 0, sizeof defaults);
    fs_options_defaults(fs_render_options, &defaults);
    char *name = NULL;
    write_with("filterscope:channel", "9");
    assert_int_equal(fs_render_import(&settings, &name, path, NULL), FS_OK);
    assert_int_equal(settings.channel, 9);
    assert_int_equal(settings.steps, defaults.steps);
    assert_null(name);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_origin),
        cmocka_unit_test(test_foreign_and_broken_files),
        cmocka_unit_test(test_missing_options_get_defaults),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
