/* The command line against option tables (base/option.h): `--name value`, `--name=value`, flags, `-o PATH`.
 *
 * Several tables may be read at once; an option that stands in more than one (seed) is set in each. Words
 * that are not options are positional; after `--` everything is. */
#ifndef FS_APP_ARGUMENTS_H
#define FS_APP_ARGUMENTS_H

#include "base/option.h"

typedef struct fs_option_set {
    const fs_option *table;
    void *settings;
} fs_option_set;

/* positional receives at most max_positional borrowed words. Settings keep what the words do not mention.
 * Errors are FS_ERROR_ARGUMENT and name the word. */
fs_status fs_arguments_parse(int argc, char **argv, const fs_option_set *sets, int n_sets, char **positional,
                             int max_positional, int *n_positional, fs_error *err);

#endif
