/* Concat without copies. Where nothing but ones stand before its axis (one image, joined along the channels),
 * the inputs lie one behind the other in the output: whoever makes an input can write it there at once, and
 * whoever wants its gradient can read it there. The Concat then has nothing to do.
 *
 * An input may move in if it is made by a step and read by this Concat alone. All inputs have to. */
#include <string.h>

#include "engine/plan_internal.h"

static bool may_move(const fs_plan *plan, const plan_step *step, int input) {
    if (!step->present[input])
        return false;
    const plan_value *value = &plan->values[step->in[input]];
    return value->users == 1 && !value->requested && !value->constant && !value->trainable &&
           value->tensor.dtype == FS_F32 && step->in[input] != plan->graph->input;
}

static bool joins_in_memory(const fs_plan *plan, const plan_step *step) {
    const fs_shape *out = &step->out_tensor[0].shape;
    int axis;
    if (strcmp(step->node->op->type, "Concat") != 0 ||
        !fs_axis_normalise(fs_node_int(step->node, "axis", 1), out->rank, &axis) ||
        fs_shape_span(out, 0, axis) != 1)
        return false;
    for (int i = 0; i < step->n_in; i++)
        if (!may_move(plan, step, i))
            return false;
    return true;
}

void fs_plan_join_concats(fs_plan *plan) {
    for (int s = 0; s < plan->n_steps; s++) {
        plan_step *step = &plan->steps[s];
        size_t offset = 0;
        if (!joins_in_memory(plan, step))
            continue;
        for (int i = 0; i < step->n_in; i++) {
            plan_value *value = &plan->values[step->in[i]];
            value->is_inside = true;
            value->inside = step->out[0];
            value->inside_offset = offset;
            offset += (size_t)fs_tensor_count(&value->tensor) * sizeof(float);
        }
        step->in_place = true;
    }
}

int fs_plan_place(const fs_plan *plan, int value, size_t *offset) {
    *offset = 0;
    for (; plan->values[value].is_inside; value = plan->values[value].inside)
        *offset += plan->values[value].inside_offset;
    return value;
}
