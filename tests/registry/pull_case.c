#include "pull_case.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { MAX_SERVED = 16 };

uint8_t case_model[MODEL_SIZE];
char case_digest[FS_DIGEST_TEXT];
const fs_registry_entry case_entry = {.name = "tiny",
                                      .title = "Tiny",
                                      .source = "a test",
                                      .url = "https://models.invalid/tiny.onnx",
                                      .bytes = MODEL_SIZE,
                                      .digest_kind = FS_DIGEST_SHA256,
                                      .digest = case_digest,
                                      .height = 32,
                                      .width = 32,
                                      .channels = "RGB",
                                      .range = 1,
                                      .mean = {0.5, 0.5, 0.5},
                                      .std = {0.25, 0.25, 0.25}};
char case_certificate[64];

static char served[32];
static char served_files[MAX_SERVED][64];
static int n_served;

const char *case_serve(const char *name, const void *bytes, size_t size) {
    assert_true(n_served < MAX_SERVED);
    char *path = served_files[n_served++];
    snprintf(path, sizeof served_files[0], "%s/%s", served, name);
    put_file(path, bytes, size);
    return path;
}

static void prepare(void) {
    static const char *const proxies[] = {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY",
                                          "ALL_PROXY"};
    fs_digest *digest = NULL;
    uint32_t random = 1;
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++)
        setenv(proxies[i], "http://127.0.0.1:1", 1);
    for (int i = 0; i < MODEL_SIZE; i++) {
        random = random * 1664525u + 1013904223u;
        case_model[i] = (uint8_t)(random >> 24);
    }
    snprintf(served, sizeof served, "served-%d", (int)getpid());
    assert_int_equal(mkdir(served, 0777), 0);
    case_serve("tiny.onnx", case_model, MODEL_SIZE);
    assert_int_equal(fs_digest_create(&digest, FS_DIGEST_SHA256, MODEL_SIZE, NULL), FS_OK);
    assert_int_equal(fs_digest_update(digest, case_model, MODEL_SIZE, NULL), FS_OK);
    assert_int_equal(fs_digest_finish(digest, case_digest, NULL), FS_OK);
    fs_digest_destroy(digest);
}

int case_begin(void **state) {
    (void)state;
    prepare();
    web_start(served);
    return 0;
}

int case_begin_encrypted(void **state) {
    (void)state;
    prepare();
    snprintf(case_certificate, sizeof case_certificate, "certificate-%d.pem", (int)getpid());
    web_start_encrypted(served, case_certificate);
    return 0;
}

int case_end(void **state) {
    (void)state;
    web_stop();
    if (*case_certificate)
        unlink(case_certificate);
    while (n_served > 0)
        unlink(served_files[--n_served]);
    return rmdir(served);
}

fs_pull_outcome case_pull_with(const fs_registry_entry *entry, const fs_pull_options *options,
                               fs_status expected, const char *part) {
    char folder[64];
    fs_error err = {0};
    fs_pull_outcome outcome = FS_PULL_FETCHED;
    snprintf(folder, sizeof folder, "%s", scratch_path("."));
    const fs_status status = fs_registry_pull(entry, folder, options, &outcome, &err);
    if (status != expected || (status != FS_OK && strstr(err.message, part) == NULL) ||
        strchr(err.message, '\n') != NULL)
        fail_msg("%s: status %d, '%s'; wanted %d, '%s'", options->from, status, err.message, expected, part);
    return outcome;
}

void case_pull(const fs_registry_entry *entry, const char *url, fs_status expected, const char *part) {
    fs_pull_options options = fs_pull_options_default();
    options.from = url;
    case_pull_with(entry, &options, expected, part);
}

static int visible(const struct dirent *entry) {
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

void case_left(const char *names) {
    struct dirent **found = NULL;
    char list[512] = "";
    const int n = scandir(scratch_path("."), &found, visible, alphasort);
    assert_true(n >= 0);
    for (int i = 0; i < n; i++) {
        const size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s ", found[i]->d_name);
        free(found[i]);
    }
    free(found);
    assert_string_equal(list, names);
}

void case_check_content(const char *name, const void *bytes, size_t size) {
    uint8_t *found = NULL;
    size_t found_size = 0;
    assert_int_equal(fs_file_read(&found, &found_size, scratch_path(name), 1 << 24, NULL), FS_OK);
    assert_int_equal(found_size, size);
    assert_memory_equal(found, bytes, size);
    fs_free(found);
}
