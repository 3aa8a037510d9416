/* The Picture view in a session. Class, place and strokes mean something once their picture is there: until
 * then they wait, and are saved again as they came. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/screen_private.h"

/* The picture that is there is the one that the view would show. */
static bool is_there(const fs_screen *screen) {
    const fs_picture_view *view = &screen->picture;
    return view->picture != NULL && strcmp(view->file, screen->feature.photograph) == 0;
}

static bool waits(const fs_screen *screen) {
    const fs_picture_view *view = &screen->picture;
    return view->has_to_restore && strcmp(view->restore_file, screen->feature.photograph) == 0;
}

static fs_status put_covered(const fs_screen *screen, fs_session *session, fs_error *err) {
    const fs_picture_view *view = &screen->picture;
    const bool waiting = waits(screen);
    const int n = waiting ? view->n_runs_to_restore : fs_occlusion_count_runs(&view->covered);
    fs_status status = fs_session_make_covered(session, n, err);
    if (status != FS_OK || n == 0)
        return status;
    if (waiting)
        memcpy(session->covered, view->runs_to_restore, (size_t)n * sizeof *session->covered);
    else
        fs_occlusion_runs(&view->covered, session->covered);
    return FS_OK;
}

fs_status fs_screen_put_picture(const fs_screen *screen, fs_session *session, fs_error *err) {
    const fs_picture_view *view = &screen->picture;
    fs_session_picture *p = &session->picture;
    if (waits(screen)) {
        *p = view->to_restore;
    } else if (is_there(screen)) {
        p->class_index = view->class_index;
        p->has_place = view->has_place;
        p->x = view->has_place ? view->x : 0;
        p->y = view->has_place ? view->y : 0;
    }
    p->tab = view->tab;
    p->overlay = view->overlay;
    p->opacity = view->opacity;
    p->brush = view->brush;
    return waits(screen) || is_there(screen) ? put_covered(screen, session, err) : FS_OK;
}

fs_status fs_screen_take_picture(fs_screen *screen, const fs_session *session, fs_error *err) {
    fs_picture_view *view = &screen->picture;
    const size_t n = (size_t)session->n_covered;
    fs_occlusion_run *runs = fs_alloc_array(n > 0 ? n : 1, sizeof *runs);
    if (runs == NULL)
        return fs_fail_memory(err, "what is covered of the picture");
    if (n > 0)
        memcpy(runs, session->covered, n * sizeof *runs);
    fs_screen_forget_restore(screen);
    view->has_to_restore = true;
    view->to_restore = session->picture;
    view->runs_to_restore = runs;
    view->n_runs_to_restore = session->n_covered;
    memcpy(view->restore_file, session->panels.photograph, sizeof view->restore_file);
    view->tab = session->picture.tab;
    view->overlay = session->picture.overlay;
    view->opacity = session->picture.opacity;
    view->brush = session->picture.brush;
    return FS_OK;
}

void fs_screen_restore_picture(fs_screen *screen) {
    fs_picture_view *view = &screen->picture;
    const fs_session_picture *p = &view->to_restore;
    if (!waits(screen) || !is_there(screen))
        return;
    (void)fs_occlusion_clear(&view->covered);
    fs_occlusion_put_runs(&view->covered, view->runs_to_restore, view->n_runs_to_restore);
    view->revision++;
    view->class_index = p->class_index < view->picture->n_classes ? p->class_index : -1;
    view->has_place = p->has_place;
    if (p->has_place) {
        view->x = fmax(0, fmin(p->x, view->picture->crop.width - 0.5));
        view->y = fmax(0, fmin(p->y, view->picture->crop.height - 0.5));
        view->places = (fs_list){.selected = 0};
    }
    fs_screen_list_channels(screen);
    fs_screen_forget_restore(screen);
}

void fs_screen_forget_restore(fs_screen *screen) {
    fs_picture_view *view = &screen->picture;
    fs_free(view->runs_to_restore);
    view->runs_to_restore = NULL;
    view->n_runs_to_restore = 0;
    view->has_to_restore = false;
}
