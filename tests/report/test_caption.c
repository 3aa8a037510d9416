/* What is written beside channels: numbers, classes, concepts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/concepts.h"
#include "report/caption.h"
#include "viz/tiny_model.h"

static void test_channels(void **state) {
    (void)state;
    static const char *const labels[TINY_CLASSES] = {"ant", "bee", "fly", "moth"};
    const fs_concept known[TINY_ONE] = {[3] = {"wheel", FS_CONCEPT_PART, 0.314}};
    const fs_concept classes[TINY_CLASSES] = {[1] = {"wing", FS_CONCEPT_PART, 0.5}};
    char text[FS_CAPTION_SIZE];
    tiny_model tiny;
    tiny_model_create(&tiny, 0);
    fs_layer *one = &tiny.layers[0], *logits = &tiny.layers[2];
    assert_string_equal(fs_caption_channel(&tiny.model, one, 3, text), "3");
    one->concepts = known;
    logits->concepts = classes;
    assert_string_equal(fs_caption_channel(&tiny.model, one, 3, text), "3 wheel, IoU 0.31");
    assert_string_equal(fs_caption_channel_short(&tiny.model, one, 3, text), "3 wheel");
    assert_string_equal(fs_caption_channel(&tiny.model, one, 2, text), "2");
    assert_string_equal(fs_caption_channel_short(&tiny.model, one, 2, text), "2");
    tiny.model.labels = labels;
    tiny.model.n_labels = TINY_CLASSES;
    assert_string_equal(fs_caption_channel(&tiny.model, logits, 1, text), "1 bee");
    assert_string_equal(fs_caption_channel_short(&tiny.model, logits, 1, text), "1 bee");
    tiny_model_destroy(&tiny);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_channels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
