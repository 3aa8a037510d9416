/* What the tests of base share: the cmocka includes in their order, a scratch folder, and an allocator that
 * fails on demand.
 *
 * fail_from(n) lets n allocations pass and refuses all later ones; fail_stop() ends that and tells whether
 * any was refused, so that a loop over n visits every allocation of a call. fail_once(n) refuses one alone,
 * as when memory is short for a moment: what forgets an error shows then. Allocations of all threads count.
 */
#ifndef FS_TESTS_BASE_HELPERS_H
#define FS_TESTS_BASE_HELPERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"

/* A folder of the test's own in the working directory, empty when the test starts. */
const char *scratch_create(void);
void scratch_remove(void);
/* The path of a file in it; valid until the fourth call after this one. */
const char *scratch_path(const char *name);
/* Files in the folder, hidden ones included. */
int scratch_count(void);

int scratch_setup(void **state);
int scratch_teardown(void **state);

/* Of a group: the user's cache in a folder of its own. */
int cache_setup(void **state);
int cache_teardown(void **state);

void fail_from(int allocation);
void fail_once(int allocation);
bool fail_stop(void);
int fail_count(void); /* allocations between the start and fail_stop */

/* Writes bytes with plain stdio, independent of the code under test. */
void put_file(const char *path, const void *bytes, size_t size);

#endif
