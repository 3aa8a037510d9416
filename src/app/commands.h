/* The subcommands, one cmd_NAME.c each. */
#ifndef FS_APP_COMMANDS_H
#define FS_APP_COMMANDS_H

#include "app/command.h"

extern const fs_command fs_command_models;
extern const fs_command fs_command_pull;
extern const fs_command fs_command_layers;
extern const fs_command fs_command_classify;
extern const fs_command fs_command_probe;
extern const fs_command fs_command_render;
extern const fs_command fs_command_atlas;
extern const fs_command fs_command_activation_atlas;
extern const fs_command fs_command_examples;
extern const fs_command fs_command_attribute;
extern const fs_command fs_command_activations;
extern const fs_command fs_command_tuning;
extern const fs_command fs_command_weights;
extern const fs_command fs_command_gabor;
extern const fs_command fs_command_shift;
extern const fs_command fs_command_dissect;
extern const fs_command fs_command_bench;
extern const fs_command fs_command_export;
extern const fs_command fs_command_world;
extern const fs_command fs_command_finetune;

#endif
