#include "ui/widgets/text_field.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"

static const double padding = 9;
enum { LONGEST_CHARACTER = 4 };

/* ---- editing ---- */

static bool continues(char byte) {
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static size_t before(const fs_text_field *field, size_t at) {
    while (at > 0 && continues(field->text[--at])) {
    }
    return at;
}

static size_t after(const fs_text_field *field, size_t at) {
    if (field->text[at] == '\0')
        return at;
    while (continues(field->text[++at])) {
    }
    return at;
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static void remove_range(fs_text_field *field, size_t from, size_t to) {
    memmove(field->text + from, field->text + to, strlen(field->text + to) + 1);
    field->cursor = field->anchor = from;
}

/* The next character of *text as it may stand in a field, in at most LONGEST_CHARACTER bytes. */
static int next_character(const char **text, char out[LONGEST_CHARACTER]) {
    int length = fs_utf8_length(*text, strlen(*text));
    unsigned char first = (unsigned char)**text;
    bool control = first < 0x20 || first == 0x7f;
    if (length == 0 || control)
        out[0] = control ? ' ' : '?';
    else
        memcpy(out, *text, (size_t)length);
    *text += length > 0 ? length : 1;
    return length > 0 && !control ? length : 1;
}

void fs_text_field_insert(fs_text_field *field, const char *text) {
    remove_range(field, smaller(field->cursor, field->anchor), larger(field->cursor, field->anchor));
    size_t length = strlen(field->text);
    while (*text != '\0') {
        char character[LONGEST_CHARACTER];
        size_t n = (size_t)next_character(&text, character);
        if (length + n >= FS_TEXT_FIELD_SIZE)
            break;
        memmove(field->text + field->cursor + n, field->text + field->cursor, length - field->cursor + 1);
        memcpy(field->text + field->cursor, character, n);
        field->cursor += n;
        length += n;
    }
    field->anchor = field->cursor;
}

void fs_text_field_set(fs_text_field *field, const char *text) {
    memset(field, 0, sizeof *field);
    fs_text_field_insert(field, text);
}

void fs_text_field_erase(fs_text_field *field, int step) {
    if (field->cursor == field->anchor)
        field->anchor = step < 0 ? before(field, field->cursor) : after(field, field->cursor);
    remove_range(field, smaller(field->cursor, field->anchor), larger(field->cursor, field->anchor));
}

void fs_text_field_move(fs_text_field *field, int step, bool keep_anchor) {
    size_t low = smaller(field->cursor, field->anchor), high = larger(field->cursor, field->anchor);
    if (low != high && !keep_anchor)
        field->cursor = step < 0 ? low : high;
    else
        field->cursor = step < 0 ? before(field, field->cursor) : after(field, field->cursor);
    if (!keep_anchor)
        field->anchor = field->cursor;
}

static void move_to(fs_text_field *field, size_t at, bool keep_anchor) {
    field->cursor = at;
    if (!keep_anchor)
        field->anchor = at;
}

/* ---- the keyboard ---- */

static void copy_selection(const fs_ui *ui, const fs_text_field *field) {
    char text[FS_TEXT_FIELD_SIZE];
    size_t low = smaller(field->cursor, field->anchor), high = larger(field->cursor, field->anchor);
    memcpy(text, field->text + low, high - low);
    text[high - low] = '\0';
    if (ui->clipboard.write != NULL)
        ui->clipboard.write(ui->clipboard.context, text);
}

/* A clipboard without text is left to whoever else pastes. */
static bool paste(fs_ui *ui, fs_text_field *field) {
    if (ui->input.n_keys == 0 || ui->input.keys[0] != FS_KEY_PASTE)
        return false;
    char *text = ui->clipboard.read != NULL ? ui->clipboard.read(ui->clipboard.context) : NULL;
    if (text != NULL && fs_ui_take_key(ui, FS_KEY_PASTE))
        fs_text_field_insert(field, text);
    fs_free(text);
    return text != NULL;
}

static void move_by_key(fs_ui *ui, fs_text_field *field) {
    bool keep = ui->input.shift;
    if (fs_ui_take_key(ui, FS_KEY_LEFT))
        fs_text_field_move(field, -1, keep);
    else if (fs_ui_take_key(ui, FS_KEY_RIGHT))
        fs_text_field_move(field, 1, keep);
    else if (fs_ui_take_key(ui, FS_KEY_HOME) || fs_ui_take_key(ui, FS_KEY_UP))
        move_to(field, 0, keep);
    else if (fs_ui_take_key(ui, FS_KEY_END) || fs_ui_take_key(ui, FS_KEY_DOWN))
        move_to(field, strlen(field->text), keep);
    else if (fs_ui_take_key(ui, FS_KEY_SELECT_ALL)) {
        field->anchor = 0;
        field->cursor = strlen(field->text);
    }
}

/* Copying nothing is left to whoever else copies. */
static bool edit_by_key(fs_ui *ui, fs_text_field *field) {
    bool selected = field->cursor != field->anchor;
    if (ui->input.text[0] != '\0') {
        fs_text_field_insert(field, ui->input.text);
        ui->input.text[0] = '\0';
    } else if (fs_ui_take_key(ui, FS_KEY_BACKSPACE)) {
        fs_text_field_erase(field, -1);
    } else if (fs_ui_take_key(ui, FS_KEY_DELETE)) {
        fs_text_field_erase(field, 1);
    } else if (selected && fs_ui_take_key(ui, FS_KEY_CUT)) {
        copy_selection(ui, field);
        fs_text_field_erase(field, 1);
    } else {
        if (selected && fs_ui_take_key(ui, FS_KEY_COPY))
            copy_selection(ui, field);
        return paste(ui, field);
    }
    return true;
}

/* ---- where things are ---- */

static fs_text_style style_of(const fs_ui *ui, const fs_text_field_look *look) {
    return (fs_text_style){.size = 13, .colour = ui->theme->text, .mono = look->mono};
}

/* Pixels from the beginning of the text to a byte of it. */
static double offset_of(const fs_ui *ui, const fs_text_field *field, size_t at, const fs_text_style *style) {
    char part[FS_TEXT_FIELD_SIZE];
    at = smaller(at, strlen(field->text));
    memcpy(part, field->text, at);
    part[at] = '\0';
    return at > 0 ? fs_ui_text_width(ui, part, style) : 0;
}

/* The gap between two characters that is nearest to a place in the text. */
static size_t nearest(const fs_ui *ui, const fs_text_field *field, double x, const fs_text_style *style) {
    size_t at = 0;
    double left = 0;
    while (field->text[at] != '\0') {
        size_t next = after(field, at);
        double right = offset_of(ui, field, next, style);
        if (x < (left + right) / 2)
            break;
        left = right;
        at = next;
    }
    return at;
}

static void follow_cursor(const fs_ui *ui, fs_rect inner, fs_text_field *field, const fs_text_style *style) {
    double cursor = offset_of(ui, field, field->cursor, style);
    double end = offset_of(ui, field, strlen(field->text), style);
    if (cursor - field->scroll > inner.w - 1)
        field->scroll = cursor - inner.w + 1;
    field->scroll = fmin(field->scroll, fmin(cursor, fmax(0, end - inner.w + 1)));
}

static void take_pointer(fs_ui *ui, fs_ui_id id, fs_rect inner, fs_text_field *field,
                         const fs_text_style *style) {
    if (ui->active != id || !ui->input.held)
        return;
    ui->next_hot = id;
    size_t at = nearest(ui, field, ui->input.x - inner.x + field->scroll, style);
    move_to(field, at, !ui->input.pressed || ui->input.shift);
}

/* ---- drawing ---- */

static void draw_error(fs_ui *ui, fs_rect inner, const fs_text_field *field, int column,
                       const fs_text_style *style) {
    size_t from = smaller((size_t)column - 1, strlen(field->text)), to = after(field, from);
    double left = offset_of(ui, field, from, style), right = offset_of(ui, field, to, style);
    fs_rect mark = {inner.x + left - field->scroll, inner.y + inner.h - 6, fmax(7, right - left), 2.5};
    fs_fill_rect(ui->canvas, mark, ui->theme->on_error);
}

static void draw_text(fs_ui *ui, fs_rect inner, const fs_text_field *field, const fs_text_field_look *look,
                      bool focused) {
    fs_text_style style = style_of(ui, look);
    size_t low = smaller(field->cursor, field->anchor), high = larger(field->cursor, field->anchor);
    if (focused && low != high) {
        double left = offset_of(ui, field, low, &style), right = offset_of(ui, field, high, &style);
        fs_rect selection = {inner.x + left - field->scroll, inner.y + 5, right - left, inner.h - 10};
        fs_fill_rect(ui->canvas, selection, fs_colour_alpha(ui->theme->accent, 0.35));
    }
    double width = offset_of(ui, field, strlen(field->text), &style) + 16; /* never cut: the clip is enough */
    fs_rect line = {inner.x - field->scroll, inner.y, fmax(width, inner.w), inner.h};
    if (field->text[0] != '\0') {
        fs_draw_text(ui->canvas, line, field->text, &style);
    } else if (look->hint != NULL) {
        style.colour = ui->theme->faint;
        fs_draw_text(ui->canvas, inner, look->hint, &style);
    }
    if (look->error_column > 0)
        draw_error(ui, inner, field, look->error_column, &style);
    if (!focused)
        return;
    double cursor = offset_of(ui, field, field->cursor, &style) - field->scroll;
    fs_fill_rect(ui->canvas, (fs_rect){inner.x + cursor, inner.y + 6, 1.5, inner.h - 12}, ui->theme->accent);
}

static void draw(fs_ui *ui, fs_ui_id id, fs_rect rect, const fs_text_field *field,
                 const fs_text_field_look *look) {
    const fs_theme *theme = ui->theme;
    bool focused = ui->focus == id && !ui->blocked;
    fs_colour edge = look->error_column != 0 ? theme->on_error : focused ? theme->accent : theme->line;
    fs_fill_rounded(ui->canvas, rect, 5, theme->panel);
    fs_stroke_rounded(ui->canvas, rect, 5, 1, edge);
    fs_rect inner = fs_rect_inset(rect, padding, 0);
    cairo_t *cr = fs_canvas_cairo(ui->canvas);
    cairo_save(cr); /* a clip within a clip is fine for Cairo */
    cairo_rectangle(cr, inner.x - 2, inner.y, inner.w + 4, inner.h);
    cairo_clip(cr);
    draw_text(ui, inner, field, look, focused);
    cairo_restore(cr);
}

fs_text_field_result fs_ui_text_field(fs_ui *ui, fs_ui_id id, fs_rect rect, fs_text_field *field,
                                      const fs_text_field_look *look) {
    if (fs_ui_drawing(ui)) {
        draw(ui, id, rect, field, look);
        return FS_TEXT_FIELD_STILL;
    }
    fs_rect inner = fs_rect_inset(rect, padding, 0);
    fs_text_style style = style_of(ui, look);
    (void)fs_ui_click(ui, id, rect);
    fs_text_field_result result = FS_TEXT_FIELD_STILL;
    if (fs_ui_focusable(ui, id, rect)) {
        take_pointer(ui, id, inner, field, &style);
        move_by_key(ui, field);
        if (edit_by_key(ui, field))
            result = FS_TEXT_FIELD_CHANGED;
        if (fs_ui_take_key(ui, FS_KEY_ENTER))
            result = FS_TEXT_FIELD_ENTERED;
        else if (fs_ui_take_key(ui, FS_KEY_ESCAPE))
            ui->focus = 0;
    }
    follow_cursor(ui, inner, field, &style);
    return result;
}
