/* The picture itself: the photograph, what is covered of it, an attribution over it, the place that was
 * chosen. A click chooses, a drag covers. */
#include <math.h>

#include "report/surface.h"
#include "ui/screen_private.h"
#include "ui/widgets/picture.h"

static const double least_drag = 4; /* logical pixels: less is a click */

/* Where the crop lies on the screen, and what a pixel of it is wide. */
typedef struct placed_crop {
    fs_rect rect;
    double zoom;
} placed_crop;

static placed_crop place_crop(const fs_picture_view *view, fs_rect square) {
    const fs_image *crop = &view->picture->crop;
    placed_crop p;
    p.zoom = fmin(square.w / crop->width, square.h / crop->height);
    p.rect.w = crop->width * p.zoom;
    p.rect.h = crop->height * p.zoom;
    p.rect.x = square.x + floor((square.w - p.rect.w) / 2);
    p.rect.y = square.y + floor((square.h - p.rect.h) / 2);
    return p;
}

/* ---- input ---- */

static void take_pointer(fs_screen *screen, const placed_crop *p) {
    fs_ui *ui = &screen->ui;
    fs_picture_view *view = &screen->picture;
    const fs_ui_id id = FS_UI_ID(FS_ID_PICTURE, FS_PICTURE_CANVAS);
    const double x = (ui->input.x - p->rect.x) / p->zoom, y = (ui->input.y - p->rect.y) / p->zoom;
    (void)fs_ui_click(ui, id, p->rect);
    if (ui->active != id)
        return;
    if (ui->input.pressed) {
        view->press_x = ui->input.x;
        view->press_y = ui->input.y;
    }
    const double way = fmax(fabs(ui->input.x - view->press_x), fabs(ui->input.y - view->press_y));
    if (!view->painting && way >= least_drag)
        fs_screen_begin_stroke(screen, (view->press_x - p->rect.x) / p->zoom,
                               (view->press_y - p->rect.y) / p->zoom);
    if (view->painting)
        fs_screen_continue_stroke(screen, x, y);
    if (!ui->input.released)
        return;
    if (view->painting)
        fs_screen_end_stroke(screen);
    else
        fs_screen_choose_place(screen, x, y);
}

static void take_keys(fs_screen *screen) {
    fs_ui *ui = &screen->ui;
    fs_picture_view *view = &screen->picture;
    const fs_image *crop = &view->picture->crop;
    const double step = ui->input.shift ? 1 : fmax(1, rint(crop->width / 28.0));
    double x = view->x, y = view->y;
    x += fs_ui_take_key(ui, FS_KEY_RIGHT) ? step : fs_ui_take_key(ui, FS_KEY_LEFT) ? -step : 0;
    y += fs_ui_take_key(ui, FS_KEY_DOWN) ? step : fs_ui_take_key(ui, FS_KEY_UP) ? -step : 0;
    if (x != view->x || y != view->y) {
        view->x = fmax(0, fmin(x, crop->width - 0.5));
        view->y = fmax(0, fmin(y, crop->height - 0.5));
        if (view->has_place) /* it is followed */
            fs_screen_choose_place(screen, view->x, view->y);
    }
    if (fs_ui_take_key(ui, FS_KEY_ENTER))
        fs_screen_choose_place(screen, view->x, view->y);
    if (!fs_ui_take_text(ui, " "))
        return;
    fs_screen_begin_stroke(screen, view->x, view->y);
    fs_screen_end_stroke(screen);
}

/* The brush is shown around the pointer: its movements are worth a frame. */
static void follow_pointer(fs_screen *screen, const fs_rect *rect) {
    const fs_ui *ui = &screen->ui;
    fs_picture_view *view = &screen->picture;
    const bool inside = !ui->blocked && fs_rect_contains(*rect, ui->input.x, ui->input.y);
    view->moved =
        inside != view->hovers || (inside && (ui->input.x != view->hover_x || ui->input.y != view->hover_y));
    view->hovers = inside;
    view->hover_x = ui->input.x;
    view->hover_y = ui->input.y;
}

/* ---- drawing ---- */

/* A surface of the crop's size over the whole of it. */
static void lay_over(cairo_t *cr, cairo_surface_t *surface, const fs_rect *rect, cairo_filter_t filter,
                     double opacity) {
    cairo_save(cr);
    cairo_rectangle(cr, rect->x, rect->y, rect->w, rect->h);
    cairo_clip(cr);
    cairo_translate(cr, rect->x, rect->y);
    cairo_scale(cr, rect->w / cairo_image_surface_get_width(surface),
                rect->h / cairo_image_surface_get_height(surface));
    cairo_set_source_surface(cr, surface, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), filter);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
    cairo_paint_with_alpha(cr, opacity);
    cairo_restore(cr);
}

static void draw_layers(fs_screen *screen, const placed_crop *p) {
    fs_picture_view *view = &screen->picture;
    cairo_t *cr = fs_canvas_cairo(screen->ui.canvas);
    const fs_inspection *over = fs_screen_overlay(screen);
    cairo_surface_t *surface =
        fs_picture_photograph(&view->surfaces, view->picture, (int)fmax(1, lround(p->rect.w * screen->scale)),
                              (int)fmax(1, lround(p->rect.h * screen->scale)));
    if (surface != NULL)
        (void)fs_ui_picture(screen->ui.canvas, surface, p->rect.x, p->rect.y);
    if (!fs_occlusion_is_empty(&view->covered)) {
        const fs_rgb grey = fs_occlusion_colour(&screen->model->model->preprocess);
        surface = fs_picture_covered(&view->surfaces, &view->covered, view->revision, grey);
        if (surface != NULL)
            lay_over(cr, surface, &p->rect, CAIRO_FILTER_NEAREST, 1);
    }
    surface = over != NULL && view->opacity > 0 ? fs_picture_over(&view->surfaces, view->over) : NULL;
    if (surface != NULL)
        lay_over(cr, surface, &p->rect, CAIRO_FILTER_BILINEAR, view->opacity);
}

/* A light line on a dark one is seen on every picture. */
static void stroke_twice(cairo_t *cr, double width) {
    cairo_set_line_width(cr, width + 2);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.7);
    cairo_stroke_preserve(cr);
    cairo_set_line_width(cr, width);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_stroke(cr);
}

static void add_square(cairo_t *cr, const placed_crop *p, double x, double y, double side) {
    cairo_rectangle(cr, p->rect.x + p->zoom * (x - side / 2), p->rect.y + p->zoom * (y - side / 2),
                    p->zoom * side, p->zoom * side);
}

/* What the unit at the place sees, and a cross at the place. */
static void draw_place(const fs_screen *screen, const placed_crop *p) {
    const fs_picture_view *view = &screen->picture;
    cairo_t *cr = fs_canvas_cairo(screen->ui.canvas);
    const fs_inspection *maps = fs_screen_maps(screen);
    const double x = p->rect.x + p->zoom * view->x, y = p->rect.y + p->zoom * view->y, arm = 7;
    cairo_move_to(cr, x - arm, y);
    cairo_line_to(cr, x + arm, y);
    cairo_move_to(cr, x, y - arm);
    cairo_line_to(cr, x, y + arm);
    stroke_twice(cr, 1.5);
    if (maps == NULL || !view->has_place)
        return;
    const fs_receptive_field *f = &maps->geometry.field;
    const int column = view->position % maps->geometry.width, row = view->position / maps->geometry.width;
    if (f->size <= 0)
        return; /* all of it */
    const double half = f->offset + f->size / 2.0;
    add_square(cr, p, half + (double)f->stride * column, half + (double)f->stride * row, f->size);
    stroke_twice(cr, 1.5);
}

static void draw_marks(const fs_screen *screen, const placed_crop *p) {
    const fs_ui *ui = &screen->ui;
    const fs_picture_view *view = &screen->picture;
    const bool focused = ui->focus == FS_UI_ID(FS_ID_PICTURE, FS_PICTURE_CANVAS) && ui->focus_by_key;
    cairo_t *cr = fs_canvas_cairo(ui->canvas);
    cairo_save(cr);
    cairo_rectangle(cr, p->rect.x, p->rect.y, p->rect.w, p->rect.h);
    cairo_clip(cr);
    cairo_new_path(cr);
    if (view->has_place || focused)
        draw_place(screen, p);
    if (view->hovers || focused) {
        const double x = view->hovers ? (view->hover_x - p->rect.x) / p->zoom : view->x,
                     y = view->hovers ? (view->hover_y - p->rect.y) / p->zoom : view->y, dash[] = {4, 3};
        add_square(cr, p, x, y, fs_screen_brush(screen));
        cairo_set_dash(cr, dash, 2, 0);
        stroke_twice(cr, 1);
    }
    cairo_restore(cr);
}

static void draw_empty(const fs_ui *ui, fs_rect square) {
    const fs_text_style style = {
        .size = 13, .colour = ui->theme->dim, .align = FS_ALIGN_CENTRE, .wrap = true};
    fs_fill_rounded(ui->canvas, square, 6, ui->theme->panel);
    square = fs_rect_inset(square, 24, floor(square.h / 2) - 44);
    fs_draw_text(ui->canvas, square,
                 "Drop a picture on the window, paste or type its path, or choose one under Files.", &style);
}

void fs_view_picture_canvas(fs_screen *screen, fs_rect square) {
    fs_ui *ui = &screen->ui;
    fs_picture_view *view = &screen->picture;
    const fs_ui_id id = FS_UI_ID(FS_ID_PICTURE, FS_PICTURE_CANVAS);
    if (view->picture == NULL) {
        view->hovers = view->moved = false;
        if (fs_ui_drawing(ui))
            draw_empty(ui, square);
        return;
    }
    const placed_crop p = place_crop(view, square);
    const bool focused = fs_ui_focusable(ui, id, p.rect);
    if (fs_ui_drawing(ui)) {
        draw_layers(screen, &p);
        draw_marks(screen, &p);
        fs_ui_draw_focus(ui, id, p.rect);
        return;
    }
    follow_pointer(screen, &p.rect);
    take_pointer(screen, &p);
    if (focused)
        take_keys(screen);
}
