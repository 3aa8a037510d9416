/* Writes docs/coverage.md: the template with the table of operators in place of the line @operators@.
 *
 *     coverage [--check] TEMPLATE OUT
 *
 * The table comes from the registry, so a new operator needs no line here. With --check nothing is written,
 * and the exit code says whether OUT is what would be written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "engine/operator.h"

static const char place[] = "@operators@\n";
enum { FILE_LIMIT = 1 << 20 };

static int by_type(const void *a, const void *b) {
    return strcmp((*(const fs_operator *const *)a)->type, (*(const fs_operator *const *)b)->type);
}

static const char *gradient_of(const fs_operator *op) {
    for (const fs_kernel *const *k = op->kernels; *k; k++)
        if ((*k)->backward)
            return "yes";
    return "no";
}

static const char *plan_of(const fs_operator *op) {
    return op->is_identity ? "dropped" : op->shape_only ? "folded" : "";
}

static void add_operator(fs_text *out, const fs_operator *op) {
    fs_text_add(out, "| %s | ", op->type);
    for (const fs_kernel *const *k = op->kernels; *k; k++)
        fs_text_add(out, "%s%s", k == op->kernels ? "" : ", ", (*k)->name);
    fs_text_add(out, " | %s | %s | %s |\n", gradient_of(op), plan_of(op), op->limits ? op->limits : "");
}

static fs_status add_operators(fs_text *out, fs_error *err) {
    const fs_operator *const *list;
    const int count = fs_operator_list(&list);
    const fs_operator **sorted = fs_alloc_array((size_t)count, sizeof *sorted);
    if (!sorted)
        return fs_fail_memory(err, "the operators");
    memcpy(sorted, list, (size_t)count * sizeof *sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, by_type);
    fs_text_add(out, "| operator | kernels | gradient | in the plan | limits |\n"
                     "| --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < count; i++)
        add_operator(out, sorted[i]);
    fs_free(sorted);
    return FS_OK;
}

static fs_status make(fs_text *out, const char *template, fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size;
    fs_status status = fs_file_read(&bytes, &size, template, FILE_LIMIT, err);
    if (status != FS_OK)
        return status;
    const char *text = (const char *)bytes, *at = strstr(text, place);
    if (at) {
        fs_text_add_bytes(out, text, (size_t)(at - text));
        status = add_operators(out, err);
        fs_text_add(out, "%s", at + strlen(place));
    } else {
        status = fs_fail(err, FS_ERROR_FORMAT, "%s: no line @operators@", template);
    }
    fs_free(bytes);
    return status == FS_OK && fs_text_broken(out) ? fs_fail_memory(err, "the page") : status;
}

static fs_status check(const fs_text *text, const char *path, fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size;
    fs_status status = fs_file_read(&bytes, &size, path, FILE_LIMIT, err);
    if (status == FS_OK && (size != text->length || memcmp(bytes, text->bytes, size) != 0))
        status = fs_fail(err, FS_ERROR_FORMAT, "%s is out of date: run coverage without --check", path);
    fs_free(bytes);
    return status;
}

int main(int argc, char **argv) {
    const bool checks = argc == 4 && strcmp(argv[1], "--check") == 0;
    fs_error err = {0};
    fs_text text = {0};
    if (argc != 3 && !checks) {
        fputs("usage: coverage [--check] TEMPLATE OUT\n", stderr);
        return 2;
    }
    fs_status status = make(&text, argv[argc - 2], &err);
    if (status == FS_OK)
        status = checks ? check(&text, argv[argc - 1], &err)
                        : fs_file_write(argv[argc - 1], text.bytes, text.length, &err);
    fs_text_free(&text);
    if (status != FS_OK)
        fprintf(stderr, "coverage: %s\n", err.message);
    return status == FS_OK ? 0 : 1;
}
