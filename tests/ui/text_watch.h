/* Looks over a canvas's shoulder: which texts are shortened though nothing says they may be, are higher than
 * their place, cut off at the side, or lie over another text.
 *
 *     text_watch watch;
 *     text_watch_begin(&watch, canvas, width, height);      // of the surface
 *     ... draw ...
 *     text_watch_end(&watch, canvas, "the wall");           // prints what is wrong
 *     assert_int_equal(watch.faults, 0);
 */
#ifndef FS_TESTS_UI_TEXT_WATCH_H
#define FS_TESTS_UI_TEXT_WATCH_H

#include "report/canvas.h"

enum { WATCHED_TEXTS = 1024, WATCHED_LENGTH = 80 };

typedef struct watched_text {
    char text[WATCHED_LENGTH];
    fs_rect seen;      /* of its letters */
    const char *fault; /* NULL: none by itself */
} watched_text;

typedef struct text_watch {
    fs_canvas_watch hook;
    double width, height;
    watched_text texts[WATCHED_TEXTS];
    int n, drawn, faults;
} text_watch;

void text_watch_begin(text_watch *watch, fs_canvas *canvas, double width, double height);
void text_watch_end(text_watch *watch, fs_canvas *canvas, const char *where);

#endif
