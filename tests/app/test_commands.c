/* The program as a user calls it: exit codes, one-line errors, files written whole or not at all. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/image.h"
#include "base/npy.h"

#define MODEL FS_TEST_DATA "/onnx/squeeze.onnx"
#define GRAPHDEF FS_TEST_DATA "/graphdef/branches.pb"
enum { OUTPUT_SIZE = 1 << 16, TINY_LAYER_CHANNELS = 4 };

typedef struct outcome {
    int code;
    char out[OUTPUT_SIZE], err[OUTPUT_SIZE];
} outcome;

static char folder[] = FS_SCRATCH "/filterscope-test-XXXXXX";

static void read_text(const char *name, char *text) {
    FILE *file = fopen(name, "r");
    size_t n = file ? fread(text, 1, OUTPUT_SIZE - 1, file) : 0;
    text[n] = 0;
    if (file)
        fclose(file);
}

/* Runs the program in the test's folder with a formatted command line. */
static void run(outcome *result, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void run(outcome *result, const char *format, ...) {
    char words[2048], command[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    snprintf(command, sizeof command, "'%s' %s >.out 2>.err </dev/null", FS_PROGRAM, words);
    int status = system(command);
    result->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    read_text(".out", result->out);
    read_text(".err", result->err);
    unlink(".out");
    unlink(".err");
}

static int count_files(void) {
    int n = 0;
    DIR *dir = opendir(".");
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return n;
}

/* One line on stderr that says `part`, the given exit code, and no file more than before. */
static void expect_error(int code, const char *part, const char *words) {
    outcome *r = calloc(1, sizeof *r);
    int before = count_files();
    run(r, "%s", words);
    char *newline = strchr(r->err, '\n');
    if (r->code != code || !strstr(r->err, part) || strncmp(r->err, "filterscope: ", 13) != 0 || !newline ||
        newline[1])
        fail_msg("`%s`: exit %d, stderr '%s', wanted exit %d and one line with '%s'", words, r->code, r->err,
                 code, part);
    assert_int_equal(count_files(), before);
    free(r);
}

static void expect_success(outcome *r, const char *words) {
    run(r, "%s", words);
    if (r->code != 0)
        fail_msg("`%s`: exit %d: %s", words, r->code, r->err);
}

static void test_usage_errors(void **state) {
    (void)state;
    expect_error(2, "unknown option", "layers --frobnicate");
    expect_error(2, "--input", "probe --model " MODEL);
    expect_error(2, "go together", "probe --model " MODEL " --input a.npy --layer x -o b.npy --grad");
    expect_error(2, "--layer", "render --model " MODEL " -o x.png");
    expect_error(2, "-o", "render --model " MODEL " --layer x");
    expect_error(2, "steps", "render --model " MODEL " --layer x -o x.png --steps many");
    expect_error(2, "--variants", "render --layer x --variants 2 --snapshots 3 --model " MODEL " -o x.png");
    expect_error(2, "'7'", "render --layer x --steps 6 --snapshots 7,8 --model " MODEL " -o x.png");
    expect_error(2, "--separate", "render --layer x --separate --model " MODEL " -o x.png");
    expect_error(2, "-o is needed", "atlas --model " MODEL " --layer x");
    expect_error(2, "--layer or --all", "atlas --model " MODEL " -o x");
    expect_error(2, "--all excludes", "atlas --all --layer x --model " MODEL " -o x");
    expect_error(2, "deepdream", "atlas --layer x --objective deepdream --model " MODEL " -o x");
    expect_error(2, "belong to one --layer", "atlas --all --channels 3 --model " MODEL " -o x");
    expect_error(2, "exclude each other", "atlas --layer x --channel 1 --channels 3 --model " MODEL " -o x");
    expect_error(2, "are needed", "activation-atlas --layer x --model " MODEL " -o x");
    expect_error(2, "no --objective",
                 "activation-atlas --images . --layer x --objective logit --model " MODEL " -o x");
    expect_error(2, "picture", "classify --model " MODEL);
    expect_error(2, "are needed", "examples --model " MODEL " --images . --layer x -o x.png");
    expect_error(2, "not a number",
                 "examples --model " MODEL " --images . --layer x --channel 0 --threshold high -o x.png");
    expect_error(2, "picture", "attribute --model " MODEL " -o x.png");
    expect_error(2, "go together", "attribute a.png --method guided --layer x --model " MODEL " -o x.png");
    expect_error(2, "not --channel", "attribute a.png --layer x --channel 1 --model " MODEL " -o x.png");
    expect_error(2, "exclude each other",
                 "attribute a.png --method guided --layer x --channel 1 --class 1 --model " MODEL
                 " -o x.png");
    expect_error(2, "--layer", "activations a.png --model " MODEL " -o x.png");
    expect_error(2, "are needed", "tuning --layer x --model " MODEL " -o x.png");
    expect_error(2, "are needed", "weights --layer x --model " MODEL " -o x.png");
    expect_error(2, "-o or --json", "weights --layer x --channel 0 --model " MODEL);
    expect_error(2, "-o is needed", "gabor --model " MODEL);
    expect_error(2, "exclude each other", "gabor --layer x --effective y --model " MODEL " -o x");
    expect_error(2, "--images goes together", "gabor --images . --model " MODEL " -o x");
    expect_error(2, "--substitute needs", "gabor --substitute --model " MODEL " -o x");
    expect_error(2, "--substitute replaces", "gabor --substitute --fit x --images . --model " MODEL " -o x");
    expect_error(2, "--labels goes together", "gabor --labels x --model " MODEL " -o x");
    expect_error(2, "--crop goes together", "gabor --crop 0,0,9,9 --model " MODEL " -o x");
    expect_error(2, "not an option", "gabor features.0 --model " MODEL " -o x");
    expect_error(2, "are needed", "shift --before " MODEL " --images . -o x");
    expect_error(2, "--batch", "shift --before " MODEL " --after " MODEL " --images . --batch 2 -o x");
    expect_error(2, "name two", "shift --before " MODEL " --after " MODEL " --images . -o x --model " MODEL);
    expect_error(2, "exclude each other", "layers --json --dot --model " MODEL);
    expect_error(2, "-o is needed", "export --model " MODEL);
    expect_error(2, "must end in .onnx", "export --model " MODEL " -o out.pb");
    expect_error(2, "go together with --classes", "export --model " MODEL " --from features.3 -o out.onnx");
    expect_error(2, "--classes", "export --model " MODEL " --classes -1 -o out.onnx");
    expect_error(2, "threads", "layers --threads -1 --model " MODEL);
    expect_error(2, "-o is needed", "dissect --all --world a --model " MODEL);
    expect_error(2, "--layer or --all", "dissect --world a --model " MODEL " -o x");
    expect_error(2, "--layer or --all", "dissect --all --layer x --world a --model " MODEL " -o x");
    expect_error(2, "--world or --data", "dissect --all --model " MODEL " -o x");
    expect_error(2, "--world or --data", "dissect --all --world a --data . --model " MODEL " -o x");
    expect_error(2, "--size", "dissect --all --data . --size 64 --model " MODEL " -o x");
    expect_error(2, "quantile", "dissect --all --world a --quantile 1 --model " MODEL " -o x");
    expect_error(2, "-o is needed", "world --n 5");
    expect_error(2, "--n", "world -o x");
    expect_error(2, "--n", "world --n -5 -o x");
    expect_error(2, "size", "world --n 5 --size 31 -o x");
    expect_error(2, "size", "world --n 5 --size 99999999999999999999 -o x");
    expect_error(2, "split", "world --n 5 --split nan -o x");
    expect_error(2, "set", "world --n 5 --set c -o x");
    expect_error(2, "excludes", "world --n 5 --sheet masks -o x.png");
}

static void test_help(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    expect_success(r, "--help");
    assert_non_null(strstr(r->out, "render"));
    static const char *const commands[] = {
        "layers",    "classify",    "probe",  "render",  "atlas", "export", "bench",   "examples",
        "attribute", "activations", "tuning", "weights", "gabor", "shift",  "dissect", "world"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        run(r, "%s --help", commands[i]);
        assert_int_equal(r->code, 0);
        assert_non_null(strstr(r->out, "--threads"));
        assert_non_null(strstr(r->out, commands[i]));
    }
    free(r);
}

static void write_file(const char *name, const void *bytes, size_t size) {
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void test_broken_models(void **state) {
    (void)state;
    uint8_t *bytes = NULL;
    size_t size = 0;
    fs_error err = {0};
    expect_error(1, "absent.onnx", "layers --model absent.onnx");
    write_file("text.onnx", "this is not a model", 19);
    expect_error(1, "text.onnx", "layers --model text.onnx");
    write_file("empty.onnx", "", 0);
    expect_error(1, "empty.onnx", "layers --model empty.onnx");
    assert_int_equal(fs_file_read(&bytes, &size, MODEL, 1 << 24, &err), FS_OK);
    write_file("short.onnx", bytes, size / 2);
    expect_error(1, "short.onnx", "layers --model short.onnx");
    fs_free(bytes);
    expect_error(1, "not a model", "layers --model .");
    unlink("text.onnx");
    unlink("empty.onnx");
    unlink("short.onnx");
}

static void test_absent_layer_and_channel(void **state) {
    (void)state;
    expect_error(1, "squeeze.onnx: no layer 'nowhere'",
                 "render --quiet --model " MODEL " --layer nowhere --channel 0 -o x.png");
    expect_error(1, "squeeze.onnx: layer 'features.1': no channel 999",
                 "render --quiet --model " MODEL " --layer features.1 --channel 999 -o x.png");
    expect_error(1, "no/such/folder",
                 "render --quiet --model " MODEL " --layer features.1 --channel 0 -o no/such/folder/x.png");
    expect_error(1, "nothing.png", "render --like nothing.png -o x.png");
}

static void test_layers(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    expect_success(r, "layers --json --quiet --model " MODEL);
    cJSON *list = cJSON_Parse(r->out);
    assert_true(cJSON_IsArray(list));
    static const char *const keys[] = {"name",       "operator",        "shape", "channels",
                                       "parameters", "receptive_field", "level"};
    const cJSON *entry;
    int n = 0;
    cJSON_ArrayForEach(entry, list) {
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            assert_non_null(cJSON_GetObjectItemCaseSensitive(entry, keys[k]));
        n++;
    }
    assert_true(n >= 3);
    cJSON_Delete(list);
    expect_success(r, "layers --quiet --model " MODEL);
    assert_non_null(strstr(r->out, "features.1"));
    expect_success(r, "layers --dot --quiet --model " MODEL);
    assert_int_equal(strncmp(r->out, "digraph model {\n", 16), 0);
    assert_int_equal(strcmp(r->out + strlen(r->out) - 3, "\n}\n"), 0);
    free(r);
}

/* The last line of the table of layers. */
static void expect_last_layer(const char *words, const char *name, const char *shape) {
    outcome *r = calloc(1, sizeof *r);
    expect_success(r, words);
    char *line = r->out, *next;
    while ((next = strchr(line, '\n')) != NULL && next[1])
        line = next + 1;
    if (strncmp(line, name, strlen(name)) != 0 || !strstr(line, shape))
        fail_msg("`%s` ends with '%s'", words, line);
    free(r);
}

static void test_export(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    expect_success(r, "export --quiet --model " MODEL " -o out.onnx");
    assert_string_equal(r->err, "");
    expect_last_layer("layers out.onnx", "logits", "1x5");
    expect_success(r, "export out.onnx --classes 3 --seed 4 -o head.onnx");
    assert_non_null(strstr(r->err, "head.onnx: 20 nodes, 3 classes"));
    expect_last_layer("layers head.onnx", "logits", "1x3");
    expect_success(
        r, "export head.onnx --classes 2 --hidden 6 --from features.1 -o head.onnx"); /* onto itself */
    expect_last_layer("layers head.onnx", "logits", "1x2");
    expect_error(1, "no layer 'nowhere'", "export out.onnx --classes 3 --from nowhere -o new.onnx");
    expect_error(1, "no/such/folder/x.onnx", "export out.onnx -o no/such/folder/x.onnx");
    static const char *const made[] = {"out.onnx", "out.json", "head.onnx", "head.json"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        assert_int_equal(unlink(made[i]), 0);
    free(r);
}

static void test_probe(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    fs_error err = {0};
    fs_npy npy = {0};
    float input[2 * 3 * 16 * 16];
    const int64_t dim[] = {2, 3, 16, 16};
    for (size_t i = 0; i < sizeof input / sizeof *input; i++)
        input[i] = (float)((i * 37 % 101) / 50.0 - 1);
    assert_int_equal(fs_npy_write("in.npy", 4, dim, input, &err), FS_OK);
    expect_success(r, "probe --quiet --model " MODEL " --input in.npy --layer features.1 -o act.npy");
    assert_int_equal(fs_npy_read(&npy, "act.npy", &err), FS_OK);
    assert_int_equal(npy.rank, 4);
    assert_int_equal(npy.dim[0], 2);
    assert_int_equal(npy.dim[1], TINY_LAYER_CHANNELS);
    fs_npy_free(&npy);
    expect_success(r, "probe --quiet --model " MODEL
                      " --input in.npy --layer features.1 --channel 1 --grad -o grad.npy");
    assert_int_equal(fs_npy_read(&npy, "grad.npy", &err), FS_OK);
    assert_int_equal(npy.dim[1], 3);
    assert_int_equal(npy.dim[3], 16);
    fs_npy_free(&npy);
    expect_error(1, "/no/such/folder",
                 "probe --quiet --model " MODEL
                 " --input in.npy --layer features.1 -o /no/such/folder/x.npy");
    write_file("flat.npy", "not an array", 12);
    expect_error(1, "flat.npy",
                 "probe --quiet --model " MODEL " --input flat.npy --layer features.1 -o x.npy");
    unlink("flat.npy");
    free(r);
}

static bool same_bytes(const char *a, const char *b) {
    uint8_t *x = NULL, *y = NULL;
    size_t nx = 0, ny = 0;
    fs_error err = {0};
    assert_int_equal(fs_file_read(&x, &nx, a, 1 << 24, &err), FS_OK);
    assert_int_equal(fs_file_read(&y, &ny, b, 1 << 24, &err), FS_OK);
    bool same = nx == ny && memcmp(x, y, nx) == 0;
    fs_free(x);
    fs_free(y);
    return same;
}

static void test_render_repeats(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    expect_success(r, "render --quiet --model " MODEL
                      " --layer features.1 --channel 2 --size 40 --steps 20 --seed 5 --rate 0.07 -o a.png");
    expect_success(r, "render --quiet --model " MODEL
                      " --layer features.1 --channel 2 --size 40 --steps 20 --seed 5 --rate 0.07 -o b.png");
    expect_success(r, "render --quiet --like a.png -o c.png");
    expect_success(r, "render --quiet --like a.png --seed 6 -o d.png");
    assert_true(same_bytes("a.png", "b.png"));
    assert_true(same_bytes("a.png", "c.png"));
    assert_false(same_bytes("a.png", "d.png"));
    static const char *const objectives[] = {"neuron", "logit", "deepdream"};
    for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++) {
        char words[512];
        snprintf(words, sizeof words,
                 "render --quiet --model %s --layer features.1 --channel 1 --size 32 --steps 3 --objective "
                 "%s -o o.png",
                 MODEL, objectives[i]);
        expect_success(r, words);
    }
    free(r);
}

/* --objective as text: what the words mean, that the picture keeps it, and where a mistake is. */
static void test_render_expression(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    const char *const small = "--size 40 --steps 6 --seed 5";
    char words[512];
    snprintf(words, sizeof words,
             "render --quiet --model %s %s --objective 'channel(features.1, 2)' -o a.png", MODEL, small);
    expect_success(r, words);
    expect_success(r, "render --quiet --like a.png -o b.png");
    assert_true(same_bytes("a.png", "b.png"));
    snprintf(
        words, sizeof words,
        "render --quiet --model %s %s --objective 'channel(features.1,2) - 0.1*diversity(features.1) - tv()' "
        "--variants 3 -o a.png",
        MODEL, small);
    expect_success(r, words);
    fs_image strip = {0};
    assert_int_equal(fs_image_read(&strip, "a.png", NULL), FS_OK);
    assert_true(strip.width == 3 * 40 + 2 * 4 && strip.height == 40);
    fs_image_free(&strip);
    expect_success(r, "render --quiet --like a.png -o b.png");
    assert_true(same_bytes("a.png", "b.png"));
    expect_success(r, "render --quiet --model " MODEL
                      " --size 32 --steps 3 --objective 'caricature(a.png, features.1)' -o c.png");
    expect_error(2, "filterscope: --objective: column 5: no objective 'chanel'; did you mean 'channel'?",
                 "render --model " MODEL " --objective '2 * chanel(features.1, 2)' -o x.png");
    expect_error(1, "squeeze.onnx: --objective: column 9: no layer 'nowhere'",
                 "render --quiet --model " MODEL " --objective 'channel(nowhere, 2)' -o x.png");
    expect_error(1, "column 11: nothing.jpg",
                 "render --quiet --model " MODEL
                 " --objective 'inversion(nothing.jpg, features.1)' -o x.png");
    free(r);
}

static const char *const parametrisations[] = {"fft", "pixel", "laplacian", "cppn", "maco"};
enum { N_PARAMETRISATIONS = sizeof parametrisations / sizeof *parametrisations };

/* A picture remembers its parametrisation and transforms, whatever they are. */
static void test_render_parametrisations(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    expect_success(r, "render --help");
    for (int i = 0; i < N_PARAMETRISATIONS; i++) {
        char words[512];
        assert_non_null(strstr(r->out, parametrisations[i]));
        snprintf(words, sizeof words,
                 "render --quiet --model " MODEL
                 " --layer features.1 --channel 2 --size 40 --steps 6 --param %s "
                 "-o a.png",
                 parametrisations[i]);
        expect_success(r, words);
        expect_success(r, "render --quiet --like a.png -o b.png");
        assert_true(same_bytes("a.png", "b.png"));
        expect_success(r, "render --quiet --like a.png --correlated -o c.png");
        assert_false(same_bytes("a.png", "c.png"));
        expect_success(r, "render --help");
    }
    char *text = NULL;
    expect_success(r, "render --quiet --model " MODEL
                      " --layer features.1 --channel 2 --size 40 --steps 6 --transforms 'pad( 4 ), flip,"
                      "crop(0.50,1) ,noise(.1)' -o a.png");
    assert_int_equal(fs_image_read_png_text(&text, "a.png", "filterscope:transforms", NULL), FS_OK);
    assert_string_equal(text, "pad(4),flip,crop(0.5,1),noise(0.1)");
    fs_free(text);
    expect_success(r, "render --quiet --like a.png -o b.png");
    assert_true(same_bytes("a.png", "b.png"));
    expect_error(2, "filterscope: --transforms: column 8: no transform 'jiter'; did you mean 'jitter'?",
                 "render --model " MODEL " --layer features.1 --transforms 'pad(4),jiter(2)' -o x.png");
    expect_error(2, "--param: 'spline' is not one of fft, pixel, laplacian, cppn, maco",
                 "render --model " MODEL " --layer features.1 --param spline -o x.png");
    free(r);
}

/* A network of one channel gets a grey picture, by every parametrisation. */
static void test_render_grey(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    for (int i = 0; i < N_PARAMETRISATIONS; i++) {
        char words[512];
        fs_image image = {0};
        int farthest = 0; /* from the middle */
        snprintf(words, sizeof words,
                 "render --quiet --model " FS_TEST_DATA
                 "/onnx/grey.onnx --objective 'channel(y, 0)' --size 40 "
                 "--steps 30 --param %s --opaque -o g.png",
                 parametrisations[i]);
        run(r, "%s", words);
        if (r->code != 0)
            fail_msg("%s: %s", words, r->err);
        assert_int_equal(fs_image_read(&image, "g.png", NULL), FS_OK);
        for (int k = 0; k < 40 * 40; k++) {
            const uint8_t *pixel = image.pixels + (ptrdiff_t)k * image.channels;
            assert_true(pixel[0] == pixel[1] && pixel[0] == pixel[2]);
            farthest = abs(pixel[0] - 128) > farthest ? abs(pixel[0] - 128) : farthest;
        }
        assert_true(farthest > 20);
        fs_image_free(&image);
        expect_success(r, "render --quiet --like g.png -o h.png");
        assert_true(same_bytes("g.png", "h.png"));
    }
    free(r);
}

/* What leaves the finite numbers is tried again at half the rate, three times, and writes no file. */
static void test_render_diverges(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    unlink("x.png");
    run(r, "render --quiet --model " MODEL
           " --size 32 --steps 3 --rate 0.08 --objective '1e30*channel(features.1, 2)' -o x.png");
    assert_int_equal(r->code, 1);
    assert_non_null(strstr(r->err, "try a lower rate; now 0.04 instead of 0.08"));
    assert_non_null(strstr(r->err, "now 0.02 instead of 0.04"));
    assert_non_null(strstr(r->err, "now 0.01 instead of 0.02"));
    assert_null(strstr(r->err, "now 0.005"));
    assert_int_equal(access("x.png", F_OK), -1);
    /* a cube that grows over the limit at the third step, but not at half the rate, which the picture keeps
     */
    run(r, "render --quiet --model " MODEL
           " --size 32 --steps 3 --rate 0.4 --objective '3e18*(channel(features.1,2) "
           "+ 1e6*channel(features.1,2)*channel(features.1,2)*channel(features.1,2))' -o x.png");
    assert_int_equal(r->code, 0);
    assert_non_null(strstr(r->err, "at step 3; try a lower rate; now 0.2 instead of 0.4"));
    expect_success(r, "render --quiet --like x.png -o y.png");
    assert_string_equal(r->err, "");
    assert_true(same_bytes("x.png", "y.png"));
    unlink("x.png");
    for (int i = 0; i < N_PARAMETRISATIONS; i++) {
        run(r,
            "render --quiet --model " MODEL " --size 32 --steps 3 --rate 0.4 --param %s --objective "
            "'1e36*channel(features.1, 2)' -o x.png",
            parametrisations[i]);
        assert_int_equal(r->code, 1);
        assert_non_null(strstr(r->err, "try a lower rate; now 0.2 instead of 0.4"));
        assert_non_null(strstr(r->err, "now 0.05 instead of 0.1"));
        assert_int_equal(access("x.png", F_OK), -1);
    }
    free(r);
}

#define ATLAS "atlas --quiet --model " MODEL " --size 24 --steps 6 "

static cJSON *read_json(const char *name) {
    char *text = calloc(1, OUTPUT_SIZE);
    read_text(name, text);
    cJSON *root = cJSON_Parse(text);
    free(text);
    assert_non_null(root);
    return root;
}

static void test_atlas(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    expect_success(r, ATLAS "--layer features.1 -o one");
    assert_string_equal(r->err, "");
    expect_error(1, "one has an atlas already", ATLAS "--layer features.1 -o one");
    expect_success(r, ATLAS "--layer features.1 --threads 1 -o two");
    expect_success(r, ATLAS "--layer features.1 --threads 3 --batch 2 --channels 0,2-3 -o three");
    for (int c = 0; c < TINY_LAYER_CHANNELS; c++) {
        char names[3][64];
        for (int i = 0; i < 3; i++)
            snprintf(names[i], sizeof names[i], "%s/features.1/%04d.png",
                     i == 0   ? "one"
                     : i == 1 ? "two"
                              : "three",
                     c);
        assert_true(same_bytes(names[0], names[1]));
        assert_true(c == 1 ? !fs_file_exists(names[2]) : same_bytes(names[0], names[2]));
    }
    expect_success(r, "render --quiet --like one/features.1/0002.png -o like.png");
    assert_true(same_bytes("one/features.1/0002.png", "like.png"));
    cJSON *root = read_json("one/index.json");
    const cJSON *layer = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "layers"), 0);
    const cJSON *channels = cJSON_GetObjectItem(layer, "channels");
    assert_string_equal(cJSON_GetObjectItem(layer, "layer")->valuestring, "features.1");
    assert_int_equal(cJSON_GetArraySize(channels), TINY_LAYER_CHANNELS);
    assert_true(cJSON_IsNumber(cJSON_GetObjectItem(cJSON_GetArrayItem(channels, 1), "objective")));
    assert_int_equal(cJSON_GetObjectItem(root, "format")->valueint, 1);
    cJSON_Delete(root);
    assert_true(fs_file_exists("one/features.1/sheet-001.png") && fs_file_exists("one/features.1.pdf"));
    free(r);
}

static void test_atlas_resumes(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    struct stat before, after;
    expect_success(r, ATLAS "--layer features.1 --resume -o whole");
    expect_success(r, ATLAS "--layer features.1 -o cut");
    assert_int_equal(stat("cut/features.1/0000.png", &before), 0);
    assert_int_equal(truncate("cut/features.1/0001.png", 900), 0);
    assert_int_equal(truncate("cut/features.1/0003.png", 10), 0);
    assert_int_equal(unlink("cut/features.1/sheet-001.png"), 0);
    expect_error(1, "--steps 6, not 7", ATLAS "--steps 7 --layer features.1 --resume -o cut");
    expect_error(1, "another model",
                 "atlas --quiet --model " GRAPHDEF
                 " --layer conv0_pre_relu --resume --size 24 --steps 6 -o cut");
    expect_success(r, ATLAS "--layer features.1 --resume -o cut");
    assert_int_equal(stat("cut/features.1/0000.png", &after), 0);
    assert_true(before.st_ino == after.st_ino && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
    for (int c = 0; c < TINY_LAYER_CHANNELS; c++) {
        char a[64], b[64];
        snprintf(a, sizeof a, "whole/features.1/%04d.png", c);
        snprintf(b, sizeof b, "cut/features.1/%04d.png", c);
        assert_true(same_bytes(a, b));
    }
    assert_true(same_bytes("whole/index.json", "cut/index.json"));
    assert_true(same_bytes("whole/features.1/sheet-001.png", "cut/features.1/sheet-001.png"));
    free(r);
}

/* Ctrl-C: one line that says how to go on, and what was finished stays. */
static void test_atlas_stops(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    /* Interrupted once it is at work, however long that takes to begin. */
    int status =
        system("'" FS_PROGRAM "' atlas --quiet --model " MODEL
               " --layer features.1 --size 24 --steps 100000 -o stopped 2>.err & "
               "i=0; while [ ! -d stopped/features.1 ] && [ $i -lt 600 ]; do sleep 0.1; i=$((i+1)); done; "
               "sleep 0.2; kill -INT $!; wait $!");
    assert_int_equal(WEXITSTATUS(status), 1);
    read_text(".err", r->err);
    unlink(".err");
    assert_non_null(strstr(r->err, "--resume goes on"));
    assert_ptr_equal(strchr(r->err, '\n'), r->err + strlen(r->err) - 1);
    cJSON_Delete(read_json("stopped/index.json"));
    free(r);
}

static void test_atlas_of_all_layers(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    expect_success(r, ATLAS "--all --per-layer 2 -o all");
    cJSON *root = read_json("all/index.json");
    const cJSON *layers = cJSON_GetObjectItem(root, "layers"), *layer;
    assert_true(cJSON_GetArraySize(layers) >= 3);
    cJSON_ArrayForEach(layer, layers) {
        assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(layer, "channels")), 2);
    }
    cJSON_Delete(root);
    assert_true(fs_file_exists("all/overview.pdf") && fs_file_exists("all/overview-001.png"));
    expect_success(r, ATLAS "--objective logit -o classes");
    free(r);
}

static void test_classify(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    expect_success(r, "render --quiet --model " MODEL
                      " --layer features.1 --channel 0 --size 48 --steps 2 -o p.png");
    expect_success(r, "classify --quiet --json --top 2 --model " MODEL " p.png p.png");
    cJSON *list = cJSON_Parse(r->out);
    assert_int_equal(cJSON_GetArraySize(list), 2);
    const cJSON *first = cJSON_GetArrayItem(list, 0);
    assert_string_equal(cJSON_GetObjectItem(first, "file")->valuestring, "p.png");
    const cJSON *top = cJSON_GetObjectItem(first, "top");
    assert_int_equal(cJSON_GetArraySize(top), 2);
    assert_true(cJSON_GetObjectItem(cJSON_GetArrayItem(top, 0), "probability")->valuedouble >=
                cJSON_GetObjectItem(cJSON_GetArrayItem(top, 1), "probability")->valuedouble);
    cJSON_Delete(list);
    expect_error(1, "nosuch.jpg", "classify --quiet --model " MODEL " nosuch.jpg");
    free(r);
}

static void test_examples(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    assert_int_equal(mkdir("photos", 0777), 0);
    for (int i = 0; i < 3; i++) {
        char words[512];
        snprintf(
            words, sizeof words,
            "render --quiet --model %s --layer features.1 --channel %d --size 48 --steps 3 -o photos/%d.png",
            MODEL, i, i);
        expect_success(r, words);
    }
    write_file("photos/no.jpg", "no picture", 10);
    assert_int_equal(setenv("XDG_CACHE_HOME", folder, 1), 0);
    static const char command[] =
        "examples --quiet --model " MODEL
        " --images photos --layer features.1 --channel 1 --top 2 --json e.json -o e.png";
    expect_success(r, command);
    assert_non_null(strstr(r->err, "photos/no.jpg"));
    char *text = calloc(1, OUTPUT_SIZE);
    read_text("e.json", text);
    cJSON *root = cJSON_Parse(text);
    assert_int_equal(cJSON_GetObjectItem(root, "format")->valueint, 1);
    assert_int_equal(cJSON_GetObjectItem(root, "images")->valueint, 3);
    assert_int_equal(cJSON_GetObjectItem(root, "skipped")->valueint, 1);
    const cJSON *top = cJSON_GetObjectItem(root, "top");
    assert_int_equal(cJSON_GetArraySize(top), 2);
    assert_true(cJSON_GetObjectItem(cJSON_GetArrayItem(top, 0), "value")->valuedouble >=
                cJSON_GetObjectItem(cJSON_GetArrayItem(top, 1), "value")->valuedouble);
    cJSON_Delete(root);
    free(text);
    /* from the cache, from a damaged cache, and without one: the same picture */
    assert_int_equal(rename("e.png", "first.png"), 0);
    expect_success(r, command);
    assert_non_null(strstr(r->err, "photos/no.jpg"));
    assert_true(same_bytes("e.png", "first.png"));
    assert_int_equal(system("for f in filterscope/examples-*; do echo damage >\"$f\"; done"), 0);
    expect_success(r, command);
    assert_true(same_bytes("e.png", "first.png"));
    assert_int_equal(system("rm -r filterscope"), 0);
    run(r, "%s --no-cache --threads 1", command);
    assert_true(same_bytes("e.png", "first.png"));
    assert_false(fs_file_exists("filterscope"));
    expect_error(1, "no/such/folder",
                 "examples --quiet --model " MODEL
                 " --images no/such/folder --layer features.1 --channel 1 -o x.png");
    expect_error(1, "has channels 0 to",
                 "examples --quiet --model " MODEL
                 " --images photos --layer features.1 --channel 999 -o x.png");
    unsetenv("XDG_CACHE_HOME");
    free(r);
}

/* Kernels made from numbers are found again, from numbers and from a picture. */
static void test_gabor_lab(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    expect_success(r, "gabor --make 5,0.6,1,2.5,0.8 --size 11 -o k.npy");
    expect_success(r, "gabor --fit k.npy --null 0");
    assert_non_null(strstr(r->out, "k.npy: 1 kernel of 11x11: 1 gabor"));
    assert_non_null(strstr(r->out, "theta_rad      0.6000"));
    expect_success(r, "gabor --make 5,0.6,1,2.5,0.8 --make=8,1,0,3,1 4,2,0,2,1 --size 11 -o bank.npy");
    fs_npy bank = {0};
    assert_int_equal(fs_npy_read(&bank, "bank.npy", NULL), FS_OK);
    assert_true(bank.rank == 4 && bank.dim[0] == 3 && bank.dim[1] == 1 && bank.dim[3] == 11);
    fs_npy_free(&bank);
    expect_success(r, "gabor --fit bank.npy --null 0");
    assert_non_null(strstr(r->out, "3 gabor"));
    expect_success(r, "gabor --make 5,0.6,1,2.5,0.8 8,1,0,3,1 --size 11 -o bank.png");
    expect_success(r, "gabor --fit bank.png --crop 0,0,11,11 --null 0");
    assert_non_null(strstr(r->out, "1 gabor"));
    const char *theta = strstr(r->out, "theta_rad"); /* within what 256 levels of grey leave */
    assert_non_null(theta);
    double radians = strtod(theta + strlen("theta_rad"), NULL);
    assert_true(radians > 0.59 && radians < 0.61);
    expect_error(1, "outside", "gabor --fit bank.png --crop 10,0,14,11");
    expect_error(1, "X,Y,WIDTH,HEIGHT", "gabor --fit bank.png --crop 1,2,3");
    expect_error(1, "too few", "gabor --fit bank.png --crop 1,2,3,3");
    expect_error(1, "LAMBDA,THETA", "gabor --make 5,0,0,0,1 -o x.npy");
    expect_error(1, ".npy or .png", "gabor --make 5,0,0,1,1 -o x.gif");
    expect_error(1, "nosuch.npy", "gabor --fit nosuch.npy");
    write_file("broken.npy", "no array", 8);
    expect_error(1, "broken.npy", "gabor --fit broken.npy");
    free(r);
}

/* The fixture's first kernels are 3x3; what its second module sees of the picture is larger. */
static void test_gabor_model(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    expect_success(r, "gabor --quiet --null 4 --model " MODEL " --effective features.3 -o fits");
    assert_non_null(strstr(r->out, "median R2"));
    char *text = calloc(1, OUTPUT_SIZE);
    read_text("fits/fits.json", text);
    cJSON *root = cJSON_Parse(text);
    assert_string_equal(cJSON_GetObjectItem(root, "source")->valuestring, "effective");
    assert_string_equal(cJSON_GetObjectItem(root, "layer")->valuestring, "features.3");
    assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(root, "kernels")) > 0);
    cJSON_Delete(root);
    assert_true(fs_file_exists("fits/report.pdf") && fs_file_exists("fits/report.html"));
    assert_true(fs_file_exists("fits/kernels.png") && fs_file_exists("fits/kernels/000.png"));
    assert_int_equal(rename("fits/fits.csv", "first.csv"), 0);
    assert_int_equal(rename("fits/report.html", "first.html"), 0);
    assert_int_equal(rename("fits/report.pdf", "first.pdf"), 0);
    expect_success(r, "gabor --quiet --null 4 --threads 1 --model " MODEL " --effective features.3 -o fits");
    assert_true(same_bytes("fits/fits.csv", "first.csv"));
    assert_true(same_bytes("fits/report.html", "first.html"));
    assert_true(same_bytes("fits/report.pdf", "first.pdf"));
    expect_error(1, "no/such/folder",
                 "gabor --quiet --model " MODEL " --effective features.3 --images no/such/folder -o x");
    expect_error(1, "--effective", "gabor --quiet --model " MODEL " --layer features.3 -o x");
    expect_error(1, "9 samples", "gabor --quiet --model " MODEL " -o x");
    expect_error(1, "whole picture", "gabor --quiet --model " MODEL " --effective logits -o x");
    free(text);
    free(r);
}

static void test_one_picture(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    fs_error err = {0};
    fs_npy npy = {0};
    expect_success(r, "render --quiet --model " MODEL
                      " --layer features.1 --channel 0 --size 48 --steps 2 -o one.png");
    static const char *const methods[] = {"gradient", "smoothgrad", "guided", "integrated", "gradcam"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        char words[512];
        snprintf(
            words, sizeof words,
            "attribute one.png --quiet --samples 4 --method %s --class 1 --model %s -o at.png --raw at.npy",
            methods[i], MODEL);
        expect_success(r, words);
        assert_int_equal(fs_npy_read(&npy, "at.npy", &err), FS_OK);
        assert_int_equal(npy.rank, 3);
        assert_int_equal(npy.dim[0], i < 4 ? 3 : 1);
        fs_npy_free(&npy);
        assert_int_equal(unlink("at.png"), 0);
    }
    expect_success(r,
                   "attribute one.png --quiet --method guided --layer features.1 --channel 2 --model " MODEL
                   " -o at.png");
    expect_success(r, "attribute one.png --quiet --model " MODEL " -o at.png");
    expect_success(r, "activations one.png --quiet --layer features.1 --model " MODEL " -o maps.png");
    expect_success(r, "activations one.png --quiet --layer features.1 --order channel --top 3 --model " MODEL
                      " -o maps.png");
    expect_success(
        r, "tuning --quiet --layer features.1 --channel 1 --orientations 4 --wavelengths 2 --model " MODEL
           " -o tuning.png --csv tuning.csv");
    char *text = calloc(1, OUTPUT_SIZE);
    read_text("tuning.csv", text);
    int lines = 0;
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 1 + 2 * 4 * 2);
    assert_int_equal(strncmp(text, "stimulus,wavelength_px,theta_rad,response\ngrating,3,0,", 54), 0);
    free(text);
    expect_error(1, "no 999", "attribute one.png --quiet --class 999 --model " MODEL " -o x.png");
    expect_error(1, "nosuch.png", "attribute nosuch.png --quiet --model " MODEL " -o x.png");
    expect_error(1, "nosuch.png",
                 "activations nosuch.png --quiet --layer features.1 --model " MODEL " -o x.png");
    expect_error(1, "no layer", "activations one.png --quiet --layer nowhere --model " MODEL " -o x.png");
    free(r);
}

static void write_pictures(const char *class, int n) {
    fs_image image;
    char path[64];
    assert_int_equal(fs_make_folder(class, NULL), FS_OK);
    for (int k = 0; k < n; k++) {
        assert_int_equal(fs_image_create(&image, 60, 50, 3, NULL), FS_OK);
        for (int i = 0; i < 60 * 50 * 3; i++)
            image.pixels[i] = (uint8_t)((i * (7 + 2 * k) + i / 180 * (3 + k)) % 251);
        snprintf(path, sizeof path, "%s/%d.png", class, k);
        assert_int_equal(fs_image_write_png(&image, path, NULL, 0, NULL), FS_OK);
        fs_image_free(&image);
    }
}

/* A new classifier on the same features: what lies below did not move, what is new has no partner. */
static void test_shift(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    char *text = calloc(1, 4 * OUTPUT_SIZE);
    write_pictures("pictures/a", 6);
    write_pictures("pictures/b", 6);
    expect_success(r, "export --quiet --model " MODEL " --classes 2 -o head.onnx");
    expect_success(r, "shift --quiet --before " MODEL
                      " --after head.onnx --images pictures --top 2 --size 24 --steps 2 -o moved");
    assert_non_null(strstr(r->out, "without a partner"));
    FILE *file = fopen("moved/shift.json", "r");
    assert_non_null(file);
    text[fread(text, 1, 4 * OUTPUT_SIZE - 1, file)] = 0;
    fclose(file);
    cJSON *root = cJSON_Parse(text);
    assert_non_null(root);
    assert_int_equal(cJSON_GetObjectItem(root, "images")->valueint, 12);
    assert_int_equal(cJSON_GetObjectItem(root, "classes")->valueint, 2);
    assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(root, "skipped_layers")) > 0);
    const cJSON *layers = cJSON_GetObjectItem(root, "layers");
    assert_true(cJSON_GetArraySize(layers) > 2);
    for (int i = 0; i < cJSON_GetArraySize(layers); i++) {
        const cJSON *layer = cJSON_GetArrayItem(layers, i);
        assert_true(cJSON_GetObjectItem(layer, "cka")->valuedouble > 1 - 1e-6);
        assert_true(cJSON_GetObjectItem(layer, "median_score")->valuedouble < 1e-9);
    }
    const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "filters"), 0);
    snprintf(text, OUTPUT_SIZE, "moved/%s", cJSON_GetObjectItem(first, "strip")->valuestring);
    assert_true(fs_file_exists(text));
    cJSON_Delete(root);
    static const char *const files[] = {"report.pdf",  "report.html", "layers.csv",
                                        "filters.csv", "cka.png",     "cka-matrix.png"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(text, OUTPUT_SIZE, "moved/%s", files[i]);
        assert_true(fs_file_exists(text));
    }
    assert_int_equal(rename("moved/filters.csv", "first.csv"), 0);
    expect_success(r,
                   "shift --quiet --before " MODEL " --after head.onnx --images pictures --top 0 -o moved");
    assert_true(same_bytes("moved/filters.csv", "first.csv"));
    expect_error(1, "no layer of the one",
                 "shift --quiet --before " MODEL " --after " GRAPHDEF " --images pictures -o x");
    expect_error(1, "nowhere", "shift --quiet --before " MODEL " --after head.onnx --images nowhere -o x");
    expect_error(1, "absent.onnx",
                 "shift --quiet --before " MODEL " --after absent.onnx --images pictures -o x");
    free(text);
    free(r);
}

/* A frozen graph of TensorFlow goes wherever an ONNX file does. */
static void test_render_series(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    fs_image page = {0};
    expect_success(r, "render --layer features.3 --size 24 --steps 6 --snapshots 0,2,6 --animation s.apng "
                      "--model " MODEL " -o s.png");
    assert_int_equal(fs_image_read(&page, "s.png", NULL), FS_OK);
    assert_true(page.width > 3 * 24 && page.height > 24);
    fs_image_free(&page);
    assert_int_equal(fs_image_read(&page, "s.apng", NULL), FS_OK);
    assert_true(page.width == 24 && page.height == 24);
    fs_image_free(&page);
    expect_success(r, "render --like s.png -o like.png");
    expect_success(r, "render --layer features.3 --size 24 --steps 6 --model " MODEL " -o plain.png");
    assert_int_equal(system("cmp -s like.png plain.png"), 0);
    expect_success(r, "render --layer features.3 --size 24 --steps 2 --variants 2 --separate --model " MODEL
                      " -o v.png");
    assert_false(fs_file_exists("v.png"));
    assert_int_equal(fs_image_read(&page, "v-1.png", NULL), FS_OK);
    assert_int_equal(page.width, 24);
    fs_image_free(&page);
    static const char *const made[] = {"s.png", "s.apng", "like.png", "plain.png", "v-0.png", "v-1.png"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        assert_int_equal(unlink(made[i]), 0);
    free(r);
}

/* Photographs that stand for others, an atlas of their activations, and the same again from what is there. */
static void test_activation_atlas(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    static const char command[] =
        "activation-atlas --quiet --images views --layer features.3 --points 60 --grid 2 "
        "--least 3 --size 16 --steps 2 --model " MODEL " -o map";
    assert_int_equal(mkdir("views", 0777), 0);
    for (int i = 0; i < 3; i++) {
        char words[512];
        snprintf(
            words, sizeof words,
            "render --quiet --model %s --layer features.1 --channel %d --size 48 --steps 3 -o views/%d.png",
            MODEL, i, i);
        expect_success(r, words);
    }
    expect_success(r, command);
    cJSON *root = read_json("map/index.json");
    const cJSON *cells = cJSON_GetObjectItem(root, "cells"), *cell;
    int count = 0;
    assert_int_equal(cJSON_GetObjectItem(root, "format")->valueint, 1);
    assert_int_equal(cJSON_GetObjectItem(root, "points")->valueint, 60);
    cJSON_ArrayForEach(cell, cells) {
        char path[64];
        fs_npy npy = {0};
        snprintf(path, sizeof path, "map/%s", cJSON_GetStringValue(cJSON_GetObjectItem(cell, "file")));
        assert_true(fs_file_exists(path));
        snprintf(path, sizeof path, "map/%s", cJSON_GetStringValue(cJSON_GetObjectItem(cell, "direction")));
        assert_int_equal(fs_npy_read(&npy, path, NULL), FS_OK);
        fs_npy_free(&npy);
        assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(cell, "photographs")) > 0);
        assert_true(cJSON_GetObjectItem(cell, "count")->valueint >= 3);
        count++;
    }
    assert_in_range(count, 1, 4);
    cJSON_Delete(root);
    expect_error(1, "--resume", command);
    assert_int_equal(system("cp map/index.json first.json; cp map/atlas.png first.png"), 0);
    run(r, "%s --resume", command);
    assert_int_equal(r->code, 0);
    assert_true(same_bytes("map/index.json", "first.json") && same_bytes("map/atlas.png", "first.png"));
    assert_int_equal(system("cd map/cells && cp $(ls *.png | head -1) ../../cell.png"), 0);
    expect_success(r, "render --quiet --like cell.png -o again.png"); /* a cell says how it was made */
    assert_true(same_bytes("cell.png", "again.png"));
    assert_int_equal(system("rm -r map views first.json first.png cell.png again.png"), 0);
    free(r);
}

static void test_world(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    fs_image image = {0};
    struct stat info;
    expect_success(r, "world --n 8 --size 32 --set b --seed 3 --split 0.5 -o world");
    assert_non_null(strstr(r->err, "8 pictures"));
    assert_int_equal(stat("world/train/owl/00003.png", &info), 0);
    assert_int_equal(stat("world/masks/textures/ladybird/00006.png", &info), 0);
    assert_int_equal(fs_image_read(&image, "world/val/ladybird/00006.png", NULL), FS_OK);
    assert_int_equal(image.width, 32);
    fs_image_free(&image);
    expect_error(1, "not empty", "world --n 8 --size 32 --set b --seed 3 --split 0.5 -o world");
    expect_error(1, "other settings", "world --n 9 --size 32 --set b --seed 3 --split 0.5 --resume -o world");
    expect_success(r, "world --quiet --n 8 --size 32 --set b --seed 3 --split 0.5 --resume -o world");
    assert_string_equal(r->err, "");
    expect_success(r, "world --sheet masks --set b --size 32 -o masks.png");
    expect_success(r, "world --sheet textures --size 32 -o textures.png");
    expect_success(r, "world --sheet parts --size 32 -o parts.png");
    assert_int_equal(fs_image_read(&image, "masks.png", NULL), FS_OK);
    assert_true(image.width > 8 * 32 && image.height > 6 * 32);
    fs_image_free(&image);
    expect_error(1, "absent", "world --sheet parts -o absent/parts.png");
    free(r);
}

/* Drawn pictures and the same ones from a folder give the same; a model with the concepts says what they are.
 */
static void test_dissect(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    char *text = calloc(1, 4 * OUTPUT_SIZE);
    expect_success(r, "export --quiet --model " MODEL " -o known.onnx");
    expect_success(r, "dissect --model known.onnx --all --world b --pictures 36 --size 48 --least 0.01 "
                      "--quantile 0.8 --seed 3 --quiet --threads 1 -o drawn --concepts known_concepts.json");
    assert_non_null(strstr(r->out, "texture"));
    expect_success(r, "world --quiet --n 36 --size 48 --set b --seed 3 --split 1 -o truth");
    expect_success(r, "dissect --model known.onnx --all --data truth --least 0.01 --quantile 0.8 --quiet "
                      "--threads 3 -o stored");
    static const char *const files[] = {"dissection.csv", "summary.png"};
    assert_true(fs_file_exists("drawn/dissection.csv") && fs_file_exists("drawn/best.png"));
    FILE *file = fopen("drawn/dissection.json", "r");
    assert_non_null(file);
    text[fread(text, 1, 4 * OUTPUT_SIZE - 1, file)] = 0;
    fclose(file);
    cJSON *root = cJSON_Parse(text);
    assert_non_null(root);
    assert_int_equal(cJSON_GetObjectItem(root, "pictures")->valueint, 36);
    const cJSON *layers = cJSON_GetObjectItem(root, "layers");
    const cJSON *first = cJSON_GetArrayItem(layers, 0);
    assert_true(cJSON_GetArraySize(layers) > 1);
    assert_string_equal(cJSON_GetObjectItem(first, "layer")->valuestring, "features.1"); /* behind the ReLU */
    const cJSON *channel, *known = NULL;
    cJSON_ArrayForEach(channel, cJSON_GetObjectItem(first, "channels")) {
        assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(channel, "next")) <= 3);
        if (!known && cJSON_GetObjectItem(channel, "iou")->valuedouble >= 0.01)
            known = channel;
    }
    assert_non_null(known);
    file = fopen("known.json", "w");
    assert_non_null(file);
    fputs("{\"concepts\": \"known_concepts.json\", \"input\": {\"size\": [32, 32]}}", file);
    fclose(file);
    run(r, "atlas --quiet --model known.onnx --layer features.0 --channel %d --size 16 --steps 2 -o named",
        cJSON_GetObjectItem(known, "channel")->valueint);
    assert_int_equal(r->code, 0);
    read_text("named/index.json", text);
    char wanted[256];
    snprintf(wanted, sizeof wanted, "\"concept\": \"%s\"",
             cJSON_GetObjectItem(known, "concept")->valuestring);
    assert_non_null(strstr(text, wanted));
    cJSON_Delete(root);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char drawn[64], stored[64];
        snprintf(drawn, sizeof drawn, "drawn/%s", files[i]);
        snprintf(stored, sizeof stored, "stored/%s", files[i]);
        assert_true(same_bytes(drawn, stored));
    }
    file = fopen("known_concepts.json", "w");
    assert_non_null(file);
    fputs("{\"format\": 1, \"layers\": [7]}", file);
    fclose(file);
    expect_error(1, "known_concepts.json: each of 'layers'", "layers --model known.onnx");
    expect_error(1, "concepts.json", "dissect --model " MODEL " --quiet --all --data named -o x");
    static const char *const bad[] = {"", "[]", "{\"textures\": 3}", "{\"textures\": [\"none\", 7]}",
                                      "{\"textures\": [\"none\", \"\"]}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(fs_file_write("truth/concepts.json", bad[i], strlen(bad[i]), NULL), FS_OK);
        expect_error(1, "truth/concepts.json: ", "dissect --model " MODEL " --quiet --all --data truth -o x");
    }
    expect_error(1, "no positions", "dissect --model " MODEL " --quiet --layer logits --world a -o x");
    assert_int_equal(system("rm -r drawn stored truth named known*"), 0);
    free(text);
    free(r);
}

static void test_weights(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    fs_image page = {0};
    static char text[OUTPUT_SIZE];
    expect_success(r, "weights --layer features.3 --channel 1 --model " MODEL " -o w.png --json w.json");
    assert_int_equal(fs_image_read(&page, "w.png", NULL), FS_OK);
    assert_true(page.width > 500 && page.height > 200);
    fs_image_free(&page);
    read_text("w.json", text);
    cJSON *root = cJSON_Parse(text);
    assert_non_null(root);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(root, "direction")), "from");
    const cJSON *weights = cJSON_GetObjectItem(root, "weights"), *w;
    assert_true(cJSON_GetArraySize(weights) > 0);
    cJSON_ArrayForEach(w, weights) {
        const cJSON *row, *number;
        double sum = 0;
        cJSON_ArrayForEach(row, cJSON_GetObjectItem(w, "kernel")) cJSON_ArrayForEach(number, row) sum +=
            number->valuedouble;
        assert_float_equal(cJSON_GetNumberValue(cJSON_GetObjectItem(w, "sum")), sum, 1e-5);
        assert_non_null(strstr(cJSON_GetStringValue(cJSON_GetObjectItem(w, "layer")), "squeeze"));
    }
    cJSON_Delete(root);
    unlink("w.png");
    unlink("w.json");
    expect_error(1, "no weights",
                 "weights --quiet --to --layer logits --channel 0 --model " MODEL " -o w.png");
    free(r);
}

static void test_tensorflow(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    expect_success(r, "layers --json --quiet --model " GRAPHDEF);
    cJSON *list = cJSON_Parse(r->out);
    const cJSON *entry;
    int inner = 0;
    cJSON_ArrayForEach(entry, list) {
        const cJSON *parent = cJSON_GetObjectItemCaseSensitive(entry, "parent");
        assert_non_null(parent);
        inner += cJSON_IsString(parent) && strcmp(parent->valuestring, "mixed") == 0;
    }
    assert_int_equal(inner, 2); /* mixed_1x1 and mixed_3x3; what leads to them belongs to these */
    cJSON_Delete(list);
    expect_success(r, "render --quiet --model " GRAPHDEF
                      " --layer conv0_pre_relu --channel 1 --size 24 --steps 2 -o t.png");
    expect_success(r, "classify --quiet --json --top 1 --model " GRAPHDEF " t.png");
    list = cJSON_Parse(r->out);
    assert_int_equal(cJSON_GetArraySize(list), 1);
    cJSON_Delete(list);
    expect_error(1, "is not frozen: variable 'conv/kernel'",
                 "layers --quiet --model " FS_TEST_DATA "/graphdef/bad_variable.pb");
    free(r);
}

static int set_up(void **state) {
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    char command[256];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

/* Without --model, and under its name: the network of the picture world, also in pictures' recipes. */
static void test_built_in_model(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r), *named = calloc(1, sizeof *named);
    expect_success(r, "layers");
    expect_success(named, "layers --model world");
    assert_non_null(strstr(r->out, "\nedge1.conv "));
    assert_string_equal(r->out, named->out);
    expect_success(r, "models");
    assert_non_null(strstr(r->out, "\nworld "));
    expect_success(r, "render --layer object1 --channel 3 --size 64 --steps 4 -o x.png");
    expect_success(r, "render --like x.png -o again.png");
    assert_true(same_bytes("x.png", "again.png"));
    unlink("x.png");
    unlink("again.png");
    free(r);
    free(named);
}

/* Half the size, a name of its own, and the same layers. */
static void test_export_half(void **state) {
    (void)state;
    outcome *r = calloc(1, sizeof *r);
    expect_success(r, "export --half --name tiny --source 'a test' --model " MODEL " -o half.onnx");
    expect_success(r, "layers --model half.onnx");
    assert_non_null(strstr(r->out, "features.3.expand3x3"));
    read_text("half.json", r->out);
    assert_non_null(strstr(r->out, "\"tiny\""));
    assert_non_null(strstr(r->out, "\"a test\""));
    unlink("half.onnx");
    unlink("half.json");
    unlink("half_labels.txt");
    free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_usage_errors),
                                       cmocka_unit_test(test_built_in_model),
                                       cmocka_unit_test(test_export_half),
                                       cmocka_unit_test(test_help),
                                       cmocka_unit_test(test_broken_models),
                                       cmocka_unit_test(test_absent_layer_and_channel),
                                       cmocka_unit_test(test_layers),
                                       cmocka_unit_test(test_export),
                                       cmocka_unit_test(test_probe),
                                       cmocka_unit_test(test_render_repeats),
                                       cmocka_unit_test(test_render_expression),
                                       cmocka_unit_test(test_render_diverges),
                                       cmocka_unit_test(test_render_parametrisations),
                                       cmocka_unit_test(test_render_grey),
                                       cmocka_unit_test(test_classify),
                                       cmocka_unit_test(test_examples),
                                       cmocka_unit_test(test_gabor_lab),
                                       cmocka_unit_test(test_gabor_model),
                                       cmocka_unit_test(test_one_picture),
                                       cmocka_unit_test(test_shift),
                                       cmocka_unit_test(test_render_series),
                                       cmocka_unit_test(test_activation_atlas),
                                       cmocka_unit_test(test_weights),
                                       cmocka_unit_test(test_world),
                                       cmocka_unit_test(test_dissect),
                                       cmocka_unit_test(test_tensorflow),
                                       cmocka_unit_test(test_atlas),
                                       cmocka_unit_test(test_atlas_resumes),
                                       cmocka_unit_test(test_atlas_stops),
                                       cmocka_unit_test(test_atlas_of_all_layers)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
