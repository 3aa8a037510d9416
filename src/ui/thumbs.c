#include "ui/thumbs.h"

#include "base/alloc.h"
#include "report/surface.h"

static const size_t max_bytes = (size_t)256 << 20;

typedef struct thumb_layer {
    fs_picture **pictures; /* one a channel, NULL entries until they come; NULL before the first */
    int channels;
    int finished;
    size_t bytes;
    uint64_t shown; /* when it was last on the screen */
} thumb_layer;

typedef struct scaled_thumb {
    fs_picture *of; /* held, so that its address cannot come back as another picture */
    cairo_surface_t *surface;
    int side;
} scaled_thumb;

struct fs_thumbs {
    thumb_layer *layers;
    int n_layers;
    size_t bytes;
    uint64_t clock;
    int shown;
    scaled_thumb *scaled; /* one a channel of the layer shown */
    int n_scaled;
};

fs_status fs_thumbs_create(fs_thumbs **out, const fs_model *model, fs_error *err) {
    fs_thumbs *thumbs = fs_calloc(1, sizeof *thumbs);
    thumb_layer *layers = fs_calloc((size_t)model->n_layers, sizeof *layers);
    if (thumbs == NULL || layers == NULL) {
        fs_free(thumbs);
        fs_free(layers);
        return fs_fail_memory(err, "the thumbnails");
    }
    for (int i = 0; i < model->n_layers; i++)
        layers[i].channels = model->layers[i].channels;
    thumbs->layers = layers;
    thumbs->n_layers = model->n_layers;
    thumbs->shown = -1;
    *out = thumbs;
    return FS_OK;
}

static void forget_layer(fs_thumbs *thumbs, thumb_layer *layer) {
    for (int i = 0; layer->pictures != NULL && i < layer->channels; i++)
        fs_picture_release(layer->pictures[i]);
    fs_free(layer->pictures);
    thumbs->bytes -= layer->bytes;
    layer->pictures = NULL;
    layer->bytes = 0;
    layer->finished = 0;
}

static void forget_scaled(fs_thumbs *thumbs) {
    for (int i = 0; i < thumbs->n_scaled; i++) {
        fs_picture_release(thumbs->scaled[i].of);
        cairo_surface_destroy(thumbs->scaled[i].surface); /* NULL is fine */
    }
    fs_free(thumbs->scaled);
    thumbs->scaled = NULL;
    thumbs->n_scaled = 0;
}

void fs_thumbs_destroy(fs_thumbs *thumbs) {
    if (thumbs == NULL)
        return;
    forget_scaled(thumbs);
    for (int i = 0; i < thumbs->n_layers; i++)
        forget_layer(thumbs, &thumbs->layers[i]);
    fs_free(thumbs->layers);
    fs_free(thumbs);
}

void fs_thumbs_show_layer(fs_thumbs *thumbs, int layer) {
    thumbs->layers[layer].shown = ++thumbs->clock;
    if (thumbs->shown == layer && thumbs->scaled != NULL)
        return;
    forget_scaled(thumbs);
    thumbs->shown = layer;
    thumbs->scaled = fs_calloc((size_t)thumbs->layers[layer].channels, sizeof *thumbs->scaled);
    thumbs->n_scaled = thumbs->scaled != NULL ? thumbs->layers[layer].channels : 0;
}

/* Until there is room again; the layer on the screen stays. */
static void make_room(fs_thumbs *thumbs) {
    while (thumbs->bytes > max_bytes) {
        thumb_layer *oldest = NULL;
        for (int i = 0; i < thumbs->n_layers; i++) {
            thumb_layer *layer = &thumbs->layers[i];
            if (i != thumbs->shown && layer->bytes > 0 && (oldest == NULL || layer->shown < oldest->shown))
                oldest = layer;
        }
        if (oldest == NULL)
            return;
        forget_layer(thumbs, oldest);
    }
}

static size_t picture_bytes(const fs_picture *picture) {
    return (size_t)picture->image.width * (size_t)picture->image.height * (size_t)picture->image.channels;
}

void fs_thumbs_put(fs_thumbs *thumbs, fs_picture *picture) {
    if (picture->layer < 0 || picture->layer >= thumbs->n_layers)
        return;
    thumb_layer *layer = &thumbs->layers[picture->layer];
    if (picture->channel < 0 || picture->channel >= layer->channels)
        return;
    if (layer->pictures == NULL) {
        layer->pictures = fs_calloc((size_t)layer->channels, sizeof(fs_picture *));
        if (layer->pictures == NULL)
            return; /* the tile stays empty; the next picture tries again */
    }
    fs_picture **place = &layer->pictures[picture->channel];
    if (*place != NULL) {
        layer->bytes -= picture_bytes(*place);
        thumbs->bytes -= picture_bytes(*place);
        layer->finished -= fs_picture_finished(*place);
        fs_picture_release(*place);
    }
    *place = fs_picture_keep(picture);
    layer->bytes += picture_bytes(picture);
    thumbs->bytes += picture_bytes(picture);
    layer->finished += fs_picture_finished(picture);
    make_room(thumbs);
}

fs_picture *fs_thumbs_picture(const fs_thumbs *thumbs, int layer, int channel) {
    const thumb_layer *l = &thumbs->layers[layer];
    return l->pictures != NULL ? l->pictures[channel] : NULL;
}

bool fs_thumbs_finished(const fs_thumbs *thumbs, int layer, int channel) {
    const fs_picture *picture = fs_thumbs_picture(thumbs, layer, channel);
    return picture != NULL && fs_picture_finished(picture);
}

int fs_thumbs_count_finished(const fs_thumbs *thumbs, int layer) {
    return thumbs->layers[layer].finished;
}

cairo_surface_t *fs_thumbs_surface(fs_thumbs *thumbs, int channel, int side) {
    if (channel >= thumbs->n_scaled)
        return NULL;
    fs_picture *picture = fs_thumbs_picture(thumbs, thumbs->shown, channel);
    scaled_thumb *scaled = &thumbs->scaled[channel];
    if (picture == NULL || (scaled->of == picture && scaled->side == side))
        return picture != NULL ? scaled->surface : NULL;
    cairo_surface_t *whole = fs_surface_from_image(&picture->image);
    cairo_surface_t *fitted = whole != NULL ? fs_surface_scaled(whole, side, side) : NULL;
    cairo_surface_destroy(whole);
    if (fitted == NULL)
        return scaled->surface; /* the one before, or nothing */
    fs_picture_release(scaled->of);
    cairo_surface_destroy(scaled->surface);
    *scaled = (scaled_thumb){.of = fs_picture_keep(picture), .surface = fitted, .side = side};
    return fitted;
}
