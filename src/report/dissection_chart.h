/* What the layers of a network answer to, from the first to the last: how many of their channels have a
 * texture, a part, an object as their concept, and which share of the layer that is.
 *
 *     fs_dissection_chart(&dissection, "SqueezeNet 1.0", 0.1, &image, &err);
 *
 * Only channels with an IoU of at least `least` count. */
#ifndef FS_REPORT_DISSECTION_CHART_H
#define FS_REPORT_DISSECTION_CHART_H

#include "viz/dissection_run.h"

fs_status fs_dissection_chart(const fs_dissection *dissection, const char *model, double least, fs_image *out,
                              fs_error *err);

/* How many channels of a layer have a concept of each kind. */
void fs_dissection_kinds(const fs_dissection_layer *layer, double least, int counts[FS_CONCEPT_KINDS]);

#endif
