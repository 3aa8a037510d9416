/* A thousand random Gabor functions of each size: they are found, and the intervals mean what they say. */
#include "gabor_test.h"
#include "recovery.h"

enum { SEED = 1, DRAWS = 1000, SIZES = 4 };

static const int sizes[SIZES] = {7, 11, 15, 21};

static void test_noiseless(void **state) {
    (void)state;
    for (int i = 0; i < SIZES; i++) {
        recovery r = recover(sizes[i], DRAWS, 0, SEED);
        assert_true(r.recovered >= 0.99 * DRAWS);
    }
}

static void test_coverage(void **state) {
    (void)state;
    static const double noise[] = {0.05, 0.2};
    for (int level = 0; level < 2; level++)
        for (int i = 0; i < SIZES; i++) {
            recovery r = recover(sizes[i], DRAWS, noise[level], SEED);
            for (int p = 0; p < FS_GABOR_PARAMETERS; p++) {
                double covered = (double)r.covered[p] / r.intervals[p];
                assert_true(r.intervals[p] > 0.95 * DRAWS);
                assert_true(covered >= 0.90 && covered <= 0.99);
            }
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_noiseless), cmocka_unit_test(test_coverage)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
