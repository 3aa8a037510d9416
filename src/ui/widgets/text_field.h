/* A line of text that can be edited.
 *
 *     fs_text_field_set(&field, "channel(features.8, 100)");
 *     if (fs_ui_text_field(ui, id, rect, &field, &look) == FS_TEXT_FIELD_ENTERED) ... field.text ...
 *
 * With the focus: typing, Left, Right, Home, End, with Shift to select, Backspace, Delete, select all, copy,
 * cut, paste; Enter enters, Escape gives the focus back. The pointer sets the cursor and selects. The text is
 * always well-formed UTF-8 without control characters, and cursor and anchor never stand inside a character.
 * The state is an fs_text_field; its editing functions need no ui. */
#ifndef FS_UI_WIDGETS_TEXT_FIELD_H
#define FS_UI_WIDGETS_TEXT_FIELD_H

#include "ui/ui.h"

enum { FS_TEXT_FIELD_SIZE = 1024 };

typedef struct fs_text_field {
    char text[FS_TEXT_FIELD_SIZE];
    size_t cursor, anchor; /* bytes; what lies between is selected */
    double scroll;         /* pixels of the text to the left of the field */
} fs_text_field;

typedef enum fs_text_field_result {
    FS_TEXT_FIELD_STILL,
    FS_TEXT_FIELD_CHANGED,
    FS_TEXT_FIELD_ENTERED
} fs_text_field_result;

typedef struct fs_text_field_look {
    const char *hint; /* shown while the field is empty; NULL: nothing */
    int error_column; /* the byte that is wrong, counted from 1; 0: none, -1: the text as a whole */
    bool mono;
} fs_text_field_look;

fs_text_field_result fs_ui_text_field(fs_ui *ui, fs_ui_id id, fs_rect rect, fs_text_field *field,
                                      const fs_text_field_look *look);

/* Replaces everything; the cursor goes to the end. */
void fs_text_field_set(fs_text_field *field, const char *text);
/* Replaces the selection. Control characters become spaces, bytes that are no UTF-8 question marks; what does
 * not fit is left out, whole characters at a time. */
void fs_text_field_insert(fs_text_field *field, const char *text);
/* Removes the selection; without one the character before the cursor (step -1) or after it (1). */
void fs_text_field_erase(fs_text_field *field, int step);
/* One character back or forth; a selection that is not to be kept is left at its end. */
void fs_text_field_move(fs_text_field *field, int step, bool keep_anchor);

#endif
