#include "registry/download.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_REDIRECTS = 10, CRAWLING_BYTES_PER_SECOND = 100 };

typedef struct transfer {
    const fs_download *request;
    CURL *curl;
    int fd;
    int64_t asked_from; /* where the range that was asked for begins */
    int64_t position;   /* bytes in the file that count */
    int64_t promised;   /* size of the whole as the server says, or -1 */
    int64_t started_at; /* position when bytes began to come */
    double start;
    bool begun;      /* the answer's header was looked at */
    bool from_start; /* the range was refused: ask again for the whole */
    fs_status status;
    fs_error err;
} transfer;

fs_download fs_download_default(void) {
    return (fs_download){.connect_seconds = 30, .stall_seconds = 60};
}

/* ---- the answer's header ---- */

/* Where a 206 says that it begins, and the size of the whole (-1 for "*"). RFC 9110, 14.4. */
static bool content_range(const transfer *t, long long *first, long long *whole) {
    struct curl_header *header = NULL;
    long long last = 0;
    char size[24] = "";
    if (curl_easy_header(t->curl, "Content-Range", 0, CURLH_HEADER, -1, &header) != CURLHE_OK ||
        sscanf(header->value, "bytes %lld-%lld/%23s", first, &last, size) != 3 || last < *first)
        return false;
    *whole = -1;
    return strcmp(size, "*") == 0 || sscanf(size, "%lld", whole) == 1;
}

static bool is_file_url(const transfer *t) {
    const char *scheme = NULL;
    return curl_easy_getinfo(t->curl, CURLINFO_SCHEME, &scheme) == CURLE_OK && scheme != NULL &&
           strcasecmp(scheme, "file") == 0;
}

static fs_status begin_rest(transfer *t) {
    long long first = 0, whole = -1;
    if (t->asked_from == 0)
        return fs_fail(&t->err, FS_ERROR_FORMAT, "the server sent a part that was not asked for");
    if (!content_range(t, &first, &whole) || first != t->asked_from) {
        t->from_start = true;
        return FS_ERROR_CANCELLED;
    }
    t->promised = whole;
    return FS_OK;
}

/* The whole file comes, whether or not only its rest was asked for. */
static fs_status begin_whole(transfer *t) {
    curl_off_t length = -1;
    if (ftruncate(t->fd, 0) != 0)
        return fs_fail(&t->err, FS_ERROR_IO, "the download cannot be written: %s", strerror(errno));
    t->position = 0;
    if (curl_easy_getinfo(t->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length) == CURLE_OK)
        t->promised = length;
    return FS_OK;
}

static fs_status check_promise(transfer *t) {
    const fs_download *request = t->request;
    if (request->size > 0 && t->promised >= 0 && t->promised != request->size)
        return fs_fail(&t->err, FS_ERROR_FORMAT, "wrong size: expected %lld bytes, the server has %lld",
                       (long long)request->size, (long long)t->promised);
    if (request->size == 0 && t->promised > request->limit)
        return fs_fail(&t->err, FS_ERROR_LIMIT,
                       "wrong size: expected at most %lld bytes, the server has %lld",
                       (long long)request->limit, (long long)t->promised);
    return FS_OK;
}

/* Looks at the answer before its first byte is written. */
static fs_status begin(transfer *t) {
    long code = 0;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &code);
    fs_status status;
    if (code == 206)
        status = begin_rest(t);
    else if (code == 200 || (code == 0 && is_file_url(t)))
        status = begin_whole(t);
    else
        status = fs_fail(&t->err, FS_ERROR_IO, "the server answered %ld", code);
    if (status == FS_OK)
        status = check_promise(t);
    t->begun = true;
    t->started_at = t->position;
    t->start = fs_seconds();
    return status;
}

/* ---- while it runs ---- */

static fs_status append(transfer *t, const char *bytes, size_t size) {
    const int64_t most = t->request->size > 0 ? t->request->size : t->request->limit;
    if ((int64_t)size > most - t->position)
        return fs_fail(&t->err, t->request->size > 0 ? FS_ERROR_FORMAT : FS_ERROR_LIMIT,
                       "wrong size: expected %s%lld bytes, the server sends more",
                       t->request->size > 0 ? "" : "at most ", (long long)most);
    while (size > 0) {
        const ssize_t written = pwrite(t->fd, bytes, size, t->position);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fs_fail(&t->err, FS_ERROR_IO, "the download cannot be written: %s", strerror(errno));
        bytes += written;
        size -= (size_t)written;
        t->position += written;
    }
    return FS_OK;
}

static size_t on_body(char *bytes, size_t one, size_t size, void *context) {
    transfer *t = context;
    (void)one;
    if (t->status == FS_OK && !t->begun)
        t->status = begin(t);
    if (t->status == FS_OK)
        t->status = append(t, bytes, size);
    return t->status == FS_OK ? size : CURL_WRITEFUNC_ERROR;
}

/* In megabytes. The time is stretched as if the bytes of an earlier attempt had come at the same rate, so
 * that what is left of it comes out right. */
static void report(const transfer *t) {
    const fs_download *request = t->request;
    const int64_t total = request->size > 0 ? request->size
                          : t->promised > 0 ? t->promised
                                            : request->estimate;
    const int64_t fetched = t->position - t->started_at;
    if (fetched <= 0)
        return;
    fs_progress_state state = {.label = request->label,
                               .done = (double)t->position / 1e6,
                               .total = (double)total / 1e6,
                               .seconds = (fs_seconds() - t->start) * (double)t->position / (double)fetched,
                               .value = (double)NAN};
    fs_progress_report(request->progress, &state);
}

static int on_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up_now) {
    (void)total, (void)now, (void)up_total, (void)up_now;
    transfer *t = context;
    if (t->begun)
        report(t);
    return fs_progress_cancelled(t->request->progress);
}

/* ---- one request ---- */

static bool has_prefix(const char *text, const char *prefix) {
    return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

/* 127.0.0.0/8 as numbers: "127.example.org" is a name like any other. */
static bool is_loopback_number(const char *host) {
    struct in_addr address;
    return inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

/* A server on this very machine is never behind a proxy. */
static bool is_loopback(const char *url) {
    char *host = NULL;
    CURLU *parts = curl_url();
    bool loopback = false;
    if (parts != NULL && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK)
        loopback =
            strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 || is_loopback_number(host);
    curl_free(host);
    curl_url_cleanup(parts);
    return loopback;
}

static void set_options(transfer *t, char error[CURL_ERROR_SIZE]) {
    const fs_download *request = t->request;
    /* Unencrypted only from this very machine, which tests and local mirrors are served from. */
    const bool local = is_loopback(request->url);
    const char *may_redirect_to = has_prefix(request->url, "https:") ? "https" : "http,https";
    CURL *curl = t->curl;
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "filterscope/" FS_VERSION);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, local ? "http,https,file" : "https,file");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, may_redirect_to);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)MAX_REDIRECTS);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)request->connect_seconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)CRAWLING_BYTES_PER_SECOND);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)request->stall_seconds);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    if (local)
        curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    if (t->asked_from > 0) {
        char range[32];
        snprintf(range, sizeof range, "%lld-", (long long)t->asked_from);
        curl_easy_setopt(curl, CURLOPT_RANGE, range);
    }
}

static fs_status fail_broken_off(transfer *t, const char *reason) {
    if (t->begun && t->position > 0)
        return fs_fail(&t->err, FS_ERROR_IO,
                       "broken off after %lld bytes (%s); pull again to go on from there",
                       (long long)t->position, reason);
    return fs_fail(&t->err, FS_ERROR_IO, "%s", reason);
}

static fs_status judge_failure(transfer *t, CURLcode code, const char *reason) {
    long answer = 0;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &answer);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return fs_fail(&t->err, FS_ERROR_CANCELLED, "stopped; pull again to go on from there");
    if (code == CURLE_HTTP_RETURNED_ERROR && answer == 416 && t->asked_from > 0) {
        t->from_start = true; /* the file ends before our part does */
        return FS_ERROR_CANCELLED;
    }
    if (code == CURLE_HTTP_RETURNED_ERROR)
        return fs_fail(&t->err, answer == 404 ? FS_ERROR_NOT_FOUND : FS_ERROR_IO,
                       "the server answered %ld: %s", answer, t->request->url);
    return fail_broken_off(t, *reason ? reason : curl_easy_strerror(code));
}

/* An answer without a length may end at any byte; then only the size that is known tells. */
static fs_status judge_end(transfer *t) {
    fs_status status = t->begun ? FS_OK : begin(t); /* an empty answer never came to on_body */
    if (status == FS_OK && t->request->size > 0 && t->position < t->request->size)
        return fail_broken_off(t, "the server closed the connection");
    return status;
}

static fs_status attempt(transfer *t) {
    char reason[CURL_ERROR_SIZE] = "";
    t->curl = curl_easy_init();
    if (t->curl == NULL)
        return fs_fail_memory(&t->err, "a download");
    set_options(t, reason);
    const CURLcode code = curl_easy_perform(t->curl);
    if (t->status == FS_OK)
        t->status = code == CURLE_OK ? judge_end(t) : judge_failure(t, code, reason);
    curl_easy_cleanup(t->curl);
    return t->status;
}

static transfer transfer_from(const fs_download *request, int fd, int64_t position) {
    return (transfer){
        .request = request, .fd = fd, .asked_from = position, .position = position, .promised = -1};
}

/* How many bytes of an earlier attempt are worth keeping. */
static fs_status bytes_there(const fs_download *request, int fd, int64_t *bytes, fs_error *err) {
    struct stat info;
    const int64_t most = request->size > 0 ? request->size : request->limit;
    if (fstat(fd, &info) != 0)
        return fs_fail(err, FS_ERROR_IO, "the download cannot be read: %s", strerror(errno));
    const bool usable = (int64_t)info.st_size <= most && !has_prefix(request->url, "file:");
    *bytes = usable ? (int64_t)info.st_size : 0;
    return FS_OK;
}

fs_status fs_download_run(const fs_download *request, int fd, fs_error *err) {
    int64_t position = 0;
    fs_status status = bytes_there(request, fd, &position, err);
    if (status != FS_OK || (request->size > 0 && position == request->size))
        return status;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return fs_fail_memory(err, "a download");
    transfer t = transfer_from(request, fd, position);
    status = attempt(&t);
    if (t.from_start) {
        t = transfer_from(request, fd, 0);
        status = attempt(&t);
    }
    curl_global_cleanup();
    return status == FS_OK ? FS_OK : fs_fail(err, status, "%s", t.err.message);
}
