#include <string.h>

#include "app/command.h"
#include "app/commands.h"

const fs_command *const fs_commands[] = {&fs_command_models,
                                         &fs_command_pull,
                                         &fs_command_layers,
                                         &fs_command_classify,
                                         &fs_command_probe,
                                         &fs_command_render,
                                         &fs_command_atlas,
                                         &fs_command_examples,
                                         &fs_command_attribute,
                                         &fs_command_activations,
                                         &fs_command_activation_atlas,
                                         &fs_command_tuning,
                                         &fs_command_weights,
                                         &fs_command_gabor,
                                         &fs_command_shift,
                                         &fs_command_dissect,
                                         &fs_command_finetune,
                                         &fs_command_export,
                                         &fs_command_world,
                                         &fs_command_bench,
                                         NULL};

const fs_command *fs_command_find(const char *name) {
    for (const fs_command *const *c = fs_commands; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}
