/* Controls made from a table of options (base/option.h): whatever is declared there can be clicked here.
 *
 *     fs_option_controls_load(&controls, table, &settings);
 *     if (fs_option_controls_show(&controls, ui, &form, &settings)) ...       // a setting has changed
 *
 * Numbers are a slider and a field to type in, choices are segments, flags are boxes, everything else is a
 * field. A range over which a number changes a hundredfold is logarithmic. A typed value that the table
 * refuses is marked and changes nothing. */
#ifndef FS_UI_OPTION_CONTROLS_H
#define FS_UI_OPTION_CONTROLS_H

#include "base/option.h"
#include "ui/widgets/text_field.h"

enum { FS_MAX_CONTROLS = 48, FS_OPTION_ROW_HEIGHT = 31 };

typedef struct fs_option_controls {
    fs_text_field fields[FS_MAX_CONTROLS]; /* by the option's place in the table */
    bool wrong[FS_MAX_CONTROLS];
    double moving[FS_MAX_CONTROLS]; /* where a slider is while it is dragged */
    double offset;                  /* scrolled */
    fs_error error;                 /* what is wrong with a typed value; code FS_OK: nothing */
    const char *hint; /* help of the option under the pointer or with the keyboard; borrowed, NULL */
} fs_option_controls;

typedef struct fs_option_form {
    fs_ui_id kind; /* the first byte of all identities: FS_UI_ID(kind, ...) */
    fs_rect rect;
    const fs_option *table;
    bool (*shown)(const fs_option *option); /* NULL: all */
} fs_option_form;

/* Fields show the values of the settings; call when something else has changed them. */
void fs_option_controls_load(fs_option_controls *controls, const fs_option *table, const void *settings);
/* True in the input pass that changes *settings. */
bool fs_option_controls_show(fs_option_controls *controls, fs_ui *ui, const fs_option_form *form,
                             void *settings);
double fs_option_form_height(const fs_option_form *form);

#endif
