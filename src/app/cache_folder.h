/* Where filterscope keeps what it can compute again: $XDG_CACHE_HOME/filterscope, or ~/.cache/filterscope. A
 * value that is not an absolute path is ignored (XDG Base Directory Specification 0.8). */
#ifndef FS_APP_CACHE_FOLDER_H
#define FS_APP_CACHE_FOLDER_H

#include "base/error.h"

/* The folder's path, not yet made; fs_free. FS_ERROR_NOT_FOUND when there is no home either. */
fs_status fs_cache_folder(char **out, fs_error *err);

#endif
