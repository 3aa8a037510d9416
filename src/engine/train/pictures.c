#include "engine/train/pictures.h"

#include <stdatomic.h>

#include "base/alloc.h"

typedef struct entry {
    fs_image kept; /* pixels NULL: decoded each time */
    char *problem;
} entry;

struct fs_pictures {
    const fs_dataset *dataset;
    fs_preprocess preprocess;
    fs_picture_source source; /* draw NULL: files */
    entry *entries;
    int n;
    size_t limit;
    atomic_size_t used;
};

fs_status fs_pictures_create(fs_pictures **out, const fs_dataset *dataset, const fs_preprocess *preprocess,
                             size_t limit, fs_error *err) {
    fs_pictures *p = fs_calloc(1, sizeof *p);
    if (!p)
        return fs_fail_memory(err, "pictures");
    p->dataset = dataset;
    p->preprocess = *preprocess;
    p->limit = limit;
    p->n = dataset->train.n + dataset->val.n;
    p->entries = fs_calloc((size_t)p->n + 1, sizeof *p->entries);
    if (!p->entries) {
        fs_free(p);
        return fs_fail_memory(err, "pictures");
    }
    *out = p;
    return FS_OK;
}

void fs_pictures_destroy(fs_pictures *p) {
    if (!p)
        return;
    for (int i = 0; i < p->n; i++) {
        fs_image_free(&p->entries[i].kept);
        fs_free(p->entries[i].problem);
    }
    fs_free(p->entries);
    fs_free(p);
}

void fs_pictures_draw_from(fs_pictures *p, const fs_picture_source *source) {
    p->source = *source;
}

int fs_pictures_count(const fs_pictures *p) {
    return p->n;
}

const fs_item *fs_pictures_item(const fs_pictures *p, int item) {
    const fs_item_list *train = &p->dataset->train;
    return item < train->n ? &train->items[item] : &p->dataset->val.items[item - train->n];
}

int64_t fs_pictures_floats(const fs_pictures *p) {
    return (int64_t)fs_preprocess_channels(&p->preprocess) * p->preprocess.height * p->preprocess.width;
}

/* Claims room for a picture that is to be kept. */
static bool claim(fs_pictures *p, const fs_image *image) {
    const size_t bytes = (size_t)image->width * (size_t)image->height * (size_t)image->channels;
    if (atomic_fetch_add(&p->used, bytes) + bytes <= p->limit)
        return true;
    atomic_fetch_sub(&p->used, bytes);
    return false;
}

static fs_status decode(const fs_pictures *p, int item, uint64_t turn, fs_image *out, fs_error *err) {
    fs_image whole = {0};
    fs_status status = p->source.draw ? p->source.draw(p->source.context, item, turn, &whole, err)
                                      : fs_image_read(&whole, fs_pictures_item(p, item)->path, err);
    if (status == FS_OK)
        status = fs_preprocess_resize(&whole, p->preprocess.height, p->preprocess.width, out, err);
    fs_image_free(&whole);
    return status;
}

/* The picture at the size it is cropped from: one that is kept, or a new one in *owned. */
static fs_status look(fs_pictures *p, int item, const fs_image **out, fs_image *owned, fs_error *err) {
    entry *e = &p->entries[item];
    fs_error why = {0};
    if (e->problem)
        return fs_fail(err, FS_ERROR_FORMAT, "%s", e->problem);
    if (!e->kept.pixels) {
        const fs_status status = decode(p, item, 0, owned, &why);
        if (status != FS_OK && status != FS_ERROR_MEMORY)
            e->problem = fs_strdup(why.message);
        if (status != FS_OK)
            return fs_fail(err, status, "%s", why.message);
        if (claim(p, owned)) {
            e->kept = *owned;
            *owned = (fs_image){0};
        }
    }
    *out = e->kept.pixels ? &e->kept : owned;
    return FS_OK;
}

/* Another picture of the item's class; nobody will ask for it again. */
static fs_status draw_afresh(const fs_pictures *p, int item, fs_random *random, const fs_image **out,
                             fs_image *owned, fs_error *err) {
    *out = owned;
    return decode(p, item, fs_random_u64(random) | 1, owned, err);
}

fs_status fs_pictures_input(fs_pictures *p, int item, const fs_augment_settings *augment, fs_random *random,
                            float *input, fs_error *err) {
    const fs_preprocess *how = &p->preprocess;
    const fs_image *picture = NULL;
    fs_image owned = {0}, seen = {0};
    fs_status status = augment && p->source.afresh ? draw_afresh(p, item, random, &picture, &owned, err)
                                                   : look(p, item, &picture, &owned, err);
    if (status == FS_OK && augment)
        status = fs_augment(picture, augment, random, how->height, how->width, &seen, err);
    else if (status == FS_OK)
        status = fs_preprocess_crop(picture, how->height, how->width, &seen, err);
    if (status == FS_OK)
        fs_preprocess_image(how, &seen, input);
    fs_image_free(&seen);
    fs_image_free(&owned);
    return status;
}

fs_status fs_pictures_view(fs_pictures *p, int item, fs_image *out, fs_error *err) {
    const fs_image *picture = NULL;
    fs_image owned = {0};
    fs_status status = look(p, item, &picture, &owned, err);
    if (status == FS_OK)
        status = fs_preprocess_crop(picture, p->preprocess.height, p->preprocess.width, out, err);
    fs_image_free(&owned);
    return status;
}

const char *fs_pictures_problem(const fs_pictures *p, int item) {
    return p->entries[item].problem;
}
