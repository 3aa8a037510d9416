/* One URL into one open file, through libcurl: what the file already holds is not fetched again.
 *
 *     fs_download request = fs_download_default();
 *     request.url = "https://example.org/model.onnx";
 *     request.size = 4956208;
 *     fs_download_run(&request, fd, &err);
 *
 * Servers are not trusted: never more than `size` (or `limit`) bytes are written, an answer to a range
 * request is taken only if it begins where the file ends, redirects from https stay on https, and a server
 * that stops talking is given up. http, https and file URLs.
 *
 * What the status says about the file:
 *     FS_OK                             complete as far as sizes tell; the hash is the caller's to check
 *     FS_ERROR_FORMAT, FS_ERROR_LIMIT   the server has something else: the bytes are of no use
 *     any other                         broken off: the bytes that came are good to go on from
 *
 * Blocks; the progress' cancel flag ends it within about a second. */
#ifndef FS_REGISTRY_DOWNLOAD_H
#define FS_REGISTRY_DOWNLOAD_H

#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"

typedef struct fs_download {
    const char *url;
    int64_t size;     /* exactly; 0: unknown */
    int64_t limit;    /* at most, where the size is unknown */
    int64_t estimate; /* for the progress, where the server does not say either */
    int connect_seconds;
    int stall_seconds; /* how long a transfer may crawl below 100 bytes a second */
    const char *label; /* of the progress */
    const fs_progress *progress;
} fs_download;

fs_download fs_download_default(void);
fs_status fs_download_run(const fs_download *request, int fd, fs_error *err);

#endif
