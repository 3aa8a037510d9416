/* Another program, run without a shell, for what it writes.
 *
 *     const fs_subprocess call = {.arguments = (const char *const[]){"xclip", "-o", NULL},
 *                                 .output_limit = 1 << 20, .seconds = 2};
 *     status = fs_subprocess_run(&call, &bytes, &size, &err);       // fs_free(bytes)
 *
 * It is looked for in PATH, has nothing to read but the file it is given, and its error output is thrown
 * away. What is over a limit, takes too long or is cancelled is killed, with the programs it has started in
 * its process group. Waits: not for a thread that draws. Any thread; several at a time. */
#ifndef FS_BASE_SUBPROCESS_H
#define FS_BASE_SUBPROCESS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct fs_subprocess {
    const char *const *arguments; /* ended by a NULL; the first is the program */
    const char *input;            /* path of a file; NULL: nothing to read */
    size_t output_limit;          /* bytes; 0: the output is thrown away */
    double seconds;               /* that it may take */
    const atomic_bool *cancel;    /* may be NULL */
} fs_subprocess;

/* FS_ERROR_NOT_FOUND when there is no such program, FS_ERROR_IO when it fails or takes too long,
 * FS_ERROR_LIMIT when it writes too much. With output_limit 0 out and size may be NULL. */
fs_status fs_subprocess_run(const fs_subprocess *call, uint8_t **out, size_t *size, fs_error *err);

#endif
