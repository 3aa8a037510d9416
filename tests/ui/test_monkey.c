/* Random input against the whole screen: keys, texts, clicks, drags, the wheel, sizes, dropped files, for
 * FS_MONKEY_SECONDS (else some ten). Nothing may crash, leak or come to a stop: again and again, and at the
 * end, a channel must still grow. FS_MONKEY_SEED repeats a stream as far as the worker's timing does not
 * matter. */
#include <math.h>
#include <time.h>

#include "app/training_test.h"
#include "app/worker_private.h"
#include "base/random.h"
#include "screen_test.h"

enum { USUAL_SECONDS = 10, CHECK_EVERY = 1000, DRAW_EVERY = 9 };

typedef struct monkey {
    fixture f;
    fs_random random;
    fs_ui_input input;
    double width, height;
    char session[128];
    long steps, drops, checks;
} monkey;

static double number_of(const char *name, double otherwise) {
    const char *text = getenv(name);
    return text != NULL && *text != '\0' ? atof(text) : otherwise;
}

static int one_of(monkey *m, int n) {
    return (int)fs_random_int(&m->random, n);
}

static void give(monkey *m) {
    fs_screen_input(m->f.screen, &m->input);
    m->input.pressed = m->input.released = false;
    m->input.wheel = 0;
    m->input.n_keys = 0;
    m->input.text[0] = '\0';
}

static void point(monkey *m) {
    m->input.x = fs_random_range(&m->random, -20, (float)m->width + 20);
    m->input.y = fs_random_range(&m->random, -20, (float)m->height + 20);
}

static void do_click(monkey *m, int moves) {
    point(m);
    m->input.pressed = m->input.held = true;
    give(m);
    for (int i = 0; i < moves; i++) {
        point(m);
        give(m);
    }
    m->input.held = false;
    m->input.released = true;
    give(m);
}

static void do_keys(monkey *m) {
    m->input.n_keys = 1 + one_of(m, 4);
    m->input.shift = one_of(m, 4) == 0;
    for (int i = 0; i < m->input.n_keys; i++)
        m->input.keys[i] = (fs_key)one_of(m, FS_KEY_QUIT + 1);
    give(m);
}

static void do_text(monkey *m) {
    static const char *const texts[] = {" ",   "/", "?", "e", "f", "g", "n",        "q",
                                        "r",   "s", "t", "u", "x", "1", "2",        "3",
                                        "4",   "5", "6", "-", "0", ".", "channel(", "\xf0\x9f\x90\x9f",
                                        "\xff"};
    snprintf(m->input.text, sizeof m->input.text, "%s", texts[one_of(m, sizeof texts / sizeof *texts)]);
    give(m);
}

static void do_size(monkey *m) {
    m->width = 200 + one_of(m, 1800);
    m->height = 120 + one_of(m, 1000);
    const double most = sqrt(7e5 / (m->width * m->height)); /* or drawing would be all that is done */
    fs_screen_resize(m->f.screen, m->width, m->height, fmin(most, 0.5 * (1 + one_of(m, 5))));
}

static void do_drop(monkey *m) {
    const char *const paths[] = {FS_TEST_DATA "/onnx/squeeze.onnx",
                                 FS_TEST_DATA "/onnx/gabors.onnx",
                                 FS_TEST_DATA "/onnx/bad_cycle.onnx",
                                 FS_TEST_DATA "/graphdef/branches.pb",
                                 FS_TEST_DATA "/images",
                                 FS_TEST_DATA "/nothing/there.onnx",
                                 "/",
                                 training_path("model/small.onnx"),
                                 m->session};
    const int which = one_of(m, sizeof paths / sizeof *paths + 2);
    m->drops++;
    if (which < (int)(sizeof paths / sizeof *paths)) /* training_path has one buffer: ask again */
        fs_screen_drop(m->f.screen, which == 7 ? training_path("model/small.onnx") : paths[which]);
    else
        fs_screen_drop(m->f.screen, training_path("data"));
}

static void do_something(monkey *m) {
    const int what = one_of(m, 1000);
    if (what < 350)
        do_click(m, 0);
    else if (what < 450)
        do_click(m, 1 + one_of(m, 6));
    else if (what < 650)
        do_keys(m);
    else if (what < 850)
        do_text(m);
    else if (what < 950) {
        point(m);
        m->input.wheel = fs_random_range(&m->random, -12, 12);
        give(m);
    } else if (what < 980)
        do_size(m);
    else if (what < 985)
        do_drop(m);
    else {
        point(m);
        give(m);
    }
    fs_ui_input still = {.x = m->input.x, .y = m->input.y};
    m->input = still;
    m->steps++;
}

/* A channel grows, whatever was done before: nothing is stuck. */
static void check(monkey *m) {
    fixture *f = &m->f;
    m->checks++;
    fs_screen_leave_lesson(f->screen);
    f->screen->help = false;
    fs_screen_open(f->screen, FS_TEST_DATA "/onnx/squeeze.onnx");
    const double end = fs_seconds() + PATIENCE;
    while (f->screen->loading != 0 && fs_seconds() < end) {
        pump(f);
        usleep(1000);
    }
    if (f->screen->loading != 0)
        fail_msg("stuck in a job of kind %d, its picture %d pixels wide",
                 fs_job_queue_running_kind(f->worker->jobs), f->screen->view.settings.size);
    assert_string_equal(f->screen->model->model->name, "squeeze");
    f->screen->feature.settings.size = 32;
    f->screen->feature.settings.steps = 3;
    fs_screen_select_layer(f->screen, 0);
    fs_screen_open_channel(f->screen, 1);
    WAIT_FOR(f, f->screen->view.generation == 0);
    assert_non_null(f->screen->view.picture);
}

/* What a click can set but nobody would wait for: pictures of thousands of pixels a side, a hundred thousand
 * steps. */
static void keep_modest(fs_screen *screen) {
    fs_finetune_view *view = &screen->finetune;
    view->settings.look_side = 32;
    view->settings.look_steps = 2;
    if (screen->feature.null_fits > 10)
        screen->feature.null_fits = 10;
}

static void run(monkey *m, double seconds) {
    const double until = fs_seconds() + seconds;
    while (fs_seconds() < until) {
        do_something(m);
        keep_modest(m->f.screen);
        if (m->steps % 16 == 0)
            usleep(1000); /* the worker's turn */
        pump(&m->f);
        if (m->steps % DRAW_EVERY == 0)
            cairo_surface_destroy(paint(&m->f));
        if (m->steps % CHECK_EVERY == 0)
            check(m);
    }
}

static void test_monkey(void **state) {
    (void)state;
    static monkey m;
    const double seconds = number_of("FS_MONKEY_SECONDS", USUAL_SECONDS);
    const uint64_t seed = (uint64_t)number_of("FS_MONKEY_SEED", (double)(time(NULL) % 1000000));
    char command[160];
    printf("%.0f seconds, FS_MONKEY_SEED=%llu\n", seconds, (unsigned long long)seed);
    fflush(stdout);
    strcpy(m.f.folder, FS_SCRATCH "/filterscope-monkey-XXXXXX");
    assert_non_null(mkdtemp(m.f.folder));
    setenv("XDG_CACHE_HOME", m.f.folder, 1);
    snprintf(m.session, sizeof m.session, "%s/filterscope-session.json", m.f.folder);
    fs_random_seed(&m.random, seed, 1);
    m.width = 900;
    m.height = 600;
    create_screen(&m.f, &(fs_screen_options){.export_folder = m.f.folder});
    fs_screen_open(m.f.screen, FS_TEST_DATA "/onnx/squeeze.onnx");
    WAIT_FOR(&m.f, m.f.screen->model != NULL);
    run(&m, seconds);
    check(&m);
    run(&m, 0.5);
    const double begun = fs_seconds();
    destroy_screen(&m.f); /* in the middle of whatever it is */
    printf("%ld steps, %ld drops, %ld checks; left in %.0f ms\n", m.steps, m.drops, m.checks,
           1e3 * (fs_seconds() - begun));
    snprintf(command, sizeof command, "rm -r '%s'", m.f.folder);
    assert_int_equal(system(command), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_monkey)};
    return cmocka_run_group_tests(tests, training_set_up, training_tear_down);
}
