/* Pulling by HTTPS: a certificate that nobody vouches for, or of another host, is refused before anything was
 * asked for, and so is a way that leads back to plain HTTP. */
#include "pull_case.h"

#include <curl/curl.h>

static const char complete[] = "tiny.json tiny.onnx ", nothing[] = "";

/* Whom the next pulls trust: NULL, as users do, the authorities of the system; or a file. This machine's own
 * servers need no proxy, which the library sees to for plain HTTP and HTTPS alike. */
static const char *trusted;

CURLcode __real_curl_easy_perform(CURL *curl);
CURLcode __wrap_curl_easy_perform(CURL *curl);
CURLcode __wrap_curl_easy_perform(CURL *curl) {
    if (trusted != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, trusted);
    return __real_curl_easy_perform(curl);
}

static void pull_from(const char *host, const char *behaviour, fs_status expected, const char *part) {
    case_pull(&case_entry, web_url_encrypted(host, behaviour, "tiny.onnx"), expected, part);
}

static void a_trusted_server_is_pulled_from(void **state) {
    (void)state;
    trusted = case_certificate;
    web_log();
    pull_from("127.0.0.1", "good", FS_OK, "");
    case_left(complete);
    case_check_content("tiny.onnx", case_model, MODEL_SIZE);
    assert_string_equal(web_log(), "tls:good tiny.onnx -\n");
}

static void redirects_stay_encrypted(void **state) {
    (void)state;
    trusted = case_certificate;
    web_log();
    pull_from("127.0.0.1", "redirect", FS_OK, "");
    case_left(complete);
    assert_string_equal(web_log(), "tls:redirect tiny.onnx -\ntls:good tiny.onnx -\n");
}

static void a_redirect_to_plain_http_is_refused(void **state) {
    (void)state;
    trusted = case_certificate;
    web_log();
    pull_from("127.0.0.1", "to_plain", FS_ERROR_IO, "rotocol");
    case_left(nothing);
    assert_string_equal(web_log(), "tls:to_plain tiny.onnx -\n"); /* the other was never asked */
    /* What it leads to is there: who comes by plain HTTP gets it. */
    case_pull(&case_entry, web_url("to_plain", "tiny.onnx"), FS_OK, "");
    case_left(complete);
    assert_string_equal(web_log(), "to_plain tiny.onnx -\ngood tiny.onnx -\n");
}

static void a_redirect_to_a_file_is_refused(void **state) {
    (void)state;
    trusted = case_certificate;
    pull_from("127.0.0.1", "to_file", FS_ERROR_IO, "rotocol");
    case_left(nothing);
}

static void a_certificate_that_nobody_vouches_for_is_refused(void **state) {
    (void)state;
    trusted = NULL;
    web_log();
    pull_from("127.0.0.1", "good", FS_ERROR_IO, "certificate");
    case_left(nothing);
    assert_string_equal(web_log(), "");
}

static void a_certificate_of_another_host_is_refused(void **state) {
    (void)state;
    trusted = case_certificate;
    web_log();
    pull_from("localhost", "good", FS_ERROR_IO, "localhost");
    case_left(nothing);
    assert_string_equal(web_log(), "");
}

#define SCRATCH_TEST(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(a_trusted_server_is_pulled_from),
        SCRATCH_TEST(redirects_stay_encrypted),
        SCRATCH_TEST(a_redirect_to_plain_http_is_refused),
        SCRATCH_TEST(a_redirect_to_a_file_is_refused),
        SCRATCH_TEST(a_certificate_that_nobody_vouches_for_is_refused),
        SCRATCH_TEST(a_certificate_of_another_host_is_refused),
    };
    return cmocka_run_group_tests(tests, case_begin_encrypted, case_end);
}
