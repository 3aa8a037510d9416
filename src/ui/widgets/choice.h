/* One of several words, all of which can be seen where there is room: segments side by side, or the chosen
 * one between two arrows.
 *
 *     static const char *const words[] = {"top", "bottom", "threshold", NULL};
 *     if (fs_ui_choice(ui, id, rect, words, &which)) ...
 *
 * By a click, and with the focus by the arrow keys, Home and End. The state is the caller's index. */
#ifndef FS_UI_WIDGETS_CHOICE_H
#define FS_UI_WIDGETS_CHOICE_H

#include "ui/ui.h"

/* True in the input pass that changes it. words: ended by a NULL. */
bool fs_ui_choice(fs_ui *ui, fs_ui_id id, fs_rect rect, const char *const *words, int *chosen);

/* The same as a row of tabs, underlined, each as wide as its share of the rectangle. */
bool fs_ui_tabs(fs_ui *ui, fs_ui_id id, fs_rect rect, const char *const *words, int *chosen);

#endif
