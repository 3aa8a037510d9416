/* index.json of an atlas: written from the job, and read back into it. */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/c_locale.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "viz/atlas_private.h"

enum { INDEX_FORMAT = 1, MAX_INDEX_BYTES = 256 * 1024 * 1024 };

#define EXACT_IN_JSON 9007199254740992.0 /* 2^53: readers keep numbers as doubles */

static bool is_parameter(const fs_option *option) {
    return strcmp(option->name, "layer") != 0 && strcmp(option->name, "channel") != 0;
}

/* ---- writing ---- */

static bool is_number(const fs_option *option, const char *value) {
    return option->kind == FS_OPTION_KIND_INT || option->kind == FS_OPTION_KIND_DOUBLE ||
           (option->kind == FS_OPTION_KIND_U64 && fs_c_strtod(value, NULL) <= EXACT_IN_JSON);
}

static void add_parameters(fs_text *text, const fs_render_settings *settings) {
    char value[FS_OPTION_VALUE_SIZE];
    const char *comma = "";
    fs_text_add(text, " \"parameters\": {");
    for (const fs_option *option = fs_render_options; option->name != NULL; option++) {
        if (!is_parameter(option))
            continue;
        const char *formatted = fs_option_format(option, settings, value);
        fs_text_add(text, "%s\"%s\": ", comma, option->name);
        if (is_number(option, formatted) || option->kind == FS_OPTION_KIND_BOOL)
            fs_text_add(text, "%s", formatted);
        else
            fs_text_add_json(text, formatted);
        comma = ", ";
    }
    fs_text_add(text, "},\n");
}

static void add_text_or_null(fs_text *text, const char *value) {
    if (value != NULL)
        fs_text_add_json(text, value);
    else
        fs_text_add(text, "null");
}

static fs_status add_tile(fs_text *text, const fs_atlas *atlas, const fs_atlas_layer *layer,
                          const fs_atlas_tile *tile, fs_error *err) {
    bool drawn = tile->state == FS_ATLAS_DRAWN;
    char *name = drawn ? fs_atlas_tile_name(layer, tile->channel) : NULL;
    if (drawn && name == NULL)
        return fs_fail_memory(err, "the index of an atlas");
    fs_text_add(text, "    {\"channel\": %d, \"file\": ", tile->channel);
    add_text_or_null(text, name);
    if (drawn && isfinite(tile->objective))
        fs_text_add(text, ", \"objective\": %.17g, \"concept\": ", tile->objective);
    else
        fs_text_add(text, ", \"objective\": null, \"concept\": ");
    add_text_or_null(text, fs_atlas_concept(atlas, layer, tile->channel));
    if (tile->rate != atlas->request.render.rate)
        fs_text_add(text, ", \"rate\": %.17g", tile->rate);
    fs_text_add(text, "}");
    fs_free(name);
    return FS_OK;
}

static fs_status add_layer(fs_text *text, const fs_atlas *atlas, const fs_atlas_layer *layer, fs_error *err) {
    const char *comma = "\n";
    fs_text_add(text, "  {\"layer\": ");
    fs_text_add_json(text, layer->layer->name);
    fs_text_add(text, ", \"level\": \"%s\", \"channels\": [", fs_level_name(layer->layer->level));
    for (int t = 0; t < layer->n_tiles; t++) {
        if (layer->tiles[t].state == FS_ATLAS_OPEN)
            continue;
        fs_text_add(text, "%s", comma);
        fs_status status = add_tile(text, atlas, layer, &layer->tiles[t], err);
        if (status != FS_OK)
            return status;
        comma = ",\n";
    }
    fs_text_add(text, "]}");
    return FS_OK;
}

fs_status fs_atlas_index_write(const fs_atlas *atlas, fs_error *err) {
    fs_text text = {0};
    fs_status status = FS_OK;
    fs_text_add(&text, "{\"format\": %d,\n \"model\": ", INDEX_FORMAT);
    fs_text_add_json(&text, atlas->model->name);
    fs_text_add(&text, ",\n \"model_sha256\": ");
    fs_text_add_json(&text, atlas->fingerprint);
    fs_text_add(&text, ",\n");
    add_parameters(&text, &atlas->request.render);
    fs_text_add(&text, " \"layers\": [");
    for (int l = 0; l < atlas->n_layers && status == FS_OK; l++) {
        fs_text_add(&text, l > 0 ? ",\n" : "\n");
        status = add_layer(&text, atlas, &atlas->layers[l], err);
    }
    fs_text_add(&text, "]}\n");
    char *path = fs_atlas_path(atlas, "index.json");
    if (status == FS_OK && (path == NULL || fs_text_broken(&text)))
        status = fs_fail_memory(err, "the index of an atlas");
    if (status == FS_OK)
        status = fs_file_write(path, text.bytes, text.length, err);
    fs_text_free(&text);
    fs_free(path);
    return status;
}

/* ---- reading ---- */

/* Values as fs_options_set takes them; NULL for what no option can be. */
static const char *text_of(const fs_option *option, const cJSON *item, char number[64]) {
    if (cJSON_IsString(item))
        return item->valuestring;
    if (cJSON_IsBool(item))
        return cJSON_IsTrue(item) ? "true" : "false";
    if (!cJSON_IsNumber(item))
        return NULL;
    fs_c_snprintf(number, 64, option->kind == FS_OPTION_KIND_DOUBLE ? "%.17g" : "%.0f",
                  fmin(fmax(item->valuedouble, -1e19), 1e19));
    return number;
}

/* An option the index does not name has its default: it is younger than the index. */
static fs_status read_parameters(fs_render_settings *found, const cJSON *root, fs_error *err) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "parameters");
    if (!cJSON_IsObject(list))
        return fs_fail(err, FS_ERROR_FORMAT, "'parameters' must be an object");
    memset(found, 0, sizeof *found);
    fs_options_defaults(fs_render_options, found);
    for (const fs_option *option = fs_render_options; option->name != NULL; option++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(list, option->name);
        char number[64];
        if (item == NULL || !is_parameter(option))
            continue;
        const char *value = text_of(option, item, number);
        if (value == NULL)
            return fs_fail(err, FS_ERROR_FORMAT, "parameter '%s' has no value", option->name);
        fs_status status = fs_options_set(fs_render_options, found, option->name, value, err);
        if (status != FS_OK)
            return status;
    }
    return fs_render_resolve(found, err);
}

static bool is_halved(double rate, double of) {
    for (int i = 0; i <= FS_ATLAS_RETRIES; i++, of /= 2)
        if (rate == of)
            return true;
    return false;
}

fs_status fs_atlas_check_settings(const fs_atlas *atlas, const fs_render_settings *found, bool of_tile,
                                  fs_error *err) {
    const fs_render_settings *ours = &atlas->request.render;
    char mine[FS_OPTION_VALUE_SIZE], theirs[FS_OPTION_VALUE_SIZE];
    for (const fs_option *option = fs_render_options; option->name != NULL; option++) {
        if (!is_parameter(option))
            continue;
        const char *a = fs_option_format(option, ours, mine);
        const char *b = fs_option_format(option, found, theirs);
        bool halved = of_tile && strcmp(option->name, "rate") == 0 && is_halved(found->rate, ours->rate);
        if (strcmp(a, b) != 0 && !halved)
            return fs_fail(err, FS_ERROR_ARGUMENT,
                           "was made with --%s %.60s, not %.60s: give the same, or another folder",
                           option->name, b, a);
    }
    return FS_OK;
}

static fs_status check_model(const fs_atlas *atlas, const cJSON *root, fs_error *err) {
    const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(root, "model");
    const cJSON *fingerprint = cJSON_GetObjectItemCaseSensitive(root, "model_sha256");
    if (!cJSON_IsNumber(format) || format->valuedouble != INDEX_FORMAT)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "is not an index of format %d", INDEX_FORMAT);
    if (!cJSON_IsString(name) || !cJSON_IsString(fingerprint))
        return fs_fail(err, FS_ERROR_FORMAT, "does not say of which model it is");
    if (strcmp(fingerprint->valuestring, atlas->fingerprint) != 0)
        return fs_fail(err, FS_ERROR_ARGUMENT, "is of another model, %.60s: give the same, or another folder",
                       name->valuestring);
    return FS_OK;
}

/* Entry of a tile that diverged: it is as finished as the others, but has no file that could say so. */
static void note_diverged(fs_atlas_layer *entry, int channel, const cJSON *item) {
    const cJSON *objective = cJSON_GetObjectItemCaseSensitive(item, "objective");
    const cJSON *rate = cJSON_GetObjectItemCaseSensitive(item, "rate");
    for (int t = 0; t < entry->n_tiles && cJSON_IsNull(objective); t++)
        if (entry->tiles[t].channel == channel) {
            entry->tiles[t].state = FS_ATLAS_DIVERGED;
            entry->tiles[t].rate = cJSON_IsNumber(rate) ? rate->valuedouble : NAN;
        }
}

static bool channel_of(const cJSON *item, int channels, int *out) {
    const cJSON *channel = cJSON_GetObjectItemCaseSensitive(item, "channel");
    double value = cJSON_IsNumber(channel) ? channel->valuedouble : -1;
    if (!(value >= 0 && value < channels) || value != floor(value))
        return false;
    *out = (int)value;
    return true;
}

static fs_status read_channels(fs_atlas_layer *entry, const cJSON *list, fs_error *err) {
    int channels = entry->layer->channels, c = 0;
    const cJSON *item;
    bool *wanted = fs_calloc((size_t)channels, sizeof *wanted);
    if (wanted == NULL)
        return fs_fail_memory(err, "the index of an atlas");
    fs_status status = FS_OK;
    cJSON_ArrayForEach(item, list) {
        if (channel_of(item, channels, &c))
            wanted[c] = true;
        else
            status = fs_fail(err, FS_ERROR_FORMAT, "layer '%s': an entry has no channel of 0 to %d",
                             entry->layer->name, channels - 1);
    }
    if (status == FS_OK)
        status = fs_atlas_merge(entry, wanted, err);
    if (status == FS_OK)
        cJSON_ArrayForEach(item, list) if (channel_of(item, channels, &c)) note_diverged(entry, c, item);
    fs_free(wanted);
    return status;
}

static fs_status read_layer(fs_atlas *atlas, const cJSON *item, fs_error *err) {
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, "layer");
    const cJSON *channels = cJSON_GetObjectItemCaseSensitive(item, "channels");
    if (!cJSON_IsString(name) || !cJSON_IsArray(channels))
        return fs_fail(err, FS_ERROR_FORMAT, "a layer has no name or no channels");
    const fs_layer *layer = fs_model_layer(atlas->model, name->valuestring, err);
    if (layer == NULL)
        return err != NULL ? err->code : FS_ERROR_NOT_FOUND;
    if (layer->channels < 1)
        return fs_fail(err, FS_ERROR_FORMAT, "layer '%s' has no channels", layer->name);
    fs_atlas_layer *entry = NULL;
    fs_status status = fs_atlas_entry(&entry, atlas, layer, err);
    return status == FS_OK ? read_channels(entry, channels, err) : status;
}

static fs_status read_root(fs_atlas *atlas, const cJSON *root, fs_error *err) {
    const cJSON *layers = cJSON_GetObjectItemCaseSensitive(root, "layers"), *item;
    fs_render_settings found;
    fs_status status = check_model(atlas, root, err);
    if (status == FS_OK)
        status = read_parameters(&found, root, err);
    if (status == FS_OK)
        status = fs_atlas_check_settings(atlas, &found, false, err);
    if (status == FS_OK && !cJSON_IsArray(layers))
        status = fs_fail(err, FS_ERROR_FORMAT, "'layers' must be a list");
    if (status == FS_OK)
        cJSON_ArrayForEach(item, layers) if (status == FS_OK) status = read_layer(atlas, item, err);
    return status;
}

fs_status fs_atlas_index_read(fs_atlas *atlas, fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    char *path = fs_atlas_path(atlas, "index.json");
    if (path == NULL)
        return fs_fail_memory(err, "the index of an atlas");
    fs_status status = FS_OK;
    if (fs_file_exists(path))
        status = fs_file_read(&bytes, &size, path, MAX_INDEX_BYTES, err);
    cJSON *root = NULL;
    /* An index that is none is as good as not there. */
    if (bytes != NULL && fs_json_parse(&root, (const char *)bytes, size, NULL) == FS_ERROR_MEMORY)
        status = fs_fail_memory(err, "the index of an atlas");
    fs_free(bytes);
    if (root != NULL) {
        status = read_root(atlas, root, err);
        if (status != FS_OK)
            fs_error_prefix(err, status, "%s", path);
    }
    cJSON_Delete(root);
    fs_free(path);
    return status;
}
