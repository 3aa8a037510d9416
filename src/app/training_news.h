/* How a training run stands: what the window shows of it. Never changed once published, held by counting
 * references.
 *
 *     fs_training_news *kept = fs_training_news_keep(event.training);
 *     kept->rows[kept->n_rows - 1].val_accuracy
 *     fs_training_news_release(kept);
 *
 * Any thread may keep and release; the contents are read only from the moment they are published. */
#ifndef FS_APP_TRAINING_NEWS_H
#define FS_APP_TRAINING_NEWS_H

#include "app/training_run.h"
#include "app/training_shift.h"

typedef enum fs_training_phase {
    FS_TRAINING_PREPARING, /* reading the network and the list of pictures */
    FS_TRAINING_RUNNING,
    FS_TRAINING_PAUSED,
    FS_TRAINING_OVER,    /* the recipe has come to its end; the model is the best epoch's */
    FS_TRAINING_STOPPED, /* earlier than that; likewise */
    FS_TRAINING_FAILED   /* it could not begin; error */
} fs_training_phase;

/* The five steps of the recipe. */
typedef enum fs_training_step {
    FS_STEP_NEW_HEAD,
    FS_STEP_FROZEN,
    FS_STEP_HEAD,
    FS_STEP_UNFROZEN,
    FS_STEP_JOINT,
    FS_TRAINING_STEPS
} fs_training_step;

/* A batch. */
typedef struct fs_training_point {
    float epoch; /* of the whole run: 1.5 is the middle of the second */
    float loss, accuracy;
} fs_training_point;

enum { FS_TRAINING_LABEL = 128, FS_TRAINING_MOST_POINTS = 2048 };

typedef struct fs_training_news {
    atomic_int references;
    fs_training_phase phase;
    fs_training_step step;
    fs_training_place place;
    char label[FS_TRAINING_LABEL]; /* what is being done; empty: nothing */
    double done, total;            /* of that, pictures */
    double rate;                   /* pictures a second; 0: not known yet */
    double eta;                    /* seconds to the end of the stage; NaN: not known */
    int classes, n_train, n_val;   /* of the data set; 0 before it was read */
    int64_t weights;               /* in all of the network */
    bool can_undo;
    fs_log_row *rows;
    int n_rows, best;          /* a row; -1: none yet */
    fs_training_point *points; /* in their order; thinned out where they are many */
    int n_points;
    fs_training_shift *shift; /* NULL: nothing moved yet, or nobody has looked */
    char error[FS_ERROR_MESSAGE_SIZE];
} fs_training_news;

/* With one reference; rows and points are copied, the shift (NULL is fine) is kept. NULL: memory is short. */
fs_training_news *fs_training_news_create(const fs_log_row *rows, int n_rows, const fs_training_point *points,
                                          int n_points, fs_training_shift *shift);
fs_training_news *fs_training_news_keep(fs_training_news *news);
void fs_training_news_release(fs_training_news *news); /* NULL is fine */

#endif
