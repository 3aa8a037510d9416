/* Merged ReLUs in backward. A gradient that arrives at a unit that is off is dropped: in a pass of its own
 * before the node that has the ReLU, or, cheaper, by the last of the nodes that write that gradient, as it
 * writes (`keeps` in operator.h). That node is then a reader of the rectified value, or of a Concat whose
 * inputs are such values: their masks lie in that of the whole, where each begins on a word.
 *
 * Only the rule FS_RELU_PLAIN goes that way; the others ask for all of the gradient. */
#include "engine/plan_internal.h"

static bool has_mask(const plan_step *maker) {
    return maker && maker->setup.fuse_relu && maker->any_grad;
}

/* Whether the masks of everything that lies inside value v make one of v. */
static bool parts_have_masks(const fs_plan *plan, const plan_step *concat, plan_step *const *makers) {
    const fs_shape *whole = &concat->out_tensor[0].shape;
    for (int i = 0; i < concat->n_in; i++) {
        const plan_value *part = &plan->values[concat->in[i]];
        const fs_relu_items items = fs_relu_items_of(&part->tensor);
        if (!has_mask(makers[concat->in[i]]) || whole->rank < 2 || items.count != whole->dim[0] ||
            items.per_item % FS_KEEP_WORD != 0)
            return false;
    }
    return true;
}

/* The reader of value v that writes its gradient last takes over the ReLUs of those that made it. */
static void take_over(fs_plan *plan, int v, plan_step *reader, plan_step *const *makers) {
    const plan_value *value = &plan->values[v];
    plan_step *maker = makers[v];
    for (int i = 1; i < reader->n_in; i++)
        if (reader->present[i] && reader->in[i] == v)
            return;
    if (!maker || !reader->setup.keeps || reader->in[0] != v || value->requested || value->is_inside)
        return;
    if (has_mask(maker)) {
        maker->relu_by_reader = reader->drops = true;
    } else if (maker->in_place && parts_have_masks(plan, maker, makers)) {
        reader->drops = true;
        for (int i = 0; i < maker->n_in; i++) {
            makers[maker->in[i]]->relu_by_reader = true;
            makers[maker->in[i]]->mask_value = v;
        }
    }
}

bool fs_plan_share_relus(fs_plan *plan) {
    plan_step **makers = fs_plan_makers(plan);
    bool *seen = fs_plan_array(plan, plan->n_values, sizeof *seen);
    if (!makers || !seen)
        return false;
    for (int s = 0; s < plan->n_steps; s++)
        plan->steps[s].mask_value = has_mask(&plan->steps[s]) ? plan->steps[s].out[0] : FS_NO_VALUE;
    for (int s = 0; s < plan->n_steps && plan->kernels == FS_KERNELS_FAST; s++) {
        plan_step *step = &plan->steps[s]; /* backward comes to the first reader last */
        for (int i = 0; i < step->n_in; i++) {
            if (!step->want_grad[i] || seen[step->in[i]])
                continue;
            seen[step->in[i]] = true;
            take_over(plan, step->in[i], step, makers);
        }
    }
    return true;
}

fs_relu_items fs_plan_relu_items(const fs_plan *plan, const plan_step *step, size_t *offset) {
    fs_relu_items items = fs_relu_items_of(&step->out_tensor[0]);
    *offset = 0;
    if (step->out_stride)
        items.stride = step->out_stride;
    if (step->mask_value != step->out[0]) {
        items.words = fs_relu_items_of(&plan->values[step->mask_value].tensor).words;
        *offset = plan->values[step->out[0]].inside_offset / sizeof(float) / FS_KEEP_WORD;
    }
    return items;
}
