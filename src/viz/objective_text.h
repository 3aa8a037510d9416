/* Objectives as the text a person edits.
 *
 *     fs_objective_text(&settings, text);           // "channel(features.8, 100)"
 *     status = fs_objective_check(model, &settings, &err);
 *     column = fs_objective_error_column(&err);     // 0: it is not about a place in the text
 *
 * Any thread; nothing here computes on pictures. */
#ifndef FS_VIZ_OBJECTIVE_TEXT_H
#define FS_VIZ_OBJECTIVE_TEXT_H

#include "viz/expression.h"
#include "viz/render.h"

/* The expression that says what the settings' objective is: their own, or that of one of the four words with
 * layer and channel. The word itself where the expression would be too long. */
const char *fs_objective_text(const fs_render_settings *settings, char text[FS_EXPRESSION_SIZE]);

/* Whether the objective can be read and its layers exist; what a render finds only when it is made (channels
 * out of range, files that are not there) is not looked at. */
fs_status fs_objective_check(const fs_model *model, const fs_render_settings *settings, fs_error *err);

/* The byte of the text, counted from 1, that an error of these or of a render names. */
int fs_objective_error_column(const fs_error *error);

/* Settings for n pictures of the objective that differ from each other: in a layer with positions the
 * diversity of the settings' layer is subtracted, with a weight of some hundredths of `reached`, a value of
 * the objective (NaN where none is known). */
fs_status fs_objective_vary(fs_render_settings *out, const fs_render_settings *settings,
                            const fs_layer *layer, int n, double reached, fs_error *err);

#endif
