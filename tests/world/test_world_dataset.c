/* The folder of pictures: layout, the same bytes whatever the threads, resuming, refusals and a full disk. */
#include "base/helpers.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/hash.h"
#include "world/dataset.h"

enum { N = 29, SIZE = 32 };

static fs_world_dataset wanted(const char *name) {
    return (fs_world_dataset){
        .folder = scratch_path(name), .n = N, .seed = 4, .set = FS_WORLD_B, .size = SIZE, .split = 0.7};
}

static void write_ok(const fs_world_dataset *d, fs_pool *pool) {
    fs_error err = {0};
    if (fs_world_dataset_write(d, pool, NULL, &err) != FS_OK)
        fail_msg("%s", err.message);
}

static void remove_tree(const char *path) {
    char command[600];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    assert_int_equal(system(command), 0);
}

/* Of all files' names and bytes; names are sorted. */
static uint64_t hash_of(const char *path, int *n_files) {
    fs_folder *folder = NULL;
    uint64_t hash = FS_HASH_START;
    assert_int_equal(fs_folder_list(&folder, path, NULL), FS_OK);
    for (int i = 0; i < folder->n_files; i++) {
        uint8_t *bytes = NULL;
        size_t size = 0;
        assert_int_equal(fs_file_read(&bytes, &size, folder->files[i].path, 1 << 20, NULL), FS_OK);
        hash = fs_hash_bytes(fs_hash_text(hash, folder->files[i].name), bytes, size);
        fs_free(bytes);
    }
    *n_files = folder->n_files;
    fs_folder_destroy(folder);
    return hash;
}

static cJSON *read_json(const char *folder, const char *name) {
    char path[512];
    uint8_t *bytes = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(fs_file_read(&bytes, &size, path, 1 << 20, NULL), FS_OK);
    cJSON *root = cJSON_Parse((const char *)bytes);
    fs_free(bytes);
    assert_non_null(root);
    assert_int_equal(cJSON_GetObjectItem(root, "format")->valueint, 1);
    return root;
}

static void test_layout(void **state) {
    (void)state;
    const fs_world_dataset d = wanted("layout");
    int n_files = 0, train = 0, val = 0;
    char path[512];
    write_ok(&d, NULL);
    hash_of(d.folder, &n_files);
    assert_int_equal(n_files, 4 * N);
    cJSON *index = read_json(d.folder, "index.json"), *entry;
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(index, "complete")));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(index, "classes")), fs_world_classes(FS_WORLD_B));
    cJSON_ArrayForEach(entry, cJSON_GetObjectItem(index, "classes")) {
        train += cJSON_GetObjectItem(entry, "train")->valueint;
        val += cJSON_GetObjectItem(entry, "val")->valueint;
    }
    assert_int_equal(train, 20); /* 0.7 of 29 */
    assert_int_equal(val, 9);
    for (int i = 0; i < N; i++) {
        snprintf(path, sizeof path, "%s/%s/%s/%05d.png", d.folder, i < 20 ? "train" : "val",
                 fs_world_class_name(FS_WORLD_B, i % 6), i);
        assert_true(fs_file_exists(path));
    }
    cJSON_Delete(index);
    cJSON *concepts = read_json(d.folder, "concepts.json");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(concepts, "parts")),
                     fs_world_labels(FS_WORLD_PARTS));
    assert_string_equal(
        cJSON_GetArrayItem(cJSON_GetObjectItem(concepts, "classes"), fs_world_clutter_label())->valuestring,
        "clutter");
    cJSON_Delete(concepts);
    remove_tree(d.folder);
}

/* What is on disk is what a trainer gets in memory, labels as grey values. */
static void test_files_are_the_pictures(void **state) {
    (void)state;
    const fs_world_dataset d = wanted("same");
    const fs_world_request request = {d.seed, 7, d.set, d.size, true};
    fs_world_picture picture;
    fs_image image, mask;
    char path[512];
    write_ok(&d, NULL);
    assert_int_equal(fs_world_draw(&picture, &request, NULL), FS_OK);
    snprintf(path, sizeof path, "%s/train/lighthouse/00007.png", d.folder);
    assert_int_equal(fs_image_read(&image, path, NULL), FS_OK);
    assert_memory_equal(image.pixels, picture.image.pixels, (size_t)SIZE * SIZE * 3);
    snprintf(path, sizeof path, "%s/masks/parts/lighthouse/00007.png", d.folder);
    assert_int_equal(fs_image_read(&mask, path, NULL), FS_OK);
    for (int i = 0; i < SIZE * SIZE; i++)
        assert_int_equal(mask.pixels[3 * i], picture.parts.pixels[i]);
    fs_image_free(&image);
    fs_image_free(&mask);
    fs_world_picture_free(&picture);
    remove_tree(d.folder);
}

static void test_threads_and_resume(void **state) {
    (void)state;
    fs_world_dataset d = wanted("one"), e = wanted("three");
    fs_pool *pool = NULL;
    int n_files = 0;
    char path[512];
    assert_int_equal(fs_pool_create(&pool, 3, NULL), FS_OK);
    write_ok(&d, NULL);
    write_ok(&e, pool);
    const uint64_t hash = hash_of(d.folder, &n_files);
    assert_true(hash_of(e.folder, &n_files) == hash);
    snprintf(path, sizeof path, "%s/train/ladybird/00006.png", e.folder);
    assert_int_equal(unlink(path), 0);
    e.resume = true;
    write_ok(&e, pool);
    assert_true(hash_of(e.folder, &n_files) == hash);
    remove_tree(d.folder);
    remove_tree(e.folder);
    fs_pool_destroy(pool);
}

static void expect_refusal(const fs_world_dataset *d, const char *part) {
    fs_error err = {0};
    assert_int_not_equal(fs_world_dataset_write(d, NULL, NULL, &err), FS_OK);
    if (strstr(err.message, part) == NULL)
        fail_msg("'%s' says nothing of '%s'", err.message, part);
}

static void test_refusals(void **state) {
    (void)state;
    fs_world_dataset d = wanted("refused");
    write_ok(&d, NULL);
    expect_refusal(&d, "not empty");
    d.resume = true;
    d.seed++;
    expect_refusal(&d, "other settings");
    d.seed--;
    d.split = 0.5;
    expect_refusal(&d, "other settings");
    remove_tree(d.folder);
    d = wanted("bad");
    d.n = 0;
    expect_refusal(&d, "1 to");
    d = wanted("bad");
    d.split = (double)NAN;
    expect_refusal(&d, "training");
    d = wanted("bad");
    d.size = 1 << 20;
    expect_refusal(&d, "pixels a side");
    assert_int_equal(scratch_count(), 0);
}

/* A folder that is somebody else's, or no folder. */
static void test_foreign_folders(void **state) {
    (void)state;
    fs_world_dataset d = wanted("foreign");
    put_file(d.folder, "text", 4);
    expect_refusal(&d, "foreign");
    d.resume = true;
    expect_refusal(&d, "foreign");
    assert_int_equal(unlink(d.folder), 0);
    char path[512];
    assert_int_equal(mkdir(d.folder, 0700), 0);
    snprintf(path, sizeof path, "%s/index.json", d.folder);
    expect_refusal((d.resume = true, put_file(path, "{\"format\": 1}\n", 14), &d), "other settings");
    remove_tree(d.folder);
}

/* A file where a folder should be: the disk refuses. */
static void test_disk_errors(void **state) {
    (void)state;
    fs_world_dataset d = wanted("broken");
    char path[512];
    write_ok(&d, NULL);
    d.resume = true;
    snprintf(path, sizeof path, "%s/val/owl", d.folder);
    remove_tree(path);
    put_file(path, "x", 1);
    expect_refusal(&d, "owl");
    remove_tree(path);
    write_ok(&d, NULL);
    snprintf(path, sizeof path, "%s/train/owl/00003.png", d.folder);
    assert_int_equal(unlink(path), 0);
    snprintf(path, sizeof path, "%s/masks/parts/owl/00003.png", d.folder);
    remove_tree(path);
    assert_int_equal(mkdir(path, 0700), 0); /* a folder under the name of a mask */
    expect_refusal(&d, "00003.png");
    cJSON *index = read_json(d.folder, "index.json");
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(index, "complete")));
    cJSON_Delete(index);
    remove_tree(d.folder);
}

static void test_cancelled(void **state) {
    (void)state;
    fs_world_dataset d = wanted("cancelled");
    atomic_bool cancel = true;
    const fs_progress progress = {.cancel = &cancel};
    fs_error err = {0};
    int n_files = 0;
    assert_int_equal(fs_world_dataset_write(&d, NULL, &progress, &err), FS_ERROR_CANCELLED);
    d.resume = true;
    write_ok(&d, NULL);
    hash_of(d.folder, &n_files);
    assert_int_equal(n_files, 4 * N);
    remove_tree(d.folder);
}

static void test_without_masks_and_large_seed(void **state) {
    (void)state;
    fs_world_dataset d = wanted("plain");
    int n_files = 0;
    d.no_masks = true;
    d.seed = UINT64_MAX;
    d.split = 1;
    write_ok(&d, NULL);
    hash_of(d.folder, &n_files);
    assert_int_equal(n_files, N);
    cJSON *index = read_json(d.folder, "index.json");
    assert_string_equal(cJSON_GetObjectItem(index, "seed")->valuestring, "18446744073709551615");
    cJSON_Delete(index);
    remove_tree(d.folder);
}

static void test_short_of_memory(void **state) {
    (void)state;
    for (int allowed = 0;; allowed += allowed < 40 ? 1 : 97) {
        fs_world_dataset d = wanted("memory");
        d.n = 3;
        fail_from(allowed);
        const fs_status status = fs_world_dataset_write(&d, NULL, NULL, NULL);
        const bool refused = fail_stop();
        remove_tree(d.folder);
        if (!refused) {
            assert_int_equal(status, FS_OK);
            return;
        }
        assert_int_equal(status, FS_ERROR_MEMORY);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_layout),
                                       cmocka_unit_test(test_files_are_the_pictures),
                                       cmocka_unit_test(test_threads_and_resume),
                                       cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_foreign_folders),
                                       cmocka_unit_test(test_disk_errors),
                                       cmocka_unit_test(test_cancelled),
                                       cmocka_unit_test(test_without_masks_and_large_seed),
                                       cmocka_unit_test(test_short_of_memory)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
