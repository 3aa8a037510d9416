#include "app/shift_pictures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/c_locale.h"
#include "report/caption.h"
#include "report/tile_sheet.h"
#include "viz/example_view.h"
#include "viz/examples.h"
#include "viz/shift_blend.h"

enum { COLUMNS = 5, ROWS = 1 + FS_VERSIONS, TILES = COLUMNS * ROWS, TILE_SIDE = 160, SAFE_NAME = 120 };

static const double shares[COLUMNS] = {0, 0.25, 0.5, 0.75, 1};
static const char *const share_names[COLUMNS] = {"before", "1/4 of the way", "1/2", "3/4", "after"};

/* One filter's pictures while its strip is being made. */
typedef struct figure {
    int rank, channel;
    fs_image renders[COLUMNS];
    double objectives[COLUMNS];
    fs_example_view views[FS_VERSIONS][COLUMNS];
    char values[FS_VERSIONS][COLUMNS][FS_CAPTION_SIZE], objective_texts[COLUMNS][FS_CAPTION_SIZE];
    const char *files[FS_VERSIONS][COLUMNS];
    int found[FS_VERSIONS];
} figure;

/* The filters of one layer that are among the first n. */
typedef struct group {
    const fs_shift_scene *scene;
    int layer, n;
    figure figures[FS_SHIFT_MAX_STRIPS];
    int channels[FS_SHIFT_MAX_STRIPS];
} group;

static const fs_layer *layer_of(const group *g, int version) {
    return g->scene->layers->pairs[g->layer].layer[version];
}

/* ---- renders ---- */

static const fs_model *model_at(const fs_shift_scene *scene, double share) {
    if (share <= 0 || share >= 1)
        return scene->models[share <= 0 ? FS_BEFORE : FS_AFTER];
    fs_shift_blend(scene->between, scene->models[FS_BEFORE], scene->models[FS_AFTER], scene->whole, share);
    return scene->between;
}

/* A render that left the finite numbers is shown as far as it came. */
static fs_status render_share(group *g, int column, fs_error *err) {
    const fs_shift_scene *scene = g->scene;
    const fs_model *model = model_at(scene, shares[column]);
    fs_render_settings settings = scene->render;
    fs_render *render = NULL;
    snprintf(settings.layer, sizeof settings.layer, "%s", layer_of(g, FS_BEFORE)->name);
    fs_status status = fs_render_create(&render, model, &settings, g->channels, g->n, scene->pool, err);
    if (status == FS_OK)
        status = fs_render_run(render, settings.steps, scene->progress, err);
    if (status == FS_ERROR_DIVERGED)
        status = FS_OK;
    for (int i = 0; i < g->n && status == FS_OK; i++) {
        g->figures[i].objectives[column] = fs_render_objective(render, i);
        status = fs_render_image(render, i, FS_RENDER_LAST, &g->figures[i].renders[column], err);
    }
    fs_render_destroy(render);
    return status;
}

/* ---- photographs ---- */

static fs_status show_examples(figure *f, const fs_shift_scene *scene, fs_activation *activation,
                               const fs_examples *examples, int version, fs_error *err) {
    fs_example list[COLUMNS];
    const int n = fs_examples_list(examples, FS_EXAMPLES_TOP, f->channel, (double)NAN, list, COLUMNS);
    fs_status status = FS_OK;
    for (int i = 0; i < n && status == FS_OK; i++) {
        const fs_folder_file *file = &scene->folder->files[list[i].image];
        const char *slash = strrchr(file->name, '/');
        char number[FS_CAPTION_SIZE];
        snprintf(f->values[version][i], FS_CAPTION_SIZE, "%s: %.40s",
                 version == FS_BEFORE ? "before" : "after", fs_caption_number(list[i].value, number));
        f->files[version][i] = slash ? slash + 1 : file->name;
        status =
            fs_example_view_make(&f->views[version][i], activation, file->path, f->channel, list[i].position,
                                 1, scene->progress ? scene->progress->cancel : NULL, err);
        f->found[version] += status == FS_OK;
    }
    return status;
}

static fs_status find_examples(group *g, int version, fs_error *err) {
    const fs_shift_scene *scene = g->scene;
    const fs_examples_watch watch = {.progress = scene->progress};
    fs_activation *activation = NULL;
    fs_examples *examples = NULL;
    fs_status status =
        fs_activation_create(&activation, scene->models[version], layer_of(g, version), scene->pool, err);
    if (status == FS_OK)
        status = fs_examples_create(&examples, activation, scene->folder->n_files, err);
    if (status == FS_OK)
        status = fs_examples_run(examples, activation, scene->folder, scene->pool, &watch, err);
    for (int i = 0; i < g->n && status == FS_OK; i++)
        status = show_examples(&g->figures[i], scene, activation, examples, version, err);
    fs_examples_destroy(examples);
    fs_activation_destroy(activation);
    return status;
}

/* ---- strips ---- */

static fs_tile example_tile(const figure *f, int version, int i, const fs_image *blank) {
    if (i >= f->found[version])
        return (fs_tile){.picture = blank};
    const fs_example_view *view = &f->views[version][i];
    return (fs_tile){.picture = &view->picture,
                     .samples = view->has_samples && view->half > 0 ? view->samples : NULL,
                     .side = FS_VIEW_SIDE,
                     .level = view->half,
                     .caption = f->values[version][i],
                     .more_caption = f->files[version][i]};
}

static void say_change(const fs_shift_scene *scene, const figure *f, char text[2 * FS_CAPTION_SIZE]) {
    const fs_shift_filter *filter = &scene->shift->filters[f->rank];
    const fs_shift_channel *c = fs_shift_channel_of(scene->shift, filter);
    char score[FS_CAPTION_SIZE], correlation[FS_CAPTION_SIZE];
    const int n = fs_c_snprintf(
        text, (size_t)2 * FS_CAPTION_SIZE, "rank %d \u00b7 score %s \u00b7 correlation %s", f->rank + 1,
        fs_caption_number(c->score, score), fs_caption_number(c->correlation, correlation));
    if (isfinite(filter->change) && n > 0 && n < 2 * FS_CAPTION_SIZE)
        fs_c_snprintf(text + n, (size_t)(2 * FS_CAPTION_SIZE - n), " \u00b7 its kernel changed by %.1f %%",
                      100 * filter->change);
}

static fs_status draw_strip(const group *g, figure *f, fs_shift_strip *out, fs_error *err) {
    fs_tile tiles[TILES];
    char subtitle[2 * FS_CAPTION_SIZE];
    uint8_t white[3] = {255, 255, 255};
    const fs_image blank = {1, 1, 3, white};
    for (int i = 0; i < COLUMNS; i++) {
        char number[FS_CAPTION_SIZE];
        snprintf(f->objective_texts[i], FS_CAPTION_SIZE, "excited to %.40s",
                 fs_caption_number(f->objectives[i], number));
        tiles[i] = (fs_tile){
            .picture = &f->renders[i], .caption = share_names[i], .more_caption = f->objective_texts[i]};
        for (int v = 0; v < FS_VERSIONS; v++)
            tiles[(1 + v) * COLUMNS + i] = example_tile(f, v, i, &blank);
    }
    say_change(g->scene, f, subtitle);
    snprintf(out->title, sizeof out->title, "%.200s \u00b7 channel %d", layer_of(g, FS_BEFORE)->name,
             f->channel);
    const fs_tile_sheet sheet = {
        .title = out->title,
        .subtitle = subtitle,
        .detail =
            "first row: rendered from the same start, weights interpolated; below: its top photographs, "
            "before and after",
        .tiles = tiles,
        .n_tiles = TILES,
        .tile_side = TILE_SIDE,
        .columns = COLUMNS};
    return fs_tile_sheet_draw(&sheet, &out->picture, err);
}

static fs_status make_group(group *g, fs_shift_strip *strips, fs_error *err) {
    fs_status status = FS_OK;
    for (int i = 0; i < COLUMNS && status == FS_OK; i++)
        status = render_share(g, i, err);
    for (int v = 0; v < FS_VERSIONS && status == FS_OK; v++)
        status = find_examples(g, v, err);
    for (int i = 0; i < g->n && status == FS_OK; i++)
        status = draw_strip(g, &g->figures[i], &strips[g->figures[i].rank], err);
    for (int i = 0; i < g->n; i++) {
        for (int k = 0; k < COLUMNS; k++) {
            fs_image_free(&g->figures[i].renders[k]);
            for (int v = 0; v < FS_VERSIONS; v++)
                fs_image_free(&g->figures[i].views[v][k].picture);
        }
    }
    return status;
}

fs_status fs_shift_pictures_make(fs_shift_strip *strips, int n, const fs_shift_scene *scene, fs_error *err) {
    const fs_shift_filter *filters = scene->shift->filters;
    fs_status status = FS_OK;
    for (int first = 0; first < n && status == FS_OK; first++) {
        bool done = false;
        for (int i = 0; i < first && !done; i++)
            done = filters[i].layer == filters[first].layer;
        if (done)
            continue;
        group *g = fs_calloc(1, sizeof *g);
        if (!g)
            return fs_fail_memory(err, "pictures of changed filters");
        g->scene = scene;
        g->layer = filters[first].layer;
        for (int i = first; i < n; i++)
            if (filters[i].layer == g->layer) {
                g->figures[g->n].rank = i;
                g->figures[g->n].channel = g->channels[g->n] = filters[i].channel;
                g->n++;
            }
        status = make_group(g, strips, err);
        fs_free(g);
    }
    return status;
}

void fs_shift_pictures_free(fs_shift_strip *strips, int n) {
    for (int i = 0; i < n; i++)
        fs_image_free(&strips[i].picture);
    fs_free(strips);
}

void fs_shift_strip_name(char *out, size_t size, int rank, const char *layer, int channel) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    char safe[SAFE_NAME + 1];
    int length = 0;
    for (; length < SAFE_NAME && layer[length]; length++)
        safe[length] = layer[length];
    safe[length] = '\0';
    for (char *c = safe; *(c += strspn(c, plain));)
        *c = '_';
    snprintf(out, size, "%03d-%s-%04d.png", rank + 1, safe, channel);
}
