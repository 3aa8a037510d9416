#include "ui/damage.h"

void fs_damage_all(fs_damage *damage) {
    damage->all = true;
    damage->n = 0;
}

static bool covers(fs_rect outer, fs_rect inner) {
    return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.w <= outer.x + outer.w &&
           inner.y + inner.h <= outer.y + outer.h;
}

void fs_damage_add(fs_damage *damage, fs_rect rect) {
    if (damage->all || rect.w <= 0 || rect.h <= 0)
        return;
    for (int i = 0; i < damage->n; i++)
        if (covers(damage->rects[i], rect))
            return;
    if (damage->n == FS_DAMAGE_RECTS) {
        fs_damage_all(damage);
        return;
    }
    damage->rects[damage->n++] = rect;
}
