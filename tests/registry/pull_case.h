/* What the tests of pulling share: a served folder with the file "tiny.onnx", the misbehaving server, an
 * entry that describes the file, and a look at what a pull has left in the scratch folder. */
#ifndef FS_TESTS_REGISTRY_PULL_CASE_H
#define FS_TESTS_REGISTRY_PULL_CASE_H

#include "base/helpers.h"
#include "registry/pull.h"
#include "web.h"

enum { MODEL_SIZE = 300000 };
extern uint8_t case_model[MODEL_SIZE];
extern char case_digest[FS_DIGEST_TEXT];
extern const fs_registry_entry case_entry; /* of that file */

/* Group setup and teardown: the server runs, proxies that lead nowhere are set. */
int case_begin(void **state);
/* The same by HTTPS too; case_certificate is the file with its certificate. */
int case_begin_encrypted(void **state);
extern char case_certificate[64];
int case_end(void **state);
/* Puts a file into the served folder; its path until the next call. */
const char *case_serve(const char *name, const void *bytes, size_t size);

/* Pulls the entry from a URL; fails the test unless it ends with `expected` and a message that has `part`. */
void case_pull(const fs_registry_entry *entry, const char *url, fs_status expected, const char *part);
/* The same with options of the test's own. */
fs_pull_outcome case_pull_with(const fs_registry_entry *entry, const fs_pull_options *options,
                               fs_status expected, const char *part);
/* The files in the scratch folder are exactly these: names in alphabetical order, each followed by a space.
 */
void case_left(const char *names);
void case_check_content(const char *name, const void *bytes, size_t size);

#endif
