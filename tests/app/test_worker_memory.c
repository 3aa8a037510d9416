/* Every job of the worker behind the window with one allocation refused, and with all from one on: it was
 * asked for in vain, or it ends with an error of memory in one line, or with what it always gives; it ends in
 * any case, nothing leaks (the sanitizer looks), no temporary stays, and the same worker does the same job
 * right afterwards.
 *
 * The worker computes on one thread, so that the n-th allocation is the same each time. FS_EVERY_ALLOCATION=1
 * visits all of them (of jobs that take long a spread); else the first ones and a spread of the others. With
 * a word, `test_worker_memory 'panel*'`, only those jobs.
 */
#include "base/helpers.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/search.h"
#include "app/session.h"
#include "app/worker_folder.h"
#include "app/worker_inspect.h"
#include "app/worker_panel.h"
#include "app/worker_pictures.h"
#include "app/worker_session.h"
#include "app/worker_study.h"
#include "app/worker_substitute.h"
#include "app/worker_thumbs.h"
#include "app/worker_training.h"
#include "base/kept.h"
#include "engine/train/material.h"
#include "worker_test.h"

enum { SIDE = 32, STEPS = 2, NO_JOB = 0, PATIENCE = 300 /* seconds: a hang, not a measurement */ };
enum {
    FIRST = 6,
    SPREAD = 6,
    LONG_FIRST = 1,
    LONG_SPREAD = 2,
    LONG_EVERY = 100,
    BEGINNING = 12
}; /* visits */

static char root[64];

/* ---- what the jobs are about ---- */

static fs_shared_model *small, *gabors;
static fs_kernel_study *study;
static fs_picture *picture;
static fs_inspection *photograph;

static int layer_of(const fs_shared_model *model, const char *name) {
    const fs_layer *layer = fs_model_layer(model->model, name, NULL);
    assert_non_null(layer);
    return (int)(layer - model->model->layers);
}

static fs_render_settings settings_of(const char *layer, int channel) {
    fs_render_settings settings;
    memset(&settings, 0, sizeof settings);
    fs_options_defaults(fs_render_options, &settings);
    snprintf(settings.layer, sizeof settings.layer, "%s", layer);
    settings.channel = channel;
    settings.size = SIDE;
    settings.steps = STEPS;
    return settings;
}

/* ---- asking ---- */

typedef uint64_t (*question)(fs_worker *worker, int which);

static uint64_t ask_load(fs_worker *worker, int which) {
    (void)which;
    return fs_worker_load(worker, "model/small.onnx");
}

static uint64_t ask_view(fs_worker *worker, int which) {
    (void)which;
    const fs_view_request request = {small, layer_of(small, "two_relu"), settings_of("two_relu", 1)};
    return fs_worker_view(worker, &request);
}

static uint64_t ask_wall(fs_worker *worker, int which) {
    const int channels[] = {0, 1, 2};
    const fs_wall_request request = {.model = small,
                                     .layer = layer_of(small, "two_relu"),
                                     .settings = settings_of("two_relu", 0),
                                     .batch = 2,
                                     .channels = channels,
                                     .n_channels = 3,
                                     .n_urgent = 1};
    (void)which;
    return fs_worker_wall(worker, &request);
}

static uint64_t ask_thumbs(fs_worker *worker, int which) {
    const fs_thumb_item items[] = {{layer_of(small, "one_relu"), settings_of("one_relu", 1)},
                                   {layer_of(small, "two_relu"), settings_of("two_relu", 2)}};
    const fs_thumbs_request request = {small, items, 2};
    (void)which;
    return fs_worker_thumbs(worker, &request);
}

static uint64_t ask_panel(fs_worker *worker, int kind) {
    fs_panel_request request =
        fs_panel_request_default((fs_panel_kind)kind, small, layer_of(small, "two_relu"), 1);
    request.settings = settings_of("two_relu", 1);
    request.settings.variants = 2;
    request.method = FS_ATTRIBUTION_GRADCAM;
    strcpy(request.images, "data/lying");
    strcpy(request.photograph, "data/lying/00.png");
    return fs_worker_panel(worker, &request);
}

static uint64_t ask_smooth(fs_worker *worker, int explain_class) {
    fs_panel_request request =
        fs_panel_request_default(FS_PANEL_ATTRIBUTION, small, layer_of(small, "two_relu"), 1);
    request.explain_class = explain_class;
    strcpy(request.photograph, "data/lying/00.png");
    return fs_worker_panel(worker, &request);
}

static uint64_t ask_study(fs_worker *worker, int effective) {
    const fs_study_request request = {.model = gabors,
                                      .layer = fs_study_layer(gabors->model, effective != 0),
                                      .effective = effective != 0,
                                      .null_fits = 1};
    return fs_worker_study(worker, &request);
}

static uint64_t ask_substitute(fs_worker *worker, int drawn) {
    const fs_substitute_request request = {
        .model = gabors, .study = study, .kernel = -1, .images = drawn ? "" : "data/lying"};
    return fs_worker_substitute(worker, &request);
}

static uint64_t ask_inspect(fs_worker *worker, int kind) {
    fs_inspect_request request = {.kind = (fs_inspect_kind)kind, .model = small};
    if (kind == FS_INSPECT_READ || kind == FS_INSPECT_FOLDER)
        request.path = kind == FS_INSPECT_READ ? "data/lying/00.png" : "data";
    else
        request.picture = photograph;
    request.layer = layer_of(small, "two_relu");
    request.method = FS_ATTRIBUTION_GRADCAM;
    request.class_index = -1;
    return fs_worker_inspect(worker, &request);
}

static uint64_t ask_covered(fs_worker *worker, int kind) {
    fs_occlusion covered = {0};
    if (fs_occlusion_create(&covered, photograph->crop.width, photograph->crop.height, NULL) != FS_OK)
        return NO_JOB;
    memset(covered.strokes, 1, (size_t)covered.width); /* the first row */
    covered.n_strokes = 1;
    const fs_inspect_request request = {
        .kind = (fs_inspect_kind)kind, .model = small, .picture = photograph, .covered = &covered};
    const uint64_t generation = fs_worker_inspect(worker, &request);
    fs_occlusion_free(&covered);
    return generation;
}

static uint64_t ask_export(fs_worker *worker, int which) {
    const fs_export_request request = {small, picture, settings_of("two_relu", 1), "out/a.png"};
    (void)which;
    return fs_worker_export(worker, &request);
}

static uint64_t ask_kernel_export(fs_worker *worker, int which) {
    const fs_kernel_export_request request = {gabors, study, 1, "out/gabor-1.png", "out/fits.csv"};
    (void)which;
    return fs_worker_export_kernel(worker, &request);
}

static uint64_t ask_session(fs_worker *worker, int which) {
    fs_session session;
    uint64_t generation = NO_JOB;
    (void)which;
    fs_session_init(&session);
    session.has_unfrozen = true;
    if (fs_session_add_unfrozen(&session, "two", NULL) == FS_OK)
        generation = fs_worker_save_session(worker, &session, "out/session.json");
    fs_session_free(&session);
    return generation;
}

static uint64_t ask_pictures(fs_worker *worker, int which) {
    (void)which;
    return fs_worker_draw_pictures(worker);
}

static uint64_t ask_folder(fs_worker *worker, int what) {
    const fs_folder_request request = {what == FS_FOLDER_GABOR ? gabors : small, (fs_folder_kind)what,
                                       layer_of(small, "one_relu"), "out/folder", 1};
    return fs_worker_fill_folder(worker, &request);
}

static uint64_t ask_training(fs_worker *worker, int which) {
    fs_training_request request = {.model = small, .settings = fs_training_defaults()};
    (void)which;
    request.settings.data = "data";
    request.settings.freeze = FS_FREEZE_NONE;
    request.settings.head_epochs = request.settings.joint_epochs = 1;
    request.settings.threads = 1;
    request.settings.look_side = SIDE;
    request.settings.look_steps = STEPS;
    return fs_worker_train(worker, &request);
}

/* ---- one job ---- */

/* What takes seconds is visited less often; what takes minutes in its beginning alone, but for
 * FS_EVERY_ALLOCATION: the commands that do the same are visited by test_short_memory. */
typedef enum effort { SHORT, LONG, VERY_LONG } effort;

typedef struct job_case {
    const char *name;
    question ask;
    int which;
    int kind;     /* fs_worker_job */
    bool partial; /* an index says how far it came, and a next time goes on there: names are compared alone */
    effort effort;
} job_case;

typedef enum outcome { REFUSED, FAILED, ENDED } outcome;

typedef struct answer {
    outcome outcome;
    bool panel; /* there was one */
    fs_error err;
} answer;

/* A run of training that failed holds until it is told to go on. */
static bool is_end(const fs_event *event) {
    const fs_training_news *news = event->training;
    switch (event->kind) {
    case FS_EVENT_PICTURE:
    case FS_EVENT_PROGRESS:
    case FS_EVENT_PANEL:
        return false;
    case FS_EVENT_TRAINING:
        return news->label[0] == '\0' &&
               (news->phase == FS_TRAINING_OVER || news->phase == FS_TRAINING_PAUSED ||
                news->phase == FS_TRAINING_FAILED);
    default:
        return event->job_kind != FS_WORKER_TRAINING;
    }
}

static void note(answer *a, const fs_event *event) {
    a->panel = a->panel || event->kind == FS_EVENT_PANEL;
    if (event->kind == FS_EVENT_FAILED) {
        a->outcome = FAILED;
        a->err = event->error;
    }
    if (event->kind == FS_EVENT_TRAINING && event->training->phase == FS_TRAINING_FAILED) {
        a->outcome = FAILED;
        a->err.code = FS_ERROR_MEMORY; /* news have no codes */
        snprintf(a->err.message, sizeof a->err.message, "%s", event->training->error);
    }
}

/* News of training are told again and again until there is memory for them: it comes back when nothing has
 * happened for a while. All others have to come through without. */
static void wait_for_event(fixture *f, const job_case *c, fs_event *event) {
    const double begun = fs_seconds();
    while (!fs_worker_poll(f->worker, event)) {
        usleep(200);
        if (c->kind == FS_WORKER_TRAINING && fs_seconds() - begun > 0.3)
            fail_stop();
        if (fs_seconds() - begun > PATIENCE)
            fail_msg("%s: no answer after allocation %d", c->name, fail_count());
    }
}

static answer run(fixture *f, const job_case *c) {
    answer a = {.outcome = ENDED};
    const uint64_t generation = c->ask(f->worker, c->which);
    if (generation == NO_JOB)
        a.outcome = REFUSED;
    for (bool over = generation == NO_JOB; !over;) {
        fs_event event = {0};
        wait_for_event(f, c, &event);
        if (event.generation == generation && event.job_kind == c->kind) {
            over = is_end(&event);
            note(&a, &event);
        }
        fs_event_release(&event);
    }
    return a;
}

static fs_job_result do_nothing(fs_job *job, void *worker) {
    fs_event event = {.kind = FS_EVENT_DONE};
    fs_worker_send(worker, job, &event);
    return FS_JOB_DONE;
}

static uint64_t ask_nothing(fs_worker *worker, int which) {
    const fs_job_spec spec = {.lane = FS_LANE_ORDERED, .kind = FS_WORKER_OTHER, .step = do_nothing};
    (void)which;
    return fs_worker_submit(worker, &spec);
}

/* Its thread has come to a first job: what the thread needs for itself is there. */
static void start_worker(fixture *f) {
    const fs_worker_options options = {.threads = 1, .cache_folder = "thumbs"};
    const job_case nothing = {.name = "nothing", .ask = ask_nothing, .kind = FS_WORKER_OTHER};
    assert_int_equal(fs_worker_create(&f->worker, &options, NULL), FS_OK);
    assert_int_equal(run(f, &nothing).outcome, ENDED);
}

static void clear(const job_case *c) {
    kept_clear("out");
    kept_clear("thumbs");
    if (!c->partial)
        kept_clear("filterscope");
}

/* ---- every allocation of a job ---- */

static void no_temporaries(const job_case *c, const char *folder) {
    kept all = {0};
    kept_take(&all, folder);
    for (int i = 0; i < all.n; i++)
        if (strstr(all.names[i], "/.fs-") || strstr(all.names[i], ".tmp"))
            fail_msg("%s: left %s", c->name, all.names[i]);
    kept_forget(&all);
}

static void judge_files(const job_case *c, const char *when, const answer *a, const kept *whole) {
    kept now = {0};
    kept_take(&now, "out");
    if (a->outcome == ENDED && now.n != whole->n)
        fail_msg("%s, %s: %d files of %d", c->name, when, now.n, whole->n);
    for (int i = 0; i < now.n; i++)
        if (c->partial ? kept_find(whole, now.names[i]) < 0 : !kept_same(&now, i, whole))
            fail_msg("%s, %s: another %s", c->name, when, now.names[i]);
    kept_forget(&now);
}

static void judge(const job_case *c, const char *when, const answer *a, const kept *whole) {
    const fs_error *err = &a->err;
    if (a->outcome == FAILED &&
        (err->code != FS_ERROR_MEMORY || !*err->message || strchr(err->message, '\n')))
        fail_msg("%s, %s: status %d, '%s'", c->name, when, err->code, err->message);
    if (a->outcome == ENDED && c->kind == FS_WORKER_PANEL && !a->panel)
        fail_msg("%s, %s: done, and nothing to see", c->name, when);
    judge_files(c, when, a, whole);
}

/* The n-th allocation refused, or all from there on; then the same once more, undisturbed. */
static void visit(const job_case *c, int n, bool once, const kept *whole) {
    fixture f = {0};
    char when[64];
    snprintf(when, sizeof when, "allocation %d%s", n, once ? " alone" : " and later");
    clear(c);
    start_worker(&f);
    (once ? fail_once : fail_from)(n);
    answer a = run(&f, c);
    fail_stop();
    judge(c, when, &a, whole);
    if (!c->partial)
        kept_clear("out");
    a = run(&f, c);
    if (a.outcome != ENDED)
        fail_msg("%s, %s: not the next time either: %s", c->name, when, a.err.message);
    judge(c, when, &a, whole);
    finish(&f); /* what a job keeps for the next time is written after it has answered */
    no_temporaries(c, "thumbs");
    no_temporaries(c, "filterscope");
}

static int count(const job_case *c, kept *whole) {
    fixture f = {0};
    clear(c);
    start_worker(&f);
    if (c->partial)
        (void)run(&f, c);
    kept_clear("out");
    fail_from(INT_MAX - 1); /* counts */
    const answer a = run(&f, c);
    fail_stop();
    if (a.outcome != ENDED)
        fail_msg("%s: %s", c->name, a.err.message);
    kept_take(whole, "out");
    finish(&f);
    return fail_count();
}

static bool every(void) {
    return getenv("FS_EVERY_ALLOCATION") != NULL;
}

static int next_allocation(const job_case *c, int n, int all) {
    const bool is_long = c->effort != SHORT;
    const int spread = !is_long ? SPREAD : every() ? LONG_EVERY : LONG_SPREAD;
    if ((every() && !is_long) || n < (is_long ? LONG_FIRST : FIRST))
        return n + 1;
    const int step = all / spread;
    return n + (step > 1 ? step + n % 2 : 1);
}

/* It fails before it has done anything. */
static void check_beginning(const job_case *c) {
    for (int n = 0; n < BEGINNING; n++) {
        fixture f = {0};
        const kept nothing = {0};
        clear(c);
        start_worker(&f);
        fail_from(n);
        const answer a = run(&f, c);
        fail_stop();
        if (a.outcome == ENDED)
            fail_msg("%s: done without memory", c->name);
        judge(c, "in its beginning", &a, &nothing);
        finish(&f);
    }
    print_message("%6d allocations refused: the beginning of %s\n", BEGINNING, c->name);
}

static void check_job(void **state) {
    const job_case *c = *state;
    kept whole = {0};
    if (c->effort == VERY_LONG && !every()) {
        check_beginning(c);
        return;
    }
    const int all = count(c, &whole);
    int visits = 0;
    for (int once = 0; once < 2; once++)
        for (int n = 0; n < all; n = next_allocation(c, n, all), visits++)
            visit(c, n, once == 1, &whole);
    print_message("%6d allocations, %5d refused, %2d files: %s\n", all, visits, whole.n, c->name);
    kept_forget(&whole);
}

/* ---- what the window does without the worker ---- */

static fs_status do_search(fs_error *err) {
    fs_search_hits hits = {0};
    const fs_status status = fs_search_find(&hits, small->model, NULL, "two 1", 20, err);
    assert_true(status != FS_OK || hits.n > 0);
    fs_search_free(&hits);
    return status;
}

static fs_status read_session(fs_error *err) {
    fs_session session;
    fs_session_init(&session);
    const fs_status status = fs_session_read(&session, "session.json", err);
    assert_int_equal(session.n_unfrozen, status == FS_OK ? 1 : 0);
    fs_session_free(&session);
    return status;
}

/* Every allocation, always: there are few. */
static void check_call(fs_status (*call)(fs_error *), const char *name) {
    for (int once = 0; once < 2; once++) {
        bool refused = true;
        int n = 0;
        for (; refused; n++) {
            fs_error err = {0};
            (once ? fail_once : fail_from)(n);
            const fs_status status = call(&err);
            refused = fail_stop();
            if (status != FS_OK && (status != FS_ERROR_MEMORY || !refused || !*err.message))
                fail_msg("%s, allocation %d: status %d, '%s'", name, n, status, err.message);
        }
        print_message("%6d allocations: %s\n", n - 1, name);
    }
}

static void test_search(void **state) {
    (void)state;
    check_call(do_search, "search");
}

static void test_reading_a_session(void **state) {
    fs_session session;
    (void)state;
    fs_session_init(&session);
    session.has_unfrozen = true;
    assert_int_equal(fs_session_add_unfrozen(&session, "two", NULL), FS_OK);
    assert_int_equal(fs_session_write(&session, "session.json", NULL), FS_OK);
    fs_session_free(&session);
    check_call(read_session, "reading a session");
}

/* A worker is made, or it is not. */
static fs_status make_worker(fs_error *err) {
    const fs_worker_options options = {.threads = 1, .cache_folder = "thumbs"};
    fs_worker *worker = NULL;
    const fs_status status = fs_worker_create(&worker, &options, err);
    assert_true((worker != NULL) == (status == FS_OK));
    fs_worker_destroy(worker);
    return status;
}

static void test_making_a_worker(void **state) {
    (void)state;
    check_call(make_worker, "making a worker");
}

/* ---- material ---- */

#define PANEL(kind) "panel, " #kind, ask_panel, FS_PANEL_##kind, FS_WORKER_PANEL, false, SHORT
#define INSPECT(kind) "inspect, " #kind, ask_inspect, FS_INSPECT_##kind, FS_WORKER_INSPECT, false, SHORT
static job_case cases[] = {
    {"load", ask_load, 0, FS_WORKER_LOAD, false, SHORT},
    {"view", ask_view, 0, FS_WORKER_VIEW, false, SHORT},
    {"wall", ask_wall, 0, FS_WORKER_WALL, false, SHORT},
    {"thumbs", ask_thumbs, 0, FS_WORKER_THUMBS, false, SHORT},
    {PANEL(VARIANTS)},
    {PANEL(EXAMPLES)},
    {PANEL(TUNING)},
    {PANEL(ATTRIBUTION)},
    {PANEL(ACTIVATIONS)},
    {PANEL(WEIGHTS)},
    {"panel, SmoothGrad", ask_smooth, 0, FS_WORKER_PANEL, false, LONG},
    {"panel, SmoothGrad of a class", ask_smooth, 1, FS_WORKER_PANEL, false, LONG},
    {"study", ask_study, 0, FS_WORKER_STUDY, false, LONG},
    {"study of effective kernels", ask_study, 1, FS_WORKER_STUDY, false, LONG},
    {"substitute", ask_substitute, 0, FS_WORKER_SUBSTITUTE, false, SHORT},
    {"substitute, a drawn picture", ask_substitute, 1, FS_WORKER_SUBSTITUTE, false, SHORT},
    {INSPECT(READ)},
    {INSPECT(PREDICT)},
    {INSPECT(MAPS)},
    {INSPECT(ATTRIBUTE)},
    {INSPECT(FOLDER)},
    {"inspect, covered", ask_covered, FS_INSPECT_PREDICT, FS_WORKER_INSPECT, false, SHORT},
    {"export", ask_export, 0, FS_WORKER_EXPORT, false, SHORT},
    {"export of a kernel", ask_kernel_export, 0, FS_WORKER_EXPORT, false, SHORT},
    {"session", ask_session, 0, FS_WORKER_EXPORT, false, SHORT},
    {"pictures of a second task", ask_pictures, 0, FS_WORKER_OTHER, true, VERY_LONG},
    {"folder, an atlas", ask_folder, FS_FOLDER_ATLAS_LAYER, FS_WORKER_FOLDER, true, VERY_LONG},
    {"folder, a Gabor report", ask_folder, FS_FOLDER_GABOR, FS_WORKER_FOLDER, false, VERY_LONG},
    {"training", ask_training, 0, FS_WORKER_TRAINING, false, LONG},
};
enum { N_CASES = sizeof cases / sizeof *cases };

static fs_shared_model *load(const char *path) {
    fs_model *model = NULL;
    fs_shared_model *shared = NULL;
    static uint64_t serial = 1000; /* no worker's */
    assert_int_equal(fs_model_load(&model, path, NULL), FS_OK);
    assert_int_equal(fs_shared_model_create(&shared, model, ++serial, NULL), FS_OK);
    return shared;
}

/* What jobs are about that others have made: the last of each. */
static void make(fs_worker *worker, uint64_t generation, fs_event_kind kind, fs_event *out) {
    fixture f = {.worker = worker};
    assert_int_not_equal(generation, NO_JOB);
    do {
        fs_event_release(out);
        (void)poll(&f, out);
    } while (out->kind != kind || out->generation != generation);
}

static void prepare(void) {
    fixture f = {0};
    fs_event event = {0};
    start_worker(&f);
    make(f.worker, ask_view(f.worker, 0), FS_EVENT_PICTURE, &event);
    picture = fs_picture_keep(event.picture);
    make(f.worker, ask_study(f.worker, 0), FS_EVENT_STUDY, &event);
    study = fs_kernel_study_keep(event.study);
    make(f.worker, ask_inspect(f.worker, FS_INSPECT_READ), FS_EVENT_INSPECTION, &event);
    photograph = fs_inspection_keep(event.inspection);
    fs_event_release(&event);
    finish(&f);
}

static int set_up(void **state) {
    (void)state;
    /* In memory where that is possible: thousands of small files are synced. */
    snprintf(root, sizeof root, "%s/filterscope-worker-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(root));
    assert_int_equal(chdir(root), 0);
    assert_int_equal(setenv("XDG_CACHE_HOME", root, 1), 0);
    mkdir("out", 0777);
    mkdir("thumbs", 0777);
    material_write("data", 4, 1);
    fs_model_destroy(material_model("model"));
    small = load("model/small.onnx");
    gabors = load(FS_TEST_DATA "/onnx/gabors.onnx");
    prepare();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    fs_picture_release(picture);
    fs_inspection_release(photograph);
    fs_kernel_study_release(study);
    fs_shared_model_release(small);
    fs_shared_model_release(gabors);
    material_remove(root);
    return chdir("/");
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[N_CASES + 3] = {
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_reading_a_session),
        cmocka_unit_test(test_making_a_worker),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    for (int i = 0; i < N_CASES; i++)
        tests[3 + i] = (struct CMUnitTest){cases[i].name, check_job, NULL, NULL, &cases[i]};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
