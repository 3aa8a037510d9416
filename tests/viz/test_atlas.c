/* The atlas's job: which channels, the same bytes in whatever company, and what is left after a kill. */
#include "viz_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/file.h"
#include "engine/train/plain_network.h"
#include "tiny_model.h"
#include "viz/atlas.h"

static tiny_model tiny;
static char folder[] = FS_SCRATCH "/filterscope-atlas-XXXXXX";

/* ---- a store of plain records; the PNG one belongs to the command ---- */

enum { PIXELS = 24 * 24 * 3 };

typedef struct record {
    fs_render_settings settings;
    double objective;
    uint8_t pixels[PIXELS];
    uint32_t end; /* a file that is cut off has none */
} record;

static fs_status write_record(void *context, const fs_render_settings *settings, double objective,
                              const fs_image *image, const char *path, fs_error *err) {
    record *r = fs_calloc(1, sizeof *r);
    assert_non_null(r);
    if (context != NULL)
        atomic_fetch_add((atomic_int *)context, 1);
    memcpy(&r->settings, settings, sizeof r->settings);
    r->objective = objective;
    assert_int_equal(image->width * image->height * 3, PIXELS);
    memcpy(r->pixels, image->pixels, PIXELS);
    r->end = 0x600df11e;
    fs_status status = fs_file_write(path, r, sizeof *r, err);
    fs_free(r);
    return status;
}

static fs_status read_record(void *context, fs_render_settings *settings, double *objective, const char *path,
                             fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    (void)context;
    fs_status status = fs_file_read(&bytes, &size, path, 1 << 20, err);
    if (status != FS_OK)
        return status;
    const record *r = (const record *)(const void *)bytes;
    if (size != sizeof *r || r->end != 0x600df11e)
        status = fs_fail(err, FS_ERROR_FORMAT, "%s: is cut off", path);
    if (status == FS_OK) {
        *settings = r->settings;
        *objective = r->objective;
    }
    fs_free(bytes);
    return status;
}

/* ---- helpers ---- */

static const char *in_folder(const char *name) {
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static fs_atlas_request request_for(const char *name, int steps, atomic_int *writes) {
    fs_atlas_request request = {.folder = in_folder(name),
                                .fingerprint = "f00d",
                                .store = {.context = writes, .write = write_record, .read = read_record}};
    memset(&request.render, 0, sizeof request.render);
    fs_options_defaults(fs_render_options, &request.render);
    request.render.size = 24;
    request.render.steps = steps;
    return request;
}

static fs_atlas *create(const fs_model *model, const fs_atlas_request *request) {
    fs_atlas *atlas = NULL;
    fs_error err = {0};
    if (fs_atlas_create(&atlas, model, request, &err) != FS_OK)
        fail_msg("%s", err.message);
    return atlas;
}

static void add(fs_atlas *atlas, int layer, const char *channels, int at_most) {
    fs_error err = {0};
    if (fs_atlas_add(atlas, &fs_atlas_model(atlas)->layers[layer], channels, at_most, &err) != FS_OK)
        fail_msg("%s", err.message);
}

static void run(fs_atlas *atlas, int threads, int at_once) {
    fs_pool *pool = NULL;
    fs_error err = {0};
    assert_int_equal(fs_pool_create(&pool, threads, &err), FS_OK);
    if (fs_atlas_run(atlas, pool, at_once, NULL, &err) != FS_OK)
        fail_msg("%s", err.message);
    fs_pool_destroy(pool);
}

static void expect_same_file(const char *a, const char *b) {
    uint8_t *x = NULL, *y = NULL;
    size_t nx = 0, ny = 0;
    assert_int_equal(fs_file_read(&x, &nx, a, 1 << 20, NULL), FS_OK);
    assert_int_equal(fs_file_read(&y, &ny, b, 1 << 20, NULL), FS_OK);
    if (nx != ny || memcmp(x, y, nx) != 0)
        fail_msg("%s and %s differ", a, b);
    fs_free(x);
    fs_free(y);
}

/* Two atlases of both layers with the same tiles and index. */
static void expect_same_atlas(const char *a, const char *b) {
    static const int counts[] = {TINY_ONE, TINY_TWO};
    static const char *const names[] = {"one", "two"};
    char left[256], right[256];
    for (int l = 0; l < 2; l++)
        for (int c = 0; c < counts[l]; c++) {
            snprintf(left, sizeof left, "%s/%s/%s/%04d.png", folder, a, names[l], c);
            snprintf(right, sizeof right, "%s/%s/%s/%04d.png", folder, b, names[l], c);
            expect_same_file(left, right);
        }
    snprintf(left, sizeof left, "%s/%s/index.json", folder, a);
    snprintf(right, sizeof right, "%s/%s/index.json", folder, b);
    expect_same_file(left, right);
}

static void make_both(const char *name, int steps, int threads, int at_once) {
    fs_atlas_request request = request_for(name, steps, NULL);
    fs_atlas *atlas = create(&tiny.model, &request);
    add(atlas, 1, NULL, 0);
    add(atlas, 0, NULL, 0);
    run(atlas, threads, at_once);
    assert_int_equal(fs_atlas_count(atlas, FS_ATLAS_DRAWN), TINY_ONE + TINY_TWO);
    fs_atlas_destroy(atlas);
}

static cJSON *read_index(const char *name) {
    char path[256];
    uint8_t *bytes = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s/index.json", folder, name);
    assert_int_equal(fs_file_read(&bytes, &size, path, 1 << 20, NULL), FS_OK);
    cJSON *root = cJSON_Parse((const char *)bytes);
    assert_non_null(root);
    fs_free(bytes);
    return root;
}

/* ---- which channels ---- */

static void expect_channels(const char *text, int at_most, const int *channels, int n) {
    fs_atlas_request request = request_for("none", 1, NULL);
    fs_atlas *atlas = create(&tiny.model, &request);
    const fs_atlas_layer *layers;
    add(atlas, 0, text, at_most);
    assert_int_equal(fs_atlas_layers(atlas, &layers), 1);
    assert_int_equal(layers[0].n_tiles, n);
    for (int i = 0; i < n; i++)
        assert_int_equal(layers[0].tiles[i].channel, channels[i]);
    fs_atlas_destroy(atlas);
}

static void test_channels_are_chosen(void **state) {
    (void)state;
    expect_channels(NULL, 0, (int[]){0, 1, 2, 3, 4, 5, 6, 7}, 8);
    expect_channels("", 100, (int[]){0, 1, 2, 3, 4, 5, 6, 7}, 8);
    expect_channels("6,1-3,2", 0, (int[]){1, 2, 3, 6}, 4);
    expect_channels(NULL, 4, (int[]){0, 2, 4, 6}, 4);
    expect_channels(NULL, 3, (int[]){0, 3, 6}, 3);
    expect_channels("1-7", 1, (int[]){1}, 1);
}

static void test_bad_channels_are_named(void **state) {
    static const char *const bad[] = {"x", "1-", "-1", "3-1", "1,,2", "1,", "99999999999", "1 2", "8", "0-8"};
    fs_atlas_request request = request_for("none", 1, NULL);
    fs_atlas *atlas = create(&tiny.model, &request);
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fs_error err = {0};
        assert_int_not_equal(fs_atlas_add(atlas, &tiny.layers[0], bad[i], 0, &err), FS_OK);
        assert_non_null(strstr(err.message, "layer 'one'"));
    }
    const fs_atlas_layer *layers;
    assert_int_equal(fs_atlas_layers(atlas, &layers), 0);
    fs_atlas_destroy(atlas);
}

static void test_folders_are_safe_and_apart(void **state) {
    static const char *const names[] = {"a/b:c", "a_b_c", "../up", "x.PDF", "", "Relu", "relu"};
    static const char *const folders[] = {"a_b_c~0", "a_b_c~1", "_._up", "x_PDF", "_", "Relu~5", "relu~6"};
    enum { N = sizeof names / sizeof *names };
    fs_layer layers[N];
    fs_model model = tiny.model;
    (void)state;
    for (int i = 0; i < N; i++) {
        layers[i] = tiny.layers[0];
        layers[i].name = names[i];
    }
    model.layers = layers;
    model.n_layers = N;
    fs_atlas_request request = request_for("none", 1, NULL);
    fs_atlas *atlas = create(&model, &request);
    request.render.size = 24;
    for (int i = 0; i < N; i++) {
        fs_error err = {0};
        fs_status status = fs_atlas_add(atlas, &layers[i], "0", 0, &err);
        if (names[i][0] != '\0' && status != FS_OK)
            fail_msg("%s: %s", names[i], err.message);
    }
    const fs_atlas_layer *made;
    int n = fs_atlas_layers(atlas, &made);
    assert_true(n >= N - 1);
    for (int i = 0; i < n; i++)
        assert_string_equal(made[i].folder, folders[made[i].layer - layers]);
    fs_atlas_destroy(atlas);
}

static void expect_chapters(const char *path, const char *expected) {
    char names[1024] = "";
    fs_model *model = NULL;
    fs_error err = {0};
    if (fs_model_load(&model, path, &err) != FS_OK)
        fail_msg("%s", err.message);
    for (int l = 0; l < model->n_layers; l++)
        if (fs_atlas_is_chapter(model, l))
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s ", model->layers[l].name);
    assert_string_equal(names, expected);
    fs_model_destroy(model);
}

/* What is behind an activation function, not before; no pools; modules, not their parts. In the first network
 * two layers in a row have as many channels. */
static void test_chapters_leave_out_what_repeats(void **state) {
    (void)state;
    char path[256];
    fs_error err = {0};
    const fs_plain_network network = {"a=4@3 b=4@3 max c=6@3", 16, 2, 0};
    snprintf(path, sizeof path, "%s/plain.onnx", folder);
    assert_int_equal(fs_plain_network_write(&network, path, &err), FS_OK);
    expect_chapters(path, "a b c logits ");
    expect_chapters(FS_TEST_DATA "/onnx/squeeze.onnx", "features.1 features.3 features.4 classifier.1 ");
    expect_chapters(FS_TEST_DATA "/onnx/residual.onnx", "relu layer1.0 layer1.1 scores ");
}

/* Where only pooling and the like follows, channels are the classes. */
static void test_classes_have_names(void **state) {
    static const char *const types[] = {"Conv", "Conv", "Relu", "GlobalAveragePool", "Flatten"};
    static const char *const labels[] = {"zebra", "tiger", "coral", "cliff"};
    fs_layer layers[5];
    fs_model model = tiny.model;
    (void)state;
    for (int i = 0; i < 5; i++) {
        layers[i] = tiny.layers[i == 4 ? 2 : 0];
        layers[i].operator_type = types[i];
        layers[i].channels = i == 0 ? TINY_ONE : TINY_CLASSES;
    }
    model.layers = layers;
    model.n_layers = 5;
    model.labels = labels;
    model.n_labels = 3; /* a list of labels may be short */
    assert_ptr_equal(fs_model_logits(&model), &layers[4]);
    fs_atlas_request request = request_for("none", 1, NULL);
    fs_atlas *atlas = create(&model, &request);
    for (int i = 0; i < 5; i++) {
        fs_atlas_layer entry = {.layer = &layers[i]};
        const char *name = fs_atlas_concept(atlas, &entry, 1);
        if (i == 0)
            assert_null(name);
        else
            assert_string_equal(name, "tiger");
        assert_null(fs_atlas_concept(atlas, &entry, 3));
    }
    fs_atlas_destroy(atlas);
}

/* ---- the same bytes ---- */

static void test_tiles_do_not_depend_on_company(void **state) {
    static const int threads[] = {2, 3, 7, 4}, at_once[] = {0, 2, 1, 100};
    char name[16];
    (void)state;
    make_both("alone", 40, 1, 0);
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "company%d", i);
        make_both(name, 40, threads[i], at_once[i]);
        expect_same_atlas("alone", name);
    }
}

static void test_a_tile_is_what_a_render_makes(void **state) {
    fs_atlas_request request = request_for("single", 20, NULL);
    fs_atlas *atlas = create(&tiny.model, &request);
    fs_render_settings s = request.render, found;
    const fs_atlas_layer *layers;
    fs_image image;
    double objective = 0, stored = 0;
    (void)state;
    add(atlas, 1, "3", 0);
    run(atlas, 2, 0);
    snprintf(s.layer, sizeof s.layer, "two");
    s.channel = 3;
    assert_int_equal(fs_render_picture(&tiny.model, &s, NULL, NULL, &image, &objective, NULL), FS_OK);
    fs_atlas_layers(atlas, &layers);
    char *path = fs_atlas_tile_path(atlas, &layers[0], 3);
    assert_int_equal(read_record(NULL, &found, &stored, path, NULL), FS_OK);
    assert_true(stored == objective && layers[0].tiles[0].objective == objective);
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(fs_file_read(&bytes, &size, path, 1 << 20, NULL), FS_OK);
    assert_memory_equal(bytes + offsetof(record, pixels), image.pixels, PIXELS);
    fs_free(bytes);
    fs_free(path);
    fs_image_free(&image);
    fs_atlas_destroy(atlas);
}

static void test_index_says_what_is_there(void **state) {
    (void)state;
    make_both("index", 3, 2, 0);
    cJSON *root = read_index("index");
    assert_int_equal(cJSON_GetObjectItem(root, "format")->valueint, 1);
    assert_string_equal(cJSON_GetObjectItem(root, "model")->valuestring, "tiny");
    assert_int_equal(cJSON_GetObjectItem(cJSON_GetObjectItem(root, "parameters"), "steps")->valueint, 3);
    const cJSON *layers = cJSON_GetObjectItem(root, "layers");
    assert_int_equal(cJSON_GetArraySize(layers), 2);
    const cJSON *two = cJSON_GetArrayItem(layers, 1);
    assert_string_equal(cJSON_GetObjectItem(two, "layer")->valuestring, "two");
    const cJSON *channels = cJSON_GetObjectItem(two, "channels"), *fourth = cJSON_GetArrayItem(channels, 4);
    assert_int_equal(cJSON_GetArraySize(channels), TINY_TWO);
    assert_int_equal(cJSON_GetObjectItem(fourth, "channel")->valueint, 4);
    assert_string_equal(cJSON_GetObjectItem(fourth, "file")->valuestring, "two/0004.png");
    assert_true(cJSON_IsNumber(cJSON_GetObjectItem(fourth, "objective")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(fourth, "concept")));
    cJSON_Delete(root);
}

/* ---- going on ---- */

static void truncate_file(const char *path, int percent) {
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(truncate(path, info.st_size * percent / 100), 0);
}

/* Draws what is missing; returns how many tiles that were. */
static int resume_both(const char *name, int steps, int threads) {
    atomic_int writes = 0;
    fs_error err = {0};
    fs_atlas_request request = request_for(name, steps, &writes);
    fs_atlas *atlas = create(&tiny.model, &request);
    add(atlas, 0, NULL, 0);
    add(atlas, 1, NULL, 0);
    if (fs_atlas_resume(atlas, &err) != FS_OK)
        fail_msg("%s", err.message);
    run(atlas, threads, 0);
    fs_atlas_destroy(atlas);
    return atomic_load(&writes);
}

static void test_resume_redoes_what_is_cut_off(void **state) {
    (void)state;
    make_both("whole", 10, 2, 0);
    make_both("cut", 10, 2, 0);
    assert_int_equal(resume_both("cut", 10, 2), 0);
    truncate_file(in_folder("cut/one/0003.png"), 50);
    truncate_file(in_folder("cut/two/0005.png"), 0);
    assert_int_equal(unlink(in_folder("cut/two/0000.png")), 0);
    assert_int_equal(resume_both("cut", 10, 2), 3);
    expect_same_atlas("whole", "cut");
    static const int percents[] = {0, 1, 50, 99};
    for (int i = 0; i < 4; i++) { /* the tiles speak for themselves */
        truncate_file(in_folder("cut/index.json"), percents[i]);
        assert_int_equal(resume_both("cut", 10, 2), 0);
        expect_same_atlas("whole", "cut");
    }
    assert_int_equal(unlink(in_folder("cut/index.json")), 0);
    assert_int_equal(resume_both("cut", 10, 2), 0);
    expect_same_atlas("whole", "cut");
}

static void expect_refusal(fs_atlas_request request, const char *part) {
    fs_error err = {0};
    fs_atlas *atlas = create(&tiny.model, &request);
    add(atlas, 1, NULL, 0);
    assert_int_not_equal(fs_atlas_resume(atlas, &err), FS_OK);
    if (!strstr(err.message, part))
        fail_msg("'%s' does not say '%s'", err.message, part);
    fs_atlas_destroy(atlas);
}

static void test_resume_refuses_other_parameters(void **state) {
    (void)state;
    make_both("fixed", 10, 2, 0);
    expect_refusal(request_for("fixed", 11, NULL), "--steps 10, not 11");
    fs_atlas_request request = request_for("fixed", 10, NULL);
    request.render.rate = 0.025;
    expect_refusal(request, "--rate 0.05, not 0.025");
    request = request_for("fixed", 10, NULL);
    request.fingerprint = "beef";
    expect_refusal(request, "another model");
    assert_int_equal(unlink(in_folder("fixed/index.json")), 0); /* then the tiles say it */
    expect_refusal(request_for("fixed", 11, NULL), "two/0000.png: was made with --steps 10, not 11");
}

static void test_resume_survives_any_index(void **state) {
    static const char *const bad[] = {
        "[]",
        "{}",
        "null",
        "7",
        "{\"format\": 2}",
        "{\"format\": 1, \"model\": 3}",
        "{\"format\": 1, \"model\": \"m\", \"model_sha256\": \"f00d\"}",
        "{\"format\": 1, \"model\": \"m\", \"model_sha256\": \"f00d\", "
        "\"parameters\": {\"steps\": []}, \"layers\": []}",
        "{\"format\": 1, \"model\": \"m\", \"model_sha256\": \"f00d\", "
        "\"parameters\": {\"steps\": 1e300}, \"layers\": []}",
        "{\"format\": 1, \"model\": \"m\", \"model_sha256\": \"f00d\", "
        "\"parameters\": {\"steps\": 4, \"size\": 24}, \"layers\": {}}",
        "{\"format\": 1, \"model\": \"m\", \"model_sha256\": \"f00d\", "
        "\"parameters\": {\"steps\": 4, \"size\": 24}, \"layers\": [7]}",
        "{\"format\": 1, \"model\": \"m\", \"model_sha256\": \"f00d\", "
        "\"parameters\": {\"steps\": 4, \"size\": 24}, \"layers\": [{\"layer\": "
        "\"nowhere\", \"channels\": []}]}",
        "{\"format\": 1, \"model\": \"m\", \"model_sha256\": \"f00d\", "
        "\"parameters\": {\"steps\": 4, \"size\": 24}, \"layers\": [{\"layer\": "
        "\"two\", \"channels\": [{\"channel\": 1e9}]}]}"};
    (void)state;
    assert_int_equal(fs_make_folder(in_folder("odd"), NULL), FS_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(fs_file_write(in_folder("odd/index.json"), bad[i], strlen(bad[i]), NULL), FS_OK);
        expect_refusal(request_for("odd", 4, NULL), "odd/index.json: ");
    }
}

/* What the index has joins the job. */
static void test_resume_takes_over_other_layers(void **state) {
    fs_atlas_request request = request_for("growing", 5, NULL);
    const fs_atlas_layer *layers;
    (void)state;
    for (int round = 0; round < 2; round++) {
        fs_atlas *atlas = create(&tiny.model, &request);
        add(atlas, 1 - round, round ? "0-2" : "4", 0);
        assert_int_equal(fs_atlas_resume(atlas, NULL), FS_OK);
        run(atlas, 2, 0);
        assert_int_equal(fs_atlas_layers(atlas, &layers), round + 1);
        fs_atlas_destroy(atlas);
    }
    cJSON *root = read_index("growing");
    const cJSON *list = cJSON_GetObjectItem(root, "layers");
    assert_int_equal(cJSON_GetArraySize(list), 2);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(cJSON_GetArrayItem(list, 0), "channels")), 3);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(cJSON_GetArrayItem(list, 1), "channels")), 1);
    cJSON_Delete(root);
}

typedef struct stopper {
    atomic_bool cancel;
    int reports, after;
} stopper;

static void stop_after(void *context, const fs_progress_state *state) {
    stopper *s = context;
    assert_true(state->done <= state->total && state->total == TINY_ONE + TINY_TWO);
    if (++s->reports >= s->after)
        atomic_store(&s->cancel, true);
}

static void test_cancelled_keeps_what_is_finished(void **state) {
    fs_atlas_request request = request_for("stopped", 12, NULL);
    fs_atlas *atlas = create(&tiny.model, &request);
    stopper s = {.after = 70};
    fs_progress progress = {.report = stop_after, .context = &s, .cancel = &s.cancel};
    fs_error err = {0};
    (void)state;
    add(atlas, 0, NULL, 0);
    add(atlas, 1, NULL, 0);
    assert_int_equal(fs_atlas_run(atlas, NULL, 0, &progress, &err), FS_ERROR_CANCELLED);
    assert_int_equal(fs_atlas_count(atlas, FS_ATLAS_DRAWN), 5); /* 70 / 12 */
    assert_non_null(strstr(err.message, "9 of 14"));
    fs_atlas_destroy(atlas);
    make_both("straight", 12, 2, 0);
    assert_int_equal(resume_both("stopped", 12, 2), 9);
    expect_same_atlas("straight", "stopped");
}

/* ---- killed ---- */

static double seconds_of(const struct timespec *t) {
    return (double)t->tv_sec + 1e-9 * (double)t->tv_nsec;
}

/* Whole tiles in the folder, with the time each was written. */
static int list_whole(const char *name, double times[TINY_ONE + TINY_TWO]) {
    int n = 0;
    for (int i = 0; i < TINY_ONE + TINY_TWO; i++) {
        char path[256];
        struct stat info;
        bool first = i < TINY_ONE;
        snprintf(path, sizeof path, "%s/%s/%s/%04d.png", folder, name, first ? "one" : "two",
                 first ? i : i - TINY_ONE);
        bool there = stat(path, &info) == 0;
        times[i] = there ? seconds_of(&info.st_mtim) : 0;
        n += there;
    }
    return n;
}

static pid_t start_child(const char *name, int steps) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        resume_both(name, steps, 2);
        _exit(0);
    }
    return child;
}

static void test_killed_at_any_moment(void **state) {
    fs_random random;
    uint64_t seed = (uint64_t)getpid();
    int most = 0;
    (void)state;
    printf("seed %llu\n", (unsigned long long)seed);
    fs_random_seed(&random, seed, 0);
    make_both("unharmed", 30, 2, 0);
    for (int round = 0; round < 8; round++) {
        char name[16];
        double before[TINY_ONE + TINY_TWO], after[TINY_ONE + TINY_TWO];
        snprintf(name, sizeof name, "killed%d", round);
        for (int kills = 0; kills < 3; kills++) {
            pid_t child = start_child(name, 30);
            usleep(1000 * (useconds_t)(1 + fs_random_int(&random, 60)));
            kill(child, SIGKILL);
            waitpid(child, NULL, 0);
        }
        int whole = list_whole(name, before);
        most = whole > most ? whole : most;
        assert_int_equal(resume_both(name, 30, 2), TINY_ONE + TINY_TWO - whole);
        list_whole(name, after);
        for (int i = 0; i < TINY_ONE + TINY_TWO; i++)
            assert_true(before[i] == 0 || before[i] == after[i]);
        expect_same_atlas("unharmed", name);
    }
    printf("at most %d tiles were there after a kill\n", most);
}

static void test_leftovers_are_removed(void **state) {
    (void)state;
    make_both("dusty", 2, 1, 0);
    assert_int_equal(fs_file_write(in_folder("dusty/one/.fs-0123456789abcdef.tmp"), "x", 1, NULL), FS_OK);
    assert_int_equal(fs_file_write(in_folder("dusty/.fs-0123456789abcdef.tmp"), "x", 1, NULL), FS_OK);
    assert_int_equal(fs_file_write(in_folder("dusty/one/notes.tmp"), "x", 1, NULL), FS_OK);
    resume_both("dusty", 2, 1);
    assert_false(fs_file_exists(in_folder("dusty/one/.fs-0123456789abcdef.tmp")));
    assert_false(fs_file_exists(in_folder("dusty/.fs-0123456789abcdef.tmp")));
    assert_true(fs_file_exists(in_folder("dusty/one/notes.tmp")));
}

/* ---- diverged ---- */

static void test_diverged_tile_is_null_and_stays(void **state) {
    tiny_model broken;
    atomic_int writes = 0;
    const fs_atlas_layer *layers;
    (void)state;
    tiny_model_create(&broken, NAN);
    fs_atlas_request request = request_for("diverged", 4, &writes);
    for (int round = 0; round < 2; round++) {
        fs_atlas *atlas = create(&broken.model, &request);
        add(atlas, 1, NULL, 0);
        assert_int_equal(fs_atlas_resume(atlas, NULL), FS_OK);
        assert_int_equal(fs_atlas_count(atlas, FS_ATLAS_DIVERGED), round);
        run(atlas, 2, 0);
        fs_atlas_layers(atlas, &layers);
        assert_int_equal(layers[0].tiles[TINY_DEAD].state, FS_ATLAS_DIVERGED);
        assert_true(layers[0].tiles[TINY_DEAD].rate == fs_atlas_get_request(atlas)->render.rate / 8);
        fs_atlas_destroy(atlas);
        assert_int_equal(atomic_load(&writes), TINY_TWO - 1);
    }
    cJSON *root = read_index("diverged");
    const cJSON *layer = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "layers"), 0);
    const cJSON *entry = cJSON_GetArrayItem(cJSON_GetObjectItem(layer, "channels"), TINY_DEAD);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(entry, "objective")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(entry, "file")));
    cJSON_Delete(root);
    assert_false(fs_file_exists(in_folder("diverged/two/0005.png")));
    tiny_model_destroy(&broken);
}

/* ---- errors ---- */

static fs_status refuse_write(void *context, const fs_render_settings *settings, double objective,
                              const fs_image *image, const char *path, fs_error *err) {
    (void)context, (void)objective, (void)image;
    if (settings->channel == 2)
        return fs_fail(err, FS_ERROR_IO, "%s: no space", path);
    return write_record(NULL, settings, objective, image, path, err);
}

static void test_a_failed_write_ends_the_job(void **state) {
    fs_atlas_request request = request_for("full", 4, NULL);
    fs_error err = {0};
    (void)state;
    request.store.write = refuse_write;
    fs_atlas *atlas = create(&tiny.model, &request);
    add(atlas, 0, NULL, 0);
    assert_int_equal(fs_atlas_run(atlas, NULL, 0, NULL, &err), FS_ERROR_IO);
    assert_non_null(strstr(err.message, "one/0002.png: no space"));
    assert_int_equal(fs_atlas_count(atlas, FS_ATLAS_DRAWN), 2);
    fs_atlas_destroy(atlas);
}

static void test_bad_requests(void **state) {
    fs_atlas_request request = request_for("", 4, NULL);
    fs_atlas *atlas = NULL;
    fs_error err = {0};
    (void)state;
    request.folder = "";
    assert_int_equal(fs_atlas_create(&atlas, &tiny.model, &request, &err), FS_ERROR_ARGUMENT);
    request = request_for("none", 4, NULL);
    snprintf(request.render.objective, sizeof request.render.objective, "deepdream");
    assert_int_equal(fs_atlas_create(&atlas, &tiny.model, &request, &err), FS_ERROR_ARGUMENT);
    assert_null(atlas);
    request = request_for("none", 4, NULL);
    request.render.size = 3;
    atlas = create(&tiny.model, &request);
    assert_int_equal(fs_atlas_add(atlas, &tiny.layers[0], NULL, 0, &err), FS_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "size 3"));
    fs_atlas_destroy(atlas);
}

static int group_setup(void **state) {
    (void)state;
    tiny_model_create(&tiny, -0.2F);
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int group_teardown(void **state) {
    char command[128];
    (void)state;
    tiny_model_destroy(&tiny);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command) == 0 ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_channels_are_chosen),
        cmocka_unit_test(test_bad_channels_are_named),
        cmocka_unit_test(test_folders_are_safe_and_apart),
        cmocka_unit_test(test_chapters_leave_out_what_repeats),
        cmocka_unit_test(test_classes_have_names),
        cmocka_unit_test(test_tiles_do_not_depend_on_company),
        cmocka_unit_test(test_a_tile_is_what_a_render_makes),
        cmocka_unit_test(test_index_says_what_is_there),
        cmocka_unit_test(test_resume_redoes_what_is_cut_off),
        cmocka_unit_test(test_resume_refuses_other_parameters),
        cmocka_unit_test(test_resume_survives_any_index),
        cmocka_unit_test(test_resume_takes_over_other_layers),
        cmocka_unit_test(test_cancelled_keeps_what_is_finished),
        cmocka_unit_test(test_killed_at_any_moment),
        cmocka_unit_test(test_leftovers_are_removed),
        cmocka_unit_test(test_diverged_tile_is_null_and_stays),
        cmocka_unit_test(test_a_failed_write_ends_the_job),
        cmocka_unit_test(test_bad_requests),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
