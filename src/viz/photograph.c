#include "viz/photograph.h"

#include <string.h>

#include "base/alloc.h"
#include "engine/plan.h"
#include "viz/canvas.h"

fs_status fs_photograph_read(fs_image *out, const char *path, int size, fs_error *err) {
    fs_image whole = {0}, square = {0};
    fs_status status = fs_image_read(&whole, path, err);
    if (status != FS_OK)
        return status;
    int side = whole.width < whole.height ? whole.width : whole.height;
    status =
        fs_image_crop(&square, &whole, (whole.width - side) / 2, (whole.height - side) / 2, side, side, err);
    fs_image_free(&whole);
    if (status != FS_OK)
        return status;
    status = fs_image_resize(out, &square, size, size, err);
    fs_image_free(&square);
    return status;
}

static void to_canvas(const fs_image *image, float *canvas) {
    fs_canvas_clear(canvas, image->width, FS_CANVAS_OUTSIDE);
    for (int y = 0; y < image->height; y++) {
        float *row = fs_canvas_row(canvas, image->width, y);
        const uint8_t *pixels = image->pixels + (size_t)y * (size_t)image->width * (size_t)image->channels;
        for (int x = 0; x < image->width; x++)
            for (int k = 0; k < 3; k++)
                row[x * FS_CANVAS_LANES + k] = (float)pixels[x * image->channels + k] / 255.0F;
    }
}

static fs_status fill_input(const fs_photograph_view *view, const fs_image *image, float *input,
                            fs_error *err) {
    const fs_transform_geometry *g = &view->geometry;
    int64_t pixels = (int64_t)g->height * g->width;
    float *canvas = fs_alloc_array(fs_canvas_floats(g->size), sizeof *canvas);
    float *window = fs_alloc_array(3 * (size_t)pixels, sizeof *window);
    fs_status status = FS_OK;
    if (canvas && window) {
        fs_random random;
        fs_random_seed(&random, 0, 0);
        fs_affine still = fs_transform_draw(&fs_transforms_none, g, &random);
        to_canvas(image, canvas);
        fs_transform_forward(g, &still, canvas, 1, window, view->pool);
        fs_preprocess_forward(&view->model->preprocess, window, pixels, input);
    } else {
        status = fs_fail_memory(err, "a photograph");
    }
    fs_free(canvas);
    fs_free(window);
    return status;
}

static fs_status see(const fs_photograph_view *view, const fs_image *image, float **out, fs_error *err) {
    const fs_transform_geometry *g = &view->geometry;
    fs_shape input = fs_shape_of(4, 1, fs_preprocess_channels(&view->model->preprocess), g->height, g->width);
    fs_plan_request request = fs_plan_request_default(view->model->graph, input);
    fs_plan *plan = NULL;
    request.outputs = &view->value;
    request.n_outputs = 1;
    request.pool = view->pool;
    fs_status status = fs_plan_create(&plan, &request, err);
    if (status != FS_OK)
        return status;
    status = fill_input(view, image, fs_plan_input(plan), err);
    if (status == FS_OK)
        status = fs_plan_forward(plan, NULL, err);
    if (status == FS_OK) {
        fs_shape shape = fs_plan_output_shape(plan, 0);
        size_t count = (size_t)fs_shape_count(&shape);
        float *activation = fs_alloc_array(count, sizeof *activation);
        if (activation)
            *out = memcpy(activation, fs_plan_output(plan, 0), count * sizeof *activation);
        else
            status = fs_fail_memory(err, "the activation of a photograph");
    }
    fs_plan_destroy(plan);
    return status;
}

fs_status fs_photograph_activation(void *view, const char *path, float **out, fs_error *err) {
    const fs_photograph_view *v = view;
    fs_image image = {0};
    fs_status status = fs_photograph_read(&image, path, v->geometry.size, err);
    if (status != FS_OK)
        return status;
    status = see(v, &image, out, err);
    fs_image_free(&image);
    return status;
}
