/* What the user does with the open channel: its objective, its settings, their undoing, pausing, copying. */
#include <stdio.h>
#include <string.h>

#include "app/model_path.h"
#include "app/render_command.h"
#include "ui/screen_private.h"
#include "viz/objective_text.h"

void fs_screen_show_settings(fs_screen *screen) {
    fs_channel_view *view = &screen->view;
    char text[FS_EXPRESSION_SIZE];
    fs_text_field_set(&view->objective, fs_objective_text(&view->settings, text));
    fs_option_controls_load(&view->controls, fs_render_options, &view->settings);
    view->objective_error.code = FS_OK;
    view->objective_column = 0;
}

static void mark_objective(fs_channel_view *view, const fs_error *error) {
    static const char option[] = "--objective: "; /* the field needs no name */
    view->objective_error = *error;
    view->objective_column = fs_objective_error_column(error);
    if (strncmp(error->message, option, strlen(option)) == 0)
        snprintf(view->objective_error.message, sizeof view->objective_error.message, "%s",
                 error->message + strlen(option));
}

/* The words that a picture's settings begin with stay as long as they say the same. */
static void set_objective(const fs_screen *screen, fs_render_settings *settings, const char *text) {
    char usual[FS_EXPRESSION_SIZE];
    fs_render_settings own = fs_screen_settings(screen, screen->layer, screen->channel);
    bool same = strcmp(text, fs_objective_text(&own, usual)) == 0;
    snprintf(settings->objective, sizeof settings->objective, "%s", same ? own.objective : text);
}

void fs_screen_enter_objective(fs_screen *screen) {
    fs_channel_view *view = &screen->view;
    fs_render_settings next = view->settings;
    fs_error err = {0};
    set_objective(screen, &next, view->objective.text);
    if (fs_objective_check(screen->model->model, &next, &err) != FS_OK) {
        mark_objective(view, &err);
        return;
    }
    fs_screen_change_settings(screen, &next);
}

static void push_undo(fs_channel_view *view) {
    if (view->n_undo == FS_UNDO_STEPS) {
        memmove(&view->undo[0], &view->undo[1], (FS_UNDO_STEPS - 1) * sizeof view->undo[0]);
        view->n_undo--;
    }
    view->undo[view->n_undo++] = view->settings;
}

/* The picture on the screen stays until the first of the new ones is there. */
static void render_with(fs_screen *screen, const fs_render_settings *settings) {
    screen->view.settings = *settings;
    screen->feature.settings = *settings;
    fs_screen_show_settings(screen);
    fs_screen_renew_panel(screen, FS_PANEL_VARIANTS);
    if (!fs_screen_show_kept(screen))
        fs_screen_send_view(screen);
}

void fs_screen_change_settings(fs_screen *screen, const fs_render_settings *settings) {
    if (fs_options_equal(fs_render_options, settings, &screen->view.settings)) {
        fs_screen_show_settings(screen);
        return;
    }
    push_undo(&screen->view);
    render_with(screen, settings);
}

void fs_screen_undo(fs_screen *screen) {
    fs_channel_view *view = &screen->view;
    if (!view->open || view->n_undo == 0)
        return;
    fs_render_settings before = view->undo[--view->n_undo];
    render_with(screen, &before);
}

void fs_screen_set_defaults(fs_screen *screen) {
    fs_render_settings settings = fs_screen_settings(screen, screen->layer, screen->channel);
    memcpy(settings.objective, screen->view.settings.objective, sizeof settings.objective);
    fs_screen_change_settings(screen, &settings);
}

bool fs_screen_take_back(fs_screen *screen, const fs_error *error) {
    fs_channel_view *view = &screen->view;
    if (view->n_undo == 0)
        return false;
    bool objective = strncmp(error->message, "--objective", strlen("--objective")) == 0;
    fs_text_field typed = view->objective;
    fs_screen_undo(screen);
    if (objective) { /* it is still there to be mended */
        view->objective = typed;
        mark_objective(view, error);
    } else {
        fs_screen_say(screen, true, "%s", error->message);
    }
    return true;
}

bool fs_screen_can_pause(const fs_screen *screen) {
    return screen->view.open && screen->view.generation != 0;
}

void fs_screen_pause(fs_screen *screen) {
    if (!fs_screen_can_pause(screen))
        return;
    screen->view.paused = !screen->view.paused;
    fs_worker_pause_view(screen->worker, screen->view.paused);
}

void fs_screen_restart(fs_screen *screen) {
    if (screen->view.open)
        fs_screen_send_view(screen);
}

void fs_screen_command(const fs_screen *screen, fs_text *out) {
    const fs_channel_view *view = &screen->view;
    char output[FS_OPTION_TEXT_SIZE];
    fs_render_settings settings = view->settings;
    if (screen->feature.tab == FS_TAB_PANELS + FS_PANEL_VARIANTS)
        (void)fs_screen_variants(screen, &settings, NULL);
    else if (view->paused && view->received)
        settings.steps = view->picture->steps;
    snprintf(output, sizeof output, "%.200s-%d.png", fs_screen_layer(screen)->name, screen->channel);
    for (char *c = output; *c != '\0'; c++)
        *c = *c == '/' ? '-' : *c;
    fs_render_call call = {.model = fs_model_path_name(screen->model->model->path),
                           .output = output,
                           .settings = &settings,
                           .threads = screen->options.threads};
    fs_render_command(out, &call);
}

void fs_screen_copy_command(fs_screen *screen) {
    fs_text command = {0};
    fs_screen_command(screen, &command);
    if (!fs_text_broken(&command) && screen->options.clipboard.write != NULL) {
        screen->options.clipboard.write(screen->options.clipboard.context, command.bytes);
        screen->copied = true;
    }
    fs_text_free(&command);
}
