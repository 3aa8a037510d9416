/* Numbers as colours. Any thread.
 *
 * Sequential: from black over purple and orange to pale yellow, the colour map "inferno" (Smith and van der
 * Walt, CC0) at nine points with lines between. Diverging: blue below zero, white at it, red above. */
#ifndef FS_VIZ_HEAT_H
#define FS_VIZ_HEAT_H

#include <stdint.h>

void fs_heat_sequential(double share, uint8_t rgb[3]); /* 0..1, clamped */
void fs_heat_diverging(double share, uint8_t rgb[3]);  /* -1..1, clamped */

#endif
