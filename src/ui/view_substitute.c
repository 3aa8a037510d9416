/* The Gabor function instead of the kernel: a picture, and its likeliest classes before and after. */
#include <math.h>
#include <stdio.h>

#include "report/surface.h"
#include "ui/screen_private.h"
#include "ui/widgets/button.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/picture.h"

static const double controls_height = 28, gap = 8, least_row = 22, most_row = 32, bar = 7, caption = 17;

static fs_ui_id id_of(int control) {
    return FS_UI_ID(FS_ID_GABOR, control);
}

static void controls(fs_screen *screen, fs_rect rect) {
    static const char *const words[] = {"This kernel", "All kernels", NULL};
    static const fs_ui_button_text before = {.label = "\u2190"}, next = {.label = "\u2192"};
    fs_ui *ui = &screen->ui;
    fs_substitute_view *s = &screen->gabor.substitute;
    (void)fs_ui_choice(ui, id_of(FS_GABOR_REPLACE_WHICH), fs_rect_cut_left(&rect, 206), words, &s->all);
    fs_rect_cut_left(&rect, 12);
    if (fs_ui_button(ui, id_of(FS_GABOR_PICTURE_BEFORE), fs_rect_cut_left(&rect, 34), &before))
        fs_screen_step_substitute(screen, -1);
    fs_rect_cut_left(&rect, 4);
    if (fs_ui_button(ui, id_of(FS_GABOR_PICTURE_NEXT), fs_rect_cut_left(&rect, 34), &next))
        fs_screen_step_substitute(screen, 1);
    fs_rect_cut_left(&rect, gap);
    if (!fs_ui_drawing(ui))
        return;
    fs_text_style style = {.size = 12, .colour = ui->theme->dim, .cut_middle = true};
    fs_draw_text(ui->canvas, rect, s->result != NULL ? s->result->picture : "", &style);
}

static void draw_crop(fs_screen *screen, fs_rect square) {
    fs_substitute_view *s = &screen->gabor.substitute;
    const fs_image *image = &s->result->crop;
    const int longer = image->width > image->height ? image->width : image->height;
    const double scale = floor(square.w * screen->scale) / longer;
    const int width = (int)fmax(1, image->width * scale), height = (int)fmax(1, image->height * scale);
    if (s->surface == NULL || cairo_image_surface_get_width(s->surface) != width) {
        cairo_surface_t *whole = fs_surface_from_image(image);
        cairo_surface_destroy(s->surface);
        s->surface = whole != NULL ? fs_surface_scaled(whole, width, height) : NULL;
        cairo_surface_destroy(whole);
    }
    if (s->surface != NULL)
        (void)fs_ui_picture(screen->ui.canvas, s->surface, square.x, square.y);
}

static void draw_bar(const fs_ui *ui, fs_rect track, double share, fs_colour colour) {
    fs_fill_rounded(ui->canvas, track, 2, ui->theme->panel);
    track.w = fmax(1.5, track.w * fmin(1, share));
    fs_fill_rounded(ui->canvas, track, 2, colour);
}

static void draw_class(const fs_ui *ui, fs_rect row, const fs_substituted_class *c, bool first) {
    fs_text_style name = {.size = 12, .colour = ui->theme->text, .bold = first, .cut_middle = true};
    fs_text_style number = {.size = 11.5, .colour = ui->theme->dim, .align = FS_ALIGN_RIGHT};
    char text[64];
    snprintf(text, sizeof text, "%.1f \u2192 %.1f %%", 100 * c->before, 100 * c->after);
    fs_draw_text(ui->canvas, fs_rect_cut_right(&row, 112), text, &number);
    fs_rect_cut_right(&row, 6);
    fs_draw_text(ui->canvas, fs_rect_cut_left(&row, floor(row.w * 0.45)), c->label, &name);
    fs_rect_cut_left(&row, 6);
    const double top = row.y + floor((row.h - 2 * bar - 2) / 2);
    draw_bar(ui, (fs_rect){row.x, top, row.w, bar}, c->before, ui->theme->faint);
    draw_bar(ui, (fs_rect){row.x, top + bar + 2, row.w, bar}, c->after, ui->theme->accent);
}

static void draw_head(const fs_ui *ui, const fs_substituted *r, fs_rect rect) {
    const bool stays = r->first_after == 0;
    char text[2 * FS_SUBSTITUTED_NAME + 64];
    fs_text_style style = {.size = 12.5, .colour = ui->theme->text, .bold = true, .cut_middle = true};
    if (stays)
        snprintf(text, sizeof text, "It stays %s", r->classes[0].label);
    else
        snprintf(text, sizeof text, "%s, no longer %s", r->classes[r->first_after].label,
                 r->classes[0].label);
    fs_draw_text(ui->canvas, rect, text, &style);
}

static void draw_foot(const fs_ui *ui, const fs_substituted *r, fs_rect rect) {
    char text[160];
    fs_text_style style = {.size = 11.5, .colour = ui->theme->faint};
    snprintf(text, sizeof text, "%d replaced, change %.1f %%, KL %.3f", r->replaced, 100 * r->change,
             fabs(r->divergence) < 0.0005 ? 0 : r->divergence);
    fs_draw_text(ui->canvas, rect, text, &style);
}

static void draw_result(fs_screen *screen, fs_rect rect) {
    const fs_ui *ui = &screen->ui;
    const fs_substituted *r = screen->gabor.substitute.result;
    const double side = floor(fmin(rect.h, fmin(160, rect.w * 0.3)));
    draw_crop(screen, (fs_rect){rect.x, rect.y, side, side});
    rect.x += side + 14;
    rect.w -= side + 14;
    draw_head(ui, r, fs_rect_cut_top(&rect, caption + 3));
    draw_foot(ui, r, fs_rect_cut_bottom(&rect, caption));
    const int rows = (int)fmax(1, fmin(r->n_classes, floor(rect.h / least_row)));
    const double height = fmin(most_row, floor(rect.h / rows));
    for (int i = 0; i < rows; i++) {
        /* What has become the first is shown, however far down it was before. */
        const int shown = i == rows - 1 && r->first_after > i ? r->first_after : i;
        draw_class(ui, fs_rect_cut_top(&rect, height), &r->classes[shown], shown == r->first_after);
    }
}

void fs_view_substitute(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    const fs_substitute_view *s = &screen->gabor.substitute;
    controls(screen, fs_rect_cut_top(&rect, controls_height));
    fs_rect_cut_top(&rect, gap);
    if (!fs_ui_drawing(ui))
        return;
    fs_text_style style = {.size = 12.5, .colour = ui->theme->dim, .wrap = true};
    if (s->error[0] != '\0') {
        style.colour = ui->theme->on_error;
        fs_draw_text(ui->canvas, rect, s->error, &style);
    } else if (s->result != NULL) {
        draw_result(screen, rect);
    } else {
        fs_draw_text(ui->canvas, rect, "Classifying \u2026", &style);
    }
}
