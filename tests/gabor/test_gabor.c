/* The Gabor function: its derivatives, its canonical parameters, the convention of its angles. */
#include "gabor_test.h"

enum { SEED = 11, DRAWS = 200, SIDE = 9 };

static void test_gradient(void **state) {
    (void)state;
    fs_random random;
    fs_random_seed(&random, SEED, 0);
    for (int n = 0; n < DRAWS; n++) {
        fs_gabor g = random_gabor(&random, SIDE);
        double x = fs_random_range(&random, -4, 4), y = fs_random_range(&random, -4, 4);
        double d[FS_GABOR_PARAMETERS], *members = &g.lambda;
        assert_near(fs_gabor_gradient(&g, x, y, d), fs_gabor_value(&g, x, y), 1e-12);
        for (int p = 0; p < FS_GABOR_PARAMETERS; p++) {
            const double kept = members[p], step = 1e-5;
            assert_true(fs_gabor_get(&g, (fs_gabor_parameter)p) == kept);
            members[p] = kept + step;
            double above = fs_gabor_value(&g, x, y);
            members[p] = kept - step;
            double below = fs_gabor_value(&g, x, y);
            members[p] = kept;
            assert_near(d[p], (above - below) / (2 * step), 1e-6 * (1 + g.amplitude));
        }
    }
}

static void test_canonical(void **state) {
    (void)state;
    fs_random random;
    fs_random_seed(&random, SEED, 1);
    for (int n = 0; n < DRAWS; n++) {
        fs_gabor g = random_gabor(&random, SIDE), other = g;
        other.theta += M_PI * (fs_random_int(&random, 7) - 3);
        if (((int)lround((other.theta - g.theta) / M_PI)) & 1)
            other.psi = -other.psi;
        other.psi += 2 * M_PI * (fs_random_int(&random, 5) - 2);
        if (n & 1) {
            other.amplitude = -other.amplitude;
            other.psi += M_PI;
        }
        if (n & 2)
            other.sigma = -other.sigma;
        assert_near(fs_gabor_value(&other, 1.3, -0.7), fs_gabor_value(&g, 1.3, -0.7), 1e-9);
        fs_gabor back = fs_gabor_canonical(other);
        assert_true(back.theta >= 0 && back.theta < M_PI && back.psi > -M_PI && back.psi <= M_PI);
        assert_near(back.theta, g.theta, 1e-12);
        assert_near(angle_between(back.psi, g.psi, 2 * M_PI), 0, 1e-12);
        assert_true(back.amplitude == g.amplitude && back.sigma == g.sigma && back.x0 == g.x0);
    }
}

/* The borders belong to one side only. */
static void test_canonical_borders(void **state) {
    (void)state;
    fs_gabor g = {.lambda = 4, .theta = M_PI, .psi = -M_PI, .sigma = 2, .gamma = 1, .amplitude = 1};
    g = fs_gabor_canonical(g);
    assert_true(g.theta == 0 && g.psi == M_PI);
    g.theta = -1e-17;
    g.psi = 0.5;
    g = fs_gabor_canonical(g);
    assert_true(g.theta >= 0 && g.theta < M_PI);
}

/* theta = 0: the values change along x, not along y (but for the envelope). theta grows towards positive y,
 * downwards: a crest at 45 degrees has x + y constant. psi = pi/2 turns cos into -sin. */
static void test_convention(void **state) {
    (void)state;
    double v[SIDE * SIDE];
    fs_gabor g = {.lambda = 4, .theta = 0, .psi = 0, .sigma = 100, .gamma = 1, .amplitude = 2, .offset = 3};
    fs_gabor_sample(&g, SIDE, SIDE, v);
    assert_near(v[4 * SIDE + 4], 5, 1e-9);
    assert_near(v[4 * SIDE + 6], 1, 0.01);
    assert_near(v[6 * SIDE + 4], 5, 0.01);
    g.theta = M_PI / 4;
    g.psi = M_PI / 2;
    g.offset = 0;
    assert_near(fs_gabor_value(&g, 1, -1), 0, 1e-9);
    assert_true(fs_gabor_value(&g, 0.5, 0.5) < -1.7);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_gradient), cmocka_unit_test(test_canonical),
                                       cmocka_unit_test(test_canonical_borders),
                                       cmocka_unit_test(test_convention)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
