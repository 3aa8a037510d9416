#include "app/dissect_write.h"

#include <string.h>

#include "base/file.h"
#include "base/text.h"

static fs_status write(fs_text *text, const char *path, fs_error *err) {
    fs_status status = fs_text_broken(text) ? fs_fail_memory(err, "a dissection")
                                            : fs_file_write(path, text->bytes, text->length, err);
    fs_text_free(text);
    return status;
}

static const char *name_of(const fs_dissect_files *f, const fs_dissection_match *m) {
    return f->source->names[m->kind][m->label];
}

/* ---- JSON ---- */

static void add_match(fs_text *t, const fs_dissect_files *f, const fs_dissection_match *m) {
    fs_text_add(t, "\"concept\": ");
    if (m)
        fs_text_add_json(t, name_of(f, m));
    else
        fs_text_add(t, "null");
    fs_text_add(t, ", \"kind\": ");
    if (m)
        fs_text_add_json(t, fs_concept_kind_name(m->kind));
    else
        fs_text_add(t, "null");
    fs_text_add(t, ", \"iou\": ");
    fs_text_add_number(t, m ? m->iou : 0);
}

static void add_next(fs_text *t, const fs_dissect_files *f, const fs_dissection_channel *c) {
    fs_text_add(t, ", \"next\": [");
    for (int i = 1; i < c->n_best; i++) {
        fs_text_add(t, i > 1 ? ", {" : "{");
        add_match(t, f, &c->best[i]);
        fs_text_add(t, "}");
    }
    fs_text_add(t, "]");
}

static void add_layer(fs_text *t, const fs_dissect_files *f, const fs_dissection_layer *layer,
                      bool concepts) {
    const char *comma = "\n";
    fs_text_add(t, "  {\"layer\": ");
    fs_text_add_json(t, layer->layer->name);
    fs_text_add(t, ", \"level\": \"%s\", \"channels\": [", fs_level_name(layer->layer->level));
    for (int i = 0; i < layer->layer->channels; i++) {
        const fs_dissection_channel *c = &layer->channel[i];
        const fs_dissection_match *best = c->n_best > 0 ? &c->best[0] : NULL;
        if (concepts && !(best && best->iou >= f->least))
            continue;
        fs_text_add(t, "%s    {\"channel\": %d, \"threshold\": ", comma, i);
        fs_text_add_number(t, c->threshold);
        fs_text_add(t, ", ");
        add_match(t, f, best);
        if (!concepts)
            add_next(t, f, c);
        fs_text_add(t, "}");
        comma = ",\n";
    }
    fs_text_add(t, "]}");
}

static fs_status write_json(const fs_dissect_files *f, bool concepts, const char *path, fs_error *err) {
    const fs_dissection *d = f->dissection;
    fs_text t = {0};
    fs_text_add(&t, "{\"format\": 1,\n \"model\": ");
    fs_text_add_json(&t, f->model);
    fs_text_add(&t, ",\n \"quantile\": ");
    fs_text_add_number(&t, d->quantile);
    fs_text_add(&t, ", \"pictures\": %d, \"skipped\": %d, \"least_pictures\": %d, \"least\": ", d->pictures,
                d->skipped, d->least_pictures);
    fs_text_add_number(&t, f->least);
    fs_text_add(&t, ",\n \"layers\": [");
    for (int l = 0; l < d->n_layers; l++) {
        fs_text_add(&t, l > 0 ? ",\n" : "\n");
        add_layer(&t, f, &d->layers[l], concepts);
    }
    fs_text_add(&t, "]}\n");
    return write(&t, path, err);
}

fs_status fs_dissect_write_json(const fs_dissect_files *files, const char *path, fs_error *err) {
    return write_json(files, false, path, err);
}

fs_status fs_dissect_write_concepts(const fs_dissect_files *files, const char *path, fs_error *err) {
    return write_json(files, true, path, err);
}

/* ---- CSV ---- */

/* Quoted where it has to be (RFC 4180). */
static void add_field(fs_text *t, const char *text) {
    bool plain = true;
    for (const char *c = text; *c && plain; c++)
        plain = *c != ',' && *c != '"' && *c != '\n' && *c != '\r';
    if (plain) {
        fs_text_add_bytes(t, text, strlen(text));
        return;
    }
    fs_text_add(t, "\"");
    for (const char *c = text; *c; c++) {
        if (*c == '"')
            fs_text_add(t, "\"");
        fs_text_add_bytes(t, c, 1);
    }
    fs_text_add(t, "\"");
}

fs_status fs_dissect_write_csv(const fs_dissect_files *f, const char *path, fs_error *err) {
    fs_text t = {0};
    fs_text_add(&t, "layer,level,channel,threshold,concept,kind,iou");
    for (int i = 2; i <= FS_DISSECTION_BEST; i++)
        fs_text_add(&t, ",concept_%d,kind_%d,iou_%d", i, i, i);
    fs_text_add(&t, "\n");
    for (int l = 0; l < f->dissection->n_layers; l++) {
        const fs_dissection_layer *layer = &f->dissection->layers[l];
        for (int c = 0; c < layer->layer->channels; c++) {
            const fs_dissection_channel *channel = &layer->channel[c];
            add_field(&t, layer->layer->name);
            fs_text_add(&t, ",%s,%d,%.9g", fs_level_name(layer->layer->level), c, channel->threshold);
            for (int i = 0; i < FS_DISSECTION_BEST; i++) {
                if (i >= channel->n_best) {
                    fs_text_add(&t, i == 0 ? ",,,0" : ",,,");
                    continue;
                }
                fs_text_add(&t, ",");
                add_field(&t, name_of(f, &channel->best[i]));
                fs_text_add(&t, ",%s,%.9g", fs_concept_kind_name(channel->best[i].kind),
                            channel->best[i].iou);
            }
            fs_text_add(&t, "\n");
        }
    }
    return write(&t, path, err);
}
