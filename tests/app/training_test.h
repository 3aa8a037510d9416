/* What the tests of training share: a folder with a small network and pictures of two classes, settings that
 * are done with in moments. Include after cmocka. */
#ifndef FS_TESTS_APP_TRAINING_TEST_H
#define FS_TESTS_APP_TRAINING_TEST_H

#include "app/training_run.h"

enum { TRAINING_HEAD = 3, TRAINING_JOINT = 3 };

/* model/small.onnx and data/{lying,standing}; setup and teardown of a group. */
int training_set_up(void **state);
int training_tear_down(void **state);
/* A path in that folder; valid until the eighth call after this one. */
const char *training_path(const char *name);

fs_training_settings training_settings(void); /* everything is trained */
void must(fs_status status, const fs_error *err);

#endif
