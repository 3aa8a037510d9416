/* Progress on the terminal, Ctrl-C, and what else the system says to a command.
 *
 * fs_terminal_progress gives a progress that draws one line on stderr, with the time that is left, when
 * stderr is a terminal and `quiet` is false. Its cancel flag is raised by SIGINT, SIGTERM, SIGHUP (unless it
 * was ignored, as under nohup), and SIGPIPE once nobody reads what the command says; a second one of the
 * first three kills. A file that may not grow (`ulimit -f`) becomes an error of the write. */
#ifndef FS_APP_TERMINAL_H
#define FS_APP_TERMINAL_H

#include <stdbool.h>

#include "base/progress.h"

fs_progress fs_terminal_progress(bool quiet);
/* Whether the reader of standard output has gone: then the command ends as other tools do, by SIGPIPE and
 * without a word; returns only if it has not. */
void fs_terminal_end_if_unread(void);
/* One line about a picture that cannot be used; as the `skipped` of an fs_examples_watch. */
void fs_terminal_say_skipped(void *context, const char *path, const char *why);
void fs_terminal_clear(void); /* removes the line, before a result or an error is printed */

#endif
