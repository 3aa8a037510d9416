#include "viz_test.h"

#include "viz/adam.h"

/* x = 1, rate 0.1, gradients 1, 1, -2. By hand:
 * t=1: m 0.1, v 0.001; m^ 1, v^ 1; x = 1.1
 * t=2: m 0.19, v 0.001999; m^ 1, v^ 1; x = 1.2
 * t=3: m 0.171 - 0.2 = -0.029, v 0.001997001 + 0.004 = 0.005997001; m^ -0.029 / 0.271 = -0.107011,
 *      v^ 0.005997001 / 0.002997001 = 2.001000667; x = 1.2 - 0.1 * 0.107011 / 1.414567 = 1.19243507 */
static void test_hand_calculated_sequence(void **state) {
    const float gradients[3] = {1, 1, -2};
    const double expected[3] = {1.1, 1.2, 1.19243507};
    float x = 1;
    fs_adam *adam = NULL;
    (void)state;
    assert_int_equal(fs_adam_create(&adam, 1, 0.1, NULL), FS_OK);
    for (int i = 0; i < 3; i++) {
        fs_adam_step(adam, &x, &gradients[i], NULL);
        assert_close(x, expected[i], 1e-6, 1);
    }
    fs_adam_destroy(adam);
}

static void test_small_gradients_meet_epsilon(void **state) {
    float x = 0, gradient = 1e-8F;
    fs_adam *adam = NULL;
    (void)state;
    assert_int_equal(fs_adam_create(&adam, 1, 1, NULL), FS_OK);
    fs_adam_step(adam, &x, &gradient, NULL); /* 1e-8 / (1e-8 + 1e-8) */
    assert_close(x, 0.5, 1e-4, 1);
    fs_adam_destroy(adam);
}

static void test_zero_gradient_moves_nothing(void **state) {
    float x = 3, gradient = 0;
    fs_adam *adam = NULL;
    (void)state;
    assert_int_equal(fs_adam_create(&adam, 1, 1, NULL), FS_OK);
    fs_adam_step(adam, &x, &gradient, NULL);
    assert_true(x == 3);
    fs_adam_destroy(adam);
}

static void test_threads_do_not_matter(void **state) {
    enum { COUNT = 70001 };
    float *a = test_normals(COUNT, 1, 1), *b = test_normals(COUNT, 1, 1), *g = test_normals(COUNT, 1, 2);
    fs_adam *alone = NULL, *together = NULL;
    fs_pool *pool = NULL;
    (void)state;
    assert_int_equal(fs_pool_create(&pool, 3, NULL), FS_OK);
    assert_int_equal(fs_adam_create(&alone, COUNT, 0.05, NULL), FS_OK);
    assert_int_equal(fs_adam_create(&together, COUNT, 0.05, NULL), FS_OK);
    for (int step = 0; step < 3; step++) {
        fs_adam_step(alone, a, g, NULL);
        fs_adam_step(together, b, g, pool);
    }
    assert_memory_equal(a, b, COUNT * sizeof *a);
    fs_adam_destroy(alone);
    fs_adam_destroy(together);
    fs_pool_destroy(pool);
    fs_free(a);
    fs_free(b);
    fs_free(g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hand_calculated_sequence),
        cmocka_unit_test(test_small_gradients_meet_epsilon),
        cmocka_unit_test(test_zero_gradient_moves_nothing),
        cmocka_unit_test(test_threads_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
