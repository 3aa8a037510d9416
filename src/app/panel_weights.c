/* The strongest weights that feed the channel, and those by which it feeds the next layer. */
#include <stdio.h>
#include <string.h>

#include "app/panel_job.h"
#include "report/caption.h"
#include "report/weights_sheet.h"

/* A channel at the end of the network feeds nothing: that is no failure as long as something feeds it. */
static fs_status find(const fs_panel_job *job, fs_weights_direction direction, fs_panel_weights *out,
                      fs_error *err) {
    const fs_panel_request *r = &job->request;
    fs_status status = fs_neighbour_weights_find(&out->list, r->model->model, fs_panel_job_layer(job),
                                                 r->channel, direction, err);
    for (int sign = 0; sign < 2 && status == FS_OK; sign++) {
        const fs_weights_choice choice = {.negative = sign == 1};
        out->n_strongest[sign] =
            fs_weights_choose(&out->list, choice, out->strongest[sign], FS_PANEL_STRONGEST, err);
        if (out->n_strongest[sign] < 0) {
            out->n_strongest[sign] = 0;
            status = FS_ERROR_MEMORY;
        }
    }
    return status;
}

static fs_status fill(const fs_panel_job *job, fs_panel *panel, fs_error *err) {
    fs_panel_weights *from = &panel->weights[FS_WEIGHTS_FROM], *to = &panel->weights[FS_WEIGHTS_TO];
    const fs_status before = find(job, FS_WEIGHTS_FROM, from, err);
    if (before != FS_OK && before != FS_ERROR_NOT_FOUND)
        return before;
    fs_status status = find(job, FS_WEIGHTS_TO, to, err);
    if (status == FS_ERROR_NOT_FOUND && before == FS_OK)
        status = FS_OK;
    snprintf(panel->title, sizeof panel->title, "%d kernels feed it, %d lead on; by the sum of the kernel",
             from->list.n, to->list.n);
    return status;
}

static fs_status step(fs_panel_job *job, bool *finished, fs_error *err) {
    *finished = true;
    fs_panel *panel = fs_panel_job_create(job, 0);
    if (panel == NULL)
        return fs_fail_memory(err, "the weights of a channel");
    fs_status status = fill(job, panel, err);
    if (status == FS_OK)
        fs_panel_job_publish(job, panel);
    else
        fs_panel_release(panel);
    return status;
}

const fs_panel_steps fs_panel_weights_steps = {step, NULL};
