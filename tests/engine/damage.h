/* Damaged model files, whatever their format: each must give a model or a one-line error that begins with the
 * file's name. Under the sanitizers every access and leak is watched as well. */
#ifndef FS_TESTS_ENGINE_DAMAGE_H
#define FS_TESTS_ENGINE_DAMAGE_H

#include "base/helpers.h"

#include "base/random.h"

typedef struct model_bytes {
    uint8_t *data; /* fs_free */
    size_t size;
} model_bytes;

/* FS_TEST_DATA/folder/name.extension */
model_bytes load_model_bytes(const char *folder, const char *name, const char *extension);

/* Loads bytes as a model of the file name "model.EXTENSION"; true when that worked. Anything but a proper
 * error fails the test. */
bool try_model(const char *extension, const void *data, size_t size, const char *doing, int number);

/* A few bytes or bits changed, in so many rounds. */
void try_flipped(const char *extension, const model_bytes *b, const char *name, int rounds,
                 fs_random *random);
/* Pieces cut out or doubled: lengths no longer fit what they enclose, parts appear twice. */
void try_spliced(const char *extension, const model_bytes *b, int rounds, fs_random *random);

/* Loads a good model with every allocation refused in turn: each time an error of memory, then a model. */
void try_short_memory(const char *folder, const char *name, const char *extension);

#endif
