/* `filterscope [MODEL]`: part of the program rather than of the app library, which knows no window. */
#include <stdio.h>
#include <string.h>

#include "app/cmd_window.h"
#include "app/model_path.h"
#include "base/alloc.h"
#include "ui/window.h"

typedef struct settings {
    char layer[FS_OPTION_TEXT_SIZE], folder[FS_OPTION_TEXT_SIZE], images[FS_OPTION_TEXT_SIZE],
        data[FS_OPTION_TEXT_SIZE], session[FS_OPTION_TEXT_SIZE];
    int width, height;
    double scale;
    bool frame_stats, lesson;
} settings;

static const fs_option options[] = {
    FS_OPTION_LAYER(settings, layer, "layer", "", "layer to begin with"),
    FS_OPTION_FOLDER(settings, folder, "export-folder", "",
                     "where exported pictures go (default: the current folder)"),
    FS_OPTION_FOLDER(settings, images, "images", "",
                     "folder of photographs for examples, attribution and activations"),
    FS_OPTION_FOLDER(settings, data, "data", "",
                     "folder of pictures to fine-tune on, a folder in it for each class"),
    FS_OPTION_FILE(settings, session, "session", "",
                   "file to restore the window from, and to save it to with Ctrl+S"),
    FS_OPTION_BOOL(settings, lesson, "class", "begin in class mode: a tour of the network, full screen"),
    FS_OPTION_INT(settings, width, "width", 900, 16384, "1280", "width of the window"),
    FS_OPTION_INT(settings, height, "height", 600, 16384, "800", "height of the window"),
    FS_OPTION_DOUBLE(settings, scale, "scale", 0, 4, "0",
                     "size of everything, 1 to 3; 0: as the display says"),
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

static fs_status open_window(fs_call *call, const char *model, fs_error *err) {
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
    window.frame_stats = s->frame_stats;
    window.report = print_line;
    return fs_window_run(&window, err);
}

static fs_status run(fs_call *call, fs_error *err) {
    char *model = NULL;
    fs_status status = find_model(call, &model, err);
    if (status == FS_OK)
        status = open_window(call, model, err);
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
