/* A training run with all that is told of it: the run, who looks at the network, the news.
 *
 *     fs_training_session_create(&session, shared, &settings, &watch, pool, &err);
 *     fs_training_session_epoch(session, &err);
 *     fs_training_session_look(session, &err);        // renders the filters that moved; then news are sent
 *     fs_training_session_destroy(session);
 *
 * `publish` gets news as the session sees fit, at most 15 a second while pictures are counted. `between` is
 * called between two steps: it may save, look, or hold the run until it is to go on; where the run is to end
 * it sets `cancel`. One thread at a time. */
#ifndef FS_APP_TRAINING_SESSION_H
#define FS_APP_TRAINING_SESSION_H

#include "app/picture.h"
#include "app/training_news.h"

typedef struct fs_training_session fs_training_session;

typedef struct fs_training_session_watch {
    void *context;
    void (*publish)(void *context, fs_training_news *news); /* takes the news over */
    void (*between)(void *context);
    const atomic_bool *cancel;
} fs_training_session_watch;

/* Loads the model's file once more, puts the new head on. The model is kept, settings and watch are copied.
 */
fs_status fs_training_session_create(fs_training_session **out, fs_shared_model *model,
                                     const fs_training_settings *settings,
                                     const fs_training_session_watch *watch, fs_pool *pool, fs_error *err);
void fs_training_session_destroy(fs_training_session *session); /* NULL is fine */

fs_status fs_training_session_epoch(fs_training_session *session, fs_error *err);
fs_status fs_training_session_undo(fs_training_session *session, fs_error *err);
void fs_training_session_stop(fs_training_session *session); /* the best epoch's weights */
fs_status fs_training_session_save(fs_training_session *session, const char *folder, char **path,
                                   fs_error *err);
/* Nothing to see, and no error, before layers below the head are trained. */
fs_status fs_training_session_look(fs_training_session *session, fs_error *err);
void fs_training_session_layer(fs_training_session *session, const char *layer); /* NULL: of all */

/* Memory was too short for the newest; set_phase tells them again. */
bool fs_training_session_owes_news(const fs_training_session *session);
fs_training_phase fs_training_session_phase(const fs_training_session *session);
void fs_training_session_set_phase(fs_training_session *session, fs_training_phase phase); /* and says so */

#endif
