#include "helpers.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/builtin.h"
#include "base/file.h"

static void check_content(const char *path, const char *expected) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(fs_file_read(&bytes, &size, path, 1000, NULL), FS_OK);
    assert_int_equal(size, strlen(expected));
    assert_string_equal((char *)bytes, expected);
    fs_free(bytes);
}

static void reads_back_what_was_written(void **state) {
    (void)state;
    const char *path = scratch_path("a.txt");
    assert_false(fs_file_exists(path));
    assert_int_equal(fs_file_write(path, "hello", 5, NULL), FS_OK);
    assert_true(fs_file_exists(path));
    check_content(path, "hello");
    assert_int_equal(fs_file_write(path, NULL, 0, NULL), FS_OK);
    check_content(path, "");
    assert_int_equal(scratch_count(), 1);
}

static void reading_reports_errors(void **state) {
    (void)state;
    uint8_t *bytes = NULL;
    size_t size = 77;
    fs_error err = {0};
    const char *path = scratch_path("a.txt"), *pipe_path = scratch_path("fifo");
    assert_int_equal(fs_file_read(&bytes, &size, path, 10, &err), FS_ERROR_IO);
    assert_non_null(strstr(err.message, "a.txt: No such file or directory"));
    put_file(path, "0123456789", 10);
    assert_int_equal(fs_file_read(&bytes, &size, path, 9, &err), FS_ERROR_LIMIT);
    assert_int_equal(fs_file_read(&bytes, &size, ".", 10, &err), FS_ERROR_IO);
    assert_non_null(strstr(err.message, "Is a directory"));
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_int_equal(fs_file_read(&bytes, &size, pipe_path, 10, &err), FS_ERROR_IO);
    fail_from(0);
    assert_int_equal(fs_file_read(&bytes, &size, path, 10, &err), FS_ERROR_MEMORY);
    fail_stop();
    assert_null(bytes);
    assert_int_equal(size, 77);
}

static void pieces_are_the_bytes_of_the_file(void **state) {
    (void)state;
    enum { SIZE = 300000 }; /* several windows */
    const char *path = scratch_path("a.bin");
    uint8_t *bytes = malloc(SIZE), *piece = malloc(SIZE);
    for (int i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    put_file(path, bytes, SIZE);
    fs_file_reader *reader = NULL;
    fs_error err = {0};
    assert_int_equal(fs_file_reader_create(&reader, path, SIZE, &err), FS_OK);
    assert_int_equal(fs_file_reader_size(reader), SIZE);
    static const size_t sizes[] = {0, 1, 10, 4096, 40000, SIZE};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t at = 0; at + sizes[s] <= SIZE; at += 9973) {
            assert_int_equal(fs_file_reader_read(reader, at, piece, sizes[s], &err), FS_OK);
            assert_memory_equal(piece, bytes + at, sizes[s]);
        }
    assert_int_equal(fs_file_reader_read(reader, SIZE - 3, piece, 4, &err), FS_ERROR_IO);
    assert_int_equal(fs_file_reader_read(reader, 1, piece, SIZE, &err), FS_ERROR_IO);
    assert_int_equal(fs_file_reader_read(reader, SIZE + 100, piece, 1, &err), FS_ERROR_IO);
    put_file(path, bytes, 200000); /* shrinks while it is open */
    assert_int_equal(fs_file_reader_read(reader, 250000, piece, 10, &err), FS_ERROR_IO);
    assert_non_null(strstr(err.message, "a.bin: the file ends"));
    fs_file_reader_destroy(reader);
    fs_file_reader_destroy(NULL);
    free(bytes);
    free(piece);
}

static void readers_report_errors(void **state) {
    (void)state;
    fs_file_reader *reader = NULL;
    const char *path = scratch_path("a.bin");
    assert_int_equal(fs_file_reader_create(&reader, path, 10, NULL), FS_ERROR_IO);
    put_file(path, "0123456789", 10);
    assert_int_equal(fs_file_reader_create(&reader, path, 9, NULL), FS_ERROR_LIMIT);
    for (int allocation = 0; allocation < 2; allocation++) {
        fail_from(allocation);
        assert_int_equal(fs_file_reader_create(&reader, path, 10, NULL), FS_ERROR_MEMORY);
        assert_true(fail_stop());
    }
    assert_null(reader);
}

static void old_file_stays_until_commit(void **state) {
    (void)state;
    const char *path = scratch_path("a.txt");
    fs_file_writer *writer = NULL;
    put_file(path, "old", 3);
    assert_int_equal(fs_file_writer_create(&writer, path, NULL), FS_OK);
    fputs("new", fs_file_writer_stream(writer));
    fflush(fs_file_writer_stream(writer));
    check_content(path, "old");
    fs_file_writer_abandon(writer);
    check_content(path, "old");
    assert_int_equal(scratch_count(), 1);
    assert_int_equal(fs_file_writer_create(&writer, path, NULL), FS_OK);
    fputs("new", fs_file_writer_stream(writer));
    assert_int_equal(fs_file_writer_commit(writer, NULL), FS_OK);
    check_content(path, "new");
    assert_int_equal(scratch_count(), 1);
    fs_file_writer_abandon(NULL);
}

static int mode_of(const char *path) {
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return (int)(info.st_mode & 0777);
}

static void permissions_follow_umask_or_the_old_file(void **state) {
    (void)state;
    const char *path = scratch_path("a.txt");
    mode_t before = umask(027);
    assert_int_equal(fs_file_write(path, "x", 1, NULL), FS_OK);
    umask(before);
    assert_int_equal(mode_of(path), 0640);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(fs_file_write(path, "y", 1, NULL), FS_OK);
    assert_int_equal(mode_of(path), 0600);
}

static void links_stay_links(void **state) {
    (void)state;
    const char *path = scratch_path("a.txt"), *link_path = scratch_path("link");
    put_file(path, "old", 3);
    assert_int_equal(symlink("a.txt", link_path), 0);
    assert_int_equal(fs_file_write(link_path, "new", 3, NULL), FS_OK);
    struct stat info;
    assert_int_equal(lstat(link_path, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    check_content(path, "new");
}

static void pipes_and_devices_are_written_directly(void **state) {
    (void)state;
    const char *path = scratch_path("fifo");
    char got[8] = {0};
    assert_int_equal(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    assert_int_equal(fs_file_write(path, "hello", 5, NULL), FS_OK);
    assert_int_equal(read(reader, got, sizeof got), 5);
    assert_string_equal(got, "hello");
    close(reader);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_true(S_ISFIFO(info.st_mode));
    assert_int_equal(fs_file_write("/dev/null", "x", 1, NULL), FS_OK);
    assert_int_equal(scratch_count(), 1);
}

static void open_descriptors_are_appended_to(void **state) {
    (void)state;
    const char *path = scratch_path("out.txt");
    char name[64];
    put_file(path, "start ", 6);
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_true(fd >= 0);
    snprintf(name, sizeof name, "/dev/fd/%d", fd);
    assert_int_equal(fs_file_write(name, "end", 3, NULL), FS_OK);
    close(fd);
    check_content(path, "start end");
}

static void full_disks_are_reported(void **state) {
    (void)state;
    fs_error err = {0};
    char block[20000] = {0};
    if (!fs_file_exists("/dev/full"))
        skip();
    assert_int_equal(fs_file_write("/dev/full", "x", 1, &err), FS_ERROR_IO);
    assert_string_equal(err.message, "/dev/full: No space left on device");
    assert_int_equal(fs_file_write("/dev/full", block, sizeof block, &err), FS_ERROR_IO);
    assert_string_equal(err.message, "/dev/full: No space left on device");
}

static void writing_reports_errors(void **state) {
    (void)state;
    fs_error err = {0};
    fs_file_writer *writer = NULL;
    assert_int_equal(fs_file_writer_create(&writer, "", &err), FS_ERROR_ARGUMENT);
    assert_int_equal(fs_file_writer_create(&writer, ".", &err), FS_ERROR_IO);
    assert_int_equal(fs_file_writer_create(&writer, scratch_path("new/"), &err), FS_ERROR_IO);
    assert_int_equal(fs_file_writer_create(&writer, scratch_path("none/a.txt"), &err), FS_ERROR_IO);
    assert_non_null(strstr(err.message, "none/a.txt: No such file or directory"));
    for (int n = 0;; n++) {
        fail_from(n);
        fs_status status = fs_file_write(scratch_path("a.txt"), "x", 1, &err);
        if (!fail_stop()) {
            assert_int_equal(status, FS_OK);
            break;
        }
        assert_int_equal(status, FS_ERROR_MEMORY);
        assert_int_equal(scratch_count(), 0);
    }
    assert_null(writer);
}

static void longest_names_can_be_written(void **state) {
    (void)state;
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    assert_int_equal(fs_file_write(scratch_path(name), "x", 1, NULL), FS_OK);
}

static void folders_are_made_with_parents(void **state) {
    (void)state;
    fs_error err = {0};
    assert_int_equal(fs_make_folder(scratch_path("a//b/c/"), &err), FS_OK);
    assert_int_equal(fs_make_folder(scratch_path("a/b/c"), &err), FS_OK);
    put_file(scratch_path("a/b/c/file"), "x", 1);
    assert_int_equal(fs_make_folder(scratch_path("a/b/c/file"), &err), FS_ERROR_IO);
    assert_int_equal(fs_make_folder(scratch_path("a/b/c/file/d"), &err), FS_ERROR_IO);
    assert_non_null(strstr(err.message, "Not a directory"));
    assert_int_equal(fs_make_folder("", &err), FS_ERROR_ARGUMENT);
    assert_int_equal(fs_make_folder("/", &err), FS_OK);
    const char *made[] = {"a/b/c/file", "a/b/c", "a/b", "a"};
    for (int i = 0; i < 4; i++)
        assert_int_equal(remove(scratch_path(made[i])), 0);
}

static void check_path(char *path, const char *expected) {
    assert_string_equal(path, expected);
    fs_free(path);
}

static void paths_are_taken_apart(void **state) {
    (void)state;
    assert_string_equal(fs_path_base("dir/name.ext"), "name.ext");
    assert_string_equal(fs_path_base("name"), "name");
    assert_string_equal(fs_path_base("dir/"), "");
    check_path(fs_path_with_extension("a/b.onnx", ".json"), "a/b.json");
    check_path(fs_path_with_extension("a.b/c", ".json"), "a.b/c.json");
    check_path(fs_path_with_extension("a/.hidden", ".json"), "a/.hidden.json");
    check_path(fs_path_with_extension("x.tar.gz", ""), "x.tar");
    check_path(fs_path_beside("a/b.onnx", "labels.txt"), "a/labels.txt");
    check_path(fs_path_beside("b.onnx", "labels.txt"), "labels.txt");
    check_path(fs_path_beside("/b.onnx", "labels.txt"), "/labels.txt");
}

#define SCRATCH_TEST(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

/* The program's own files, whole and in pieces. */
static void builtin_files_are_read(void **state) {
    (void)state;
    fs_error err = {0};
    for (const fs_builtin_file *file = fs_builtin_files; file->name; file++) {
        char path[256];
        uint8_t *bytes = NULL, last;
        size_t size = 0;
        const size_t wanted = (size_t)(file->end - file->bytes);
        snprintf(path, sizeof path, FS_BUILTIN_PREFIX "%s", file->name);
        assert_true(fs_file_exists(path));
        assert_int_equal(fs_file_read(&bytes, &size, path, wanted, &err), FS_OK);
        assert_int_equal(size, wanted);
        assert_memory_equal(bytes, file->bytes, size);
        assert_int_equal(bytes[size], 0);
        fs_free(bytes);
        assert_int_equal(fs_file_read(&bytes, &size, path, wanted - 1, &err), FS_ERROR_LIMIT);
        fs_file_reader *reader = NULL;
        assert_int_equal(fs_file_reader_create(&reader, path, wanted, &err), FS_OK);
        assert_int_equal(fs_file_reader_read(reader, wanted - 1, &last, 1, &err), FS_OK);
        assert_int_equal(last, file->end[-1]);
        assert_int_equal(fs_file_reader_read(reader, wanted, &last, 1, &err), FS_ERROR_IO);
        fs_file_reader_destroy(reader);
    }
    assert_false(fs_file_exists(FS_BUILTIN_PREFIX "nothing"));
    assert_false(fs_file_exists(FS_BUILTIN_PREFIX));
    uint8_t *bytes = NULL;
    size_t size;
    assert_int_equal(fs_file_read(&bytes, &size, FS_BUILTIN_PREFIX "../etc/passwd", 10, &err), FS_ERROR_IO);
    assert_int_equal(fs_file_write(FS_BUILTIN_PREFIX "new", "x", 1, &err), FS_ERROR_IO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(reads_back_what_was_written),
        SCRATCH_TEST(reading_reports_errors),
        SCRATCH_TEST(pieces_are_the_bytes_of_the_file),
        SCRATCH_TEST(readers_report_errors),
        SCRATCH_TEST(old_file_stays_until_commit),
        SCRATCH_TEST(permissions_follow_umask_or_the_old_file),
        SCRATCH_TEST(links_stay_links),
        SCRATCH_TEST(pipes_and_devices_are_written_directly),
        SCRATCH_TEST(open_descriptors_are_appended_to),
        SCRATCH_TEST(full_disks_are_reported),
        SCRATCH_TEST(writing_reports_errors),
        SCRATCH_TEST(longest_names_can_be_written),
        cmocka_unit_test(builtin_files_are_read),
        SCRATCH_TEST(folders_are_made_with_parents),
        cmocka_unit_test(paths_are_taken_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
