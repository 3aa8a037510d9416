#include "engine/concepts.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"

static const char *const kind_names[FS_CONCEPT_KINDS] = {"texture", "part", "object"};

const char *fs_concept_kind_name(fs_concept_kind kind) {
    return kind_names[kind];
}

const fs_concept *fs_layer_concept(const fs_layer *layer, int channel) {
    if (!layer->concepts || channel < 0 || channel >= layer->channels || !layer->concepts[channel].name)
        return NULL;
    return &layer->concepts[channel];
}

/* ---- one channel ---- */

bool fs_concept_is_name(const char *text) {
    size_t length = strlen(text);
    if (length == 0 || length > FS_CONCEPT_MAX_NAME)
        return false;
    while (length > 0) {
        const int step = fs_utf8_length(text, length);
        if (step == 0 || (unsigned char)*text < ' ')
            return false;
        text += step;
        length -= (size_t)step;
    }
    return true;
}

static bool number_in(const cJSON *object, const char *key, double low, double high, double *out) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= low && item->valuedouble <= high))
        return false;
    *out = item->valuedouble;
    return true;
}

static bool read_kind(const cJSON *item, fs_concept_kind *out) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "kind"));
    for (int k = 0; k < FS_CONCEPT_KINDS && text; k++)
        if (strcmp(text, kind_names[k]) == 0) {
            *out = (fs_concept_kind)k;
            return true;
        }
    return false;
}

/* A channel whose concept is null answers to none. */
static fs_status read_channel(fs_concept *concepts, const fs_layer *layer, const cJSON *item, double least,
                              fs_arena *arena, fs_error *err) {
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, "concept");
    fs_concept concept = {0};
    double channel = 0;
    if (!number_in(item, "channel", 0, layer->channels - 1.0, &channel) || channel != floor(channel))
        return fs_fail(err, FS_ERROR_FORMAT, "an entry has no channel of 0 to %d", layer->channels - 1);
    if (cJSON_IsNull(name))
        return FS_OK;
    if (!cJSON_IsString(name) || !fs_concept_is_name(name->valuestring))
        return fs_fail(err, FS_ERROR_FORMAT,
                       "channel %.0f: 'concept' must be null or a name of at most %d bytes", channel,
                       FS_CONCEPT_MAX_NAME);
    if (!read_kind(item, &concept.kind))
        return fs_fail(err, FS_ERROR_FORMAT, "channel %.0f: 'kind' must be texture, part or object", channel);
    if (!number_in(item, "iou", 0, 1, &concept.iou))
        return fs_fail(err, FS_ERROR_FORMAT, "channel %.0f: 'iou' must be a number in 0..1", channel);
    if (concept.iou < least)
        return FS_OK;
    concept.name = fs_arena_strdup(arena, name->valuestring);
    if (!concept.name)
        return fs_fail_memory(err, "concepts");
    concepts[(int)channel] = concept;
    return FS_OK;
}

/* ---- layers ---- */

static fs_layer *find_layer(fs_model *model, const char *name) {
    for (int l = 0; l < model->n_layers; l++)
        if (strcmp(model->layers[l].name, name) == 0)
            return &model->layers[l];
    return NULL;
}

static fs_status read_layer(fs_model *model, const cJSON *item, double least, fs_error *err) {
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "layer"));
    const cJSON *channels = cJSON_GetObjectItemCaseSensitive(item, "channels"), *channel;
    if (!name || !cJSON_IsArray(channels))
        return fs_fail(err, FS_ERROR_FORMAT, "each of 'layers' must have 'layer' and a list of 'channels'");
    fs_layer *layer = find_layer(model, name);
    if (!layer)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "no layer '%.100s'", name);
    if (layer->concepts || layer->channels < 1 || cJSON_GetArraySize(channels) > layer->channels)
        return fs_fail(err, FS_ERROR_FORMAT, "layer '%.100s' %s", name,
                       layer->concepts ? "is there twice" : "has fewer channels");
    fs_concept *concepts = fs_arena_alloc(model->arena, (size_t)layer->channels, sizeof *concepts);
    if (!concepts)
        return fs_fail_memory(err, "concepts");
    fs_status status = FS_OK;
    cJSON_ArrayForEach(channel, channels) if (status == FS_OK) status =
        read_channel(concepts, layer, channel, least, model->arena, err);
    layer->concepts = concepts;
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "layer '%.100s'", name);
}

static void share_with_rectified(fs_model *model) {
    for (int l = 0; l < model->n_layers; l++) {
        fs_layer *layer = &model->layers[l];
        const fs_layer *behind = fs_model_activated(model, layer);
        if (!layer->concepts && behind->channels == layer->channels)
            layer->concepts = behind->concepts;
    }
}

static fs_status read_root(fs_model *model, const cJSON *root, fs_error *err) {
    const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
    const cJSON *layers = cJSON_GetObjectItemCaseSensitive(root, "layers"), *layer;
    double least = 0;
    fs_status status = FS_OK;
    if (!cJSON_IsNumber(format) || format->valuedouble != 1)
        return fs_fail(err, FS_ERROR_FORMAT, "'format' must be 1");
    if (cJSON_HasObjectItem(root, "least") && !number_in(root, "least", 0, 1, &least))
        return fs_fail(err, FS_ERROR_FORMAT, "'least' must be a number in 0..1");
    if (!cJSON_IsArray(layers))
        return fs_fail(err, FS_ERROR_FORMAT, "'layers' must be a list");
    cJSON_ArrayForEach(layer, layers) if (status == FS_OK) status = read_layer(model, layer, least, err);
    if (status == FS_OK)
        share_with_rectified(model);
    return status;
}

fs_status fs_concepts_read(fs_model *model, const char *path, fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    fs_status status = fs_file_read(&bytes, &size, path, FS_CONCEPTS_MAX_BYTES, err);
    if (status != FS_OK)
        return status;
    cJSON *root = NULL;
    status = fs_json_parse(&root, (const char *)bytes, size, err);
    if (status == FS_OK)
        status = read_root(model, root, err);
    cJSON_Delete(root);
    fs_free(bytes);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "%s", path);
}
