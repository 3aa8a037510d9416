/* The widgets, without a window and without drawing: keys, texts and a pointer in, state out. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/random.h"
#include "base/utf8.h"
#include "ui/widgets/button.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/curve.h"
#include "ui/widgets/list.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text_field.h"

/* A form with one widget of each sort; what it tells is kept. */
typedef struct form {
    fs_ui ui;
    fs_text_field field;
    double number;
    int choice, tab, opened, pressed;
    bool on;
    fs_list list;
    fs_text_field_result text;
    fs_slider_result slide;
    char clipboard[64];
} form;

enum { ID_FIELD = 1, ID_SLIDER, ID_CHOICE, ID_TABS, ID_TOGGLE, ID_BUTTON, ID_LIST = 100 };
static const char *const words[] = {"a", "b", "c", NULL};
static const fs_rect field_rect = {10, 10, 200, 30}, slider_rect = {10, 50, 214, 20},
                     choice_rect = {10, 80, 300, 30}, tabs_rect = {10, 120, 300, 30},
                     toggle_rect = {10, 160, 100, 20}, button_rect = {10, 190, 100, 30},
                     list_rect = {10, 230, 210, 100};
static const fs_slider_range range = {.low = 0, .high = 100};

static char *read_clipboard(void *context) {
    return fs_strdup(((form *)context)->clipboard);
}

static void write_clipboard(void *context, const char *text) {
    form *f = context;
    strncpy(f->clipboard, text, sizeof f->clipboard - 1);
}

static void no_drawing(void *context, fs_ui *ui, const fs_ui_cell *cell) {
    (void)context;
    (void)ui;
    (void)cell;
    fail();
}

static form *make(void) {
    form *f = fs_calloc(1, sizeof *f);
    assert_non_null(f);
    f->ui.theme = fs_theme_dark();
    f->ui.clipboard = (fs_ui_clipboard){read_clipboard, write_clipboard, f};
    f->list.selected = -1;
    f->number = 50;
    return f;
}

static void pass(form *f, const fs_ui_input *input) {
    static const fs_ui_button_text button = {.label = "go"};
    const fs_ui_cells cells = {.n = 20, .columns = 2, .height = 20, .gap = 0, .draw = no_drawing};
    const fs_text_field_look look = {.mono = true};
    fs_ui_begin_input(&f->ui, input);
    f->text = fs_ui_text_field(&f->ui, ID_FIELD, field_rect, &f->field, &look);
    f->slide = fs_ui_slider(&f->ui, ID_SLIDER, slider_rect, &range, &f->number);
    fs_ui_choice(&f->ui, ID_CHOICE, choice_rect, words, &f->choice);
    fs_ui_tabs(&f->ui, ID_TABS, tabs_rect, words, &f->tab);
    fs_ui_toggle(&f->ui, ID_TOGGLE, toggle_rect, "x", &f->on);
    f->pressed += fs_ui_button(&f->ui, ID_BUTTON, button_rect, &button);
    int opened = fs_ui_list(&f->ui, ID_LIST, list_rect, &cells, &f->list);
    f->opened = opened >= 0 ? opened : f->opened;
    fs_ui_end_input(&f->ui);
}

static void key(form *f, fs_key k, bool shift) {
    pass(f, &(fs_ui_input){.x = -1, .y = -1, .keys = {k}, .n_keys = 1, .shift = shift});
}

static void type(form *f, const char *text) {
    fs_ui_input input = {.x = -1, .y = -1};
    strncpy(input.text, text, sizeof input.text - 1);
    pass(f, &input);
}

static void press(form *f, double x, double y) {
    pass(f, &(fs_ui_input){.x = x, .y = y, .pressed = true, .held = true});
}

static void release(form *f, double x, double y) {
    pass(f, &(fs_ui_input){.x = x, .y = y, .released = true});
}

static void click(form *f, double x, double y) {
    press(f, x, y);
    release(f, x, y);
}

static void test_tab_goes_round(void **state) {
    (void)state;
    form *f = make();
    pass(f, &(fs_ui_input){.x = -1, .y = -1});
    static const fs_ui_id order[] = {ID_FIELD, ID_SLIDER, ID_CHOICE, ID_TABS, ID_TOGGLE, ID_BUTTON, ID_LIST};
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 7; i++) {
            key(f, FS_KEY_TAB, false);
            assert_int_equal(f->ui.focus, order[i]);
        }
    key(f, FS_KEY_BACK_TAB, false);
    assert_int_equal(f->ui.focus, ID_BUTTON);
    click(f, 500, 500); /* beside everything */
    assert_int_equal(f->ui.focus, 0);
    key(f, FS_KEY_BACK_TAB, false);
    assert_int_equal(f->ui.focus, ID_LIST);
    click(f, 20, 60);
    assert_int_equal(f->ui.focus, ID_SLIDER);
    fs_free(f);
}

/* What nobody has the focus for is left to the screen. */
static void test_keys_without_focus_are_left(void **state) {
    (void)state;
    form *f = make();
    key(f, FS_KEY_RIGHT, false);
    assert_int_equal(f->ui.input.n_keys, 1);
    type(f, "q");
    assert_string_equal(f->ui.input.text, "q");
    assert_string_equal(f->field.text, "");
    key(f, FS_KEY_TAB, false);
    type(f, "q");
    assert_string_equal(f->ui.input.text, "");
    key(f, FS_KEY_PAGE_UP, false); /* means nothing to a line of text */
    assert_int_equal(f->ui.input.n_keys, 1);
    key(f, FS_KEY_ESCAPE, false);
    assert_int_equal(f->ui.focus, 0);
    fs_free(f);
}

static void test_an_overlay_has_the_keyboard(void **state) {
    (void)state;
    form *f = make();
    key(f, FS_KEY_TAB, false);
    key(f, FS_KEY_TAB, false);
    fs_ui_begin_input(&f->ui, &(fs_ui_input){.x = -1, .y = -1});
    f->ui.blocked = true;
    assert_false(fs_ui_focusable(&f->ui, ID_FIELD, field_rect));
    fs_ui_end_input(&f->ui);
    assert_int_equal(f->ui.focus, 0);
    fs_free(f);
}

static void test_typing_and_moving(void **state) {
    (void)state;
    form *f = make();
    pass(f, &(fs_ui_input){.x = -1, .y = -1});
    key(f, FS_KEY_TAB, false);
    type(f, "neuron");
    assert_int_equal(f->text, FS_TEXT_FIELD_CHANGED);
    key(f, FS_KEY_HOME, false);
    type(f, "a ");
    assert_string_equal(f->field.text, "a neuron");
    key(f, FS_KEY_DELETE, false);
    assert_string_equal(f->field.text, "a euron");
    key(f, FS_KEY_END, false);
    key(f, FS_KEY_BACKSPACE, false);
    key(f, FS_KEY_LEFT, false);
    key(f, FS_KEY_LEFT, false);
    type(f, "X");
    assert_string_equal(f->field.text, "a euXro");
    key(f, FS_KEY_ENTER, false);
    assert_int_equal(f->text, FS_TEXT_FIELD_ENTERED);
    fs_free(f);
}

static void test_selecting_and_the_clipboard(void **state) {
    (void)state;
    form *f = make();
    fs_text_field_set(&f->field, "one two");
    click(f, 15, 25);
    key(f, FS_KEY_HOME, false);
    for (int i = 0; i < 3; i++)
        key(f, FS_KEY_RIGHT, true);
    key(f, FS_KEY_COPY, false);
    assert_string_equal(f->clipboard, "one");
    key(f, FS_KEY_END, false);
    key(f, FS_KEY_PASTE, false);
    assert_string_equal(f->field.text, "one twoone");
    key(f, FS_KEY_HOME, true);
    key(f, FS_KEY_CUT, false);
    assert_string_equal(f->field.text, "");
    assert_string_equal(f->clipboard, "one twoone");
    type(f, "new");
    key(f, FS_KEY_SELECT_ALL, false);
    type(f, "x");
    assert_string_equal(f->field.text, "x");
    key(f, FS_KEY_COPY, false); /* nothing is selected: for somebody else */
    assert_int_equal(f->ui.input.n_keys, 1);
    strcpy(f->clipboard, "two\nlines\x01\xff!");
    key(f, FS_KEY_PASTE, false);
    assert_string_equal(f->field.text, "xtwo lines ?!");
    fs_free(f);
}

static void test_the_pointer_selects(void **state) {
    (void)state;
    form *f = make();
    fs_text_field_set(&f->field, "0123456789"); /* 7.8 pixels a letter, where nothing measures */
    press(f, 19 + 2 * 7.8 + 1, 25);
    assert_int_equal(f->field.cursor, 2);
    pass(f, &(fs_ui_input){.x = 19 + 5 * 7.8 - 1, .y = 500, .held = true});
    release(f, 19 + 5 * 7.8 - 1, 500);
    assert_int_equal(f->field.anchor, 2);
    assert_int_equal(f->field.cursor, 5);
    key(f, FS_KEY_BACKSPACE, false);
    assert_string_equal(f->field.text, "0156789");
    fs_free(f);
}

static void test_long_texts(void **state) {
    (void)state;
    form *f = make();
    f->ui.focus = ID_FIELD;
    for (int i = 0; i < 600; i++)
        type(f, "\u00e4");
    size_t length = strlen(f->field.text);
    assert_int_equal(length, FS_TEXT_FIELD_SIZE - 2); /* whole characters alone: 511 of two bytes */
    assert_true(f->field.scroll > 0);
    key(f, FS_KEY_HOME, false);
    assert_true(f->field.scroll == 0);
    fs_free(f);
}

static void assert_well_formed(const fs_text_field *field) {
    size_t length = strlen(field->text), at = 0;
    bool cursor = false, anchor = false;
    while (at <= length) {
        cursor |= field->cursor == at;
        anchor |= field->anchor == at;
        int step = at < length ? fs_utf8_length(field->text + at, length - at) : 1;
        assert_true(step > 0);
        at += (size_t)step;
    }
    assert_true(cursor && anchor && length < FS_TEXT_FIELD_SIZE);
}

/* Any bytes and any keys leave UTF-8 with the cursor between characters. */
static void test_random_editing(void **state) {
    (void)state;
    static const char *const texts[] = {"a",    "\u00e9",   "\u4e2d", "\U0001f41f",
                                        "\xff", "\xe4\xb8", "\n",     "e\u0301 x"};
    static const fs_key keys[] = {FS_KEY_LEFT,       FS_KEY_RIGHT,     FS_KEY_HOME, FS_KEY_END,
                                  FS_KEY_DELETE,     FS_KEY_BACKSPACE, FS_KEY_CUT,  FS_KEY_COPY,
                                  FS_KEY_SELECT_ALL, FS_KEY_PASTE};
    fs_random random;
    fs_random_seed(&random, 3, 1);
    form *f = make();
    for (int i = 0; i < 20000; i++) {
        f->ui.focus = ID_FIELD;
        if (fs_random_int(&random, 2) == 0)
            type(f, texts[fs_random_int(&random, 8)]);
        else
            key(f, keys[fs_random_int(&random, 10)], fs_random_int(&random, 3) == 0);
        assert_well_formed(&f->field);
    }
    fs_free(f);
}

static void test_slider(void **state) {
    (void)state;
    form *f = make();
    press(f, 10 + 7 + 200 * 0.25, 60);
    assert_true(f->number == 25 && f->slide == FS_SLIDER_MOVING);
    pass(f, &(fs_ui_input){.x = 900, .y = 900, .held = true});
    assert_true(f->number == 100 && f->slide == FS_SLIDER_MOVING);
    release(f, 10 + 7 + 200 * 0.4, 900);
    assert_true(f->number == 40 && f->slide == FS_SLIDER_SETTLED);
    key(f, FS_KEY_RIGHT, false);
    assert_true(f->number == 41 && f->slide == FS_SLIDER_SETTLED);
    key(f, FS_KEY_PAGE_DOWN, false);
    assert_true(f->number == 31);
    key(f, FS_KEY_END, false);
    key(f, FS_KEY_RIGHT, false);
    assert_true(f->number == 100 && f->slide == FS_SLIDER_STILL);
    fs_free(f);
}

static void test_slider_scales(void **state) {
    (void)state;
    static const fs_slider_range ranges[] = {{8, 4096, true, true},   {1, 100000, true, true},
                                             {1e-6, 10, true, false}, {-1, 1, false, false},
                                             {0, 3, false, true},     {5, 5, false, false}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        const fs_slider_range *r = &ranges[i];
        double before = r->low;
        assert_true(fs_slider_value(r, 0) == r->low && fs_slider_value(r, 1) == r->high);
        for (int step = 0; step <= 1000; step++) {
            double value = fs_slider_value(r, step / 1000.0);
            assert_true(value >= before && value >= r->low && value <= r->high);
            assert_true(!r->whole || value == floor(value));
            before = value;
        }
    }
    assert_true(fs_slider_value(&ranges[2], fs_slider_share(&ranges[2], 0.05)) == 0.05);
    assert_true(fs_slider_value(&ranges[0], fs_slider_share(&ranges[0], 220)) == 220);
}

static void test_choice_and_tabs(void **state) {
    (void)state;
    form *f = make();
    click(f, 10 + 250, 95);
    assert_int_equal(f->choice, 2);
    key(f, FS_KEY_RIGHT, false);
    assert_int_equal(f->choice, 2);
    key(f, FS_KEY_LEFT, false);
    assert_int_equal(f->choice, 1);
    click(f, 10 + 50, 130);
    assert_int_equal(f->tab, 0);
    key(f, FS_KEY_END, false);
    assert_int_equal(f->tab, 2);
    assert_int_equal(f->choice, 1);
    /* Too narrow for all: the left half goes back, the right one forth. */
    int chosen = 1;
    static const char *const wide[] = {"a long word", "another long word", "the last long word", NULL};
    for (int i = 0; i < 3; i++) {
        for (int half = 0; half < 2; half++) {
            fs_ui_begin_input(
                &f->ui, &(fs_ui_input){
                            .x = 90, .y = 5, .pressed = half == 0, .held = half == 0, .released = half == 1});
            fs_ui_choice(&f->ui, 77, (fs_rect){0, 0, 100, 20}, wide, &chosen);
            fs_ui_end_input(&f->ui);
        }
        assert_int_equal(chosen, 2);
    }
    fs_free(f);
}

static void test_button_and_toggle_by_key(void **state) {
    (void)state;
    form *f = make();
    f->ui.focus = ID_TOGGLE;
    type(f, " ");
    assert_true(f->on);
    key(f, FS_KEY_ENTER, false);
    assert_false(f->on);
    click(f, 15, 165);
    assert_true(f->on);
    f->ui.focus = ID_BUTTON;
    type(f, " ");
    key(f, FS_KEY_ENTER, false);
    click(f, 20, 200);
    assert_int_equal(f->pressed, 3);
    fs_free(f);
}

static void test_list(void **state) {
    (void)state;
    form *f = make();
    f->opened = -1;
    click(f, 10 + 150, 230 + 25); /* second column, second row */
    assert_int_equal(f->opened, 3);
    key(f, FS_KEY_DOWN, false);
    assert_int_equal(f->list.selected, 5);
    key(f, FS_KEY_END, false);
    assert_int_equal(f->list.selected, 19);
    assert_true(f->list.offset == 100); /* ten rows of 20 in a view of 100 */
    assert_int_equal(f->opened, 3);
    key(f, FS_KEY_ENTER, false);
    assert_int_equal(f->opened, 19);
    key(f, FS_KEY_HOME, false);
    assert_true(f->list.offset == 0 && f->list.selected == 0);
    key(f, FS_KEY_PAGE_DOWN, false);
    assert_int_equal(f->list.selected, 10);
    fs_free(f);
}

static void test_clip_keeps_clicks_inside(void **state) {
    (void)state;
    form *f = make();
    for (int half = 0; half < 2; half++) {
        fs_ui_begin_input(
            &f->ui, &(fs_ui_input){
                        .x = 20, .y = 200, .pressed = half == 0, .held = half == 0, .released = half == 1});
        fs_ui_begin_clip(&f->ui, (fs_rect){0, 0, 500, 195});
        assert_false(fs_ui_click(&f->ui, ID_BUTTON, button_rect));
        assert_false(fs_ui_focusable(&f->ui, ID_BUTTON, button_rect));
        fs_ui_end_clip(&f->ui);
        fs_ui_end_input(&f->ui);
    }
    fs_free(f);
}

static void test_curve_in_fixed_memory(void **state) {
    (void)state;
    static fs_curve curve;
    for (int i = 0; i < 100000; i++)
        fs_curve_add(&curve, i, i % 7 == 0 ? (double)NAN : 2.0 * i);
    assert_true(curve.n > FS_CURVE_POINTS / 2 && curve.n <= FS_CURVE_POINTS);
    for (int i = 1; i < curve.n; i++)
        assert_true(curve.step[i] > curve.step[i - 1] && curve.value[i] == 2 * curve.step[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tab_goes_round),
        cmocka_unit_test(test_keys_without_focus_are_left),
        cmocka_unit_test(test_an_overlay_has_the_keyboard),
        cmocka_unit_test(test_typing_and_moving),
        cmocka_unit_test(test_selecting_and_the_clipboard),
        cmocka_unit_test(test_the_pointer_selects),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_random_editing),
        cmocka_unit_test(test_slider),
        cmocka_unit_test(test_slider_scales),
        cmocka_unit_test(test_choice_and_tabs),
        cmocka_unit_test(test_button_and_toggle_by_key),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_clip_keeps_clicks_inside),
        cmocka_unit_test(test_curve_in_fixed_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
