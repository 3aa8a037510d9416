/* One channel at full size, with what is known about it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/caption.h"
#include "report/surface.h"
#include "ui/screen_private.h"

/* A name and its value, or two buttons, drift apart in a column wider than this. */
static const double max_pair = 340;

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

static void draw_picture(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    cairo_t *cr = fs_canvas_cairo(ui->canvas);
    cairo_surface_t *surface = view_surface(screen, (int)lround(rect.w * screen->scale));
    if (surface == NULL) {
        fs_fill_rounded(ui->canvas, rect, 4, ui->theme->panel);
        return;
    }
    double x = rect.x, y = rect.y;
    cairo_user_to_device(cr, &x, &y);
    cairo_save(cr);
    cairo_identity_matrix(cr);
    cairo_set_source_surface(cr, surface, round(x), round(y));
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
    cairo_paint(cr);
    cairo_restore(cr);
}

/* The objective from the first step to the last planned, scaled to its own range. */
static void draw_curve(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    const fs_curve *curve = &screen->view.curve;
    fs_fill_rounded(ui->canvas, rect, 4, ui->theme->panel);
    if (curve->n < 2)
        return;
    float low = curve->value[0], high = curve->value[0];
    for (int i = 1; i < curve->n; i++) {
        low = fminf(low, curve->value[i]);
        high = fmaxf(high, curve->value[i]);
    }
    fs_rect plot = fs_rect_inset(rect, 8, 10);
    double range = high > low ? (double)high - low : 1;
    cairo_t *cr = fs_canvas_cairo(ui->canvas);
    cairo_new_path(cr);
    for (int i = 0; i < curve->n; i++)
        cairo_line_to(cr, plot.x + plot.w * curve->step[i] / screen->view.settings.steps,
                      plot.y + plot.h * (1 - (curve->value[i] - low) / range));
    fs_set_colour(cr, ui->theme->accent);
    cairo_set_line_width(cr, 1.5);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke(cr);
}

static void draw_fact(fs_ui *ui, fs_rect *column, const char *label, const char *value) {
    fs_rect row = fs_rect_cut_top(column, 24);
    row.w = fmin(row.w, max_pair);
    fs_text_style name = {.size = 12, .colour = ui->theme->faint};
    fs_text_style fact = {
        .size = 12.5, .colour = ui->theme->text, .align = FS_ALIGN_RIGHT, .cut_middle = true};
    double width = ceil(fs_text_width(ui->canvas, label, &name)) + 8;
    fs_draw_text(ui->canvas, fs_rect_cut_left(&row, width), label, &name);
    fs_draw_text(ui->canvas, row, value, &fact);
}

static void draw_progress(fs_screen *screen, fs_rect *column) {
    fs_ui *ui = &screen->ui;
    const fs_picture *picture = screen->view.picture;
    int steps = picture != NULL ? picture->steps : 0, total = screen->view.settings.steps;
    fs_rect bar = fs_rect_cut_top(column, 4);
    fs_fill_rounded(ui->canvas, bar, 2, ui->theme->raised);
    bar.w *= fmin(1, (double)steps / total);
    if (bar.w > 0)
        fs_fill_rounded(ui->canvas, bar, 2, ui->theme->accent);
    fs_rect_cut_top(column, 10);
    char text[FS_CAPTION_SIZE];
    snprintf(text, sizeof text, "%d of %d", steps, total);
    draw_fact(ui, column, "Step", text);
    snprintf(text, sizeof text, "%.1f a second", picture != NULL ? picture->rate : 0);
    draw_fact(ui, column, "Speed", picture != NULL && picture->rate > 0 ? text : "\u2013");
    snprintf(text, sizeof text, "%d \u00d7 %d", screen->view.settings.size, screen->view.settings.size);
    draw_fact(ui, column, "Pixels", text);
}

static const char *view_state(const fs_screen *screen) {
    if (screen->view.generation == 0)
        return screen->view.picture != NULL ? "finished" : "not rendered";
    return screen->view.picture != NULL ? "optimising" : "starting";
}

static void draw_facts(fs_screen *screen, fs_rect column) {
    fs_ui *ui = &screen->ui;
    const fs_theme *theme = ui->theme;
    const fs_picture *picture = screen->view.picture;
    char caption[FS_CAPTION_SIZE], text[FS_CAPTION_SIZE];
    fs_caption_channel(screen->model->model, fs_screen_layer(screen), screen->channel, caption);
    const char *label = strchr(caption, ' '); /* after the number, where there is one */
    snprintf(text, sizeof text, "Channel %d", screen->channel);
    fs_text_style title = {.size = 20, .colour = theme->text, .bold = true};
    fs_draw_text(ui->canvas, fs_rect_cut_top(&column, 28), text, &title);
    fs_text_style small = {.size = 13, .colour = theme->dim};
    fs_draw_text(ui->canvas, fs_rect_cut_top(&column, 22), label != NULL ? label + 1 : view_state(screen),
                 &small);
    fs_rect_cut_top(&column, 14);
    fs_text_style big = {.size = 26, .colour = theme->text};
    fs_caption_number(picture != NULL ? picture->objective : NAN, text);
    fs_draw_text(ui->canvas, fs_rect_cut_top(&column, 36), text, &big);
    fs_draw_text(ui->canvas, fs_rect_cut_top(&column, 20), "objective", &small);
    fs_rect_cut_top(&column, 8);
    draw_curve(screen, fs_rect_cut_top(&column, fmax(56, fmin(120, column.h * 0.3))));
    fs_rect_cut_top(&column, 16);
    draw_progress(screen, &column);
}

void fs_view_channel(fs_screen *screen, const fs_layout *layout) {
    fs_ui *ui = &screen->ui;
    fs_channel_layout parts = fs_channel_layout_make(layout->body);
    fs_rect facts = parts.facts;
    fs_rect buttons = fs_rect_cut_bottom(&facts, 32);
    buttons.w = fmin(buttons.w, max_pair);
    fs_rect_cut_bottom(&facts, 12);
    if (fs_ui_drawing(ui)) {
        draw_picture(screen, parts.picture);
        draw_facts(screen, facts);
    }
    int channel = screen->channel, last = fs_screen_layer(screen)->channels - 1;
    fs_rect previous = fs_rect_cut_left(&buttons, (buttons.w - 8) / 2);
    fs_rect_cut_left(&buttons, 8);
    fs_ui_button_text back = {.label = "Previous", .key = "\u2190", .disabled = channel == 0};
    fs_ui_button_text forth = {.label = "Next", .key = "\u2192", .disabled = channel == last};
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_PREVIOUS), previous, &back))
        channel--;
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_NEXT), buttons, &forth))
        channel++;
    if (channel != screen->channel)
        fs_screen_open_channel(screen, channel);
}
