/* The fast gradient of convolution weights and bias against the plain kernel's: random geometries and chosen
 * ones on every instruction set, alone and with threads, in a Concat's larger output, added and overwritten.
 * Also that it writes only its memory, and the same bytes whatever the number of threads. */
#include "base/helpers.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/random.h"
#include "engine/kernels/conv_direct.h"
#include "engine/kernels/wgrad_wino.h"
#include "engine/ops/conv.h"

enum { GUARD = 32, X = 0, W = 1, B = 2 };
static const float guard_value = 12345.5f;

typedef struct geometry {
    int images, channels, height, width, out_channels;
    fs_window window;
    bool bias, accumulate;
    int gap; /* floats between the images of the output's gradient */
} geometry;

typedef struct fixture {
    geometry g;
    fs_node node;
    fs_tensor in[3], out[1];
    float *y_grad, *dense; /* the second without the gaps */
    int64_t out_stride;
} fixture;

static float *numbers(int64_t count, fs_random *random) {
    float *block = fs_alloc_array((size_t)count + 2 * GUARD, sizeof *block);
    assert_non_null(block);
    for (int64_t i = 0; i < count + 2 * GUARD; i++)
        block[i] = i < GUARD || i >= count + GUARD ? guard_value : (float)fs_random_range(random, -1, 1);
    return block + GUARD;
}

static void check_guards(const float *data, int64_t count) {
    for (int i = 1; i <= GUARD; i++) {
        assert_true(data[-i] == guard_value);
        assert_true(data[count + i - 1] == guard_value);
    }
}

static void release(float *data) {
    fs_free(data - GUARD);
}

/* False when the window does not fit. */
static bool create(fixture *f, const geometry *g, fs_random *random) {
    fs_window_at at;
    *f = (fixture){.g = *g};
    if (fs_window_resolve(&g->window, g->window.kernel, g->height, g->width, &at, NULL) != FS_OK)
        return false;
    f->node = (fs_node){.params = &f->g.window, .name = "conv"};
    f->in[X].shape = fs_shape_of(4, g->images, g->channels, g->height, g->width);
    f->in[W].shape = fs_shape_of(4, g->out_channels, g->channels, g->window.kernel[0], g->window.kernel[1]);
    f->in[B].shape = fs_shape_of(1, g->out_channels);
    f->out[0].shape = fs_shape_of(4, g->images, g->out_channels, at.out[0], at.out[1]);
    for (int i = 0; i < 3; i++)
        f->in[i].data = numbers(fs_tensor_count(&f->in[i]), random);
    const int64_t size = fs_tensor_count(&f->out[0]) / g->images;
    f->out_stride = size + g->gap;
    f->y_grad = numbers(f->out_stride * g->images, random);
    f->dense = numbers(size * g->images, random);
    for (int n = 0; n < g->images; n++)
        memcpy(f->dense + n * size, f->y_grad + n * f->out_stride, (size_t)size * sizeof(float));
    return true;
}

static void destroy(fixture *f) {
    for (int i = 0; i < 3; i++)
        release(f->in[i].data);
    release(f->y_grad);
    release(f->dense);
}

/* Gradients of weights and bias by one kernel; what they hold before is what is added to. */
static void run(fixture *f, const fs_kernel *kernel, fs_pool *pool, float *weights, float *bias) {
    const bool present[3] = {true, true, f->g.bias}, want[3] = {false, true, f->g.bias};
    const bool accumulate[3] = {false, f->g.accumulate, f->g.accumulate};
    float *const in_grad[3] = {NULL, weights, f->g.bias ? bias : NULL};
    const float *const out_grad[1] = {kernel->strides_out ? f->y_grad : f->dense};
    fs_op_setup setup = {.node = &f->node,
                         .in = f->in,
                         .out = f->out,
                         .present = present,
                         .n_in = f->g.bias ? 3 : 2,
                         .n_out = 1,
                         .want_grad = want,
                         .threads = fs_pool_threads(pool)};
    assert_true(!kernel->suits || kernel->suits(&setup));
    assert_int_equal(kernel->prepare(&setup, NULL), FS_OK);
    void *packed = fs_alloc(setup.packed_bytes + 1);
    float *workspace = fs_alloc(setup.workspace_bytes + 1);
    assert_true(packed && workspace);
    memset(workspace, 0xff, setup.workspace_bytes); /* NaNs: nothing may count on zeros */
    const fs_op_run op = {.node = &f->node,
                          .in = f->in,
                          .out = f->out,
                          .present = present,
                          .n_in = setup.n_in,
                          .n_out = 1,
                          .in_grad = in_grad,
                          .accumulate = accumulate,
                          .out_grad = out_grad,
                          .want_grad = want,
                          .workspace = workspace,
                          .packed = packed,
                          .pool = pool,
                          .out_stride = kernel->strides_out && f->g.gap ? f->out_stride : 0};
    if (kernel->pack)
        kernel->pack(&op);
    kernel->backward(&op);
    fs_free(packed);
    fs_free(workspace);
}

/* Rounding is a share of what is added up, whatever is left of it in the end: a sum of thousands of terms
 * that cancel is as far off as one that does not. So differences are measured in roundings of the sum of the
 * terms' magnitudes. Sums as they are defined came to 2.3 of them in 12 runs of all cases, Winograd's to 30:
 * its tiles mix the numbers of a window and differences of large ones, so there the largest sum of the window
 * counts. */
enum { DIRECT_ROUNDINGS = 8, TILES_ROUNDINGS = 120 };

/* sizes: of each number the sum of its terms' magnitudes. */
static void assert_close(const float *got, const float *want, const float *sizes, int64_t count, int window,
                         int roundings, const char *label) {
    for (int64_t i = 0; i < count; i++) {
        const int64_t first = i / window * window;
        double size = 0;
        for (int k = 0; k < window; k++)
            size = fmax(size, (double)sizes[first + k]);
        const double d = fabs((double)got[i] - (double)want[i]);
        if (!(d <= roundings * (double)FLT_EPSILON * size))
            fail_msg("%s: number %lld is %.9g, not %.9g: off by %.1f roundings of its terms' sum of %g",
                     label, (long long)i, (double)got[i], (double)want[i], d / size / (double)FLT_EPSILON,
                     size);
    }
}

/* By one method, whatever the kernel would have chosen; false where the method is not for these sizes. */
static bool run_method(const fixture *f, bool winograd, fs_pool *pool, float *weights, float *bias) {
    const geometry *s = &f->g;
    const int threads = fs_pool_threads(pool);
    const fs_isa isa = fs_cpu_isa();
    fs_window_at at;
    fs_wgrad direct;
    fs_wgrad_wino wino;
    assert_int_equal(fs_window_resolve(&s->window, s->window.kernel, s->height, s->width, &at, NULL), FS_OK);
    if (!(winograd ? fs_wgrad_wino_create(&wino, isa, &at, s->images, s->channels, s->out_channels, threads)
                   : fs_wgrad_create(&direct, isa, &at, s->images, s->channels, s->out_channels, threads)))
        return false;
    const size_t floats = winograd ? fs_wgrad_wino_workspace(&wino) : fs_wgrad_workspace(&direct);
    fs_random random;
    fs_random_seed(&random, 1, 1);
    float *workspace = numbers((int64_t)floats, &random);
    memset(workspace, 0xff, floats * sizeof *workspace);
    const fs_wgrad_run own = {.x = fs_f32(&f->in[X]),
                              .out_grad = f->y_grad,
                              .out_stride = f->out_stride,
                              .weight_grad = weights,
                              .bias_grad = s->bias ? bias : NULL,
                              .accumulate = s->accumulate,
                              .accumulate_bias = s->accumulate,
                              .workspace = workspace,
                              .pool = pool};
    if (winograd)
        fs_wgrad_wino_execute(&wino, &own);
    else
        fs_wgrad_execute(&direct, &own);
    check_guards(workspace, (int64_t)floats);
    release(workspace);
    return true;
}

static void describe(const geometry *g, fs_pool *pool, uint64_t seed, char text[256]) {
    const fs_window *w = &g->window;
    snprintf(
        text, 256,
        "seed %llu, %s, %d threads, [%d,%d,%d,%d] -> %d, %dx%d/%d,%d dil %d,%d pad %d,%d,%d,%d gap %d add %d",
        (unsigned long long)seed, fs_isa_name(fs_cpu_isa()), fs_pool_threads(pool), g->images, g->channels,
        g->height, g->width, g->out_channels, w->kernel[0], w->kernel[1], w->stride[0], w->stride[1],
        w->dilation[0], w->dilation[1], w->pad[0], w->pad[1], w->pad[2], w->pad[3], g->gap, g->accumulate);
}

enum { BY_KERNEL, DIRECTLY, BY_TILES, METHODS };
static const char *const method_names[METHODS] = {"kernel", "direct", "Winograd"};

/* Gradients of weights and bias; start: what there was to add to, sizes: see assert_close. */
typedef struct expected {
    float *start[2], *want[2], *sizes[2];
    uint64_t seed; /* to find the case again */
} expected;

/* One way against what the plain kernel made. Returns whether it applies. */
static bool check_method(fixture *f, int method, fs_pool *pool, const expected *e) {
    const int roundings = method == DIRECTLY ? DIRECT_ROUNDINGS : TILES_ROUNDINGS;
    const int windows[2] = {f->g.window.kernel[0] * f->g.window.kernel[1], 1};
    const int64_t counts[2] = {fs_tensor_count(&f->in[W]), f->g.out_channels};
    fs_random random;
    fs_random_seed(&random, 2, 1);
    float *got[2];
    char text[256], label[300];
    bool applies = true;
    for (int i = 0; i < 2; i++) {
        got[i] = numbers(counts[i], &random);
        memcpy(got[i], e->start[i], (size_t)counts[i] * sizeof(float));
    }
    if (method == BY_KERNEL)
        run(f, &fs_conv_direct_kernel, pool, got[0], got[1]);
    else
        applies = run_method(f, method == BY_TILES, pool, got[0], got[1]);
    describe(&f->g, pool, e->seed, text);
    snprintf(label, sizeof label, "%s, %s", method_names[method], text);
    for (int i = 0; i < 2; i++) {
        if (applies)
            assert_close(got[i], e->want[i], e->sizes[i], counts[i], windows[i], roundings, label);
        check_guards(got[i], counts[i]);
        release(got[i]);
    }
    return applies;
}

static void take_magnitudes(float *data, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        data[i] = fabsf(data[i]);
}

/* The same gradients of the numbers' magnitudes: f is made of `random` as it is. */
static void sum_magnitudes(const geometry *g, fs_random random, float *sizes[2]) {
    fixture f;
    assert_true(create(&f, g, &random));
    take_magnitudes(f.in[X].data, fs_tensor_count(&f.in[X]));
    take_magnitudes(f.dense, fs_tensor_count(&f.out[0]));
    for (int i = 0; i < 2; i++)
        take_magnitudes(sizes[i], i ? g->out_channels : fs_tensor_count(&f.in[W]));
    run(&f, &fs_conv_reference_kernel, NULL, sizes[0], sizes[1]);
    destroy(&f);
}

/* Returns false when the window does not fit. Counts uses of Winograd's method. */
static bool check(const geometry *g, fs_pool *pool, uint64_t seed, int *winograd) {
    fs_random random;
    fixture f;
    expected e = {.seed = seed};
    fs_random_seed(&random, seed, 1);
    const fs_random beginning = random;
    if (!create(&f, g, &random))
        return false;
    const int64_t counts[2] = {fs_tensor_count(&f.in[W]), g->out_channels};
    for (int i = 0; i < 2; i++) {
        float **const blocks[3] = {&e.start[i], &e.want[i], &e.sizes[i]};
        for (int k = 0; k < 3; k++) {
            *blocks[k] = numbers(counts[i], &random);
            memcpy(*blocks[k], e.start[i], (size_t)counts[i] * sizeof(float));
        }
    }
    run(&f, &fs_conv_reference_kernel, NULL, e.want[0], e.want[1]);
    sum_magnitudes(g, beginning, e.sizes);
    assert_true(check_method(&f, BY_KERNEL, pool, &e));
    assert_true(check_method(&f, DIRECTLY, pool, &e));
    *winograd += check_method(&f, BY_TILES, pool, &e);
    for (int i = 0; i < 2; i++) {
        release(e.start[i]);
        release(e.want[i]);
        release(e.sizes[i]);
    }
    destroy(&f);
    return true;
}

static void random_axis(fs_random *r, fs_window *w, int i, bool three) {
    w->kernel[i] = three ? 3 : 1 + fs_random_int(r, fs_random_int(r, 2) ? 3 : 11);
    w->stride[i] = three || fs_random_int(r, 2) ? 1 : 1 + fs_random_int(r, 4);
    w->dilation[i] = three || fs_random_int(r, 4) ? 1 : 2;
    const int half = (w->kernel[i] - 1) * w->dilation[i] / 2;
    const bool same = fs_random_int(r, 2), none = fs_random_int(r, 3) == 0;
    w->pad[i] = none ? 0 : same ? half : fs_random_int(r, 5);
    w->pad[i + 2] = none ? 0 : same ? half : fs_random_int(r, 5);
}

/* Within about a million multiplications. */
static geometry random_geometry(fs_random *r) {
    geometry g = {.images = 1 + fs_random_int(r, 9),
                  .channels = 1 + fs_random_int(r, fs_random_int(r, 2) ? 70 : 8),
                  .out_channels = 1 + fs_random_int(r, fs_random_int(r, 2) ? 150 : 8),
                  .height = 1 + fs_random_int(r, fs_random_int(r, 2) ? 8 : 40),
                  .width = 1 + fs_random_int(r, fs_random_int(r, 2) ? 8 : 60),
                  .bias = fs_random_int(r, 2),
                  .accumulate = fs_random_int(r, 2),
                  .gap = fs_random_int(r, 2) ? fs_random_int(r, 100) : 0};
    const bool three = fs_random_int(r, 3) == 0;
    g.window.group = 1;
    random_axis(r, &g.window, 0, three);
    random_axis(r, &g.window, 1, three);
    double work = (double)g.images * g.channels * g.out_channels * g.height * g.width * g.window.kernel[0] *
                  g.window.kernel[1] / (g.window.stride[0] * g.window.stride[1]);
    for (; work > 1e6 && g.channels > 1; work /= 2)
        g.channels = (g.channels + 1) / 2;
    for (; work > 1e6 && g.out_channels > 1; work /= 2)
        g.out_channels = (g.out_channels + 1) / 2;
    return g;
}

static void random_cases(const char *isa) {
    const char *text = getenv("FILTERSCOPE_TEST_SEED");
    const uint64_t seed = text ? strtoull(text, NULL, 10) : (uint64_t)time(NULL);
    setenv("FILTERSCOPE_ISA", isa, 1);
    if (strcmp(fs_isa_name(fs_cpu_isa()), isa) != 0)
        skip();
    printf("FILTERSCOPE_TEST_SEED=%llu\n", (unsigned long long)seed);
    fs_pool *two;
    assert_int_equal(fs_pool_create(&two, 2, NULL), FS_OK);
    fs_random random;
    fs_random_seed(&random, seed, 0);
    int winograd = 0;
    for (int done = 0; done < 150;) {
        const geometry g = random_geometry(&random);
        done += check(&g, fs_random_int(&random, 2) ? two : NULL, seed + (uint64_t)done, &winograd);
    }
    assert_true(winograd > 20);
    fs_pool_destroy(two);
    unsetenv("FILTERSCOPE_ISA");
}

static void random_avx512(void **state) {
    (void)state;
    random_cases("avx512");
}

static void random_avx2(void **state) {
    (void)state;
    random_cases("avx2");
}

static void random_generic(void **state) {
    (void)state;
    random_cases("generic");
}

/* First layers, the layers of small networks, and where bands, blocks and vectors end. */
static void chosen_cases(void **state) {
    (void)state;
    static const struct {
        int images, channels, height, width, out_channels, kernel, stride, pad;
    } cases[] = {
        {2, 3, 61, 59, 96, 7, 2, 0},  {2, 3, 64, 64, 32, 9, 2, 4},  {1, 3, 63, 65, 64, 11, 4, 2},
        {2, 32, 16, 16, 48, 3, 1, 1}, {3, 96, 16, 16, 96, 3, 1, 1}, {5, 20, 8, 8, 160, 3, 1, 1},
        {8, 32, 4, 4, 256, 3, 1, 1},  {9, 64, 13, 13, 48, 1, 1, 0}, {2, 40, 13, 13, 1000, 1, 1, 0},
        {1, 1, 1, 1, 1, 1, 1, 0},     {3, 1, 1, 300, 17, 1, 1, 0},  {2, 2, 300, 1, 3, 3, 1, 1},
        {2, 16, 16, 16, 16, 1, 1, 0}, {3, 16, 27, 27, 64, 1, 1, 0}, {5, 17, 7, 9, 130, 1, 1, 0},
        {9, 30, 5, 5, 200, 1, 1, 0},  {1, 512, 3, 3, 16, 1, 1, 0},  {2, 8, 9, 9, 33, 3, 2, 1},
        {1, 3, 400, 700, 5, 3, 2, 1}, {2, 9, 5, 5, 9, 3, 1, 4},     {300, 4, 1, 1, 20, 1, 1, 0},
        {1, 400, 2, 2, 520, 2, 1, 0}, {2, 24, 1, 1, 24, 3, 1, 1},   {2, 5, 2, 3, 7, 3, 1, 8},
        {3, 5, 20, 33, 17, 7, 2, 3},  {1, 20, 9, 8, 40, 8, 2, 4},   {2, 4, 12, 13, 6, 5, 2, 2},
    };
    fs_pool *three;
    int winograd = 0;
    assert_int_equal(fs_pool_create(&three, 3, NULL), FS_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const int k = cases[i].kernel, s = cases[i].stride, p = cases[i].pad;
        geometry g = {.images = cases[i].images,
                      .channels = cases[i].channels,
                      .height = cases[i].height,
                      .width = cases[i].width,
                      .out_channels = cases[i].out_channels,
                      .bias = true};
        g.window = (fs_window){
            .kernel = {k, k}, .stride = {s, s}, .dilation = {1, 1}, .pad = {p, p, p, p}, .group = 1};
        assert_true(check(&g, NULL, i, &winograd));
        setenv("FILTERSCOPE_ISA", fs_isa_name((fs_isa)(i % FS_ISA_COUNT)), 1);
        g.accumulate = true;
        g.gap = 16;
        assert_true(check(&g, three, i, &winograd));
        unsetenv("FILTERSCOPE_ISA");
    }
    assert_true(winograd >= 20);
    fs_pool_destroy(three);
}

static void check_threads(int kernel, int stride) {
    geometry g = {3, 24, 37, 41, 80, .bias = true};
    g.window = (fs_window){.kernel = {kernel, kernel},
                           .stride = {stride, stride},
                           .dilation = {1, 1},
                           .pad = {1, 1, 1, 1},
                           .group = 1};
    fs_random random;
    fixture f;
    fs_pool *three;
    assert_int_equal(fs_pool_create(&three, 3, NULL), FS_OK);
    fs_random_seed(&random, 7, 0);
    assert_true(create(&f, &g, &random));
    const int64_t count = fs_tensor_count(&f.in[W]);
    float *a = numbers(count, &random), *b = numbers(count, &random);
    float *a_bias = numbers(80, &random), *b_bias = numbers(80, &random);
    for (int winograd = 0; winograd < 2; winograd++) {
        assert_true(run_method(&f, winograd, NULL, a, a_bias));
        assert_true(run_method(&f, winograd, three, b, b_bias));
        assert_memory_equal(a, b, (size_t)count * sizeof *a);
        assert_memory_equal(a_bias, b_bias, 80 * sizeof *a);
    }
    release(a);
    release(b);
    release(a_bias);
    release(b_bias);
    destroy(&f);
    fs_pool_destroy(three);
}

static void threads_do_not_matter(void **state) {
    (void)state;
    check_threads(3, 1);
    check_threads(7, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_avx512),         cmocka_unit_test(random_avx2),
        cmocka_unit_test(random_generic),        cmocka_unit_test(chosen_cases),
        cmocka_unit_test(threads_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
