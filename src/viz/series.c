#include "viz/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

/* All snapshots together; more is a slip of the hand rather than a wish. */
#define MOST_BYTES ((size_t)1 << 30)

/* ---- which steps ---- */

static void spread(int *steps, int n, fs_spacing spacing, int total) {
    for (int i = 0; i < n; i++) {
        const double share = n > 1 ? i / (n - 1.0) : 1;
        const double at = spacing == FS_SPACING_LOG ? pow(total, share) : (double)total * (i + 1) / n;
        const int least = i > 0 ? steps[i - 1] + 1 : 1, most = total - (n - 1 - i);
        steps[i] = (int)fmin(most, fmax(least, rint(at)));
    }
}

static fs_status read_list(int *steps, int *n, char *text, int total, fs_error *err) {
    char *rest = NULL;
    for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        long long step = 0;
        if (*n == FS_SERIES_MAX)
            return fs_fail(err, FS_ERROR_LIMIT, "more than %d snapshots", FS_SERIES_MAX);
        if (!fs_parse_int(word, &step) || step < 0 || step > total || (*n > 0 && step <= steps[*n - 1]))
            return fs_fail(err, FS_ERROR_ARGUMENT,
                           "snapshots: '%.40s' is not a step of 0 to %d after the one before it", word,
                           total);
        steps[(*n)++] = (int)step;
    }
    if (*n == 0)
        return fs_fail(err, FS_ERROR_ARGUMENT, "snapshots: the list is empty");
    return FS_OK;
}

static fs_status read_steps(int *steps, int *n, char *text, fs_spacing spacing, int total, fs_error *err) {
    long long count = 0;
    if (strchr(text, ','))
        return read_list(steps, n, text, total, err);
    if (!fs_parse_int(text, &count) || count < 1 || count > FS_SERIES_MAX || count > total)
        return fs_fail(err, FS_ERROR_ARGUMENT,
                       "snapshots: '%.40s' is neither a number of 1 to %d nor a list of steps", text,
                       total < FS_SERIES_MAX ? total : FS_SERIES_MAX);
    *n = (int)count;
    spread(steps, *n, spacing, total);
    return FS_OK;
}

fs_status fs_series_steps(int **out, int *n, const char *text, fs_spacing spacing, int total, fs_error *err) {
    int *steps = fs_calloc(FS_SERIES_MAX, sizeof *steps), count = 0;
    char *copy = fs_strdup(text);
    fs_status status = steps && copy ? read_steps(steps, &count, copy, spacing, total, err)
                                     : fs_fail_memory(err, "a series of snapshots");
    fs_free(copy);
    if (status != FS_OK) {
        fs_free(steps);
        return status;
    }
    *out = steps;
    *n = count;
    return FS_OK;
}

/* ---- the series ---- */

static fs_status take(fs_series *series, const fs_render *render, fs_error *err) {
    fs_snapshot *snapshot = &series->items[series->n];
    fs_status status = fs_render_image(render, 0, FS_RENDER_LAST, &snapshot->image, err);
    if (status != FS_OK)
        return status;
    snapshot->step = fs_render_steps_done(render);
    snapshot->objective = fs_render_objective(render, 0);
    series->n++;
    return FS_OK;
}

static fs_status run(fs_series *series, fs_render *render, const int *steps, int n,
                     const fs_progress *progress, fs_error *err) {
    fs_status status = FS_OK;
    for (int i = 0; i < n && status == FS_OK; i++) {
        status = fs_render_run(render, steps[i], progress, err);
        if (status == FS_OK)
            status = take(series, render, err);
    }
    series->whole = status == FS_OK;
    return status == FS_ERROR_CANCELLED && series->n > 0 ? FS_OK : status;
}

fs_status fs_series_run(fs_series *out, const fs_model *model, const fs_render_settings *settings,
                        const int *steps, int n, fs_pool *pool, const fs_progress *progress, fs_error *err) {
    fs_series series = {0};
    fs_render *render = NULL;
    if ((size_t)n > MOST_BYTES / 3 / (size_t)settings->size / (size_t)settings->size)
        return fs_fail(err, FS_ERROR_LIMIT, "%d snapshots of %d x %d pixels are too many", n, settings->size,
                       settings->size);
    series.items = fs_calloc((size_t)n, sizeof *series.items);
    if (!series.items)
        return fs_fail_memory(err, "a series of snapshots");
    fs_status status = fs_render_create(&render, model, settings, NULL, 1, pool, err);
    if (status == FS_OK)
        status = run(&series, render, steps, n, progress, err);
    fs_render_destroy(render);
    if (status == FS_OK)
        *out = series;
    else
        fs_series_free(&series);
    return status;
}

void fs_series_free(fs_series *series) {
    for (int i = 0; i < series->n; i++)
        fs_image_free(&series->items[i].image);
    fs_free(series->items);
    memset(series, 0, sizeof *series);
}
