/* A parameter is declared once, with name, range, default and help; the command line, the PNG text chunks
 * that make a picture repeatable, the window's controls and the manual all read the same table.
 *
 *     static const fs_option table[] = {
 *         FS_OPTION_INT(fs_render_settings, steps, "steps", 1, 100000, "256", "optimisation steps"),
 *         FS_OPTION_END};
 *     fs_options_defaults(table, &settings);
 *     fs_options_set(table, &settings, "steps", "512", &err);
 *
 * Text values are plain char arrays inside the struct, so that settings are values that can be copied. */
#ifndef FS_BASE_OPTION_H
#define FS_BASE_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { FS_OPTION_TEXT_SIZE = 1024 };

typedef enum fs_option_kind {
    FS_OPTION_KIND_INT,    /* int */
    FS_OPTION_KIND_DOUBLE, /* double */
    FS_OPTION_KIND_U64,    /* uint64_t */
    FS_OPTION_KIND_BOOL,   /* bool; on the command line a flag without a value, in text "true" or "false" */
    FS_OPTION_KIND_CHOICE, /* int, an index into choices */
    FS_OPTION_KIND_TEXT    /* char [FS_OPTION_TEXT_SIZE] */
} fs_option_kind;

/* What a text stands for: the word in the help, and what a shell completes. */
typedef enum fs_option_meaning {
    FS_OPTION_MEANS_TEXT,
    FS_OPTION_MEANS_FILE,
    FS_OPTION_MEANS_FOLDER,
    FS_OPTION_MEANS_MODEL, /* a file or a public model's name */
    FS_OPTION_MEANS_LAYER  /* of the model */
} fs_option_meaning;

typedef struct fs_option {
    const char *name; /* long option without dashes; NULL ends a table */
    fs_option_kind kind;
    size_t offset;
    double low, high;           /* inclusive range of numbers */
    const char *const *choices; /* NULL terminated */
    const char *initial;        /* the default, as text */
    const char *help;           /* one line, lower case, no full stop */
    fs_option_meaning meaning;  /* of a text */
} fs_option;

#define FS_OPTION_INT(type, member, name, low, high, initial, help)                                          \
    { name, FS_OPTION_KIND_INT, offsetof(type, member), low, high, NULL, initial, help, FS_OPTION_MEANS_TEXT }
#define FS_OPTION_DOUBLE(type, member, name, low, high, initial, help)                                       \
    {                                                                                                        \
        name, FS_OPTION_KIND_DOUBLE, offsetof(type, member), low, high, NULL, initial, help,                 \
            FS_OPTION_MEANS_TEXT                                                                             \
    }
#define FS_OPTION_U64(type, member, name, initial, help)                                                     \
    { name, FS_OPTION_KIND_U64, offsetof(type, member), 0, 0, NULL, initial, help, FS_OPTION_MEANS_TEXT }
#define FS_OPTION_BOOL(type, member, name, help)                                                             \
    { name, FS_OPTION_KIND_BOOL, offsetof(type, member), 0, 0, NULL, "false", help, FS_OPTION_MEANS_TEXT }
#define FS_OPTION_CHOICE(type, member, name, choices, initial, help)                                         \
    {                                                                                                        \
        name, FS_OPTION_KIND_CHOICE, offsetof(type, member), 0, 0, choices, initial, help,                   \
            FS_OPTION_MEANS_TEXT                                                                             \
    }
#define FS_OPTION_WORD(type, member, name, initial, help, meaning)                                           \
    { name, FS_OPTION_KIND_TEXT, offsetof(type, member), 0, 0, NULL, initial, help, meaning }
#define FS_OPTION_TEXT(type, member, name, initial, help)                                                    \
    FS_OPTION_WORD(type, member, name, initial, help, FS_OPTION_MEANS_TEXT)
#define FS_OPTION_FILE(type, member, name, initial, help)                                                    \
    FS_OPTION_WORD(type, member, name, initial, help, FS_OPTION_MEANS_FILE)
#define FS_OPTION_FOLDER(type, member, name, initial, help)                                                  \
    FS_OPTION_WORD(type, member, name, initial, help, FS_OPTION_MEANS_FOLDER)
#define FS_OPTION_MODEL(type, member, name, initial, help)                                                   \
    FS_OPTION_WORD(type, member, name, initial, help, FS_OPTION_MEANS_MODEL)
#define FS_OPTION_LAYER(type, member, name, initial, help)                                                   \
    FS_OPTION_WORD(type, member, name, initial, help, FS_OPTION_MEANS_LAYER)
#define FS_OPTION_END                                                                                        \
    { NULL, FS_OPTION_KIND_INT, 0, 0, 0, NULL, NULL, NULL, FS_OPTION_MEANS_TEXT }

void fs_options_defaults(const fs_option *table, void *settings);
const fs_option *fs_options_find(const fs_option *table, const char *name);
/* Errors name the option, the value and what is allowed: "--steps: 'x' is not a whole number in 1..100000".
 */
fs_status fs_options_set(const fs_option *table, void *settings, const char *name, const char *value,
                         fs_error *err);
/* Whether all values are the same. */
bool fs_options_equal(const fs_option *table, const void *a, const void *b);
/* The value as text that fs_options_set reads back exactly (numbers with enough digits). */
enum { FS_OPTION_VALUE_SIZE = FS_OPTION_TEXT_SIZE };
const char *fs_option_format(const fs_option *option, const void *settings, char text[FS_OPTION_VALUE_SIZE]);

#endif
