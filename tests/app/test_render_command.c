/* The command line that repeats a picture is one a shell takes apart into the same settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <wordexp.h>

#include <cmocka.h>

#include "app/arguments.h"
#include "app/render_command.h"

static fs_render_settings defaults(void) {
    fs_render_settings s;
    memset(&s, 0, sizeof s);
    fs_options_defaults(fs_render_options, &s);
    return s;
}

static fs_text command_of(const fs_render_settings *s) {
    fs_text text = {0};
    fs_render_call call = {.model = "my models/it's.onnx", .output = "out.png", .settings = s};
    fs_render_command(&text, &call);
    assert_false(fs_text_broken(&text));
    return text;
}

typedef struct others {
    char model[FS_OPTION_TEXT_SIZE], output[FS_OPTION_TEXT_SIZE];
} others;

static void assert_repeats(const fs_render_settings *s) {
    static const fs_option table[] = {FS_OPTION_TEXT(others, model, "model", "", ""),
                                      FS_OPTION_TEXT(others, output, "output", "", ""), FS_OPTION_END};
    fs_text text = command_of(s);
    wordexp_t words;
    assert_int_equal(wordexp(text.bytes, &words, WRDE_NOCMD | WRDE_UNDEF), 0);
    assert_string_equal(words.we_wordv[0], "filterscope");
    assert_string_equal(words.we_wordv[1], "render");
    fs_render_settings read = defaults();
    others o = {0};
    fs_option_set sets[] = {{fs_render_options, &read}, {table, &o}};
    int n = 0;
    fs_error err = {0};
    if (fs_arguments_parse((int)words.we_wordc - 2, words.we_wordv + 2, sets, 2, NULL, 0, &n, &err) != FS_OK)
        fail_msg("%s: %s", text.bytes, err.message);
    assert_true(fs_options_equal(fs_render_options, s, &read));
    assert_string_equal(o.model, "my models/it's.onnx");
    assert_string_equal(o.output, "out.png");
    wordfree(&words);
    fs_text_free(&text);
}

static void test_only_what_differs(void **state) {
    (void)state;
    fs_render_settings s = defaults();
    strcpy(s.layer, "features.8");
    fs_text text = command_of(&s);
    assert_string_equal(text.bytes, "filterscope render --model 'my models/it'\\''s.onnx' --layer features.8 "
                                    "--channel 0 -o out.png");
    fs_text_free(&text);
}

static void test_a_shell_reads_it_back(void **state) {
    (void)state;
    fs_render_settings s = defaults();
    strcpy(s.layer, "a layer's \"name\" $HOME");
    s.channel = 7;
    s.size = 100;
    s.rate = 0.1;
    s.correlated = true;
    s.seed = UINT64_MAX;
    assert_repeats(&s);
    s = defaults();
    strcpy(s.objective, "channel(features.8, 100) - 0.5*tv() `x`\\");
    s.channel = 100; /* chooses the random numbers */
    s.variants = 4;
    s.schedule = FS_RENDER_RATE_WARM_UP;
    assert_repeats(&s);
    strcpy(s.objective, "logit");
    s.channel = 0;
    assert_repeats(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_differs),
        cmocka_unit_test(test_a_shell_reads_it_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
