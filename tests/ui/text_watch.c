#include "text_watch.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double slack = 1.5; /* device pixels: edges of letters are soft */

static fs_rect common(fs_rect a, fs_rect b) {
    const double x = fmax(a.x, b.x), y = fmax(a.y, b.y);
    return (fs_rect){x, y, fmin(a.x + a.w, b.x + b.w) - x, fmin(a.y + a.h, b.y + b.h) - y};
}

/* What is wrong with a text whatever else is drawn. Lists are cut at the top and the bottom, never at a side.
 */
static const char *fault_of(const fs_text_drawn *t, fs_rect seen, const text_watch *watch) {
    if (t->shortened && !t->may_be_cut)
        return "is shortened";
    if (t->ink.h > t->box.h + 2 * slack)
        return "is higher than its place";
    if (!t->may_be_cut &&
        (t->ink.x < t->clip.x - slack || t->ink.x + t->ink.w > t->clip.x + t->clip.w + slack))
        return "is cut off at the side";
    const bool whole = t->clip.w >= watch->width - 1 && t->clip.h >= watch->height - 1;
    if (whole && seen.h < t->ink.h - slack)
        return "leaves the window";
    return NULL;
}

static void on_text(void *context, const fs_text_drawn *t) {
    text_watch *watch = context;
    const fs_rect seen = common(t->ink, t->clip);
    watch->drawn++;
    if (seen.w <= 0 || seen.h <= 0 || watch->n == WATCHED_TEXTS)
        return;
    watched_text *kept = &watch->texts[watch->n++];
    snprintf(kept->text, sizeof kept->text, "%.60s", t->text);
    kept->seen = seen;
    kept->fault = fault_of(t, seen, watch);
}

/* What is painted over whole is gone; cards lie where they lie, and a shade over everything says that what is
 * below does not matter. */
static void on_fill(void *context, fs_rect rect, double alpha) {
    text_watch *watch = context;
    const bool shade = rect.w >= watch->width - 1 && rect.h >= watch->height - 1;
    int kept = 0;
    for (int i = 0; i < watch->n; i++) {
        const fs_rect hidden = common(rect, watch->texts[i].seen);
        const bool touched = hidden.w > slack && hidden.h > slack;
        if (!shade && !(touched && alpha >= 1))
            watch->texts[kept++] = watch->texts[i];
    }
    watch->n = kept;
}

void text_watch_begin(text_watch *watch, fs_canvas *canvas, double width, double height) {
    memset(watch, 0, sizeof *watch);
    watch->hook = (fs_canvas_watch){watch, on_text, on_fill};
    watch->width = width;
    watch->height = height;
    fs_canvas_set_watch(canvas, &watch->hook);
}

void text_watch_end(text_watch *watch, fs_canvas *canvas, const char *where) {
    fs_canvas_set_watch(canvas, NULL);
    for (int i = 0; i < watch->n; i++) {
        const watched_text *t = &watch->texts[i];
        if (t->fault != NULL) {
            printf("%s: '%s' %s\n", where, t->text, t->fault);
            watch->faults++;
        }
        for (int k = 0; k < i; k++) {
            const fs_rect both = common(t->seen, watch->texts[k].seen);
            if (both.w <= slack || both.h <= slack)
                continue;
            printf("%s: '%s' lies over '%s'\n", where, t->text, watch->texts[k].text);
            watch->faults++;
        }
    }
}
