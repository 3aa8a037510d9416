/* What the tests of viz share. */
#ifndef FS_TESTS_VIZ_TEST_H
#define FS_TESTS_VIZ_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"

static inline float *test_normals(size_t count, float sigma, uint64_t stream) {
    fs_random random;
    float *out = fs_alloc_array(count, sizeof *out);
    assert_non_null(out);
    fs_random_seed(&random, 20, stream);
    fs_random_normal(&random, out, (int)count, sigma);
    return out;
}

static inline double test_dot(const float *a, const float *b, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

/* |a - b| <= tolerance * scale, with the numbers in the message. */
#define assert_close(a, b, tolerance, scale)                                                                 \
    do {                                                                                                     \
        double a_ = (a), b_ = (b);                                                                           \
        if (!(fabs(a_ - b_) <= (tolerance) * (scale)))                                                       \
            fail_msg("%s = %.9g, %s = %.9g, scale %.9g", #a, a_, #b, b_, (double)(scale));                   \
    } while (0)

#endif
