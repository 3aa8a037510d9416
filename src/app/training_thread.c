#include "app/training_thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/training_session.h"
#include "app/worker_private.h"
#include "base/alloc.h"

/* A run that is asked for. */
typedef struct request {
    fs_shared_model *model; /* NULL: nobody asks */
    fs_training_settings settings;
    char *data, *layers;
    uint64_t generation;
    bool step;
} request;

struct fs_training_thread {
    atomic_int references; /* its owner's and its own */
    pthread_mutex_t mutex;
    pthread_cond_t wanted, over;
    pthread_t thread;
    fs_training_thread_options options;
    bool owned, ended; /* there is somebody to send to; the thread is at its end */
    /* What is wanted, set by the owner with the mutex held, taken by the thread. */
    request next;
    bool quit, paused, step, stop, undo, forget, look, saving;
    char *save_folder;
    char layer[FS_TRAINING_NAME];
    atomic_bool cancel; /* of the engine, for what cannot wait for the end of a step */
    /* The thread's own. */
    fs_pool *pool;
    fs_training_session *session;
    fs_training_news *spare; /* tells of a run that could not begin for want of memory */
    uint64_t generation;
};

static const long patience = 100000000; /* nanoseconds until news that did not come through are told again */

static void request_free(request *r) {
    fs_shared_model_release(r->model);
    fs_free(r->data);
    fs_free(r->layers);
    *r = (request){0};
}

static void release(fs_training_thread *t) {
    if (atomic_fetch_sub_explicit(&t->references, 1, memory_order_acq_rel) != 1)
        return;
    request_free(&t->next);
    fs_training_news_release(t->spare);
    fs_free(t->save_folder);
    pthread_cond_destroy(&t->wanted);
    pthread_cond_destroy(&t->over);
    pthread_mutex_destroy(&t->mutex);
    fs_free(t);
}

/* ---- messages ---- */

static void send(fs_training_thread *t, fs_event *event) {
    event->job_kind = FS_WORKER_TRAINING;
    event->generation = t->generation;
    pthread_mutex_lock(&t->mutex);
    if (t->owned)
        fs_event_queue_send(t->options.events, event);
    pthread_mutex_unlock(&t->mutex);
    fs_event_release(event);
}

static void send_news(void *context, fs_training_news *news) {
    fs_event event = {.kind = FS_EVENT_TRAINING, .training = news};
    send(context, &event);
}

static void send_failure(fs_training_thread *t, const fs_error *error) {
    fs_event event = {.kind = FS_EVENT_FAILED, .error = *error};
    send(t, &event);
}

/* ---- what can be done between two steps too ---- */

static void save(fs_training_thread *t) {
    fs_event event = {.kind = FS_EVENT_SAVED};
    fs_error err = {0};
    pthread_mutex_lock(&t->mutex);
    char *folder = t->save_folder;
    t->save_folder = NULL;
    t->saving = true;
    pthread_mutex_unlock(&t->mutex);
    fs_status status = t->session ? fs_training_session_save(t->session, folder, &event.path, &err)
                                  : fs_fail(&err, FS_ERROR_NOT_FOUND, "nothing was trained yet");
    if (status == FS_OK)
        send(t, &event);
    else
        send_failure(t, &err);
    fs_free(folder);
    pthread_mutex_lock(&t->mutex);
    t->saving = false;
    pthread_mutex_unlock(&t->mutex);
}

static void look(fs_training_thread *t) {
    char layer[FS_TRAINING_NAME];
    fs_error err = {0};
    pthread_mutex_lock(&t->mutex);
    memcpy(layer, t->layer, sizeof layer);
    t->look = false;
    pthread_mutex_unlock(&t->mutex);
    fs_training_session_layer(t->session, *layer ? layer : NULL);
    const fs_status status = fs_training_session_look(t->session, &err);
    if (status != FS_OK && status != FS_ERROR_CANCELLED)
        send_failure(t, &err);
}

static bool is_to_end(const fs_training_thread *t) {
    return t->quit || t->stop || t->undo || t->forget || t->next.model;
}

static bool owes_news(const fs_training_thread *t) {
    return t->session && fs_training_session_owes_news(t->session);
}

/* Until something is wanted, with the mutex held; not for long where news are owed. */
static void rest(fs_training_thread *t) {
    struct timespec until;
    if (!owes_news(t)) {
        pthread_cond_wait(&t->wanted, &t->mutex);
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += patience;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_cond_timedwait(&t->wanted, &t->mutex, &until);
}

/* Between two steps of an epoch: what was asked for is done, a pause waits here. */
static void between(void *context) {
    fs_training_thread *t = context;
    bool told = false;
    pthread_mutex_lock(&t->mutex);
    while (t->save_folder || (!is_to_end(t) && (t->look || t->paused))) {
        const bool saves = t->save_folder != NULL, looks = !saves && t->look;
        if (!saves && !looks && told) {
            rest(t);
            told = !owes_news(t);
            continue;
        }
        pthread_mutex_unlock(&t->mutex);
        if (saves)
            save(t);
        else if (looks)
            look(t);
        else
            fs_training_session_set_phase(t->session, FS_TRAINING_PAUSED);
        told = told || (!saves && !looks);
        pthread_mutex_lock(&t->mutex);
    }
    const bool ends = is_to_end(t);
    pthread_mutex_unlock(&t->mutex);
    if (told && !ends)
        fs_training_session_set_phase(t->session, FS_TRAINING_RUNNING);
}

/* ---- one thing after the other ---- */

typedef enum action { QUIT, BEGIN, FORGET, SAVE, STOP, UNDO, LOOK, EPOCH, TELL, NOTHING } action;

static bool can_train(const fs_training_thread *t) {
    if (!t->session || t->paused)
        return false;
    const fs_training_phase phase = fs_training_session_phase(t->session);
    return phase == FS_TRAINING_RUNNING || phase == FS_TRAINING_PAUSED;
}

/* A file that was asked for is written even when the program is about to end. */
static action choose(fs_training_thread *t) {
    action chosen = t->save_folder          ? SAVE
                    : t->quit               ? QUIT
                    : t->next.model         ? BEGIN
                    : t->forget             ? FORGET
                    : t->stop               ? STOP
                    : t->undo               ? UNDO
                    : t->look && t->session ? LOOK
                    : can_train(t)          ? EPOCH
                                            : NOTHING;
    if (chosen == BEGIN || chosen == FORGET)
        t->stop = t->undo = t->forget = t->look = false;
    if (chosen == STOP || chosen == UNDO)
        t->stop = t->undo = false;
    if (chosen == STOP || chosen == UNDO || chosen == BEGIN || chosen == FORGET)
        atomic_store(&t->cancel, false);
    return chosen;
}

static action wait_for_action(fs_training_thread *t, request *next) {
    action chosen;
    pthread_mutex_lock(&t->mutex);
    bool rested = false;
    while ((chosen = choose(t)) == NOTHING && !(rested && owes_news(t))) {
        rest(t);
        rested = true;
    }
    if (chosen == NOTHING)
        chosen = TELL;
    if (chosen == BEGIN) {
        *next = t->next;
        t->next = (request){0};
    }
    pthread_mutex_unlock(&t->mutex);
    return chosen;
}

static void end_session(fs_training_thread *t) {
    fs_training_session_destroy(t->session);
    t->session = NULL;
}

/* News of a run that is not there. */
static void send_state(fs_training_thread *t, fs_training_phase phase, const char *words) {
    fs_training_news *news = fs_training_news_create(NULL, 0, NULL, 0, NULL);
    if (!news && phase == FS_TRAINING_FAILED) {
        news = t->spare;
        t->spare = NULL;
    }
    if (!news)
        return;
    news->phase = phase;
    if (phase == FS_TRAINING_FAILED)
        snprintf(news->error, sizeof news->error, "%s", words);
    else
        snprintf(news->label, sizeof news->label, "%s", words);
    send_news(t, news);
}

static void begin(fs_training_thread *t, const request *r) {
    const fs_training_session_watch watch = {
        .context = t, .publish = send_news, .between = between, .cancel = &t->cancel};
    fs_error err = {0};
    end_session(t);
    t->generation = r->generation;
    if (!t->spare)
        t->spare = fs_training_news_create(NULL, 0, NULL, 0, NULL);
    send_state(t, FS_TRAINING_PREPARING, "reading the network and the list of pictures");
    if (fs_training_session_create(&t->session, r->model, &r->settings, &watch, t->pool, &err) == FS_OK)
        fs_training_session_set_phase(t->session, FS_TRAINING_RUNNING);
    else
        send_state(t, FS_TRAINING_FAILED, err.message);
}

/* Afterwards the run rests. */
static void hold(fs_training_thread *t) {
    pthread_mutex_lock(&t->mutex);
    t->paused = true;
    t->step = false;
    pthread_mutex_unlock(&t->mutex);
    fs_training_session_set_phase(t->session, FS_TRAINING_PAUSED);
}

/* What was cancelled for an undo is undone by that. */
static void take_undo(fs_training_thread *t) {
    pthread_mutex_lock(&t->mutex);
    const bool undone = t->undo && !t->quit && !t->stop && !t->forget && !t->next.model;
    if (undone) {
        t->undo = false;
        atomic_store(&t->cancel, false);
    }
    pthread_mutex_unlock(&t->mutex);
    if (undone)
        hold(t);
}

static void train(fs_training_thread *t) {
    fs_error err = {0};
    if (fs_training_session_phase(t->session) != FS_TRAINING_RUNNING)
        fs_training_session_set_phase(t->session, FS_TRAINING_RUNNING);
    fs_status status = fs_training_session_epoch(t->session, &err);
    if (status == FS_ERROR_CANCELLED) {
        take_undo(t);
        return;
    }
    if (status != FS_OK) {
        send_failure(t, &err);
        hold(t);
        return;
    }
    look(t);
    pthread_mutex_lock(&t->mutex);
    const bool rests = t->step || (t->paused && !is_to_end(t));
    pthread_mutex_unlock(&t->mutex);
    if (rests && fs_training_session_phase(t->session) == FS_TRAINING_RUNNING)
        hold(t);
}

static void undo(fs_training_thread *t) {
    fs_error err = {0};
    if (!t->session || fs_training_session_phase(t->session) == FS_TRAINING_STOPPED)
        return;
    if (fs_training_session_undo(t->session, &err) != FS_OK) {
        send_failure(t, &err);
        return;
    }
    hold(t);
    look(t);
}

static void stop(fs_training_thread *t) {
    if (!t->session || fs_training_session_phase(t->session) == FS_TRAINING_OVER)
        return;
    fs_training_session_stop(t->session);
    fs_training_session_set_phase(t->session, FS_TRAINING_STOPPED);
    look(t);
}

static void act(fs_training_thread *t, action chosen, request *next) {
    switch (chosen) {
    case BEGIN:
        begin(t, next);
        request_free(next);
        break;
    case FORGET:
        end_session(t);
        break;
    case SAVE:
        save(t);
        break;
    case STOP:
        stop(t);
        break;
    case UNDO:
        undo(t);
        break;
    case LOOK:
        look(t);
        break;
    case TELL:
        fs_training_session_set_phase(t->session, fs_training_session_phase(t->session));
        break;
    default:
        train(t);
    }
}

static void *thread_main(void *context) {
    fs_training_thread *t = context;
    action chosen;
    request next = {0};
    fs_worker_lower_priority(t->options.niceness);
    /* Without a pool the computations run on this thread alone. */
    if (fs_pool_create(&t->pool, t->options.threads, NULL) != FS_OK)
        t->pool = NULL;
    while ((chosen = wait_for_action(t, &next)) != QUIT)
        act(t, chosen, &next);
    end_session(t);
    fs_pool_destroy(t->pool);
    pthread_mutex_lock(&t->mutex);
    t->ended = true;
    pthread_cond_broadcast(&t->over);
    pthread_mutex_unlock(&t->mutex);
    release(t);
    return NULL;
}

/* ---- the owner's side ---- */

fs_status fs_training_thread_create(fs_training_thread **out, const fs_training_thread_options *options,
                                    fs_error *err) {
    fs_training_thread *t = fs_calloc(1, sizeof *t);
    if (!t)
        return fs_fail_memory(err, "the training thread");
    pthread_condattr_t attributes;
    atomic_init(&t->references, 2);
    t->options = *options;
    t->owned = true;
    pthread_mutex_init(&t->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&t->wanted, &attributes);
    pthread_cond_init(&t->over, &attributes);
    pthread_condattr_destroy(&attributes);
    t->spare = fs_training_news_create(NULL, 0, NULL, 0, NULL);
    if (!t->spare || pthread_create(&t->thread, NULL, thread_main, t) != 0) {
        atomic_store(&t->references, 1);
        release(t);
        return fs_fail(err, FS_ERROR_MEMORY, "cannot start the training thread");
    }
    *out = t;
    return FS_OK;
}

void fs_training_thread_quit(fs_training_thread *t) {
    if (!t)
        return;
    pthread_mutex_lock(&t->mutex);
    t->quit = true;
    atomic_store(&t->cancel, true);
    pthread_cond_signal(&t->wanted);
    pthread_mutex_unlock(&t->mutex);
}

void fs_training_thread_destroy(fs_training_thread *t, double seconds) {
    if (!t)
        return;
    struct timespec until;
    fs_training_thread_quit(t);
    clock_gettime(CLOCK_MONOTONIC, &until);
    const long long nanoseconds = until.tv_nsec + (long long)((seconds > 0 ? seconds : 0) * 1e9);
    until.tv_sec += (time_t)(nanoseconds / 1000000000);
    until.tv_nsec = (long)(nanoseconds % 1000000000);
    pthread_mutex_lock(&t->mutex);
    int waited = 0;
    while (!t->ended && (waited != ETIMEDOUT || t->saving || t->save_folder))
        waited = t->saving || t->save_folder ? pthread_cond_wait(&t->over, &t->mutex)
                                             : pthread_cond_timedwait(&t->over, &t->mutex, &until);
    const bool ended = t->ended;
    t->owned = false;
    const pthread_t thread = t->thread;
    pthread_mutex_unlock(&t->mutex);
    if (ended)
        pthread_join(thread, NULL);
    else
        pthread_detach(thread);
    release(t);
}

static fs_status copy_request(request *r, const fs_training_request *from, uint64_t generation,
                              fs_error *err) {
    const fs_training_settings *s = &from->settings;
    *r = (request){.settings = *s, .generation = generation, .step = from->step};
    r->data = fs_strdup(s->data);
    r->layers = s->layers ? fs_strdup(s->layers) : NULL;
    if (!r->data || (s->layers && !r->layers)) {
        request_free(r);
        return fs_fail_memory(err, "what is to be trained");
    }
    r->settings.data = r->data;
    r->settings.layers = r->layers;
    r->model = fs_shared_model_keep(from->model);
    return FS_OK;
}

fs_status fs_training_thread_begin(fs_training_thread *t, const fs_training_request *from,
                                   uint64_t generation, fs_error *err) {
    request r;
    fs_status status = copy_request(&r, from, generation, err);
    if (status != FS_OK)
        return status;
    pthread_mutex_lock(&t->mutex);
    request old = t->next;
    t->next = r;
    t->paused = false;
    t->step = r.step;
    atomic_store(&t->cancel, true);
    pthread_cond_signal(&t->wanted);
    pthread_mutex_unlock(&t->mutex);
    request_free(&old);
    return FS_OK;
}

void fs_training_thread_command(fs_training_thread *t, fs_training_command command) {
    pthread_mutex_lock(&t->mutex);
    if (command == FS_TRAINING_PAUSE || command == FS_TRAINING_CONTINUE || command == FS_TRAINING_STEP) {
        t->paused = command == FS_TRAINING_PAUSE;
        t->step = command == FS_TRAINING_STEP;
    }
    t->stop = t->stop || command == FS_TRAINING_STOP;
    t->undo = t->undo || command == FS_TRAINING_UNDO;
    t->forget = t->forget || command == FS_TRAINING_FORGET;
    if (t->stop || t->undo || t->forget)
        atomic_store(&t->cancel, true);
    pthread_cond_signal(&t->wanted);
    pthread_mutex_unlock(&t->mutex);
}

fs_status fs_training_thread_save(fs_training_thread *t, const char *folder, fs_error *err) {
    char *copy = fs_strdup(folder);
    if (!copy)
        return fs_fail_memory(err, "the name of a folder");
    pthread_mutex_lock(&t->mutex);
    char *old = t->save_folder;
    t->save_folder = copy;
    pthread_cond_signal(&t->wanted);
    pthread_mutex_unlock(&t->mutex);
    fs_free(old);
    return FS_OK;
}

void fs_training_thread_layer(fs_training_thread *t, const char *layer) {
    pthread_mutex_lock(&t->mutex);
    snprintf(t->layer, sizeof t->layer, "%s", layer ? layer : "");
    t->look = true;
    pthread_cond_signal(&t->wanted);
    pthread_mutex_unlock(&t->mutex);
}
