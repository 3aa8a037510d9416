/* Beside the picture: the classes with their probabilities, the channels at a place, the folder's pictures.
 */
#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "report/caption.h"
#include "ui/screen_private.h"
#include "ui/widgets/button.h"
#include "ui/widgets/picture.h"

enum { MOST_FILES = 5000 }; /* that are listed */
static const double place_row = 46, thumb = 40, file_row = 24;

/* ---- classes ---- */

static void class_name(const fs_model *model, int class_index, char *text, size_t size) {
    if (class_index < model->n_labels)
        snprintf(text, size, "%.200s", model->labels[class_index]);
    else
        snprintf(text, size, "class %d", class_index);
}

static void draw_bar(const fs_ui *ui, fs_rect track, double share, fs_colour colour) {
    track.w = fmax(share > 0 ? 2 : 0, track.w * share);
    if (track.w > 0)
        fs_fill_rounded(ui->canvas, track, fmin(2, track.h / 2), colour);
}

/* "0.43 %" beside "61.2 %": what is small is not nothing. */
static void write_percent(double probability, char text[16]) {
    const double percent = 100 * probability;
    snprintf(text, 16, percent >= 10 ? "%.1f %%" : percent >= 0.01 ? "%.2f %%" : "<0.01 %%", percent);
}

static void draw_numbers(const fs_ui *ui, fs_rect rect, double now, double before, bool has_before) {
    char text[16];
    fs_text_style style = {.size = 12, .colour = ui->theme->text, .align = FS_ALIGN_RIGHT};
    write_percent(now, text);
    fs_draw_text(ui->canvas, fs_rect_cut_right(&rect, 56), text, &style);
    if (!has_before)
        return;
    fs_rect_cut_right(&rect, 6);
    style.colour = ui->theme->faint;
    write_percent(before, text);
    fs_draw_text(ui->canvas, rect, text, &style);
}

static void draw_class(void *context, fs_ui *ui, const fs_ui_cell *cell) {
    const fs_screen *screen = context;
    const fs_picture_view *view = &screen->picture;
    const int class_index = view->order[cell->index];
    const bool has_before = view->now != NULL;
    const bool explained = class_index == fs_screen_explained_class(screen);
    const double now = fs_screen_probabilities(screen)[class_index],
                 before = view->picture->probabilities[class_index];
    fs_rect row = cell->rect;
    if (cell->hot || (cell->selected && cell->focused))
        fs_fill_rounded(ui->canvas, fs_rect_inset(row, -4, 0), 4, ui->theme->hover);
    const fs_rect numbers = fs_rect_cut_right(&row, has_before ? 120 : 60);
    const fs_rect label = fs_rect_cut_left(&row, floor(0.5 * row.w));
    char text[FS_CAPTION_SIZE];
    fs_text_style style = {.size = 12.5, .cut_middle = true};
    style.colour = explained ? ui->theme->accent : ui->theme->text;
    class_name(screen->model->model, class_index, text, sizeof text);
    fs_draw_text(ui->canvas, label, text, &style);
    fs_rect track = {row.x + 10, row.y + (row.h - 10) / 2, fmax(0, row.w - 14), 10};
    fs_fill_rounded(ui->canvas, track, 2, ui->theme->raised);
    if (has_before)
        draw_bar(ui, track, before, ui->theme->faint);
    const fs_rect inner = has_before ? (fs_rect){track.x, track.y + 2, track.w, 6} : track;
    draw_bar(ui, inner, now, ui->theme->accent);
    draw_numbers(ui, numbers, now, before, has_before);
}

static void heading(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    fs_picture_view *view = &screen->picture;
    bool follows = view->class_index < 0;
    const fs_rect toggle = fs_rect_cut_right(&rect, 138);
    fs_rect_cut_right(&rect, 10);
    if (view->picture != NULL && view->picture->n_classes > 0 &&
        fs_ui_toggle(ui, FS_UI_ID(FS_ID_PICTURE, FS_PICTURE_LIKELIEST), toggle, "explain likeliest",
                     &follows))
        view->class_index = follows ? -1 : fs_screen_explained_class(screen);
    if (!fs_ui_drawing(ui))
        return;
    const fs_text_style style = {.size = 13, .colour = ui->theme->text, .bold = true};
    const fs_text_style note = {.size = 11.5, .colour = ui->theme->faint};
    fs_draw_text(ui->canvas, fs_rect_cut_left(&rect, 100), "Predictions", &style);
    if (view->now != NULL)
        fs_draw_text(ui->canvas, rect, "before and covered", &note);
}

void fs_view_picture_classes(fs_screen *screen, const fs_picture_layout *parts) {
    fs_ui *ui = &screen->ui;
    fs_picture_view *view = &screen->picture;
    heading(screen, parts->heading);
    if (view->picture == NULL)
        return;
    if (view->picture->n_classes == 0) {
        const fs_text_style style = {.size = 13, .colour = ui->theme->dim, .wrap = true};
        if (fs_ui_drawing(ui))
            fs_draw_text(ui->canvas, parts->classes, "This network has no class scores.", &style);
        return;
    }
    const fs_ui_cells cells = {.n = view->picture->n_classes,
                               .columns = 1,
                               .height = FS_LAYOUT_CLASS_ROW,
                               .draw = draw_class,
                               .context = screen};
    const fs_rect clip = fs_rect_inset(parts->classes, -4, 0);
    fs_ui_begin_clip(ui, clip);
    const int opened = fs_ui_list(ui, FS_UI_ID(FS_ID_CLASS_LIST, 0), parts->classes, &cells, &view->classes);
    fs_ui_end_clip(ui);
    if (opened >= 0)
        view->class_index = view->order[opened];
}

/* ---- channels at a place ---- */

static void draw_thumb(fs_screen *screen, int channel, fs_rect square) {
    fs_ui *ui = &screen->ui;
    cairo_surface_t *surface =
        fs_thumbs_surface(screen->thumbs, channel, (int)lround(square.w * screen->scale));
    if (surface != NULL)
        (void)fs_ui_picture(ui->canvas, surface, square.x, square.y);
    else
        fs_fill_rounded(ui->canvas, square, 3, ui->theme->raised);
}

static void draw_channel(void *context, fs_ui *ui, const fs_ui_cell *cell) {
    fs_screen *screen = context;
    const fs_picture_view *view = &screen->picture;
    const fs_strong_channel *channel = &view->strongest[cell->index];
    const double greatest = fmax(0, (double)view->strongest[0].value);
    fs_rect row = cell->rect;
    if (cell->hot || (cell->selected && cell->focused))
        fs_fill_rounded(ui->canvas, fs_rect_inset(row, -4, 0), 4, ui->theme->hover);
    const fs_rect picture = {row.x, row.y + (row.h - thumb) / 2, thumb, thumb};
    draw_thumb(screen, channel->channel, picture);
    fs_rect_cut_left(&row, thumb + 12);
    char text[FS_CAPTION_SIZE];
    fs_text_style style = {.size = 12.5, .colour = ui->theme->text, .cut_middle = true};
    const fs_rect label = fs_rect_cut_left(&row, floor(0.45 * row.w));
    fs_draw_text(
        ui->canvas, label,
        fs_caption_channel_short(screen->model->model, fs_screen_layer(screen), channel->channel, text),
        &style);
    style = (fs_text_style){.size = 12, .colour = ui->theme->text, .align = FS_ALIGN_RIGHT};
    fs_draw_text(ui->canvas, fs_rect_cut_right(&row, 58), fs_caption_number((double)channel->value, text),
                 &style);
    const fs_rect track = {row.x + 10, row.y + (row.h - 8) / 2, fmax(0, row.w - 14), 8};
    fs_fill_rounded(ui->canvas, track, 2, ui->theme->raised);
    if (greatest > 0 && channel->value > 0)
        draw_bar(ui, track, (double)channel->value / greatest, ui->theme->accent);
}

static void place_text(const fs_screen *screen, char *text, size_t size) {
    const fs_picture_view *view = &screen->picture;
    const fs_inspection *maps = fs_screen_maps(screen);
    char field[FS_CAPTION_SIZE];
    if (view->picture == NULL)
        text[0] = '\0';
    else if (!view->has_place)
        snprintf(text, size, "Click on the picture: which channels answer there?");
    else if (maps == NULL)
        snprintf(text, size, "Computing \u2026");
    else if (maps->maps == NULL)
        snprintf(text, size, "The strongest of %d channels, of the whole picture", maps->n_channels);
    else
        snprintf(text, size, "Unit %d, %d of %d \u00d7 %d %s", view->position % maps->geometry.width,
                 view->position / maps->geometry.width, maps->geometry.width, maps->geometry.height,
                 fs_caption_field(fs_screen_layer(screen), field));
}

void fs_view_picture_place(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    fs_picture_view *view = &screen->picture;
    char text[2 * FS_CAPTION_SIZE];
    const fs_text_style style = {.size = 12, .colour = ui->theme->dim};
    const fs_rect line = fs_rect_cut_top(&rect, 20);
    place_text(screen, text, sizeof text);
    if (fs_ui_drawing(ui))
        fs_draw_text(ui->canvas, line, text, &style);
    fs_rect_cut_top(&rect, 4);
    const fs_ui_cells cells = {
        .n = view->n_strongest, .columns = 1, .height = place_row, .draw = draw_channel, .context = screen};
    fs_ui_begin_clip(ui, fs_rect_inset(rect, -4, 0));
    const int opened = fs_ui_list(ui, FS_UI_ID(FS_ID_PLACE_LIST, 0), rect, &cells, &view->places);
    fs_ui_end_clip(ui);
    if (opened >= 0)
        fs_screen_open_channel(screen, view->strongest[opened].channel);
}

/* ---- the folder ---- */

static void draw_file(void *context, fs_ui *ui, const fs_ui_cell *cell) {
    const fs_screen *screen = context;
    const fs_folder_file *file = &screen->picture.folder->folder->files[cell->index];
    fs_text_style style = {.size = 12.5, .cut_middle = true};
    style.colour = cell->selected ? ui->theme->text : ui->theme->dim;
    if (cell->hot || cell->selected)
        fs_fill_rounded(ui->canvas, fs_rect_inset(cell->rect, -4, 0), 4,
                        cell->selected && cell->focused ? ui->theme->selection : ui->theme->hover);
    fs_draw_text(ui->canvas, cell->rect, file->name, &style);
}

static void files_text(const fs_screen *screen, char *text, size_t size) {
    const fs_picture_view *view = &screen->picture;
    const char *folder = screen->feature.images;
    if (folder[0] == '\0')
        snprintf(text, size, "Start with --images FOLDER, or drop a folder of pictures on the window");
    else if (view->finding != 0 && view->finds == FS_INSPECT_FOLDER)
        snprintf(text, size, "Looking into %.400s \u2026", folder);
    else if (view->folder == NULL)
        snprintf(text, size, "%.400s: nothing to show", folder);
    else if (view->folder->folder->n_files > MOST_FILES)
        snprintf(text, size, "The first %d of %d pictures in %.400s", MOST_FILES,
                 view->folder->folder->n_files, folder);
    else
        snprintf(text, size, "%d pictures in %.400s", view->folder->folder->n_files, folder);
}

void fs_view_picture_files(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    fs_picture_view *view = &screen->picture;
    char text[FS_PANEL_TITLE_SIZE];
    const fs_text_style style = {.size = 12, .colour = ui->theme->dim, .cut_middle = true};
    const fs_rect line = fs_rect_cut_top(&rect, 20);
    files_text(screen, text, sizeof text);
    if (fs_ui_drawing(ui))
        fs_draw_text(ui->canvas, line, text, &style);
    fs_rect_cut_top(&rect, 4);
    if (view->folder == NULL)
        return;
    const int n = view->folder->folder->n_files;
    const fs_ui_cells cells = {.n = n < MOST_FILES ? n : MOST_FILES,
                               .columns = 1,
                               .height = file_row,
                               .draw = draw_file,
                               .context = screen};
    fs_ui_begin_clip(ui, fs_rect_inset(rect, -4, 0));
    const int opened = fs_ui_list(ui, FS_UI_ID(FS_ID_FILE_LIST, 0), rect, &cells, &view->files);
    fs_ui_end_clip(ui);
    if (opened >= 0)
        fs_screen_look_at(screen, view->folder->folder->files[opened].path);
}
