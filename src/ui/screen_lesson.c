/* Class mode: a lesson's stops, one after another, full screen. */
#include <math.h>

#include "app/worker_pictures.h"
#include "base/alloc.h"
#include "ui/screen_private.h"

/* The room that class mode is drawn for: larger windows show it larger, whatever their scale. */
static const double room_width = 1100, room_height = 688;

/* Few epochs, few shuffled kernels: the class watches and waits. */
enum { HEAD_EPOCHS = 8, JOINT_EPOCHS = 3, NULL_FITS = 40 };

void fs_screen_fit(fs_screen *screen) {
    double zoom = 1;
    if (screen->lesson.on)
        zoom = fmax(0.1, fmin(screen->window_width / room_width, screen->window_height / room_height));
    screen->lesson_zoom = zoom;
    screen->width = screen->window_width / zoom;
    screen->height = screen->window_height / zoom;
    screen->scale = screen->window_scale * zoom;
    fs_damage_all(&screen->damage);
}

const fs_lesson_stop *fs_screen_stop(const fs_screen *screen) {
    return &screen->lesson.lesson.stops[screen->lesson.stop];
}

/* ---- the second task ---- */

static void train(fs_screen *screen) {
    fs_finetune_view *view = &screen->finetune;
    if (screen->lesson.began || fs_screen_trains(screen) || view->map_error[0] != '\0')
        return;
    if (view->data.text[0] == '\0') {
        if (screen->lesson.pictures == 0)
            screen->lesson.pictures = fs_worker_draw_pictures(screen->worker);
        return;
    }
    screen->lesson.began = true;
    view->head_epochs = HEAD_EPOCHS;
    view->joint_epochs = JOINT_EPOCHS;
    fs_screen_begin_training(screen, false);
}

static bool is_about_training(const fs_screen *screen) {
    const fs_lesson_kind kind = fs_screen_stop(screen)->kind;
    return kind == FS_LESSON_TRANSFER || kind == FS_LESSON_SHIFT;
}

bool fs_screen_lesson_event(fs_screen *screen, const fs_event *event) {
    if (event->generation != screen->lesson.pictures)
        return false;
    screen->lesson.pictures = 0;
    if (!screen->lesson.on)
        return false;
    if (event->kind == FS_EVENT_FAILED) {
        fs_screen_say(screen, true, "%s", event->error.message);
        return true;
    }
    if (screen->finetune.data.text[0] == '\0')
        fs_screen_use_pictures(screen, event->path);
    if (is_about_training(screen))
        train(screen);
    return true;
}

/* ---- from stop to stop ---- */

static void grow(fs_screen *screen, const fs_lesson_stop *stop) {
    fs_screen_select_layer(screen, stop->layer);
    screen->feature.tab = FS_TAB_RENDER;
    fs_screen_open_channel(screen, stop->channel);
}

void fs_screen_go_to_stop(fs_screen *screen, int stop) {
    if (!screen->lesson.on || stop < 0 || stop >= screen->lesson.lesson.n)
        return;
    screen->lesson.stop = stop;
    screen->message.shown = false;
    const fs_lesson_stop *at = fs_screen_stop(screen);
    if (at->kind == FS_LESSON_EDGES) {
        fs_screen_select_layer(screen, at->layer);
    } else if (at->kind == FS_LESSON_GABOR) {
        screen->feature.null_fits = NULL_FITS;
        fs_screen_open_gabor(screen);
    } else if (is_about_training(screen)) {
        fs_screen_open_finetune(screen);
        train(screen);
    } else {
        grow(screen, at);
    }
}

/* The kernel that is the clearest example: none at a bound, with an error of every parameter. */
static int clearest_kernel(const fs_analysis *analysis) {
    int best = -1;
    for (int k = 0; k < analysis->count; k++) {
        const fs_kernel_analysis *kernel = &analysis->kernels[k];
        bool fine = kernel->kind == FS_KERNEL_GABOR;
        for (int p = 0; p < FS_GABOR_PARAMETERS; p++)
            fine = fine && isfinite(kernel->fit.stderror[p]);
        if (fine && (best < 0 || kernel->fit.r2 > analysis->kernels[best].fit.r2))
            best = k;
    }
    return best;
}

/* Kernels of 3 x 3 pixels cannot be fitted; what deeper units see of the picture can. */
void fs_screen_mend_lesson(fs_screen *screen) {
    const fs_gabor_view *view = &screen->gabor;
    if (!screen->lesson.on || !view->open)
        return;
    const int kernel = view->study != NULL ? clearest_kernel(&view->study->analysis) : -1;
    if (kernel >= 0)
        fs_screen_select_kernel(screen, kernel);
    if (!view->refused || view->effective)
        return;
    if (fs_study_layer(screen->model->model, true) >= 0)
        fs_screen_request_gabor(screen, true);
}

/* ---- in and out ---- */

static bool remember(fs_screen *screen) {
    fs_error err = {0};
    fs_session *before = fs_alloc(sizeof *before);
    fs_status status = before != NULL ? FS_OK : fs_fail_memory(&err, "the lesson");
    if (status == FS_OK)
        status = fs_screen_capture(screen, before, &err);
    if (status != FS_OK) {
        if (before != NULL)
            fs_session_free(before);
        fs_free(before);
        fs_screen_say(screen, true, "%s", err.message);
        return false;
    }
    screen->lesson.before = before;
    return true;
}

void fs_screen_enter_lesson(fs_screen *screen, int stop) {
    fs_lesson_view *view = &screen->lesson;
    if (screen->model == NULL || view->on)
        return;
    fs_lesson_make(&view->lesson, screen->model->model);
    if (view->lesson.n == 0) {
        fs_screen_say(screen, false, "Class mode has nothing to show of this network");
        return;
    }
    if (!remember(screen))
        return;
    view->on = true;
    view->began = false;
    screen->help = false;
    fs_screen_close_views(screen);
    fs_screen_fit(screen);
    fs_screen_go_to_stop(screen, stop < view->lesson.n ? stop : 0);
}

void fs_screen_drop_lesson(fs_screen *screen) {
    fs_lesson_view *view = &screen->lesson;
    if (view->before != NULL)
        fs_session_free(view->before);
    fs_free(view->before);
    view->before = NULL;
    view->on = false;
    fs_screen_fit(screen);
}

/* A training that was begun goes on. */
void fs_screen_leave_lesson(fs_screen *screen) {
    fs_lesson_view *view = &screen->lesson;
    fs_error err = {0};
    if (!view->on)
        return;
    fs_session *before = view->before;
    before->window.notes = view->notes;
    view->before = NULL;
    view->on = false;
    fs_screen_fit(screen);
    if (fs_screen_apply(screen, before, &err) != FS_OK)
        fs_screen_say(screen, true, "%s", err.message);
    fs_session_free(before);
    fs_free(before);
}

/* ---- the keyboard ---- */

static void other_channel(fs_screen *screen, int step) {
    const int channel = screen->channel + step;
    if (screen->gabor.open)
        fs_screen_select_kernel(screen, screen->gabor.list.selected + step);
    else if (screen->view.open && channel >= 0 && channel < fs_screen_layer(screen)->channels)
        fs_screen_open_channel(screen, channel);
}

void fs_screen_key_in_lesson(fs_screen *screen, fs_key key) {
    fs_lesson_view *view = &screen->lesson;
    if (key == FS_KEY_ESCAPE)
        fs_screen_leave_lesson(screen);
    else if (key == FS_KEY_PAGE_DOWN || key == FS_KEY_RIGHT || key == FS_KEY_ENTER)
        fs_screen_go_to_stop(screen, view->stop + 1);
    else if (key == FS_KEY_PAGE_UP || key == FS_KEY_LEFT || key == FS_KEY_BACKSPACE)
        fs_screen_go_to_stop(screen, view->stop - 1);
    else if (key == FS_KEY_HOME)
        fs_screen_go_to_stop(screen, 0);
    else if (key == FS_KEY_END)
        fs_screen_go_to_stop(screen, view->lesson.n - 1);
    else if (key == FS_KEY_UP || key == FS_KEY_DOWN)
        other_channel(screen, key == FS_KEY_DOWN ? 1 : -1);
    else if (key == FS_KEY_UNDO && screen->gabor.open)
        fs_screen_undo_gabor(screen);
}

static void typed_in_training(fs_screen *screen, char letter) {
    if (letter == ' ')
        fs_screen_run_training(screen);
    else if (letter == 'n')
        fs_screen_step_training(screen);
}

void fs_screen_typed_in_lesson(fs_screen *screen, char letter) {
    if (letter == 't')
        screen->lesson.notes = !screen->lesson.notes;
    else if (screen->finetune.open)
        typed_in_training(screen, letter);
    else if (screen->gabor.open && letter == 's')
        fs_screen_snap_gabor(screen);
    else if (screen->view.open && letter == ' ')
        fs_screen_pause(screen);
    else if (screen->view.open && letter == 'r')
        fs_screen_restart(screen);
}
