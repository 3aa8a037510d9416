/* Concat without copies. Joined along the channels, an input lies in each image of the output as one piece,
 * at the distance of an output's image from the next. Whoever makes it can write it there at once, and
 * whoever wants its gradient can read it there: any kernel for a single image, those that stride_out for
 * several. The Concat then has nothing to do.
 *
 * An input may move in if it is made by a step and read by this Concat alone. All inputs have to. */
#include <string.h>

#include "engine/plan_internal.h"

plan_step **fs_plan_makers(fs_plan *plan) {
    plan_step **makers = fs_plan_array(plan, plan->n_values, sizeof *makers);
    for (int s = 0; makers && s < plan->n_steps; s++)
        for (int o = 0; o < plan->steps[s].n_out; o++)
            if (plan->steps[s].out[o] != FS_NO_VALUE)
                makers[plan->steps[s].out[o]] = &plan->steps[s];
    return makers;
}

static bool may_move(const fs_plan *plan, const plan_step *step, int input, bool single,
                     plan_step *const *makers) {
    if (!step->present[input])
        return false;
    const plan_value *value = &plan->values[step->in[input]];
    const plan_step *maker = makers[step->in[input]];
    return value->users == 1 && !value->requested && !value->constant && !value->trainable &&
           value->tensor.dtype == FS_F32 && maker &&
           (single || (maker->kernel->strides_out && !maker->in_place));
}

/* Whether every input is one piece of every image; *single: and there is but one image. */
static bool joins_in_images(const plan_step *step, bool *single) {
    const fs_shape *out = &step->out_tensor[0].shape;
    int axis;
    if (strcmp(step->node->op->type, "Concat") != 0 ||
        !fs_axis_normalise(fs_node_int(step->node, "axis", 1), out->rank, &axis))
        return false;
    *single = fs_shape_span(out, 0, axis) == 1;
    return *single || axis == 1;
}

static void move_in(fs_plan *plan, plan_step *step, bool single, plan_step *const *makers) {
    const fs_shape *out = &step->out_tensor[0].shape;
    const int64_t images = single ? 1 : out->dim[0];
    size_t offset = 0;
    for (int i = 0; i < step->n_in; i++) {
        plan_value *value = &plan->values[step->in[i]];
        value->is_inside = true;
        value->inside = step->out[0];
        value->inside_offset = offset;
        offset += (size_t)(fs_tensor_count(&value->tensor) / images) * sizeof(float);
        if (!single)
            makers[step->in[i]]->out_stride = fs_shape_count(out) / images;
    }
    step->in_place = true;
}

bool fs_plan_join_concats(fs_plan *plan) {
    plan_step **makers = fs_plan_makers(plan);
    for (int s = 0; makers && s < plan->n_steps; s++) {
        plan_step *step = &plan->steps[s];
        bool single = false, all = joins_in_images(step, &single);
        for (int i = 0; i < step->n_in && all; i++)
            all = may_move(plan, step, i, single, makers);
        if (all)
            move_in(plan, step, single, makers);
    }
    return makers != NULL;
}

int fs_plan_place(const fs_plan *plan, int value, size_t *offset) {
    *offset = 0;
    for (; plan->values[value].is_inside; value = plan->values[value].inside)
        *offset += plan->values[value].inside_offset;
    return value;
}
