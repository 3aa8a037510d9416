#include "ui/option_controls.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "ui/widgets/button.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/scroll.h"
#include "ui/widgets/slider.h"

static const double label_width = 88, number_width = 76, gap = 10;
static const double logarithmic_from = 100; /* this many times from one end of a range to the other */
static const double usual_below = 32, usual_above = 4;

enum { PARTS = 2 }; /* identities of an option: its slider or only control, its field */

typedef struct row {
    fs_ui *ui;
    fs_option_controls *controls;
    const fs_option *option;
    int index;
    fs_ui_id id;
    fs_rect rect;
    void *settings;
} row;

void fs_option_controls_load(fs_option_controls *controls, const fs_option *table, const void *settings) {
    char text[FS_OPTION_VALUE_SIZE];
    memset(controls->wrong, 0, sizeof controls->wrong);
    controls->error.code = FS_OK;
    for (int i = 0; i < FS_MAX_CONTROLS && table[i].name != NULL; i++)
        fs_text_field_set(&controls->fields[i], fs_option_format(&table[i], settings, text));
}

static bool is_shown(const fs_option_form *form, const fs_option *option) {
    return form->shown == NULL || form->shown(option);
}

double fs_option_form_height(const fs_option_form *form) {
    double height = 0;
    for (const fs_option *option = form->table; option->name != NULL; option++)
        height += is_shown(form, option) ? FS_OPTION_ROW_HEIGHT : 0;
    return height;
}

static bool field(row *r, fs_rect rect) {
    fs_option_controls *c = r->controls;
    fs_text_field_look look = {.error_column = c->wrong[r->index] ? -1 : 0};
    fs_text_field_result result = fs_ui_text_field(r->ui, r->id + 1, rect, &c->fields[r->index], &look);
    if (result == FS_TEXT_FIELD_CHANGED)
        c->wrong[r->index] = false;
    if (result != FS_TEXT_FIELD_ENTERED)
        return false;
    fs_error err = {0};
    const fs_option table[] = {*r->option, FS_OPTION_END};
    bool good = fs_options_set(table, r->settings, r->option->name, c->fields[r->index].text, &err) == FS_OK;
    c->wrong[r->index] = !good;
    c->error = err;
    return good;
}

static double number_of(const row *r) {
    const void *place = (const char *)r->settings + r->option->offset;
    return r->option->kind == FS_OPTION_KIND_INT ? *(const int *)place : *(const double *)place;
}

static void set_number(row *r, double value) {
    void *place = (char *)r->settings + r->option->offset;
    if (r->option->kind == FS_OPTION_KIND_INT)
        *(int *)place = (int)lround(value);
    else
        *(double *)place = value;
}

static void show_value(row *r, double value) {
    double before = number_of(r);
    char text[FS_OPTION_VALUE_SIZE];
    set_number(r, value);
    fs_text_field_set(&r->controls->fields[r->index], fs_option_format(r->option, r->settings, text));
    set_number(r, before);
    r->controls->wrong[r->index] = false;
}

/* Where a number may be anything from tiny to enormous, the slider covers what is usual around the default;
 * the field takes the rest. */
static fs_slider_range range_of(const fs_option *o) {
    fs_slider_range range = {.low = o->low, .high = o->high, .whole = o->kind == FS_OPTION_KIND_INT};
    double usual = 0;
    range.logarithmic = o->low > 0 && o->high / o->low >= logarithmic_from;
    if (range.logarithmic && fs_parse_double(o->initial, &usual)) {
        range.low = fmax(o->low, usual / usual_below);
        range.high = fmin(o->high, usual * usual_above);
    }
    return range;
}

static bool number(row *r, fs_rect rect) {
    fs_slider_range range = range_of(r->option);
    bool typed = field(r, fs_rect_cut_right(&rect, number_width));
    fs_rect_cut_right(&rect, gap);
    double *moving = &r->controls->moving[r->index], value = number_of(r);
    if (r->ui->active != r->id)
        *moving = value;
    fs_slider_result result = fs_ui_slider(r->ui, r->id, rect, &range, moving);
    if (result != FS_SLIDER_STILL)
        show_value(r, *moving);
    if (result == FS_SLIDER_SETTLED && *moving != value) {
        set_number(r, *moving);
        return true;
    }
    return typed;
}

/* The help says what the box means, where there is room for all of it; the line below says it anyway. */
static bool flag(row *r, fs_rect rect, bool *on) {
    const fs_text_style style = {.size = 12.5};
    const double box = 30;
    bool fits = fs_ui_text_width(r->ui, r->option->help, &style) + box <= rect.w;
    return fs_ui_toggle(r->ui, r->id, rect, fits ? r->option->help : "yes", on);
}

static bool control(row *r, fs_rect rect) {
    void *place = (char *)r->settings + r->option->offset;
    switch (r->option->kind) {
    case FS_OPTION_KIND_INT:
    case FS_OPTION_KIND_DOUBLE:
        return number(r, rect);
    case FS_OPTION_KIND_BOOL:
        return flag(r, rect, place);
    case FS_OPTION_KIND_CHOICE:
        return fs_ui_choice(r->ui, r->id, rect, r->option->choices, place);
    case FS_OPTION_KIND_U64:
    case FS_OPTION_KIND_TEXT:
        break;
    }
    return field(r, rect);
}

/* What got the keyboard by Tab moves into view. */
static void reveal(row *r, const fs_option_form *form, double top) {
    bool focused = r->ui->focus == r->id || r->ui->focus == r->id + 1;
    if (!fs_ui_drawing(r->ui) && focused && r->ui->focus_by_key)
        r->controls->offset =
            fs_scroll_reveal(r->controls->offset, form->rect.h, top, top + FS_OPTION_ROW_HEIGHT);
}

static bool show_row(row *r) {
    fs_ui *ui = r->ui;
    fs_rect rest = fs_rect_inset(r->rect, 3, 3), label = fs_rect_cut_left(&rest, label_width);
    if (fs_ui_drawing(ui)) {
        fs_text_style style = {.size = 12.5, .colour = ui->theme->dim};
        fs_draw_text(ui->canvas, label, r->option->name, &style);
    } else if (!ui->blocked && (fs_rect_contains(r->rect, ui->input.x, ui->input.y) ||
                                (ui->input.x < 0 && (ui->focus == r->id || ui->focus == r->id + 1)))) {
        r->controls->hint = r->option->help;
    }
    return control(r, rest);
}

bool fs_option_controls_show(fs_option_controls *controls, fs_ui *ui, const fs_option_form *form,
                             void *settings) {
    bool changed = false;
    double top = 0, height = fs_option_form_height(form);
    if (!fs_ui_drawing(ui))
        controls->hint = NULL;
    fs_ui_begin_clip(ui, form->rect);
    for (int i = 0; i < FS_MAX_CONTROLS && form->table[i].name != NULL; i++) {
        if (!is_shown(form, &form->table[i]))
            continue;
        fs_rect rect = {form->rect.x, form->rect.y + top - round(controls->offset),
                        form->rect.w - FS_UI_SCROLL_BAR, FS_OPTION_ROW_HEIGHT};
        row r = {.ui = ui, .controls = controls, .option = &form->table[i], .index = i, .rect = rect};
        r.id = FS_UI_ID(form->kind, PARTS * i);
        r.settings = settings;
        reveal(&r, form, top);
        changed |= show_row(&r);
        top += FS_OPTION_ROW_HEIGHT;
    }
    fs_ui_end_clip(ui);
    fs_ui_scroll(ui, FS_UI_ID(form->kind, PARTS * FS_MAX_CONTROLS), form->rect, height, &controls->offset);
    if (changed)
        fs_option_controls_load(controls, form->table, settings);
    return changed;
}
