/* The window's picture in title bars and lists of windows: assets/icon.png, which the program carries in
 * itself.
 *
 *     fs_window_icon_set(window);       // on the thread that made the window
 *
 * Nothing happens where the picture cannot be had: a window without it works as well. */
#ifndef FS_UI_WINDOW_ICON_H
#define FS_UI_WINDOW_ICON_H

#include <SDL.h>

void fs_window_icon_set(SDL_Window *window);

#endif
