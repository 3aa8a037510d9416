#include "ui/window.h"

#include <SDL.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/user_folders.h"
#include "base/alloc.h"
#include "base/file.h"
#include "ui/frame_stats.h"
#include "ui/layout.h"
#include "ui/screen.h"
#include "ui/signals.h"
#include "ui/system_theme.h"
#include "ui/window_icon.h"
#include "ui/window_surface.h"

/* Added to the niceness of the computing threads: the window gets its turn at once. */
enum { WORKER_NICENESS = 10 };
static const double frame_interval = 1.0 / 60;
static const double sharp_display_dpi = 144, usual_width = 1280, usual_height = 800;

typedef struct app_window {
    const fs_window_options *options;
    SDL_Window *window;
    fs_window_surface surface;
    double scale;            /* device pixels a logical pixel */
    double pointer_scale;    /* logical pixels for each of SDL's */
    fs_preferences kept;     /* of the runs before; then of this one */
    double zoom;             /* the scale that is wanted; 0: as the display says */
    fs_error settings_error; /* why the kept ones could not be read */
    char *cache_folder;      /* NULL: nothing is kept from run to run */
    fs_worker *worker;
    fs_screen *screen;
    uint32_t wake_event;
    fs_ui_input input; /* gathered since the last input pass */
    bool redraw, quit, hidden, full;
    bool exposed; /* the window has lost what was drawn */
    double drawn; /* when the last frame was begun */
    fs_frame_stats *stats;
} app_window;

fs_window_options fs_window_options_default(void) {
    return (fs_window_options){.theme = -1};
}

/* On the worker's thread: SDL_PushEvent is the one call that is safe there. */
static void wake(void *context) {
    const app_window *app = context;
    SDL_Event event = {.type = app->wake_event};
    (void)SDL_PushEvent(&event); /* a full queue wakes the loop anyway */
}

static fs_status sdl_failure(fs_error *err, const char *what) {
    return fs_fail(err, FS_ERROR_IO, "cannot open %s: %s", what, SDL_GetError());
}

/* On X11 a window has as many pixels as units; then the density of the display decides. */
static double display_scale(const app_window *app) {
    float dpi = 0;
    int display = app->window != NULL ? SDL_GetWindowDisplayIndex(app->window) : 0;
    if (SDL_GetDisplayDPI(display < 0 ? 0 : display, &dpi, NULL, NULL) != 0 || dpi < sharp_display_dpi)
        return 1;
    return fmin(3, floor((double)dpi / 96 * 2) / 2);
}

static double wanted_scale(const app_window *app) {
    return app->zoom > 0 ? app->zoom : display_scale(app);
}

/* As far as the smallest layout still fits. */
static double possible_scale(double wanted, double width, double height) {
    return fmin(wanted, fmin(width / FS_LAYOUT_MIN_WIDTH, height / FS_LAYOUT_MIN_HEIGHT));
}

/* ---- size and place ---- */

/* What a window may take of the display it is on, or of the first one. */
static SDL_Rect display_room(SDL_Window *window) {
    SDL_Rect room = {0, 0, 1 << 14, 1 << 14};
    int display = window != NULL ? SDL_GetWindowDisplayIndex(window) : 0;
    (void)SDL_GetDisplayUsableBounds(display < 0 ? 0 : display, &room);
    return room;
}

/* A window that was on a display that is gone is placed anew. */
static bool is_on_a_display(int x, int y) {
    const int grip = 60; /* pixels of it that can be taken hold of */
    for (int i = 0; i < SDL_GetNumVideoDisplays(); i++) {
        SDL_Rect bounds;
        const SDL_Point corner = {x + grip, y + grip};
        if (SDL_GetDisplayBounds(i, &bounds) == 0 && SDL_PointInRect(&corner, &bounds))
            return true;
    }
    return false;
}

/* The command line, then the run before, then the usual size, none larger than the display. */
static void first_size(const app_window *app, int *width, int *height) {
    const fs_window_options *options = app->options;
    const double unit = wanted_scale(app);
    const SDL_Rect room = display_room(NULL);
    *width = options->width > 0    ? (int)(options->width * unit)
             : app->kept.width > 0 ? app->kept.width
                                   : (int)(usual_width * unit);
    *height = options->height > 0    ? (int)(options->height * unit)
              : app->kept.height > 0 ? app->kept.height
                                     : (int)(usual_height * unit);
    *width = *width < room.w ? *width : room.w;
    *height = *height < room.h ? *height : room.h;
}

/* Larger letters need a larger window, where there is room for one. */
static void make_room(const app_window *app) {
    const double unit = wanted_scale(app);
    const SDL_Rect room = display_room(app->window);
    int width, height;
    if ((SDL_GetWindowFlags(app->window) & (SDL_WINDOW_MAXIMIZED | SDL_WINDOW_FULLSCREEN)) != 0)
        return;
    SDL_GetWindowSize(app->window, &width, &height);
    int more_width = (int)fmin(room.w, fmax(width, ceil(FS_LAYOUT_MIN_WIDTH * unit)));
    int more_height = (int)fmin(room.h, fmax(height, ceil(FS_LAYOUT_MIN_HEIGHT * unit)));
    if (more_width > width || more_height > height)
        SDL_SetWindowSize(app->window, more_width, more_height);
}

/* Of a window that is not maximised: that is what it goes back to. */
static void note_place(app_window *app) {
    const Uint32 flags = SDL_GetWindowFlags(app->window);
    app->kept.maximised = (flags & SDL_WINDOW_MAXIMIZED) != 0;
    if ((flags & (SDL_WINDOW_MAXIMIZED | SDL_WINDOW_FULLSCREEN | SDL_WINDOW_MINIMIZED)) != 0)
        return;
    SDL_GetWindowSize(app->window, &app->kept.width, &app->kept.height);
    SDL_GetWindowPosition(app->window, &app->kept.x, &app->kept.y);
    app->kept.placed = true;
}

/* ---- settings ---- */

static void read_settings(app_window *app) {
    const fs_window_options *options = app->options;
    fs_preferences_default(&app->kept);
    if (options->settings_file != NULL)
        (void)fs_preferences_read(&app->kept, options->settings_file, &app->settings_error);
    app->zoom = options->scale > 0 ? options->scale : app->kept.scale;
}

/* The screen's share, and with it where the window is. */
static void write_settings(app_window *app) {
    fs_preferences now;
    fs_error err = {0};
    (void)fs_screen_preferences(app->screen, &now);
    now.placed = app->kept.placed;
    now.x = app->kept.x;
    now.y = app->kept.y;
    now.width = app->kept.width;
    now.height = app->kept.height;
    now.maximised = app->kept.maximised;
    if (app->options->settings_file != NULL &&
        fs_preferences_write(&now, app->options->settings_file, &err) != FS_OK)
        fs_screen_say(app->screen, true, "The settings cannot be kept: %s", err.message);
}

/* What the screen may have changed by itself. */
static void follow_screen(app_window *app) {
    fs_preferences now;
    if (fs_screen_zoom(app->screen) != app->zoom) {
        app->zoom = fs_screen_zoom(app->screen);
        make_room(app);
    }
    if (fs_screen_preferences(app->screen, &now))
        write_settings(app);
}

/* ---- the window ---- */

/* Follows the size of the window and the scale that is wanted; cheap when nothing changed. */
static fs_status fit_screen(app_window *app, fs_error *err) {
    bool changed = false;
    int units_wide, units_high;
    fs_status status = fs_window_surface_fit(&app->surface, app->window, &changed, err);
    if (status != FS_OK)
        return status;
    const int width = app->surface.width, height = app->surface.height;
    SDL_GetWindowSize(app->window, &units_wide, &units_high);
    double density = units_wide > 0 ? (double)width / units_wide : 1;
    double wanted = density > 1 && app->zoom <= 0 ? density : wanted_scale(app);
    double scale = possible_scale(wanted, width, height);
    if (!changed && scale == app->scale)
        return FS_OK;
    app->scale = scale;
    app->pointer_scale = density / app->scale;
    fs_screen_resize(app->screen, width / app->scale, height / app->scale, app->scale);
    app->redraw = app->exposed = true;
    return FS_OK;
}

/* Frames are painted by the processor. X11 takes such pixels through shared memory; going through OpenGL,
 * which may well be emulated by the same processor, would cost more. Only a preference: SDL's own variables
 * override it. */
static void prefer_plain_pixels(void) {
    const char *driver = SDL_GetCurrentVideoDriver();
    if (driver != NULL && strcmp(driver, "x11") == 0)
        SDL_SetHintWithPriority(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0", SDL_HINT_DEFAULT);
}

static fs_status open_window(app_window *app, fs_error *err) {
    prefer_plain_pixels();
    int width, height, x = SDL_WINDOWPOS_UNDEFINED, y = SDL_WINDOWPOS_UNDEFINED;
    first_size(app, &width, &height);
    if (app->kept.placed && is_on_a_display(app->kept.x, app->kept.y)) {
        x = app->kept.x;
        y = app->kept.y;
    }
    app->window = SDL_CreateWindow("filterscope", x, y, width, height,
                                   SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI | SDL_WINDOW_HIDDEN);
    if (app->window == NULL)
        return sdl_failure(err, "a window");
    SDL_SetWindowMinimumSize(app->window, FS_LAYOUT_MIN_WIDTH, FS_LAYOUT_MIN_HEIGHT);
    fs_window_icon_set(app->window);
    SDL_ShowWindow(app->window);
    if (app->kept.maximised && app->options->width == 0 && app->options->height == 0)
        SDL_MaximizeWindow(app->window);
    return FS_OK;
}

static void draw(app_window *app) {
    double begun = fs_seconds();
    fs_damage damage = fs_screen_take_damage(app->screen);
    if (app->exposed)
        fs_damage_all(&damage);
    if (fs_damage_any(&damage)) {
        fs_screen_draw(app->screen, fs_window_surface_begin(&app->surface, app->scale, &damage));
        fs_window_surface_end(&app->surface);
        fs_frame_stats_add(app->stats, fs_seconds() - begun);
    }
    app->drawn = begun;
    app->redraw = app->exposed = false;
}

/* With Ctrl, or Command on a keyboard that has it; -1: nothing. Letters by themselves are text. */
static int translate_command(SDL_Keycode code) {
    static const struct {
        SDL_Keycode code;
        fs_key key;
    } table[] = {
        {SDLK_a, FS_KEY_SELECT_ALL},    {SDLK_c, FS_KEY_COPY},        {SDLK_x, FS_KEY_CUT},
        {SDLK_v, FS_KEY_PASTE},         {SDLK_z, FS_KEY_UNDO},        {SDLK_q, FS_KEY_QUIT},
        {SDLK_t, FS_KEY_THEME},         {SDLK_l, FS_KEY_ATLAS_LAYER}, {SDLK_n, FS_KEY_ATLAS_NETWORK},
        {SDLK_g, FS_KEY_GABOR_REPORT},  {SDLK_PLUS, FS_KEY_LARGER},   {SDLK_EQUALS, FS_KEY_LARGER},
        {SDLK_KP_PLUS, FS_KEY_LARGER},  {SDLK_MINUS, FS_KEY_SMALLER}, {SDLK_KP_MINUS, FS_KEY_SMALLER},
        {SDLK_s, FS_KEY_SAVE},          {SDLK_o, FS_KEY_OPEN},        {SDLK_0, FS_KEY_USUAL_SIZE},
        {SDLK_KP_0, FS_KEY_USUAL_SIZE}, {SDLK_f, FS_KEY_FIND},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].code == code)
            return (int)table[i].key;
    return -1;
}

/* -1: a key that means nothing here. */
static int translate_key(const SDL_Keysym *key) {
    static const struct {
        SDL_Keycode code;
        fs_key key;
    } table[] = {
        {SDLK_UP, FS_KEY_UP},          {SDLK_DOWN, FS_KEY_DOWN},
        {SDLK_LEFT, FS_KEY_LEFT},      {SDLK_RIGHT, FS_KEY_RIGHT},
        {SDLK_PAGEUP, FS_KEY_PAGE_UP}, {SDLK_PAGEDOWN, FS_KEY_PAGE_DOWN},
        {SDLK_HOME, FS_KEY_HOME},      {SDLK_END, FS_KEY_END},
        {SDLK_RETURN, FS_KEY_ENTER},   {SDLK_KP_ENTER, FS_KEY_ENTER},
        {SDLK_ESCAPE, FS_KEY_ESCAPE},  {SDLK_TAB, FS_KEY_TAB},
        {SDLK_DELETE, FS_KEY_DELETE},  {SDLK_BACKSPACE, FS_KEY_BACKSPACE},
        {SDLK_F1, FS_KEY_HELP},        {SDLK_F10, FS_KEY_MENU},
        {SDLK_F1, FS_KEY_HELP},        {SDLK_F5, FS_KEY_CLASS},
    };
    if ((key->mod & (KMOD_CTRL | KMOD_GUI)) != 0 && (key->mod & KMOD_SHIFT) != 0 && key->sym == SDLK_c)
        return FS_KEY_COPY_PICTURE;
    if ((key->mod & (KMOD_CTRL | KMOD_GUI)) != 0)
        return translate_command(key->sym);
    if (key->sym == SDLK_TAB && (key->mod & KMOD_SHIFT) != 0)
        return FS_KEY_BACK_TAB;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].code == key->sym)
            return (int)table[i].key;
    return -1;
}

/* One input pass over what was gathered. */
static void apply_input(app_window *app) {
    app->input.seconds = fs_seconds();
    app->redraw |= fs_screen_input(app->screen, &app->input);
    app->quit |= fs_screen_quit(app->screen);
    app->input.pressed = app->input.released = false;
    app->input.wheel = 0;
    app->input.n_keys = 0;
    app->input.text[0] = '\0';
    follow_screen(app);
}

/* Keys and texts keep the order they were typed in: a pass for each. */
static void on_key(app_window *app, const SDL_Keysym *key) {
    int translated = translate_key(key);
    if (translated < 0)
        return;
    app->input.shift = (key->mod & KMOD_SHIFT) != 0;
    app->input.keys[app->input.n_keys++] = (fs_key)translated;
    apply_input(app);
}

static void on_text(app_window *app, const char *text) {
    snprintf(app->input.text, sizeof app->input.text, "%s", text);
    apply_input(app);
}

static void on_pointer(app_window *app, int x, int y) {
    app->input.x = x * app->pointer_scale;
    app->input.y = y * app->pointer_scale;
}

static void on_button(app_window *app, const SDL_MouseButtonEvent *button) {
    if (button->button != SDL_BUTTON_LEFT)
        return;
    on_pointer(app, button->x, button->y);
    app->input.held = button->state == SDL_PRESSED;
    app->input.pressed = app->input.held;
    app->input.released = !app->input.held;
    apply_input(app); /* a press and a release must not fall into one pass */
}

/* With Ctrl it means something else: a pass of its own. */
static void on_wheel(app_window *app, const SDL_MouseWheelEvent *wheel) {
    const bool ctrl = (SDL_GetModState() & (KMOD_CTRL | KMOD_GUI)) != 0;
    if (ctrl != app->input.ctrl && app->input.wheel != 0)
        apply_input(app);
    app->input.ctrl = ctrl;
    app->input.wheel += (double)wheel->preciseY;
}

static void on_window(app_window *app, const SDL_WindowEvent *event) {
    if (event->event == SDL_WINDOWEVENT_LEAVE)
        app->input.x = app->input.y = -1;
    else if (event->event == SDL_WINDOWEVENT_HIDDEN || event->event == SDL_WINDOWEVENT_MINIMIZED)
        app->hidden = true;
    else if (event->event == SDL_WINDOWEVENT_MOVED || event->event == SDL_WINDOWEVENT_SIZE_CHANGED)
        note_place(app);
    if (event->event != SDL_WINDOWEVENT_LEAVE && event->event != SDL_WINDOWEVENT_HIDDEN &&
        event->event != SDL_WINDOWEVENT_MINIMIZED && event->event != SDL_WINDOWEVENT_ENTER &&
        event->event != SDL_WINDOWEVENT_MOVED)
        app->redraw = app->exposed = true;
    if (event->event == SDL_WINDOWEVENT_SHOWN || event->event == SDL_WINDOWEVENT_RESTORED ||
        event->event == SDL_WINDOWEVENT_EXPOSED)
        app->hidden = false;
}

static void drain_worker(app_window *app) {
    fs_event event;
    while (fs_worker_poll(app->worker, &event)) {
        app->redraw |= fs_screen_event(app->screen, &event);
        fs_event_release(&event);
    }
    follow_screen(app);
}

static void on_drop(app_window *app, char *path) {
    if (path == NULL)
        return;
    fs_screen_drop(app->screen, path);
    SDL_free(path);
    app->redraw = true;
}

static void on_event(app_window *app, const SDL_Event *event) {
    if (event->type == app->wake_event)
        drain_worker(app);
    else if (event->type == SDL_QUIT)
        app->quit = true;
    else if (event->type == SDL_WINDOWEVENT)
        on_window(app, &event->window);
    else if (event->type == SDL_MOUSEMOTION)
        on_pointer(app, event->motion.x, event->motion.y);
    else if (event->type == SDL_MOUSEBUTTONDOWN || event->type == SDL_MOUSEBUTTONUP)
        on_button(app, &event->button);
    else if (event->type == SDL_MOUSEWHEEL)
        on_wheel(app, &event->wheel);
    else if (event->type == SDL_KEYDOWN)
        on_key(app, &event->key.keysym);
    else if (event->type == SDL_TEXTINPUT)
        on_text(app, event->text.text);
    else if (event->type == SDL_DROPFILE)
        on_drop(app, event->drop.file);
}

/* Nothing is to be drawn; a tip may become due. */
static bool wait_idle(const app_window *app, SDL_Event *event) {
    double wait = app->hidden ? -1 : fs_screen_wait(app->screen);
    if (wait < 0)
        return SDL_WaitEvent(event) != 0;
    return SDL_WaitEventTimeout(event, (int)ceil(wait * 1e3)) != 0;
}

/* Sleeps until something happens, or until the next frame is due when one is wanted. */
static bool wait_event(app_window *app, SDL_Event *event) {
    if (!app->redraw || app->hidden)
        return wait_idle(app, event);
    double left = app->drawn + frame_interval - fs_seconds();
    if (left <= 0)
        return SDL_PollEvent(event) != 0;
    return SDL_WaitEventTimeout(event, (int)ceil(left * 1e3)) != 0;
}

/* Class mode takes the whole display. Where that is refused it stays in the window. */
static void follow_fullness(app_window *app) {
    if (app->full == fs_screen_wants_full(app->screen))
        return;
    app->full = !app->full;
    const double unit = app->full ? 0 : display_scale(app); /* the display is as large as it is */
    SDL_SetWindowMinimumSize(app->window, (int)fmax(1, FS_LAYOUT_MIN_WIDTH * unit),
                             (int)fmax(1, FS_LAYOUT_MIN_HEIGHT * unit));
    (void)SDL_SetWindowFullscreen(app->window, app->full ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
    app->redraw = true;
}

static fs_status run_loop(app_window *app, fs_error *err) {
    while (!app->quit) {
        SDL_Event event;
        bool any = wait_event(app, &event);
        while (any) {
            on_event(app, &event);
            any = SDL_PollEvent(&event) != 0;
        }
        apply_input(app);
        follow_fullness(app);
        fs_status status = fit_screen(app, err);
        if (status != FS_OK)
            return status;
        if (app->redraw && !app->hidden && !app->quit && fs_seconds() - app->drawn >= frame_interval)
            draw(app);
    }
    return FS_OK;
}

static char *read_clipboard(void *context) {
    (void)context;
    char *text = SDL_HasClipboardText() ? SDL_GetClipboardText() : NULL;
    char *copy = text != NULL ? fs_strdup(text) : NULL;
    SDL_free(text);
    return copy;
}

static void write_clipboard(void *context, const char *text) {
    (void)context;
    (void)SDL_SetClipboardText(text);
}

static fs_status start(app_window *app, fs_error *err) {
    const fs_window_options *options = app->options;
    app->stats = fs_calloc(1, sizeof *app->stats);
    if (app->stats == NULL)
        return fs_fail_memory(err, "the window");
    fs_status status = open_window(app, err);
    if (status != FS_OK)
        return status;
    app->wake_event = SDL_RegisterEvents(1);
    fs_worker_options worker = {.threads = options->threads, .niceness = WORKER_NICENESS, .wake = wake};
    worker.wake_context = app;
    if (fs_cache_folder(&app->cache_folder, NULL) == FS_OK)
        worker.cache_folder = app->cache_folder;
    status = fs_worker_create(&app->worker, &worker, err);
    if (status != FS_OK)
        return status;
    fs_screen_options screen = {.layer = options->layer,
                                .export_folder = options->export_folder,
                                .images = options->images,
                                .data = options->data,
                                .session = options->session,
                                .lesson = options->lesson,
                                .seed = options->seed,
                                .threads = options->threads,
                                .preferences = &app->kept,
                                .theme = options->theme >= 0 ? options->theme : app->kept.theme,
                                .system_is_light = fs_system_theme_is_light(),
                                .zoom = app->zoom,
                                .notice =
                                    app->settings_error.code != FS_OK ? app->settings_error.message : NULL,
                                .clipboard = {.read = read_clipboard, .write = write_clipboard}};
    status = fs_screen_create(&app->screen, &screen, app->worker, err);
    if (status != FS_OK)
        return status;
    app->input.x = app->input.y = -1;
    const bool restored = options->session != NULL && fs_file_exists(options->session) &&
                          fs_screen_open_session(app->screen, options->session);
    if (!restored && options->model != NULL)
        fs_screen_open(app->screen, options->model);
    return fit_screen(app, err);
}

/* The window disappears first: writing what was asked for may take a moment. */
static void stop(app_window *app) {
    if (app->screen != NULL)
        note_place(app);
    if (app->window != NULL)
        SDL_HideWindow(app->window);
    if (app->screen != NULL)
        write_settings(app);
    fs_screen_destroy(app->screen);
    fs_worker_destroy(app->worker);
    fs_window_surface_free(&app->surface);
    if (app->window != NULL)
        SDL_DestroyWindow(app->window);
    char line[160];
    if (app->options->frame_stats && app->options->report != NULL && app->stats != NULL)
        app->options->report(app->options->report_context,
                             fs_frame_stats_text(app->stats, line, sizeof line));
    fs_free(app->stats);
    fs_free(app->cache_folder);
}

/* On a thread of its own. */
static void request_quit(void *context) {
    (void)context;
    SDL_Event event = {.type = SDL_QUIT};
    (void)SDL_PushEvent(&event);
}

static fs_status run_with_sdl(app_window *app, fs_error *err) {
    if (SDL_Init(SDL_INIT_VIDEO) != 0)
        return fs_fail(err, FS_ERROR_IO, "no display to open a window on: %s", SDL_GetError());
    read_settings(app);
    fs_status status = start(app, err);
    if (status == FS_OK)
        status = run_loop(app, err);
    stop(app);
    return status;
}

fs_status fs_window_run(const fs_window_options *options, fs_error *err) {
    app_window app = {.options = options};
    fs_signals signals;
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    fs_signals_start(&signals, request_quit, NULL);
    fs_status status = run_with_sdl(&app, err);
    fs_signals_stop(&signals);
    SDL_Quit();
    return status;
}
