/* `finetune` as a user calls it: its files, what it says, and that a run that was killed goes on to the same
 * end. */
#include "base/helpers.h"

#include <cjson/cJSON.h>
#include <math.h>
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
    strcpy(root, FS_SCRATCH "/filterscope-command-XXXXXX");
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
    check_said(text, "on features computed once");
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
    if (run(finetune(OPTIONS " --keep-epochs", "whole"), text) != 0)
        fail_msg("%s", text);
    assert_true(fs_file_exists(under("whole/epoch-head-3.onnx")));
    assert_true(fs_file_exists(under("whole/epoch-joint-1.json")));
    assert_false(fs_file_exists(under("whole/epoch-joint-4.onnx")));
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

/* ---- the comparison of policies ---- */

#define COMPARE "--compare --head-epochs 2 --epochs 2 --batch 6 --seed 5 --policies "

static int count_lines(const char *path) {
    size_t size;
    int n = 0;
    char *bytes = read_whole(path, &size);
    for (size_t i = 0; i < size; i++)
        n += bytes[i] == '\n';
    fs_free(bytes);
    return n;
}

static double number_in(const cJSON *object, const char *name) {
    const cJSON *item = cJSON_GetObjectItem(object, name);
    assert_true(cJSON_IsNumber(item));
    return item->valuedouble;
}

/* The head alone moves no layer, the other policy some; both train jointly for as long. */
static void check_comparison(const char *path) {
    size_t size;
    char *bytes = read_whole(path, &size);
    cJSON *all = cJSON_Parse(bytes);
    assert_non_null(all);
    assert_int_equal(number_in(all, "format"), 1);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(all, "complete")));
    const cJSON *layers = cJSON_GetObjectItem(all, "layers"),
                *policies = cJSON_GetObjectItem(all, "policies");
    const int n = cJSON_GetArraySize(layers);
    assert_true(n >= 3);
    assert_int_equal(cJSON_GetArraySize(policies), 3);
    for (int p = 0; p < 3; p++) {
        const cJSON *policy = cJSON_GetArrayItem(policies, p), *cka = cJSON_GetObjectItem(policy, "cka");
        const double accuracy = number_in(policy, "accuracy");
        assert_int_equal(cJSON_GetArraySize(cka), n);
        assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(policy, "curve")), p < 2 ? 4 : 2);
        assert_true(cJSON_IsNull(cJSON_GetObjectItem(policy, "top5")));
        assert_float_equal(number_in(policy, "standard_error"),
                           sqrt(accuracy * (1 - accuracy) / number_in(policy, "pictures")), 1e-6);
        assert_float_equal(number_in(policy, "right"), accuracy * number_in(policy, "pictures"), 1e-6);
        for (int l = 0; l < n && p == 0; l++)
            assert_float_equal(cJSON_GetArrayItem(cka, l)->valuedouble, 1, 1e-5);
        assert_true(p < 2 || cJSON_GetArrayItem(cka, n - 1)->valuedouble < 0.999);
    }
    assert_true(number_in(cJSON_GetArrayItem(policies, 0), "weights_trained") == 26);
    assert_true(number_in(cJSON_GetArrayItem(policies, 2), "weights_trained") ==
                number_in(cJSON_GetArrayItem(policies, 1), "weights_trained"));
    cJSON_Delete(all);
    fs_free(bytes);
}

static void test_compare(void **state) {
    (void)state;
    char text[TEXT];
    material_write(under("data/train"), 12, 2);
    material_write(under("data/val"), 10, 3);
    if (run(finetune(COMPARE "scratch,head,none", "out"), text) != 0)
        fail_msg("%s", text);
    check_said(text, "head (1 of 3)");
    check_said(text, "scratch (3 of 3)");
    check_said(text, "trained from scratch");
    check_comparison(under("out/compare.json"));
    assert_int_equal(count_lines(under("out/compare.csv")), 4);
    assert_true(count_lines(under("out/compare-layers.csv")) >= 4);
    assert_true(fs_file_exists(under("out/compare.html")));
    assert_true(fs_file_exists(under("out/scratch/best.onnx")));
    fs_image image = {0};
    assert_int_equal(fs_image_read(&image, under("out/compare.png"), NULL), FS_OK);
    assert_true(image.width > 800 && image.height > 600);
    fs_image_free(&image);
}

/* What is finished is not trained again; what was not begun is. */
static void test_compare_goes_on(void **state) {
    (void)state;
    char text[TEXT], log[300];
    size_t before, after;
    if (run(finetune(COMPARE "low", "out"), text) != 0)
        fail_msg("%s", text);
    assert_int_equal(run(finetune(COMPARE "low,high", "out"), text), 1);
    check_said(text, "out/low has a run already");
    snprintf(log, sizeof log, "%s", under("out/low/log.csv"));
    char *first = read_whole(log, &before);
    if (run(finetune(COMPARE "low,high --resume", "out"), text) != 0)
        fail_msg("%s", text);
    char *second = read_whole(log, &after);
    assert_int_equal(before, after); /* seconds too */
    assert_memory_equal(first, second, before);
    assert_int_equal(count_lines(under("out/compare.csv")), 3);
    /* another budget is another run */
    assert_int_equal(run(finetune(COMPARE "low,high --resume --epochs 3", "out"), text), 1);
    check_said(text, "other settings");
    fs_free(first);
    fs_free(second);
}

static void test_compare_refuses(void **state) {
    (void)state;
    char text[TEXT];
    assert_int_equal(run(finetune("--compare --scratch", "out"), text), 2);
    assert_int_equal(run(finetune("--compare --train-from one", "out"), text), 2);
    assert_int_equal(run(finetune("--compare --policies head,most", "out"), text), 2);
    check_said(text, "'most' is none of head");
    assert_int_equal(run(finetune("--compare --policies head,low,head", "out"), text), 2);
    check_said(text, "'head' is there twice");
    assert_int_equal(run(finetune("--compare --policies head,", "out"), text), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_mistakes_in_the_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_killed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_from_scratch, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_compare, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_compare_goes_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_compare_refuses, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
