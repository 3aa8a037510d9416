/* What is under the pointer, in a few words on a card beside it.
 *
 *     fs_ui_tip(ui, tile, bounds, (const char *const[]){"12 wheel", "IoU 0.31", NULL});
 *
 * Draws only; below the anchor, or above it where there is no room, inside the bounds. The first line is the
 * name. */
#ifndef FS_UI_WIDGETS_TIP_H
#define FS_UI_WIDGETS_TIP_H

#include "ui/ui.h"

/* lines: ended by a NULL; empty ones are passed over. */
void fs_ui_tip(fs_ui *ui, fs_rect anchor, fs_rect bounds, const char *const *lines);

#endif
