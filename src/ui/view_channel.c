/* The open channel: its objective as text, the picture that grows, and beside it the settings or a panel. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/caption.h"
#include "report/surface.h"
#include "ui/screen_private.h"
#include "ui/widgets/button.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/picture.h"

static const double row = 32, small_gap = 8;
static const double label_width = 74, render_width = 132, copy_width = 132;

static const char *const tabs[] = {"Render",      "Variants",    "Examples", "Tuning",
                                   "Attribution", "Activations", "Weights",  NULL};

/* The newest picture at the size it is shown; made once for each picture. */
static cairo_surface_t *view_surface(fs_screen *screen, int side) {
    fs_channel_view *view = &screen->view;
    fs_picture *picture = view->picture;
    if (picture == NULL) /* what the wall knows, until the first step is done */
        picture = fs_thumbs_picture(screen->thumbs, screen->layer, screen->channel);
    if (picture == NULL || (picture == view->surface_of && side == view->surface_side))
        return view->surface;
    cairo_surface_t *whole = fs_surface_from_image(&picture->image);
    cairo_surface_t *fitted = whole != NULL ? fs_surface_scaled(whole, side, side) : NULL;
    cairo_surface_destroy(whole);
    if (fitted == NULL)
        return view->surface;
    cairo_surface_destroy(view->surface);
    fs_picture_release(view->surface_of);
    view->surface = fitted;
    view->surface_of = fs_picture_keep(picture);
    view->surface_side = side;
    return fitted;
}

void fs_view_channel_picture(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    cairo_surface_t *surface = view_surface(screen, (int)lround(rect.w * screen->scale));
    if (surface == NULL) {
        fs_fill_rounded(ui->canvas, rect, 4, ui->theme->panel);
        return;
    }
    fs_ui_picture(ui->canvas, surface, rect.x, rect.y);
}

/* ---- the objective ---- */

static void draw_objective_words(fs_screen *screen, fs_rect label, fs_rect below) {
    fs_ui *ui = &screen->ui;
    const fs_channel_view *view = &screen->view;
    bool wrong = view->objective_error.code != FS_OK;
    fs_text_style name = {.size = 12.5, .colour = ui->theme->dim};
    fs_text_style line = {.size = 12, .cut_middle = true};
    line.colour = wrong ? ui->theme->on_error : ui->theme->faint;
    fs_draw_text(ui->canvas, label, "Objective", &name);
    fs_draw_text(
        ui->canvas, below,
        wrong ? view->objective_error.message
              : "Terms with + - * and numbers: channel, neuron, logit, direction, diversity, tv \u2026",
        &line);
}

static void objective(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    fs_channel_view *view = &screen->view;
    fs_rect line = fs_rect_cut_top(&rect, row), label = fs_rect_cut_left(&line, label_width);
    fs_rect button = fs_rect_cut_right(&line, render_width);
    fs_rect_cut_right(&line, small_gap);
    rect.x += label_width;
    rect.w -= label_width;
    if (fs_ui_drawing(ui))
        draw_objective_words(screen, label, rect);
    bool wrong = view->objective_error.code != FS_OK;
    fs_text_field_look look = {.mono = true, .hint = "what is to be maximised"};
    look.error_column = !wrong ? 0 : view->objective_column > 0 ? view->objective_column : -1;
    static const fs_ui_button_text text = {
        .label = "Render", .key = "Enter", .tip = "Maximise this objective"};
    fs_text_field_result result =
        fs_ui_text_field(ui, FS_UI_ID(FS_ID_OBJECTIVE, 0), line, &view->objective, &look);
    bool pressed = fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_RENDER), button, &text);
    if (result == FS_TEXT_FIELD_CHANGED)
        view->objective_error.code = FS_OK; /* until it is entered again */
    if (result == FS_TEXT_FIELD_ENTERED || pressed)
        fs_screen_enter_objective(screen);
}

/* ---- the picture ---- */

static const char *view_state(const fs_channel_view *view) {
    if (view->generation == 0)
        return view->picture != NULL ? "finished" : "not rendered";
    return view->paused ? "paused" : view->received ? "growing" : "starting";
}

static void draw_progress(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    const fs_channel_view *view = &screen->view;
    int steps = view->picture != NULL && (view->received || view->generation == 0) ? view->picture->steps : 0;
    int total = view->settings.steps;
    char text[2 * FS_CAPTION_SIZE], number[FS_CAPTION_SIZE];
    fs_text_style state = {.size = 12, .colour = ui->theme->dim};
    fs_text_style value = {.size = 15, .colour = ui->theme->text, .bold = true, .align = FS_ALIGN_RIGHT};
    fs_rect line = fs_rect_cut_top(&rect, 22);
    fs_caption_number(view->picture != NULL ? view->picture->objective : NAN, number);
    double width = ceil(fs_text_width(ui->canvas, number, &value)) + 4;
    fs_draw_text(ui->canvas, fs_rect_cut_right(&line, width), number, &value);
    snprintf(text, sizeof text, "%s \u00b7 step %d of %d", view_state(view), steps, total);
    fs_draw_text(ui->canvas, line, text, &state);
    fs_rect_cut_top(&rect, 4);
    fs_rect bar = fs_rect_cut_top(&rect, 4);
    fs_fill_rounded(ui->canvas, bar, 2, ui->theme->raised);
    bar.w *= fmin(1, (double)steps / total);
    if (bar.w > 0)
        fs_fill_rounded(ui->canvas, bar, 2, view->paused ? ui->theme->faint : ui->theme->accent);
}

/* Keys are named where there is room. */
static fs_ui_button_text button_text(const char *label, const char *key, double width, const char *tip) {
    const double roomy = 126;
    return (fs_ui_button_text){.label = label, .key = width >= roomy ? key : NULL, .tip = tip};
}

static void transport(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    const double gap = 6, arrow = fmin(44, rect.w * 0.13), half = (rect.w - 2 * arrow - 3 * gap) / 2;
    const bool paused = screen->view.paused;
    int channel = screen->channel, last = fs_screen_layer(screen)->channels - 1;
    fs_ui_button_text pause =
        button_text(paused ? "Continue" : "Pause", "Space", half, "Let the picture rest, or grow on (Space)");
    pause.disabled = !fs_screen_can_pause(screen);
    fs_ui_button_text restart = button_text("Restart", "R", half, "Begin the picture again (R)");
    fs_ui_button_text back = {
        .label = "\u2190", .disabled = channel == 0, .tip = "The channel before (\u2190)"};
    fs_ui_button_text forth = {
        .label = "\u2192", .disabled = channel == last, .tip = "The next channel (\u2192)"};
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_PAUSE), fs_rect_cut_left(&rect, half), &pause))
        fs_screen_pause(screen);
    fs_rect_cut_left(&rect, gap);
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_RESTART), fs_rect_cut_left(&rect, half), &restart))
        fs_screen_restart(screen);
    fs_rect_cut_left(&rect, gap);
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_PREVIOUS), fs_rect_cut_left(&rect, arrow), &back))
        channel--;
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_NEXT), fs_rect_cut_right(&rect, arrow), &forth))
        channel++;
    if (channel != screen->channel)
        fs_screen_open_channel(screen, channel);
}

static void picture(fs_screen *screen, fs_rect rect) {
    fs_rect square = fs_rect_cut_top(&rect, rect.w);
    fs_rect_cut_top(&rect, small_gap);
    fs_rect progress = fs_rect_cut_top(&rect, 30);
    fs_rect_cut_top(&rect, small_gap);
    if (fs_ui_drawing(&screen->ui)) {
        fs_view_channel_picture(screen, square);
        draw_progress(screen, progress);
    }
    transport(screen, fs_rect_cut_top(&rect, row - 2));
}

/* ---- the command line ---- */

static void draw_command(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    fs_text command = {0};
    fs_screen_command(screen, &command);
    fs_text_style style = {.size = 11.5, .colour = ui->theme->dim, .mono = true, .cut_middle = true};
    fs_fill_rounded(ui->canvas, rect, 5, ui->theme->panel);
    fs_draw_text(ui->canvas, fs_rect_inset(rect, 9, 0), fs_text_broken(&command) ? "" : command.bytes,
                 &style);
    fs_text_free(&command);
}

static void command(fs_screen *screen, fs_rect rect) {
    fs_ui_button_text copy = {.label = screen->copied ? "Copied" : "Copy",
                              .key = "Ctrl C",
                              .tip = "Copy the command that makes this picture"};
    fs_rect button = fs_rect_cut_right(&rect, copy_width);
    fs_rect_cut_right(&rect, small_gap);
    if (fs_ui_drawing(&screen->ui))
        draw_command(screen, rect);
    if (fs_ui_button(&screen->ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_COPY), button, &copy))
        fs_screen_copy_command(screen);
}

void fs_view_channel(fs_screen *screen, const fs_layout *layout) {
    int channel = screen->channel;
    fs_channel_layout parts = fs_channel_layout_make(layout->body, screen->feature.tab == FS_TAB_RENDER);
    objective(screen, parts.objective);
    (void)fs_ui_tabs(&screen->ui, FS_UI_ID(FS_ID_TABS, 0), parts.tabs, tabs, &screen->feature.tab);
    picture(screen, parts.picture);
    if (!screen->view.open || channel != screen->channel)
        return; /* it is another one now */
    if (screen->feature.tab == FS_TAB_RENDER)
        fs_view_settings(screen, parts.side);
    else
        fs_view_panel(screen, (fs_panel_kind)(screen->feature.tab - FS_TAB_PANELS), parts.side);
    command(screen, parts.command);
}
