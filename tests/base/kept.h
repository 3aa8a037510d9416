/* The files below a folder with their bytes, to compare what two runs left. Include after cmocka.
 *
 *     kept whole = {0};
 *     kept_take(&whole, "out");
 *     int at = kept_find(&whole, "out/a.png");        // -1: there is none
 *     kept_forget(&whole);
 */
#ifndef FS_TESTS_BASE_KEPT_H
#define FS_TESTS_BASE_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEPT_MAX_FILES = 256 };

typedef struct kept {
    int n;
    char *names[KEPT_MAX_FILES];
    uint8_t *bytes[KEPT_MAX_FILES];
    size_t sizes[KEPT_MAX_FILES];
} kept;

void kept_take(kept *k, const char *folder); /* adds; a folder that is not there has no files */
void kept_forget(kept *k);
int kept_find(const kept *k, const char *name);
/* File i of a is there in b, with the same bytes. */
bool kept_same(const kept *a, int i, const kept *b);
/* Removes all that is below. */
void kept_clear(const char *folder);

#endif
