#include "app/help.h"

#include <string.h>

enum { NAME_WIDTH = 28 };

const char *fs_help_value(const fs_option *option) {
    static const char *const meanings[] = {[FS_OPTION_MEANS_TEXT] = "TEXT",
                                           [FS_OPTION_MEANS_FILE] = "FILE",
                                           [FS_OPTION_MEANS_FOLDER] = "DIR",
                                           [FS_OPTION_MEANS_MODEL] = "MODEL",
                                           [FS_OPTION_MEANS_LAYER] = "LAYER"};
    switch (option->kind) {
    case FS_OPTION_KIND_INT:
    case FS_OPTION_KIND_U64:
        return "N";
    case FS_OPTION_KIND_DOUBLE:
        return "X";
    case FS_OPTION_KIND_TEXT:
        return meanings[option->meaning];
    case FS_OPTION_KIND_BOOL:
    case FS_OPTION_KIND_CHOICE:
        break;
    }
    return "";
}

static void print_option(FILE *to, const fs_option *o) {
    char left[128];
    int n = snprintf(left, sizeof left, "--%s%s%s", o->name, o->kind == FS_OPTION_KIND_BOOL ? "" : " ",
                     fs_help_value(o));
    for (int c = 0; o->kind == FS_OPTION_KIND_CHOICE && o->choices[c] && n < (int)sizeof left; c++)
        n += snprintf(left + n, sizeof left - (size_t)n, "%s%s", c ? "|" : "", o->choices[c]);
    bool shows_default = o->kind != FS_OPTION_KIND_BOOL && *o->initial;
    if (n > NAME_WIDTH)
        fprintf(to, "  %s\n  %*s", left, NAME_WIDTH, "");
    else
        fprintf(to, "  %-*s", NAME_WIDTH, left);
    fprintf(to, "  %s", o->help);
    if (shows_default)
        fprintf(to, " [%s]", o->initial);
    fputc('\n', to);
}

static void print_table(FILE *to, const fs_option *table, const fs_option *already) {
    for (const fs_option *o = table; o && o->name; o++)
        if (!already || !fs_options_find(already, o->name))
            print_option(to, o);
}

void fs_help_command(FILE *to, const fs_command *command) {
    fprintf(to, "usage: filterscope %s%s%s\n\n%s\n\n", command->name, *command->name ? " " : "",
            command->arguments, command->summary);
    print_table(to, command->options, NULL);
    print_table(to, command->extra_options, command->options);
    fputc('\n', to);
    print_table(to, fs_common_options, command->extra_options);
    if (command->example)
        fprintf(to, "\nfor example: filterscope%s%s\n", *command->example ? " " : "", command->example);
}

void fs_help_program(FILE *to) {
    fputs("filterscope: a microscope for convolutional networks\n\n"
          "usage: filterscope [MODEL]              opens the window\n"
          "       filterscope COMMAND [options]\n\n",
          to);
    for (const fs_command *const *c = fs_commands; *c; c++)
        fprintf(to, "  %-11s  %s\n", (*c)->name, (*c)->summary);
    fputs("\n`filterscope COMMAND --help` lists the options of a command. Errors are one line; exit code 0: "
          "done,\n"
          "1: an error or stopped by a signal, 2: called in a wrong way.\n",
          to);
}
