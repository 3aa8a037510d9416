/* Buttons: by a click, or with the focus by Enter and the space bar.
 *
 *     if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_BACK), rect, &text)) ...
 *     if (fs_ui_toggle(ui, id, rect, "keep colours", &on)) ...
 */
#ifndef FS_UI_WIDGETS_BUTTON_H
#define FS_UI_WIDGETS_BUTTON_H

#include "ui/ui.h"

/* A button with its key at the right ("E"); key may be NULL. The tip says in a few words what it does. */
typedef struct fs_ui_button_text {
    const char *label, *key;
    bool primary, disabled;
    const char *tip;                                      /* NULL: none */
    void (*icon)(fs_ui *ui, fs_rect rect, fs_colour ink); /* instead of the label; NULL: none */
} fs_ui_button_text;

/* True in the input pass in which it was pressed. */
bool fs_ui_button(fs_ui *ui, fs_ui_id id, fs_rect rect, const fs_ui_button_text *text);

/* A box with a tick. True in the input pass that changes it. */
bool fs_ui_toggle(fs_ui *ui, fs_ui_id id, fs_rect rect, const char *label, bool *on);

#endif
