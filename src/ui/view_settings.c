/* The settings of the render beside its picture: made from the table of viz/render_options.c. */
#include <math.h>
#include <string.h>

#include "ui/screen_private.h"
#include "ui/widgets/button.h"

static const double max_width = 560, button_height = 30, least_curve = 56, most_curve = 150;

/* What has another place in the view: what is maximised is the objective's text, variants have their tab. */
static bool is_setting(const fs_option *option) {
    static const char *const elsewhere[] = {"layer", "channel", "objective", "x", "y", "variants"};
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        if (strcmp(option->name, elsewhere[i]) == 0)
            return false;
    return true;
}

static void buttons(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    fs_ui_button_text undo = {.label = "Undo",
                              .key = "Ctrl Z",
                              .disabled = screen->view.n_undo == 0,
                              .tip = "Take back a change of the settings"};
    static const fs_ui_button_text defaults = {.label = "Defaults",
                                               .tip = "All settings as they were at first"};
    fs_rect left = fs_rect_cut_left(&rect, fmin(150, (rect.w - 8) / 2));
    fs_rect_cut_left(&rect, 8);
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_UNDO), left, &undo))
        fs_screen_undo(screen);
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_DEFAULTS),
                     fs_rect_cut_left(&rect, fmin(110, rect.w)), &defaults))
        fs_screen_set_defaults(screen);
}

static void draw_hint(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    const fs_option_controls *controls = &screen->view.controls;
    bool wrong = controls->error.code != FS_OK;
    fs_text_style style = {.size = 12, .colour = wrong ? ui->theme->on_error : ui->theme->faint};
    const char *text = wrong ? controls->error.message : controls->hint;
    fs_draw_text(ui->canvas, rect, text != NULL ? text : "A change renders anew.", &style);
}

void fs_view_settings(fs_screen *screen, fs_rect rect) {
    rect.w = fmin(rect.w, max_width);
    fs_option_form form = {.kind = FS_ID_OPTION, .table = fs_render_options, .shown = is_setting};
    const double below = 20 + 6 + button_height;
    form.rect = fs_rect_cut_top(&rect, fmin(fs_option_form_height(&form), rect.h - below));
    fs_render_settings settings = screen->view.settings;
    const char *hint_before = screen->view.controls.hint;
    if (fs_option_controls_show(&screen->view.controls, &screen->ui, &form, &settings))
        fs_screen_change_settings(screen, &settings);
    fs_rect hint = fs_rect_cut_top(&rect, 20);
    if (screen->view.controls.hint != hint_before)
        fs_damage_add(&screen->damage, hint); /* the pointer has come to another one's row */
    if (fs_ui_drawing(&screen->ui))
        draw_hint(screen, hint);
    fs_rect_cut_top(&rect, 6);
    buttons(screen, fs_rect_cut_top(&rect, button_height));
    fs_rect_cut_top(&rect, 14);
    if (rect.h >= least_curve)
        fs_ui_curve(&screen->ui, fs_rect_cut_top(&rect, fmin(rect.h, most_curve)), &screen->view.curve,
                    screen->view.settings.steps);
}
