#include "app/render_export.h"

#include <stdio.h>
#include <string.h>

#include "app/model_path.h"
#include "base/alloc.h"

enum { MAX_OPTIONS = 64, KEYWORD_SIZE = 80 };

static const char prefix[] = "filterscope:";
static const char software[] = "filterscope " FS_VERSION;

/* Everything the text chunks point at while they are written. */
typedef struct chunk_texts {
    char keyword[MAX_OPTIONS][KEYWORD_SIZE];
    char value[MAX_OPTIONS][FS_OPTION_VALUE_SIZE];
    fs_image_text texts[MAX_OPTIONS + 2];
    int n;
} chunk_texts;

static void add_chunk(chunk_texts *chunks, const char *keyword, const char *text) {
    chunks->texts[chunks->n++] = (fs_image_text){keyword, text};
}

static void add_options(chunk_texts *chunks, const fs_render_settings *settings) {
    int i = 0;
    for (const fs_option *option = fs_render_options; option->name != NULL && i < MAX_OPTIONS;
         option++, i++) {
        snprintf(chunks->keyword[i], KEYWORD_SIZE, "%s%s", prefix, option->name);
        add_chunk(chunks, chunks->keyword[i], fs_option_format(option, settings, chunks->value[i]));
    }
}

fs_status fs_render_export(const fs_model *model, const fs_render_settings *settings, const fs_image *image,
                           const char *path, fs_error *err) {
    chunk_texts *chunks = fs_calloc(1, sizeof *chunks);
    if (chunks == NULL)
        return fs_fail_memory(err, "the text of a picture");
    add_chunk(chunks, "Software", software);
    if (model->path != NULL)
        add_chunk(chunks, "filterscope:model", fs_model_path_name(model->path));
    add_options(chunks, settings);
    fs_status status = fs_image_write_png(image, path, chunks->texts, chunks->n, err);
    fs_free(chunks);
    return status;
}

static fs_status import_option(const fs_option *option, fs_render_settings *settings, const char *path,
                               int *found, fs_error *err) {
    char keyword[KEYWORD_SIZE], *text = NULL;
    snprintf(keyword, sizeof keyword, "%s%s", prefix, option->name);
    fs_status status = fs_image_read_png_text(&text, path, keyword, err);
    if (status == FS_ERROR_NOT_FOUND)
        return FS_OK;
    if (status != FS_OK)
        return status;
    status = fs_options_set(fs_render_options, settings, option->name, text, err);
    fs_free(text);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s", path);
    ++*found;
    return FS_OK;
}

fs_status fs_render_import(fs_render_settings *settings, char **model, const char *path, fs_error *err) {
    fs_render_settings read;
    memset(&read, 0, sizeof read);
    fs_options_defaults(fs_render_options, &read);
    int found = 0;
    for (const fs_option *option = fs_render_options; option->name != NULL; option++) {
        fs_status status = import_option(option, &read, path, &found, err);
        if (status != FS_OK)
            return status;
    }
    if (found == 0)
        return fs_fail(err, FS_ERROR_FORMAT, "%s: has no settings of a render in its text chunks", path);
    char *name = NULL;
    fs_status status = fs_image_read_png_text(&name, path, "filterscope:model", err);
    if (status != FS_OK && status != FS_ERROR_NOT_FOUND)
        return status;
    *settings = read;
    *model = name;
    return FS_OK;
}
