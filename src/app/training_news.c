#include "app/training_news.h"

#include <string.h>

#include "base/alloc.h"

fs_training_news *fs_training_news_create(const fs_log_row *rows, int n_rows, const fs_training_point *points,
                                          int n_points, fs_training_shift *shift) {
    fs_training_news *news = fs_calloc(1, sizeof *news);
    if (!news)
        return NULL;
    atomic_init(&news->references, 1);
    news->rows = fs_alloc_array((size_t)n_rows + 1, sizeof *rows);
    news->points = fs_alloc_array((size_t)n_points + 1, sizeof *points);
    news->shift = shift ? fs_training_shift_keep(shift) : NULL;
    if (!news->rows || !news->points) {
        fs_training_news_release(news);
        return NULL;
    }
    if (n_rows > 0)
        memcpy(news->rows, rows, (size_t)n_rows * sizeof *rows);
    if (n_points > 0)
        memcpy(news->points, points, (size_t)n_points * sizeof *points);
    news->n_rows = n_rows;
    news->n_points = n_points;
    news->best = -1;
    return news;
}

fs_training_news *fs_training_news_keep(fs_training_news *news) {
    atomic_fetch_add_explicit(&news->references, 1, memory_order_relaxed);
    return news;
}

void fs_training_news_release(fs_training_news *news) {
    if (!news || atomic_fetch_sub_explicit(&news->references, 1, memory_order_acq_rel) != 1)
        return;
    fs_free(news->rows);
    fs_free(news->points);
    fs_training_shift_release(news->shift);
    fs_free(news);
}
