/* The worker's jobs for one picture: the same numbers as the library's, with and without something covered;
 * refused and stopped with words. */
#include <math.h>

#include "app/attribute_target.h"
#include "app/channel_maps.h"
#include "app/classifier.h"
#include "app/worker_inspect.h"
#include "worker_test.h"

#define MODEL FS_TEST_DATA "/onnx/squeeze.onnx"
#define PICTURE FS_TEST_DATA "/images/rgb_40x31.png"

/* What the request gives, or NULL with the reason. */
static fs_inspection *ask(fixture *f, fs_inspect_request request, fs_error *why) {
    request.model = f->model;
    const uint64_t generation = fs_worker_inspect(f->worker, &request);
    assert_true(generation > 0);
    fs_inspection *answer = NULL;
    fs_event event;
    bool over = false;
    while (!over && poll(f, &event)) {
        assert_int_equal(event.generation, generation);
        assert_int_equal(event.job_kind, FS_WORKER_INSPECT);
        over = event.kind != FS_EVENT_PROGRESS;
        if (event.kind == FS_EVENT_INSPECTION)
            answer = fs_inspection_keep(event.inspection);
        if (why != NULL)
            *why = event.error;
        fs_event_release(&event);
    }
    return answer;
}

static fs_inspection *read_picture(fixture *f) {
    fs_inspection *picture = ask(f, (fs_inspect_request){.kind = FS_INSPECT_READ, .path = PICTURE}, NULL);
    assert_non_null(picture);
    return picture;
}

static int layer_of(const fixture *f, const char *name) {
    const fs_layer *layer = fs_model_layer(f->model->model, name, NULL);
    assert_non_null(layer);
    return (int)(layer - f->model->model->layers);
}

/* The crop of the usual evaluation, and what classify says of it. */
static void test_reading_predicts(void **state) {
    (void)state;
    fixture f;
    start(&f, MODEL);
    const fs_preprocess *p = &f.model->model->preprocess;
    fs_inspection *picture = read_picture(&f);
    fs_image photograph = {0}, crop = {0};
    assert_int_equal(fs_image_read(&photograph, PICTURE, NULL), FS_OK);
    assert_int_equal(fs_preprocess_crop(&photograph, p->height, p->width, &crop, NULL), FS_OK);
    assert_int_equal(picture->crop.width, crop.width);
    assert_memory_equal(picture->crop.pixels, crop.pixels, (size_t)(3 * crop.width * crop.height));
    fs_classifier *classifier = NULL;
    const float *probabilities = NULL;
    assert_int_equal(fs_classifier_create(&classifier, f.model->model, NULL, NULL), FS_OK);
    assert_int_equal(fs_classifier_run(classifier, &photograph, &probabilities, NULL), FS_OK);
    assert_int_equal(picture->n_classes, fs_classifier_classes(classifier));
    for (int c = 0; c < picture->n_classes; c++)
        assert_true(fabsf(picture->probabilities[c] - probabilities[c]) < 1e-5F);
    /* The likeliest class to explain is that one too. */
    fs_attribute_target target = {0};
    const fs_attribute_query query = {.channel = -1, .class_index = -1};
    int *order = malloc((size_t)picture->n_classes * sizeof *order);
    fs_inspection_order(probabilities, NULL, picture->n_classes, order);
    assert_int_equal(fs_attribute_find(&target, f.model->model, &query, &crop, NULL, NULL, NULL), FS_OK);
    assert_int_equal(target.channel, order[0]);
    free(order);
    fs_classifier_destroy(classifier);
    fs_image_free(&photograph);
    fs_image_free(&crop);
    fs_inspection_release(picture);
    finish(&f);
}

static void test_covering_changes_the_prediction(void **state) {
    (void)state;
    fixture f;
    fs_occlusion covered;
    start(&f, MODEL);
    fs_inspection *picture = read_picture(&f);
    const size_t bytes = (size_t)picture->n_classes * sizeof(float);
    assert_int_equal(fs_occlusion_create(&covered, picture->crop.width, picture->crop.height, NULL), FS_OK);
    fs_inspect_request request = {.kind = FS_INSPECT_PREDICT, .picture = picture, .covered = &covered};
    fs_inspection *same = ask(&f, request, NULL);
    assert_memory_equal(same->probabilities, picture->probabilities, bytes);
    fs_occlusion_begin(&covered);
    fs_occlusion_line(&covered, 0, 0, picture->crop.width, picture->crop.height, 400);
    fs_occlusion_end(&covered);
    fs_inspection *grey = ask(&f, request, NULL);
    double difference = 0, sum = 0;
    for (int c = 0; c < grey->n_classes; c++) {
        difference += fabs((double)grey->probabilities[c] - (double)picture->probabilities[c]);
        sum += (double)grey->probabilities[c];
    }
    assert_true(difference > 1e-4);
    assert_true(fabs(sum - 1) < 1e-5);
    fs_occlusion_undo(&covered); /* the request's copy was its own */
    fs_inspection *back = ask(&f, request, NULL);
    assert_memory_equal(back->probabilities, picture->probabilities, bytes);
    fs_occlusion_free(&covered);
    fs_inspection_release(picture);
    fs_inspection_release(same);
    fs_inspection_release(grey);
    fs_inspection_release(back);
    finish(&f);
}

/* The maps are the library's; the strongest at a position is the greatest there. */
static void test_maps_and_places(void **state) {
    (void)state;
    fixture f;
    start(&f, MODEL);
    const int layer = layer_of(&f, "features.0");
    fs_inspection *picture = read_picture(&f);
    fs_inspection *maps =
        ask(&f, (fs_inspect_request){.kind = FS_INSPECT_MAPS, .picture = picture, .layer = layer}, NULL);
    fs_activation *activation = NULL;
    fs_image photograph = {0};
    assert_int_equal(fs_image_read(&photograph, PICTURE, NULL), FS_OK);
    assert_int_equal(
        fs_activation_create(&activation, f.model->model, &f.model->model->layers[layer], NULL, NULL), FS_OK);
    assert_int_equal(fs_activation_run(activation, &photograph, NULL, NULL), FS_OK);
    const fs_map_geometry g = fs_activation_geometry(activation);
    const int positions = g.height * g.width;
    assert_int_equal(maps->n_channels, fs_activation_channels(activation));
    assert_int_equal(maps->layer, layer);
    for (int c = 0; c < maps->n_channels; c++)
        for (int i = 0; i < positions; i++)
            assert_true(fabsf(maps->values[c * positions + i] - fs_activation_map(activation, c)[i]) < 1e-4F);
    assert_int_equal(maps->maps->n_tiles, maps->n_channels);
    const int x = g.image_width / 3, y = g.image_height / 2;
    const int position = fs_inspection_position(maps, x, y);
    const fs_receptive_field *field = &g.field;
    assert_true(fabs(field->offset + field->size / 2.0 + field->stride * (position % g.width) - x) <=
                field->stride / 2.0);
    assert_true(fabs(field->offset + field->size / 2.0 + field->stride * (position / g.width) - y) <=
                field->stride / 2.0);
    fs_strong_channel list[64];
    const int n = fs_inspection_strongest(maps, position, list, 64);
    assert_int_equal(n, maps->n_channels < 64 ? maps->n_channels : 64);
    for (int i = 0; i < n; i++) {
        assert_true(list[i].value == maps->values[list[i].channel * positions + position]);
        assert_true(i == 0 || list[i].value <= list[i - 1].value);
    }
    fs_strong_channel few[2];
    assert_int_equal(fs_inspection_strongest(maps, position, few, 2), 2);
    assert_memory_equal(few, list, sizeof few);
    assert_true(fs_inspection_position(maps, -5, 1e6) == (g.height - 1) * g.width);
    fs_activation_destroy(activation);
    fs_image_free(&photograph);
    fs_inspection_release(picture);
    fs_inspection_release(maps);
    finish(&f);
}

/* The class scores have numbers, no maps. */
static void test_a_layer_without_maps(void **state) {
    (void)state;
    fixture f;
    start(&f, MODEL);
    const fs_layer *scores = fs_model_logits(f.model->model);
    fs_inspection *picture = read_picture(&f);
    fs_inspection *maps =
        ask(&f,
            (fs_inspect_request){
                .kind = FS_INSPECT_MAPS, .picture = picture, .layer = (int)(scores - f.model->model->layers)},
            NULL);
    fs_strong_channel first;
    int order[1024];
    assert_null(maps->maps);
    assert_true(maps->n_channels == picture->n_classes && maps->n_channels <= 1024);
    fs_inspection_order(picture->probabilities, NULL, picture->n_classes, order);
    assert_int_equal(fs_inspection_strongest(maps, 0, &first, 1), 1);
    assert_int_equal(first.channel, order[0]);
    fs_inspection_release(picture);
    fs_inspection_release(maps);
    finish(&f);
}

static void test_attributions(void **state) {
    (void)state;
    fixture f;
    start(&f, MODEL);
    fs_inspection *picture = read_picture(&f);
    for (int method = 0; method <= FS_ATTRIBUTION_GRADCAM; method++) {
        fs_inspection *over =
            ask(&f,
                (fs_inspect_request){
                    .kind = FS_INSPECT_ATTRIBUTE, .picture = picture, .method = method, .class_index = 1},
                NULL);
        assert_non_null(over);
        assert_int_equal(over->over.width, picture->crop.width);
        assert_int_equal(over->over.height, picture->crop.height);
        assert_non_null(strstr(over->title, "score"));
        assert_true((strstr(over->title, "maps of") != NULL) == (method == FS_ATTRIBUTION_GRADCAM));
        fs_inspection_release(over);
    }
    fs_error why = {0};
    assert_null(ask(&f,
                    (fs_inspect_request){
                        .kind = FS_INSPECT_ATTRIBUTE, .picture = picture, .class_index = picture->n_classes},
                    &why));
    assert_non_null(strstr(why.message, "there are classes"));
    fs_inspection_release(picture);
    finish(&f);
}

static void test_folders_and_files_that_are_none(void **state) {
    (void)state;
    fixture f;
    fs_error why = {0};
    start(&f, MODEL);
    fs_inspection *folder =
        ask(&f, (fs_inspect_request){.kind = FS_INSPECT_FOLDER, .path = FS_TEST_DATA "/images"}, NULL);
    assert_true(folder->folder->n_files > 3);
    fs_inspection_release(folder);
    static const char *const broken[] = {FS_TEST_DATA "/images/no-such.png",
                                         FS_TEST_DATA "/onnx/squeeze.onnx", FS_TEST_DATA "/images",
                                         "/dev/zero"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        assert_null(ask(&f, (fs_inspect_request){.kind = FS_INSPECT_READ, .path = broken[i]}, &why));
        assert_non_null(strstr(why.message, broken[i]));
    }
    assert_null(ask(
        &f, (fs_inspect_request){.kind = FS_INSPECT_FOLDER, .path = FS_TEST_DATA "/no-such-folder"}, &why));
    assert_non_null(strstr(why.message, "no-such-folder"));
    finish(&f);
}

/* A whole disk, with what the kernel links in circles, is listed while a model is loaded. */
static void test_a_long_list_holds_up_nobody(void **state) {
    (void)state;
    fixture f;
    start(&f, MODEL);
    const fs_inspect_request request = {.kind = FS_INSPECT_FOLDER, .model = f.model, .path = "/"};
    assert_true(fs_worker_inspect(f.worker, &request) != 0);
    usleep(300000);
    const uint64_t loading = fs_worker_load(f.worker, MODEL);
    fs_event event = {0};
    while (poll(&f, &event) && event.generation != loading)
        fs_event_release(&event);
    assert_int_equal(event.kind, FS_EVENT_MODEL);
    fs_event_release(&event);
    finish(&f);
}

/* Of many that are asked for at once the last comes, and leaving waits for none. */
static void test_the_newest_is_answered(void **state) {
    (void)state;
    fixture f;
    start(&f, MODEL);
    fs_inspection *picture = read_picture(&f);
    const fs_inspect_request request = {.kind = FS_INSPECT_ATTRIBUTE,
                                        .model = f.model,
                                        .picture = picture,
                                        .method = FS_ATTRIBUTION_SMOOTHGRAD};
    uint64_t last = 0;
    for (int i = 0; i < 20; i++)
        last = fs_worker_inspect(f.worker, &request);
    fs_event event = {0};
    while (poll(&f, &event) && !(event.kind == FS_EVENT_INSPECTION && event.generation == last)) {
        assert_true(event.kind == FS_EVENT_PROGRESS || event.kind == FS_EVENT_INSPECTION);
        fs_event_release(&event);
    }
    fs_event_release(&event);
    fs_worker_inspect(f.worker, &request);
    fs_worker_stop_inspect(f.worker, FS_INSPECT_ATTRIBUTE);
    fs_worker_inspect(f.worker, &request);
    fs_inspection_release(picture);
    finish(&f);
}

static void test_the_order_of_classes(void **state) {
    (void)state;
    const float now[] = {0.1F, 0.4F, 0.1F, 0.4F}, before[] = {0.1F, 0, 0.9F, 0};
    int order[4];
    fs_inspection_order(now, NULL, 4, order);
    assert_memory_equal(order, ((int[]){1, 3, 0, 2}), sizeof order);
    fs_inspection_order(now, before, 4, order);
    assert_memory_equal(order, ((int[]){2, 1, 3, 0}), sizeof order);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading_predicts),
        cmocka_unit_test(test_covering_changes_the_prediction),
        cmocka_unit_test(test_maps_and_places),
        cmocka_unit_test(test_a_layer_without_maps),
        cmocka_unit_test(test_attributions),
        cmocka_unit_test(test_folders_and_files_that_are_none),
        cmocka_unit_test(test_a_long_list_holds_up_nobody),
        cmocka_unit_test(test_the_newest_is_answered),
        cmocka_unit_test(test_the_order_of_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
