#include "app/world_source.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/hash.h"

enum { NAME_SIZE = 128 };

static const char *const set_names[] = {"a", "b"};

/* ---- the list of pictures ---- */

/* The name tells everything that the picture follows from, so that it serves as the data's fingerprint. */
static fs_status name_items(fs_world_source *s, const char *part, fs_item_list *list, int n, fs_error *err) {
    const fs_world_source_request *r = &s->request;
    char name[NAME_SIZE];
    list->items = fs_arena_alloc(s->dataset->arena, (size_t)n, sizeof *list->items);
    if (!list->items)
        return fs_fail_memory(err, "a data set");
    for (int i = 0; i < n; i++) {
        fs_item *item = &list->items[i];
        item->label = i % fs_world_classes(r->set);
        snprintf(name, sizeof name, "world-%s/%" PRIu64 "%s/%s/%s/%d", set_names[r->set], r->seed,
                 r->afresh ? "-afresh" : "", part, fs_world_class_name(r->set, item->label), i);
        if (!(item->name = item->path = fs_arena_strdup(s->dataset->arena, name)))
            return fs_fail_memory(err, "a data set");
    }
    list->n = n;
    return FS_OK;
}

static fs_status name_classes(fs_world_source *s, fs_error *err) {
    const int n = fs_world_classes(s->request.set);
    const char **names = fs_arena_alloc(s->dataset->arena, (size_t)n, sizeof *names);
    if (!names)
        return fs_fail_memory(err, "a data set");
    for (int k = 0; k < n; k++)
        names[k] = fs_world_class_name(s->request.set, k);
    s->dataset->class_names = names;
    s->dataset->n_classes = n;
    return FS_OK;
}

static fs_status fill(fs_world_source *s, fs_error *err) {
    const fs_world_source_request *r = &s->request;
    s->dataset = fs_calloc(1, sizeof *s->dataset);
    if (s->dataset)
        s->dataset->arena = fs_arena_create();
    if (!s->dataset || !s->dataset->arena)
        return fs_fail_memory(err, "a data set");
    fs_status status = name_classes(s, err);
    if (status == FS_OK)
        status = name_items(s, "train", &s->dataset->train, r->n_train, err);
    return status == FS_OK ? name_items(s, "val", &s->dataset->val, r->n_val, err) : status;
}

/* ---- drawing ---- */

static fs_status draw(void *context, int item, uint64_t turn, fs_image *out, fs_error *err) {
    const fs_world_source *s = context;
    const bool validates = item >= s->request.n_train;
    const uint64_t place[3] = {s->request.seed, turn, validates};
    const fs_world_request request = {
        .seed = turn || validates ? fs_hash_bytes(FS_HASH_START, place, sizeof place) : s->request.seed,
        .index = (uint64_t)(validates ? item - s->request.n_train : item),
        .set = s->request.set,
        .size = s->size};
    fs_world_picture picture;
    fs_status status = fs_world_draw(&picture, &request, err);
    if (status != FS_OK)
        return status;
    *out = picture.image;
    picture.image = (fs_image){0};
    fs_world_picture_free(&picture);
    return FS_OK;
}

void fs_world_source_attach(fs_world_source *source, fs_pictures *pictures) {
    const fs_picture_source drawn = {draw, source, source->request.afresh};
    fs_pictures_draw_from(pictures, &drawn);
}

/* ---- life ---- */

/* What fs_preprocess_resize makes of a square. */
static fs_status find_size(int *out, int side, fs_error *err) {
    const fs_image square = {.width = 1, .height = 1, .channels = 3, .pixels = (uint8_t[3]){0}};
    fs_image resized = {0};
    fs_status status = fs_preprocess_resize(&square, side, side, &resized, err);
    if (status == FS_OK)
        *out = resized.width;
    fs_image_free(&resized);
    return status;
}

fs_status fs_world_source_create(fs_world_source **out, const fs_world_source_request *request,
                                 fs_error *err) {
    fs_world_source *s = fs_calloc(1, sizeof *s);
    if (!s)
        return fs_fail_memory(err, "a data set");
    s->request = *request;
    fs_status status = find_size(&s->size, request->side, err);
    if (status == FS_OK && (s->size < FS_WORLD_MIN_SIZE || s->size > FS_WORLD_MAX_SIZE))
        status = fs_fail(err, FS_ERROR_LIMIT, "pictures of %d pixels cannot be drawn: %d to %d", s->size,
                         FS_WORLD_MIN_SIZE, FS_WORLD_MAX_SIZE);
    if (status == FS_OK)
        status = fill(s, err);
    if (status == FS_OK)
        *out = s;
    else
        fs_world_source_destroy(s);
    return status;
}

void fs_world_source_destroy(fs_world_source *source) {
    if (!source)
        return;
    fs_dataset_destroy(source->dataset);
    fs_free(source);
}
