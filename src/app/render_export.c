#include "app/render_export.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/model_path.h"
#include "base/alloc.h"
#include "base/c_locale.h"
#include "base/text.h"

enum { MAX_OPTIONS = 64, KEYWORD_SIZE = 80, MAX_THREADS = 1024 };

static const char prefix[] = "filterscope:";
static const char software[] = "filterscope " FS_VERSION;

/* Everything the text chunks point at while they are written. */
typedef struct chunk_texts {
    char keyword[MAX_OPTIONS][KEYWORD_SIZE];
    char value[MAX_OPTIONS][FS_OPTION_VALUE_SIZE];
    char threads[16], objective[32];
    fs_image_text texts[MAX_OPTIONS + 4];
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

static void add_origin(chunk_texts *chunks, const fs_render_origin *origin) {
    if (origin->threads > 0) {
        snprintf(chunks->threads, sizeof chunks->threads, "%d", origin->threads);
        add_chunk(chunks, "filterscope:threads", chunks->threads);
    }
    if (isfinite(origin->objective)) {
        fs_c_snprintf(chunks->objective, sizeof chunks->objective, "%.17g", origin->objective);
        add_chunk(chunks, "filterscope:reached", chunks->objective);
    }
}

fs_status fs_render_export(const fs_model *model, const fs_render_settings *settings, const fs_image *image,
                           const char *path, fs_error *err) {
    const fs_render_origin unknown = {.objective = NAN};
    return fs_render_export_with(model, settings, &unknown, image, path, err);
}

fs_status fs_render_export_with(const fs_model *model, const fs_render_settings *settings,
                                const fs_render_origin *origin, const fs_image *image, const char *path,
                                fs_error *err) {
    fs_render_settings resolved = *settings;
    fs_status status = fs_render_resolve(&resolved, err);
    if (status != FS_OK)
        return status;
    chunk_texts *chunks = fs_calloc(1, sizeof *chunks);
    if (chunks == NULL)
        return fs_fail_memory(err, "the text of a picture");
    add_chunk(chunks, "Software", software);
    if (model->path != NULL)
        add_chunk(chunks, "filterscope:model", fs_model_path_name(model->path));
    add_options(chunks, &resolved);
    add_origin(chunks, origin);
    status = fs_image_write_png(image, path, chunks->texts, chunks->n, err);
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

fs_status fs_render_import_origin(fs_render_origin *out, const char *path, fs_error *err) {
    static const char *const keywords[] = {"filterscope:threads", "filterscope:reached"};
    double values[2] = {0, NAN};
    for (int i = 0; i < 2; i++) {
        char *text = NULL;
        fs_status status = fs_image_read_png_text(&text, path, keywords[i], err);
        if (status != FS_OK && status != FS_ERROR_NOT_FOUND)
            return status;
        if (status == FS_OK)
            (void)fs_parse_double(text, &values[i]);
        fs_free(text);
    }
    bool known = values[0] >= 1 && values[0] <= MAX_THREADS && values[0] == floor(values[0]);
    *out = (fs_render_origin){.threads = known ? (int)values[0] : 0, .objective = values[1]};
    return FS_OK;
}
