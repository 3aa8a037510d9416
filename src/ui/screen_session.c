/* The session: what is on the screen as values, and back. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/worker_session.h"
#include "base/alloc.h"
#include "base/builtin.h"
#include "ui/screen_private.h"
#include "viz/objective_text.h"

static const char usual_name[] = "filterscope-session.json";

/* ---- from the screen ---- */

/* A session is opened in another folder than it was saved in. */
static void put_path(char to[FS_OPTION_TEXT_SIZE], const char *path) {
    char whole[PATH_MAX];
    const bool found = *path != '\0' && !fs_is_builtin(path) && realpath(path, whole) != NULL &&
                       strlen(whole) < FS_OPTION_TEXT_SIZE;
    snprintf(to, FS_OPTION_TEXT_SIZE, "%s", found ? whole : path);
}

static void put_window(const fs_screen *screen, fs_session_window *w) {
    if (screen->model != NULL) {
        put_path(w->model, screen->model->model->path);
        snprintf(w->layer, sizeof w->layer, "%s", fs_screen_layer(screen)->name);
    }
    w->channel = screen->channel;
    w->view = screen->view.open       ? FS_SESSION_CHANNEL
              : screen->gabor.open    ? FS_SESSION_GABOR
              : screen->finetune.open ? FS_SESSION_FINETUNE
              : screen->picture.open  ? FS_SESSION_PICTURE
                                      : FS_SESSION_WALL;
    w->in_wall = screen->focus == FS_FOCUS_WALL;
    w->list_scroll = screen->list_offset;
    w->wall_scroll = screen->wall_offset;
    w->wall_zoom = screen->wall_zoom;
    w->seed = screen->options.seed;
    w->notes = screen->lesson.notes;
}

static void put_panels(const fs_screen *screen, fs_session_panels *p) {
    const fs_feature_state *feature = &screen->feature;
    p->tab = feature->tab;
    p->variants = feature->variants;
    put_path(p->images, feature->images);
    put_path(p->photograph, feature->photograph);
    p->examples = feature->which;
    p->own_threshold = isfinite(feature->threshold);
    p->threshold = p->own_threshold ? feature->threshold : 0;
    p->method = feature->method;
    p->explain_class = feature->explain_class;
    p->stimulus = feature->stimulus;
    p->weights_to = feature->weights_to != 0;
    p->settings_scroll = screen->view.open ? screen->view.controls.offset : 0;
}

static void put_gabor(const fs_screen *screen, fs_session_gabor *g) {
    const fs_gabor_view *view = &screen->gabor;
    g->effective = view->effective;
    g->null_fits = screen->feature.null_fits;
    g->substitute = view->substitute.open;
    g->substitute_all = view->substitute.all != 0;
    g->scroll = view->study != NULL ? view->list.offset : view->to_restore.scroll;
    if (view->study == NULL) { /* not there yet: what is still to be restored */
        g->kernel = view->has_to_restore ? view->to_restore.kernel : -1;
        if (view->has_to_restore)
            *g = (fs_session_gabor){.effective = g->effective,
                                    .null_fits = g->null_fits,
                                    .kernel = g->kernel,
                                    .lambda = view->to_restore.lambda,
                                    .theta = view->to_restore.theta,
                                    .psi = view->to_restore.psi,
                                    .sigma = view->to_restore.sigma,
                                    .gamma = view->to_restore.gamma,
                                    .x0 = view->to_restore.x0,
                                    .y0 = view->to_restore.y0,
                                    .scroll = g->scroll,
                                    .substitute = g->substitute,
                                    .substitute_all = g->substitute_all};
        return;
    }
    g->kernel = view->list.selected;
    g->lambda = view->hand.lambda;
    g->theta = view->hand.theta;
    g->psi = view->hand.psi;
    g->sigma = view->hand.sigma;
    g->gamma = view->hand.gamma;
    g->x0 = view->hand.x0;
    g->y0 = view->hand.y0;
}

static fs_status put_finetune(const fs_screen *screen, fs_session *session, fs_error *err) {
    const fs_finetune_view *view = &screen->finetune;
    fs_session_finetune *f = &session->finetune;
    put_path(f->data, view->data.text);
    put_path(f->folder, view->folder.text);
    f->head_epochs = (int)view->head_epochs;
    f->joint_epochs = (int)view->joint_epochs;
    f->head_rate = view->settings.head_rate;
    f->joint_rate = view->settings.joint_rate;
    f->look_side = view->settings.look_side;
    f->look_steps = view->settings.look_steps;
    f->tab = view->tab;
    f->scroll = view->layers.offset;
    if (view->watched > 0)
        snprintf(f->watched, sizeof f->watched, "%s", view->watch_names[view->watched]);
    session->has_unfrozen = view->rows != NULL;
    fs_status status = FS_OK;
    for (int i = 0; status == FS_OK && i < view->map.n && session->has_unfrozen; i++)
        if (view->map.trained[i])
            status =
                fs_session_add_unfrozen(session, screen->model->model->layers[view->map.layers[i]].name, err);
    return status;
}

/* In class mode: what was there before, and where the lesson is. */
static fs_status capture_lesson(const fs_screen *screen, fs_session *out, fs_error *err) {
    fs_status status = fs_session_copy(out, screen->lesson.before, err);
    out->window.lesson = screen->lesson.stop + 1;
    out->window.notes = screen->lesson.notes;
    return status;
}

fs_status fs_screen_capture(const fs_screen *screen, fs_session *out, fs_error *err) {
    if (screen->lesson.before != NULL)
        return capture_lesson(screen, out, err);
    fs_session_init(out);
    put_window(screen, &out->window);
    out->render = screen->view.open ? screen->view.settings : screen->feature.settings;
    put_panels(screen, &out->panels);
    put_gabor(screen, &out->gabor);
    fs_status status = fs_screen_put_picture(screen, out, err);
    return status == FS_OK ? put_finetune(screen, out, err) : status;
}

/* ---- to the screen ---- */

static void take_panels(fs_screen *screen, const fs_session *session) {
    const fs_session_panels *p = &session->panels;
    fs_feature_state *feature = &screen->feature;
    feature->settings = session->render;
    feature->tab = p->tab;
    feature->variants = p->variants;
    memcpy(feature->images, p->images, sizeof feature->images);
    memcpy(feature->photograph, p->photograph, sizeof feature->photograph);
    feature->which = p->examples;
    feature->threshold = p->own_threshold ? p->threshold : (double)NAN;
    feature->method = p->method;
    feature->explain_class = p->explain_class;
    feature->stimulus = p->stimulus;
    feature->weights_to = p->weights_to;
    feature->null_fits = session->gabor.null_fits;
}

static void take_unfrozen(fs_screen *screen, const fs_session *session) {
    fs_finetune_view *view = &screen->finetune;
    fs_screen_make_freeze_map(screen);
    for (int i = 0; i < view->map.n && view->rows != NULL; i++) {
        const char *name = screen->model->model->layers[view->map.layers[i]].name;
        view->map.trained[i] = false;
        for (int k = 0; k < session->n_unfrozen; k++)
            view->map.trained[i] |= strcmp(name, session->unfrozen[k]) == 0;
    }
}

static void take_finetune(fs_screen *screen, const fs_session *session) {
    const fs_session_finetune *f = &session->finetune;
    fs_finetune_view *view = &screen->finetune;
    fs_text_field_set(&view->data, f->data);
    fs_text_field_set(&view->folder, f->folder);
    view->head_epochs = f->head_epochs;
    view->joint_epochs = f->joint_epochs;
    view->settings.head_rate = f->head_rate;
    view->settings.joint_rate = f->joint_rate;
    view->settings.look_side = f->look_side;
    view->settings.look_steps = f->look_steps;
    view->tab = f->tab;
    if (session->has_unfrozen)
        take_unfrozen(screen, session);
    view->layers.offset = f->scroll;
    int watched = 0;
    for (int i = 1; view->watch_names != NULL && view->watch_names[i] != NULL; i++)
        if (strcmp(view->watch_names[i], f->watched) == 0)
            watched = i;
    if (watched != view->watched)
        fs_screen_watch_layer(screen, watched);
}

static void take_gabor(fs_screen *screen, const fs_session *session, bool same_null) {
    fs_gabor_view *view = &screen->gabor;
    view->to_restore = session->gabor;
    view->has_to_restore = session->gabor.kernel >= 0;
    if (view->study != NULL && (!same_null || view->study->effective != session->gabor.effective)) {
        const fs_session_gabor wanted = session->gabor;
        const bool has = view->has_to_restore;
        fs_screen_drop_gabor(screen);
        view->to_restore = wanted;
        view->has_to_restore = has;
    }
    view->effective = session->gabor.effective;
    view->substitute.open = session->gabor.substitute;
    view->substitute.all = session->gabor.substitute_all;
}

void fs_screen_restore_gabor(fs_screen *screen) {
    fs_gabor_view *view = &screen->gabor;
    const fs_session_gabor *g = &view->to_restore;
    if (!view->has_to_restore || view->study == NULL)
        return;
    view->has_to_restore = false;
    fs_gabor hand = {.lambda = g->lambda,
                     .theta = g->theta,
                     .psi = g->psi,
                     .sigma = g->sigma,
                     .gamma = g->gamma,
                     .x0 = g->x0,
                     .y0 = g->y0};
    fs_screen_select_kernel(screen, g->kernel);
    fs_screen_put_gabor(screen, &hand);
    view->list.offset = g->scroll;
}

/* The file may be of another network than the one that its model is now. */
static fs_status check(const fs_screen *screen, const fs_session *session, int *layer, fs_error *err) {
    const fs_model *model = screen->model->model;
    const fs_session_window *w = &session->window;
    fs_error wrong = {0};
    *layer = -1;
    for (int i = 0; i < model->n_layers; i++)
        if (strcmp(model->layers[i].name, w->layer) == 0)
            *layer = i;
    if (*layer < 0 || fs_screen_row_of_layer(screen, *layer) < 0)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "'window.layer': %s has no layer '%.200s'", model->name,
                       w->layer);
    if (w->channel >= model->layers[*layer].channels)
        return fs_fail(err, FS_ERROR_ARGUMENT, "'window.channel': %s has %d channels", w->layer,
                       model->layers[*layer].channels);
    if (w->view == FS_SESSION_CHANNEL && fs_objective_check(model, &session->render, &wrong) != FS_OK)
        return fs_fail(err, FS_ERROR_ARGUMENT, "'render': %s", wrong.message);
    return FS_OK;
}

static void open_channel(fs_screen *screen, const fs_session *session) {
    fs_screen_open_channel(screen, session->window.channel);
    fs_render_settings settings = session->render;
    memcpy(settings.layer, screen->view.settings.layer, sizeof settings.layer);
    settings.channel = session->window.channel;
    if (!fs_options_equal(fs_render_options, &settings, &screen->view.settings)) {
        screen->view.settings = settings;
        fs_screen_show_settings(screen);
        if (!fs_screen_show_kept(screen))
            fs_screen_send_view(screen);
    }
    screen->view.controls.offset = session->panels.settings_scroll;
}

static fs_status use_seed(fs_screen *screen, uint64_t seed, fs_error *err) {
    fs_thumbs *thumbs = NULL;
    if (seed == screen->options.seed)
        return FS_OK;
    fs_status status = fs_thumbs_create(&thumbs, screen->model->model, err);
    if (status != FS_OK)
        return status;
    fs_thumbs_destroy(screen->thumbs);
    screen->thumbs = thumbs;
    screen->options.seed = seed;
    screen->wall.layer = -1;
    return FS_OK;
}

static void open_view(fs_screen *screen, const fs_session *session) {
    switch ((fs_session_view_kind)session->window.view) {
    case FS_SESSION_CHANNEL:
        open_channel(screen, session);
        break;
    case FS_SESSION_GABOR:
        fs_screen_open_gabor(screen);
        break;
    case FS_SESSION_FINETUNE:
        fs_screen_open_finetune(screen);
        break;
    case FS_SESSION_PICTURE:
        fs_screen_open_picture(screen);
        break;
    case FS_SESSION_WALL:
    default:
        break;
    }
}

fs_status fs_screen_apply(fs_screen *screen, const fs_session *session, fs_error *err) {
    const fs_session_window *w = &session->window;
    int layer = -1;
    const bool same_null =
        w->seed == screen->options.seed && session->gabor.null_fits == screen->feature.null_fits;
    fs_status status = check(screen, session, &layer, err);
    if (status == FS_OK)
        status = use_seed(screen, w->seed, err);
    if (status == FS_OK)
        status = fs_screen_take_picture(screen, session, err);
    if (status != FS_OK)
        return status;
    fs_screen_close_views(screen);
    fs_screen_select_layer(screen, layer);
    fs_screen_select_channel(screen, w->channel);
    take_panels(screen, session);
    take_finetune(screen, session);
    take_gabor(screen, session, same_null);
    open_view(screen, session);
    fs_screen_restore_gabor(screen); /* opening the view chooses a kernel by itself */
    fs_screen_restore_picture(screen);
    screen->lesson.notes = w->notes;
    screen->focus = w->in_wall ? FS_FOCUS_WALL : FS_FOCUS_LAYERS;
    screen->list_offset = w->list_scroll;
    screen->wall_zoom = w->wall_zoom;
    screen->wall_offset = w->wall_scroll;
    return FS_OK;
}

/* ---- files ---- */

void fs_screen_save_session(fs_screen *screen) {
    fs_session session;
    fs_error err = {0};
    fs_status status = fs_screen_capture(screen, &session, &err);
    if (status == FS_OK && fs_worker_save_session(screen->worker, &session, screen->session_path) == 0)
        status = fs_fail_memory(&err, "the session");
    fs_session_free(&session);
    if (status != FS_OK)
        fs_screen_say(screen, true, "%s", err.message);
}

void fs_screen_drop_pending(fs_screen *screen) {
    if (screen->pending != NULL)
        fs_session_free(screen->pending);
    fs_free(screen->pending);
    screen->pending = NULL;
}

void fs_screen_take_pending(fs_screen *screen) {
    fs_error err = {0};
    if (screen->pending == NULL)
        return;
    fs_screen_leave_lesson(screen);
    if (fs_screen_apply(screen, screen->pending, &err) != FS_OK)
        fs_screen_say(screen, true, "%s: %s", screen->session_path, err.message);
    else if (screen->pending->window.lesson > 0)
        fs_screen_enter_lesson(screen, screen->pending->window.lesson - 1);
    fs_screen_drop_pending(screen);
}

static bool is_loaded(const fs_screen *screen, const char *path) {
    char whole[FS_OPTION_TEXT_SIZE];
    if (screen->model == NULL || screen->loading != 0)
        return false;
    put_path(whole, screen->model->model->path);
    return strcmp(whole, path) == 0;
}

bool fs_screen_open_session(fs_screen *screen, const char *path) {
    fs_error err = {0};
    fs_screen_drop_pending(screen);
    fs_session *session = fs_alloc(sizeof *session);
    fs_status status = session != NULL ? FS_OK : fs_fail_memory(&err, "the session");
    if (status == FS_OK) {
        fs_session_init(session);
        status = fs_session_read(session, path, &err);
    }
    if (status == FS_OK && session->window.model[0] == '\0')
        status = fs_fail(&err, FS_ERROR_FORMAT, "%s: 'window.model' is missing", path);
    if (status != FS_OK) {
        fs_free(session);
        fs_screen_say(screen, true, "%s", err.message);
        return false;
    }
    screen->pending = session;
    if (path != screen->session_path)
        snprintf(screen->session_path, sizeof screen->session_path, "%s", path);
    screen->message.shown = false;
    if (is_loaded(screen, session->window.model))
        fs_screen_take_pending(screen);
    else
        fs_screen_open_pending(screen, session->window.model);
    return true;
}

void fs_screen_init_session(fs_screen *screen) {
    const fs_screen_options *o = &screen->options;
    if (o->session != NULL)
        snprintf(screen->session_path, sizeof screen->session_path, "%s", o->session);
    else if (o->export_folder != NULL)
        snprintf(screen->session_path, sizeof screen->session_path, "%.900s/%s", o->export_folder,
                 usual_name);
    else
        snprintf(screen->session_path, sizeof screen->session_path, "%s", usual_name);
}
