/* Objectives as text: what is written is read back as the same thing. */
#include "viz_test.h"

#include "tiny_model.h"
#include "viz/objective_text.h"

static tiny_model tiny;

static int group_setup(void **state) {
    (void)state;
    tiny_model_create(&tiny, 0.1F);
    return 0;
}

static int group_teardown(void **state) {
    (void)state;
    tiny_model_destroy(&tiny);
    return 0;
}

static fs_render_settings settings_of(const char *objective, const char *layer, int channel) {
    fs_render_settings s;
    memset(&s, 0, sizeof s);
    fs_options_defaults(fs_render_options, &s);
    strcpy(s.objective, objective);
    strcpy(s.layer, layer);
    s.channel = channel;
    return s;
}

static void assert_text(const fs_render_settings *s, const char *expected) {
    char text[FS_EXPRESSION_SIZE];
    assert_string_equal(fs_objective_text(s, text), expected);
}

static void test_words_become_expressions(void **state) {
    (void)state;
    fs_render_settings s = settings_of("channel", "features.8", 12);
    assert_text(&s, "channel(features.8, 12)");
    s = settings_of("logit", "logits", 3);
    assert_text(&s, "logit(3)");
    s = settings_of("deepdream", "two", 3);
    assert_text(&s, "deepdream(two)");
    s = settings_of("neuron", "two", 3);
    assert_text(&s, "neuron(two, 3)");
    s.x = 1;
    s.y = 2;
    assert_text(&s, "neuron(two, 3, x=1, y=2)");
    s = settings_of("channel(one, 1) - tv()", "two", 3);
    assert_text(&s, "channel(one, 1) - tv()");
}

/* Names that a parser would take apart are quoted; what does not fit stays the word. */
static void test_odd_names(void **state) {
    (void)state;
    static const char *const names[] = {"a b", "a,b", "x=two", "\"two\"", "back\\slash", "(two)"};
    char text[FS_EXPRESSION_SIZE];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        fs_render_settings s = settings_of("channel", names[i], 0);
        strcpy(s.objective, "channel");
        fs_objective_text(&s, text);
        fs_render_settings read = settings_of(text, "", 0);
        assert_int_equal(fs_render_check_objective(&read, NULL), FS_OK);
        tiny.layers[0].name = names[i];
        assert_int_equal(fs_objective_check(&tiny.model, &read, NULL), FS_OK);
        tiny.layers[0].name = "one";
    }
    fs_render_settings s = settings_of("channel", "", 0);
    memset(s.layer, '"', FS_OPTION_TEXT_SIZE - 1);
    assert_text(&s, "channel");
}

static void test_errors_name_their_column(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int column;
    } cases[] = {{"chanel(one, 1)", 1},
                 {"channel(one, 1) + channel(nowhere, 1)", 27},
                 {"channel(one, 1) )", 17},
                 {"channel(one, x)", 14},
                 {"\u00e4", 1},
                 {"tv()", 0 /* nothing looks at a layer */}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fs_error err = {0};
        fs_render_settings s = settings_of(cases[i].text, "", 0);
        assert_true(fs_objective_check(&tiny.model, &s, &err) != FS_OK);
        assert_int_equal(fs_objective_error_column(&err), cases[i].column);
    }
    fs_error other = {.message = "a file: column 3"};
    assert_int_equal(fs_objective_error_column(&other), 0);
}

static void test_variants_that_differ(void **state) {
    (void)state;
    fs_render_settings s = settings_of("channel", "two", 3), varied;
    assert_int_equal(fs_objective_vary(&varied, &s, &tiny.layers[1], 4, 1234, NULL), FS_OK);
    assert_int_equal(varied.variants, 4);
    assert_string_equal(varied.objective, "channel(two, 3) - 62*diversity(two)");
    assert_int_equal(fs_objective_check(&tiny.model, &varied, NULL), FS_OK);
    assert_int_equal(fs_objective_vary(&varied, &s, &tiny.layers[1], 2, (double)NAN, NULL), FS_OK);
    assert_string_equal(varied.objective, "channel(two, 3) - 100*diversity(two)");
    s = settings_of("logit", "logits", 1); /* one vector has no texture to differ in */
    assert_int_equal(fs_objective_vary(&varied, &s, &tiny.layers[2], 2, 5, NULL), FS_OK);
    assert_string_equal(varied.objective, "logit");
    s = settings_of("channel", "two", 3);
    memset(s.objective, '1', FS_OPTION_TEXT_SIZE - 4);
    assert_int_equal(fs_objective_vary(&varied, &s, &tiny.layers[1], 2, 5, NULL), FS_ERROR_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_become_expressions),
        cmocka_unit_test(test_odd_names),
        cmocka_unit_test(test_errors_name_their_column),
        cmocka_unit_test(test_variants_that_differ),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
