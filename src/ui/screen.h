/* What the window shows and how it answers, without the window: state, requests to the worker, views.
 *
 *     fs_screen_create(&screen, &options, worker, &err);
 *     fs_screen_resize(screen, 1280, 800, 1);
 *     redraw |= fs_screen_event(screen, &event);      // from the worker
 *     redraw |= fs_screen_input(screen, &input);      // from the user
 *     fs_screen_draw(screen, cr);
 *
 * The worker and the strings of the options are borrowed. One thread; nothing here computes or waits. */
#ifndef FS_UI_SCREEN_H
#define FS_UI_SCREEN_H

#include "app/preferences.h"
#include "app/worker.h"
#include "ui/damage.h"
#include "ui/ui.h"

typedef struct fs_screen_options {
    const char *layer;         /* the one to begin with, by any name fs_model_layer takes; NULL: the first */
    const char *export_folder; /* NULL: the current one */
    const char *images;        /* folder of pictures for examples; NULL: none yet */
    const char *data;          /* folder of pictures to train on; NULL: none yet */
    const char *session;       /* where Ctrl+S saves to; NULL: a usual name in the folder for exports */
    bool lesson;               /* begin in class mode */
    uint64_t seed;
    int threads; /* of the worker, for command lines; 0: one per core */
    fs_ui_clipboard clipboard;
    const fs_preferences *preferences; /* copied; NULL: the usual ones */
    const char *notice;                /* to be said once the first model is there; NULL: nothing */
    int theme;                         /* fs_theme_choice, for this run */
    bool system_is_light;              /* what FS_THEME_SYSTEM stands for */
    double zoom;                       /* the scale that is wanted for this run; 0: as the display says */
} fs_screen_options;

typedef struct fs_screen fs_screen;

fs_status fs_screen_create(fs_screen **out, const fs_screen_options *options, fs_worker *worker,
                           fs_error *err);
void fs_screen_destroy(fs_screen *screen);

/* Has the worker load a model; the one on the screen stays until the new one is there. */
void fs_screen_open(fs_screen *screen, const char *path);
/* What a file of fs_session says; with the model it names. From then on Ctrl+S saves to that file. */
/* False, with a message, when it cannot be read. */
bool fs_screen_open_session(fs_screen *screen, const char *path);
/* What was dropped on the window: a folder of pictures, a picture, a session, or a model. */
void fs_screen_drop(fs_screen *screen, const char *path);
/* Logical pixels, and device pixels for each of them. */
void fs_screen_resize(fs_screen *screen, double width, double height, double scale);

/* The scale that is wanted, which the window may be too small for; 0: as the display says. */
double fs_screen_zoom(const fs_screen *screen);
/* What is to be kept for the next run. True when it has changed since this was asked last. */
bool fs_screen_preferences(fs_screen *screen, fs_preferences *out);
/* Seconds until it wants another pass of input, should nothing happen; negative: it can wait for ever. */
double fs_screen_wait(const fs_screen *screen);

/* Both are true when the screen should be drawn anew. */
bool fs_screen_event(fs_screen *screen, const fs_event *event);
bool fs_screen_input(fs_screen *screen, const fs_ui_input *input);

/* Where it should be, since this was asked last. */
fs_damage fs_screen_take_damage(fs_screen *screen);

void fs_screen_draw(fs_screen *screen, cairo_t *cr); /* cr in device pixels; it may be clipped */
bool fs_screen_quit(const fs_screen *screen);        /* the user wants to leave */
bool fs_screen_wants_full(const fs_screen *screen);  /* all of the display: class mode */
/* A line in the message bar; errors look like errors. */
void fs_screen_say(fs_screen *screen, bool is_error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
