/* What the tests of the Gabor fits share: the cmocka includes in their order, a comparison, random functions.
 */
#ifndef FS_TESTS_GABOR_GABOR_TEST_H
#define FS_TESTS_GABOR_GABOR_TEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "gabor/gabor.h"

/* |a - b| <= tolerance, with the numbers in the message. */
#define assert_near(a, b, tolerance)                                                                         \
    do {                                                                                                     \
        double a_ = (a), b_ = (b);                                                                           \
        if (!(fabs(a_ - b_) <= (tolerance)))                                                                 \
            fail_msg("%s = %.12g, %s = %.12g, tolerance %g", #a, a_, #b, b_, (double)(tolerance));           \
    } while (0)

/* The difference of two angles, at most half a period. */
static inline double angle_between(double a, double b, double period) {
    return fabs(remainder(a - b, period));
}

/* lambda uniform in [2.5, 0.8 k], sigma in [0.3 lambda, 0.4 k], gamma in [1/2, 2], the centre within a pixel.
 */
static inline fs_gabor random_gabor(fs_random *random, int k) {
    fs_gabor g;
    g.lambda = fs_random_range(random, 2.5, 0.8 * k);
    g.theta = fs_random_range(random, 0, M_PI);
    g.psi = fs_random_range(random, -M_PI, M_PI);
    g.sigma = fs_random_range(random, 0.3 * g.lambda, 0.4 * k);
    g.gamma = fs_random_range(random, 0.5, 2);
    g.x0 = fs_random_range(random, -1, 1);
    g.y0 = fs_random_range(random, -1, 1);
    g.amplitude = fs_random_range(random, 0.1, 10);
    g.offset = fs_random_range(random, -1, 1);
    return fs_gabor_canonical(g);
}

#endif
