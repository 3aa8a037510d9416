#include "ops_harness.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"

/* ---- building a case ---- */

void op_case_begin(op_case *c, const char *type, int opset) {
    *c = (op_case){.title = type, .n_out = 1};
    c->graph.arena = fs_arena_create();
    c->graph.opset = opset;
    assert_non_null(c->graph.arena);
    c->node.name = "node";
    c->node.op = fs_operator_find(type);
    if (!c->node.op)
        fail_msg("no operator %s", type);
}

void op_case_end(op_case *c) {
    for (int i = 0; i < c->n_in; i++)
        fs_free(c->in[i].data);
    fs_arena_destroy(c->graph.arena);
}

static fs_attribute *new_attribute(op_case *c, const char *name, fs_attribute_kind kind) {
    assert_true(c->n_attributes < OP_CASE_ATTRIBUTES);
    fs_attribute *a = &c->attributes[c->n_attributes++];
    *a = (fs_attribute){.name = fs_arena_strdup(c->graph.arena, name), .kind = kind};
    return a;
}

static void *keep(op_case *c, const void *bytes, size_t size) {
    void *copy = fs_arena_alloc(c->graph.arena, 1, size + 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    return copy;
}

void op_attribute_int(op_case *c, const char *name, int64_t value) {
    new_attribute(c, name, FS_ATTRIBUTE_INT)->i = value;
}

void op_attribute_float(op_case *c, const char *name, float value) {
    new_attribute(c, name, FS_ATTRIBUTE_FLOAT)->f = value;
}

void op_attribute_string(op_case *c, const char *name, const char *value) {
    new_attribute(c, name, FS_ATTRIBUTE_STRING)->s = keep(c, value, strlen(value));
}

void op_attribute_ints(op_case *c, const char *name, int count, const int64_t *values) {
    fs_attribute *a = new_attribute(c, name, FS_ATTRIBUTE_INTS);
    a->ints = keep(c, values, (size_t)count * sizeof *values);
    a->count = count;
}

void op_attribute_floats(op_case *c, const char *name, int count, const float *values) {
    fs_attribute *a = new_attribute(c, name, FS_ATTRIBUTE_FLOATS);
    a->floats = keep(c, values, (size_t)count * sizeof *values);
    a->count = count;
}

static size_t bytes_of(const fs_tensor *t) {
    return (size_t)fs_tensor_count(t) * fs_dtype_size(t->dtype);
}

void op_attribute_tensor(op_case *c, const char *name, const fs_tensor *value) {
    fs_attribute *a = new_attribute(c, name, FS_ATTRIBUTE_TENSOR);
    a->tensor = *value;
    a->tensor.data = keep(c, value->data, bytes_of(value));
}

void op_input(op_case *c, const fs_tensor *value, bool constant) {
    assert_true(c->n_in < OP_CASE_INPUTS);
    fs_tensor *t = &c->in[c->n_in];
    *t = *value;
    t->data = fs_alloc(bytes_of(value));
    assert_non_null(t->data);
    if (bytes_of(value))
        memcpy(t->data, value->data, bytes_of(value));
    c->present[c->n_in] = true;
    c->constant[c->n_in++] = constant;
}

void op_input_random(op_case *c, fs_shape shape, uint64_t seed) {
    fs_tensor t = {.shape = shape, .dtype = FS_F32};
    t.data = fs_alloc(bytes_of(&t));
    assert_non_null(t.data);
    fs_random random;
    fs_random_seed(&random, seed, 0);
    fs_random_normal(&random, t.data, (int)fs_tensor_count(&t), 1);
    op_input(c, &t, false);
    fs_free(t.data);
}

void op_input_ints(op_case *c, int count, const int64_t *values) {
    const fs_tensor t = {.shape = fs_shape_of(1, count), .dtype = FS_I64, .data = (void *)values};
    op_input(c, &t, true);
}

void op_input_absent(op_case *c) {
    assert_true(c->n_in < OP_CASE_INPUTS);
    c->n_in++;
}

fs_status op_infer(op_case *c, fs_error *err) {
    c->node.attributes = c->attributes;
    c->node.n_attributes = c->n_attributes;
    c->node.n_inputs = c->n_in;
    c->node.n_outputs = c->n_out;
    fs_status status = FS_OK;
    if (c->node.op->parse)
        status = c->node.op->parse(&c->graph, &c->node, &c->node.params, err);
    if (status != FS_OK)
        return status;
    fs_tensor in[OP_CASE_INPUTS];
    for (int i = 0; i < c->n_in; i++) {
        in[i] = c->in[i];
        if (!c->constant[i])
            in[i].data = NULL;
    }
    const fs_op_shapes shapes = {&c->graph, &c->node, in, c->present, c->n_in, c->out, c->n_out};
    return c->node.op->infer(&shapes, err);
}

void op_expect_error(op_case *c, const char *part) {
    fs_error err = {0};
    const fs_status status = op_infer(c, &err);
    if (status == FS_OK)
        fail_msg("%s: no error, expected '%s'", c->title, part);
    if (status != err.code || !strstr(err.message, part))
        fail_msg("%s: error %d '%s', expected '%s'", c->title, (int)err.code, err.message, part);
}

/* ---- running ---- */

const fs_kernel *op_reference(const op_case *c) {
    const fs_kernel *const *k = c->node.op->kernels;
    while (k[1])
        k++;
    return *k;
}

static void *rubbish(size_t size) {
    unsigned char *block = fs_alloc(size);
    assert_non_null(block);
    memset(block, 0xff, size); /* NaN as floats */
    return block;
}

/* A copy without what a plan would not keep. */
static void forget(const fs_tensor *from, fs_tensor *to, int count, uint64_t kept, const bool *constant) {
    for (int i = 0; i < count; i++) {
        to[i] = from[i];
        if (!(kept >> i & 1) && !(constant && constant[i]))
            to[i].data = NULL;
    }
}

static void run_backward(const op_case *c, const op_setting *s, const fs_op_setup *setup, fs_op_run *run,
                         op_result *result) {
    fs_tensor in[OP_CASE_INPUTS], out[OP_CASE_OUTPUTS];
    bool accumulate[OP_CASE_INPUTS] = {false};
    forget(c->in, in, c->n_in, setup->keep_in, c->constant);
    forget(result->out, out, c->n_out, setup->keep_out, NULL);
    for (int i = 0; i < c->n_in; i++) {
        if (!s->want[i])
            continue;
        const size_t size = bytes_of(&c->in[i]);
        result->grad[i] = rubbish(size);
        accumulate[i] = s->start != NULL && s->kernel->accumulates;
        if (accumulate[i])
            memcpy(result->grad[i], s->start[i], size);
    }
    run->in = in;
    run->out = out;
    run->in_grad = result->grad;
    run->accumulate = accumulate;
    run->out_grad = s->out_grad;
    memset(run->workspace, 0xff, setup->workspace_bytes);
    s->kernel->backward(run);
}

void op_run(const op_case *c, const op_setting *s, op_result *result) {
    *result = (op_result){0};
    fs_op_setup setup = {.node = &c->node,
                         .in = c->in,
                         .out = c->out,
                         .present = c->present,
                         .n_in = c->n_in,
                         .n_out = c->n_out,
                         .want_grad = s->want,
                         .fuse_relu = s->fuse_relu,
                         .threads = fs_pool_threads(s->pool)};
    fs_error err = {0};
    if (s->kernel->prepare && s->kernel->prepare(&setup, &err) != FS_OK)
        fail_msg("%s: %s", c->title, err.message);
    for (int i = 0; i < c->n_out; i++) {
        result->out[i] = c->out[i];
        result->out[i].data = rubbish(bytes_of(&c->out[i]));
    }
    fs_op_run run = {.node = &c->node,
                     .in = c->in,
                     .out = result->out,
                     .present = c->present,
                     .n_in = c->n_in,
                     .n_out = c->n_out,
                     .want_grad = s->want,
                     .saved = rubbish(setup.saved_bytes),
                     .workspace = rubbish(setup.workspace_bytes),
                     .packed = rubbish(setup.packed_bytes),
                     .pool = s->pool,
                     .fuse_relu = s->fuse_relu,
                     .relu_rule = s->rule};
    if (s->kernel->pack)
        s->kernel->pack(&run);
    s->kernel->forward(&run);
    if (s->out_grad)
        run_backward(c, s, &setup, &run, result);
    fs_free(run.saved);
    fs_free(run.workspace);
    fs_free(run.packed);
}

void op_result_free(op_result *result) {
    for (int i = 0; i < OP_CASE_OUTPUTS; i++)
        fs_free(result->out[i].data);
    for (int i = 0; i < OP_CASE_INPUTS; i++)
        fs_free(result->grad[i]);
}

/* ---- nonsense ---- */

int64_t op_odd_number(fs_random *random) {
    static const int64_t absurd[] = {INT64_MAX, INT64_MIN, INT64_MAX - 1, INT32_MAX, INT32_MIN,
                                     1 << 20,   -1,        65536};
    if (fs_random_int(random, 12) == 0)
        return absurd[fs_random_int(random, 8)];
    return fs_random_int(random, 7) - (fs_random_int(random, 4) == 0 ? 3 : 0);
}

static bool has_modest_outputs(const op_case *c) {
    for (int i = 0; i < c->n_out; i++)
        if (fs_tensor_count(&c->out[i]) > 1 << 16)
            return false;
    return true;
}

static bool fits_memory(const op_case *c) {
    const bool want[OP_CASE_INPUTS] = {false};
    fs_op_setup setup = {.node = &c->node,
                         .in = c->in,
                         .out = c->out,
                         .present = c->present,
                         .n_in = c->n_in,
                         .n_out = c->n_out,
                         .want_grad = want,
                         .threads = 1};
    const fs_kernel *kernel = op_reference(c);
    return !kernel->prepare || (kernel->prepare(&setup, NULL) == FS_OK && setup.workspace_bytes < 1 << 24);
}

bool op_is_modest(const op_case *c) {
    return has_modest_outputs(c) && fits_memory(c);
}

/* ---- checking ---- */

void op_assert_close(const char *title, const float *got, const float *expected, int64_t count,
                     double tolerance) {
    double scale = 1e-3;
    for (int64_t i = 0; i < count; i++)
        if (fabs((double)expected[i]) > scale && isfinite(expected[i]))
            scale = fabs((double)expected[i]);
    for (int64_t i = 0; i < count; i++) {
        const double a = (double)got[i], b = (double)expected[i];
        if (!(fabs(a - b) <= tolerance * scale) && !(a == b) && !(isnan(a) && isnan(b)))
            fail_msg("%s: element %lld of %lld is %.9g, expected %.9g", title, (long long)i, (long long)count,
                     a, b);
    }
}

static void assert_tensor(const char *title, const fs_tensor *got, const fs_tensor *expected,
                          double tolerance) {
    const int64_t count = fs_tensor_count(expected);
    if (expected->dtype == FS_I64)
        assert_memory_equal(got->data, expected->data, (size_t)count * sizeof(int64_t));
    else
        op_assert_close(title, fs_f32(got), fs_f32(expected), count, tolerance);
}

static bool is_differentiable(const op_case *c, int i) {
    return c->present[i] && !c->constant[i] && c->in[i].dtype == FS_F32;
}

/* Random gradients for the outputs, owned by the caller. */
static void random_gradients(const op_case *c, float *grad[OP_CASE_OUTPUTS]) {
    fs_random random;
    fs_random_seed(&random, 77, 1);
    for (int i = 0; i < c->n_out; i++) {
        const int64_t count = fs_tensor_count(&c->out[i]);
        grad[i] = fs_alloc((size_t)count * sizeof(float));
        assert_non_null(grad[i]);
        fs_random_normal(&random, grad[i], (int)count, 1);
    }
}

static void free_all(float **blocks, int count) {
    for (int i = 0; i < count; i++)
        fs_free(blocks[i]);
}

static void compare(const op_case *c, const op_setting *s, const op_result *got, const op_result *expected,
                    const float *const *start, double tolerance) {
    char title[256];
    for (int i = 0; i < c->n_out; i++) {
        snprintf(title, sizeof title, "%s: kernel %s, output %d", c->title, s->kernel->name, i);
        assert_tensor(title, &got->out[i], &expected->out[i], tolerance);
    }
    for (int i = 0; i < c->n_in; i++) {
        if (!got->grad[i] || !s->out_grad)
            continue;
        const int64_t count = fs_tensor_count(&c->in[i]);
        float *sum = fs_alloc((size_t)count * sizeof(float));
        assert_non_null(sum);
        for (int64_t k = 0; k < count; k++)
            sum[k] = expected->grad[i][k] + (start ? start[i][k] : 0);
        snprintf(title, sizeof title, "%s: kernel %s, gradient of input %d%s", c->title, s->kernel->name, i,
                 start ? " (added)" : "");
        op_assert_close(title, got->grad[i], sum, count, tolerance);
        fs_free(sum);
    }
}

typedef struct check {
    op_case *c;
    op_result reference;
    float *out_grad[OP_CASE_OUTPUTS], *start[OP_CASE_INPUTS];
    bool differentiable[OP_CASE_INPUTS];
    double tolerance;
} check;

static void check_begin(check *k, op_case *c, double tolerance) {
    *k = (check){.c = c, .tolerance = tolerance};
    random_gradients(c, k->out_grad);
    fs_random random;
    fs_random_seed(&random, 78, 1);
    bool any = false;
    for (int i = 0; i < c->n_in; i++) {
        k->differentiable[i] = is_differentiable(c, i);
        any = any || k->differentiable[i];
        if (!k->differentiable[i])
            continue;
        const int64_t count = fs_tensor_count(&c->in[i]);
        k->start[i] = fs_alloc((size_t)count * sizeof(float));
        assert_non_null(k->start[i]);
        fs_random_normal(&random, k->start[i], (int)count, 1);
    }
    op_setting s = {.kernel = op_reference(c)};
    if (any && s.kernel->backward && c->out[0].dtype == FS_F32) {
        memcpy(s.want, k->differentiable, sizeof s.want);
        s.out_grad = (const float *const *)k->out_grad;
    } else {
        memset(k->differentiable, 0, sizeof k->differentiable);
    }
    op_run(c, &s, &k->reference);
}

static void check_end(check *k) {
    op_result_free(&k->reference);
    free_all(k->out_grad, OP_CASE_OUTPUTS);
    free_all(k->start, OP_CASE_INPUTS);
}

/* Forward alone, then every non-empty subset of gradients, overwriting and adding. */
static void check_subsets(const check *k, const fs_kernel *kernel, fs_pool *pool) {
    const op_case *c = k->c;
    op_setting s = {.kernel = kernel, .pool = pool};
    op_result result;
    op_run(c, &s, &result);
    compare(c, &s, &result, &k->reference, NULL, k->tolerance);
    op_result_free(&result);
    s.out_grad = (const float *const *)k->out_grad;
    for (unsigned subset = 1; subset < 1u << c->n_in; subset++) {
        bool possible = true;
        for (int i = 0; i < c->n_in; i++) {
            s.want[i] = subset >> i & 1;
            possible = possible && (!s.want[i] || k->differentiable[i]);
        }
        for (int add = 0; add < 2 && possible; add++) {
            s.start = add ? (const float *const *)k->start : NULL;
            if (add && !kernel->accumulates)
                continue;
            op_run(c, &s, &result);
            compare(c, &s, &result, &k->reference, s.start, k->tolerance);
            op_result_free(&result);
        }
    }
}

/* With the ReLU merged, forward is the rectified output; backward gets a gradient that is masked already. */
static void check_fused(const check *k, const fs_kernel *kernel) {
    op_setting s = {.kernel = kernel, .fuse_relu = true};
    op_result result;
    op_run(k->c, &s, &result);
    const int64_t count = fs_tensor_count(&k->c->out[0]);
    float *expected = fs_alloc((size_t)count * sizeof(float));
    assert_non_null(expected);
    for (int64_t i = 0; i < count; i++)
        expected[i] = fmaxf(fs_f32(&k->reference.out[0])[i], 0);
    op_assert_close("with the ReLU merged", fs_f32(&result.out[0]), expected, count, k->tolerance);
    fs_free(expected);
    op_result_free(&result);
}

/* A wanted gradient becomes zero (or stays) when nothing arrives from above. */
static void check_nothing(const check *k, const fs_kernel *kernel) {
    const float *none[OP_CASE_OUTPUTS] = {NULL};
    op_setting s = {.kernel = kernel, .out_grad = none};
    memcpy(s.want, k->differentiable, sizeof s.want);
    op_result result;
    op_run(k->c, &s, &result);
    for (int i = 0; i < k->c->n_in; i++)
        for (int64_t e = 0; k->differentiable[i] && e < fs_tensor_count(&k->c->in[i]); e++)
            assert_true(result.grad[i][e] == 0);
    op_result_free(&result);
}

void op_check_kernels(op_case *c, double tolerance) {
    check k;
    check_begin(&k, c, tolerance);
    fs_pool *pool = NULL;
    assert_int_equal(fs_pool_create(&pool, 3, NULL), FS_OK);
    for (const fs_kernel *const *kernel = c->node.op->kernels; *kernel; kernel++) {
        const fs_op_setup setup = {.node = &c->node,
                                   .in = c->in,
                                   .out = c->out,
                                   .present = c->present,
                                   .n_in = c->n_in,
                                   .n_out = c->n_out,
                                   .want_grad = k.differentiable,
                                   .threads = 1};
        if ((*kernel)->suits && !(*kernel)->suits(&setup))
            continue;
        check_subsets(&k, *kernel, NULL);
        check_subsets(&k, *kernel, pool);
        if ((*kernel)->fuses_relu)
            check_fused(&k, *kernel);
        bool any = false;
        for (int i = 0; i < c->n_in; i++)
            any = any || k.differentiable[i];
        if (any && (*kernel)->accumulates)
            check_nothing(&k, *kernel);
    }
    fs_pool_destroy(pool);
    check_end(&k);
}

/* The sum over outputs of gradient times value, from the reference kernel. */
static double projected(const check *k) {
    op_setting s = {.kernel = op_reference(k->c)};
    op_result result;
    op_run(k->c, &s, &result);
    double sum = 0;
    for (int i = 0; i < k->c->n_out; i++)
        for (int64_t e = 0; e < fs_tensor_count(&k->c->out[i]); e++)
            sum += (double)k->out_grad[i][e] * (double)fs_f32(&result.out[i])[e];
    op_result_free(&result);
    return sum;
}

/* What rounding to float may do to a slope taken at a step of 0.01: a few units in the last place of every
 * term of the projection, added up as independent errors are. */
static double rounding_noise(const check *k) {
    double sum = 0;
    for (int i = 0; i < k->c->n_out; i++)
        for (int64_t e = 0; e < fs_tensor_count(&k->c->out[i]); e++) {
            const double term = (double)k->out_grad[i][e] * (double)fs_f32(&k->reference.out[i])[e];
            sum += term * term;
        }
    return 4 * 6e-8 / 0.01 * sqrt(sum);
}

/* Central differences at two step sizes, extrapolated (Richardson): the error is of fourth order, so that the
 * step may be large enough for float32. */
static double difference(const check *k, float *x) {
    const float middle = *x, step = 0.02f;
    double slope[2];
    for (int i = 0; i < 2; i++) {
        const float h = step / (float)(i + 1);
        *x = middle + h;
        const double up = projected(k), high = (double)*x;
        *x = middle - h;
        const double down = projected(k), low = (double)*x;
        slope[i] = (up - down) / (high - low);
    }
    *x = middle;
    return (4 * slope[1] - slope[0]) / 3;
}

void op_check_gradient(op_case *c, double tolerance) {
    enum { SAMPLES = 48 };
    check k;
    check_begin(&k, c, tolerance);
    const double noise = c->out[0].dtype == FS_F32 ? rounding_noise(&k) : 0;
    for (int i = 0; i < c->n_in; i++) {
        if (!k.differentiable[i])
            continue;
        const int64_t count = fs_tensor_count(&c->in[i]);
        double scale = 1e-2;
        for (int64_t e = 0; e < count; e++)
            scale = fmax(scale, fabs((double)k.reference.grad[i][e]));
        const int64_t stride = count > SAMPLES ? count / SAMPLES | 1 : 1;
        for (int64_t e = 0; e < count; e += stride) {
            const double expected = difference(&k, &fs_f32(&c->in[i])[e]),
                         got = (double)k.reference.grad[i][e];
            if (!(fabs(got - expected) <= tolerance * scale + noise))
                fail_msg("%s: gradient of input %d, element %lld is %.7g, differences give %.7g", c->title, i,
                         (long long)e, got, expected);
        }
    }
    check_end(&k);
}

void op_check(op_case *c, double tolerance) {
    op_check_kernels(c, tolerance);
    op_check_gradient(c, 10 * tolerance);
}
