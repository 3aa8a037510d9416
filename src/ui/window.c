#include "ui/window.h"

#include <SDL.h>
#include <cairo.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/cache_folder.h"
#include "base/alloc.h"
#include "ui/frame_stats.h"
#include "ui/layout.h"
#include "ui/screen.h"
#include "ui/signals.h"
#include "ui/window_icon.h"

/* Added to the niceness of the computing threads: the window gets its turn at once. */
enum { WORKER_NICENESS = 10 };
static const double frame_interval = 1.0 / 60;
static const double sharp_display_dpi = 144;

typedef struct app_window {
    const fs_window_options *options;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    cairo_surface_t *surface; /* what the texture gets */
    cairo_t *cr;
    int pixel_width, pixel_height; /* of texture and surface */
    double scale;                  /* device pixels a logical pixel */
    double pointer_scale;          /* logical pixels for each of SDL's */
    char *cache_folder;            /* NULL: nothing is kept from run to run */
    fs_worker *worker;
    fs_screen *screen;
    uint32_t wake_event;
    fs_ui_input input; /* gathered since the last input pass */
    bool redraw, quit, hidden;
    double drawn; /* when the last frame was begun */
    fs_frame_stats *stats;
} app_window;

fs_window_options fs_window_options_default(void) {
    return (fs_window_options){.width = 1280, .height = 800};
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
    if (app->options->scale > 0)
        return app->options->scale;
    float dpi = 0;
    int display = app->window != NULL ? SDL_GetWindowDisplayIndex(app->window) : 0;
    if (SDL_GetDisplayDPI(display < 0 ? 0 : display, &dpi, NULL, NULL) != 0 || dpi < sharp_display_dpi)
        return 1;
    return fmin(3, floor((double)dpi / 96 * 2) / 2);
}

static void free_buffers(app_window *app) {
    if (app->cr != NULL)
        cairo_destroy(app->cr);
    cairo_surface_destroy(app->surface); /* NULL is fine */
    if (app->texture != NULL)
        SDL_DestroyTexture(app->texture);
    app->cr = NULL;
    app->surface = NULL;
    app->texture = NULL;
    app->pixel_width = app->pixel_height = 0;
}

static fs_status make_buffers(app_window *app, int width, int height, fs_error *err) {
    free_buffers(app);
    app->texture = SDL_CreateTexture(app->renderer, SDL_PIXELFORMAT_ARGB8888, SDL_TEXTUREACCESS_STREAMING,
                                     width, height);
    if (app->texture == NULL)
        return sdl_failure(err, "a picture for the window");
    app->surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    app->cr = cairo_create(app->surface);
    if (cairo_status(app->cr) != CAIRO_STATUS_SUCCESS)
        return fs_fail_memory(err, "the window's picture");
    app->pixel_width = width;
    app->pixel_height = height;
    return FS_OK;
}

/* Follows the size of the window; cheap when nothing changed. */
static fs_status fit_buffers(app_window *app, fs_error *err) {
    int units_wide, units_high, width, height;
    SDL_GetWindowSize(app->window, &units_wide, &units_high);
    if (SDL_GetRendererOutputSize(app->renderer, &width, &height) != 0)
        return sdl_failure(err, "the window");
    if (width == app->pixel_width && height == app->pixel_height)
        return FS_OK;
    double density = units_wide > 0 ? (double)width / units_wide : 1;
    app->scale = density > 1 && app->options->scale <= 0 ? density : display_scale(app);
    app->pointer_scale = density / app->scale;
    fs_status status = make_buffers(app, width, height, err);
    if (status == FS_OK)
        fs_screen_resize(app->screen, width / app->scale, height / app->scale, app->scale);
    app->redraw = true;
    return status;
}

/* Frames are painted by the processor. X11 takes such pixels through shared memory; going through OpenGL,
 * which may well be emulated by the same processor, would cost more. Only a preference: SDL_RENDER_DRIVER
 * overrides it. */
static void prefer_plain_pixels(void) {
    const char *driver = SDL_GetCurrentVideoDriver();
    if (driver == NULL || strcmp(driver, "x11") != 0)
        return;
    SDL_SetHintWithPriority(SDL_HINT_RENDER_DRIVER, "software", SDL_HINT_DEFAULT);
    SDL_SetHintWithPriority(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0", SDL_HINT_DEFAULT);
}

static fs_status open_window(app_window *app, fs_error *err) {
    prefer_plain_pixels();
    double unit = display_scale(app);
    app->window = SDL_CreateWindow("filterscope", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED,
                                   (int)(app->options->width * unit), (int)(app->options->height * unit),
                                   SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI | SDL_WINDOW_HIDDEN);
    if (app->window == NULL)
        return sdl_failure(err, "a window");
    SDL_SetWindowMinimumSize(app->window, (int)(FS_LAYOUT_MIN_WIDTH * unit),
                             (int)(FS_LAYOUT_MIN_HEIGHT * unit));
    app->renderer = SDL_CreateRenderer(app->window, -1, 0);
    if (app->renderer == NULL)
        return sdl_failure(err, "a renderer");
    fs_window_icon_set(app->window);
    SDL_ShowWindow(app->window); /* only now: making the renderer may have replaced the window */
    return FS_OK;
}

static void draw(app_window *app) {
    double begun = fs_seconds();
    fs_screen_draw(app->screen, app->cr);
    cairo_surface_flush(app->surface);
    SDL_UpdateTexture(app->texture, NULL, cairo_image_surface_get_data(app->surface),
                      cairo_image_surface_get_stride(app->surface));
    SDL_RenderCopy(app->renderer, app->texture, NULL, NULL);
    SDL_RenderPresent(app->renderer);
    fs_frame_stats_add(app->stats, fs_seconds() - begun);
    app->drawn = begun;
    app->redraw = false;
}

/* With Ctrl, or Command on a keyboard that has it; -1: nothing. Letters by themselves are text. */
static int translate_command(SDL_Keycode code) {
    static const struct {
        SDL_Keycode code;
        fs_key key;
    } table[] = {
        {SDLK_a, FS_KEY_SELECT_ALL}, {SDLK_c, FS_KEY_COPY}, {SDLK_x, FS_KEY_CUT},  {SDLK_v, FS_KEY_PASTE},
        {SDLK_z, FS_KEY_UNDO},       {SDLK_q, FS_KEY_QUIT}, {SDLK_f, FS_KEY_FIND},
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
        {SDLK_F1, FS_KEY_HELP},
    };
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
    app->redraw |= fs_screen_input(app->screen, &app->input);
    app->quit |= fs_screen_quit(app->screen);
    app->input.pressed = app->input.released = false;
    app->input.wheel = 0;
    app->input.n_keys = 0;
    app->input.text[0] = '\0';
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
    else if (event->event != SDL_WINDOWEVENT_ENTER && event->event != SDL_WINDOWEVENT_MOVED)
        app->redraw = true;
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
    else if (event->type == SDL_RENDER_TARGETS_RESET || event->type == SDL_RENDER_DEVICE_RESET)
        app->redraw = true;
}

/* Sleeps until something happens, or until the next frame is due when one is wanted. */
static bool wait_event(app_window *app, SDL_Event *event) {
    if (!app->redraw || app->hidden)
        return SDL_WaitEvent(event) != 0;
    double left = app->drawn + frame_interval - fs_seconds();
    if (left <= 0)
        return SDL_PollEvent(event) != 0;
    return SDL_WaitEventTimeout(event, (int)ceil(left * 1e3)) != 0;
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
        fs_status status = fit_buffers(app, err);
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
                                .seed = options->seed,
                                .threads = options->threads,
                                .clipboard = {.read = read_clipboard, .write = write_clipboard}};
    status = fs_screen_create(&app->screen, &screen, app->worker, err);
    if (status != FS_OK)
        return status;
    app->input.x = app->input.y = -1;
    if (options->model != NULL)
        fs_screen_open(app->screen, options->model);
    return fit_buffers(app, err);
}

/* The window disappears first: writing what was asked for may take a moment. */
static void stop(app_window *app) {
    if (app->window != NULL)
        SDL_HideWindow(app->window);
    fs_screen_destroy(app->screen);
    fs_worker_destroy(app->worker);
    free_buffers(app);
    if (app->renderer != NULL)
        SDL_DestroyRenderer(app->renderer);
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
