#include "app/finetune_run.h"

#include "app/finetune_report.h"
#include "base/alloc.h"

typedef struct run {
    fs_model *model;
    const fs_finetune_scene *scene;
    const char *output;
    fs_finetune_outcome *outcome;
    const char *head;
} run;

/* ---- what is listened to ---- */

static int64_t all_weights(const fs_model *model) {
    int64_t sum = 0;
    for (int v = 0; v < model->graph->n_values; v++)
        if (model->graph->values[v].constant.data && model->graph->values[v].constant.dtype == FS_F32)
            sum += fs_tensor_count(&model->graph->values[v].constant);
    return sum;
}

static void on_stage(void *context, int stage, const fs_trainable *trainable, const fs_trainer *trainer) {
    const run *r = context;
    const fs_finetune_listener *listener = r->scene->listener;
    r->outcome->trained = trainable->numbers;
    r->outcome->all = all_weights(r->model);
    const fs_finetune_stage_note note = {&r->outcome->plan.stages[stage],
                                         r->head,
                                         r->outcome->trained,
                                         r->outcome->all,
                                         fs_trainer_keeps_features(trainer),
                                         fs_trainer_runs_per_batch(trainer)};
    if (listener->stage)
        listener->stage(listener->context, &note);
}

static void on_epoch(void *context, const fs_log_row *row, bool best) {
    const run *r = context;
    if (r->scene->listener->epoch)
        r->scene->listener->epoch(r->scene->listener->context, row, best);
}

/* ---- training ---- */

static fs_status train(run *r, const fs_finetune_recipe *recipe, fs_error *err) {
    const fs_finetune_scene *s = r->scene;
    fs_finetune_outcome *o = r->outcome;
    int head_input;
    fs_status status = fs_finetune_prepare(&head_input, r->model, s->dataset, recipe->hidden, s->seed, err);
    status = fs_cluster_agree(s->cluster, status, err);
    if (status != FS_OK)
        return status;
    r->head = r->model->graph->values[head_input].name;
    fs_finetune_recipe_plan(&o->plan, recipe, head_input, s->seed);
    o->plan.output = r->output;
    o->plan.trainer.threads = s->threads;
    o->plan.trainer.cluster = s->cluster;
    o->plan.resume = s->resume;
    o->plan.keep_epochs = s->keep_epochs;
    const fs_finetune_watch watch = {s->listener->progress, r, on_stage, on_epoch};
    return fs_finetune_run(&o->result, r->model, s->pictures, s->dataset, &o->plan, s->pool, &watch, err);
}

/* ---- files ---- */

static fs_status make_metrics(fs_metrics **out, const run *r, fs_error *err) {
    const fs_item_list *val = &r->scene->dataset->val;
    int *labels = fs_alloc_array((size_t)val->n, sizeof *labels);
    if (!labels)
        return fs_fail_memory(err, "metrics");
    for (int i = 0; i < val->n; i++)
        labels[i] = val->items[i].label;
    fs_status status = fs_metrics_create(out, r->outcome->result.probabilities, labels, val->n,
                                         r->scene->dataset->n_classes, err);
    fs_free(labels);
    return status;
}

static fs_status report_metrics(const run *r, const fs_finetune_report *report, fs_error *err) {
    fs_metrics *m = NULL;
    fs_status status = make_metrics(&m, r, err);
    if (status == FS_OK)
        status = fs_finetune_write_metrics(report, m, err);
    if (status == FS_OK)
        status = fs_finetune_write_confusion(report, m, err);
    if (status == FS_OK)
        status = fs_finetune_write_mistakes(report, m, err);
    if (status == FS_OK) {
        r->outcome->pictures = m->n;
        r->outcome->loss = m->loss;
        r->outcome->accuracy = m->accuracy;
        r->outcome->top5 = m->top5;
    }
    fs_metrics_destroy(m);
    return status;
}

static fs_status report_all(const run *r, fs_error *err) {
    const fs_finetune_result *result = &r->outcome->result;
    const fs_finetune_report report = {r->output,          r->scene->data,    r->model, r->scene->dataset,
                                       r->scene->pictures, &r->outcome->plan, result};
    const bool writes = fs_cluster_rank(r->scene->cluster) == 0;
    fs_status status = writes ? fs_finetune_write_curves(&report, err) : FS_OK;
    if (status == FS_OK && result->stopped)
        return fs_fail(err, FS_ERROR_CANCELLED,
                       "stopped after %d epochs; best.onnx has the best of them, --resume goes on",
                       result->n_rows);
    return status == FS_OK && writes ? report_metrics(r, &report, err) : status;
}

fs_status fs_finetune_run_recipe(fs_finetune_outcome *out, fs_model *model, const fs_finetune_recipe *recipe,
                                 const char *output, const fs_finetune_scene *scene, fs_error *err) {
    fs_finetune_outcome outcome = {0};
    run r = {model, scene, output, &outcome, NULL};
    fs_status status = train(&r, recipe, err);
    if (status == FS_OK)
        status = report_all(&r, err);
    if (status == FS_OK)
        *out = outcome;
    else
        fs_finetune_outcome_free(&outcome);
    return status;
}

void fs_finetune_outcome_free(fs_finetune_outcome *outcome) {
    fs_finetune_result_free(&outcome->result);
    *outcome = (fs_finetune_outcome){0};
}
