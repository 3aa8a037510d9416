#include "engine/default_size.h"

#include "base/alloc.h"
#include "engine/plan.h"

/* ImageNet's sizes first, then those of small images. */
static const int usual_sides[] = {224, 227, 299, 256, 384, 192, 160, 128, 112, 96, 64, 48, 32, 28};

fs_status fs_default_side(int *out, const fs_graph *graph, int channels, fs_error *err) {
    const int last = graph->outputs[graph->n_outputs - 1];
    fs_tensor *shapes = fs_alloc_array((size_t)graph->n_values, sizeof *shapes);
    if (!shapes)
        return fs_fail_memory(err, "shapes");
    fs_status status = FS_OK;
    int side = 0;
    for (size_t i = 0; i < sizeof usual_sides / sizeof *usual_sides && !side && status == FS_OK; i++) {
        status = fs_plan_infer_shapes(graph, fs_shape_of(4, 1, channels, usual_sides[i], usual_sides[i]),
                                      shapes, err);
        if (status == FS_OK && shapes[last].shape.rank >= 0)
            side = usual_sides[i];
    }
    fs_free(shapes);
    if (status == FS_OK)
        *out = side ? side : usual_sides[0];
    return status;
}
