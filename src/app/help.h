/* The help texts, made from the command table and the option tables. */
#ifndef FS_APP_HELP_H
#define FS_APP_HELP_H

#include <stdio.h>

#include "app/command.h"

/* What stands for an option's value in texts: "N", "FILE"; "" of flags and of choices, which list their
 * words. */
const char *fs_help_value(const fs_option *option);

void fs_help_program(FILE *to);
void fs_help_command(FILE *to, const fs_command *command);

#endif
