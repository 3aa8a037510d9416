/* Pictures from the clipboard and to it. */
#include <string.h>

#include "app/pasted_path.h"
#include "app/worker_clipboard.h"
#include "base/alloc.h"
#include "base/file.h"
#include "ui/screen_private.h"

static char *clipboard_text(const fs_screen *screen) {
    const fs_ui_clipboard *clipboard = &screen->options.clipboard;
    return clipboard->read != NULL ? clipboard->read(clipboard->context) : NULL;
}

static bool is_a_file(const char *text) {
    char path[FS_OPTION_TEXT_SIZE];
    return fs_pasted_path(path, sizeof path, text, NULL) == FS_OK && fs_file_exists(path);
}

/* The text beside a picture is often the address it was copied from: only that of a file is preferred. */
void fs_screen_paste_picture(fs_screen *screen) {
    char *text = clipboard_text(screen);
    if (text != NULL && is_a_file(text)) {
        fs_screen_look_at(screen, text);
    } else {
        screen->pasting = fs_worker_paste(screen->worker);
        if (screen->pasting == 0)
            fs_screen_say(screen, true, "The clipboard's picture: out of memory");
    }
    fs_free(text);
}

void fs_screen_copy_picture(fs_screen *screen) {
    const fs_channel_view *view = &screen->view;
    if (!view->open || view->picture == NULL) {
        fs_screen_say(screen, false, "Open a channel first: its picture is what is copied");
        return;
    }
    fs_export_request request = {
        .model = screen->model, .picture = view->picture, .settings = view->settings};
    request.settings.steps = view->picture->steps;
    if (fs_worker_copy(screen->worker, &request) == 0)
        fs_screen_say(screen, true, "The picture cannot be copied: out of memory");
}

/* A clipboard without a picture: what its text says is wrong with it. */
static void explain(fs_screen *screen, const fs_error *error) {
    char *text = clipboard_text(screen);
    if (text != NULL && *text != '\0')
        fs_screen_look_at(screen, text);
    else
        fs_screen_say(screen, true, "%s", error->message);
    fs_free(text);
}

bool fs_screen_clipboard_event(fs_screen *screen, const fs_event *event) {
    const bool pasted = screen->pasting != 0 && event->generation == screen->pasting;
    if (pasted)
        screen->pasting = 0;
    if (event->kind == FS_EVENT_DONE)
        fs_screen_say(screen, false, "The picture is on the clipboard");
    else if (event->kind == FS_EVENT_FAILED && pasted)
        explain(screen, &event->error);
    else if (event->kind == FS_EVENT_FAILED && event->error.code != FS_ERROR_CANCELLED)
        fs_screen_say(screen, true, "%s", event->error.message);
    else if (pasted && screen->picture.open)
        fs_screen_look_at(screen, event->path);
    else
        return false;
    return true;
}
