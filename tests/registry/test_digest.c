/* Hashes against published vectors (FIPS 180-4) and what `git hash-object` prints. */
#include "base/helpers.h"

#include "registry/digest.h"

static void check(fs_digest_kind kind, const char *bytes, size_t size, size_t step, const char *expected) {
    fs_digest *digest = NULL;
    char text[FS_DIGEST_TEXT];
    assert_int_equal(fs_digest_create(&digest, kind, (int64_t)size, NULL), FS_OK);
    for (size_t at = 0; at < size; at += step)
        assert_int_equal(fs_digest_update(digest, bytes + at, size - at < step ? size - at : step, NULL),
                         FS_OK);
    assert_int_equal(fs_digest_finish(digest, text, NULL), FS_OK);
    assert_string_equal(text, expected);
    assert_int_equal(strlen(text), fs_digest_length(kind));
    fs_digest_destroy(digest);
}

static void sha256_vectors(void **state) {
    (void)state;
    static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    check(FS_DIGEST_SHA256, "", 0, 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check(FS_DIGEST_SHA256, "abc", 3, 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check(FS_DIGEST_SHA256, two_blocks, 56, 5,
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void git_blob_ids(void **state) {
    (void)state;
    check(FS_DIGEST_GIT_BLOB, "", 0, 1, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
    check(FS_DIGEST_GIT_BLOB, "hello\n", 6, 1, "ce013625030ba8dba906f756967f9e9ca394464a");
    check(FS_DIGEST_GIT_BLOB, "what is up, doc?", 16, 7, "bd9dbf5aae1a3862dd1526723246b20206e5fc37");
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    fs_digest *digest = NULL;
    fs_error err = {0};
    fail_from(0);
    assert_int_equal(fs_digest_create(&digest, FS_DIGEST_SHA256, 0, &err), FS_ERROR_MEMORY);
    assert_true(fail_stop());
    assert_null(digest);
    fs_digest_destroy(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_vectors),
        cmocka_unit_test(git_blob_ids),
        cmocka_unit_test(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
