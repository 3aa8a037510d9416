#include "engine/export/open_dimensions.h"

#include "base/alloc.h"
#include "engine/plan.h"

/* Sides grow by this in the comparison: enough to show behind every stride that networks have. */
enum { MORE_PIXELS = 64, MORE_IMAGES = 2 };

/* Dimensions that differ from those at another input are opened; one that was and is the number of images is
 * the batch's. Outputs that do not exist at the other input stay as they are. */
static void compare(fs_shape *out, const fs_graph *graph, const fs_tensor *others, const fs_shape *sample,
                    const fs_shape *other_input) {
    const bool more_images = other_input->dim[0] != sample->dim[0];
    for (int o = 0; o < graph->n_outputs; o++) {
        const fs_shape *other = &others[graph->outputs[o]].shape;
        for (int d = 0; other->rank == out[o].rank && d < other->rank; d++) {
            if (out[o].dim[d] < 0 || other->dim[d] == out[o].dim[d])
                continue;
            const bool is_batch =
                more_images && out[o].dim[d] == sample->dim[0] && other->dim[d] == other_input->dim[0];
            out[o].dim[d] = is_batch ? FS_DIMENSION_BATCH : FS_DIMENSION_OPEN;
        }
    }
}

fs_status fs_open_dimensions(fs_shape *out, const fs_graph *graph, fs_shape sample, fs_error *err) {
    fs_tensor *shapes = fs_calloc((size_t)graph->n_values, sizeof *shapes);
    if (!shapes)
        return fs_fail_memory(err, "shapes");
    fs_status status = fs_plan_infer_shapes(graph, sample, shapes, err);
    for (int o = 0; o < graph->n_outputs && status == FS_OK; o++)
        out[o] = shapes[graph->outputs[o]].shape;
    fs_shape larger = sample;
    larger.dim[0] += MORE_IMAGES;
    if (status == FS_OK && graph->input_shape.dim[0] < 0) {
        status = fs_plan_infer_shapes(graph, larger, shapes, err);
        if (status == FS_OK)
            compare(out, graph, shapes, &sample, &larger);
    }
    larger = sample;
    for (int d = 2; d < 4; d++)
        larger.dim[d] += graph->input_shape.dim[d] < 0 ? MORE_PIXELS : 0;
    if (status == FS_OK && !fs_shape_equal(&larger, &sample)) {
        status = fs_plan_infer_shapes(graph, larger, shapes, err);
        if (status == FS_OK)
            compare(out, graph, shapes, &sample, &larger);
    }
    fs_free(shapes);
    return status;
}
