#include "app/tile_store.h"

#include <math.h>

#include "app/render_export.h"
#include "base/alloc.h"

static fs_status write_tile(void *context, const fs_render_settings *tile, double objective,
                            const fs_image *image, const char *path, fs_error *err) {
    const fs_render_origin origin = {.threads = 1, .objective = objective};
    return fs_render_export_with(context, tile, &origin, image, path, err);
}

/* Asking for text that no file has makes the reader go through all of it, checksums included. */
static fs_status check_whole(const char *path, fs_error *err) {
    char *text = NULL;
    fs_status status = fs_image_read_png_text(&text, path, "filterscope:none", err);
    fs_free(status == FS_OK ? text : NULL);
    return status == FS_ERROR_NOT_FOUND ? FS_OK : status;
}

static fs_status read_tile(void *context, fs_render_settings *tile, double *objective, const char *path,
                           fs_error *err) {
    char *model = NULL;
    fs_render_origin origin = {0};
    (void)context;
    fs_status status = check_whole(path, err);
    if (status == FS_OK)
        status = fs_render_import(tile, &model, path, err);
    if (status != FS_OK)
        return status;
    fs_free(model);
    status = fs_render_import_origin(&origin, path, err);
    if (status == FS_OK && (origin.threads != 1 || !isfinite(origin.objective)))
        status = fs_fail(err, FS_ERROR_FORMAT, "%s: is no picture of an atlas", path);
    if (status == FS_OK)
        *objective = origin.objective;
    return status;
}

fs_atlas_store fs_tile_store(fs_model *model) {
    return (fs_atlas_store){.context = model, .write = write_tile, .read = read_tile};
}
