#include "recovery.h"

#include "gabor_test.h"

enum { LARGEST = 21 };

static void add_noise(double *kernel, int n, double share, fs_random *random) {
    float normal[LARGEST * LARGEST];
    double mean = 0, square = 0;
    for (int i = 0; i < n; i++)
        mean += kernel[i] / n;
    for (int i = 0; i < n; i++)
        square += (kernel[i] - mean) * (kernel[i] - mean) / n;
    fs_random_normal(random, normal, n, 1);
    for (int i = 0; i < n; i++)
        kernel[i] += share * sqrt(square) * (double)normal[i];
}

/* Found minus true. Where theta was found on the other side of 0, it and psi are turned back. */
static void differences(const fs_gabor *found, const fs_gabor *truth, double out[FS_GABOR_PARAMETERS]) {
    fs_gabor g = *found;
    if (fabs(g.theta - truth->theta) > M_PI / 2) {
        g.theta += g.theta < truth->theta ? M_PI : -M_PI;
        g.psi = -g.psi;
    }
    for (int p = 0; p < FS_GABOR_PARAMETERS; p++)
        out[p] = fs_gabor_get(&g, (fs_gabor_parameter)p) - fs_gabor_get(truth, (fs_gabor_parameter)p);
    out[FS_GABOR_PSI] = remainder(out[FS_GABOR_PSI], 2 * M_PI);
}

static bool is_relative(int parameter) {
    return parameter == FS_GABOR_LAMBDA || parameter == FS_GABOR_SIGMA || parameter == FS_GABOR_GAMMA ||
           parameter == FS_GABOR_AMPLITUDE;
}

static void judge(recovery *r, const fs_gabor_fit *fit, const fs_gabor *truth) {
    double difference[FS_GABOR_PARAMETERS], worst = 0;
    differences(&fit->gabor, truth, difference);
    for (int p = 0; p < FS_GABOR_PARAMETERS; p++) {
        double scale = is_relative(p) ? fs_gabor_get(truth, (fs_gabor_parameter)p) : 1;
        worst = fmax(worst, fabs(difference[p]) / scale);
        if (isfinite(fit->stderror[p])) {
            double half = (fit->high[p] - fit->low[p]) / 2;
            r->intervals[p]++;
            r->covered[p] += fabs(difference[p]) <= half;
        }
    }
    r->recovered += worst < 1e-3;
}

recovery recover(int k, int draws, double noise, uint64_t seed) {
    double kernel[LARGEST * LARGEST];
    fs_fitter *fitter = NULL;
    fs_random random;
    recovery r = {.draws = draws};
    assert_int_equal(fs_fitter_create(&fitter, k, k, NULL), FS_OK);
    fs_random_seed(&random, seed, (uint64_t)k);
    for (int n = 0; n < draws; n++) {
        fs_gabor truth = random_gabor(&random, k);
        fs_gabor_sample(&truth, k, k, kernel);
        if (noise > 0)
            add_noise(kernel, k * k, noise, &random);
        fs_gabor_fit fit = fs_fitter_gabor(fitter, kernel);
        judge(&r, &fit, &truth);
    }
    fs_fitter_destroy(fitter);
    printf("k %d, noise %.2f, seed %d: %d of %d recovered", k, noise, (int)seed, r.recovered, draws);
    for (int p = 0; p < FS_GABOR_PARAMETERS && noise > 0; p++)
        printf("%s %s %.1f %%", p ? "," : "; intervals hold", fs_gabor_parameter_name((fs_gabor_parameter)p),
               100.0 * r.covered[p] / r.intervals[p]);
    printf("\n");
    return r;
}
