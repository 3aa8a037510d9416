/* Pulling from a server that breaks off, lies and dawdles: what is fetched is right, what is wrong leaves
 * nothing. */
#include "pull_case.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static const char complete[] = "tiny.json tiny.onnx ", part_only[] = "tiny.part ", nothing[] = "";

static void pull_from(const char *behaviour, fs_status expected, const char *part) {
    case_pull(&case_entry, web_url(behaviour, "tiny.onnx"), expected, part);
}

static void check_complete(void) {
    case_left(complete);
    case_check_content("tiny.onnx", case_model, MODEL_SIZE);
}

/* The server has sent the first half and closed; forgets the requests so far. */
static void break_off(void) {
    pull_from("breaks", FS_ERROR_IO, "pull again");
    case_left(part_only);
    case_check_content("tiny.part", case_model, MODEL_SIZE / 2);
    web_log();
}

/* ---- what should work ---- */

static void fetches(void **state) {
    (void)state;
    web_log();
    pull_from("good", FS_OK, "");
    check_complete();
    assert_string_equal(web_log(), "good tiny.onnx -\n");
}

static void what_is_there_is_checked_again(void **state) {
    (void)state;
    fs_pull_options options = fs_pull_options_default();
    options.from = web_url("good", "tiny.onnx");
    assert_int_equal(case_pull_with(&case_entry, &options, FS_OK, ""), FS_PULL_FETCHED);
    web_log();
    assert_int_equal(case_pull_with(&case_entry, &options, FS_OK, ""), FS_PULL_WAS_THERE);
    assert_string_equal(web_log(), "");
    unlink(scratch_path("tiny.json"));
    assert_int_equal(case_pull_with(&case_entry, &options, FS_OK, ""), FS_PULL_WAS_THERE);
    check_complete();
    put_file(scratch_path("tiny.onnx"), "spoilt", 6);
    assert_int_equal(case_pull_with(&case_entry, &options, FS_OK, ""), FS_PULL_FETCHED);
    check_complete();
}

static void an_edited_sidecar_is_kept(void **state) {
    (void)state;
    put_file(scratch_path("tiny.json"), "{}", 2);
    pull_from("good", FS_OK, "");
    check_complete();
    case_check_content("tiny.json", "{}", 2);
    unlink(scratch_path("tiny.onnx"));
    pull_from("wrong", FS_ERROR_FORMAT, "wrong SHA-256");
    case_left("tiny.json ");
}

static void a_broken_download_goes_on(void **state) {
    (void)state;
    break_off();
    pull_from("good", FS_OK, "");
    assert_string_equal(web_log(), "good tiny.onnx bytes=150000-\n");
    check_complete();
}

static void it_may_break_many_times(void **state) {
    (void)state;
    break_off();
    pull_from("breaks", FS_ERROR_IO, "broken off after 225000 bytes");
    pull_from("breaks", FS_ERROR_IO, "broken off after 262500 bytes");
    pull_from("good", FS_OK, "");
    assert_non_null(strstr(web_log(), "good tiny.onnx bytes=262500-\n"));
    check_complete();
}

static void an_answer_without_a_length_may_break_too(void **state) {
    (void)state;
    pull_from("breaks_unsized", FS_ERROR_IO, "pull again");
    case_left(part_only);
    pull_from("good", FS_OK, "");
    check_complete();
}

static void a_server_without_ranges_starts_again(void **state) {
    (void)state;
    break_off();
    pull_from("norange", FS_OK, "");
    assert_string_equal(web_log(), "norange tiny.onnx bytes=150000-\n");
    check_complete();
}

static void a_wrong_range_is_not_taken(void **state) {
    (void)state;
    break_off();
    pull_from("badrange", FS_OK, "");
    assert_string_equal(web_log(), "badrange tiny.onnx bytes=150000-\nbadrange tiny.onnx -\n");
    check_complete();
}

static void all_bytes_there_need_no_server(void **state) {
    (void)state;
    put_file(scratch_path("tiny.part"), case_model, MODEL_SIZE);
    web_log();
    pull_from("good", FS_OK, "");
    assert_string_equal(web_log(), "");
    check_complete();
}

static void redirects_are_followed(void **state) {
    (void)state;
    web_log();
    pull_from("redirect", FS_OK, "");
    assert_string_equal(web_log(), "redirect tiny.onnx -\ngood tiny.onnx -\n");
    check_complete();
}

static void file_urls_work(void **state) {
    (void)state;
    char folder[512], url[1200];
    assert_non_null(getcwd(folder, sizeof folder));
    snprintf(url, sizeof url, "file://%s/served-%d/tiny.onnx", folder, (int)getpid());
    put_file(scratch_path("tiny.part"), "begun elsewhere", 15);
    case_pull(&case_entry, url, FS_OK, "");
    check_complete();
    unlink(scratch_path("tiny.onnx"));
    unlink(scratch_path("tiny.json"));
    case_pull(&case_entry, "file:///no/such/file", FS_ERROR_IO, "/no/such/file");
    case_left(nothing);
}

/* ---- what must leave nothing ---- */

static void lies_about_the_length_leave_nothing(void **state) {
    (void)state;
    pull_from("longer", FS_ERROR_FORMAT, "expected 300000 bytes, the server has 301000");
    case_left(nothing);
    pull_from("shorter", FS_ERROR_FORMAT, "expected 300000 bytes, the server has 299000");
    case_left(nothing);
    break_off();
    pull_from("shorter", FS_ERROR_FORMAT, "wrong size");
    case_left(nothing);
}

static void a_wrong_file_leaves_nothing(void **state) {
    (void)state;
    pull_from("wrong", FS_ERROR_FORMAT, "wrong SHA-256: expected ");
    case_left(nothing);
    break_off();
    pull_from("wrong", FS_ERROR_FORMAT, case_digest);
    case_left(nothing);
}

static void a_shorter_file_than_the_part_leaves_nothing(void **state) {
    (void)state;
    break_off();
    case_pull(&case_entry, web_url("good", "short.onnx"), FS_ERROR_FORMAT, "wrong size");
    assert_string_equal(web_log(), "good short.onnx bytes=150000-\ngood short.onnx -\n");
    case_left(nothing);
}

static void a_spoilt_part_is_found_out(void **state) {
    (void)state;
    char *junk = calloc(1, MODEL_SIZE + 10);
    put_file(scratch_path("tiny.part"), junk, 1000);
    pull_from("good", FS_ERROR_FORMAT, "wrong SHA-256");
    case_left(nothing);
    put_file(scratch_path("tiny.part"), junk, MODEL_SIZE);
    pull_from("good", FS_ERROR_FORMAT, "wrong SHA-256");
    case_left(nothing);
    put_file(scratch_path("tiny.part"), junk, MODEL_SIZE + 10);
    pull_from("good", FS_OK, "");
    check_complete();
    free(junk);
}

static void an_endless_answer_is_cut(void **state) {
    (void)state;
    pull_from("endless", FS_ERROR_FORMAT, "the server sends more");
    case_left(nothing);
}

static void a_part_nobody_asked_for_is_refused(void **state) {
    (void)state;
    pull_from("unasked", FS_ERROR_FORMAT, "not asked for");
    case_left(nothing);
}

/* ---- what leaves the part as it was ---- */

static void refusals_keep_the_part(void **state) {
    (void)state;
    pull_from("absent", FS_ERROR_NOT_FOUND, "answered 404");
    pull_from("broken", FS_ERROR_IO, "answered 500");
    pull_from("circle", FS_ERROR_IO, "redirects");
    pull_from("to_file", FS_ERROR_IO, "rotocol");
    case_pull(&case_entry, "http://127.0.0.1:1/tiny.onnx", FS_ERROR_IO, "127.0.0.1");
    case_pull(&case_entry, "ftp://127.0.0.1/tiny.onnx", FS_ERROR_IO, "rotocol");
    case_pull(&case_entry, "http://192.0.2.1/tiny.onnx", FS_ERROR_IO,
              "rotocol"); /* unencrypted, from elsewhere */
    case_pull(&case_entry, "HTTP://localhost.invalid/tiny.onnx", FS_ERROR_IO, "rotocol");
    case_pull(&case_entry, "http://127.evil.invalid/tiny.onnx", FS_ERROR_IO, "rotocol");
    case_pull(&case_entry, "", FS_ERROR_IO, "URL");
    case_left(nothing);
    break_off();
    pull_from("absent", FS_ERROR_NOT_FOUND, "answered 404");
    pull_from("broken", FS_ERROR_IO, "answered 500");
    case_left(part_only);
    case_check_content("tiny.part", case_model, MODEL_SIZE / 2);
}

static void a_silent_server_is_given_up(void **state) {
    (void)state;
    fs_pull_options options = fs_pull_options_default();
    options.stall_seconds = 1;
    options.from = web_url("silent", "tiny.onnx");
    case_pull_with(&case_entry, &options, FS_ERROR_IO, "");
    case_left(nothing);
    options.from = web_url("stalls", "tiny.onnx");
    case_pull_with(&case_entry, &options, FS_ERROR_IO, "broken off after 150000 bytes");
    case_left(part_only);
    pull_from("good", FS_OK, "");
    check_complete();
}

typedef struct watcher {
    atomic_bool cancel;
    double done, total;
} watcher;

static void stop_at_once(void *context, const fs_progress_state *progress) {
    watcher *w = context;
    w->done = progress->done;
    w->total = progress->total;
    atomic_store(&w->cancel, true);
}

static void cancelling_keeps_the_part(void **state) {
    (void)state;
    watcher w = {.done = 0};
    const fs_progress progress = {.report = stop_at_once, .context = &w, .cancel = &w.cancel};
    fs_pull_options options = fs_pull_options_default();
    options.progress = &progress;
    options.from = web_url("stalls", "tiny.onnx");
    case_pull_with(&case_entry, &options, FS_ERROR_CANCELLED, "pull again");
    assert_true(w.done > 0 && w.done <= 0.15 && w.total == 0.3);
    case_left(part_only);
    pull_from("good", FS_OK, "");
    check_complete();
    case_pull_with(&case_entry, &options, FS_ERROR_CANCELLED, "checked");
    check_complete();
}

static void a_full_disk_is_reported(void **state) {
    (void)state;
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){.rlim_cur = 100000, .rlim_max = old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    pull_from("good", FS_ERROR_IO, "cannot be written: File too large");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    case_left(part_only);
    pull_from("good", FS_OK, "");
    check_complete();
}

static void two_pulls_exclude_each_other(void **state) {
    (void)state;
    break_off();
    const int other = open(scratch_path("tiny.part"), O_RDWR);
    assert_int_equal(flock(other, LOCK_EX), 0);
    pull_from("good", FS_ERROR_ARGUMENT, "tiny: another pull of it is running");
    case_left(part_only);
    close(other);
    pull_from("good", FS_OK, "");
    check_complete();
}

static void strange_folders_are_errors(void **state) {
    (void)state;
    fs_error err = {0};
    fs_pull_outcome outcome;
    const fs_pull_options options = fs_pull_options_default();
    put_file(scratch_path("file"), "x", 1);
    assert_int_equal(fs_registry_pull(&case_entry, scratch_path("file"), &options, &outcome, &err),
                     FS_ERROR_IO);
    assert_int_equal(symlink("file", scratch_path("tiny.part")), 0);
    pull_from("good", FS_ERROR_IO, "tiny.part");
    case_check_content("file", "x", 1);
    unlink(scratch_path("tiny.part"));
    assert_int_equal(mkfifo(scratch_path("tiny.part"), 0600), 0);
    pull_from("good", FS_ERROR_IO, "not a regular file");
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    char folder[64];
    fs_pull_options options = fs_pull_options_default();
    options.from = web_url("good", "tiny.onnx");
    snprintf(folder, sizeof folder, "%s", scratch_path("."));
    for (int n = 0;; n++) {
        fs_pull_outcome outcome;
        fail_from(n);
        const fs_status status = fs_registry_pull(&case_entry, folder, &options, &outcome, NULL);
        const bool refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
        if (!refused)
            break;
        assert_false(fs_file_exists(scratch_path("tiny.onnx")));
        assert_false(fs_file_exists(scratch_path("tiny.json")));
    }
    check_complete();
}

#define SCRATCH_TEST(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

static int begin(void **state) {
    const int code = case_begin(state);
    case_serve("short.onnx", case_model, 100);
    return code;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(fetches),
        SCRATCH_TEST(what_is_there_is_checked_again),
        SCRATCH_TEST(an_edited_sidecar_is_kept),
        SCRATCH_TEST(a_broken_download_goes_on),
        SCRATCH_TEST(it_may_break_many_times),
        SCRATCH_TEST(an_answer_without_a_length_may_break_too),
        SCRATCH_TEST(a_server_without_ranges_starts_again),
        SCRATCH_TEST(a_wrong_range_is_not_taken),
        SCRATCH_TEST(all_bytes_there_need_no_server),
        SCRATCH_TEST(redirects_are_followed),
        SCRATCH_TEST(file_urls_work),
        SCRATCH_TEST(lies_about_the_length_leave_nothing),
        SCRATCH_TEST(a_wrong_file_leaves_nothing),
        SCRATCH_TEST(a_shorter_file_than_the_part_leaves_nothing),
        SCRATCH_TEST(a_spoilt_part_is_found_out),
        SCRATCH_TEST(an_endless_answer_is_cut),
        SCRATCH_TEST(a_part_nobody_asked_for_is_refused),
        SCRATCH_TEST(refusals_keep_the_part),
        SCRATCH_TEST(a_silent_server_is_given_up),
        SCRATCH_TEST(cancelling_keeps_the_part),
        SCRATCH_TEST(a_full_disk_is_reported),
        SCRATCH_TEST(two_pulls_exclude_each_other),
        SCRATCH_TEST(strange_folders_are_errors),
        SCRATCH_TEST(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, begin, case_end);
}
