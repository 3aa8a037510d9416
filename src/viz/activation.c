#include "viz/activation.h"

#include <math.h>

#include "base/alloc.h"
#include "engine/plan.h"

struct fs_activation {
    const fs_model *model;
    fs_plan *plan;
    fs_image crop;
    fs_map_geometry geometry;
    int channels;
};

static fs_status read_shape(fs_activation *a, const fs_layer *layer, fs_error *err) {
    fs_shape shape = fs_plan_output_shape(a->plan, 0);
    char text[FS_SHAPE_TEXT];
    int64_t count = shape.rank >= 2 && shape.rank <= 4 && shape.dim[0] == 1 ? fs_shape_count(&shape) : 0;
    if (count < 1 || count > INT32_MAX)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "layer '%s': its shape %s has no channels", layer->name,
                       fs_shape_text(&shape, text));
    const fs_preprocess *p = &a->model->preprocess;
    a->channels = (int)shape.dim[1];
    a->geometry = (fs_map_geometry){.height = shape.rank == 4 ? (int)shape.dim[2] : 1,
                                    .width = shape.rank > 2 ? (int)shape.dim[shape.rank - 1] : 1,
                                    .image_height = p->height,
                                    .image_width = p->width};
    if (shape.rank == 4)
        a->geometry.field = layer->field;
    return FS_OK;
}

fs_status fs_activation_create(fs_activation **out, const fs_model *model, const fs_layer *layer,
                               fs_pool *pool, fs_error *err) {
    const fs_preprocess *p = &model->preprocess;
    fs_plan_request request = fs_plan_request_default(
        model->graph, fs_shape_of(4, 1, fs_preprocess_channels(p), p->height, p->width));
    int value = layer->view;
    request.outputs = &value;
    request.n_outputs = 1;
    request.pool = pool;
    fs_activation *a = fs_calloc(1, sizeof *a);
    if (!a)
        return fs_fail_memory(err, "a layer's activation");
    a->model = model;
    fs_status status = fs_plan_create(&a->plan, &request, err);
    if (status == FS_OK)
        status = read_shape(a, layer, err);
    if (status == FS_OK)
        *out = a;
    else
        fs_activation_destroy(a);
    return status;
}

void fs_activation_destroy(fs_activation *a) {
    if (!a)
        return;
    fs_plan_destroy(a->plan);
    fs_image_free(&a->crop);
    fs_free(a);
}

int fs_activation_channels(const fs_activation *a) {
    return a->channels;
}

fs_map_geometry fs_activation_geometry(const fs_activation *a) {
    return a->geometry;
}

static bool all_finite(const float *values, int64_t count) {
    float sum = 0; /* stays zero until something is infinite or no number */
    for (int64_t i = 0; i < count; i++)
        sum += values[i] * 0;
    return sum == 0;
}

fs_status fs_activation_run(fs_activation *a, const fs_image *photograph, const atomic_bool *cancel,
                            fs_error *err) {
    const fs_preprocess *p = &a->model->preprocess;
    fs_image crop = {0};
    fs_status status = fs_preprocess_crop(photograph, p->height, p->width, &crop, err);
    if (status != FS_OK)
        return status;
    fs_image_free(&a->crop);
    a->crop = crop;
    return fs_activation_run_crop(a, &crop, cancel, err);
}

fs_status fs_activation_run_crop(fs_activation *a, const fs_image *crop, const atomic_bool *cancel,
                                 fs_error *err) {
    fs_preprocess_image(&a->model->preprocess, crop, fs_plan_input(a->plan));
    fs_status status = fs_plan_forward(a->plan, cancel, err);
    int64_t count = (int64_t)a->channels * a->geometry.height * a->geometry.width;
    if (status == FS_OK && !all_finite(fs_plan_output(a->plan, 0), count))
        status = fs_fail(err, FS_ERROR_DIVERGED, "the layer's values are not finite");
    return status;
}

const fs_image *fs_activation_crop(const fs_activation *a) {
    return &a->crop;
}

const float *fs_activation_map(const fs_activation *a, int channel) {
    return fs_plan_output(a->plan, 0) + (int64_t)channel * a->geometry.height * a->geometry.width;
}

/* First pixel of a window of `size` around `centre` that stays in [0, whole). */
static int place(double centre, int size, int whole) {
    double first = rint(centre - size / 2.0);
    return (int)fmax(0, fmin(first, whole - size));
}

fs_window fs_map_window(const fs_map_geometry *g, int position, double context) {
    const fs_receptive_field *f = &g->field;
    int shorter = g->image_height < g->image_width ? g->image_height : g->image_width;
    double size = f->size * context;
    if (f->size <= 0 || size >= shorter)
        return (fs_window){0, 0, g->image_width, g->image_height};
    int side = (int)fmax(1, rint(size));
    double half = f->offset + f->size / 2.0;
    int column = position % g->width, row = position / g->width;
    return (fs_window){.x = place(half + (double)f->stride * column, side, g->image_width),
                       .y = place(half + (double)f->stride * row, side, g->image_height),
                       .width = side,
                       .height = side};
}

double fs_map_coordinate(const fs_receptive_field *f, double at, int units, int pixels) {
    double u = f->size > 0 && f->stride > 0 ? (at - f->offset - f->size / 2.0) / f->stride
                                            : at * units / pixels - 0.5;
    return fmax(0, fmin(u, units - 1));
}

double fs_map_sample(const fs_map_geometry *g, const float *map, double x, double y) {
    double u = fs_map_coordinate(&g->field, x, g->width, g->image_width);
    double v = fs_map_coordinate(&g->field, y, g->height, g->image_height);
    int column = (int)u, row = (int)v;
    int right = column + 1 < g->width ? column + 1 : column, below = row + 1 < g->height ? row + 1 : row;
    const float *a = map + (int64_t)row * g->width, *b = map + (int64_t)below * g->width;
    double fu = u - column, fv = v - row;
    return (1 - fv) * ((1 - fu) * a[column] + fu * a[right]) + fv * ((1 - fu) * b[column] + fu * b[right]);
}
