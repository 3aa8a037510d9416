/* Pulls a model of the caller's own, as `filterscope pull` does one of the catalogue: what
 * tests/app/kill_test.py kills.
 *
 *     pull_once URL BYTES SHA256 FOLDER */
#include <stdio.h>
#include <stdlib.h>

#include "registry/pull.h"

int main(int argc, char **argv) {
    if (argc != 5)
        return 2;
    const fs_registry_entry entry = {.name = "tiny",
                                     .title = "Tiny",
                                     .source = "a test",
                                     .url = "https://models.invalid/tiny.onnx",
                                     .bytes = atoll(argv[2]),
                                     .digest_kind = FS_DIGEST_SHA256,
                                     .digest = argv[3],
                                     .height = 32,
                                     .width = 32,
                                     .channels = "RGB",
                                     .range = 1,
                                     .mean = {0.5, 0.5, 0.5},
                                     .std = {0.25, 0.25, 0.25}};
    fs_error err = {0};
    fs_pull_outcome outcome = FS_PULL_FETCHED;
    fs_pull_options options = fs_pull_options_default();
    options.from = argv[1];
    if (fs_registry_pull(&entry, argv[4], &options, &outcome, &err) == FS_OK)
        return 0;
    fprintf(stderr, "%s\n", err.message);
    return 1;
}
