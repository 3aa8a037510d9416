#include "viz_test.h"

#include "viz/objective.h"

enum { CHANNELS = 5, HEIGHT = 7, WIDTH = 9, ITEM = CHANNELS * HEIGHT * WIDTH };

static fs_objective bind(fs_objective_kind kind, int channel, int x, int y) {
    fs_shape shape = fs_shape_of(4, 2, CHANNELS, HEIGHT, WIDTH);
    fs_objective objective;
    assert_int_equal(fs_objective_bind(&objective, kind, &shape, channel, x, y, NULL), FS_OK);
    return objective;
}

static void check_gradient(const fs_objective *objective) {
    float *activation = test_normals(ITEM, 1, 1), *gradient = fs_calloc(ITEM, sizeof *gradient);
    fs_objective_gradient(objective, activation, 1, gradient);
    for (int i = 0; i < ITEM; i++) {
        float was = activation[i], h = 0.125F;
        activation[i] = was + h;
        double plus = fs_objective_value(objective, activation);
        activation[i] = was - h;
        double minus = fs_objective_value(objective, activation);
        activation[i] = was;
        assert_close(gradient[i], (plus - minus) / (2 * h), 2e-6,
                     1); /* quadratic at most: exact but for rounding */
    }
    fs_free(activation);
    fs_free(gradient);
}

static void test_gradients(void **state) {
    (void)state;
    fs_objective channel = bind(FS_OBJECTIVE_CHANNEL, 3, -1, -1), neuron = bind(FS_OBJECTIVE_NEURON, 2, 8, 0);
    fs_objective dream = bind(FS_OBJECTIVE_DEEPDREAM, -7, -1, -1);
    check_gradient(&channel);
    check_gradient(&neuron);
    check_gradient(&dream);
}

static void test_values(void **state) {
    float *activation = test_normals(ITEM, 1, 4);
    double channel = 0, squares = 0;
    (void)state;
    for (int i = 0; i < HEIGHT * WIDTH; i++)
        channel += activation[4 * HEIGHT * WIDTH + i];
    for (int i = 0; i < ITEM; i++)
        squares += (double)activation[i] * activation[i];
    fs_objective objective = bind(FS_OBJECTIVE_CHANNEL, 4, -1, -1);
    assert_close(fs_objective_value(&objective, activation), channel / (HEIGHT * WIDTH), 1e-6, 1);
    objective = bind(FS_OBJECTIVE_DEEPDREAM, 0, -1, -1);
    assert_close(fs_objective_value(&objective, activation), squares / ITEM, 1e-6, 1);
    objective = bind(FS_OBJECTIVE_NEURON, 1, -1, -1);
    assert_close(fs_objective_value(&objective, activation), activation[(HEIGHT + 3) * WIDTH + 4], 0, 1);
    objective = bind(FS_OBJECTIVE_NEURON, 1, 2, 6);
    assert_close(fs_objective_value(&objective, activation), activation[(HEIGHT + 6) * WIDTH + 2], 0, 1);
    fs_free(activation);
}

/* The channel before its first ReLU: only what the ReLU would leave counts, and a channel that is off is
 * raised. */
static void test_positive_part(void **state) {
    (void)state;
    float activation[ITEM] = {0}, gradient[ITEM] = {0};
    fs_objective objective = bind(FS_OBJECTIVE_CHANNEL, 0, -1, -1);
    fs_objective_rectify(&objective, FS_OBJECTIVE_CHANNEL);
    activation[0] = 3;
    activation[1] = -5;
    const float share = 1.0F / (HEIGHT * WIDTH);
    assert_close(fs_objective_value(&objective, activation), 3 * share, 1e-6, 1);
    fs_objective_gradient(&objective, activation, 1, gradient);
    assert_close(gradient[0], share, 1e-6, 1);
    assert_true(gradient[1] == 0 && gradient[2] == 0);
    activation[0] = -1;
    memset(gradient, 0, sizeof gradient);
    fs_objective_gradient(&objective, activation, 1, gradient);
    assert_close(gradient[1], share, 1e-6, 1);
    fs_objective neuron = bind(FS_OBJECTIVE_NEURON, 0, 0, 0);
    fs_objective_rectify(&neuron, FS_OBJECTIVE_NEURON);
    assert_true(fs_objective_value(&neuron, activation) == -1);
}

static void test_logit_of_a_vector_layer(void **state) {
    fs_shape shape = fs_shape_of(2, 1, 10);
    float scores[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, gradient[10] = {0};
    fs_objective objective;
    (void)state;
    assert_int_equal(fs_objective_bind(&objective, FS_OBJECTIVE_LOGIT, &shape, 6, -1, -1, NULL), FS_OK);
    fs_objective_gradient(&objective, scores, 1, gradient);
    assert_true(fs_objective_value(&objective, scores) == 6);
    for (int i = 0; i < 10; i++)
        assert_true(gradient[i] == (i == 6));
}

static void test_out_of_range(void **state) {
    fs_shape shape = fs_shape_of(4, 1, CHANNELS, HEIGHT, WIDTH), flat = fs_shape_of(1, 8);
    fs_objective objective;
    fs_error err = {0};
    (void)state;
    assert_int_equal(fs_objective_bind(&objective, FS_OBJECTIVE_CHANNEL, &shape, CHANNELS, -1, -1, &err),
                     FS_ERROR_NOT_FOUND);
    assert_non_null(strstr(err.message, "channels 0 to 4"));
    assert_int_equal(fs_objective_bind(&objective, FS_OBJECTIVE_CHANNEL, &shape, -1, -1, -1, &err),
                     FS_ERROR_NOT_FOUND);
    assert_int_equal(fs_objective_bind(&objective, FS_OBJECTIVE_NEURON, &shape, 0, WIDTH, 0, &err),
                     FS_ERROR_ARGUMENT);
    assert_int_equal(fs_objective_bind(&objective, FS_OBJECTIVE_NEURON, &shape, 0, 0, HEIGHT, &err),
                     FS_ERROR_ARGUMENT);
    assert_int_equal(fs_objective_bind(&objective, FS_OBJECTIVE_CHANNEL, &flat, 0, -1, -1, &err),
                     FS_ERROR_UNSUPPORTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients),     cmocka_unit_test(test_values),
        cmocka_unit_test(test_positive_part), cmocka_unit_test(test_logit_of_a_vector_layer),
        cmocka_unit_test(test_out_of_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
