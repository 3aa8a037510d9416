/* A saved session. What was read can be written, and read again gives the same bytes. */
#include <string.h>

#include "app/session.h"
#include "base/alloc.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fs_session session, again;
    char *first = NULL, *second = NULL;
    size_t n_first = 0, n_second = 0;
    fuzz_expect_blocks(fuzz_modest(size));
    fs_session_init(&session);
    fs_session_init(&again);
    if (fs_session_read(&session, fuzz_file("session.json", data, size), NULL) == FS_OK) {
        fuzz_require(session.window.channel >= 0, "the channel is in range");
        fuzz_require(fs_session_text(&first, &n_first, &session, NULL) == FS_OK, "it can be written");
        fuzz_require(fs_session_parse(&again, first, n_first, NULL) == FS_OK, "it can be read again");
        fuzz_require(fs_session_text(&second, &n_second, &again, NULL) == FS_OK, "and written again");
        fuzz_require(n_first == n_second && memcmp(first, second, n_first) == 0, "with the same bytes");
    }
    fs_free(first);
    fs_free(second);
    fs_session_free(&session);
    fs_session_free(&again);
    return 0;
}
