/* The fine-tune view: the recipe's steps, the pictures, what can be done, how it goes. */
#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "report/live_curves.h"
#include "ui/screen_private.h"
#include "ui/widgets/button.h"
#include "ui/widgets/choice.h"

static const double gap = 8, label_width = 62;

/* ---- the steps ---- */

static bool has_joint_stage(const fs_screen *screen) {
    const fs_finetune_view *view = &screen->finetune;
    if (view->news != NULL && view->news->n_train > 0)
        return view->news->place.n_stages > 1;
    return fs_freeze_map_policy(&view->map, screen->model->model) != FS_FREEZE_HEAD;
}

/* -1: none of them is under way. */
static int current_step(const fs_screen *screen) {
    const fs_training_news *news = screen->finetune.news;
    if (!fs_screen_trains(screen))
        return -1;
    return news != NULL ? (int)news->step : FS_STEP_NEW_HEAD;
}

/* Steps that have been gone through. */
static int finished_steps(const fs_screen *screen) {
    const fs_training_news *news = screen->finetune.news;
    if (news == NULL)
        return 0;
    if (news->phase == FS_TRAINING_OVER)
        return has_joint_stage(screen) ? FS_TRAINING_STEPS : FS_STEP_HEAD + 1;
    return news->phase == FS_TRAINING_FAILED ? 0 : (int)news->step;
}

static const char *const step_names[FS_TRAINING_STEPS] = {"New head", "Backbone frozen", "Head trained",
                                                          "Unfrozen", "Joint training"};

/* As wide as their names ask for: what is left over is shared. */
static void place_steps(const fs_ui *ui, fs_rect rect, fs_rect chips[FS_TRAINING_STEPS]) {
    const fs_text_style style = {.size = 12, .bold = true};
    const double between = 6;
    double widths[FS_TRAINING_STEPS], left = rect.w - (FS_TRAINING_STEPS - 1) * between;
    for (int i = 0; i < FS_TRAINING_STEPS; i++) {
        widths[i] = ceil(fs_text_width(ui->canvas, step_names[i], &style)) + 22;
        left -= widths[i];
    }
    for (int i = 0; i < FS_TRAINING_STEPS; i++) {
        chips[i] = fs_rect_cut_left(&rect, widths[i] + left / FS_TRAINING_STEPS);
        fs_rect_cut_left(&rect, between);
    }
}

static void draw_step(const fs_screen *screen, fs_rect chip, int step, int current, int finished) {
    const fs_ui *ui = &screen->ui;
    const fs_theme *theme = ui->theme;
    const bool now = step == current, done = step < finished && !now;
    char text[64];
    if (done)
        snprintf(text, sizeof text, "\u2713 %s", step_names[step]);
    else
        snprintf(text, sizeof text, "%d %s", step + 1, step_names[step]);
    fs_fill_rounded(ui->canvas, chip, 5, now ? theme->selection : theme->panel);
    fs_stroke_rounded(ui->canvas, chip, 5, now ? 1.5 : 1, now ? theme->accent : theme->line);
    fs_text_style style = {.size = 12, .align = FS_ALIGN_CENTRE, .bold = now};
    style.colour = now ? theme->text : done ? theme->dim : theme->faint;
    if (step > FS_STEP_HEAD && !has_joint_stage(screen)) /* left out */
        style.colour = fs_colour_alpha(theme->faint, 0.45);
    fs_draw_text(ui->canvas, chip, text, &style);
}

void fs_view_finetune_steps(const fs_screen *screen, fs_rect rect) {
    fs_rect chips[FS_TRAINING_STEPS];
    place_steps(&screen->ui, rect, chips);
    for (int i = 0; i < FS_TRAINING_STEPS; i++)
        draw_step(screen, chips[i], i, current_step(screen), finished_steps(screen));
}

/* ---- the pictures ---- */

static void data_row(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    static const fs_text_field_look look = {
        .hint = "a folder of pictures, one folder in it for each class; or drop it here"};
    const fs_rect label = fs_rect_cut_left(&rect, label_width);
    const fs_text_style style = {.size = 12.5, .colour = ui->theme->dim};
    if (fs_ui_drawing(ui))
        fs_draw_text(ui->canvas, label, "Pictures", &style);
    if (fs_ui_text_field(ui, FS_UI_ID(FS_ID_FINETUNE, FS_FINETUNE_DATA), rect, &screen->finetune.data,
                         &look) == FS_TEXT_FIELD_ENTERED)
        fs_ui_give_focus(ui, FS_UI_ID(FS_ID_FINETUNE, FS_FINETUNE_RUN));
}

/* ---- what can be done ---- */

static bool button(fs_screen *screen, fs_rect *row, double width, int which, const fs_ui_button_text *text) {
    const fs_rect place = fs_rect_cut_left(row, width);
    fs_rect_cut_left(row, gap);
    return fs_ui_button(&screen->ui, FS_UI_ID(FS_ID_FINETUNE, which), place, text);
}

static const char *run_label(const fs_screen *screen) {
    if (!fs_screen_trains(screen))
        return screen->finetune.news != NULL ? "Again" : "Start";
    return fs_screen_training_rests(screen) || screen->finetune.pausing ? "Continue" : "Pause";
}

static void save_controls(fs_screen *screen, fs_rect row) {
    fs_ui *ui = &screen->ui;
    static const fs_text_field_look look = {.hint = "save to folder"};
    const fs_ui_button_text save = {.label = "Save",
                                    .key = "S",
                                    .disabled = !fs_screen_can_save_training(screen),
                                    .tip = "Save the best epoch as ONNX into this folder"};
    const fs_rect place = fs_rect_cut_right(&row, 76);
    fs_rect_cut_right(&row, gap);
    const bool entered = fs_ui_text_field(ui, FS_UI_ID(FS_ID_FINETUNE, FS_FINETUNE_FOLDER), row,
                                          &screen->finetune.folder, &look) == FS_TEXT_FIELD_ENTERED;
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_FINETUNE, FS_FINETUNE_SAVE), place, &save) || entered)
        fs_screen_save_training(screen);
}

static void buttons(fs_screen *screen, fs_rect row) {
    const bool trains = fs_screen_trains(screen);
    const bool impossible = screen->finetune.map_error[0] != '\0';
    const fs_ui_button_text run = {.label = run_label(screen),
                                   .key = "Space",
                                   .primary = true,
                                   .disabled = impossible,
                                   .tip = "Begin, pause and go on with the training"};
    const fs_ui_button_text step = {
        .label = "Epoch", .key = "N", .disabled = impossible, .tip = "Train one epoch, then pause"};
    const fs_ui_button_text stop = {
        .label = "Stop", .key = "X", .disabled = !trains, .tip = "End the run; the best epoch is kept"};
    const fs_ui_button_text undo = {.label = "Undo",
                                    .key = "U",
                                    .disabled = !fs_screen_can_undo_training(screen),
                                    .tip = "Take back an epoch"};
    if (button(screen, &row, 132, FS_FINETUNE_RUN, &run))
        fs_screen_run_training(screen);
    if (button(screen, &row, 78, FS_FINETUNE_STEP, &step))
        fs_screen_step_training(screen);
    if (button(screen, &row, 70, FS_FINETUNE_STOP, &stop))
        fs_screen_stop_training(screen);
    if (button(screen, &row, 72, FS_FINETUNE_UNDO, &undo))
        fs_screen_undo_training(screen);
    save_controls(screen, row);
}

/* ---- how it goes ---- */

static void write_time(double seconds, char text[32]) {
    if (seconds < 90)
        snprintf(text, 32, "%.0f s", ceil(seconds));
    else if (seconds < 5400)
        snprintf(text, 32, "%.0f min", ceil(seconds / 60));
    else
        snprintf(text, 32, "%.1f h", seconds / 3600);
}

/* What is being done, in words. */
static void say_state(const fs_screen *screen, char *text, size_t size) {
    const fs_finetune_view *view = &screen->finetune;
    const fs_training_news *news = view->news;
    if (view->map_error[0] != '\0')
        snprintf(text, size, "%s", view->map_error);
    else if (view->generation == 0)
        snprintf(text, size, "Ready: choose the layers to unfreeze, then start");
    else if (news == NULL)
        snprintf(text, size, "Preparing");
    else if (news->phase == FS_TRAINING_FAILED)
        snprintf(text, size, "%s", news->error);
    else if (news->phase == FS_TRAINING_OVER && news->label[0] == '\0')
        snprintf(text, size, "The recipe is over: the best epoch is kept");
    else if (news->phase == FS_TRAINING_STOPPED && news->label[0] == '\0')
        snprintf(text, size, "Stopped: the best epoch is kept");
    else if (news->phase == FS_TRAINING_PAUSED)
        snprintf(text, size, "Paused%s%s", news->label[0] != '\0' ? ": " : "", news->label);
    else if (view->pausing)
        snprintf(text, size, "Pausing after this step");
    else if (news->place.joint && news->label[0] != '\0')
        snprintf(text, size, "Joint training: %s", news->label);
    else if (news->label[0] != '\0')
        snprintf(text, size, "%c%s", news->label[0] >= 'a' ? news->label[0] - 32 : news->label[0],
                 news->label + 1);
    else
        snprintf(text, size, "Getting the next epoch ready");
}

/* "214 pictures a second, 12 s left in this stage" */
static void say_speed(const fs_screen *screen, char *text, size_t size) {
    const fs_training_news *news = screen->finetune.news;
    char time[32];
    text[0] = '\0';
    if (news == NULL || news->phase != FS_TRAINING_RUNNING || news->rate <= 0 || news->total <= 0)
        return;
    const int n = snprintf(text, size, "%.*f pictures/s", news->rate < 10 ? 1 : 0, news->rate);
    if (!isfinite(news->eta) || n < 0 || (size_t)n >= size)
        return;
    write_time(news->eta, time);
    snprintf(text + n, size - (size_t)n, " \u00b7 stage ends in %s", time);
}

void fs_view_finetune_progress(const fs_screen *screen, fs_rect rect) {
    const fs_ui *ui = &screen->ui;
    const fs_finetune_view *view = &screen->finetune;
    const fs_training_news *news = view->news;
    const bool wrong = view->map_error[0] != '\0' || (news != NULL && news->phase == FS_TRAINING_FAILED);
    char state[FS_ERROR_MESSAGE_SIZE + 32], speed[96];
    say_state(screen, state, sizeof state);
    say_speed(screen, speed, sizeof speed);
    fs_rect bar = fs_rect_cut_bottom(&rect, 3);
    fs_fill_rounded(ui->canvas, bar, 1.5, ui->theme->raised);
    bar.w *= news != NULL && news->total > 0 && !wrong ? fmin(1, news->done / news->total) : 0;
    if (bar.w > 0)
        fs_fill_rounded(ui->canvas, bar, 1.5, ui->theme->accent);
    fs_rect_cut_bottom(&rect, 4);
    fs_text_style right = {.size = 12, .colour = ui->theme->dim, .align = FS_ALIGN_RIGHT};
    if (speed[0] != '\0') {
        fs_draw_text(ui->canvas, fs_rect_cut_right(&rect, ceil(fs_text_width(ui->canvas, speed, &right)) + 2),
                     speed, &right);
        fs_rect_cut_right(&rect, 12);
    }
    const fs_text_style left = {.size = 12.5, .colour = wrong ? ui->theme->on_error : ui->theme->text};
    fs_draw_text(ui->canvas, rect, state, &left);
}

/* ---- curves ---- */

static int planned_epochs(const fs_screen *screen) {
    const fs_finetune_view *view = &screen->finetune;
    return (int)view->head_epochs + (has_joint_stage(screen) ? (int)view->joint_epochs : 0);
}

/* As the chart takes them. */
static bool copy_curves(const fs_training_news *news, fs_curves_epoch **epochs, fs_live_point **points) {
    *epochs = fs_alloc_array((size_t)news->n_rows + 1, sizeof **epochs);
    *points = fs_alloc_array((size_t)news->n_points + 1, sizeof **points);
    if (*epochs == NULL || *points == NULL)
        return false;
    for (int i = 0; i < news->n_rows; i++) {
        const fs_log_row *r = &news->rows[i];
        (*epochs)[i] =
            (fs_curves_epoch){r->stage, r->train_loss, r->val_loss, r->train_accuracy, r->val_accuracy};
    }
    for (int i = 0; i < news->n_points; i++)
        (*points)[i] = (fs_live_point){(double)news->points[i].epoch, (double)news->points[i].loss,
                                       (double)news->points[i].accuracy};
    return true;
}

void fs_view_finetune_curves(const fs_screen *screen, fs_rect rect) {
    const fs_ui *ui = &screen->ui;
    const fs_training_news *news = screen->finetune.news;
    fs_live_curves curves = {.length = planned_epochs(screen), .best = -1};
    fs_curves_epoch *epochs = NULL;
    fs_live_point *points = NULL;
    if (news != NULL && copy_curves(news, &epochs, &points)) {
        curves.epochs = epochs;
        curves.n_epochs = news->n_rows;
        curves.points = points;
        curves.n_points = news->n_points;
        curves.best = news->best;
    }
    const fs_rect legend = fs_rect_cut_top(&rect, 18);
    fs_live_curves_legend(ui->canvas, legend);
    const fs_rect loss = fs_rect_cut_top(&rect, floor(rect.h / 2));
    fs_live_curves_draw(ui->canvas, loss, &curves, FS_LIVE_LOSS);
    fs_live_curves_draw(ui->canvas, rect, &curves, FS_LIVE_ACCURACY);
    fs_free(epochs);
    fs_free(points);
}

/* ---- all of it ---- */

void fs_view_finetune(fs_screen *screen, const fs_layout *layout) {
    fs_ui *ui = &screen->ui;
    fs_finetune_view *view = &screen->finetune;
    static const char *const tabs[] = {"Recipe", "Filters", "CKA", "Kernels", NULL};
    static void (*const sides[])(fs_screen *, fs_rect) = {fs_view_finetune_recipe, fs_view_finetune_filters,
                                                          fs_view_finetune_cka, fs_view_finetune_kernels};
    const fs_finetune_layout parts = fs_finetune_layout_make(layout->body);
    data_row(screen, parts.data);
    buttons(screen, parts.buttons);
    (void)fs_ui_tabs(ui, FS_UI_ID(FS_ID_FINETUNE, FS_FINETUNE_TABS), parts.tabs, tabs, &view->tab);
    sides[view->tab](screen, parts.side);
    if (!fs_ui_drawing(ui))
        return;
    fs_view_finetune_steps(screen, parts.steps);
    fs_view_finetune_progress(screen, parts.progress);
    fs_view_finetune_curves(screen, parts.curves);
}
