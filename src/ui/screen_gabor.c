/* The Gabor view: what is asked of the worker for it, the chosen kernel, the function of the sliders. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/screen_private.h"
#include "ui/widgets/list.h"

const fs_kernel_analysis *fs_screen_kernel(const fs_screen *screen) {
    const fs_gabor_view *view = &screen->gabor;
    return view->study != NULL && view->list.selected >= 0
               ? &view->study->analysis.kernels[view->list.selected]
               : NULL;
}

/* Microseconds: as many evaluations as the kernel has pixels, twice. */
static void score(fs_gabor_view *view) {
    const fs_kernels *kernels = &view->study->kernels;
    view->score = fs_gabor_score_of(&view->hand, fs_kernel_study_profile(view->study, view->list.selected),
                                    kernels->height, kernels->width, view->fitted, view->residual);
}

void fs_screen_select_kernel(fs_screen *screen, int kernel) {
    fs_gabor_view *view = &screen->gabor;
    if (view->study == NULL)
        return;
    const int count = view->study->kernels.count;
    view->list.selected = kernel < 0 ? 0 : kernel >= count ? count - 1 : kernel;
    view->hand = fs_screen_kernel(screen)->fit.gabor;
    view->n_undo = 0;
    view->moving = false;
    score(view);
}

/* ---- requests ---- */

static void forget_study(fs_gabor_view *view) {
    fs_kernel_study_release(view->study);
    fs_free(view->fitted);
    fs_free(view->residual);
    view->study = NULL;
    view->fitted = view->residual = NULL;
    view->list = (fs_list){.selected = -1};
}

/* In the list and the header; the view stays as it is. */
static void show_layer(fs_screen *screen, int layer) {
    const bool open = screen->gabor.open;
    if (layer < 0 || layer == screen->layer || fs_screen_row_of_layer(screen, layer) < 0)
        return;
    screen->gabor.open = false; /* choosing a layer would leave it */
    fs_screen_select_layer(screen, layer);
    screen->gabor.open = open;
}

void fs_screen_request_gabor(fs_screen *screen, bool effective) {
    fs_gabor_view *view = &screen->gabor;
    const fs_model *model = screen->model->model;
    fs_study_request request = {.model = screen->model,
                                .layer = fs_study_layer(model, effective),
                                .effective = effective,
                                .null_fits = screen->feature.null_fits,
                                .seed = screen->options.seed};
    forget_study(view);
    fs_screen_drop_substitute(screen);
    view->substitute.open = view->substitute.open && !effective; /* there are weights to be replaced */
    show_layer(screen, request.layer);
    view->effective = effective;
    view->refused = false;
    view->error[0] = '\0';
    view->done = view->total = 0;
    view->generation = request.layer >= 0 ? fs_worker_study(screen->worker, &request) : 0;
    if (request.layer < 0)
        snprintf(view->error, sizeof view->error, "%s has no convolution.", model->name);
    else if (view->generation == 0)
        snprintf(view->error, sizeof view->error, "Out of memory.");
    fs_ui_give_focus(&screen->ui, FS_UI_ID(FS_ID_GABOR, FS_GABOR_STOP));
}

void fs_screen_stop_gabor(fs_screen *screen) {
    fs_gabor_view *view = &screen->gabor;
    if (view->generation == 0)
        return;
    fs_worker_stop_study(screen->worker);
    view->generation = 0;
    snprintf(view->error, sizeof view->error, "Stopped.");
}

static fs_status adopt(fs_gabor_view *view, fs_kernel_study *study, fs_error *err) {
    const size_t samples = (size_t)study->kernels.height * (size_t)study->kernels.width;
    forget_study(view);
    view->fitted = fs_alloc_array(samples, sizeof *view->fitted);
    view->residual = fs_alloc_array(samples, sizeof *view->residual);
    if (view->fitted == NULL || view->residual == NULL)
        return fs_fail_memory(err, "the Gabor view");
    view->study = fs_kernel_study_keep(study);
    return FS_OK;
}

bool fs_screen_gabor_event(fs_screen *screen, const fs_event *event) {
    fs_gabor_view *view = &screen->gabor;
    fs_error err = event->error;
    if (event->generation != view->generation)
        return false;
    if (event->kind == FS_EVENT_PROGRESS) {
        view->done = event->done;
        view->total = event->total;
        return view->open;
    }
    view->generation = 0;
    if (event->kind == FS_EVENT_STUDY && adopt(view, event->study, &err) == FS_OK) {
        fs_screen_select_kernel(screen, screen->layer == event->study->layer ? screen->channel : 0);
        fs_screen_restore_gabor(screen);
        fs_ui_give_focus(&screen->ui, FS_UI_ID(FS_ID_GABOR_LIST, 0));
    } else {
        snprintf(view->error, sizeof view->error, "%s", err.message);
        view->refused = true;
        fs_ui_give_focus(&screen->ui, FS_UI_ID(FS_ID_GABOR, FS_GABOR_EFFECTIVE));
    }
    fs_screen_mend_lesson(screen);
    return view->open;
}

/* ---- in and out ---- */

void fs_screen_open_gabor(fs_screen *screen) {
    fs_gabor_view *view = &screen->gabor;
    if (screen->model == NULL || view->open)
        return;
    fs_screen_close_views(screen);
    view->open = true;
    if (view->study == NULL) {
        fs_screen_request_gabor(screen, view->effective);
        return;
    }
    show_layer(screen, view->study->layer);
    if (screen->layer == view->study->layer && screen->channel != view->list.selected)
        fs_screen_select_kernel(screen, screen->channel);
    fs_ui_give_focus(&screen->ui, FS_UI_ID(FS_ID_GABOR_LIST, 0));
}

/* What was found out stays for the next time; the kernel is the wall's channel. */
void fs_screen_close_gabor(fs_screen *screen) {
    fs_gabor_view *view = &screen->gabor;
    if (!view->open)
        return;
    fs_screen_stop_gabor(screen);
    view->open = false;
    view->substitute.asked = view->substitute.generation == 0 && view->substitute.asked;
    screen->focus = FS_FOCUS_WALL;
    if (view->study != NULL && view->study->layer == screen->layer && view->list.selected >= 0)
        fs_screen_select_channel(screen, view->list.selected);
}

void fs_screen_drop_gabor(fs_screen *screen) {
    fs_gabor_view *view = &screen->gabor;
    fs_screen_stop_gabor(screen);
    fs_screen_drop_substitute(screen);
    forget_study(view);
    *view = (fs_gabor_view){.list.selected = -1};
}

/* ---- the sliders ---- */

static void push_undo(fs_gabor_view *view) {
    if (view->n_undo == FS_UNDO_STEPS) {
        memmove(&view->undo[0], &view->undo[1], (FS_UNDO_STEPS - 1) * sizeof view->undo[0]);
        view->n_undo--;
    }
    view->undo[view->n_undo++] = view->hand;
}

void fs_screen_move_gabor(fs_screen *screen, fs_gabor_parameter parameter, double value, bool settled) {
    fs_gabor_view *view = &screen->gabor;
    if (view->study == NULL)
        return;
    if (value != fs_gabor_get(&view->hand, parameter)) {
        if (!view->moving)
            push_undo(view);
        view->moving = true;
        fs_gabor_set(&view->hand, parameter, value);
        score(view);
    }
    if (settled)
        view->moving = false;
}

bool fs_screen_gabor_is_fit(const fs_screen *screen) {
    const fs_kernel_analysis *kernel = fs_screen_kernel(screen);
    bool same = kernel != NULL;
    for (int p = FS_GABOR_LAMBDA; same && p <= FS_GABOR_Y0; p++)
        same = fs_gabor_get(&screen->gabor.hand, (fs_gabor_parameter)p) ==
               fs_gabor_get(&kernel->fit.gabor, (fs_gabor_parameter)p);
    return same;
}

void fs_screen_snap_gabor(fs_screen *screen) {
    fs_gabor_view *view = &screen->gabor;
    if (view->study == NULL || fs_screen_gabor_is_fit(screen))
        return;
    push_undo(view);
    view->moving = false;
    view->hand = fs_screen_kernel(screen)->fit.gabor;
    score(view);
}

void fs_screen_undo_gabor(fs_screen *screen) {
    fs_gabor_view *view = &screen->gabor;
    if (view->study == NULL || view->n_undo == 0)
        return;
    view->hand = view->undo[--view->n_undo];
    view->moving = false;
    score(view);
}

void fs_screen_put_gabor(fs_screen *screen, const fs_gabor *hand) {
    fs_gabor_view *view = &screen->gabor;
    const double most = 1e6;
    bool sane = view->study != NULL && hand->lambda > 0 && hand->sigma > 0 && hand->gamma > 0;
    for (int p = FS_GABOR_LAMBDA; sane && p <= FS_GABOR_Y0; p++)
        sane = fabs(fs_gabor_get(hand, (fs_gabor_parameter)p)) <= most;
    if (!sane)
        return;
    for (int p = FS_GABOR_LAMBDA; p <= FS_GABOR_Y0; p++)
        fs_gabor_set(&view->hand, (fs_gabor_parameter)p, fs_gabor_get(hand, (fs_gabor_parameter)p));
    view->moving = false;
    score(view);
}
