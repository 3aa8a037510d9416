/* The Picture view: which picture, what of it is covered, and what is asked of the worker for it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/pasted_path.h"
#include "base/alloc.h"
#include "base/file.h"
#include "ui/screen_private.h"

static const double usual_brush = 0.14, usual_opacity = 0.65;

void fs_screen_init_picture(fs_screen *screen) {
    screen->picture = (fs_picture_view){.brush = usual_brush,
                                        .opacity = usual_opacity,
                                        .class_index = -1,
                                        .maps_layer = -1,
                                        .over_key.method = -1,
                                        .tiles.list.selected = -1,
                                        .classes.selected = -1,
                                        .places.selected = -1,
                                        .files.selected = -1};
}

/* ---- what is known ---- */

const float *fs_screen_probabilities(const fs_screen *screen) {
    const fs_picture_view *view = &screen->picture;
    if (view->picture == NULL)
        return NULL;
    return view->now != NULL ? view->now->probabilities : view->picture->probabilities;
}

static int likeliest(const float *probabilities, int n) {
    int best = n > 0 ? 0 : -1;
    for (int c = 1; c < n; c++)
        best = probabilities[c] > probabilities[best] ? c : best;
    return best;
}

int fs_screen_explained_class(const fs_screen *screen) {
    const fs_picture_view *view = &screen->picture;
    if (view->picture == NULL || view->class_index >= 0)
        return view->class_index;
    return likeliest(fs_screen_probabilities(screen), view->picture->n_classes);
}

const fs_inspection *fs_screen_maps(const fs_screen *screen) {
    const fs_picture_view *view = &screen->picture;
    return view->maps != NULL && view->maps->layer == screen->layer ? view->maps : NULL;
}

static fs_overlay_key wanted_overlay(const fs_screen *screen) {
    const fs_picture_view *view = &screen->picture;
    return (fs_overlay_key){.method = view->overlay - 1,
                            .class_index = fs_screen_explained_class(screen),
                            .revision = view->revision};
}

static bool same_overlay(const fs_overlay_key *a, const fs_overlay_key *b) {
    return a->method == b->method && a->class_index == b->class_index && a->revision == b->revision;
}

const fs_inspection *fs_screen_overlay(const fs_screen *screen) {
    const fs_picture_view *view = &screen->picture;
    const fs_overlay_key wanted = wanted_overlay(screen);
    return view->overlay > 0 && same_overlay(&wanted, &view->over_key) ? view->over : NULL;
}

static void list_classes(fs_picture_view *view) {
    if (view->order != NULL)
        fs_inspection_order(view->now != NULL ? view->now->probabilities : view->picture->probabilities,
                            view->now != NULL ? view->picture->probabilities : NULL, view->picture->n_classes,
                            view->order);
}

void fs_screen_list_channels(fs_screen *screen) {
    fs_picture_view *view = &screen->picture;
    const fs_inspection *maps = fs_screen_maps(screen);
    view->n_strongest = 0;
    if (maps == NULL || !view->has_place)
        return;
    view->position = fs_inspection_position(maps, view->x, view->y);
    view->n_strongest = fs_inspection_strongest(maps, view->position, view->strongest, FS_PLACE_CHANNELS);
}

void fs_screen_choose_place(fs_screen *screen, double x, double y) {
    fs_picture_view *view = &screen->picture;
    if (view->picture == NULL)
        return;
    view->x = fmax(0, fmin(x, view->picture->crop.width - 0.5));
    view->y = fmax(0, fmin(y, view->picture->crop.height - 0.5));
    view->has_place = true;
    view->places = (fs_list){.selected = 0};
    view->tab = FS_PICTURE_PLACE;
    fs_screen_list_channels(screen);
}

/* ---- the occlusion ---- */

double fs_screen_brush(const fs_screen *screen) {
    const fs_picture_view *view = &screen->picture;
    if (view->picture == NULL)
        return 1;
    const fs_image *crop = &view->picture->crop;
    return fmax(1, view->brush * (crop->width < crop->height ? crop->width : crop->height));
}

void fs_screen_size_brush(fs_screen *screen, double factor) {
    fs_picture_view *view = &screen->picture;
    view->brush = fmax(0.02, fmin(view->brush * factor, 0.6));
}

void fs_screen_begin_stroke(fs_screen *screen, double x, double y) {
    fs_picture_view *view = &screen->picture;
    if (view->picture == NULL || view->painting)
        return;
    fs_occlusion_begin(&view->covered);
    view->painting = true;
    view->last_x = x;
    view->last_y = y;
    fs_screen_continue_stroke(screen, x, y);
}

void fs_screen_continue_stroke(fs_screen *screen, double x, double y) {
    fs_picture_view *view = &screen->picture;
    if (view->painting &&
        fs_occlusion_line(&view->covered, view->last_x, view->last_y, x, y, fs_screen_brush(screen)))
        view->revision++;
    view->last_x = x;
    view->last_y = y;
}

void fs_screen_end_stroke(fs_screen *screen) {
    if (screen->picture.painting)
        fs_occlusion_end(&screen->picture.covered);
    screen->picture.painting = false;
}

void fs_screen_undo_stroke(fs_screen *screen) {
    fs_picture_view *view = &screen->picture;
    if (view->picture != NULL && !view->painting)
        view->revision += fs_occlusion_undo(&view->covered);
}

void fs_screen_clear_strokes(fs_screen *screen) {
    fs_picture_view *view = &screen->picture;
    if (view->picture != NULL && !view->painting)
        view->revision += fs_occlusion_clear(&view->covered);
}

/* ---- requests ---- */

/* To be asked again where it is still wanted. */
static void stop_finding(fs_screen *screen) {
    fs_picture_view *view = &screen->picture;
    if (view->finding == 0)
        return;
    fs_worker_stop_inspect(screen->worker, view->finds);
    view->finding = 0;
    if (view->finds == FS_INSPECT_MAPS)
        view->maps_layer = -1;
    else if (view->finds == FS_INSPECT_ATTRIBUTE)
        view->over_key.method = -1;
    else
        view->folder_asked[0] = '\0';
}

static void stop_all(fs_screen *screen) {
    fs_picture_view *view = &screen->picture;
    if (view->reading != 0 || view->predicting != 0)
        fs_worker_stop_inspect(screen->worker, FS_INSPECT_READ);
    if (view->reading != 0)
        view->asked[0] = '\0'; /* to be asked again */
    if (view->predicting != 0)
        view->predicted = view->revision - 1;
    view->reading = view->predicting = 0;
    stop_finding(screen);
}

static uint64_t submit(fs_screen *screen, fs_inspect_request request) {
    request.model = screen->model;
    const uint64_t generation = fs_worker_inspect(screen->worker, &request);
    if (generation == 0)
        fs_screen_say(screen, true, "The picture: out of memory");
    return generation;
}

static void find(fs_screen *screen, fs_inspect_request request) {
    fs_picture_view *view = &screen->picture;
    request.picture = view->picture;
    request.covered = &view->covered;
    view->finds = request.kind;
    view->done = view->total = 0;
    view->finding = submit(screen, request);
}

static bool wants_maps(const fs_screen *screen) {
    const fs_picture_view *view = &screen->picture;
    return view->maps_layer != screen->layer || view->maps_revision != view->revision;
}

static bool wants_overlay(const fs_screen *screen) {
    const fs_overlay_key wanted = wanted_overlay(screen);
    return wanted.method >= 0 && wanted.class_index >= 0 && !same_overlay(&wanted, &screen->picture.over_key);
}

static bool wants_folder(const fs_screen *screen) {
    const char *folder = screen->feature.images;
    return screen->picture.tab == FS_PICTURE_FILES && folder[0] != '\0' &&
           strcmp(folder, screen->picture.folder_asked) != 0;
}

/* What is being found is of no use any more. */
static bool is_outdated(const fs_screen *screen) {
    const fs_picture_view *view = &screen->picture;
    return (view->finds == FS_INSPECT_MAPS && wants_maps(screen)) ||
           (view->finds == FS_INSPECT_ATTRIBUTE && (wants_overlay(screen) || view->overlay == 0)) ||
           (view->finds == FS_INSPECT_FOLDER && wants_folder(screen));
}

/* Maps before overlays: they take less time. */
static void find_next(fs_screen *screen) {
    fs_picture_view *view = &screen->picture;
    if (view->finding != 0 && is_outdated(screen))
        stop_finding(screen);
    if (view->finding != 0)
        return;
    if (wants_folder(screen)) {
        memcpy(view->folder_asked, screen->feature.images, sizeof view->folder_asked);
        find(screen, (fs_inspect_request){.kind = FS_INSPECT_FOLDER, .path = view->folder_asked});
    } else if (view->picture == NULL || view->painting || view->predicting != 0) {
        return; /* while something is painted, predictions have all the time there is */
    } else if (wants_maps(screen)) {
        view->maps_layer = screen->layer;
        view->maps_revision = view->revision;
        find(screen, (fs_inspect_request){.kind = FS_INSPECT_MAPS, .layer = screen->layer});
    } else if (wants_overlay(screen)) {
        view->over_key = wanted_overlay(screen);
        fs_inspection_release(view->over); /* it is of another question */
        view->over = NULL;
        find(screen, (fs_inspect_request){.kind = FS_INSPECT_ATTRIBUTE,
                                          .method = view->over_key.method,
                                          .class_index = view->over_key.class_index});
    }
}

/* One at a time, so that each comes to its end; the next is of what is covered then. */
static void predict(fs_screen *screen) {
    fs_picture_view *view = &screen->picture;
    if (view->picture == NULL || view->picture->n_classes == 0 || view->predicting != 0 ||
        view->predicted == view->revision)
        return;
    view->predicted = view->revision;
    if (fs_occlusion_is_empty(&view->covered)) {
        fs_inspection_release(view->now); /* it is known without asking */
        view->now = NULL;
        list_classes(view);
        return;
    }
    if (view->finds != FS_INSPECT_FOLDER)
        stop_finding(screen); /* it is of what was covered before, and in the way */
    view->predicting =
        submit(screen, (fs_inspect_request){
                           .kind = FS_INSPECT_PREDICT, .picture = view->picture, .covered = &view->covered});
}

void fs_screen_request_picture(fs_screen *screen) {
    fs_picture_view *view = &screen->picture;
    const char *file = screen->feature.photograph;
    if (!view->open || screen->model == NULL)
        return;
    if (file[0] != '\0' && strcmp(file, view->asked) != 0) {
        stop_all(screen);
        memcpy(view->asked, file, sizeof view->asked);
        view->reading = submit(screen, (fs_inspect_request){.kind = FS_INSPECT_READ, .path = view->asked});
    }
    if (view->reading == 0)
        predict(screen);
    find_next(screen);
}

/* ---- answers ---- */

static void forget_picture(fs_picture_view *view) {
    fs_panel_surfaces_clear(&view->tiles.surfaces);
    fs_panel_release(view->tiles.panel);
    view->tiles = (fs_panel_view){.list.selected = -1};
    fs_picture_surfaces_clear(&view->surfaces);
    fs_occlusion_free(&view->covered);
    fs_inspection_release(view->picture);
    fs_inspection_release(view->now);
    fs_inspection_release(view->maps);
    fs_inspection_release(view->over);
    fs_free(view->order);
    view->picture = view->now = view->maps = view->over = NULL;
    view->order = NULL;
    view->over_key.method = view->maps_layer = view->class_index = -1;
    view->painting = view->has_place = false;
    view->n_strongest = 0;
    view->classes = view->places = (fs_list){.selected = -1};
    view->file[0] = '\0';
    view->predicted = ++view->revision; /* surfaces and answers of before are of another one */
}

static fs_status adopt(fs_picture_view *view, fs_inspection *picture, fs_error *err) {
    fs_occlusion covered = {0};
    int *order = fs_alloc_array((size_t)picture->n_classes, sizeof *order);
    fs_status status = order != NULL
                           ? fs_occlusion_create(&covered, picture->crop.width, picture->crop.height, err)
                           : fs_fail_memory(err, "the Picture view");
    if (status != FS_OK) {
        fs_free(order);
        return status;
    }
    forget_picture(view);
    view->picture = fs_inspection_keep(picture);
    view->covered = covered;
    view->order = order;
    view->x = picture->crop.width / 2.0;
    view->y = picture->crop.height / 2.0;
    memcpy(view->file, view->asked, sizeof view->file);
    fs_text_field_set(&view->path, view->file);
    list_classes(view);
    return FS_OK;
}

static void show_maps(fs_screen *screen, fs_inspection *maps) {
    fs_picture_view *view = &screen->picture;
    const bool other = view->maps == NULL || view->maps->layer != maps->layer;
    fs_inspection_release(view->maps);
    view->maps = fs_inspection_keep(maps);
    fs_panel_release(view->tiles.panel);
    view->tiles.panel = maps->maps != NULL ? fs_panel_keep(maps->maps) : NULL;
    if (other) {
        view->tiles.list = (fs_list){.selected = 0};
        view->places = (fs_list){.selected = 0};
    }
    fs_screen_list_channels(screen);
}

static void take(fs_inspection **place, fs_inspection *inspection) {
    fs_inspection_release(*place);
    *place = fs_inspection_keep(inspection);
}

static fs_status on_inspection(fs_screen *screen, fs_inspection *inspection, fs_error *err) {
    fs_picture_view *view = &screen->picture;
    fs_status status;
    switch (inspection->kind) {
    case FS_INSPECT_READ:
        status = adopt(view, inspection, err);
        if (status == FS_OK)
            fs_screen_restore_picture(screen);
        return status;
    case FS_INSPECT_PREDICT:
        take(&view->now, inspection);
        list_classes(view);
        break;
    case FS_INSPECT_MAPS:
        show_maps(screen, inspection);
        break;
    case FS_INSPECT_ATTRIBUTE:
        take(&view->over, inspection);
        break;
    case FS_INSPECT_FOLDER:
        take(&view->folder, inspection);
        view->files = (fs_list){.selected = 0};
        if (view->open && view->picture == NULL && screen->ui.focus == 0)
            fs_ui_give_focus(&screen->ui, FS_UI_ID(FS_ID_FILE_LIST, 0));
        break;
    case FS_INSPECT_KINDS:
        break;
    }
    return FS_OK;
}

/* Which of the requests an event answers; NULL: none that is still waited for. */
static uint64_t *request_of(fs_picture_view *view, const fs_event *event) {
    uint64_t *const all[] = {&view->reading, &view->predicting, &view->finding};
    for (int i = 0; i < 3; i++)
        if (*all[i] != 0 && *all[i] == event->generation)
            return all[i];
    return NULL;
}

/* A failure leaves what was there before, the path that was typed included, so that it can be corrected. */
bool fs_screen_picture_event(fs_screen *screen, const fs_event *event) {
    fs_picture_view *view = &screen->picture;
    uint64_t *request = request_of(view, event);
    fs_error err = event->error;
    if (request == NULL)
        return false;
    if (event->kind == FS_EVENT_PROGRESS) {
        view->done = event->done;
        view->total = event->total;
        return view->open;
    }
    const bool was_reading = request == &view->reading;
    *request = 0;
    if (event->kind != FS_EVENT_INSPECTION || on_inspection(screen, event->inspection, &err) != FS_OK)
        fs_screen_say(screen, true, "%s", err.message);
    else if (was_reading && screen->message.is_error)
        screen->message.shown = false; /* about the file before */
    return true;
}

/* ---- in and out ---- */

static void give_focus(fs_screen *screen) {
    const fs_picture_view *view = &screen->picture;
    const bool chooses = view->tab == FS_PICTURE_FILES && screen->feature.photograph[0] == '\0';
    const fs_ui_id id = chooses && screen->feature.images[0] != '\0'
                            ? FS_UI_ID(FS_ID_FILE_LIST, 0)
                            : FS_UI_ID(FS_ID_PICTURE, FS_PICTURE_CANVAS);
    fs_ui_give_focus(&screen->ui, id);
    screen->ui.focus_by_key = false;
}

void fs_screen_open_picture(fs_screen *screen) {
    fs_picture_view *view = &screen->picture;
    if (screen->model == NULL || view->open)
        return;
    fs_screen_close_views(screen);
    view->open = true;
    view->behind = false;
    if (screen->feature.photograph[0] == '\0')
        view->tab = FS_PICTURE_FILES;
    give_focus(screen);
    fs_screen_list_channels(screen);
}

void fs_screen_close_picture(fs_screen *screen) {
    fs_picture_view *view = &screen->picture;
    if (!view->open)
        return;
    fs_screen_end_stroke(screen);
    stop_all(screen);
    view->open = view->hovers = false;
    screen->focus = FS_FOCUS_WALL;
}

void fs_screen_drop_picture(fs_screen *screen) {
    fs_picture_view *view = &screen->picture;
    stop_all(screen);
    forget_picture(view);
    fs_screen_forget_restore(screen);
    view->asked[0] = '\0';
    view->folder_asked[0] = '\0';
    fs_inspection_release(view->folder);
    view->folder = NULL;
}

void fs_screen_leave_channel(fs_screen *screen) {
    const bool back = screen->picture.behind;
    fs_screen_close_channel(screen);
    screen->picture.behind = false;
    if (back)
        fs_screen_open_picture(screen);
}

void fs_screen_look_at(fs_screen *screen, const char *text) {
    fs_picture_view *view = &screen->picture;
    char path[FS_OPTION_TEXT_SIZE];
    fs_error err = {0};
    if (fs_pasted_path(path, sizeof path, text, &err) != FS_OK) {
        fs_screen_say(screen, true, "%s", err.message);
        return;
    }
    fs_text_field_set(&view->path, path);
    if (strcmp(path, view->asked) == 0 && view->reading == 0)
        view->asked[0] = '\0'; /* it may have changed, or be there now */
    memcpy(screen->feature.photograph, path, sizeof path);
    fs_screen_renew_panel(screen, FS_PANEL_ATTRIBUTION);
    fs_screen_renew_panel(screen, FS_PANEL_ACTIVATIONS);
    if (view->tab == FS_PICTURE_FILES && !view->open)
        view->tab = FS_PICTURE_MAPS;
    fs_screen_open_picture(screen);
}
