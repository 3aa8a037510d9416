/* What shells complete after `filterscope`, made from the command table and the option tables: commands,
 * options, the words of choices, files, folders, models, and the layers of the model that the line names.
 *
 *     fs_completion_bash(to, &fs_command_window);     // share/bash-completion/completions/filterscope
 *     fs_completion_zsh(to, &fs_command_window);      // share/zsh/site-functions/_filterscope
 *     fs_completion_fish(to, &fs_command_window);     // share/fish/vendor_completions.d/filterscope.fish
 *
 * The scripts ask the program itself for models and layers, so that they follow what is there. The window's
 * command is handed in, for this library knows no window. */
#ifndef FS_APP_COMPLETION_H
#define FS_APP_COMPLETION_H

#include <stdio.h>

#include "app/command.h"

void fs_completion_bash(FILE *to, const fs_command *window);
void fs_completion_zsh(FILE *to, const fs_command *window);
void fs_completion_fish(FILE *to, const fs_command *window);

#endif
