#include "gabor/effective.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/plan.h"
#include "engine/receptive_field.h"

enum { BATCH = 16, TRIES = 4, MOST_SOURCES = 16, MOST_STRIDE = 64 };

/* The channels of the layer that come from one value. */
typedef struct source {
    int first, channels;
} source;

typedef struct probe {
    const fs_model *model;
    const fs_layer *layer;
    source sources[MOST_SOURCES]; /* the units before their ReLU */
    int outputs[MOST_SOURCES], n_sources;
    int side;       /* of the window that is shown */
    fs_field field; /* at that size */
    int unit[2];    /* row and column of the unit in its map */
    int start[2];   /* where its field begins in the window */
    int batch;      /* channels at a time */
    fs_plan *plan;
    float *input; /* one picture of the batch */
} probe;

/* -- which unit, in which window -- */

static const fs_node *producer(const fs_graph *g, int value, const char *type) {
    const fs_node *node =
        value >= 0 && g->values[value].producer >= 0 ? &g->nodes[g->values[value].producer] : NULL;
    return node && strcmp(node->op->type, type) == 0 ? node : NULL;
}

static void add_source(probe *p, int value, int channels) {
    const fs_node *relu = producer(p->model->graph, value, "Relu");
    const int first =
        p->n_sources > 0 ? p->sources[p->n_sources - 1].first + p->sources[p->n_sources - 1].channels : 0;
    p->outputs[p->n_sources] = relu ? relu->inputs[0] : value;
    p->sources[p->n_sources] = (source){first, channels};
    p->n_sources++;
}

/* A layer that joins others has a ReLU in each of its parts. */
static void find_sources(probe *p, const fs_tensor *shapes) {
    const fs_layer *layer = p->layer;
    const fs_node *concat =
        layer->view == layer->value ? producer(p->model->graph, layer->value, "Concat") : NULL;
    const int64_t axis = concat ? fs_node_int(concat, "axis", 0) : 0;
    bool joins = concat && (axis == 1 || axis == -3) && concat->n_inputs <= MOST_SOURCES;
    p->n_sources = 0;
    for (int i = 0; joins && i < concat->n_inputs; i++) {
        const int value = concat->inputs[i];
        joins = value != FS_NO_VALUE && shapes[value].shape.rank == 4 &&
                p->model->graph->values[value].producer >= 0;
        if (joins)
            add_source(p, value, (int)shapes[value].shape.dim[1]);
    }
    if (joins)
        return;
    p->n_sources = 0;
    if (layer->view == layer->value) {
        add_source(p, layer->value, layer->channels);
    } else {
        p->outputs[0] = layer->view;
        p->sources[p->n_sources++] = (source){0, layer->channels};
    }
}

/* The first unit along an axis whose field lies inside the window; false when there is none. */
static bool place_unit(probe *p, int axis, int64_t map) {
    const fs_field *f = &p->field;
    int64_t at = f->offset[axis] < 0 ? (-f->offset[axis] + f->stride[axis] - 1) / f->stride[axis] : 0;
    int64_t start = f->offset[axis] + at * f->stride[axis];
    p->unit[axis] = (int)at;
    p->start[axis] = (int)start;
    return at < map && start + f->size[axis] <= p->side;
}

static bool fits(probe *p, const fs_tensor *shapes) {
    const fs_shape *s = &shapes[p->layer->view].shape;
    return s->rank == 4 && !p->field.whole && p->field.from_image && p->field.stride[0] > 0 &&
           p->field.stride[1] > 0 && place_unit(p, 0, s->dim[2]) && place_unit(p, 1, s->dim[3]);
}

/* Padding that depends on the size of the picture moves fields, so they are computed for each window tried.
 */
static fs_status choose_window(probe *p, fs_error *err) {
    const fs_graph *g = p->model->graph;
    const fs_receptive_field *nominal = &p->layer->field;
    const int channels = fs_preprocess_channels(&p->model->preprocess);
    fs_tensor *shapes = fs_calloc((size_t)g->n_values, sizeof *shapes);
    fs_field *fields = fs_calloc((size_t)g->n_values, sizeof *fields);
    fs_status status = shapes && fields ? FS_OK : fs_fail_memory(err, "receptive fields");
    bool found = false;
    for (int n = 1; n <= TRIES && status == FS_OK && !found; n++) {
        p->side = nominal->size + n * nominal->stride;
        status = fs_plan_infer_shapes(g, fs_shape_of(4, 1, channels, p->side, p->side), shapes, err);
        if (status != FS_OK)
            break;
        fs_fields_compute(g, shapes, fields);
        p->field = fields[p->layer->view];
        found = fits(p, shapes);
    }
    if (status == FS_OK && !found)
        status = fs_fail(err, FS_ERROR_UNSUPPORTED,
                         "layer '%s' has no unit whose field lies inside a small picture", p->layer->name);
    if (status == FS_OK)
        find_sources(p, shapes);
    fs_free(shapes);
    fs_free(fields);
    return status;
}

static fs_status check_layer(const fs_model *model, const fs_layer *layer, fs_error *err) {
    if (layer->shape.rank != 4 || layer->field.size <= 0)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "layer '%s' sees the whole picture: it has no kernel",
                       layer->name);
    if (layer->field.size > FS_PATCH_MAX_SIDE)
        return fs_fail(err, FS_ERROR_LIMIT, "layer '%s' sees %d pixels: fields of up to %d are fitted",
                       layer->name, layer->field.size, FS_PATCH_MAX_SIDE);
    if (layer->field.stride < 1 || layer->field.stride > MOST_STRIDE)
        return fs_fail(err, FS_ERROR_LIMIT, "layer '%s' has a stride of %d pixels: up to %d are fitted",
                       layer->name, layer->field.stride, MOST_STRIDE);
    return layer->value == model->graph->input
               ? fs_fail(err, FS_ERROR_UNSUPPORTED, "layer '%s' is the picture", layer->name)
               : FS_OK;
}

static fs_status open_probe(probe *p, fs_pool *pool, fs_error *err) {
    const int channels = fs_preprocess_channels(&p->model->preprocess);
    fs_status status = choose_window(p, err);
    if (status != FS_OK)
        return status;
    p->batch = p->layer->channels < BATCH ? p->layer->channels : BATCH;
    fs_plan_request request =
        fs_plan_request_default(p->model->graph, fs_shape_of(4, p->batch, channels, p->side, p->side));
    request.outputs = p->outputs;
    request.n_outputs = p->n_sources;
    request.input_gradient = true;
    request.pool = pool;
    p->input = fs_alloc_array((size_t)channels * (size_t)p->side * (size_t)p->side, sizeof *p->input);
    return p->input ? fs_plan_create(&p->plan, &request, err) : fs_fail_memory(err, "a picture");
}

/* -- what is shown -- */

static fs_status show_grey(const probe *p, fs_error *err) {
    const size_t pixels = (size_t)p->side * (size_t)p->side;
    float *rgb = fs_alloc_array(3 * pixels, sizeof *rgb);
    if (!rgb)
        return fs_fail_memory(err, "a picture");
    for (size_t i = 0; i < 3 * pixels; i++)
        rgb[i] = 0.5F;
    fs_preprocess_forward(&p->model->preprocess, rgb, (int64_t)pixels, p->input);
    fs_free(rgb);
    return FS_OK;
}

/* The middle of the photograph as the network usually sees it. */
static fs_status show_photograph(const probe *p, const char *path, fs_error *err) {
    const fs_preprocess *pre = &p->model->preprocess;
    fs_image whole = {0}, seen = {0}, window = {0};
    int height = pre->height > p->side ? pre->height : p->side;
    int width = pre->width > p->side ? pre->width : p->side;
    fs_status status = fs_image_read(&whole, path, err);
    if (status == FS_OK)
        status = fs_preprocess_crop(&whole, height, width, &seen, err);
    if (status == FS_OK)
        status = fs_image_crop(&window, &seen, (width - p->side) / 2, (height - p->side) / 2, p->side,
                               p->side, err);
    if (status == FS_OK)
        fs_preprocess_image(pre, &window, p->input);
    fs_image_free(&whole);
    fs_image_free(&seen);
    fs_image_free(&window);
    return status;
}

/* -- gradients -- */

static void seed_units(const probe *p, int first, int count) {
    for (int k = 0; k < p->n_sources; k++)
        fs_plan_clear_output_gradient(p->plan, k);
    for (int n = 0; n < count; n++) {
        int k = 0;
        while (first + n >= p->sources[k].first + p->sources[k].channels)
            k++;
        const fs_shape s = fs_plan_output_shape(p->plan, k);
        const int64_t channel = first + n - p->sources[k].first;
        float *gradient = fs_plan_output_gradient(p->plan, k);
        gradient[((n * s.dim[1] + channel) * s.dim[2] + p->unit[0]) * s.dim[3] + p->unit[1]] = 1;
    }
}

static void add_gradient(const probe *p, int item, double *kernel) {
    const fs_field *f = &p->field;
    const int channels = fs_preprocess_channels(&p->model->preprocess);
    const size_t side = (size_t)p->side;
    const float *gradient = fs_plan_input_gradient(p->plan) + (size_t)item * (size_t)channels * side * side;
    for (int c = 0; c < channels; c++) {
        int from = p->model->preprocess.order == FS_CHANNELS_BGR ? channels - 1 - c : c;
        for (int64_t y = 0; y < f->size[0]; y++)
            for (int64_t x = 0; x < f->size[1]; x++)
                *kernel++ += (double)gradient[((size_t)from * side + (size_t)(p->start[0] + y)) * side +
                                              (size_t)(p->start[1] + x)];
    }
}

/* Adds the gradients of all channels at the picture in p->input. */
static fs_status add_picture(const probe *p, const fs_kernels *kernels, const fs_progress *progress,
                             fs_error *err) {
    const size_t each = (size_t)kernels->channels * (size_t)kernels->height * (size_t)kernels->width;
    const size_t one = (size_t)kernels->channels * (size_t)p->side * (size_t)p->side;
    const atomic_bool *cancel = progress ? progress->cancel : NULL;
    for (int first = 0; first < kernels->count; first += p->batch) {
        const int count = kernels->count - first < p->batch ? kernels->count - first : p->batch;
        for (int n = 0; n < p->batch; n++)
            memcpy(fs_plan_input(p->plan) + (size_t)n * one, p->input, one * sizeof *p->input);
        fs_status status = fs_plan_forward(p->plan, cancel, err);
        if (status != FS_OK)
            return status;
        seed_units(p, first, count);
        status = fs_plan_backward(p->plan, FS_RELU_PLAIN, cancel, err);
        if (status != FS_OK)
            return status;
        for (int n = 0; n < count; n++)
            add_gradient(p, n, kernels->values + (size_t)(first + n) * each);
    }
    return FS_OK;
}

static fs_status add_photographs(const probe *p, fs_kernels *kernels, const fs_folder *folder,
                                 const fs_progress *progress, fs_error *err) {
    const double start = fs_seconds();
    int used = 0;
    for (int i = 0; i < folder->n_files; i++) {
        if (show_photograph(p, folder->files[i].path, NULL) == FS_OK) {
            fs_status status = add_picture(p, kernels, progress, err);
            if (status != FS_OK)
                return status;
            used++;
        }
        fs_progress_state state = {"photographs", i + 1, folder->n_files, fs_seconds() - start, (double)NAN};
        fs_progress_report(progress, &state);
    }
    if (used == 0)
        return fs_fail(err, FS_ERROR_FORMAT, "none of the %d pictures could be read", folder->n_files);
    const size_t all =
        (size_t)kernels->count * (size_t)kernels->channels * (size_t)kernels->height * (size_t)kernels->width;
    for (size_t i = 0; i < all; i++)
        kernels->values[i] /= used;
    return FS_OK;
}

fs_status fs_kernels_effective(fs_kernels *out, const fs_model *model, const fs_layer *layer,
                               const fs_folder *photographs, fs_pool *pool, const fs_progress *progress,
                               fs_error *err) {
    probe p = {.model = model, .layer = layer};
    fs_kernels kernels = {0};
    fs_status status = check_layer(model, layer, err);
    if (status == FS_OK)
        status = open_probe(&p, pool, err);
    if (status == FS_OK)
        status = fs_kernels_create(&kernels, layer->channels, fs_preprocess_channels(&model->preprocess),
                                   (int)p.field.size[0], (int)p.field.size[1], err);
    if (status == FS_OK && !photographs) {
        status = show_grey(&p, err);
        if (status == FS_OK)
            status = add_picture(&p, &kernels, progress, err);
    } else if (status == FS_OK) {
        status = add_photographs(&p, &kernels, photographs, progress, err);
    }
    fs_plan_destroy(p.plan);
    fs_free(p.input);
    if (status == FS_OK)
        *out = kernels;
    else
        fs_kernels_free(&kernels);
    return status;
}
