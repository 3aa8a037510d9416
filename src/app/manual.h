/* The manual pages, made from the command table and the option tables as the help is.
 *
 *     fs_manual_program(to, &fs_command_window, "2026-01-31");     // filterscope.1
 *     fs_manual_command(to, command, "2026-01-31");                // filterscope-COMMAND.1
 *
 * Pages are in the man macros of roff. The date is that of the release, so that the same source gives the
 * same bytes. The window's command is handed in, for this library knows no window. */
#ifndef FS_APP_MANUAL_H
#define FS_APP_MANUAL_H

#include <stdio.h>

#include "app/command.h"

void fs_manual_program(FILE *to, const fs_command *window, const char *date);
void fs_manual_command(FILE *to, const fs_command *command, const char *date);

#endif
