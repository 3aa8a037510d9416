#include <stdio.h>

#include "app/commands.h"
#include "app/terminal.h"
#include "base/alloc.h"
#include "registry/pull.h"
#include "registry/store.h"

typedef struct settings {
    char from[FS_OPTION_TEXT_SIZE];
} settings;

static const fs_option options[] = {
    FS_OPTION_TEXT(settings, from, "from", "",
                   "another URL of the same file, a mirror's or file:///...; checked alike"),
    FS_OPTION_END};

static fs_status pull(fs_call *call, const fs_registry_entry *entry, const char *folder, fs_error *err) {
    const settings *s = call->settings;
    fs_pull_outcome outcome = FS_PULL_FETCHED;
    fs_pull_options pull_options = fs_pull_options_default();
    pull_options.from = *s->from ? s->from : NULL;
    pull_options.progress = &call->progress;
    fs_status status = fs_registry_pull(entry, folder, &pull_options, &outcome, err);
    fs_terminal_clear();
    if (status != FS_OK)
        return status;
    char *path = fs_registry_model_path(folder, entry);
    if (path == NULL)
        return fs_fail_memory(err, "a file name");
    if (!call->common.quiet)
        printf("%s: %s%s\n", entry->name, outcome == FS_PULL_WAS_THERE ? "already here, and right: " : "",
               path);
    fs_free(path);
    return FS_OK;
}

static fs_status run(fs_call *call, fs_error *err) {
    if (call->n_positional == 0)
        return fs_call_usage(call, err, "name a public model; `filterscope models` lists them");
    const fs_registry_entry *entry = fs_registry_find(call->positional[0]);
    if (entry == NULL)
        return fs_registry_fail_unknown(call->positional[0], err);
    char *folder = NULL;
    fs_status status = fs_registry_folder(&folder, err);
    if (status == FS_OK)
        status = pull(call, entry, folder, err);
    fs_free(folder);
    return status;
}

const fs_command fs_command_pull = {.name = "pull",
                                    .arguments = "NAME [options]",
                                    .summary =
                                        "downloads a public model, checks it; goes on where it broke off",
                                    .options = options,
                                    .settings_size = sizeof(settings),
                                    .max_positional = 1,
                                    .positional = FS_OPTION_MEANS_MODEL,
                                    .example = "pull squeezenet1.1",
                                    .run = run};
