/* JSON that others wrote, as cJSON's tree.
 *
 *     struct cJSON *root = NULL;
 *     status = fs_json_parse(&root, text, length, &err);      // "not JSON (line 3)", or memory is short
 *     cJSON_Delete(root);
 *
 * cJSON says NULL to text that is none and to memory that was short alike; a file must not be called damaged,
 * and perhaps replaced, for the latter. */
#ifndef FS_BASE_JSON_H
#define FS_BASE_JSON_H

#include <stddef.h>

#include "base/error.h"

struct cJSON;

/* text: `length` bytes, none of them NUL, and then a NUL. White space around the document is fine. */
fs_status fs_json_parse(struct cJSON **out, const char *text, size_t length, fs_error *err);

/* How many blocks cJSON was refused in this thread so far: to compare before and after. */
unsigned fs_json_refused(void);

#endif
