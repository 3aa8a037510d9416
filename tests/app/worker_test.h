/* What the tests of the worker's jobs share: the cmocka includes in their order, a worker with a model, its
 * events. */
#ifndef FS_TESTS_APP_WORKER_TEST_H
#define FS_TESTS_APP_WORKER_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/worker.h"

typedef struct fixture {
    fs_worker *worker;
    fs_shared_model *model;
} fixture;

void start(fixture *f, const char *model); /* a file that can be loaded */
void finish(fixture *f);
/* Waits for the next event, which the caller releases. False, and a failure, when none comes. */
bool poll(fixture *f, fs_event *event);

#endif
