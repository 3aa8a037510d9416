/* Exports that fill a folder: the command's files, cancelled with nothing half written, another name where
 * the folder is taken. */
#include <dirent.h>

#include "../base/helpers.h"
#include "app/worker_folder.h"
#include "base/file.h"
#include "base/progress.h"
#include "worker_test.h"

static uint64_t ask(fixture *f, fs_folder_kind what, const char *folder) {
    const fs_folder_request request = {
        .model = f->model, .what = what, .layer = 0, .folder = folder, .seed = 3};
    uint64_t generation = fs_worker_fill_folder(f->worker, &request);
    assert_true(generation > 0);
    return generation;
}

/* Waits for the end; the folder (fs_free) or NULL with the reason. stop: as soon as something has been done.
 */
static char *wait_for_folder(fixture *f, uint64_t generation, bool stop, fs_error *why) {
    fs_event event;
    char *path = NULL;
    bool over = false;
    while (!over && poll(f, &event)) {
        assert_int_equal(event.job_kind, FS_WORKER_FOLDER);
        assert_int_equal(event.generation, generation);
        if (event.kind == FS_EVENT_PROGRESS && stop)
            fs_worker_stop_folders(f->worker);
        if (event.kind == FS_EVENT_SAVED)
            path = fs_strdup(event.path);
        *why = event.error;
        over = event.kind != FS_EVENT_PROGRESS;
        fs_event_release(&event);
    }
    return path;
}

static bool has(const char *folder, const char *name) {
    char path[2048];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return fs_file_exists(path);
}

/* Removes what is below; tells of anything under a temporary name or empty. */
static int clear_folder(const char *path) {
    int odd = 0;
    DIR *folder = opendir(path);
    assert_non_null(folder);
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        char inner[4096];
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        odd += entry->d_name[0] == '.' || strstr(entry->d_name, ".tmp") != NULL;
        if (unlink(inner) != 0)
            odd += clear_folder(inner);
    }
    closedir(folder);
    rmdir(path);
    return odd;
}

static void test_an_atlas_of_a_layer(void **state) {
    (void)state;
    fixture f;
    fs_error why = {0};
    char folder[512];
    snprintf(folder, sizeof folder, "%s", scratch_path("atlas"));
    start(&f, FS_TEST_DATA "/onnx/gabors.onnx");
    char *path = wait_for_folder(&f, ask(&f, FS_FOLDER_ATLAS_LAYER, folder), false, &why);
    if (path == NULL)
        fail_msg("%s", why.message);
    assert_string_equal(path, folder);
    assert_true(has(folder, "index.json"));
    assert_true(has(folder, "conv1/0007.png") && has(folder, "conv1/sheet-001.png"));
    assert_true(has(folder, "conv1.pdf"));
    fs_free(path);
    /* Once more: it is whole already and stays where it is. */
    path = wait_for_folder(&f, ask(&f, FS_FOLDER_ATLAS_LAYER, folder), false, &why);
    assert_string_equal(path, folder);
    fs_free(path);
    finish(&f);
    assert_int_equal(clear_folder(folder), 0);
}

static void test_a_stopped_atlas_leaves_whole_files(void **state) {
    (void)state;
    fixture f;
    fs_error why = {0};
    char folder[512];
    snprintf(folder, sizeof folder, "%s", scratch_path("atlas"));
    start(&f, FS_TEST_DATA "/onnx/gabors.onnx");
    char *path = wait_for_folder(&f, ask(&f, FS_FOLDER_ATLAS_NETWORK, folder), true, &why);
    assert_null(path);
    assert_int_equal(why.code, FS_ERROR_CANCELLED);
    assert_false(has(folder, "conv1.pdf") || has(folder, "overview.pdf"));
    finish(&f);
    assert_int_equal(clear_folder(folder), 0);
}

static void test_a_gabor_report_takes_a_free_name(void **state) {
    (void)state;
    fixture f;
    fs_error why = {0};
    char folder[512], second[1024];
    snprintf(folder, sizeof folder, "%s", scratch_path("gabor"));
    snprintf(second, sizeof second, "%s-2", folder);
    assert_int_equal(fs_make_folder(folder, NULL), FS_OK);
    start(&f, FS_TEST_DATA "/onnx/gabors.onnx");
    char *path = wait_for_folder(&f, ask(&f, FS_FOLDER_GABOR, folder), false, &why);
    if (path == NULL)
        fail_msg("%s", why.message);
    assert_string_equal(path, second);
    assert_true(has(second, "report.pdf") && has(second, "report.html") && has(second, "fits.json"));
    assert_true(has(second, "kernels/007.png"));
    fs_free(path);
    finish(&f);
    assert_int_equal(clear_folder(second), 0);
    assert_int_equal(clear_folder(folder), 0);
}

/* The owner goes away while something is exported: at once, and with nothing half written. */
static void test_leaving_in_the_middle(void **state) {
    (void)state;
    fixture f;
    fs_event event;
    char folder[512];
    snprintf(folder, sizeof folder, "%s", scratch_path("atlas"));
    start(&f, FS_TEST_DATA "/onnx/gabors.onnx");
    (void)ask(&f, FS_FOLDER_ATLAS_NETWORK, folder);
    (void)ask(&f, FS_FOLDER_GABOR, folder); /* waits */
    assert_true(poll(&f, &event));
    assert_int_equal(event.kind, FS_EVENT_PROGRESS);
    fs_event_release(&event);
    finish(&f);
    assert_false(has(folder, "overview.pdf"));
    assert_int_equal(clear_folder(folder), 0);
}

static void test_a_failure_says_what(void **state) {
    (void)state;
    fixture f;
    fs_error why = {0};
    start(&f, FS_TEST_DATA "/onnx/gabors.onnx");
    put_file(scratch_path("file"), "x", 1);
    char *path = wait_for_folder(&f, ask(&f, FS_FOLDER_GABOR, scratch_path("file/inside")), false, &why);
    assert_null(path);
    assert_int_not_equal(why.code, FS_ERROR_CANCELLED);
    assert_non_null(strstr(why.message, "file"));
    finish(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_an_atlas_of_a_layer, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_a_stopped_atlas_leaves_whole_files, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_a_gabor_report_takes_a_free_name, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_leaving_in_the_middle, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_a_failure_says_what, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
