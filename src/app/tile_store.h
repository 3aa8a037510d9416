/* How the pictures of an atlas are stored: as rendered PNGs that say how they were made
 * (app/render_export.h).
 *
 *     request.store = fs_tile_store(model);           // the model is borrowed
 */
#ifndef FS_APP_TILE_STORE_H
#define FS_APP_TILE_STORE_H

#include "viz/atlas.h"

fs_atlas_store fs_tile_store(fs_model *model);

#endif
