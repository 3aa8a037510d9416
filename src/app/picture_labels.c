#include "app/picture_labels.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

enum { MAX_TABLE_BYTES = 256 * 1024 * 1024 };

/* -- a table -- */

typedef struct entry {
    const char *file;
    int class;
} entry;

static int by_file(const void *a, const void *b) {
    return strcmp(((const entry *)a)->file, ((const entry *)b)->file);
}

/* Cuts the text into lines and fills the entries that are complete; returns their number, or -1. */
static int parse(char *text, const char *path, int n_classes, entry *out, fs_error *err) {
    int count = 0, number = 0;
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        number++;
        line[strcspn(line, "\r")] = '\0';
        if (!*line || (number == 1 && strcmp(line, "file\tclass") == 0))
            continue;
        char *tab = strchr(line, '\t');
        long long class = -1;
        if (!tab || !fs_parse_int(tab + 1, &class) || class < 0 || class >= n_classes) {
            fs_fail(err, FS_ERROR_FORMAT, "%s: line %d is not a file, a tab and a class from 0 to %d", path,
                    number, n_classes - 1);
            return -1;
        }
        *tab = '\0';
        out[count++] = (entry){line, (int)class};
    }
    return count;
}

static int count_lines(const char *text) {
    int lines = 1;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static fs_status from_table(int *classes, const fs_folder *folder, const char *path, int n_classes,
                            fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    fs_status status = fs_file_read(&bytes, &size, path, MAX_TABLE_BYTES, err);
    if (status != FS_OK)
        return status;
    char *text = (char *)bytes;
    entry *entries = fs_alloc_array((size_t)count_lines(text), sizeof *entries);
    const int count = entries ? parse(text, path, n_classes, entries, err) : -1;
    if (!entries)
        status = fs_fail_memory(err, path);
    else if (count < 0)
        status = FS_ERROR_FORMAT;
    if (status == FS_OK) {
        qsort(entries, (size_t)count, sizeof *entries, by_file);
        for (int i = 0; i < folder->n_files; i++) {
            const entry wanted = {folder->files[i].name, 0};
            const entry *found = bsearch(&wanted, entries, (size_t)count, sizeof *entries, by_file);
            classes[i] = found ? found->class : -1;
        }
    }
    fs_free(entries);
    fs_free(bytes);
    return status;
}

/* -- names of folders -- */

static bool same_letter(char a, char b) {
    a = a == '_' ? ' ' : a;
    b = b == '_' ? ' ' : b;
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Whether the label is the name, or goes on after it with one of the characters. */
static bool begins_with(const char *label, const char *name, size_t length, const char *after) {
    for (size_t i = 0; i < length; i++)
        if (!label[i] || !same_letter(label[i], name[i]))
            return false;
    return !label[length] || strchr(after, label[length]);
}

/* "n01440764": labels may begin with it. */
static bool is_synset(const char *name, size_t length) {
    return length == 9 && name[0] == 'n' && strspn(name + 1, "0123456789") >= 8;
}

static int class_named(const fs_model *model, const char *name, size_t length, int n_classes) {
    for (int i = 0; i < model->n_labels && i < n_classes; i++)
        if (begins_with(model->labels[i], name, length, is_synset(name, length) ? ", " : ","))
            return i;
    return -1;
}

static void from_folders(int *classes, const fs_folder *folder, const fs_model *model, int n_classes) {
    for (int i = 0; i < folder->n_files; i++) {
        const char *name = folder->files[i].name, *slash = strchr(name, '/');
        const char *before = i > 0 ? folder->files[i - 1].name : "";
        const size_t length = slash ? (size_t)(slash - name) : 0;
        if (slash && i > 0 && strncmp(name, before, length + 1) == 0)
            classes[i] = classes[i - 1]; /* files come folder by folder */
        else
            classes[i] = slash ? class_named(model, name, length, n_classes) : -1;
    }
}

fs_status fs_picture_labels(int **out, const fs_folder *folder, const char *path, const char *table,
                            const fs_model *model, int n_classes, fs_error *err) {
    fs_text beside = {0};
    fs_text_add(&beside, "%s/classes.tsv", path);
    int *classes = fs_alloc_array((size_t)folder->n_files, sizeof *classes);
    fs_status status = FS_OK;
    if (!classes || fs_text_broken(&beside))
        status = fs_fail_memory(err, "classes of pictures");
    else if (*table)
        status = from_table(classes, folder, table, n_classes, err);
    else if (fs_file_exists(beside.bytes))
        status = from_table(classes, folder, beside.bytes, n_classes, err);
    else
        from_folders(classes, folder, model, n_classes);
    fs_text_free(&beside);
    if (status == FS_OK)
        *out = classes;
    else
        fs_free(classes);
    return status;
}
