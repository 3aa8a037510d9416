#include <string.h>

#include "app/completion.h"

static const char head[] =
    "#compdef filterscope\n"
    "# zsh completion for filterscope, made from its option tables\n"
    "\n"
    "_filterscope_models() {\n"
    "    local -a models\n"
    "    models=(${(f)\"$(filterscope models 2>/dev/null | awk 'NF == 0 { exit } NR > 1 { print $1 }')\"})\n"
    "    compadd -a models\n"
    "    _files -g '*.(onnx|pb)'\n"
    "}\n"
    "\n"
    "_filterscope_layers() {\n"
    "    local -a layers model\n"
    "    local at=${words[(i)--model]}\n"
    "    ((at < CURRENT)) && model=(--model ${(Q)words[at + 1]})\n"
    "    layers=(${(f)\"$(filterscope layers --quiet $model 2>/dev/null | awk 'NR > 1 { print $1 }')\"})\n"
    "    compadd -a layers\n"
    "}\n"
    "\n"
    "_filterscope_commands() {\n"
    "    local -a commands\n"
    "    commands=(\n";
static const char middle[] = "    )\n"
                             "    _describe command commands\n"
                             "    _filterscope_models\n"
                             "}\n"
                             "\n"
                             "_filterscope() {\n"
                             "    if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then\n"
                             "        _filterscope_commands\n"
                             "        return\n"
                             "    fi\n"
                             "    case $words[2] in\n";
static const char tail[] = "    esac\n"
                           "}\n"
                           "\n"
                           "_filterscope \"$@\"\n";

/* Within single quotes, with a backslash before what _arguments and _describe would read. */
static void put_text(FILE *to, const char *text) {
    for (const char *c = text; *c; c++) {
        if (*c == '\'')
            fputs("'\\'", to);
        else if (strchr("[]:\\", *c))
            fputc('\\', to);
        fputc(*c, to);
    }
}

static const char *action(fs_option_meaning meaning) {
    static const char *const actions[] = {[FS_OPTION_MEANS_TEXT] = ":text: ",
                                          [FS_OPTION_MEANS_FILE] = ":file:_files",
                                          [FS_OPTION_MEANS_FOLDER] = ":folder:_files -/",
                                          [FS_OPTION_MEANS_MODEL] = ":model:_filterscope_models",
                                          [FS_OPTION_MEANS_LAYER] = ":layer:_filterscope_layers"};
    return actions[meaning];
}

static void put_names(FILE *to, const fs_option *o) {
    if (strcmp(o->name, "output") == 0)
        fputs("'(-o --output)'{-o,--output=}'[", to);
    else if (strcmp(o->name, "help") == 0)
        fputs("'(-h --help)'{-h,--help}'[", to);
    else
        fprintf(to, "'--%s%s[", o->name, o->kind == FS_OPTION_KIND_BOOL ? "" : "=");
}

static void put_option(FILE *to, const fs_option *o) {
    fputs(" \\\n            ", to);
    put_names(to, o);
    put_text(to, o->help);
    fputc(']', to);
    if (o->kind == FS_OPTION_KIND_CHOICE) {
        fputs(":word:(", to);
        for (int c = 0; o->choices[c]; c++)
            fprintf(to, "%s%s", c ? " " : "", o->choices[c]);
        fputc(')', to);
    } else if (o->kind != FS_OPTION_KIND_BOOL) {
        fputs(action(o->meaning), to);
    }
    fputc('\'', to);
}

/* Of a command the words begin after its name, of the window after the program's. */
static void put_command(FILE *to, const fs_command *command, const char *pattern) {
    const fs_option *o = NULL;
    fprintf(to, "    %s)\n", pattern);
    if (*command->name)
        fputs("        shift words\n        ((CURRENT--))\n", to);
    fputs("        _arguments -S", to);
    for (int n = 0; (o = fs_command_option(command, n)); n++)
        put_option(to, o);
    if (command->max_positional > 0)
        fprintf(to, " \\\n            '*%s'", action(command->positional));
    fputs("\n        ;;\n", to);
}

void fs_completion_zsh(FILE *to, const fs_command *window) {
    fputs(head, to);
    for (const fs_command *const *c = fs_commands; *c; c++) {
        fprintf(to, "        '%s:", (*c)->name);
        put_text(to, (*c)->summary);
        fputs("'\n", to);
    }
    fputs(middle, to);
    for (const fs_command *const *c = fs_commands; *c; c++)
        put_command(to, *c, (*c)->name);
    put_command(to, window, "*");
    fputs(tail, to);
}
