/* How strongly a unit answers to gratings and Gabor patches of every orientation and wavelength.
 *
 *     fs_tuning_run(&tuning, model, layer, channel, &settings, pool, progress, &err);
 *     ... tuning.response[FS_STIMULUS_GRATING][w * tuning.orientations + o] ...
 *     fs_tuning_free(&tuning);
 *
 * The unit is the channel's at the middle of its layer's map. With (x, y) in pixels from the centre of its
 * receptive field, x to the right, y down, and x' = x cos(theta) + y sin(theta), y' = -x sin(theta) +
 * y cos(theta), a stimulus is grey with the values
 *
 *     grating   1/2 + 1/2 cos(2 pi x' / lambda + psi)
 *     patch     1/2 + 1/2 exp(-(x'^2 + gamma^2 y'^2) / (2 sigma^2)) cos(2 pi x' / lambda + psi)
 *
 * with sigma = 0.56 lambda (a bandwidth of one octave) and gamma = 0.5 (Petkov and Kruizinga, Biological
 * Cybernetics 76, 1997). theta is the direction across the stripes. The response is the unit's greatest
 * activation over FS_TUNING_PHASES evenly spaced psi, as that of a cell whose phase does not matter. Model
 * and pool are borrowed. */
#ifndef FS_VIZ_TUNING_H
#define FS_VIZ_TUNING_H

#include "base/option.h"
#include "base/pool.h"
#include "base/progress.h"
#include "engine/model.h"

enum { FS_TUNING_PHASES = 4, FS_TUNING_MAX_ORIENTATIONS = 180, FS_TUNING_MAX_WAVELENGTHS = 32 };

typedef enum fs_stimulus_kind { FS_STIMULUS_GRATING, FS_STIMULUS_PATCH, FS_STIMULUS_KINDS } fs_stimulus_kind;

typedef struct fs_tuning_settings {
    int orientations; /* evenly over half a turn, from 0 */
    int wavelengths;  /* in equal ratios */
    double shortest,
        longest; /* pixels; longest 0: the receptive field, or half the picture if that is less */
} fs_tuning_settings;

/* The one declaration of these parameters. */
extern const fs_option fs_tuning_options[];

typedef struct fs_tuning {
    int orientations, wavelengths;
    double wavelength[FS_TUNING_MAX_WAVELENGTHS]; /* pixels */
    float *response[FS_STIMULUS_KINDS];           /* [wavelengths][orientations] */
} fs_tuning;

double fs_tuning_angle(const fs_tuning *tuning, int orientation); /* theta in radians */
/* The strongest: orientation index + orientations * wavelength index. */
int fs_tuning_peak(const fs_tuning *tuning, fs_stimulus_kind kind);

fs_status fs_tuning_run(fs_tuning *out, const fs_model *model, const fs_layer *layer, int channel,
                        const fs_tuning_settings *settings, fs_pool *pool, const fs_progress *progress,
                        fs_error *err);
void fs_tuning_free(fs_tuning *tuning);

/* The same a stimulus at a time, for who has other things to do in between:
 *
 *     fs_tuning_begin(&test, model, layer, channel, &settings, pool, &err);
 *     while (status == FS_OK && !fs_tuning_finished(test))
 *         status = fs_tuning_advance(test, progress, &err);
 *     fs_tuning_end(test, &tuning);           // NULL: what was measured is thrown away
 */
typedef struct fs_tuning_test fs_tuning_test;
fs_status fs_tuning_begin(fs_tuning_test **out, const fs_model *model, const fs_layer *layer, int channel,
                          const fs_tuning_settings *settings, fs_pool *pool, fs_error *err);
bool fs_tuning_finished(const fs_tuning_test *test);
fs_status fs_tuning_advance(fs_tuning_test *test, const fs_progress *progress, fs_error *err);
void fs_tuning_end(fs_tuning_test *test, fs_tuning *out); /* a NULL test is fine where out is */

#endif
