/* A growing string in the C locale. A failed append marks the text as broken; check once at the end.
 *
 *     fs_text text = {0};
 *     fs_text_add(&text, "%s,%d\n", name, n);
 *     if (fs_text_broken(&text)) ...
 *     fs_text_free(&text);
 */
#ifndef FS_BASE_TEXT_H
#define FS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct fs_text {
    char *bytes; /* NUL terminated once anything was added; NULL before */
    size_t length, capacity;
    bool failed;
} fs_text;

void fs_text_add(fs_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void fs_text_add_bytes(fs_text *text, const char *bytes, size_t length);
void fs_text_add_json(fs_text *text, const char *value); /* a quoted, escaped JSON string */
void fs_text_add_number(fs_text *text, double value); /* for JSON: nine digits, null where it is not finite */
/* Fields of a CSV line, without the commas between them: a text, quoted where it must be (RFC 4180); a number
 * with nine digits, nothing where it is not finite. */
void fs_text_add_csv(fs_text *text, const char *value);
void fs_text_add_csv_number(fs_text *text, double value);
bool fs_text_broken(const fs_text *text);
void fs_text_free(fs_text *text);

/* Strict numbers in the C locale whatever the process's locale: the whole string must be one finite number.
 */
bool fs_parse_double(const char *text, double *out);
bool fs_parse_int(const char *text, long long *out);

#endif
