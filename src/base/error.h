/* Errors as values: a status code and one line that names the file, node or argument at fault.
 *
 *     fs_error err = {0};
 *     if (fs_file_read(&text, &size, path, limit, &err) != FS_OK)
 *         fprintf(stderr, "filterscope: %s\n", err.message);
 *
 * Every fallible function returns fs_status and takes an fs_error pointer, which may be NULL.
 * Outputs are written on success only. Thread safe: an fs_error belongs to its caller. */
#ifndef FS_BASE_ERROR_H
#define FS_BASE_ERROR_H

#include <stdarg.h>

typedef enum fs_status {
    FS_OK = 0,
    FS_ERROR_ARGUMENT = -1,    /* a value the caller or the user gave is out of range */
    FS_ERROR_IO = -2,          /* the operating system refused: open, read, write, rename */
    FS_ERROR_FORMAT = -3,      /* a file is not what it claims to be */
    FS_ERROR_UNSUPPORTED = -4, /* well formed, but something this program does not do */
    FS_ERROR_MEMORY = -5,      /* an allocation failed */
    FS_ERROR_LIMIT = -6,       /* larger than a stated limit */
    FS_ERROR_NOT_FOUND = -7,   /* no such layer, channel, model */
    FS_ERROR_CANCELLED = -8,   /* stopped on request; not a failure */
    FS_ERROR_DIVERGED = -9     /* a computation left the finite numbers */
} fs_status;

enum { FS_ERROR_MESSAGE_SIZE = 512 };

typedef struct fs_error {
    fs_status code;
    char message[FS_ERROR_MESSAGE_SIZE]; /* one line, no newline, UTF-8 */
} fs_error;

/* Fills err (if not NULL) and returns code, so that a function can end with `return fs_fail(...)`.
 * Control characters in the message become '?': names come from untrusted files. */
fs_status fs_fail(fs_error *err, fs_status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The usual "out of memory" error, naming what was being made. */
fs_status fs_fail_memory(fs_error *err, const char *what);

/* Puts "prefix: " before the message of err, for callers that know the file or node. Returns code. */
fs_status fs_error_prefix(fs_error *err, fs_status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The macros show the compiler which status comes back, so that it can follow "outputs are written on success
 * only" into the callers. */
static inline fs_status fs_status_known(fs_status returned, fs_status code) {
    (void)returned;
    return code;
}
#define fs_fail(err, code, ...) fs_status_known((fs_fail)(err, code, __VA_ARGS__), code)
#define fs_fail_memory(err, what) fs_status_known((fs_fail_memory)(err, what), FS_ERROR_MEMORY)
#define fs_error_prefix(err, code, ...) fs_status_known((fs_error_prefix)(err, code, __VA_ARGS__), code)

#endif
