/* Fits of random Gabor functions with known parameters, and how well they are found again. */
#ifndef FS_TESTS_GABOR_RECOVERY_H
#define FS_TESTS_GABOR_RECOVERY_H

#include "gabor/fit.h"

typedef struct recovery {
    int draws;
    int recovered; /* all nine parameters within 1e-3: relative for lengths, gamma and amplitude, else
                      absolute */
    int covered[FS_GABOR_PARAMETERS]; /* draws whose 95 % interval holds the parameter */
    int intervals[FS_GABOR_PARAMETERS];
} recovery;

/* Kernels of k x k pixels; noise is a share of the kernel's standard deviation. Prints the seed. */
recovery recover(int k, int draws, double noise, uint64_t seed);

#endif
