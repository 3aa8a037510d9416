/* The two-dimensional Gabor function: a grating under a Gaussian envelope, plus a constant.
 *
 *     g(x, y) = amplitude exp(-(x'^2 + gamma^2 y'^2) / (2 sigma^2)) cos(2 pi x' / lambda + psi) + offset
 *     x' =  (x - x0) cos theta + (y - y0) sin theta
 *     y' = -(x - x0) sin theta + (y - y0) cos theta
 *
 *     fs_gabor g = {.lambda = 5, .theta = M_PI / 4, .sigma = 2, .gamma = 1, .amplitude = 1};
 *     fs_gabor_sample(&g, 7, 7, kernel);
 *
 * Convention: x and y are pixels from the kernel's centre (the middle between the two middle pixels where a
 * side is even), x to the right, y downwards. theta is the direction across the stripes, their normal; seen
 * on screen it turns clockwise from the right. OpenCV's getGaborKernel has the same angle, but writes the
 * kernel turned by half a turn, which is the same as -psi. psi is the phase at the envelope's centre (x0,
 * y0): 0 is even, +-pi/2 odd.
 *
 * Several parameter sets describe one function: turning theta by pi negates psi, a negative amplitude is a
 * phase of pi. The canonical one has theta in [0, pi), psi in (-pi, pi], amplitude >= 0 and the other lengths
 * positive. The function was brought to receptive fields by Daugman (J. Opt. Soc. Am. A 2, 1985) and fitted
 * to them by Jones and Palmer (J. Neurophysiol. 58, 1987). Plain values; thread safe. */
#ifndef FS_GABOR_GABOR_H
#define FS_GABOR_GABOR_H

/* In the order of the members of fs_gabor. */
typedef enum fs_gabor_parameter {
    FS_GABOR_LAMBDA,
    FS_GABOR_THETA,
    FS_GABOR_PSI,
    FS_GABOR_SIGMA,
    FS_GABOR_GAMMA,
    FS_GABOR_X0,
    FS_GABOR_Y0,
    FS_GABOR_AMPLITUDE,
    FS_GABOR_OFFSET,
    FS_GABOR_PARAMETERS
} fs_gabor_parameter;

typedef struct fs_gabor {
    double lambda;    /* wavelength, pixels */
    double theta;     /* direction across the stripes, radians */
    double psi;       /* phase at the centre, radians */
    double sigma;     /* of the envelope across the stripes, pixels; sigma / gamma along them */
    double gamma;     /* aspect: above 1 the envelope is shorter along the stripes than across */
    double x0, y0;    /* centre, pixels */
    double amplitude; /* of the grating at the centre, in the kernel's unit */
    double offset;    /* in the kernel's unit */
} fs_gabor;

/* "lambda_px", "theta_rad", ...: the name of a parameter in files. */
const char *fs_gabor_parameter_name(fs_gabor_parameter parameter);
/* A parameter by its number. */
double fs_gabor_get(const fs_gabor *gabor, fs_gabor_parameter parameter);
void fs_gabor_set(fs_gabor *gabor, fs_gabor_parameter parameter, double value);

double fs_gabor_value(const fs_gabor *gabor, double x, double y);
/* The value, and its derivatives with respect to the parameters in their order. */
double fs_gabor_gradient(const fs_gabor *gabor, double x, double y, double out[FS_GABOR_PARAMETERS]);
/* The derivatives at many points: out[parameter][point], NULL for a parameter that is not wanted. */
void fs_gabor_gradients(const fs_gabor *gabor, const double *x, const double *y, int count,
                        double *const out[FS_GABOR_PARAMETERS]);
/* The same function in canonical parameters. */
fs_gabor fs_gabor_canonical(fs_gabor gabor);
/* Values at the pixels, [height][width]. */
void fs_gabor_sample(const fs_gabor *gabor, int height, int width, double *out);

#endif
