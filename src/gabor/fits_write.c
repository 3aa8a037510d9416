#include "gabor/fits_write.h"

#include <inttypes.h>
#include <math.h>

#include "base/file.h"
#include "base/text.h"

static const char convention[] =
    "x right and y down in pixels from the kernel's centre; theta is the direction of the normal to the "
    "stripes; "
    "g = amplitude exp(-(x'^2 + gamma^2 y'^2) / (2 sigma^2)) cos(2 pi x' / lambda + psi) + offset";

/* -- JSON -- */

static void add_member(fs_text *t, const char *name, double value) {
    fs_text_add(t, ", \"%s\": ", name);
    fs_text_add_number(t, value);
}

static void add_list(fs_text *t, const char *name, const double *values, int count) {
    fs_text_add(t, ", \"%s\": [", name);
    for (int i = 0; i < count; i++) {
        fs_text_add(t, i ? ", " : "");
        fs_text_add_number(t, values[i]);
    }
    fs_text_add(t, "]");
}

static void add_parameters(fs_text *t, const char *name, const double values[FS_GABOR_PARAMETERS]) {
    fs_text_add(t, ", \"%s\": {", name);
    for (int p = 0; p < FS_GABOR_PARAMETERS; p++) {
        fs_text_add(t, "%s\"%s\": ", p ? ", " : "", fs_gabor_parameter_name((fs_gabor_parameter)p));
        fs_text_add_number(t, values[p]);
    }
    fs_text_add(t, "}");
}

/* Where and how a Gabor function lies, without amplitude and offset. */
enum { GEOMETRY = FS_GABOR_AMPLITUDE };

static void add_geometry(fs_text *t, const char *name, const fs_gabor *gabor) {
    fs_text_add(t, ", \"%s\": {", name);
    for (int p = 0; p < GEOMETRY; p++) {
        fs_text_add(t, "%s\"%s\": ", p ? ", " : "", fs_gabor_parameter_name((fs_gabor_parameter)p));
        fs_text_add_number(t, fs_gabor_get(gabor, (fs_gabor_parameter)p));
    }
    fs_text_add(t, "}");
}

static void add_models(fs_text *t, const char *name, const double values[FS_MODELS]) {
    fs_text_add(t, ", \"%s\": {", name);
    for (int m = 0; m < FS_MODELS; m++) {
        fs_text_add(t, "%s\"%s\": ", m ? ", " : "", fs_kernel_model_name((fs_kernel_model)m));
        fs_text_add_number(t, values[m]);
    }
    fs_text_add(t, "}");
}

static void add_kernel(fs_text *t, const fs_kernel_analysis *k, int channels) {
    double aicc[FS_MODELS], r2[FS_MODELS];
    for (int m = 0; m < FS_MODELS; m++) {
        aicc[m] = k->scores[m].aicc;
        r2[m] = k->scores[m].r2;
    }
    fs_text_add(t, "  {\"channel\": %d, \"class\": \"%s\"", k->channel, fs_kernel_class_name(k->kind));
    add_member(t, "r2", k->fit.r2);
    for (int p = 0; p < FS_GABOR_PARAMETERS; p++)
        add_member(t, fs_gabor_parameter_name((fs_gabor_parameter)p),
                   fs_gabor_get(&k->fit.gabor, (fs_gabor_parameter)p));
    add_parameters(t, "stderr", k->fit.stderror);
    add_list(t, "colour", k->split.colour, channels);
    add_member(t, "rank1_energy", k->split.energy);
    add_models(t, "aicc", aicc);
    add_member(t, "r2_adjusted", k->fit.r2_adjusted);
    add_member(t, "p_value", k->p_value);
    add_member(t, "rms", k->rms);
    fs_text_add(t, ", \"best\": \"%s\"", fs_kernel_model_name(k->best));
    add_parameters(t, "low95", k->fit.low);
    add_parameters(t, "high95", k->fit.high);
    add_models(t, "r2_of", r2);
    add_member(t, "in_colour_r2", k->in_colour.r2);
    add_list(t, "in_colour_amplitude", k->in_colour.amplitude, channels);
    add_list(t, "in_colour_offset", k->in_colour.offset, channels);
    add_geometry(t, "in_colour", &k->in_colour.geometry);
    fs_text_add(t, "}");
}

static void add_word(fs_text *t, const char *name, const char *value) {
    fs_text_add(t, ",\n \"%s\": ", name);
    if (value)
        fs_text_add_json(t, value);
    else
        fs_text_add(t, "null");
}

static void add_head(fs_text *t, const fs_analysis *a, const fs_fits_source *source) {
    fs_text_add(t, "{\"format\": 1");
    add_word(t, "model", source->model);
    add_word(t, "layer", source->layer);
    add_word(t, "source", source->kind);
    add_word(t, "convention", convention);
    fs_text_add(t, ",\n \"size\": [%d, %d], \"channels\": %d", a->height, a->width, a->channels);
    fs_text_add(t, ",\n \"null\": {\"fits\": %d, \"seed\": \"%" PRIu64 "\"", a->null.fits, source->seed);
    if (a->null.fits > 0)
        add_models(t, "r2_quantile95", a->null.quantile95);
    fs_text_add(t, "},\n \"classes\": {");
    for (int c = 0; c < FS_KERNEL_CLASSES; c++)
        fs_text_add(t, "%s\"%s\": %d", c ? ", " : "", fs_kernel_class_name((fs_kernel_class)c),
                    a->class_counts[c]);
    fs_text_add(t, "}");
    add_member(t, "median_r2", a->median_r2);
}

static fs_status write_text(fs_text *t, const char *path, fs_error *err) {
    fs_status status = fs_text_broken(t) ? fs_fail_memory(err, "a table of fits")
                                         : fs_file_write(path, t->bytes, t->length, err);
    fs_text_free(t);
    return status;
}

fs_status fs_fits_write_json(const fs_analysis *a, const fs_fits_source *source, const char *path,
                             fs_error *err) {
    fs_text t = {0};
    add_head(&t, a, source);
    fs_text_add(&t, ",\n \"kernels\": [");
    for (int i = 0; i < a->count; i++) {
        fs_text_add(&t, i ? ",\n" : "\n");
        add_kernel(&t, &a->kernels[i], a->channels);
    }
    fs_text_add(&t, "]}\n");
    return write_text(&t, path, err);
}

/* -- CSV -- */

static void add_cell(fs_text *t, double value) {
    if (isfinite(value))
        fs_text_add(t, ",%.9g", value);
    else
        fs_text_add(t, ",");
}

static const char *colour_name(int channel, int channels) {
    static const char *const names[] = {"r", "g", "b"};
    return channels == 1 ? "grey" : names[channel];
}

static void add_headings(fs_text *t, const char *prefix) {
    for (int p = 0; p < FS_GABOR_PARAMETERS; p++)
        fs_text_add(t, ",%s%s", prefix, fs_gabor_parameter_name((fs_gabor_parameter)p));
}

static void add_channel_headings(fs_text *t, const char *prefix, int channels) {
    for (int c = 0; c < channels; c++)
        fs_text_add(t, ",%s_%s", prefix, colour_name(c, channels));
}

static void add_first_row(fs_text *t, int channels) {
    fs_text_add(t, "channel,class,r2");
    add_headings(t, "");
    add_headings(t, "stderr_");
    add_channel_headings(t, "colour", channels);
    fs_text_add(t, ",rank1_energy");
    for (int m = 0; m < FS_MODELS; m++)
        fs_text_add(t, ",aicc_%s", fs_kernel_model_name((fs_kernel_model)m));
    fs_text_add(t, ",r2_adjusted,p_value,rms,best");
    add_headings(t, "low95_");
    add_headings(t, "high95_");
    for (int m = 0; m < FS_MODELS; m++)
        fs_text_add(t, ",r2_%s", fs_kernel_model_name((fs_kernel_model)m));
    fs_text_add(t, ",in_colour_r2");
    add_channel_headings(t, "in_colour_amplitude", channels);
    add_channel_headings(t, "in_colour_offset", channels);
    for (int p = 0; p < GEOMETRY; p++)
        fs_text_add(t, ",in_colour_%s", fs_gabor_parameter_name((fs_gabor_parameter)p));
    fs_text_add(t, "\n");
}

static void add_cells(fs_text *t, const double *values, int count) {
    for (int i = 0; i < count; i++)
        add_cell(t, values[i]);
}

static void add_row(fs_text *t, const fs_kernel_analysis *k, int channels) {
    fs_text_add(t, "%d,%s", k->channel, fs_kernel_class_name(k->kind));
    add_cell(t, k->fit.r2);
    for (int p = 0; p < FS_GABOR_PARAMETERS; p++)
        add_cell(t, fs_gabor_get(&k->fit.gabor, (fs_gabor_parameter)p));
    add_cells(t, k->fit.stderror, FS_GABOR_PARAMETERS);
    add_cells(t, k->split.colour, channels);
    add_cell(t, k->split.energy);
    for (int m = 0; m < FS_MODELS; m++)
        add_cell(t, k->scores[m].aicc);
    add_cell(t, k->fit.r2_adjusted);
    add_cell(t, k->p_value);
    add_cell(t, k->rms);
    fs_text_add(t, ",%s", fs_kernel_model_name(k->best));
    add_cells(t, k->fit.low, FS_GABOR_PARAMETERS);
    add_cells(t, k->fit.high, FS_GABOR_PARAMETERS);
    for (int m = 0; m < FS_MODELS; m++)
        add_cell(t, k->scores[m].r2);
    add_cell(t, k->in_colour.r2);
    add_cells(t, k->in_colour.amplitude, channels);
    add_cells(t, k->in_colour.offset, channels);
    for (int p = 0; p < GEOMETRY; p++)
        add_cell(t, fs_gabor_get(&k->in_colour.geometry, (fs_gabor_parameter)p));
    fs_text_add(t, "\n");
}

fs_status fs_fits_write_csv(const fs_analysis *a, const char *path, fs_error *err) {
    fs_text t = {0};
    add_first_row(&t, a->channels);
    for (int i = 0; i < a->count; i++)
        add_row(&t, &a->kernels[i], a->channels);
    return write_text(&t, path, err);
}
