/* Functions of one float in forms that compilers turn into vectors: no calls, no branches. libm's are as
 * exact but ten times slower inside a loop. NaN stays NaN. For use in FS_SIMD functions. */
#ifndef FS_ENGINE_OPS_VECTOR_MATH_H
#define FS_ENGINE_OPS_VECTOR_MATH_H

#include <math.h>

#include "engine/ops/common.h"

/* e^x within two units in the last place: x = n ln 2 + r, e^r by its Taylor polynomial of degree 7 on
 * |r| < 0.35, 2^n put into the exponent in two halves so that neither end of the range overflows early. */
FS_INLINE float fs_exp_f32(float x) {
    const float shifter = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer in the low bits */
    const float ln2_high = 0.693145751953125f, ln2_low = 1.428606765330187e-6f;
    x = x > 89 ? 89 : x;
    x = x < -104 ? -104 : x;
    union {
        float f;
        int32_t i;
    } n = {.f = x * 1.44269504088896341f + shifter}, first, second;
    const int32_t power = n.i - 0x4b400000;
    const float whole = n.f - shifter, r = (x - whole * ln2_high) - whole * ln2_low;
    float p = 1.0f / 5040;
    p = p * r + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1;
    p = p * r + 1;
    const int32_t half = power >> 1;
    first.i = (int32_t)((uint32_t)(half + 127) << 23);
    second.i = (int32_t)((uint32_t)(power - half + 127) << 23);
    return p * first.f * second.f;
}

FS_INLINE float fs_sigmoid_f32(float x) {
    return 1 / (1 + fs_exp_f32(-x));
}

/* tanh within 4 units in the last place: near zero a polynomial (tanh(x)/x in x^2 at Chebyshev's points on
 * [0, 0.625^2]), 1 - 2/(e^2x + 1) elsewhere. */
FS_INLINE float fs_tanh_f32(float x) {
    const float z = x * x;
    float p = -0.005664775148034096f;
    p = p * z + 0.020595679059624672f;
    p = p * z - 0.05372267961502075f;
    p = p * z + 0.13331149518489838f;
    p = p * z - 0.3333326280117035f;
    p = p * z + 1;
    const float near = p * x, far = 1 - 2 / (fs_exp_f32(2 * x) + 1);
    return fabsf(x) < 0.625f ? near : far;
}

/* erf with an error below 2e-7: inside |x| < 1 a polynomial (erf(x)/x in x^2), outside 1 - e^q where q is a
 * polynomial for log(1 - erf(x)) on [1, 4]; both at Chebyshev's points. Beyond 4 the result rounds to 1. */
FS_INLINE float fs_erf_f32(float x) {
    const float z = x * x, size = fabsf(x), a = size > 4 ? 4 : size;
    float p = 7.882497448008507e-05f;
    p = p * z - 0.0008018855005502701f;
    p = p * z + 0.005189312156289816f;
    p = p * z - 0.02685432881116867f;
    p = p * z + 0.11283597350120544f;
    p = p * z - 0.3761262595653534f;
    p = p * z + 1.1283791065216064f;
    float q = 1.6140616025950294e-06f;
    q = q * a - 4.559062290354632e-05f;
    q = q * a + 0.0005927695310674608f;
    q = q * a - 0.004740222357213497f;
    q = q * a + 0.02636471763253212f;
    q = q * a - 0.10997824370861053f;
    q = q * a - 0.6319370865821838f;
    q = q * a - 1.1301666498184204f;
    q = q * a + 0.0003032129898201674f;
    const float near = p * x, far = copysignf(1 - fs_exp_f32(q), x);
    return size < 1 ? near : far;
}

#endif
