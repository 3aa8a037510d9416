#include "world/part.h"

#include <stddef.h>

#include "world/pen.h"

const fs_part_kind fs_part_kinds[FS_PART_COUNT] = {
    [FS_PART_NONE] = {"none", NULL, 0, 0},
    [FS_PART_BODY] = {"body", NULL, 0, 0},
    [FS_PART_HEAD] = {"head", NULL, 0, 0},
    [FS_PART_EYE] = {"eye", fs_part_draw_eye, 4, 1},
    [FS_PART_EAR] = {"ear", fs_part_draw_ear, 4, 1.2},
    [FS_PART_NOSE] = {"nose", fs_part_draw_nose, 1, 0.8},
    [FS_PART_MOUTH] = {"mouth", fs_part_draw_mouth, 1, 0.6},
    [FS_PART_HAIR] = {"hair", NULL, 0, 0},
    [FS_PART_BEAK] = {"beak", fs_part_draw_beak, 1, 0.6},
    [FS_PART_LEG] = {"leg", fs_part_draw_leg, 3, 1.5},
    [FS_PART_TAIL] = {"tail", fs_part_draw_tail, 4, 0.8},
    [FS_PART_WING] = {"wing", fs_part_draw_wing, 3, 0.9},
    [FS_PART_FIN] = {"fin", fs_part_draw_fin, 1, 0.8},
    [FS_PART_SHELL] = {"shell", fs_part_draw_shell, 2, 0.9},
    [FS_PART_ANTENNA] = {"antenna", fs_part_draw_antenna, 1, 1.1},
    [FS_PART_PETAL] = {"petal", fs_part_draw_petal, 1, 0.5},
    [FS_PART_LEAF] = {"leaf", fs_part_draw_leaf, 3, 0.55},
    [FS_PART_STEM] = {"stem", NULL, 0, 0},
    [FS_PART_TRUNK] = {"trunk", NULL, 0, 0},
    [FS_PART_CROWN] = {"crown", NULL, 0, 0},
    [FS_PART_CAP] = {"cap", NULL, 0, 0},
    [FS_PART_WHEEL] = {"wheel", fs_part_draw_wheel, 3, 1},
    [FS_PART_WINDOW] = {"window", fs_part_draw_window, 3, 1.1},
    [FS_PART_DOOR] = {"door", fs_part_draw_door, 1, 1.8},
    [FS_PART_ROOF] = {"roof", fs_part_draw_roof, 2, 0.6},
    [FS_PART_HEADLIGHT] = {"headlight", fs_part_draw_headlight, 1, 1},
    [FS_PART_CHIMNEY] = {"chimney", fs_part_draw_chimney, 1, 1.8},
    [FS_PART_HANDLE] = {"handle", fs_part_draw_handle, 1, 1.1},
    [FS_PART_SPOUT] = {"spout", fs_part_draw_spout, 1, 0.9},
    [FS_PART_HAND] = {"hand", fs_part_draw_hand, 1, 0.16},
    [FS_PART_DIAL] = {"dial", NULL, 0, 0},
    [FS_PART_FRAME] = {"frame", NULL, 0, 0},
    [FS_PART_SADDLE] = {"saddle", fs_part_draw_saddle, 1, 0.5},
    [FS_PART_SAIL] = {"sail", NULL, 0, 0},
    [FS_PART_MAST] = {"mast", NULL, 0, 0},
    [FS_PART_CANOPY] = {"canopy", NULL, 0, 0},
    [FS_PART_BASKET] = {"basket", NULL, 0, 0},
    [FS_PART_PROPELLER] = {"propeller", NULL, 0, 0},
    [FS_PART_ENGINE] = {"engine", NULL, 0, 0},
    [FS_PART_CAB] = {"cab", NULL, 0, 0},
    [FS_PART_LID] = {"lid", NULL, 0, 0},
    [FS_PART_BELL] = {"bell", NULL, 0, 0},
    [FS_PART_RIM] = {"rim", NULL, 0, 0},
    [FS_PART_BASE] = {"base", NULL, 0, 0},
    [FS_PART_CENTRE] = {"centre", NULL, 0, 0},
};

void fs_part_draw(fs_pen *pen, fs_part part, int kind, double x, double y, double width, double height,
                  double angle) {
    const fs_random outside = pen->random;
    fs_random_seed(&pen->random, pen->part_seed, (uint64_t)part);
    fs_pen_enter(pen, x, y, width, height, angle);
    fs_part_kinds[part].draw(pen, kind);
    fs_pen_leave(pen);
    pen->random = outside;
}
