/* Where in the image the units of every value look.
 *
 *     fs_field *fields = fs_alloc_array(graph->n_values, sizeof *fields);
 *     fs_fields_compute(graph, shapes, fields);        // shapes from fs_plan_infer_shapes
 *     fs_receptive_field f = fs_field_summary(&fields[value]);
 *
 * Windows (convolution, pooling) grow a field by (kernel - 1) * dilation strides and move it by their
 * padding; elementwise operators keep it; where branches meet, the union is taken, except that a branch of a
 * single position which scales a larger map (a squeeze-and-excitation gate) is left out. Operators that mix
 * all positions make it the whole image. A map may be transposed to have its channels last and back, which is
 * how linear layers and normalisations over channels are exported. Arrays belong to the caller; thread safe.
 */
#ifndef FS_ENGINE_RECEPTIVE_FIELD_H
#define FS_ENGINE_RECEPTIVE_FIELD_H

#include "engine/model.h"

/* Index 0 is vertical, 1 horizontal, in input pixels. */
typedef struct fs_field {
    bool from_image; /* computed from pixels, not from shapes or constants alone */
    bool whole;
    bool channels_last; /* the map is [N,H,W,C], as a transpose left it, not [N,C,H,W] */
    int64_t size[2], stride[2], offset[2];
} fs_field;

void fs_fields_compute(const fs_graph *graph, const fs_tensor *shapes, fs_field *out);

/* The longer axis, as fs_receptive_field has it. */
fs_receptive_field fs_field_summary(const fs_field *field);

#endif
