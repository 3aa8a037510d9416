/* What one of several processes does of training. Batches, and the runs of the network that they are made of,
 * are those of a process alone; runs are dealt out one by one, and their gradients added up in the order that
 * a process alone would take. What is computed is the same to the last bit, whoever computes it.
 *
 * Steps on kept features are not dealt out: a batch is one run of what is small. There each process gives the
 * features it has, and all take the step. */
#include <string.h>

#include "base/alloc.h"
#include "engine/train/trainer_private.h"

static int size_of(const fs_trainer *t) {
    return fs_cluster_size(t->settings.cluster);
}

static int divide_up(int a, int b) {
    return (a + b - 1) / b;
}

bool fs_share_splits(const fs_trainer *t) {
    return size_of(t) > 1 && !t->keeps;
}

bool fs_share_keeps(const fs_trainer *t, int item) {
    return item % size_of(t) == fs_cluster_rank(t->settings.cluster);
}

int fs_share_slot(const fs_trainer *t, int item) {
    return item / size_of(t);
}

int fs_share_slots(const fs_trainer *t) {
    return divide_up(fs_pictures_count(t->pictures), size_of(t));
}

/* ---- life ---- */

fs_status fs_share_create(fs_trainer *t, fs_error *err) {
    fs_share *s = &t->share;
    const size_t pictures = (size_t)fs_pictures_count(t->pictures);
    const bool alone = !t->settings.cluster;
    s->items = fs_alloc_array(pictures + 1, sizeof *s->items);
    s->notes = fs_alloc_array((size_t)size_of(t), sizeof *s->notes);
    if (!alone) {
        s->problems = fs_alloc_array(pictures + 1, sizeof *s->problems);
        s->part = fs_alloc_array((size_t)fs_cluster_part(t->settings.cluster, t->trainable->numbers) + 1,
                                 sizeof *s->part);
    }
    const bool fine = s->items && s->notes && (alone || (s->problems && s->part));
    return fine ? FS_OK : fs_fail_memory(err, "the order of pictures");
}

void fs_share_free(fs_share *s) {
    fs_free(s->items);
    fs_free(s->notes);
    fs_free(s->problems);
    fs_free(s->part);
    *s = (fs_share){0};
}

/* ---- dealing out ---- */

/* The nth run of a batch is done in this round, by that rank: */
static int round_of(const fs_trainer *t, int run) {
    return fs_share_splits(t) ? run / size_of(t) : run;
}

static bool is_mine(const fs_trainer *t, int run) {
    return !fs_share_splits(t) || run % size_of(t) == fs_cluster_rank(t->settings.cluster);
}

void fs_share_deal(fs_trainer *t, const int *order, int n, int batch) {
    fs_share *s = &t->share;
    s->n = 0;
    for (int i = 0; i < n; i++)
        if (is_mine(t, i % batch / t->micro))
            s->items[s->n++] = order[i];
}

int fs_share_rounds(const fs_trainer *t, int n) {
    return round_of(t, divide_up(n, t->micro) - 1) + 1;
}

bool fs_share_has_run(const fs_trainer *t, int n, int round) {
    if (!fs_share_splits(t))
        return true;
    return round * size_of(t) + fs_cluster_rank(t->settings.cluster) < divide_up(n, t->micro);
}

/* ---- meetings ---- */

fs_status fs_share_meet(fs_trainer *t, fs_status status, fs_trainer_sums *sums, fs_error *err) {
    fs_trainer_sums *notes = t->share.notes;
    status = fs_cluster_gather(t->settings.cluster, status, sums, sizeof *sums, notes, err);
    if (status != FS_OK)
        return status;
    *sums = notes[0];
    for (int r = 1; r < size_of(t) && fs_share_splits(t); r++) {
        sums->loss += notes[r].loss;
        sums->hits += notes[r].hits;
        sums->pictures += notes[r].pictures;
    }
    return FS_OK;
}

void fs_share_begin_gradients(fs_trainer *t) {
    memset(t->gradient_block, 0, (size_t)t->trainable->numbers * sizeof(float));
    if (fs_share_splits(t))
        memset(t->share.part, 0,
               (size_t)fs_cluster_part(t->settings.cluster, t->trainable->numbers) * sizeof(float));
}

fs_status fs_share_add_gradients(fs_trainer *t, fs_error *err) {
    if (!fs_share_splits(t))
        return FS_OK;
    fs_status status =
        fs_cluster_add(t->settings.cluster, t->gradient_block, t->trainable->numbers, t->share.part, err);
    memset(t->gradient_block, 0, (size_t)t->trainable->numbers * sizeof(float));
    return status;
}

fs_status fs_share_end_gradients(fs_trainer *t, fs_error *err) {
    if (!fs_share_splits(t))
        return FS_OK;
    return fs_cluster_collect(t->settings.cluster, t->share.part, t->gradient_block, t->trainable->numbers,
                              err);
}

/* Who has not met the picture yet looks at it now, and finds the reason. */
void fs_share_problems(fs_trainer *t) {
    bool *problems = t->share.problems;
    const int n = fs_pictures_count(t->pictures);
    for (int i = 0; i < n && problems; i++)
        problems[i] = fs_pictures_problem(t->pictures, i) != NULL;
    fs_cluster_any(t->settings.cluster, problems, n);
    for (int i = 0; i < n && problems; i++) {
        fs_image view = {0};
        if (problems[i] && !fs_pictures_problem(t->pictures, i) &&
            fs_pictures_view(t->pictures, i, &view, NULL) == FS_OK)
            fs_image_free(&view);
    }
}
