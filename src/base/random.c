#include "base/random.h"

#include <assert.h>
#include <math.h>

#define FS_TWO_PI 6.283185307179586476925

/* splitmix64 (Steele, Lea, Flood 2014): a counter through a mixing function. */
static uint64_t splitmix(uint64_t *counter) {
    *counter += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *counter;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void fs_random_seed(fs_random *random, uint64_t seed, uint64_t stream) {
    /* The seed is mixed before the stream is added and the sum is mixed again, so that neither neighbours nor
     * exchanged numbers meet. Stream 0 is the plain seeding that the authors of xoshiro recommend. */
    uint64_t counter = seed;
    if (stream != 0) {
        counter = splitmix(&counter) + stream;
        counter = splitmix(&counter);
    }
    for (int i = 0; i < 4; i++)
        random->s[i] = splitmix(&counter);
}

static uint64_t rotate_left(uint64_t x, int count) {
    return x << count | x >> (64 - count);
}

uint64_t fs_random_u64(fs_random *random) {
    uint64_t *s = random->s;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

double fs_random_unit(fs_random *random) {
    return (double)(fs_random_u64(random) >> 11) * 0x1p-53;
}

double fs_random_range(fs_random *random, double low, double high) {
    double value = low + (high - low) * fs_random_unit(random);
    return value < high ? value : low; /* rounding may reach the open end */
}

int fs_random_int(fs_random *random, int count) {
    assert(count >= 1);
    uint64_t n = (uint64_t)count;
    uint64_t excess = (0 - n) % n; /* 2^64 mod n: numbers below it would make some results likelier */
    uint64_t value;
    do
        value = fs_random_u64(random);
    while (value < excess);
    return (int)(value % n);
}

void fs_random_normal(fs_random *random, float *out, int count, float sigma) {
    for (int i = 0; i < count; i += 2) {
        double radius = sigma * sqrt(-2 * log(1 - fs_random_unit(random)));
        double angle = FS_TWO_PI * fs_random_unit(random);
        out[i] = (float)(radius * cos(angle));
        if (i + 1 < count)
            out[i + 1] = (float)(radius * sin(angle));
    }
}
