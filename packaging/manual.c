/* Writes the manual pages and the completions of the shells: manual DATE FOLDER.
 *
 * The date is that of the release. What is written: man1/filterscope.1 and a page a command,
 * completions/{filterscope, _filterscope, filterscope.fish}. */
#include <stdio.h>

#include "app/cmd_window.h"
#include "app/completion.h"
#include "app/manual.h"
#include "base/file.h"

typedef void (*printer)(FILE *to, const fs_command *command, const char *date);

static void print_bash(FILE *to, const fs_command *window, const char *date) {
    (void)date;
    fs_completion_bash(to, window);
}

static void print_zsh(FILE *to, const fs_command *window, const char *date) {
    (void)date;
    fs_completion_zsh(to, window);
}

static void print_fish(FILE *to, const fs_command *window, const char *date) {
    (void)date;
    fs_completion_fish(to, window);
}

static fs_status write_file(const char *path, printer print, const fs_command *command, const char *date,
                            fs_error *err) {
    fs_file_writer *writer = NULL;
    fs_status status = fs_file_writer_create(&writer, path, err);
    if (status != FS_OK)
        return status;
    print(fs_file_writer_stream(writer), command, date);
    return fs_file_writer_commit(writer, err);
}

static fs_status write_pages(const char *folder, const char *date, fs_error *err) {
    char path[4096];
    snprintf(path, sizeof path, "%s/man1", folder);
    fs_status status = fs_make_folder(path, err);
    snprintf(path, sizeof path, "%s/man1/filterscope.1", folder);
    if (status == FS_OK)
        status = write_file(path, fs_manual_program, &fs_command_window, date, err);
    for (const fs_command *const *c = fs_commands; *c && status == FS_OK; c++) {
        snprintf(path, sizeof path, "%s/man1/filterscope-%s.1", folder, (*c)->name);
        status = write_file(path, fs_manual_command, *c, date, err);
    }
    return status;
}

static fs_status write_completions(const char *folder, fs_error *err) {
    static const struct {
        const char *name;
        printer print;
    } shells[] = {{"filterscope", print_bash}, {"_filterscope", print_zsh}, {"filterscope.fish", print_fish}};
    char path[4096];
    snprintf(path, sizeof path, "%s/completions", folder);
    fs_status status = fs_make_folder(path, err);
    for (size_t i = 0; i < sizeof shells / sizeof *shells && status == FS_OK; i++) {
        snprintf(path, sizeof path, "%s/completions/%s", folder, shells[i].name);
        status = write_file(path, shells[i].print, &fs_command_window, "", err);
    }
    return status;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fputs("usage: manual DATE FOLDER\n", stderr);
        return 2;
    }
    fs_error err = {0};
    fs_status status = write_pages(argv[2], argv[1], &err);
    if (status == FS_OK)
        status = write_completions(argv[2], &err);
    if (status != FS_OK)
        fprintf(stderr, "manual: %s\n", err.message);
    return status == FS_OK ? 0 : 1;
}
