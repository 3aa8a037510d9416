/* Pictures of the desktop's clipboard, by the small programs that desktops have for it: wl-clipboard's
 * wl-paste and wl-copy under Wayland, xclip under X11.
 *
 *     status = fs_clipboard_paste(&bytes, &size, &cancel, &err);    // fs_free(bytes)
 *     status = fs_clipboard_copy("picture.png", &cancel, &err);
 *
 * What is pasted is whatever another program offers: at most FS_CLIPBOARD_MAX_BYTES that call themselves
 * PNG, JPEG or BMP. Waits for the other program, a few seconds at most: not for a thread that draws. */
#ifndef FS_APP_CLIPBOARD_H
#define FS_APP_CLIPBOARD_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { FS_CLIPBOARD_MAX_BYTES = 128 << 20 };

/* FS_ERROR_NOT_FOUND when there is no picture, or no program to ask. */
fs_status fs_clipboard_paste(uint8_t **out, size_t *size, const atomic_bool *cancel, fs_error *err);
/* A PNG file, which is read before this returns. */
fs_status fs_clipboard_copy(const char *png, const atomic_bool *cancel, fs_error *err);

#endif
