/* A batch in groups. The activations of many images do not stay in the caches from one node to the next: the
 * network would wait for memory. So a group of images goes through the whole of it before the next one does.
 * The groups share the buffers that are alive in one pass alone; what the caller sees, and what forward keeps
 * for backward, each has for itself, one behind the other (plan_memory.c).
 *
 * That changes nothing where every node works on each image by itself. */
#include "engine/plan_internal.h"

/* The largest value of a group: what stays in the last-level cache until the next node reads it. Measured;
 * half of it and one and a half times as much are 3 to 8 % slower. */
enum { GROUP_BYTES = 26 * 1024 * 1024 };

static bool has_items(const plan_value *value, int64_t items) {
    return value->tensor.shape.rank > 0 && value->tensor.shape.dim[0] == items;
}

/* Item n of the output depends on item n of the inputs and on constants. */
static bool works_item_by_item(const fs_plan *plan, const plan_step *step, int64_t items) {
    const plan_value *out = step->n_out == 1 ? &plan->values[step->out[0]] : NULL;
    if (!step->node->op->item_by_item || !out || !has_items(out, items))
        return false;
    for (int i = 0; i < step->n_in; i++) {
        const plan_value *in = step->present[i] ? &plan->values[step->in[i]] : NULL;
        if (in && !in->constant && (!has_items(in, items) || in->tensor.shape.rank != out->tensor.shape.rank))
            return false;
    }
    return true;
}

static int64_t largest_item(const fs_plan *plan, int64_t items) {
    int64_t largest = 1;
    for (int s = 0; s < plan->n_steps; s++) {
        const fs_tensor *out = &plan->values[plan->steps[s].out[0]].tensor;
        const int64_t bytes = fs_tensor_count(out) / items * (int64_t)fs_dtype_size(out->dtype);
        largest = bytes > largest ? bytes : largest;
    }
    return largest;
}

int fs_plan_group_size(const fs_plan *plan, int wanted) {
    const int images = (int)plan->input_shape.dim[0];
    if (images == 1 || plan->kernels != FS_KERNELS_FAST || plan->n_weights > 0)
        return images;
    for (int s = 0; s < plan->n_steps; s++)
        if (!works_item_by_item(plan, &plan->steps[s], images))
            return images;
    const int64_t most = wanted > 0 ? wanted : GROUP_BYTES / largest_item(plan, images);
    int size = most < 1 ? 1 : most < images ? (int)most : images;
    while (images % size != 0)
        size--;
    return size;
}
