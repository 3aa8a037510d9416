/* UTF-8 well-formedness, for text that comes from files. */
#ifndef FS_BASE_UTF8_H
#define FS_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Length in bytes (1..4) of the well-formed sequence at the start of text[0,left), or 0 when there is none.
 * Overlong forms, surrogates and values over U+10FFFF are not well formed (RFC 3629). */
int fs_utf8_length(const char *text, size_t left);
/* All of text[0,length) is. */
bool fs_utf8_is_valid(const char *text, size_t length);

#endif
