/* Scrolling: a bar, the wheel, and where to scroll to.
 *
 *     fs_ui_scroll(ui, FS_UI_ID(FS_ID_WALL_SCROLL, 0), view, content_height, &offset);
 *
 * The state is the offset, in logical pixels from the top of the content. */
#ifndef FS_UI_WIDGETS_SCROLL_H
#define FS_UI_WIDGETS_SCROLL_H

#include "ui/ui.h"

enum { FS_UI_SCROLL_BAR = 10 };

/* Scrolls the content of `view` by wheel and bar; call after the content. Keeps *offset in range. */
void fs_ui_scroll(fs_ui *ui, fs_ui_id id, fs_rect view, double content_height, double *offset);

/* The offset that shows [top, bottom) of a content, moving as little as possible. */
double fs_scroll_reveal(double offset, double view_height, double top, double bottom);

#endif
