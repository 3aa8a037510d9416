#include <string.h>

#include "app/session.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

/* Whole numbers of 64 bits are texts: most readers of JSON keep 53 of them. */
static bool is_bare(const fs_option *field) {
    return field->kind == FS_OPTION_KIND_INT || field->kind == FS_OPTION_KIND_DOUBLE ||
           field->kind == FS_OPTION_KIND_BOOL;
}

static void add_field(fs_text *text, const fs_option *field, const void *part) {
    char value[FS_OPTION_VALUE_SIZE];
    (void)fs_option_format(field, part, value);
    fs_text_add(text, "\"%s\": ", field->name);
    if (is_bare(field))
        fs_text_add(text, "%s", value);
    else
        fs_text_add_json(text, value);
}

static void add_unfrozen(fs_text *text, const fs_session *session) {
    if (!session->has_unfrozen)
        return;
    fs_text_add(text, ",\n    \"unfrozen\": [");
    for (int i = 0; i < session->n_unfrozen; i++) {
        fs_text_add(text, i > 0 ? ", " : "");
        fs_text_add_json(text, session->unfrozen[i]);
    }
    fs_text_add(text, "]");
}

/* A list a stroke; in it row, column and length of every run. */
static void add_covered(fs_text *text, const fs_session *session) {
    if (session->n_covered == 0)
        return;
    fs_text_add(text, ",\n    \"covered\": [[");
    for (int i = 0; i < session->n_covered; i++) {
        const fs_occlusion_run *run = &session->covered[i];
        if (i > 0)
            fs_text_add(text, run->stroke != run[-1].stroke ? "],\n      [" : ", ");
        fs_text_add(text, "%d, %d, %d", run->row, run->column, run->length);
    }
    fs_text_add(text, "]]");
}

static void add_part(fs_text *text, const fs_session_part *part, const fs_session *session) {
    fs_text_add(text, ",\n  \"%s\": {", part->key);
    for (const fs_option *field = part->fields; field->name != NULL; field++) {
        fs_text_add(text, field == part->fields ? "\n    " : ",\n    ");
        add_field(text, field, (const char *)session + part->offset);
    }
    if (strcmp(part->key, "finetune") == 0)
        add_unfrozen(text, session);
    if (strcmp(part->key, "picture") == 0)
        add_covered(text, session);
    fs_text_add(text, "\n  }");
}

fs_status fs_session_text(char **out, size_t *length, const fs_session *session, fs_error *err) {
    fs_text text = {0};
    fs_text_add(&text, "{\n  \"format\": %d", FS_SESSION_FORMAT);
    for (const fs_session_part *part = fs_session_parts; part->key != NULL; part++)
        add_part(&text, part, session);
    fs_text_add(&text, "\n}\n");
    if (fs_text_broken(&text)) {
        fs_text_free(&text);
        return fs_fail_memory(err, "the session");
    }
    *out = text.bytes;
    *length = text.length;
    return FS_OK;
}

fs_status fs_session_write(const fs_session *session, const char *path, fs_error *err) {
    char *text = NULL;
    size_t length = 0;
    fs_status status = fs_session_text(&text, &length, session, err);
    if (status == FS_OK)
        status = fs_file_write(path, text, length, err);
    fs_free(text);
    return status;
}
