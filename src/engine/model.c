#include "engine/model.h"

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/file.h"
#include "engine/concepts.h"
#include "engine/default_size.h"
#include "engine/import/graphdef.h"
#include "engine/import/onnx.h"
#include "engine/import/sidecar.h"
#include "engine/layers.h"
#include "engine/operator.h"
#include "engine/passes/casts.h"
#include "engine/passes/layout.h"

/* The statistics of ImageNet that torchvision's models assume, pixels in 0..1; grey is their BT.601 luma. */
static const float imagenet_mean[3] = {0.485f, 0.456f, 0.406f}, imagenet_std[3] = {0.229f, 0.224f, 0.225f};
static const float grey_mean = 0.459f, grey_std = 0.226f;

typedef struct format {
    const char *extension;
    fs_status (*read)(fs_graph **out, const char *path, fs_error *err);
} format;

static const format formats[] = {{".onnx", fs_onnx_read}, {".pb", fs_graphdef_read}};

static fs_status read_graph(fs_graph **out, const char *path, fs_error *err) {
    const char *extension = strrchr(fs_path_base(path), '.');
    for (size_t i = 0; i < sizeof formats / sizeof *formats && extension; i++)
        if (strcasecmp(extension, formats[i].extension) == 0)
            return formats[i].read(out, path, err);
    return fs_fail(err, FS_ERROR_UNSUPPORTED, "%s: not a model file (.onnx or .pb)", path);
}

/* Whether a value is the image, perhaps turned to another layout on the way. */
static bool is_image(const fs_graph *graph, int value) {
    for (int step = 0; step < 4 && value != graph->input; step++) {
        const int producer = value == FS_NO_VALUE ? -1 : graph->values[value].producer;
        if (producer < 0 || strcmp(graph->nodes[producer].op->type, "Transpose") != 0)
            return false;
        value = graph->nodes[producer].inputs[0];
    }
    return value == graph->input;
}

/* Channels of the image: as declared, else what the first convolution over it takes. */
static int64_t input_channels(const fs_graph *graph) {
    if (graph->input_shape.dim[1] > 0)
        return graph->input_shape.dim[1];
    for (int n = 0; n < graph->n_nodes; n++) {
        const fs_node *node = &graph->nodes[n];
        if (strcmp(node->op->type, "Conv") != 0 || !is_image(graph, node->inputs[0]))
            continue;
        const fs_tensor *weight = &graph->values[node->inputs[1]].constant;
        if (weight->data && weight->shape.rank == 4)
            return weight->shape.dim[1] * fs_node_int(node, "group", 1);
    }
    return 3;
}

static fs_status set_order(fs_preprocess *p, const fs_graph *graph, const fs_sidecar *sidecar,
                           fs_error *err) {
    static const char *const names[] = {"RGB", "BGR", "GRAY"};
    const int64_t channels = input_channels(graph);
    if (channels != 1 && channels != 3)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "input '%s': %lld channels; an image has 1 or 3",
                       graph->values[graph->input].name, (long long)channels);
    p->order = sidecar->has_order ? sidecar->order : channels == 1 ? FS_CHANNELS_GRAY : FS_CHANNELS_RGB;
    if (fs_preprocess_channels(p) != channels)
        return fs_fail(err, FS_ERROR_FORMAT,
                       "the sidecar's 'input.channels' is %s but the model's input has %lld", names[p->order],
                       (long long)channels);
    return FS_OK;
}

/* The sidecar's size, else the declared one, else a usual one. */
static fs_status set_size(fs_preprocess *p, const fs_graph *graph, const fs_sidecar *sidecar, fs_error *err) {
    const int from_sidecar[2] = {sidecar->height, sidecar->width};
    int *to[2] = {&p->height, &p->width}, usual = 0;
    for (int a = 0; a < 2; a++) {
        const int64_t declared = graph->input_shape.dim[2 + a];
        if (!from_sidecar[a] && declared < 1 && !usual) {
            fs_status status = fs_default_side(&usual, graph, fs_preprocess_channels(p), err);
            if (status != FS_OK)
                return status;
        }
        const int64_t side = from_sidecar[a] ? from_sidecar[a] : declared > 0 ? declared : usual;
        if (side > FS_SIDECAR_MAX_SIDE)
            return fs_fail(err, FS_ERROR_LIMIT, "input '%s': a side of %lld is over %d",
                           graph->values[graph->input].name, (long long)side, FS_SIDECAR_MAX_SIDE);
        *to[a] = (int)side;
    }
    return FS_OK;
}

static fs_status set_preprocess(fs_model *model, const fs_sidecar *sidecar, fs_error *err) {
    fs_preprocess *p = &model->preprocess;
    fs_status status = set_order(p, model->graph, sidecar, err);
    if (status == FS_OK)
        status = set_size(p, model->graph, sidecar, err);
    p->range = sidecar->has_range ? sidecar->range : 1.0f;
    for (int c = 0; c < 3; c++) {
        const int colour = p->order == FS_CHANNELS_BGR ? 2 - c : c;
        const bool grey = p->order == FS_CHANNELS_GRAY;
        p->mean[c] =
            sidecar->has_mean ? sidecar->mean[c] : p->range * (grey ? grey_mean : imagenet_mean[colour]);
        p->std[c] = sidecar->has_std ? sidecar->std[c] : p->range * (grey ? grey_std : imagenet_std[colour]);
    }
    return status;
}

static fs_status read_sidecar(fs_model *model, fs_sidecar *out, fs_error *err) {
    char *path = fs_path_with_extension(model->path, ".json");
    if (!path)
        return fs_fail_memory(err, "a file name");
    fs_status status = FS_OK;
    if (fs_file_exists(path)) {
        status = fs_sidecar_read(out, path, model->arena, err);
        model->has_sidecar = status == FS_OK;
    }
    fs_free(path);
    return status;
}

/* The file's name without folder and extension. */
static const char *name_of_file(fs_model *model) {
    const char *base = fs_path_base(model->path);
    const char *dot = strrchr(base, '.');
    return fs_arena_strndup(model->arena, base, dot && dot != base ? (size_t)(dot - base) : strlen(base));
}

static const fs_sidecar_levels *keep_levels(fs_model *model, const fs_sidecar_levels *levels) {
    fs_sidecar_levels *kept = fs_arena_alloc(model->arena, 1, sizeof *kept);
    if (kept)
        *kept = *levels;
    return kept;
}

static fs_status fill(fs_model *model, fs_error *err) {
    fs_sidecar sidecar = {0};
    fs_status status = read_graph(&model->graph, model->path, err);
    if (status == FS_OK)
        status = read_sidecar(model, &sidecar, err);
    if (status != FS_OK)
        return status; /* these name their files themselves */
    status = fs_pass_casts(model->graph, err);
    if (status == FS_OK)
        status = fs_pass_layout(model->graph, err);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s", model->path);
    model->name = sidecar.name && sidecar.name[0] ? sidecar.name : name_of_file(model);
    model->source = sidecar.source;
    model->labels = sidecar.labels;
    model->n_labels = sidecar.n_labels;
    model->levels = keep_levels(model, &sidecar.levels);
    status = model->name && model->levels ? FS_OK : fs_fail_memory(err, "a model");
    if (status == FS_OK)
        status = set_preprocess(model, &sidecar, err);
    if (status == FS_OK)
        status = fs_layers_build(model, model->levels, err);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s", model->path);
    return sidecar.concepts ? fs_concepts_read(model, sidecar.concepts, err) : FS_OK;
}

fs_status fs_model_load(fs_model **out, const char *path, fs_error *err) {
    fs_model *model = fs_calloc(1, sizeof *model);
    if (!model)
        return fs_fail_memory(err, "a model");
    model->arena = fs_arena_create();
    model->path = fs_strdup(path);
    fs_status status = model->arena && model->path ? fill(model, err) : fs_fail_memory(err, "a model");
    if (status != FS_OK) {
        fs_model_destroy(model);
        return status;
    }
    *out = model;
    return FS_OK;
}

void fs_model_destroy(fs_model *model) {
    if (!model)
        return;
    fs_graph_destroy(model->graph);
    fs_arena_destroy(model->arena);
    fs_free(model->path);
    fs_free(model);
}
