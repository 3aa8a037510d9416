#include <float.h>
#include <math.h>
#include <string.h>

#include "gabor/fit.h"
#include "gabor/lapack.h"

/* The kernel's left singular vectors by way of the small matrix R of its products: [channels, pixels] has few
 * rows, so their products are 3x3 and their eigenvectors come from the same routine. */
static int principal_colour(const fs_patch *patch, double colour[FS_PATCH_MAX_CHANNELS], double *energy) {
    enum { C = FS_PATCH_MAX_CHANNELS, WORK = 64 };
    const int n = patch->height * patch->width, c = patch->channels, ld = C, work_size = WORK;
    double products[C * C], u[C * C], vt[C * C], s[C], work[WORK], sum = 0;
    for (int a = 0; a < c; a++)
        for (int b = 0; b < c; b++) {
            double product = 0;
            for (int i = 0; i < n; i++)
                product += patch->values[a * n + i] * patch->values[b * n + i];
            products[a + b * C] = product;
        }
    int info = 0;
    dgesvd_("S", "S", &c, &c, products, &ld, s, u, &ld, vt, &ld, work, &work_size, &info);
    for (int a = 0; a < c; a++) {
        colour[a] = u[a];
        sum += s[a];
    }
    *energy = sum > 0 ? s[0] / sum : 1;
    return info == 0 && sum > 0;
}

fs_colour_split fs_colour_split_of(const fs_patch *patch, double *profile) {
    fs_colour_split split = {{1, 0, 0}, 1};
    const int n = patch->height * patch->width;
    double colour[FS_PATCH_MAX_CHANNELS], sum = 0;
    if (patch->channels > 1 && principal_colour(patch, colour, &split.energy)) {
        for (int c = 0; c < patch->channels; c++)
            sum += colour[c];
        for (int c = 0; c < patch->channels; c++)
            split.colour[c] = sum < 0 ? -colour[c] : colour[c];
    }
    for (int i = 0; i < n; i++) {
        profile[i] = 0;
        for (int c = 0; c < patch->channels; c++)
            profile[i] += split.colour[c] * patch->values[c * n + i];
    }
    return split;
}
