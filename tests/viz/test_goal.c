/* Every kind of objective on a network of two convolutions: values that are known, and gradients against
 * finite differences with respect to the layers' activations and the picture. */
#include "viz_test.h"

#include <unistd.h>

#include "base/npy.h"
#include "tiny_model.h"
#include "viz/canvas.h"
#include "viz/goal.h"

enum { ITEMS = 3, SIZE = 12, PLANE = SIZE * SIZE };

static tiny_model tiny;
static char folder[] = FS_SCRATCH "/filterscope-goal-XXXXXX";

/* A goal with its plan; activations are filled in by hand. */
typedef struct bench {
    fs_goal *goal;
    fs_plan *plan;
    int n, outputs;
    float *canvases, *canvas_grads;
    double values[8];
} bench;

static void write_photograph(void) {
    fs_image image = {0};
    assert_int_equal(fs_image_create(&image, 30, 20, 3, NULL), FS_OK);
    for (int i = 0; i < 30 * 20 * 3; i++)
        image.pixels[i] = (uint8_t)(i * 37 % 251);
    assert_int_equal(fs_image_write_png(&image, "photo-1.png", NULL, 0, NULL), FS_OK);
    fs_image_free(&image);
}

static int group_setup(void **state) {
    (void)state;
    tiny_model_create(&tiny, 0.1F);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    write_photograph();
    float vector[TINY_TWO] = {1, -2, 0.5F, 0, 3, -1};
    int64_t dim[1] = {TINY_TWO};
    assert_int_equal(fs_npy_write("v.npy", 1, dim, vector, NULL), FS_OK);
    return 0;
}

static int group_teardown(void **state) {
    (void)state;
    tiny_model_destroy(&tiny);
    unlink("photo-1.png");
    unlink("v.npy");
    return rmdir(folder);
}

static fs_render_settings settings_of(const char *objective) {
    fs_render_settings s;
    fs_options_defaults(fs_render_options, &s);
    snprintf(s.objective, sizeof s.objective, "%s", objective);
    s.size = SIZE;
    return s;
}

static fs_status try_bench(bench *b, const char *objective, int n, fs_error *err) {
    fs_render_settings s = settings_of(objective);
    *b = (bench){.n = n};
    fs_status status = fs_goal_create(&b->goal, &tiny.model, &s, NULL, n, err);
    if (status != FS_OK)
        return status;
    fs_transform_geometry geometry = fs_transform_fit_window(&fs_transforms_none, SIZE, TINY_SIDE, TINY_SIDE);
    fs_plan_request request =
        fs_plan_request_default(tiny.model.graph, fs_shape_of(4, n, 3, TINY_SIDE, TINY_SIDE));
    request.n_outputs = b->outputs = fs_goal_outputs(b->goal, &request.outputs);
    request.input_gradient = true;
    assert_int_equal(fs_plan_create(&b->plan, &request, NULL), FS_OK);
    return fs_goal_bind(b->goal, b->plan, &geometry, NULL, err);
}

static void bench_free(bench *b) {
    fs_goal_destroy(b->goal);
    fs_plan_destroy(b->plan);
    fs_free(b->canvases);
    fs_free(b->canvas_grads);
}

static float *activation_of(const bench *b, int output, size_t *count) {
    fs_shape shape = fs_plan_output_shape(b->plan, output);
    *count = (size_t)fs_shape_count(&shape);
    return (float *)(uintptr_t)fs_plan_output(b->plan, output); /* the plan's own memory, here to be moved */
}

static bench make_bench(const char *objective, int n) {
    bench b;
    fs_error err = {0};
    if (try_bench(&b, objective, n, &err) != FS_OK)
        fail_msg("%s: %s", objective, err.message);
    size_t floats = (size_t)n * fs_canvas_floats(SIZE), count = 0;
    b.canvases = test_normals(floats, 0.2F, 3);
    b.canvas_grads = fs_calloc(floats, sizeof *b.canvas_grads);
    assert_non_null(b.canvas_grads);
    for (size_t i = 0; i < floats; i++)
        b.canvases[i] += 0.5F;
    for (int i = 0; i < b.outputs; i++) {
        float *activation = activation_of(&b, i, &count), *normals = test_normals(count, 1, (uint64_t)i + 7);
        memcpy(activation, normals, count * sizeof *normals);
        fs_free(normals);
    }
    return b;
}

static double total(bench *b) {
    double sum = 0;
    fs_goal_evaluate(b->goal, b->plan, b->canvases, b->values);
    for (int i = 0; i < b->n; i++)
        sum += b->values[i];
    return sum;
}

static double slope(bench *b, float *number, float h) {
    float was = *number;
    *number = was + h;
    double plus = total(b), up = *number;
    *number = was - h;
    double minus = total(b), down = *number;
    *number = was;
    return (plus - minus) / (up - down);
}

/* Against central differences of the sum over the items, at some of the places. The greatest slope is the
 * scale; a place at a kink of an absolute value may differ, so few may. */
static void compare(bench *b, const char *name, float *numbers, const float *gradient, size_t count,
                    size_t step, float h) {
    float *kept = fs_alloc_array(count, sizeof *kept);
    double scale = 0;
    size_t looked = 0, different = 0;
    assert_non_null(kept);
    memcpy(kept, gradient, count * sizeof *kept);
    for (size_t i = 0; i < count; i++)
        scale = fmax(scale, fabs(kept[i]));
    for (size_t i = 0; i < count; i += step, looked++) {
        double found = slope(b, &numbers[i], h);
        if (!(fabs(found - kept[i]) <= 2e-3 * scale))
            different++;
    }
    if (scale == 0 || different > looked / 20)
        fail_msg("%s: %zu of %zu slopes differ, scale %g", name, different, looked, scale);
    fs_free(kept);
}

static void check_activations(const char *objective) {
    /* Gram matrices are floats: a small step would be lost in their last place */
    float h = strstr(objective, "diversity") ? 3e-2F : 2e-3F;
    bench b = make_bench(objective, ITEMS);
    total(&b);
    for (int i = 0; i < b.outputs; i++) {
        size_t count = 0;
        float *activation = activation_of(&b, i, &count);
        total(&b);
        compare(&b, objective, activation, fs_plan_output_gradient(b.plan, i), count, count > 400 ? 7 : 1, h);
    }
    bench_free(&b);
}

static void check_pictures(const char *objective) {
    bench b = make_bench(objective, ITEMS);
    total(&b);
    fs_goal_add_picture_gradients(b.goal, b.canvases, NULL, b.canvas_grads);
    for (int i = 0; i < ITEMS; i++)
        for (int y = 0; y < SIZE; y++) {
            float *row = fs_canvas_row(b.canvases + (size_t)i * fs_canvas_floats(SIZE), SIZE, y);
            float *grad = fs_canvas_row(b.canvas_grads + (size_t)i * fs_canvas_floats(SIZE), SIZE, y);
            compare(&b, objective, row, grad, (size_t)SIZE * FS_CANVAS_LANES, 1, 2e-4F);
        }
    bench_free(&b);
}

static void test_gradients_of_layers(void **state) {
    static const char *const objectives[] = {
        "channel(two, 3)",
        "negative(two, 3)",
        "neuron(two, 1)",
        "neuron(two, 1, 7, y=2)",
        "logit(2)",
        "layer(two)",
        "deepdream(one)",
        "direction(two, v.npy)",
        "direction(two, v.npy, power=2)",
        "direction(two, 1, from=4, power=1)",
        "direction(two, photo-1.png, from=v.npy, power=0.5)",
        "direction(logits, 3, from=0, power=1)",
        "direction_neuron(two, v.npy, power=3, x=0, y=7)",
        "direction_neuron(two, \"photo-1.png\")",
        "inversion(photo-1.png, two)",
        "caricature(photo-1.png, two, power=0)",
        "caricature(photo-1.png, one, power=2) + 0*tv()",
        "diversity(two)",
        "alignment(two)",
        "alignment(two, decay=1)",
        "interpolate(channel(two, 0), neuron(one, 1))",
        "interpolate(channel(two, 0), layer(two), at=0.3)",
    };
    (void)state;
    for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++)
        check_activations(objectives[i]);
}

static void test_gradients_of_expressions(void **state) {
    (void)state;
    check_activations("channel(two, 3) - 0.5*channel(two, 1) - 0.1*diversity(two)");
    check_activations("channel(two, 3) * neuron(one, 1) + layer(two)/4");
    check_activations("-(channel(two, 3) - 2) * diversity(one)");
    check_activations("interpolate(diversity(two) * logit(1), alignment(two)) * 3");
}

static void test_gradients_of_pictures(void **state) {
    (void)state;
    check_pictures("tv() + 0*layer(two)");
    check_pictures("layer(two) - 2*l1(0.45)");
    check_pictures("layer(two) - l2()*3");
    check_pictures("channel(two, 0) - blur()");
    check_pictures("channel(two, 0) - blur(radius=3)");
    check_pictures("channel(two, 0) - boundary(width=3)");
    check_pictures("channel(two, 0) - boundary(width=40, colour=0.2)");
    check_pictures("channel(two, 0) * (tv() - l1() * l2())");
}

/* ---- values ---- */

static double value_of(const char *objective, int n, int item) {
    bench b = make_bench(objective, n);
    total(&b);
    double value = b.values[item];
    bench_free(&b);
    return value;
}

static void test_known_values(void **state) {
    (void)state;
    double three = value_of("channel(two, 3)", 2, 1), zero = value_of("channel(two, 0)", 2, 1);
    assert_close(value_of("negative(two, 3)", 2, 1), -three, 0, 1);
    assert_close(value_of("2*channel(two,3) - channel(two,0)*channel(two,3) + 1", 2, 1),
                 2 * three - zero * three + 1, 1e-12, 1);
    assert_close(value_of("direction(two, 3)", 2, 1), three, 1e-6, 1);
    assert_close(value_of("direction(two, 3, from=0)", 2, 1), (three - zero) / sqrt(2), 1e-6, 1);
    assert_close(value_of("direction_neuron(two, 4, x=1, y=6)", 2, 0), value_of("neuron(two, 4, 1, 6)", 2, 0),
                 1e-6, 1);
    assert_close(value_of("interpolate(1*channel(two, 3), 5 + tv()*0)", 2, 1), 5, 0, 1);
    assert_close(value_of("interpolate(1*channel(two, 3), 5)", 2, 0), value_of("channel(two, 3)", 2, 0), 0,
                 1);
    assert_close(value_of("interpolate(channel(two, 3), 5)", 1, 0),
                 2.5 + value_of("channel(two, 3)", 1, 0) / 2, 1e-12, 1);
    assert_close(value_of("diversity(two)", 1, 0), 0, 0, 1);
    assert_close(value_of("alignment(two)", 1, 0), 0, 0, 1);
}

/* Two items alike: their Gram matrices are, and nothing is between them. */
static void test_coupled_values(void **state) {
    (void)state;
    bench b = make_bench("diversity(two)", 2);
    size_t count = 0;
    float *activation = activation_of(&b, 0, &count);
    total(&b);
    assert_true(b.values[0] > -1 && b.values[0] < 0.999);
    assert_close(b.values[0], b.values[1], 0, 1);
    memcpy(activation, activation + count / 2, count / 2 * sizeof *activation);
    total(&b);
    assert_close(b.values[0], 1, 1e-6, 1);
    memset(activation, 0, count * sizeof *activation);
    assert_true(total(&b) == 0);
    for (size_t i = 0; i < count; i++)
        assert_true(fs_plan_output_gradient(b.plan, 0)[i] == 0);
    bench_free(&b);
    b = make_bench("alignment(two, decay=4)", 3);
    activation = activation_of(&b, 0, &count);
    for (size_t i = 0; i < count; i++)
        activation[i] = i < count / 3 ? 2 : 0;
    total(&b);
    assert_close(b.values[0], -(4 / 4.0 + 4 / 16.0) / 2, 1e-9, 1);
    assert_close(b.values[1], -(4 / 4.0) / 2, 1e-9, 1);
    bench_free(&b);
}

static void test_picture_values(void **state) {
    (void)state;
    bench b = make_bench("tv() + 10*l1() + 100*l2(0.25) + 1000*blur() + 0*layer(two)", 1);
    for (size_t i = 0; i < fs_canvas_floats(SIZE); i++)
        b.canvases[i] = 0.75F;
    assert_close(total(&b), 2.5 + 50, 1e-6, 1);
    for (int y = 0; y < SIZE; y++)
        fs_canvas_row(b.canvases, SIZE, y)[0] = 0.25F; /* the first column's red */
    double l2 = sqrt((0.25 * (3 * PLANE - SIZE)) / (3 * PLANE));
    assert_true(total(&b) > 2.5 + 100 * l2 + 0.5 * SIZE / (3 * PLANE));
    bench_free(&b);
    b = make_bench("boundary(width=3) + 0*layer(two)", 1);
    for (size_t i = 0; i < fs_canvas_floats(SIZE); i++)
        b.canvases[i] = 0.75F;
    assert_close(total(&b), 0.8 / 16, 1e-6, 1);
    for (int y = 5; y < 7; y++) /* nothing of this is near the border */
        fs_canvas_row(b.canvases, SIZE, y)[5 * FS_CANVAS_LANES] = 0;
    assert_close(total(&b), 0.8 / 16, 1e-6, 1);
    bench_free(&b);
}

/* The activation of the photograph itself is what inversion and caricature look for. */
static void test_likeness_values(void **state) {
    (void)state;
    bench b = make_bench("inversion(photo-1.png, two)", 1);
    size_t count = 0;
    float *activation = activation_of(&b, 0, &count), *gradient = fs_plan_output_gradient(b.plan, 0);
    total(&b);
    assert_true(b.values[0] < -0.1);
    for (int round = 0; round < 400; round++) { /* the gradient leads there, wherever it is */
        total(&b);
        double squares = test_dot(gradient, gradient, count);
        if (squares < 1e-14)
            break;
        double step = -2 * b.values[0] / squares;
        for (size_t i = 0; i < count; i++)
            activation[i] += (float)(step * gradient[i]);
    }
    assert_close(total(&b), 0, 1e-9, 1);
    float *found = fs_alloc_array(count, sizeof *found);
    memcpy(found, activation, count * sizeof *found);
    bench_free(&b);
    b = make_bench("caricature(photo-1.png, two, power=4)", 1);
    activation = activation_of(&b, 0, &count);
    for (size_t i = 0; i < count; i++)
        activation[i] = 3 * found[i];
    assert_close(total(&b), 3, 1e-3, 1);
    fs_free(found);
    bench_free(&b);
}

/* ---- errors ---- */

static void expect_error(const char *objective, fs_status status, const char *message) {
    bench b;
    fs_error err = {0};
    fs_status got = try_bench(&b, objective, 1, &err);
    if (got != status || !strstr(err.message, message))
        fail_msg("%s: status %d: %s", objective, (int)got, err.message);
    bench_free(&b);
}

static void test_errors(void **state) {
    (void)state;
    expect_error("2*chanel(two, 1)", FS_ERROR_ARGUMENT,
                 "--objective: column 3: no objective 'chanel'; did you mean 'channel'?");
    expect_error("tv() + channel(three, 1)", FS_ERROR_NOT_FOUND, "--objective: column 16: no layer 'three'");
    expect_error("channel(two, 6)", FS_ERROR_NOT_FOUND,
                 "--objective: column 14: layer 'two': no channel 6: it has channels 0 to 5");
    expect_error("neuron(two, 1, x=8)", FS_ERROR_ARGUMENT,
                 "--objective: column 13: layer 'two': objective neuron");
    expect_error("logit(9)", FS_ERROR_NOT_FOUND, "--objective: column 7: layer 'logits': no channel 9");
    expect_error("-tv()", FS_ERROR_ARGUMENT, "--objective: nothing in it looks at a layer");
    expect_error("direction(one, v.npy)", FS_ERROR_ARGUMENT,
                 "--objective: column 16: v.npy: not an array of 8 channels");
    expect_error("direction(two, 3, from=6)", FS_ERROR_NOT_FOUND,
                 "--objective: column 24: layer 'two': no channel 6");
    expect_error("direction(two, 3, from=3)", FS_ERROR_ARGUMENT, "column 16: a direction without length");
    expect_error("direction(two, nothing.npy)", FS_ERROR_IO, "column 16: nothing.npy");
    expect_error("caricature(v.npy, two)", FS_ERROR_FORMAT, "column 12: v.npy");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients_of_layers),   cmocka_unit_test(test_gradients_of_expressions),
        cmocka_unit_test(test_gradients_of_pictures), cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_coupled_values),        cmocka_unit_test(test_picture_values),
        cmocka_unit_test(test_likeness_values),       cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
