#include "app/finetune_compare_write.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/c_locale.h"
#include "base/file.h"
#include "base/text.h"
#include "report/html.h"
#include "report/policy_chart.h"

enum { PATH_SIZE = FS_OPTION_TEXT_SIZE + 64, LINE = 512, CELL = 64, COLUMNS = 9, TOP5_FROM = 6 };

/* ---- what is in a row ---- */

static const fs_log_row *best_of(const fs_comparison_run *run) {
    return &run->outcome.result.rows[run->outcome.result.best];
}

static double seconds_of(const fs_comparison_run *run) {
    return run->outcome.result.rows[run->outcome.result.n_rows - 1].seconds;
}

static const char *stage_of(const fs_comparison_run *run, const fs_log_row *row) {
    return run->outcome.plan.stages[row->stage].name;
}

static int right_of(const fs_comparison_run *run) {
    return (int)lrint(run->outcome.accuracy * run->outcome.pictures);
}

static double error_of(const fs_comparison_run *run) {
    return fs_policy_standard_error(right_of(run), run->outcome.pictures);
}

/* With five classes or fewer every answer is among the first five. */
static double top5_of(const fs_comparison_run *run, const fs_comparison_request *request) {
    return request->scene->dataset->n_classes >= TOP5_FROM ? run->outcome.top5 : (double)NAN;
}

/* The layer that moved most: an index, -1 where nothing was measured. */
static int most_moved(const fs_comparison *c, const fs_comparison_run *run) {
    int least = -1;
    for (int l = 0; l < c->n_layers && run->cka; l++)
        if (isfinite(run->cka[l]) && (least < 0 || run->cka[l] < run->cka[least]))
            least = l;
    return least;
}

static fs_status write_text(fs_text *t, const fs_comparison_request *request, const char *name,
                            fs_error *err) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", request->output, name);
    fs_status status =
        fs_text_broken(t) ? fs_fail_memory(err, name) : fs_file_write(path, t->bytes, t->length, err);
    fs_text_free(t);
    return status;
}

static void add_csv(fs_text *t, double value) {
    fs_text_add(t, ",");
    fs_text_add_csv_number(t, value);
}

/* ---- tables ---- */

static void add_csv_row(fs_text *t, const fs_comparison *c, const fs_comparison_request *request,
                        const fs_comparison_run *run) {
    const fs_finetune_outcome *o = &run->outcome;
    const int moved = most_moved(c, run);
    fs_text_add(t, "%s,%d,%d", fs_finetune_policy_name(run->policy), o->pictures, right_of(run));
    add_csv(t, o->accuracy);
    add_csv(t, error_of(run));
    add_csv(t, top5_of(run, request));
    add_csv(t, o->loss);
    fs_text_add(t, ",%s,%d,%.2f,%.2f,%" PRId64 ",%" PRId64, stage_of(run, best_of(run)), best_of(run)->epoch,
                best_of(run)->seconds, seconds_of(run), o->trained, o->all);
    add_csv(t, moved >= 0 ? run->cka[moved] : (double)NAN);
    fs_text_add(t, ",");
    fs_text_add_csv(t, moved >= 0 ? c->layers[moved] : "");
    fs_text_add(t, "\n");
}

static fs_status write_csv(const fs_comparison *c, const fs_comparison_request *request, fs_error *err) {
    fs_text t = {0};
    fs_text_add(&t, "policy,pictures,right,accuracy,standard_error,top5,loss,best_stage,best_epoch,"
                    "seconds_to_best,seconds,weights_trained,weights,least_cka,least_cka_layer\n");
    for (int i = 0; i < c->n; i++)
        add_csv_row(&t, c, request, &c->runs[i]);
    return write_text(&t, request, "compare.csv", err);
}

static fs_status write_layers(const fs_comparison *c, const fs_comparison_request *request, fs_error *err) {
    fs_text t = {0};
    fs_text_add(&t, "layer,level");
    for (int i = 0; i < c->n; i++)
        fs_text_add(&t, ",%s", fs_finetune_policy_name(c->runs[i].policy));
    for (int l = 0; l < c->n_layers; l++) {
        const fs_layer *layer = fs_model_layer(c->original, c->layers[l], NULL);
        fs_text_add(&t, "\n");
        fs_text_add_csv(&t, c->layers[l]);
        fs_text_add(&t, ",%s", layer ? fs_level_name(layer->level) : "");
        for (int i = 0; i < c->n; i++)
            add_csv(&t, c->runs[i].cka[l]);
    }
    fs_text_add(&t, "\n");
    return write_text(&t, request, "compare-layers.csv", err);
}

/* ---- compare.json ---- */

static void add_curve(fs_text *t, const fs_comparison_run *run) {
    fs_text_add(t, ",\n   \"curve\": [");
    for (int i = 0; i < run->outcome.result.n_rows; i++) {
        const fs_log_row *row = &run->outcome.result.rows[i];
        fs_text_add(t, "%s\n    {\"stage\": \"%s\", \"epoch\": %d, \"seconds\": %.2f, \"val_accuracy\": ",
                    i ? "," : "", stage_of(run, row), row->epoch, row->seconds);
        fs_text_add_number(t, row->val_accuracy);
        fs_text_add(t, "}");
    }
    fs_text_add(t, "]");
}

static void add_cka(fs_text *t, const fs_comparison *c, const fs_comparison_run *run) {
    fs_text_add(t, ",\n   \"cka\": %s", run->cka ? "[" : "null");
    for (int l = 0; l < c->n_layers && run->cka; l++) {
        fs_text_add(t, l ? ", " : "");
        fs_text_add_number(t, run->cka[l]);
    }
    fs_text_add(t, run->cka ? "]" : "");
}

static void add_policy(fs_text *t, const fs_comparison *c, const fs_comparison_request *request,
                       const fs_comparison_run *run) {
    const fs_finetune_outcome *o = &run->outcome;
    const char *name = fs_finetune_policy_name(run->policy);
    fs_text_add(t, "  {\"policy\": \"%s\", \"folder\": \"%s\", \"pictures\": %d, \"right\": %d", name, name,
                o->pictures, right_of(run));
    fs_text_add(t, ", \"accuracy\": ");
    fs_text_add_number(t, o->accuracy);
    fs_text_add(t, ", \"standard_error\": ");
    fs_text_add_number(t, error_of(run));
    fs_text_add(t, ", \"top5\": ");
    fs_text_add_number(t, top5_of(run, request));
    fs_text_add(t, ", \"loss\": ");
    fs_text_add_number(t, o->loss);
    fs_text_add(t,
                ",\n   \"best\": {\"stage\": \"%s\", \"epoch\": %d, \"seconds\": %.2f}, \"seconds\": %.2f,\n"
                "   \"weights_trained\": %" PRId64 ", \"weights\": %" PRId64,
                stage_of(run, best_of(run)), best_of(run)->epoch, best_of(run)->seconds, seconds_of(run),
                o->trained, o->all);
    add_curve(t, run);
    add_cka(t, c, run);
    fs_text_add(t, "}");
}

static void add_head(fs_text *t, const fs_comparison *c, const fs_comparison_request *request) {
    const fs_finetune_scene *scene = request->scene;
    fs_text_add(t, "{\"format\": 1, \"complete\": %s,\n \"model\": ", c->complete ? "true" : "false");
    fs_text_add_json(t, c->original->name);
    fs_text_add(t, ", \"file\": ");
    fs_text_add_json(t, fs_path_base(request->model));
    fs_text_add(t, ",\n \"data\": ");
    fs_text_add_json(t, scene->data);
    fs_text_add(t, ", \"classes\": %d, \"train_pictures\": %d, \"val_pictures\": %d, \"seed\": %" PRIu64,
                scene->dataset->n_classes, scene->dataset->train.n, scene->dataset->val.n, scene->seed);
    fs_text_add(t, ",\n \"cka_pictures\": %d, \"layers\": [", c->pictures);
    for (int l = 0; l < c->n_layers; l++) {
        fs_text_add(t, l ? ", " : "");
        fs_text_add_json(t, c->layers[l]);
    }
    fs_text_add(t, "],\n \"policies\": [\n");
}

static fs_status write_json(const fs_comparison *c, const fs_comparison_request *request, fs_error *err) {
    fs_text t = {0};
    add_head(&t, c, request);
    for (int i = 0; i < c->n; i++) {
        add_policy(&t, c, request, &c->runs[i]);
        fs_text_add(&t, i + 1 < c->n ? ",\n" : "\n");
    }
    fs_text_add(&t, " ]}\n");
    return write_text(&t, request, "compare.json", err);
}

fs_status fs_comparison_write_numbers(const fs_comparison *c, const fs_comparison_request *request,
                                      fs_error *err) {
    fs_status status = write_csv(c, request, err);
    if (status == FS_OK && c->n_layers > 0)
        status = write_layers(c, request, err);
    return status == FS_OK ? write_json(c, request, err) : status;
}

/* ---- the picture ---- */

typedef struct curves {
    fs_policy policies[FS_POLICIES];
    double *numbers; /* seconds and accuracies of all of them */
} curves;

static fs_status fill_curves(curves *out, const fs_comparison *c, fs_error *err) {
    size_t rows = 0;
    for (int i = 0; i < c->n; i++)
        rows += (size_t)c->runs[i].outcome.result.n_rows;
    double *next = out->numbers = fs_alloc_array(2 * rows, sizeof *next);
    if (!next)
        return fs_fail_memory(err, "compare.png");
    for (int i = 0; i < c->n; i++) {
        const fs_comparison_run *run = &c->runs[i];
        const fs_finetune_result *result = &run->outcome.result;
        double *seconds = next, *accuracies = next + result->n_rows;
        for (int e = 0; e < result->n_rows; e++) {
            seconds[e] = result->rows[e].seconds;
            accuracies[e] = result->rows[e].val_accuracy;
        }
        out->policies[i] = (fs_policy){.name = fs_finetune_policy_name(run->policy),
                                       .right = right_of(run),
                                       .pictures = run->outcome.pictures,
                                       .seconds = seconds,
                                       .accuracies = accuracies,
                                       .n_epochs = result->n_rows,
                                       .best = result->best,
                                       .cka = run->cka};
        next += 2 * result->n_rows;
    }
    return FS_OK;
}

static const char *data_name(const fs_comparison_request *request) {
    const char *name = fs_path_base(request->scene->data);
    return *name ? name : request->scene->data;
}

static void say_title(const fs_comparison *c, const fs_comparison_request *request, char text[LINE]) {
    snprintf(text, LINE, "%.200s on %.200s", c->original->name, data_name(request));
}

static void say_budget(const fs_comparison *c, const fs_comparison_request *request, char text[LINE]) {
    const fs_finetune_settings *plan = &c->runs[0].outcome.plan;
    const fs_dataset *d = request->scene->dataset;
    const fs_finetune_stage *last = &plan->stages[plan->n_stages - 1];
    snprintf(text, LINE, "%d classes, %d pictures to train on, %d to validate on; %d epochs for each policy",
             d->n_classes, d->train.n, d->val.n, last->epochs);
}

static fs_status draw(const fs_comparison *c, const fs_comparison_request *request, fs_image *out,
                      fs_error *err) {
    curves drawn = {.numbers = NULL};
    char title[LINE], subtitle[LINE];
    say_title(c, request, title);
    say_budget(c, request, subtitle);
    const fs_policy_chart chart = {title, subtitle, drawn.policies, c->n, c->layers, c->n_layers};
    fs_status status = fill_curves(&drawn, c, err);
    if (status == FS_OK)
        status = fs_policy_chart_draw(&chart, out, err);
    fs_free(drawn.numbers);
    return status;
}

/* ---- the page ---- */

static const char *const columns[COLUMNS] = {"policy",   "accuracy",        "top 5",
                                             "right of", "best epoch",      "s to the best",
                                             "s",        "weights trained", "least CKA, layer"};

static void fill_row(char cells[COLUMNS][CELL], const fs_comparison *c, const fs_comparison_request *request,
                     const fs_comparison_run *run) {
    const fs_finetune_outcome *o = &run->outcome;
    const double top5 = top5_of(run, request);
    const int moved = most_moved(c, run);
    snprintf(cells[0], CELL, "%s", fs_finetune_policy_name(run->policy));
    fs_c_snprintf(cells[1], CELL, "%.1f \u00b1 %.1f %%", 100 * o->accuracy, 100 * error_of(run));
    fs_c_snprintf(cells[2], CELL, isfinite(top5) ? "%.1f %%" : "\u2013", 100 * top5);
    snprintf(cells[3], CELL, "%d of %d", right_of(run), o->pictures);
    snprintf(cells[4], CELL, "%s %d", stage_of(run, best_of(run)), best_of(run)->epoch);
    fs_c_snprintf(cells[5], CELL, "%.1f", best_of(run)->seconds);
    fs_c_snprintf(cells[6], CELL, "%.1f", seconds_of(run));
    snprintf(cells[7], CELL, "%" PRId64, o->trained);
    if (moved >= 0)
        fs_c_snprintf(cells[8], CELL, "%.3f %.40s", run->cka[moved], c->layers[moved]);
    else
        snprintf(cells[8], CELL, "\u2013");
}

static void add_runs(fs_html *html, const fs_comparison *c, const fs_comparison_request *request) {
    fs_html_table_begin(html, columns, COLUMNS);
    for (int i = 0; i < c->n; i++) {
        char cells[COLUMNS][CELL];
        const char *texts[COLUMNS];
        fill_row(cells, c, request, &c->runs[i]);
        for (int k = 0; k < COLUMNS; k++)
            texts[k] = cells[k];
        fs_html_table_row(html, texts, COLUMNS);
    }
    fs_html_table_end(html);
}

static void add_layers(fs_html *html, const fs_comparison *c) {
    const char *names[1 + FS_POLICIES] = {"layer"};
    if (c->n_layers == 0)
        return;
    for (int i = 0; i < c->n; i++)
        names[1 + i] = fs_finetune_policy_name(c->runs[i].policy);
    fs_html_heading(html, 2, "Linear CKA of each layer with the original network");
    fs_html_table_begin(html, names, 1 + c->n);
    for (int l = 0; l < c->n_layers; l++) {
        char cells[FS_POLICIES][CELL];
        const char *texts[1 + FS_POLICIES] = {c->layers[l]};
        for (int i = 0; i < c->n; i++) {
            const double value = c->runs[i].cka[l];
            fs_c_snprintf(cells[i], CELL, isfinite(value) ? "%.3f" : "\u2013", value);
            texts[1 + i] = cells[i];
        }
        fs_html_table_row(html, texts, 1 + c->n);
    }
    fs_html_table_end(html);
}

static fs_status write_page(const fs_comparison *c, const fs_comparison_request *request,
                            const fs_image *picture, fs_error *err) {
    fs_html html = {0};
    char text[LINE], path[PATH_SIZE];
    say_title(c, request, text);
    fs_html_begin(&html, text);
    say_budget(c, request, text);
    fs_html_paragraph(&html,
                      "%s. The head policy trains a new head on features that rest, low all but edges "
                      "and textures, high parts and objects, none everything; scratch everything "
                      "from random weights.",
                      text);
    fs_status status =
        fs_html_image(&html, picture, "Accuracy, its course and the similarity of layers.", err);
    if (status == FS_OK) {
        fs_html_heading(&html, 2, "Policies");
        add_runs(&html, c, request);
        add_layers(&html, c);
        snprintf(path, sizeof path, "%s/compare.html", request->output);
        status = fs_html_write(&html, path, err);
    }
    fs_html_free(&html);
    return status;
}

fs_status fs_comparison_write(const fs_comparison *c, const fs_comparison_request *request, fs_error *err) {
    char path[PATH_SIZE];
    fs_image picture = {0};
    snprintf(path, sizeof path, "%s/compare.png", request->output);
    fs_status status = fs_comparison_write_numbers(c, request, err);
    if (status == FS_OK)
        status = draw(c, request, &picture, err);
    if (status == FS_OK)
        status = fs_image_write_png(&picture, path, NULL, 0, err);
    if (status == FS_OK)
        status = write_page(c, request, &picture, err);
    fs_image_free(&picture);
    return status;
}
