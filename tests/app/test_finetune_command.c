/* `finetune` as a user calls it: its files, what it says, and that a run that was killed goes on to the same
 * end. */
#include "base/helpers.h"

#include <cjson/cJSON.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/image.h"
#include "engine/train/material.h"

enum { TEXT = 1 << 16 };
#define OPTIONS                                                                                              \
    "--head-epochs 3 --epochs 3 --batch 6 --freeze none --rate 0.003 --head-rate 0.02 --crop 0.8 --seed 5"

static char root[64];

static const char *under(const char *name) {
    static char paths[6][256];
    static int next;
    char *path = paths[next++ % 6];
    snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

static int set_up(void **state) {
    (void)state;
    strcpy(root, "command-XXXXXX");
    if (!mkdtemp(root))
        return -1;
    material_write(under("data"), 12, 1);
    fs_model_destroy(material_model(under("model")));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    material_remove(root);
    return 0;
}

/* Runs the program; returns the exit code, and what it said on both streams. */
static int run(const char *words, char text[TEXT]) {
    char command[4096];
    snprintf(command, sizeof command, "'%s' %s >%s 2>&1 </dev/null", FS_PROGRAM, words, under("said"));
    const int status = system(command);
    FILE *file = fopen(under("said"), "r");
    const size_t n = file ? fread(text, 1, TEXT - 1, file) : 0;
    text[n] = 0;
    if (file)
        fclose(file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static const char *finetune(const char *more, const char *out) {
    static char words[2048];
    snprintf(words, sizeof words, "finetune --model %s --data %s -o %s %s", under("model/small.onnx"),
             under("data"), under(out), more);
    return words;
}

static void check_said(const char *text, const char *part) {
    if (!strstr(text, part))
        fail_msg("'%s' is not in '%s'", part, text);
}

static char *read_whole(const char *path, size_t *size) {
    uint8_t *bytes = NULL;
    fs_error err = {0};
    if (fs_file_read(&bytes, size, path, 1 << 24, &err) != FS_OK)
        fail_msg("%s", err.message);
    return (char *)bytes;
}

static void check_same_file(const char *a, const char *b) {
    size_t na, nb;
    char *x = read_whole(a, &na), *y = read_whole(b, &nb);
    assert_int_equal(na, nb);
    assert_memory_equal(x, y, na);
    fs_free(x);
    fs_free(y);
}

static void test_mistakes_in_the_call(void **state) {
    (void)state;
    char text[TEXT];
    assert_int_equal(run("finetune", text), 2);
    check_said(text, "-o and one of --data and --world are needed");
    assert_int_equal(run("finetune --data x --world a -o y", text), 2);
    assert_int_equal(run("finetune --data x --model m --network edge1=4@3 -o y", text), 2);
    check_said(text, "--model or --network");
    assert_int_equal(run("finetune --data x -o y --freeze most", text), 2);
    check_said(text, "--freeze");
    assert_int_equal(run("finetune --data x -o y --train-from a --train-layers b", text), 2);
    assert_int_equal(run(finetune("--train-from nowhere", "out"), text), 1);
    check_said(text, "no layer 'nowhere'");
}

static void check_metrics(void) {
    size_t size;
    char *bytes = read_whole(under("out/metrics.json"), &size);
    cJSON *root_object = cJSON_Parse(bytes);
    assert_non_null(root_object);
    assert_int_equal(cJSON_GetObjectItem(root_object, "format")->valueint, 1);
    assert_int_equal(cJSON_GetObjectItem(root_object, "pictures")->valueint, 4);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(root_object, "classes")), 2);
    const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItem(root_object, "classes"), 0);
    assert_string_equal(cJSON_GetObjectItem(first, "label")->valuestring, "lying");
    int sum = 0;
    for (int r = 0; r < 2; r++)
        for (int k = 0; k < 2; k++)
            sum += cJSON_GetArrayItem(cJSON_GetArrayItem(cJSON_GetObjectItem(root_object, "confusion"), r), k)
                       ->valueint;
    assert_int_equal(sum, 4);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(root_object, "skipped")), 1);
    cJSON_Delete(root_object);
    fs_free(bytes);
}

static void test_files(void **state) {
    (void)state;
    static const char *const pictures[] = {"out/curves.png", "out/confusion.png", "out/mistakes.png"};
    char text[TEXT], words[1024];
    put_file(under("data/standing/02.png"), "damaged", 7);
    if (run(finetune(OPTIONS, "out"), text) != 0)
        fail_msg("%s", text);
    check_said(text, "2  backbone frozen: 26 of");
    check_said(text, "5  trained jointly: 3 epochs");
    check_said(text, "standing/02.png");
    check_metrics();
    for (int i = 0; i < 3; i++) {
        fs_image image = {0};
        assert_int_equal(fs_image_read(&image, under(pictures[i]), NULL), FS_OK);
        assert_true(image.width > 300 && image.height > 100);
        fs_image_free(&image);
    }
    snprintf(words, sizeof words, "classify --model %s %s --top 1", under("out/best.onnx"),
             under("data/lying/00.png"));
    assert_int_equal(run(words, text), 0);
    assert_true(strstr(text, "lying") || strstr(text, "standing"));
    assert_null(strstr(text, "no sidecar"));
    /* a second run does not write over the first */
    assert_int_equal(run(finetune(OPTIONS, "out"), text), 1);
    check_said(text, "--resume goes on");
    assert_int_equal(run(finetune(OPTIONS " --resume", "out"), text), 0);
    assert_int_equal(run(finetune(OPTIONS " --resume --momentum 0.5", "out"), text), 1);
    check_said(text, "other settings");
}

/* Waits until the run has finished an epoch, kills it, and lets it go on. */
static void interrupt(const char *out, int number) {
    char text[TEXT], checkpoint[512];
    snprintf(checkpoint, sizeof checkpoint, "%s/checkpoint.bin", out);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl(FS_PROGRAM, FS_PROGRAM, "finetune", "--model", under("model/small.onnx"), "--data",
              under("data"), "-o", out, "--quiet", "--head-epochs", "3", "--epochs", "3", "--batch", "6",
              "--freeze", "none", "--rate", "0.003", "--head-rate", "0.02", "--crop", "0.8", "--seed", "5",
              (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 20000 && access(checkpoint, R_OK) != 0; i++)
        usleep(1000);
    kill(child, number);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(access(checkpoint, R_OK), 0);
    if (run(finetune(OPTIONS " --resume", fs_path_base(out)), text) != 0)
        fail_msg("%s", text);
}

static void test_killed(void **state) {
    (void)state;
    char text[TEXT];
    if (run(finetune(OPTIONS, "whole"), text) != 0)
        fail_msg("%s", text);
    static const int signals[] = {SIGKILL, SIGINT};
    static const char *const folders[] = {"killed", "stopped"};
    for (int i = 0; i < 2; i++) {
        char path[256], best[300], metrics[300];
        snprintf(path, sizeof path, "%s", under(folders[i]));
        interrupt(path, signals[i]);
        snprintf(best, sizeof best, "%s/best.onnx", path);
        snprintf(metrics, sizeof metrics, "%s/metrics.json", path);
        check_same_file(under("whole/best.onnx"), best);
        check_same_file(under("whole/metrics.json"), metrics);
    }
}

/* A network of its own, trained on drawn pictures; then its weights forgotten and trained again. */
static void test_from_scratch(void **state) {
    (void)state;
    char text[TEXT], words[1024];
    snprintf(
        words, sizeof words,
        "finetune --network 'edge1=8@3/2 object1=12@3' --network-size 32 --world b --drawn 24 --val-drawn 12 "
        "--afresh --epochs 2 --seed 3 -o %s",
        under("out"));
    if (run(words, text) != 0)
        fail_msg("%s", text);
    check_said(text, "6 classes, 24 pictures to train on, 12 to validate on");
    check_said(text, "2  trained from scratch, 1178 weights: 2 epochs, rate 0.001");
    assert_true(fs_file_exists(under("out/start.onnx")));
    assert_true(fs_file_exists(under("out/best_labels.txt")));
    if (run(finetune("--scratch --epochs 1", "again"), text) != 0)
        fail_msg("%s", text);
    check_said(text, "trained from scratch");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_mistakes_in_the_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_killed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_from_scratch, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
