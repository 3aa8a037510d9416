/* The Picture view: a picture of the user's own, what the network says of it, and what is done to it. */
#include <math.h>
#include <stdio.h>

#include "app/attribute_target.h"
#include "report/caption.h"
#include "ui/screen_private.h"
#include "ui/widgets/button.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/slider.h"

static const double gap = 8, label_width = 62;

static fs_ui_id id_of(int which) {
    return FS_UI_ID(FS_ID_PICTURE, which);
}

static void draw_label(const fs_ui *ui, fs_rect rect, const char *text) {
    const fs_text_style style = {.size = 12.5, .colour = ui->theme->dim};
    if (fs_ui_drawing(ui))
        fs_draw_text(ui->canvas, rect, text, &style);
}

/* ---- which picture ---- */

static void path_row(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    static const fs_text_field_look look = {.hint = "the path of a picture; or drop one on the window"};
    static const fs_ui_button_text paste = {.label = "Paste", .key = "Ctrl V"};
    draw_label(ui, fs_rect_cut_left(&rect, label_width), "Picture");
    const fs_rect button = fs_rect_cut_right(&rect, 108);
    fs_rect_cut_right(&rect, gap);
    if (fs_ui_text_field(ui, id_of(FS_PICTURE_PATH), rect, &screen->picture.path, &look) ==
        FS_TEXT_FIELD_ENTERED) {
        fs_screen_look_at(screen, screen->picture.path.text);
        fs_ui_give_focus(ui, id_of(FS_PICTURE_CANVAS));
    }
    if (fs_ui_button(ui, id_of(FS_PICTURE_PASTE), button, &paste))
        fs_screen_paste_picture(screen);
}

/* ---- what is done to it ---- */

static void overlay_row(fs_screen *screen, fs_rect rect) {
    const char *words[FS_ATTRIBUTION_GRADCAM + 3] = {"none"};
    for (int i = 0; i <= FS_ATTRIBUTION_GRADCAM + 1; i++)
        words[i + 1] = fs_attribute_methods[i]; /* its NULL too */
    draw_label(&screen->ui, fs_rect_cut_left(&rect, label_width), "Overlay");
    (void)fs_ui_choice(&screen->ui, id_of(FS_PICTURE_OVERLAY), rect, words, &screen->picture.overlay);
}

static void percent_slider(fs_screen *screen, int which, fs_rect rect, fs_slider_range range, double *value) {
    fs_ui *ui = &screen->ui;
    const fs_rect number = fs_rect_cut_right(&rect, 38);
    (void)fs_ui_slider(ui, id_of(which), rect, &range, value);
    if (!fs_ui_drawing(ui))
        return;
    char text[16];
    const fs_text_style style = {.size = 12, .colour = ui->theme->text, .align = FS_ALIGN_RIGHT};
    snprintf(text, sizeof text, "%.0f %%", 100 * *value);
    fs_draw_text(ui->canvas, number, text, &style);
}

static void opacity_row(fs_screen *screen, fs_rect rect) {
    const fs_ui *ui = &screen->ui;
    const fs_picture_view *view = &screen->picture;
    draw_label(ui, fs_rect_cut_left(&rect, label_width), "Opacity");
    const fs_rect slider = fs_rect_cut_left(&rect, floor(fmin(200, 0.45 * rect.w)));
    fs_rect_cut_left(&rect, 14);
    percent_slider(screen, FS_PICTURE_OPACITY, slider, (fs_slider_range){.low = 0, .high = 1},
                   &screen->picture.opacity);
    if (!fs_ui_drawing(ui))
        return;
    char text[FS_PANEL_TITLE_SIZE] = "";
    const fs_text_style style = {.size = 11.5, .colour = ui->theme->dim};
    const fs_inspection *over = fs_screen_overlay(screen);
    if (over != NULL)
        snprintf(text, sizeof text, "%s", over->title);
    else if (view->overlay > 0 && view->picture != NULL && view->picture->n_classes == 0)
        snprintf(text, sizeof text, "The network has no classes to explain");
    else if (view->finding != 0 && view->finds == FS_INSPECT_ATTRIBUTE && view->total > 0)
        snprintf(text, sizeof text, "Computing: %.0f of %.0f", view->done, view->total);
    else if (view->finding != 0 && view->finds == FS_INSPECT_ATTRIBUTE)
        snprintf(text, sizeof text, "Computing \u2026");
    fs_draw_text(ui->canvas, rect, text, &style);
}

static void brush_row(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    fs_picture_view *view = &screen->picture;
    const bool nothing = view->picture == NULL || fs_occlusion_is_empty(&view->covered);
    const fs_ui_button_text undo = {.label = "Undo",
                                    .key = "U",
                                    .disabled =
                                        view->picture == NULL || !fs_occlusion_can_undo(&view->covered)};
    const fs_ui_button_text clear = {.label = "Clear", .key = "C", .disabled = nothing};
    draw_label(ui, fs_rect_cut_left(&rect, label_width), "Brush");
    const fs_rect clear_place = fs_rect_cut_right(&rect, 70);
    fs_rect_cut_right(&rect, gap);
    const fs_rect undo_place = fs_rect_cut_right(&rect, 70);
    fs_rect_cut_right(&rect, gap);
    rect.w = fmin(rect.w, 240);
    percent_slider(screen, FS_PICTURE_BRUSH, rect,
                   (fs_slider_range){.low = 0.02, .high = 0.6, .logarithmic = true}, &view->brush);
    if (fs_ui_button(ui, id_of(FS_PICTURE_UNDO), undo_place, &undo))
        fs_screen_undo_stroke(screen);
    if (fs_ui_button(ui, id_of(FS_PICTURE_CLEAR), clear_place, &clear))
        fs_screen_clear_strokes(screen);
}

/* ---- maps ---- */

static void maps_text(const fs_screen *screen, char *text, size_t size) {
    const fs_picture_view *view = &screen->picture;
    const fs_inspection *maps = fs_screen_maps(screen);
    if (view->picture == NULL)
        text[0] = '\0';
    else if (maps == NULL)
        snprintf(text, size, "%s", view->finding != 0 ? "Computing \u2026" : "No maps");
    else if (maps->maps == NULL)
        snprintf(text, size, "%.200s has numbers, no maps: its channels stand under Place",
                 fs_screen_layer(screen)->name);
    else
        snprintf(text, size, "%d maps of %d \u00d7 %d, the strongest first, each on a scale of its own",
                 maps->n_channels, maps->geometry.width, maps->geometry.height);
}

static void maps_side(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    const fs_inspection *maps = fs_screen_maps(screen);
    char text[FS_PANEL_TITLE_SIZE];
    const fs_text_style style = {.size = 12, .colour = ui->theme->dim};
    const fs_rect line = fs_rect_cut_top(&rect, 20);
    maps_text(screen, text, sizeof text);
    if (fs_ui_drawing(ui))
        fs_draw_text(ui->canvas, line, text, &style);
    fs_rect_cut_top(&rect, 4);
    if (maps != NULL && maps->maps != NULL)
        fs_view_tiles(screen, &screen->picture.tiles, rect);
}

/* ---- all of it ---- */

/* With the keyboard the list of layers is a control like the others. */
static void layer_keys(fs_screen *screen, fs_rect list) {
    fs_ui *ui = &screen->ui;
    const fs_ui_id id = id_of(FS_PICTURE_LAYERS);
    const bool focused = fs_ui_focusable(ui, id, list);
    fs_ui_draw_focus(ui, id, fs_rect_inset(list, 4, 4));
    if (fs_ui_drawing(ui) || !focused)
        return;
    static const struct {
        fs_key key;
        int step;
    } keys[] = {{FS_KEY_UP, -1}, {FS_KEY_DOWN, 1}, {FS_KEY_PAGE_UP, -10}, {FS_KEY_PAGE_DOWN, 10}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (fs_ui_take_key(ui, keys[i].key))
            fs_screen_move_layer(screen, keys[i].step);
    if (fs_ui_take_key(ui, FS_KEY_HOME))
        fs_screen_move_layer(screen, -screen->n_rows);
    if (fs_ui_take_key(ui, FS_KEY_END))
        fs_screen_move_layer(screen, screen->n_rows);
}

void fs_view_picture(fs_screen *screen, const fs_layout *layout) {
    static const char *const tabs[] = {"Maps", "Place", "Files", NULL};
    static void (*const sides[])(fs_screen *, fs_rect) = {maps_side, fs_view_picture_place,
                                                          fs_view_picture_files};
    const fs_picture_layout parts = fs_picture_layout_make(layout->body);
    path_row(screen, parts.path);
    fs_view_picture_canvas(screen, parts.picture);
    overlay_row(screen, parts.overlay);
    opacity_row(screen, parts.opacity);
    brush_row(screen, parts.brush);
    fs_view_picture_classes(screen, &parts);
    (void)fs_ui_tabs(&screen->ui, id_of(FS_PICTURE_TABS), parts.tabs, tabs, &screen->picture.tab);
    sides[screen->picture.tab](screen, parts.side);
    if (screen->picture.open) /* a map may have led to its channel */
        layer_keys(screen, layout->list);
}
