/* Every command with one allocation refused, and with all from one on: an error of memory in one line, or,
 * where the block was for something a command can do without, the same files as ever; no leak (the sanitizer
 * looks), no temporary, and nothing under a final name that an undisturbed run would not have written there.
 *
 * The commands run inside of this process, on one thread. FS_EVERY_ALLOCATION=1 visits all allocations; else
 * the first ones and a spread of the others. With a word, `test_short_memory 'shift*'`, only those commands.
 */
#include "base/helpers.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.h"
#include "app/commands.h"
#include "base/kept.h"
#include "base/npy.h"
#include "engine/train/material.h"

enum { MAX_WORDS = 40, FIRST = 20, SPREAD = 25, SIDE = 16 };

static char root[64];

/* ---- one call ---- */

typedef struct command_case {
    const char *words;
    bool
        partial; /* what it writes tells how far it came (an index, a checkpoint): names are compared alone */
} command_case;

static int split(const char *words, char *text, size_t size, char **out) {
    int n = 0;
    snprintf(text, size, "%s --threads 1 --quiet", words);
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
        assert_true(n < MAX_WORDS);
        out[n++] = word;
    }
    return n;
}

/* As main does it, but for what it prints. */
static fs_status call(const char *words, fs_error *err) {
    char text[1024], *argv[MAX_WORDS], *positional[MAX_WORDS] = {NULL};
    const int argc = split(words, text, sizeof text, argv);
    const fs_command *command = fs_command_find(argv[0]);
    assert_non_null(command);
    fs_call c = {.command = command, .argc = argc - 1, .argv = argv + 1, .positional = positional};
    c.settings = calloc(1, command->settings_size + 1);
    c.extra = calloc(1, command->extra_size + 1);
    if (command->options)
        fs_options_defaults(command->options, c.settings);
    if (command->extra_options)
        fs_options_defaults(command->extra_options, c.extra);
    fs_options_defaults(fs_common_options, &c.common);
    fs_status status = fs_call_parse(&c, err);
    assert_int_equal(status, FS_OK);
    status = command->run(&c, err);
    free(c.settings);
    free(c.extra);
    return status;
}

/* The command's own words go nowhere. */
static fs_status call_silently(const char *words, fs_error *err) {
    fflush(stdout);
    fflush(stderr);
    const int out = dup(STDOUT_FILENO), errors = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    const fs_status status = call(words, err);
    fflush(stdout);
    fflush(stderr);
    dup2(out, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    close(out);
    close(errors);
    close(nowhere);
    return status;
}

static void judge(const command_case *c, const char *how, int n, fs_status status, const fs_error *err,
                  const kept *whole) {
    kept now = {0};
    if (status != FS_OK &&
        (status != FS_ERROR_MEMORY || err->code != status || !*err->message || strchr(err->message, '\n')))
        fail_msg("`%s`, allocation %d%s: status %d, '%s'", c->words, n, how, status, err->message);
    kept_take(&now, "out");
    if (status == FS_OK && now.n != whole->n)
        fail_msg("`%s`, allocation %d%s: done, with %d files of %d", c->words, n, how, now.n, whole->n);
    for (int i = 0; i < now.n; i++) {
        if (kept_find(whole, now.names[i]) < 0)
            fail_msg("`%s`, allocation %d%s: left %s", c->words, n, how, now.names[i]);
        if (!c->partial && !kept_same(&now, i, whole))
            fail_msg("`%s`, allocation %d%s: another %s", c->words, n, how, now.names[i]);
    }
    kept_forget(&now);
}

static int next_allocation(int n, int count) {
    if (n < FIRST || getenv("FS_EVERY_ALLOCATION"))
        return n + 1;
    const int step = (count - FIRST) / SPREAD;
    return n + (step > 1 ? step + n % 3 : 1);
}

static void clear(void) {
    kept_clear("out");
    kept_clear("filterscope");
}

static void check_command(void **state) {
    const command_case *c = *state;
    fs_error err = {0};
    kept whole = {0};
    clear();
    fail_from(INT_MAX - 1); /* counts */
    const fs_status status = call_silently(c->words, &err);
    fail_stop();
    const int count = fail_count();
    if (status != FS_OK)
        fail_msg("`%s`: %s", c->words, err.message);
    kept_take(&whole, "out");
    for (int once = 0; once < 2; once++)
        for (int n = 0; n < count; n = next_allocation(n, count)) {
            clear();
            err = (fs_error){0};
            (once ? fail_once : fail_from)(n);
            const fs_status found = call_silently(c->words, &err);
            fail_stop();
            judge(c, once ? " alone" : " and later", n, found, &err, &whole);
        }
    print_message("%6d allocations, %2d files: %s\n", count, whole.n, c->words);
    kept_forget(&whole);
}

/* ---- material ---- */

#define MODEL " --model model/small.onnx"
static command_case cases[] = {
    {"layers --json" MODEL, false},
    {"layers --dot" MODEL, false},
    {"models --json", false},
    {"classify data/lying/00.png --json" MODEL, false},
    {"probe --input x.npy --layer two_relu --channel 1 --grad -o out/a.npy" MODEL, false},
    {"render --layer two_relu --steps 2 --size 32 -o out/a.png" MODEL, false},
    {"render --layer two_relu --steps 2 --size 32 --snapshots 2 --animation out/b.png -o out/a.png" MODEL,
     false},
    {"atlas --layer two_relu --steps 2 --size 32 --channels 0-1 -o out/a" MODEL, true},
    {"activation-atlas --images data --layer two_relu --grid 2 --least 1 --points 20 --steps 2 --size 32 "
     "-o out/a" MODEL,
     true},
    {"examples --images data --layer two_relu --channel 1 --json out/a.json -o out/a.png" MODEL, false},
    {"attribute data/lying/00.png --method gradcam --raw out/a.npy -o out/a.png" MODEL, false},
    {"attribute data/lying/00.png --method smoothgrad --samples 2 -o out/a.png" MODEL, false},
    {"activations data/lying/00.png --layer two_relu -o out/a.png" MODEL, false},
    {"tuning --layer two_relu --channel 1 --orientations 4 --wavelengths 2 --csv out/a.csv -o "
     "out/a.png" MODEL,
     false},
    {"weights --layer two_relu --channel 1 --json out/a.json -o out/a.png" MODEL, false},
    {"gabor --model " FS_TEST_DATA "/onnx/gabors.onnx --null 1 -o out/a", false},
    {"gabor --make 6,0.5,0,3,1 --size 9 -o out/a.npy", false},
    {"dissect --layer two_relu --world a --pictures 2 --size 32 --concepts out/b.json -o out/a" MODEL, false},
    {"shift --before model/small.onnx --after model/small.onnx --images data --top 1 --size 32 --steps 2 "
     "-o out/a",
     false},
    {"export -o out/a.onnx" MODEL, false},
    {"world --n 2 --size 32 -o out/a", true},
    {"world --sheet classes --size 32 -o out/a.png", false},
};
enum { N_CASES = sizeof cases / sizeof *cases };

static void write_input(void) {
    static const float input[3 * SIDE * SIDE];
    assert_int_equal(fs_npy_write("x.npy", 4, (int64_t[]){1, 3, SIDE, SIDE}, input, NULL), FS_OK);
}

static int set_up(void **state) {
    (void)state;
    /* In memory where that is possible: thousands of small files are synced. */
    snprintf(root, sizeof root, "%s/filterscope-memory-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(root));
    assert_int_equal(chdir(root), 0);
    assert_int_equal(setenv("XDG_CACHE_HOME", root, 1), 0);
    assert_int_equal(setenv("XDG_DATA_HOME", root, 1), 0);
    mkdir("out", 0777);
    material_write("data", 4, 1);
    fs_model_destroy(material_model("model"));
    write_input();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    material_remove(root);
    return chdir("/");
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[N_CASES];
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    for (int i = 0; i < N_CASES; i++)
        tests[i] = (struct CMUnitTest){cases[i].words, check_command, NULL, NULL, &cases[i]};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
