/* The folders of one user, as the XDG Base Directory Specification 0.8 has them: a value that is not an
 * absolute path is ignored. What is returned need not exist yet (fs_free). FS_ERROR_NOT_FOUND when there is
 * no home either. */
#ifndef FS_APP_USER_FOLDERS_H
#define FS_APP_USER_FOLDERS_H

#include "base/error.h"

/* What can be computed again: $XDG_CACHE_HOME/filterscope, or ~/.cache/filterscope. */
fs_status fs_cache_folder(char **out, fs_error *err);
/* What was chosen: $XDG_CONFIG_HOME/filterscope, or ~/.config/filterscope. */
fs_status fs_config_folder(char **out, fs_error *err);

#endif
