/* The parts that things are made of. A label is an index into the table; 0 is "none".
 *
 *     fs_part_draw(pen, FS_PART_WHEEL, FS_WHEEL_RIM, 0.5, 0.3, 0.2, 0.2, 0);
 *
 * A part with a drawing function of its own is drawn in a frame of -1..1 and looks the same wherever a thing
 * has it again. The others are drawn by the thing that has them. To add a part: its label here, its line in
 * part.c, its function in parts_*.c. */
#ifndef FS_WORLD_PART_H
#define FS_WORLD_PART_H

typedef enum fs_part {
    FS_PART_NONE,
    FS_PART_BODY,
    FS_PART_HEAD,
    FS_PART_EYE,
    FS_PART_EAR,
    FS_PART_NOSE,
    FS_PART_MOUTH,
    FS_PART_HAIR,
    FS_PART_BEAK,
    FS_PART_LEG,
    FS_PART_TAIL,
    FS_PART_WING,
    FS_PART_FIN,
    FS_PART_SHELL,
    FS_PART_ANTENNA,
    FS_PART_PETAL,
    FS_PART_LEAF,
    FS_PART_STEM,
    FS_PART_TRUNK,
    FS_PART_CROWN,
    FS_PART_CAP,
    FS_PART_WHEEL,
    FS_PART_WINDOW,
    FS_PART_DOOR,
    FS_PART_ROOF,
    FS_PART_HEADLIGHT,
    FS_PART_CHIMNEY,
    FS_PART_HANDLE,
    FS_PART_SPOUT,
    FS_PART_HAND,
    FS_PART_DIAL,
    FS_PART_FRAME,
    FS_PART_SADDLE,
    FS_PART_SAIL,
    FS_PART_MAST,
    FS_PART_CANOPY,
    FS_PART_BASKET,
    FS_PART_PROPELLER,
    FS_PART_ENGINE,
    FS_PART_CAB,
    FS_PART_LID,
    FS_PART_BELL,
    FS_PART_RIM,
    FS_PART_BASE,
    FS_PART_CENTRE,
    FS_PART_COUNT
} fs_part;

struct fs_pen;

typedef struct fs_part_kind {
    const char *name;
    void (*draw)(struct fs_pen *pen, int kind); /* NULL: drawn by the thing that has it */
    int n_kinds;
    double aspect; /* of one that stands alone: height in widths */
} fs_part_kind;
extern const fs_part_kind fs_part_kinds[FS_PART_COUNT];

/* Kinds of the parts that come in several. */
enum { FS_EYE_SIDE, FS_EYE_FRONT, FS_EYE_CAT, FS_EYE_WIDE };
enum { FS_EAR_POINTED, FS_EAR_ROUND, FS_EAR_LONG, FS_EAR_FLOPPY };
enum { FS_LEG_PAW, FS_LEG_BIRD, FS_LEG_INSECT };
enum { FS_TAIL_LONG, FS_TAIL_FORK, FS_TAIL_FAN, FS_TAIL_PUFF };
enum { FS_WING_BIRD, FS_WING_BUTTERFLY, FS_WING_PLANE };
enum { FS_SHELL_SPIRAL, FS_SHELL_DOME };
enum { FS_LEAF_LONG, FS_LEAF_BROAD, FS_LEAF_BLADE };
enum { FS_WHEEL_RIM, FS_WHEEL_SPOKES, FS_WHEEL_DISC };
enum { FS_WINDOW_PLAIN, FS_WINDOW_BARS, FS_WINDOW_ROUND };
enum { FS_ROOF_GABLE, FS_ROOF_HIP };

/* At (x, y), width and height half of the part's, turned by `angle` (radians, clockwise). */
void fs_part_draw(struct fs_pen *pen, fs_part part, int kind, double x, double y, double width, double height,
                  double angle);

/* parts_animals.c */
void fs_part_draw_eye(struct fs_pen *pen, int kind);
void fs_part_draw_ear(struct fs_pen *pen, int kind);
void fs_part_draw_nose(struct fs_pen *pen, int kind);
void fs_part_draw_mouth(struct fs_pen *pen, int kind);
void fs_part_draw_beak(struct fs_pen *pen, int kind);
void fs_part_draw_leg(struct fs_pen *pen, int kind);
void fs_part_draw_tail(struct fs_pen *pen, int kind);
void fs_part_draw_wing(struct fs_pen *pen, int kind);
void fs_part_draw_fin(struct fs_pen *pen, int kind);
void fs_part_draw_shell(struct fs_pen *pen, int kind);
void fs_part_draw_antenna(struct fs_pen *pen, int kind);
/* parts_things.c */
void fs_part_draw_petal(struct fs_pen *pen, int kind);
void fs_part_draw_leaf(struct fs_pen *pen, int kind);
void fs_part_draw_wheel(struct fs_pen *pen, int kind);
void fs_part_draw_window(struct fs_pen *pen, int kind);
void fs_part_draw_door(struct fs_pen *pen, int kind);
void fs_part_draw_roof(struct fs_pen *pen, int kind);
void fs_part_draw_headlight(struct fs_pen *pen, int kind);
void fs_part_draw_chimney(struct fs_pen *pen, int kind);
void fs_part_draw_handle(struct fs_pen *pen, int kind);
void fs_part_draw_spout(struct fs_pen *pen, int kind);
void fs_part_draw_hand(struct fs_pen *pen, int kind);
void fs_part_draw_saddle(struct fs_pen *pen, int kind);

#endif
