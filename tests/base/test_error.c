#include "helpers.h"

#include "base/error.h"

static void formats_and_returns_the_code(void **state) {
    (void)state;
    fs_error err = {0};
    assert_int_equal(fs_fail(&err, FS_ERROR_FORMAT, "%s: %d", "a.npy", 7), FS_ERROR_FORMAT);
    assert_int_equal(err.code, FS_ERROR_FORMAT);
    assert_string_equal(err.message, "a.npy: 7");
    assert_int_equal(fs_fail(NULL, FS_ERROR_IO, "x"), FS_ERROR_IO);
    assert_int_equal(fs_fail_memory(&err, "a tensor"), FS_ERROR_MEMORY);
    assert_non_null(strstr(err.message, "a tensor"));
}

static void keeps_messages_to_one_clean_line(void **state) {
    (void)state;
    fs_error err = {0};
    fs_fail(&err, FS_ERROR_FORMAT, "node '%s'",
            "a\nb\x1b[31mc\x7f\xff"
            "d\xc3\xa9\xc2\x9b");
    assert_string_equal(err.message, "node 'a?b?[31mc??d\xc3\xa9?'");
}

static void cuts_long_messages_between_characters(void **state) {
    (void)state;
    fs_error err = {0};
    char text[2 * FS_ERROR_MESSAGE_SIZE + 1];
    for (int i = 0; i < FS_ERROR_MESSAGE_SIZE; i++)
        memcpy(text + 2 * i, "\xc3\xa9", 2);
    text[2 * FS_ERROR_MESSAGE_SIZE] = '\0';
    fs_fail(&err, FS_ERROR_FORMAT, "%s", text);
    size_t length = strlen(err.message);
    assert_true(length < FS_ERROR_MESSAGE_SIZE);
    assert_int_equal(err.message[length - 1], '?'); /* half of the last character */
    assert_memory_equal(err.message + length - 3, "\xc3\xa9", 2);
}

static void prefixes_and_survives_its_own_message(void **state) {
    (void)state;
    fs_error err = {0};
    fs_fail(&err, FS_ERROR_FORMAT, "bad header");
    assert_int_equal(fs_error_prefix(&err, FS_ERROR_FORMAT, "%s", "x.npy"), FS_ERROR_FORMAT);
    assert_string_equal(err.message, "x.npy: bad header");
    fs_fail(&err, FS_ERROR_IO, "again: %s", err.message);
    assert_string_equal(err.message, "again: x.npy: bad header");
    assert_int_equal(fs_error_prefix(NULL, FS_ERROR_IO, "x"), FS_ERROR_IO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_and_returns_the_code),
        cmocka_unit_test(keeps_messages_to_one_clean_line),
        cmocka_unit_test(cuts_long_messages_between_characters),
        cmocka_unit_test(prefixes_and_survives_its_own_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
