/* The frame around the views: brand, header with its buttons, message bar, status line. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "report/caption.h"
#include "ui/screen_private.h"
#include "ui/widgets/button.h"

static const double margin = 20, brand_button = 26, brand_gap = 6;

static void draw_brand(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    fs_fill_rect(ui->canvas, rect, ui->theme->panel);
    fs_rect inner = fs_rect_inset(rect, margin, 14);
    fs_text_style name = {.size = 16, .colour = ui->theme->text, .bold = true};
    fs_text_style small = {.size = 12.5, .colour = ui->theme->dim, .cut_end = true};
    fs_rect line = fs_rect_cut_top(&inner, 21);
    line.w -= 3 * brand_button + 2 * brand_gap; /* the buttons are there */
    fs_draw_text(ui->canvas, line, "filterscope", &name);
    const char *model = screen->model != NULL ? screen->model->model->name : "no model";
    fs_draw_text(ui->canvas, inner, model, &small);
}

static void draw_bars(fs_ui *ui, fs_rect rect, fs_colour ink) {
    const double w = 14, gap = 5;
    for (int i = -1; i <= 1; i++)
        fs_fill_rect(ui->canvas,
                     (fs_rect){rect.x + (rect.w - w) / 2, rect.y + rect.h / 2 + i * gap - 0.75, w, 1.5}, ink);
}

/* A disk, one half of it light. */
static void draw_half_disk(fs_ui *ui, fs_rect rect, fs_colour ink) {
    const double radius = 6.5, x = rect.x + rect.w / 2, y = rect.y + rect.h / 2;
    cairo_t *cr = fs_canvas_cairo(ui->canvas);
    fs_set_colour(cr, ink);
    cairo_new_path(cr);
    cairo_arc(cr, x, y, radius, -M_PI / 2, M_PI / 2);
    cairo_fill(cr);
    cairo_set_line_width(cr, 1.5);
    cairo_arc(cr, x, y, radius - 0.75, 0, 2 * M_PI);
    cairo_stroke(cr);
}

/* A lens with its handle. */
static void draw_lens(fs_ui *ui, fs_rect rect, fs_colour ink) {
    const double radius = 5, x = rect.x + rect.w / 2 - 1.5, y = rect.y + rect.h / 2 - 1.5;
    const double from = radius * M_SQRT1_2, to = from + 5;
    cairo_t *cr = fs_canvas_cairo(ui->canvas);
    fs_set_colour(cr, ink);
    cairo_set_line_width(cr, 1.5);
    cairo_new_path(cr);
    cairo_arc(cr, x, y, radius, 0, 2 * M_PI);
    cairo_move_to(cr, x + from, y + from);
    cairo_line_to(cr, x + to, y + to);
    cairo_stroke(cr);
}

static void brand_buttons(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    static const fs_ui_button_text menu = {.icon = draw_bars,
                                           .tip = "Menu: exports, files opened lately (M or F10)"};
    static const fs_ui_button_text theme = {.icon = draw_half_disk, .tip = "Light or dark (Ctrl T)"};
    static const fs_ui_button_text find = {.icon = draw_lens,
                                           .tip = "Find layers, channels, concepts (/ or Ctrl F)"};
    fs_rect row = {rect.x, rect.y + 9, rect.w - 12, brand_button};
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_MENU), fs_rect_cut_right(&row, brand_button),
                     &menu))
        fs_menu_toggle(screen);
    fs_rect_cut_right(&row, brand_gap);
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_THEME), fs_rect_cut_right(&row, brand_button),
                     &theme))
        fs_screen_switch_theme(screen);
    fs_rect_cut_right(&row, brand_gap);
    if (screen->model != NULL && fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_SEARCH),
                                              fs_rect_cut_right(&row, brand_button), &find))
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

/* Shape and receptive field; in a narrow window without the field's step, or without the field. */
static void layer_text(const fs_ui *ui, const fs_layer *layer, double width, const fs_text_style *style,
                       char *text, size_t size) {
    char shape[FS_CAPTION_SIZE], field[FS_CAPTION_SIZE];
    fs_caption_shape(layer, shape);
    fs_caption_field(layer, field);
    const size_t lengths[] = {strlen(field), strcspn(field, ",")};
    for (int i = 0; i < 2; i++) {
        snprintf(text, size, "%s \u00b7 %.*s", shape, (int)lengths[i], field);
        if (fs_text_width(ui->canvas, text, style) <= width)
            return;
    }
    snprintf(text, size, "%s", shape);
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
    if (screen->picture.open)
        snprintf(heading, sizeof heading, "%.200s \u00b7 on a picture", layer->name);
    if (screen->view.open)
        snprintf(heading, sizeof heading, "%.200s \u00b7 channel %s", layer->name,
                 fs_caption_channel(screen->model->model, layer, screen->channel, channel));
    double width = fmin(ceil(fs_text_width(ui->canvas, heading, &name)) + 2, fmax(0, title.w - chip));
    fs_draw_text(ui->canvas, fs_rect_cut_left(&title, width), heading, &name);
    if (!screen->finetune.open)
        draw_chip(ui, title.x + 12, title.y + 2, layer->level);
    const fs_text_style small = {.size = 12.5, .colour = ui->theme->dim};
    char text[2 * FS_CAPTION_SIZE + 8];
    layer_text(ui, layer, inner.w, &small, text, sizeof text);
    if (screen->gabor.open)
        gabor_text(screen, text, sizeof text);
    if (screen->finetune.open)
        finetune_text(screen, text, sizeof text);
    fs_draw_text(ui->canvas, inner, text, &small);
}

/* Narrow enough for the header's text beside them in the smallest window. Returns their width. */
static double wall_buttons(fs_screen *screen, fs_rect row) {
    fs_ui *ui = &screen->ui;
    const double keys_width = 72, gabor_width = 84, finetune_width = 76, picture_width = 84, between = 8;
    static const fs_ui_button_text keys = {.label = "Keys", .key = "?", .tip = "All keys"};
    const bool empty = screen->model == NULL;
    const fs_ui_button_text gabor = {
        .label = "Gabor", .key = "G", .disabled = empty, .tip = "Gabor functions of the first convolution"};
    const fs_ui_button_text picture = {.label = "Picture",
                                       .key = "I",
                                       .disabled = empty,
                                       .tip = "What the network says of a picture of your own"};
    const fs_ui_button_text finetune = {.label = fs_screen_trains(screen) ? "Tuning" : "Tune",
                                        .key = "F",
                                        .disabled = empty,
                                        .tip = "Fine-tune the network on pictures of your own"};
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
    fs_rect_cut_right(&row, between);
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_PICTURE), fs_rect_cut_right(&row, picture_width),
                     &picture))
        fs_screen_open_picture(screen);
    return keys_width + gabor_width + finetune_width + picture_width + 3 * between;
}

static void header(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    fs_rect inner = fs_rect_inset(rect, margin, 0);
    fs_rect row = {inner.x, rect.y + (rect.h - 32) / 2, inner.w, 32};
    static const fs_ui_button_text back = {.label = "Back", .key = "Esc", .tip = "Back to the wall"};
    fs_ui_button_text save = {.label = "Export PNG",
                              .key = "E",
                              .primary = true,
                              .tip = "Save this picture with the settings that made it"};
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
            fs_screen_export_kernel(screen);
        if (leave)
            fs_screen_close_gabor(screen);
    } else if (screen->finetune.open) {
        right = 94;
        if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_BACK), fs_rect_cut_right(&row, right), &back))
            fs_screen_close_finetune(screen);
    } else if (screen->picture.open) {
        right = 94;
        if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_BACK), fs_rect_cut_right(&row, right), &back))
            fs_screen_close_picture(screen);
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
            fs_screen_leave_channel(screen);
    }
    fs_rect_cut_right(&inner, right + 16);
    if (fs_ui_drawing(ui) && screen->model != NULL)
        draw_header(screen, (fs_rect){inner.x, rect.y, inner.w, rect.h});
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

static void picture_status(const fs_screen *screen, char *text, size_t size) {
    const fs_picture_view *view = &screen->picture;
    if (view->reading != 0)
        snprintf(text, size, "Reading %.200s \u2026", fs_path_base(view->asked));
    else if (view->picture == NULL)
        snprintf(text, size, "No picture yet");
    else
        snprintf(text, size, "%.200s \u00b7 the network sees %d \u00d7 %d pixels of it",
                 fs_path_base(view->file), view->picture->crop.width, view->picture->crop.height);
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
    } else if (screen->picture.open) {
        picture_status(screen, text, size);
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

static void draw_status_text(fs_screen *screen, fs_rect inner) {
    fs_ui *ui = &screen->ui;
    char text[FS_CAPTION_SIZE + FS_OPTION_TEXT_SIZE];
    fs_text_style hint = {.size = 11.5, .colour = ui->theme->faint, .align = FS_ALIGN_RIGHT};
    const char *keys =
        screen->model == NULL   ? "Q quit"
        : screen->gabor.open    ? "Tab next control \u00b7 U Gabor instead of kernel \u00b7 ? keys"
        : screen->finetune.open ? "Space run or pause \u00b7 N one epoch \u00b7 ? keys"
        : screen->picture.open  ? "Drag covers \u00b7 click looks \u00b7 O overlay \u00b7 ? keys"
        : screen->view.open     ? "Tab next control \u00b7 1\u20137 tabs \u00b7 ? keys"
                                : "Tab list or wall \u00b7 Enter open \u00b7 ? keys";
    double width = ceil(fs_text_width(ui->canvas, keys, &hint)) + 4;
    if (screen->folder.generation == 0) { /* its progress has their place */
        fs_draw_text(ui->canvas, fs_rect_cut_right(&inner, width), keys, &hint);
        fs_rect_cut_right(&inner, 16);
    }
    fs_text_style style = {.size = 12, .colour = ui->theme->dim};
    status_text(screen, text, sizeof text);
    fs_draw_text(ui->canvas, inner, text, &style);
}

static void status(fs_screen *screen, fs_rect rect) {
    fs_rect inner = fs_rect_inset(rect, margin, 0);
    if (fs_ui_drawing(&screen->ui))
        fs_fill_rect(screen->ui.canvas, rect, screen->ui.theme->panel);
    if (screen->folder.generation != 0)
        fs_view_export(screen, &inner);
    if (fs_ui_drawing(&screen->ui))
        draw_status_text(screen, inner);
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
    }
    status(screen, layout->status);
    if (drawing)
        draw_lines(screen, layout);
    brand_buttons(screen, layout->brand);
    header(screen, layout->header);
    if (screen->message.shown)
        fs_view_message(screen, layout->message);
}
