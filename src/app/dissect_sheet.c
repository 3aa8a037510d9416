#include "app/dissect_sheet.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/c_locale.h"
#include "engine/plan.h"
#include "report/caption.h"
#include "report/tile_sheet.h"

enum { CHANNELS = 12, OF_ONE_CONCEPT = 2, ROW_CHANNELS = 2, SIDE = 72, TILE_SIDE = 156 };

typedef struct tile {
    fs_image picture;
    float samples[SIDE * SIDE];
    char caption[FS_CAPTION_SIZE], more[FS_CAPTION_SIZE];
} tile;

typedef struct choice {
    int layer, channel;
} choice;

typedef struct sheet {
    const fs_dissect_sheet *of;
    choice chosen[CHANNELS];
    int n;
    tile *tiles; /* [n][FS_DISSECTION_SEEN] */
} sheet;

static const fs_dissection_channel *channel_of(const sheet *s, choice c) {
    return &s->of->dissection->layers[c.layer].channel[c.channel];
}

/* ---- which channels ---- */

static bool may_follow(const sheet *s, choice c) {
    const fs_dissection_match *match = &channel_of(s, c)->best[0];
    int same = 0;
    for (int i = 0; i < s->n; i++) {
        if (s->chosen[i].layer == c.layer && s->chosen[i].channel == c.channel)
            return false;
        const fs_dissection_match *other = &channel_of(s, s->chosen[i])->best[0];
        same += other->kind == match->kind && other->label == match->label;
    }
    return same < OF_ONE_CONCEPT;
}

static bool choose_next(sheet *s) {
    const fs_dissection *d = s->of->dissection;
    choice best = {-1, 0};
    double iou = 0;
    for (int l = 0; l < d->n_layers; l++)
        for (int c = 0; c < d->layers[l].layer->channels; c++) {
            const fs_dissection_channel *channel = &d->layers[l].channel[c];
            if (channel->n_best > 0 && channel->best[0].iou > iou && may_follow(s, (choice){l, c})) {
                best = (choice){l, c};
                iou = channel->best[0].iou;
            }
        }
    if (best.layer >= 0)
        s->chosen[s->n++] = best;
    return best.layer >= 0;
}

/* ---- their pictures ---- */

static fs_status see(const sheet *s, fs_plan *plan, tile *t, choice c, int index, fs_error *err) {
    const fs_preprocess *p = &s->of->model->preprocess;
    const fs_layer *layer = s->of->dissection->layers[c.layer].layer;
    const fs_map_geometry g = {(int)layer->shape.dim[2], (int)layer->shape.dim[3], p->height, p->width,
                               layer->field};
    fs_dissection_picture picture = {0};
    fs_status status = s->of->source->get(s->of->source->context, index, &picture, err);
    if (status == FS_OK)
        status = fs_image_resize(&t->picture, &picture.image, p->width, p->height, err);
    fs_dissection_picture_free(&picture);
    if (status != FS_OK)
        return status;
    fs_preprocess_image(p, &t->picture, fs_plan_input(plan));
    status = fs_plan_forward(plan, s->of->progress ? s->of->progress->cancel : NULL, err);
    const float *map = fs_plan_output(plan, 0) + (int64_t)c.channel * g.height * g.width;
    for (int i = 0; i < SIDE * SIDE && status == FS_OK; i++)
        t->samples[i] = (float)fs_map_sample(&g, map, (double)(i % SIDE) * g.image_width / (SIDE - 1),
                                             (double)(i / SIDE) * g.image_height / (SIDE - 1));
    return status;
}

static fs_status see_channel(const sheet *s, int row, fs_error *err) {
    const fs_preprocess *p = &s->of->model->preprocess;
    const choice c = s->chosen[row];
    const fs_dissection_channel *channel = channel_of(s, c);
    const fs_dissection_match *match = &channel->best[0];
    const fs_layer *layer = s->of->dissection->layers[c.layer].layer;
    tile *tiles = s->tiles + (size_t)row * FS_DISSECTION_SEEN;
    fs_plan_request request = fs_plan_request_default(
        s->of->model->graph, fs_shape_of(4, 1, fs_preprocess_channels(p), p->height, p->width));
    fs_plan *plan = NULL;
    request.outputs = &layer->view;
    request.n_outputs = 1;
    fs_status status = fs_plan_create(&plan, &request, err);
    for (int i = 0; i < channel->n_seen && status == FS_OK; i++)
        status = see(s, plan, &tiles[i], c, channel->seen[i], err);
    fs_plan_destroy(plan);
    fs_c_snprintf(tiles[0].caption, FS_CAPTION_SIZE, "%.100s, IoU %.2f",
                  s->of->source->names[match->kind][match->label], match->iou);
    snprintf(tiles[0].more, FS_CAPTION_SIZE, "%.100s \u00b7 %d", layer->name, c.channel);
    return status;
}

/* ---- the page ---- */

static fs_status draw_page(const sheet *s, fs_image *out, fs_error *err) {
    uint8_t white[3] = {255, 255, 255};
    const fs_image blank = {1, 1, 3, white};
    fs_tile tiles[CHANNELS * FS_DISSECTION_SEEN];
    char title[FS_CAPTION_SIZE];
    const int n = s->n * FS_DISSECTION_SEEN;
    for (int i = 0; i < n; i++) {
        const tile *t = &s->tiles[i];
        const bool there = t->picture.pixels != NULL;
        tiles[i] = (fs_tile){.picture = there ? &t->picture : &blank,
                             .samples = there ? t->samples : NULL,
                             .side = SIDE,
                             .level = channel_of(s, s->chosen[i / FS_DISSECTION_SEEN])->threshold,
                             .caption = t->caption[0] ? t->caption : NULL,
                             .more_caption = t->more[0] ? t->more : NULL};
    }
    snprintf(title, sizeof title, "%.200s \u00b7 channels with known concepts", s->of->model->name);
    const fs_tile_sheet page = {.title = title,
                                .subtitle =
                                    "each on the pictures that excite it most; outlined: above its threshold",
                                .detail = "the greatest IoU of all layers, at most two channels of a concept",
                                .tiles = tiles,
                                .n_tiles = n,
                                .tile_side = TILE_SIDE,
                                .columns = ROW_CHANNELS * FS_DISSECTION_SEEN};
    return fs_tile_sheet_draw(&page, out, err);
}

fs_status fs_dissect_sheet_draw(const fs_dissect_sheet *of, fs_image *out, fs_error *err) {
    sheet s = {.of = of};
    fs_status status = FS_OK;
    while (s.n < CHANNELS && choose_next(&s))
        continue;
    if (s.n == 0)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "no channel answers to any concept");
    s.tiles = fs_calloc((size_t)s.n * FS_DISSECTION_SEEN, sizeof *s.tiles);
    if (!s.tiles)
        return fs_fail_memory(err, "a sheet of channels");
    for (int i = 0; i < s.n && status == FS_OK; i++)
        status = see_channel(&s, i, err);
    if (status == FS_OK)
        status = draw_page(&s, out, err);
    for (int i = 0; i < s.n * FS_DISSECTION_SEEN; i++)
        fs_image_free(&s.tiles[i].picture);
    fs_free(s.tiles);
    return status;
}
