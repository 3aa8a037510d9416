#include "app/arguments.h"

#include <stdbool.h>
#include <string.h>

enum { MAX_NAME = 64 };

static const fs_option *find(const fs_option_set *sets, int n_sets, const char *name) {
    for (int s = 0; s < n_sets; s++) {
        const fs_option *option = sets[s].table ? fs_options_find(sets[s].table, name) : NULL;
        if (option)
            return option;
    }
    return NULL;
}

static fs_status set_everywhere(const fs_option_set *sets, int n_sets, const char *name, const char *value,
                                fs_error *err) {
    for (int s = 0; s < n_sets; s++) {
        if (!sets[s].table || !fs_options_find(sets[s].table, name))
            continue;
        fs_status status = fs_options_set(sets[s].table, sets[s].settings, name, value, err);
        if (status != FS_OK)
            return status;
    }
    return FS_OK;
}

/* One option word; *used is how many words it took. */
static fs_status parse_option(int argc, char **argv, int at, const fs_option_set *sets, int n_sets, int *used,
                              fs_error *err) {
    const char *word = argv[at];
    const char *start = strcmp(word, "-o") == 0 ? "output" : strcmp(word, "-h") == 0 ? "help" : word + 2;
    const char *equals = word[1] == '-' ? strchr(start, '=') : NULL;
    size_t length = equals ? (size_t)(equals - start) : strlen(start);
    char name[MAX_NAME];
    if (length >= sizeof name)
        return fs_fail(err, FS_ERROR_ARGUMENT, "unknown option '%.60s...'", word);
    memcpy(name, start, length);
    name[length] = 0;
    bool known_form = word[1] == '-' || start != word + 2;
    const fs_option *option = known_form ? find(sets, n_sets, name) : NULL;
    if (!option)
        return fs_fail(err, FS_ERROR_ARGUMENT, "unknown option '%s'", word);
    *used = 1;
    if (equals)
        return set_everywhere(sets, n_sets, name, equals + 1, err);
    if (option->kind == FS_OPTION_KIND_BOOL)
        return set_everywhere(sets, n_sets, name, "true", err);
    if (at + 1 >= argc)
        return fs_fail(err, FS_ERROR_ARGUMENT, "option '%s' needs a value", word);
    *used = 2;
    return set_everywhere(sets, n_sets, name, argv[at + 1], err);
}

fs_status fs_arguments_parse(int argc, char **argv, const fs_option_set *sets, int n_sets, char **positional,
                             int max_positional, int *n_positional, fs_error *err) {
    int count = 0;
    bool only_words = false;
    for (int at = 0, used; at < argc; at += used) {
        used = 1;
        if (!only_words && strcmp(argv[at], "--") == 0) {
            only_words = true;
        } else if (only_words || argv[at][0] != '-' || argv[at][1] == 0) {
            if (count == max_positional)
                return fs_fail(err, FS_ERROR_ARGUMENT, "unexpected argument '%s'", argv[at]);
            positional[count++] = argv[at];
        } else {
            fs_status status = parse_option(argc, argv, at, sets, n_sets, &used, err);
            if (status != FS_OK)
                return status;
        }
    }
    *n_positional = count;
    return FS_OK;
}
