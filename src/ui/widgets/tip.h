/* A few words on a card beside what is under the pointer: what a widget does, or what a picture shows.
 *
 *     fs_ui_draw_tip(ui, window);    // what fs_ui_tip has asked for, after all views
 *     fs_ui_name_card(ui, tile, bounds, (const char *const[]){"12 wheel", "IoU 0.31", NULL});
 *
 * Both draw only; below the anchor, or above it where there is no room, inside the bounds. */
#ifndef FS_UI_WIDGETS_TIP_H
#define FS_UI_WIDGETS_TIP_H

#include "ui/ui.h"

void fs_ui_draw_tip(fs_ui *ui, fs_rect window);

/* At once. lines: ended by a NULL, the first is the name; empty ones are passed over. */
void fs_ui_name_card(fs_ui *ui, fs_rect anchor, fs_rect bounds, const char *const *lines);
/* Where that card will lie, with its frame; in any pass. */
fs_rect fs_ui_name_card_rect(const fs_ui *ui, fs_rect anchor, fs_rect bounds, const char *const *lines);

#endif
