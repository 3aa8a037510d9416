/* The drawing of a model for Graphviz: every layer and connection once, the same text each time, any name.
 * Where `dot` is installed, it must take it. */
#include "base/helpers.h"

#include <stdlib.h>

#include "app/layers_dot.h"

static fs_model *load_fixture(const char *name) {
    char path[512];
    fs_error err = {0};
    fs_model *model = NULL;
    snprintf(path, sizeof path, FS_TEST_DATA "/onnx/%s.onnx", name);
    if (fs_model_load(&model, path, &err) != FS_OK)
        fail_msg("%s", err.message);
    return model;
}

static char *draw(const fs_model *model) {
    fs_error err = {0};
    fs_text text = {0};
    if (fs_layers_dot(&text, model, &err) != FS_OK)
        fail_msg("%s", err.message);
    return text.bytes;
}

static int count(const char *text, const char *part) {
    int n = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        n++;
    return n;
}

/* Standard output of `dot` on the text, or NULL where there is none. */
static char *render(const char *text, const char *format) {
    enum { LIMIT = 1 << 20 };
    char command[512];
    if (system("command -v dot >/dev/null 2>&1") != 0) {
        printf("SKIPPED: graphviz is not installed\n");
        return NULL;
    }
    put_file(scratch_path("in.dot"), text, strlen(text));
    snprintf(command, sizeof command, "dot -T%s '%s' 2>&1", format, scratch_path("in.dot"));
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    char *out = calloc(1, LIMIT);
    assert_true(fread(out, 1, LIMIT - 1, pipe) > 0);
    if (pclose(pipe) != 0 || strstr(out, "Error") || strstr(out, "Warning"))
        fail_msg("%s", out);
    return out;
}

static void test_layers_and_edges(void **state) {
    (void)state;
    fs_model *model = load_fixture("residual");
    char *text = draw(model), *again = draw(model);
    assert_string_equal(text, again);
    assert_int_equal(count(text, "fillcolor=\"#"), model->n_layers);
    assert_non_null(strstr(text, "image [label=\"data\\n1x3x"));
    assert_non_null(strstr(text, "[label=\"layer1.0.conv1\\nConv  1x4x"));
    assert_non_null(strstr(text, "subgraph \"cluster_layer1.0\""));
    assert_int_equal(count(text, "image -> "), 1);
    /* Each block has a way around: two layers read what enters it, its addition reads two. */
    assert_int_equal(count(text, " -> "), model->n_layers + 2);
    assert_int_equal(count(text, "peripheries=2"), 1);
    assert_null(strstr(text, "weight"));
    assert_int_equal(count(text, "{"), count(text, "}"));
    char *drawn = render(text, "plain");
    if (drawn) {
        assert_int_equal(count(drawn, "\nnode "), model->n_layers + 1);
        assert_int_equal(count(drawn, "\nedge "), model->n_layers + 2);
    }
    free(drawn);
    fs_free(text);
    fs_free(again);
    fs_model_destroy(model);
}

/* Dropout makes no layer: the edge goes past it. */
static void test_edges_pass_what_is_no_layer(void **state) {
    (void)state;
    fs_model *model = load_fixture("caffe");
    char *text = draw(model);
    assert_null(strstr(text, "Dropout"));
    assert_int_equal(count(text, " -> "), model->n_layers); /* a chain */
    fs_free(text);
    fs_model_destroy(model);
}

static void test_any_name(void **state) {
    (void)state;
    static const char *const names[] = {"\"",        "\\N\\", "a\nb",     "<b>&amp;",
                                        "\xff\xc3(", "]; }",  "\xc3\xa9", ""};
    enum { N_NAMES = sizeof names / sizeof *names };
    fs_model *model = load_fixture("squeeze");
    assert_true(model->n_layers > N_NAMES + 2);
    for (int i = 0; i < N_NAMES; i++)
        model->layers[i].name = names[i];
    model->layers[N_NAMES].path = model->layers[N_NAMES + 1].path = "a\"\\.b<";
    model->name = "<table>&\"\\\x01\xfe";
    char *text = draw(model);
    assert_non_null(strstr(text, "label=\"\\\\N\\\\\\n"));
    assert_non_null(strstr(text, "label=\"a?b\\n"));
    assert_non_null(strstr(text, "label=\"&lt;b&gt;&amp;amp;\\n"));
    assert_non_null(strstr(text, "label=\"?\?(\\n"));
    assert_non_null(strstr(text, "&lt;table&gt;&amp;&quot;\\?\?</font>"));
    char *drawn = render(text, "svg");
    if (drawn) {
        assert_int_equal(count(drawn, "class=\"node\""), model->n_layers + 1);
        assert_non_null(strstr(drawn, ">\\N\\</text>"));
        assert_non_null(strstr(drawn, ">&lt;b&gt;&amp;amp;</text>"));
    }
    free(drawn);
    fs_free(text);
    fs_model_destroy(model);
}

static void test_memory_runs_out(void **state) {
    (void)state;
    fs_model *model = load_fixture("squeeze");
    bool refused = true;
    for (int allocation = 0; refused; allocation++) {
        fs_error err = {0};
        fs_text text = {0};
        fail_from(allocation);
        const fs_status status = fs_layers_dot(&text, model, &err);
        refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        fs_text_free(&text);
    }
    fs_model_destroy(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_layers_and_edges, scratch_setup, scratch_teardown),
        cmocka_unit_test(test_edges_pass_what_is_no_layer),
        cmocka_unit_test_setup_teardown(test_any_name, scratch_setup, scratch_teardown),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
