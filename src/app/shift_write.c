#include "app/shift_write.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "app/shift_pictures.h"
#include "base/file.h"
#include "base/text.h"

static fs_status write(fs_text *text, const char *path, fs_error *err) {
    fs_status status = fs_text_broken(text) ? fs_fail_memory(err, path)
                                            : fs_file_write(path, text->bytes, text->length, err);
    fs_text_free(text);
    return status;
}

static const char *layer_name(const fs_shift_files *f, int layer) {
    return f->report->layers->pairs[layer].layer[FS_BEFORE]->name;
}

/* ---- CSV ---- */

static void add_field(fs_text *t, double value) {
    fs_text_add(t, ",");
    fs_text_add_csv_number(t, value);
}

static double separable(const fs_shift *shift, int layer, int version, bool spread) {
    const fs_separability *s = &shift->layers[layer].separable[version];
    return shift->classes == 0 ? (double)NAN : spread ? s->standard_error : s->accuracy;
}

fs_status fs_shift_write_layers(const fs_shift_files *f, const char *path, fs_error *err) {
    const fs_shift *shift = f->report->shift;
    fs_text t = {0};
    fs_text_add(&t, "layer,operator,channels,cka,procrustes,median_correlation,median_score,"
                    "separability_before,separability_before_stderr,separability_after,"
                    "separability_after_stderr\n");
    for (int l = 0; l < shift->n_layers; l++) {
        fs_text_add_csv(&t, layer_name(f, l));
        fs_text_add(&t, ",%s,%d", f->report->layers->pairs[l].layer[FS_BEFORE]->operator_type,
                    shift->layers[l].channels);
        add_field(&t, fs_cka_value(shift->cka, l, l));
        add_field(&t, shift->layers[l].procrustes);
        add_field(&t, shift->layers[l].median_correlation);
        add_field(&t, shift->layers[l].median_score);
        for (int v = 0; v < FS_VERSIONS; v++) {
            add_field(&t, separable(shift, l, v, false));
            add_field(&t, separable(shift, l, v, true));
        }
        fs_text_add(&t, "\n");
    }
    return write(&t, path, err);
}

fs_status fs_shift_write_filters(const fs_shift_files *f, const char *path, fs_error *err) {
    const fs_shift *shift = f->report->shift;
    fs_text t = {0};
    fs_text_add(&t, "rank,layer,channel,score,correlation,cosine,norm_before,norm_after,norm_change,change,"
                    "mean_before,mean_after,deviation_before,deviation_after\n");
    for (int i = 0; i < shift->n_filters; i++) {
        const fs_shift_filter *filter = &shift->filters[i];
        const fs_shift_channel *c = fs_shift_channel_of(shift, filter);
        const double values[] = {c->score,
                                 c->correlation,
                                 filter->cosine,
                                 filter->norm[FS_BEFORE],
                                 filter->norm[FS_AFTER],
                                 filter->norm_change,
                                 filter->change,
                                 c->mean[FS_BEFORE],
                                 c->mean[FS_AFTER],
                                 c->deviation[FS_BEFORE],
                                 c->deviation[FS_AFTER]};
        fs_text_add(&t, "%d,", i + 1);
        fs_text_add_csv(&t, layer_name(f, filter->layer));
        fs_text_add(&t, ",%d", filter->channel);
        for (size_t k = 0; k < sizeof values / sizeof *values; k++)
            add_field(&t, values[k]);
        fs_text_add(&t, "\n");
    }
    return write(&t, path, err);
}

static const char *const gabor_names[] = {"r2_before",       "r2_after",        "lambda_px_before",
                                          "lambda_px_after", "lambda_px_drift", "theta_rad_before",
                                          "theta_rad_after", "theta_rad_drift", "sigma_px_before",
                                          "sigma_px_after",  "sigma_px_drift"};
enum { GABOR_NUMBERS = sizeof gabor_names / sizeof *gabor_names };

static void gabor_numbers(const fs_gabor_drift *d, double out[GABOR_NUMBERS]) {
    const fs_gabor *a = &d->before.gabor, *b = &d->after.gabor;
    const double numbers[GABOR_NUMBERS] = {d->before.r2, d->after.r2, a->lambda, b->lambda,
                                           d->lambda,    a->theta,    b->theta,  d->theta,
                                           a->sigma,     b->sigma,    d->sigma};
    memcpy(out, numbers, sizeof numbers);
}

fs_status fs_shift_write_gabor(const fs_shift_files *f, const char *path, fs_error *err) {
    fs_text t = {0};
    double numbers[GABOR_NUMBERS];
    fs_text_add(&t, "channel,explained");
    for (int k = 0; k < GABOR_NUMBERS; k++)
        fs_text_add(&t, ",%s", gabor_names[k]);
    fs_text_add(&t, "\n");
    for (int i = 0; i < f->report->gabor->count; i++) {
        const fs_gabor_drift *d = &f->report->gabor->items[i];
        gabor_numbers(d, numbers);
        fs_text_add(&t, "%d,%s", i, fs_gabor_drift_counts(d) ? "true" : "false");
        for (int k = 0; k < GABOR_NUMBERS; k++)
            add_field(&t, numbers[k]);
        fs_text_add(&t, "\n");
    }
    return write(&t, path, err);
}

/* ---- JSON ---- */

static void add_member(fs_text *t, const char *name, double value) {
    fs_text_add(t, ", \"%s\": ", name);
    fs_text_add_number(t, value);
}

static void add_head(fs_text *t, const fs_shift_files *f) {
    static const char *const versions[FS_VERSIONS] = {"before", "after"};
    const fs_shift *shift = f->report->shift;
    fs_text_add(t, "{\"format\": 1");
    for (int v = 0; v < FS_VERSIONS; v++) {
        fs_text_add(t, ",\n \"%s\": {\"model\": ", versions[v]);
        fs_text_add_json(t, f->report->names[v]);
        fs_text_add(t, ", \"file\": ");
        fs_text_add_json(t, f->paths[v]);
        fs_text_add(t, "}");
    }
    fs_text_add(
        t, ",\n \"images\": %d, \"unreadable\": %d, \"minibatches\": %d, \"batch\": %d, \"seed\": %" PRIu64,
        shift->images, shift->skipped, fs_cka_batches(shift->cka), f->settings->batch, f->settings->seed);
    fs_text_add(t, ",\n \"classes\": %d", shift->classes);
    add_member(t, "chance", shift->classes > 0 ? shift->chance : (double)NAN);
}

static void add_layers(fs_text *t, const fs_shift_files *f) {
    const fs_shift *shift = f->report->shift;
    fs_text_add(t, ",\n \"layers\": [");
    for (int l = 0; l < shift->n_layers; l++) {
        fs_text_add(t, "%s\n  {\"layer\": ", l ? "," : "");
        fs_text_add_json(t, layer_name(f, l));
        fs_text_add(t, ", \"channels\": %d", shift->layers[l].channels);
        add_member(t, "cka", fs_cka_value(shift->cka, l, l));
        add_member(t, "procrustes", shift->layers[l].procrustes);
        add_member(t, "median_correlation", shift->layers[l].median_correlation);
        add_member(t, "median_score", shift->layers[l].median_score);
        add_member(t, "separability_before", separable(shift, l, FS_BEFORE, false));
        add_member(t, "separability_before_stderr", separable(shift, l, FS_BEFORE, true));
        add_member(t, "separability_after", separable(shift, l, FS_AFTER, false));
        add_member(t, "separability_after_stderr", separable(shift, l, FS_AFTER, true));
        fs_text_add(t, "}");
    }
    fs_text_add(t, "]");
}

static void add_skipped(fs_text *t, const fs_shift_layers *layers) {
    fs_text_add(t, ",\n \"skipped_layers\": [");
    for (int i = 0; i < layers->n_skipped; i++) {
        fs_text_add(t, "%s\n  {\"layer\": ", i ? "," : "");
        fs_text_add_json(t, layers->skipped[i].layer->name);
        fs_text_add(t, ", \"reason\": \"%s\"}", fs_shift_reason_name(layers->skipped[i].reason));
    }
    fs_text_add(t, "]");
}

static void add_matrix(fs_text *t, const fs_shift *shift) {
    fs_text_add(t, ",\n \"cka\": [");
    for (int a = 0; a < shift->n_layers; a++) {
        fs_text_add(t, a ? ",\n  [" : "\n  [");
        for (int b = 0; b < shift->n_layers; b++) {
            fs_text_add(t, b ? ", " : "");
            fs_text_add_number(t, fs_cka_value(shift->cka, a, b));
        }
        fs_text_add(t, "]");
    }
    fs_text_add(t, "]");
}

static void add_filters(fs_text *t, const fs_shift_files *f) {
    const fs_shift *shift = f->report->shift;
    fs_text_add(t, ",\n \"filters\": [");
    for (int i = 0; i < shift->n_filters; i++) {
        const fs_shift_filter *filter = &shift->filters[i];
        const fs_shift_channel *c = fs_shift_channel_of(shift, filter);
        char name[FS_OPTION_TEXT_SIZE];
        fs_text_add(t, "%s\n  {\"layer\": ", i ? "," : "");
        fs_text_add_json(t, layer_name(f, filter->layer));
        fs_text_add(t, ", \"channel\": %d", filter->channel);
        add_member(t, "score", c->score);
        add_member(t, "correlation", c->correlation);
        add_member(t, "cosine", filter->cosine);
        add_member(t, "norm_change", filter->norm_change);
        add_member(t, "change", filter->change);
        if (i < f->report->n_strips) {
            fs_shift_strip_name(name, sizeof name, i, layer_name(f, filter->layer), filter->channel);
            fs_text_add(t, ", \"strip\": \"strips/%s\"", name);
        }
        fs_text_add(t, "}");
    }
    fs_text_add(t, "]");
}

static void add_gabor(fs_text *t, const fs_shift_report *report) {
    double numbers[GABOR_NUMBERS];
    if (!report->gabor) {
        fs_text_add(t, ",\n \"gabor\": null");
        return;
    }
    fs_text_add(t, ",\n \"gabor\": {\"layer\": ");
    fs_text_add_json(t, report->gabor_layer);
    fs_text_add(t, ", \"kernels\": [");
    for (int i = 0; i < report->gabor->count; i++) {
        gabor_numbers(&report->gabor->items[i], numbers);
        fs_text_add(t, "%s\n  {\"channel\": %d, \"explained\": %s", i ? "," : "", i,
                    fs_gabor_drift_counts(&report->gabor->items[i]) ? "true" : "false");
        for (int k = 0; k < GABOR_NUMBERS; k++)
            add_member(t, gabor_names[k], numbers[k]);
        fs_text_add(t, "}");
    }
    fs_text_add(t, "]}");
}

fs_status fs_shift_write_json(const fs_shift_files *f, const char *path, fs_error *err) {
    fs_text t = {0};
    add_head(&t, f);
    fs_text_add(&t, ",\n \"render\": {\"size\": %d, \"steps\": %d, \"seed\": %" PRIu64 "}", f->render->size,
                f->render->steps, f->render->seed);
    add_layers(&t, f);
    add_skipped(&t, f->report->layers);
    add_matrix(&t, f->report->shift);
    add_filters(&t, f);
    add_gabor(&t, f->report);
    fs_text_add(&t, "}\n");
    return write(&t, path, err);
}
