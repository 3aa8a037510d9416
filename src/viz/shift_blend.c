#include "viz/shift_blend.h"

#include <string.h>

#include "engine/operator.h"

static const fs_node *node_of(const fs_model *model, const fs_layer *layer) {
    const int producer = model->graph->values[layer->value].producer;
    return producer >= 0 ? &model->graph->nodes[producer] : NULL;
}

static const fs_tensor *constant_of(const fs_model *model, const fs_node *node, int input) {
    const int value = node->inputs[input];
    if (value == FS_NO_VALUE)
        return NULL;
    const fs_tensor *constant = &model->graph->values[value].constant;
    return constant->data && constant->dtype == FS_F32 ? constant : NULL;
}

static int blend_node(fs_model *between, const fs_model *const models[FS_VERSIONS],
                      const fs_node *const nodes[FS_VERSIONS], double share) {
    int blended = 0;
    for (int i = 0; i < nodes[FS_BEFORE]->n_inputs && i < nodes[FS_AFTER]->n_inputs; i++) {
        const fs_tensor *before = constant_of(models[FS_BEFORE], nodes[FS_BEFORE], i);
        const fs_tensor *after = constant_of(models[FS_AFTER], nodes[FS_AFTER], i);
        if (!before || !after || !fs_shape_equal(&before->shape, &after->shape))
            continue;
        float *to = fs_f32(&between->graph->values[nodes[FS_AFTER]->inputs[i]].constant);
        const float *a = fs_f32(before), *b = fs_f32(after);
        const int64_t count = fs_tensor_count(after);
        for (int64_t k = 0; k < count; k++)
            to[k] = (float)((1 - share) * (double)a[k] + share * (double)b[k]);
        blended++;
    }
    return blended;
}

int fs_shift_blend(fs_model *between, const fs_model *before, const fs_model *after,
                   const fs_shift_layers *layers, double share) {
    const fs_model *const models[FS_VERSIONS] = {before, after};
    int blended = 0;
    if (between->graph->n_values != after->graph->n_values)
        return 0; /* not the same file */
    for (int l = 0; l < layers->n; l++) {
        const fs_node *const nodes[FS_VERSIONS] = {node_of(before, layers->pairs[l].layer[FS_BEFORE]),
                                                   node_of(after, layers->pairs[l].layer[FS_AFTER])};
        if (nodes[FS_BEFORE] && nodes[FS_AFTER] &&
            strcmp(nodes[FS_BEFORE]->op->type, nodes[FS_AFTER]->op->type) == 0)
            blended += blend_node(between, models, nodes, share);
    }
    return blended;
}
