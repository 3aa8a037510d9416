/* Class mode: at the left what is said, at the right the live view, large and without its controls. */
#include <math.h>
#include <stdio.h>

#include "engine/concepts.h"
#include "report/caption.h"
#include "ui/screen_private.h"
#include "ui/widgets/button.h"

/* Sizes of the texts, and how far they may shrink together until everything has its room. */
static const double title_size = 31, text_size = 20, notes_size = 15, smallest = 0.6;

/* ---- what is said ---- */

typedef struct said {
    fs_text_style title, text, head, notes;
    double title_height, text_height, notes_height;
} said;

static said measure(fs_screen *screen, double width, double factor) {
    const fs_ui *ui = &screen->ui;
    const fs_lesson_words *words = fs_screen_stop(screen)->words;
    said s = {.title = {.size = title_size * factor, .colour = ui->theme->text, .bold = true, .wrap = true},
              .text = {.size = text_size * factor, .colour = ui->theme->text, .wrap = true},
              .head = {.size = 12 * factor, .colour = ui->theme->accent, .bold = true},
              .notes = {.size = notes_size * factor, .colour = ui->theme->dim, .wrap = true}};
    s.title_height = ceil(fs_text_height(screen->canvas, words->title, width, &s.title));
    s.text_height = ceil(fs_text_height(screen->canvas, words->text, width, &s.text));
    s.notes_height = screen->lesson.notes
                         ? 52 + ceil(fs_text_height(screen->canvas, words->notes, width - 24, &s.notes))
                         : 0;
    return s;
}

double fs_view_lesson_factor(fs_screen *screen, fs_rect rect) {
    double factor = 1;
    for (; factor > smallest; factor -= 0.02) {
        const said s = measure(screen, rect.w, factor);
        if (s.title_height + 18 + s.text_height + s.notes_height <= rect.h)
            break;
    }
    return factor;
}

static void draw_said(fs_screen *screen, fs_rect rect) {
    const fs_ui *ui = &screen->ui;
    const fs_lesson_words *words = fs_screen_stop(screen)->words;
    const said s = measure(screen, rect.w, fs_view_lesson_factor(screen, rect));
    fs_draw_text(ui->canvas, fs_rect_cut_top(&rect, s.title_height), words->title, &s.title);
    fs_rect_cut_top(&rect, 18);
    fs_draw_text(ui->canvas, fs_rect_cut_top(&rect, s.text_height), words->text, &s.text);
    if (!screen->lesson.notes)
        return;
    fs_rect card = fs_rect_cut_bottom(&rect, s.notes_height - 10);
    fs_fill_rounded(ui->canvas, card, 6, ui->theme->background);
    card = fs_rect_inset(card, 12, 8);
    fs_draw_text(ui->canvas, fs_rect_cut_top(&card, 20), "For who speaks", &s.head);
    fs_draw_text(ui->canvas, card, words->notes, &s.notes);
}

/* A bar for each stop: a click goes there. */
static void stops(fs_screen *screen, fs_rect row) {
    fs_ui *ui = &screen->ui;
    const int n = screen->lesson.lesson.n;
    const double gap = 6, width = (row.w - (n - 1) * gap) / n;
    for (int i = 0; i < n; i++) {
        const fs_rect place = {row.x + i * (width + gap), row.y, width, row.h};
        const fs_ui_id id = FS_UI_ID(FS_ID_LESSON, FS_LESSON_FIRST_STOP + i);
        if (fs_ui_click(ui, id, place))
            fs_screen_go_to_stop(screen, i);
        if (!fs_ui_drawing(ui))
            continue;
        const fs_rect bar = {place.x, place.y + (place.h - 6) / 2, place.w, 6};
        const fs_colour colour = i == screen->lesson.stop ? ui->theme->accent
                                 : fs_ui_hot(ui, id)      ? ui->theme->dim
                                                          : ui->theme->raised;
        fs_fill_rounded(ui->canvas, bar, 3, colour);
    }
}

static void buttons(fs_screen *screen, fs_rect row) {
    fs_ui *ui = &screen->ui;
    const int last = screen->lesson.lesson.n - 1, stop = screen->lesson.stop;
    const fs_ui_button_text back = {.label = "\u2190", .disabled = stop == 0};
    const fs_ui_button_text next = {.label = "Next \u2192", .primary = true, .disabled = stop == last};
    const fs_ui_button_text notes = {.label = "Notes", .key = "T"};
    const fs_ui_button_text leave = {.label = "Leave", .key = "Esc"};
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_LESSON, FS_LESSON_BACK), fs_rect_cut_left(&row, 46), &back))
        fs_screen_go_to_stop(screen, stop - 1);
    fs_rect_cut_left(&row, 8);
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_LESSON, FS_LESSON_NEXT), fs_rect_cut_left(&row, 96), &next))
        fs_screen_go_to_stop(screen, stop + 1);
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_LESSON, FS_LESSON_LEAVE), fs_rect_cut_right(&row, 90), &leave))
        fs_screen_leave_lesson(screen);
    fs_rect_cut_right(&row, 8);
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_LESSON, FS_LESSON_NOTES), fs_rect_cut_right(&row, 82), &notes))
        screen->lesson.notes = !screen->lesson.notes;
}

/* ---- channels ---- */

/* "Answers to: wheel"; where nothing is known of it, which one it is. */
static void say_channel(const fs_screen *screen, char *text, size_t size) {
    const fs_model *model = screen->model->model;
    const fs_layer *layer = fs_screen_layer(screen), *logits = fs_model_logits(model);
    const fs_concept *concept = fs_layer_concept(layer, screen->channel);
    if (concept != NULL)
        snprintf(text, size, "answers to: %.120s (IoU %.2f)", concept->name, concept->iou);
    else if (logits != NULL && logits->value == layer->value && screen->channel < model->n_labels)
        snprintf(text, size, "class: %.120s", model->labels[screen->channel]);
    else
        snprintf(text, size, "detector %d", screen->channel);
}

static void draw_caption(const fs_screen *screen, fs_rect rect, const char *text) {
    const fs_ui *ui = &screen->ui;
    const fs_layer *layer = fs_screen_layer(screen);
    fs_text_style style = {.size = 20, .colour = ui->theme->text, .bold = true};
    fs_text_style small = {.size = 14, .colour = ui->theme->dim, .align = FS_ALIGN_RIGHT, .cut_middle = true};
    char about[FS_CAPTION_SIZE + 64];
    fs_draw_text(ui->canvas,
                 fs_rect_cut_left(&rect, fmin(rect.w * 0.6, fs_text_width(ui->canvas, text, &style) + 4)),
                 text, &style);
    fs_rect_cut_left(&rect, 16);
    if (layer->field.size > 0)
        snprintf(about, sizeof about, "%.200s \u00b7 sees %d \u00d7 %d pixels", layer->name,
                 layer->field.size, layer->field.size);
    else
        snprintf(about, sizeof about, "%.200s \u00b7 sees the whole picture", layer->name);
    fs_draw_text(ui->canvas, rect, about, &small);
}

static void channel(fs_screen *screen, const fs_lesson_layout *parts) {
    fs_ui *ui = &screen->ui;
    const double side = floor(fmin(parts->live.w, parts->live.h));
    const fs_rect square = {floor(parts->live.x + (parts->live.w - side) / 2),
                            floor(parts->live.y + (parts->live.h - side) / 2), side, side};
    if (fs_ui_click(ui, FS_UI_ID(FS_ID_LESSON, FS_LESSON_PICTURE), square) &&
        fs_screen_stop(screen)->kind == FS_LESSON_EDGES)
        fs_screen_close_channel(screen);
    if (!fs_ui_drawing(ui) || !screen->view.open)
        return;
    fs_view_channel_picture(screen, square);
    const fs_picture *picture = screen->view.picture;
    char text[192];
    say_channel(screen, text, sizeof text);
    fs_rect caption = parts->caption;
    fs_rect bar = fs_rect_cut_top(&caption, 4);
    fs_fill_rounded(ui->canvas, bar, 2, ui->theme->raised);
    bar.w *= picture != NULL && picture->total_steps > 0
                 ? fmin(1, (double)picture->steps / picture->total_steps)
                 : 0;
    if (bar.w > 0)
        fs_fill_rounded(ui->canvas, bar, 2, ui->theme->accent);
    draw_caption(screen, caption, text);
}

static void wall(fs_screen *screen, const fs_lesson_layout *parts, const fs_layout *layout) {
    char text[64];
    fs_view_wall(screen, layout);
    if (!fs_ui_drawing(&screen->ui))
        return;
    snprintf(text, sizeof text, "%d detectors", fs_screen_layer(screen)->channels);
    draw_caption(screen, parts->caption, text);
}

/* ---- the Gabor function ---- */

static void gabor(fs_screen *screen, const fs_lesson_layout *parts, const fs_layout *layout) {
    if (screen->gabor.study == NULL) {
        fs_view_gabor(screen, layout);
        return;
    }
    const bool colours = screen->gabor.study->kernels.channels > 1;
    fs_rect rest = parts->live;
    const double gaps = (colours ? 3 : 2) * FS_LAYOUT_PICTURE_GAP;
    fs_gabor_layout g = {.title = fs_rect_cut_top(&rest, 30)};
    g.picture = floor(fmin((rest.w - gaps) / (colours ? 4 : 3), rest.h * 0.4));
    g.row = 24;
    fs_rect_cut_top(&rest, 12);
    g.pictures = fs_rect_cut_top(&rest, g.picture + FS_LAYOUT_PICTURE_CAPTION);
    fs_rect_cut_top(&rest, 26);
    g.sliders = fs_rect_cut_top(&rest, FS_LAYOUT_SLIDER_HEAD + FS_GABOR_PARAMETERS * g.row);
    fs_rect_cut_top(&rest, 14);
    g.buttons = fs_rect_cut_top(&rest, 32);
    fs_view_gabor_sliders(screen, &g);
    if (fs_ui_drawing(&screen->ui))
        fs_view_gabor_pictures(screen, &g, false);
}

/* ---- the training ---- */

/* The layers from the picture to the answer: those that rest are empty. */
static void draw_layers(const fs_screen *screen, fs_rect rect) {
    const fs_ui *ui = &screen->ui;
    const fs_finetune_view *view = &screen->finetune;
    const bool joint = view->news != NULL && view->news->place.joint;
    const fs_text_style small = {.size = 13, .colour = ui->theme->dim};
    fs_rect words = fs_rect_cut_bottom(&rect, 22);
    fs_rect head = fs_rect_cut_right(&rect, 88);
    fs_fill_rounded(ui->canvas, head, 4, ui->theme->accent);
    const fs_text_style name = {
        .size = 13, .colour = ui->theme->on_accent, .align = FS_ALIGN_CENTRE, .bold = true};
    fs_draw_text(ui->canvas, head, "new head", &name);
    const double width = (rect.w - 6) / fmax(1, view->map.n);
    int moving = 0;
    for (int i = 0; i < view->map.n; i++) {
        const fs_layer *layer = &screen->model->model->layers[view->map.layers[i]];
        const fs_rect block = {rect.x + i * width, rect.y, fmax(2, width - 3), rect.h};
        const fs_colour colour = ui->theme->level[layer->level];
        const bool moves = joint && view->map.trained[i];
        moving += moves;
        if (moves)
            fs_fill_rounded(ui->canvas, block, 3, colour);
        else
            fs_fill_rounded(ui->canvas, block, 3, fs_colour_alpha(colour, 0.22));
    }
    char text[96];
    if (moving > 0)
        snprintf(text, sizeof text, "%d layers adapt together with the head; the pale ones are frozen",
                 moving);
    else
        snprintf(text, sizeof text, "All %d layers below the new head are frozen", view->map.n);
    fs_draw_text(ui->canvas, words, text, &small);
}

static void draw_result(const fs_screen *screen, fs_rect rect) {
    const fs_ui *ui = &screen->ui;
    const fs_training_news *news = screen->finetune.news;
    char text[128];
    if (screen->finetune.data.text[0] == '\0')
        snprintf(text, sizeof text, "Drawing pictures of things it has never seen \u2026");
    else if (news == NULL || news->best < 0)
        snprintf(text, sizeof text, "Looking at the pictures \u2026");
    else
        snprintf(text, sizeof text, "%.0f %% of new pictures right \u00b7 guessing: %.0f %%",
                 100 * news->rows[news->best].val_accuracy, 100.0 / fmax(1, news->classes));
    const fs_text_style style = {.size = 20, .colour = ui->theme->text, .bold = true};
    fs_draw_text(ui->canvas, rect, text, &style);
}

static void transfer(fs_screen *screen, const fs_lesson_layout *parts) {
    if (!fs_ui_drawing(&screen->ui))
        return;
    fs_rect rest = parts->live;
    fs_view_finetune_steps(screen, fs_rect_cut_top(&rest, 34));
    fs_rect_cut_top(&rest, 20);
    draw_layers(screen, fs_rect_cut_top(&rest, 66));
    fs_rect_cut_top(&rest, 14);
    fs_view_finetune_progress(screen, fs_rect_cut_top(&rest, 28));
    fs_rect_cut_top(&rest, 16);
    fs_view_finetune_curves(screen, rest);
    draw_result(screen, parts->caption);
}

/* A bar for each level: how much its last layer is what it was. */
static void draw_likeness(const fs_screen *screen, fs_rect rect) {
    const fs_ui *ui = &screen->ui;
    const fs_training_shift *shift = screen->finetune.news->shift;
    const fs_training_layer *last[FS_LEVEL_COUNT] = {NULL};
    double low = 0.9;
    for (int l = 0; l < shift->n_layers; l++) {
        const double cka = shift->layers[l].cka;
        if (!isfinite(cka))
            continue;
        last[shift->layers[l].level] = &shift->layers[l];
        low = cka < low ? fmax(0, floor(cka * 10) / 10) : low;
    }
    char text[64];
    const fs_text_style head = {.size = 13, .colour = ui->theme->dim};
    snprintf(text, sizeof text, "Similarity to the network before (%.1f to 1)", low);
    fs_draw_text(ui->canvas, fs_rect_cut_top(&rect, 26), text, &head);
    for (int level = 0; level < FS_LEVEL_COUNT; level++) {
        if (last[level] == NULL)
            continue;
        const fs_text_style name = {.size = 16, .colour = ui->theme->level[level]};
        const fs_text_style number = {.size = 16, .colour = ui->theme->text, .align = FS_ALIGN_RIGHT};
        fs_rect row = fs_rect_cut_top(&rect, 30);
        fs_draw_text(ui->canvas, fs_rect_cut_left(&row, 110), fs_caption_level((fs_level)level), &name);
        snprintf(text, sizeof text, "%.3f", last[level]->cka);
        fs_draw_text(ui->canvas, fs_rect_cut_right(&row, 66), text, &number);
        fs_rect bar = fs_rect_inset(row, 0, 9);
        fs_fill_rounded(ui->canvas, bar, 4, ui->theme->raised);
        bar.w *= fmax(0, fmin(1, (last[level]->cka - low) / (1 - low)));
        if (bar.w > 0)
            fs_fill_rounded(ui->canvas, bar, fmin(4, bar.w / 2), ui->theme->level[level]);
    }
}

static void shift(fs_screen *screen, const fs_lesson_layout *parts) {
    const bool moved = screen->finetune.news != NULL && screen->finetune.news->shift != NULL;
    fs_rect rest = parts->live;
    const fs_rect progress = fs_rect_cut_top(&rest, 28);
    fs_rect_cut_top(&rest, 12);
    const fs_rect below = fs_rect_cut_bottom(&rest, moved ? 26 + FS_LEVEL_COUNT * 30 : 0);
    fs_rect_cut_bottom(&rest, 14);
    fs_view_finetune_filter_list(screen, rest);
    if (!fs_ui_drawing(&screen->ui))
        return;
    if (moved)
        draw_likeness(screen, below);
    fs_view_finetune_progress(screen, progress);
    draw_result(screen, parts->caption);
}

/* ---- all of it ---- */

static void live(fs_screen *screen, const fs_lesson_layout *parts, const fs_layout *layout) {
    if (screen->view.open)
        channel(screen, parts);
    else if (screen->gabor.open)
        gabor(screen, parts, layout);
    else if (screen->finetune.open && fs_screen_stop(screen)->kind == FS_LESSON_SHIFT)
        shift(screen, parts);
    else if (screen->finetune.open)
        transfer(screen, parts);
    else
        wall(screen, parts, layout);
}

static void draw_panel(fs_screen *screen, const fs_lesson_layout *parts) {
    const fs_ui *ui = &screen->ui;
    fs_fill_rect(ui->canvas, parts->panel, ui->theme->panel);
    draw_said(screen, parts->text);
    fs_text_style hint = {.size = 13, .colour = ui->theme->faint};
    if (screen->message.shown && screen->message.is_error)
        hint.colour = ui->theme->on_error;
    fs_draw_text(ui->canvas, parts->hint,
                 screen->message.shown ? screen->message.text : fs_screen_stop(screen)->words->keys, &hint);
}

void fs_view_lesson(fs_screen *screen, const fs_layout *layout) {
    const fs_lesson_layout parts = fs_lesson_layout_make(screen->width, screen->height);
    if (fs_ui_drawing(&screen->ui))
        draw_panel(screen, &parts);
    live(screen, &parts, layout);
    stops(screen, parts.stops);
    if (screen->lesson.on)
        buttons(screen, parts.buttons);
}
