#include <string.h>

#include "base/alloc.h"
#include "engine/graph.h"
#include "engine/operator.h"

static bool is_any(const char *type, const char *const *names) {
    for (; *names; names++)
        if (strcmp(type, *names) == 0)
            return true;
    return false;
}

/* Affine in all inputs that depend on the image together, or in one of them while the others are constant. */
static bool keeps_affine(const fs_node *node, int moving) {
    static const char *const linear[] = {
        "Add",
        "AveragePool",
        "BatchNormalization",
        "Cast",
        "Concat",
        "Conv",
        "ConvTranspose",
        "CumSum",
        "DepthToSpace",
        "Dropout",
        "Expand",
        "Flatten",
        "Gather",
        "GatherElements",
        "GatherND",
        "GlobalAveragePool",
        "Identity",
        "Mean",
        "Neg",
        "Pad",
        "ReduceMean",
        "ReduceSum",
        "Reshape",
        "Resize",
        "Scatter",
        "ScatterElements",
        "ScatterND",
        "Slice",
        "SpaceToDepth",
        "Split",
        "Squeeze",
        "Sub",
        "Sum",
        "Tile",
        "Transpose",
        "Trilu",
        "Unsqueeze",
        "Upsample",
        NULL,
    };
    static const char *const products[] = {"Div", "Einsum", "Gemm", "MatMul", "Mul", NULL};
    return is_any(node->op->type, linear) || (moving == 1 && is_any(node->op->type, products));
}

fs_status fs_graph_is_affine(bool *out, const fs_graph *graph, int value, fs_error *err) {
    bool *moving = fs_calloc((size_t)graph->n_values, sizeof *moving);
    bool *bent = fs_calloc((size_t)graph->n_values, sizeof *bent);
    const fs_status status = moving && bent ? FS_OK : fs_fail_memory(err, "a graph");
    if (status == FS_OK) {
        moving[graph->input] = true;
        for (int n = 0; n < graph->n_nodes; n++) {
            const fs_node *node = &graph->nodes[n];
            int count = 0;
            bool any_bent = false;
            for (int i = 0; i < node->n_inputs; i++)
                if (node->inputs[i] != FS_NO_VALUE) {
                    count += moving[node->inputs[i]];
                    any_bent = any_bent || bent[node->inputs[i]];
                }
            for (int o = 0; o < node->n_outputs; o++)
                if (node->outputs[o] != FS_NO_VALUE) {
                    moving[node->outputs[o]] = count > 0 && !node->op->shape_only;
                    bent[node->outputs[o]] = any_bent || (count > 0 && !keeps_affine(node, count));
                }
        }
        *out = moving[value] && !bent[value];
    }
    fs_free(moving);
    fs_free(bent);
    return status;
}
