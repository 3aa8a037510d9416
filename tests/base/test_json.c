/* JSON that others wrote: read, refused with its line, and never called damaged when memory is short. */
#include "helpers.h"

#include <cjson/cJSON.h>

#include "base/json.h"

static fs_status parse(const char *text, size_t length, fs_error *err) {
    cJSON *root = NULL;
    const fs_status status = fs_json_parse(&root, text, length, err);
    assert_true((root != NULL) == (status == FS_OK));
    cJSON_Delete(root);
    return status;
}

static void test_documents(void **state) {
    (void)state;
    static const char *const fine[] = {"{}", " [1, 2]\n", "\"text\"", "{\"a\": {\"b\": [null, true]}}\r\n\t"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_int_equal(parse(fine[i], strlen(fine[i]), NULL), FS_OK);
}

static void test_no_documents(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
    } wrong[] = {{"", "not JSON (line 1)"},
                 {"{", "not JSON (line 1)"},
                 {"{\"a\": 1,\n\"b\" 2}", "not JSON (line 2)"},
                 {"{} x", "not JSON (line 1)"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fs_error err = {0};
        assert_int_equal(parse(wrong[i].text, strlen(wrong[i].text), &err), FS_ERROR_FORMAT);
        assert_string_equal(err.message, wrong[i].words);
    }
    assert_int_equal(parse("{}\0{}", 5, NULL), FS_ERROR_FORMAT); /* what is behind a NUL would not be seen */
}

static void test_short_memory(void **state) {
    (void)state;
    static const char text[] = "{\"name\": \"x\", \"list\": [1, \"two\", {\"three\": 3}]}";
    for (int once = 0; once < 2; once++) {
        bool refused = true;
        for (int n = 0; refused; n++) {
            fs_error err = {0};
            (once ? fail_once : fail_from)(n);
            const fs_status status = parse(text, strlen(text), &err);
            refused = fail_stop();
            assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        }
    }
    /* An earlier refusal does not count. */
    fail_from(0);
    assert_int_equal(parse("[]", 2, NULL), FS_ERROR_MEMORY);
    fail_stop();
    assert_int_equal(parse("[", 1, NULL), FS_ERROR_FORMAT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_no_documents),
        cmocka_unit_test(test_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
