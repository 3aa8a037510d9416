/* The window: SDL on one side, the screen and its worker on the other.
 *
 *     fs_window_options options = fs_window_options_default();
 *     options.model = "squeezenet1_0.onnx";
 *     status = fs_window_run(&options, &err);     // returns when the window is closed
 *
 * Must be called on the main thread. An idle window uses no processor time. */
#ifndef FS_UI_WINDOW_H
#define FS_UI_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct fs_window_options {
    const char *model;         /* a path; NULL shows how to give one */
    const char *layer;         /* to begin with; NULL: the first */
    const char *export_folder; /* NULL: the current one */
    const char *images;        /* folder of pictures for examples; NULL: one may be dropped on the window */
    const char *data;          /* folder of pictures to train on; NULL: likewise */
    const char *session;       /* restored where it is there, and saved to; NULL: a usual name to save to */
    bool lesson;               /* begin in class mode */
    uint64_t seed;
    int threads;       /* 0: one per core */
    int width, height; /* of the window, logical pixels; 0: as it was, or 1280 x 800 */
    double scale;      /* device pixels for each logical one; 0: as it was, or as the display says */
    int theme;         /* fs_theme_choice; -1: as it was */
    /* Where size, theme, scale and files that were opened are kept from run to run; NULL: nowhere. */
    const char *settings_file;
    bool frame_stats; /* tell how long frames took at the end */
    /* Receives the line of frame_stats; NULL: nobody. */
    void (*report)(void *context, const char *line);
    void *report_context;
} fs_window_options;

fs_window_options fs_window_options_default(void);

/* Fails when no window can be opened. A model that cannot be read is shown in the window instead. */
fs_status fs_window_run(const fs_window_options *options, fs_error *err);

#endif
