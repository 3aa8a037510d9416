/* f(a) = (a.v) max(0.1, cos(a, v))^p for a unit vector v, and its gradient along * v + back * a, from the two
 * numbers a.v and a.a. Inline: called for every position of a layer. */
#ifndef FS_VIZ_OBJECTIVES_DOT_COSINE_H
#define FS_VIZ_OBJECTIVES_DOT_COSINE_H

#include <math.h>

typedef struct fs_dot_cosine {
    double value, along, back;
} fs_dot_cosine;

#define FS_LEAST_COSINE 0.1

static inline fs_dot_cosine fs_dot_cosine_of(double dot, double squares, double power) {
    double length = sqrt(squares);
    double cosine = length > 0 ? dot / length : 0;
    if (power == 0)
        return (fs_dot_cosine){dot, 1, 0};
    if (!(cosine > FS_LEAST_COSINE)) { /* a NaN goes on as one */
        double factor = pow(FS_LEAST_COSINE, power);
        return (fs_dot_cosine){dot * factor, factor, 0};
    }
    double factor = pow(cosine, power);
    return (fs_dot_cosine){dot * factor, (1 + power) * factor, -power * factor * dot / squares};
}

#endif
