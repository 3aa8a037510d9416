/* What a subcommand is. Each lives in cmd_NAME.c and is listed in commands.c; main parses the words into its
 * settings, calls run, and turns the status into an exit code and one line on stderr. */
#ifndef FS_APP_COMMAND_H
#define FS_APP_COMMAND_H

#include "app/arguments.h"
#include "base/pool.h"
#include "base/progress.h"
#include "cluster/cluster.h"
#include "engine/model.h"

/* Options of every command. */
typedef struct fs_common_settings {
    char model[FS_OPTION_TEXT_SIZE];
    int threads;
    uint64_t seed;
    bool quiet, help;
} fs_common_settings;
extern const fs_option fs_common_options[];

typedef struct fs_call {
    const struct fs_command *command;
    fs_common_settings common;
    void *settings; /* of the command's own table */
    void *extra;    /* of its second table */
    char **positional;
    int n_positional;
    int argc; /* the words after the command's name */
    char **argv;
    fs_progress progress;
    fs_cluster *cluster; /* NULL: this process alone */
    bool usage_error;    /* set by fs_call_usage: the exit code becomes 2 */
} fs_call;

typedef struct fs_command {
    const char *name;
    const char *arguments; /* "IMAGE... [options]" */
    const char *summary;   /* one line */
    const fs_option *options;
    size_t settings_size;
    const fs_option *extra_options; /* a table declared elsewhere (fs_render_options) */
    size_t extra_size;
    int max_positional;
    fs_option_meaning positional; /* what the words that are no options stand for */
    const char *example;          /* the words after the program's name, for the help and the manual */
    bool
        shares_work; /* several processes that mpirun started do it together; of others each does the whole */
    fs_status (*run)(fs_call *call, fs_error *err);
} fs_command;

extern const fs_command *const fs_commands[]; /* NULL terminated, in the order of the help */
const fs_command *fs_command_find(const char *name);
/* The command's nth option, of its own table, its second, and the common one; none comes twice. NULL after
 * the last. */
const fs_option *fs_command_option(const fs_command *command, int n);

/* All words of the call read into its settings again, over whatever they hold now. */
fs_status fs_call_parse(fs_call *call, fs_error *err);
/* A mistake in how the command was called. */
fs_status fs_call_usage(fs_call *call, fs_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Loads --model (or `path` if not NULL), a file or a public model that was pulled; says on stderr when no
 * sidecar was found; errors when none is given.
 */
fs_status fs_call_load_model(fs_call *call, const char *path, fs_model **out, fs_error *err);
/* Whether a file can be written there, found out before the work rather than after it. */
fs_status fs_call_check_output(const char *path, fs_error *err);
fs_status fs_call_make_pool(const fs_call *call, fs_pool **out, fs_error *err);
/* --layer text -> layer, --channel checked against it (skipped when channel < 0). */
fs_status fs_call_find_layer(const fs_model *model, const char *name, int channel, const fs_layer **out,
                             fs_error *err);

#endif
