/* The state behind fs_screen, shared by its views; nobody else includes this. */
#ifndef FS_UI_SCREEN_PRIVATE_H
#define FS_UI_SCREEN_PRIVATE_H

#include "app/freeze_map.h"
#include "app/lesson.h"
#include "app/search.h"
#include "app/session.h"
#include "app/worker_folder.h"
#include "app/worker_inspect.h"
#include "app/worker_panel.h"
#include "app/worker_study.h"
#include "app/worker_training.h"
#include "base/text.h"
#include "gabor/score.h"
#include "ui/layout.h"
#include "ui/option_controls.h"
#include "ui/panel_surfaces.h"
#include "ui/picture_places.h"
#include "ui/picture_surfaces.h"
#include "ui/screen.h"
#include "ui/thumbs.h"
#include "ui/training_surfaces.h"
#include "ui/widgets/curve.h"
#include "ui/widgets/list.h"
#include "ui/widgets/text_field.h"

enum { FS_KEPT_VIEWS = 24, FS_UNDO_STEPS = 24 };

/* Kinds of widget identities. */
enum {
    FS_ID_LAYER = 1,
    FS_ID_LAYER_SCROLL,
    FS_ID_TILE,
    FS_ID_WALL_SCROLL,
    FS_ID_BUTTON,
    FS_ID_OVERLAY,
    FS_ID_OBJECTIVE,
    FS_ID_TABS,
    FS_ID_OPTION,
    FS_ID_PANEL,
    FS_ID_GABOR,
    FS_ID_GABOR_LIST,
    FS_ID_FINETUNE,
    FS_ID_FREEZE_LIST,
    FS_ID_FILTER_LIST,
    FS_ID_CKA_LIST,
    FS_ID_KERNEL_LIST,
    FS_ID_PICTURE,
    FS_ID_CLASS_LIST,
    FS_ID_PLACE_LIST,
    FS_ID_FILE_LIST,
    FS_ID_MENU,
    FS_ID_RECENT,
    FS_ID_LESSON,
    FS_ID_WEIGHTS,
    FS_ID_GABOR_POINT,
    FS_ID_SEARCH,
    FS_ID_SEARCH_LIST,
    FS_ID_PANEL_LIST /* and one for each kind of panel after it */
};
enum {
    FS_BUTTON_HELP,
    FS_BUTTON_EXPORT,
    FS_BUTTON_BACK,
    FS_BUTTON_PREVIOUS,
    FS_BUTTON_NEXT,
    FS_BUTTON_DISMISS,
    FS_BUTTON_RENDER,
    FS_BUTTON_PAUSE,
    FS_BUTTON_RESTART,
    FS_BUTTON_UNDO,
    FS_BUTTON_DEFAULTS,
    FS_BUTTON_COPY,
    FS_BUTTON_STOP,
    FS_BUTTON_GABOR,
    FS_BUTTON_FINETUNE,
    FS_BUTTON_PICTURE,
    FS_BUTTON_MENU,
    FS_BUTTON_THEME,
    FS_BUTTON_DETAILS,
    FS_BUTTON_COPY_DETAILS,
    FS_BUTTON_CANCEL_EXPORT,
    FS_BUTTON_SEARCH
};

/* What FS_ID_WALL_SCROLL numbers beside the scroll bar. */
enum { FS_WALL_GROUND = 2 };

/* What FS_ID_GABOR numbers; sliders have the numbers of their parameters. */
enum {
    FS_GABOR_SNAP = FS_GABOR_PARAMETERS,
    FS_GABOR_UNDO,
    FS_GABOR_SCATTER,
    FS_GABOR_STOP, /* or try again */
    FS_GABOR_EFFECTIVE,
    FS_GABOR_REPLACE,
    FS_GABOR_REPLACE_WHICH,
    FS_GABOR_PICTURE_BEFORE,
    FS_GABOR_PICTURE_NEXT
};

/* What FS_ID_FINETUNE numbers. */
enum {
    FS_FINETUNE_DATA,
    FS_FINETUNE_RUN, /* begin, pause, go on */
    FS_FINETUNE_STEP,
    FS_FINETUNE_STOP,
    FS_FINETUNE_UNDO,
    FS_FINETUNE_FOLDER,
    FS_FINETUNE_SAVE,
    FS_FINETUNE_TABS,
    FS_FINETUNE_POLICY,
    FS_FINETUNE_HEAD_EPOCHS,
    FS_FINETUNE_JOINT_EPOCHS,
    FS_FINETUNE_WATCHED
};

/* What FS_ID_PICTURE numbers. */
enum {
    FS_PICTURE_PATH,
    FS_PICTURE_PASTE,
    FS_PICTURE_CANVAS,
    FS_PICTURE_OVERLAY,
    FS_PICTURE_OPACITY,
    FS_PICTURE_BRUSH,
    FS_PICTURE_UNDO,
    FS_PICTURE_CLEAR,
    FS_PICTURE_LIKELIEST,
    FS_PICTURE_TABS,
    FS_PICTURE_LAYERS
};

/* What FS_ID_LESSON numbers; stops come after the first. */
enum {
    FS_LESSON_BACK,
    FS_LESSON_NEXT,
    FS_LESSON_NOTES,
    FS_LESSON_LEAVE,
    FS_LESSON_PICTURE,
    FS_LESSON_FIRST_STOP
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

/* A panel of the open channel. */
typedef struct fs_panel_view {
    fs_panel *panel;     /* NULL until the first comes */
    uint64_t generation; /* of the running request; 0 when there is none */
    bool asked;          /* what is there, or is coming, or failed, is of the state on the screen */
    double done, total;  /* of the running request; total 0: not known */
    char error[FS_ERROR_MESSAGE_SIZE]; /* why there is none */
    fs_list list;
    fs_panel_surfaces surfaces;
} fs_panel_view;

/* Thumbnails of the channels that the weights lead to. */
typedef struct fs_weights_view {
    uint64_t generation; /* of the running request; 0 when there is none */
    bool asked;
    fs_picture_places places;
} fs_weights_view;

typedef struct fs_channel_view {
    bool open;
    uint64_t generation; /* of the running request; 0 when there is none */
    bool paused;
    bool received; /* a picture of that request has come */
    fs_render_settings settings;
    fs_render_settings undo[FS_UNDO_STEPS]; /* those before, the newest last */
    int n_undo;
    fs_text_field objective;
    fs_error objective_error; /* code FS_OK: none */
    int objective_column;     /* that the error names; 0: none */
    fs_option_controls controls;
    fs_panel_view panels[FS_PANEL_KINDS];
    fs_weights_view weights;
    fs_picture *picture; /* NULL until the first comes */
    fs_curve curve;
    cairo_surface_t *surface; /* of surface_of, surface_side pixels wide */
    fs_picture *surface_of;
    int surface_side;
} fs_channel_view;

/* The tabs beside an open channel: the settings, then a panel each. */
enum { FS_TAB_RENDER, FS_TAB_PANELS, FS_TAB_COUNT = FS_TAB_PANELS + FS_PANEL_KINDS };

/* What stays as it is from channel to channel. */
typedef struct fs_feature_state {
    int tab;
    fs_render_settings settings; /* as last chosen; layer, channel and objective are the channel's */
    int variants;                /* index into fs_variant_counts */
    char images[FS_OPTION_TEXT_SIZE], photograph[FS_OPTION_TEXT_SIZE]; /* empty: none yet */
    int which;                                                         /* fs_examples_which */
    double threshold;                                                  /* NaN: the usual one */
    double threshold_moving;                                           /* while the slider is dragged */
    int method;                                                        /* fs_attribution_method */
    bool explain_class;
    int weights_to; /* what the channel feeds rather than what feeds it, where there is room for one */
    int stimulus;   /* fs_stimulus_kind, where there is room for one chart */
    int null_fits;  /* of shuffled kernels, for what noise reaches */
} fs_feature_state;
extern const char *const fs_variant_counts[]; /* ended by a NULL */

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

/* The Gabor functions instead of the kernels, on one picture. */
typedef struct fs_substitute_view {
    bool open;
    int all;             /* of the kernels rather than the chosen one */
    int picture;         /* of the folder, or of those that are drawn; they go round */
    uint64_t generation; /* of the running request; 0 when there is none */
    bool asked;          /* for what follows */
    int asked_kernel, asked_picture;
    fs_substituted *result; /* NULL until the first comes */
    cairo_surface_t *surface;
    char error[FS_ERROR_MESSAGE_SIZE];
} fs_substitute_view;

/* The Gabor view: the first convolution's kernels, and one of them against the function of the sliders. */
typedef struct fs_gabor_view {
    bool open;
    bool effective;                    /* gradients in the picture, where the weights cannot be fitted */
    uint64_t generation;               /* of the running request; 0 when there is none */
    double done, total;                /* of it; total 0: not known */
    char error[FS_ERROR_MESSAGE_SIZE]; /* why there is no study */
    bool refused;                      /* these kernels cannot be fitted */
    fs_kernel_study *study;            /* NULL until it comes; kept when the view is left */
    fs_list list;                      /* selected: the kernel */
    fs_gabor hand;                     /* what the sliders say; amplitude and offset are the score's */
    fs_gabor_score score;
    double *fitted, *residual; /* [height][width], of the score */
    fs_substitute_view substitute;
    fs_gabor undo[FS_UNDO_STEPS];
    int n_undo;
    bool moving; /* a slider is being dragged: what was before is on the list already */
    bool has_to_restore;
    fs_session_gabor to_restore; /* of a session, once the study is there */
} fs_gabor_view;

/* A line of the map of layers: one of them, or the heading of a level. */
typedef struct fs_freeze_row {
    int place; /* in the map; -1: a heading */
    fs_level level;
} fs_freeze_row;

enum { FS_FINETUNE_RECIPE, FS_FINETUNE_FILTERS, FS_FINETUNE_CKA, FS_FINETUNE_KERNELS };

/* The fine-tune view. The run goes on when it is left. */
typedef struct fs_finetune_view {
    bool open;
    fs_text_field data, folder; /* of pictures; to save into */
    fs_freeze_map map;
    char map_error[FS_ERROR_MESSAGE_SIZE]; /* why this network cannot be trained */
    fs_freeze_row *rows;
    int n_rows;
    fs_training_settings settings; /* but for what follows */
    double head_epochs, joint_epochs;
    uint64_t generation;    /* of the run; 0: there is none */
    fs_training_news *news; /* the newest; NULL until it comes */
    bool pausing;           /* asked for, and not there yet */
    int tab;
    fs_list layers, filters, cka, kernels;
    const char *
        *watch_names; /* the choices whose filters are looked at, the first for all; ended by a NULL */
    int watched;
    fs_training_surfaces surfaces;
} fs_finetune_view;

enum { FS_PICTURE_MAPS, FS_PICTURE_PLACE, FS_PICTURE_FILES, FS_PICTURE_TAB_COUNT };
enum { FS_PLACE_CHANNELS = 48 };

/* An overlay as it was asked for. */
typedef struct fs_overlay_key {
    int method; /* fs_attribution_method; -1: none */
    int class_index;
    unsigned revision;
} fs_overlay_key;

/* The Picture view. Its picture stays when it is left; with another network it is read again. */
typedef struct fs_picture_view {
    bool open;
    bool behind; /* the open channel was chosen here: leaving it leads back */
    fs_text_field path;
    fs_inspection *picture; /* as the network sees it; NULL: there is none */
    char file[FS_OPTION_TEXT_SIZE], asked[FS_OPTION_TEXT_SIZE]; /* its path; that of the newest request */
    uint64_t reading, predicting, finding; /* generations of what is under way; 0: nothing */
    fs_inspect_kind finds;                 /* what `finding` will give */
    double done, total;                    /* of it; total 0: not known */

    fs_occlusion covered;
    unsigned revision, predicted; /* of what is covered: now, and when the newest prediction was asked for */
    fs_inspection *now;           /* the prediction with it; NULL: nothing is covered */
    int *order;                   /* the classes as they are listed */
    int class_index;              /* to explain; -1: the likeliest */

    fs_inspection *maps; /* of the layer; NULL until they come */
    int maps_layer;      /* as they were asked for; -1: never */
    unsigned maps_revision;
    fs_panel_view tiles;
    bool has_place; /* a point of the picture has been chosen */
    double x, y;    /* it, or where the keys would choose; pixels of the crop */
    int position;   /* of the maps, at that place */
    fs_strong_channel strongest[FS_PLACE_CHANNELS];
    int n_strongest;

    int overlay; /* 0: none; else 1 + fs_attribution_method */
    double opacity;
    fs_inspection *over;
    fs_overlay_key over_key; /* as it was asked for */

    double brush;  /* the side of its square, a share of the picture's */
    bool painting; /* a stroke is under way */
    double press_x, press_y, last_x, last_y;
    bool hovers, moved; /* the pointer is over the picture; and was elsewhere before */
    double hover_x, hover_y;

    bool has_to_restore;
    char restore_file[FS_OPTION_TEXT_SIZE]; /* once this picture is there: */
    fs_session_picture to_restore;          /* its class and place, and what is covered */
    fs_occlusion_run *runs_to_restore;
    int n_runs_to_restore;

    int tab;
    fs_list classes, places, files;
    fs_inspection *folder; /* NULL until it is listed */
    char folder_asked[FS_OPTION_TEXT_SIZE];
    fs_picture_surfaces surfaces;
} fs_picture_view;

/* Class mode. */
typedef struct fs_lesson_view {
    bool on, notes;
    fs_lesson lesson;
    int stop;
    fs_session *before; /* what to go back to; NULL while it is off */
    uint64_t pictures;  /* generation of the job that draws the second task; 0: none */
    bool began;         /* the training of this lesson */
} fs_lesson_view;
/* The search that lies above the views. */
typedef struct fs_search_view {
    bool open;
    fs_text_field field;
    fs_search_hits hits; /* of what the field says */
    fs_list list;
} fs_search_view;

/* Where the user was before a search or a weight led elsewhere. */
typedef struct fs_place {
    int layer, channel;
    bool open; /* the channel rather than the wall */
} fs_place;
enum { FS_HISTORY = 64 };

typedef struct fs_message {
    bool shown, is_error;
    bool expanded; /* all of it is shown, with what it happened to */
    char text[FS_ERROR_MESSAGE_SIZE + 64];
} fs_message;

/* The menu: actions at the left, files that were opened lately at the right. */
typedef struct fs_menu_state {
    bool open;
    int selected; /* of all rows, actions first; -1: none */
} fs_menu_state;

/* An export into a folder that is under way; one at a time. */
typedef struct fs_folder_state {
    uint64_t generation; /* 0: none */
    char what[64];       /* "Atlas of edge1" */
    double done, total;  /* total 0: not known */
    double begun;        /* seconds */
} fs_folder_state;

struct fs_screen {
    fs_screen_options options;
    fs_worker *worker;
    fs_canvas *canvas;
    fs_ui ui;
    double width, height, scale; /* of what is drawn: the window's, but in class mode larger by lesson_zoom */
    double window_width, window_height, window_scale, lesson_zoom;
    fs_damage damage; /* since the last frame */

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
    double wall_zoom;              /* of the tiles; 1 at first */
    double drag_from, drag_offset; /* where the wall was taken hold of, and what it showed then */
    bool dragged;                  /* it has been moved since: the release opens nothing */
    fs_wall_state wall;
    fs_channel_view view;
    fs_feature_state feature;
    fs_gabor_view gabor;
    fs_finetune_view finetune;
    fs_picture_view picture;
    fs_lesson_view lesson;
    fs_session *pending; /* a session whose model is being loaded; NULL: none */
    char session_path[FS_OPTION_TEXT_SIZE];
    fs_search_view search;
    fs_place history[FS_HISTORY]; /* the newest last */
    int n_history;
    fs_kept_view kept[FS_KEPT_VIEWS];
    int next_kept;
    fs_message message;
    bool copied;      /* the command line, by what was done last */
    uint64_t pasting; /* generation of the newest request for the clipboard's picture; 0: none */
    bool help, quit;
    fs_menu_state menu;
    fs_folder_state folder;
    fs_preferences preferences;
    bool preferences_changed;
    int theme; /* fs_theme_choice of this run */
    double zoom;
};

/* screen.c */
const fs_layer *fs_screen_layer(const fs_screen *screen);
fs_layout fs_screen_layout(const fs_screen *screen);
fs_wall_grid fs_screen_grid(const fs_screen *screen);
/* steps 0: back to the usual size. channel: the tile that stays where it is. */
void fs_screen_zoom_wall(fs_screen *screen, int steps, int channel);
void fs_screen_select_layer(fs_screen *screen, int layer); /* an open Picture view stays */
void fs_screen_close_views(fs_screen *screen);             /* whatever lies over the wall */
void fs_screen_select_channel(fs_screen *screen, int channel);

/* screen_damage.c: frames that change little */
void fs_screen_damage_picture(fs_screen *screen, const fs_event *event); /* that has come from the worker */
void fs_screen_damage_hover(fs_screen *screen, fs_ui_id before); /* the pointer has moved on from there */

/* screen_rows.c */
fs_status fs_screen_make_rows(fs_screen *screen, fs_error *err);
int fs_screen_row_of_layer(const fs_screen *screen, int layer);
void fs_screen_move_layer(fs_screen *screen, int step);

/* screen_requests.c: what is asked of the worker */
fs_render_settings fs_screen_settings(const fs_screen *screen, int layer, int channel);
fs_render_settings fs_screen_thumb_settings(const fs_screen *screen, int layer, int channel);
void fs_screen_request_wall(fs_screen *screen);
void fs_screen_open_channel(fs_screen *screen, int channel);
void fs_screen_close_channel(fs_screen *screen);
bool fs_screen_show_kept(fs_screen *screen);  /* the finished picture of its settings; false: there is none */
void fs_screen_send_view(fs_screen *screen);  /* with its settings as they are now */
bool fs_screen_retry_view(fs_screen *screen); /* at the model's own size; false: it was tried */
void fs_screen_export(fs_screen *screen);
void fs_screen_keep_view(fs_screen *screen);
void fs_screen_drop_views(fs_screen *screen);

/* screen_feature.c: what is done with the open channel */
void fs_screen_show_settings(fs_screen *screen);   /* in field and controls */
void fs_screen_enter_objective(fs_screen *screen); /* the text of the field */
void fs_screen_change_settings(fs_screen *screen, const fs_render_settings *settings);
void fs_screen_undo(fs_screen *screen);
/* After a render that could not be made: the settings before; false: there are none. */
bool fs_screen_take_back(fs_screen *screen, const fs_error *error);
bool fs_screen_can_pause(const fs_screen *screen);
void fs_screen_pause(fs_screen *screen); /* or go on */
void fs_screen_restart(fs_screen *screen);
void fs_screen_command(const fs_screen *screen, fs_text *out); /* that makes what the tab shows */
void fs_screen_copy_command(fs_screen *screen);
void fs_screen_set_defaults(fs_screen *screen);

/* screen_panels.c: what is asked of the worker for the panels */
void fs_screen_request_panel(fs_screen *screen); /* of the tab that is shown, where it is needed */
void fs_screen_renew_panel(fs_screen *screen, fs_panel_kind kind);
void fs_screen_stop_panel(fs_screen *screen, fs_panel_kind kind);
bool fs_screen_panel_event(fs_screen *screen, const fs_event *event); /* true: something has changed */
void fs_screen_drop_panels(fs_screen *screen);
/* What a panel lacks before it can be computed; NULL: nothing. */
const char *fs_screen_panel_lacks(const fs_screen *screen, fs_panel_kind kind);
void fs_screen_use_photograph(fs_screen *screen, const char *path);
/* The settings of the variants as they would be rendered. */
fs_status fs_screen_variants(const fs_screen *screen, fs_render_settings *out, fs_error *err);

/* screen_weights.c: the weights of the panel, and thumbnails for them */
const fs_neighbour_weight *fs_screen_weight(const fs_screen *screen, fs_weights_direction direction, int sign,
                                            int row); /* NULL: there are fewer */
void fs_screen_open_weight(fs_screen *screen, const fs_neighbour_weight *weight);
void fs_screen_request_thumbs(fs_screen *screen);                      /* where they are needed */
bool fs_screen_thumbs_event(fs_screen *screen, const fs_event *event); /* true: something has changed */

/* screen_gabor.c: the Gabor view's state and what is asked of the worker for it */
void fs_screen_open_gabor(fs_screen *screen);
void fs_screen_close_gabor(fs_screen *screen);
void fs_screen_drop_gabor(fs_screen *screen); /* with what was found out */
void fs_screen_request_gabor(fs_screen *screen, bool effective);
void fs_screen_stop_gabor(fs_screen *screen);
bool fs_screen_gabor_event(fs_screen *screen, const fs_event *event); /* true: something has changed */
void fs_screen_select_kernel(fs_screen *screen, int kernel);
/* settled: the movement is over, and the next one is a step of its own to undo */
void fs_screen_move_gabor(fs_screen *screen, fs_gabor_parameter parameter, double value, bool settled);
void fs_screen_snap_gabor(fs_screen *screen); /* to the fit */
void fs_screen_put_gabor(fs_screen *screen,
                         const fs_gabor *hand); /* all sliders; absurd values are ignored */
bool fs_screen_gabor_is_fit(const fs_screen *screen);
void fs_screen_undo_gabor(fs_screen *screen);
const fs_kernel_analysis *fs_screen_kernel(const fs_screen *screen); /* the chosen one; NULL: none */

/* screen_substitute.c: Gabor functions in the place of kernels; exports of the Gabor view */
bool fs_screen_can_substitute(const fs_screen *screen);
void fs_screen_toggle_substitute(fs_screen *screen);
void fs_screen_step_substitute(fs_screen *screen, int step); /* to another picture */
void fs_screen_request_substitute(fs_screen *screen);        /* where it is needed */
void fs_screen_drop_substitute(fs_screen *screen);           /* what it found; its switches stay */
bool fs_screen_substitute_event(fs_screen *screen, const fs_event *event); /* true: something has changed */
void fs_screen_export_kernel(fs_screen *screen); /* its card, and the parameters of all */

/* screen_finetune.c: the fine-tune view's state and what is asked of the training thread */
void fs_screen_init_finetune(fs_screen *screen);
void fs_screen_open_finetune(fs_screen *screen);
void fs_screen_close_finetune(fs_screen *screen);
void fs_screen_make_freeze_map(fs_screen *screen); /* where there is none yet */
void fs_screen_drop_finetune(fs_screen *screen);   /* with the run */
void fs_screen_use_pictures(fs_screen *screen, const char *folder);
bool fs_screen_trains(const fs_screen *screen);         /* a run is there that has not come to its end */
bool fs_screen_training_rests(const fs_screen *screen); /* and is paused */
void fs_screen_begin_training(fs_screen *screen, bool step);
void fs_screen_run_training(fs_screen *screen);
void fs_screen_step_training(fs_screen *screen);
void fs_screen_stop_training(fs_screen *screen);
bool fs_screen_can_undo_training(const fs_screen *screen);
void fs_screen_undo_training(fs_screen *screen);
bool fs_screen_can_save_training(const fs_screen *screen);
void fs_screen_save_training(fs_screen *screen);
void fs_screen_set_policy(fs_screen *screen, int policy);
void fs_screen_toggle_layer(fs_screen *screen, int row);
void fs_screen_watch_layer(fs_screen *screen, int choice);
bool fs_screen_finetune_event(fs_screen *screen, const fs_event *event); /* true: something has changed */

/* screen_picture.c: the Picture view's state and what is asked of the worker for it */
void fs_screen_init_picture(fs_screen *screen);
void fs_screen_open_picture(fs_screen *screen);
void fs_screen_close_picture(fs_screen *screen);
void fs_screen_drop_picture(fs_screen *screen);  /* with what was found out; path and settings stay */
void fs_screen_leave_channel(fs_screen *screen); /* to the Picture view where it was chosen there */
void fs_screen_look_at(fs_screen *screen, const char *text); /* a path or an address, typed or pasted */
void fs_screen_request_picture(fs_screen *screen); /* what the view lacks, one thing after another */
bool fs_screen_picture_event(fs_screen *screen, const fs_event *event); /* true: something has changed */
int fs_screen_explained_class(const fs_screen *screen);                 /* -1: there are no classes */
void fs_screen_list_channels(fs_screen *screen);                        /* at the chosen place */
const float *fs_screen_probabilities(const fs_screen *screen);          /* as it is covered; NULL: none */
const fs_inspection *fs_screen_overlay(const fs_screen *screen); /* of what is shown; NULL: not there */
const fs_inspection *fs_screen_maps(const fs_screen *screen);    /* of the layer that is shown; likewise */
/* Points are pixels of the crop. */
void fs_screen_choose_place(fs_screen *screen, double x, double y);
void fs_screen_begin_stroke(fs_screen *screen, double x, double y);
void fs_screen_continue_stroke(fs_screen *screen, double x, double y);
void fs_screen_end_stroke(fs_screen *screen);
void fs_screen_undo_stroke(fs_screen *screen);
void fs_screen_clear_strokes(fs_screen *screen);
double fs_screen_brush(const fs_screen *screen); /* the side of its square, in pixels of the crop */
void fs_screen_size_brush(fs_screen *screen, double factor);
/* The path of an export called `name`, which is made safe for file systems. */
void fs_screen_export_path(const fs_screen *screen, const char *name, char *path, size_t size);

/* screen_picture_session.c: the Picture view as values, and back */
fs_status fs_screen_put_picture(const fs_screen *screen, fs_session *session, fs_error *err);
/* What hangs on the picture waits for it. */
fs_status fs_screen_take_picture(fs_screen *screen, const fs_session *session, fs_error *err);
void fs_screen_restore_picture(fs_screen *screen); /* now that the picture is there */
void fs_screen_forget_restore(fs_screen *screen);

/* screen_clipboard.c: pictures from the clipboard and to it */
void fs_screen_paste_picture(fs_screen *screen); /* itself, or the file that a text names */
void fs_screen_copy_picture(fs_screen *screen);  /* of the open channel */
bool fs_screen_clipboard_event(fs_screen *screen, const fs_event *event); /* true: something has changed */

/* screen_folders.c: exports that fill a folder */
void fs_screen_export_atlas(fs_screen *screen);   /* of this layer */
void fs_screen_export_network(fs_screen *screen); /* of all layers */
void fs_screen_export_gabor(fs_screen *screen);
bool fs_screen_can_fill_folder(const fs_screen *screen); /* there is a model, and none is under way */
void fs_screen_stop_folder(fs_screen *screen);
bool fs_screen_folder_event(fs_screen *screen, const fs_event *event); /* true: more than the status line */

/* screen_habits.c: what is kept between runs */
void fs_screen_init_habits(fs_screen *screen);
void fs_screen_switch_theme(fs_screen *screen);      /* light to dark and back */
void fs_screen_enlarge(fs_screen *screen, int step); /* 1 larger, -1 smaller, 0 as the display says */
void fs_screen_note_model(fs_screen *screen, const char *path);
void fs_screen_note_folder(fs_screen *screen, const char *path);

/* screen_actions.c: what the menu offers */
typedef struct fs_action {
    const char *label, *key;
    bool (*possible)(const fs_screen *screen); /* NULL: always */
    void (*run)(fs_screen *screen);
} fs_action;
extern const fs_action fs_actions[];       /* ended by a NULL label */
int fs_menu_rows(const fs_screen *screen); /* actions and files together */
void fs_menu_run(fs_screen *screen, int row);
void fs_menu_key(fs_screen *screen, fs_key key);
void fs_menu_toggle(fs_screen *screen);

/* screen_session.c: what is shown as values, and back */
void fs_screen_init_session(fs_screen *screen);
fs_status fs_screen_capture(const fs_screen *screen, fs_session *out,
                            fs_error *err); /* fs_session_free, always */
/* The model of the session must be the one on the screen. An error changes nothing. */
fs_status fs_screen_apply(fs_screen *screen, const fs_session *session, fs_error *err);
void fs_screen_save_session(fs_screen *screen);
void fs_screen_take_pending(fs_screen *screen); /* now that its model is there */
void fs_screen_drop_pending(fs_screen *screen);
void fs_screen_open_pending(fs_screen *screen, const char *model);
void fs_screen_restore_gabor(fs_screen *screen); /* now that the study is there */

/* screen_lesson.c: class mode */
void fs_screen_fit(fs_screen *screen); /* into the window */
const fs_lesson_stop *fs_screen_stop(const fs_screen *screen);
void fs_screen_enter_lesson(fs_screen *screen, int stop);
void fs_screen_leave_lesson(fs_screen *screen);
void fs_screen_drop_lesson(fs_screen *screen); /* without going back */
void fs_screen_go_to_stop(fs_screen *screen, int stop);
void fs_screen_mend_lesson(fs_screen *screen);
bool fs_screen_lesson_event(fs_screen *screen, const fs_event *event); /* true: something has changed */
void fs_screen_key_in_lesson(fs_screen *screen, fs_key key);
void fs_screen_typed_in_lesson(fs_screen *screen, char letter);
/* screen_search.c: the search, and the way back from where it led */
void fs_screen_open_search(fs_screen *screen);
void fs_screen_close_search(fs_screen *screen);
void fs_screen_search(fs_screen *screen); /* for what the field says now */
void fs_screen_open_hit(fs_screen *screen, int hit);
/* To a layer's wall (channel -1) or a channel of it; where the user was is kept. False: nothing shows it. */
bool fs_screen_go(fs_screen *screen, int layer, int channel);
void fs_screen_go_back(fs_screen *screen);

/* screen_keys.c: what no widget has taken */
void fs_screen_key(fs_screen *screen, fs_key key);
void fs_screen_typed(fs_screen *screen, const char *text);

/* Views: called in both passes. */
void fs_view_chrome(fs_screen *screen, const fs_layout *layout);
void fs_view_layers(fs_screen *screen, const fs_layout *layout);
void fs_view_wall(fs_screen *screen, const fs_layout *layout);
/* The card beside the tile under the pointer, before it is drawn; no width: none. */
fs_rect fs_view_wall_card(const fs_screen *screen, const fs_layout *layout);
void fs_view_channel(fs_screen *screen, const fs_layout *layout);
void fs_view_channel_picture(fs_screen *screen, fs_rect rect); /* drawing pass only */
void fs_view_settings(fs_screen *screen, fs_rect rect);
void fs_view_panel(fs_screen *screen, fs_panel_kind kind, fs_rect rect);
void fs_view_tiles(fs_screen *screen, fs_panel_view *view, fs_rect rect); /* of a panel that is there */
bool fs_view_weights_has_controls(fs_rect rect);
void fs_view_weights_controls(fs_screen *screen, fs_rect rect);
void fs_view_weights(fs_screen *screen, fs_rect rect);
void fs_view_gabor(fs_screen *screen, const fs_layout *layout);
/* Drawing pass only. */
void fs_view_gabor_pictures(const fs_screen *screen, const fs_gabor_layout *parts, bool with_spectrum);
void fs_view_gabor_sliders(fs_screen *screen, const fs_gabor_layout *parts);
void fs_view_substitute(fs_screen *screen, fs_rect rect);
void fs_view_finetune(fs_screen *screen, const fs_layout *layout);
/* Drawing pass only. */
void fs_view_finetune_steps(const fs_screen *screen, fs_rect rect);
void fs_view_finetune_progress(const fs_screen *screen, fs_rect rect);
void fs_view_finetune_curves(const fs_screen *screen, fs_rect rect);
void fs_view_finetune_recipe(fs_screen *screen, fs_rect rect);
void fs_view_finetune_filters(fs_screen *screen, fs_rect rect);
void fs_view_finetune_filter_list(fs_screen *screen, fs_rect rect);
void fs_view_finetune_cka(fs_screen *screen, fs_rect rect);
void fs_view_finetune_kernels(fs_screen *screen, fs_rect rect);
void fs_view_picture(fs_screen *screen, const fs_layout *layout);
void fs_view_picture_canvas(fs_screen *screen, fs_rect square);
void fs_view_picture_classes(fs_screen *screen, const fs_picture_layout *parts);
void fs_view_picture_place(fs_screen *screen, fs_rect rect);
void fs_view_picture_files(fs_screen *screen, fs_rect rect);
void fs_view_lesson(fs_screen *screen, const fs_layout *layout);
/* How far the words of the stop are shrunk to fit; 1: not at all. */
double fs_view_lesson_factor(fs_screen *screen, fs_rect rect);
void fs_view_welcome(fs_screen *screen, const fs_layout *layout);
void fs_view_search(fs_screen *screen, const fs_layout *layout);
void fs_view_help(fs_screen *screen, const fs_layout *layout);
void fs_view_menu(fs_screen *screen, const fs_layout *layout);
void fs_view_message(fs_screen *screen, fs_rect rect);
/* The progress of an export at the right of the status line, of which it takes a part. */
void fs_view_export(fs_screen *screen, fs_rect *status);
/* A file that was opened lately, as a row. True when it was chosen. */
bool fs_view_recent(fs_screen *screen, fs_ui_id id, fs_rect rect, const char *path, bool selected);

#endif
