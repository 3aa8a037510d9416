#include "viz/example_view.h"

static void sample(fs_example_view *view, const fs_map_geometry *g, const float *map) {
    float greatest = map[0];
    for (int i = 1; i < g->height * g->width; i++)
        greatest = map[i] > greatest ? map[i] : greatest;
    view->half = greatest > 0 ? greatest / 2.0 : 0;
    view->has_samples = g->height > 1 && g->width > 1;
    const double last = FS_VIEW_SIDE - 1;
    for (int j = 0; j < FS_VIEW_SIDE && view->has_samples; j++)
        for (int i = 0; i < FS_VIEW_SIDE; i++)
            view->samples[j * FS_VIEW_SIDE + i] =
                (float)fs_map_sample(g, map, view->window.x + view->window.width * (i / last),
                                     view->window.y + view->window.height * (j / last));
}

fs_status fs_example_view_make(fs_example_view *out, fs_activation *activation, const char *path, int channel,
                               int position, double context, const atomic_bool *cancel, fs_error *err) {
    fs_image photograph = {0};
    fs_status status = fs_image_read(&photograph, path, err);
    if (status != FS_OK)
        return status;
    status = fs_activation_run(activation, &photograph, cancel, err);
    fs_image_free(&photograph);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s", path);
    fs_map_geometry g = fs_activation_geometry(activation);
    fs_window w = fs_map_window(&g, position, context);
    fs_image picture = {0};
    status = fs_image_crop(&picture, fs_activation_crop(activation), w.x, w.y, w.width, w.height, err);
    if (status != FS_OK)
        return status;
    out->picture = picture;
    out->window = w;
    sample(out, &g, fs_activation_map(activation, channel));
    return FS_OK;
}
