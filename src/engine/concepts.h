/* What the channels of a model answer to, as a dissection found it: a texture, a part, an object.
 *
 *     fs_concepts_read(model, "models/x_concepts.json", &err);          // the sidecar's "concepts"
 *     const fs_concept *concept = fs_layer_concept(layer, channel);     // NULL: nothing is known
 *
 * The file is docs/formats.md's dissection.json, or a part of it; no byte of it is trusted. What was read
 * lives in the model's arena. Reading is part of loading; afterwards any thread may ask. */
#ifndef FS_ENGINE_CONCEPTS_H
#define FS_ENGINE_CONCEPTS_H

#include "engine/model.h"

typedef enum fs_concept_kind { FS_CONCEPT_TEXTURE, FS_CONCEPT_PART, FS_CONCEPT_OBJECT } fs_concept_kind;
enum {
    FS_CONCEPT_KINDS = FS_CONCEPT_OBJECT + 1,
    FS_CONCEPTS_MAX_BYTES = 16 << 20,
    FS_CONCEPT_MAX_NAME = 200
};
const char *fs_concept_kind_name(fs_concept_kind kind); /* "texture" */

/* What a file may call a concept: 1 to FS_CONCEPT_MAX_NAME bytes of UTF-8 without control characters. */
bool fs_concept_is_name(const char *text);

typedef struct fs_concept {
    const char *name; /* NULL: the channel has none */
    fs_concept_kind kind;
    double iou; /* 0..1, of where the channel is active and where the concept is */
} fs_concept;

/* Fills the layers' concepts. Channels whose IoU is below the file's "least" get none. A layer that is
 * followed by its activation function and has no entry of its own shares that one's. */
fs_status fs_concepts_read(fs_model *model, const char *path, fs_error *err);

/* NULL where nothing is known. */
const fs_concept *fs_layer_concept(const fs_layer *layer, int channel);

#endif
