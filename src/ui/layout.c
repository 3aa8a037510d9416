#include "ui/layout.h"

#include <math.h>

static const double header_height = 68, status_height = 30, message_height = 36;
static const double wall_margin = 20, wall_gap = 14, wall_caption = 22, wall_tile = 104;

fs_layout fs_layout_make(double width, double height, bool has_message) {
    fs_layout layout = {.window = {0, 0, width, height}};
    fs_rect rest = layout.window;
    layout.status = fs_rect_cut_bottom(&rest, status_height);
    fs_rect left = fs_rect_cut_left(&rest, round(fmax(244, fmin(300, width * 0.2))));
    layout.brand = fs_rect_cut_top(&left, header_height);
    layout.list = left;
    layout.header = fs_rect_cut_top(&rest, header_height);
    layout.message = fs_rect_cut_bottom(&rest, has_message ? message_height : 0);
    layout.body = rest;
    return layout;
}

fs_wall_grid fs_wall_grid_make(double width, int n_tiles) {
    return fs_wall_grid_make_zoomed(width, n_tiles, 1);
}

fs_wall_grid fs_wall_grid_make_zoomed(double width, int n_tiles, double zoom) {
    fs_wall_grid grid = {.gap = wall_gap, .caption = wall_caption, .margin = wall_margin};
    const double usable = fmax(wall_tile, width - 2 * wall_margin), tile = fmin(usable, wall_tile * zoom);
    grid.columns = (int)fmax(1, floor((usable + wall_gap) / (tile + wall_gap)));
    grid.tile = floor((usable - (grid.columns - 1) * wall_gap) / grid.columns);
    /* What rounding leaves over goes into the gutters, so that both sides line up with the header. */
    if (grid.columns > 1)
        grid.gap = (usable - grid.columns * grid.tile) / (grid.columns - 1);
    grid.rows = (n_tiles + grid.columns - 1) / grid.columns;
    grid.height = wall_margin + grid.rows * (grid.tile + grid.caption) + fmax(0, grid.rows - 1) * grid.gap;
    grid.height += grid.gap;
    return grid;
}

static double row_pitch(const fs_wall_grid *grid) {
    return grid->tile + grid->caption + grid->gap;
}

fs_rect fs_wall_grid_tile(const fs_wall_grid *grid, int index) {
    int row = index / grid->columns, column = index % grid->columns;
    return (fs_rect){round(grid->margin + column * (grid->tile + grid->gap)),
                     round(wall_margin + row * row_pitch(grid)), grid->tile, grid->tile};
}

void fs_wall_grid_visible(const fs_wall_grid *grid, double offset, double height, int *first, int *last) {
    double top = offset - wall_margin, bottom = top + height;
    *first = (int)fmax(0, floor(top / row_pitch(grid)));
    *last = (int)fmin(grid->rows, fmax(0, ceil(bottom / row_pitch(grid))));
    if (*first > *last)
        *first = *last;
}

int fs_wall_grid_hit(const fs_wall_grid *grid, int n_tiles, double x, double y) {
    double column = floor((x - grid->margin) / (grid->tile + grid->gap));
    double row = floor((y - wall_margin) / row_pitch(grid));
    if (column < 0 || column >= grid->columns || row < 0 || row >= grid->rows)
        return -1;
    int index = (int)row * grid->columns + (int)column;
    if (index >= n_tiles)
        return -1;
    fs_rect tile = fs_wall_grid_tile(grid, index);
    tile.h += grid->caption;
    return fs_rect_contains(tile, x, y) ? index : -1;
}

fs_channel_layout fs_channel_layout_make(fs_rect body, bool large) {
    const double margin = 20, gap = 20, least_side = 300, least_picture = 230, most_picture = 340;
    fs_rect rest = fs_rect_inset(body, margin, 12);
    fs_channel_layout layout = {.objective = fs_rect_cut_top(&rest, 54)};
    layout.tabs = fs_rect_cut_top(&rest, 32);
    fs_rect_cut_top(&rest, 12);
    layout.command = fs_rect_cut_bottom(&rest, 28);
    fs_rect_cut_bottom(&rest, 10);
    double picture = fmin(rest.h - FS_LAYOUT_BELOW_PICTURE, rest.w - least_side - gap);
    if (!large)
        picture = fmin(picture, fmax(least_picture, fmin(most_picture, rest.w * 0.3)));
    picture = floor(fmax(1, picture));
    layout.picture = (fs_rect){rest.x, rest.y, picture, picture + FS_LAYOUT_BELOW_PICTURE};
    layout.side = (fs_rect){rest.x + picture + gap, rest.y, rest.w - picture - gap, rest.h};
    return layout;
}

/* Of the height that is there the sliders take what they need, then the pictures, then the rivals. */
static void lay_out_kernel(fs_gabor_layout *layout, fs_rect rest, int n_pictures, int n_sliders) {
    const double title = 26, buttons = 30, gap = 8, least_row = 20, most_row = 30, least_rivals = 74;
    const double gaps = (n_pictures - 1) * FS_LAYOUT_PICTURE_GAP;
    const double fixed = title + FS_LAYOUT_PICTURE_CAPTION + FS_LAYOUT_SLIDER_HEAD + buttons + 3 * gap;
    double picture = rest.h - fixed - n_sliders * least_row - least_rivals;
    picture = floor(fmax(40, fmin(picture, fmin(240, (rest.w - gaps) / n_pictures))));
    double row = (rest.h - fixed - picture - 2 * least_rivals) / n_sliders;
    layout->picture = picture;
    layout->row = floor(fmax(least_row, fmin(most_row, row)));
    layout->title = fs_rect_cut_top(&rest, title);
    layout->pictures = fs_rect_cut_top(&rest, picture + FS_LAYOUT_PICTURE_CAPTION);
    fs_rect_cut_top(&rest, gap);
    layout->sliders = fs_rect_cut_top(&rest, FS_LAYOUT_SLIDER_HEAD + n_sliders * layout->row);
    fs_rect_cut_top(&rest, gap);
    layout->buttons = fs_rect_cut_top(&rest, buttons);
    fs_rect_cut_top(&rest, gap);
    layout->rivals = rest;
    layout->rivals.h = fmax(0, rest.h);
}

fs_gabor_layout fs_gabor_layout_make(fs_rect body, int n_pictures, int n_sliders) {
    const double gap = 20, least_side = 216, most_side = 480, counts = 4 * 17, rims = 20;
    fs_gabor_layout layout = {0};
    fs_rect rest = fs_rect_inset(body, 20, 12);
    fs_rect side = fs_rect_cut_left(&rest, round(fmax(least_side, fmin(most_side, rest.w * 0.34))));
    fs_rect_cut_left(&rest, gap);
    layout.counts = fs_rect_cut_bottom(&side, counts);
    fs_rect_cut_bottom(&side, 6);
    layout.scatter = fs_rect_cut_bottom(&side, round(fmin(side.w / 2 + rims, side.h * 0.42)));
    fs_rect_cut_bottom(&side, 10);
    layout.wall = side;
    lay_out_kernel(&layout, rest, n_pictures, n_sliders);
    return layout;
}

fs_finetune_layout fs_finetune_layout_make(fs_rect body) {
    const double gap = 8, least_curves = 252, most_curves = 620;
    fs_finetune_layout layout;
    fs_rect rest = fs_rect_inset(body, 20, 12);
    layout.steps = fs_rect_cut_top(&rest, 32);
    fs_rect_cut_top(&rest, gap + 2);
    layout.data = fs_rect_cut_top(&rest, 30);
    fs_rect_cut_top(&rest, gap);
    layout.buttons = fs_rect_cut_top(&rest, 30);
    fs_rect_cut_top(&rest, gap);
    layout.progress = fs_rect_cut_top(&rest, 26);
    fs_rect_cut_top(&rest, gap);
    layout.curves = fs_rect_cut_left(&rest, round(fmax(least_curves, fmin(most_curves, rest.w * 0.42))));
    fs_rect_cut_left(&rest, 20);
    layout.tabs = fs_rect_cut_top(&rest, 30);
    fs_rect_cut_top(&rest, gap);
    layout.side = rest;
    return layout;
}

fs_picture_layout fs_picture_layout_make(fs_rect body) {
    const double gap = 8, control = 30, least_side = 290, least_classes = 3, most_classes = 9;
    fs_picture_layout layout;
    fs_rect rest = fs_rect_inset(body, 20, 12);
    layout.path = fs_rect_cut_top(&rest, control);
    fs_rect_cut_top(&rest, gap + 2);
    const double picture = floor(fmax(1, fmin(rest.h - 3 * (control + gap), rest.w - least_side - 20)));
    fs_rect left = fs_rect_cut_left(&rest, fmin(picture, floor(0.52 * rest.w)));
    fs_rect_cut_left(&rest, 20);
    layout.picture = fs_rect_cut_top(&left, left.w);
    fs_rect_cut_top(&left, gap);
    layout.overlay = fs_rect_cut_top(&left, control);
    fs_rect_cut_top(&left, gap);
    layout.opacity = fs_rect_cut_top(&left, control);
    fs_rect_cut_top(&left, gap);
    layout.brush = fs_rect_cut_top(&left, control);
    layout.heading = fs_rect_cut_top(&rest, 26);
    const double rows = fmax(least_classes, fmin(most_classes, floor(0.34 * rest.h / FS_LAYOUT_CLASS_ROW)));
    layout.classes = fs_rect_cut_top(&rest, rows * FS_LAYOUT_CLASS_ROW);
    fs_rect_cut_top(&rest, gap);
    layout.tabs = fs_rect_cut_top(&rest, control);
    fs_rect_cut_top(&rest, gap);
    layout.side = rest;
    return layout;
}

fs_lesson_layout fs_lesson_layout_make(double width, double height) {
    const double margin = 28;
    fs_rect rest = {0, 0, width, height};
    fs_lesson_layout layout = {.panel = fs_rect_cut_left(&rest, round(fmax(390, fmin(480, width * 0.36))))};
    fs_rect left = fs_rect_inset(layout.panel, margin, 22);
    layout.stops = fs_rect_cut_top(&left, 20);
    fs_rect_cut_top(&left, 20);
    layout.buttons = fs_rect_cut_bottom(&left, 34);
    fs_rect_cut_bottom(&left, 8);
    layout.hint = fs_rect_cut_bottom(&left, 20);
    fs_rect_cut_bottom(&left, 10);
    layout.text = left;
    rest = fs_rect_inset(rest, margin, 22);
    layout.caption = fs_rect_cut_bottom(&rest, 38);
    fs_rect_cut_bottom(&rest, 8);
    layout.live = rest;
    return layout;
}

int fs_gabor_wall_columns(double width, int pixels) {
    const double least = 42, gap = 8;
    /* Every pixel some whole ones of the screen, where they are not too many. */
    double tile = pixels < least ? ceil(least / pixels) * pixels : least;
    return (int)fmax(1, floor((width - 10 + gap) / (tile + gap)));
}
