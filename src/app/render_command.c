#include "app/render_command.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,+=@%";

/* Between single quotes nothing is special to a POSIX shell but the quote itself. */
static void add_word(fs_text *text, const char *word) {
    if (*word && word[strspn(word, plain)] == '\0') {
        fs_text_add(text, " %s", word);
        return;
    }
    fs_text_add(text, " '");
    for (const char *c = word; *c; c++)
        fs_text_add(text, *c == '\'' ? "'\\''" : "%c", *c);
    fs_text_add(text, "'");
}

/* Which of the options mean something beside the objective. */
static bool is_wanted(const fs_option *option, const fs_render_settings *s) {
    bool is_target = strcmp(option->name, "layer") == 0 || strcmp(option->name, "channel") == 0;
    if (strcmp(option->name, "layer") == 0)
        return fs_render_needs_layer(s);
    return !is_target || fs_render_is_simple(s) || s->channel != 0; /* it also chooses the random numbers */
}

void fs_render_command(fs_text *text, const fs_render_call *call) {
    fs_render_settings *defaults = fs_calloc(1, sizeof *defaults);
    char value[FS_OPTION_VALUE_SIZE], usual[FS_OPTION_VALUE_SIZE];
    text->failed |= defaults == NULL;
    if (defaults == NULL)
        return;
    fs_options_defaults(fs_render_options, defaults);
    fs_text_add(text, "filterscope render");
    if (call->model != NULL) {
        fs_text_add(text, " --model");
        add_word(text, call->model);
    }
    for (const fs_option *option = fs_render_options; option->name != NULL; option++) {
        fs_option_format(option, call->settings, value);
        bool always = strcmp(option->name, "channel") == 0 && fs_render_is_simple(call->settings);
        if (!is_wanted(option, call->settings) ||
            (!always && strcmp(value, fs_option_format(option, defaults, usual)) == 0))
            continue;
        fs_text_add(text, " --%s", option->name);
        if (option->kind != FS_OPTION_KIND_BOOL) /* a flag: it is only there when it is set */
            add_word(text, value);
    }
    if (call->threads > 0)
        fs_text_add(text, " --threads %d", call->threads);
    fs_text_add(text, " -o");
    add_word(text, call->output);
    fs_free(defaults);
}
