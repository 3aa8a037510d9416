/* What the kinds of panels share on the worker's side; nobody else includes this. Each kind has a step that
 * works for a while and says whether it has come to its end, and gives back what it holds in `release`. */
#ifndef FS_APP_PANEL_JOB_H
#define FS_APP_PANEL_JOB_H

#include "app/worker_panel.h"

typedef struct fs_panel_job {
    fs_panel_request request;
    void *state;          /* the kind's; NULL before its first step */
    double begun;         /* when the first step was */
    double reported;      /* when progress was told last */
    double before;        /* what earlier steps have done, where a step reports its own work alone */
    double step_ends;     /* a step that can be carried on stops at about this time */
    atomic_bool pause;    /* set then; what a step that can be carried on hands down to be stopped by */
    fs_progress progress; /* tells the window; cancelled with the job */
    fs_progress slice;    /* the same, cancelled by `pause` */
    fs_worker *worker;    /* during a step */
    fs_job *job;
} fs_panel_job;

typedef struct fs_panel_steps {
    fs_status (*step)(fs_panel_job *job, bool *finished, fs_error *err);
    void (*release)(void *state); /* NULL: no state */
} fs_panel_steps;

extern const fs_panel_steps fs_panel_variants, fs_panel_examples, fs_panel_tuning, fs_panel_attribution,
    fs_panel_activations, fs_panel_weights_steps;

static inline const fs_layer *fs_panel_job_layer(const fs_panel_job *job) {
    return &job->request.model->model->layers[job->request.layer];
}
/* A panel of this job with its numbers filled in; NULL when memory is short. */
fs_panel *fs_panel_job_create(const fs_panel_job *job, int n_tiles);
/* Takes the panel over. */
void fs_panel_job_publish(fs_panel_job *job, fs_panel *panel);

#endif
