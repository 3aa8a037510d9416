/* Objectives as text, against the layers of the network that the program carries in itself. */
#include <string.h>

#include "base/alloc.h"
#include "fuzz/fuzz.h"
#include "viz/objective_text.h"

static const fs_model *network(void) {
    static fs_model *model;
    if (model == NULL)
        fuzz_require(fs_model_load(&model, "builtin:/world.onnx", NULL) == FS_OK, "the network can be read");
    return model;
}

static void check(const char *objective) {
    fs_render_settings settings;
    fs_error err = {0};
    char text[FS_EXPRESSION_SIZE];
    memset(&settings, 0, sizeof settings);
    fs_options_defaults(fs_render_options, &settings);
    if (fs_options_set(fs_render_options, &settings, "objective", objective, NULL) != FS_OK)
        return;
    (void)fs_objective_text(&settings, text);
    if (fs_objective_check(network(), &settings, &err) != FS_OK) {
        fuzz_require(err.message[0] != '\0' && strchr(err.message, '\n') == NULL, "an error is one line");
        (void)fs_objective_error_column(&err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fs_alloc_set_hook(NULL, NULL);
    (void)network();
    fuzz_expect_blocks(fuzz_modest(size));
    char *text = fs_alloc(size + 1);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    check(text);
    fs_free(text);
    return 0;
}
