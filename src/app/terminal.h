/* Progress on the terminal and Ctrl-C.
 *
 * fs_terminal_progress gives a progress that draws one line on stderr, with the time that is left, when
 * stderr is a terminal and `quiet` is false; its cancel flag is raised by SIGINT and SIGTERM. A second signal
 * kills. */
#ifndef FS_APP_TERMINAL_H
#define FS_APP_TERMINAL_H

#include <stdbool.h>

#include "base/progress.h"

fs_progress fs_terminal_progress(bool quiet);
/* One line about a picture that cannot be used; as the `skipped` of an fs_examples_watch. */
void fs_terminal_say_skipped(void *context, const char *path, const char *why);
void fs_terminal_clear(void); /* removes the line, before a result or an error is printed */

#endif
