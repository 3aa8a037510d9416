/* A small immediate-mode toolkit: input -> state -> draw. This is its core; the widgets are in ui/widgets/.
 *
 *     fs_ui_begin_input(ui, &input);  view(ui);      // widgets change the state; nothing is drawn
 *     fs_ui_begin_draw(ui, canvas);   view(ui);      // the same calls draw it; nothing is changed
 *
 * so that what is drawn always shows the state after the input. Widgets have an identity (FS_UI_ID) that must
 * be unique on the screen. Lengths are logical pixels. No platform in here; one thread.
 *
 * A widget that wants the keyboard calls fs_ui_focusable in every pass. Tab then goes through these in the
 * order of the calls, Shift+Tab back, a press gives the focus to what is under it. Whoever has the focus
 * takes the keys and texts it understands; what is left when the views are done belongs to the screen. */
#ifndef FS_UI_UI_H
#define FS_UI_UI_H

#include <stdint.h>

#include "report/canvas.h"

typedef enum fs_key {
    FS_KEY_UP,
    FS_KEY_DOWN,
    FS_KEY_LEFT,
    FS_KEY_RIGHT,
    FS_KEY_PAGE_UP,
    FS_KEY_PAGE_DOWN,
    FS_KEY_HOME,
    FS_KEY_END,
    FS_KEY_ENTER,
    FS_KEY_ESCAPE,
    FS_KEY_TAB,
    FS_KEY_BACK_TAB, /* Shift+Tab */
    FS_KEY_BACKSPACE,
    FS_KEY_DELETE,
    FS_KEY_SELECT_ALL,
    FS_KEY_COPY,
    FS_KEY_COPY_PICTURE,
    FS_KEY_CUT,
    FS_KEY_PASTE,
    FS_KEY_UNDO,
    FS_KEY_FIND,
    FS_KEY_EXPORT,
    FS_KEY_SAVE, /* the session */
    FS_KEY_OPEN,
    FS_KEY_CLASS,
    FS_KEY_HELP,
    FS_KEY_MENU,
    FS_KEY_THEME, /* light or dark */
    FS_KEY_LARGER,
    FS_KEY_SMALLER,
    FS_KEY_USUAL_SIZE,
    FS_KEY_ATLAS_LAYER,
    FS_KEY_ATLAS_NETWORK,
    FS_KEY_GABOR_REPORT,
    FS_KEY_QUIT
} fs_key;

enum { FS_UI_MAX_KEYS = 32, FS_UI_TEXT_SIZE = 64, FS_UI_MAX_FOCUS = 96, FS_UI_TIP_SIZE = 160 };
#define FS_UI_TIP_DELAY 0.5 /* seconds that the pointer rests on something before it says what it does */

/* What happened since the last input pass, and where the pointer is now. */
typedef struct fs_ui_input {
    double x, y; /* of the pointer; negative when it is outside */
    bool pressed, released, held;
    double wheel; /* notches, positive towards the top */
    fs_key keys[FS_UI_MAX_KEYS];
    int n_keys;
    bool shift;                 /* held with the keys */
    bool ctrl;                  /* held with the wheel */
    char text[FS_UI_TEXT_SIZE]; /* what was typed, UTF-8 */
    double seconds;             /* a clock */
} fs_ui_input;

/* Both may be NULL. What read returns is released with fs_free; NULL: nothing there. */
typedef struct fs_ui_clipboard {
    char *(*read)(void *context);
    void (*write)(void *context, const char *text);
    void *context;
} fs_ui_clipboard;

typedef uint32_t fs_ui_id;
#define FS_UI_ID(kind, index) ((fs_ui_id)(kind) << 24 | ((fs_ui_id)(index)&0xffffff))

typedef struct fs_ui {
    fs_canvas *canvas; /* NULL during the input pass */
    const fs_theme *theme;
    fs_ui_input input;
    fs_ui_id hot, active, next_hot; /* under the pointer; pressed */
    double grab;                    /* where a scroll bar was taken hold of */
    bool blocked;                   /* an overlay has the pointer and the keyboard */
    bool no_focus;                  /* the view has a way of its own with the keyboard */
    fs_ui_id focus;                 /* who has the keyboard; 0: nobody */
    bool focus_by_key;              /* it came there by Tab: then it is worth a frame */
    fs_ui_id order[FS_UI_MAX_FOCUS];
    int n_order;
    bool clipped;
    fs_rect clip;
    fs_canvas *measure; /* for the widths of texts in both passes; NULL: they are guessed */
    fs_ui_clipboard clipboard;
    struct {
        bool offered, next_offered; /* what is under the pointer has something to say */
        bool due, dismissed;        /* it has waited long enough; something was pressed since */
        double since, now;          /* the pointer is there; the clock of the last input pass */
        char text[FS_UI_TIP_SIZE];  /* of the frame that is drawn; empty: none */
        fs_rect rect;
    } tip;
    fs_rect card; /* that was drawn beside something (widgets/tip.h); no width: none */
} fs_ui;

void fs_ui_begin_input(fs_ui *ui, const fs_ui_input *input);
/* True when what is under the pointer or pressed has changed, so that a redraw would show it. */
bool fs_ui_end_input(fs_ui *ui);
void fs_ui_begin_draw(fs_ui *ui, fs_canvas *canvas);
static inline bool fs_ui_drawing(const fs_ui *ui) {
    return ui->canvas != NULL;
}

/* An area that can be clicked: true in the input pass in which the click ends. */
bool fs_ui_click(fs_ui *ui, fs_ui_id id, fs_rect rect);
static inline bool fs_ui_hot(const fs_ui *ui, fs_ui_id id) {
    return ui->hot == id && (ui->active == 0 || ui->active == id);
}

/* Puts the widget into the order of Tab. True when it has the keyboard. */
bool fs_ui_focusable(fs_ui *ui, fs_ui_id id, fs_rect rect);
/* The keyboard to a widget of the next pass. */
void fs_ui_give_focus(fs_ui *ui, fs_ui_id id);
/* Takes a key or a typed text out of the input; false when it is not there. Only for who has the focus. */
bool fs_ui_take_key(fs_ui *ui, fs_key key);
bool fs_ui_take_text(fs_ui *ui, const char *text);
/* A frame around what has got the keyboard by Tab. */
void fs_ui_draw_focus(fs_ui *ui, fs_ui_id id, fs_rect rect);

/* Between the two nothing is drawn or clicked outside the rectangle. Not nested. */
void fs_ui_begin_clip(fs_ui *ui, fs_rect rect);
void fs_ui_end_clip(fs_ui *ui);

/* What a widget does, shown below it once the pointer has rested on it. Called in both passes; widgets/tip.h
 * draws it after all views. */
void fs_ui_tip(fs_ui *ui, fs_ui_id id, fs_rect rect, const char *text);
/* Seconds until a tip is due, should nothing else happen; negative: there is none to wait for. */
double fs_ui_tip_wait(const fs_ui *ui);

double fs_ui_text_width(const fs_ui *ui, const char *text, const fs_text_style *style);

#endif
