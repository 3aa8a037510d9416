/* Every operator against PyTorch: the cases of tests/data/ops_cases.txt (written by make_ops_cases.py, which
 * explains the format). Each case is also checked for all that holds for any operator, see op_check. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "ops_harness.h"

enum { WORD = 256, MAX_VALUES = 1 << 16 };

typedef struct reader {
    FILE *file;
    char title[WORD];
    float f[MAX_VALUES];
    int64_t i[MAX_VALUES];
    op_case c;
    fs_tensor out[OP_CASE_OUTPUTS];
    float *seed[OP_CASE_OUTPUTS];
    int n_out, n_seed;
    float *grad[OP_CASE_INPUTS];
} reader;

static void word(reader *r, char text[WORD]) {
    if (fscanf(r->file, "%255s", text) != 1)
        fail_msg("%s: the file ends too early", r->title);
}

static long long integer(reader *r) {
    long long v = 0;
    if (fscanf(r->file, "%lld", &v) != 1)
        fail_msg("%s: an integer was expected", r->title);
    return v;
}

/* PyTorch may write inf and nan, which strtof reads. */
static float number(reader *r) {
    char text[WORD];
    word(r, text);
    char *end;
    const float v = strtof(text, &end);
    if (*end)
        fail_msg("%s: '%s' is not a number", r->title, text);
    return v;
}

/* The rest of a line, as numbers of one kind. */
static int rest_of_line(reader *r, bool floats) {
    int n = 0;
    for (;;) {
        int c = fgetc(r->file);
        while (c == ' ')
            c = fgetc(r->file);
        if (c == '\n' || c == EOF)
            return n;
        ungetc(c, r->file);
        assert_true(n < MAX_VALUES);
        if (floats)
            r->f[n++] = number(r);
        else
            r->i[n++] = integer(r);
    }
}

/* DTYPE was read; RANK DIMS VALUES follow. Borrowed from the reader's arrays. */
static fs_tensor tensor(reader *r, const char *dtype) {
    const bool floats = strcmp(dtype, "f32") == 0;
    fs_tensor t = {.dtype = floats ? FS_F32 : FS_I64};
    t.shape.rank = (int)integer(r);
    for (int k = 0; k < t.shape.rank; k++)
        t.shape.dim[k] = integer(r);
    if (rest_of_line(r, floats) != fs_tensor_count(&t))
        fail_msg("%s: a tensor has the wrong number of values", r->title);
    t.data = floats ? (void *)r->f : (void *)r->i;
    return t;
}

static void *copy_of(const void *bytes, size_t size) {
    void *block = fs_alloc(size);
    assert_non_null(block);
    if (size)
        memcpy(block, bytes, size);
    return block;
}

static void read_input(reader *r) {
    char dtype[WORD], role[WORD];
    word(r, dtype);
    if (strcmp(dtype, "none") == 0) {
        op_input_absent(&r->c);
        return;
    }
    word(r, role);
    const fs_tensor t = tensor(r, dtype);
    op_input(&r->c, &t, strcmp(role, "constant") == 0);
}

static void read_attribute(reader *r, const char *kind) {
    char name[WORD], text[WORD];
    word(r, name);
    if (strcmp(kind, "int") == 0) {
        op_attribute_int(&r->c, name, integer(r));
    } else if (strcmp(kind, "float") == 0) {
        op_attribute_float(&r->c, name, number(r));
    } else if (strcmp(kind, "string") == 0) {
        word(r, text);
        op_attribute_string(&r->c, name, text);
    } else if (strcmp(kind, "ints") == 0) {
        const int n = rest_of_line(r, false);
        op_attribute_ints(&r->c, name, n, r->i);
    } else if (strcmp(kind, "floats") == 0) {
        const int n = rest_of_line(r, true);
        op_attribute_floats(&r->c, name, n, r->f);
    } else if (strcmp(kind, "tensor") == 0) {
        word(r, text);
        const fs_tensor t = tensor(r, text);
        op_attribute_tensor(&r->c, name, &t);
    } else {
        fail_msg("%s: what is '%s'?", r->title, kind);
    }
}

static void read_expected(reader *r, const char *kind) {
    if (strcmp(kind, "out") == 0) {
        char dtype[WORD];
        word(r, dtype);
        fs_tensor t = tensor(r, dtype);
        t.data = copy_of(t.data, (size_t)fs_tensor_count(&t) * fs_dtype_size(t.dtype));
        r->out[r->n_out++] = t;
    } else if (strcmp(kind, "seed") == 0) {
        const int n = rest_of_line(r, true);
        r->seed[r->n_seed++] = copy_of(r->f, (size_t)n * sizeof(float));
    } else {
        const long long input = integer(r);
        const int n = rest_of_line(r, true);
        assert_int_equal(n, fs_tensor_count(&r->c.in[input]));
        r->grad[input] = copy_of(r->f, (size_t)n * sizeof(float));
    }
}

/* False at the end of the file. */
static bool read_case(reader *r) {
    char kind[WORD], op[WORD];
    if (fscanf(r->file, "%255s", kind) != 1)
        return false;
    assert_string_equal(kind, "case");
    word(r, r->title);
    word(r, op);
    const int opset = (int)integer(r);
    op_case_begin(&r->c, op, opset);
    r->c.title = r->title;
    r->c.n_out = (int)integer(r);
    memset(r->out, 0, sizeof r->out);
    memset(r->seed, 0, sizeof r->seed);
    memset(r->grad, 0, sizeof r->grad);
    r->n_out = r->n_seed = 0;
    for (;;) {
        word(r, kind);
        if (strcmp(kind, "end") == 0)
            return true;
        if (strcmp(kind, "in") == 0)
            read_input(r);
        else if (strcmp(kind, "out") == 0 || strcmp(kind, "seed") == 0 || strcmp(kind, "grad") == 0)
            read_expected(r, kind);
        else
            read_attribute(r, kind);
    }
}

static void release(reader *r) {
    for (int k = 0; k < OP_CASE_OUTPUTS; k++) {
        fs_free(r->out[k].data);
        fs_free(r->seed[k]);
    }
    for (int k = 0; k < OP_CASE_INPUTS; k++)
        fs_free(r->grad[k]);
    op_case_end(&r->c);
}

static void compare_outputs(const reader *r, const op_result *result) {
    char title[2 * WORD];
    for (int k = 0; k < r->n_out; k++) {
        snprintf(title, sizeof title, "%s: output %d", r->title, k);
        if (!fs_shape_equal(&r->c.out[k].shape, &r->out[k].shape) || r->c.out[k].dtype != r->out[k].dtype) {
            char got[FS_SHAPE_TEXT], expected[FS_SHAPE_TEXT];
            fail_msg("%s is %s, expected %s", title, fs_shape_text(&r->c.out[k].shape, got),
                     fs_shape_text(&r->out[k].shape, expected));
        }
        const int64_t count = fs_tensor_count(&r->out[k]);
        if (r->out[k].dtype == FS_F32)
            op_assert_close(title, fs_f32(&result->out[k]), fs_f32(&r->out[k]), count, 3e-6);
        else if (memcmp(result->out[k].data, r->out[k].data, (size_t)count * sizeof(int64_t)) != 0)
            fail_msg("%s is wrong", title);
    }
}

static void check_case(reader *r) {
    fs_error err = {0};
    if (op_infer(&r->c, &err) != FS_OK)
        fail_msg("%s: %s", r->title, err.message);
    op_setting s = {.kernel = op_reference(&r->c)};
    for (int k = 0; k < r->c.n_in; k++)
        s.want[k] = r->grad[k] != NULL;
    if (r->n_seed)
        s.out_grad = (const float *const *)r->seed;
    op_result result;
    op_run(&r->c, &s, &result);
    compare_outputs(r, &result);
    char title[2 * WORD];
    for (int k = 0; k < r->c.n_in; k++) {
        snprintf(title, sizeof title, "%s: gradient of input %d", r->title, k);
        if (r->grad[k])
            op_assert_close(title, result.grad[k], r->grad[k], fs_tensor_count(&r->c.in[k]), 1e-5);
    }
    op_result_free(&result);
    op_check(&r->c, 1e-5);
}

static reader *open_cases(void) {
    reader *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->file = fopen(FS_TEST_DATA "/ops_cases.txt", "r");
    assert_non_null(r->file);
    return r;
}

static void test_against_pytorch(void **state) {
    (void)state;
    reader *r = open_cases();
    bool seen[512] = {false};
    const fs_operator *const *all;
    const int operators = fs_operator_list(&all);
    int cases = 0;
    for (; read_case(r); cases++) {
        for (int k = 0; k < operators; k++)
            seen[k] = seen[k] || all[k] == r->c.node.op;
        check_case(r);
        release(r);
    }
    fclose(r->file);
    free(r);
    assert_true(cases > 200);
    for (int k = 0; k < operators; k++)
        if (!seen[k])
            fail_msg("no case for %s", all[k]->type);
}

/* ---- the same cases with one thing wrong ---- */

/* One number of an attribute. */
static void bend_attribute(op_case *c, fs_random *random) {
    fs_attribute *a = &c->attributes[fs_random_int(random, c->n_attributes)];
    if (a->kind == FS_ATTRIBUTE_INT)
        a->i = op_odd_number(random);
    else if (a->kind == FS_ATTRIBUTE_INTS && a->count > 0 && fs_random_int(random, 4) == 0)
        a->count--;
    else if (a->kind == FS_ATTRIBUTE_INTS && a->count > 0)
        ((int64_t *)a->ints)[fs_random_int(random, a->count)] = op_odd_number(random);
    else if (a->kind == FS_ATTRIBUTE_FLOATS && a->count > 0)
        ((float *)a->floats)[fs_random_int(random, a->count)] = (float)op_odd_number(random);
}

/* One integer of an input, or the extent of one dimension. */
static void bend_input(op_case *c, fs_random *random) {
    fs_tensor *t = &c->in[fs_random_int(random, c->n_in)];
    const int64_t count = fs_tensor_count(t);
    if (!t->data || count == 0)
        return;
    if (t->dtype == FS_I64 && fs_random_int(random, 2) == 0) {
        fs_i64(t)[fs_random_int(random, (int)count)] = op_odd_number(random);
        return;
    }
    fs_tensor changed = *t;
    if (changed.shape.rank == 0 || fs_random_int(random, 8) == 0)
        changed.shape.rank = changed.shape.rank ? changed.shape.rank - 1 : 1;
    const int axis = fs_random_int(random, changed.shape.rank ? changed.shape.rank : 1);
    changed.shape.dim[axis] = fs_random_int(random, 6);
    const int64_t wanted = fs_tensor_count(&changed);
    const size_t size = fs_dtype_size(t->dtype);
    changed.data = fs_calloc((size_t)wanted + 1, size);
    assert_non_null(changed.data);
    memcpy(changed.data, t->data, (size_t)(wanted < count ? wanted : count) * size);
    fs_free(t->data);
    *t = changed;
}

static void bend(op_case *c, fs_random *random) {
    switch (fs_random_int(random, 5)) {
    case 0:
        if (c->n_in > 0 && fs_random_int(random, 4) == 0)
            c->present[fs_random_int(random, c->n_in)] = false;
        break;
    case 1:
        c->graph.opset = 1 + fs_random_int(random, 21);
        break;
    case 2:
    case 3:
        if (c->n_attributes > 0) {
            bend_attribute(c, random);
            break;
        }
        /* fall through */
    default:
        if (c->n_in > 0)
            bend_input(c, random);
    }
}

/* Infers, and runs what is accepted; the sanitized build watches the buffers. */
static bool check_bent(op_case *c, fs_random *random) {
    fs_error err = {0};
    const fs_status status = op_infer(c, &err);
    if (status != FS_OK) {
        if (err.code != status || !err.message[0])
            fail_msg("%s failed without a message", c->title);
        return false;
    }
    if (!op_is_modest(c))
        return false;
    if (fs_random_int(random, 4) == 0) {
        op_check_kernels(c, 1e-3);
        return true;
    }
    op_result result;
    op_run(c, &(op_setting){.kernel = op_reference(c)}, &result);
    op_result_free(&result);
    return true;
}

static void test_bent(void **state) {
    (void)state;
    const uint64_t seed = 20240519;
    print_message("seed %llu\n", (unsigned long long)seed);
    fs_random random;
    fs_random_seed(&random, seed, 0);
    int accepted = 0;
    for (int round = 0; round < 8; round++) {
        reader *r = open_cases();
        while (read_case(r)) {
            for (int i = 0; i < 1 + round / 2; i++)
                bend(&r->c, &random);
            accepted += check_bent(&r->c, &random);
            release(r);
        }
        fclose(r->file);
        free(r);
    }
    assert_true(accepted > 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_pytorch), cmocka_unit_test(test_bent)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
