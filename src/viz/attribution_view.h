/* An attribution as two pictures: by itself, and over the dimmed photograph.
 *
 *     fs_attribution_view(&attribution, method, &crop, &alone, &over, &err);
 *
 * gradient, smoothgrad   the greatest magnitude among a pixel's colours, sequential
 * integrated             the sum over a pixel's colours, smoothed over neighbours (a Gaussian of 3 pixels:
 *                        single pixels alternate in sign), diverging
 * guided                 the three colours as they are around grey
 * gradcam                the map, bilinearly between the centres of its units' receptive fields, sequential
 *
 * The scale ends at the 99.5th percentile of the magnitudes, so that a few strong pixels do not leave the
 * rest dark; Grad-CAM's at its greatest value. */
#ifndef FS_VIZ_ATTRIBUTION_VIEW_H
#define FS_VIZ_ATTRIBUTION_VIEW_H

#include "viz/attribution.h"

fs_status fs_attribution_view(const fs_attribution *attribution, fs_attribution_method method,
                              const fs_image *crop, fs_image *alone, fs_image *over, fs_error *err);

#endif
