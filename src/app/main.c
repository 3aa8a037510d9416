/* filterscope: picks a subcommand; with none it opens the window. */
#include <stdio.h>
#include <string.h>

#include "app/cmd_window.h"
#include "app/commands.h"
#include "app/help.h"
#include "app/terminal.h"
#include "base/alloc.h"

enum { EXIT_OK = 0, EXIT_ERROR = 1, EXIT_USAGE = 2 };

static int report(const fs_error *err, bool usage) {
    fs_terminal_clear();
    fprintf(stderr, "filterscope: %s\n", err->message);
    return usage ? EXIT_USAGE : EXIT_ERROR;
}

/* Of several processes the first speaks for all. */
static fs_status join(fs_call *call, fs_error *err) {
    if (!call->command->shares_work || !fs_cluster_launched())
        return FS_OK;
    fs_status status = fs_cluster_join(&call->cluster, err);
    if (fs_cluster_rank(call->cluster) != 0)
        call->common.quiet = true;
    return status;
}

/* The failure of one process is that of all, and is told once. */
static int finish(fs_call *call, fs_status status, fs_error *err) {
    const bool said = fflush(stdout) == 0 && !ferror(stdout);
    if (!said)
        fs_terminal_end_if_unread();
    status = fs_cluster_agree(call->cluster, status, err);
    const int code = status == FS_OK                       ? EXIT_OK
                     : fs_cluster_rank(call->cluster) == 0 ? report(err, call->usage_error)
                     : call->usage_error                   ? EXIT_USAGE
                                                           : EXIT_ERROR;
    fs_cluster_leave(call->cluster); /* told before: the launcher ends all when the first is gone */
    if (code != EXIT_OK)
        return code;
    if (!said) {
        fputs("filterscope: standard output could not be written\n", stderr);
        return EXIT_ERROR;
    }
    return EXIT_OK;
}

static int run_parsed(fs_call *call) {
    fs_error err = {0}, why = {0};
    fs_status status = fs_call_parse(call, &err);
    if (call->common.help) {
        fs_help_command(stdout, call->command);
        return EXIT_OK;
    }
    call->usage_error = status != FS_OK;
    if (join(call, &why) != FS_OK)
        return report(&why, false);
    if (status == FS_OK) {
        call->progress = fs_terminal_progress(call->common.quiet);
        status = call->command->run(call, &err);
    }
    return finish(call, status, &err);
}

static int run_command(const fs_command *command, int argc, char **argv) {
    fs_call call = {.command = command, .argc = argc, .argv = argv};
    call.settings = fs_calloc(1, command->settings_size + 1);
    call.extra = fs_calloc(1, command->extra_size + 1);
    call.positional = fs_calloc((size_t)argc + 1, sizeof *call.positional);
    int code = EXIT_ERROR;
    if (call.settings && call.extra && call.positional) {
        if (command->options)
            fs_options_defaults(command->options, call.settings);
        if (command->extra_options)
            fs_options_defaults(command->extra_options, call.extra);
        fs_options_defaults(fs_common_options, &call.common);
        code = run_parsed(&call);
    } else {
        fputs("filterscope: out of memory\n", stderr);
    }
    fs_free(call.settings);
    fs_free(call.extra);
    fs_free(call.positional);
    return code;
}

int main(int argc, char **argv) {
    const char *first = argc > 1 ? argv[1] : "";
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 || strcmp(first, "help") == 0) {
        fs_help_program(stdout);
        return EXIT_OK;
    }
    if (strcmp(first, "--version") == 0) {
        puts("filterscope " FS_VERSION);
        return EXIT_OK;
    }
    const fs_command *command = fs_command_find(first);
    if (command)
        return run_command(command, argc - 2, argv + 2);
    return run_command(&fs_command_window, argc - 1, argv + 1);
}
