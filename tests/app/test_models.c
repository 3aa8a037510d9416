/* `filterscope models`, `pull` and `--model NAME` as a user calls them, with a data folder of the test's own.
 */
#include "base/helpers.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "registry/web.h"

enum { OUTPUT_SIZE = 1 << 16, SQUEEZENET_SIZE = 4956208, MAX_POLLS = 3000, POLL_MICROSECONDS = 10000 };

static char folder[] = FS_SCRATCH "/filterscope-test-XXXXXX";
static char out[OUTPUT_SIZE], err[OUTPUT_SIZE];

static void read_text(const char *name, char *text) {
    FILE *file = fopen(name, "r");
    const size_t n = file ? fread(text, 1, OUTPUT_SIZE - 1, file) : 0;
    text[n] = '\0';
    if (file)
        fclose(file);
    unlink(name);
}

static int run(const char *words) {
    char command[2048];
    snprintf(command, sizeof command, "'%s' %s >.out 2>.err </dev/null", FS_PROGRAM, words);
    const int status = system(command);
    read_text(".out", out);
    read_text(".err", err);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* The exit code, and one line on stderr with `part`. */
static void expect_error(int code, const char *part, const char *words) {
    const int found = run(words);
    const char *newline = strchr(err, '\n');
    if (found != code || strstr(err, part) == NULL || strncmp(err, "filterscope: ", 13) != 0 || !newline ||
        newline[1])
        fail_msg("`%s`: exit %d, stderr '%s', wanted exit %d and one line with '%s'", words, found, err, code,
                 part);
}

static long size_of(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 ? (long)info.st_size : -1;
}

static int files_in_data_folder(void) {
    int n = 0;
    DIR *dir = opendir("data/filterscope/models");
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (dir)
        closedir(dir);
    return n;
}

static void models_are_listed(void **state) {
    (void)state;
    assert_int_equal(run("models"), 0);
    assert_non_null(strstr(out, "inceptionv1"));
    assert_non_null(strstr(out, "BGR 255x - (104, 117, 123)"));
    assert_non_null(strstr(out, "data/filterscope/models"));
    assert_string_equal(err, "");
    assert_int_equal(run("models --json"), 0);
    cJSON *root = cJSON_Parse(out);
    assert_int_equal(cJSON_GetObjectItem(root, "format")->valueint, 1);
    const cJSON *list = cJSON_GetObjectItem(root, "models"), *first = cJSON_GetArrayItem(list, 0);
    assert_true(cJSON_GetArraySize(list) >= 11);
    assert_string_equal(cJSON_GetObjectItem(first, "name")->valuestring, "inceptionv1");
    assert_string_equal(cJSON_GetObjectItem(first, "state")->valuestring, "absent");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(first, "path")));
    cJSON_Delete(root);
    assert_int_equal(run("models"), 0);
    expect_error(2, "unexpected argument", "models inceptionv1");
}

static void models_are_listed_without_a_home(void **state) {
    (void)state;
    const char *home = getenv("XDG_DATA_HOME");
    char *kept = strdup(home);
    setenv("XDG_DATA_HOME", "relative", 1);
    setenv("HOME", "", 1);
    const int table = run("models"), json = run("models --json");
    expect_error(1, "neither XDG_DATA_HOME nor HOME", "pull vgg16");
    setenv("XDG_DATA_HOME", kept, 1);
    free(kept);
    assert_int_equal(table, 0);
    assert_int_equal(json, 0);
}

static void names_that_are_not_here(void **state) {
    (void)state;
    expect_error(2, "name a public model", "pull");
    expect_error(1, "near it: resnet18, resnet50", "pull resnet34");
    expect_error(1, "model 'inceptionv1' is not here yet: filterscope pull inceptionv1 (about 50 MB)",
                 "layers --model inceptionv1");
    expect_error(1, "model 'vgg16' is not here yet: filterscope pull vgg16 (553 MB)", "vgg16");
    expect_error(1, "`filterscope models`", "layers --model inceptionv9");
    expect_error(2, "neither a command nor a model", "inceptionv9");
}

static void a_wrong_file_leaves_nothing(void **state) {
    (void)state;
    char words[512];
    snprintf(words, sizeof words, "pull squeezenet1.1 --from %s", web_url("wrong", "model"));
    expect_error(1, "squeezenet1.1: wrong SHA-256: expected 1eeff551a67ae8d565ca33b572fc4b66e3ef357b", words);
    snprintf(words, sizeof words, "pull resnet18 --from %s", web_url("good", "model"));
    expect_error(1, "resnet18: wrong size: expected 46820737 bytes, the server has 4956208", words);
    snprintf(words, sizeof words, "pull inceptionv1 --from %s", web_url("good", "model"));
    expect_error(1, "inceptionv1: the zip archive cannot be read", words);
    assert_int_equal(files_in_data_folder(), 0);
    expect_error(1, "squeezenet1.1: ", "pull squeezenet1.1 --from http://127.0.0.1:1/model");
    assert_int_equal(files_in_data_folder(), 0);
}

/* Waits until the first half has come and the server falls silent, then sends the signal. */
static int interrupt_pull(const char *url, int number) {
    const pid_t process = fork();
    if (process == 0) {
        freopen("/dev/null", "w", stderr);
        execl(FS_PROGRAM, "filterscope", "pull", "squeezenet1.1", "--from", url, (char *)NULL);
        _exit(127);
    }
    for (int i = 0;
         i < MAX_POLLS && size_of("data/filterscope/models/squeezenet1.1.part") < SQUEEZENET_SIZE / 2; i++)
        usleep(POLL_MICROSECONDS);
    int status = 0;
    kill(process, number);
    waitpid(process, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void an_interrupted_pull_keeps_its_part(void **state) {
    (void)state;
    assert_int_equal(interrupt_pull(web_url("stalls", "model"), SIGINT), 1);
    assert_int_equal(files_in_data_folder(), 1);
    assert_int_equal(size_of("data/filterscope/models/squeezenet1.1.part"), SQUEEZENET_SIZE / 2);
    assert_int_equal(run("models"), 0);
    assert_non_null(strstr(out, "2.5 MB of it"));
    unlink("data/filterscope/models/squeezenet1.1.part");
}

static int set_up(void **state) {
    (void)state;
    char data_home[128], model[128];
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    snprintf(data_home, sizeof data_home, "%s/data", folder);
    setenv("XDG_DATA_HOME", data_home, 1);
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    assert_int_equal(mkdir("served", 0777), 0);
    snprintf(model, sizeof model, "%s/served/model", folder);
    put_file(model, "", 0);
    assert_int_equal(truncate(model, SQUEEZENET_SIZE), 0);
    web_start("served");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    char command[256];
    web_stop();
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_are_listed),
        cmocka_unit_test(models_are_listed_without_a_home),
        cmocka_unit_test(names_that_are_not_here),
        cmocka_unit_test(a_wrong_file_leaves_nothing),
        cmocka_unit_test(an_interrupted_pull_keeps_its_part),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
