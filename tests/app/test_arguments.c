#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/arguments.h"

typedef struct first {
    int steps;
    bool json;
    uint64_t seed;
    char output[FS_OPTION_TEXT_SIZE];
} first;
typedef struct second {
    uint64_t seed;
} second;

static const fs_option first_table[] = {FS_OPTION_INT(first, steps, "steps", 1, 1000, "256", "steps"),
                                        FS_OPTION_BOOL(first, json, "json", "json"),
                                        FS_OPTION_U64(first, seed, "seed", "0", "seed"),
                                        FS_OPTION_TEXT(first, output, "output", "", "output"), FS_OPTION_END};
static const fs_option second_table[] = {FS_OPTION_U64(second, seed, "seed", "0", "seed"), FS_OPTION_END};

enum { MAX_WORDS = 2 };
typedef struct parsed {
    first a;
    second b;
    char *words[MAX_WORDS];
    int n_words;
    fs_error err;
} parsed;

static fs_status parse(parsed *p, int argc, char **argv) {
    memset(p, 0, sizeof *p);
    fs_options_defaults(first_table, &p->a);
    fs_options_defaults(second_table, &p->b);
    const fs_option_set sets[] = {{first_table, &p->a}, {NULL, NULL}, {second_table, &p->b}};
    return fs_arguments_parse(argc, argv, sets, 3, p->words, MAX_WORDS, &p->n_words, &p->err);
}
#define PARSE(p, ...)                                                                                        \
    parse(p, (int)(sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)), (char *[]){__VA_ARGS__})

static void test_forms(void **state) {
    (void)state;
    parsed p;
    assert_int_equal(PARSE(&p, "one", "--steps", "12", "--json", "-o", "x.png", "two"), FS_OK);
    assert_int_equal(p.a.steps, 12);
    assert_true(p.a.json);
    assert_string_equal(p.a.output, "x.png");
    assert_int_equal(p.n_words, 2);
    assert_string_equal(p.words[1], "two");
    assert_int_equal(PARSE(&p, "--steps=7", "--output=a=b"), FS_OK);
    assert_int_equal(p.a.steps, 7);
    assert_string_equal(p.a.output, "a=b");
}

static void test_defaults_stay(void **state) {
    (void)state;
    parsed p;
    assert_int_equal(PARSE(&p, "--json"), FS_OK);
    assert_int_equal(p.a.steps, 256);
}

static void test_shared_option_reaches_every_table(void **state) {
    (void)state;
    parsed p;
    assert_int_equal(PARSE(&p, "--seed", "18446744073709551615"), FS_OK);
    assert_true(p.a.seed == UINT64_MAX && p.b.seed == UINT64_MAX);
}

static void test_dashes_end_options(void **state) {
    (void)state;
    parsed p;
    assert_int_equal(PARSE(&p, "--", "--json"), FS_OK);
    assert_false(p.a.json);
    assert_string_equal(p.words[0], "--json");
    assert_int_equal(PARSE(&p, "-"), FS_OK);
    assert_int_equal(p.n_words, 1);
}

static void refuse(fs_status status, const parsed *p, const char *part) {
    assert_int_equal(status, FS_ERROR_ARGUMENT);
    if (!strstr(p->err.message, part))
        fail_msg("'%s' does not say '%s'", p->err.message, part);
}

static void test_mistakes(void **state) {
    (void)state;
    parsed p;
    refuse(PARSE(&p, "--nonsense"), &p, "--nonsense");
    refuse(PARSE(&p, "-x"), &p, "-x");
    refuse(PARSE(&p, "--steps"), &p, "needs a value");
    refuse(PARSE(&p, "--steps", "many"), &p, "many");
    refuse(PARSE(&p, "--steps", "0"), &p, "1000");
    refuse(PARSE(&p, "a", "b", "c"), &p, "'c'");
    refuse(PARSE(&p, "--a-name-that-is-much-longer-than-any-option-could-reasonably-ever-be-in-this-program"),
           &p, "unknown option");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forms), cmocka_unit_test(test_defaults_stay),
                                       cmocka_unit_test(test_shared_option_reaches_every_table),
                                       cmocka_unit_test(test_dashes_end_options),
                                       cmocka_unit_test(test_mistakes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
