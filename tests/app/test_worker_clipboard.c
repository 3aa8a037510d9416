/* Pictures of the clipboard, with a tool of the test's own: pasted, copied, not there, damaged, too many. */
#include "worker_test.h"

#include "app/render_export.h"
#include "app/worker_clipboard.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/helpers.h"
#include "base/image.h"
#include "clipboard_tool.h"

#define MODEL FS_TEST_DATA "/onnx/squeeze.onnx"
#define PICTURE FS_TEST_DATA "/images/rgb.png"

typedef struct desk {
    fixture f;
    char folder[40], offered[64], copied[64];
} desk;

static void begin(desk *d) {
    strcpy(d->folder, "/tmp/filterscope-clip-XXXXXX");
    assert_non_null(mkdtemp(d->folder));
    snprintf(d->offered, sizeof d->offered, "%s/offered", d->folder);
    snprintf(d->copied, sizeof d->copied, "%s/copied", d->folder);
    clipboard_tool_begin(d->folder);
    start(&d->f, MODEL);
}

static void end(desk *d) {
    finish(&d->f);
    clipboard_tool_end(d->folder);
    assert_int_equal(rmdir(d->folder), 0);
}

/* The picture's bytes and then some, so that the files differ. */
static void offer(const desk *d, const char *path, const char *more) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(fs_file_read(&bytes, &size, path, 1 << 20, NULL), FS_OK);
    FILE *file = fopen(d->offered, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_true(fputs(more, file) >= 0);
    assert_int_equal(fclose(file), 0);
    fs_free(bytes);
}

/* The path it gives, or the message. */
static fs_event_kind paste(desk *d, char *text, size_t size) {
    fs_event event;
    const uint64_t generation = fs_worker_paste(d->f.worker);
    assert_true(generation != 0 && poll(&d->f, &event));
    assert_int_equal(event.job_kind, FS_WORKER_CLIPBOARD);
    assert_true(event.generation == generation);
    const fs_event_kind kind = event.kind;
    snprintf(text, size, "%s", kind == FS_EVENT_SAVED ? event.path : event.error.message);
    fs_event_release(&event);
    return kind;
}

static void test_pasting(void **state) {
    (void)state;
    desk d;
    char first[512], text[512];
    fs_image wanted = {0}, got = {0};
    begin(&d);
    offer(&d, PICTURE, "");
    assert_int_equal(paste(&d, first, sizeof first), FS_EVENT_SAVED);
    assert_non_null(strstr(first, "/filterscope/pasted/"));
    assert_int_equal(fs_image_read(&wanted, PICTURE, NULL), FS_OK);
    assert_int_equal(fs_image_read(&got, first, NULL), FS_OK);
    assert_memory_equal(got.pixels, wanted.pixels, (size_t)got.width * (size_t)got.height * 3);
    fs_image_free(&wanted);
    fs_image_free(&got);
    assert_int_equal(paste(&d, text, sizeof text), FS_EVENT_SAVED);
    assert_string_equal(first, text); /* the same picture is the same file */
    offer(&d, FS_TEST_DATA "/images/patches.jpg", "");
    assert_int_equal(paste(&d, text, sizeof text), FS_EVENT_SAVED);
    assert_non_null(strstr(text, ".jpg"));
    end(&d);
}

static void test_what_cannot_be_pasted(void **state) {
    (void)state;
    desk d;
    char text[512];
    begin(&d);
    assert_int_equal(paste(&d, text, sizeof text), FS_EVENT_FAILED); /* the clipboard is empty */
    assert_non_null(strstr(text, "no picture"));
    offer(&d, MODEL, "");
    assert_int_equal(paste(&d, text, sizeof text), FS_EVENT_FAILED);
    assert_non_null(strstr(text, "cannot be read"));
    clipboard_tool_end(d.folder);
    clipboard_tool_none(d.folder);
    assert_int_equal(paste(&d, text, sizeof text), FS_EVENT_FAILED);
    assert_non_null(strstr(text, "xclip"));
    unsetenv("DISPLAY");
    assert_int_equal(paste(&d, text, sizeof text), FS_EVENT_FAILED);
    assert_non_null(strstr(text, "xclip"));
    end(&d);
}

static void test_the_newest_are_kept(void **state) {
    (void)state;
    desk d;
    char text[512], last[512], more[16];
    fs_folder *list = NULL;
    begin(&d);
    for (int i = 0; i < FS_PASTED_KEPT + 3; i++) {
        snprintf(more, sizeof more, "%d", i);
        offer(&d, PICTURE, more);
        assert_int_equal(paste(&d, last, sizeof last), FS_EVENT_SAVED);
    }
    assert_true(fs_file_exists(last));
    snprintf(text, sizeof text, "%.*s", (int)(fs_path_base(last) - last), last);
    assert_int_equal(fs_folder_list(&list, text, NULL), FS_OK);
    assert_int_equal(list->n_files, FS_PASTED_KEPT);
    fs_folder_destroy(list);
    end(&d);
}

/* What arrives is what an export would have written; nothing of it stays behind. */
static void test_copying(void **state) {
    (void)state;
    desk d;
    fs_event event;
    char *model = NULL, folder[512];
    fs_render_settings settings;
    begin(&d);
    fs_export_request request = {.model = d.f.model, .picture = fs_picture_create()};
    assert_int_equal(fs_image_create(&request.picture->image, 8, 8, 3, NULL), FS_OK);
    fs_options_defaults(fs_render_options, &request.settings);
    strcpy(request.settings.layer, "features.0");
    request.settings.channel = 1;
    assert_true(fs_worker_copy(d.f.worker, &request) > 0 && poll(&d.f, &event));
    assert_int_equal(event.kind, FS_EVENT_DONE);
    fs_event_release(&event);
    assert_int_equal(fs_render_import(&settings, &model, d.copied, NULL), FS_OK);
    assert_int_equal(settings.channel, 1);
    snprintf(folder, sizeof folder, "%s/filterscope/copied", getenv("XDG_CACHE_HOME"));
    assert_int_equal(rmdir(folder), 0); /* it is empty */
    clipboard_tool_end(d.folder);
    clipboard_tool_none(d.folder);
    assert_true(fs_worker_copy(d.f.worker, &request) > 0 && poll(&d.f, &event));
    assert_int_equal(event.kind, FS_EVENT_FAILED);
    assert_non_null(strstr(event.error.message, "xclip"));
    fs_event_release(&event);
    fs_free(model);
    fs_picture_release(request.picture);
    end(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pasting),
        cmocka_unit_test(test_what_cannot_be_pasted),
        cmocka_unit_test(test_the_newest_are_kept),
        cmocka_unit_test(test_copying),
    };
    return cmocka_run_group_tests(tests, cache_setup, cache_teardown);
}
