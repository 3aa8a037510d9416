/* The fine-tune view: what is asked of the training thread, and what comes back from it. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/screen_private.h"
#include "ui/widgets/list.h"

/* ---- how it stands ---- */

bool fs_screen_trains(const fs_screen *screen) {
    const fs_finetune_view *view = &screen->finetune;
    if (view->generation == 0)
        return false;
    return view->news == NULL || view->news->phase == FS_TRAINING_PREPARING ||
           view->news->phase == FS_TRAINING_RUNNING || view->news->phase == FS_TRAINING_PAUSED;
}

bool fs_screen_training_rests(const fs_screen *screen) {
    const fs_finetune_view *view = &screen->finetune;
    return fs_screen_trains(screen) && view->news != NULL && view->news->phase == FS_TRAINING_PAUSED;
}

bool fs_screen_can_undo_training(const fs_screen *screen) {
    const fs_training_news *news = screen->finetune.news;
    if (news == NULL || screen->finetune.generation == 0 || news->phase == FS_TRAINING_STOPPED ||
        news->phase == FS_TRAINING_FAILED || news->phase == FS_TRAINING_PREPARING)
        return false;
    return news->can_undo || (news->label[0] != '\0' && news->phase != FS_TRAINING_OVER);
}

bool fs_screen_can_save_training(const fs_screen *screen) {
    return screen->finetune.generation != 0 && screen->finetune.news != NULL &&
           screen->finetune.news->best >= 0;
}

/* ---- requests ---- */

static void forget_news(fs_finetune_view *view) {
    fs_training_news_release(view->news);
    view->news = NULL;
    view->filters.offset = view->kernels.offset = view->cka.offset = 0;
}

static bool begin(fs_screen *screen, bool step) {
    fs_finetune_view *view = &screen->finetune;
    const fs_model *model = screen->model->model;
    fs_training_request request = {.model = screen->model, .settings = view->settings, .step = step};
    fs_training_settings *s = &request.settings;
    char *layers = NULL;
    const int policy = fs_freeze_map_policy(&view->map, model);
    s->data = view->data.text;
    s->freeze = policy >= 0 ? (fs_freeze)policy : FS_FREEZE_NONE;
    s->head_epochs = (int)view->head_epochs;
    s->joint_epochs = (int)view->joint_epochs;
    s->seed = screen->options.seed;
    s->threads = screen->options.threads;
    if (policy < 0 && fs_freeze_map_text(&layers, &view->map, model, NULL) != FS_OK)
        return false;
    s->layers = layers;
    view->generation = fs_worker_train(screen->worker, &request);
    fs_free(layers);
    return view->generation != 0;
}

void fs_screen_begin_training(fs_screen *screen, bool step) {
    fs_finetune_view *view = &screen->finetune;
    if (view->map_error[0] != '\0')
        return;
    if (view->data.text[0] == '\0') {
        fs_screen_say(screen, false,
                      "Type or drop a folder of pictures first: one folder in it for each class");
        fs_ui_give_focus(&screen->ui, FS_UI_ID(FS_ID_FINETUNE, FS_FINETUNE_DATA));
        return;
    }
    forget_news(view);
    view->pausing = false;
    if (!begin(screen, step))
        fs_screen_say(screen, true, "The training cannot begin: out of memory");
}

/* Begin, pause, or go on: what the space bar does. */
void fs_screen_run_training(fs_screen *screen) {
    fs_finetune_view *view = &screen->finetune;
    if (!fs_screen_trains(screen)) {
        fs_screen_begin_training(screen, false);
        return;
    }
    const bool rests = fs_screen_training_rests(screen) || view->pausing;
    fs_worker_training_command(screen->worker, rests ? FS_TRAINING_CONTINUE : FS_TRAINING_PAUSE);
    view->pausing = !rests;
}

void fs_screen_step_training(fs_screen *screen) {
    screen->finetune.pausing = false;
    if (fs_screen_trains(screen))
        fs_worker_training_command(screen->worker, FS_TRAINING_STEP);
    else
        fs_screen_begin_training(screen, true);
}

void fs_screen_stop_training(fs_screen *screen) {
    if (fs_screen_trains(screen))
        fs_worker_training_command(screen->worker, FS_TRAINING_STOP);
}

void fs_screen_undo_training(fs_screen *screen) {
    if (fs_screen_can_undo_training(screen))
        fs_worker_training_command(screen->worker, FS_TRAINING_UNDO);
}

void fs_screen_save_training(fs_screen *screen) {
    if (!fs_screen_can_save_training(screen)) {
        fs_screen_say(screen, false, "No epoch is finished yet: there is nothing to save");
        return;
    }
    fs_worker_training_save(screen->worker, screen->finetune.folder.text);
    fs_screen_say(screen, false, "Saving the best epoch after this step \u2026");
}

/* ---- the layers ---- */

void fs_screen_set_policy(fs_screen *screen, int policy) {
    if (policy >= FS_FREEZE_HEAD && policy <= FS_FREEZE_NONE)
        fs_freeze_map_set(&screen->finetune.map, screen->model->model, (fs_freeze)policy);
}

/* The rows of the map: each level as a heading over its layers. */
static fs_status make_map(fs_screen *screen, fs_error *err) {
    fs_finetune_view *view = &screen->finetune;
    const fs_model *model = screen->model->model;
    fs_status status = fs_freeze_map_create(&view->map, model, err);
    if (status != FS_OK)
        return status;
    fs_freeze_map_set(&view->map, model, FS_FREEZE_LOW);
    view->rows = fs_calloc((size_t)view->map.n + FS_LEVEL_COUNT, sizeof *view->rows);
    view->watch_names = fs_calloc((size_t)view->map.n + 2, sizeof *view->watch_names);
    if (view->rows == NULL || view->watch_names == NULL)
        return fs_fail_memory(err, "the layers to train");
    for (int level = 0; level < FS_LEVEL_COUNT; level++) {
        bool any = false;
        for (int i = 0; i < view->map.n; i++) {
            if ((int)model->layers[view->map.layers[i]].level != level)
                continue;
            if (!any)
                view->rows[view->n_rows++] = (fs_freeze_row){-1, (fs_level)level};
            view->rows[view->n_rows++] = (fs_freeze_row){i, (fs_level)level};
            any = true;
        }
    }
    view->watch_names[0] = "all unfrozen";
    for (int i = 0; i < view->map.n; i++)
        view->watch_names[i + 1] = model->layers[view->map.layers[i]].name;
    return FS_OK;
}

void fs_screen_toggle_layer(fs_screen *screen, int row) {
    fs_finetune_view *view = &screen->finetune;
    if (row < 0 || row >= view->n_rows)
        return;
    const int place = view->rows[row].place;
    if (place < 0)
        fs_freeze_map_toggle_level(&view->map, screen->model->model, view->rows[row].level);
    else
        view->map.trained[place] = !view->map.trained[place];
}

void fs_screen_watch_layer(fs_screen *screen, int choice) {
    fs_finetune_view *view = &screen->finetune;
    view->watched = choice;
    view->filters.offset = 0;
    fs_worker_training_layer(screen->worker, choice > 0 ? view->watch_names[choice] : NULL);
}

/* ---- what comes back ---- */

bool fs_screen_finetune_event(fs_screen *screen, const fs_event *event) {
    fs_finetune_view *view = &screen->finetune;
    if (event->generation != view->generation)
        return false;
    if (event->kind == FS_EVENT_SAVED) {
        fs_screen_say(screen, false, "Saved %s: `classify`, `shift` and other tools take it", event->path);
        return true;
    }
    if (event->kind == FS_EVENT_FAILED) {
        fs_screen_say(screen, true, "%s", event->error.message);
        return true;
    }
    if (event->kind != FS_EVENT_TRAINING)
        return false;
    fs_training_news_release(view->news);
    view->news = fs_training_news_keep(event->training);
    if (view->news->phase != FS_TRAINING_RUNNING)
        view->pausing = false;
    return view->open;
}

/* ---- in and out ---- */

void fs_screen_make_freeze_map(fs_screen *screen) {
    fs_finetune_view *view = &screen->finetune;
    fs_error err = {0};
    if (view->rows == NULL && view->map_error[0] == '\0' && make_map(screen, &err) != FS_OK)
        snprintf(view->map_error, sizeof view->map_error, "%s", err.message);
}

void fs_screen_open_finetune(fs_screen *screen) {
    fs_finetune_view *view = &screen->finetune;
    if (screen->model == NULL || view->open)
        return;
    fs_screen_close_views(screen);
    fs_screen_make_freeze_map(screen);
    view->open = true;
    /* The wall is not seen, and both would have to share the processor. */
    fs_worker_stop_wall(screen->worker);
    screen->wall.layer = -1;
    fs_ui_give_focus(&screen->ui, view->data.text[0] == '\0' ? FS_UI_ID(FS_ID_FINETUNE, FS_FINETUNE_DATA)
                                                             : FS_UI_ID(FS_ID_FINETUNE, FS_FINETUNE_RUN));
}

/* A run goes on meanwhile. */
void fs_screen_close_finetune(fs_screen *screen) {
    screen->finetune.open = false;
    screen->focus = FS_FOCUS_WALL;
}

void fs_screen_drop_finetune(fs_screen *screen) {
    fs_finetune_view *view = &screen->finetune;
    fs_worker_training_command(screen->worker, FS_TRAINING_FORGET);
    forget_news(view);
    fs_training_surfaces_clear(&view->surfaces);
    fs_freeze_map_free(&view->map);
    fs_free(view->rows);
    fs_free(view->watch_names);
    view->rows = NULL;
    view->watch_names = NULL;
    view->n_rows = view->watched = 0;
    view->map_error[0] = '\0';
    view->generation = 0;
    view->open = view->pausing = false;
}

void fs_screen_use_pictures(fs_screen *screen, const char *folder) {
    fs_text_field_set(&screen->finetune.data, folder);
    screen->message.shown = false;
}

void fs_screen_init_finetune(fs_screen *screen) {
    const fs_training_settings defaults = fs_training_defaults();
    fs_finetune_view *view = &screen->finetune;
    view->settings = defaults;
    view->head_epochs = defaults.head_epochs;
    view->joint_epochs = defaults.joint_epochs;
    view->layers.selected = 0;
    view->filters.selected = view->cka.selected = view->kernels.selected = -1;
    if (screen->options.data != NULL)
        fs_text_field_set(&view->data, screen->options.data);
    if (screen->options.export_folder != NULL)
        fs_text_field_set(&view->folder, screen->options.export_folder);
}
