#include "helpers.h"

#include "base/option.h"

typedef struct settings {
    int steps;
    double rate;
    uint64_t seed;
    bool quiet;
    int mode;
    char name[FS_OPTION_TEXT_SIZE];
} settings;

static const char *const modes[] = {"fft", "pixel", "maco", NULL};

static const fs_option table[] = {FS_OPTION_INT(settings, steps, "steps", 1, 1000000, "256", "steps"),
                                  FS_OPTION_DOUBLE(settings, rate, "rate", 0, 1e300, "0.05", "rate"),
                                  FS_OPTION_U64(settings, seed, "seed", "0", "seed"),
                                  FS_OPTION_BOOL(settings, quiet, "quiet", "no progress"),
                                  FS_OPTION_CHOICE(settings, mode, "mode", modes, "pixel", "mode"),
                                  FS_OPTION_TEXT(settings, name, "name", "x", "name"),
                                  FS_OPTION_END};

static void defaults_come_from_the_table(void **state) {
    (void)state;
    settings s;
    fs_options_defaults(table, &s);
    assert_int_equal(s.steps, 256);
    assert_true(s.rate == 0.05 && s.seed == 0 && !s.quiet);
    assert_int_equal(s.mode, 1);
    assert_string_equal(s.name, "x");
    assert_ptr_equal(fs_options_find(table, "mode"), &table[4]);
    assert_null(fs_options_find(table, "modes"));
}

static void set_good(settings *s, const char *name, const char *value) {
    fs_error err = {0};
    assert_int_equal(fs_options_set(table, s, name, value, &err), FS_OK);
}

static void values_survive_text(void **state) {
    (void)state;
    const double rates[] = {0.1, 1.0 / 3, 1e300, 5e-324, 123456789.123456789, 0};
    settings s, t;
    char text[FS_OPTION_VALUE_SIZE];
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        fs_options_defaults(table, &s);
        fs_options_defaults(table, &t);
        set_good(&s, "steps", "1000000");
        set_good(&s, "seed", "18446744073709551615");
        set_good(&s, "quiet", NULL);
        set_good(&s, "mode", "maco");
        set_good(&s, "name", "caf\xc3\xa9 = 1, \"2\"");
        s.rate = rates[i];
        for (const fs_option *option = table; option->name != NULL; option++)
            set_good(&t, option->name, fs_option_format(option, &s, text));
        assert_true(t.rate == s.rate && t.seed == UINT64_MAX && t.quiet && t.mode == 2 && t.steps == 1000000);
        assert_string_equal(t.name, s.name);
    }
    s.rate = 0.05;
    assert_string_equal(fs_option_format(&table[1], &s, text), "0.05");
}

static void bad_values_are_explained(void **state) {
    (void)state;
    static const struct {
        const char *name, *value, *message;
    } cases[] = {
        {"steps", "x", "--steps: 'x' is not a whole number in 1..1000000"},
        {"steps", "0", "--steps: '0' is not a whole number in 1..1000000"},
        {"steps", "99999999999999999999",
         "--steps: '99999999999999999999' is not a whole number in 1..1000000"},
        {"steps", "1.5", "--steps: '1.5' is not a whole number in 1..1000000"},
        {"steps", NULL, "--steps: needs a value"},
        {"rate", "-1", "--rate: '-1' is not a number in 0..1e+300"},
        {"rate", "nan", "--rate: 'nan' is not a number in 0..1e+300"},
        {"seed", "-1", "--seed: '-1' is not a whole number in 0..18446744073709551615"},
        {"seed", "18446744073709551616",
         "--seed: '18446744073709551616' is not a whole number in 0..18446744073709551615"},
        {"quiet", "yes", "--quiet: 'yes' is not true or false"},
        {"mode", "x", "--mode: 'x' is not one of fft, pixel, maco"},
        {"mode", "", "--mode: '' is not one of fft, pixel, maco"},
        {"speed", "1", "--speed: no such option"},
    };
    settings s, before;
    memset(&s, 0, sizeof s);
    fs_options_defaults(table, &s);
    before = s;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fs_error err = {0};
        assert_int_equal(fs_options_set(table, &s, cases[i].name, cases[i].value, &err), FS_ERROR_ARGUMENT);
        assert_string_equal(err.message, cases[i].message);
        assert_memory_equal(&s, &before, sizeof s);
    }
}

static void text_has_a_limit(void **state) {
    (void)state;
    settings s;
    char text[FS_OPTION_TEXT_SIZE + 1], out[FS_OPTION_VALUE_SIZE];
    memset(text, 'a', sizeof text);
    text[FS_OPTION_TEXT_SIZE] = '\0';
    fs_options_defaults(table, &s);
    assert_int_equal(fs_options_set(table, &s, "name", text, NULL), FS_ERROR_ARGUMENT);
    text[FS_OPTION_TEXT_SIZE - 1] = '\0';
    assert_int_equal(fs_options_set(table, &s, "name", text, NULL), FS_OK);
    assert_string_equal(fs_option_format(&table[5], &s, out), text);
}

static void equality_sees_every_value(void **state) {
    (void)state;
    static const char *const other[] = {"steps", "7",    "rate", "1",   "seed", "3",
                                        "quiet", "true", "mode", "fft", "name", "y"};
    settings a, b;
    fs_options_defaults(table, &a);
    memset(&b, 0xff, sizeof b); /* what lies behind the end of a text does not count */
    fs_options_defaults(table, &b);
    assert_true(fs_options_equal(table, &a, &b));
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i += 2) {
        b = a;
        set_good(&b, other[i], other[i + 1]);
        assert_false(fs_options_equal(table, &a, &b));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_come_from_the_table), cmocka_unit_test(values_survive_text),
        cmocka_unit_test(bad_values_are_explained),     cmocka_unit_test(text_has_a_limit),
        cmocka_unit_test(equality_sees_every_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
