/* Zip archives that `pull` takes models and labels out of. */
#include "base/alloc.h"
#include "fuzz/fuzz.h"
#include "registry/archive.h"

enum { MEMBER_LIMIT = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const members[] = {"model.pb", "labels.txt"};
    fs_archive *archive = NULL;
    fuzz_expect_blocks(fuzz_modest(size));
    if (fs_archive_open(&archive, fuzz_file("archive.zip", data, size), NULL) != FS_OK)
        return 0;
    for (int i = 0; i < 2; i++) {
        uint8_t *bytes = NULL;
        size_t length = 0;
        if (fs_archive_read_all(archive, members[i], MEMBER_LIMIT, &bytes, &length, NULL) == FS_OK)
            fuzz_require(length <= MEMBER_LIMIT, "a member is within its limit");
        fs_free(bytes);
    }
    fs_archive_close(archive);
    return 0;
}
