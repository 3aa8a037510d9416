/* Measures the spectrum of photographs and writes src/viz/parametrisations/natural_spectrum.inc.
 *
 *     build/tools/natural_spectrum FOLDER OUT.inc
 *
 * Every picture of the folder is reduced to SIDE pixels on its shorter side and cropped in the middle. Its
 * colours are taken back to the planes that viz/colour.h would make them of: the logit of the pixel, times
 * the inverse of the colour matrix. Of each plane the mean is removed, a Hann window applied, and the
 * magnitudes of the Fourier coefficients averaged over the pictures and their mirror images. */
#include <dirent.h>
#include <fftw3.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "viz/colour.h"
#include "viz/parametrisations/natural_spectrum.h"

#define PI 3.14159265358979323846
#define DARKEST 0.02 /* logits of black and white are infinite: as far as this and no further */

enum { SIDE = 256, COLUMNS = SIDE / 2 + 1, NODES = FS_NATURAL_NODES };

typedef struct survey {
    double matrix[3][3]; /* RGB logits -> decorrelated planes */
    double magnitudes[FS_NATURAL_PLANES][SIDE][COLUMNS];
    double spreads[FS_NATURAL_PLANES];
    float plane[FS_NATURAL_PLANES][SIDE * SIDE];
    fftwf_complex spectrum[SIDE * COLUMNS];
    float windowed[SIDE * SIDE];
    int pictures;
} survey;

static void invert(const fs_colour_matrix *in, double out[3][3]) {
    double determinant = 0;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            int a = (k + 1) % 3, b = (k + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;
            out[i][k] = (double)in->m[a][c] * in->m[b][d] - (double)in->m[a][d] * in->m[b][c];
        }
    for (int k = 0; k < 3; k++)
        determinant += in->m[0][k] * out[k][0];
    for (int i = 0; i < 9; i++)
        out[i / 3][i % 3] /= determinant;
}

static double logit(double value) {
    value = value < DARKEST ? DARKEST : value > 1 - DARKEST ? 1 - DARKEST : value;
    return log(value / (1 - value));
}

static void fill_planes(survey *s, const fs_image *image) {
    for (int i = 0; i < SIDE * SIDE; i++) {
        const uint8_t *p = image->pixels + (size_t)i * (size_t)image->channels;
        double t[3];
        for (int k = 0; k < 3; k++) {
            t[k] = logit(p[k] / 255.0);
            s->plane[FS_NATURAL_RGB + k][i] = (float)t[k];
        }
        for (int k = 0; k < 3; k++)
            s->plane[FS_NATURAL_DECORRELATED + k][i] =
                (float)(s->matrix[k][0] * t[0] + s->matrix[k][1] * t[1] + s->matrix[k][2] * t[2]);
        s->plane[FS_NATURAL_GREY][i] = (float)logit((0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]) / 255.0);
    }
}

static double hann(int i) {
    return 0.5 - 0.5 * cos(2 * PI * (i + 0.5) / SIDE);
}

static void add_plane(survey *s, int k, fftwf_plan plan) {
    double sum = 0, squares = 0, count = (double)SIDE * SIDE;
    for (int i = 0; i < SIDE * SIDE; i++)
        sum += s->plane[k][i];
    for (int i = 0; i < SIDE * SIDE; i++) {
        double value = s->plane[k][i] - sum / count;
        squares += value * value;
        s->windowed[i] = (float)(value * hann(i / SIDE) * hann(i % SIDE));
    }
    s->spreads[k] += sqrt(squares / count);
    fftwf_execute(plan);
    for (int i = 0; i < SIDE * COLUMNS; i++)
        s->magnitudes[k][i / COLUMNS][i % COLUMNS] += hypot(s->spectrum[i][0], s->spectrum[i][1]);
}

static void add_picture(survey *s, const char *path, fftwf_plan plan) {
    fs_error err = {0};
    fs_image whole = {0}, reduced = {0}, square = {0};
    fs_status status = fs_image_read(&whole, path, &err);
    if (status == FS_OK) {
        double scale = (double)SIDE / (whole.width < whole.height ? whole.width : whole.height);
        int width = (int)lrint(whole.width * scale), height = (int)lrint(whole.height * scale);
        status = fs_image_resize(&reduced, &whole, width, height, &err);
    }
    if (status == FS_OK)
        status = fs_image_crop(&square, &reduced, (reduced.width - SIDE) / 2, (reduced.height - SIDE) / 2,
                               SIDE, SIDE, &err);
    if (status == FS_OK) {
        fill_planes(s, &square);
        for (int k = 0; k < FS_NATURAL_PLANES; k++)
            add_plane(s, k, plan);
        s->pictures++;
    }
    fs_image_free(&whole);
    fs_image_free(&reduced);
    fs_image_free(&square);
}

/* Names in order, so that sums and bytes are the same everywhere. Files that are no pictures are passed over.
 */
static int add_folder(survey *s, const char *folder) {
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, NULL, alphasort);
    fftwf_plan plan = fftwf_plan_dft_r2c_2d(SIDE, SIDE, s->windowed, s->spectrum, FFTW_ESTIMATE);
    for (int i = 0; i < n; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            add_picture(s, path, plan);
        free(entries[i]);
    }
    free(entries);
    fftwf_destroy_plan(plan);
    return s->pictures;
}

/* The mean magnitude of a frequency and its mirror image; row and column of the quadrant. */
static double folded(const survey *s, int k, int row, int column) {
    return 0.5 * (s->magnitudes[k][row][column] + s->magnitudes[k][(SIDE - row) % SIDE][column]);
}

/* Between the frequencies that were measured; the lowest stand for those below, where the mean would be. */
static double sample(const survey *s, int k, double fy, double fx) {
    double y = fy * SIDE, x = fx * SIDE;
    if (hypot(x, y) < 1)
        return 0.5 * (folded(s, k, 0, 1) + folded(s, k, 1, 0));
    int row = y < SIDE / 2 - 1 ? (int)y : SIDE / 2 - 1, column = x < COLUMNS - 2 ? (int)x : COLUMNS - 2;
    double down = y - row, right = x - column;
    return (1 - down) * ((1 - right) * folded(s, k, row, column) + right * folded(s, k, row, column + 1)) +
           down * ((1 - right) * folded(s, k, row + 1, column) + right * folded(s, k, row + 1, column + 1));
}

static void write_table(FILE *out, const survey *s, int k) {
    double values[NODES][NODES], greatest = 0;
    for (int i = 0; i < NODES * NODES; i++) {
        double fy = 0.5 * pow(i / NODES / (NODES - 1.0), FS_NATURAL_WARP);
        double fx = 0.5 * pow(i % NODES / (NODES - 1.0), FS_NATURAL_WARP);
        values[i / NODES][i % NODES] = sample(s, k, fy, fx);
        greatest = fmax(greatest, values[i / NODES][i % NODES]);
    }
    fprintf(out, "    {\n");
    for (int y = 0; y < NODES; y++) {
        fprintf(out, "        {");
        for (int x = 0; x < NODES; x++) {
            double level = rint(FS_NATURAL_LEVELS * log2(greatest / values[y][x]));
            fprintf(out, "%s%.0f", x ? "," : "", level < 255 ? level : 255);
        }
        fprintf(out, "},\n");
    }
    fprintf(out, "    },\n");
}

static void write_all(FILE *out, const survey *s) {
    fprintf(out,
            "/* Written by tools/natural_spectrum.c from %d photographs; natural_spectrum.h says what it "
            "is. */\n/* clang-format off */\n",
            s->pictures);
    fprintf(out, "static const double spreads[FS_NATURAL_PLANES] = {");
    for (int k = 0; k < FS_NATURAL_PLANES; k++)
        fprintf(out, "%s%.3f", k ? ", " : "", s->spreads[k] / s->pictures);
    fprintf(out,
            "};\nstatic const uint8_t levels[FS_NATURAL_PLANES][FS_NATURAL_NODES][FS_NATURAL_NODES] = {\n");
    for (int k = 0; k < FS_NATURAL_PLANES; k++)
        write_table(out, s, k);
    fprintf(out, "};\n");
}

int main(int argc, char **argv) {
    static survey s;
    if (argc != 3) {
        fprintf(stderr, "usage: natural_spectrum FOLDER OUT.inc\n");
        return 2;
    }
    invert(&fs_colour_decorrelated, s.matrix);
    if (add_folder(&s, argv[1]) == 0) {
        fprintf(stderr, "natural_spectrum: %s: has no pictures\n", argv[1]);
        return 1;
    }
    FILE *out = fopen(argv[2], "w");
    if (!out) {
        perror(argv[2]);
        return 1;
    }
    write_all(out, &s);
    if (fclose(out) != 0) {
        perror(argv[2]);
        return 1;
    }
    return 0;
}
