#include <inttypes.h>
#include <math.h>

#include "base/file.h"
#include "base/text.h"
#include "gabor/substitution.h"

static const char measures[] =
    "change: ||W' - W||^2 / ||W||^2 of the layer's kernels; agreement: share of pictures with the original's "
    "first class; divergence: mean over pictures of sum p ln(p / q), p the original's probabilities, nats; "
    "cka: linear CKA of channel means with the unbiased HSIC of Song et al. (2012)";

static void add_member(fs_text *t, const char *name, double value) {
    fs_text_add(t, ", \"%s\": ", name);
    fs_text_add_number(t, value);
}

/* The five numbers of a variant, in the order of the files. */
enum { NUMBERS = 5 };
static const char *const names[NUMBERS] = {"top1", "top5", "agreement", "divergence", "change"};

static const fs_repeated *number_of(const fs_variant_result *r, int i) {
    const fs_repeated *const numbers[NUMBERS] = {&r->top1, &r->top5, &r->agreement, &r->divergence,
                                                 &r->change};
    return numbers[i];
}

static void add_variant(fs_text *t, const fs_substitution *s, int index) {
    const fs_variant_result *r = &s->results[index];
    fs_text_add(t, "  {\"name\": \"%s\", \"title\": \"%s\", \"chosen\": %d, \"repeats\": %d",
                fs_variant_table[index].name, fs_variant_table[index].title, r->chosen, r->repeats);
    for (int i = 0; i < NUMBERS; i++)
        add_member(t, names[i], number_of(r, i)->mean);
    fs_text_add(t, ", \"spread\": {");
    for (int i = 0; i < NUMBERS; i++) {
        fs_text_add(t, "%s\"%s\": ", i ? ", " : "", names[i]);
        fs_text_add_number(t, number_of(r, i)->spread);
    }
    fs_text_add(t, "},\n   \"cka\": [");
    for (int l = 0; l < s->n_layers; l++) {
        fs_text_add(t, "%s{\"layer\": ", l ? ", " : "");
        fs_text_add_json(t, s->layers[l]);
        add_member(t, "value", r->cka[l].mean);
        add_member(t, "spread", r->cka[l].spread);
        fs_text_add(t, "}");
    }
    fs_text_add(t, "]}");
}

static fs_status write_text(fs_text *t, const char *path, fs_error *err) {
    fs_status status = fs_text_broken(t) ? fs_fail_memory(err, "the numbers of a substitution test")
                                         : fs_file_write(path, t->bytes, t->length, err);
    fs_text_free(t);
    return status;
}

fs_status fs_substitution_write_json(const fs_substitution *s, const char *model, const char *layer,
                                     uint64_t seed, const char *path, fs_error *err) {
    fs_text t = {0};
    fs_text_add(&t, "{\"format\": 1,\n \"model\": ");
    fs_text_add_json(&t, model);
    fs_text_add(&t, ",\n \"layer\": ");
    fs_text_add_json(&t, layer);
    fs_text_add(&t, ",\n \"measures\": \"%s\"", measures);
    fs_text_add(&t, ",\n \"pictures\": %d, \"labelled\": %d, \"compared\": %d, \"unreadable\": %d",
                s->pictures, s->labelled, s->compared, s->unreadable);
    fs_text_add(&t, ", \"seed\": \"%" PRIu64 "\",\n \"original\": {\"top1\": ", seed);
    fs_text_add_number(&t, s->top1);
    add_member(&t, "top5", s->top5);
    fs_text_add(&t, "},\n \"variants\": [\n");
    for (int v = 0; v < FS_VARIANTS; v++) {
        add_variant(&t, s, v);
        fs_text_add(&t, v + 1 < FS_VARIANTS ? ",\n" : "\n");
    }
    fs_text_add(&t, " ]}\n");
    return write_text(&t, path, err);
}

static void add_cell(fs_text *t, double value) {
    if (isfinite(value))
        fs_text_add(t, ",%.9g", value);
    else
        fs_text_add(t, ",");
}

/* A field of CSV: names come from the model's file. */
static void add_heading(fs_text *t, const char *prefix, const char *name) {
    fs_text_add(t, ",\"%s", prefix);
    for (const char *c = name; *c; c++)
        fs_text_add(t, *c == '"' ? "\"\"" : "%c", *c);
    fs_text_add(t, "\"");
}

static void add_first_row(fs_text *t, const fs_substitution *s) {
    fs_text_add(t, "variant,chosen,repeats");
    for (int i = 0; i < NUMBERS; i++)
        fs_text_add(t, ",%s,%s_spread", names[i], names[i]);
    for (int l = 0; l < s->n_layers; l++)
        add_heading(t, "cka ", s->layers[l]);
    fs_text_add(t, "\noriginal,0,1");
    add_cell(t, s->top1);
    add_cell(t, 0);
    add_cell(t, s->top5);
    add_cell(t, 0);
    fs_text_add(t, ",1,0,0,0,0,0");
    for (int l = 0; l < s->n_layers; l++)
        fs_text_add(t, ",1");
    fs_text_add(t, "\n");
}

fs_status fs_substitution_write_csv(const fs_substitution *s, const char *path, fs_error *err) {
    fs_text t = {0};
    add_first_row(&t, s);
    for (int v = 0; v < FS_VARIANTS; v++) {
        const fs_variant_result *r = &s->results[v];
        fs_text_add(&t, "%s,%d,%d", fs_variant_table[v].name, r->chosen, r->repeats);
        for (int i = 0; i < NUMBERS; i++) {
            add_cell(&t, number_of(r, i)->mean);
            add_cell(&t, number_of(r, i)->spread);
        }
        for (int l = 0; l < s->n_layers; l++)
            add_cell(&t, r->cka[l].mean);
        fs_text_add(&t, "\n");
    }
    return write_text(&t, path, err);
}
