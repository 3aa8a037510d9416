#include "app/training_session.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/training_observer.h"
#include "base/alloc.h"

static const double publish_interval = 1.0 / 15, rate_memory = 4; /* seconds */

struct fs_training_session {
    fs_shared_model *before;
    fs_model *model;
    fs_training_run *run;
    fs_training_observer *observer;
    fs_training_session_watch watch;
    fs_pool *pool;
    fs_training_observer_settings look;
    int64_t weights;
    char layer[FS_TRAINING_NAME]; /* empty: all */
    fs_training_phase phase;
    fs_training_step step;
    fs_training_shift *shift;
    fs_training_point *points;
    int n_points, stride, skipped; /* every stride-th batch is kept */
    fs_trainer_result batch;
    /* what is being done */
    char label[FS_TRAINING_LABEL];
    double done, total, published;
    double rate, rate_done, rate_time; /* pictures a second; where its measurement began */
    bool counts_batches;
    bool owes_news; /* memory was too short for the newest */
};

/* ---- news ---- */

static double eta_of(const fs_training_session *s) {
    const fs_training_place place = fs_training_run_place(s->run);
    const fs_dataset *d = fs_training_run_dataset(s->run);
    const double epoch = (double)d->train.n + d->val.n;
    double left = epoch * (place.epochs - place.epoch) - s->done;
    if (!s->counts_batches)
        left -= d->train.n; /* validating */
    if (s->phase != FS_TRAINING_RUNNING || s->rate <= 0 || s->step == FS_STEP_FROZEN)
        return (double)NAN;
    return fmax(0, left) / s->rate;
}

static void describe(const fs_training_session *s, fs_training_news *news, int best) {
    const fs_dataset *d = fs_training_run_dataset(s->run);
    news->phase = s->phase;
    news->step = s->step;
    news->place = fs_training_run_place(s->run);
    memcpy(news->label, s->label, sizeof news->label);
    news->done = s->done;
    news->total = s->total;
    news->rate = s->rate;
    news->eta = eta_of(s);
    news->classes = d->n_classes;
    news->n_train = d->train.n;
    news->n_val = d->val.n;
    news->weights = s->weights;
    news->can_undo = fs_training_run_can_undo(s->run);
    news->best = best;
}

static void publish(fs_training_session *s) {
    int n = 0, best = -1;
    const fs_log_row *rows = fs_training_run_rows(s->run, &n, &best);
    fs_training_news *news = fs_training_news_create(rows, n, s->points, s->n_points, s->shift);
    s->owes_news = !news;
    if (!news)
        return; /* the next one tells the same and more */
    describe(s, news, best);
    s->published = fs_seconds();
    s->watch.publish(s->watch.context, news);
}

fs_training_phase fs_training_session_phase(const fs_training_session *s) {
    return s->phase;
}

bool fs_training_session_owes_news(const fs_training_session *s) {
    return s->owes_news;
}

void fs_training_session_set_phase(fs_training_session *s, fs_training_phase phase) {
    s->phase = phase;
    s->rate_time = 0; /* a pause is no time of training */
    publish(s);
}

/* ---- what the trainer reports ---- */

static void add_point(fs_training_session *s, double epoch) {
    if (s->skipped++ % s->stride != 0)
        return;
    if (s->n_points == FS_TRAINING_MOST_POINTS) {
        for (int i = 0; i < FS_TRAINING_MOST_POINTS / 2; i++)
            s->points[i] = s->points[2 * i];
        s->n_points = FS_TRAINING_MOST_POINTS / 2;
        s->stride *= 2;
    }
    s->points[s->n_points++] =
        (fs_training_point){(float)epoch, (float)s->batch.loss, (float)s->batch.accuracy};
}

static void measure_rate(fs_training_session *s, const fs_progress_state *state, bool same) {
    const double now = fs_seconds();
    if (!same || s->rate_time <= 0 || state->done < s->rate_done) {
        s->rate_done = state->done;
        s->rate_time = now;
    } else if (now > s->rate_time) {
        s->rate = (state->done - s->rate_done) / (now - s->rate_time);
        if (now - s->rate_time > rate_memory) { /* the network may become faster or slower */
            s->rate_done = state->done;
            s->rate_time = now;
        }
    }
}

static void report(void *context, const fs_progress_state *state) {
    fs_training_session *s = context;
    const fs_training_place place = fs_training_run_place(s->run);
    const bool same = strcmp(s->label, state->label) == 0;
    /* the features that rest are looked at before the first batch, pictures to validate on after the last */
    s->counts_batches = strncmp(state->label, "epoch", 5) == 0;
    measure_rate(s, state, same);
    snprintf(s->label, sizeof s->label, "%s", state->label);
    s->done = state->done;
    s->total = state->total;
    if (s->counts_batches) {
        int n, best;
        (void)fs_training_run_rows(s->run, &n, &best);
        s->step = place.joint ? FS_STEP_JOINT : FS_STEP_HEAD;
        add_point(s, n + (state->total > 0 ? state->done / state->total : 0));
    } else if (!place.joint && place.epoch == 0 && s->n_points == 0) {
        s->step = FS_STEP_FROZEN;
    }
    if (!same || fs_seconds() - s->published >= publish_interval)
        publish(s);
    s->watch.between(s->watch.context);
}

/* ---- life ---- */

static int64_t count_weights(const fs_model *model) {
    int64_t sum = 0;
    for (int v = 0; v < model->graph->n_values; v++)
        if (model->graph->values[v].constant.data && model->graph->values[v].constant.dtype == FS_F32)
            sum += fs_tensor_count(&model->graph->values[v].constant);
    return sum;
}

fs_status fs_training_session_create(fs_training_session **out, fs_shared_model *model,
                                     const fs_training_settings *settings,
                                     const fs_training_session_watch *watch, fs_pool *pool, fs_error *err) {
    fs_training_session *s = fs_calloc(1, sizeof *s);
    if (!s)
        return fs_fail_memory(err, "a training session");
    s->before = fs_shared_model_keep(model);
    s->watch = *watch;
    s->pool = pool;
    s->look = (fs_training_observer_settings){settings->look_side, settings->look_steps, settings->seed};
    s->stride = 1;
    s->step = FS_STEP_NEW_HEAD;
    s->points = fs_alloc_array(FS_TRAINING_MOST_POINTS, sizeof *s->points);
    fs_status status = s->points ? FS_OK : fs_fail_memory(err, "a training session");
    if (status == FS_OK)
        status = fs_model_load(&s->model, model->model->path, err);
    if (status == FS_OK)
        status = fs_training_run_create(&s->run, s->model, settings, pool, err);
    if (status == FS_OK)
        s->weights = count_weights(s->model);
    if (status == FS_OK)
        *out = s;
    else
        fs_training_session_destroy(s);
    return status;
}

void fs_training_session_destroy(fs_training_session *s) {
    if (!s)
        return;
    fs_training_observer_destroy(s->observer);
    fs_training_run_destroy(s->run);
    fs_model_destroy(s->model);
    fs_shared_model_release(s->before);
    fs_training_shift_release(s->shift);
    fs_free(s->points);
    fs_free(s);
}

/* ---- what is done ---- */

static void say(fs_training_session *s, const char *label) {
    snprintf(s->label, sizeof s->label, "%s", label);
    s->done = s->total = 0;
    publish(s);
}

/* An epoch that never happened leaves no points. */
static void drop_points(fs_training_session *s) {
    int n, best;
    (void)fs_training_run_rows(s->run, &n, &best);
    while (s->n_points > 0 && (double)s->points[s->n_points - 1].epoch > n)
        s->n_points--;
}

static void be_between_epochs(fs_training_session *s) {
    s->label[0] = '\0';
    s->done = s->total = 0;
    s->rate_time = 0;
    if (fs_training_run_finished(s->run))
        s->phase = FS_TRAINING_OVER;
}

/* The network may take a moment to be put together anew for a stage. */
static void announce_stage(fs_training_session *s) {
    const fs_training_place place = fs_training_run_place(s->run);
    if (s->n_points == 0)
        s->step = FS_STEP_FROZEN;
    else if (!place.joint && place.epoch >= place.epochs)
        s->step = FS_STEP_UNFROZEN;
    if (s->step == FS_STEP_UNFROZEN)
        s->rate = 0; /* the head's says nothing of what comes */
    publish(s);
}

fs_status fs_training_session_epoch(fs_training_session *s, fs_error *err) {
    const fs_progress progress = {.report = report, .context = s, .cancel = s->watch.cancel};
    const fs_trainer_watch watch = {.progress = &progress, .batch = &s->batch};
    announce_stage(s);
    fs_status status = fs_training_run_epoch(s->run, &watch, err);
    if (status != FS_OK)
        drop_points(s);
    be_between_epochs(s);
    publish(s);
    return status;
}

fs_status fs_training_session_undo(fs_training_session *s, fs_error *err) {
    fs_status status = fs_training_run_undo(s->run, err);
    if (status != FS_OK)
        return status;
    const fs_training_place place = fs_training_run_place(s->run);
    s->step = place.joint ? FS_STEP_JOINT : place.epoch > 0 ? FS_STEP_HEAD : FS_STEP_FROZEN;
    if (!place.joint || place.epoch == 0) {
        fs_training_shift_release(s->shift);
        s->shift = NULL;
    }
    drop_points(s);
    be_between_epochs(s);
    return FS_OK;
}

void fs_training_session_stop(fs_training_session *s) {
    fs_training_run_keep_best(s->run);
    be_between_epochs(s);
}

fs_status fs_training_session_save(fs_training_session *s, const char *folder, char **path, fs_error *err) {
    return fs_training_run_save(s->run, folder, path, err);
}

void fs_training_session_layer(fs_training_session *s, const char *layer) {
    snprintf(s->layer, sizeof s->layer, "%s", layer ? layer : "");
}

/* ---- what is looked at ---- */

static fs_status make_observer(fs_training_session *s, fs_error *err) {
    return s->observer ? FS_OK
                       : fs_training_observer_create(&s->observer, s->before->model, s->model,
                                                     fs_training_run_pictures(s->run),
                                                     fs_training_run_dataset(s->run), &s->look, s->pool, err);
}

fs_status fs_training_session_look(fs_training_session *s, fs_error *err) {
    const fs_progress progress = {.cancel = s->watch.cancel};
    const fs_training_place place = fs_training_run_place(s->run);
    fs_training_shift *shift = NULL;
    char label[FS_TRAINING_LABEL];
    const double done = s->done, total = s->total;
    if (!place.joint || (place.epoch == 0 && s->step != FS_STEP_JOINT))
        return FS_OK;
    memcpy(label, s->label, sizeof label);
    say(s, "rendering the filters that moved");
    fs_status status = make_observer(s, err);
    if (status == FS_OK)
        status = fs_training_observer_look(s->observer, *s->layer ? s->layer : NULL, &progress, &shift, err);
    if (status == FS_OK) {
        int best;
        (void)fs_training_run_rows(s->run, &shift->epochs, &best);
        fs_training_shift_release(s->shift);
        s->shift = shift;
    }
    memcpy(s->label, label, sizeof label);
    s->done = done;
    s->total = total;
    s->rate_time = 0;
    publish(s);
    return status;
}
