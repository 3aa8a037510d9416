/* The panels beside an open channel: variants, examples, tuning, attribution, activations,
 * weights (view_weights.c). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/attribute_target.h"
#include "app/examples_find.h"
#include "report/caption.h"
#include "report/contour.h"
#include "report/histogram_chart.h"
#include "report/polar_chart.h"
#include "ui/screen_private.h"
#include "ui/widgets/button.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/picture.h"
#include "ui/widgets/scroll.h"
#include "ui/widgets/slider.h"

static const double row = 30, gap = 10, caption_line = 17, chart_height = 116;
static const double two_charts = 460; /* narrower than this there is room for one */

/* Identities of the controls, FS_UI_ID(FS_ID_PANEL, ...). */
enum { CONTROL_VARIANTS, CONTROL_WHICH, CONTROL_THRESHOLD, CONTROL_METHOD, CONTROL_CLASS, CONTROL_STIMULUS };

typedef struct tiles_view {
    fs_screen *screen;
    fs_panel_view *view;
    double side; /* of a picture */
} tiles_view;

/* ---- tiles ---- */

/* A light line on a dark one is seen on every picture. */
static void draw_outline(fs_ui *ui, fs_rect rect, const fs_panel_tile *tile) {
    cairo_t *cr = fs_canvas_cairo(ui->canvas);
    cairo_save(cr);
    cairo_rectangle(cr, rect.x, rect.y, rect.w, rect.h);
    cairo_clip(cr);
    cairo_save(cr);
    cairo_translate(cr, rect.x, rect.y);
    cairo_scale(cr, rect.w / (tile->side - 1), rect.h / (tile->side - 1));
    cairo_new_path(cr);
    fs_contour_path(cr, tile->samples, tile->side, tile->side, tile->level);
    cairo_restore(cr); /* the path stays, the pen is round again */
    cairo_set_line_width(cr, 3);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.75);
    cairo_stroke_preserve(cr);
    cairo_set_line_width(cr, 1.5);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_stroke(cr);
    cairo_restore(cr);
}

/* In the middle of the square. Returns where it lies, in logical pixels. */
static fs_rect draw_surface(const fs_screen *screen, cairo_surface_t *surface, fs_rect square) {
    const double scale = screen->scale, w = cairo_image_surface_get_width(surface) / scale,
                 h = cairo_image_surface_get_height(surface) / scale;
    return fs_ui_picture(screen->ui.canvas, surface, square.x + (square.w - w) / 2,
                         square.y + (square.h - h) / 2);
}

static void draw_tile(void *context, fs_ui *ui, const fs_ui_cell *cell) {
    const tiles_view *tiles = context;
    fs_screen *screen = tiles->screen;
    fs_panel *panel = tiles->view->panel;
    const fs_panel_tile *tile = &panel->tiles[cell->index];
    fs_rect square = {cell->rect.x + floor((cell->rect.w - tiles->side) / 2), cell->rect.y + 2, tiles->side,
                      tiles->side};
    cairo_surface_t *surface = fs_panel_surface(&tiles->view->surfaces, panel, cell->index,
                                                (int)lround(tiles->side * screen->scale));
    fs_rect place = square;
    if (surface != NULL)
        place = draw_surface(screen, surface, square);
    else
        fs_fill_rounded(ui->canvas, square, 3, ui->theme->panel);
    if (tile->samples != NULL)
        draw_outline(ui, place, tile);
    bool chosen = cell->selected && cell->focused;
    if (cell->hot || chosen)
        fs_stroke_rounded(ui->canvas, fs_rect_inset(square, -2, -2), 3, chosen ? 1.5 : 1,
                          chosen ? ui->theme->accent : ui->theme->faint);
    fs_text_style style = {
        .size = 11.5, .colour = ui->theme->dim, .align = FS_ALIGN_CENTRE, .cut_middle = true};
    fs_rect line = {cell->rect.x, square.y + square.h + 3, cell->rect.w, caption_line};
    fs_draw_text(ui->canvas, line, tile->caption, &style);
    line.y += caption_line;
    style.size = 11;
    style.colour = ui->theme->faint;
    fs_draw_text(ui->canvas, line, tile->detail, &style);
}

/* What a click on a tile leads to. */
static void open_tile(fs_screen *screen, const fs_panel_tile *tile) {
    if (tile->path != NULL)
        fs_screen_use_photograph(screen, tile->path);
    else if (tile->channel >= 0)
        fs_screen_open_channel(screen, tile->channel);
}

static int columns_of(const fs_panel *panel, fs_rect rect) {
    if (panel->kind == FS_PANEL_ACTIVATIONS)
        return (int)fmax(3, floor(rect.w / 88));
    if (panel->kind == FS_PANEL_EXAMPLES)
        return (int)fmax(3, floor(rect.w / 150));
    /* As large as all of them can be shown at once. */
    int best = 1;
    double largest = 0;
    for (int columns = 1; columns <= panel->n_tiles; columns++) {
        int rows = (panel->n_tiles + columns - 1) / columns;
        double side = fmin((rect.w - FS_UI_SCROLL_BAR) / columns - gap, rect.h / rows - gap - caption_line);
        if (side > largest) {
            largest = side;
            best = columns;
        }
    }
    return best;
}

void fs_view_tiles(fs_screen *screen, fs_panel_view *view, fs_rect rect) {
    fs_panel *panel = view->panel;
    bool has_details = panel->n_tiles > 0 && panel->tiles[0].detail[0] != '\0';
    bool scrolls = panel->kind == FS_PANEL_ACTIVATIONS || panel->kind == FS_PANEL_EXAMPLES;
    double captions = 5 + caption_line * (has_details ? 2 : 1);
    fs_ui_cells cells = {
        .n = panel->n_tiles, .columns = columns_of(panel, rect), .gap = gap, .draw = draw_tile};
    tiles_view tiles = {.screen = screen, .view = view};
    tiles.side = fs_ui_cells_rect(&cells, rect.w, 0).w - 4;
    if (!scrolls) {
        int rows = (panel->n_tiles + cells.columns - 1) / cells.columns;
        tiles.side = floor(fmin(tiles.side, (rect.h - (rows - 1) * gap) / rows - captions - 2));
        rect.w =
            fmin(rect.w, cells.columns * (tiles.side + 4) + (cells.columns - 1) * gap + FS_UI_SCROLL_BAR);
    }
    cells.height = tiles.side + captions;
    cells.context = &tiles;
    fs_panel *shown = fs_panel_keep(panel); /* opening a tile may close all of it */
    fs_ui_begin_clip(&screen->ui, rect);
    fs_ui_id id = FS_UI_ID(FS_ID_PANEL_LIST + panel->kind, 0);
    int opened = fs_ui_list(&screen->ui, id, rect, &cells, &view->list);
    fs_ui_end_clip(&screen->ui);
    if (opened >= 0)
        open_tile(screen, &shown->tiles[opened]);
    fs_panel_release(shown);
}

/* ---- charts ---- */

static void draw_charts(fs_ui *ui, const fs_panel *panel, fs_rect rect) {
    int n = rect.w < two_charts && panel->n_charts > 1 ? 1 : panel->n_charts;
    for (int i = 0; i < n; i++) {
        const fs_panel_chart *chart = &panel->charts[i];
        double width = (rect.w - (n - 1) * 24) / n;
        fs_draw_histogram(ui->canvas, (fs_rect){rect.x + i * (width + 24), rect.y, width, rect.h},
                          chart->title, &chart->histogram, chart->logarithmic, chart->mark);
    }
}

static void draw_tuning(fs_screen *screen, const fs_tuning *t, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    double legend = fs_draw_polar_legend(NULL, rect, t), greatest = fs_tuning_greatest(t);
    bool both = rect.w >= two_charts;
    rect.h =
        fmin(rect.h - legend, (both ? rect.w / 2 : rect.w) + 24); /* the line above stays near its circle */
    fs_rect below = {rect.x, rect.y + rect.h, rect.w, legend};
    for (int k = 0; k < FS_STIMULUS_KINDS; k++) {
        fs_rect place = both ? fs_rect_cut_left(&rect, k == 0 ? rect.w / 2 : rect.w) : rect;
        if (both || k == screen->feature.stimulus)
            fs_draw_polar_chart(ui->canvas, place, t, (fs_stimulus_kind)k, greatest);
    }
    (void)fs_draw_polar_legend(ui->canvas, below, t);
}

/* ---- the controls of each ---- */

static bool threshold_slider(fs_screen *screen, const fs_panel_view *view, fs_rect rect) {
    fs_feature_state *feature = &screen->feature;
    const fs_histogram *h = view->panel != NULL ? &view->panel->charts[0].histogram : NULL;
    if (h == NULL || h->used < 1)
        return false;
    fs_slider_range range = {.low = fmin(0, fs_histogram_low(h, 0)), .high = fs_histogram_low(h, h->used)};
    if (screen->ui.active != FS_UI_ID(FS_ID_PANEL, CONTROL_THRESHOLD))
        feature->threshold_moving =
            isfinite(feature->threshold) ? feature->threshold : view->panel->threshold;
    fs_rect label = fs_rect_cut_right(&rect, 56);
    if (fs_ui_drawing(&screen->ui)) {
        char text[FS_CAPTION_SIZE];
        fs_text_style style = {.size = 12, .colour = screen->ui.theme->text, .align = FS_ALIGN_RIGHT};
        fs_draw_text(screen->ui.canvas, label, fs_caption_number(feature->threshold_moving, text), &style);
    }
    fs_slider_result result = fs_ui_slider(&screen->ui, FS_UI_ID(FS_ID_PANEL, CONTROL_THRESHOLD), rect,
                                           &range, &feature->threshold_moving);
    if (result != FS_SLIDER_SETTLED)
        return false;
    feature->threshold = feature->threshold_moving;
    return true;
}

static bool example_controls(fs_screen *screen, const fs_panel_view *view, fs_rect rect) {
    fs_feature_state *feature = &screen->feature;
    fs_rect left = fs_rect_cut_left(&rect, fmin(226, rect.w * 0.62));
    bool changed = fs_ui_choice(&screen->ui, FS_UI_ID(FS_ID_PANEL, CONTROL_WHICH), left, fs_examples_whiches,
                                &feature->which);
    fs_rect_cut_left(&rect, 12);
    rect.w = fmin(rect.w, 300);
    if (feature->which == FS_EXAMPLES_THRESHOLD)
        changed |= threshold_slider(screen, view, rect);
    return changed;
}

static bool attribution_controls(fs_screen *screen, fs_rect rect) {
    fs_feature_state *feature = &screen->feature;
    fs_rect right = fs_rect_cut_right(&rect, 112);
    fs_rect_cut_right(&rect, 12);
    rect.w = fmin(rect.w, 470);
    bool changed = fs_ui_choice(&screen->ui, FS_UI_ID(FS_ID_PANEL, CONTROL_METHOD), rect,
                                fs_attribute_methods, &feature->method);
    right.x = rect.x + rect.w + 12;
    changed |= fs_ui_toggle(&screen->ui, FS_UI_ID(FS_ID_PANEL, CONTROL_CLASS), right, "likeliest class",
                            &feature->explain_class);
    return changed;
}

/* True when what is shown has to be computed anew. */
static bool controls(fs_screen *screen, fs_panel_kind kind, const fs_panel_view *view, fs_rect rect) {
    static const char *const stimuli[] = {"Gratings", "Gabor patches", NULL};
    fs_ui *ui = &screen->ui;
    fs_feature_state *feature = &screen->feature;
    switch (kind) {
    case FS_PANEL_VARIANTS:
        return fs_ui_choice(ui, FS_UI_ID(FS_ID_PANEL, CONTROL_VARIANTS),
                            fs_rect_cut_left(&rect, fmin(200, rect.w)), fs_variant_counts,
                            &feature->variants);
    case FS_PANEL_EXAMPLES:
        return example_controls(screen, view, rect);
    case FS_PANEL_ATTRIBUTION:
        return attribution_controls(screen, rect);
    case FS_PANEL_TUNING:
        (void)fs_ui_choice(ui, FS_UI_ID(FS_ID_PANEL, CONTROL_STIMULUS),
                           fs_rect_cut_left(&rect, fmin(240, rect.w)), stimuli, &feature->stimulus);
        break;
    case FS_PANEL_WEIGHTS:
        fs_view_weights_controls(screen, rect);
        break;
    case FS_PANEL_ACTIVATIONS:
    case FS_PANEL_KINDS:
        break;
    }
    return false;
}

static bool has_controls(fs_panel_kind kind, fs_rect rect) {
    if (kind == FS_PANEL_WEIGHTS)
        return fs_view_weights_has_controls(rect);
    return kind != FS_PANEL_ACTIVATIONS && (kind != FS_PANEL_TUNING || rect.w < two_charts);
}

/* ---- all of it ---- */

static void draw_note(fs_ui *ui, fs_rect rect, const char *text, bool is_error) {
    fs_text_style style = {.size = 13, .wrap = true};
    style.colour = is_error ? ui->theme->on_error : ui->theme->dim;
    rect.w = fmin(rect.w, 440);
    fs_draw_text(ui->canvas, rect, text, &style);
}

static void draw_title(fs_ui *ui, const fs_panel_view *view, fs_rect rect) {
    fs_text_style style = {.size = 12, .colour = ui->theme->dim, .cut_middle = true};
    char text[FS_CAPTION_SIZE];
    if (view->generation == 0) {
        fs_draw_text(ui->canvas, rect, view->panel != NULL ? view->panel->title : "", &style);
        return;
    }
    if (view->total > 0)
        snprintf(text, sizeof text, "Computing: %.0f of %.0f", view->done, view->total);
    else
        snprintf(text, sizeof text, "Computing \u2026");
    fs_draw_text(ui->canvas, rect, text, &style);
}

static void progress(fs_screen *screen, fs_panel_kind kind, const fs_panel_view *view, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    static const fs_ui_button_text stop = {.label = "Stop", .tip = "Stop computing this panel"},
                                   again = {.label = "Again", .tip = "Compute this panel again"};
    fs_rect line = fs_rect_cut_top(&rect, 24);
    const bool running = view->generation != 0;
    if ((running || view->error[0] != '\0') &&
        fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_STOP), fs_rect_cut_right(&line, 64),
                     running ? &stop : &again)) {
        if (running)
            fs_screen_stop_panel(screen, kind);
        else
            fs_screen_renew_panel(screen, kind);
    }
    if (!fs_ui_drawing(ui))
        return;
    draw_title(ui, view, line);
    if (view->generation == 0)
        return;
    fs_rect bar = {rect.x, rect.y + 3, rect.w, 3};
    fs_fill_rounded(ui->canvas, bar, 1.5, ui->theme->raised);
    bar.w *= view->total > 0 ? fmin(1, view->done / view->total) : 0;
    if (bar.w > 0)
        fs_fill_rounded(ui->canvas, bar, 1.5, ui->theme->accent);
}

static void show_panel(fs_screen *screen, fs_panel_view *view, fs_rect rect) {
    fs_panel *panel = view->panel;
    if (panel->kind == FS_PANEL_TUNING) {
        if (fs_ui_drawing(&screen->ui))
            draw_tuning(screen, &panel->tuning, rect);
        return;
    }
    if (panel->kind == FS_PANEL_WEIGHTS) {
        fs_view_weights(screen, rect);
        return;
    }
    if (panel->n_charts > 0) {
        fs_rect charts = fs_rect_cut_bottom(&rect, chart_height);
        fs_rect_cut_bottom(&rect, gap);
        if (fs_ui_drawing(&screen->ui))
            draw_charts(&screen->ui, panel, charts);
    }
    fs_view_tiles(screen, view, rect);
}

void fs_view_panel(fs_screen *screen, fs_panel_kind kind, fs_rect rect) {
    fs_panel_view *view = &screen->view.panels[kind];
    const char *lacks = fs_screen_panel_lacks(screen, kind);
    if (has_controls(kind, rect)) {
        if (controls(screen, kind, view, fs_rect_cut_top(&rect, row)))
            fs_screen_renew_panel(screen, kind);
        fs_rect_cut_top(&rect, 4);
    }
    if (lacks == NULL)
        progress(screen, kind, view, fs_rect_cut_top(&rect, 38));
    if (lacks == NULL && view->panel != NULL)
        show_panel(screen, view, rect);
    else if (fs_ui_drawing(&screen->ui) && (lacks != NULL || view->error[0] != '\0'))
        draw_note(&screen->ui, rect, lacks != NULL ? lacks : view->error, lacks == NULL);
}
