#include <string.h>

#include "app/completion.h"

static const char head[] = "# fish completion for filterscope, made from its option tables\n"
                           "\n"
                           "function __filterscope_models\n"
                           "    filterscope models 2>/dev/null | awk 'NF == 0 { exit } NR > 1 { print $1 }'\n"
                           "end\n"
                           "\n"
                           "function __filterscope_layers\n"
                           "    set -l words (commandline -opc)\n"
                           "    set -l model\n"
                           "    if set -l at (contains -i -- --model $words)\n"
                           "        set model --model $words[(math $at + 1)]\n"
                           "    end\n"
                           "    filterscope layers --quiet $model 2>/dev/null | awk 'NR > 1 { print $1 }'\n"
                           "end\n"
                           "\n"
                           "complete -c filterscope -f\n";

/* Within single quotes. */
static void put_quoted(FILE *to, const char *text) {
    fputc('\'', to);
    for (const char *c = text; *c; c++) {
        if (*c == '\'' || *c == '\\')
            fputc('\\', to);
        fputc(*c, to);
    }
    fputc('\'', to);
}

static const char *arguments(fs_option_meaning meaning) {
    static const char *const sources[] = {[FS_OPTION_MEANS_TEXT] = " -x",
                                          [FS_OPTION_MEANS_FILE] = " -r -F",
                                          [FS_OPTION_MEANS_FOLDER] = " -x -a '(__fish_complete_directories)'",
                                          [FS_OPTION_MEANS_MODEL] = " -r -F -a '(__filterscope_models)'",
                                          [FS_OPTION_MEANS_LAYER] = " -x -a '(__filterscope_layers)'"};
    return sources[meaning];
}

/* The part of a line that says when it holds: the command was chosen, or none was. */
static void begin(FILE *to, const fs_command *command) {
    if (*command->name)
        fprintf(to, "complete -c filterscope -n '__fish_seen_subcommand_from %s'", command->name);
    else
        fputs("complete -c filterscope -n __fish_use_subcommand", to);
}

static void put_option(FILE *to, const fs_command *command, const fs_option *o) {
    begin(to, command);
    fprintf(to, " -l %s", o->name);
    if (strcmp(o->name, "output") == 0 || strcmp(o->name, "help") == 0)
        fprintf(to, " -s %c", *o->name);
    if (o->kind == FS_OPTION_KIND_CHOICE) {
        fputs(" -x -a '", to);
        for (int c = 0; o->choices[c]; c++)
            fprintf(to, "%s%s", c ? " " : "", o->choices[c]);
        fputc('\'', to);
    } else if (o->kind != FS_OPTION_KIND_BOOL) {
        fputs(arguments(o->meaning), to);
    }
    fputs(" -d ", to);
    put_quoted(to, o->help);
    fputc('\n', to);
}

static void put_command(FILE *to, const fs_command *command) {
    const fs_option *o = NULL;
    fputc('\n', to);
    if (command->max_positional > 0 && command->positional != FS_OPTION_MEANS_TEXT) {
        begin(to, command);
        fprintf(to, " -F%s\n",
                command->positional == FS_OPTION_MEANS_MODEL ? " -a '(__filterscope_models)'" : "");
    }
    for (int n = 0; (o = fs_command_option(command, n)); n++)
        put_option(to, command, o);
}

void fs_completion_fish(FILE *to, const fs_command *window) {
    fputs(head, to);
    for (const fs_command *const *c = fs_commands; *c; c++) {
        fprintf(to, "complete -c filterscope -n __fish_use_subcommand -a %s -d ", (*c)->name);
        put_quoted(to, (*c)->summary);
        fputc('\n', to);
    }
    put_command(to, window);
    for (const fs_command *const *c = fs_commands; *c; c++)
        put_command(to, *c);
}
