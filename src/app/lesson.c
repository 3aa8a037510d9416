/* Which layers and channels a lesson shows. */
#include "app/lesson.h"

#include "app/freeze_map.h"
#include "app/worker_study.h"
#include "engine/concepts.h"

/* Which concepts a level is about. In the middle there may be anything: what a pattern is part of has a name
 * more often than the pattern. */
static bool suits(fs_level level, fs_concept_kind kind) {
    return level == FS_LEVEL_OBJECT    ? kind == FS_CONCEPT_OBJECT
           : level == FS_LEVEL_PART    ? kind == FS_CONCEPT_PART
           : level == FS_LEVEL_PATTERN ? true
                                       : kind == FS_CONCEPT_TEXTURE;
}

static bool has_positions(const fs_layer *layer) {
    return layer->shape.rank == 4 && layer->shape.dim[2] > 1 && layer->shape.dim[3] > 1;
}

/* The channel of the level whose concept is the surest. */
static bool find_concept(fs_lesson_stop *stop, const fs_model *model, fs_level level) {
    double best = 0;
    for (int l = 0; l < model->n_layers; l++) {
        const fs_layer *layer = &model->layers[l];
        for (int c = 0; layer->level == level && layer->concepts != NULL && c < layer->channels; c++) {
            const fs_concept *concept = fs_layer_concept(layer, c);
            if (concept == NULL || !suits(level, concept->kind) || concept->iou <= best)
                continue;
            best = concept->iou;
            stop->layer = l;
            stop->channel = c;
        }
    }
    return best > 0;
}

/* The last layer of the level: it shows most of what is special about it. Branches and activation functions
 * only where there is nothing else. */
static bool find_layer(fs_lesson_stop *stop, const fs_model *model, fs_level level) {
    enum { usual_channel = 10 }; /* any will do */
    int found = -1, weight = -1;
    for (int l = 0; l < model->n_layers; l++) {
        const fs_layer *layer = &model->layers[l];
        if (layer->level != level || layer->channels < 1 || !has_positions(layer))
            continue;
        const int worth = (layer->parent < 0) + (layer->channels > 8);
        if (worth < weight)
            continue;
        weight = worth;
        found = l;
    }
    if (found < 0)
        return false;
    stop->layer = found;
    stop->channel = usual_channel % model->layers[found].channels;
    return true;
}

/* A class the network tells apart. */
static bool find_class(fs_lesson_stop *stop, const fs_model *model) {
    const fs_layer *logits = fs_model_logits(model);
    if (logits == NULL || model->n_labels < 2 || logits->channels < 2)
        return false;
    stop->layer = (int)(logits - model->layers);
    stop->channel = 1; /* any will do */
    return true;
}

/* The first convolution: of all edge layers it is the one without a history. */
static bool find_edges(fs_lesson_stop *stop, const fs_model *model) {
    for (int l = 0; l < model->n_layers; l++) {
        if (model->layers[l].level != FS_LEVEL_EDGE || !has_positions(&model->layers[l]))
            continue;
        stop->layer = l;
        return true;
    }
    return false;
}

static bool can_be_trained(const fs_model *model) {
    fs_freeze_map map;
    if (fs_freeze_map_create(&map, model, NULL) != FS_OK)
        return false;
    fs_freeze_map_free(&map);
    return true;
}

static bool find(fs_lesson_stop *stop, const fs_model *model) {
    switch (stop->kind) {
    case FS_LESSON_EDGES:
        return find_edges(stop, model);
    case FS_LESSON_TEXTURE:
    case FS_LESSON_PATTERN:
    case FS_LESSON_PART: {
        const fs_level level = (fs_level)((int)FS_LEVEL_TEXTURE + (int)stop->kind - (int)FS_LESSON_TEXTURE);
        return find_concept(stop, model, level) || find_layer(stop, model, level);
    }
    case FS_LESSON_OBJECT:
        return find_concept(stop, model, FS_LEVEL_OBJECT) || find_class(stop, model) ||
               find_layer(stop, model, FS_LEVEL_OBJECT);
    case FS_LESSON_GABOR:
        return fs_study_layer(model, false) >= 0;
    case FS_LESSON_TRANSFER:
    case FS_LESSON_SHIFT:
    default:
        return can_be_trained(model);
    }
}

void fs_lesson_make(fs_lesson *out, const fs_model *model) {
    out->n = 0;
    for (int kind = 0; kind < FS_LESSON_KINDS; kind++) {
        fs_lesson_stop stop = {
            .kind = (fs_lesson_kind)kind, .words = &fs_lesson_all_words[kind], .layer = -1};
        if (find(&stop, model))
            out->stops[out->n++] = stop;
    }
}
