#include "report/caption.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/c_locale.h"
#include "engine/concepts.h"

static const char times[] = " \u00d7 ";

const char *fs_caption_level(fs_level level) {
    static const char *const names[] = {"Edges", "Textures", "Patterns", "Parts", "Objects"};
    return names[level];
}

const char *fs_caption_shape(const fs_layer *layer, char text[FS_CAPTION_SIZE]) {
    const char *operator_type = layer->operator_type != NULL ? layer->operator_type : "";
    size_t length = (size_t)snprintf(text, FS_CAPTION_SIZE, "%.100s%s", operator_type,
                                     operator_type[0] != '\0' ? " \u00b7 " : "");
    for (int i = 1; i < layer->shape.rank && length < FS_CAPTION_SIZE; i++)
        length += (size_t)snprintf(text + length, FS_CAPTION_SIZE - length, "%s%lld", i > 1 ? times : "",
                                   (long long)layer->shape.dim[i]);
    return text;
}

const char *fs_caption_field(const fs_layer *layer, char text[FS_CAPTION_SIZE]) {
    int size = layer->field.size;
    if (size <= 0)
        snprintf(text, FS_CAPTION_SIZE, "sees the whole picture");
    else if (layer->field.stride > 1)
        snprintf(text, FS_CAPTION_SIZE, "sees %d%s%d pixels, a step of %d", size, times, size,
                 layer->field.stride);
    else
        snprintf(text, FS_CAPTION_SIZE, "sees %d%s%d pixel%s", size, times, size, size == 1 ? "" : "s");
    return text;
}

static bool shows_class(const fs_model *model, const fs_layer *layer, int channel) {
    const fs_layer *logits = fs_model_logits(model);
    return logits != NULL && layer->channels == logits->channels && layer->shape.rank == logits->shape.rank &&
           layer->value >= logits->value && channel < model->n_labels;
}

const char *fs_caption_label(const fs_model *model, const fs_layer *layer, int channel) {
    return shows_class(model, layer, channel) ? model->labels[channel] : NULL;
}

const char *fs_caption_channel(const fs_model *model, const fs_layer *layer, int channel,
                               char text[FS_CAPTION_SIZE]) {
    const fs_concept *concept = fs_layer_concept(layer, channel);
    if (shows_class(model, layer, channel))
        snprintf(text, FS_CAPTION_SIZE, "%d %.200s", channel, model->labels[channel]);
    else if (concept)
        fs_c_snprintf(text, FS_CAPTION_SIZE, "%d %.200s, IoU %.2f", channel, concept->name, concept->iou);
    else
        snprintf(text, FS_CAPTION_SIZE, "%d", channel);
    return text;
}

const char *fs_caption_channel_short(const fs_model *model, const fs_layer *layer, int channel,
                                     char text[FS_CAPTION_SIZE]) {
    const fs_concept *concept = fs_layer_concept(layer, channel);
    if (concept == NULL || shows_class(model, layer, channel))
        return fs_caption_channel(model, layer, channel, text);
    snprintf(text, FS_CAPTION_SIZE, "%d %.200s", channel, concept->name);
    return text;
}

const char *fs_caption_colour(const fs_model *model, int channel) {
    static const char *const names[] = {"red", "green", "blue"};
    const fs_channel_order order = model->preprocess.order;
    if (order == FS_CHANNELS_GRAY || channel < 0 || channel > 2)
        return "grey";
    return names[order == FS_CHANNELS_BGR ? 2 - channel : channel];
}

const char *fs_caption_number(double value, char text[FS_CAPTION_SIZE]) {
    double magnitude = fabs(value);
    if (!isfinite(value))
        snprintf(text, FS_CAPTION_SIZE, "\u2013");
    else if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e7))
        snprintf(text, FS_CAPTION_SIZE, "%.2e", value);
    else if (magnitude >= 100)
        snprintf(text, FS_CAPTION_SIZE, "%.0f", value);
    else
        snprintf(text, FS_CAPTION_SIZE, "%.*f", magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 4, value);
    return text;
}
