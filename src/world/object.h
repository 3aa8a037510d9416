/* The classes of things: what the pictures are of. Set a comes first, set b (the second task, of the same
 * parts) after it.
 *
 * To add one: its function in objects_*.c, made of parts (part.h), and its line in the table of object.c. A
 * thing is drawn in a frame of -1..1, looks right, stands upright, and stays within the half width and half
 * height of its line. It must not tell its class by colour: its paints are pen->look's. */
#ifndef FS_WORLD_OBJECT_H
#define FS_WORLD_OBJECT_H

#include "world/pen.h"

typedef struct fs_object_kind {
    const char *name;
    void (*draw)(fs_pen *pen);
    double half_width, half_height;
    double tilt; /* radians it may be turned to either side */
} fs_object_kind;

enum {
    FS_OBJECT_COUNT_A = 40,
    FS_OBJECT_COUNT_B = 6,
    FS_OBJECT_COUNT = FS_OBJECT_COUNT_A + FS_OBJECT_COUNT_B
};
extern const fs_object_kind fs_object_kinds[FS_OBJECT_COUNT];

/* objects_vehicles.c */
void fs_object_car(fs_pen *pen);
void fs_object_bus(fs_pen *pen);
void fs_object_train(fs_pen *pen);
void fs_object_bicycle(fs_pen *pen);
void fs_object_lorry(fs_pen *pen);
void fs_object_tricycle(fs_pen *pen);
/* objects_air_sea.c */
void fs_object_boat(fs_pen *pen);
void fs_object_aeroplane(fs_pen *pen);
void fs_object_balloon(fs_pen *pen);
/* objects_buildings.c */
void fs_object_house(fs_pen *pen);
void fs_object_windmill(fs_pen *pen);
void fs_object_lighthouse(fs_pen *pen);
/* objects_household.c */
void fs_object_clock(fs_pen *pen);
void fs_object_cup(fs_pen *pen);
void fs_object_teapot(fs_pen *pen);
void fs_object_umbrella(fs_pen *pen);
/* objects_faces.c */
void fs_object_face(fs_pen *pen);
void fs_object_cat(fs_pen *pen);
void fs_object_owl(fs_pen *pen);
/* objects_beasts.c */
void fs_object_dog(fs_pen *pen);
void fs_object_rabbit(fs_pen *pen);
void fs_object_turtle(fs_pen *pen);
void fs_object_fish(fs_pen *pen);
void fs_object_bird(fs_pen *pen);
/* objects_small.c */
void fs_object_snail(fs_pen *pen);
void fs_object_butterfly(fs_pen *pen);
void fs_object_ladybird(fs_pen *pen);
/* objects_plants.c */
void fs_object_flower(fs_pen *pen);
void fs_object_tree(fs_pen *pen);
void fs_object_mushroom(fs_pen *pen);
/* objects_swatches.c */
void fs_object_stripes(fs_pen *pen);
void fs_object_checks(fs_pen *pen);
void fs_object_dots(fs_pen *pen);
void fs_object_brick(fs_pen *pen);
void fs_object_waves(fs_pen *pen);
void fs_object_knit(fs_pen *pen);
void fs_object_tartan(fs_pen *pen);
void fs_object_fur(fs_pen *pen);
void fs_object_scales(fs_pen *pen);
void fs_object_wood(fs_pen *pen);
void fs_object_marble(fs_pen *pen);
void fs_object_leopard(fs_pen *pen);
void fs_object_honeycomb(fs_pen *pen);
void fs_object_triangles(fs_pen *pen);
void fs_object_crosses(fs_pen *pen);
void fs_object_stars(fs_pen *pen);

#endif
