#include "engine/layers.h"

#include <string.h>

#include "base/alloc.h"
#include "engine/layer_names.h"
#include "engine/levels.h"
#include "engine/operator.h"
#include "engine/plan.h"
#include "engine/receptive_field.h"

/* Weights may pass through a few operators (a transpose, a cast) before they are used. */
enum { MAX_WEIGHT_STEPS = 8 };

static int64_t weight_count(const fs_graph *graph, const fs_field *fields, int value, int steps) {
    if (value == FS_NO_VALUE || fields[value].from_image)
        return 0;
    const fs_value *v = &graph->values[value];
    if (v->constant.data)
        return v->constant.dtype == FS_F32 && v->constant.shape.rank > 0 ? fs_tensor_count(&v->constant) : 0;
    if (v->producer < 0 || steps == 0 || graph->nodes[v->producer].n_inputs < 1)
        return 0;
    return weight_count(graph, fields, graph->nodes[v->producer].inputs[0], steps - 1);
}

/* Elements of the node's own weights; factors of a resize and limits of a clip are settings, not weights. */
static int64_t parameter_count(const fs_graph *graph, const fs_field *fields, const fs_node *node) {
    static const char *const settings[] = {"Resize", "Upsample", "Clip", "Pad", NULL};
    for (int i = 0; settings[i]; i++)
        if (strcmp(node->op->type, settings[i]) == 0)
            return 0;
    int64_t sum = 0;
    for (int i = 0; i < node->n_inputs; i++)
        sum += weight_count(graph, fields, node->inputs[i], MAX_WEIGHT_STEPS);
    return sum;
}

static bool is_output(const fs_graph *graph, int value) {
    for (int o = 0; o < graph->n_outputs; o++)
        if (graph->outputs[o] == value)
            return true;
    return false;
}

static bool is_layer(const fs_graph *graph, const fs_node *node, int value, const fs_tensor *shapes,
                     const fs_field *fields) {
    if (node->auxiliary || value == FS_NO_VALUE || !fields[value].from_image || shapes[value].dtype != FS_F32)
        return false;
    if (shapes[value].shape.rank < 2 || shapes[value].shape.rank > 4)
        return false;
    return !node->op->is_identity || is_output(graph, value);
}

static int list_layers(fs_model *model, const fs_tensor *shapes, const fs_field *fields, bool fill) {
    const fs_graph *graph = model->graph;
    int count = 0;
    for (int n = 0; n < graph->n_nodes; n++) {
        const fs_node *node = &graph->nodes[n];
        for (int o = 0; o < node->n_outputs; o++) {
            const int value = node->outputs[o];
            if (!is_layer(graph, node, value, shapes, fields))
                continue;
            if (fill)
                model->layers[count] = (fs_layer){.node = node->name,
                                                  .operator_type = node->op->type,
                                                  .value = value,
                                                  .shape = shapes[value].shape,
                                                  .channels = (int)shapes[value].shape.dim[1],
                                                  .parameters = o ? 0 : parameter_count(graph, fields, node),
                                                  .field = fs_field_summary(&fields[value])};
            count++;
        }
    }
    return count;
}

static fs_status fill_layers(fs_model *model, const fs_tensor *shapes, const fs_field *fields,
                             fs_error *err) {
    const int count = list_layers(model, shapes, fields, false);
    if (count == 0)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "no layer can be computed for a %dx%d image",
                       model->preprocess.height, model->preprocess.width);
    model->layers = fs_arena_alloc(model->arena, (size_t)count, sizeof *model->layers);
    if (!model->layers)
        return fs_fail_memory(err, "layers");
    model->n_layers = list_layers(model, shapes, fields, true);
    return FS_OK;
}

fs_status fs_layers_build(fs_model *model, const fs_sidecar_levels *levels, fs_error *err) {
    const fs_graph *graph = model->graph;
    const fs_shape input = fs_shape_of(4, 1, fs_preprocess_channels(&model->preprocess),
                                       model->preprocess.height, model->preprocess.width);
    fs_tensor *shapes = fs_alloc_array((size_t)graph->n_values, sizeof *shapes);
    fs_field *fields = fs_alloc_array((size_t)graph->n_values, sizeof *fields);
    fs_status status = shapes && fields ? FS_OK : fs_fail_memory(err, "layers");
    if (status == FS_OK)
        status = fs_plan_infer_shapes(graph, input, shapes, err);
    if (status == FS_OK) {
        fs_fields_compute(graph, shapes, fields);
        status = fill_layers(model, shapes, fields, err);
    }
    if (status == FS_OK)
        status = fs_layer_names_assign(model, err);
    if (status == FS_OK)
        status = fs_levels_assign(model, fields, levels, err);
    fs_free(shapes);
    fs_free(fields);
    return status;
}
