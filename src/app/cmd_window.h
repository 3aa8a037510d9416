/* The command that runs when none is named. */
#ifndef FS_APP_CMD_WINDOW_H
#define FS_APP_CMD_WINDOW_H

#include "app/command.h"

extern const fs_command fs_command_window;

#endif
