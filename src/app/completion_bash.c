#include <string.h>

#include "app/completion.h"

/* _filterscope_table says for a command and the word before the cursor: `options`, the command's; `words`,
 * what its other arguments are; `takes`, what the option before the cursor wants: one of the kinds below, or
 * the words of a choice. Bash splits --option=value at the equals sign. */
static const char head[] = "# bash completion for filterscope, made from its option tables\n"
                           "\n"
                           "_filterscope_table() { # COMMAND OPTION\n"
                           "    options='' takes='' words=nothing\n"
                           "    case $1 in\n";
static const char middle[] = "    esac\n"
                             "}\n"
                             "\n"
                             "_filterscope_commands() {\n"
                             "    echo";
static const char tail[] =
    "\n"
    "}\n"
    "\n"
    "_filterscope_models() {\n"
    "    filterscope models 2>/dev/null | awk 'NF == 0 { exit } NR > 1 { print $1 }'\n"
    "}\n"
    "\n"
    "_filterscope_layers() { # [MODEL]\n"
    "    filterscope layers --quiet ${1:+--model \"$1\"} 2>/dev/null | awk 'NR > 1 { print $1 }'\n"
    "}\n"
    "\n"
    "_filterscope_model() { # the value of --model in the line\n"
    "    local at\n"
    "    for ((at = 1; at < COMP_CWORD; at++)); do\n"
    "        [[ ${COMP_WORDS[at]} == --model ]] || continue\n"
    "        ((at++))\n"
    "        [[ ${COMP_WORDS[at]} == '=' ]] && ((at++))\n"
    "        printf '%s' \"${COMP_WORDS[at]}\"\n"
    "    done\n"
    "}\n"
    "\n"
    "_filterscope_candidates() { # KIND-OR-CHOICES\n"
    "    case $1 in\n"
    "    nothing) ;;\n"
    "    command) compgen -W \"$(_filterscope_commands)\" -- \"$current\" ;;\n"
    "    file) compgen -f -- \"$current\" ;;\n"
    "    folder) compgen -d -- \"$current\" ;;\n"
    "    layer) compgen -W \"$(_filterscope_layers \"$(_filterscope_model)\")\" -- \"$current\" ;;\n"
    "    model)\n"
    "        compgen -d -- \"$current\"\n"
    "        compgen -f -X '!*.onnx' -- \"$current\"\n"
    "        compgen -f -X '!*.pb' -- \"$current\"\n"
    "        compgen -W \"$(_filterscope_models)\" -- \"$current\"\n"
    "        ;;\n"
    "    *) compgen -W \"$1\" -- \"$current\" ;;\n"
    "    esac\n"
    "}\n"
    "\n"
    "_filterscope() {\n"
    "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local options takes words\n"
    "    if [[ $current == '=' ]]; then\n"
    "        current=''\n"
    "    elif [[ $before == '=' ]]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    _filterscope_table \"${COMP_WORDS[1]}\" \"$before\"\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    if [[ -n $takes ]]; then\n"
    "        mapfile -t COMPREPLY < <(_filterscope_candidates \"$takes\")\n"
    "    elif [[ $current == -* ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
    "    elif ((COMP_CWORD == 1)); then\n"
    "        mapfile -t COMPREPLY < <(_filterscope_candidates command; _filterscope_candidates \"$words\")\n"
    "    else\n"
    "        mapfile -t COMPREPLY < <(_filterscope_candidates \"$words\")\n"
    "    fi\n"
    "}\n"
    "\n"
    "complete -F _filterscope filterscope\n";

static const char *kind(fs_option_meaning meaning) {
    static const char *const kinds[] = {[FS_OPTION_MEANS_TEXT] = "nothing",
                                        [FS_OPTION_MEANS_FILE] = "file",
                                        [FS_OPTION_MEANS_FOLDER] = "folder",
                                        [FS_OPTION_MEANS_MODEL] = "model",
                                        [FS_OPTION_MEANS_LAYER] = "layer"};
    return kinds[meaning];
}

static void put_takes(FILE *to, const fs_option *o) {
    fprintf(to, "        --%s%s) takes='", o->name, strcmp(o->name, "output") == 0 ? " | -o" : "");
    if (o->kind == FS_OPTION_KIND_CHOICE)
        for (int c = 0; o->choices[c]; c++)
            fprintf(to, "%s%s", c ? " " : "", o->choices[c]);
    else
        fputs(kind(o->meaning), to);
    fputs("' ;;\n", to);
}

static void put_command(FILE *to, const fs_command *command, const char *pattern) {
    const fs_option *o = NULL;
    fprintf(to, "    %s)\n        options='", pattern);
    for (int n = 0; (o = fs_command_option(command, n)); n++)
        fprintf(to, "%s--%s", n ? " " : "", o->name);
    fputs("'\n", to);
    if (command->max_positional > 0)
        fprintf(to, "        words='%s'\n", kind(command->positional));
    fputs("        case $2 in\n", to);
    for (int n = 0; (o = fs_command_option(command, n)); n++)
        if (o->kind != FS_OPTION_KIND_BOOL)
            put_takes(to, o);
    fputs("        esac\n        ;;\n", to);
}

void fs_completion_bash(FILE *to, const fs_command *window) {
    fputs(head, to);
    for (const fs_command *const *c = fs_commands; *c; c++)
        put_command(to, *c, (*c)->name);
    put_command(to, window, "*");
    fputs(middle, to);
    for (const fs_command *const *c = fs_commands; *c; c++)
        fprintf(to, " %s", (*c)->name);
    fputs(tail, to);
}
