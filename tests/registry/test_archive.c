/* Members of zip archives that libzip wrote, and of archives that were damaged afterwards. */
#include "base/helpers.h"

#include <zip.h>

#include "base/file.h"
#include "registry/archive.h"

enum { BIG = 200000, FLIPS = 400 };
static uint8_t big[BIG];

static void add(zip_t *zip, const char *name, const void *bytes, size_t size) {
    zip_source_t *source = zip_source_buffer(zip, bytes, size, 0);
    assert_true(zip_file_add(zip, name, source, ZIP_FL_OVERWRITE) >= 0);
}

static const char *make_zip(void) {
    const char *path = scratch_path("a.zip");
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    assert_non_null(zip);
    for (int i = 0; i < BIG; i++)
        big[i] = (uint8_t)((unsigned)i * (unsigned)i >> 7);
    add(zip, "small.txt", "one\ntwo\n", 8);
    add(zip, "empty", "", 0);
    add(zip, "big.bin", big, BIG);
    add(zip, "../outside", "x", 1);
    assert_int_equal(zip_close(zip), 0);
    return path;
}

static void members_come_out_as_they_went_in(void **state) {
    (void)state;
    fs_archive *archive = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(fs_archive_open(&archive, make_zip(), NULL), FS_OK);
    assert_int_equal(fs_archive_read_all(archive, "big.bin", BIG, &bytes, &size, NULL), FS_OK);
    assert_int_equal(size, BIG);
    assert_memory_equal(bytes, big, BIG);
    fs_free(bytes);
    assert_int_equal(fs_archive_read_all(archive, "small.txt", 100, &bytes, &size, NULL), FS_OK);
    assert_string_equal((char *)bytes, "one\ntwo\n");
    fs_free(bytes);
    assert_int_equal(fs_archive_read_all(archive, "empty", 0, &bytes, &size, NULL), FS_OK);
    assert_int_equal(size, 0);
    fs_free(bytes);
    fs_archive_close(archive);
    fs_archive_close(NULL);
}

static void reads_in_pieces(void **state) {
    (void)state;
    fs_archive *archive = NULL;
    uint8_t piece[777];
    int64_t size = 0;
    size_t done = 0, got = 1;
    assert_int_equal(fs_archive_open(&archive, make_zip(), NULL), FS_OK);
    assert_int_equal(fs_archive_enter(archive, "small.txt", 100, &size, NULL), FS_OK);
    assert_int_equal(fs_archive_enter(archive, "big.bin", BIG, &size, NULL), FS_OK);
    assert_int_equal(size, BIG);
    while (got > 0) {
        assert_int_equal(fs_archive_read(archive, piece, sizeof piece, &got, NULL), FS_OK);
        assert_memory_equal(piece, big + done, got);
        done += got;
    }
    assert_int_equal(done, BIG);
    fs_archive_close(archive);
}

static void absent_and_oversized_members_are_refused(void **state) {
    (void)state;
    fs_archive *archive = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    fs_error err = {0};
    assert_int_equal(fs_archive_open(&archive, make_zip(), NULL), FS_OK);
    assert_int_equal(fs_archive_read_all(archive, "none", 10, &bytes, &size, &err), FS_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "has no 'none'"));
    assert_int_equal(fs_archive_read_all(archive, "big.bin", BIG - 1, &bytes, &size, &err), FS_ERROR_LIMIT);
    assert_int_equal(fs_archive_read_all(archive, "outside", 10, &bytes, &size, &err), FS_ERROR_FORMAT);
    assert_null(bytes);
    fs_archive_close(archive);
}

static void other_files_are_refused(void **state) {
    (void)state;
    fs_archive *archive = NULL;
    fs_error err = {0};
    assert_int_equal(fs_archive_open(&archive, scratch_path("none.zip"), &err), FS_ERROR_IO);
    put_file(scratch_path("text.zip"), "<html>not a zip</html>", 22);
    assert_int_equal(fs_archive_open(&archive, scratch_path("text.zip"), &err), FS_ERROR_FORMAT);
    assert_null(strchr(err.message, '\n'));
    put_file(scratch_path("empty.zip"), "", 0);
    assert_int_equal(fs_archive_open(&archive, scratch_path("empty.zip"), &err), FS_ERROR_FORMAT);
    assert_null(archive);
}

/* Reads what it can; a member that comes out must be the one that went in. */
static void try_reading(const char *path) {
    fs_archive *archive = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (fs_archive_open(&archive, path, NULL) != FS_OK)
        return;
    if (fs_archive_read_all(archive, "big.bin", 2 * BIG, &bytes, &size, NULL) == FS_OK) {
        assert_int_equal(size, BIG);
        assert_memory_equal(bytes, big, BIG);
        fs_free(bytes);
    }
    fs_archive_close(archive);
}

static void damage_is_noticed(void **state) {
    (void)state;
    uint8_t *zip = NULL;
    size_t size = 0;
    assert_int_equal(fs_file_read(&zip, &size, make_zip(), 1 << 20, NULL), FS_OK);
    for (int i = 0; i < FLIPS; i++) { /* the directory is at the end: more of the flips go there */
        const size_t at = i % 2 ? size - 1 - (size_t)i % 300 : (size_t)i * 7919 % size;
        const uint8_t old = zip[at];
        zip[at] = (uint8_t)(old ^ (1 << (i * 5 % 8)));
        put_file(scratch_path("damaged.zip"), zip, size);
        try_reading(scratch_path("damaged.zip"));
        zip[at] = old;
        put_file(scratch_path("damaged.zip"), zip, size * (size_t)i / FLIPS);
        try_reading(scratch_path("damaged.zip"));
    }
    fs_free(zip);
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    const char *path = make_zip();
    for (int n = 0;; n++) {
        fs_archive *archive = NULL;
        uint8_t *bytes = NULL;
        size_t size = 0;
        fail_from(n);
        fs_status status = fs_archive_open(&archive, path, NULL);
        if (status == FS_OK)
            status = fs_archive_read_all(archive, "small.txt", 100, &bytes, &size, NULL);
        const bool refused = fail_stop();
        fs_archive_close(archive);
        fs_free(bytes);
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        if (!refused)
            break;
    }
}

#define SCRATCH_TEST(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(members_come_out_as_they_went_in),
        SCRATCH_TEST(reads_in_pieces),
        SCRATCH_TEST(absent_and_oversized_members_are_refused),
        SCRATCH_TEST(other_files_are_refused),
        SCRATCH_TEST(damage_is_noticed),
        SCRATCH_TEST(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
