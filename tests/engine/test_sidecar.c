/* The sidecar: what it sets, the defaults without it, and what is refused with which words. */
#include "base/helpers.h"

#include <stdlib.h>

#include "base/file.h"
#include "engine/concepts.h"
#include "engine/model.h"

/* A copy of a fixture in the scratch folder, with this sidecar beside it (NULL: none). */
static fs_status load(fs_model **out, const char *fixture, const char *sidecar, fs_error *err) {
    char path[512];
    uint8_t *bytes;
    size_t size;
    snprintf(path, sizeof path, FS_TEST_DATA "/onnx/%s.onnx", fixture);
    assert_int_equal(fs_file_read(&bytes, &size, path, 1 << 20, err), FS_OK);
    put_file(scratch_path("m.onnx"), bytes, size);
    fs_free(bytes);
    remove(scratch_path("m.json"));
    if (sidecar)
        put_file(scratch_path("m.json"), sidecar, strlen(sidecar));
    *out = NULL;
    return fs_model_load(out, scratch_path("m.onnx"), err);
}

static void test_everything(void **state) {
    (void)state;
    fs_error err = {0};
    fs_model *model;
    static const char labels[] = "ant\r\nbee\n\nGroße Hummel\nlast";
    put_file(scratch_path("names.txt"), labels, sizeof labels - 1);
    const char *sidecar =
        "{\"name\": \"Small\", \"source\": \"made here\", \"labels\": \"names.txt\", \"extra\": [1],\n"
        "\"input\": {\"size\": [64, 80], \"channels\": \"BGR\", \"range\": 255,\n"
        "\"mean\": [104, 117, 123], \"std\": [1]}, \"levels\": {\"object\": [\"features.3\"],\n"
        "\"edge\": [\"features.3.squeeze\", \"expand3x3\"]}}\n";
    if (load(&model, "squeeze", sidecar, &err) != FS_OK)
        fail_msg("%s", err.message);
    assert_true(model->has_sidecar);
    assert_string_equal(model->name, "Small");
    assert_string_equal(model->source, "made here");
    assert_int_equal(model->preprocess.height, 64);
    assert_int_equal(model->preprocess.width, 80);
    assert_int_equal(model->preprocess.order, FS_CHANNELS_BGR);
    assert_true(model->preprocess.range == 255 && model->preprocess.mean[2] == 123 &&
                model->preprocess.std[2] == 1);
    assert_int_equal(model->n_labels, 5);
    assert_string_equal(model->labels[0], "ant");
    assert_string_equal(model->labels[2], "");
    assert_string_equal(model->labels[3], "Große Hummel");
    assert_string_equal(model->labels[4], "last");
    assert_int_equal(model->layers[0].shape.dim[3], 39);
    /* A module's name covers what is in it; a longer or exact name wins; the rest goes by depth. */
    assert_int_equal(fs_model_layer(model, "features.3", &err)->level, FS_LEVEL_OBJECT);
    assert_int_equal(fs_model_layer(model, "features.3.expand1x1", &err)->level, FS_LEVEL_OBJECT);
    assert_int_equal(fs_model_layer(model, "features.3.squeeze", &err)->level, FS_LEVEL_EDGE);
    assert_int_equal(fs_model_layer(model, "features.4.expand3x3", &err)->level, FS_LEVEL_EDGE);
    assert_int_equal(fs_model_layer(model, "features.4.squeeze", &err)->level, FS_LEVEL_PART);
    fs_model_destroy(model);
}

static void test_defaults(void **state) {
    (void)state;
    fs_error err = {0};
    fs_model *model;
    assert_int_equal(load(&model, "squeeze", NULL, &err), FS_OK);
    assert_false(model->has_sidecar);
    assert_string_equal(model->name, "m");
    assert_null(model->source);
    assert_int_equal(model->n_labels, 0);
    assert_int_equal(model->preprocess.height, 224);
    assert_int_equal(model->preprocess.width, 224);
    assert_int_equal(model->preprocess.order, FS_CHANNELS_RGB);
    assert_true(model->preprocess.range == 1);
    assert_true(model->preprocess.mean[0] == 0.485f && model->preprocess.std[2] == 0.225f);
    fs_model_destroy(model);
    assert_int_equal(load(&model, "caffe", "{}", &err), FS_OK); /* the file says 20x24 */
    assert_true(model->has_sidecar);
    assert_int_equal(model->preprocess.height, 20);
    assert_int_equal(model->preprocess.width, 24);
    fs_model_destroy(model);
    assert_int_equal(load(&model, "squeeze", "{\"input\": {\"range\": 255, \"channels\": \"BGR\"}}", &err),
                     FS_OK);
    assert_true(model->preprocess.mean[2] == 255 * 0.485f); /* red is last, in units of the range */
    fs_model_destroy(model);
}

typedef struct refusal {
    const char *sidecar, *says;
} refusal;

static const refusal refusals[] = {
    {"", "m.json: not JSON"},
    {"{\"name\": \"x\"\n\"labels\": 1}", "m.json: not JSON (line 2)"},
    {"{} x", "not JSON"},
    {"[1]", "not a JSON object"},
    {"{\"name\": 3}", "'name' must be a string"},
    {"{\"source\": []}", "'source' must be a string"},
    {"{\"input\": []}", "'input' must be an object"},
    {"{\"input\": {\"size\": 224}}", "'size' must be a list"},
    {"{\"input\": {\"size\": [224]}}", "'input.size' must be a list of height and width"},
    {"{\"input\": {\"size\": [0, 224]}}", "'input.size' must hold whole numbers in 1..8192"},
    {"{\"input\": {\"size\": [8193, 224]}}", "'input.size'"},
    {"{\"input\": {\"size\": [224, 1e99]}}", "'input.size'"},
    {"{\"input\": {\"size\": [224.5, 224]}}", "'input.size'"},
    {"{\"input\": {\"size\": [\"224\", 224]}}", "'input.size'"},
    {"{\"input\": {\"channels\": \"CMYK\"}}", "'input.channels' must be"},
    {"{\"input\": {\"channels\": 3}}", "'input.channels' must be"},
    {"{\"input\": {\"channels\": \"GRAY\"}}", "'input.channels' is GRAY but the model's input has 3"},
    {"{\"input\": {\"range\": 2}}", "'input.range' must be 1 or 255"},
    {"{\"input\": {\"mean\": [1, 2]}}", "'input.mean' must be a list of 1 or 3 numbers"},
    {"{\"input\": {\"mean\": [1, 2, \"3\"]}}", "'input.mean' must hold numbers"},
    {"{\"input\": {\"mean\": [1, 2, 1e999]}}", "'input.mean' must hold numbers"},
    {"{\"input\": {\"std\": [1, 0, 1]}}", "'input.std' must hold numbers"},
    {"{\"input\": {\"std\": [-1]}}", "'input.std' must hold numbers"},
    {"{\"labels\": \"../names.txt\"}", "'labels' must name a file in the same folder"},
    {"{\"labels\": \"/etc/passwd\"}", "'labels' must name a file in the same folder"},
    {"{\"labels\": \"absent.txt\"}", "absent.txt"},
    {"{\"labels\": \"latin1.txt\"}", "latin1.txt: line 2 is not UTF-8"},
    {"{\"labels\": \"empty.txt\"}", "empty.txt: 0 labels"},
    {"{\"levels\": []}", "'levels' must be an object"},
    {"{\"levels\": {\"wheels\": []}}", "'levels.wheels' is not a level"},
    {"{\"levels\": {\"edge\": \"features.0\"}}", "'levels.edge' must be a list"},
    {"{\"levels\": {\"edge\": [1]}}", "'levels.edge' must be a list"},
    {"{\"levels\": {\"edge\": [\"conv99\"]}}", "'levels.edge': no layer 'conv99'"},
};

static void test_refusals(void **state) {
    (void)state;
    put_file(scratch_path("latin1.txt"), "ok\ngr\xfcn\n", 8);
    put_file(scratch_path("empty.txt"), "", 0);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        fs_error err = {0};
        fs_model *model;
        const fs_status status = load(&model, "squeeze", refusals[i].sidecar, &err);
        if (status == FS_OK || model || !strstr(err.message, refusals[i].says) || strchr(err.message, '\n') ||
            !strstr(err.message, "m."))
            fail_msg("%s: %d, %s", refusals[i].sidecar, status, err.message);
    }
}

/* ---- concepts ---- */

static const char with_concepts[] = "{\"concepts\": \"m_concepts.json\"}";

static fs_status load_concepts(fs_model **model, const char *concepts, fs_error *err) {
    put_file(scratch_path("m_concepts.json"), concepts, strlen(concepts));
    return load(model, "squeeze", with_concepts, err);
}

/* A convolution shares what its activation function has; what is below the least IoU is no concept. */
static void test_concepts(void **state) {
    (void)state;
    fs_error err = {0};
    fs_model *model;
    const fs_status status = load_concepts(
        &model,
        "{\"format\": 1, \"least\": 0.1, \"layers\": [{\"layer\": \"features.1\", \"channels\": [\n"
        "{\"channel\": 2, \"concept\": \"wheel\", \"kind\": \"part\", \"iou\": 0.31, \"next\": [{\"iou\": "
        "7}]},\n"
        "{\"channel\": 0, \"concept\": \"fur\", \"kind\": \"texture\", \"iou\": 0.09},\n"
        "{\"channel\": 1, \"concept\": null, \"kind\": null, \"iou\": 0}]}]}",
        &err);
    if (status != FS_OK)
        fail_msg("%s", err.message);
    const fs_layer *relu = fs_model_layer(model, "features.1", &err);
    const fs_layer *conv = fs_model_layer(model, "features.0", &err);
    assert_ptr_equal(fs_model_activated(model, conv), relu);
    assert_ptr_equal(fs_model_activated(model, relu), relu);
    const fs_concept *wheel = fs_layer_concept(relu, 2);
    assert_non_null(wheel);
    assert_string_equal(wheel->name, "wheel");
    assert_int_equal(wheel->kind, FS_CONCEPT_PART);
    assert_true(wheel->iou == 0.31);
    assert_ptr_equal(fs_layer_concept(conv, 2), wheel);
    assert_null(fs_layer_concept(relu, 0));
    assert_null(fs_layer_concept(relu, 1));
    assert_null(fs_layer_concept(relu, -1));
    assert_null(fs_layer_concept(relu, relu->channels));
    assert_null(fs_layer_concept(fs_model_layer(model, "features.3", &err), 0));
    fs_model_destroy(model);
}

#define CHANNEL(text) "{\"format\": 1, \"layers\": [{\"layer\": \"features.1\", \"channels\": [" text "]}]}"

static const refusal bad_concepts[] = {
    {"", "not JSON"},
    {"[", "not JSON"},
    {"{}", "'format' must be 1"},
    {"{\"format\": 2, \"layers\": []}", "'format' must be 1"},
    {"{\"format\": 1}", "'layers' must be a list"},
    {"{\"format\": 1, \"least\": 2, \"layers\": []}", "'least' must be"},
    {"{\"format\": 1, \"layers\": [3]}", "each of 'layers'"},
    {"{\"format\": 1, \"layers\": [{\"layer\": \"conv99\", \"channels\": []}]}", "no layer 'conv99'"},
    {"{\"format\": 1, \"layers\": [{\"layer\": \"features.1\", \"channels\": []}, {\"layer\": "
     "\"features.1\", "
     "\"channels\": []}]}",
     "layer 'features.1' is there twice"},
    {CHANNEL("1"), "no channel of 0 to"},
    {CHANNEL("{\"channel\": 1e9}"), "no channel of 0 to"},
    {CHANNEL("{\"channel\": 0.5}"), "no channel of 0 to"},
    {CHANNEL("{\"channel\": -1}"), "no channel of 0 to"},
    {CHANNEL("{\"channel\": 0}"), "'concept' must be"},
    {CHANNEL("{\"channel\": 0, \"concept\": \"\"}"), "'concept' must be"},
    {CHANNEL("{\"channel\": 0, \"concept\": \"a\\nb\"}"), "'concept' must be"},
    {CHANNEL("{\"channel\": 0, \"concept\": \"\xff\"}"), "'concept' must be"},
    {CHANNEL("{\"channel\": 0, \"concept\": \"fur\"}"), "'kind' must be"},
    {CHANNEL("{\"channel\": 0, \"concept\": \"fur\", \"kind\": \"texture\", \"iou\": 1.1}"), "'iou' must be"},
    {CHANNEL("{\"channel\": 0, \"concept\": \"fur\", \"kind\": \"texture\"}"), "'iou' must be"},
};

static void test_bad_concepts(void **state) {
    (void)state;
    fs_error err = {0};
    fs_model *model;
    assert_int_equal(load(&model, "squeeze", with_concepts, &err), FS_ERROR_IO);
    assert_non_null(strstr(err.message, "m_concepts.json"));
    assert_int_equal(load(&model, "squeeze", "{\"concepts\": \"../c.json\"}", &err), FS_ERROR_FORMAT);
    for (size_t i = 0; i < sizeof bad_concepts / sizeof *bad_concepts; i++) {
        memset(&err, 0, sizeof err);
        const fs_status status = load_concepts(&model, bad_concepts[i].sidecar, &err);
        if (status == FS_OK || model || !strstr(err.message, bad_concepts[i].says) ||
            !strstr(err.message, "m_concepts.json") || strchr(err.message, '\n'))
            fail_msg("%s: %d, %s", bad_concepts[i].sidecar, status, err.message);
    }
}

static void test_deep_nesting(void **state) {
    (void)state;
    enum { DEPTH = 200000 };
    char *text = malloc(DEPTH + 1);
    fs_error err = {0};
    fs_model *model;
    memset(text, '[', DEPTH);
    text[DEPTH] = '\0';
    assert_int_equal(load(&model, "squeeze", text, &err), FS_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "not JSON"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_everything, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_defaults, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_refusals, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_concepts, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_bad_concepts, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_deep_nesting, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
