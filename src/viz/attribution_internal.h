/* What the methods of attribution.c and grad_cam.c share. */
#ifndef FS_VIZ_ATTRIBUTION_INTERNAL_H
#define FS_VIZ_ATTRIBUTION_INTERNAL_H

#include "engine/plan.h"
#include "viz/attribution.h"

/* Sets df/d(output) of a plan whose output is the layer: 1/positions on the channel, zero elsewhere. */
void fs_attribution_seed(fs_plan *plan, int channel);
/* f, after a forward. */
double fs_attribution_value(const fs_plan *plan, int channel);

/* `map` may be NULL, as in fs_attribution_settings. */
fs_status fs_grad_cam(fs_attribution *out, const fs_model *model, const fs_layer *layer, int channel,
                      const fs_image *crop, const fs_layer *map, fs_pool *pool, const atomic_bool *cancel,
                      fs_error *err);

#endif
