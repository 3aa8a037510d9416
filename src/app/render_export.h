/* A rendered picture as a PNG that remembers how it was made: every option of fs_render_options as a text
 * chunk "filterscope:NAME", the model's path as "filterscope:model", and "Software".
 *
 *     fs_render_export(model, &settings, &image, "out.png", &err);
 *     fs_render_import(&settings, &model_path, "out.png", &err);   // model_path: fs_free
 *
 * Two more chunks may say how it came about: "filterscope:threads" (the same picture needs as many) and
 * "filterscope:reached", the objective's value at the end.
 *
 * Reading trusts nothing: a value out of range is an error that names the file and the option. */
#ifndef FS_APP_RENDER_EXPORT_H
#define FS_APP_RENDER_EXPORT_H

#include "viz/render.h"

fs_status fs_render_export(const fs_model *model, const fs_render_settings *settings, const fs_image *image,
                           const char *path, fs_error *err);

typedef struct fs_render_origin {
    int threads;      /* 0: not known */
    double objective; /* NaN: not known */
} fs_render_origin;

/* The same with the origin, where it is known. */
fs_status fs_render_export_with(const fs_model *model, const fs_render_settings *settings,
                                const fs_render_origin *origin, const fs_image *image, const char *path,
                                fs_error *err);

/* What the file says of its origin; what it does not say, or not in a valid way, is not known. */
fs_status fs_render_import_origin(fs_render_origin *out, const char *path, fs_error *err);

/* Options that the file does not have get their defaults. *model is NULL when the file names none. A PNG
 * without any of our chunks is FS_ERROR_FORMAT. */
fs_status fs_render_import(fs_render_settings *settings, char **model, const char *path, fs_error *err);

#endif
