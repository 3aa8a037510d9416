/* The fast convolution against a plain one in double precision: random geometries on every instruction set,
 * alone and with two threads. Also that kernels read and write only their memory (guard values, and the
 * sanitizers). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/random.h"
#include "engine/kernels/conv_direct.h"
#include "engine/kernels/isa.h"
#include "engine/kernels/wino.h"
#include "engine/ops/window.h"

enum { GUARD = 64, X = 0, W = 1, B = 2 };
static const float guard_value = 12345.5f;

typedef struct geometry {
    int images, channels, height, width, out_channels;
    fs_window window;
    bool bias, relu, accumulate, gradient;
} geometry;

typedef struct fixture {
    geometry g;
    fs_window_at at;
    fs_node node;
    fs_tensor in[3], out[1];
    bool present[3], want_grad[3], accumulate[3];
    float *x_grad, *y_grad, *start; /* start: what x_grad held before */
    float *in_grad[3];
    const float *out_grad[1];
    void *packed, *workspace;
    size_t packed_bytes, workspace_bytes;
    fs_op_setup setup;
    fs_op_run run;
} fixture;

/* A block with guards on both sides. */
static float *guarded(size_t count, fs_random *random) {
    float *block = fs_alloc_array(count + 2 * GUARD, sizeof *block);
    assert_non_null(block);
    for (size_t i = 0; i < count + 2 * GUARD; i++)
        block[i] = guard_value;
    if (random != NULL)
        for (size_t i = 0; i < count; i++)
            block[GUARD + i] = (float)fs_random_range(random, -1, 1);
    return block + GUARD;
}

static void check_guards(const float *data, size_t count) {
    for (int i = 1; i <= GUARD; i++) {
        assert_true(data[-i] == guard_value);
        assert_true(data[count + (size_t)i - 1] == guard_value);
    }
}

static void release(float *data) {
    fs_free(data - GUARD);
}

static size_t count_of(const fs_tensor *t) {
    return (size_t)fs_tensor_count(t);
}

static bool create(fixture *f, const geometry *g, fs_random *random) {
    *f = (fixture){.g = *g};
    if (fs_window_resolve(&g->window, g->window.kernel, g->height, g->width, &f->at, NULL) != FS_OK)
        return false;
    f->node.params = &f->g.window;
    f->node.name = "conv";
    f->in[X].shape = fs_shape_of(4, g->images, g->channels, g->height, g->width);
    f->in[W].shape = fs_shape_of(4, g->out_channels, g->channels, g->window.kernel[0], g->window.kernel[1]);
    f->in[B].shape = fs_shape_of(1, g->out_channels);
    f->out[0].shape = fs_shape_of(4, g->images, g->out_channels, f->at.out[0], f->at.out[1]);
    for (int i = 0; i < 3; i++)
        f->in[i].data = guarded(count_of(&f->in[i]), random);
    f->out[0].data = guarded(count_of(&f->out[0]), NULL);
    f->x_grad = guarded(count_of(&f->in[X]), random);
    f->start = guarded(count_of(&f->in[X]), NULL);
    memcpy(f->start, f->x_grad, count_of(&f->in[X]) * sizeof(float));
    f->y_grad = guarded(count_of(&f->out[0]), random);
    f->present[X] = f->present[W] = true;
    f->present[B] = g->bias;
    f->want_grad[X] = g->gradient;
    f->accumulate[X] = g->accumulate;
    f->in_grad[X] = f->x_grad;
    f->out_grad[0] = f->y_grad;
    return true;
}

static void destroy(fixture *f) {
    for (int i = 0; i < 3; i++)
        release(f->in[i].data);
    release(f->out[0].data);
    release(f->x_grad);
    release(f->start);
    release(f->y_grad);
    fs_free(f->packed);
    fs_free(f->workspace);
}

static void prepare(fixture *f, fs_pool *pool) {
    f->setup = (fs_op_setup){.node = &f->node,
                             .in = f->in,
                             .out = f->out,
                             .present = f->present,
                             .n_in = f->g.bias ? 3 : 2,
                             .n_out = 1,
                             .want_grad = f->want_grad,
                             .threads = fs_pool_threads(pool)};
    assert_true(fs_conv_direct_kernel.suits(&f->setup));
    f->setup.fuse_relu = f->g.relu;
    assert_int_equal(fs_conv_direct_kernel.prepare(&f->setup, NULL), FS_OK);
    f->packed = fs_alloc(f->setup.packed_bytes);
    f->workspace = fs_alloc(f->setup.workspace_bytes);
    assert_non_null(f->packed);
    assert_non_null(f->workspace);
    memset(f->workspace, 0xff, f->setup.workspace_bytes); /* NaNs: nothing may count on zeros */
    f->run = (fs_op_run){.node = &f->node,
                         .in = f->in,
                         .out = f->out,
                         .present = f->present,
                         .n_in = f->setup.n_in,
                         .n_out = 1,
                         .in_grad = f->in_grad,
                         .accumulate = f->accumulate,
                         .out_grad = f->out_grad,
                         .want_grad = f->want_grad,
                         .workspace = f->workspace,
                         .packed = f->packed,
                         .pool = pool,
                         .fuse_relu = f->g.relu};
    fs_conv_direct_kernel.pack(&f->run);
}

/* The definition. forward: y = b + w * x; otherwise x_grad += w * y_grad. */
static void plain(const fixture *f, bool forward, double *y, double *x_grad) {
    const fs_window_at *at = &f->at;
    int area = at->in[0] * at->in[1], out_area = at->out[0] * at->out[1];
    const float *w = fs_f32(&f->in[W]), *x = fs_f32(&f->in[X]);
    for (int n = 0; n < f->g.images; n++)
        for (int m = 0; m < f->g.out_channels; m++)
            for (int p = 0; p < out_area; p++) {
                size_t o = (size_t)((n * f->g.out_channels + m) * out_area + p);
                double sum = f->g.bias ? (double)fs_f32(&f->in[B])[m] : 0;
                for (int k = 0; k < f->g.channels * at->kernel[0] * at->kernel[1]; k++) {
                    int c = k / (at->kernel[0] * at->kernel[1]), t = k % (at->kernel[0] * at->kernel[1]);
                    int iy =
                        p / at->out[1] * at->stride[0] + t / at->kernel[1] * at->dilation[0] - at->pad[0];
                    int ix =
                        p % at->out[1] * at->stride[1] + t % at->kernel[1] * at->dilation[1] - at->pad[1];
                    if (iy < 0 || iy >= at->in[0] || ix < 0 || ix >= at->in[1])
                        continue;
                    size_t i = (size_t)((n * f->g.channels + c) * area + iy * at->in[1] + ix);
                    double weight = (double)
                        w[(size_t)m * (size_t)(f->g.channels * at->kernel[0] * at->kernel[1]) + (size_t)k];
                    if (forward)
                        sum += weight * (double)x[i];
                    else
                        x_grad[i] += weight * (double)f->y_grad[o];
                }
                if (forward)
                    y[o] = f->g.relu && sum < 0 ? 0 : sum;
            }
}

/* Relative L2 distance, and the largest distance against the scale of the numbers. */
static void assert_close(const float *got, const double *want, size_t count, const char *what) {
    double distance = 0, norm = 1e-30, worst = 0;
    for (size_t i = 0; i < count; i++) {
        double d = fabs((double)got[i] - want[i]);
        if (!(d < 1e30))
            fail_msg("%s: element %zu is %g, not %g", what, i, (double)got[i], want[i]);
        distance += d * d;
        norm += want[i] * want[i];
        worst = d > worst ? d : worst;
    }
    double scale = sqrt(norm / (double)count) + 1e-3;
    if (sqrt(distance / norm) > 1e-5 || worst > 1e-4 * scale + 1e-6)
        fail_msg("%s: relative L2 %g, worst %g at scale %g", what, sqrt(distance / norm), worst, scale);
}

static void check_forward(fixture *f, const char *label) {
    size_t count = count_of(&f->out[0]);
    double *y = fs_calloc(count, sizeof *y);
    assert_non_null(y);
    plain(f, true, y, NULL);
    fs_conv_direct_kernel.forward(&f->run);
    assert_close(f->out[0].data, y, count, label);
    check_guards(f->out[0].data, count);
    fs_free(y);
}

static void check_backward(fixture *f, const char *label) {
    size_t count = count_of(&f->in[X]);
    double *grad = fs_calloc(count, sizeof *grad);
    assert_non_null(grad);
    plain(f, false, NULL, grad);
    for (size_t i = 0; i < count && f->g.accumulate; i++)
        grad[i] += (double)f->start[i];
    fs_conv_direct_kernel.backward(&f->run);
    assert_close(f->x_grad, grad, count, label);
    check_guards(f->x_grad, count);
    fs_free(grad);
}

static void describe(const geometry *g, const char *isa, int threads, const char *pass, char text[256]) {
    const fs_window *w = &g->window;
    snprintf(text, 256,
             "%s %s, %d threads, [%d,%d,%d,%d] -> %d, %dx%d/%d,%d dil %d,%d pad %d,%d,%d,%d bias %d relu %d "
             "add %d",
             isa, pass, threads, g->images, g->channels, g->height, g->width, g->out_channels, w->kernel[0],
             w->kernel[1], w->stride[0], w->stride[1], w->dilation[0], w->dilation[1], w->pad[0], w->pad[1],
             w->pad[2], w->pad[3], g->bias, g->relu, g->accumulate);
}

/* One method on one pass, whatever the kernel would have chosen. */
static void check_method(fixture *f, const fs_flat *flat, fs_wino *wino, const double *want,
                         const char *label) {
    fs_pool *pool = f->run.pool;
    int threads = fs_pool_threads(pool), images = f->g.images;
    bool gradient = flat->gradient;
    const float *bias = f->g.bias && !gradient ? fs_f32(&f->in[B]) : NULL, *weights = fs_f32(&f->in[W]);
    fs_flat direct = *flat;
    void *packed = fs_alloc(wino ? fs_wino_packed_bytes(wino) : fs_flat_packed_bytes(flat));
    size_t floats = wino ? fs_wino_workspace(wino, threads) : (size_t)threads * fs_flat_scratch(flat);
    float *workspace = guarded(floats, NULL), *target = gradient ? f->x_grad : fs_f32(&f->out[0]);
    size_t count = gradient ? count_of(&f->in[X]) : count_of(&f->out[0]);
    assert_non_null(packed);
    memset(workspace, 0xff, floats * sizeof(float));
    if (gradient)
        memcpy(target, f->start, count * sizeof(float));
    fs_flat_run run = {.source = gradient ? f->y_grad : fs_f32(&f->in[X]),
                       .target = target,
                       .images = images,
                       .relu = f->g.relu && !gradient,
                       .accumulate = f->g.accumulate && gradient,
                       .workspace = workspace,
                       .pool = pool};
    if (wino != NULL) {
        fs_wino_pack(wino, weights, bias, packed);
        fs_wino_choose_split(wino, threads);
        fs_wino_execute(wino, &run);
    } else {
        fs_flat_pack(&direct, weights, bias, packed);
        fs_flat_choose_split(&direct, images, threads);
        fs_flat_execute(&direct, &run);
    }
    assert_close(target, want, count, label);
    check_guards(target, count);
    check_guards(workspace, floats);
    release(workspace);
    fs_free(packed);
}

/* Both methods, where they apply. Returns how often Winograd's did. */
static int check_methods(fixture *f, bool gradient) {
    fs_isa isa = fs_cpu_isa();
    fs_flat flat;
    fs_wino wino;
    int channels = f->g.channels, targets = f->g.out_channels;
    size_t count = gradient ? count_of(&f->in[X]) : count_of(&f->out[0]);
    double *want = fs_calloc(count, sizeof *want);
    assert_non_null(want);
    plain(f, !gradient, gradient ? NULL : want, gradient ? want : NULL);
    for (size_t i = 0; i < count && gradient && f->g.accumulate; i++)
        want[i] += (double)f->start[i];
    assert_true(gradient ? fs_flat_gradient(&flat, isa, &f->at, targets, channels)
                         : fs_flat_forward(&flat, isa, &f->at, channels, targets));
    char text[256];
    describe(&f->g, fs_isa_name(isa), fs_pool_threads(f->run.pool),
             gradient ? "flat gradient" : "flat forward", text);
    check_method(f, &flat, NULL, want, text);
    bool applies = fs_wino_create(&wino, &flat, f->g.images, isa);
    if (applies) {
        describe(&f->g, fs_isa_name(isa), fs_pool_threads(f->run.pool),
                 gradient ? "Winograd gradient" : "Winograd forward", text);
        check_method(f, &flat, &wino, want, text);
    }
    fs_free(want);
    return applies;
}

/* Returns false when the window does not fit. Counts uses of Winograd's method. */
static bool check(const geometry *g, fs_pool *pool, uint64_t seed, int *winograd) {
    fs_random random;
    fs_random_seed(&random, seed, 1);
    fixture f;
    if (!create(&f, g, &random))
        return false;
    char text[256];
    const char *isa = fs_isa_name(fs_cpu_isa());
    prepare(&f, pool);
    describe(g, isa, fs_pool_threads(pool), "forward", text);
    check_forward(&f, text);
    if (g->gradient) {
        describe(g, isa, fs_pool_threads(pool), "backward", text);
        check_backward(&f, text);
        *winograd += check_methods(&f, true);
    }
    *winograd += check_methods(&f, false);
    destroy(&f);
    return true;
}

/* A geometry within about `work` multiplications. */
static geometry random_geometry(fs_random *r) {
    geometry g = {.images = 1 + fs_random_int(r, 3),
                  .channels = 1 + fs_random_int(r, fs_random_int(r, 2) ? 70 : 8),
                  .out_channels = 1 + fs_random_int(r, fs_random_int(r, 2) ? 70 : 8),
                  .height = 1 + fs_random_int(r, 40),
                  .width = 1 + fs_random_int(r, 60),
                  .bias = fs_random_int(r, 2),
                  .relu = fs_random_int(r, 2),
                  .accumulate = fs_random_int(r, 2),
                  .gradient = fs_random_int(r, 8) != 0};
    fs_window *w = &g.window;
    w->group = 1;
    bool square = fs_random_int(r, 3), three = fs_random_int(r, 3) == 0;
    for (int i = 0; i < 2; i++) {
        w->kernel[i] = three ? 3 : 1 + fs_random_int(r, fs_random_int(r, 2) ? 3 : 11);
        w->stride[i] = fs_random_int(r, 2) ? 1 : 1 + fs_random_int(r, 4);
        w->dilation[i] = fs_random_int(r, 4) ? 1 : 2;
        if (i == 1 && square) {
            w->kernel[1] = w->kernel[0];
            w->stride[1] = w->stride[0];
            w->dilation[1] = w->dilation[0];
        }
        bool same = fs_random_int(r, 2), none = fs_random_int(r, 3) == 0;
        int half = (w->kernel[i] - 1) * w->dilation[i] / 2;
        w->pad[i] = none ? 0 : same ? half : fs_random_int(r, 5);
        w->pad[i + 2] = none ? 0 : same ? half : fs_random_int(r, 5);
    }
    double work = (double)g.images * g.channels * g.out_channels * g.height * g.width * w->kernel[0] *
                  w->kernel[1] / (w->stride[0] * w->stride[1]);
    for (; work > 2e6 && g.images > 1; work /= 2)
        g.images--;
    for (; work > 2e6 && g.channels > 1; work /= 2)
        g.channels = (g.channels + 1) / 2;
    for (; work > 2e6 && g.out_channels > 1; work /= 2)
        g.out_channels = (g.out_channels + 1) / 2;
    return g;
}

static uint64_t test_seed(void) {
    const char *text = getenv("FILTERSCOPE_TEST_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 10) : (uint64_t)time(NULL);
    printf("FILTERSCOPE_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static void random_cases(const char *isa) {
    setenv("FILTERSCOPE_ISA", isa, 1);
    if (strcmp(fs_isa_name(fs_cpu_isa()), isa) != 0)
        skip();
    fs_pool *two;
    assert_int_equal(fs_pool_create(&two, 2, NULL), FS_OK);
    uint64_t seed = test_seed();
    fs_random random;
    fs_random_seed(&random, seed, 0);
    int winograd = 0;
    for (int done = 0; done < 120;) {
        geometry g = random_geometry(&random);
        done += check(&g, fs_random_int(&random, 2) ? two : NULL, seed + (uint64_t)done, &winograd);
    }
    assert_true(winograd > 10);
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

/* Sizes where something ends exactly, or nearly: tiles, planes, panels, single pixels. */
static void edges(void **state) {
    (void)state;
    static const struct {
        int channels, height, width, out_channels, kernel, stride, pad;
    } cases[] = {
        {1, 1, 1, 1, 1, 1, 0},
        {5, 7, 7, 9, 7, 1, 0},
        {3, 7, 7, 4, 7, 2, 3},
        {2, 1, 300, 3, 1, 1, 0},
        {2, 300, 1, 3, 3, 1, 1},
        {16, 4, 4, 8, 1, 1, 0},
        {16, 4, 12, 24, 1, 1, 0},
        {17, 7, 7, 33, 1, 1, 0},
        {8, 16, 16, 8, 3, 1, 1},
        {3, 61, 47, 12, 7, 2, 0},
        {4, 9, 9, 6, 1, 2, 0},
        {4, 10, 9, 3, 2, 4, 0},
        {3, 33, 31, 3, 11, 4, 2},
        {6, 5, 6, 10, 3, 2, 1},
        {9, 5, 5, 9, 3, 1, 4},
        {2, 12, 12, 2, 5, 8, 2},
        {700, 9, 9, 20, 3, 1, 1},
        {3, 80, 80, 96, 7, 2, 0},
        {1100, 3, 40, 8, 1, 1, 0},
        {300, 7, 15, 12, 1, 1, 0},
        {6000, 5, 29, 12, 1, 1, 0},
        {40, 55, 55, 24, 3, 1, 1},
        {100, 27, 27, 30, 3, 1, 1},
        {12, 64, 20, 20, 5, 2, 2},
        {16, 9, 60, 20, 4, 1, 2},
        {8, 20, 21, 24, 8, 2, 3},
        {20, 13, 200, 8, 5, 1, 0},
        /* whole blocks on both sides: the gradient reads the forward pass's weights */
        {24, 9, 9, 16, 1, 1, 0},
        {16, 7, 7, 40, 3, 2, 1},
        {8, 14, 10, 32, 5, 3, 2},
    };
    fs_pool *two;
    int winograd = 0;
    assert_int_equal(fs_pool_create(&two, 2, NULL), FS_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int k = cases[i].kernel, s = cases[i].stride, p = cases[i].pad;
        geometry g = {.images = 1,
                      .channels = cases[i].channels,
                      .height = cases[i].height,
                      .width = cases[i].width,
                      .out_channels = cases[i].out_channels,
                      .bias = true,
                      .gradient = true};
        g.window = (fs_window){
            .kernel = {k, k}, .stride = {s, s}, .dilation = {1, 1}, .pad = {p, p, p, p}, .group = 1};
        setenv("FILTERSCOPE_ISA", fs_isa_name((fs_isa)(i % FS_ISA_COUNT)), 1);
        assert_true(check(&g, NULL, i, &winograd));
        unsetenv("FILTERSCOPE_ISA");
        g.accumulate = g.relu = true;
        assert_true(check(&g, two, i, &winograd));
    }
    assert_true(winograd > 0);
    fs_pool_destroy(two);
}

/* Windows of one pixel on small planes of a batch, whose pixels share tiles. */
static void small_planes_side_by_side(void **state) {
    (void)state;
    fs_random random;
    fs_random_seed(&random, 5, 0);
    fs_pool *two;
    int winograd = 0;
    assert_int_equal(fs_pool_create(&two, 2, NULL), FS_OK);
    for (int i = 0; i < 90; i++) {
        geometry g = {
            .images = 2 + fs_random_int(&random, 6),
            .channels = i % 2 ? 8 * (1 + fs_random_int(&random, 6)) : 1 + fs_random_int(&random, 60),
            .height = 1 + fs_random_int(&random, 15),
            .width = 1 + fs_random_int(&random, 15),
            .out_channels = i % 2 ? 8 * (1 + fs_random_int(&random, 6)) : 1 + fs_random_int(&random, 60),
            .bias = fs_random_int(&random, 2),
            .relu = fs_random_int(&random, 2),
            .accumulate = fs_random_int(&random, 2),
            .gradient = true};
        g.window = (fs_window){.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}, .group = 1};
        setenv("FILTERSCOPE_ISA", fs_isa_name((fs_isa)(i % FS_ISA_COUNT)), 1);
        assert_true(check(&g, fs_random_int(&random, 2) ? two : NULL, (uint64_t)i, &winograd));
    }
    unsetenv("FILTERSCOPE_ISA");
    fs_pool_destroy(two);
}

/* The same bytes whatever the number of threads. */
static void threads_do_not_matter(void **state) {
    (void)state;
    geometry g = {1, 24, 37, 41, 40, .bias = true, .gradient = true};
    g.window =
        (fs_window){.kernel = {3, 3}, .stride = {1, 1}, .dilation = {1, 1}, .pad = {1, 1, 1, 1}, .group = 1};
    fs_pool *three;
    assert_int_equal(fs_pool_create(&three, 3, NULL), FS_OK);
    fixture a, b;
    fs_random r;
    fs_random_seed(&r, 7, 0);
    assert_true(create(&a, &g, &r));
    fs_random_seed(&r, 7, 0);
    assert_true(create(&b, &g, &r));
    prepare(&a, NULL);
    prepare(&b, three);
    fs_conv_direct_kernel.forward(&a.run);
    fs_conv_direct_kernel.forward(&b.run);
    fs_conv_direct_kernel.backward(&a.run);
    fs_conv_direct_kernel.backward(&b.run);
    assert_memory_equal(a.out[0].data, b.out[0].data, count_of(&a.out[0]) * sizeof(float));
    assert_memory_equal(a.x_grad, b.x_grad, count_of(&a.in[X]) * sizeof(float));
    destroy(&a);
    destroy(&b);
    fs_pool_destroy(three);
}

/* Without a gradient from above the input's is zero, or stays as it is. */
static void no_gradient_arrives(void **state) {
    (void)state;
    geometry g = {1, 3, 8, 8, 4, .gradient = true};
    g.window = (fs_window){.kernel = {3, 3}, .stride = {1, 1}, .dilation = {1, 1}, .group = 1};
    fixture f;
    fs_random r;
    fs_random_seed(&r, 3, 0);
    assert_true(create(&f, &g, &r));
    prepare(&f, NULL);
    f.out_grad[0] = NULL;
    f.accumulate[X] = true;
    fs_conv_direct_kernel.backward(&f.run);
    assert_memory_equal(f.x_grad, f.start, count_of(&f.in[X]) * sizeof(float));
    f.accumulate[X] = false;
    fs_conv_direct_kernel.backward(&f.run);
    for (size_t i = 0; i < count_of(&f.in[X]); i++)
        assert_true(f.x_grad[i] == 0);
    destroy(&f);
}

static bool suits(fixture *f) {
    f->setup = (fs_op_setup){.node = &f->node,
                             .in = f->in,
                             .out = f->out,
                             .present = f->present,
                             .n_in = 3,
                             .n_out = 1,
                             .want_grad = f->want_grad,
                             .threads = 1};
    return fs_conv_direct_kernel.suits(&f->setup);
}

static void leaves_the_rest_to_others(void **state) {
    (void)state;
    geometry g = {1, 4, 8, 8, 4, .bias = true, .gradient = true};
    g.window = (fs_window){.kernel = {3, 3}, .stride = {1, 1}, .dilation = {1, 1}, .group = 1};
    fixture f;
    fs_random r;
    fs_random_seed(&r, 3, 0);
    assert_true(create(&f, &g, &r));
    assert_true(suits(&f));
    f.want_grad[W] = true;
    assert_true(suits(&f));
    f.setup.direct_sums = true;
    assert_false(fs_conv_direct_kernel.suits(&f.setup));
    f.want_grad[W] = false;
    f.g.window.group = 2;
    assert_false(suits(&f));
    f.g.window.group = 1;
    float *weights = f.in[W].data;
    f.in[W].data = NULL;
    assert_false(suits(&f));
    f.in[W].data = weights;
    assert_true(suits(&f));
    destroy(&f);
}

static void isa_names(void **state) {
    (void)state;
    unsetenv("FILTERSCOPE_ISA");
    fs_isa best = fs_cpu_isa();
    setenv("FILTERSCOPE_ISA", "generic", 1);
    assert_int_equal(fs_cpu_isa(), FS_ISA_GENERIC);
    setenv("FILTERSCOPE_ISA", "avx512", 1);
    assert_int_equal(fs_cpu_isa(), best); /* never more than the processor has */
    setenv("FILTERSCOPE_ISA", "nonsense", 1);
    assert_int_equal(fs_cpu_isa(), best);
    unsetenv("FILTERSCOPE_ISA");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(isa_names),
        cmocka_unit_test(leaves_the_rest_to_others),
        cmocka_unit_test(edges),
        cmocka_unit_test(small_planes_side_by_side),
        cmocka_unit_test(random_avx512),
        cmocka_unit_test(random_avx2),
        cmocka_unit_test(random_generic),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(no_gradient_arrives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
