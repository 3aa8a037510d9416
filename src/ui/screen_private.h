/* The state behind fs_screen, shared by its views; nobody else includes this. */
#ifndef FS_UI_SCREEN_PRIVATE_H
#define FS_UI_SCREEN_PRIVATE_H

#include "ui/layout.h"
#include "ui/screen.h"
#include "ui/thumbs.h"

enum { FS_CURVE_POINTS = 512, FS_KEPT_VIEWS = 24 };

/* Kinds of widget identities. */
enum { FS_ID_LAYER = 1, FS_ID_LAYER_SCROLL, FS_ID_TILE, FS_ID_WALL_SCROLL, FS_ID_BUTTON, FS_ID_OVERLAY };
enum {
    FS_BUTTON_HELP,
    FS_BUTTON_EXPORT,
    FS_BUTTON_BACK,
    FS_BUTTON_PREVIOUS,
    FS_BUTTON_NEXT,
    FS_BUTTON_DISMISS
};

typedef enum fs_focus { FS_FOCUS_LAYERS, FS_FOCUS_WALL } fs_focus;

/* A line of the list: a layer, or the heading of a level. */
typedef struct fs_list_row {
    int layer; /* -1: a heading */
    fs_level level;
    const char *label; /* the layer's name, or what it adds to the name of its module */
    bool inner;        /* part of the module above */
    double y, height;
} fs_list_row;

/* The objective from step to step. */
typedef struct fs_curve {
    int n;
    float step[FS_CURVE_POINTS], value[FS_CURVE_POINTS];
} fs_curve;

typedef struct fs_channel_view {
    bool open;
    uint64_t generation; /* of the running request; 0 when there is none */
    fs_render_settings settings;
    fs_picture *picture; /* NULL until the first comes */
    fs_curve curve;
    cairo_surface_t *surface; /* of surface_of, surface_side pixels wide */
    fs_picture *surface_of;
    int surface_side;
} fs_channel_view;

/* A finished view, so that coming back to a channel costs nothing. */
typedef struct fs_kept_view {
    fs_picture *picture;
    fs_render_settings settings;
    fs_curve curve;
} fs_kept_view;

/* What was last asked of the worker for the wall. */
typedef struct fs_wall_state {
    uint64_t generation;
    int layer, first, last; /* rows visible then; layer -1: nothing was asked */
    bool full_size;
    double rate; /* channels a second */
} fs_wall_state;

typedef struct fs_message {
    bool shown, is_error;
    char text[FS_ERROR_MESSAGE_SIZE + 64];
} fs_message;

struct fs_screen {
    fs_screen_options options;
    fs_worker *worker;
    fs_canvas *canvas;
    fs_ui ui;
    double width, height, scale;

    fs_shared_model *model; /* NULL before one is loaded */
    uint64_t loading;       /* generation of the newest load; 0: none */
    char loading_name[FS_OPTION_TEXT_SIZE];

    fs_list_row *rows;
    int n_rows;
    double list_height;
    bool *full_size; /* a layer that small pictures do not reach */
    bool *hopeless;  /* a layer that cannot be rendered at all */
    fs_thumbs *thumbs;

    int layer, channel; /* the selection */
    fs_focus focus;
    double list_offset, wall_offset;
    fs_wall_state wall;
    fs_channel_view view;
    fs_kept_view kept[FS_KEPT_VIEWS];
    int next_kept;
    fs_message message;
    bool help, quit;
};

/* screen.c */
const fs_layer *fs_screen_layer(const fs_screen *screen);
fs_layout fs_screen_layout(const fs_screen *screen);
void fs_screen_select_layer(fs_screen *screen, int layer);
void fs_screen_select_channel(fs_screen *screen, int channel);

/* screen_rows.c */
fs_status fs_screen_make_rows(fs_screen *screen, fs_error *err);
int fs_screen_row_of_layer(const fs_screen *screen, int layer);
void fs_screen_move_layer(fs_screen *screen, int step);

/* screen_requests.c: what is asked of the worker */
fs_render_settings fs_screen_settings(const fs_screen *screen, int layer, int channel);
void fs_screen_request_wall(fs_screen *screen);
void fs_screen_open_channel(fs_screen *screen, int channel);
void fs_screen_close_channel(fs_screen *screen);
bool fs_screen_retry_view(fs_screen *screen); /* at the model's own size; false: it was tried */
void fs_screen_export(fs_screen *screen);
void fs_screen_keep_view(fs_screen *screen);
void fs_screen_drop_views(fs_screen *screen);
void fs_curve_add(fs_curve *curve, int step, double value);

/* screen_keys.c */
void fs_screen_key(fs_screen *screen, fs_key key);

/* Views: called in both passes. */
void fs_view_chrome(fs_screen *screen, const fs_layout *layout);
void fs_view_layers(fs_screen *screen, const fs_layout *layout);
void fs_view_wall(fs_screen *screen, const fs_layout *layout);
void fs_view_channel(fs_screen *screen, const fs_layout *layout);
void fs_view_welcome(fs_screen *screen, const fs_layout *layout);
void fs_view_help(fs_screen *screen, const fs_layout *layout);

#endif
