/* The Gabor view: the first convolution's kernels as a wall, where they lie, and the chosen one in pictures.
 */
#include <math.h>
#include <stdio.h>

#include "report/cells.h"
#include "report/gabor_card.h"
#include "report/gabor_screen.h"
#include "ui/screen_private.h"
#include "ui/widgets/button.h"
#include "ui/widgets/list.h"
#include "ui/widgets/tip.h"

static const double caption = 16;

static double greatest_of(const double *values, int n) {
    double greatest = 0;
    for (int i = 0; i < n; i++)
        greatest = fmax(greatest, fabs(values[i]));
    return greatest;
}

/* Each kernel on a scale of its own: what weak ones look like is seen too. */
static void draw_learned(fs_canvas *canvas, fs_rect rect, const fs_patch *patch) {
    fs_draw_patch(canvas, rect, patch,
                  greatest_of(patch->values, patch->channels * patch->height * patch->width));
}

/* ---- the wall ---- */

static void draw_cell(void *context, fs_ui *ui, const fs_ui_cell *cell) {
    const fs_kernel_study *study = context;
    const fs_kernel_analysis *k = &study->analysis.kernels[cell->index];
    const fs_patch patch = fs_kernels_patch(&study->kernels, cell->index);
    fs_rect rest = cell->rect;
    const fs_rect square = fs_rect_cut_top(&rest, cell->rect.h - caption);
    draw_learned(ui->canvas, square, &patch);
    if (cell->selected || cell->hot)
        fs_stroke_rounded(ui->canvas, fs_rect_inset(square, -2, -2), 3, cell->selected ? 2 : 1,
                          cell->selected ? ui->theme->accent : ui->theme->faint);
    char text[16];
    fs_text_style style = {.size = 10.5, .align = FS_ALIGN_RIGHT};
    style.colour = cell->selected ? ui->theme->text : ui->theme->dim;
    snprintf(text, sizeof text, "%.2f", k->fit.r2);
    fs_draw_class_mark(ui->canvas, fs_rect_cut_left(&rest, 12), k->kind);
    fs_draw_text(ui->canvas, rest, text, &style);
}

static void wall(fs_screen *screen, fs_rect rect) {
    fs_gabor_view *view = &screen->gabor;
    const fs_kernels *kernels = &view->study->kernels;
    const int longer = kernels->height > kernels->width ? kernels->height : kernels->width;
    fs_ui_cells cells = {.n = kernels->count,
                         .columns = fs_gabor_wall_columns(rect.w, longer),
                         .gap = 8,
                         .before = 3,
                         .draw = draw_cell,
                         .context = view->study};
    cells.height = fs_ui_cells_rect(&cells, rect.w, 0).w + caption;
    const int before = view->list.selected;
    const fs_rect clip = fs_rect_inset(rect, -3, 0);
    fs_ui_begin_clip(&screen->ui, clip);
    (void)fs_ui_list(&screen->ui, FS_UI_ID(FS_ID_GABOR_LIST, 0), rect, &cells, &view->list);
    fs_ui_end_clip(&screen->ui);
    if (view->list.selected != before)
        fs_screen_select_kernel(screen, view->list.selected);
}

/* ---- where they lie ---- */

static void scatter(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    fs_gabor_view *view = &screen->gabor;
    const fs_analysis *analysis = &view->study->analysis;
    const fs_ui_id id = FS_UI_ID(FS_ID_GABOR, FS_GABOR_SCATTER);
    if (fs_ui_drawing(ui)) {
        fs_draw_gabor_scatter(ui->canvas, rect, analysis, view->list.selected);
        fs_ui_draw_focus(ui, id, rect);
        return;
    }
    int chosen = -1;
    const int under = fs_gabor_scatter_hit(rect, analysis, ui->input.x, ui->input.y);
    (void)fs_ui_click(ui, id, rect);
    if (under >= 0 && fs_ui_click(ui, FS_UI_ID(FS_ID_GABOR_POINT, under), rect))
        chosen = under;
    if (fs_ui_focusable(ui, id, rect)) {
        if (fs_ui_take_key(ui, FS_KEY_LEFT) || fs_ui_take_key(ui, FS_KEY_DOWN))
            chosen = fs_gabor_scatter_next(analysis, view->list.selected, 1);
        else if (fs_ui_take_key(ui, FS_KEY_RIGHT) || fs_ui_take_key(ui, FS_KEY_UP))
            chosen = fs_gabor_scatter_next(analysis, view->list.selected, -1);
    }
    if (chosen >= 0)
        fs_screen_select_kernel(screen, chosen);
}

/* Which kernel the point under the pointer is. */
static void draw_point_tip(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    const fs_analysis *analysis = &screen->gabor.study->analysis;
    const int under = ui->hot >> 24 == FS_ID_GABOR_POINT ? (int)(ui->hot & 0xffffff) : -1;
    double x, y;
    if (under < 0 || under >= analysis->count || !fs_gabor_scatter_point(rect, analysis, under, &x, &y))
        return;
    const fs_kernel_analysis *k = &analysis->kernels[under];
    char name[64], numbers[96];
    snprintf(name, sizeof name, "Kernel %d \u00b7 %s", k->channel, fs_kernel_class_name(k->kind));
    snprintf(numbers, sizeof numbers, "\u03bb %.2f px \u00b7 \u03b8 %.0f\u00b0 \u00b7 R\u00b2 %.3f",
             k->fit.gabor.lambda, k->fit.gabor.theta * 180 / M_PI, k->fit.r2);
    fs_ui_name_card(ui, (fs_rect){x - 6, y - 6, 12, 12}, rect, (const char *const[]){name, numbers, NULL});
}

/* ---- the chosen kernel ---- */

static void draw_title(const fs_screen *screen, fs_rect rect) {
    const fs_ui *ui = &screen->ui;
    const fs_kernel_analysis *k = fs_screen_kernel(screen);
    fs_text_style name = {.size = 15, .colour = ui->theme->text, .bold = true};
    char text[96];
    snprintf(text, sizeof text, "Kernel %d", k->channel);
    fs_draw_text(ui->canvas, fs_rect_cut_left(&rect, ceil(fs_text_width(ui->canvas, text, &name)) + 14), text,
                 &name);
    fs_draw_class_mark(ui->canvas, fs_rect_cut_left(&rect, 14), k->kind);
    fs_rect_cut_left(&rect, 4);
    fs_text_style kind = {.size = 13, .colour = ui->theme->text};
    fs_draw_text(ui->canvas, rect, fs_kernel_class_name(k->kind), &kind);
    fs_text_style numbers = {.size = 12, .colour = ui->theme->dim, .align = FS_ALIGN_RIGHT};
    fs_rect_cut_left(&rect, ceil(fs_text_width(ui->canvas, fs_kernel_class_name(k->kind), &kind)) + 10);
    snprintf(text, sizeof text, "R\u00b2 %.3f \u00b7 p %.3f \u00b7 one colour %.0f %%", k->fit.r2, k->p_value,
             100 * k->split.energy);
    if (screen->gabor.study->kernels.channels == 1 ||
        fs_text_width(ui->canvas, text, &numbers) > rect.w) /* the colour is what can be missed */
        snprintf(text, sizeof text, "R\u00b2 %.3f \u00b7 p %.3f", k->fit.r2, k->p_value);
    fs_draw_text(ui->canvas, rect, text, &numbers);
}

/* The place of the next picture, its caption drawn below it. */
static fs_rect next_picture(const fs_ui *ui, fs_rect *rest, double side, const char *text) {
    fs_rect place = fs_rect_cut_left(rest, side);
    fs_rect_cut_left(rest, FS_LAYOUT_PICTURE_GAP);
    fs_text_style style = {.size = 11.5, .colour = ui->theme->dim, .align = FS_ALIGN_CENTRE};
    fs_rect line = {place.x - 4, place.y + side, side + 8, FS_LAYOUT_PICTURE_CAPTION};
    fs_draw_text(ui->canvas, line, text, &style);
    place.h = side;
    return place;
}

void fs_view_gabor_pictures(const fs_screen *screen, const fs_gabor_layout *parts, bool with_spectrum) {
    const fs_ui *ui = &screen->ui;
    const fs_gabor_view *view = &screen->gabor;
    const fs_kernels *kernels = &view->study->kernels;
    const int kernel = view->list.selected, side = view->study->side;
    const fs_patch patch = fs_kernels_patch(kernels, kernel);
    fs_patch profile = {1, kernels->height, kernels->width, fs_kernel_study_profile(view->study, kernel)};
    const double greatest = greatest_of(profile.values, kernels->height * kernels->width);
    fs_rect rest = parts->pictures;
    draw_title(screen, parts->title);
    if (patch.channels > 1)
        draw_learned(ui->canvas, next_picture(ui, &rest, parts->picture, "learned"), &patch);
    fs_draw_patch(ui->canvas, next_picture(ui, &rest, parts->picture, "profile"), &profile, greatest);
    profile.values = view->fitted;
    const char *whose = fs_screen_gabor_is_fit(screen) ? "fitted" : "by hand";
    fs_draw_patch(ui->canvas, next_picture(ui, &rest, parts->picture, whose), &profile, greatest);
    profile.values = view->residual;
    fs_draw_patch(ui->canvas, next_picture(ui, &rest, parts->picture, "residual"), &profile, greatest);
    if (side > 0 && with_spectrum)
        fs_draw_gabor_spectrum(
            ui->canvas,
            fs_cells_fit(next_picture(ui, &rest, parts->picture, "spectrum"), patch.height, patch.width),
            fs_kernel_study_spectrum(view->study, kernel), side, &view->hand);
}

static void study(fs_screen *screen, fs_rect body) {
    fs_ui *ui = &screen->ui;
    const int n_pictures = screen->gabor.study->kernels.channels > 1 ? 5 : 4;
    const fs_gabor_layout parts = fs_gabor_layout_make(body, n_pictures, FS_GABOR_PARAMETERS);
    wall(screen, parts.wall);
    scatter(screen, parts.scatter);
    fs_view_gabor_sliders(screen, &parts);
    if (!fs_ui_drawing(ui))
        return;
    (void)fs_draw_class_key(ui->canvas, parts.counts, &screen->gabor.study->analysis);
    fs_view_gabor_pictures(screen, &parts, true);
    fs_draw_rivals(ui->canvas, parts.rivals, fs_screen_kernel(screen));
    draw_point_tip(screen, parts.scatter);
}

/* ---- while there is none ---- */

static void draw_progress(const fs_ui *ui, const fs_gabor_view *view, fs_rect rect) {
    char text[96];
    fs_text_style style = {.size = 13, .colour = ui->theme->dim};
    if (view->total > 0)
        snprintf(text, sizeof text, "Fitting kernels, and shuffled ones for comparison: %.0f of %.0f",
                 view->done, view->total);
    else
        snprintf(text, sizeof text, "Fitting kernels \u2026");
    fs_draw_text(ui->canvas, fs_rect_cut_top(&rect, 26), text, &style);
    fs_rect bar = {rect.x, rect.y + 3, rect.w, 3};
    fs_fill_rounded(ui->canvas, bar, 1.5, ui->theme->raised);
    bar.w *= view->total > 0 ? fmin(1, view->done / view->total) : 0;
    if (bar.w > 0)
        fs_fill_rounded(ui->canvas, bar, 1.5, ui->theme->accent);
}

static void waiting(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    static const fs_ui_button_text stop = {.label = "Stop", .tip = "Stop fitting the kernels"};
    fs_rect line = fs_rect_cut_top(&rect, 34);
    line.w = fmin(line.w, 560);
    fs_rect button = fs_rect_cut_right(&line, 72);
    fs_rect_cut_right(&line, 16);
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_GABOR, FS_GABOR_STOP), button, &stop))
        fs_screen_stop_gabor(screen);
    if (fs_ui_drawing(ui))
        draw_progress(ui, &screen->gabor, line);
}

static void failed(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    static const fs_ui_button_text again = {.label = "Again", .tip = "Fit the kernels again"};
    const int layer = fs_study_layer(screen->model->model, true);
    fs_rect text = fs_rect_cut_top(&rect, 84);
    text.w = fmin(text.w, 560);
    fs_text_style style = {.size = 13, .colour = ui->theme->text, .wrap = true};
    if (fs_ui_drawing(ui))
        fs_draw_text(ui->canvas, text, screen->gabor.error, &style);
    rect.h = 32;
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_GABOR, FS_GABOR_STOP), fs_rect_cut_left(&rect, 84), &again))
        fs_screen_request_gabor(screen, screen->gabor.effective);
    fs_rect_cut_left(&rect, 8);
    if (!screen->gabor.refused || screen->gabor.effective || layer < 0)
        return;
    char label[128];
    snprintf(label, sizeof label, "Fit what %.80s sees of the picture",
             screen->model->model->layers[layer].name);
    const fs_ui_button_text effective = {
        .label = label, .tip = "Which kernels are fitted: weights, or gradients in the picture"};
    style.wrap = false;
    rect.w = fmin(rect.w, ceil(fs_ui_text_width(ui, label, &style)) + 32);
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_GABOR, FS_GABOR_EFFECTIVE), rect, &effective))
        fs_screen_request_gabor(screen, true);
}

void fs_view_gabor(fs_screen *screen, const fs_layout *layout) {
    fs_gabor_view *view = &screen->gabor;
    if (view->study != NULL)
        study(screen, layout->body);
    else if (view->generation != 0)
        waiting(screen, fs_rect_inset(layout->body, 20, 20));
    else
        failed(screen, fs_rect_inset(layout->body, 20, 20));
}
