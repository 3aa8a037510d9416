#include "base/helpers.h"

#include <stdlib.h>

#include "engine/train/material.h"
#include "training_test.h"

static char root[64];

int training_set_up(void **state) {
    (void)state;
    strcpy(root, FS_SCRATCH "/filterscope-training-XXXXXX");
    if (!mkdtemp(root))
        return -1;
    material_write(training_path("data"), 12, 1);
    fs_model_destroy(material_model(training_path("model")));
    return 0;
}

int training_tear_down(void **state) {
    (void)state;
    material_remove(root);
    return 0;
}

const char *training_path(const char *name) {
    static char paths[8][256];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

void must(fs_status status, const fs_error *err) {
    if (status != FS_OK)
        fail_msg("%s", err->message);
}

fs_training_settings training_settings(void) {
    fs_training_settings s = fs_training_defaults();
    s.data = training_path("data");
    s.freeze = FS_FREEZE_NONE;
    s.head_epochs = TRAINING_HEAD;
    s.joint_epochs = TRAINING_JOINT;
    s.head_rate = 0.02;
    s.joint_rate = 0.003;
    s.threads = 2;
    s.seed = 5;
    s.look_side = 32;
    s.look_steps = 4;
    return s;
}
