#include <stdio.h>

#include "app/commands.h"
#include "app/terminal.h"
#include "app/world_sheet.h"
#include "world/dataset.h"

typedef struct settings {
    char output[FS_OPTION_TEXT_SIZE];
    int n, size, set, sheet;
    double split;
    bool no_masks, resume;
} settings;

static const char *const sets[] = {"a", "b", NULL};
static const char *const sheets[] = {"none", "classes", "masks", "textures", "parts", NULL};

static const fs_option options[] = {
    FS_OPTION_FILE(settings, output, "output", "", "folder to write, with --sheet a PNG file (-o)"),
    FS_OPTION_INT(settings, n, "n", 0, FS_WORLD_MAX_PICTURES, "0", "pictures, of all classes together"),
    FS_OPTION_INT(settings, size, "size", FS_WORLD_MIN_SIZE, FS_WORLD_MAX_SIZE, "128", "pixels a side"),
    FS_OPTION_CHOICE(settings, set, "set", sets, "a", "classes: a, or b for a second task of the same parts"),
    FS_OPTION_DOUBLE(settings, split, "split", 0, 1, "0.9", "what part of the pictures is for training"),
    FS_OPTION_BOOL(settings, no_masks, "no-masks", "pictures alone"),
    FS_OPTION_BOOL(settings, resume, "resume", "keep the pictures of a folder begun with the same settings"),
    FS_OPTION_CHOICE(settings, sheet, "sheet", sheets, "none",
                     "a contact sheet instead: classes, masks, textures, parts"),
    FS_OPTION_END};

static fs_status write_sheet(const fs_call *call, fs_pool *pool, fs_error *err) {
    const settings *s = call->settings;
    const fs_world_sheet sheet = {(fs_world_sheet_kind)s->sheet, call->common.seed, (fs_world_set)s->set,
                                  s->size};
    fs_image image = {0};
    fs_status status = fs_world_sheet_draw(&sheet, pool, &call->progress, &image, err);
    if (status == FS_OK)
        status = fs_image_write_png(&image, s->output, NULL, 0, err);
    fs_image_free(&image);
    return status;
}

static fs_status write_dataset(const fs_call *call, fs_pool *pool, fs_error *err) {
    const settings *s = call->settings;
    const fs_world_dataset dataset = {.folder = s->output,
                                      .n = s->n,
                                      .seed = call->common.seed,
                                      .set = (fs_world_set)s->set,
                                      .size = s->size,
                                      .split = s->split,
                                      .no_masks = s->no_masks,
                                      .resume = s->resume};
    const double start = fs_seconds();
    const fs_status status = fs_world_dataset_write(&dataset, pool, &call->progress, err);
    fs_terminal_clear();
    if (status == FS_OK && !call->common.quiet)
        fprintf(stderr, "%s: %d pictures in %.0f s\n", s->output, s->n, fs_seconds() - start);
    return status;
}

static fs_status run(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    fs_pool *pool = NULL;
    if (!*s->output)
        return fs_call_usage(call, err, "-o is needed");
    if (s->sheet == FS_WORLD_SHEET_NONE && s->n == 0)
        return fs_call_usage(call, err, "--n, the number of pictures, is needed");
    if (s->sheet != FS_WORLD_SHEET_NONE && (s->n != 0 || s->resume))
        return fs_call_usage(call, err, "--sheet excludes --n and --resume");
    fs_status status = s->sheet == FS_WORLD_SHEET_NONE ? FS_OK : fs_call_check_output(s->output, err);
    if (status == FS_OK)
        status = fs_call_make_pool(call, &pool, err);
    if (status == FS_OK)
        status =
            s->sheet == FS_WORLD_SHEET_NONE ? write_dataset(call, pool, err) : write_sheet(call, pool, err);
    fs_pool_destroy(pool);
    return status;
}

const fs_command fs_command_world = {.name = "world",
                                     .arguments = "--n N [--set a|b] [options] -o DIR",
                                     .summary =
                                         "drawn pictures with their classes, parts and textures, to train on",
                                     .options = options,
                                     .settings_size = sizeof(settings),
                                     .example = "world --n 1000 --set a -o pictures",
                                     .run = run};
