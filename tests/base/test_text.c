#include "helpers.h"

#include <math.h>

#include <limits.h>
#include <locale.h>

#include "base/text.h"
#include "base/utf8.h"

static void grows_and_terminates(void **state) {
    (void)state;
    fs_text text = {0};
    for (int i = 0; i < 2000; i++) {
        fs_text_add(&text, "%d,", i % 10);
        assert_int_equal(strlen(text.bytes), text.length);
    }
    assert_int_equal(text.length, 4000);
    assert_memory_equal(text.bytes + 3998, "9,", 3);
    fs_text_add_bytes(&text, "a\0b", 3);
    assert_int_equal(text.length, 4003);
    assert_memory_equal(text.bytes + 4000, "a\0b", 4);
    assert_false(fs_text_broken(&text));
    fs_text_free(&text);
    assert_null(text.bytes);
    fs_text_add(&text, "%s", "");
    assert_string_equal(text.bytes, "");
    fs_text_free(&text);
}

static void short_memory_marks_it_broken(void **state) {
    (void)state;
    fs_text text = {0};
    fs_text_add(&text, "start");
    fail_from(0);
    for (int i = 0; i < 100; i++)
        fs_text_add(&text, "0123456789");
    assert_true(fail_stop());
    assert_true(fs_text_broken(&text));
    fs_text_add_json(&text, "more");
    assert_true(fs_text_broken(&text));
    fs_text_free(&text);
}

static void json_strings_are_escaped(void **state) {
    (void)state;
    fs_text text = {0};
    fs_text_add_json(&text, "a\"b\\c\n\t\x01\x1f/\xc3\xa9\xff\xed\xa0\x80|\xf0\x9f\x98\x80\xc3");
    assert_string_equal(text.bytes, "\"a\\\"b\\\\c\\n\\t\\u0001\\u001f/\xc3\xa9\xef\xbf\xbd"
                                    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd|\xf0\x9f\x98\x80\xef\xbf\xbd\"");
    fs_text_free(&text);
}

static void utf8_is_told_from_the_rest(void **state) {
    (void)state;
    assert_int_equal(fs_utf8_length("a", 1), 1);
    assert_int_equal(fs_utf8_length("\xc3\xa9", 2), 2);
    assert_int_equal(fs_utf8_length("\xe2\x82\xac", 3), 3);
    assert_int_equal(fs_utf8_length("\xf4\x8f\xbf\xbf", 4), 4);
    const char *bad[] = {"\x80",         "\xc0\x80",         "\xc1\xbf",         "\xe0\x80\x80",
                         "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                         "\xff",         "\xe2\x82"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(fs_utf8_length(bad[i], strlen(bad[i])), 0);
    assert_int_equal(fs_utf8_length("\xe2\x82\xac", 2), 0);
    assert_int_equal(fs_utf8_length("", 0), 0);
}

static void numbers_are_strict(void **state) {
    (void)state;
    double d = 7;
    long long n = 7;
    const char *bad_doubles[] = {"",     " 1",    "1 ",  "1x",  "nan", "inf", "-inf",
                                 "0x10", "1e999", "1,5", "--1", "e5",  "."};
    const char *bad_ints[] = {"", " 1", "1.0", "1e3", "0x10", "+", "--1", "1-", "9223372036854775808"};
    for (size_t i = 0; i < sizeof bad_doubles / sizeof bad_doubles[0]; i++)
        assert_false(fs_parse_double(bad_doubles[i], &d));
    for (size_t i = 0; i < sizeof bad_ints / sizeof bad_ints[0]; i++)
        assert_false(fs_parse_int(bad_ints[i], &n));
    assert_true(d == 7 && n == 7);
    assert_true(fs_parse_double("-1.5e-3", &d) && d == -1.5e-3);
    assert_true(fs_parse_double(".5", &d) && d == 0.5);
    assert_true(fs_parse_double("1e-320", &d) && d > 0);
    assert_true(fs_parse_int("-9223372036854775808", &n) && n == LLONG_MIN);
    assert_true(fs_parse_int("+12", &n) && n == 12);
}

/* Any installed locale with a decimal comma; without one there is nothing to test. */
static void numbers_ignore_the_locale(void **state) {
    (void)state;
    const char *names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ru_RU.UTF-8", "it_IT.UTF-8", "es_ES.UTF-8"};
    const char *set = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && set == NULL; i++)
        set = setlocale(LC_ALL, names[i]);
    if (set == NULL)
        skip();
    fs_text text = {0};
    double d = 0;
    fs_text_add(&text, "%g", 1.5);
    bool parsed = fs_parse_double("1.5", &d);
    setlocale(LC_ALL, "C");
    assert_string_equal(text.bytes, "1.5");
    assert_true(parsed && d == 1.5);
    fs_text_free(&text);
}

static void csv_fields_are_quoted_where_they_must(void **state) {
    (void)state;
    fs_text text = {0};
    fs_text_add_csv(&text, "plain 1x1");
    fs_text_add(&text, ";");
    fs_text_add_csv(&text, "a,\"b\"");
    fs_text_add(&text, ";");
    fs_text_add_csv_number(&text, 0.25);
    fs_text_add(&text, ";");
    fs_text_add_csv_number(&text, (double)NAN);
    assert_false(fs_text_broken(&text));
    assert_string_equal(text.bytes, "plain 1x1;\"a,\"\"b\"\"\";0.25;");
    fs_text_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_terminates),
        cmocka_unit_test(short_memory_marks_it_broken),
        cmocka_unit_test(json_strings_are_escaped),
        cmocka_unit_test(utf8_is_told_from_the_rest),
        cmocka_unit_test(numbers_are_strict),
        cmocka_unit_test(numbers_ignore_the_locale),
        cmocka_unit_test(csv_fields_are_quoted_where_they_must),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
