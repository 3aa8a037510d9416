/* What the training did to the network: filters that moved, layers, kernels of the first one. */
#include <math.h>
#include <stdio.h>

#include "report/gabor_card.h"
#include "ui/screen_private.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/picture.h"

static const double row = 28, gap = 8, caption = 17, most_picture = 160;

static const fs_training_shift *shift_of(const fs_screen *screen) {
    return screen->finetune.news != NULL ? screen->finetune.news->shift : NULL;
}

/* Why there is nothing to see. */
static void draw_nothing(const fs_screen *screen, fs_rect rect, const char *otherwise) {
    const fs_ui *ui = &screen->ui;
    const fs_text_style style = {.size = 12.5, .colour = ui->theme->dim, .wrap = true};
    fs_rect_cut_top(&rect, 6);
    fs_draw_text(ui->canvas, rect,
                 shift_of(screen) != NULL ? otherwise
                                          : "Nothing below the head has moved yet. After the first epoch of "
                                            "the joint training this is measured between epochs.",
                 &style);
}

static void draw_dim(const fs_ui *ui, fs_rect rect, const char *text, fs_align align) {
    const fs_text_style style = {.size = 11.5, .colour = ui->theme->dim, .align = align, .cut_middle = true};
    fs_draw_text(ui->canvas, rect, text, &style);
}

static void write_change(double change, char text[32]) {
    snprintf(text, 32, change < 0.01 ? "%.2f %%" : change < 0.1 ? "%.1f %%" : "%.0f %%", 100 * change);
}

/* ---- filters ---- */

/* Side by side: before, now, difference. */
static double picture_side(double width) {
    return floor(fmin(most_picture, (width - 2 * gap) / FS_FILTER_PICTURES));
}

static void draw_picture(fs_screen *screen, fs_rect square, int filter, fs_filter_picture which) {
    const int side = (int)lround(square.w * screen->scale);
    cairo_surface_t *surface =
        fs_training_surface(&screen->finetune.surfaces, screen->finetune.news->shift, filter, which, side);
    if (surface == NULL) {
        fs_fill_rounded(screen->ui.canvas, square, 3, screen->ui.theme->panel);
        return;
    }
    fs_ui_picture(screen->ui.canvas, surface, square.x, square.y);
}

static void draw_filter(void *context, fs_ui *ui, const fs_ui_cell *cell) {
    fs_screen *screen = context;
    const fs_training_filter *f = &shift_of(screen)->filters[cell->index];
    const double side = picture_side(cell->rect.w);
    fs_rect rect = cell->rect;
    char change[32], name[FS_TRAINING_NAME + 24];
    fs_rect text = fs_rect_cut_top(&rect, caption);
    text.w = FS_FILTER_PICTURES * side + 2 * gap;
    write_change(f->change, change);
    const fs_text_style number = {
        .size = 11.5, .colour = ui->theme->text, .align = FS_ALIGN_RIGHT, .bold = true};
    fs_draw_text(ui->canvas, fs_rect_cut_right(&text, 52), change, &number);
    snprintf(name, sizeof name, "%s \u00b7 %d", f->layer, f->channel);
    fs_fill_rounded(ui->canvas, (fs_rect){text.x, text.y + 4, 8, 8}, 2, ui->theme->level[f->level]);
    fs_rect_cut_left(&text, 14);
    draw_dim(ui, text, name, FS_ALIGN_LEFT);
    for (int i = 0; i < FS_FILTER_PICTURES; i++)
        draw_picture(screen, (fs_rect){rect.x + i * (side + gap), rect.y, side, side}, cell->index,
                     (fs_filter_picture)i);
}

static void draw_columns(const fs_ui *ui, fs_rect rect, double side) {
    static const char *const names[] = {"before", "now", "difference"};
    for (int i = 0; i < FS_FILTER_PICTURES; i++)
        draw_dim(ui, (fs_rect){rect.x + i * (side + gap), rect.y, side, rect.h}, names[i], FS_ALIGN_CENTRE);
}

static void watched(fs_screen *screen, fs_rect rect) {
    fs_finetune_view *view = &screen->finetune;
    int chosen = view->watched;
    const fs_rect label = fs_rect_cut_left(&rect, 62);
    if (fs_ui_drawing(&screen->ui))
        draw_dim(&screen->ui, label, "Layer", FS_ALIGN_LEFT);
    rect.w = fmin(rect.w, 320);
    if (view->watch_names != NULL && fs_ui_choice(&screen->ui, FS_UI_ID(FS_ID_FINETUNE, FS_FINETUNE_WATCHED),
                                                  rect, view->watch_names, &chosen))
        fs_screen_watch_layer(screen, chosen);
}

void fs_view_finetune_filters(fs_screen *screen, fs_rect rect) {
    watched(screen, fs_rect_cut_top(&rect, row));
    fs_rect_cut_top(&rect, gap);
    fs_view_finetune_filter_list(screen, rect);
}

void fs_view_finetune_filter_list(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    const fs_training_shift *shift = shift_of(screen);
    if (shift == NULL || shift->n_filters == 0) {
        if (fs_ui_drawing(ui))
            draw_nothing(screen, rect, "No filter of this layer has moved.");
        return;
    }
    const double two = 2 * (3 * 96 + 2 * gap) + 40;
    fs_ui_cells cells = {.n = shift->n_filters,
                         .columns = rect.w >= two ? 2 : 1,
                         .gap = 14,
                         .before = caption + 2,
                         .draw = draw_filter,
                         .context = screen};
    const double side = picture_side(fs_ui_cells_rect(&cells, rect.w, 0).w);
    cells.height = caption + side;
    fs_ui_begin_clip(ui, rect);
    (void)fs_ui_list(ui, FS_UI_ID(FS_ID_FILTER_LIST, 0), rect, &cells, &screen->finetune.filters);
    for (int c = 0; c < cells.columns && fs_ui_drawing(ui); c++) {
        const fs_rect cell = fs_ui_cells_rect(&cells, rect.w, c);
        draw_columns(
            ui, (fs_rect){rect.x + cell.x, rect.y - screen->finetune.filters.offset, cell.w, caption}, side);
    }
    fs_ui_end_clip(ui);
}

/* ---- layers ---- */

/* Where the bars begin: most of the change happens near 1. */
static double lowest_cka(const fs_training_shift *shift) {
    double least = 0.9;
    for (int l = 0; l < shift->n_layers; l++)
        if (isfinite(shift->layers[l].cka) && shift->layers[l].cka < least)
            least = floor(shift->layers[l].cka * 10) / 10;
    return fmax(0, least);
}

static void draw_bar(void *context, fs_ui *ui, const fs_ui_cell *cell) {
    const fs_screen *screen = context;
    const fs_training_shift *shift = shift_of(screen);
    const fs_training_layer *layer = &shift->layers[cell->index];
    const double low = lowest_cka(shift);
    fs_rect rect = cell->rect;
    char text[32];
    draw_dim(ui, fs_rect_cut_left(&rect, round(fmin(220, rect.w * 0.45))), layer->name, FS_ALIGN_LEFT);
    fs_rect_cut_left(&rect, gap);
    if (isfinite(layer->cka))
        snprintf(text, sizeof text, "%.4f", layer->cka);
    else
        snprintf(text, sizeof text, "\u2013");
    const fs_text_style number = {.size = 11.5, .colour = ui->theme->text, .align = FS_ALIGN_RIGHT};
    fs_draw_text(ui->canvas, fs_rect_cut_right(&rect, 48), text, &number);
    fs_rect_cut_right(&rect, gap);
    fs_rect bar = fs_rect_inset(rect, 0, 5);
    fs_fill_rounded(ui->canvas, bar, 2, ui->theme->raised);
    bar.w *= isfinite(layer->cka) ? fmax(0, fmin(1, (layer->cka - low) / (1 - low))) : 0;
    if (bar.w > 0)
        fs_fill_rounded(ui->canvas, bar, fmin(2, bar.w / 2), ui->theme->level[layer->level]);
}

void fs_view_finetune_cka(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    const fs_training_shift *shift = shift_of(screen);
    if (shift == NULL || shift->n_layers == 0) {
        if (fs_ui_drawing(ui))
            draw_nothing(screen, rect, "Too few validation pictures: CKA needs four.");
        return;
    }
    char text[96];
    const fs_rect head = fs_rect_cut_top(&rect, 20);
    snprintf(text, sizeof text, "Likeness to the network before, %.1f to 1; after epoch %d",
             lowest_cka(shift), shift->epochs);
    if (fs_ui_drawing(ui))
        draw_dim(ui, head, text, FS_ALIGN_LEFT);
    const fs_ui_cells cells = {
        .n = shift->n_layers, .columns = 1, .height = 18, .draw = draw_bar, .context = screen};
    fs_ui_begin_clip(ui, rect);
    (void)fs_ui_list(ui, FS_UI_ID(FS_ID_CKA_LIST, 0), rect, &cells, &screen->finetune.cka);
    fs_ui_end_clip(ui);
}

/* ---- kernels ---- */

static double greatest_of(const fs_patch *patch) {
    double greatest = 0;
    for (int i = 0; i < patch->channels * patch->height * patch->width; i++)
        greatest = fmax(greatest, fabs(patch->values[i]));
    return greatest;
}

/* "+0.12": what rounds to nothing has no sign. */
static void write_signed(double value, int digits, char text[24]) {
    const double least = 0.5 * pow(10, -digits);
    const char *sign = value >= least ? "+" : value <= -least ? "\u2212" : "";
    snprintf(text, 24, "%s%.*f", sign, digits, fabs(value));
}

/* "λ +0.012 px · θ −3.10° · σ 0.000 px", where both fits explain their kernel. */
static void say_drift(const fs_training_shift *shift, int kernel, char *text, size_t size) {
    const fs_gabor_drift *d = kernel < shift->drifts.count ? &shift->drifts.items[kernel] : NULL;
    char lambda[24], theta[24], sigma[24];
    if (d == NULL) {
        snprintf(text, size, "too small for a Gabor fit");
        return;
    }
    if (!fs_gabor_drift_counts(d)) {
        snprintf(text, size, "no Gabor function");
        return;
    }
    write_signed(d->lambda, 3, lambda);
    write_signed(d->theta * 180 / M_PI, 2, theta);
    write_signed(d->sigma, 3, sigma);
    snprintf(text, size, "\u03bb %s px \u00b7 \u03b8 %s\u00b0 \u00b7 \u03c3 %s px", lambda, theta, sigma);
}

static void draw_kernel(void *context, fs_ui *ui, const fs_ui_cell *cell) {
    const fs_screen *screen = context;
    const fs_training_shift *shift = shift_of(screen);
    const fs_patch before = fs_kernels_patch(&shift->before, cell->index),
                   now = fs_kernels_patch(&shift->now, cell->index);
    const double side = cell->rect.h - 4, greatest = greatest_of(&before);
    fs_rect rect = cell->rect;
    char text[96], change[32];
    fs_draw_patch(ui->canvas, (fs_rect){rect.x, rect.y, side, side}, &before, greatest);
    fs_draw_patch(ui->canvas, (fs_rect){rect.x + side + gap, rect.y, side, side}, &now, greatest);
    fs_rect_cut_left(&rect, 2 * (side + gap) + 4);
    rect.y += (rect.h - 2 * caption) / 2 - 2;
    rect.h = 2 * caption;
    write_change(shift->changes[cell->index], change);
    snprintf(text, sizeof text, "kernel %d \u00b7 %s", shift->channels[cell->index], change);
    const fs_text_style name = {.size = 12, .colour = ui->theme->text};
    fs_draw_text(ui->canvas, fs_rect_cut_top(&rect, caption), text, &name);
    say_drift(shift, cell->index, text, sizeof text);
    draw_dim(ui, fs_rect_cut_top(&rect, caption), text, FS_ALIGN_LEFT);
}

void fs_view_finetune_kernels(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    const fs_training_shift *shift = shift_of(screen);
    if (shift == NULL || shift->n_kernels == 0) {
        if (fs_ui_drawing(ui))
            draw_nothing(screen, rect, "The first layer rests, or its kernels show no colours.");
        return;
    }
    const fs_rect head = fs_rect_cut_top(&rect, 20);
    if (fs_ui_drawing(ui))
        draw_dim(ui, head,
                 "Kernels of the first layer that moved most: before, now, drift of their Gabor fits",
                 FS_ALIGN_LEFT);
    const fs_ui_cells cells = {.n = shift->n_kernels,
                               .columns = rect.w > 640 ? 2 : 1,
                               .height = 60,
                               .gap = 8,
                               .draw = draw_kernel,
                               .context = screen};
    fs_ui_begin_clip(ui, rect);
    (void)fs_ui_list(ui, FS_UI_ID(FS_ID_KERNEL_LIST, 0), rect, &cells, &screen->finetune.kernels);
    fs_ui_end_clip(ui);
}
