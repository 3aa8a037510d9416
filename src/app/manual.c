#include "app/manual.h"

#include <ctype.h>
#include <string.h>

#include "app/help.h"
#include "base/c_locale.h"

/* Larger bounds say "no bound" rather than anything a reader wants to know. */
static const double telling_bound = 1e6;

/* Hyphens that a reader may want to copy stay hyphens: those that begin a word. */
static void put_text(FILE *to, const char *text) {
    if (*text == '.' || *text == '\'')
        fputs("\\&", to); /* at the start of a line it would be a macro */
    for (const char *c = text; *c; c++) {
        const bool in_word = c > text && isalnum((unsigned char)c[-1]);
        if (*c == '\\')
            fputs("\\e", to);
        else if (*c == '-' && !in_word)
            fputs("\\-", to);
        else if (*c == '\'')
            fputs("\\(aq", to);
        else if (*c == '`')
            fputs("\\(ga", to);
        else if (*c == '^')
            fputs("\\(ha", to);
        else if (*c == '~')
            fputs("\\(ti", to);
        else
            fputc(*c, to);
    }
}

/* A command or a file name: every hyphen may be copied. */
static void put_literal(FILE *to, const char *text) {
    for (const char *c = text; *c; c++) {
        if (*c == '-')
            fputs("\\-", to);
        else
            fputc(*c, to);
    }
}

/* The summary of a command as a sentence. */
static void put_sentence(FILE *to, const char *line) {
    char start[3] = {(char)toupper((unsigned char)line[0]), line[0] ? line[1] : 0, 0};
    put_text(to, start);
    if (strlen(line) > 2)
        put_text(to, line + 2);
    fputc('.', to);
}

static void put_bound(FILE *to, const fs_option *o, double bound) {
    char text[32];
    fs_c_snprintf(text, sizeof text, o->kind == FS_OPTION_KIND_INT ? "%.0f" : "%g", bound);
    put_literal(to, text);
}

/* " (from 1 to 32; default: 1)" */
static void put_limits(FILE *to, const fs_option *o) {
    const bool number = o->kind == FS_OPTION_KIND_INT || o->kind == FS_OPTION_KIND_DOUBLE;
    const bool low = number && o->low > -telling_bound, high = number && o->high < telling_bound;
    const bool initial = o->kind != FS_OPTION_KIND_BOOL && *o->initial;
    if (low || high || initial)
        fputs(" (", to);
    if (low)
        fputs(high ? "from " : "at least ", to);
    if (low)
        put_bound(to, o, o->low);
    if (high)
        fputs(low ? " to " : "at most ", to);
    if (high)
        put_bound(to, o, o->high);
    if (initial) {
        fputs(low || high ? "; default: \\fB" : "default: \\fB", to);
        put_literal(to, o->initial);
        fputs("\\fR", to);
    }
    if (low || high || initial)
        fputc(')', to);
}

/* "--spacing log|even" */
static void put_usage(FILE *to, const fs_option *o) {
    fputs(strcmp(o->name, "output") == 0 ? "\\fB\\-o\\fR, " : "", to);
    fputs(strcmp(o->name, "help") == 0 ? "\\fB\\-h\\fR, " : "", to);
    fputs("\\fB\\-\\-", to);
    put_literal(to, o->name);
    fputs("\\fR", to);
    if (*fs_help_value(o))
        fprintf(to, " \\fI%s\\fR", fs_help_value(o));
    for (int c = 0; o->kind == FS_OPTION_KIND_CHOICE && o->choices[c]; c++) {
        fputs(c ? "|\\fB" : " \\fB", to);
        put_literal(to, o->choices[c]);
        fputs("\\fR", to);
    }
    fputc('\n', to);
}

static void put_option(FILE *to, const fs_option *o) {
    fputs(".TP\n", to);
    put_usage(to, o);
    put_text(to, o->help);
    put_limits(to, o);
    fputc('\n', to);
}

static bool is_common(const fs_option *option) {
    return fs_options_find(fs_common_options, option->name) == option;
}

static void put_options(FILE *to, const fs_command *command) {
    const fs_option *o = NULL;
    bool common = false;
    for (int n = 0; (o = fs_command_option(command, n)); n++) {
        if (n == 0 && !is_common(o))
            fputs(".SH OPTIONS\n", to);
        if (is_common(o) && !common)
            fputs(".SH OPTIONS OF EVERY COMMAND\n", to);
        common = is_common(o);
        put_option(to, o);
    }
}

static void put_example(FILE *to, const fs_command *command) {
    if (!command->example)
        return;
    fputs(".SH EXAMPLES\n.nf\n.RS\nfilterscope ", to);
    put_literal(to, command->example);
    fputs("\n.RE\n.fi\n", to);
}

static void put_title(FILE *to, const char *name, const char *date) {
    fputs(*name ? ".TH FILTERSCOPE\\-" : ".TH FILTERSCOPE", to);
    for (const char *c = name; *c; c++) {
        if (*c == '-')
            fputs("\\-", to);
        else
            fputc(toupper((unsigned char)*c), to);
    }
    fprintf(to, " 1 %s \"filterscope %s\" \"User Commands\"\n.nh\n", date, FS_VERSION);
}

static void put_exit_status(FILE *to) {
    fputs(".SH EXIT STATUS\n0: done.\n1: an error, told in one line on standard error.\n"
          "2: called in a wrong way.\n.PP\nSIGINT (Ctrl-C), SIGTERM and SIGHUP stop a command soon: it keeps "
          "what is "
          "finished, removes what is not, and the exit status is 1. A second one stops it at once. When "
          "standard "
          "output is a pipe that nobody reads any more, the command ends by SIGPIPE.\n",
          to);
}

void fs_manual_command(FILE *to, const fs_command *command, const char *date) {
    put_title(to, command->name, date);
    fputs(".SH NAME\nfilterscope\\-", to);
    put_literal(to, command->name);
    fputs(" \\- ", to);
    put_text(to, command->summary);
    fputs("\n.SH SYNOPSIS\n\\fBfilterscope ", to);
    put_literal(to, command->name);
    fputs("\\fR ", to);
    put_literal(to, command->arguments);
    fputs("\n.SH DESCRIPTION\n", to);
    put_sentence(to, command->summary);
    fputs("\n.PP\nOptions may be written as \\-\\-name value or \\-\\-name=value; after \\-\\- no word is an "
          "option.\nWithout \\-\\-model the network that is built in is used.\n",
          to);
    put_options(to, command);
    put_exit_status(to);
    put_example(to, command);
    fputs(".SH SEE ALSO\n.BR filterscope (1)\n", to);
}

static void put_command_list(FILE *to) {
    fputs(".SH COMMANDS\n", to);
    for (const fs_command *const *c = fs_commands; *c; c++) {
        fputs(".TP\n\\fB", to);
        put_literal(to, (*c)->name);
        fputs("\\fR ", to);
        put_literal(to, (*c)->arguments);
        fputc('\n', to);
        put_sentence(to, (*c)->summary);
        fputs("\nSee\n.BR filterscope\\-", to);
        put_literal(to, (*c)->name);
        fputs(" (1).\n", to);
    }
}

static void put_surroundings(FILE *to) {
    fputs(
        ".SH ENVIRONMENT\n"
        ".TP\n.B XDG_DATA_HOME\nWhere models that were pulled are kept; ~/.local/share without it.\n"
        ".TP\n.B XDG_CONFIG_HOME\nWhere the window keeps its settings; ~/.config without it.\n"
        ".TP\n.B XDG_CACHE_HOME\nWhere activations of photographs are kept; ~/.cache without it.\n"
        ".TP\n.B FILTERSCOPE_ISA\nThe instructions to compute with, fewer than the processor has: "
        "avx2 or generic.\n"
        ".SH FILES\n"
        ".TP\n.I NAME.json\nBeside a model NAME.onnx or NAME.pb: how pictures become its input, and what its "
        "classes are called.\n",
        to);
}

static void put_see_also(FILE *to) {
    fputs(".SH SEE ALSO\n", to);
    for (const fs_command *const *c = fs_commands; *c; c++) {
        fputs(".BR filterscope\\-", to);
        put_literal(to, (*c)->name);
        fputs(c[1] ? " (1),\n" : " (1)\n", to);
    }
}

void fs_manual_program(FILE *to, const fs_command *window, const char *date) {
    put_title(to, "", date);
    fputs(".SH NAME\nfilterscope \\- a microscope for convolutional networks\n"
          ".SH SYNOPSIS\n\\fBfilterscope\\fR ",
          to);
    put_literal(to, window->arguments);
    fputs(
        "\n.PP\n\\fBfilterscope\\fR \\fICOMMAND\\fR [options]\n"
        ".SH DESCRIPTION\n"
        "Draws the picture that each channel of each layer of a convolutional network responds to most, from "
        "edges and\ntextures to patterns, parts and objects.\n"
        "It runs on a processor, offline, on any ONNX or frozen TensorFlow file, from the command line or in "
        "a "
        "window.\n"
        ".PP\n"
        "Without a command it opens the window, on \\fIMODEL\\fR or on the network that is built in.\n",
        to);
    put_command_list(to);
    put_options(to, window);
    put_exit_status(to);
    put_surroundings(to);
    put_example(to, window);
    put_see_also(to);
}
