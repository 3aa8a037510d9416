/* Search: what words find, in which order, on a model made by hand, the built-in one, and one without
 * concepts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/search.h"
#include "base/alloc.h"
#include "engine/concepts.h"

static fs_model *load(const char *path) {
    fs_model *model = NULL;
    assert_int_equal(fs_model_load(&model, path, NULL), FS_OK);
    return model;
}

static fs_search_hits find(const fs_model *model, const char *words) {
    fs_search_hits hits = {0};
    assert_int_equal(fs_search_find(&hits, model, NULL, words, 50, NULL), FS_OK);
    return hits;
}

static const char *layer_of(const fs_model *model, const fs_search_hits *hits, int i) {
    assert_true(i < hits->n);
    return model->layers[hits->items[i].layer].name;
}

static void expect_nothing(const fs_model *model, const char *words) {
    fs_search_hits hits = find(model, words);
    assert_int_equal(hits.n, 0);
    assert_int_equal(hits.found, 0);
    fs_search_free(&hits);
}

/* The channel of a layer whose concept is the surest. */
static int surest(const fs_layer *layer) {
    int best = -1;
    for (int c = 0; c < layer->channels; c++) {
        const fs_concept *concept = fs_layer_concept(layer, c);
        if (concept != NULL && (best < 0 || concept->iou > fs_layer_concept(layer, best)->iou))
            best = c;
    }
    assert_true(best >= 0);
    return best;
}

static void test_concepts(void **state) {
    (void)state;
    fs_model *model = load("builtin:/world.onnx");
    fs_search_hits hits = find(model, "WHeel");
    assert_true(hits.n >= 4);
    for (int i = 0; i < hits.n; i++) {
        const fs_search_hit *hit = &hits.items[i];
        const fs_concept *known = fs_layer_concept(&model->layers[hit->layer], hit->channel);
        assert_non_null(known);
        assert_string_equal(hit->concept, known->name);
        assert_true(hit->iou == known->iou);
        assert_true(i == 0 || hit->score < hits.items[i - 1].score || hit->iou <= hits.items[i - 1].iou);
        /* Convolutions share the concepts of their rectifiers and are not said again. */
        assert_null(strstr(layer_of(model, &hits, i), ".conv"));
    }
    fs_search_free(&hits);
    const fs_layer *layer = fs_model_layer(model, "pattern1", NULL);
    const int channel = surest(layer);
    char words[128];
    snprintf(words, sizeof words, "pattern1 %s", fs_layer_concept(layer, channel)->name);
    hits = find(model, words);
    assert_true(hits.n >= 1);
    assert_string_equal(layer_of(model, &hits, 0), "pattern1");
    assert_int_equal(hits.items[0].channel, channel);
    fs_search_free(&hits);
    snprintf(words, sizeof words, "pattern1.conv %s", fs_layer_concept(layer, channel)->name);
    hits = find(model, words); /* asked for by name */
    assert_true(hits.n >= 1);
    assert_string_equal(layer_of(model, &hits, 0), "pattern1.conv");
    fs_search_free(&hits);
    expect_nothing(model, "edge1 wheel");
    expect_nothing(model, "wheel wheelbarrow");
    fs_model_destroy(model);
}

static void test_classes(void **state) {
    (void)state;
    fs_model *model = load("builtin:/world.onnx");
    fs_search_hits hits = find(model, "8 cat");
    assert_true(hits.n >= 1);
    assert_string_equal(layer_of(model, &hits, 0), "logits");
    assert_int_equal(hits.items[0].channel, 8);
    assert_string_equal(hits.items[0].concept, "cat");
    fs_search_free(&hits);
    hits = find(model, "logits:tur");
    assert_int_equal(hits.n, 1);
    assert_string_equal(hits.items[0].concept, "turtle");
    fs_search_free(&hits);
    fs_model_destroy(model);
}

static void test_layers(void **state) {
    (void)state;
    fs_model *model = load("builtin:/world.onnx");
    fs_search_hits hits = find(model, "patt");
    assert_int_equal(hits.n, 4);
    assert_string_equal(layer_of(model, &hits, 0), "pattern1.conv");
    assert_int_equal(hits.items[0].channel, -1);
    assert_null(hits.items[0].concept);
    fs_search_free(&hits);
    hits = find(model, "pattern2"); /* what is called so, before what begins so */
    assert_string_equal(layer_of(model, &hits, 0), "pattern2");
    fs_search_free(&hits);
    expect_nothing(model, "attern3");
    expect_nothing(model, "");
    expect_nothing(model, " \t ");
    fs_model_destroy(model);
}

static void test_channels_of_a_layer(void **state) {
    (void)state;
    fs_model *model = load("builtin:/world.onnx");
    fs_search_hits hits = find(model, "object1:100");
    assert_int_equal(hits.n, 2);
    assert_string_equal(layer_of(model, &hits, 0), "object1");
    assert_int_equal(hits.items[0].channel, 100);
    assert_string_equal(layer_of(model, &hits, 1), "object1.conv");
    fs_search_free(&hits);
    hits = find(model, "logits:1"); /* 1, then 10 to 19 */
    assert_int_equal(hits.n, 11);
    assert_int_equal(hits.items[0].channel, 1);
    assert_int_equal(hits.items[10].channel, 19);
    fs_search_free(&hits);
    hits = find(model, "logits:");
    assert_int_equal(hits.n, model->n_labels);
    fs_search_free(&hits);
    hits = find(model, "100"); /* by itself a number is a channel, and whole */
    for (int i = 0; i < hits.n; i++)
        assert_int_equal(hits.items[i].channel, 100);
    assert_true(hits.n > 4);
    fs_search_free(&hits);
    char beyond[32];
    snprintf(beyond, sizeof beyond, "logits:%d", model->n_labels);
    expect_nothing(model, beyond);
    expect_nothing(model, ":");
    expect_nothing(model, "nowhere:");
    fs_model_destroy(model);
}

static void test_limits(void **state) {
    (void)state;
    fs_model *model = load("builtin:/world.onnx");
    fs_search_hits hits = {0};
    assert_int_equal(fs_search_find(&hits, model, NULL, "object1:", 10, NULL), FS_OK);
    assert_int_equal(hits.n, 10);
    assert_int_equal(hits.found, 512);
    fs_search_free(&hits);
    bool searched[64] = {false};
    assert_true(model->n_layers <= 64);
    assert_int_equal(fs_search_find(&hits, model, searched, "object1:", 10, NULL), FS_OK);
    assert_int_equal(hits.n, 0);
    char words[4096];
    memset(words, ':', sizeof words);
    words[sizeof words - 1] = '\0';
    expect_nothing(model, words);
    for (size_t i = 0; i + 1 < sizeof words; i++)
        words[i] = i % 2 == 0 ? (char)('a' + i % 7) : ' ';
    hits = find(model, words);
    fs_search_free(&hits);
    memset(words, 'o', sizeof words - 1);
    expect_nothing(model, words);
    fs_model_destroy(model);
}

static int no_memory(size_t size, void *context) {
    (void)size;
    int *left = context;
    return (*left)-- > 0;
}

static void test_without_memory(void **state) {
    (void)state;
    fs_model *model = load("builtin:/world.onnx");
    for (int allowed = 0; allowed < 3; allowed++) {
        fs_search_hits hits = {0};
        int left = allowed;
        fs_alloc_set_hook(no_memory, &left);
        fs_status status = fs_search_find(&hits, model, NULL, "object1:", 1000, NULL);
        fs_alloc_set_hook(NULL, NULL);
        assert_int_equal(status, FS_ERROR_MEMORY);
        assert_null(hits.items);
    }
    fs_model_destroy(model);
}

/* Neither concepts nor labels: names and numbers are there all the same. */
static void test_plain_names(void **state) {
    (void)state;
    fs_model *model = load(FS_TEST_DATA "/onnx/squeeze.onnx");
    fs_search_hits hits = find(model, "features.3");
    assert_true(hits.n > 1);
    assert_string_equal(layer_of(model, &hits, 0), "features.3");
    fs_search_free(&hits);
    hits = find(model, "features.3:2");
    assert_true(hits.n >= 1);
    assert_string_equal(layer_of(model, &hits, 0), "features.3");
    assert_int_equal(hits.items[0].channel, 2);
    fs_search_free(&hits);
    fs_model_destroy(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_concepts),    cmocka_unit_test(test_classes),
        cmocka_unit_test(test_layers),      cmocka_unit_test(test_channels_of_a_layer),
        cmocka_unit_test(test_limits),      cmocka_unit_test(test_without_memory),
        cmocka_unit_test(test_plain_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
