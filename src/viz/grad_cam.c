/* Grad-CAM. The network is run in two parts, up to the map and from the map on: then the map is the second
 * part's input, and the gradient with respect to it is what a plan gives anyway. */
#include <string.h>

#include "base/alloc.h"
#include "engine/head.h"
#include "viz/attribution_internal.h"

typedef struct parts {
    fs_plan *lower, *upper;
    fs_graph graph; /* the model's, with the map as its input; nodes are a copy, the rest is borrowed */
} parts;

static void destroy_parts(parts *p) {
    fs_plan_destroy(p->upper);
    fs_plan_destroy(p->lower);
    fs_free(p->graph.nodes);
}

/* A plan of the graph never asks for a node without outputs, so the node that makes the map leaves the graph
 * by losing them; the numbers of the others stay. */
static fs_status cut(parts *p, const fs_graph *graph, const fs_layer *map, fs_shape shape, fs_error *err) {
    p->graph = *graph;
    p->graph.nodes = fs_alloc_array((size_t)graph->n_nodes, sizeof *graph->nodes);
    if (!p->graph.nodes)
        return fs_fail_memory(err, "a part of a network");
    memcpy(p->graph.nodes, graph->nodes, (size_t)graph->n_nodes * sizeof *graph->nodes);
    p->graph.nodes[graph->values[map->value].producer].n_outputs = 0;
    p->graph.input = map->value;
    p->graph.input_shape = shape;
    return FS_OK;
}

static fs_status plan_part(fs_plan **out, const fs_graph *graph, fs_shape input, int output, bool gradient,
                           fs_pool *pool, fs_error *err) {
    fs_plan_request request = fs_plan_request_default(graph, input);
    request.outputs = &output;
    request.n_outputs = 1;
    request.input_gradient = gradient;
    request.pool = pool;
    return fs_plan_create(out, &request, err);
}

static fs_status make_parts(parts *p, const fs_model *model, const fs_layer *map, const fs_layer *layer,
                            fs_pool *pool, fs_error *err) {
    const fs_preprocess *pre = &model->preprocess;
    if (map->view != map->value || map->shape.rank != 4 || map->value == layer->value)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "layer '%s' has no map below the class scores", map->name);
    fs_shape input = fs_shape_of(4, 1, fs_preprocess_channels(pre), pre->height, pre->width);
    fs_status status = plan_part(&p->lower, model->graph, input, map->value, false, pool, err);
    if (status != FS_OK)
        return status;
    fs_shape shape = fs_plan_output_shape(p->lower, 0);
    status = cut(p, model->graph, map, shape, err);
    if (status != FS_OK)
        return status;
    status = plan_part(&p->upper, &p->graph, shape, layer->view, true, pool, err);
    if (status == FS_ERROR_UNSUPPORTED || status == FS_ERROR_ARGUMENT) /* another way leads past the map */
        status = fs_fail(err, FS_ERROR_UNSUPPORTED,
                         "Grad-CAM needs a layer that everything passes on the way to '%s': '%s' is none",
                         layer->name, map->name);
    return status;
}

/* max(0, sum over k of mean(gradient_k) map_k) */
static void weigh(const float *map, const float *gradient, int64_t channels, int64_t positions, float *out) {
    for (int64_t i = 0; i < positions; i++)
        out[i] = 0;
    for (int64_t k = 0; k < channels; k++, map += positions, gradient += positions) {
        double mean = 0;
        for (int64_t i = 0; i < positions; i++)
            mean += gradient[i];
        mean /= (double)positions;
        for (int64_t i = 0; i < positions; i++)
            out[i] += (float)mean * map[i];
    }
    for (int64_t i = 0; i < positions; i++)
        out[i] = out[i] > 0 ? out[i] : 0;
}

static fs_status run_parts(parts *p, int channel, double *value, const atomic_bool *cancel, fs_error *err) {
    fs_status status = fs_plan_forward(p->lower, cancel, err);
    if (status != FS_OK)
        return status;
    fs_shape shape = fs_plan_output_shape(p->lower, 0);
    memcpy(fs_plan_input(p->upper), fs_plan_output(p->lower, 0),
           (size_t)fs_shape_count(&shape) * sizeof(float));
    status = fs_plan_forward(p->upper, cancel, err);
    if (status != FS_OK)
        return status;
    *value = fs_attribution_value(p->upper, channel);
    fs_attribution_seed(p->upper, channel);
    return fs_plan_backward(p->upper, FS_RELU_PLAIN, cancel, err);
}

/* The layer that shows the value where the classifier begins. */
static fs_status default_map(const fs_layer **out, const fs_model *model, fs_error *err) {
    int value = FS_NO_VALUE;
    fs_status status = fs_model_head_input(&value, model, err);
    for (int i = 0; i < model->n_layers && status == FS_OK; i++)
        if (model->layers[i].value == value) {
            *out = &model->layers[i];
            return FS_OK;
        }
    return status != FS_OK ? status
                           : fs_fail(err, FS_ERROR_UNSUPPORTED,
                                     "the last map before the classifier is no layer: name one with --layer");
}

fs_status fs_grad_cam(fs_attribution *out, const fs_model *model, const fs_layer *layer, int channel,
                      const fs_image *crop, const fs_layer *map, fs_pool *pool, const atomic_bool *cancel,
                      fs_error *err) {
    parts p = {0};
    fs_attribution result = {.planes = 1};
    fs_status status = map ? FS_OK : default_map(&map, model, err);
    if (status == FS_OK)
        status = make_parts(&p, model, map, layer, pool, err);
    if (status == FS_OK) {
        fs_preprocess_image(&model->preprocess, crop, fs_plan_input(p.lower));
        status = run_parts(&p, channel, &result.value, cancel, err);
    }
    if (status == FS_OK) {
        fs_shape shape = fs_plan_output_shape(p.lower, 0);
        result.height = (int)shape.dim[2];
        result.width = (int)shape.dim[3];
        result.map = map;
        result.values = fs_alloc_array((size_t)(shape.dim[2] * shape.dim[3]), sizeof(float));
        if (result.values)
            weigh(fs_plan_output(p.lower, 0), fs_plan_input_gradient(p.upper), shape.dim[1],
                  shape.dim[2] * shape.dim[3], result.values);
        else
            status = fs_fail_memory(err, "an attribution");
    }
    destroy_parts(&p);
    if (status == FS_OK)
        *out = result;
    return status;
}
