#include "app/finetune_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "report/confusion_chart.h"
#include "report/curves_chart.h"
#include "report/tile_sheet.h"

enum { PATH_SIZE = 4096, LINE = 512, MOST_MISTAKES = 24, TILE_SIDE = 168 };

static const char *path_in(const fs_finetune_report *r, const char *name, char out[PATH_SIZE]) {
    snprintf(out, PATH_SIZE, "%s/%s", r->output, name);
    return out;
}

static fs_status write_image(const fs_finetune_report *r, const char *name, fs_image *image, fs_error *err) {
    char path[PATH_SIZE];
    fs_status status = fs_image_write_png(image, path_in(r, name, path), NULL, 0, err);
    fs_image_free(image);
    return status;
}

/* The last part of the data's path, without slashes behind it; the path itself where there is none ("/"). */
static const char *data_name(const fs_finetune_report *r, char out[LINE]) {
    size_t length = strlen(r->data);
    while (length > 1 && r->data[length - 1] == '/')
        length--;
    size_t start = length;
    while (start > 0 && r->data[start - 1] != '/')
        start--;
    snprintf(out, LINE, "%.*s", (int)(length - start), r->data + start);
    return *out ? out : r->data;
}

/* "SqueezeNet 1.0 on hymenoptera" */
static const char *title_of(const fs_finetune_report *r, char out[LINE]) {
    char name[LINE];
    snprintf(out, LINE, "%.200s on %.200s", r->model->name, data_name(r, name));
    return out;
}

/* ---- curves ---- */

fs_status fs_finetune_write_curves(const fs_finetune_report *r, fs_error *err) {
    const fs_finetune_result *result = r->result;
    const fs_log_row *best = &result->rows[result->best];
    const char *stages[FS_FINETUNE_MAX_STAGES];
    char title[LINE], subtitle[LINE];
    fs_curves_epoch *epochs = fs_alloc_array((size_t)result->n_rows + 1, sizeof *epochs);
    fs_image image = {0};
    if (!epochs)
        return fs_fail_memory(err, "curves.png");
    for (int i = 0; i < r->settings->n_stages; i++)
        stages[i] = r->settings->stages[i].name;
    for (int i = 0; i < result->n_rows; i++) {
        const fs_log_row *row = &result->rows[i];
        epochs[i] = (fs_curves_epoch){row->stage, row->train_loss, row->val_loss, row->train_accuracy,
                                      row->val_accuracy};
    }
    snprintf(subtitle, sizeof subtitle,
             "%d pictures to train on, %d to validate on; best: %s, epoch %d, %.1f %%", r->dataset->train.n,
             r->dataset->val.n, stages[best->stage], best->epoch, 100 * best->val_accuracy);
    const fs_curves_chart chart = {.title = title_of(r, title),
                                   .subtitle = subtitle,
                                   .stages = stages,
                                   .epochs = epochs,
                                   .n_epochs = result->n_rows,
                                   .best = result->best};
    fs_status status = fs_curves_chart_draw(&chart, &image, err);
    fs_free(epochs);
    return status == FS_OK ? write_image(r, "curves.png", &image, err) : status;
}

/* ---- metrics.json ---- */

static void add_classes(fs_text *text, const fs_finetune_report *r, const fs_metrics *m) {
    fs_text_add(text, " \"classes\": [\n");
    for (int k = 0; k < m->classes; k++) {
        const fs_class_metrics *c = &m->of_class[k];
        fs_text_add(text, "  {\"label\": ");
        fs_text_add_json(text, r->dataset->class_names[k]);
        fs_text_add(text, ", \"pictures\": %d, \"precision\": %.6g, \"recall\": %.6g}%s\n", c->count,
                    c->precision, c->recall, k + 1 < m->classes ? "," : "");
    }
    fs_text_add(text, " ],\n \"confusion\": [\n");
    for (int k = 0; k < m->classes; k++) {
        fs_text_add(text, "  [");
        for (int i = 0; i < m->classes; i++)
            fs_text_add(text, "%s%d", i ? ", " : "", m->confusion[k * m->classes + i]);
        fs_text_add(text, "]%s\n", k + 1 < m->classes ? "," : "");
    }
    fs_text_add(text, " ],\n");
}

static void add_mistakes(fs_text *text, const fs_finetune_report *r, const fs_metrics *m) {
    fs_text_add(text, " \"mistakes\": [\n");
    for (int i = 0; i < m->n_mistakes; i++) {
        const fs_mistake *mistake = &m->mistakes[i];
        fs_text_add(text, "  {\"file\": ");
        fs_text_add_json(text, r->dataset->val.items[mistake->item].name);
        fs_text_add(text, ", \"label\": ");
        fs_text_add_json(text, r->dataset->class_names[mistake->truth]);
        fs_text_add(text, ", \"answer\": ");
        fs_text_add_json(text, r->dataset->class_names[mistake->answer]);
        fs_text_add(text, ", \"probability\": %.6g}%s\n", (double)mistake->probability,
                    i + 1 < m->n_mistakes ? "," : "");
    }
    fs_text_add(text, " ],\n");
}

static void add_skipped(fs_text *text, const fs_finetune_report *r) {
    bool first = true;
    fs_text_add(text, " \"skipped\": [");
    for (int i = 0; i < fs_pictures_count(r->pictures); i++) {
        if (!fs_pictures_problem(r->pictures, i))
            continue;
        fs_text_add(text, first ? "\n  " : ",\n  ");
        fs_text_add_json(text, fs_pictures_item(r->pictures, i)->path);
        first = false;
    }
    fs_text_add(text, "%s]\n}\n", first ? "" : "\n ");
}

fs_status fs_finetune_write_metrics(const fs_finetune_report *r, const fs_metrics *m, fs_error *err) {
    const fs_log_row *best = &r->result->rows[r->result->best];
    char path[PATH_SIZE];
    fs_text text = {0};
    fs_text_add(&text, "{\n \"format\": 1,\n \"model\": ");
    fs_text_add_json(&text, r->model->name);
    fs_text_add(&text, ",\n \"best\": {\"stage\": ");
    fs_text_add_json(&text, r->settings->stages[best->stage].name);
    fs_text_add(&text, ", \"epoch\": %d, \"step\": %" PRId64 "},\n", best->epoch, best->step);
    fs_text_add(&text, " \"pictures\": %d,\n \"loss\": %.6g,\n \"accuracy\": %.6g,\n \"top5\": %.6g,\n", m->n,
                m->loss, m->accuracy, m->top5);
    add_classes(&text, r, m);
    add_mistakes(&text, r, m);
    add_skipped(&text, r);
    fs_status status = fs_text_broken(&text)
                           ? fs_fail_memory(err, "metrics.json")
                           : fs_file_write(path_in(r, "metrics.json", path), text.bytes, text.length, err);
    fs_text_free(&text);
    return status;
}

/* ---- pictures ---- */

fs_status fs_finetune_write_confusion(const fs_finetune_report *r, const fs_metrics *m, fs_error *err) {
    char name[LINE], subtitle[LINE];
    fs_image image = {0};
    snprintf(subtitle, sizeof subtitle, "%.1f %% of %d pictures right, by %.200s", 100 * m->accuracy, m->n,
             r->model->name);
    const fs_confusion_chart chart = {.title = data_name(r, name),
                                      .subtitle = subtitle,
                                      .labels = r->dataset->class_names,
                                      .counts = m->confusion,
                                      .classes = m->classes};
    fs_status status = fs_confusion_chart_draw(&chart, &image, err);
    return status == FS_OK ? write_image(r, "confusion.png", &image, err) : status;
}

typedef struct mistake_tile {
    fs_image picture;
    char caption[LINE], more[LINE];
} mistake_tile;

/* The surest mistakes; a picture that has gone meanwhile is left out. */
static int read_tiles(const fs_finetune_report *r, const fs_metrics *m, mistake_tile *own, fs_tile *tiles) {
    int n = 0;
    for (int i = 0; i < m->n_mistakes && n < MOST_MISTAKES; i++) {
        const fs_mistake *mistake = &m->mistakes[i];
        mistake_tile *t = &own[n];
        if (fs_pictures_view(r->pictures, r->dataset->train.n + mistake->item, &t->picture, NULL) != FS_OK)
            continue;
        snprintf(t->caption, sizeof t->caption, "%.100s, said %.0f %%",
                 r->dataset->class_names[mistake->answer], 100 * (double)mistake->probability);
        snprintf(t->more, sizeof t->more, "is %.100s, %.0f %%", r->dataset->class_names[mistake->truth],
                 100 * (double)mistake->of_truth);
        tiles[n++] = (fs_tile){.picture = &t->picture, .caption = t->caption, .more_caption = t->more};
    }
    return n;
}

fs_status fs_finetune_write_mistakes(const fs_finetune_report *r, const fs_metrics *m, fs_error *err) {
    char title[LINE], subtitle[LINE];
    mistake_tile *own = fs_calloc(MOST_MISTAKES, sizeof *own);
    fs_tile tiles[MOST_MISTAKES];
    fs_image image = {0};
    if (!own)
        return fs_fail_memory(err, "mistakes.png");
    const int n = read_tiles(r, m, own, tiles);
    snprintf(subtitle, sizeof subtitle, "%d of %d pictures were taken for something else%s", m->n_mistakes,
             m->n,
             n < m->n_mistakes ? "; the surest of them"
             : n               ? "; the surest first"
                               : "");
    const fs_tile_sheet sheet = {.title = title_of(r, title),
                                 .subtitle = subtitle,
                                 .detail = n ? "bold: what the network says; beneath: what it is" : "",
                                 .tiles = tiles,
                                 .n_tiles = n,
                                 .columns = n < 6 ? n : 6,
                                 .tile_side = TILE_SIDE};
    fs_status status = fs_tile_sheet_draw(&sheet, &image, err);
    for (int i = 0; i < n; i++)
        fs_image_free(&own[i].picture);
    fs_free(own);
    return status == FS_OK ? write_image(r, "mistakes.png", &image, err) : status;
}
