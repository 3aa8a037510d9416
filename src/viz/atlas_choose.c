/* Which layers and channels an atlas has, and what its folders are called. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "viz/atlas_private.h"

enum { MAX_FOLDER_NAME = 100 };

/* ---- channels ---- */

/* A number of at most 9 digits. */
static bool take_number(const char **text, int *out) {
    int digits = 0, value = 0;
    for (; **text >= '0' && **text <= '9' && digits < 9; (*text)++, digits++)
        value = 10 * value + (**text - '0');
    *out = value;
    return digits > 0 && !(**text >= '0' && **text <= '9');
}

static fs_status take_range(bool *wanted, int n_channels, const char **text, fs_error *err) {
    const char *whole = *text;
    int first = 0, last = 0;
    bool good = take_number(text, &first);
    last = first;
    if (good && **text == '-') {
        ++*text;
        good = take_number(text, &last) && last >= first;
    }
    if (!good || (**text != ',' && **text != '\0'))
        return fs_fail(err, FS_ERROR_ARGUMENT, "channels '%.60s' are not numbers and ranges such as 0-63,70",
                       whole);
    if (last >= n_channels)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "no channel %d: it has channels 0 to %d", last,
                       n_channels - 1);
    for (int c = first; c <= last; c++)
        wanted[c] = true;
    return FS_OK;
}

static fs_status parse_channels(bool *wanted, int n_channels, const char *text, fs_error *err) {
    for (;;) {
        fs_status status = take_range(wanted, n_channels, &text, err);
        if (status != FS_OK || *text == '\0')
            return status;
        text++; /* the comma */
    }
}

/* Keeps at_most of the wanted ones: number k of n stays when k * at_most / n reaches a new whole number. */
static void thin_out(bool *wanted, int n_channels, int at_most) {
    int64_t n = 0, k = 0;
    for (int c = 0; c < n_channels; c++)
        n += wanted[c];
    if (n <= at_most)
        return;
    for (int c = 0; c < n_channels; c++) {
        if (!wanted[c])
            continue;
        wanted[c] = k == 0 || k * at_most / n != (k - 1) * at_most / n;
        k++;
    }
}

fs_status fs_atlas_choose(bool *wanted, int n_channels, const char *channels, int at_most, fs_error *err) {
    bool all = channels == NULL || channels[0] == '\0';
    for (int c = 0; c < n_channels; c++)
        wanted[c] = all;
    fs_status status = all ? FS_OK : parse_channels(wanted, n_channels, channels, err);
    if (status == FS_OK && at_most > 0)
        thin_out(wanted, n_channels, at_most);
    return status;
}

/* ---- layers ---- */

static bool is_one_of(const char *type, const char *const *list) {
    for (; *list != NULL; list++)
        if (strcmp(type, *list) == 0)
            return true;
    return false;
}

/* Channel for channel what the layer before shows, at fewer positions or in another shape. */
static bool repeats(const fs_layer *layer) {
    static const char *const types[] = {"MaxPool",
                                        "AveragePool",
                                        "GlobalAveragePool",
                                        "GlobalMaxPool",
                                        "LpPool",
                                        "Flatten",
                                        "Reshape",
                                        "Squeeze",
                                        "Unsqueeze",
                                        "Transpose",
                                        "Softmax",
                                        "LogSoftmax",
                                        "Dropout",
                                        "Identity",
                                        "Pad",
                                        "Cast",
                                        "LRN",
                                        "ReduceMean",
                                        NULL};
    return is_one_of(layer->operator_type, types);
}

bool fs_atlas_is_chapter(const fs_model *model, int layer) {
    const fs_layer *l = &model->layers[layer];
    if (l->parent >= 0 || l->channels < 1 || repeats(l))
        return false;
    return fs_model_activated(model, l) == l;
}

bool fs_atlas_shows_classes(const fs_model *model, const fs_layer *layer) {
    const fs_layer *logits = fs_model_logits(model), *end = model->layers + model->n_layers;
    if (logits == NULL || layer->channels != logits->channels)
        return false;
    for (const fs_layer *next = layer + 1; layer < logits && next < end && next <= logits; next++)
        if (next->channels != layer->channels || !(repeats(next) || fs_layer_is_activation(next)))
            return false;
    return layer <= logits || repeats(layer);
}

/* ---- folders ---- */

static bool is_plain(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '-' || c == '.';
}

/* A dot in front would hide the folder; sheets and the index end in extensions. */
static void make_safe(const char *name, char safe[MAX_FOLDER_NAME + 1]) {
    static const char *const taken[] = {".json", ".pdf", ".png", NULL};
    size_t length = 0;
    for (; length < MAX_FOLDER_NAME && name[length] != '\0'; length++)
        safe[length] = is_plain(name[length]) ? name[length] : '_';
    safe[length] = '\0';
    if (length == 0 || safe[0] == '.' || safe[0] == '-')
        safe[0] = '_';
    safe[length == 0 ? 1 : length] = '\0';
    for (int i = 0; taken[i] != NULL; i++)
        if (length >= strlen(taken[i]) && strcasecmp(safe + length - strlen(taken[i]), taken[i]) == 0)
            safe[length - strlen(taken[i])] = '_';
}

char *fs_atlas_safe_name(const fs_model *model, const fs_layer *layer) {
    char safe[MAX_FOLDER_NAME + 1], other[MAX_FOLDER_NAME + 1], name[MAX_FOLDER_NAME + 32];
    bool shared = false;
    make_safe(layer->name, safe);
    for (int l = 0; l < model->n_layers && !shared; l++) {
        make_safe(model->layers[l].name, other);
        shared = &model->layers[l] != layer && strcasecmp(safe, other) == 0;
    }
    /* '~' is in no safe name, so that this one is nobody else's either */
    if (shared)
        snprintf(name, sizeof name, "%s~%d", safe, (int)(layer - model->layers));
    else
        snprintf(name, sizeof name, "%s", safe);
    return fs_strdup(name);
}
