/* Seeded random numbers, the same on every machine: xoshiro256** (Blackman and Vigna, 2018) seeded by
 * splitmix64, normals by the Box-Muller transform.
 *
 * An fs_random is a plain value; copy it to save the state. `stream` gives independent sequences. */
#ifndef FS_BASE_RANDOM_H
#define FS_BASE_RANDOM_H

#include <stdint.h>

typedef struct fs_random {
    uint64_t s[4];
} fs_random;

void fs_random_seed(fs_random *random, uint64_t seed, uint64_t stream);
uint64_t fs_random_u64(fs_random *random);
double fs_random_unit(fs_random *random);                           /* uniform in [0,1) */
double fs_random_range(fs_random *random, double low, double high); /* uniform in [low,high) */
int fs_random_int(fs_random *random, int count);                    /* uniform in 0 .. count-1, count >= 1 */
void fs_random_normal(fs_random *random, float *out, int count, float sigma);

#endif
