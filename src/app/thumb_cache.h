/* Thumbnails of a model kept on disk, so that its walls are there at once the next time it is opened.
 *
 *     fs_thumb_cache_open(&cache, "/home/ada/.cache/filterscope", model, &err);
 *     if (!fs_thumb_cache_read(cache, layer, &settings, &picture))
 *         ... render ...; fs_thumb_cache_write(cache, layer, &settings, &picture->image, objective);
 *     fs_thumb_cache_close(cache);
 *
 * FOLDER/thumbs/MODEL/LAYER/CHANNEL-SIZE-STEPS.png, stored as an atlas stores its pictures
 * (app/tile_store.h): a file that is not whole, or was made with other settings, is as good as none. MODEL is
 * a hash of where the file lies, its size and time of change, how pictures become its input, and of the
 * program's version. What cannot be written is not kept; nobody is told. The model is borrowed. One thread.
 */
#ifndef FS_APP_THUMB_CACHE_H
#define FS_APP_THUMB_CACHE_H

#include "app/picture.h"

typedef struct fs_thumb_cache fs_thumb_cache;

fs_status fs_thumb_cache_open(fs_thumb_cache **out, const char *folder, fs_model *model, fs_error *err);
void fs_thumb_cache_close(fs_thumb_cache *cache); /* NULL is fine */

/* layer: its index; the channel is that of the settings. True: image (owned by the caller) and objective are
 * those of the finished render. */
bool fs_thumb_cache_read(const fs_thumb_cache *cache, int layer, const fs_render_settings *settings,
                         fs_image *image, double *objective);
void fs_thumb_cache_write(const fs_thumb_cache *cache, int layer, const fs_render_settings *settings,
                          const fs_image *image, double objective);

#endif
