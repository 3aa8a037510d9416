/* What of the screen has changed since it was drawn last, in logical pixels: a few rectangles, or all of it.
 *
 *     fs_damage_add(&damage, tile);                // or fs_damage_all(&damage)
 *     ... draw inside damage.rects, or everything when damage.all
 *     damage = (fs_damage){0};
 */
#ifndef FS_UI_DAMAGE_H
#define FS_UI_DAMAGE_H

#include "report/canvas.h"

enum { FS_DAMAGE_RECTS = 32 }; /* with more of them everything is drawn anew */

typedef struct fs_damage {
    bool all;
    int n;
    fs_rect rects[FS_DAMAGE_RECTS];
} fs_damage;

void fs_damage_all(fs_damage *damage);
/* A rectangle that is empty, or inside one that is there already, adds nothing. */
void fs_damage_add(fs_damage *damage, fs_rect rect);
static inline bool fs_damage_any(const fs_damage *damage) {
    return damage->all || damage->n > 0;
}

#endif
