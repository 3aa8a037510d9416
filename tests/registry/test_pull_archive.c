/* Pulling a model that lies in a zip archive with its labels. */
#include "pull_case.h"

#include <stdlib.h>
#include <unistd.h>
#include <zip.h>

#include "base/file.h"

enum { BOMB_SIZE = FS_REGISTRY_MAX_MEMBER + 1 };
static const char complete[] = "tiny.json tiny.labels.txt tiny.pb ", labels[] = "dummy\nkit fox\ntabby\n";

static const fs_registry_entry entry = {.name = "tiny",
                                        .title = "Tiny",
                                        .source = "a test",
                                        .url = "https://models.invalid/tiny.zip",
                                        .bytes = MODEL_SIZE,
                                        .is_estimate = true,
                                        .member = "graph.pb",
                                        .labels_member = "names.txt",
                                        .digest_kind = FS_DIGEST_SHA256,
                                        .digest = case_digest,
                                        .height = 32,
                                        .width = 32,
                                        .channels = "BGR",
                                        .range = 255,
                                        .mean = {1, 2, 3},
                                        .std = {1, 1, 1}};

/* Serves NAME.zip with the given members; a NULL is left out. */
static void serve_zip(const char *name, const void *model, size_t size, const char *names,
                      size_t names_size) {
    uint8_t *bytes = NULL;
    size_t zip_size = 0;
    char path[64];
    snprintf(path, sizeof path, "archive-%d.zip", (int)getpid());
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    assert_non_null(zip);
    assert_true(zip_file_add(zip, "LICENSE", zip_source_buffer(zip, "none", 4, 0), 0) >= 0);
    if (model != NULL)
        assert_true(zip_file_add(zip, "graph.pb", zip_source_buffer(zip, model, size, 0), 0) >= 0);
    if (names != NULL)
        assert_true(zip_file_add(zip, "names.txt", zip_source_buffer(zip, names, names_size, 0), 0) >= 0);
    assert_int_equal(zip_close(zip), 0);
    assert_int_equal(fs_file_read(&bytes, &zip_size, path, 1 << 24, NULL), FS_OK);
    case_serve(name, bytes, zip_size);
    fs_free(bytes);
    unlink(path);
}

static int begin(void **state) {
    const int code = case_begin(state);
    uint8_t *zeros = calloc(1, BOMB_SIZE);
    assert_non_null(zeros);
    serve_zip("tiny.zip", case_model, MODEL_SIZE, labels, sizeof labels - 1);
    serve_zip("other.zip", case_model, MODEL_SIZE - 1, labels, sizeof labels - 1);
    serve_zip("no-model.zip", NULL, 0, labels, sizeof labels - 1);
    serve_zip("no-labels.zip", case_model, MODEL_SIZE, NULL, 0);
    serve_zip("binary-labels.zip", case_model, MODEL_SIZE, "a\0b", 3);
    serve_zip("latin-labels.zip", case_model, MODEL_SIZE, "caf\xe9\n", 5);
    serve_zip("empty-labels.zip", case_model, MODEL_SIZE, "", 0);
    serve_zip("long-labels.zip", case_model, MODEL_SIZE, (const char *)memset(zeros, 'x', 2000), 2000);
    serve_zip("bomb.zip", zeros, BOMB_SIZE, labels, sizeof labels - 1);
    serve_zip("labels-bomb.zip", case_model, MODEL_SIZE, (const char *)zeros, FS_REGISTRY_MAX_LABELS + 1);
    free(zeros);
    return code;
}

static void pull_from(const char *behaviour, const char *name, fs_status expected, const char *part) {
    case_pull(&entry, web_url(behaviour, name), expected, part);
}

static void check_complete(void) {
    case_left(complete);
    case_check_content("tiny.pb", case_model, MODEL_SIZE);
    case_check_content("tiny.labels.txt", labels, sizeof labels - 1);
}

static void model_and_labels_are_unpacked(void **state) {
    (void)state;
    uint8_t *sidecar = NULL;
    size_t size = 0;
    pull_from("good", "tiny.zip", FS_OK, "");
    check_complete();
    assert_int_equal(fs_file_read(&sidecar, &size, scratch_path("tiny.json"), 10000, NULL), FS_OK);
    assert_non_null(strstr((char *)sidecar, "\"tiny.labels.txt\""));
    fs_free(sidecar);
}

static void a_broken_download_goes_on(void **state) {
    (void)state;
    char expected[64];
    uint8_t *part = NULL;
    size_t size = 0;
    pull_from("breaks", "tiny.zip", FS_ERROR_IO, "pull again");
    case_left("tiny.part ");
    assert_int_equal(fs_file_read(&part, &size, scratch_path("tiny.part"), 1 << 24, NULL), FS_OK);
    fs_free(part);
    web_log();
    pull_from("good", "tiny.zip", FS_OK, "");
    snprintf(expected, sizeof expected, "good tiny.zip bytes=%zu-\n", size);
    assert_string_equal(web_log(), expected);
    check_complete();
}

/* The size is not known beforehand: that all is there already, only the server can tell. */
static void a_range_past_the_end_starts_again(void **state) {
    (void)state;
    put_file(scratch_path("tiny.labels.txt"), "old\n", 4);
    char *junk = calloc(1, 2 * MODEL_SIZE);
    put_file(scratch_path("tiny.part"), junk, 2 * MODEL_SIZE);
    free(junk);
    web_log();
    pull_from("good", "tiny.zip", FS_OK, "");
    assert_string_equal(web_log(), "good tiny.zip bytes=600000-\ngood tiny.zip -\n");
    check_complete();
}

static void lost_labels_are_fetched_again(void **state) {
    (void)state;
    pull_from("good", "tiny.zip", FS_OK, "");
    unlink(scratch_path("tiny.labels.txt"));
    pull_from("good", "tiny.zip", FS_OK, "");
    check_complete();
    web_log();
    pull_from("good", "tiny.zip", FS_OK, "");
    assert_string_equal(web_log(), "");
}

static void wrong_archives_leave_nothing(void **state) {
    (void)state;
    static const struct {
        const char *name;
        fs_status status;
        const char *part;
    } cases[] = {{"other.zip", FS_ERROR_FORMAT, "wrong SHA-256"},
                 {"no-model.zip", FS_ERROR_FORMAT, "has no 'graph.pb'"},
                 {"no-labels.zip", FS_ERROR_FORMAT, "has no 'names.txt'"},
                 {"binary-labels.zip", FS_ERROR_FORMAT, "labels"},
                 {"latin-labels.zip", FS_ERROR_FORMAT, "labels"},
                 {"empty-labels.zip", FS_ERROR_FORMAT, "labels"},
                 {"long-labels.zip", FS_ERROR_FORMAT, "labels"},
                 {"bomb.zip", FS_ERROR_LIMIT, "over the limit"},
                 {"labels-bomb.zip", FS_ERROR_LIMIT, "over the limit"},
                 {"tiny.onnx", FS_ERROR_FORMAT, "zip archive"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pull_from("good", cases[i].name, cases[i].status, cases[i].part);
        case_left("");
    }
    pull_from("shorter", "tiny.zip", FS_ERROR_FORMAT, "zip archive");
    case_left("");
    pull_from("wrong", "tiny.zip", FS_ERROR_FORMAT, "zip archive");
    case_left("");
}

static void an_endless_answer_is_cut(void **state) {
    (void)state;
    pull_from("endless", "tiny.zip", FS_ERROR_LIMIT, "the server sends more");
    case_left("");
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    char folder[64];
    fs_pull_options options = fs_pull_options_default();
    options.from = web_url("good", "tiny.zip");
    snprintf(folder, sizeof folder, "%s", scratch_path("."));
    for (int n = 0;; n++) {
        fs_pull_outcome outcome;
        fail_from(n);
        const fs_status status = fs_registry_pull(&entry, folder, &options, &outcome, NULL);
        const bool refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        if (!refused)
            break;
        case_left(fs_file_exists(scratch_path("tiny.part")) ? "tiny.part " : "");
    }
    check_complete();
}

#define SCRATCH_TEST(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(model_and_labels_are_unpacked),     SCRATCH_TEST(a_broken_download_goes_on),
        SCRATCH_TEST(a_range_past_the_end_starts_again), SCRATCH_TEST(lost_labels_are_fetched_again),
        SCRATCH_TEST(wrong_archives_leave_nothing),      SCRATCH_TEST(an_endless_answer_is_cut),
        SCRATCH_TEST(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, begin, case_end);
}
