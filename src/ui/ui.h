/* A small immediate-mode toolkit: input -> state -> draw.
 *
 *     fs_ui_begin_input(ui, &input);  view(ui);      // widgets change the state; nothing is drawn
 *     fs_ui_begin_draw(ui, canvas);   view(ui);      // the same calls draw it; nothing is changed
 *
 * so that what is drawn always shows the state after the input. Widgets have an identity (FS_UI_ID) that must
 * be unique on the screen. Lengths are logical pixels. No platform in here; one thread. */
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
    FS_KEY_EXPORT,
    FS_KEY_HELP,
    FS_KEY_QUIT
} fs_key;

enum { FS_UI_MAX_KEYS = 32 };

/* What happened since the last input pass, and where the pointer is now. */
typedef struct fs_ui_input {
    double x, y; /* of the pointer; negative when it is outside */
    bool pressed, released, held;
    double wheel; /* notches, positive towards the top */
    fs_key keys[FS_UI_MAX_KEYS];
    int n_keys;
} fs_ui_input;

typedef uint32_t fs_ui_id;
#define FS_UI_ID(kind, index) ((fs_ui_id)(kind) << 24 | ((fs_ui_id)(index)&0xffffff))

typedef struct fs_ui {
    fs_canvas *canvas; /* NULL during the input pass */
    const fs_theme *theme;
    fs_ui_input input;
    fs_ui_id hot, active, next_hot; /* under the pointer; pressed */
    double grab;                    /* where a scroll bar was taken hold of */
    bool blocked;                   /* an overlay has the pointer */
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

/* A button with its key at the right ("E"); key may be NULL. */
typedef struct fs_ui_button_text {
    const char *label, *key;
    bool primary, disabled;
} fs_ui_button_text;
bool fs_ui_button(fs_ui *ui, fs_ui_id id, fs_rect rect, const fs_ui_button_text *text);

/* Scrolls the content of `view` by wheel and bar; call after the content. Keeps *offset in range. */
enum { FS_UI_SCROLL_BAR = 10 };
void fs_ui_scroll(fs_ui *ui, fs_ui_id id, fs_rect view, double content_height, double *offset);

#endif
