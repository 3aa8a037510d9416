/* `shift --series` as a user calls it: over the epochs of a run, over files, what it says of two networks
 * next to what `shift` says of them; and lists of networks that cannot be followed. */
#include "base/helpers.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/series_source.h"
#include "base/file.h"
#include "base/image.h"
#include "engine/train/material.h"

enum { TEXT = 1 << 16, VERSIONS = 6 };

static char root[64];

static const char *under(const char *name) {
    static char paths[8][256];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

/* Runs the program in the folder of the test; returns the exit code, and what it said on both streams. */
static int run(char text[TEXT], const char *words) {
    char command[2048];
    snprintf(command, sizeof command, "cd %s && '%s' %s >said 2>&1 </dev/null", root, FS_PROGRAM, words);
    const int status = system(command);
    FILE *file = fopen(under("said"), "r");
    const size_t n = file ? fread(text, 1, TEXT - 1, file) : 0;
    text[n] = 0;
    if (file)
        fclose(file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void expect(int code, const char *part, const char *words) {
    static char text[TEXT];
    const int got = run(text, words);
    if (got != code || !strstr(text, part))
        fail_msg("%s: exit %d, '%s' instead of exit %d, '%s'", words, got, text, code, part);
}

#define RUN                                                                                                  \
    "finetune --quiet --model model/small.onnx --data data --head-epochs 2 --epochs 3 --batch 6 --freeze "   \
    "none --rate 0.003 --head-rate 0.02 --seed 5 --keep-epochs -o run"

static int set_up(void **state) {
    (void)state;
    strcpy(root, "series-XXXXXX");
    if (!mkdtemp(root))
        return -1;
    material_write(under("data"), 12, 1);
    fs_model_destroy(material_model(under("model")));
    expect(0, "", RUN);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    material_remove(root);
    return 0;
}

static cJSON *read_json(const char *path) {
    uint8_t *bytes = NULL;
    size_t size;
    fs_error err = {0};
    if (fs_file_read(&bytes, &size, path, 1 << 24, &err) != FS_OK)
        fail_msg("%s", err.message);
    cJSON *json = cJSON_Parse((char *)bytes);
    assert_non_null(json);
    fs_free(bytes);
    return json;
}

static const cJSON *get(const cJSON *object, const char *name) {
    const cJSON *member = cJSON_GetObjectItem(object, name);
    assert_non_null(member);
    return member;
}

static double number(const cJSON *array, int at) {
    const cJSON *item = cJSON_GetArrayItem(array, at);
    assert_non_null(item);
    return cJSON_IsNull(item) ? (double)NAN : item->valuedouble;
}

/* ---- a run ---- */

static void check_versions(const cJSON *versions) {
    static const char *const names[VERSIONS] = {"start", "head 1", "head 2", "joint 1", "joint 2", "joint 3"};
    assert_int_equal(cJSON_GetArraySize(versions), VERSIONS);
    for (int i = 0; i < VERSIONS; i++) {
        const cJSON *v = cJSON_GetArrayItem(versions, i);
        assert_string_equal(get(v, "name")->valuestring, names[i]);
        assert_true(i > 0 || cJSON_IsNull(get(v, "stage")));
        assert_true(i == 0 || get(v, "epoch")->valueint == (i < 3 ? i : i - 2));
    }
    assert_string_equal(get(cJSON_GetArrayItem(versions, 3), "file")->valuestring, "run/epoch-joint-1.onnx");
}

/* While the backbone rests nothing moves; then it does, and the classifier has no partner. */
static void check_layers(const cJSON *layers) {
    bool moved = false;
    for (int l = 0; l < cJSON_GetArraySize(layers); l++) {
        const cJSON *layer = cJSON_GetArrayItem(layers, l);
        const cJSON *cka = get(layer, "cka"), *change = get(layer, "median_change");
        assert_int_equal(cJSON_GetArraySize(cka), VERSIONS);
        if (isnan(number(cka, 1)))
            continue;
        for (int v = 0; v < 3; v++) {
            assert_float_equal(number(cka, v), 1, 1e-9);
            assert_true(!(number(change, v) > 0));
        }
        moved = moved || number(change, VERSIONS - 1) > 1e-3;
        assert_true(number(cka, VERSIONS - 1) < 1 + 1e-9);
    }
    assert_true(moved);
}

static void check_figure(const char *path) {
    fs_image image = {0};
    assert_int_equal(fs_image_read(&image, path, NULL), FS_OK);
    assert_true(image.width > 1000 && image.height > 700);
    int64_t ink = 0;
    for (int y = 0; y < image.height; y++)
        for (int x = 0; x < image.width; x++) {
            const bool rim = x == 0 || y == 0 || x == image.width - 1 || y == image.height - 1;
            const uint8_t *p = image.pixels + 3 * ((int64_t)y * image.width + x);
            const bool marked = p[0] < 250 || p[1] < 250 || p[2] < 250;
            assert_false(rim && marked); /* no mark may touch the picture's rim */
            ink += marked;
        }
    assert_true(ink > 10000);
    fs_image_free(&image);
}

static void test_the_epochs_of_a_run(void **state) {
    static const char *const files[] = {"layers.csv", "filters.csv", "report.pdf", "report.html"};
    (void)state;
    expect(0, "6 networks over 24 photographs",
           "shift --quiet --series run --before model/small.onnx --images data -o moved");
    cJSON *json = read_json(under("moved/series.json"));
    assert_int_equal(get(json, "images")->valueint, 24);
    check_versions(get(json, "versions"));
    check_layers(get(json, "layers"));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[64];
        snprintf(path, sizeof path, "moved/%s", files[i]);
        assert_true(fs_file_exists(under(path)));
    }
    check_figure(under("moved/series.png"));
    cJSON_Delete(json);
    /* Without a start the first epoch is it. */
    expect(0, "5 networks", "shift --quiet --series run --images data -o epochs");
}

/* ---- two networks ---- */

static void test_two_are_a_shift(void **state) {
    (void)state;
    expect(
        0, "",
        "shift --quiet --before run/epoch-head-2.onnx --after run/epoch-joint-3.onnx --images data --batch "
        "8 --top 0 -o two");
    expect(0, "2 networks",
           "shift --quiet --series run/epoch-head-2.onnx run/epoch-joint-3.onnx --images data --batch 8 -o "
           "list");
    cJSON *two = read_json(under("two/shift.json")), *list = read_json(under("list/series.json"));
    const cJSON *layers = get(two, "layers"), *same = get(list, "layers");
    assert_int_equal(cJSON_GetArraySize(layers), cJSON_GetArraySize(same));
    for (int l = 0; l < cJSON_GetArraySize(layers); l++) {
        const cJSON *a = cJSON_GetArrayItem(layers, l), *b = cJSON_GetArrayItem(same, l);
        assert_string_equal(get(a, "layer")->valuestring, get(b, "layer")->valuestring);
        assert_float_equal(get(a, "cka")->valuedouble, number(get(b, "cka"), 1), 1e-8);
    }
    cJSON_Delete(two);
    cJSON_Delete(list);
}

/* ---- what cannot be followed ---- */

static void test_mistakes(void **state) {
    (void)state;
    expect(2, "--series needs", "shift --series --images data -o x");
    expect(2, "--series needs", "shift --series run -o x");
    expect(2, "--after is of one network", "shift --series run --after run/best.onnx --images data -o x");
    expect(2, "only --series", "shift run --before a --after b --images data -o x");
    expect(1, "two or more", "shift --series run/best.onnx --images data -o x");
    expect(1, "absent.onnx", "shift --quiet --series run/best.onnx absent.onnx --images data -o x");
    expect(1, "log.csv", "shift --series data --images data -o x");
    expect(1, "nowhere", "shift --series run --images nowhere -o x");
    assert_false(fs_file_exists(under("x")));
}

static void test_logs(void **state) {
    static const struct {
        const char *log, *says;
    } broken[] = {
        {"", "line 1"},
        {"epoch,stage\n", "line 1"},
        {"stage,epoch,step\n../../etc,1,2\n", "line 2"},
        {"stage,epoch,step\nhead,,2\n", "line 2"},
        {"stage,epoch,step\nhead,0,2\n", "line 2"},
        {"stage,epoch,step\nhead,1,2\nhead,99999999999999999999,2\n", "line 3"},
        {"stage,epoch,step\n,1,2\n", "line 2"},
        {"stage,epoch,step\nhead,1", "line 2"},
        {"stage,epoch,step\nhead,1,2\n", "keep-epochs"},
        {"stage,epoch,step", "keep-epochs"},
    };
    (void)state;
    assert_int_equal(fs_make_folder(under("logs"), NULL), FS_OK);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        fs_series_source *source = NULL;
        fs_error err = {0};
        put_file(under("logs/log.csv"), broken[i].log, strlen(broken[i].log));
        assert_true(fs_series_source_of_run(&source, under("logs"), "", &err) != FS_OK);
        if (!strstr(err.message, broken[i].says))
            fail_msg("'%s' is not in '%s'", broken[i].says, err.message);
        assert_null(source);
    }
    static const char log[] = "stage,epoch,step\nb,2,2\nb,1,1\na-1,7,3\nb,3,4";
    fs_series_source *source = NULL;
    put_file(under("logs/log.csv"), log, strlen(log));
    put_file(under("logs/epoch-b-2.onnx"), "", 0);
    put_file(under("logs/epoch-a-1-7.onnx"), "", 0);
    put_file(under("logs/start.onnx"), "", 0);
    assert_int_equal(fs_series_source_of_run(&source, under("logs"), "", NULL), FS_OK);
    assert_int_equal(source->n, 3); /* the order of the log; those that were kept; the start first */
    assert_string_equal(source->versions[0].name, "start");
    assert_string_equal(source->versions[1].name, "b 2");
    assert_string_equal(source->versions[2].name, "a-1 7");
    assert_int_equal(source->n_stages, 2);
    assert_string_equal(source->stages[source->versions[2].stage], "a-1");
    fs_series_source_destroy(source);
}

static void test_short_memory(void **state) {
    static const char log[] = "stage,epoch,step\nb,2,2\na,7,3\n";
    (void)state;
    assert_int_equal(fs_make_folder(under("short"), NULL), FS_OK);
    put_file(under("short/log.csv"), log, strlen(log));
    put_file(under("short/epoch-b-2.onnx"), "", 0);
    put_file(under("short/epoch-a-7.onnx"), "", 0);
    for (int n = 0;; n++) {
        fs_series_source *source = NULL;
        fail_from(n);
        const fs_status status = fs_series_source_of_run(&source, under("short"), "x", NULL);
        const bool refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        fs_series_source_destroy(source);
        if (!refused)
            break;
    }
}

/* One signal after so many microseconds; the exit status as waitpid has it. */
static int interrupt_after(useconds_t wait) {
    int status = 0;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (chdir(root) != 0 || !freopen("said", "w", stderr))
            _exit(99);
        execl(FS_PROGRAM, FS_PROGRAM, "shift", "--quiet", "--series", "run", "--images", "data", "--before",
              "model/small.onnx", "-o", "stopped", (char *)NULL);
        _exit(99);
    }
    usleep(wait);
    kill(child, SIGINT);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

/* Too early for the handler, in time, or too late: all files or none. */
static void test_stopped(void **state) {
    static const useconds_t waits[] = {0, 5000, 20000, 50000, 100000, 200000};
    (void)state;
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        const int status = interrupt_after(waits[i]);
        const bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        assert_true(done == fs_file_exists(under("stopped")));
        assert_true(done == fs_file_exists(under("stopped/report.html")));
        if (WIFEXITED(status) && !done) {
            uint8_t *said = NULL;
            size_t size;
            assert_int_equal(fs_file_read(&said, &size, under("said"), 1 << 20, NULL), FS_OK);
            if (!strstr((char *)said, "stopped"))
                fail_msg("%s", (char *)said);
            fs_free(said);
        }
        if (done)
            break;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_epochs_of_a_run),
                                       cmocka_unit_test(test_two_are_a_shift),
                                       cmocka_unit_test(test_mistakes),
                                       cmocka_unit_test(test_logs),
                                       cmocka_unit_test(test_short_memory),
                                       cmocka_unit_test(test_stopped)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
