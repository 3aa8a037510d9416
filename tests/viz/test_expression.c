/* The text of objectives: what is understood, and where errors point. */
#include "viz_test.h"

#include "viz/term.h"

static const fs_function *functions[64];

static int setup(void **state) {
    (void)state;
    for (int i = 0; fs_term_kinds[i]; i++)
        functions[i] = &fs_term_kinds[i]->function;
    return 0;
}

static fs_expression *parse(const char *text) {
    fs_expression *e = NULL;
    fs_error err = {0};
    if (fs_expression_parse(&e, text, functions, &err) != FS_OK)
        fail_msg("'%s': %s", text, err.message);
    return e;
}

static void expect(const char *text, const char *message) {
    fs_expression *e = NULL;
    fs_error err = {0};
    fs_status status = fs_expression_parse(&e, text, functions, &err);
    if (status == FS_OK || e)
        fail_msg("'%s' is understood", text);
    if (strcmp(err.message, message) != 0)
        fail_msg("'%s': %s", text, err.message);
}

/* With every call's value known, as a calculator. */
static double calculate(const char *text, double of_call) {
    fs_expression *e = parse(text);
    double values[FS_EXPRESSION_NODES];
    for (int i = 0; i < e->n_nodes; i++) {
        const fs_expression_node *n = &e->nodes[i];
        assert_true(n->left < i || i == 0);
        double a = values[n->left], b = values[n->right];
        values[i] = n->kind == FS_NODE_NUMBER     ? n->number
                    : n->kind == FS_NODE_CALL     ? of_call
                    : n->kind == FS_NODE_ADD      ? a + b
                    : n->kind == FS_NODE_SUBTRACT ? a - b
                    : n->kind == FS_NODE_NEGATE   ? -a
                                                  : a * b;
    }
    double result = values[e->n_nodes - 1];
    fs_expression_destroy(e);
    return result;
}

static void test_arithmetic(void **state) {
    (void)state;
    assert_close(calculate("1 + 2 * 3 - 4", 0), 3, 0, 1);
    assert_close(calculate("(1 + 2) * 3 - 4", 0), 5, 0, 1);
    assert_close(calculate("10 - 3 - 2", 0), 5, 0, 1);
    assert_close(calculate("-2 * -3", 0), 6, 0, 1);
    assert_close(calculate("--2 - +3", 0), -1, 0, 1);
    assert_close(calculate("-(2 + tv()) * 2", 5), -14, 0, 1);
    assert_close(calculate("tv() * tv() / 4", 6), 9, 0, 1);
    assert_close(calculate("1e2*tv()-.5", 2), 199.5, 0, 1);
    assert_close(calculate(" \t2e-1 * 10\n", 0), 2, 1e-15, 1);
}

static void test_arguments(void **state) {
    (void)state;
    fs_expression *e =
        parse("neuron( mixed4a/3x3:0.relu-1 , 97, y=3) - direction(\"a \\\"b\\\" (c)\", 5, power=2.5)");
    assert_int_equal(e->n_calls, 2);
    const fs_call_node *neuron = &e->calls[0], *direction = &e->calls[1];
    assert_string_equal(neuron->function->name, "neuron");
    assert_string_equal(neuron->arguments[0].text, "mixed4a/3x3:0.relu-1");
    assert_true(neuron->arguments[1].number == 97);
    assert_true(neuron->arguments[2].number == -1 && !neuron->arguments[2].given);
    assert_true(neuron->arguments[3].number == 3 && neuron->arguments[3].given);
    assert_string_equal(direction->arguments[0].text, "a \"b\" (c)");
    assert_string_equal(direction->arguments[1].text, "5");
    assert_string_equal(direction->arguments[2].text, "");
    assert_true(direction->arguments[3].number == 2.5);
    assert_int_equal(direction->column, 43);
    fs_expression_destroy(e);
    e = parse("interpolate(tv() + 1, b = 2 * l1(constant = 0.25))");
    assert_int_equal(e->n_calls, 3);
    assert_int_equal(e->nodes[e->calls[0].arguments[0].node].kind, FS_NODE_ADD);
    assert_int_equal(e->nodes[e->calls[0].arguments[1].node].kind, FS_NODE_MULTIPLY);
    fs_expression_destroy(e);
}

static void test_errors_point_at_the_column(void **state) {
    (void)state;
    expect("channel(mixed4a, 97) - chanel(mixed4a, 20)",
           "column 24: no objective 'chanel'; did you mean 'channel'?");
    expect("zebra(1)", "column 1: no objective 'zebra'");
    expect("", "column 1: an objective or a number expected, but the text ends");
    expect("  channel", "column 10: '(' expected, but the text ends");
    expect("channel(a)", "column 1: 'channel' needs 'channel'");
    expect("2 * channel(a, 1.5)", "column 16: 'channel': 1.5 is not a whole number in 0..1000000000");
    expect("channel(a, -1)", "column 12: 'channel': -1 is not a whole number in 0..1000000000");
    expect("channel(a, b)", "column 12: a number expected, not 'b'");
    expect("channel(a, 1, 2)", "column 15: 'channel' takes no more than 2 values");
    expect("channel(layer=a, 2)", "column 18: a value without a name after one with a name");
    expect("channel(layer=a, layer=b)", "column 18: 'layer' is given twice");
    expect("channel(a, 1, power=2)", "column 15: 'channel' has no parameter 'power'");
    expect("channel(a, 1", "column 13: ',' or ')' expected, but the text ends");
    expect("channel(a 1)", "column 11: ',' or ')' expected, not '1'");
    expect("channel(\"a, 1)", "column 9: this quotation mark is never closed");
    expect("channel(, 1)", "column 9: 'layer' is empty");
    expect("tv() tv()", "column 6: an operator expected, not 't'");
    expect("tv() + ", "column 8: an objective or a number expected, but the text ends");
    expect("(tv()", "column 6: ')' expected, but the text ends");
    expect("tv())", "column 5: an operator expected, not ')'");
    expect("1.2.3*tv()", "column 1: '1.2.3' is not a number");
    expect("2tv()", "column 1: '2' is not a number");
    expect("1e999", "column 1: '1e999' is not a number");
    expect("tv()/0", "column 6: division by 0");
    expect("tv()/l1()", "column 6: a number expected, not 'l'");
    expect("tv() \xc3\xa9", "column 6: an operator expected");
    expect("tv() \x01", "column 6: an operator expected, not '?'");
}

static void repeat(char *out, const char *piece, int times, const char *end) {
    *out = '\0';
    for (int i = 0; i < times; i++)
        out = stpcpy(out, piece);
    strcpy(out, end);
}

static void test_limits(void **state) {
    (void)state;
    char text[4096];
    repeat(text, "(", 31, "1))))))))))))))))))))))))))))))))");
    text[31 + 1 + 31] = '\0';
    fs_expression_destroy(parse(text));
    repeat(text, "(", 900, "");
    expect(text, "column 33: brackets nest deeper than 32");
    repeat(text, "tv()+", 32, "tv()");
    expect(text, "column 161: more than 32 objectives");
    repeat(text, "1+", 200, "1");
    expect(text, "column 258: more than 256 numbers and operators");
    repeat(text, "-", 1000, "1");
    fs_expression_destroy(parse(text));
    repeat(text, " ", 1024, "1");
    expect(text, "more than 1023 bytes");
    repeat(text, "a", 900, "(1)");
    expect(text, "column 1: no objective 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'");
    repeat(text, "1", 900, "");
    expect(text, "column 1: a number of 900 digits");
}

/* Bytes that look like objectives more often than chance gives: a result or one line, and no more. */
static void test_random_bytes(void **state) {
    static const char *const pieces[] = {
        "channel(", "interpolate(", "tv()",    "layer=", "\"", "\\",   ",",     ")", "(", "-", "+", "*", "/",
        "1",        "0.5e",         "a.b/c:1", " ",      "=",  "\xff", "neuron"};
    fs_random random;
    int understood = 0;
    (void)state;
    fs_random_seed(&random, 11, 0);
    for (int round = 0; round < 50000; round++) {
        char text[FS_EXPRESSION_SIZE + 64] = "";
        int length = fs_random_int(&random, round % 50 == 0 ? 120 : 9);
        for (int i = 0; i < length; i++) {
            size_t used = strlen(text);
            if (fs_random_int(&random, 4) == 0)
                text[used] = (char)(1 + fs_random_int(&random, 255));
            else
                strcpy(text + used, pieces[fs_random_int(&random, (int)(sizeof pieces / sizeof *pieces))]);
        }
        text[FS_EXPRESSION_SIZE - 1] = '\0';
        fs_expression *e = NULL;
        fs_error err = {0};
        if (fs_expression_parse(&e, text, functions, &err) == FS_OK)
            understood++;
        else
            assert_true(err.message[0] != '\0' && !strchr(err.message, '\n'));
        fs_expression_destroy(e);
    }
    assert_true(understood > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arithmetic),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_errors_point_at_the_column),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_random_bytes),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
