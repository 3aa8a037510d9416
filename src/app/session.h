/* A session: what the window shows and every setting of it, as a file (docs/formats.md).
 *
 *     fs_session session;
 *     fs_session_init(&session);                            // as the window begins
 *     status = fs_session_write(&session, "lesson.json", &err);
 *     status = fs_session_read(&session, "lesson.json", &err);
 *     fs_session_free(&session);
 *
 * Each part is a table of options (base/option.h): reader, writer and documentation follow from it. A view
 * that is to be remembered has its settings in one of the tables, or a table of its own in fs_session_parts.
 *
 * No byte of a file is trusted: what is read lies within the tables' ranges, whatever the model makes of it.
 * Written, read and written again the bytes are the same. Values; one thread at a time for each. */
#ifndef FS_APP_SESSION_H
#define FS_APP_SESSION_H

#include "app/occlusion.h"
#include "viz/render.h"

enum {
    FS_SESSION_MAX_BYTES = 4 << 20,
    FS_SESSION_MAX_UNFROZEN = 4096,
    FS_SESSION_MAX_RUNS = 1 << 17, /* of pixels that are covered */
    FS_SESSION_MAX_SIDE = 1 << 16, /* of a picture in which they lie */
    FS_SESSION_FORMAT = 1
};

typedef enum fs_session_view_kind {
    FS_SESSION_WALL,
    FS_SESSION_CHANNEL,
    FS_SESSION_GABOR,
    FS_SESSION_FINETUNE,
    FS_SESSION_PICTURE
} fs_session_view_kind;

typedef struct fs_session_window {
    char model[FS_OPTION_TEXT_SIZE], layer[FS_OPTION_TEXT_SIZE]; /* empty: none */
    int channel;
    int view;     /* fs_session_view_kind */
    bool in_wall; /* the arrow keys move there, rather than in the list of layers */
    double list_scroll, wall_scroll, wall_zoom;
    uint64_t seed;
    int lesson; /* stop of the class mode, from 1; 0: it is off */
    bool notes; /* for who speaks, shown in class mode */
} fs_session_window;

/* Beside an open channel. */
typedef struct fs_session_panels {
    int tab;      /* 0: the settings, then a panel each */
    int variants; /* index of the number */
    char images[FS_OPTION_TEXT_SIZE], photograph[FS_OPTION_TEXT_SIZE];
    int examples;       /* fs_examples_which */
    bool own_threshold; /* rather than the usual one */
    double threshold;
    int method; /* fs_attribution_method */
    bool explain_class;
    int stimulus;    /* fs_stimulus_kind */
    bool weights_to; /* rather than from, where there is room for one */
    double settings_scroll;
} fs_session_panels;

typedef struct fs_session_gabor {
    bool effective;
    int null_fits;
    int kernel;                                      /* -1: the sliders say nothing */
    double lambda, theta, psi, sigma, gamma, x0, y0; /* of the sliders, as in fs_gabor */
    double scroll;
    bool substitute, substitute_all;
} fs_session_gabor;

typedef struct fs_session_finetune {
    char data[FS_OPTION_TEXT_SIZE], folder[FS_OPTION_TEXT_SIZE];
    int head_epochs, joint_epochs;
    double head_rate, joint_rate;
    int look_side, look_steps;
    int tab;
    char watched[FS_OPTION_TEXT_SIZE]; /* layer whose filters are looked at; empty: all */
    double scroll;                     /* of the switches */
} fs_session_finetune;

/* Its picture and folder are those of the panels. */
typedef struct fs_session_picture {
    int tab;
    int overlay; /* 0: none; else 1 + fs_attribution_method */
    double opacity;
    int class_index; /* to explain; -1: the likeliest */
    double brush;    /* the side of its square, a share of the picture's */
    bool has_place;
    double x, y; /* the place, pixels of what the network sees */
} fs_session_picture;

typedef struct fs_session {
    fs_session_window window;
    fs_render_settings render;
    fs_session_panels panels;
    fs_session_gabor gabor;
    fs_session_finetune finetune;
    fs_session_picture picture;
    bool has_unfrozen; /* false: as the window chooses for the model */
    char **unfrozen;   /* layers whose switch is on; fs_free each */
    int n_unfrozen;
    fs_occlusion_run *covered; /* of the picture, as fs_occlusion_runs has them; fs_free */
    int n_covered;
} fs_session;

/* A part of the document: its key, what is in it, where it lies in fs_session. Ended by a NULL key. */
typedef struct fs_session_part {
    const char *key;
    const fs_option *fields;
    size_t offset;
} fs_session_part;
extern const fs_session_part fs_session_parts[];

void fs_session_init(fs_session *session);
void fs_session_free(fs_session *session); /* the session is as after init */
fs_status fs_session_add_unfrozen(fs_session *session, const char *layer, fs_error *err);
/* Room for n runs, which the caller fills; none may be there yet. */
fs_status fs_session_make_covered(fs_session *session, int n, fs_error *err);
/* What was in `out` is not freed; on failure it is as after init. */
fs_status fs_session_copy(fs_session *out, const fs_session *session, fs_error *err);

/* The document, NUL terminated; fs_free. */
fs_status fs_session_text(char **out, size_t *length, const fs_session *session, fs_error *err);
fs_status fs_session_write(const fs_session *session, const char *path, fs_error *err);

/* *out is written on success only: what was in it is freed first. Errors name the key. */
fs_status fs_session_parse(fs_session *out, const char *text, size_t length, fs_error *err);
fs_status fs_session_read(fs_session *out, const char *path, fs_error *err);

#endif
