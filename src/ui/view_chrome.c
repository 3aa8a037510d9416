/* The frame around the views: brand, header with its buttons, message bar, status line. */
#include <math.h>
#include <stdio.h>

#include "report/caption.h"
#include "ui/screen_private.h"
#include "ui/widgets/button.h"

static const double margin = 20;

static void draw_brand(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    fs_fill_rect(ui->canvas, rect, ui->theme->panel);
    fs_rect inner = fs_rect_inset(rect, margin, 14);
    fs_text_style name = {.size = 16, .colour = ui->theme->text, .bold = true};
    fs_text_style small = {.size = 12.5, .colour = ui->theme->dim, .cut_end = true};
    fs_draw_text(ui->canvas, fs_rect_cut_top(&inner, 21), "filterscope", &name);
    const char *model = screen->model != NULL ? screen->model->model->name : "no model";
    fs_draw_text(ui->canvas, inner, model, &small);
}

/* Above the list of layers: what is searched is all of them. */
static void search_button(fs_screen *screen, fs_rect brand) {
    static const fs_ui_button_text text = {.label = "Find", .key = "/"};
    const double width = 66;
    const fs_rect place = {brand.x + brand.w - margin - width, brand.y + 11, width, 26};
    if (screen->model != NULL &&
        fs_ui_button(&screen->ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_SEARCH), place, &text))
        fs_screen_open_search(screen);
}

/* "Textures" in its colour, on a tint of it. Returns its width. */
static double draw_chip(fs_ui *ui, double x, double y, fs_level level) {
    fs_colour colour = ui->theme->level[level];
    fs_text_style style = {.size = 11.5, .colour = colour, .align = FS_ALIGN_CENTRE};
    const char *text = fs_caption_level(level);
    fs_rect chip = {x, y, ceil(fs_text_width(ui->canvas, text, &style)) + 18, 20};
    fs_fill_rounded(ui->canvas, chip, 10, fs_colour_alpha(colour, 0.14));
    fs_draw_text(ui->canvas, chip, text, &style);
    return chip.w;
}

/* What the fits of all kernels say together. */
static void gabor_text(const fs_screen *screen, char *text, size_t size) {
    const fs_kernel_study *study = screen->gabor.study;
    if (study == NULL) {
        snprintf(text, size, "%s",
                 screen->gabor.effective ? "What its units see of the picture"
                                         : "The kernels of the first convolution");
        return;
    }
    const fs_analysis *a = &study->analysis;
    snprintf(text, size, "%d %skernels of %d \u00d7 %d \u00b7 median R\u00b2 %.3f, of shuffled ones %.3f",
             a->count, study->effective ? "effective " : "", a->width, a->height, a->median_r2,
             a->null.quantile95[FS_MODEL_GABOR]);
}

/* The data set and what is trained of the network. */
static void finetune_text(const fs_screen *screen, char *text, size_t size) {
    const fs_training_news *news = screen->finetune.news;
    if (news == NULL || news->n_train == 0)
        snprintf(text, size, "A new head, then layers above it, trained on pictures of your own");
    else if (news->place.trained_weights == 0)
        snprintf(text, size, "%d classes \u00b7 %d pictures to train on, %d to validate on", news->classes,
                 news->n_train, news->n_val);
    else
        snprintf(text, size, "%d classes \u00b7 %d + %d pictures \u00b7 %lld of %lld weights are trained",
                 news->classes, news->n_train, news->n_val, (long long)news->place.trained_weights,
                 (long long)news->weights);
}

static void draw_header(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    const fs_layer *layer = fs_screen_layer(screen);
    fs_rect inner = fs_rect_inset(rect, 0, 13);
    fs_rect title = fs_rect_cut_top(&inner, 23);
    fs_text_style name = {.size = 17, .colour = ui->theme->text, .bold = true, .cut_middle = true};
    const double chip = 100;
    char channel[FS_CAPTION_SIZE], heading[2 * FS_CAPTION_SIZE];
    snprintf(heading, sizeof heading, "%.250s", layer->name);
    if (screen->gabor.open)
        snprintf(heading, sizeof heading, "%.200s \u00b7 Gabor functions", layer->name);
    if (screen->finetune.open)
        snprintf(heading, sizeof heading, "%.200s \u00b7 fine-tuning", screen->model->model->name);
    if (screen->view.open)
        snprintf(heading, sizeof heading, "%.200s \u00b7 channel %s", layer->name,
                 fs_caption_channel(screen->model->model, layer, screen->channel, channel));
    double width = fmin(ceil(fs_text_width(ui->canvas, heading, &name)) + 2, fmax(0, title.w - chip));
    fs_draw_text(ui->canvas, fs_rect_cut_left(&title, width), heading, &name);
    if (!screen->finetune.open)
        draw_chip(ui, title.x + 12, title.y + 2, layer->level);
    char shape[FS_CAPTION_SIZE], field[FS_CAPTION_SIZE], text[2 * FS_CAPTION_SIZE + 8];
    snprintf(text, sizeof text, "%s \u00b7 %s", fs_caption_shape(layer, shape),
             fs_caption_field(layer, field));
    if (screen->gabor.open)
        gabor_text(screen, text, sizeof text);
    if (screen->finetune.open)
        finetune_text(screen, text, sizeof text);
    fs_text_style small = {.size = 12.5, .colour = ui->theme->dim};
    fs_draw_text(ui->canvas, inner, text, &small);
}

/* Narrow enough for the header's text beside them in the smallest window. Returns their width. */
static double wall_buttons(fs_screen *screen, fs_rect row) {
    fs_ui *ui = &screen->ui;
    const double keys_width = 72, gabor_width = 84, finetune_width = 76, between = 8;
    static const fs_ui_button_text keys = {.label = "Keys", .key = "?"};
    const bool empty = screen->model == NULL;
    const fs_ui_button_text gabor = {.label = "Gabor", .key = "G", .disabled = empty};
    const fs_ui_button_text finetune = {
        .label = fs_screen_trains(screen) ? "Tuning" : "Tune", .key = "F", .disabled = empty};
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_HELP), fs_rect_cut_right(&row, keys_width), &keys))
        screen->help = true;
    fs_rect_cut_right(&row, between);
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_GABOR), fs_rect_cut_right(&row, gabor_width),
                     &gabor))
        fs_screen_open_gabor(screen);
    fs_rect_cut_right(&row, between);
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_FINETUNE), fs_rect_cut_right(&row, finetune_width),
                     &finetune))
        fs_screen_open_finetune(screen);
    return keys_width + gabor_width + finetune_width + 2 * between;
}

static void header(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    fs_rect inner = fs_rect_inset(rect, margin, 0);
    fs_rect row = {inner.x, rect.y + (rect.h - 32) / 2, inner.w, 32};
    static const fs_ui_button_text back = {.label = "Back", .key = "Esc"};
    fs_ui_button_text save = {.label = "Export PNG", .key = "E", .primary = true};
    save.disabled = screen->view.picture == NULL;
    double right = 0;
    if (screen->gabor.open) {
        const fs_ui_button_text card = {
            .label = "Export", .key = "E", .disabled = screen->gabor.study == NULL};
        right = 94 + 10 + 92;
        const bool leave =
            fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_BACK), fs_rect_cut_right(&row, 94), &back);
        fs_rect_cut_right(&row, 10);
        if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_EXPORT), fs_rect_cut_right(&row, 92), &card))
            fs_screen_export_gabor(screen);
        if (leave)
            fs_screen_close_gabor(screen);
    } else if (screen->finetune.open) {
        right = 94;
        if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_BACK), fs_rect_cut_right(&row, right), &back))
            fs_screen_close_finetune(screen);
    } else if (!screen->view.open) {
        right = wall_buttons(screen, row);
    } else {
        right = 94 + 10 + 144;
        bool leave =
            fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_BACK), fs_rect_cut_right(&row, 94), &back);
        fs_rect_cut_right(&row, 10);
        if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_EXPORT), fs_rect_cut_right(&row, 144), &save))
            fs_screen_export(screen);
        if (leave)
            fs_screen_close_channel(screen);
    }
    fs_rect_cut_right(&inner, right + 16);
    if (fs_ui_drawing(ui) && screen->model != NULL)
        draw_header(screen, (fs_rect){inner.x, rect.y, inner.w, rect.h});
}

static void message_bar(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    const fs_theme *theme = ui->theme;
    fs_rect close = {rect.x + rect.w - 40, rect.y, 40, rect.h};
    fs_ui_id id = FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_DISMISS);
    if (fs_ui_drawing(ui)) {
        fs_colour ink = screen->message.is_error ? theme->on_error : theme->text;
        fs_fill_rect(ui->canvas, rect, screen->message.is_error ? theme->error : theme->notice);
        fs_text_style style = {.size = 12.5, .colour = ink, .cut_middle = true};
        fs_rect text = fs_rect_inset(rect, margin, 0);
        text.w = close.x - text.x - 8;
        fs_draw_text(ui->canvas, text, screen->message.text, &style);
        style.align = FS_ALIGN_CENTRE;
        style.size = 16;
        style.colour.a = fs_ui_hot(ui, id) ? 1 : 0.7;
        fs_draw_text(ui->canvas, close, "\u00d7", &style);
    }
    if (fs_ui_click(ui, id, close))
        screen->message.shown = false;
}

static void finetune_status(const fs_screen *screen, char *text, size_t size) {
    const fs_training_news *news = screen->finetune.news;
    if (news == NULL || news->best < 0) {
        snprintf(text, size, "Fine-tuning");
        return;
    }
    const fs_log_row *best = &news->rows[news->best];
    snprintf(text, size, "Best of %d epochs: %.1f %% of the validation pictures, loss %.3f", news->n_rows,
             100 * best->val_accuracy, best->val_loss);
}

static void status_text(const fs_screen *screen, char *text, size_t size) {
    char number[FS_CAPTION_SIZE];
    const fs_picture *picture = screen->view.picture;
    if (screen->loading != 0) {
        snprintf(text, size, "Loading %s \u2026", screen->loading_name);
    } else if (screen->model == NULL) {
        snprintf(text, size, "No model");
    } else if (screen->gabor.open) {
        const fs_kernel_analysis *k = fs_screen_kernel(screen);
        if (k != NULL)
            snprintf(text, size, "Kernel %d of %d \u00b7 %s", k->channel, screen->gabor.study->kernels.count,
                     fs_kernel_class_name(k->kind));
        else
            snprintf(text, size, "Gabor functions");
    } else if (screen->finetune.open) {
        finetune_status(screen, text, size);
    } else if (screen->view.open && picture != NULL) {
        snprintf(text, size, "Channel %s \u00b7 %d \u00d7 %d pixels \u00b7 %.1f steps a second",
                 fs_caption_channel(screen->model->model, fs_screen_layer(screen), screen->channel, number),
                 picture->image.width, picture->image.height, picture->rate);
    } else if (screen->view.open) {
        snprintf(text, size, "Channel %d", screen->channel);
    } else {
        int n = fs_screen_layer(screen)->channels,
            done = fs_thumbs_count_finished(screen->thumbs, screen->layer);
        if (done == n)
            snprintf(text, size, "All %d channels rendered", n);
        else if (screen->wall.rate > 0)
            snprintf(text, size, "%d of %d channels \u00b7 %.1f a second", done, n, screen->wall.rate);
        else
            snprintf(text, size, "%d of %d channels", done, n);
    }
}

static void draw_status(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    char text[FS_CAPTION_SIZE + FS_OPTION_TEXT_SIZE];
    fs_fill_rect(ui->canvas, rect, ui->theme->panel);
    fs_rect inner = fs_rect_inset(rect, margin, 0);
    fs_text_style hint = {.size = 11.5, .colour = ui->theme->faint, .align = FS_ALIGN_RIGHT};
    const char *keys = screen->model == NULL ? "Q quit"
                       : screen->gabor.open
                           ? "Tab next control \u00b7 U Gabor instead of kernel \u00b7 ? keys"
                       : screen->finetune.open ? "Space run or pause \u00b7 N one epoch \u00b7 ? keys"
                       : screen->view.open     ? "Tab next control \u00b7 1\u20137 tabs \u00b7 ? keys"
                                               : "Tab list or wall \u00b7 Enter open \u00b7 ? keys";
    double width = ceil(fs_text_width(ui->canvas, keys, &hint)) + 4;
    fs_draw_text(ui->canvas, fs_rect_cut_right(&inner, width), keys, &hint);
    fs_rect_cut_right(&inner, 16);
    fs_text_style style = {.size = 12, .colour = ui->theme->dim};
    status_text(screen, text, sizeof text);
    fs_draw_text(ui->canvas, inner, text, &style);
}

static void draw_lines(fs_screen *screen, const fs_layout *layout) {
    fs_canvas *canvas = screen->ui.canvas;
    fs_colour line = screen->ui.theme->line;
    double x = layout->header.x, y = layout->header.y + layout->header.h;
    fs_fill_rect(canvas, (fs_rect){0, y - 1, layout->window.w, 1}, line);
    fs_fill_rect(canvas, (fs_rect){x - 1, 0, 1, layout->status.y}, line);
    fs_fill_rect(canvas, (fs_rect){0, layout->status.y, layout->window.w, 1}, line);
}

void fs_view_chrome(fs_screen *screen, const fs_layout *layout) {
    bool drawing = fs_ui_drawing(&screen->ui);
    if (drawing) {
        draw_brand(screen, layout->brand);
        if (screen->model == NULL)
            fs_fill_rect(screen->ui.canvas, layout->list, screen->ui.theme->panel);
        draw_status(screen, layout->status);
        draw_lines(screen, layout);
    }
    search_button(screen, layout->brand);
    header(screen, layout->header);
    if (screen->message.shown)
        message_bar(screen, layout->message);
}
