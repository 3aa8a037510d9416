#include "world/world.h"

#include <math.h>
#include <string.h>

#include "world/scene.h"

/* Random streams of a picture. */
enum {
    STREAM_BACKGROUND,
    STREAM_BEHIND,
    STREAM_LOOK,
    STREAM_VIEW,
    STREAM_THING,
    STREAM_LIGHT,
    STREAM_BEFORE,
    STREAM_FINISH,
    STREAMS
};

typedef struct scene {
    const fs_world_request *request;
    int label;
    double lightness;
    cairo_surface_t *picture, *layer, *masks;
    cairo_t *on_picture, *on_layer, *on_masks;
} scene;

static void stream(const scene *s, int which, fs_random *random) {
    const uint64_t picture = 2 * s->request->index + (uint64_t)s->request->set;
    fs_random_seed(random, s->request->seed, 1 + STREAMS * picture + (uint64_t)which);
}

/* ---- surfaces ---- */

static fs_status make_surface(cairo_surface_t **surface, cairo_t **cr, cairo_format_t format, int size,
                              fs_error *err) {
    *surface = cairo_image_surface_create(format, size, size);
    *cr = cairo_create(*surface);
    return cairo_status(*cr) == CAIRO_STATUS_SUCCESS ? FS_OK : fs_fail_memory(err, "a picture of the world");
}

static fs_status open_scene(scene *s, fs_error *err) {
    const int size = s->request->size;
    fs_status status = make_surface(&s->picture, &s->on_picture, CAIRO_FORMAT_RGB24, size, err);
    if (status == FS_OK)
        status = make_surface(&s->layer, &s->on_layer, CAIRO_FORMAT_ARGB32, size, err);
    if (status == FS_OK && s->request->masks) {
        status = make_surface(&s->masks, &s->on_masks, CAIRO_FORMAT_RGB24, size, err);
        cairo_set_antialias(s->on_masks, CAIRO_ANTIALIAS_NONE);
    }
    return status;
}

static void close_scene(scene *s) {
    cairo_destroy(s->on_picture);
    cairo_destroy(s->on_layer);
    cairo_destroy(s->on_masks);
    cairo_surface_destroy(s->picture);
    cairo_surface_destroy(s->layer);
    cairo_surface_destroy(s->masks);
}

/* ---- drawing ---- */

/* A pen for the whole picture, -1..1. */
static fs_pen scenery_pen(const scene *s, int which, int label) {
    const double half = s->request->size / 2.0;
    fs_pen pen = {.picture = s->on_picture,
                  .masks = s->on_masks,
                  .class_label = label,
                  .pixel = 1 / half,
                  .thickness = s->request->size / 128.0};
    stream(s, which, &pen.random);
    cairo_matrix_init(&pen.frame, half, 0, 0, half, half, half);
    cairo_set_matrix(pen.picture, &pen.frame);
    return pen;
}

static void draw_thing(const scene *s) {
    const fs_object_kind *kind = &fs_object_kinds[s->label - 1];
    fs_random random;
    fs_pen pen = {.picture = s->on_layer,
                  .masks = s->on_masks,
                  .class_label = s->label,
                  .thickness = s->request->size / 128.0};
    stream(s, STREAM_LOOK, &random);
    pen.look = fs_look_draw(&random, s->lightness);
    pen.part_seed = fs_random_u64(&random);
    stream(s, STREAM_VIEW, &random);
    pen.frame = fs_view_draw(&random, kind, s->request->size, &pen.pixel);
    stream(s, STREAM_THING, &pen.random);
    cairo_set_matrix(pen.picture, &pen.frame);
    kind->draw(&pen);
    stream(s, STREAM_LIGHT, &random);
    fs_light_thing(s->on_layer, &random);
    fs_put_thing(s->on_picture, s->layer, &random, s->request->size);
}

static void draw_scene(scene *s) {
    fs_pen background = scenery_pen(s, STREAM_BACKGROUND, 0);
    s->lightness = fs_random_unit(&background.random) < 0.5 ? fs_pen_range(&background, 0.33, 0.52)
                                                            : fs_pen_range(&background, 0.72, 0.9);
    fs_background_draw(&background, s->lightness);
    fs_pen behind = scenery_pen(s, STREAM_BEHIND, fs_world_clutter_label());
    fs_clutter_behind(&behind, s->lightness);
    draw_thing(s);
    fs_pen before = scenery_pen(s, STREAM_BEFORE, fs_world_clutter_label());
    fs_clutter_before(&before, s->lightness);
}

/* ---- results ---- */

/* The masks' red, green and blue apart. */
static fs_status copy_masks(fs_world_picture *out, const scene *s, fs_error *err) {
    fs_image *const masks[3] = {&out->textures, &out->parts,
                                &out->classes}; /* as blue, green, red lie in memory */
    const int size = s->request->size;
    fs_status status = FS_OK;
    for (int c = 0; c < 3 && status == FS_OK; c++)
        status = fs_image_create(masks[c], size, size, 1, err);
    if (status != FS_OK)
        return status;
    cairo_surface_flush(s->masks);
    const uint8_t *data = cairo_image_surface_get_data(s->masks);
    const size_t stride = (size_t)cairo_image_surface_get_stride(s->masks);
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++)
            for (int c = 0; c < 3; c++)
                masks[c]->pixels[y * size + x] = data[(size_t)y * stride + 4 * (size_t)x + (size_t)c];
    return FS_OK;
}

static fs_status check(const fs_world_request *request, fs_error *err) {
    if (request->size < FS_WORLD_MIN_SIZE || request->size > FS_WORLD_MAX_SIZE)
        return fs_fail(err, FS_ERROR_ARGUMENT, "a picture of the world has %d to %d pixels a side, not %d",
                       FS_WORLD_MIN_SIZE, FS_WORLD_MAX_SIZE, request->size);
    if (request->set != FS_WORLD_A && request->set != FS_WORLD_B)
        return fs_fail(err, FS_ERROR_ARGUMENT, "the world has the sets a and b");
    return FS_OK;
}

fs_status fs_world_draw(fs_world_picture *out, const fs_world_request *request, fs_error *err) {
    scene s = {.request = request};
    fs_world_picture picture = {0};
    fs_random random;
    fs_status status = check(request, err);
    if (status != FS_OK)
        return status;
    picture.class_index = (int)(request->index % (uint64_t)fs_world_classes(request->set));
    s.label = fs_world_class_label(request->set, picture.class_index);
    status = open_scene(&s, err);
    if (status == FS_OK)
        status = fs_image_create(&picture.image, request->size, request->size, 3, err);
    if (status == FS_OK) {
        draw_scene(&s);
        stream(&s, STREAM_FINISH, &random);
        fs_finish(&picture.image, s.picture, &random);
        if (cairo_status(s.on_picture) != CAIRO_STATUS_SUCCESS ||
            cairo_status(s.on_layer) != CAIRO_STATUS_SUCCESS)
            status = fs_fail_memory(err, "a picture of the world");
    }
    if (status == FS_OK && request->masks)
        status = copy_masks(&picture, &s, err);
    close_scene(&s);
    if (status == FS_OK)
        *out = picture;
    else
        fs_world_picture_free(&picture);
    return status;
}

void fs_world_picture_free(fs_world_picture *picture) {
    fs_image_free(&picture->image);
    fs_image_free(&picture->classes);
    fs_image_free(&picture->parts);
    fs_image_free(&picture->textures);
}
