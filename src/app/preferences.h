/* What the window keeps from one run to the next: where it was, how it looks, what was opened last.
 *
 *     fs_preferences preferences;
 *     status = fs_preferences_read(&preferences, path, &err);      // defaults where the file is damaged
 *     fs_recent_add(&preferences.models, "/home/a/squeezenet1_0.onnx");
 *     fs_preferences_write(&preferences, path, &err);              // whole or not at all
 *
 * A plain value; any thread. The file is JSON:
 *     {"format": 1, "theme": "system", "scale": 0, "window": {"x": 0, "y": 0, "width": 1280, "height": 800,
 *      "maximised": false}, "models": ["/..."], "folders": ["/..."]} */
#ifndef FS_APP_PREFERENCES_H
#define FS_APP_PREFERENCES_H

#include "base/option.h"

enum { FS_RECENT_COUNT = 8 };

typedef enum fs_theme_choice {
    FS_THEME_SYSTEM, /* as the desktop has it; dark where that is not known */
    FS_THEME_DARK,
    FS_THEME_LIGHT
} fs_theme_choice;
extern const char *const fs_theme_choices[]; /* their names, ended by a NULL */

/* The newest first. */
typedef struct fs_recent {
    int n;
    char paths[FS_RECENT_COUNT][FS_OPTION_TEXT_SIZE];
} fs_recent;

typedef struct fs_preferences {
    int theme;         /* fs_theme_choice */
    double scale;      /* of everything, 1 to 3; 0: as the display says */
    bool placed;       /* x and y are known */
    int x, y;          /* of the window, in units of the desktop */
    int width, height; /* 0: not known */
    bool maximised;
    fs_recent models, folders; /* absolute paths; folders are of pictures */
} fs_preferences;

void fs_preferences_default(fs_preferences *out);
/* *out is set in any case. No file is no error; one that cannot be read, or is none of ours, gives defaults
 * and FS_ERROR_FORMAT or _IO. What is out of its range in a good file is left at its default. */
fs_status fs_preferences_read(fs_preferences *out, const char *path, fs_error *err);
/* Makes the folder, too. */
fs_status fs_preferences_write(const fs_preferences *preferences, const char *path, fs_error *err);

/* To the front, as an absolute path; one that is there already moves. What cannot be written down (it is no
 * UTF-8, too long, or part of the program itself) is left out. True when the list has changed. */
bool fs_recent_add(fs_recent *recent, const char *path);

#endif
