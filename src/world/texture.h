/* Textures and patterns: functions of a place in the plane, in cells of the texture, to 0..1 (ground to
 * figure).
 *
 * To add one: its function in textures_*.c, its line below and in the table of texture.c. A label is an index
 * into the table; 0 is "none". Pure functions, any thread. */
#ifndef FS_WORLD_TEXTURE_H
#define FS_WORLD_TEXTURE_H

#include <stdint.h>

typedef struct fs_texture_place {
    uint32_t seed;   /* of everything random in it */
    float variation; /* 0..1: duty cycle, roughness, ... */
    float soft;      /* width of an edge, in cells: about a pixel */
} fs_texture_place;

typedef float (*fs_texture_value)(const fs_texture_place *t, float u, float v);

typedef struct fs_texture_kind {
    const char *name;
    fs_texture_value value;
} fs_texture_kind;

enum { FS_TEXTURE_NONE = 0, FS_TEXTURE_COUNT = 33 };
extern const fs_texture_kind fs_texture_kinds[FS_TEXTURE_COUNT];

/* Of cloth and walls. */
float fs_texture_stripes(const fs_texture_place *t, float u, float v);
float fs_texture_checks(const fs_texture_place *t, float u, float v);
float fs_texture_dots(const fs_texture_place *t, float u, float v);
float fs_texture_brick(const fs_texture_place *t, float u, float v);
float fs_texture_waves(const fs_texture_place *t, float u, float v);
float fs_texture_knit(const fs_texture_place *t, float u, float v);
float fs_texture_tartan(const fs_texture_place *t, float u, float v);
float fs_texture_weave(const fs_texture_place *t, float u, float v);
/* Of nature. */
float fs_texture_fur(const fs_texture_place *t, float u, float v);
float fs_texture_scales(const fs_texture_place *t, float u, float v);
float fs_texture_wood(const fs_texture_place *t, float u, float v);
float fs_texture_grass(const fs_texture_place *t, float u, float v);
float fs_texture_stone(const fs_texture_place *t, float u, float v);
float fs_texture_marble(const fs_texture_place *t, float u, float v);
float fs_texture_leopard(const fs_texture_place *t, float u, float v);
float fs_texture_zebra(const fs_texture_place *t, float u, float v);
float fs_texture_giraffe(const fs_texture_place *t, float u, float v);
float fs_texture_water(const fs_texture_place *t, float u, float v);
float fs_texture_sand(const fs_texture_place *t, float u, float v);
float fs_texture_clouds(const fs_texture_place *t, float u, float v);
float fs_texture_feathers(const fs_texture_place *t, float u, float v);
/* Patterns: of geometry. */
float fs_texture_grid(const fs_texture_place *t, float u, float v);
float fs_texture_rings(const fs_texture_place *t, float u, float v);
float fs_texture_spiral(const fs_texture_place *t, float u, float v);
float fs_texture_honeycomb(const fs_texture_place *t, float u, float v);
float fs_texture_zigzag(const fs_texture_place *t, float u, float v);
float fs_texture_rays(const fs_texture_place *t, float u, float v);
float fs_texture_triangles(const fs_texture_place *t, float u, float v);
float fs_texture_crosses(const fs_texture_place *t, float u, float v);
float fs_texture_stars(const fs_texture_place *t, float u, float v);
float fs_texture_arches(const fs_texture_place *t, float u, float v);
float fs_texture_diamonds(const fs_texture_place *t, float u, float v);

#endif
