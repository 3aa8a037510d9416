/* Controls from a table: what is declared can be clicked and typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "ui/option_controls.h"

typedef struct settings {
    int size;
    double rate;
    uint64_t seed;
    bool flag;
    int mode;
    char name[FS_OPTION_TEXT_SIZE];
} settings;

static const char *const modes[] = {"one", "two", NULL};
static const fs_option table[] = {FS_OPTION_INT(settings, size, "size", 8, 4096, "224", "pixels"),
                                  FS_OPTION_DOUBLE(settings, rate, "rate", 0, 1, "0.5", "speed"),
                                  FS_OPTION_U64(settings, seed, "seed", "0", "seed"),
                                  FS_OPTION_BOOL(settings, flag, "flag", "on or off"),
                                  FS_OPTION_CHOICE(settings, mode, "mode", modes, "one", "mode"),
                                  FS_OPTION_TEXT(settings, name, "name", "", "a name"),
                                  FS_OPTION_END};

typedef struct fixture {
    fs_ui ui;
    fs_option_controls *controls;
    settings s;
    bool changed;
} fixture;

static const fs_option_form form = {.kind = 9, .rect = {0, 0, 400, 300}, .table = table};

static void start(fixture *f) {
    memset(f, 0, sizeof *f);
    f->controls = fs_calloc(1, sizeof *f->controls);
    assert_non_null(f->controls);
    f->ui.theme = fs_theme_dark();
    fs_options_defaults(table, &f->s);
    fs_option_controls_load(f->controls, table, &f->s);
}

static void pass(fixture *f, const fs_ui_input *input) {
    fs_ui_begin_input(&f->ui, input);
    f->changed = fs_option_controls_show(f->controls, &f->ui, &form, &f->s);
    fs_ui_end_input(&f->ui);
}

static void key(fixture *f, fs_key k) {
    pass(f, &(fs_ui_input){.x = -1, .y = -1, .keys = {k}, .n_keys = 1});
}

static void click(fixture *f, double x, double y) {
    pass(f, &(fs_ui_input){.x = x, .y = y, .pressed = true, .held = true});
    pass(f, &(fs_ui_input){.x = x, .y = y, .released = true});
}

static double row(int i) {
    return (i + 0.5) * FS_OPTION_ROW_HEIGHT;
}

/* Clicks the field of a row, replaces its text and enters it. */
static void enter(fixture *f, double x, int i, const char *text) {
    click(f, x, row(i));
    key(f, FS_KEY_SELECT_ALL);
    fs_ui_input input = {.x = -1, .y = -1};
    strncpy(input.text, text, sizeof input.text - 1);
    pass(f, &input);
    key(f, FS_KEY_ENTER);
}

static void test_typed_values(void **state) {
    (void)state;
    fixture f;
    start(&f);
    enter(&f, 350, 0, "300");
    assert_true(f.changed && f.s.size == 300);
    enter(&f, 350, 1, "0.125");
    assert_true(f.changed && f.s.rate == 0.125);
    enter(&f, 200, 2, "18446744073709551615");
    assert_true(f.changed && f.s.seed == UINT64_MAX);
    enter(&f, 200, 5, "two words");
    assert_true(f.changed);
    assert_string_equal(f.s.name, "two words");
    fs_free(f.controls);
}

static void test_refused_values_change_nothing(void **state) {
    (void)state;
    fixture f;
    start(&f);
    enter(&f, 350, 0, "3"); /* below the least */
    assert_true(!f.changed && f.s.size == 224 && f.controls->wrong[0]);
    assert_non_null(strstr(f.controls->error.message, "8..4096"));
    enter(&f, 350, 0, "64");
    assert_true(f.changed && f.s.size == 64 && !f.controls->wrong[0]);
    fs_free(f.controls);
}

static void test_sliders_boxes_and_choices(void **state) {
    (void)state;
    fixture f;
    start(&f);
    pass(&f, &(fs_ui_input){.x = 150, .y = row(0), .pressed = true, .held = true});
    assert_true(!f.changed && f.s.size == 224); /* it has not settled */
    pass(&f, &(fs_ui_input){.x = 95, .y = row(0), .held = true});
    assert_string_equal(f.controls->fields[0].text, "8"); /* but shows where it is */
    pass(&f, &(fs_ui_input){.x = 95, .y = row(0), .released = true});
    assert_true(f.changed && f.s.size == 8);
    key(&f, FS_KEY_RIGHT);
    assert_true(f.changed && f.s.size == 9);
    key(&f, FS_KEY_END);
    assert_true(f.changed && f.s.size == 896); /* four times the default; the field takes more */
    enter(&f, 350, 0, "4096");
    assert_true(f.changed && f.s.size == 4096);
    click(&f, 100, row(3));
    assert_true(f.changed && f.s.flag);
    click(&f, 350, row(4));
    assert_true(f.changed && f.s.mode == 1);
    fs_free(f.controls);
}

static void test_every_option_is_reached_by_tab(void **state) {
    (void)state;
    fixture f;
    start(&f);
    pass(&f, &(fs_ui_input){.x = -1, .y = -1});
    assert_int_equal(f.ui.n_order, 2 + 2 + 1 + 1 + 1 + 1);
    key(&f, FS_KEY_TAB);
    assert_string_equal(f.controls->hint, "pixels");
    fs_free(f.controls);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typed_values),
        cmocka_unit_test(test_refused_values_change_nothing),
        cmocka_unit_test(test_sliders_boxes_and_choices),
        cmocka_unit_test(test_every_option_is_reached_by_tab),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
