/* Sessions: round trips, and what is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/session.h"
#include "base/alloc.h"
#include "base/file.h"

static const fs_occlusion_run covered[] = {{1, 0, 3, 4}, {1, 1, 3, 1}, {2, 7, 0, 65536}};

/* Every field of every part away from its default. */
static void fill(fs_session *session) {
    static const char *const names[] = {"a/b \"c\"\\", "features.3 \xc3\xa9", "/tmp/\xf0\x9f\x90\x9f"};
    fs_session_init(session);
    int n = 0;
    for (const fs_session_part *part = fs_session_parts; part->key != NULL; part++)
        for (const fs_option *field = part->fields; field->name != NULL; field++, n++) {
            char text[64];
            void *to = (char *)session + part->offset;
            if (field->kind == FS_OPTION_KIND_DOUBLE)
                snprintf(text, sizeof text, "%.17g", field->low + (field->high - field->low) / (n + 3));
            else if (field->kind == FS_OPTION_KIND_INT)
                snprintf(text, sizeof text, "%d", (int)field->high - n % 3);
            else
                snprintf(text, sizeof text, "%s",
                         field->kind == FS_OPTION_KIND_U64      ? "18446744073709551615"
                         : field->kind == FS_OPTION_KIND_BOOL   ? "true"
                         : field->kind == FS_OPTION_KIND_CHOICE ? field->choices[1]
                                                                : names[n % 3]);
            assert_int_equal(fs_options_set(part->fields, to, field->name, text, NULL), FS_OK);
        }
    session->has_unfrozen = true;
    for (int i = 0; i < 3; i++)
        assert_int_equal(fs_session_add_unfrozen(session, names[i], NULL), FS_OK);
    assert_int_equal(fs_session_make_covered(session, sizeof covered / sizeof *covered, NULL), FS_OK);
    memcpy(session->covered, covered, sizeof covered);
}

static void assert_same_covered(const fs_session *a, const fs_session *b) {
    assert_int_equal(a->n_covered, b->n_covered);
    assert_memory_equal(a->covered, b->covered, (size_t)a->n_covered * sizeof *a->covered);
}

static void test_round_trip_of_every_field(void **state) {
    (void)state;
    fs_session a, b;
    char *first = NULL, *second = NULL;
    size_t n_first = 0, n_second = 0;
    fill(&a);
    fs_session_init(&b);
    assert_int_equal(fs_session_text(&first, &n_first, &a, NULL), FS_OK);
    assert_int_equal(fs_session_parse(&b, first, n_first, NULL), FS_OK);
    for (const fs_session_part *part = fs_session_parts; part->key != NULL; part++)
        assert_true(fs_options_equal(part->fields, (char *)&a + part->offset, (char *)&b + part->offset));
    assert_int_equal(b.n_unfrozen, 3);
    assert_string_equal(b.unfrozen[1], a.unfrozen[1]);
    assert_same_covered(&a, &b);
    assert_int_equal(fs_session_text(&second, &n_second, &b, NULL), FS_OK);
    assert_int_equal(n_first, n_second);
    assert_memory_equal(first, second, n_first);
    fs_free(first);
    fs_free(second);
    fs_session_free(&a);
    fs_session_free(&b);
}

static void test_copy(void **state) {
    (void)state;
    fs_session a, b;
    char *first = NULL, *second = NULL;
    size_t n_first = 0, n_second = 0;
    fill(&a);
    assert_int_equal(fs_session_text(&first, &n_first, &a, NULL), FS_OK);
    assert_int_equal(fs_session_copy(&b, &a, NULL), FS_OK);
    assert_ptr_not_equal(a.covered, b.covered);
    fs_session_free(&a);
    assert_int_equal(fs_session_text(&second, &n_second, &b, NULL), FS_OK);
    assert_string_equal(first, second);
    fs_free(first);
    fs_free(second);
    fs_session_free(&b);
}

static void test_file(void **state) {
    (void)state;
    char folder[] = FS_SCRATCH "/filterscope-session-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.json", folder);
    fs_session a, b;
    fs_error err = {0};
    fill(&a);
    fs_session_init(&b);
    assert_int_equal(fs_session_read(&b, path, &err), FS_ERROR_IO);
    assert_int_equal(fs_session_write(&a, path, NULL), FS_OK);
    assert_int_equal(fs_session_read(&b, path, NULL), FS_OK);
    assert_string_equal(b.window.layer, a.window.layer);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0); /* no temporary file is left */
    assert_int_not_equal(fs_session_write(&a, path, &err), FS_OK);
    assert_non_null(strstr(err.message, path));
    fs_session_free(&a);
    fs_session_free(&b);
}

/* What is missing has its default, and an empty list is not the same as none. */
static void test_short_documents(void **state) {
    (void)state;
    fs_session a, plain;
    fs_session_init(&a);
    fs_session_init(&plain);
    static const char minimal[] =
        "{\"format\": 1, \"finetune\": {\"unfrozen\": []}, \"render\": {\"size\": 64}}";
    assert_int_equal(fs_session_parse(&a, minimal, strlen(minimal), NULL), FS_OK);
    assert_true(a.has_unfrozen && a.n_unfrozen == 0 && a.render.size == 64);
    assert_true(fs_options_equal(fs_session_parts[0].fields, &a.window, &plain.window));
    fs_session_free(&a);
}

static const struct {
    const char *text, *names;
} wrong[] = {
    {"", "not JSON"},
    {"{\"format\": 1", "not JSON"},
    {"{\"format\": 1} x", "not JSON"},
    {"{\"format\": 1, \"render\": {\"objective\": \"a\xc5\xc5\"}}", "not UTF-8"},
    {"[]", "not a JSON object"},
    {"{}", "'format'"},
    {"{\"format\": 2}", "'format'"},
    {"{\"format\": \"1\"}", "'format'"},
    {"{\"format\": 1, \"other\": {}}", "'other'"},
    {"{\"format\": 1, \"window\": []}", "'window'"},
    {"{\"format\": 1, \"window\": {}, \"window\": {}}", "'window'"},
    {"{\"format\": 1, \"window\": {\"zoom\": 1}}", "'window.zoom'"},
    {"{\"format\": 1, \"window\": {\"channel\": 1, \"channel\": 1}}", "'window.channel'"},
    {"{\"format\": 1, \"window\": {\"channel\": -1}}", "'window.channel'"},
    {"{\"format\": 1, \"window\": {\"channel\": 1.5}}", "'window.channel'"},
    {"{\"format\": 1, \"window\": {\"channel\": 1e400}}", "'window.channel'"},
    {"{\"format\": 1, \"window\": {\"channel\": \"1\"}}", "'window.channel'"},
    {"{\"format\": 1, \"window\": {\"channel\": [[[[[[]]]]]]}}", "'window.channel'"},
    {"{\"format\": 1, \"window\": {\"seed\": 7}}", "'window.seed'"},
    {"{\"format\": 1, \"window\": {\"seed\": \"18446744073709551616\"}}", "'window.seed'"},
    {"{\"format\": 1, \"window\": {\"view\": \"kitchen\"}}", "'window.view'"},
    {"{\"format\": 1, \"window\": {\"view\": null}}", "'window.view'"},
    {"{\"format\": 1, \"window\": {\"in_wall\": 1}}", "'window.in_wall'"},
    {"{\"format\": 1, \"window\": {\"wall_scroll\": 1e300}}", "'window.wall_scroll'"},
    {"{\"format\": 1, \"render\": {\"size\": 1000000}}", "'render.size'"},
    {"{\"format\": 1, \"finetune\": {\"unfrozen\": {}}}", "'finetune.unfrozen'"},
    {"{\"format\": 1, \"finetune\": {\"unfrozen\": [1]}}", "'finetune.unfrozen'"},
    {"{\"format\": 1, \"window\": {\"unfrozen\": []}}", "'window.unfrozen'"},
    {"{\"format\": 1, \"picture\": {\"opacity\": 1.5}}", "'picture.opacity'"},
    {"{\"format\": 1, \"picture\": {\"class\": -2}}", "'picture.class'"},
    {"{\"format\": 1, \"picture\": {\"x\": 70000}}", "'picture.x'"},
    {"{\"format\": 1, \"picture\": {\"covered\": {}}}", "'picture.covered'"},
    {"{\"format\": 1, \"picture\": {\"covered\": [1, 2, 3]}}", "'picture.covered'"},
    {"{\"format\": 1, \"picture\": {\"covered\": [[]]}}", "'picture.covered'"},
    {"{\"format\": 1, \"picture\": {\"covered\": [[1, 2]]}}", "'picture.covered'"},
    {"{\"format\": 1, \"picture\": {\"covered\": [[1, 2, 0]]}}", "'picture.covered'"},
    {"{\"format\": 1, \"picture\": {\"covered\": [[1, -2, 1]]}}", "'picture.covered'"},
    {"{\"format\": 1, \"picture\": {\"covered\": [[1.5, 2, 1]]}}", "'picture.covered'"},
    {"{\"format\": 1, \"picture\": {\"covered\": [[1, 2, 65537]]}}", "'picture.covered'"},
    {"{\"format\": 1, \"panels\": {\"covered\": []}}", "'panels.covered'"},
};

static void test_errors_name_the_key(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fs_session a;
        fs_error err = {0};
        fs_session_init(&a);
        a.window.channel = 77;
        assert_int_not_equal(fs_session_parse(&a, wrong[i].text, strlen(wrong[i].text), &err), FS_OK);
        if (strstr(err.message, wrong[i].names) == NULL)
            fail_msg("%s: %s", wrong[i].text, err.message);
        assert_null(strchr(err.message, '\n'));
        assert_int_equal(a.window.channel, 77); /* nothing has changed */
        fs_session_free(&a);
    }
}

static void refuse(char *text, size_t length, const char *names) {
    fs_session a;
    fs_error err = {0};
    fs_session_init(&a);
    assert_int_not_equal(fs_session_parse(&a, text, length, &err), FS_OK);
    if (strstr(err.message, names) == NULL)
        fail_msg("%s", err.message);
    fs_session_free(&a);
    fs_free(text);
}

/* Lengths, depth, numbers of things. */
static void test_limits(void **state) {
    (void)state;
    enum { MANY = 1 << 20 };
    char *text = fs_calloc(MANY + 100, 1);
    int n = sprintf(text, "{\"format\": 1, \"window\": {\"model\": \"");
    memset(text + n, 'x', 2000);
    strcpy(text + n + 2000, "\"}}");
    refuse(text, strlen(text), "'window.model'");
    text = fs_calloc(MANY + 100, 1);
    memset(text, '[', MANY);
    refuse(text, MANY, "not JSON");
    text = fs_calloc(MANY + 100, 1);
    n = sprintf(text, "{\"format\": 1, \"finetune\": {\"unfrozen\": [\"a\"");
    for (int i = 0; i < FS_SESSION_MAX_UNFROZEN; i++)
        n += sprintf(text + n, ",\"a\"");
    strcpy(text + n, "]}}");
    refuse(text, strlen(text), "'finetune.unfrozen'");
    text = fs_calloc(MANY + 100, 1);
    n = sprintf(text, "{\"format\": 1, \"picture\": {\"covered\": [[1,1,1]");
    for (int i = 0; i < FS_OCCLUSION_STROKES; i++)
        n += sprintf(text + n, ",[1,1,1]");
    strcpy(text + n, "]}}");
    refuse(text, strlen(text), "strokes");
    text = fs_calloc(MANY + 100, 1);
    n = sprintf(text, "{\"format\": 1, \"picture\": {\"covered\": [[1,1,1");
    for (int i = 0; i < FS_SESSION_MAX_RUNS; i++)
        n += sprintf(text + n, ",1,1,1");
    strcpy(text + n, "]]}}");
    refuse(text, strlen(text), "runs");
    text = fs_calloc(FS_SESSION_MAX_BYTES + 2, 1);
    memset(text, ' ', FS_SESSION_MAX_BYTES + 1);
    refuse(text, FS_SESSION_MAX_BYTES + 1, "bytes");
    text = fs_calloc(20, 1);
    memcpy(text, "{\"format\": 1}\0 x", 16); /* a NUL inside */
    refuse(text, 16, "not JSON");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip_of_every_field),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_short_documents),
        cmocka_unit_test(test_errors_name_the_key),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
