#include "report/gabor_report_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "gabor/shape.h"

static const double degrees = 180 / M_PI;

void fs_gabor_report_title(const fs_gabor_report *r, fs_text *out) {
    const bool file = !r->source->model;
    fs_text_add(out, "Gabor functions in %s", file ? fs_path_base(r->source->layer) : r->source->layer);
}

void fs_gabor_report_subtitle(const fs_gabor_report *r, fs_text *out) {
    const fs_analysis *a = r->analysis;
    if (r->source->model)
        fs_text_add(out, "%s \u00b7 ", r->source->model);
    fs_text_add(out, "%d kernel%s of %d \u00d7 %d pixels%s", a->count, a->count == 1 ? "" : "s", a->height,
                a->width, a->channels == 3 ? " in colour" : "");
    if (strcmp(r->source->kind, "effective") == 0)
        fs_text_add(out, ", effective: gradients of the layer's units in the picture");
}

/* -- sections -- */

static void add_result(const fs_gabor_report *r, fs_text *out) {
    const fs_analysis *a = r->analysis;
    const char *between = "";
    for (int c = 0; c < FS_KERNEL_CLASSES; c++)
        if (a->class_counts[c] > 0) {
            fs_text_add(out, "%s%d %s", between, a->class_counts[c],
                        fs_kernel_class_name((fs_kernel_class)c));
            between = ", ";
        }
    fs_text_add(out, ". The median R\u00b2 of the Gabor fits is %.3f", a->median_r2);
    if (a->null.fits > 0) {
        int below = 0;
        for (int i = 0; i < a->count; i++)
            below += a->kernels[i].kind != FS_KERNEL_DEAD &&
                     a->kernels[i].fit.r2 < a->null.quantile95[FS_MODEL_GABOR];
        if (below == 0)
            fs_text_add(out, "; none of the kernels stays below what noise reaches");
        else
            fs_text_add(out, "; %d of them stay%s below what noise reaches", below, below == 1 ? "s" : "");
    }
    fs_text_add(out, ".");
}

static void add_method(const fs_gabor_report *r, fs_text *out) {
    if (r->analysis->channels == 3)
        fs_text_add(out, "Each kernel is split by a singular value decomposition into a colour and a spatial "
                         "profile, which holds the share of its energy that the table gives. ");
    fs_text_add(out, "The Gabor function is fitted to the profile by least squares: amplitude, phase and "
                     "offset are solved exactly, Levenberg-Marquardt moves the rest from many starts "
                     "(variable projection). Nine other models are fitted alike: constant, plane, blobs, "
                     "difference of Gaussians, Gaussian derivatives, gratings. The smallest corrected Akaike "
                     "criterion (AICc) decides which describes the kernel most economically. ");
    if (r->analysis->channels == 3)
        fs_text_add(out, "A second fit takes all colours at once, with one geometry, and an amplitude and an "
                         "offset for each; the pictures show that one.");
}

static void add_conventions(fs_text *out) {
    fs_text_add(out, "g(x, y) = A exp(\u2212(x\u2032\u00b2 + \u03b3\u00b2y\u2032\u00b2) / 2\u03c3\u00b2) "
                     "cos(2\u03c0x\u2032/\u03bb + \u03c8) + offset, where x\u2032 = (x \u2212 x\u2080) cos "
                     "\u03b8 + (y \u2212 y\u2080) sin \u03b8 runs across the stripes and y\u2032 along them. "
                     "Lengths are pixels from the kernel's centre, x to the right and y downwards. \u03b8 is "
                     "the normal to the stripes, clockwise from the right as seen, as in OpenCV, in 0\u00b0 "
                     "to 180\u00b0. \u03c8 is the phase at the envelope's centre: 0\u00b0 and 180\u00b0 are "
                     "even, \u00b190\u00b0 odd. \u03b3 above 1 makes the envelope shorter along the stripes. "
                     "A is not negative. \u00b1 is one standard error; a value without it lies at the "
                     "bound of its range, or is not determined.");
}

static void add_classes(fs_text *out) {
    fs_text_add(out,
                "gabor: the Gabor function is the most economical model. edge: a first or second "
                "derivative of a Gaussian or a plane is. centre-surround: a difference of Gaussians. "
                "blob, colour-blob: a Gaussian, the latter where its colours oppose each other. grating: "
                "one without envelope, or two crossed ones. unexplained: the best model is no better "
                "than on noise, or explains less than half. dead: its values are below 1 %% of the "
                "layer's median. A class does not say that the other models are bad.");
}

static void add_null(const fs_gabor_report *r, fs_text *out) {
    const fs_analysis_null *null = &r->analysis->null;
    if (null->fits == 0) {
        fs_text_add(out,
                    "Not measured: no shuffled kernels were fitted, so there are no p-values, and R\u00b2 "
                    "below 0.5 counts as unexplained.");
        return;
    }
    fs_text_add(out,
                "A function of nine parameters follows noise of %d pixels closely. %d kernels with "
                "shuffled pixels (seed %" PRIu64 ") were fitted in the same way: 95 %% of them reach an "
                "R\u00b2 of no more than %.3f, and a kernel's p is the share of them that reach its R\u00b2.",
                r->analysis->height * r->analysis->width, null->fits, r->source->seed,
                null->quantile95[FS_MODEL_GABOR]);
}

static void add_again(const fs_gabor_report *r, fs_text *out) {
    fs_text_add(out,
                "filterscope " FS_VERSION ", `filterscope gabor`, seed %" PRIu64
                ", source: %s. All numbers with their intervals are in fits.json and fits.csv beside "
                "this file, a picture of each kernel with its spectrum in kernels/.",
                r->source->seed, r->source->kind);
}

const char *fs_gabor_report_section(const fs_gabor_report *r, int index, fs_text *out) {
    switch (index) {
    case 0:
        add_result(r, out);
        return "Result";
    case 1:
        add_method(r, out);
        return "Method";
    case 2:
        add_conventions(out);
        return "Conventions";
    case 3:
        add_classes(out);
        return "Classes";
    case 4:
        add_null(r, out);
        return "What noise reaches";
    case 5:
        add_again(r, out);
        return "To do it again";
    default:
        return NULL;
    }
}

void fs_gabor_report_substitution(const fs_gabor_report *r, fs_text *out) {
    const fs_substitution *s = r->substitution;
    int repeats = 1;
    for (int v = 0; v < FS_VARIANTS; v++)
        repeats = s->results[v].repeats > repeats ? s->results[v].repeats : repeats;
    fs_text_add(out,
                "The kernels were replaced by their Gabor fits in colour and the network was run on %d "
                "pictures, %d of them of known class; biases and all other layers stayed as they are. "
                "\u201cIn one colour\u201d is the kernel's colour times the fit of its profile; blobs are "
                "the elliptic Gaussians fitted to the profiles. The controls have the same norm, over "
                "%d seed%s: mean, and the standard deviation as a whisker. KL is the mean of \u2211 p "
                "ln(p/q) in nats, p the original's probabilities. CKA is linear, of the layers' channel "
                "means over %d pictures, with the unbiased HSIC of Song et al. (2012): "
                "HSIC(K, L) / \u221a(HSIC(K, K) HSIC(L, L)). Change is \u2016W\u2032 \u2212 W\u2016\u00b2 / "
                "\u2016W\u2016\u00b2.",
                s->pictures, s->labelled, repeats, repeats == 1 ? "" : "s", s->compared);
    if (s->labelled > 0) {
        const double error = sqrt(s->top1 * (1 - s->top1) / s->labelled);
        fs_text_add(out,
                    " With so many pictures the share of right first classes has a standard error of "
                    "%.1f percentage points.",
                    100 * error);
    }
}

/* -- tables -- */

const char *fs_gabor_report_heading(int column) {
    static const char *const names[FS_REPORT_COLUMNS] = {
        "no.",        "class",          "R\u00b2",          "p",
        "\u03bb, px", "\u03b8, \u00b0", "\u03c8, \u00b0",   "\u03c3, px",
        "\u03b3",     "x\u2080, px",    "y\u2080, px",      "A",
        "octaves",    "one colour",     "R\u00b2 in colour"};
    return names[column];
}

static void measured(char out[FS_REPORT_CELL], double value, double error, int digits) {
    const char *sign = value < -0.5 * pow(10, -digits) ? "\u2212" : ""; /* no minus before what rounds to 0 */
    if (fabs(value) >= 1000)
        snprintf(out, FS_REPORT_CELL, "%s%.0f", sign, fabs(value));
    else if (isfinite(error) && error < 1000)
        snprintf(out, FS_REPORT_CELL, "%s%.*f \u00b1 %.*f", sign, digits, fabs(value), digits, error);
    else
        snprintf(out, FS_REPORT_CELL, "%s%.*f", sign, digits, fabs(value));
}

void fs_gabor_report_cell(const fs_kernel_analysis *k, int channels, int column, char out[FS_REPORT_CELL]) {
    const fs_gabor *g = &k->fit.gabor;
    const double *e = k->fit.stderror, octaves = fs_gabor_bandwidth(g);
    out[0] = '\0';
    switch (column) {
    case 0:
        snprintf(out, FS_REPORT_CELL, "%d", k->channel);
        break;
    case 1:
        snprintf(out, FS_REPORT_CELL, "%s", fs_kernel_class_name(k->kind));
        break;
    case 2:
        snprintf(out, FS_REPORT_CELL, "%.3f", k->fit.r2);
        break;
    case 3:
        snprintf(out, FS_REPORT_CELL, "%.3f", k->p_value);
        break;
    case 4:
        measured(out, g->lambda, e[FS_GABOR_LAMBDA], 2);
        break;
    case 5:
        measured(out, g->theta * degrees, e[FS_GABOR_THETA] * degrees, 1);
        break;
    case 6:
        measured(out, g->psi * degrees, e[FS_GABOR_PSI] * degrees, 0);
        break;
    case 7:
        measured(out, g->sigma, e[FS_GABOR_SIGMA], 2);
        break;
    case 8:
        measured(out, g->gamma, e[FS_GABOR_GAMMA], 2);
        break;
    case 9:
        measured(out, g->x0, e[FS_GABOR_X0], 2);
        break;
    case 10:
        measured(out, g->y0, e[FS_GABOR_Y0], 2);
        break;
    case 11:
        measured(out, g->amplitude, (double)NAN, 3);
        break;
    case 12:
        snprintf(out, FS_REPORT_CELL, isfinite(octaves) ? "%.2f" : "\u2013", octaves);
        break;
    case 13:
        snprintf(out, FS_REPORT_CELL, channels == 3 ? "%.0f %%" : "\u2013", 100 * k->split.energy);
        break;
    case 14:
        snprintf(out, FS_REPORT_CELL, channels == 3 ? "%.3f" : "\u2013", k->in_colour.r2);
        break;
    default:
        break;
    }
}

const char *fs_gabor_report_variant_heading(int column) {
    static const char *const names[FS_REPORT_VARIANT_COLUMNS] = {
        "kernels", "replaced", "change", "top-1, %", "top-5, %", "agreement, %", "KL, nats"};
    return names[column];
}

static void with_spread(char out[FS_REPORT_CELL], const fs_repeated *r, double unit, int digits,
                        int repeats) {
    if (!isfinite(r->mean))
        snprintf(out, FS_REPORT_CELL, "\u2013");
    else if (repeats > 1)
        snprintf(out, FS_REPORT_CELL, "%.*f \u00b1 %.*f", digits, unit * r->mean, digits, unit * r->spread);
    else
        snprintf(out, FS_REPORT_CELL, "%.*f", digits, unit * r->mean);
}

void fs_gabor_report_variant_cell(const fs_substitution *s, int variant, int column,
                                  char out[FS_REPORT_CELL]) {
    static const fs_variant_result none;
    fs_variant_result learned = none;
    learned.repeats = 1;
    learned.top1.mean = s->top1;
    learned.top5.mean = s->top5;
    learned.agreement.mean = 1;
    const fs_variant_result *r = variant < 0 ? &learned : &s->results[variant];
    switch (column) {
    case 0:
        snprintf(out, FS_REPORT_CELL, "%s", variant < 0 ? "as learned" : fs_variant_table[variant].title);
        break;
    case 1:
        snprintf(out, FS_REPORT_CELL, "%d", r->chosen);
        break;
    case 2:
        with_spread(out, &r->change, 1, 3, r->repeats);
        break;
    case 3:
        with_spread(out, &r->top1, 100, 1, r->repeats);
        break;
    case 4:
        with_spread(out, &r->top5, 100, 1, r->repeats);
        break;
    case 5:
        with_spread(out, &r->agreement, 100, 1, r->repeats);
        break;
    case 6:
        with_spread(out, &r->divergence, 1, 3, r->repeats);
        break;
    default:
        out[0] = '\0';
        break;
    }
}
