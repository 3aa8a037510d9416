#include "ui/screen.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/folder.h"
#include "ui/screen_private.h"
#include "ui/widgets/scroll.h"
#include "ui/widgets/tip.h"

static void init_feature(fs_screen *screen) {
    fs_feature_state *feature = &screen->feature;
    fs_options_defaults(fs_render_options, &feature->settings);
    feature->settings.seed = screen->options.seed;
    feature->variants = 1;
    feature->null_fits = fs_analysis_settings_default().null_fits;
    feature->threshold = NAN;
    feature->method = FS_ATTRIBUTION_SMOOTHGRAD;
    if (screen->options.images != NULL)
        snprintf(feature->images, sizeof feature->images, "%s", screen->options.images);
}

fs_status fs_screen_create(fs_screen **out, const fs_screen_options *options, fs_worker *worker,
                           fs_error *err) {
    fs_screen *screen = fs_calloc(1, sizeof *screen);
    if (screen == NULL)
        return fs_fail_memory(err, "the screen");
    fs_status status = fs_canvas_create(&screen->canvas, err);
    if (status != FS_OK) {
        fs_free(screen);
        return status;
    }
    screen->options = *options;
    screen->worker = worker;
    screen->ui.measure = screen->canvas;
    screen->ui.clipboard = options->clipboard;
    screen->window_width = FS_LAYOUT_MIN_WIDTH;
    screen->window_height = FS_LAYOUT_MIN_HEIGHT;
    screen->window_scale = 1;
    fs_screen_fit(screen);
    screen->wall.layer = -1;
    screen->wall_zoom = 1;
    init_feature(screen);
    fs_screen_init_finetune(screen);
    fs_screen_init_picture(screen);
    fs_screen_init_habits(screen);
    fs_screen_init_session(screen);
    *out = screen;
    return FS_OK;
}

static void forget_model(fs_screen *screen) {
    fs_screen_drop_lesson(screen);
    fs_screen_close_channel(screen);
    fs_screen_drop_gabor(screen);
    fs_screen_drop_finetune(screen);
    fs_screen_drop_picture(screen);
    fs_screen_drop_views(screen);
    fs_screen_close_search(screen);
    screen->n_history = 0;
    fs_worker_stop_wall(screen->worker);
    fs_thumbs_destroy(screen->thumbs);
    fs_shared_model_release(screen->model);
    fs_free(screen->rows);
    fs_free(screen->full_size);
    fs_free(screen->hopeless);
    screen->thumbs = NULL;
    screen->model = NULL;
    screen->rows = NULL;
    screen->full_size = screen->hopeless = NULL;
    screen->n_rows = 0;
    screen->wall = (fs_wall_state){.layer = -1};
}

void fs_screen_destroy(fs_screen *screen) {
    if (screen == NULL)
        return;
    forget_model(screen);
    fs_screen_drop_pending(screen);
    fs_canvas_destroy(screen->canvas);
    fs_free(screen);
}

const fs_layer *fs_screen_layer(const fs_screen *screen) {
    return &screen->model->model->layers[screen->layer];
}

fs_layout fs_screen_layout(const fs_screen *screen) {
    fs_layout layout = fs_layout_make(screen->width, screen->height, screen->message.shown);
    if (screen->lesson.on)
        layout.body = fs_lesson_layout_make(screen->width, screen->height).live;
    return layout;
}

void fs_screen_open(fs_screen *screen, const char *path) {
    fs_screen_drop_pending(screen);
    fs_screen_open_pending(screen, path);
}

void fs_screen_open_pending(fs_screen *screen, const char *path) {
    screen->loading = fs_worker_load(screen->worker, path);
    fs_damage_all(&screen->damage);
    snprintf(screen->loading_name, sizeof screen->loading_name, "%s", fs_path_base(path));
    if (screen->loading == 0)
        fs_screen_say(screen, true, "%s: out of memory", screen->loading_name);
}

static bool is_session(const char *path) {
    const size_t length = strlen(path);
    return length > 5 && strcmp(path + length - 5, ".json") == 0;
}

static bool is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

void fs_screen_drop(fs_screen *screen, const char *path) {
    if (strlen(path) >= FS_OPTION_TEXT_SIZE) {
        fs_screen_say(screen, true, "The name of that file is longer than %d bytes", FS_OPTION_TEXT_SIZE - 1);
    } else if (is_folder(path) && screen->finetune.open) {
        fs_screen_note_folder(screen, path);
        fs_screen_use_pictures(screen, path);
    } else if (is_folder(path) && screen->picture.open) {
        snprintf(screen->feature.images, sizeof screen->feature.images, "%s", path);
        screen->picture.tab = FS_PICTURE_FILES;
    } else if (is_folder(path)) {
        snprintf(screen->feature.images, sizeof screen->feature.images, "%s", path);
        fs_screen_renew_panel(screen, FS_PANEL_EXAMPLES);
        screen->gabor.substitute.asked = false; /* its pictures are these now */
        screen->gabor.substitute.picture = 0;
        screen->feature.tab = FS_TAB_PANELS + FS_PANEL_EXAMPLES;
        fs_screen_note_folder(screen, path);
        if (!screen->view.open && !screen->gabor.open)
            fs_screen_say(screen, false, "Examples come from %s: open a channel", path);
    } else if (fs_folder_takes(path)) {
        if (screen->view.open || screen->lesson.on)
            fs_screen_use_photograph(screen, path);
        else
            fs_screen_look_at(screen, path);
    } else if (is_session(path)) {
        (void)fs_screen_open_session(screen, path);
    } else {
        fs_screen_open(screen, path);
    }
    fs_screen_request_panel(screen);
    fs_screen_request_picture(screen);
    fs_damage_all(&screen->damage);
}

void fs_screen_say(fs_screen *screen, bool is_error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(screen->message.text, sizeof screen->message.text, format, arguments);
    va_end(arguments);
    screen->message.shown = true;
    screen->message.expanded = false;
    screen->message.is_error = is_error;
    fs_damage_all(&screen->damage);
}

static void close_but_picture(fs_screen *screen) {
    if (screen->view.open)
        fs_screen_close_channel(screen);
    if (screen->gabor.open)
        fs_screen_close_gabor(screen);
    if (screen->finetune.open)
        fs_screen_close_finetune(screen);
}

void fs_screen_close_views(fs_screen *screen) {
    close_but_picture(screen);
    fs_screen_close_picture(screen);
}

void fs_screen_select_layer(fs_screen *screen, int layer) {
    close_but_picture(screen);
    screen->picture.behind = false; /* an open Picture view shows the layer's maps */
    screen->layer = layer;
    screen->channel = 0;
    screen->wall_offset = 0;
    fs_thumbs_show_layer(screen->thumbs, layer);
    const fs_list_row *row = &screen->rows[fs_screen_row_of_layer(screen, layer)];
    double top = row->y;
    if (row > screen->rows && row[-1].layer < 0)
        top = row[-1].y; /* with its heading */
    screen->list_offset =
        fs_scroll_reveal(screen->list_offset, fs_screen_layout(screen).list.h, top, row->y + row->height);
}

fs_wall_grid fs_screen_grid(const fs_screen *screen) {
    return fs_wall_grid_make_zoomed(fs_screen_layout(screen).body.w, fs_screen_layer(screen)->channels,
                                    screen->wall_zoom);
}

/* The tile stays where it is on the screen, as far as there is something to scroll. */
void fs_screen_zoom_wall(fs_screen *screen, int steps, int channel) {
    const double step = 1.25, least = 0.512, most = 3.9;
    const fs_wall_grid before = fs_screen_grid(screen);
    const double zoom = steps == 0 ? 1 : screen->wall_zoom * pow(step, steps);
    screen->wall_zoom = fmax(least, fmin(most, zoom));
    const fs_wall_grid after = fs_screen_grid(screen);
    const double moved = fs_wall_grid_tile(&after, channel).y - fs_wall_grid_tile(&before, channel).y;
    const double range = fmax(0, after.height - fs_screen_layout(screen).body.h);
    screen->wall_offset = fmax(0, fmin(range, screen->wall_offset + moved));
}

void fs_screen_select_channel(fs_screen *screen, int channel) {
    const int n = fs_screen_layer(screen)->channels;
    screen->channel = channel < 0 ? 0 : channel >= n ? n - 1 : channel;
    fs_layout layout = fs_screen_layout(screen);
    fs_wall_grid grid = fs_screen_grid(screen);
    fs_rect tile = fs_wall_grid_tile(&grid, screen->channel);
    screen->wall_offset = fs_scroll_reveal(screen->wall_offset, layout.body.h, tile.y - grid.gap,
                                           tile.y + tile.h + grid.caption + grid.gap);
}

/* The layer asked for on the command line, else the first of the list. */
static int initial_layer(fs_screen *screen) {
    fs_error err = {0};
    if (screen->options.layer != NULL) {
        const fs_model *model = screen->model->model;
        const fs_layer *layer = fs_model_layer(model, screen->options.layer, &err);
        int index = layer != NULL ? (int)(layer - model->layers) : -1;
        if (index >= 0 && fs_screen_row_of_layer(screen, index) >= 0)
            return index;
        fs_screen_say(screen, true, "%s", layer == NULL ? err.message : "that layer has no channels to show");
    }
    for (int i = 0; i < screen->n_rows; i++)
        if (screen->rows[i].layer >= 0)
            return screen->rows[i].layer;
    return -1;
}

static fs_status adopt_model(fs_screen *screen, fs_shared_model *model, fs_error *err) {
    forget_model(screen);
    screen->model = fs_shared_model_keep(model);
    size_t n = (size_t)model->model->n_layers;
    screen->full_size = fs_calloc(n, sizeof(bool));
    screen->hopeless = fs_calloc(n, sizeof(bool));
    fs_status status = FS_OK;
    if (screen->full_size == NULL || screen->hopeless == NULL)
        status = fs_fail_memory(err, "the list of layers");
    if (status == FS_OK)
        status = fs_screen_make_rows(screen, err);
    if (status == FS_OK)
        status = fs_thumbs_create(&screen->thumbs, model->model, err);
    int layer = status == FS_OK ? initial_layer(screen) : -1;
    if (status == FS_OK && layer < 0)
        status = fs_fail(err, FS_ERROR_UNSUPPORTED, "%s: no layer with channels to show", model->model->path);
    if (status != FS_OK) {
        forget_model(screen);
        return status;
    }
    screen->list_offset = 0;
    screen->focus = FS_FOCUS_LAYERS;
    fs_screen_select_layer(screen, layer);
    return FS_OK;
}

static void show_model(fs_screen *screen) {
    if (!screen->model->model->has_sidecar && !screen->message.shown)
        fs_screen_say(
            screen, false,
            "No sidecar beside the model: RGB and the usual ImageNet mean and deviation are assumed");
    fs_screen_take_pending(screen);
    if (screen->options.lesson)
        fs_screen_enter_lesson(screen, 0);
    screen->options.lesson = false; /* the next model is the user's own choice */
}

static void on_model(fs_screen *screen, const fs_event *event) {
    if (event->generation != screen->loading)
        return; /* another one was asked for meanwhile */
    screen->loading = 0;
    screen->message.shown = false;
    fs_error err = {0};
    const bool lesson = screen->lesson.on;
    if (adopt_model(screen, event->model, &err) != FS_OK) {
        fs_screen_drop_pending(screen);
        fs_screen_say(screen, true, "%s", err.message);
        return;
    }
    if (screen->options.notice != NULL)
        fs_screen_say(screen, false, "%s", screen->options.notice);
    screen->options.notice = NULL;
    fs_screen_note_model(screen, event->model->model->path);
    screen->options.lesson |= lesson && screen->pending == NULL;
    show_model(screen);
}

static bool on_picture(fs_screen *screen, const fs_event *event) {
    fs_picture *picture = event->picture;
    if (screen->model == NULL || picture->model != screen->model->serial)
        return false;
    if (event->job_kind == FS_WORKER_WALL) {
        fs_thumbs_put(screen->thumbs, picture);
        if (picture->layer != screen->layer)
            return false; /* of the layer before */
        if (picture->total_steps > 0)
            screen->wall.rate = picture->rate / picture->total_steps;
        return true;
    }
    if (!screen->view.open || event->generation != screen->view.generation)
        return false;
    if (!screen->view.received)
        memset(&screen->view.curve, 0, sizeof screen->view.curve);
    screen->view.received = true;
    if (screen->view.picture == NULL)
        fs_damage_all(&screen->damage); /* from now on it can be exported */
    fs_picture_release(screen->view.picture);
    screen->view.picture = fs_picture_keep(picture);
    fs_curve_add(&screen->view.curve, picture->steps, picture->objective);
    return true;
}

static void on_failure(fs_screen *screen, const fs_event *event) {
    if (event->job_kind == FS_WORKER_LOAD && event->generation == screen->loading) {
        screen->loading = 0;
        fs_screen_drop_pending(screen);
    }
    if (event->job_kind == FS_WORKER_VIEW) {
        if (event->generation != screen->view.generation || fs_screen_retry_view(screen))
            return;
        screen->view.generation = 0;
        if (!screen->view.received && fs_screen_take_back(screen, &event->error))
            return;
    }
    if (event->job_kind == FS_WORKER_WALL) {
        if (screen->model == NULL || event->generation != screen->wall.generation)
            return;
        int layer = screen->wall.layer;
        screen->wall.layer = -1; /* ask again, unless that was the last way */
        if (!screen->full_size[layer]) {
            screen->full_size[layer] = true;
            return;
        }
        screen->hopeless[layer] = true;
    }
    fs_screen_say(screen, true, "%s", event->error.message);
}

static void on_done(fs_screen *screen, const fs_event *event) {
    if (event->job_kind != FS_WORKER_VIEW || event->generation != screen->view.generation)
        return;
    screen->view.generation = 0;
    fs_screen_keep_view(screen);
}

/* What the state on the screen needs and has not been asked for. */
static void request_all(fs_screen *screen) {
    fs_screen_request_wall(screen);
    fs_screen_request_panel(screen);
    fs_screen_request_thumbs(screen);
    fs_screen_request_picture(screen);
    fs_screen_request_substitute(screen);
}

/* Pictures come many times a second, and change little of the screen. */
static bool on_picture_event(fs_screen *screen, const fs_event *event) {
    bool redraw = on_picture(screen, event);
    if (redraw)
        fs_screen_damage_picture(screen, event);
    request_all(screen);
    return redraw;
}

bool fs_screen_event(fs_screen *screen, const fs_event *event) {
    bool redraw = true;
    if (event->job_kind == FS_WORKER_PANEL)
        redraw = fs_screen_panel_event(screen, event);
    else if (event->job_kind == FS_WORKER_THUMBS)
        redraw = fs_screen_thumbs_event(screen, event);
    else if (event->job_kind == FS_WORKER_SUBSTITUTE)
        redraw = fs_screen_substitute_event(screen, event);
    else if (event->job_kind == FS_WORKER_STUDY)
        redraw = fs_screen_gabor_event(screen, event);
    else if (event->job_kind == FS_WORKER_INSPECT)
        redraw = fs_screen_picture_event(screen, event);
    else if (event->job_kind == FS_WORKER_FOLDER)
        return fs_screen_folder_event(screen, event);
    else if (event->job_kind == FS_WORKER_CLIPBOARD)
        redraw = fs_screen_clipboard_event(screen, event);
    else if (event->job_kind == FS_WORKER_TRAINING)
        redraw = fs_screen_finetune_event(screen, event);
    else if (event->job_kind == FS_WORKER_OTHER)
        redraw = fs_screen_lesson_event(screen, event);
    else if (event->kind == FS_EVENT_MODEL)
        on_model(screen, event);
    else if (event->kind == FS_EVENT_PICTURE)
        return on_picture_event(screen, event);
    else if (event->kind == FS_EVENT_SAVED)
        fs_screen_say(screen, false, "Saved %s", event->path);
    else if (event->kind == FS_EVENT_FAILED)
        on_failure(screen, event);
    else
        on_done(screen, event);
    request_all(screen);
    if (redraw)
        fs_damage_all(&screen->damage);
    return redraw;
}

/* All views; run once to take input and once to draw. */
static void views(fs_screen *screen) {
    fs_ui *ui = &screen->ui;
    fs_layout layout = fs_screen_layout(screen);
    ui->blocked = screen->help || screen->menu.open || screen->search.open;
    ui->no_focus = !screen->view.open && !screen->gabor.open && /* list and wall move by the arrow keys */
                   !screen->finetune.open && !screen->picture.open;
    if (screen->lesson.on) {
        ui->no_focus = !screen->gabor.open;
        fs_view_lesson(screen, &layout);
        return;
    }
    if (screen->model == NULL) {
        fs_view_welcome(screen, &layout);
    } else {
        if (screen->view.open)
            fs_view_channel(screen, &layout);
        else if (screen->gabor.open)
            fs_view_gabor(screen, &layout);
        else if (screen->finetune.open)
            fs_view_finetune(screen, &layout);
        else if (screen->picture.open)
            fs_view_picture(screen, &layout);
        else
            fs_view_wall(screen, &layout);
        fs_view_layers(screen, &layout);
    }
    fs_view_chrome(screen, &layout);
    ui->blocked = screen->help;
    if (screen->search.open)
        fs_view_search(screen, &layout);
    ui->blocked = false;
    if (screen->help)
        fs_view_help(screen, &layout);
    else if (screen->menu.open)
        fs_view_menu(screen, &layout);
    if (fs_ui_drawing(ui))
        fs_ui_draw_tip(ui, layout.window);
}

void fs_screen_resize(fs_screen *screen, double width, double height, double scale) {
    screen->window_width = width;
    screen->window_height = height;
    screen->window_scale = scale;
    fs_screen_fit(screen);
    fs_screen_request_wall(screen);
}

/* One pass over all views, at most one key in it; what no widget takes is the screen's. */
static bool pass(fs_screen *screen, const fs_ui_input *input) {
    fs_ui *ui = &screen->ui;
    if (input->pressed || input->n_keys > 0 || input->text[0] != '\0')
        screen->copied = false;
    fs_ui_begin_input(ui, input);
    views(screen);
    const fs_ui_id before = ui->hot;
    const bool hovered = fs_ui_end_input(ui);
    const bool used = input->pressed || input->released || input->n_keys > 0 || input->text[0] != '\0' ||
                      input->wheel != 0 || ui->active != 0 || (screen->picture.open && screen->picture.moved);
    if (used)
        fs_damage_all(&screen->damage);
    else if (hovered)
        fs_screen_damage_hover(screen, before);
    const fs_ui_input left = ui->input;
    for (int i = 0; i < left.n_keys; i++)
        fs_screen_key(screen, left.keys[i]);
    if (left.text[0] != '\0')
        fs_screen_typed(screen, left.text);
    return hovered || used;
}

bool fs_screen_input(fs_screen *screen, const fs_ui_input *input) {
    fs_ui_input one = *input;
    one.x /= screen->lesson_zoom;
    one.y /= screen->lesson_zoom;
    one.n_keys = input->n_keys > 0;
    bool redraw = pass(screen, &one);
    for (int i = 1; i < input->n_keys; i++) {
        fs_ui_input next = {.x = one.x, .y = one.y, .held = input->held, .shift = input->shift};
        next.seconds = input->seconds;
        next.keys[next.n_keys++] = input->keys[i];
        redraw |= pass(screen, &next);
    }
    request_all(screen);
    return redraw || fs_damage_any(&screen->damage);
}

fs_damage fs_screen_take_damage(fs_screen *screen) {
    fs_damage damage = screen->damage;
    screen->damage = (fs_damage){0};
    return damage;
}

void fs_screen_draw(fs_screen *screen, cairo_t *cr) {
    cairo_save(cr);
    cairo_scale(cr, screen->scale, screen->scale);
    fs_canvas_begin(screen->canvas, cr, screen->ui.theme);
    fs_ui_begin_draw(&screen->ui, screen->canvas);
    fs_fill_rect(screen->canvas, (fs_rect){0, 0, screen->width, screen->height},
                 screen->ui.theme->background);
    views(screen);
    fs_canvas_end(screen->canvas);
    cairo_restore(cr);
}

double fs_screen_wait(const fs_screen *screen) {
    return fs_ui_tip_wait(&screen->ui);
}

bool fs_screen_quit(const fs_screen *screen) {
    return screen->quit;
}

bool fs_screen_wants_full(const fs_screen *screen) {
    return screen->lesson.on;
}
