/* `filterscope [MODEL]`: part of the program rather than of the app library, which knows no window. */
#include <stdio.h>
#include <string.h>

#include "app/cmd_window.h"
#include "app/model_path.h"
#include "app/preferences.h"
#include "app/user_folders.h"
#include "base/alloc.h"
#include "base/text.h"
#include "ui/layout.h"
#include "ui/window.h"

typedef struct settings {
    char layer[FS_OPTION_TEXT_SIZE], folder[FS_OPTION_TEXT_SIZE], images[FS_OPTION_TEXT_SIZE],
        data[FS_OPTION_TEXT_SIZE], session[FS_OPTION_TEXT_SIZE];
    int width, height, theme;
    double scale;
    bool frame_stats, last, lesson;
} settings;

static const char *const themes[] = {"kept", "system", "dark", "light", NULL};

static const fs_option options[] = {
    FS_OPTION_LAYER(settings, layer, "layer", "", "layer to begin with"),
    FS_OPTION_FOLDER(settings, folder, "export-folder", "",
                     "where exported pictures go (default: the current folder)"),
    FS_OPTION_FOLDER(settings, images, "images", "",
                     "folder of photographs for examples, attribution, activations and the Picture view"),
    FS_OPTION_FOLDER(settings, data, "data", "",
                     "folder of pictures to fine-tune on, a folder in it for each class"),
    FS_OPTION_FILE(settings, session, "session", "",
                   "file to restore the window from, and to save it to with Ctrl+S"),
    FS_OPTION_BOOL(settings, lesson, "class", "begin in class mode: a tour of the network, full screen"),
    FS_OPTION_INT(settings, width, "width", 0, 16384, "0",
                  "width of the window, 900 or more; 0: as it was, or 1280"),
    FS_OPTION_INT(settings, height, "height", 0, 16384, "0",
                  "height of the window, 600 or more; 0: as it was, or 800"),
    FS_OPTION_DOUBLE(settings, scale, "scale", 0, 3, "0",
                     "size of everything, 1 to 3; 0: as it was, or as the display says"),
    FS_OPTION_CHOICE(settings, theme, "theme", themes, "kept",
                     "colours; kept: as they were, at first the system's"),
    FS_OPTION_BOOL(settings, last, "last", "open the model that was opened last"),
    FS_OPTION_BOOL(settings, frame_stats, "frame-stats", "print how long frames took when the window closes"),
    FS_OPTION_END};

static void print_line(void *context, const char *line) {
    (void)context;
    puts(line);
}

/* A word that is no command was perhaps meant as one. */
static fs_status find_model(fs_call *call, char **out, fs_error *err) {
    const char *chosen = call->n_positional ? call->positional[0] : call->common.model;
    fs_status status = fs_model_path_find(out, chosen, err);
    if (status != FS_ERROR_NOT_FOUND)
        return status;
    return fs_call_usage(call, err, "'%s' is neither a command nor a model", chosen);
}

static fs_status check(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    if ((s->width > 0 && s->width < FS_LAYOUT_MIN_WIDTH) ||
        (s->height > 0 && s->height < FS_LAYOUT_MIN_HEIGHT))
        return fs_call_usage(call, err, "the window is at least %d by %d", FS_LAYOUT_MIN_WIDTH,
                             FS_LAYOUT_MIN_HEIGHT);
    if (s->scale > 0 && s->scale < 1)
        return fs_call_usage(call, err, "--scale is 0, or 1 to 3");
    if (s->last && (call->n_positional > 0 || *call->common.model))
        return fs_call_usage(call, err, "--last and a model exclude each other");
    return FS_OK;
}

/* NULL where the user has no folder for settings: then nothing is kept. */
static char *settings_path(void) {
    char *folder = NULL;
    fs_text path = {0};
    if (fs_config_folder(&folder, NULL) != FS_OK)
        return NULL;
    fs_text_add(&path, "%s/window.json", folder);
    fs_free(folder);
    if (fs_text_broken(&path))
        fs_text_free(&path);
    return path.bytes;
}

/* With --last; the default model where none was opened before. */
static fs_status find_last(char **out, const char *file, fs_error *err) {
    fs_preferences kept;
    fs_preferences_default(&kept);
    if (file != NULL)
        (void)fs_preferences_read(&kept, file, NULL); /* the window says what is wrong with it */
    if (kept.models.n == 0)
        return fs_model_path_find(out, "", err);
    *out = fs_strdup(kept.models.paths[0]);
    return *out != NULL ? FS_OK : fs_fail_memory(err, "a file name");
}

static fs_status open_window(fs_call *call, const char *model, const char *kept, fs_error *err) {
    const settings *s = call->settings;
    fs_window_options window = fs_window_options_default();
    window.model = model;
    window.layer = *s->layer ? s->layer : NULL;
    window.export_folder = *s->folder ? s->folder : NULL;
    window.images = *s->images ? s->images : NULL;
    window.data = *s->data ? s->data : NULL;
    window.session = *s->session ? s->session : NULL;
    window.lesson = s->lesson;
    window.seed = call->common.seed;
    window.threads = call->common.threads;
    window.width = s->width;
    window.height = s->height;
    window.scale = s->scale;
    window.theme = s->theme - 1; /* the first choice is to keep it */
    window.settings_file = kept;
    window.frame_stats = s->frame_stats;
    window.report = print_line;
    return fs_window_run(&window, err);
}

static fs_status run(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    char *model = NULL, *kept = settings_path();
    fs_status status = check(call, err);
    if (status == FS_OK)
        status = s->last ? find_last(&model, kept, err) : find_model(call, &model, err);
    if (status == FS_OK)
        status = open_window(call, model, kept, err);
    fs_free(kept);
    fs_free(model);
    return status;
}

const fs_command fs_command_window = {.name = "",
                                      .arguments = "[MODEL] [options]",
                                      .summary = "opens the window",
                                      .options = options,
                                      .settings_size = sizeof(settings),
                                      .max_positional = 1,
                                      .positional = FS_OPTION_MEANS_MODEL,
                                      .example = "--images photographs squeezenet1.1",
                                      .run = run};
