#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/layers_dot.h"

typedef struct settings {
    bool json, dot;
} settings;

static const fs_option options[] = {
    FS_OPTION_BOOL(settings, json, "json", "print a JSON list"),
    FS_OPTION_BOOL(settings, dot, "dot", "print a graph for Graphviz: ... --dot | dot -Tsvg > graph.svg"),
    FS_OPTION_END};

static bool add_parent(cJSON *entry, const fs_model *model, const fs_layer *layer) {
    if (layer->parent < 0)
        return cJSON_AddNullToObject(entry, "parent");
    return cJSON_AddStringToObject(entry, "parent", model->layers[layer->parent].name);
}

static bool add_layer(cJSON *list, const fs_model *model, const fs_layer *layer) {
    cJSON *entry = cJSON_CreateObject();
    if (!entry || !cJSON_AddItemToArray(list, entry))
        return false;
    bool ok = cJSON_AddStringToObject(entry, "name", layer->name) &&
              cJSON_AddStringToObject(entry, "operator", layer->operator_type);
    cJSON *shape = cJSON_AddArrayToObject(entry, "shape");
    for (int d = 0; d < layer->shape.rank; d++)
        ok = ok && cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)layer->shape.dim[d]));
    ok = ok && cJSON_AddNumberToObject(entry, "channels", layer->channels) &&
         cJSON_AddNumberToObject(entry, "parameters", (double)layer->parameters);
    cJSON *field = cJSON_AddObjectToObject(entry, "receptive_field");
    return ok && cJSON_AddNumberToObject(field, "size", layer->field.size) &&
           cJSON_AddNumberToObject(field, "stride", layer->field.stride) &&
           cJSON_AddNumberToObject(field, "offset", layer->field.offset) &&
           cJSON_AddStringToObject(entry, "level", fs_level_name(layer->level)) &&
           add_parent(entry, model, layer);
}

static fs_status print_json(const fs_model *model, fs_error *err) {
    cJSON *list = cJSON_CreateArray();
    bool ok = list != NULL;
    for (int l = 0; l < model->n_layers && ok; l++)
        ok = add_layer(list, model, &model->layers[l]);
    char *text = ok ? cJSON_Print(list) : NULL;
    cJSON_Delete(list);
    if (!text)
        return fs_fail_memory(err, "the list of layers");
    puts(text);
    cJSON_free(text);
    return FS_OK;
}

static void print_field(const fs_receptive_field *field) {
    if (field->size)
        printf("  %5d %6d %6d", field->size, field->stride, field->offset);
    else
        printf("  %5s %6s %6s", "image", "-", "-");
}

static void print_table(const fs_model *model) {
    int width = 5;
    for (int l = 0; l < model->n_layers; l++) {
        int length = (int)strlen(model->layers[l].name);
        width = length > width ? length : width;
    }
    printf("%-*s  %-18s  %-16s  %10s  %5s %6s %6s  %s\n", width, "layer", "operator", "shape", "parameters",
           "field", "stride", "offset", "level");
    for (int l = 0; l < model->n_layers; l++) {
        const fs_layer *layer = &model->layers[l];
        char shape[FS_SHAPE_TEXT];
        printf("%-*s  %-18s  %-16s  %10lld", width, layer->name, layer->operator_type,
               fs_shape_text(&layer->shape, shape), (long long)layer->parameters);
        print_field(&layer->field);
        printf("  %s\n", fs_level_name(layer->level));
    }
}

static fs_status print_dot(const fs_model *model, fs_error *err) {
    fs_text text = {0};
    fs_status status = fs_layers_dot(&text, model, err);
    if (status == FS_OK)
        fputs(text.bytes, stdout);
    fs_text_free(&text);
    return status;
}

static fs_status run(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    fs_model *model = NULL;
    if (s->json && s->dot)
        return fs_call_usage(call, err, "--json and --dot exclude each other");
    fs_status status = fs_call_load_model(call, call->n_positional ? call->positional[0] : NULL, &model, err);
    if (status != FS_OK)
        return status;
    if (s->json)
        status = print_json(model, err);
    else if (s->dot)
        status = print_dot(model, err);
    else
        print_table(model);
    fs_model_destroy(model);
    return status;
}

const fs_command fs_command_layers = {
    .name = "layers",
    .arguments = "[MODEL] [options]",
    .summary = "layers in order: name, operator, shape, parameters, receptive field, level",
    .options = options,
    .settings_size = sizeof(settings),
    .max_positional = 1,
    .positional = FS_OPTION_MEANS_MODEL,
    .example = "layers squeezenet1.1.onnx",
    .run = run};
