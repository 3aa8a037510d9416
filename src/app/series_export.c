#include "app/series_export.h"

#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/apng.h"
#include "report/caption.h"
#include "report/tile_sheet.h"

/* The whole takes about FRAMES_TIME; the last picture stays on. All in milliseconds. */
enum { FRAMES_TIME = 3000, LEAST_TIME = 40, MOST_TIME = 400, LAST_TIME = 2000, ONE_ROW = 10, AROUND = 100 };

typedef struct words {
    char step[32], objective[FS_CAPTION_SIZE];
} words;

static void describe(const fs_snapshot *snapshot, words *w) {
    if (snapshot->step == 0)
        snprintf(w->step, sizeof w->step, "start");
    else
        snprintf(w->step, sizeof w->step, "step %d", snapshot->step);
    w->objective[0] = '\0';
    if (isfinite(snapshot->objective))
        fs_caption_number(snapshot->objective, w->objective);
}

static fs_status draw(const fs_tile_sheet *like, const fs_series *series, fs_image *out, fs_error *err) {
    fs_tile_sheet sheet = *like;
    fs_tile *tiles = fs_calloc((size_t)series->n, sizeof *tiles);
    words *texts = fs_calloc((size_t)series->n, sizeof *texts);
    fs_status status = tiles && texts ? FS_OK : fs_fail_memory(err, "a sheet of snapshots");
    for (int i = 0; i < series->n && status == FS_OK; i++) {
        describe(&series->items[i], &texts[i]);
        tiles[i] = (fs_tile){
            .picture = &series->items[i].image, .caption = texts[i].step, .more_caption = texts[i].objective};
    }
    sheet.tiles = tiles;
    if (status == FS_OK)
        status = fs_tile_sheet_draw(&sheet, out, err);
    fs_free(tiles);
    fs_free(texts);
    return status;
}

fs_status fs_series_write_sheet(const fs_model *model, const fs_render_settings *settings,
                                const fs_render_origin *origin, const fs_series *series, const char *path,
                                fs_error *err) {
    char title[2 * FS_CAPTION_SIZE], detail[FS_CAPTION_SIZE];
    fs_image page = {0};
    if (fs_render_is_simple(settings) && fs_render_needs_layer(settings))
        snprintf(title, sizeof title, "%.200s \u00b7 %.20s %d", settings->layer, settings->objective,
                 settings->channel);
    else
        snprintf(title, sizeof title, "%.400s", settings->objective);
    snprintf(detail, sizeof detail, "after each step: the objective as the network saw it");
    const int columns = series->n <= ONE_ROW ? series->n : (int)ceil(sqrt(series->n));
    const int widest = FS_IMAGE_MAX_SIDE / columns - AROUND; /* large pictures are reduced */
    const fs_tile_sheet sheet = {.title = title,
                                 .subtitle = model->name,
                                 .detail = detail,
                                 .n_tiles = series->n,
                                 .tile_side = settings->size < widest ? settings->size : widest,
                                 .columns = columns};
    fs_status status = draw(&sheet, series, &page, err);
    if (status == FS_OK)
        status = fs_render_export_with(model, settings, origin, &page, path, err);
    fs_image_free(&page);
    return status;
}

fs_status fs_series_write_animation(const fs_series *series, const char *path, fs_error *err) {
    fs_apng_frame *frames = fs_calloc((size_t)series->n, sizeof *frames);
    if (!frames)
        return fs_fail_memory(err, path);
    const int each = FRAMES_TIME / series->n;
    for (int i = 0; i < series->n; i++) {
        frames[i].image = &series->items[i].image;
        frames[i].milliseconds = i + 1 == series->n  ? LAST_TIME
                                 : each < LEAST_TIME ? LEAST_TIME
                                 : each > MOST_TIME  ? MOST_TIME
                                                     : each;
    }
    fs_status status = fs_apng_write(path, frames, series->n, 0, err);
    fs_free(frames);
    return status;
}
