#include "app/series_write.h"

#include <inttypes.h>
#include <math.h>

#include "base/file.h"
#include "base/text.h"

static fs_status write(fs_text *text, const char *path, fs_error *err) {
    fs_status status = fs_text_broken(text) ? fs_fail_memory(err, path)
                                            : fs_file_write(path, text->bytes, text->length, err);
    fs_text_free(text);
    return status;
}

static const char *stage_name(const fs_series_report *r, int version) {
    return r->versions[version].stage >= 0 ? r->stages[r->versions[version].stage] : "";
}

/* ---- CSV ---- */

static void add_field(fs_text *t, double value) {
    fs_text_add(t, ",");
    fs_text_add_csv_number(t, value);
}

/* "3,joint,2": the version's number, its stage and epoch where it has them. */
static void add_version(fs_text *t, const fs_series_report *r, int version) {
    fs_text_add(t, "%d,%s,", version, stage_name(r, version));
    if (r->versions[version].stage >= 0)
        fs_text_add(t, "%d", r->versions[version].epoch);
}

fs_status fs_series_write_layers(const fs_series_files *f, const char *path, fs_error *err) {
    const fs_shift_series *series = f->report->series;
    fs_text t = {0};
    fs_text_add(&t, "version,stage,epoch,layer,operator,channels,cka,median_change,median_cosine\n");
    for (int s = 0; s < series->n_steps; s++)
        for (int l = 0; l < series->n_layers; l++) {
            const fs_layer *layer = fs_shift_series_layer(series, l);
            add_version(&t, f->report, s);
            fs_text_add(&t, ",");
            fs_text_add_csv(&t, layer->name);
            fs_text_add(&t, ",%s,%d", layer->operator_type, layer->channels);
            add_field(&t, series->steps[s].cka[l]);
            add_field(&t, series->steps[s].change[l]);
            add_field(&t, series->steps[s].cosine[l]);
            fs_text_add(&t, "\n");
        }
    return write(&t, path, err);
}

fs_status fs_series_write_filters(const fs_series_files *f, const char *path, fs_error *err) {
    const fs_shift_series *series = f->report->series;
    fs_text t = {0};
    fs_text_add(&t, "version,stage,epoch,layer,channel,cosine,norm_change,change\n");
    for (int s = 0; s < series->n_steps; s++)
        for (int i = 0; i < series->steps[s].n_filters; i++) {
            const fs_shift_filter *filter = &series->steps[s].filters[i];
            add_version(&t, f->report, s);
            fs_text_add(&t, ",");
            fs_text_add_csv(&t, fs_shift_series_layer(series, filter->layer)->name);
            fs_text_add(&t, ",%d", filter->channel);
            add_field(&t, filter->cosine);
            add_field(&t, filter->norm_change);
            add_field(&t, filter->change);
            fs_text_add(&t, "\n");
        }
    return write(&t, path, err);
}

fs_status fs_series_write_gabor(const fs_series_files *f, const char *path, fs_error *err) {
    fs_text t = {0};
    fs_text_add(
        &t, "version,stage,epoch,channel,explained,r2,lambda_px,lambda_px_drift,theta_rad,theta_rad_drift,"
            "sigma_px,sigma_px_drift\n");
    for (int s = 0; s < f->report->series->n_steps; s++)
        for (int i = 0; i < f->fits[s].count; i++) {
            const fs_gabor_drift d = fs_gabor_drift_between(&f->fits[0].items[i], &f->fits[s].items[i]);
            add_version(&t, f->report, s);
            fs_text_add(&t, ",%d,%s", i, fs_gabor_drift_counts(&d) ? "true" : "false");
            add_field(&t, d.after.r2);
            add_field(&t, d.after.gabor.lambda);
            add_field(&t, d.lambda);
            add_field(&t, d.after.gabor.theta);
            add_field(&t, d.theta);
            add_field(&t, d.after.gabor.sigma);
            add_field(&t, d.sigma);
            fs_text_add(&t, "\n");
        }
    return write(&t, path, err);
}

/* ---- JSON ---- */

static void add_member(fs_text *t, const char *name, double value) {
    fs_text_add(t, ", \"%s\": ", name);
    fs_text_add_number(t, value);
}

static void add_versions(fs_text *t, const fs_series_report *r) {
    fs_text_add(t, ",\n \"versions\": [");
    for (int s = 0; s < r->series->n_steps; s++) {
        const fs_series_version *v = &r->versions[s];
        fs_text_add(t, "%s\n  {\"name\": ", s ? "," : "");
        fs_text_add_json(t, v->name);
        fs_text_add(t, ", \"file\": ");
        fs_text_add_json(t, v->path);
        if (v->stage >= 0)
            fs_text_add(t, ", \"stage\": \"%s\", \"epoch\": %d}", r->stages[v->stage], v->epoch);
        else
            fs_text_add(t, ", \"stage\": null, \"epoch\": null}");
    }
    fs_text_add(t, "]");
}

typedef enum measure { CKA, CHANGE, COSINE, MEASURES } measure;

static double value_of(const fs_shift_step *step, measure what, int layer) {
    return what == CKA ? step->cka[layer] : what == CHANGE ? step->change[layer] : step->cosine[layer];
}

/* Of a layer, version by version. */
static void add_layer(fs_text *t, const fs_shift_series *series, int layer) {
    static const char *const names[MEASURES] = {"cka", "median_change", "median_cosine"};
    fs_text_add_json(t, fs_shift_series_layer(series, layer)->name);
    fs_text_add(t, ", \"channels\": %d", fs_shift_series_layer(series, layer)->channels);
    for (int m = 0; m < MEASURES; m++) {
        fs_text_add(t, ",\n   \"%s\": [", names[m]);
        for (int s = 0; s < series->n_steps; s++) {
            fs_text_add(t, s ? ", " : "");
            fs_text_add_number(t, value_of(&series->steps[s], (measure)m, layer));
        }
        fs_text_add(t, "]");
    }
}

static void add_layers(fs_text *t, const fs_shift_series *series) {
    fs_text_add(t, ",\n \"layers\": [");
    for (int l = 0; l < series->n_layers; l++) {
        fs_text_add(t, "%s\n  {\"layer\": ", l ? "," : "");
        add_layer(t, series, l);
        fs_text_add(t, "}");
    }
    fs_text_add(t, "]");
}

static void add_summary(fs_text *t, const char *name, const fs_drift_summary *s) {
    fs_text_add(t, ", \"%s\": {\"kernels\": %d", name, s->kernels);
    add_member(t, "mean", s->mean);
    add_member(t, "median", s->median);
    add_member(t, "signed_mean", s->signed_mean);
    fs_text_add(t, "}");
}

static void add_gabor(fs_text *t, const fs_series_report *r) {
    if (!r->gabor) {
        fs_text_add(t, ",\n \"gabor\": null");
        return;
    }
    fs_text_add(t, ",\n \"gabor\": {\"layer\": ");
    fs_text_add_json(t, r->gabor_layer);
    fs_text_add(t, ", \"kernels\": %d, \"versions\": [", r->gabor_kernels);
    for (int s = 0; s < r->series->n_steps; s++) {
        const fs_gabor_mean_drift *m = &r->gabor[s];
        fs_text_add(t, "%s\n  {\"explained\": %d", s ? "," : "", m->count);
        add_summary(t, "lambda_px_drift", &m->lambda);
        add_summary(t, "theta_rad_drift", &m->theta);
        add_summary(t, "sigma_px_drift", &m->sigma);
        fs_text_add(t, "}");
    }
    fs_text_add(t, "]}");
}

fs_status fs_series_write_json(const fs_series_files *f, const char *path, fs_error *err) {
    const fs_series_report *r = f->report;
    fs_text t = {0};
    fs_text_add(&t, "{\"format\": 1, \"title\": ");
    fs_text_add_json(&t, r->title);
    fs_text_add(&t, ",\n \"images\": %d, \"batch\": %d, \"seed\": %" PRIu64, r->series->n_pictures, r->batch,
                f->seed);
    add_versions(&t, r);
    add_layers(&t, r->series);
    add_gabor(&t, r);
    fs_text_add(&t, "}\n");
    return write(&t, path, err);
}
