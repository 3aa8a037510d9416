#include "app/atlas_sheets.h"

#include <math.h>

#include "base/alloc.h"
#include "cluster/handout.h"
#include "report/atlas_sheet.h"

typedef struct sheets {
    const fs_atlas *atlas;
    const fs_progress *progress;
    int n, n_done;
    double start;
} sheets;

static fs_status draw(void *context, fs_piece piece, const atomic_bool *stop, fs_text *result,
                      fs_error *err) {
    const sheets *s = context;
    const fs_atlas_layer *layers;
    (void)stop; /* a layer's sheets are a matter of seconds */
    (void)result;
    (void)fs_atlas_layers(s->atlas, &layers);
    return fs_atlas_sheets(s->atlas, &layers[piece.a], s->progress, err);
}

static fs_status note(void *context, int number, int from, const char *result, size_t size, fs_error *err) {
    sheets *s = context;
    (void)number, (void)from, (void)result, (void)size, (void)err;
    fs_progress_state state = {.label = "sheets",
                               .done = ++s->n_done,
                               .total = s->n,
                               .seconds = fs_seconds() - s->start,
                               .value = NAN};
    fs_progress_report(s->progress, &state);
    return FS_OK;
}

static fs_status draw_layers(sheets *s, fs_cluster *cluster, fs_error *err) {
    fs_piece *pieces = fs_calloc((size_t)s->n + 1, sizeof *pieces);
    fs_status status = pieces != NULL ? FS_OK : fs_fail_memory(err, "contact sheets");
    for (int l = 0; l < s->n && pieces != NULL; l++)
        pieces[l].a = s->n - 1 - l; /* the last layers have the most channels */
    status = fs_cluster_agree(cluster, status, err);
    const fs_handout handout = {pieces, s->n, s->progress, s, draw, note};
    if (status == FS_OK)
        status = fs_handout_run(cluster, &handout, NULL, 1, err);
    if (status == FS_ERROR_CANCELLED)
        status = fs_fail(err, status, "stopped while the sheets were drawn");
    fs_free(pieces);
    return fs_cluster_agree(cluster, status, err);
}

fs_status fs_atlas_write_sheets(fs_atlas *atlas, const fs_progress *progress, fs_error *err) {
    fs_cluster *cluster = fs_atlas_get_request(atlas)->cluster;
    const fs_atlas_layer *layers;
    fs_status status = fs_atlas_share(atlas, err);
    sheets s = {.atlas = atlas, .progress = progress, .start = fs_seconds()};
    s.n = fs_atlas_layers(atlas, &layers);
    if (status == FS_OK)
        status = draw_layers(&s, cluster, err);
    if (status != FS_OK || fs_cluster_rank(cluster) != 0)
        return status;
    return s.n > 1 ? fs_atlas_overview(atlas, progress, err) : FS_OK;
}
