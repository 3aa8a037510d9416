/* What the readers of models share: a model of any bytes, and a plan for it. */
#ifndef FS_TESTS_FUZZ_MODEL_H
#define FS_TESTS_FUZZ_MODEL_H

#include "fuzz/fuzz.h"

/* Loads the bytes as a file of that name. Where that works and the network is small, plans it at a small
 * input, forward and back to the image. */
void fuzz_model(const char *name, const uint8_t *data, size_t size);

#endif
