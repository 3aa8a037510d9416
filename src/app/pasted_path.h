/* The file that a pasted or typed text names: a path, a file:// address, the first of several.
 *
 *     char path[FS_OPTION_TEXT_SIZE];
 *     fs_pasted_path(path, sizeof path, "file:///home/me/two%20cats.jpg\r\n", &err);    // /home/me/two
 * cats.jpg
 *
 * Blanks and quotes around it are left out, comments of a list of addresses (RFC 2483) are passed over. Text
 * from other programs: any bytes give a path or an error. Whether the file is there is not asked. */
#ifndef FS_APP_PASTED_PATH_H
#define FS_APP_PASTED_PATH_H

#include <stddef.h>

#include "base/error.h"

fs_status fs_pasted_path(char *out, size_t size, const char *text, fs_error *err);

#endif
