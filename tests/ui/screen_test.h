/* What the tests of the screen share: the cmocka includes in their order, a worker and a screen without a
 * window, keys and clicks in, pixels out. */
#ifndef FS_TESTS_UI_SCREEN_TEST_H
#define FS_TESTS_UI_SCREEN_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ui/screen_private.h"

enum { PATIENCE = 60 }; /* seconds: a hang, not a measurement */

typedef struct fixture {
    fs_worker *worker;
    fs_screen *screen;
    char folder[64];                         /* where a test has one */
    char clipboard[4 * FS_OPTION_TEXT_SIZE]; /* likewise */
} fixture;

/* Two threads, 900 x 600 pixels at scale 1. */
void create_screen(fixture *f, const fs_screen_options *options);
void destroy_screen(fixture *f);

/* Hands all waiting events to the screen. */
void pump(fixture *f);
#define WAIT_FOR(f, condition)                                                                               \
    do {                                                                                                     \
        double until = fs_seconds() + PATIENCE;                                                              \
        while (!(condition) && fs_seconds() < until) {                                                       \
            pump(f);                                                                                         \
            usleep(1000);                                                                                    \
        }                                                                                                    \
        assert_true(condition);                                                                              \
    } while (0)

void key(fixture *f, fs_key k);
void type(fixture *f, const char *text);
void click(fixture *f, double x, double y);
void drag(fixture *f, double x, double y, double to_x);

/* The screen as it is; the caller destroys the surface. */
cairo_surface_t *paint(fixture *f);
/* How many pixels differ inside a rectangle of logical pixels (at scale 1). */
int differing(cairo_surface_t *a, cairo_surface_t *b, fs_rect rect);

#endif
